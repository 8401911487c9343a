"""Production's settings, with the bare view beside the portal's own addresses."""

from kaltim_koperasi.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.urls"

"""The addresses of aid: public ones below /bantuan/, those of the workspace below /kerja/bantuan/."""

from django.urls import URLPattern, URLResolver

public_patterns: list[URLPattern | URLResolver] = []

workspace: list[URLPattern | URLResolver] = []

"""The portal's addresses, and the bare view that everything is measured beside."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.urls import path

from kaltim_koperasi.urls import *  # noqa: F403
from kaltim_koperasi.urls import urlpatterns as portal_patterns

_LINE = "<p>Koperasi Contoh 1234567, Kutai Barat, 1.234 anggota, Rp 12.345.678</p>\n"


@login_not_required
def bare(request, size):
    """As many bytes of ordinary HTML as were asked for, through the same middleware and nothing else."""
    return HttpResponse((_LINE * (size // len(_LINE) + 1))[:size])


urlpatterns = [path("bare/<int:size>/", bare), *portal_patterns]

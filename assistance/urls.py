"""The addresses of aid: public ones below /bantuan/, those of the workspace below /kerja/bantuan/."""

from django.urls import URLPattern, URLResolver, path

from assistance import public_list, public_package

public_patterns: list[URLPattern | URLResolver] = [
    path("", public_list.assistance, name="assistance"),
    path("<int:pk>/", public_package.aid_package, name="aid_package"),
]

workspace: list[URLPattern | URLResolver] = []

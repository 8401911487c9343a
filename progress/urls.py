"""The addresses of progress: public ones below /kemajuan/, those of the workspace below /kerja/kemajuan/."""

from django.urls import URLPattern, URLResolver, path

from progress import announced_page, public

public_patterns: list[URLPattern | URLResolver] = [
    path("", public.progress, name="progress"),
    path("diumumkan/", announced_page.announced, name="announced"),
    path("predikat/", public.awards, name="awards"),
    path("<slug:slug>/", public.regency_progress, name="regency_progress"),
]

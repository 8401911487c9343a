"""The addresses of aid: public ones below /bantuan/, those of the workspace below /kerja/bantuan/."""

from django.urls import URLPattern, URLResolver, path

from assistance import audit_views, visit_views

public_patterns: list[URLPattern | URLResolver] = []

workspace: list[URLPattern | URLResolver] = [
    path("kunjungan/", visit_views.visit_list, name="visit_list"),
    path("<int:pk>/kunjungan/", visit_views.visit_package, name="visit_package"),
    path("foto/<int:pk>/", visit_views.visit_photo, name="visit_photo"),
    path("pemeriksaan/", audit_views.aid_audit, name="aid_audit"),
    path("pemeriksaan/<slug:key>/", audit_views.aid_check, name="aid_check"),
]

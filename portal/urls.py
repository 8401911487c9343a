"""The addresses of the public pages that combine apps."""

from django.urls import path, re_path

from portal import check, cooperative, home, recap, regions, views

urlpatterns = [
    path("", home.home, name="home"),
    path("cek/", check.check, name="cooperative_check"),
    # Eighteen digits fit into a key of either database.
    re_path(r"^koperasi/(?P<pk>[0-9]{1,18})-(?P<slug>[^/]+)/$", cooperative.cooperative, name="cooperative"),
    re_path(r"^koperasi/(?P<pk>[0-9]{1,18})-?/$", cooperative.cooperative, name="cooperative_by_id"),
    path("wilayah/", regions.regency_list, name="regency_list"),
    path("wilayah/<slug:slug>/", regions.regency_detail, name="regency"),
    path("statistik/rekap/", recap.recap_page, name="recap"),
    path("tentang/", views.about, name="about"),
    path("privasi/", views.privacy, name="privacy"),
    path("aksesibilitas/", views.accessibility, name="accessibility"),
]

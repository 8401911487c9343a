"""The addresses under /statistik/. `rekap` and `pelaporan` belong to other pages, never to an indicator."""

from django.urls import path, re_path

from figures import views

urlpatterns = [
    path("", views.indicator_list, name="indicator_list"),
    re_path(r"^(?!(?:rekap|pelaporan)/)(?P<code>[-a-zA-Z0-9_]+)/$", views.indicator_detail, name="indicator"),
]

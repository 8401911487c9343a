"""The addresses of the public pages that combine apps."""

from django.urls import path

from portal import views

urlpatterns = [
    path("tentang/", views.about, name="about"),
    path("privasi/", views.privacy, name="privacy"),
    path("aksesibilitas/", views.accessibility, name="accessibility"),
]

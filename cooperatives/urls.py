"""The register's own address. A cooperative's page combines apps and stands in portal."""

from django.urls import path

from cooperatives import views

urlpatterns = [
    path("", views.cooperative_list, name="cooperative_list"),
]

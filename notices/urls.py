"""The addresses of notices, beneath /kerja/pemberitahuan/."""

from django.urls import path

from notices import views

urlpatterns = [
    path("", views.notice_list, name="notice_list"),
    path("dilihat/", views.notices_seen, name="notices_seen"),
    path("<uuid:pk>/buka/", views.notice_open, name="notice_open"),
]

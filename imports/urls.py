"""The addresses of imports, beneath /kerja/impor/."""

from django.urls import path

from imports import views

urlpatterns = [
    path("", views.import_list, name="import_list"),
    path("templat/<slug:kind>/", views.import_template, name="import_template"),
    path("<int:pk>/", views.import_batch, name="import_batch"),
    path("<int:pk>/baca/", views.import_read, name="import_read"),
    path("<int:pk>/ulang/", views.import_again, name="import_again"),
    path("<int:pk>/kolom/", views.import_columns, name="import_columns"),
    path("<int:pk>/periksa/", views.import_check, name="import_check"),
    path("<int:pk>/terapkan/", views.import_apply, name="import_apply"),
    path("<int:pk>/batalkan/", views.import_undo, name="import_undo"),
    path("<int:pk>/kemajuan/", views.import_progress, name="import_progress"),
    path("<int:pk>/baris/", views.import_rows, name="import_rows"),
    path("<int:pk>/ditolak/", views.import_rejects, name="import_rejects"),
    path("<int:pk>/tidak-ada/", views.import_missing, name="import_missing"),
]

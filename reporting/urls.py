"""The addresses of reports: `workspace` below /kerja/laporan/, `public` below /statistik/pelaporan/."""

from django.urls import path

from reporting import attachments, matrix_views, public, receipt, review, views, workbook_views

workspace = [
    path("", matrix_views.report_list, name="report_list"),
    path("<int:pk>/", views.report, name="report"),
    path("<int:pk>/simpan/", views.autosave, name="autosave_report"),
    path("<int:pk>/lampiran/<int:file>/", attachments.attachment, name="attachment"),
    path("<int:pk>/isian.xlsx", workbook_views.report_workbook, name="report_workbook"),
    path("<int:pk>/unggah/", workbook_views.upload_workbook, name="upload_workbook"),
    path("<int:pk>/tanda-terima/<slug:number>/", receipt.report_receipt, name="report_receipt"),
    path("<int:pk>/tinjau/", review.review, name="review_report"),
    path("<int:pk>/setujui/", review.approve, name="approve_report"),
    path("<int:pk>/kembalikan/", review.give_back, name="return_report"),
    path("<int:pk>/buka/", review.reopen, name="reopen_report"),
    path("<int:pk>/perpanjang/", review.extend, name="extend_report"),
]

public_patterns = [
    path("", public.report_matrix, name="report_matrix"),
    path("bukti/<slug:number>/", public.confirm_receipt, name="confirm_receipt"),
    path("<slug:period>/", public.period_totals, name="period_totals"),
    path("<slug:period>/<slug:office>/", public.public_report, name="public_report"),
]

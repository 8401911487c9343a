"""The addresses of aid: public ones below /bantuan/, those of the workspace below /kerja/bantuan/."""

from django.urls import URLPattern, URLResolver, path

from assistance import (
    audit_views,
    bast,
    hints,
    labels,
    proposal_views,
    public_list,
    public_package,
    record_views,
    step_views,
    unit_page,
    unit_views,
    visit_views,
)

public_patterns: list[URLPattern | URLResolver] = [
    path("", public_list.assistance, name="assistance"),
    path("<int:pk>/", public_package.aid_package, name="aid_package"),
    path("unit/", unit_page.aid_unit_find, name="aid_unit_find"),
    path("unit/<str:code>/", unit_page.aid_unit, name="aid_unit"),
    path("unit/<str:code>/petunjuk/", unit_page.say_hint, name="say_hint"),
    path("unit/<str:code>/terima-kasih/", unit_page.hint_thanks, name="hint_thanks"),
]

workspace: list[URLPattern | URLResolver] = [
    path("", record_views.aid_list, name="aid_list"),
    path("baru/", proposal_views.propose_aid, name="propose_aid"),
    path("lama/", proposal_views.enter_old_aid, name="enter_old_aid"),
    path("langkah/", step_views.take_steps, name="take_steps"),
    path("dokumen/<int:pk>/", record_views.aid_document_file, name="aid_document_file"),
    path("temuan/<int:pk>/", step_views.settle_finding, name="settle_finding"),
    path("unit/<int:pk>/", unit_views.correct_package_unit, name="correct_aid_unit"),
    path("serah-terima/<int:pk>/konfirmasi/", unit_views.confirm_handover, name="confirm_handover"),
    path("serah-terima/<int:pk>/tolak/", unit_views.reject_handover, name="reject_handover"),
    path("<int:pk>/", record_views.aid_record, name="aid_record"),
    path("<int:pk>/susulkan/<slug:stage>/", step_views.make_up_stage, name="make_up_stage"),
    path("<int:pk>/lampirkan/", step_views.attach_document, name="attach_document"),
    path("<int:pk>/nilai/", step_views.record_value, name="record_value"),
    path("<int:pk>/jumlah/", step_views.correct_package_quantity, name="correct_aid_quantity"),
    path("<int:pk>/ubah/", step_views.revise_package, name="revise_aid"),
    path("<int:pk>/penerima/", proposal_views.change_recipient, name="change_recipient"),
    path("<int:pk>/keluarkan/", step_views.take_out_package, name="take_out_aid"),
    path("<int:pk>/temuan/", step_views.enter_finding, name="enter_finding"),
    path("<int:pk>/unit/", unit_views.register_package_units, name="register_units"),
    path("<int:pk>/serah/", unit_views.enter_handover, name="enter_handover"),
    path("<int:pk>/bast.pdf", bast.package_bast, name="package_bast"),
    path("<int:pk>/label.pdf", labels.package_labels, name="package_labels"),
    path("serah-terima/<int:pk>/bast.pdf", bast.handover_bast, name="handover_bast"),
    path("petunjuk/", hints.hint_list, name="hint_list"),
    path("petunjuk/<int:pk>/", hints.decide_hint, name="decide_hint"),
    path("kunjungan/", visit_views.visit_list, name="visit_list"),
    path("<int:pk>/kunjungan/", visit_views.visit_package, name="visit_package"),
    path("foto/<int:pk>/", visit_views.visit_photo, name="visit_photo"),
    path("pemeriksaan/", audit_views.aid_audit, name="aid_audit"),
    path("pemeriksaan/<slug:key>/", audit_views.aid_check, name="aid_check"),
]

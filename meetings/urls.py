"""The addresses of meetings: public ones below /rapat/, those of the workspace below /kerja/rapat/."""

from django.urls import URLPattern, URLResolver, path

from meetings import follow_up_views, keeping_views, planning_views, public, record_views

public_patterns: list[URLPattern | URLResolver] = [
    path("", public.meetings, name="meetings"),
    path("kalender.ics", public.calendar_file, name="meeting_calendar_file"),
    path("kalender-<slug:slug>.ics", public.calendar_file, name="regency_calendar_file"),
    path("janji/", public.promise_tracker, name="promise_tracker"),
    path("janji/<int:pk>/", public.follow_up, name="follow_up"),
    path("<int:pk>/", public.meeting, name="meeting"),
    path("<int:pk>/dokumen/<int:document>/", public.published_document, name="published_document"),
    path("<int:pk>/ringkasan.pdf", public.meeting_summary, name="meeting_summary"),
    path("<int:pk>/daftar-hadir.pdf", public.attendance_sheet, name="attendance_sheet"),
]

workspace: list[URLPattern | URLResolver] = [
    path("", record_views.meeting_list, name="meeting_list"),
    path("kalender/", record_views.meeting_calendar, name="meeting_calendar"),
    path("baru/", planning_views.plan_meeting, name="plan_meeting"),
    path("putaran/baru/", planning_views.new_round, name="new_round"),
    path("putaran/<int:pk>/ubah/", planning_views.revise_round, name="revise_round"),
    path("putaran/<int:pk>/", planning_views.plan_round, name="plan_round"),
    path("tindak-lanjut/", follow_up_views.follow_up_list, name="follow_up_list"),
    path("tindak-lanjut/<int:pk>/", follow_up_views.follow_up_record, name="follow_up_record"),
    path("tindak-lanjut/<int:pk>/ubah/", follow_up_views.revise_follow_up, name="revise_follow_up"),
    path("tindak-lanjut/<int:pk>/catatan/", follow_up_views.note_follow_up, name="note_follow_up"),
    path("tindak-lanjut/<int:pk>/<slug:to>/", follow_up_views.move_follow_up, name="move_follow_up"),
    path("bukti/<int:pk>/", follow_up_views.evidence_file, name="evidence_file"),
    path("dokumen/<int:pk>/", keeping_views.meeting_document_file, name="meeting_document_file"),
    path("dokumen/<int:pk>/terbit/", keeping_views.publish_document, name="publish_document"),
    path("<int:pk>/", record_views.meeting_record, name="meeting_record"),
    path("<int:pk>/ubah/", planning_views.revise_meeting, name="revise_meeting"),
    path("<int:pk>/keluarkan/", planning_views.take_out_meeting, name="take_out_meeting"),
    path("<int:pk>/status/<slug:to>/", planning_views.move_meeting, name="move_meeting"),
    path("<int:pk>/agenda/", keeping_views.edit_agenda, name="edit_agenda"),
    path("<int:pk>/hadir/", keeping_views.edit_attendance, name="edit_attendance"),
    path("<int:pk>/notulen/", keeping_views.edit_minutes, name="edit_minutes"),
    path("<int:pk>/notulen.pdf", keeping_views.meeting_minutes, name="meeting_minutes"),
    path("<int:pk>/dokumen/", keeping_views.add_meeting_document, name="add_meeting_document"),
    path("<int:pk>/kesepakatan/", follow_up_views.add_follow_up, name="add_follow_up"),
]

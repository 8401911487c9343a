"""The addresses of aid: public ones below /bantuan/, those of the workspace below /kerja/bantuan/."""

from django.urls import URLPattern, URLResolver, path

from assistance import bast, hints, labels, placeholder, unit_page

public_patterns: list[URLPattern | URLResolver] = [
    path("<int:pk>/", placeholder.aid_package, name="aid_package"),
    path("unit/", unit_page.aid_unit_find, name="aid_unit_find"),
    path("unit/<str:code>/", unit_page.aid_unit, name="aid_unit"),
    path("unit/<str:code>/petunjuk/", unit_page.say_hint, name="say_hint"),
    path("unit/<str:code>/terima-kasih/", unit_page.hint_thanks, name="hint_thanks"),
]

workspace: list[URLPattern | URLResolver] = [
    path("<int:pk>/", placeholder.aid_record, name="aid_record"),
    path("<int:pk>/bast.pdf", bast.package_bast, name="package_bast"),
    path("<int:pk>/label.pdf", labels.package_labels, name="package_labels"),
    path("serah-terima/<int:pk>/bast.pdf", bast.handover_bast, name="handover_bast"),
    path("petunjuk/", hints.hint_list, name="hint_list"),
    path("petunjuk/<int:pk>/", hints.decide_hint, name="decide_hint"),
]

"""Who may open what: one table of every address of the portal. An address that is not in it fails the test."""

import re
from datetime import date
from urllib.parse import urlencode

import pytest
from django.apps import apps
from django.contrib import admin
from django.http import QueryDict
from django.test import Client
from django.urls import get_resolver, resolve, reverse
from django.utils import translation

from accounts.models import User
from accounts.roles import PERMISSIONS, Role
from assistance import procedure, proof
from assistance.models import DeadlineRule, Finding, Hint, Package
from assistance.procedure import enter_historical
from assistance.stages import Paper, Stage
from common.api import PublicView
from cooperatives.models import (
    Cooperative,
    CountingRule,
    Form,
    Group,
    InactivityRule,
    Kind,
    Sector,
)
from cooperatives.models.proposal import propose
from imports.checking import check
from meetings.agreements import note_progress
from meetings.keeping import publish
from meetings.models import Evidence
from notices.models import Notice
from progress.models import PerformanceRule, Snapshot
from progress.sheet import rules_of, sheet
from regions.models import Regency
from reporting.models import Attachment, Problem, RegencyReport
from tests.assistance.aid import at_stage, make_document, make_recipient
from tests.assistance.visits import odd_photo
from tests.factories import (
    make_award,
    make_cooperative,
    make_figure,
    make_form,
    make_indicator,
    make_regency,
    make_return,
    make_territory,
    make_user,
)
from tests.files.made_files import kept
from tests.imports import sources
from tests.meetings.made import make_document as make_document_of
from tests.meetings.made import make_meeting, make_promise, make_round
from tests.progress.cards import make_rules
from tests.reporting.reports import approved, explained, make_report

pytestmark = pytest.mark.django_db

PASSWORD = "tujuh kapal ulin biru"

# Who may: everybody, and the page is the same for all; everybody, through the API; machines; whoever wants to sign in;
# anybody who is signed in; whoever works in the admin. An address of the admin may also be shadowed by one of the
# sign-in's own. One takes what everybody may send. Anything else is a permission.
PUBLIC, API, PROBE, DOOR, SIGNED_IN, STAFF_ONLY, SHADOWED = "public API probe door signed-in staff shadowed".split()
CITIZEN = "citizen"

ADDRESSES = {
    "livez": PROBE,
    "readyz": PROBE,
    "home": PUBLIC,
    "cooperative_list": PUBLIC,
    "cooperative": PUBLIC,
    "cooperative_by_id": PUBLIC,
    "cooperative_check": PUBLIC,
    "regency_list": PUBLIC,
    "regency": PUBLIC,
    "indicator_list": PUBLIC,
    "indicator": PUBLIC,
    "recap": PUBLIC,
    "about": PUBLIC,
    "privacy": PUBLIC,
    "accessibility": PUBLIC,
    "api-schema": PUBLIC,
    "api-docs": PUBLIC,
    "api-index": API,
    "api-cooperatives": API,
    "api-cooperative": API,
    "api-returns": API,
    "api-regencies": API,
    "api-regency": API,
    "api-territories": API,
    "api-territory": API,
    "api-indicators": API,
    "api-indicator": API,
    "api-figures": API,
    "api-forms": API,
    "api-kinds": API,
    "api-groups": API,
    "api-sectors": API,
    "api-reports": API,
    "api-meetings": API,
    "api-meeting": API,
    "api-follow-ups": API,
    "api-follow-up": API,
    "api-progress-awards": API,
    "api-progress-rubrics": API,
    "api-progress-criteria": API,
    "api-progress-snapshots": API,
    "api-progress-snapshot": API,
    "api-progress-scorecard": API,
    "api-progress-announced": API,
    "api-report": API,
    "account_login": DOOR,
    "account_logout": DOOR,
    "account_inactive": DOOR,
    "account_reset_password": DOOR,
    "account_reset_password_done": DOOR,
    "account_reset_password_from_key": DOOR,
    "account_reset_password_from_key_done": DOOR,
    "account_invitation": DOOR,
    "mfa_authenticate": DOOR,
    "admin_sign_in": DOOR,
    "admin_sign_out": DOOR,
    "account_home": SIGNED_IN,
    "account_reauthenticate": SIGNED_IN,
    "account_change_password": SIGNED_IN,
    "admin_change_password": SIGNED_IN,
    "mfa_index": SIGNED_IN,
    "mfa_reauthenticate": SIGNED_IN,
    "mfa_activate_totp": SIGNED_IN,
    "mfa_deactivate_totp": SIGNED_IN,
    "mfa_view_recovery_codes": SIGNED_IN,
    "mfa_generate_recovery_codes": SIGNED_IN,
    "mfa_download_recovery_codes": SIGNED_IN,
    "workspace": SIGNED_IN,
    "notice_list": SIGNED_IN,
    "notice_open": SIGNED_IN,
    "notices_seen": SIGNED_IN,
    "report_matrix": PUBLIC,
    "period_totals": PUBLIC,
    "public_report": PUBLIC,
    "confirm_receipt": PUBLIC,
    "api-aid-packages": API,
    "api-aid-package": API,
    "api-aid-units": API,
    "api-aid-programmes": API,
    "api-aid-kinds": API,
    "assistance": PUBLIC,
    "aid_package": PUBLIC,
    "visit_list": "assistance.visit_aid",
    "visit_package": "assistance.visit_aid",
    "visit_photo": "assistance.view_package",
    "aid_audit": "assistance.view_aid_audit",
    "aid_check": "assistance.view_aid_audit",
    "aid_list": "assistance.view_package",
    "aid_record": "assistance.view_package",
    "aid_document_file": "assistance.view_package",
    "propose_aid": "assistance.propose_aid",
    "enter_old_aid": "assistance.process_aid",
    # Each step asks for its own permission besides.
    "take_steps": "assistance.view_package",
    "make_up_stage": "assistance.process_aid",
    "attach_document": "assistance.process_aid",
    "record_value": "assistance.process_aid",
    "correct_aid_quantity": "assistance.process_aid",
    "revise_aid": "assistance.process_aid",
    "change_recipient": "assistance.process_aid",
    "take_out_aid": "assistance.approve_aid",
    "enter_finding": "assistance.process_aid",
    "settle_finding": "assistance.process_aid",
    "register_units": "assistance.process_aid",
    "correct_aid_unit": "assistance.process_aid",
    "enter_handover": "assistance.process_aid",
    "confirm_handover": "assistance.approve_aid",
    "reject_handover": "assistance.approve_aid",
    "aid_unit_find": PUBLIC,
    "aid_unit": PUBLIC,
    "say_hint": CITIZEN,
    "hint_thanks": PUBLIC,
    "hint_list": "assistance.visit_aid",
    "decide_hint": "assistance.process_aid",
    "package_bast": "assistance.process_aid",
    "handover_bast": "assistance.process_aid",
    "package_labels": "assistance.visit_aid",
    "meetings": PUBLIC,
    "meeting": PUBLIC,
    "meeting_summary": PUBLIC,
    "attendance_sheet": PUBLIC,
    "published_document": PUBLIC,
    "promise_tracker": PUBLIC,
    "follow_up": PUBLIC,
    "meeting_calendar_file": PUBLIC,
    "regency_calendar_file": PUBLIC,
    "progress": PUBLIC,
    "regency_progress": PUBLIC,
    "awards": PUBLIC,
    "announced": PUBLIC,
    "progress_briefing": PUBLIC,
    "snapshots": PUBLIC,
    "snapshot": PUBLIC,
    "snapshot_json": PUBLIC,
    "snapshot_paper": PUBLIC,
    "progress_work": "progress.view_rubric",
    "what_if": "progress.view_rubric",
    "snapshot_record": "progress.view_rubric",
    "take_snapshot": "progress.take_snapshot",
    "sign_snapshot": "progress.sign_snapshot",
    "refuse_snapshot": "progress.sign_snapshot",
    "meeting_list": "meetings.view_meeting",
    "meeting_calendar": "meetings.view_meeting",
    "meeting_record": "meetings.view_meeting",
    "meeting_minutes": "meetings.view_meeting",
    "meeting_document_file": "meetings.view_meeting",
    "plan_meeting": "meetings.manage_meetings",
    "new_round": "meetings.manage_meetings",
    "plan_round": "meetings.manage_meetings",
    "revise_round": "meetings.manage_meetings",
    "revise_meeting": "meetings.manage_meetings",
    "move_meeting": "meetings.manage_meetings",
    "take_out_meeting": "meetings.manage_meetings",
    "edit_agenda": "meetings.manage_meetings",
    "edit_attendance": "meetings.manage_meetings",
    "edit_minutes": "meetings.manage_meetings",
    "add_meeting_document": "meetings.manage_meetings",
    "publish_document": "meetings.manage_meetings",
    "add_follow_up": "meetings.manage_meetings",
    "revise_follow_up": "meetings.manage_meetings",
    "follow_up_list": "meetings.view_followup",
    "follow_up_record": "meetings.view_followup",
    "evidence_file": "meetings.view_followup",
    "note_follow_up": "meetings.report_followup",
    # Each step asks for its own permission besides.
    "move_follow_up": "meetings.view_followup",
    "report_list": "reporting.view_regencyreport",
    "report": "reporting.view_regencyreport",
    "autosave_report": "reporting.fill_report",
    "attachment": "reporting.view_regencyreport",
    "report_workbook": "reporting.fill_report",
    "upload_workbook": "reporting.fill_report",
    "report_receipt": "reporting.view_regencyreport",
    "review_report": "reporting.view_regencyreport",
    "approve_report": "reporting.approve_report",
    "return_report": "reporting.return_report",
    "reopen_report": "reporting.reopen_report",
    "extend_report": "reporting.extend_report",
    "rat_grid": "cooperatives.fill_rat_grid",
    "own_cooperatives": "cooperatives.view_cooperative",
    "own_cooperative": "cooperatives.view_cooperative",
    "own_contacts": "cooperatives.change_cooperative",
    "own_return": "cooperatives.add_annualreturn",
    "propose_status": "cooperatives.propose_status",
    "status_proposals": "cooperatives.decide_status",
    "decide_status": "cooperatives.decide_status",
    # Each kind of file has a permission of its own; the one of these tests has this one.
    "import_list": "cooperatives.fill_rat_grid",
    "import_template": "cooperatives.fill_rat_grid",
    "import_batch": "cooperatives.fill_rat_grid",
    "import_progress": "cooperatives.fill_rat_grid",
    "import_rows": "cooperatives.fill_rat_grid",
    "import_rejects": "cooperatives.fill_rat_grid",
    "import_missing": "cooperatives.fill_rat_grid",
    "import_read": "cooperatives.fill_rat_grid",
    "import_again": "cooperatives.fill_rat_grid",
    "import_columns": "cooperatives.fill_rat_grid",
    "import_check": "cooperatives.fill_rat_grid",
    "import_apply": "cooperatives.fill_rat_grid",
    "import_undo": "cooperatives.fill_rat_grid",
    "admin:index": STAFF_ONLY,
    "admin:login": SHADOWED,
    "admin:logout": SHADOWED,
    "admin:password_change": SHADOWED,
    "admin:password_change_done": STAFF_ONLY,
    "admin:jsi18n": STAFF_ONLY,
    "admin:autocomplete": STAFF_ONLY,
    "admin:view_on_site": STAFF_ONLY,
    "admin:app_list": STAFF_ONLY,
    "admin/(?P<url>.*)$": STAFF_ONLY,
    "admin:accounts_user_link": "accounts.invite_user",
    "admin:cooperatives_cooperative_quality": "cooperatives.view_cooperative",
    "admin:cooperatives_cooperative_doubles": "cooperatives.view_cooperative",
    "admin:cooperatives_cooperative_export": "cooperatives.view_cooperative",
    "admin:cooperatives_cooperative_status": "cooperatives.set_status",
    "admin:cooperatives_cooperative_withdraw_status": "cooperatives.set_status",
    "admin:cooperatives_cooperative_void": "cooperatives.void_cooperative",
    "admin:cooperatives_cooperative_restore": "cooperatives.void_cooperative",
    "admin:cooperatives_cooperative_merge": "cooperatives.merge_cooperative",
    "admin:reporting_reportform_next": "reporting.add_reportform",
}
# What the admin shows of its own. Each has the same six addresses.
IN_ADMIN = """
    accounts.user assistance.aidkind assistance.deadlinerule assistance.programme assistance.recipient
    cooperatives.annualreturn cooperatives.cooperative cooperatives.countingrule cooperatives.form
    cooperatives.group cooperatives.inactivityrule cooperatives.kind cooperatives.sector figures.figure
    figures.indicator figures.source progress.award progress.criterion progress.performancerule progress.rubric
    regions.regency regions.territory reporting.period reporting.problem reporting.reportform
""".split()
# Verbs of the admin that nobody may do by hand, whatever the role says: they are never deleted.
NEVER_DELETED = {
    "accounts.user",
    "assistance.aidkind",
    "assistance.deadlinerule",
    "assistance.programme",
    "assistance.recipient",
    "cooperatives.cooperative",
    "cooperatives.annualreturn",
    "figures.source",
    "figures.figure",
    "progress.award",
    "progress.criterion",
    "progress.performancerule",
    "progress.rubric",
    "regions.regency",
    "regions.territory",
}

for _label in IN_ADMIN:
    _app, _model = _label.split(".")
    for _page, _verb in {
        "changelist": "view",
        "add": "add",
        "change": "view",
        "history": "view",
        "delete": "delete",
    }.items():
        ADDRESSES[f"admin:{_app}_{_model}_{_page}"] = f"{_app}.{_verb}_{_model}"
    # Leads on to …/change/.
    ADDRESSES[f"admin/{_app}/{_model}/<path:object_id>/"] = ADDRESSES[f"admin:{_app}_{_model}_change"]

OPEN = {PUBLIC, API, PROBE, DOOR, CITIZEN}
# They act, so they want a POST: who may is told so, who may not learns nothing but that.
ONLY_POST = {
    "confirm_handover",
    "decide_hint",
    "decide_status",
    "import_read",
    "import_again",
    "import_columns",
    "import_check",
    "import_apply",
    "import_undo",
    "notice_open",
    "notices_seen",
    "publish_document",
    "autosave_report",
    "upload_workbook",
    "approve_report",
    "return_report",
    "reopen_report",
    "extend_report",
}
# Open with the permission, and only for the own office's report: to all others it is not there.
OWN_OFFICE = {"report_workbook"}
# What is said of one unit of aid.
OF_UNIT = {"aid_unit", "say_hint", "hint_thanks"}
# Papers of one package of aid.
OF_PACKAGE = {
    "api-aid-package",
    "package_bast",
    "package_labels",
    "aid_package",
    "aid_record",
    "attach_document",
    "record_value",
    "correct_aid_quantity",
    "revise_aid",
    "change_recipient",
    "take_out_aid",
    "enter_finding",
    "register_units",
    "enter_handover",
    "visit_package",
}
OF_MEETING = {
    "api-meeting",
    "meeting",
    "meeting_summary",
    "attendance_sheet",
    "published_document",
    "meeting_record",
    "meeting_minutes",
    "revise_meeting",
    "move_meeting",
    "take_out_meeting",
    "edit_agenda",
    "edit_attendance",
    "edit_minutes",
    "add_meeting_document",
    "add_follow_up",
}
# What was agreed at one.
OF_SNAPSHOT = {
    "api-progress-snapshot",
    "snapshot",
    "snapshot_json",
    "snapshot_paper",
    "snapshot_record",
    "sign_snapshot",
    "refuse_snapshot",
}
OF_PROMISE = {
    "api-follow-up",
    "follow_up",
    "follow_up_record",
    "revise_follow_up",
    "note_follow_up",
    "move_follow_up",
}
# What was approved, with its receipt and its public pages; the others lead to a blank report that is open.
OF_APPROVED = {"api-report", "period_totals", "public_report", "confirm_receipt", "report_receipt", "attachment"}


def _walk(patterns, route="", space=""):
    for pattern in patterns:
        whole = route + str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            yield from _walk(
                pattern.url_patterns, whole, f"{space}{pattern.namespace}:" if pattern.namespace else space
            )
        else:
            yield (f"{space}{pattern.name}" if pattern.name else whole), whole, pattern


PATTERNS = {key: (route, pattern) for key, route, pattern in _walk(get_resolver().url_patterns)}


@pytest.fixture
def records(monkeypatch):
    """One record of each kind, so that every address leads to something."""
    regency = make_regency("Kutai Barat")
    cooperative = make_cooperative(
        "KSP Maju", regency=regency, form=make_form(Form.Level.REGENCY, name="Primer Kabupaten"), since=date(2020, 1, 2)
    )
    figure = make_figure()
    territory = make_territory("Kaltim-14")
    user = make_user("auditor", "tamu")
    monkeypatch.setattr("imports.importer._importers", {sources.KIND: sources.SourceImporter})
    monkeypatch.setattr(sources.SourceImporter, "permission", "cooperatives.fill_rat_grid")
    office = make_user("petugas", "pengunggah", regency=regency)
    batch = sources.make_batch(office, ["Kunci;Judul;Penerbit", "a;Satu;Dinas", "b;salah;Dinas"], "berkas")
    check(batch, by=office)
    settled = approved(make_report(regency, number=3), said=explained(), by=make_user("verifikator", "penyetuju"))
    asked = propose(cooperative, status="inactive", since=date(2024, 1, 1), basis="Kunjungan", by=user)
    package = at_stage(Stage.HANDED_OVER, recipient=make_recipient(kind="group", regency=regency))
    unit = package.units.first()
    document = make_document(Paper.FINDING, by=office, file=kept(office))
    procedure.attach(package, document)
    meeting = make_meeting("Kutai Barat")
    slides = make_document_of(meeting)
    publish(slides, by=office, is_public=True)
    promise = make_promise(meeting)
    evidence = note_progress(promise, by=office, note="Berjalan", evidence=[Evidence(file=kept(office))]).evidence.get()
    rubric, day = make_rules(), date(2025, 12, 31)
    snapshot = Snapshot.take(sheet(day, rules_of(day)), rubric=rubric, on=day, by=office)
    snapshot.sign(by=user)
    return {
        "meetings.meeting": meeting,
        "meetings.round": make_round(),
        "meetings.meetingdocument": slides,
        "meetings.followup": promise,
        "meetings.evidence": evidence,
        "accounts.user": user,
        "assistance.aidkind": package.kind,
        "assistance.deadlinerule": DeadlineRule.objects.create(
            valid_from=date(1990, 1, 1), month=1, day=10, finding_days=60, basis="SOP"
        ),
        "assistance.package": package,
        "assistance.programme": package.programme,
        "assistance.recipient": package.recipient,
        "assistance.unit": unit,
        "assistance.visitphoto": odd_photo(unit, by=office, file=kept(office)),
        "assistance.old": enter_historical(Package(kind=package.kind, regency=regency), Stage.HANDED_OVER, by=user),
        "assistance.document": document,
        "assistance.finding": Finding.objects.create(
            package=package, document=document, text="Uji", due_on=date(2025, 1, 1), by=user
        ),
        "assistance.hint": Hint.say(unit, "gone", "Tidak ada"),
        "cooperatives.statusproposal": asked,
        "cooperatives.annualreturn": make_return(cooperative),
        "cooperatives.cooperative": cooperative,
        "cooperatives.countingrule": CountingRule.objects.create(
            valid_from=date(1990, 1, 1), month=7, day=1, basis="UU"
        ),
        # What is used cannot be deleted by anybody: these two are not.
        "cooperatives.form": make_form(Form.Level.PROVINCE),
        "cooperatives.group": Group.objects.create(name="Karyawan"),
        "cooperatives.inactivityrule": InactivityRule.objects.create(valid_from=date(1990, 1, 1), years=3, basis="x"),
        "cooperatives.kind": Kind.objects.create(name="Konsumen"),
        "cooperatives.sector": Sector.objects.create(name="Perdagangan"),
        "figures.figure": figure,
        "figures.indicator": make_indicator("unused"),
        "figures.source": figure.source,
        "imports.importbatch": batch,
        "notices.notice": Notice.objects.create(key="uji", user=user, subject="Uji", text="Isi", path="/kerja/"),
        "progress.award": make_award(territory, source=figure.source),
        "progress.rubric": rubric,
        "progress.criterion": rubric.criteria.first(),
        "progress.performancerule": PerformanceRule.objects.get(),
        "progress.snapshot": snapshot,
        "reporting.regencyreport": make_report(regency),
        "reporting.approved": settled,
        "reporting.attachment": Attachment.objects.create(report=settled, file=kept(office)),
        "regions.regency": regency,
        "regions.territory": territory,
        "reporting.period": settled.period,
        "reporting.problem": Problem.objects.first(),
        "reporting.reportform": settled.form,
    }


def address_of(key, rows):
    """An address that fits the pattern and leads to a record, where there is one."""
    route, _pattern = PATTERNS[key]
    cooperative = rows["cooperatives.cooperative"]
    found = re.search(r"admin/(\w+)/(\w+)/", route)
    record = rows.get(f"{found[1]}.{found[2]}") if found else None
    values = {
        "pk": (
            rows["imports.importbatch"].pk
            if key.startswith("import_")
            else rows["cooperatives.statusproposal"].pk
            if key == "decide_status"
            else rows["assistance.hint"].pk
            if key == "decide_hint"
            else rows["assistance.unit"].handover_id
            if key in {"handover_bast", "confirm_handover", "reject_handover"}
            else rows["assistance.old"].pk
            if key == "make_up_stage"
            else rows["assistance.finding"].pk
            if key == "settle_finding"
            else rows["assistance.unit"].pk
            if key == "correct_aid_unit"
            else rows["assistance.visitphoto"].pk
            if key == "visit_photo"
            else rows["assistance.document"].pk
            if key == "aid_document_file"
            else rows["assistance.unit"].package_id
            if key in OF_PACKAGE
            else rows["meetings.meeting"].pk
            if key in OF_MEETING
            else rows["meetings.followup"].pk
            if key in OF_PROMISE
            else rows["progress.snapshot"].pk
            if key in OF_SNAPSHOT
            else rows["meetings.round"].pk
            if key in {"plan_round", "revise_round"}
            else rows["meetings.evidence"].pk
            if key == "evidence_file"
            else rows["meetings.meetingdocument"].pk
            if key in {"meeting_document_file", "publish_document"}
            else rows["notices.notice"].pk
            if key == "notice_open"
            else rows["reporting.approved"].pk
            if key in OF_APPROVED
            else rows["reporting.regencyreport"].pk
            if "report" in key or "workbook" in key
            else cooperative.pk
        ),
        "stage": "proposed",
        "document": rows["meetings.meetingdocument"].pk,
        # What is open cannot be opened: whoever sees it is led back to it.
        "to": "planned" if key == "move_meeting" else "open",
        "year": 2023,
        "period": "2025-t3" if key in OF_APPROVED else cooperative.status_periods.first().pk,
        "office": "kutai-barat",
        "number": "2025-t3-kutai-barat-1",
        "file": rows["reporting.attachment"].pk,
        "kind": sources.KIND,
        "object_id": record.pk if record else 1,
        "slug": cooperative.slug if key == "cooperative" else "kutai-barat",
        "code": rows["assistance.unit"].code if key in OF_UNIT else "cooperatives",
        "key": "Kaltim-14" if key == "api-territory" else "lpj" if key == "aid_check" else "abc-123",
        "uidb36": "1",
        "uidb64": "MQ",
        "token": "abc-123",
        "content_type_id": 1,
        "app_label": "cooperatives",
        "url": "tidak-ada",
    }
    names = re.findall(r"<(?:\w+:)?(\w+)>", route)
    if key == route:  # no name to reverse by
        return "/" + re.sub(r"\(\?P<\w+>.*?\)\$|<(?:\w+:)?\w+>", lambda match: str(values[names[0]]), route)
    return reverse(key, kwargs={name: values[name] for name in names})


def opened(*kinds):
    return [key for key, who in ADDRESSES.items() if who in kinds]


def closed():
    return [key for key, who in ADDRESSES.items() if who not in OPEN | {SHADOWED}]


def test_every_address_is_in_the_table_and_the_table_names_no_other():
    assert set(PATTERNS) == set(ADDRESSES)


def test_what_a_new_app_brings_into_the_admin_has_to_be_named():
    assert {model._meta.label_lower for model in admin.site._registry} == set(IN_ADMIN)


def test_every_permission_in_the_table_exists(db):
    asked = {who for who in ADDRESSES.values() if "." in who}
    known = {
        f"{model._meta.app_label}.{verb}_{model._meta.model_name}"
        for model in apps.get_models()
        for verb in "add change view delete".split()
    }
    known |= {
        f"{model._meta.app_label}.{name}" for model in apps.get_models() for name, _words in model._meta.permissions
    }
    assert asked <= known


def test_the_admins_own_sign_in_is_out_of_reach():
    for key in opened(SHADOWED):
        assert resolve(reverse(key)).view_name in ("admin_sign_in", "admin_sign_out", "admin_change_password")


def test_a_page_is_open_by_its_mark_and_by_nothing_else():
    for key, (_route, pattern) in PATTERNS.items():
        view, who = pattern.callback, ADDRESSES[key]
        assert getattr(view, "is_public_page", False) is (who == PUBLIC), key
        if who != SHADOWED:
            assert getattr(view, "login_required", True) is (who not in OPEN), key
        assert issubclass(getattr(view, "cls", type(None)), PublicView) is (who == API), key


# -- Nobody in particular -----------------------------------------------------------------------------


def test_what_is_open_answers_a_visitor_in_both_languages_without_a_cookie(client, records):
    for key in opened(PUBLIC, API, PROBE):
        for language in ("id", "en"):
            with translation.override(language):
                address = address_of(key, records)
            response = client.get(address, follow=key == "cooperative_by_id")
            if response.streaming:
                # To its end, where it lets go of its file.
                b"".join(response.streaming_content)
            assert response.status_code == 200, address
            assert not client.cookies, address


@pytest.mark.same_on_both
def test_what_is_closed_leads_a_visitor_to_the_sign_in(client, records):
    wrong = []
    for key in closed():
        address = address_of(key, records)
        for method in (client.get, client.post):
            response = method(address, follow=True)
            place = response.redirect_chain[-1][0].partition("?")[0] if response.redirect_chain else ""
            if (response.status_code, place) != (200, "/masuk/"):
                wrong.append(f"{key}: {response.status_code} {place}")
        response = client.get(address, headers={"accept": "application/json"})
        if response.status_code != 401:
            wrong.append(f"{key}: {response.status_code} to a script")
    assert not wrong, "\n".join(wrong)


@pytest.mark.same_on_both
def test_the_doors_answer_a_visitor_and_open_nothing(client, records):
    for key in opened(DOOR):
        response = client.get(address_of(key, records), follow=True)
        assert response.status_code == (405 if key in ("account_logout", "admin_sign_out") else 200), key
        assert "_auth_user_id" not in client.session, key


@pytest.mark.same_on_both
def test_what_is_open_only_reads(client, records):
    for key in opened(PUBLIC, API, PROBE):
        address = address_of(key, records)
        for method in ("post", "put", "patch", "delete"):
            assert getattr(client, method)(address).status_code == 405, f"{method} {address}"


def test_the_one_public_form_guards_itself(records):
    """Django's own check needs a cookie, which no public page sets: of all that everybody may send this one address
    goes without, and asks for a token of its own."""
    exempt = {
        key
        for key, (_route, pattern) in PATTERNS.items()
        if getattr(pattern.callback, "csrf_exempt", False) and ADDRESSES[key] in OPEN - {API, PUBLIC}
    }
    assert exempt == set(opened(CITIZEN)) == {"say_hint"}
    address, form = address_of("say_hint", records), "application/x-www-form-urlencoded"
    before = Hint.objects.count()
    client = Client(enforce_csrf_checks=True)
    for method in ("get", "put", "patch", "delete"):
        assert getattr(client, method)(address).status_code == 405, method
    assert client.post(address, "answer=here", content_type=form).status_code == 403
    token = urlencode({"token": proof.token(records["assistance.unit"].code)})
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        answer = client.post(address, f"answer=here&{token}", content_type=form, headers=headers)
        assert answer.status_code == 403
    assert Hint.objects.count() == before
    assert client.post(address, f"answer=here&{token}", content_type=form).status_code == 302
    assert Hint.objects.count() == before + 1, "control"
    assert not client.cookies


# -- Each role ----------------------------------------------------------------------------------------


def may(role, who, key):
    if who == SIGNED_IN:
        return True
    # Said here once more and not taken from the roles, so that a slip in their table is seen.
    if who == STAFF_ONLY:
        return role != Role.OFFICER
    if role in (Role.HEAD, Role.AUDITOR) and ".view_" not in who:
        # Who only reads; but the head signs what the office publishes about itself.
        return role == Role.HEAD and who == "progress.sign_snapshot"
    # No permission opens a page of the admin to whoever does not work there.
    return who in PERMISSIONS[role] and not (role == Role.OFFICER and key.startswith("admin"))


# Each page asks its database as the role makes it: these open every one, the office's rows and a regency's own.
OPEN_ALL = {Role.ADMINISTRATOR, Role.OFFICER, Role.HEAD}
ROLES = [pytest.param(role, marks=() if role in OPEN_ALL else pytest.mark.same_on_both) for role in Role]


def test_who_opens_pages_on_both_databases_opens_all():
    def pages(roles):
        return {key for key in closed() for role in roles if may(role, ADDRESSES[key], key)}

    assert pages(OPEN_ALL) == pages(Role)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_opens_exactly_what_the_table_says(client, records, role):
    person = make_user(
        role, "orang", password=PASSWORD, **({"regency": Regency.objects.get()} if role == Role.OFFICER else {})
    )
    client.force_login(person)
    wrong = []
    for key in closed():
        address = address_of(key, records)
        who = ADDRESSES[key]
        expected = may(role, who, key)
        label = ".".join(key.removeprefix("admin:").split("_")[:2])
        if key.endswith("_delete") and label in NEVER_DELETED:
            expected = False
        response = client.get(address, follow=True)
        if response.streaming:
            # To its end, where it lets go of its file.
            b"".join(response.streaming_content)
        status = response.status_code
        if who in (STAFF_ONLY, SIGNED_IN) and expected:
            # Some lead nowhere without a further word (autocomplete asks which field), none refuses and none fails.
            fine = status in (200, 403 if key == "admin:autocomplete" else 200, 404, 405)
        else:
            fine = status == ((405 if key in ONLY_POST else 200) if expected else 403)
            fine = fine or (key in OWN_OFFICE and expected and role != Role.OFFICER and status == 404)
        if not fine:
            wrong.append(f"{key} ({who}): {status}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.same_on_both
@pytest.mark.parametrize("role", list(Role))
def test_a_form_sent_by_whoever_may_not_is_refused_and_changes_nothing(client, records, role):
    client.force_login(
        make_user(
            role, "orang", password=PASSWORD, **({"regency": Regency.objects.get()} if role == Role.OFFICER else {})
        )
    )
    before = {
        label: list(type(row).objects.order_by("pk").values())
        for label, row in records.items()
        if label != "accounts.user"
    }
    wrong = []
    for key in closed():
        who = ADDRESSES[key]
        verb = who.replace(".view_", ".change_") if key.endswith("_change") else who
        if "." not in who or may(role, verb, key):
            continue
        sent = {
            "name": "Diubah",
            "reason": "x",
            "status": "dissolved",
            "since": "01/01/2024",
            "basis": "x",
            "post": "yes",
            "_save": "1",
        }
        response = client.post(address_of(key, records), sent, follow=True)
        # A list that may be read takes actions by POST; this one names none.
        if response.status_code != 403 and not (
            may(role, who, key) and key.endswith(("changelist", "history", "quality", "export"))
        ):
            wrong.append(f"{key}: {response.status_code}")
    assert not wrong, "\n".join(wrong)
    after = {
        label: list(type(row).objects.order_by("pk").values())
        for label, row in records.items()
        if label != "accounts.user"
    }
    assert after == before


def test_who_checks_the_token_itself_does_check_it(records):
    """These look at the size of an upload before they read it, and so at its token by themselves (files.upload)."""
    late = {
        key
        for key, (_route, pattern) in PATTERNS.items()
        if getattr(pattern.callback, "csrf_exempt", False) and ADDRESSES[key] not in OPEN
    }
    of_reports = {"import_list", "report", "upload_workbook"}
    of_aid = {
        "take_steps",
        "make_up_stage",
        "attach_document",
        "enter_finding",
        "propose_aid",
        "enter_handover",
        "visit_package",
    }
    of_meetings = {"add_meeting_document", "note_follow_up", "move_follow_up"}
    assert late == of_reports | of_aid | of_meetings
    officer, office = make_user("petugas", "orang", regency=Regency.objects.get()), make_user("administrator", "kantor")
    for key in late:
        client = Client(enforce_csrf_checks=True)
        client.force_login(officer if key in of_reports else office)
        before = RegencyReport.objects.order_by("pk").values_list("version", "status", "typed")
        was = list(before)
        answer = client.post(address_of(key, records), {"trained": "5", "version": "1", "simpan": "1"})
        assert answer.status_code == 403, key
        assert list(before.all()) == was, key


def test_a_closed_account_is_out_at_the_next_request(client, records):
    person = make_user("administrator", "orang")
    make_user("administrator", "lain")
    client.force_login(person)
    assert client.get("/kerja/").status_code == 200
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert client.get("/kerja/").status_code == 302


# -- Only the own regency -----------------------------------------------------------------------------


FOREIGN, MISSING = 70_001, 70_002


@pytest.fixture
def foreign(records):
    """A cooperative of another regency, and an officer who has nothing to do with it."""
    form = Form.objects.get(name="Primer Kabupaten")
    # Its key is one that no other number on a page is taken for.
    other = make_cooperative(
        "KSP Jauh Sekali", pk=FOREIGN, regency=make_regency("Berau"), form=form, nomor_induk_koperasi="6401000000007"
    )
    make_return(other, 2023)
    return other


@pytest.fixture
def officer(client, records):
    person = make_user("petugas", "petugas", regency=Regency.objects.get(slug="kutai-barat"))
    client.force_login(person)
    return person


def _words(response):
    """The answer without what differs by nature: tokens and numbers of requests."""
    text = re.sub(
        rf'name="csrfmiddlewaretoken" value="\w+"|\b[0-9a-f]{{12}}\b|{FOREIGN}|{MISSING}', "", response.content.decode()
    )
    return " ".join(text.split())


def _row(pk, **values):
    query = QueryDict(mutable=True)
    query["row"] = str(pk)
    query.update(
        {f"r{pk}-{name}": value for name, value in {"seen": "", "rat_held": "1", "members": "12", **values}.items()}
    )
    return query.dict()


@pytest.fixture
def foreign_report(records):
    """An approved report of another regency, with a file and a receipt."""
    period, berau = records["reporting.approved"].period, make_regency("Berau")
    make_territory("berau", regency=berau)
    report = RegencyReport.objects.create(pk=FOREIGN, period=period, regency=berau, form=period.form)
    approved(report, said=explained(), by=make_user("verifikator", "penyetuju.berau"))
    Attachment.objects.create(pk=FOREIGN, report=report, file=kept(report.saved_by))
    return report


@pytest.mark.parametrize(
    "path",
    [
        "",
        "simpan/",
        f"lampiran/{FOREIGN}/",
        "isian.xlsx",
        "unggah/",
        "tanda-terima/2025-t3-berau-1/",
        "tinjau/",
    ],
)
def test_a_foreign_report_answers_like_one_that_does_not_exist(client, officer, foreign_report, path):
    state = RegencyReport.objects.filter(pk=FOREIGN).values()
    before = list(state)
    for method in (client.get, client.post):
        there, missing = (method(f"/kerja/laporan/{pk}/{path}") for pk in (FOREIGN, MISSING))
        assert there.status_code == missing.status_code in (404, 405), path
        assert _words(there) == _words(missing)
    assert list(state.all()) == before


def test_a_file_of_a_foreign_report_is_not_reached_through_ones_own(client, officer, foreign_report, records):
    own = records["reporting.approved"]
    there, missing = (client.get(f"/kerja/laporan/{own.pk}/lampiran/{pk}/") for pk in (FOREIGN, MISSING))
    assert there.status_code == missing.status_code == 404 and _words(there) == _words(missing)
    assert client.get(f"/kerja/laporan/{own.pk}/tanda-terima/2025-t3-berau-1/").status_code == 404


def test_the_list_of_reports_and_its_exports_keep_to_the_own_regency(client, officer, foreign_report):
    for query in ("", "?kantor=berau", "?kantor=tidak-ada", "?format=csv", "?format=csv&isi=nilai"):
        answer = client.get(f"/kerja/laporan/{query}")
        text = b"".join(answer.streaming_content).decode() if answer.streaming else answer.content.decode()
        assert "2025-t3-berau" not in text and "Berau" not in text, query
    exports = [client.get(f"/kerja/laporan/?format=csv&kantor={office}") for office in ("berau", "tidak-ada")]
    texts = [b"".join(one.streaming_content) if one.streaming else one.content for one in exports]
    assert exports[0].status_code == exports[1].status_code and texts[0] == texts[1]


def test_the_grid_shows_and_takes_only_the_own_regency(client, officer, foreign):
    assert "KSP Maju" in client.get("/kerja/rat/?tahun=2024").content.decode()
    for query in ("?tahun=2024", "?tahun=2024&q=jauh", "?tahun=2024&wilayah=berau", "?tahun=2023&isi=sudah"):
        assert "Jauh Sekali" not in client.get(f"/kerja/rat/{query}").content.decode()
    answers = [client.post("/kerja/rat/?tahun=2024", _row(pk), follow=True) for pk in (FOREIGN, MISSING)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert _words(answers[0]) == _words(answers[1])
    assert foreign.returns.count() == 1
    own = Cooperative.objects.get(name="KSP Maju")
    client.post("/kerja/rat/?tahun=2023", _row(own.pk, rat_on=""), follow=True)
    assert own.returns.filter(book_year=2023).exists(), "control: what is the own is saved"


def test_the_grid_takes_no_row_under_another_office(client, officer):
    """Located here, under the province: read, not edited."""
    province = make_cooperative("KSP Provinsi", regency=officer.regency, form=make_form(Form.Level.PROVINCE))
    assert "KSP Provinsi" not in client.get("/kerja/rat/?tahun=2024").content.decode()
    client.post("/kerja/rat/?tahun=2024", _row(province.pk))
    assert not province.returns.exists()


@pytest.fixture
def officer_in_admin(client, officer, monkeypatch):
    """An officer never enters the admin. This is the second wall, seen with the first one taken away."""
    monkeypatch.setattr(User, "is_staff", True)
    return client


def test_a_foreign_record_answers_like_one_that_does_not_exist(officer_in_admin, foreign):
    for page in ("change", "history", "status", "void", "restore", "merge", "delete"):
        for method in (officer_in_admin.get, officer_in_admin.post):
            addresses = [reverse(f"admin:cooperatives_cooperative_{page}", args=[pk]) for pk in (FOREIGN, MISSING)]
            there, missing = (method(address, follow=True) for address in addresses)
            # What the role may not do at all is refused before anybody looks for the record.
            assert there.status_code == (404 if page in ("change", "history") else 403), page
            assert _words(there) == _words(missing), page
            assert "Jauh Sekali" not in _words(there), page


def test_lists_searches_exports_and_suggestions_keep_to_the_own_regency(officer_in_admin, foreign):
    places = [
        reverse("admin:cooperatives_cooperative_changelist"),
        reverse("admin:cooperatives_cooperative_changelist") + "?q=jauh",
        reverse("admin:cooperatives_cooperative_changelist") + "?q=6401000000007",
        reverse("admin:cooperatives_annualreturn_changelist"),
        reverse("admin:cooperatives_cooperative_quality"),
        reverse("admin:cooperatives_cooperative_doubles"),
        reverse("admin:cooperatives_cooperative_export") + "?format=csv",
        reverse("admin:autocomplete")
        + "?app_label=cooperatives&model_name=annualreturn&field_name=cooperative&term=jauh",
    ]
    for place in places:
        response = officer_in_admin.get(place)
        body = b"".join(response) if response.streaming else response.content
        assert response.status_code == 200, place
        assert b"Jauh Sekali" not in body.replace(b'value="jauh"', b""), place
    own = officer_in_admin.get(places[0]).content.decode()
    assert "KSP Maju" in own, "control"


def test_a_return_of_a_foreign_cooperative_is_not_there(officer_in_admin, foreign):
    entry = foreign.returns.get()
    address = reverse("admin:cooperatives_annualreturn_change", args=[entry.pk])
    answer = officer_in_admin.get(address, follow=True)
    assert "Jauh Sekali" not in answer.content.decode()
    officer_in_admin.post(address, {"book_year": "2023", "members": "999"}, follow=True)
    entry.refresh_from_db()
    assert entry.members is None

"""The table of roles, the groups made from it, and what each role may do."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from accounts import roles
from accounts.roles import Role
from tests.factories import make_user

REGISTER = {"cooperative", "annualreturn", "boardmember", "formername", "deedamendment"}
WORDS = {"form", "kind", "group", "sector"}
RULES = {"inactivityrule", "countingrule"}
FORMS = {"reportform", "problem", "period"}
AID_RULES = {"aidkind", "deadlinerule"}


def _named(app, verbs, models):
    return {f"{app}.{verb}_{model}" for verb in verbs.split() for model in models}


# Written out a second time, on purpose: who changes the table must change this promise as well.
PROGRESS_RULES = {"rubric", "criterion", "performancerule"}
SEES_REGISTER = (
    _named("cooperatives", "view", REGISTER | WORDS | RULES | {"statusperiod"})
    | _named("figures", "view", {"indicator", "source", "figure"})
    | _named("progress", "view", {"award", "snapshot"} | PROGRESS_RULES)
    | _named("regions", "view", {"regency", "territory"})
    | _named("reporting", "view", FORMS | {"regencyreport"})
    | _named("assistance", "view", {"programme", "recipient", "package", "unit"} | AID_RULES)
    | _named("meetings", "view", {"meeting", "followup"})
)
FILES_AID = {f"assistance.{name}_aid" for name in ("propose", "process", "visit")} | _named(
    "assistance", "add change", {"programme", "recipient"}
)
KEEPS_MEETINGS = {"meetings.manage_meetings", "meetings.report_followup", "meetings.decide_followup"}
READS_NAMES = {"meetings.view_attendance_names"}
AUDITS = {"assistance.view_aid_audit"}
FILLS_IN = {"reporting.fill_report", "reporting.submit_report"}
REVIEWS = {f"reporting.{verb}_report" for verb in ("approve", "return", "reopen", "extend")}
SEES_ALL = SEES_REGISTER | {"accounts.view_user"}
EXPECTED = {
    "administrator": SEES_ALL
    | _named("cooperatives", "add change", REGISTER | WORDS | RULES)
    | _named("cooperatives", "delete", WORDS | RULES)
    | _named("figures", "add change", {"indicator", "source", "figure"})
    | {"figures.delete_indicator", "figures.mark_official"}
    | _named("progress", "add change", {"award"} | PROGRESS_RULES)
    | {"progress.take_snapshot"}
    | _named("regions", "add change", {"regency", "territory"})
    | {"accounts.add_user", "accounts.change_user", "accounts.invite_user"}
    | {f"cooperatives.{name}" for name in ("set_status", "propose_status", "decide_status", "fill_rat_grid")}
    | {"cooperatives.void_cooperative", "cooperatives.merge_cooperative"}
    | _named("reporting", "add change", FORMS)
    | _named("assistance", "add change", AID_RULES)
    | {"assistance.approve_aid"}
    | KEEPS_MEETINGS
    | READS_NAMES
    | FILES_AID
    | AUDITS
    | REVIEWS,
    "staf_provinsi": SEES_REGISTER
    | _named("cooperatives", "add change", REGISTER | WORDS)
    | _named("figures", "add change", {"indicator", "source", "figure"})
    | _named("progress", "add change", {"award"})
    | {"progress.take_snapshot"}
    | {"cooperatives.set_status", "cooperatives.propose_status", "cooperatives.fill_rat_grid"}
    | KEEPS_MEETINGS
    | READS_NAMES
    | FILES_AID
    | AUDITS
    | FILLS_IN,
    "verifikator": SEES_REGISTER
    | _named("cooperatives", "change", REGISTER | WORDS | RULES)
    | _named("cooperatives", "add", RULES)
    | _named("figures", "change", {"indicator", "source", "figure"})
    | _named("progress", "change", {"award"})
    | {"cooperatives.set_status", "cooperatives.void_cooperative", "cooperatives.merge_cooperative"}
    | {"cooperatives.decide_status"}
    | {"figures.mark_official", "assistance.approve_aid", "meetings.decide_followup"}
    | READS_NAMES
    | _named("assistance", "change", {"programme", "recipient"})
    | AUDITS
    | REVIEWS,
    "pimpinan": SEES_ALL | AUDITS | READS_NAMES | {"progress.sign_snapshot"},
    "petugas": SEES_REGISTER
    | _named("cooperatives", "add change", REGISTER)
    | {"cooperatives.propose_status", "cooperatives.fill_rat_grid"}
    | {"assistance.propose_aid", "assistance.visit_aid", "meetings.report_followup"}
    | AUDITS
    | FILLS_IN,
    "auditor": SEES_ALL | AUDITS | READS_NAMES,
}


def _held(name):
    rows = Permission.objects.filter(group__name=name).values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in rows}


@pytest.mark.parametrize("role", list(Role))
def test_each_group_holds_exactly_what_the_table_says(db, role):
    assert _held(role) == EXPECTED[role]


@pytest.mark.parametrize("role", list(Role))
def test_a_person_may_exactly_what_the_role_says(db, role):
    assert make_user(role).get_all_permissions() == EXPECTED[role]


def test_every_permission_in_the_table_exists(db):
    known = {f"{app}.{name}" for app, name in Permission.objects.values_list("content_type__app_label", "codename")}
    assert {name for names in roles.PERMISSIONS.values() for name in names} <= known


@pytest.mark.parametrize(("role", "signs"), [(Role.AUDITOR, set()), (Role.HEAD, {"progress.sign_snapshot"})])
def test_who_only_reads_changes_nothing(role, signs):
    """But the head signs what the office publishes about itself."""
    assert {name for name in roles.PERMISSIONS[role] if not name.partition(".")[2].startswith("view_")} == signs


def test_only_the_administrator_deletes_and_only_words_and_rules():
    deleting = {role: {name for name in names if ".delete_" in name} for role, names in roles.PERMISSIONS.items()}
    assert {role for role, names in deleting.items() if names} == {Role.ADMINISTRATOR}
    assert deleting[Role.ADMINISTRATOR] == _named("cooperatives", "delete", WORDS | RULES) | {
        "figures.delete_indicator"
    }


def _sync_all():
    for config in apps.get_app_configs():
        roles.sync(config, using="default", apps=apps, verbosity=0)


def test_syncing_again_changes_nothing(db, django_assert_num_queries):
    before = {role: _held(role) for role in Role}
    ids = set(Group.objects.values_list("pk", flat=True))
    _sync_all()
    call_command("migrate", verbosity=0)
    assert {role: _held(role) for role in Role} == before
    assert set(Group.objects.values_list("pk", flat=True)) == ids


def test_syncing_mends_what_was_changed_by_hand(db, capsys):
    group = Group.objects.get(name="auditor")
    group.permissions.set(Permission.objects.filter(codename="delete_user"))
    roles.sync(apps.get_app_config("accounts"), using="default", apps=apps, verbosity=2)
    assert _held("auditor") == EXPECTED["auditor"]
    assert "Role auditor: " in capsys.readouterr().out


def test_syncing_leaves_other_groups_alone(db):
    own = Group.objects.create(name="panitia")
    own.permissions.add(Permission.objects.get(codename="view_user"))
    _sync_all()
    assert _held("panitia") == {"accounts.view_user"}


def test_a_permission_that_is_not_there_yet_comes_with_its_own_app(db):
    Permission.objects.filter(content_type__app_label="figures").delete()
    roles.sync(apps.get_app_config("accounts"), using="default", apps=apps, verbosity=0)
    assert not any(name.startswith("figures.") for name in _held("administrator"))
    roles.sync(apps.get_app_config("figures"), using="default", apps=apps, verbosity=0)
    assert _held("administrator") == EXPECTED["administrator"]


def test_nothing_is_written_before_the_tables_exist(db, django_assert_num_queries):
    class Nothing:
        @staticmethod
        def get_model(app, name):
            raise LookupError

    with django_assert_num_queries(0):
        roles.sync(apps.get_app_config("accounts"), using="default", apps=Nothing)


@pytest.mark.parametrize("role", list(Role))
def test_all_but_officers_enter_the_admin(db, role):
    assert make_user(role).is_staff is (role != Role.OFFICER)

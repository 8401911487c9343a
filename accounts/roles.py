"""The office's roles as data: who may do what. Everything else asks for a permission, never for a role's name.

Which *rows* a person sees is another matter: that is `visible_to(user)` of each queryset.
The table is copied to Django's groups after every migrate, so it is changed here and nowhere else.
"""

from django.apps import apps as installed
from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """Each person has exactly one. Its value is the name of the Django group."""

    ADMINISTRATOR = "administrator", _("Administrator")
    PROVINCE_STAFF = "staf_provinsi", _("Province staff")
    VERIFIER = "verifikator", _("Verifier")
    HEAD = "pimpinan", _("Head of office")
    OFFICER = "petugas", _("Regency officer")
    AUDITOR = "auditor", _("Auditor")


# They work in the admin. A regency officer works under /kerja/ and never sees it.
STAFF = {Role.ADMINISTRATOR, Role.PROVINCE_STAFF, Role.VERIFIER, Role.HEAD, Role.AUDITOR}

# In production these cannot do anything before a second factor is set up (settings.MFA_REQUIRED).
NEEDS_SECOND_FACTOR = {Role.ADMINISTRATOR, Role.VERIFIER, Role.HEAD}

# Bound to one regency; all others belong to the province and have none.
BOUND_TO_REGENCY = {Role.OFFICER}


def _may(verbs, *models_):
    """Codenames with their app: _may("add view", "regions.regency") is regions.add_regency and regions.view_regency."""
    return {f"{app}.{verb}_{name}" for label in models_ for app, name in [label.split(".")] for verb in verbs.split()}


RECORD = (
    "cooperatives.cooperative",
    "cooperatives.annualreturn",
    "cooperatives.boardmember",
    "cooperatives.formername",
    "cooperatives.deedamendment",
)
STATUS = ("cooperatives.statusperiod",)
VOCABULARIES = ("cooperatives.form", "cooperatives.kind", "cooperatives.group", "cooperatives.sector")
RULES = ("cooperatives.inactivityrule", "cooperatives.countingrule")
FIGURES = ("figures.source", "figures.figure", "progress.award")
DICTIONARY = ("figures.indicator",)
REPORT_FORMS = ("reporting.reportform", "reporting.problem", "reporting.period")
REPORTS = ("reporting.regencyreport",)
AID = ("assistance.programme", "assistance.recipient", "assistance.package", "assistance.unit")
MEETINGS = ("meetings.meeting", "meetings.followup")
AID_RULES = ("assistance.aidkind", "assistance.deadlinerule")
PROGRESS_RULES = ("progress.rubric", "progress.criterion", "progress.performancerule")
SNAPSHOTS = ("progress.snapshot",)
AREAS = ("regions.regency", "regions.territory")
ACCOUNTS = ("accounts.user",)

_READ_REGISTER = _may(
    "view",
    *RECORD,
    *STATUS,
    *VOCABULARIES,
    *RULES,
    *FIGURES,
    *DICTIONARY,
    *AREAS,
    *REPORT_FORMS,
    *REPORTS,
    *AID,
    *AID_RULES,
    *MEETINGS,
    *PROGRESS_RULES,
    *SNAPSHOTS,
)
_READ_ALL = _READ_REGISTER | _may("view", *ACCOUNTS)
_ENTER_RECORDS = _may("add change", *RECORD) | {"cooperatives.fill_rat_grid", "cooperatives.propose_status"}
_ENTER = _ENTER_RECORDS | {"cooperatives.set_status"} | _may("add change", *VOCABULARIES, *FIGURES, *DICTIONARY)
# The own office's report: a regency's, or the province's own section's.
_REPORT = {"reporting.fill_report", "reporting.submit_report"}
_APPROVE = {
    "cooperatives.void_cooperative",
    "cooperatives.merge_cooperative",
    "cooperatives.decide_status",
    "figures.mark_official",
    "reporting.approve_report",
    "reporting.return_report",
    "reporting.reopen_report",
    "reporting.extend_report",
    "assistance.approve_aid",
    "meetings.decide_followup",
}
# The papers of aid and its handovers; who enters one never confirms it, whatever the role.
_FILE_AID = {"assistance.propose_aid", "assistance.process_aid", "assistance.visit_aid"} | _may(
    "add change", "assistance.programme", "assistance.recipient"
)

# The office plans meetings, keeps their records and confirms what was done; whoever reported it done never does.
_KEEP_MEETINGS = {"meetings.manage_meetings", "meetings.report_followup", "meetings.decide_followup"}
_READ_NAMES = {"meetings.view_attendance_names"}

PERMISSIONS = {
    # Keeps accounts, vocabularies, rules and areas, and can do what the office can; yet is no superuser:
    # rows of the register can be voided or merged, never deleted.
    Role.ADMINISTRATOR: _READ_ALL
    | _ENTER
    | _APPROVE
    | _may("add change", *RULES, *AREAS, *ACCOUNTS, *REPORT_FORMS, *AID_RULES)
    | _may("add change", *PROGRESS_RULES)
    | _may("delete", *VOCABULARIES, *RULES, *DICTIONARY)
    | _FILE_AID
    | _KEEP_MEETINGS
    | _READ_NAMES
    | {"accounts.invite_user", "assistance.view_aid_audit", "progress.take_snapshot"},
    Role.PROVINCE_STAFF: _READ_REGISTER
    | _ENTER
    | _REPORT
    | _FILE_AID
    | _KEEP_MEETINGS
    | _READ_NAMES
    | {"assistance.view_aid_audit", "progress.take_snapshot"},
    # Corrects and approves, but enters nothing new: who enters does not approve.
    Role.VERIFIER: _READ_REGISTER
    | _may("change", *RECORD, *VOCABULARIES, *FIGURES, *DICTIONARY)
    | _may("add change", *RULES)
    | _APPROVE
    | _may("change", "assistance.programme", "assistance.recipient")
    | _READ_NAMES
    | {"cooperatives.set_status", "assistance.view_aid_audit"},
    # Signs what the office publishes about itself; whoever took it does not sign it.
    Role.HEAD: _READ_ALL | _READ_NAMES | {"assistance.view_aid_audit", "progress.sign_snapshot"},
    # Proposals come through the regency, and its officers are the ones who can go and look.
    Role.OFFICER: _READ_REGISTER
    | _ENTER_RECORDS
    | _REPORT
    | {"assistance.propose_aid", "assistance.visit_aid", "assistance.view_aid_audit", "meetings.report_followup"},
    Role.AUDITOR: _READ_ALL | _READ_NAMES | {"assistance.view_aid_audit"},
}

APPS = frozenset(name.partition(".")[0] for names in PERMISSIONS.values() for name in names)


def sync(app_config, using, apps=installed, verbosity=1, **kwargs):
    """Make the groups equal to the table; runs after the migrate of each app that the table names.

    A permission that does not exist yet is left out and comes when its own app has been migrated.
    Groups that are no role are left alone.
    """
    from django.contrib.auth.management import create_permissions

    if app_config.label not in APPS:
        return
    try:
        # `apps` is the state that was migrated to (`flush` names none); without tables nothing is written.
        Group = apps.get_model("auth", "Group")
        Permission = apps.get_model("auth", "Permission")
    except LookupError:
        return
    # auth makes them in its own receiver, which may only run after this one.
    create_permissions(app_config, verbosity=verbosity, using=using, apps=apps)

    rows = Permission.objects.using(using).filter(content_type__app_label__in=APPS)
    ids = {
        f"{app}.{codename}": pk for pk, app, codename in rows.values_list("pk", "content_type__app_label", "codename")
    }
    names = {pk: name for name, pk in ids.items()}
    for role in Role:
        group, _created = Group.objects.using(using).get_or_create(name=role.value)
        wanted = {ids[name] for name in PERMISSIONS[role] if name in ids}
        held = set(group.permissions.values_list("pk", flat=True))
        if wanted - held:
            group.permissions.add(*wanted - held)
        if held - wanted:
            group.permissions.remove(*held - wanted)
        if verbosity >= 2 and wanted != held:
            changed = sorted(names.get(pk, str(pk)) for pk in wanted ^ held)
            print(f"Role {role.value}: {', '.join(changed)}")  # noqa: T201 - post_migrate speaks to the terminal

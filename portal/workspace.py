"""The first page after signing in: what the role can do, and what waits to be done."""

from django.db.models import Count, Value
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assistance.models import Handover
from common.models import DataVersion
from cooperatives import quality
from cooperatives.models import Cooperative, StatusProposal
from imports.importer import importers_for
from meetings.agreements import waiting_for
from notices.models import unseen_of
from reporting import due

DECIDE, APPROVE = "cooperatives.decide_status", "assistance.approve_aid"


def workspace(request):
    """At most eleven queries: the counts of the register are kept until it changes."""
    user = request.user
    context = {"links": _links(user), "todo": [], "unseen": unseen_of(user)}
    if user.has_perm("reporting.fill_report"):
        context["due"] = due.of_office(user)
    if user.has_perm("reporting.view_regencyreport"):
        context["waiting"] = due.of_all_offices(user)
    if user.has_perm("cooperatives.view_cooperative"):
        request.data_versions = DataVersion.read("cooperatives", "figures", "regions", "awards", "demo")
        found = quality.queue(
            Cooperative.objects.visible_to(user), scope=user.regency_id or "all", versions=request.data_versions
        )
        context |= {"queue": found, "todo": _todo(user, found)}
    return render(request, "portal/workspace.html", context)


# Permission, label, what it is for, name of the address.
PAGES = (
    ("reporting.view_regencyreport", _("Reports"), _("by office and period: due, submitted, approved"), "report_list"),
    (
        "cooperatives.change_cooperative",
        _("Our cooperatives"),
        _("what is missing, worst first; contacts, returns, status"),
        "own_cooperatives",
    ),
    (DECIDE, _("Proposed statuses"), _("what officers propose and the office decides"), "status_proposals"),
    ("assistance.view_package", _("Aid"), _("from the proposal to who holds it"), "aid_list"),
    ("assistance.visit_aid", _("Hints of citizens"), _("what people say who read a unit's code"), "hint_list"),
    ("meetings.view_meeting", _("Meetings"), _("planned, held, and what was agreed"), "meeting_list"),
    ("meetings.view_meeting", _("Follow-ups"), _("who owes what until when"), "follow_up_list"),
    ("progress.view_rubric", _("Progress"), _("what if, and snapshots of a year"), "progress_work"),
    (
        "cooperatives.fill_rat_grid",
        _("RAT by book year"),
        _("type RAT, audit and members down a list"),
        "rat_grid",
    ),
    (
        "assistance.visit_aid",
        _("Monitoring visits"),
        _("what is due by schedule; on a phone, also without a signal"),
        "visit_list",
    ),
    (
        "assistance.view_aid_audit",
        _("Inspection of aid"),
        _("missing papers, overdue LPJ, doubles, holders; each list as a file"),
        "aid_audit",
    ),
)
IN_ADMIN = (
    ("cooperatives.add_cooperative", _("New cooperative"), _("with its first status"), "cooperatives_cooperative_add"),
    (
        "cooperatives.view_cooperative",
        _("Register"),
        _("search, correct, export"),
        "cooperatives_cooperative_changelist",
    ),
    (
        "cooperatives.view_cooperative",
        _("Data quality"),
        _("what is missing or doubtful"),
        "cooperatives_cooperative_quality",
    ),
    ("figures.view_figure", _("Published figures"), _("with their sources"), "figures_figure_changelist"),
    ("accounts.view_user", _("Accounts"), _("invite, close, release"), "accounts_user_changelist"),
)


def _links(user):
    """`[(label, what it is for, address)]` of the pages that this person's permissions open."""
    links = [(label, purpose, reverse(name)) for needs, label, purpose, name in PAGES if user.has_perm(needs)]
    if importers_for(user):
        links.append((_("Import files"), _("XLSX, ODS or CSV: check, apply, take back"), reverse("import_list")))
    if user.is_staff:
        links += [
            (label, purpose, reverse(f"admin:{name}"))
            for needs, label, purpose, name in IN_ADMIN
            if user.has_perm(needs)
        ]
    return links


def _todo(user, found):
    """`[(count, words, address)]` of what is open; without an address where the page is closed to this person."""
    changelist = reverse("admin:cooperatives_cooperative_changelist") if user.is_staff else ""
    grid = reverse("rat_grid") if user.has_perm("cooperatives.fill_rat_grid") else ""
    follow_ups = reverse("follow_up_list")
    late = (gettext("late follow-ups"), f"{follow_ups}?keadaan=terlambat")
    if user.regency_id:
        late = (gettext("late follow-ups of yours"), f"{follow_ups}?siapa=saya&keadaan=terlambat")
    listed = changelist or reverse("own_cooperatives")

    def filtered(key):
        return f"{listed}?kurang={key}"

    no_return = f"{grid}?tahun={found.counting_year}&isi=belum" if grid else filtered(quality.NO_RETURN)
    waiting = _waiting(user)
    rows = [
        (
            waiting.get("handovers"),
            gettext("handovers that wait for your confirmation"),
            f"{reverse('aid_list')}#h-wait",
        ),
        (waiting.get("follow_ups"), *late),
        (
            waiting.get("reported"),
            gettext("follow-ups that wait for your confirmation"),
            f"{follow_ups}?siapa=konfirmasi",
        ),
        (waiting.get("proposals"), gettext("proposed statuses that wait for a decision"), reverse("status_proposals")),
        (
            found.without_return,
            gettext("without a return for %(year)s") % {"year": found.counting_year},
            no_return,
        ),
        (
            found.doubles,
            gettext("names that several records bear"),
            reverse("admin:cooperatives_cooperative_doubles") if user.is_staff else "",
        ),
        *((found.counts[check.key], str(check.label), filtered(check.key)) for check in quality.CHECKS),
    ]
    return [row for row in rows if row[0]]


def _waiting(user):
    """`{what: how many}` of what waits for this person's decision, in one query; none where nothing is theirs."""
    mine = waiting_for(user)
    if user.has_perm(APPROVE):
        mine["handovers"] = Handover.objects.visible_to(user).waiting().exclude(entered_by=user)
    if user.has_perm(DECIDE):
        mine["proposals"] = StatusProposal.objects.open().visible_to(user)
    counted = [
        rows.order_by().values(what=Value(what)).annotate(count=Count("pk")).values_list("what", "count")
        for what, rows in mine.items()
    ]
    return dict(counted[0].union(*counted[1:], all=True)) if counted else {}

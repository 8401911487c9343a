"""What waits for whom: reports that are due, came back or are late; for the office, what waits for a decision."""

from dataclasses import dataclass
from datetime import date

from django.db.models import F, Max, Q, Subquery
from django.utils import timezone
from django.utils.translation import pgettext

from common.dates import day_of, end_of
from reporting.models import Period, RegencyReport, Status

SHOWN = 6
# More than the offices of the province and a first look at what waits.
MOST = 60


@dataclass(frozen=True)
class Due:
    """A report that its office has to do something about: `word` says what is the matter, `kind` how it looks."""

    report: RegencyReport
    kind: str
    word: str
    # The end of an extension, where that is what counts.
    until: date | None = None


@dataclass(frozen=True)
class Waiting:
    """What the office has before it."""

    reports: list
    count: int
    # The reports of the newest period that is due which nobody has submitted; they know their period.
    missing: list


def of_office(user, now=None):
    """`[Due]` of the own office: what came back first, then what is due, then what is late; one query."""
    now = now or timezone.now()
    today = day_of(now)
    reports = (
        RegencyReport.objects.fillable_by(user)
        .filter(status__in=RegencyReport.FILLABLE, period__opens_on__lte=today)
        .for_list()
        .annotate(open_until=Max("extensions__until_on"))
        .order_by("-period__ends_on")[: 4 * SHOWN]
    )
    found = sorted((_due(report, now) for report in reports), key=lambda one: one[0])
    return [due for _rank, due in found][:SHOWN]


def _due(report, now):
    if report.status in (Status.RETURNED, Status.REOPENED):
        return 0, Due(report, "bad", pgettext("report", "came back with remarks"))
    if now < report.period.due_at:
        return 1, Due(report, "way", pgettext("report", "due"))
    if now < report.period.locks_at:
        return 2, Due(report, "bad", pgettext("report", "late"))
    if report.open_until and now < end_of(report.open_until):
        return 2, Due(report, "bad", pgettext("report", "late; open for your office"), report.open_until)
    return 3, Due(report, "bad", pgettext("report", "missing; the period is locked"))


def of_all_offices(user, now=None):
    """What waits for review, and who has not reported for the newest period that is due; one query as a rule.

    None for whoever sees a single office's reports.
    """
    if user.regency_id:
        return None
    now = now or timezone.now()
    today = day_of(now)
    newest = Period.objects.filter(due_on__lt=today).order_by("-ends_on").values("pk")[:1]
    silent = Q(period=Subquery(newest), first_submitted_at=None)
    found = list(
        RegencyReport.objects.filter(silent | Q(status=Status.SUBMITTED))
        .for_list()
        .order_by(F("submitted_at").asc(nulls_first=True), F("regency__name").asc(nulls_last=True))[:MOST]
    )
    waiting = [report for report in found if report.status == Status.SUBMITTED]
    count = len(waiting) if len(found) < MOST else RegencyReport.objects.waiting().count()
    return Waiting(waiting[:SHOWN], count, [report for report in found if report.status != Status.SUBMITTED])

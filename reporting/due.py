"""What waits for whom: reports that are due, came back or are late; for the reviewers, what waits for a decision."""

from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import pgettext

from reporting.models import Period, RegencyReport, Status

SHOWN = 6


@dataclass(frozen=True)
class Due:
    """A report that its office has to do something about: `word` says what is the matter, `kind` how it looks."""

    report: RegencyReport
    kind: str
    word: str


@dataclass(frozen=True)
class Waiting:
    """What the reviewers have before them."""

    reports: list
    count: int
    period: Period | None
    missing: list


def of_office(user, now=None):
    """`[Due]` of the own office: what came back first, then what is due, then what is late; one query."""
    now = now or timezone.now()
    today = timezone.localdate(now, timezone.get_default_timezone())
    reports = (
        RegencyReport.objects.fillable_by(user)
        .filter(status__in=RegencyReport.FILLABLE, period__opens_on__lte=today)
        .for_list()
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
    return 3, Due(report, "bad", pgettext("report", "missing; the period is locked"))


def of_reviewers(now=None):
    """What waits for review, and who has not reported for the newest period that is due; three queries."""
    now = now or timezone.now()
    today = timezone.localdate(now, timezone.get_default_timezone())
    waiting = RegencyReport.objects.waiting()
    period = Period.objects.filter(due_on__lt=today).order_by("-ends_on").first()
    missing = []
    if period is not None:
        missing = list(
            period.reports.filter(first_submitted_at=None)
            .select_related("regency")
            .defer("regency__boundary", "typed")
            .order_by("regency__name")
        )
    shown = list(waiting.for_list()[: SHOWN + 1])
    count = len(shown) if len(shown) <= SHOWN else waiting.count()
    return Waiting(shown[:SHOWN], count, period, missing)

"""The calendar of reports: periods come into being with a blank report for every office that owes one."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext

from common.dates import today
from common.models import DataVersion, StepRefused
from regions.models import Regency
from reporting.models import Period, RegencyReport, ReportForm, Status
from reporting.models.report import SUBJECT


def number_on(kind, day):
    """Which period of its year a day lies in, from 1."""
    return (day.month - 1) // Period.MONTHS[Period.Kind(kind)] + 1


def open_period(kind, year, number, *, by=None, is_demo=None):
    """The period with the blank reports of all offices that owe one; made now where it is missing. Raises StepRefused.

    The offices: every regency of the province on the period's last day, and the province's own section. While
    invented data is in, a new period counts as invented too (`is_demo=None`): its reports rest on that register.
    """
    return _open(kind, year, number, by=by, is_demo=is_demo)[0]


def _one_at_a_time():
    """Two who open the same period make one; and nobody edits a form that is being taken into use."""
    list(ReportForm.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))


@transaction.atomic
def _open(kind, year, number, *, by=None, is_demo=None):
    """The period, and whether it was made now."""
    first, last = Period.bounds(kind, year, number)
    _one_at_a_time()
    period = Period.objects.select_related("form").filter(kind=kind, year=year, number=number).first()
    is_made = period is None
    if period is None:
        overlapping = Period.objects.exclude(kind=kind).filter(starts_on__lte=last, ends_on__gte=first).first()
        if overlapping:
            raise StepRefused(
                gettext("%(period)s covers these days already. One year is reported in one kind of period.")
                % {"period": overlapping}
            )
        form = ReportForm.objects.on(last).first()
        if form is None:
            raise StepRefused(gettext("There is no report form for this period. Load the starter data or enter one."))
        period = Period(
            code=Period.code_of(kind, year, number),
            kind=kind,
            year=year,
            number=number,
            starts_on=first,
            ends_on=last,
            opens_on=last + timedelta(days=1),
            due_on=last + timedelta(days=form.due_days),
            locks_on=last + timedelta(days=form.lock_days),
            form=form,
            is_demo=DataVersion.demo_is_in() if is_demo is None else is_demo,
        )
        period._history_user = by  # type: ignore[attr-defined]
        period.save()
    # A regency that left the province before the period ended owes nothing, unless it has begun.
    gone = period.reports.filter(saved_at=None, status=Status.DRAFT, extensions=None, regency__isnull=False)
    left, _counts = gone.exclude(regency__in=Regency.objects.on(last)).delete()
    missing: list[Regency | None] = [*Regency.objects.on(last).exclude(reports__period=period).defer("boundary")]
    if not period.reports.filter(regency=None).exists():
        missing.append(None)
    blank = [
        RegencyReport(period=period, regency=regency, form=period.form, is_demo=period.is_demo) for regency in missing
    ]
    RegencyReport.objects.bulk_create(blank)
    if blank or left:
        DataVersion.bump(SUBJECT)
    return period, is_made


def open_until(day=None, *, kind=None):
    """Open every period up to the one that a day lies in; returns those that were made now.

    A regency that came into the province, or left it, while a period runs changes who owes its report: those that are
    not locked yet are looked at again.

    The kind goes on as it was (quarters at first). The first period ever is the running one: nobody is late for
    what was asked of nobody.
    """
    day = day or today()
    newest = Period.objects.order_by("-ends_on").first()
    kind = kind or (newest.kind if newest else Period.Kind.QUARTER)
    year, number = day.year, number_on(kind, day)
    wanted = [(year, number)]
    if newest:
        while Period.bounds(kind, year, number)[0] > newest.ends_on + timedelta(days=1):
            year, number = (year, number - 1) if number > 1 else (year - 1, 12 // Period.MONTHS[Period.Kind(kind)])
            wanted.insert(0, (year, number))
    made = []
    for year, number in wanted:
        if not Period.objects.filter(kind=kind, year=year, number=number).exists():
            period, is_made = _open(kind, year, number)
            made += [period] if is_made else []
    for period in Period.objects.filter(locks_on__gte=day).exclude(pk__in=[period.pk for period in made]):
        _open(period.kind, period.year, period.number)
    return made


def earlier(period, count):
    """The `count` periods of the same kind before a period, the newest first."""
    return list(Period.objects.before(period).select_related("form")[:count])

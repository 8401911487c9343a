"""Office × period: who has reported, when, and what is late or missing by the clock. Three queries at any size."""

from dataclasses import dataclass, replace
from functools import cached_property

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.dates import begin_of, day_of
from regions.models import Regency
from reporting.models import Period, RegencyReport, Status

SHOWN_PERIODS = 8


class State(models.TextChoices):
    """Where a report stands by the clock. What is sent back to its office is named before whether it was late."""

    ON_TIME = "on_time", _("On time")
    LATE = "late", _("Late")
    MISSING = "missing", _("Not submitted")
    RETURNED = "returned", _("Returned")
    REOPENED = "reopened", _("Being revised")
    DRAFT = "draft", _("Draft")
    OPEN = "open", _("Not due yet")
    NOT_OPEN = "not_open", _("Not open yet")


KIND = {
    State.ON_TIME: "ok",
    State.LATE: "bad",
    State.MISSING: "bad",
    State.RETURNED: "way",
    State.REOPENED: "way",
    State.DRAFT: "nil",
    State.OPEN: "nil",
    State.NOT_OPEN: "nil",
}
WAITING, APPROVED = "waiting", "approved"
# What a list can be narrowed to: a state by the clock, or how far the review is.
STATES = {**dict(State.choices), WAITING: _("Waiting for review"), APPROVED: _("Approved")}
PUBLIC_STATES = (State.ON_TIME, State.LATE, State.MISSING, State.OPEN, State.NOT_OPEN)


@dataclass(frozen=True)
class Office:
    """Who reports: a regency, or the province's own section (without one)."""

    key: str
    name: str
    full_name: str
    regency: Regency | None

    @classmethod
    def of(cls, report):
        return cls(report.office_key, report.office_short_name, report.office_name, report.regency)

    @property
    def order(self):
        """Regencies by name, the province last."""
        return (self.regency is None, self.name)


@dataclass(frozen=True)
class Cell:
    """One report as it stands at a moment."""

    report: RegencyReport
    state: State
    is_due: bool
    # How late it came, or how long it has been missing; None where it is neither.
    days_late: int | None = None

    @property
    def word(self):
        return self.state.label

    @property
    def kind(self):
        return KIND[self.state]

    @property
    def submitted_on(self):
        """The day on which it first came: the one that decides whether it is late."""
        return day_of(self.report.first_submitted_at)

    @property
    def approved_on(self):
        return day_of(self.report.approved_at)

    @property
    def saved_on(self):
        """The day of its draft, while nothing was submitted."""
        return None if self.is_submitted else day_of(self.report.saved_at)

    @property
    def is_submitted(self):
        return self.report.first_submitted_at is not None

    @property
    def is_on_time(self):
        """Whether it first came by its due day, whatever happened to it since."""
        return self.is_submitted and not self.report.is_late

    @property
    def is_approved(self):
        """Whether it was ever approved: what was approved stays public while it is being revised."""
        return self.report.approved_at is not None

    @property
    def is_being_revised(self):
        return self.is_approved and self.report.status != Status.APPROVED

    @property
    def is_waiting(self):
        return self.report.status == Status.SUBMITTED

    @property
    def review(self):
        """How far the review is, as a code; empty where nothing was submitted or it was sent back."""
        return {Status.SUBMITTED: WAITING, Status.APPROVED: APPROVED}.get(Status(self.report.status), "")

    def is_in(self, state):
        return state in (self.state, self.review)


@dataclass(frozen=True)
class Rate:
    """How many of the reports that are due came, came on time, and were approved. `due` may be 0: then no share is."""

    due: int
    on_time: int
    submitted: int
    approved: int

    @classmethod
    def of(cls, cells):
        due = [cell for cell in cells if cell is not None and cell.is_due]
        return cls(
            len(due),
            sum(cell.is_on_time for cell in due),
            sum(cell.is_submitted for cell in due),
            sum(cell.is_approved for cell in due),
        )


@dataclass(frozen=True)
class Row:
    """One office with a cell for each period; None where it owed no report."""

    office: Office
    cells: list
    rate: Rate


@dataclass(frozen=True)
class Matrix:
    periods: list
    rows: list
    rates: list
    total: Rate

    @cached_property
    def cells(self):
        """Every report that is shown: the newest period first, in it the offices in their order."""
        return [row.cells[place] for place in range(len(self.periods)) for row in self.rows if row.cells[place]]

    @property
    def columns(self):
        return list(zip(self.periods, self.rates, strict=True))

    @property
    def last_due(self):
        """The newest period that is due, with its rate; None while none is."""
        return next(((period, rate) for period, rate in self.columns if rate.due), None)

    def only(self, state):
        """The same with only the reports in one state. The rates still count all: a share of a part says little."""
        rows = []
        for row in self.rows:
            cells = [cell if cell and cell.is_in(state) else None for cell in row.cells]
            if any(cells):
                rows.append(replace(row, cells=cells))
        return replace(self, rows=rows)


def begun(periods, asked, *, now=None):
    """Of all periods those that have begun and that were asked for: all of a year, or the newest eight.

    Those eight are open or were: of the running period, for which nobody can report yet, there is nothing to see,
    unless it is the only one.
    """
    now = now or timezone.now()
    wanted = {"periode": "code", "tahun": "year", "jenis": "kind"}
    found = [
        period
        for period in periods
        if begin_of(period.starts_on) <= now
        and all(getattr(period, field) == asked[name] for name, field in wanted.items() if name in asked)
    ]
    if "tahun" in asked or "periode" in asked:
        return found
    return ([period for period in found if period.opens_at <= now] or found)[:SHOWN_PERIODS]


def matrix(reports, periods, *, now=None, is_public=False):
    """The matrix of a queryset of reports over some periods. `is_public` hides drafts and what came back."""
    now = now or timezone.now()
    place = {period.pk: number for number, period in enumerate(periods)}
    found: dict = {}
    for report in reports.filter(period__in=place).for_list().select_related("period", "regency", "form"):
        office = Office.of(report)
        _office, cells = found.setdefault(office.key, (office, [None] * len(periods)))
        cells[place[report.period_id]] = cell_of(report, now, is_public=is_public)
    rows = [Row(office, cells, Rate.of(cells)) for office, cells in found.values()]
    rows.sort(key=lambda row: row.office.order)
    rates = [Rate.of([row.cells[number] for row in rows]) for number in range(len(periods))]
    return Matrix(periods, rows, rates, Rate.of([cell for row in rows for cell in row.cells]))


def last_due(now=None):
    """The newest period that is due, with the rate of its reports; None while none is. Two queries."""
    now = now or timezone.now()
    period = next((one for one in Period.objects.order_by("-due_on")[:SHOWN_PERIODS] if one.due_at <= now), None)
    if period is None:
        return None
    return matrix(RegencyReport.objects.all(), [period], now=now, is_public=True).last_due


def all_periods():
    """Every period, the newest first; a few dozen rows of which pages pick theirs."""
    return list(Period.objects.all())


def cell_of(report, now, *, is_public=False):
    """Where a report stands at a moment. Reads the period."""
    is_due = now >= report.period.due_at
    state = _state(report, now, is_due, is_public)
    came = report.first_submitted_at if report.is_late else now if state == State.MISSING else None
    days = (day_of(came) - (report.was_due_on or report.period.due_on)).days if came else None
    return Cell(report, state, is_due, days)


def _state(report, now, is_due, is_public):
    if report.first_submitted_at is None:
        if is_due:
            return State.MISSING
        if now < report.period.opens_at:
            return State.NOT_OPEN
        return State.OPEN if report.is_blank or is_public else State.DRAFT
    if not is_public and report.status in (Status.RETURNED, Status.REOPENED):
        return State(report.status)
    return State.LATE if report.is_late else State.ON_TIME

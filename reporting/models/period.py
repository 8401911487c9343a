"""Reporting periods and their calendar: opening day, due day, lock day, all in WITA."""

from datetime import date, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from common.dates import begin_of, end_of
from common.models import Versioned
from reporting.models.form import ReportForm

ROMAN = ("", "I", "II", "III", "IV")


class PeriodQuerySet(models.QuerySet):
    def before(self, period):
        """Earlier periods of the same kind, the newest first."""
        return self.filter(kind=period.kind, ends_on__lt=period.starts_on).order_by("-ends_on")


class Period(Versioned):
    """A quarter, half-year or year that every office reports on. Made by `reporting.calendar`."""

    class Kind(models.TextChoices):
        QUARTER = "quarter", _("Quarter")
        HALF = "half", _("Half-year")
        YEAR = "year", _("Year")

    # Months in one period of each kind, and its letter in codes ("2025-t4": triwulan IV 2025).
    MONTHS = {Kind.QUARTER: 3, Kind.HALF: 6, Kind.YEAR: 12}
    LETTER = {Kind.QUARTER: "t", Kind.HALF: "s", Kind.YEAR: "th"}

    code = models.SlugField(_("code"), max_length=10, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=7, choices=Kind.choices, editable=False)
    year = models.PositiveSmallIntegerField(_("year"), editable=False)
    number = models.PositiveSmallIntegerField(_("number"), editable=False)
    starts_on = models.DateField(_("from"), editable=False)
    ends_on = models.DateField(_("until"), editable=False)
    opens_on = models.DateField(_("opens on"), help_text=_("From 00:00 WITA of this day on it can be filled in."))
    due_on = models.DateField(_("due on"), help_text=_("Until 23:59 WITA of this day a report is on time."))
    locks_on = models.DateField(_("locked after"), help_text=_("Until 23:59 WITA of this day it can be submitted."))
    form = models.ForeignKey(
        ReportForm, models.PROTECT, related_name="periods", verbose_name=_("report form"), editable=False
    )
    is_demo = models.BooleanField(_("demo data"), default=False, editable=False)

    objects = PeriodQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("period")
        verbose_name_plural = _("periods")
        ordering = ["-ends_on"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "year", "number"], name="period_is_there_once"),
            models.CheckConstraint(condition=Q(starts_on__lt=F("ends_on")), name="period_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(opens_on__lte=F("due_on"), due_on__lte=F("locks_on")),
                name="period_opens_then_is_due_then_locks",
                violation_error_message=_("A period opens first, then is due, then is locked."),
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def name(self):
        """ "Triwulan IV 2025" in the active language."""
        if self.kind == self.Kind.YEAR:
            return gettext("Year %(year)s") % {"year": self.year}
        word = (
            gettext("Quarter %(number)s %(year)s")
            if self.kind == self.Kind.QUARTER
            else gettext("Half-year %(number)s %(year)s")
        )
        return word % {"number": ROMAN[self.number or 0], "year": self.year}

    @property
    def short_name(self):
        """ "IV 2025", for the head of a column."""
        return str(self.year) if self.kind == self.Kind.YEAR else f"{ROMAN[self.number or 0]} {self.year}"

    @property
    def opens_at(self):
        return begin_of(self.opens_on)

    @property
    def due_at(self):
        """The first moment that is late."""
        return end_of(self.due_on)

    @property
    def locks_at(self):
        """The first moment that is too late."""
        return end_of(self.locks_on)

    def asks_yearly_lines(self):
        """Whether the lines that are asked once a year stand in this period's report. Reads the form."""
        return self.starts_on.month <= self.form.yearly_month <= self.ends_on.month

    def state_on(self, now):
        """Where the clock stands, as a word."""
        if now < self.opens_at:
            return pgettext("period", "not open yet")
        if now < self.due_at:
            return pgettext("period", "open")
        return pgettext("period", "past its due day") if now < self.locks_at else pgettext("period", "locked")

    @classmethod
    def bounds(cls, kind, year, number):
        """First and last day of a period."""
        months = cls.MONTHS[cls.Kind(kind)]
        first = date(year, (number - 1) * months + 1, 1)
        following = date(year + 1, 1, 1) if number * months == 12 else date(year, number * months + 1, 1)
        return first, following - timedelta(days=1)

    @classmethod
    def code_of(cls, kind, year, number):
        kind = cls.Kind(kind)
        return f"{year}-{cls.LETTER[kind]}{'' if kind == cls.Kind.YEAR else number}"

"""Dated rules of the register: since when they hold is data, so that an old page keeps its old rule."""

from dataclasses import dataclass
from datetime import date

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from common.models import Versioned


class InactivityRule(Versioned):
    """After how many counted book years without RAT a cooperative counts as inactive.

    The head of the provincial office says three years (Niaga Asia, 2022), an officer of Penajam
    Paser Utara two (Media Kaltim, 2021); the province's holds here until the office decides.
    """

    valid_from = models.DateField(_("valid from"), unique=True)
    years = models.PositiveSmallIntegerField(
        _("book years without RAT"), validators=[MinValueValidator(1), MaxValueValidator(10)]
    )
    basis = models.CharField(_("basis"), max_length=200)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("inactivity rule")
        verbose_name_plural = _("inactivity rules")
        ordering = ["-valid_from"]

    def __str__(self):
        return f"{self.valid_from}: {self.years}"


class CountingRule(Versioned):
    """From which day of the next year a book year counts: its RAT is due within six months (UU 25/1992)."""

    valid_from = models.DateField(_("valid from"), unique=True)
    month = models.PositiveSmallIntegerField(_("month"), validators=[MinValueValidator(1), MaxValueValidator(12)])
    day = models.PositiveSmallIntegerField(_("day"), validators=[MinValueValidator(1), MaxValueValidator(28)])
    basis = models.CharField(_("basis"), max_length=200)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("counting rule")
        verbose_name_plural = _("counting rules")
        ordering = ["-valid_from"]

    def __str__(self):
        return f"{self.valid_from}: {self.day}/{self.month}"


@dataclass(frozen=True)
class RulesOn:
    """The rules in force on a day, and what follows from them."""

    on: date
    inactive_after: int
    counts_from_month: int
    counts_from_day: int

    @property
    def counting_year(self):
        """The last book year whose RAT deadline has passed."""
        return _last_counted(self.on, self.counts_from_month, self.counts_from_day)

    @property
    def graded_years(self):
        """The three book years that the grade looks at, oldest first."""
        return tuple(range(self.counting_year - 2, self.counting_year + 1))

    @property
    def next_year_counts_on(self):
        """The day on which the next book year begins to count."""
        return date(self.counting_year + 2, self.counts_from_month, self.counts_from_day)


def rules_on(on):
    """The rules in force on a date, in two queries; the office's present habits where no row is older."""
    inactivity = InactivityRule.objects.filter(valid_from__lte=on).order_by("-valid_from").first()
    month, day = _counting_from(on)
    return RulesOn(
        on=on,
        inactive_after=inactivity.years if inactivity else 3,
        counts_from_month=month,
        counts_from_day=day,
    )


def counting_year_on(on):
    """`rules_on(on).counting_year` in one query."""
    return _last_counted(on, *_counting_from(on))


def counting_years(days):
    """`{day: its counting year}` of several days, in one query; none for none."""
    rules = list(CountingRule.objects.order_by("-valid_from")) if days else []
    found = {}
    for on in days:
        rule = next((rule for rule in rules if rule.valid_from <= on), None)
        found[on] = _last_counted(on, *((rule.month, rule.day) if rule else (7, 1)))
    return found


def _counting_from(on):
    rule = CountingRule.objects.filter(valid_from__lte=on).order_by("-valid_from").first()
    return (rule.month, rule.day) if rule else (7, 1)


def _last_counted(on, month, day):
    return on.year - (1 if on >= date(on.year, month, day) else 2)

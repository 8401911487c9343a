"""Dated rules of aid: since when they hold is data, so that an old package keeps its old deadline."""

from datetime import date

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from common.models import Versioned

# Where no row is older: 10 January and 60 days, as the offices' own procedures and audit reports have it.
DEFAULT = (1, 10, 60)


class DeadlineRule(Versioned):
    """By which day of the following year the use of aid is reported, and within how many days a finding is settled.

    The 10th of January of the next budget year: published procedures of provincial hibah under Permendagri 32/2011;
    60 days: follow-up of inspection reports (LHP). Which pergub holds in Kaltim today is not known.
    """

    valid_from = models.DateField(_("valid from"), unique=True)
    month = models.PositiveSmallIntegerField(_("month"), validators=[MinValueValidator(1), MaxValueValidator(12)])
    day = models.PositiveSmallIntegerField(_("day"), validators=[MinValueValidator(1), MaxValueValidator(28)])
    finding_days = models.PositiveSmallIntegerField(
        _("days for a finding"), validators=[MinValueValidator(1), MaxValueValidator(365)]
    )
    basis = models.CharField(_("basis"), max_length=200)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("deadline rule of aid")
        verbose_name_plural = _("deadline rules of aid")
        ordering = ["-valid_from"]

    def __str__(self):
        return f"{self.valid_from}: {self.day}/{self.month}, {self.finding_days}"


def _rule_on(day):
    rule = DeadlineRule.objects.filter(valid_from__lte=day).order_by("-valid_from").first()
    return (rule.month, rule.day, rule.finding_days) if rule else DEFAULT


def use_report_due(handed_on, fiscal_year=None):
    """By which day the use must be reported: in the year after the budget year or the handover, whichever is later."""
    month, day, _finding_days = _rule_on(handed_on)
    return date(max(fiscal_year or 0, handed_on.year) + 1, month, day)


def finding_days_on(day):
    """Within how many days a finding of that day is to be settled."""
    return _rule_on(day)[2]

"""The Ministry's predicates."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from common.models import Versioned
from figures.models import Source
from regions.models import Territory


class Award(Versioned):
    """The Ministry's predicate for one territory and year: dated, and possible more than once.

    Kept apart from every indicator that the portal computes: a predicate is a decree, not a state.
    """

    year = models.PositiveSmallIntegerField(_("year"))
    territory = models.ForeignKey(Territory, models.PROTECT, related_name="awards", verbose_name=_("territory"))
    title = models.CharField(_("award"), max_length=120)
    decree_number = models.CharField(_("decree number"), max_length=80, blank=True)
    source = models.ForeignKey(Source, models.PROTECT, related_name="awards", verbose_name=_("source"))
    note = models.TextField(_("note"), blank=True)
    is_demo = models.BooleanField(_("demo data"), default=False, editable=False)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("award")
        verbose_name_plural = _("awards")
        ordering = ["year", "territory__name"]
        constraints = [
            models.UniqueConstraint(
                fields=["year", "territory", "title"],
                name="an_award_is_given_once_a_year",
                violation_error_message=_("This award is already on record for that territory and year."),
            )
        ]

    def __str__(self):
        return f"{self.title} {self.year}"

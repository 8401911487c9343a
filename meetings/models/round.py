"""The round: a series of meetings that shall come to every regency."""

from datetime import date

from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from common.models import Versioned
from common.text import validate_clean, validate_public
from regions.models import Regency

FIRST_YEAR, LAST_YEAR = 1960, 2100


class Round(Versioned):
    """One year's series of meetings, for instance the Rapat Koordinasi of 2013 (press release of 11 September 2013)."""

    name = models.CharField(_("name"), max_length=160, validators=[validate_clean, validate_public])
    year = models.PositiveSmallIntegerField(
        _("year"), validators=[MinValueValidator(FIRST_YEAR), MaxValueValidator(LAST_YEAR)]
    )
    slug = models.SlugField(_("address name"), max_length=60, unique=True, editable=False)
    note = models.TextField(
        _("public note"),
        blank=True,
        validators=[MaxLengthValidator(2000), validate_public],
        help_text=_("Everybody reads it."),
    )
    is_demo = models.BooleanField(_("demo data"), default=False, editable=False)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("round of meetings")
        verbose_name_plural = _("rounds of meetings")
        ordering = [F("year").desc(), "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["name", "year"],
                name="meeting_round_is_named_once_a_year",
                violation_error_message=_("A round of this name is on record for that year already."),
            )
        ]

    def __str__(self):
        return f"{self.name} {self.year}"

    @property
    def last_day(self):
        return date(self.year, 12, 31)

    def regencies(self):
        """Those that it shall come to: the province's at the end of its year, by name."""
        return Regency.objects.on(self.last_day).defer("boundary", "note").order_by("name")

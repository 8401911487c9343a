"""Kinds of aid: what each needs is data that the office edits."""

import re

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from assistance.stages import NEEDS, Paper, Stage
from common.models import Versioned
from common.text import fold, validate_clean


class AidKind(Versioned):
    """A kind of aid (jenis bantuan): its nature, and which identifiers, documents and stages it has."""

    class Nature(models.TextChoices):
        GOODS = "goods", _("Goods")
        VEHICLE = "vehicle", _("Vehicle")
        BUILDING = "building", _("Building")
        WORKS = "works", _("Works")
        PERMIT = "permit", _("Permit facilitation")
        CAPITAL = "capital", _("Capital")

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80, unique=True, validators=[validate_clean])
    nature = models.CharField(_("nature"), max_length=8, choices=Nature.choices)
    unit_word = models.CharField(_("unit of measure"), max_length=20, default="unit", validators=[validate_clean])
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    synonyms = models.TextField(
        _("synonyms"), blank=True, help_text=_("Other spellings, one a line. Imports recognise them.")
    )
    has_units = models.BooleanField(
        _("each unit has its code"), default=True, help_text=_("Units are registered, labelled and visited one by one.")
    )
    has_frame_number = models.BooleanField(_("needs the frame number"), default=False)
    has_engine_number = models.BooleanField(_("needs the engine number"), default=False)
    has_plate_number = models.BooleanField(_("needs the plate number"), default=False)
    has_land_status = models.BooleanField(_("needs the status of the land"), default=False)
    has_procurement = models.BooleanField(_("is procured"), default=True)
    has_grant_agreement = models.BooleanField(_("needs NPHD or loan agreement"), default=True)
    has_integrity_pact = models.BooleanField(_("needs an integrity pact"), default=True)
    has_use_report = models.BooleanField(_("its use is reported (LPJ)"), default=True)
    visit_months = models.CharField(
        _("monitoring visits"),
        max_length=40,
        default="3, 12, 24",
        blank=True,
        validators=[RegexValidator(r"^[0-9]{1,3}(, ?[0-9]{1,3})*\Z", _("Months with commas, for example 3, 12, 24."))],
        help_text=_("Months after the handover, with commas; empty where nothing is visited."),
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("aid kind")
        verbose_name_plural = _("aid kinds")
        ordering = ["position", "name"]

    def __str__(self):
        return self.name

    def spellings(self):
        """Every folded spelling by which an import recognises it."""
        return {fold(one) for one in [self.name, *self.synonyms.splitlines()] if one.strip()}

    @property
    def visits_after(self):
        """Months after the handover at which a visit is due, ascending."""
        return tuple(sorted({int(months) for months in re.findall(r"[0-9]+", self.visit_months)} - {0}))

    @property
    def without(self):
        """The stages that this kind has not: no procurement for a permit."""
        have = {
            Stage.PROCURED: self.has_procurement,
            Stage.USE_REPORTED: self.has_use_report,
            Stage.MONITORED: bool(self.visits_after),
        }
        return frozenset(stage for stage, has in have.items() if not has)

    def papers(self, stage, *, to_government=False):
        """The documents that a stage needs for this kind; a government signs no integrity pact."""
        left_out = set()
        if not self.has_grant_agreement:
            left_out.add(Paper.NPHD)
        if not self.has_integrity_pact or to_government:
            left_out.add(Paper.INTEGRITY_PACT)
        return tuple(paper for paper in NEEDS[stage].papers if paper not in left_out)

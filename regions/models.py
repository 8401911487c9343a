"""Regencies with their dates and codes, and the territories that a published number may speak of."""

from datetime import date

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from common.models import Versioned
from common.text import fold

# ASCII digits alone: \d would take those of other scripts.
KEMENDAGRI_CODE = RegexValidator(r"^[0-9]{2}\.[0-9]{2}\Z", _("Two digits, a dot, two digits, for example 64.02."))
BPS_CODE = RegexValidator(r"^[0-9]{4}\Z", _("Four digits without a dot, for example 6402."))


class RegencyQuerySet(models.QuerySet):
    def on(self, date):
        """The regencies of the province on that date: 14 on 2012-12-31, 10 from 2013-04-22."""
        return self.filter(Q(valid_from=None) | Q(valid_from__lte=date), Q(valid_until=None) | Q(valid_until__gt=date))


class Regency(Versioned):
    """A kabupaten or kota, with the days on which it was part of the province.

    The two code systems clash (BPS 6402 is Kutai Barat, Kemendagri 64.02 Kutai Kartanegara):
    they are never compared, nor made from one another.
    """

    class Kind(models.TextChoices):
        KABUPATEN = "kabupaten", _("Kabupaten")
        KOTA = "kota", _("Kota")

    kemendagri_code = models.CharField(_("Kemendagri code"), max_length=5, unique=True, validators=[KEMENDAGRI_CODE])
    bps_code = models.CharField(_("BPS code"), max_length=4, unique=True, validators=[BPS_CODE])
    kind = models.CharField(_("kind"), max_length=9, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=60, unique=True)
    slug = models.SlugField(_("address name"), max_length=60, unique=True)
    synonyms = models.TextField(
        _("synonyms"), blank=True, help_text=_("Other spellings, one a line. Imports recognise them.")
    )
    capital = models.CharField(_("capital"), max_length=60, blank=True)
    capital_latitude = models.DecimalField(_("capital latitude"), max_digits=7, decimal_places=4, null=True, blank=True)
    capital_longitude = models.DecimalField(
        _("capital longitude"), max_digits=7, decimal_places=4, null=True, blank=True
    )
    area_km2 = models.DecimalField(_("area (km²)"), max_digits=10, decimal_places=3, null=True, blank=True)
    valid_from = models.DateField(_("part of the province from"), null=True, blank=True)
    valid_until = models.DateField(
        _("part of the province until"), null=True, blank=True, help_text=_("The first day on which it no longer was.")
    )
    split_from = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="offspring", verbose_name=_("split from")
    )
    tile_row = models.PositiveSmallIntegerField(_("tile row"), null=True, blank=True)
    tile_column = models.PositiveSmallIntegerField(_("tile column"), null=True, blank=True)
    boundary = models.JSONField(
        _("boundary"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("GeoJSON MultiPolygon coordinates, WGS84; written by load_boundaries."),
    )
    note = models.TextField(_("note"), blank=True)

    objects = RegencyQuerySet.as_manager()
    # Outlines come from a file and are megabytes; the file is their history.
    history = HistoricalRecords(excluded_fields=["boundary"])

    class Meta:
        verbose_name = _("regency")
        verbose_name_plural = _("regencies")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_until=None) | Q(valid_until__gt=F("valid_from")),
                name="regency_ends_after_it_begins",
                violation_error_message=_("A regency must end after the day on which it begins."),
            ),
            models.UniqueConstraint(
                fields=["tile_row", "tile_column"],
                name="regency_tile_is_its_own",
                violation_error_message=_("Another regency already has this place on the tile map."),
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("regency", args=[self.slug])

    @property
    def full_name(self):
        """ "Kabupaten Kutai Barat", "Kota Bontang"."""
        return f"{self.get_kind_display()} {self.name}"

    def spellings(self):
        """Every folded spelling of this regency's name; its codes are no names."""
        before = ("", "kabupaten", "kab") if self.kind == self.Kind.KABUPATEN else ("", "kota", "kotamadya", "kodya")
        names = [self.name, *self.synonyms.splitlines()]
        return {fold(f"{word} {name}") for name in names if name.strip() for word in before}

    def was_part_on(self, date):
        return (self.valid_from is None or self.valid_from <= date) and (
            self.valid_until is None or self.valid_until > date
        )


class Territory(Versioned):
    """What a published number speaks of: one regency, a named sum of regencies, or the province's own section.

    `Kaltim-14` (until 2013-04-22), `Kaltim-10` (today's province), and `Kaltim` for sources of 2013
    that do not say which of the two they mean. A number without a territory is never stored.
    """

    # The named sums that pages speak of: today's province, and that of the founding figures.
    PROVINCE, FOUNDING = "Kaltim-10", "Kaltim-14"
    # UU 20/2012 and UU 2/2013: from this day on the province has ten regencies instead of fourteen.
    PROVINCE_SINCE = date(2013, 4, 22)
    # The cooperatives that the province itself is responsible for: no sum, and no regency either.
    OWN_SECTION = "provinsi"

    key = models.SlugField(_("key"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=100)
    regency = models.OneToOneField(
        Regency, models.PROTECT, null=True, blank=True, related_name="territory", verbose_name=_("regency")
    )
    regencies = models.ManyToManyField(
        Regency,
        blank=True,
        related_name="territories",
        verbose_name=_("regencies of the sum"),
        help_text=_("Empty where the source does not say which regencies it counted."),
    )
    note = models.TextField(_("note"), blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("territory")
        verbose_name_plural = _("territories")
        ordering = ["key"]

    def __str__(self):
        return self.name

    @classmethod
    def province_on(cls, day):
        """The key of the sum that was the whole province on a day."""
        return cls.PROVINCE if day >= cls.PROVINCE_SINCE else cls.FOUNDING

    @property
    def is_sum(self):
        """Whether it adds up several regencies; neither one regency nor the province's own section does."""
        return self.regency_id is None and self.key != self.OWN_SECTION

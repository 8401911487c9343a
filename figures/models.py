"""Published figures: what somebody said, when, of which territory, with its source. Conflicts live side by side."""

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from common.dates import format_date
from common.models import Versioned
from common.pages import page_at
from regions.models import Territory


class Precision(models.TextChoices):
    """How exactly a date is known."""

    DAY = "day", _("Day")
    MONTH = "month", _("Month")
    YEAR = "year", _("Year")


# With this begin the keys of the sources that approved reports are; nobody else gives one like it.
OF_REPORTS = "laporan-"

_check_url = URLValidator(schemes=["http", "https"])


def validate_link(value):
    """An address on the web, or a page of this portal: "/statistik/…"."""
    if value.startswith("/") and not value.startswith("//"):
        if page_at(value) is None:
            raise ValidationError(gettext("There is no such page in this portal."), code="invalid")
    else:
        _check_url(value)


class Indicator(Versioned):
    """A dictionary entry with the metadata that Satu Data asks for (Perpres 39/2019)."""

    class Measure(models.TextChoices):
        COUNT = "count", _("Count")
        SUM = "sum", _("Sum")

    class Direction(models.TextChoices):
        UP = "up", _("More is better")
        DOWN = "down", _("Less is better")

    code = models.SlugField(_("code"), max_length=50, unique=True)
    name = models.CharField(_("name"), max_length=120)
    unit = models.CharField(_("unit"), max_length=30)
    concept = models.CharField(_("concept"), max_length=120, blank=True)
    definition = models.TextField(_("definition"), blank=True)
    formula = models.TextField(_("formula"), blank=True)
    interpretation = models.TextField(_("interpretation"), blank=True)
    measure = models.CharField(_("measure"), max_length=5, choices=Measure.choices)
    direction = models.CharField(_("direction"), max_length=4, choices=Direction.choices, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        ordering = ["position", "name"]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("indicator", args=[self.code])


class Source(Versioned):
    """Where a figure stands: a press release, an article, a census."""

    key = models.SlugField(_("key"), max_length=120, unique=True)
    title = models.CharField(_("title"), max_length=200)
    publisher = models.CharField(_("publisher"), max_length=120)
    published_on = models.DateField(_("published on"), null=True, blank=True)
    date_precision = models.CharField(_("precision of the date"), max_length=5, choices=Precision.choices, blank=True)
    url = models.CharField(
        _("link"),
        max_length=500,
        blank=True,
        validators=[validate_link],
        help_text=_("Begins with https://; a page of this portal begins with a slash."),
    )
    is_of_report = models.BooleanField(
        _("an approved report"),
        default=False,
        editable=False,
        help_text=_("Set when a report is approved. Its figures change only when the report is reopened."),
    )
    is_demo = models.BooleanField(_("demo data"), default=False, editable=False)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering = [F("published_on").desc(nulls_last=True), "title"]

    def __str__(self):
        return f"{self.publisher}: {self.title}"


class FigureQuerySet(models.QuerySet):
    def official(self):
        """The one value that the office chose where several stand side by side."""
        return self.filter(is_official=True)

    def of_all(self):
        """Totals: those that speak of all cooperatives, not of one group."""
        return self.filter(group="")

    def latest(self):  # type: ignore[override]
        """Of each indicator, territory and group those of the newest date; within what this queryset holds."""
        newer = self.order_by().filter(
            indicator=OuterRef("indicator"),
            territory=OuterRef("territory"),
            group=OuterRef("group"),
            as_of__gt=OuterRef("as_of"),
        )
        return self.filter(~Exists(newer))

    def for_list(self):
        """What a row of a table shows, fetched at once."""
        return self.select_related("indicator", "territory__regency", "source").defer("territory__regency__boundary")


class Figure(Versioned):
    """One published value of one indicator, for one territory, as of one date, from one source."""

    class Quality(models.TextChoices):
        OFFICIAL = "official", _("Official")
        REPORTED = "reported", _("Reported")
        PROVISIONAL = "provisional", _("Provisional")
        CONFLICTING = "conflicting", _("Conflicting")
        CORRECTED = "corrected", _("Corrected")
        REVISED = "revised", _("Revised")

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="figures", verbose_name=_("indicator"))
    territory = models.ForeignKey(Territory, models.PROTECT, related_name="figures", verbose_name=_("territory"))
    group = models.CharField(
        _("group"), max_length=120, blank=True, help_text=_("As the source names it; empty for all cooperatives.")
    )
    period_start = models.DateField(
        _("period from"), null=True, blank=True, help_text=_("For flows such as “new cooperatives”.")
    )
    as_of = models.DateField(_("as of"))
    date_precision = models.CharField(
        _("precision of the date"), max_length=5, choices=Precision.choices, default=Precision.DAY
    )
    value = models.BigIntegerField(_("value"))
    source = models.ForeignKey(Source, models.PROTECT, related_name="figures", verbose_name=_("source"))
    quality = models.CharField(_("quality"), max_length=11, choices=Quality.choices, default=Quality.REPORTED)
    note = models.TextField(_("note"), blank=True)
    is_official = models.BooleanField(
        _("the office's figure"),
        default=False,
        help_text=_("Chosen by the office: at most one for each indicator, territory, group and date."),
    )
    is_demo = models.BooleanField(_("demo data"), default=False, editable=False)

    objects = FigureQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("figure")
        verbose_name_plural = _("figures")
        ordering = ["-as_of", "indicator", "pk"]
        permissions = [("mark_official", _("Can choose the office's figure"))]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "territory", "group", "as_of"],
                condition=Q(is_official=True),
                name="one_official_figure",
                violation_error_message=_(
                    "For this indicator, territory, group and date the office has chosen another figure."
                    " Unmark that one first."
                ),
            ),
            models.UniqueConstraint(
                fields=["indicator", "territory", "group", "as_of", "source"],
                name="a_source_says_it_once",
                violation_error_message=_("This source already gives a figure for that date."),
            ),
            models.CheckConstraint(
                condition=Q(period_start=None) | Q(period_start__lte=F("as_of")),
                name="period_begins_before_it_ends",
                violation_error_message=_("A period must begin before the date that it ends on."),
            ),
        ]
        indexes = [models.Index(fields=["indicator", "territory", "as_of"], name="figure_series")]

    def __str__(self):
        return f"{self.value}"

    @property
    def citation(self):
        """Date and publisher as they stand below a number. Reads the source."""
        return f"{format_date(self.as_of, self.date_precision)} · {self.source.publisher}"

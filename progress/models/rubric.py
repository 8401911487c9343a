"""By which rules progress is computed: rubrics with their days, criteria as rows, and what "performing well" means."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from common.models import Versioned


class Quantity(models.TextChoices):
    """What a criterion can count. Where each comes from stands in `progress/readings.py`."""

    COOPERATIVES = "cooperatives", _("cooperatives")
    ACTIVE = "active", _("active cooperatives")
    GOOD = "good", _("active cooperatives that perform well")
    RAT_HELD = "rat_held", _("cooperatives that held the RAT")
    AUDITED = "audited", _("audited cooperatives")
    MEMBERS = "members", pgettext_lazy("quantity", "members")
    LABOUR = "labour", _("people at work")


class Measure(models.TextChoices):
    LEVEL = "level", _("The number itself")
    SHARE = "share", _("Share in per cent")
    GROWTH = "growth", _("Growth in per cent")


class Direction(models.TextChoices):
    UP = "up", _("More is better")
    DOWN = "down", _("Less is better")


class Scoring(models.TextChoices):
    TREND = "trend", _("By its trend over the window")
    THRESHOLD = "threshold", _("By its target")


class Aspect(models.TextChoices):
    """The factors of the annex of 2009, and the gates that officials quoted."""

    GATE = "gate", _("Gate")
    INSTITUTION = "institution", _("Institutions")
    MEMBERSHIP = "membership", _("Membership")
    LABOUR = "labour", _("Labour")


class RubricQuerySet(models.QuerySet):
    def in_force(self, on):
        """Those valid on a day, the one that a page takes by itself first: the newest that has any criterion."""
        return (
            self.filter(Q(valid_until=None) | Q(valid_until__gt=on), valid_from__lte=on)
            .annotate(has_criteria=Exists(Criterion.objects.filter(rubric=OuterRef("pk"))))
            .order_by("-has_criteria", "-valid_from", "pk")
        )


class Rubric(Versioned):
    """One version of the rules by which a region is scored, for the days on which it holds.

    A new regulation is a new rubric; the one before keeps its days, so the scores of its years stay. The
    province passes where `needed_percent` of its regencies, rounded down, plus `needed_more` pass every gate:
    half plus one, as officials put it in 2012 (14 regencies: 8; 10: 6).
    """

    key = models.SlugField(_("key"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    legal_basis = models.CharField(_("legal basis"), max_length=300)
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(
        _("valid until"), null=True, blank=True, help_text=_("The first day on which it no longer held.")
    )
    needed_percent = models.PositiveSmallIntegerField(
        _("regencies that the province needs (%)"), default=50, validators=[MaxValueValidator(100)]
    )
    needed_more = models.PositiveSmallIntegerField(_("and how many more"), default=1, validators=[MaxValueValidator(9)])
    is_incomplete = models.BooleanField(
        _("incomplete"), default=False, help_text=_("Criteria or weights of the regulation are not known.")
    )
    note = models.TextField(_("note"), blank=True)

    objects = RubricQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("rubric")
        verbose_name_plural = _("rubrics")
        ordering = ["-valid_from", "key"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gt=F("valid_from")),
                name="rubric_ends_after_it_begins",
                violation_error_message=_("A rubric must end after the day on which it begins."),
            ),
            models.CheckConstraint(
                condition=Q(needed_percent__lte=100),
                name="needed_regencies_are_a_share",
                violation_error_message=_("Not more than all regencies can be needed."),
            ),
        ]

    def __str__(self):
        return self.name

    def needed_of(self, count):
        """How many of so many regencies have to pass for the province to pass."""
        return count * self.needed_percent // 100 + self.needed_more


class Criterion(Versioned):
    """One line of a rubric: what is measured, against what, and which scores that gives.

    Everything is chosen from lists; there is no language for formulas. Where the scoring goes by trend, the
    three scores are for rising, steady and falling; where it goes by a target, the first is for reached and the
    third for missed. `score_none` is for what is there and zero in every year; what is not known has no score.
    """

    rubric = models.ForeignKey(Rubric, models.PROTECT, related_name="criteria", verbose_name=_("rubric"))
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    key = models.SlugField(_("key"), max_length=40)
    name = models.CharField(_("name"), max_length=120)
    aspect = models.CharField(_("aspect"), max_length=12, choices=Aspect.choices)
    numerator = models.CharField(_("what is counted"), max_length=12, choices=Quantity.choices)
    denominator = models.CharField(
        _("of what"), max_length=12, choices=Quantity.choices, blank=True, help_text=_("Only for a share.")
    )
    measure = models.CharField(_("measure"), max_length=6, choices=Measure.choices)
    window = models.PositiveSmallIntegerField(
        _("years looked at"),
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(5)],
        help_text=_("Ends of years, the day asked for among them: three for a trend over three years."),
    )
    direction = models.CharField(_("direction"), max_length=4, choices=Direction.choices, default=Direction.UP)
    weight = models.DecimalField(
        _("weight"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("Empty: not known. Zero: does not count towards the score, as with a gate."),
    )
    threshold = models.DecimalField(_("target"), max_digits=12, decimal_places=2, null=True, blank=True)
    is_gate = models.BooleanField(
        _("a gate"), default=False, help_text=_("A regency passes only where it reaches the target of every gate.")
    )
    scoring = models.CharField(_("scoring"), max_length=9, choices=Scoring.choices)
    tolerance = models.DecimalField(
        _("counts as steady up to"),
        max_digits=5,
        decimal_places=2,
        default=0,
        validators=[MinValueValidator(0)],
        help_text=_("Change over the window: percentage points of a share, else per cent."),
    )
    score_best = models.PositiveSmallIntegerField(_("score: rising, or target reached"), default=100)
    score_middle = models.PositiveSmallIntegerField(_("score: steady"), default=75)
    score_worst = models.PositiveSmallIntegerField(_("score: falling, or target missed"), default=50)
    score_none = models.PositiveSmallIntegerField(_("score: none at all"), default=0)
    legal_basis = models.CharField(_("legal basis"), max_length=300, blank=True)
    is_incomplete = models.BooleanField(_("incomplete"), default=False, help_text=_("The weight is not known."))

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        ordering = ["rubric", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["rubric", "key"],
                name="criterion_stands_once_in_its_rubric",
                violation_error_message=_("This rubric already has a criterion with that key."),
            ),
            models.CheckConstraint(
                condition=Q(measure="share") & ~Q(denominator="") | ~Q(measure="share") & Q(denominator=""),
                name="a_share_is_of_something",
                violation_error_message=_("A share says of what; another measure does not."),
            ),
            models.CheckConstraint(
                condition=Q(is_gate=False) | Q(threshold__isnull=False),
                name="a_gate_has_a_target",
                violation_error_message=_("A gate needs a target."),
            ),
            models.CheckConstraint(
                condition=~Q(scoring="threshold") | Q(threshold__isnull=False),
                name="scoring_by_target_has_one",
                violation_error_message=_("Scoring by target needs a target."),
            ),
            models.CheckConstraint(
                condition=(~Q(scoring="trend") & ~Q(measure="growth")) | Q(window__gte=2),
                name="a_trend_needs_two_years",
                violation_error_message=_("A trend and a growth need at least two years."),
            ),
        ]

    def __str__(self):
        return self.name


class PerformanceRule(Versioned):
    """What "performing well" means from a day on: nobody has defined it (press, 2012-2013), so the office does.

    The grade counts the book years with a RAT among the last three whose deadline had passed: three make an
    A, two a B.
    """

    class LowestGrade(models.TextChoices):
        A = "A", _("grade A")
        B = "B", _("grade A or B")

    RATS = {LowestGrade.A: 3, LowestGrade.B: 2}

    valid_from = models.DateField(_("valid from"), unique=True)
    lowest_grade = models.CharField(_("performing well is"), max_length=1, choices=LowestGrade.choices)
    basis = models.CharField(_("basis"), max_length=200)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("definition of performing well")
        verbose_name_plural = _("definitions of performing well")
        ordering = ["-valid_from"]

    def __str__(self):
        return f"{self.valid_from}: {self.lowest_grade}"

    @property
    def rats(self):
        """How many of three book years need a RAT."""
        return self.RATS[self.LowestGrade(self.lowest_grade)]

"""The report form as data: versions, lines, and the rules that a filled-in form must keep."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Max, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from common.models import Versioned
from figures.models import Indicator


class Problem(Versioned):
    """Why cooperatives fail, for the narrative of a report; a vocabulary that staff keep.

    The first seven: the list of causes that the Ministry's registration asks for, and Kaltim's own of 2012.
    """

    name = models.CharField(_("name"), max_length=60, unique=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("problem")
        verbose_name_plural = _("problems")
        ordering = ["position", "name"]

    def __str__(self):
        return self.name


class ReportFormQuerySet(models.QuerySet):
    def on(self, date):
        """The versions that hold on a date, the newest first; the first of them is the one to use."""
        return self.filter(valid_from__lte=date).order_by("-valid_from", "-number")


class ReportForm(Versioned):
    """One version of the report form. Once a period uses it, its lines and rules stay as they are."""

    number = models.PositiveSmallIntegerField(_("version"), unique=True)
    title = models.CharField(_("title"), max_length=120)
    valid_from = models.DateField(
        _("valid from"), help_text=_("Periods that end on this day or later, and are opened after it was entered.")
    )
    yearly_month = models.PositiveSmallIntegerField(
        _("month of the yearly lines"),
        default=12,
        validators=[MinValueValidator(1), MaxValueValidator(12)],
        help_text=_("Lines that are asked once a year stand in the report of the period in which this month lies."),
    )
    due_days = models.PositiveSmallIntegerField(
        _("due after days"), default=10, help_text=_("Days after the end of the period; that day still counts.")
    )
    lock_days = models.PositiveSmallIntegerField(
        _("locked after days"), default=45, help_text=_("Days after the end of the period; that day still counts.")
    )
    jump_percent = models.PositiveSmallIntegerField(
        _("jump (per cent)"), default=50, help_text=_("A change by more than this wants an explanation.")
    )
    jump_deviations = models.PositiveSmallIntegerField(
        _("jump (deviations)"),
        default=3,
        help_text=_("So does a change further from the usual one than this many median absolute deviations."),
    )

    objects = ReportFormQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("report form")
        verbose_name_plural = _("report forms")
        ordering = ["-number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(lock_days__gte=models.F("due_days")),
                name="form_locks_after_it_is_due",
                violation_error_message=_("A report is locked on its due day or later, not before."),
            ),
        ]

    def __str__(self):
        return f"{self.title} (v{self.number})"

    @property
    def is_used(self):
        """Whether reports are asked by it: then it is never changed again."""
        return self.periods.exists()

    @transaction.atomic
    def next_version(self, *, valid_from, by):
        """A copy with the next number, to be changed until the first period uses it."""
        lines = list(self.lines.all())
        rules = list(self.rules.prefetch_related("terms"))
        number = (ReportForm.objects.aggregate(most=Max("number"))["most"] or 0) + 1
        copy = ReportForm.objects.get(pk=self.pk)
        copy.pk, copy.number, copy.version, copy.valid_from, copy._state.adding = None, number, 1, valid_from, True
        copy._history_user = by  # type: ignore[attr-defined]
        copy.save()
        new = {}
        for line in lines:
            old, line.pk, line.form, line._state.adding = line.pk, None, copy, True
            line.save()
            new[old] = line
        for rule in rules:
            terms = list(rule.terms.all())
            rule.pk, rule.form, rule.line, rule._state.adding = None, copy, new[rule.line_id], True
            rule.save()
            RuleTerm.objects.bulk_create(
                [RuleTerm(rule=rule, line=new[term.line_id], sign=term.sign, when=term.when) for term in terms]
            )
        return copy


class FormLine(models.Model):
    """One question of a form: the indicator that it asks for, how often, and what the register knows of it."""

    class Frequency(models.TextChoices):
        PERIOD = "period", _("every period")
        YEAR = "year", _("once a year")

    class Register(models.TextChoices):
        """What `reporting.prefill` computes for the end of a period."""

        TOTAL = "total", _("cooperatives that stand")
        ACTIVE = "active", _("active ones")
        INACTIVE = "inactive", _("inactive and frozen ones")
        NEW = "new", _("founded in the period")
        DISSOLVED = "dissolved", _("dissolved in the period")
        RAT_HELD = "rat_held", _("RAT held for the counting book year")
        AUDITED = "audited", _("audited for the counting book year")
        CERTIFIED = "certified", _("with a valid certificate")
        MEMBERS = "members", _("members")
        MEMBERS_MEN = "members_men", _("members, men")
        MEMBERS_WOMEN = "members_women", _("members, women")
        MANAGERS = "managers", _("managers")
        EMPLOYEES = "employees", _("employees")
        OWN_CAPITAL = "own_capital", _("own capital")
        OUTSIDE_CAPITAL = "outside_capital", _("outside capital")
        ASSETS = "assets", _("assets")
        TURNOVER = "turnover", _("turnover")
        SHU = "shu", _("SHU")

    form = models.ForeignKey(ReportForm, models.PROTECT, related_name="lines", verbose_name=_("report form"))
    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="+", verbose_name=_("indicator"))
    position = models.PositiveSmallIntegerField(_("position"))
    section = models.CharField(_("section"), max_length=60)
    help = models.CharField(_("help"), max_length=300, blank=True)
    frequency = models.CharField(_("frequency"), max_length=6, choices=Frequency.choices, default=Frequency.PERIOD)
    is_required = models.BooleanField(_("required"), default=True)
    can_be_negative = models.BooleanField(_("may be below zero"), default=False)
    register_key = models.CharField(_("known to the register as"), max_length=20, choices=Register.choices, blank=True)

    class Meta:
        verbose_name = _("line of the form")
        verbose_name_plural = _("lines of the form")
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["form", "indicator"],
                name="form_asks_an_indicator_once",
                violation_error_message=_("This form asks for this indicator already."),
            ),
        ]

    def __str__(self):
        return f"{self.position}"

    @property
    def code(self):
        """The name of its field, and of its column in files. Reads the indicator."""
        return self.indicator.code

    @property
    def is_money(self):
        return self.indicator.unit == "rupiah"


class FormRule(models.Model):
    """What must be true between lines: signed terms, added up and compared with 0.

    A term whose value is missing (blank, not available, not asked) leaves the rule without an answer.
    """

    class Comparison(models.TextChoices):
        EQUAL = "eq", _("equals 0")
        AT_MOST = "le", _("is at most 0")
        AT_LEAST = "ge", _("is at least 0")

    class Severity(models.TextChoices):
        ERROR = "error", _("error: blocks the report")
        WARNING = "warning", _("warning: wants an explanation")

    form = models.ForeignKey(ReportForm, models.PROTECT, related_name="rules", verbose_name=_("report form"))
    line = models.ForeignKey(FormLine, models.PROTECT, related_name="+", verbose_name=_("stands at line"))
    comparison = models.CharField(_("the sum"), max_length=2, choices=Comparison.choices)
    severity = models.CharField(_("severity"), max_length=7, choices=Severity.choices)
    message = models.CharField(_("message"), max_length=200)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("rule of the form")
        verbose_name_plural = _("rules of the form")
        ordering = ["position", "pk"]

    def __str__(self):
        return self.message

    def holds(self, total):
        """Whether a sum of the terms satisfies the comparison."""
        return {
            self.Comparison.EQUAL: total == 0,
            self.Comparison.AT_MOST: total <= 0,
            self.Comparison.AT_LEAST: total >= 0,
        }[self.Comparison(self.comparison)]


class RuleTerm(models.Model):
    """One term of a rule: a line of this period or of the one before, added or taken away."""

    class Sign(models.IntegerChoices):
        PLUS = 1, "+"
        MINUS = -1, "−"

    class When(models.TextChoices):
        THIS = "this", _("this period")
        BEFORE = "before", _("the period before")

    rule = models.ForeignKey(FormRule, models.CASCADE, related_name="terms", verbose_name=_("rule"))
    line = models.ForeignKey(FormLine, models.PROTECT, related_name="+", verbose_name=_("line"))
    sign = models.SmallIntegerField(_("sign"), choices=Sign.choices, default=Sign.PLUS)
    when = models.CharField(_("of"), max_length=6, choices=When.choices, default=When.THIS)

    class Meta:
        verbose_name = _("term of a rule")
        verbose_name_plural = _("terms of a rule")
        ordering = ["-sign", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(sign__in=[1, -1]), name="term_is_added_or_taken_away"),
        ]

    def __str__(self):
        return self.get_sign_display()

"""The steps of a report from state to state, what reviewers remark, and exceptions from the lock. Only ever added."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.text import validate_clean
from reporting.models.form import FormLine


class Status(models.TextChoices):
    DRAFT = "draft", _("Draft")
    SUBMITTED = "submitted", _("Submitted")
    RETURNED = "returned", _("Returned")
    APPROVED = "approved", _("Approved")
    REOPENED = "reopened", _("Reopened")


class ReportStep(models.Model):
    """One change of state. Only ever added; a submission carries its number and all it said, with its fingerprint."""

    report = models.ForeignKey(
        "reporting.RegencyReport", models.PROTECT, related_name="steps", verbose_name=_("report")
    )
    was = models.CharField(_("from"), max_length=9, choices=Status.choices)
    to = models.CharField(_("to"), max_length=9, choices=Status.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    made_at = models.DateTimeField(_("made at"), default=timezone.now)
    note = models.TextField(_("note"), blank=True, validators=[validate_clean])
    number = models.SlugField(_("number of the receipt"), max_length=90, null=True, unique=True)
    content = models.JSONField(_("what was submitted"), null=True)
    sha256 = models.CharField(_("fingerprint (SHA-256)"), max_length=64, blank=True)

    class Meta:
        verbose_name = _("step of a report")
        verbose_name_plural = _("steps of reports")
        ordering = ["made_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(to=Status.SUBMITTED, number__isnull=False, content__isnull=False)
                | (~Q(to=Status.SUBMITTED) & Q(number=None, content=None)),
                name="a_submission_has_number_and_content",
            ),
            models.CheckConstraint(
                condition=~Q(to__in=[Status.RETURNED, Status.REOPENED]) | ~Q(note=""),
                name="sending_back_says_why",
                violation_error_message=_("Say why, in a few words."),
            ),
        ]

    def __str__(self):
        return f"{self.was} → {self.to}"


class StepRemark(models.Model):
    """What a reviewer says of one line when a report is returned."""

    step = models.ForeignKey(ReportStep, models.CASCADE, related_name="remarks", verbose_name=_("step"))
    line = models.ForeignKey(FormLine, models.PROTECT, related_name="+", verbose_name=_("line"))
    text = models.CharField(_("remark"), max_length=500, validators=[validate_clean])

    class Meta:
        verbose_name = _("remark")
        verbose_name_plural = _("remarks")
        ordering = ["line__position"]
        constraints = [models.UniqueConstraint(fields=["step", "line"], name="one_remark_a_line")]

    def __str__(self):
        return self.text


class Extension(models.Model):
    """An exception from the lock for one report: why, and until which day (inclusive, WITA). Only ever added."""

    report = models.ForeignKey(
        "reporting.RegencyReport", models.PROTECT, related_name="extensions", verbose_name=_("report")
    )
    until_on = models.DateField(_("until"))
    reason = models.CharField(_("reason"), max_length=300, validators=[validate_clean])
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    made_at = models.DateTimeField(_("made at"), default=timezone.now)

    class Meta:
        verbose_name = _("extension")
        verbose_name_plural = _("extensions")
        ordering = ["-made_at"]

    def __str__(self):
        return f"{self.until_on}"

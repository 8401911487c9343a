"""What a report says: the draft as it was typed, save by save, and the values as they were submitted."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.text import validate_clean
from reporting.models.form import FormLine


class DraftSave(models.Model):
    """The form as it was typed at one version: what two people's drafts are compared through. Only ever added."""

    report = models.ForeignKey(
        "reporting.RegencyReport", models.CASCADE, related_name="saves", verbose_name=_("report")
    )
    version = models.PositiveIntegerField(_("version"))
    typed = models.JSONField(_("as typed"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    made_at = models.DateTimeField(_("made at"), default=timezone.now)
    # The opened page that it came from, and which of its copies ("page.number"); nothing where no page said so.
    page = models.CharField(_("opened page"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("saved draft")
        verbose_name_plural = _("saved drafts")
        ordering = ["version"]
        constraints = [models.UniqueConstraint(fields=["report", "version"], name="a_draft_is_saved_once_a_version")]

    def __str__(self):
        return f"{self.report_id} v{self.version}"


class ReportValue(models.Model):
    """What a submitted report says in one line: a number, "not available" with a reason, or nothing: three things."""

    report = models.ForeignKey(
        "reporting.RegencyReport", models.CASCADE, related_name="values", verbose_name=_("report")
    )
    line = models.ForeignKey(FormLine, models.PROTECT, related_name="+", verbose_name=_("line"))
    value = models.BigIntegerField(_("value"), null=True)
    register_value = models.BigIntegerField(
        _("the register's value"), null=True, help_text=_("As computed for the end of the period on submission.")
    )
    is_unavailable = models.BooleanField(_("not available"), default=False)
    explanation = models.TextField(_("explanation"), blank=True, validators=[validate_clean])

    class Meta:
        verbose_name = _("value of a report")
        verbose_name_plural = _("values of reports")
        ordering = ["line__position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["report", "line"], name="a_report_says_a_line_once"),
            models.CheckConstraint(
                condition=Q(is_unavailable=False) | (Q(value=None) & ~Q(explanation="")),
                name="not_available_has_a_reason_and_no_value",
            ),
        ]

    def __str__(self):
        return f"{self.value}"

"""The steps of a package and its amounts. Only ever added; a correction is a new row."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assistance.models.document import Document
from assistance.models.package import Package
from assistance.models.programme import MOST
from assistance.stages import Stage
from common.text import validate_clean


class PackageStep(models.Model):
    """One change of stage, with its document, its day and its person; or a skipped stage made up for later.

    `skipped` are the stages left out, `reason` why; `earlier_reason` why aid is given again where there was some
    before. Day and document may be missing only in historical data.
    """

    package = models.ForeignKey(Package, models.PROTECT, related_name="steps", verbose_name=_("aid package"))
    was = models.CharField(_("from"), max_length=12, choices=Stage.choices, blank=True)
    to = models.CharField(_("to"), max_length=12, choices=Stage.choices)
    dated_on = models.DateField(_("date"), null=True)
    document = models.ForeignKey(Document, models.PROTECT, null=True, related_name="steps", verbose_name=_("document"))
    skipped = models.JSONField(_("skipped stages"), default=list)
    reason = models.TextField(_("reason"), blank=True, validators=[validate_clean])
    earlier_reason = models.TextField(_("reason for repeated aid"), blank=True, validators=[validate_clean])
    is_made_up = models.BooleanField(_("made up for later"), default=False)
    is_historical = models.BooleanField(_("historical data"), default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"), null=True)
    made_at = models.DateTimeField(_("made at"), default=timezone.now)

    class Meta:
        verbose_name = _("step of an aid package")
        verbose_name_plural = _("steps of aid packages")
        ordering = ["made_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(to__in=Stage.values), name="aid_step_leads_to_a_known_stage"),
            models.CheckConstraint(
                condition=Q(is_historical=True) | Q(document__isnull=False, dated_on__isnull=False),
                name="aid_step_has_document_and_date",
                violation_error_message=_("No step without its document and date."),
            ),
            models.CheckConstraint(
                condition=Q(is_historical=True) | ~Q(to__in=["refused", "cancelled", "withdrawn"]) | ~Q(reason=""),
                name="aid_that_leaves_the_way_says_why",
                violation_error_message=_("Say why, in a few words."),
            ),
        ]

    def __str__(self):
        return f"{self.was} → {self.to}"

    @property
    def skipped_labels(self):
        return ", ".join(str(Stage(one).label) for one in self.skipped)


class AmountRow(models.Model):
    """What one value of a package is said to be, in whole rupiah: the newest row holds, older ones stay."""

    class What(models.TextChoices):
        PLANNED = "planned", _("Planned value")
        CONTRACTED = "contracted", _("Contracted value")
        REALISED = "realised", _("Realised value")

    package = models.ForeignKey(Package, models.PROTECT, related_name="amounts", verbose_name=_("aid package"))
    what = models.CharField(_("value"), max_length=10, choices=What.choices)
    was = models.BigIntegerField(_("before"), null=True)
    amount = models.BigIntegerField(_("amount"), validators=[MinValueValidator(0), MaxValueValidator(MOST)])
    reason = models.CharField(_("reason"), max_length=300, blank=True, validators=[validate_clean])
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    made_at = models.DateTimeField(_("made at"), default=timezone.now)

    class Meta:
        verbose_name = _("value of an aid package")
        verbose_name_plural = _("values of aid packages")
        ordering = ["made_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gte=0, amount__lte=MOST),
                name="aid_amount_is_whole_rupiah_within_reason",
                violation_error_message=_("An amount lies between 0 and Rp 1.000.000.000.000.000."),
            ),
            models.CheckConstraint(
                condition=Q(was=None) | ~Q(reason=""),
                name="aid_amount_corrected_says_why",
                violation_error_message=_("A correction needs a reason."),
            ),
        ]

    def __str__(self):
        return f"{self.what} {self.amount}"

"""Findings of inspections, and whether they were settled in time."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assistance.models.document import Document
from assistance.models.package import Package
from common.dates import today
from common.models import StepRefused
from common.text import validate_clean


class FindingQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(package__in=Package.objects.visible_to(user))

    def open(self):
        return self.filter(settled_on=None)

    def overdue(self, on=None):
        return self.open().filter(due_on__lt=on or today())


class Finding(models.Model):
    """One finding on a package: what, by which report, until when (`DeadlineRule`), and how it was settled."""

    package = models.ForeignKey(Package, models.PROTECT, related_name="findings", verbose_name=_("aid package"))
    document = models.ForeignKey(Document, models.PROTECT, related_name="findings", verbose_name=_("inspection report"))
    text = models.TextField(_("finding"), validators=[validate_clean])
    due_on = models.DateField(_("to be settled until"))
    settled_on = models.DateField(_("settled on"), null=True)
    settlement = models.TextField(_("how it was settled"), blank=True, validators=[validate_clean])
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("settled by")
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("entered by"))
    entered_at = models.DateTimeField(_("entered at"), default=timezone.now)

    objects = FindingQuerySet.as_manager()

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        ordering = ["due_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(settled_on=None) | (~Q(settlement="") & Q(settled_by__isnull=False)),
                name="finding_settled_says_how",
                violation_error_message=_("Say how it was settled."),
            ),
        ]
        indexes = [models.Index(fields=["due_on"], name="finding_open", condition=Q(settled_on=None))]

    def __str__(self):
        return self.text[:60]

    @transaction.atomic
    def settle(self, *, on, settlement, by):
        """Say how and when it was settled; raises StepRefused for a repeat or without words."""
        if not settlement.strip():
            raise StepRefused(gettext("Say how it was settled."))
        if on > today() or on < self.document.dated_on:
            raise StepRefused(gettext("The day lies between the inspection report and today."))
        # bare update: the row tells itself who, when and how.
        if not Finding.objects.filter(pk=self.pk, settled_on=None).update(
            settled_on=on, settlement=settlement, settled_by=by
        ):
            raise StepRefused(gettext("This finding was settled already."))

"""Files that go with a report: private, seen by whoever may see the report."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from files.models import GuardedFile
from reporting.models.report import RegencyReport


class AttachmentQuerySet(models.QuerySet):
    def current(self):
        """Those that were not taken away again."""
        return self.filter(removed_at=None).select_related("file")


class Attachment(models.Model):
    """One file of one report. Taken away it is only marked: a submission may have named it."""

    MOST = 10

    report = models.ForeignKey(RegencyReport, models.PROTECT, related_name="attachments", verbose_name=_("report"))
    file = models.OneToOneField(GuardedFile, models.PROTECT, related_name="+", verbose_name=_("file"))
    removed_at = models.DateTimeField(_("removed at"), null=True, editable=False)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("removed by")
    )

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(removed_at=None, removed_by=None) | Q(removed_at__isnull=False, removed_by__isnull=False),
                name="removed_attachment_has_its_person",
            ),
        ]

    def __str__(self):
        return f"{self.report_id}: {self.file_id}"

    def remove(self, *, by):
        """Take it away from the report; a repeat changes nothing."""
        # bare update: the row tells itself who and when.
        Attachment.objects.filter(pk=self.pk, removed_at=None).update(removed_at=timezone.now(), removed_by=by)

"""What is kept of a meeting: its agenda, who was there, its documents. All of it is private unless it is published."""

from django.conf import settings
from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from simple_history.models import HistoricalRecords

from common.text import validate_clean, validate_public
from files.models import GuardedFile
from meetings.models.meeting import Meeting


class AgendaItem(models.Model):
    """One item of the agenda, in its place."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="agenda", verbose_name=_("meeting"))
    position = models.PositiveSmallIntegerField(_("position"))
    text = models.CharField(_("agenda item"), max_length=300, validators=[validate_clean])

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("agenda item")
        verbose_name_plural = _("agenda items")
        ordering = ["position", "pk"]

    def __str__(self):
        return f"{self.position}. {self.text}"


class Attendance(models.Model):
    """One institution that attended, how many came, and their names: who may read those is a permission of its own."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="attendance", verbose_name=_("meeting"))
    institution = models.CharField(_("institution"), max_length=160, validators=[validate_clean])
    count = models.PositiveSmallIntegerField(
        _("people"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(2000)]
    )
    names = models.TextField(
        _("names"), blank=True, validators=[MaxLengthValidator(10_000)], help_text=_("One a line. They stay private.")
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendances")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["meeting", "institution"],
                name="meeting_lists_an_institution_once",
                violation_error_message=_("This institution stands in the list already."),
            )
        ]

    def __str__(self):
        return self.institution


class MeetingDocument(models.Model):
    """A document of a meeting: private, until somebody publishes it. Sheets with signatures can never be."""

    class Kind(models.TextChoices):
        INVITATION = "invitation", _("Invitation")
        MATERIAL = "material", pgettext_lazy("meeting", "Presentation or material")
        MINUTES = "minutes", _("Signed minutes")
        RESULT = "result", _("Resolution of the meeting")
        ATTENDANCE = "attendance", _("Signed attendance sheet")
        OTHER = "other", _("Other document")

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="documents", verbose_name=_("meeting"))
    kind = models.CharField(_("kind of document"), max_length=10, choices=Kind.choices)
    title = models.CharField(_("title"), max_length=160, validators=[validate_clean, validate_public])
    file = models.ForeignKey(GuardedFile, models.PROTECT, related_name="+", verbose_name=_("file"))
    published_at = models.DateTimeField(_("published at"), null=True, editable=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    made_at = models.DateTimeField(_("made at"), default=timezone.now)

    history = HistoricalRecords()

    # Of whom something is known by such a paper, nobody outside may read.
    NEVER_PUBLIC = (Kind.ATTENDANCE, Kind.MINUTES)

    class Meta:
        verbose_name = _("document of a meeting")
        verbose_name_plural = _("documents of meetings")
        ordering = ["made_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(published_at=None) | ~Q(kind__in=["attendance", "minutes"]),
                name="meeting_signatures_are_never_published",
                violation_error_message=_("Minutes and sheets with signatures stay private."),
            )
        ]

    def __str__(self):
        return self.title

    @property
    def may_be_public(self):
        return self.kind not in self.NEVER_PUBLIC

"""The files that people attach to records: what is known of each, and the one way to its bytes."""

import hashlib
import logging
from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from files.names import LONGEST

logger = logging.getLogger(__name__)

FOLDER = "files"


class StoredFileDamaged(Exception):
    """What lies on the disk is not what was received: missing, cut or changed. Never handed out; an operator's case."""


class GuardedFile(models.Model):
    """A file that was checked when it came in (files.receiving) and is handed out as it was then (files.serving).

    A row is written once and never changed, so it has no version and no history; another file is another row. Who may
    see a file is decided by the record that points at it: look it up there, through that record's `visible_to`.
    """

    class Kind(models.TextChoices):
        PDF = "pdf", "PDF"
        JPG = "jpg", "JPG"
        PNG = "png", "PNG"
        XLSX = "xlsx", "XLSX"

    # As the person called it, cleaned; nothing on the disk is called so.
    name = models.CharField(_("file name"), max_length=LONGEST, editable=False)
    kind = models.CharField(_("kind of document"), max_length=4, choices=Kind.choices, editable=False)
    # Of what is kept, which for a picture is not what was sent.
    size = models.PositiveIntegerField(_("size in bytes"), editable=False)
    sha256 = models.CharField(_("fingerprint (SHA-256)"), max_length=64, editable=False)
    # Of what was sent: the same photograph is known again by it, though it is written anew. Blank for older files.
    source_sha256 = models.CharField(
        _("fingerprint of what was sent (SHA-256)"),
        max_length=64,
        blank=True,
        default="",
        db_index=True,
        editable=False,
    )
    # By the clock of the camera, where a picture said so before it was written anew.
    taken_at = models.DateTimeField(_("taken at"), null=True, editable=False)
    path = models.CharField(_("place of storage"), max_length=32, unique=True, editable=False)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False, verbose_name=_("uploaded by")
    )
    received_at = models.DateTimeField(_("uploaded at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("attached file")
        verbose_name_plural = _("attached files")
        ordering = ["-received_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(size__gt=0),
                name="file_is_not_empty",
                violation_error_message=_("The file is empty."),
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["jpg", "pdf", "png", "xlsx"]),
                name="file_is_of_a_known_kind",
                violation_error_message=_("Files of this kind are not taken."),
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def place(self):
        """Where the bytes lie: in the private folder, which no web server serves."""
        return folder() / self.path

    def erase(self):
        """Remove the row and its bytes: for invented data alone, once nothing points at it."""
        self.delete()
        self.place.unlink(missing_ok=True)

    def open(self):
        """The bytes, as a file at its beginning, once all of them have the fingerprint that was recorded.

        Raises StoredFileDamaged. The file that was compared is the very one that is given, whatever happens to its
        name meanwhile.
        """
        try:
            file = self.place.open("rb")
        except OSError as error:
            raise self._damaged() from error
        if hashlib.file_digest(file, "sha256").hexdigest() != self.sha256:
            file.close()
            raise self._damaged()
        file.seek(0)
        return file

    def _damaged(self):
        logger.error("The stored bytes of file %s are missing or changed.", self.pk)
        return StoredFileDamaged(f"file {self.pk}")


def folder():
    """The private folder of all guarded files."""
    return Path(settings.MEDIA_ROOT) / FOLDER

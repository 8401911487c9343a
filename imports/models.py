"""An imported file and its rows: what it says, what it would change, what it changed, and what was taken back."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.models import ChangedMeanwhile, Versioned
from common.refusal import Refused
from imports.importer import importer_of
from regions.models import Regency


class ImportRefused(Refused):
    """A step of an import that is not possible now. `str()` is the sentence for the person who tried."""


class ImportBatchQuerySet(models.QuerySet):
    def visible_to(self, user):
        """An officer sees the files of the own regency, the office all."""
        if user.regency_id:
            return self.filter(regency=user.regency_id)
        return self

    def of_same_file(self, batch):
        """Other imports of the same kind that the very same bytes were applied by."""
        return self.filter(kind=batch.kind, sha256=batch.sha256, state=ImportBatch.State.APPLIED).exclude(pk=batch.pk)


class ImportBatch(Versioned):
    """One uploaded file on its way into one kind of record.

    Long work runs outside the request; only its result is a change of state, written in the transaction of the work.
    """

    class State(models.TextChoices):
        RECEIVED = "received", _("Uploaded, not read yet")
        UNREADABLE = "unreadable", _("Not readable")
        READ = "read", _("Columns to be matched")
        CHECKED = "checked", _("Checked, nothing written yet")
        APPLIED = "applied", _("Applied")
        UNDONE = "undone", _("Taken back")

    NEXT = {
        State.RECEIVED: {State.READ, State.UNREADABLE},
        State.UNREADABLE: set(),
        State.READ: {State.READ, State.CHECKED},
        State.CHECKED: {State.READ, State.CHECKED, State.APPLIED},
        State.APPLIED: {State.UNDONE},
        State.UNDONE: set(),
    }

    kind = models.CharField(_("kind of file"), max_length=30)
    name = models.CharField(_("file name"), max_length=150)
    folder = models.CharField(_("folder"), max_length=60, editable=False)
    sha256 = models.CharField(_("fingerprint (SHA-256)"), max_length=64)
    size = models.BigIntegerField(_("size in bytes"))
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.RECEIVED)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("uploaded by"))
    regency = models.ForeignKey(Regency, models.PROTECT, null=True, blank=True, verbose_name=_("regency"))
    created_at = models.DateTimeField(_("uploaded at"), default=timezone.now)
    # What went wrong in the last piece of long work, in words; empty when nothing did.
    failure = models.TextField(_("failure"), blank=True)

    sheet = models.PositiveSmallIntegerField(_("sheet"), null=True, blank=True)
    head_from = models.PositiveIntegerField(_("first row of the heading"), null=True, blank=True)
    head_rows = models.PositiveSmallIntegerField(_("rows of the heading"), default=1)
    headings = models.JSONField(_("headings"), default=list)
    # For each column of the sheet the field that it fills, "-" where it is left out on purpose, "" while undecided.
    columns = models.JSONField(_("columns"), default=list)
    # Fields that have one value for the whole file, as typed.
    constants = models.JSONField(_("values for the whole file"), default=dict)
    summary = models.JSONField(_("result of the check"), default=dict)
    # Rows of which check are the ones that count: a check that was overtaken leaves its rows behind for the next.
    run = models.PositiveIntegerField(_("check"), default=0)

    checked_at = models.DateTimeField(_("checked at"), null=True, blank=True)
    only_good = models.BooleanField(_("only the good rows"), default=False)
    applied_at = models.DateTimeField(_("applied at"), null=True, blank=True)
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("applied by")
    )
    lock_ms = models.PositiveIntegerField(_("writers waited at most, ms"), null=True, blank=True)
    undone_at = models.DateTimeField(_("taken back at"), null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("taken back by"),
    )
    undo_reason = models.CharField(_("reason for taking back"), max_length=300, blank=True)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="import_list"),
            models.Index(fields=["sha256"], name="import_file"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="undone") | ~Q(undo_reason=""),
                name="undo_says_why",
                violation_error_message=_("Taking an import back needs a reason."),
            )
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("import_batch", args=[self.pk])

    @property
    def importer(self):
        """The importer class of the batch's kind."""
        return importer_of(self.kind)

    @property
    def path(self):
        """Where the uploaded file and what was read of it lie."""
        return settings.MEDIA_ROOT / "imports" / self.folder

    @property
    def reason(self):
        """What stands in the history of every record that the batch changed."""
        return (gettext("Import %(number)s: %(name)s") % {"number": self.pk, "name": self.name})[:100]

    def is_worked_on_by(self, user):
        """Whether this person may go on with the file: who is not bound to its regency would judge it by other rights.

        The office sees what officers import and leaves it to them; what it wants itself it uploads itself.
        """
        return self.regency_id == user.regency_id

    @property
    def checked_rows(self):
        """The rows of the check that counts."""
        return self.rows.filter(run=self.run)

    def may_become(self, state):
        return state in self.NEXT[self.State(self.state)]

    def step(self, state, **values):
        """Become `state` and take these values, in one conditional update; raises ImportRefused, ChangedMeanwhile.

        Call it first in the transaction of the work that it stands for: the row is then locked, on SQLite too.
        """
        if not self.may_become(state):
            raise ImportRefused(
                _("This import is “%(now)s”; that step is not possible any more."), now=self.get_state_display()
            )
        with transaction.atomic():
            # bare update: a batch keeps its own dates and persons; the records that it fills have their history.
            moved = ImportBatch.objects.filter(pk=self.pk, version=self.version, state=self.state).update(
                state=state, version=F("version") + 1, **values
            )
            if not moved:
                raise ChangedMeanwhile(ImportBatch.objects.get(pk=self.pk))
        self.refresh_from_db()


class ImportRow(models.Model):
    """One record of one row of the file: what the check found, and what became of it.

    `before` and `after` hold only the fields that change. `found` is the key of the record that the row is about,
    `seen` its version at the check, `made` its version after the import: with it an undo knows whether somebody
    has edited the record since.
    """

    class Action(models.TextChoices):
        NEW = "new", _("New")
        CHANGED = "changed", _("Changed")
        UNCHANGED = "unchanged", _("Unchanged")
        REFUSED = "refused", _("Refused")

    class Fate(models.TextChoices):
        WAITING = "", _("not written")
        WRITTEN = "written", _("written")
        LEFT = "left", _("left: changed since the check")
        RESTORED = "restored", _("taken back")
        DELETED = "deleted", _("taken back: deleted")
        VOIDED = "voided", _("taken back: voided")
        KEPT = "kept", _("not taken back: edited since")

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rows", verbose_name=_("import"))
    run = models.PositiveIntegerField(_("check"), default=0)
    number = models.PositiveIntegerField(_("row of the file"))
    part = models.CharField(_("part"), max_length=30, blank=True)
    action = models.CharField(_("action"), max_length=9, choices=Action.choices)
    title = models.CharField(_("title"), max_length=200, blank=True)
    found = models.BigIntegerField(_("record"), null=True, blank=True)
    seen = models.BigIntegerField(_("version seen"), null=True, blank=True)
    made = models.BigIntegerField(_("version made"), null=True, blank=True)
    before = models.JSONField(_("before"), default=dict)
    after = models.JSONField(_("after"), default=dict)
    parts = models.JSONField(_("found on the way"), default=dict)
    problems = models.JSONField(_("problems"), default=list)
    doubles = models.JSONField(_("possible doubles"), default=list)
    fate = models.CharField(_("what became of it"), max_length=8, choices=Fate.choices, blank=True)

    class Meta:
        verbose_name = _("row of an import")
        verbose_name_plural = _("rows of imports")
        ordering = ["number", "part"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "run", "number", "part"], name="import_row_stands_once"),
        ]
        indexes = [
            models.Index(fields=["batch", "run", "action", "number", "part"], name="import_row_by_action"),
            models.Index(fields=["batch", "run", "fate", "number", "part"], name="import_row_by_fate"),
            models.Index(fields=["batch", "run", "found"], name="import_row_by_record"),
        ]

    def __str__(self):
        return f"{self.number} {self.title}"


class RememberedColumn(models.Model):
    """Which field a heading filled last time in this kind of file; a dash where it was left out on purpose."""

    kind = models.CharField(_("kind of file"), max_length=30)
    heading = models.CharField(_("heading"), max_length=200)
    field = models.CharField(_("field"), max_length=60)

    class Meta:
        verbose_name = _("remembered column")
        verbose_name_plural = _("remembered columns")
        constraints = [models.UniqueConstraint(fields=["kind", "heading"], name="heading_is_remembered_once")]

    def __str__(self):
        return f"{self.heading} → {self.field}"

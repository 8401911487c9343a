"""A year's scorecard as it was known when it was taken, signed by a second person."""

import hashlib
import json
from functools import cached_property

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.models import ChangedMeanwhile, DataVersion, StepRefused, Versioned


def canonical(content):
    """The one way in which a scorecard is written: sorted keys, no spaces, UTF-8 as it is."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


class SnapshotQuerySet(models.QuerySet):
    def published(self):
        return self.filter(state=Snapshot.State.SIGNED)

    def for_list(self):
        return self.select_related("rubric", "taken_by", "signed_by").defer("content")


class Snapshot(Versioned):
    """Values, rubric and sources of one day's scorecard, frozen as canonical JSON with its SHA-256.

    Never edited: whoever takes it does not sign it, and what is wrong is taken anew. It is shown from its own
    content, so nothing that changes later moves it.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits for the signature")
        SIGNED = "signed", _("Signed and published")
        REFUSED = "refused", _("Not signed")

    NEXT = {State.WAITING: {State.SIGNED, State.REFUSED}, State.SIGNED: set(), State.REFUSED: set()}

    as_of = models.DateField(_("as of"))
    rubric = models.ForeignKey("progress.Rubric", models.PROTECT, related_name="snapshots", verbose_name=_("rubric"))
    content = models.TextField(_("content"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    note = models.CharField(_("note"), max_length=300, blank=True)
    state = models.CharField(_("state"), max_length=7, choices=State.choices, default=State.WAITING)
    taken_at = models.DateTimeField(_("taken at"), default=timezone.now)
    taken_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("taken by"))
    signed_at = models.DateTimeField(_("decided at"), null=True)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    is_demo = models.BooleanField(_("demo data"), default=False)

    objects = SnapshotQuerySet.as_manager()

    class Meta:
        verbose_name = _("snapshot")
        verbose_name_plural = _("snapshots")
        ordering = ["-as_of", "-pk"]
        permissions = [("take_snapshot", _("Can take a snapshot")), ("sign_snapshot", _("Can sign a snapshot"))]
        indexes = [models.Index(fields=["state", "-as_of"], name="snapshot_published")]
        constraints = [
            models.UniqueConstraint(
                fields=["as_of"],
                condition=Q(state="waiting"),
                name="one_snapshot_of_a_day_waits",
                violation_error_message=_("A snapshot of that day already waits for its signature."),
            ),
            models.CheckConstraint(
                condition=Q(signed_by=None) | ~Q(signed_by=F("taken_by")),
                name="a_second_person_signs",
                violation_error_message=_("Whoever took the snapshot does not sign it."),
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", signed_by__isnull=True, signed_at__isnull=True)
                | (~Q(state="waiting") & Q(signed_by__isnull=False, signed_at__isnull=False)),
                name="a_decision_has_its_person_and_moment",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(reason=""),
                name="a_refused_snapshot_says_why",
                violation_error_message=_("Say why it is not signed."),
            ),
        ]

    def __str__(self):
        return f"{self.as_of} #{self.pk}"

    def get_absolute_url(self):
        return reverse("snapshot", args=[self.pk])

    @classmethod
    def take(cls, sheet, *, rubric, on, by, note=""):
        """Freeze a sheet of the scorecard; it waits for a second person's signature."""
        content = canonical(sheet)
        return cls.objects.create(
            as_of=on,
            rubric=rubric,
            content=content,
            sha256=hashlib.sha256(content.encode()).hexdigest(),
            note=note,
            taken_by=by,
            is_demo=DataVersion.demo_is_in(),
        )

    @cached_property
    def sheet(self):
        """The scorecard as it was frozen."""
        return json.loads(self.content)

    @property
    def is_intact(self):
        """Whether the content still has the hash that it was given."""
        return hashlib.sha256(self.content.encode()).hexdigest() == self.sha256

    @transaction.atomic
    def sign(self, *, by):
        """Publish it. Raises StepRefused for whoever took it and where it is decided already."""
        self._decide(self.State.SIGNED, by)
        DataVersion.bump("progress")

    def refuse(self, *, by, reason):
        self._decide(self.State.REFUSED, by, reason)

    @transaction.atomic
    def _decide(self, to, by, reason=""):
        if by.pk == self.taken_by_id:
            raise StepRefused(gettext("You took this snapshot; a second person decides on it."))
        if to not in self.NEXT[self.State(self.state)]:
            raise StepRefused(
                gettext("This snapshot is decided already: %(state)s.") % {"state": self.get_state_display()}
            )
        if to == self.State.SIGNED and not self.is_intact:
            raise StepRefused(gettext("The content of this snapshot does not match its SHA-256. Take it anew."))
        rows = type(self).objects.filter(pk=self.pk, state=self.state, version=self.version)
        # bare update: the row itself tells who decided what and when; nothing of it ever changes again.
        moved = rows.update(state=to, signed_by=by, signed_at=timezone.now(), reason=reason, version=F("version") + 1)
        if not moved:
            raise ChangedMeanwhile(type(self).objects.get(pk=self.pk))
        self.refresh_from_db()

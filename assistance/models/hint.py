"""What citizens say of a unit whose code they read: a hint for monitoring, never published by itself."""

import hashlib

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assistance.models.package import Package
from assistance.models.unit import Unit
from common.dates import today
from common.text import fold, validate_clean


class HintQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(unit__package__in=Package.objects.visible_to(user))

    def waiting(self):
        """Not decided yet, the oldest first."""
        return self.filter(state=Hint.State.NEW).order_by("said_at", "pk")

    def noted(self):
        """Those that the office took as hints for its next visit, the newest first."""
        return self.filter(state=Hint.State.NOTED)

    def missing(self):
        """Those that say that the unit is not where it should be."""
        return self.filter(answer=Hint.Answer.GONE)


class Hint(models.Model):
    """ "Masih di sini" or "tidak", with a note. Who said it is not asked and not kept."""

    class Answer(models.TextChoices):
        HERE = "here", _("Still here")
        GONE = "gone", _("Not here")

    class State(models.TextChoices):
        NEW = "new", _("New")
        NOTED = "noted", _("Taken as a hint")
        DISCARDED = "discarded", _("Discarded")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="hints", verbose_name=_("aid unit"))
    answer = models.CharField(_("answer"), max_length=4, choices=Answer.choices)
    note = models.CharField(_("note"), max_length=500, blank=True, validators=[validate_clean])
    said_at = models.DateTimeField(_("said at"), default=timezone.now)
    # The same words of the same day are one hint, however often the button is pressed.
    digest = models.CharField(max_length=64, unique=True, editable=False)
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.NEW)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    comment = models.CharField(_("comment of the office"), max_length=300, blank=True, validators=[validate_clean])

    objects = HintQuerySet.as_manager()

    class Meta:
        verbose_name = _("hint of a citizen")
        verbose_name_plural = _("hints of citizens")
        ordering = ["-said_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="new", decided_by=None) | (~Q(state="new") & Q(decided_by__isnull=False)),
                name="hint_decided_has_its_person",
            ),
        ]
        indexes = [models.Index(fields=["said_at"], name="hint_waiting", condition=Q(state="new"))]

    def __str__(self):
        return f"{self.answer} {self.said_at:%Y-%m-%d}"

    @staticmethod
    def digest_of(unit, answer, note):
        """What makes two hints of today the same: unit, answer, and the words however they are spelled."""
        said = f"{unit.pk}\n{answer}\n{fold(note)}\n{today().isoformat()}"
        return hashlib.sha256(said.encode()).hexdigest()

    @classmethod
    def say(cls, unit, answer, note=""):
        """Keep what a citizen says; what was said today already is that hint, however often it is said."""
        digest = cls.digest_of(unit, answer, note)
        hint, _created = cls.objects.get_or_create(
            digest=digest, defaults={"unit": unit, "answer": answer, "note": note}
        )
        return hint

    def decide(self, state, *, by, comment=""):
        """Take it as a hint or discard it; returns whether this call did. A repeat changes nothing."""
        # bare update: the row tells itself who and when.
        return bool(
            Hint.objects.filter(pk=self.pk, state=Hint.State.NEW).update(
                state=state, decided_by=by, decided_at=timezone.now(), comment=comment
            )
        )

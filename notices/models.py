"""What the portal has to tell one person: shown in the workspace, sent by e-mail by `manage.py send_notices`."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import Count, F, Q, Window
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# A mail that failed this often is left; its notice stays in the workspace.
MOST_TRIES = 10
# What is older is not mailed any more: whoever sets up mail after a year does not send a year's reminders.
MAIL_WITHIN = timedelta(days=14)
# Printable ASCII as `reverse` writes it, and nothing that a browser takes for another site: "//" and "/\" lead away.
SAME_SITE_PATH = RegexValidator(r"^/(?:[!-.0-\[\]-~][!-\[\]-~]*)?\Z", _("A path of this portal begins with one “/”."))
ONE_LINE = RegexValidator(r"^[^\x00-\x1f\x7f\u2028\u2029]+\Z", _("One line without control characters."))
CHUNK = 500


class NoticeQuerySet(models.QuerySet):
    def visible_to(self, user):
        """A person's own, whatever the role."""
        return self.filter(user=user)

    def unseen(self):
        return self.filter(seen_at=None)

    def mark_seen(self):
        """Mark those that are not yet; returns how many."""
        # bare update: a notice has no history, and the first moment is the one that stays.
        return self.unseen().update(seen_at=timezone.now())

    def to_be_tried(self):
        """Not mailed and not given up. Columns of the notice alone, for conditional updates."""
        return self.filter(mailed_at=None, failed__lt=MOST_TRIES)

    def waiting_for_mail(self):
        """To be mailed, the oldest first, those too that a running command holds: of an open account with an address.

        The others stand in the workspace only. An account that is opened again, or gets an address, is mailed what is
        not older than MAIL_WITHIN.
        """
        return (
            self.to_be_tried()
            .filter(created_at__gte=timezone.now() - MAIL_WITHIN, user__is_active=True, user__email__isnull=False)
            .order_by("created_at", "pk")
        )


class Notice(models.Model):
    """One thing that one person is told once. Made by `post`, which may run again and again.

    Subject and text are words for the reader, written when the notice is posted.
    """

    # Known before the row is written, so that `post` can tell its own rows from those that were there.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    key = models.CharField(
        _("key"),
        max_length=200,
        unique=True,
        help_text=_("What it is about, for whom and for which moment: the same key is never posted twice."),
    )
    # Its two indexes below begin with the user.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="notices", db_index=False, verbose_name=_("recipient")
    )
    subject = models.CharField(_("subject"), max_length=200, validators=[ONE_LINE])
    text = models.TextField(_("text"))
    path = models.CharField(_("path"), max_length=300, blank=True, validators=[SAME_SITE_PATH])
    due_on = models.DateField(_("due on"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    seen_at = models.DateTimeField(_("seen at"), null=True, blank=True)
    mailed_at = models.DateTimeField(_("mailed at"), null=True, blank=True)
    mailing_since = models.DateTimeField(_("being mailed since"), null=True, blank=True)
    failed = models.PositiveSmallIntegerField(_("failed tries"), default=0)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(key=""), name="notice_key_is_said"),
            models.CheckConstraint(
                condition=Q(path="") | (Q(path__startswith="/") & ~Q(path__startswith="//")),
                name="notice_path_stays_here",
            ),
        ]
        indexes = [
            models.Index(F("user"), F("created_at").desc(), name="notice_of_user"),
            models.Index(F("user"), F("created_at").desc(), name="notice_unseen", condition=Q(seen_at=None)),
            models.Index(
                fields=["created_at"], name="notice_to_mail", condition=Q(mailed_at=None, failed__lt=MOST_TRIES)
            ),
        ]

    def __str__(self):
        return self.subject

    def see(self):
        """Mark it as seen by its recipient. Doing it twice changes nothing."""
        Notice.objects.filter(pk=self.pk).mark_seen()

    def address(self, site=""):
        """Where it leads, beginning with the portal's own address where that is known; empty where it leads nowhere."""
        return self.path and f"{site or settings.SITE_URL}{self.path}"

    def as_message(self, site=""):
        """Subject, text and address as plain text to send on by hand."""
        return "\n\n".join(part for part in (self.subject, self.text.strip(), self.address(site)) if part)


def post(notices):
    """Insert what is new by its key, leave alone what is there; returns how many are new.

    Takes Notice objects that are not saved. Of two commands that post the same keys at once one inserts each. Raises
    ValidationError, before anything is written, for a notice that could not stand. In a transaction of the caller's
    call it once: the keys are held until that ends.
    """
    # In one order always: two that insert the same keys the other way round would wait for each other.
    notices = sorted(notices, key=lambda notice: notice.key)
    for notice in notices:
        # SQLite skips in silence whatever breaks any constraint, not only the key that is there already.
        notice.clean_fields(exclude=["user"])
        if notice.user_id is None:
            raise ValueError(f"Notice {notice.key} has no recipient.")
    new = 0
    with transaction.atomic():
        for start in range(0, len(notices), CHUNK):
            chunk = notices[start : start + CHUNK]
            Notice.objects.bulk_create(chunk, ignore_conflicts=True)
            new += Notice.objects.filter(pk__in=[notice.pk for notice in chunk]).count()
    return new


@dataclass(frozen=True)
class Unseen:
    """How many a person has not seen, and the newest of them."""

    count: int
    first: list[Notice]


def unseen_of(user, most=5):
    """For the first page of the workspace, in one query."""
    counted = Notice.objects.visible_to(user).unseen().annotate(total=Window(Count("*")))
    first = list(counted[:most])
    return Unseen(first[0].total if first else 0, first)

"""Notices as e-mail: each once, whatever breaks on the way.

A notice is claimed by a conditional update, sent, and marked, one after the other and each committed. Two commands
never hold the same one; a command that is killed leaves one claim at most, which the next takes over when it has grown
old: that single mail may come twice. It bears the same Message-ID then, by which most mailboxes show it once.
"""

import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import override

from common.dates import format_date
from notices.models import MOST_TRIES, Notice

# Far longer than a mail takes (EMAIL_TIMEOUT is 15 seconds a step): who held it so long is no longer there.
CLAIM_LASTS = timedelta(minutes=15)

log = logging.getLogger(__name__)


@dataclass
class Outcome:
    """What one run did. `left` still wait, for the next run or for another command that holds them."""

    sent: int = 0
    failed: int = 0
    given_up: int = 0
    left: int = 0
    is_unreachable: bool = False


def send_waiting():
    """Send what waits. Call it outside a transaction: what it did is committed mail by mail."""
    outcome = Outcome()
    if not settings.HAS_MAIL:
        return outcome
    connection = get_connection()
    try:
        for pk in list(Notice.objects.waiting_for_mail().values_list("pk", flat=True)):
            if not _is_open(connection):
                # Nobody's try is spent on a server that does not answer: an outage may last a weekend.
                outcome.is_unreachable = True
                break
            _send(pk, connection, outcome)
    finally:
        _close(connection)
    outcome.left = Notice.objects.waiting_for_mail().count()
    return outcome


def _send(pk, connection, outcome):
    since = claim(pk)
    if since is None:
        return
    # Read after the claim: the account may have been closed since the list was made.
    notice = Notice.objects.select_related("user").get(pk=pk)
    if not (notice.user.is_active and notice.user.email):
        _release(notice, since)
        return
    try:
        connection.send_messages([as_mail(notice)])
    except (OSError, ValueError) as error:
        # smtplib's errors are OSErrors; ValueError is an address or a header that cannot be written.
        _close(connection)
        _release(notice, since, tries=1)
        outcome.failed += 1
        tries = notice.failed + 1
        log.warning("Notice %s was not mailed, try %s of %s: %r", notice.key, tries, MOST_TRIES, error)
        if tries >= MOST_TRIES:
            outcome.given_up += 1
            log.error(  # noqa: TRY400 - expected; its sentence says enough
                "Notice %s is left unmailed after %s tries: %r", notice.key, tries, error
            )
    else:
        mark_sent(notice)
        outcome.sent += 1


def claim(pk):
    """The moment since when the notice is ours to send; None where another command has it or had it."""
    now = timezone.now()
    # Columns of the row alone: a condition on the account would be looked up beside the row and be true for both of
    # two commands on PostgreSQL. The update waits for the other one and then sees what it wrote.
    free = Q(mailing_since=None) | Q(mailing_since__lt=now - CLAIM_LASTS)
    with transaction.atomic(durable=True):
        # bare update: a notice has no history.
        claimed = Notice.objects.to_be_tried().filter(free, pk=pk).update(mailing_since=now)
    return now if claimed else None


def mark_sent(notice):
    """Say that it was mailed, even where the claim was lost on the way: it is true, and keeps others from doing it."""
    with transaction.atomic(durable=True):
        # bare update: a notice has no history.
        Notice.objects.filter(pk=notice.pk).update(mailed_at=timezone.now(), mailing_since=None)


def _release(notice, since, *, tries=0):
    """Let the next run have it, unless it was taken over already."""
    with transaction.atomic(durable=True):
        # bare update: a notice has no history.
        Notice.objects.filter(pk=notice.pk, mailing_since=since).update(mailing_since=None, failed=F("failed") + tries)


def as_mail(notice):
    """The mail about a notice: plain text, in the language of the house."""
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    with override(settings.LANGUAGE_CODE):
        body = render_to_string(
            "notices/email/notice.txt",
            {
                "notice": notice,
                "day": notice.due_on and format_date(notice.due_on),
                "address": notice.address(),
                "office": settings.OFFICE_NAME,
            },
        )
    return EmailMessage(
        f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}{notice.subject}",
        body,
        None,
        [notice.user.email],
        headers={
            "Message-ID": f"<notice-{notice.pk}@{sender.rpartition('@')[2] or 'localhost'}>",
            # Keeps "I am on leave" from being answered to the office.
            "Auto-Submitted": "auto-generated",
        },
    )


def _is_open(connection):
    try:
        # Does nothing while it is open.
        connection.open()
    except OSError as error:
        log.error("The mail server does not answer: %r", error)  # noqa: TRY400 - expected; its sentence says enough
        return False
    return True


def _close(connection):
    # It may have gone away by itself.
    with suppress(OSError):
        connection.close()

"""Notices for tests, and mail servers that break in one way each."""

import itertools
import smtplib
import threading

from django.core.mail.backends.locmem import EmailBackend

from notices.models import Notice
from tests.factories import make_user

_numbers = itertools.count(1)


def unsaved(user, **values):
    number = next(_numbers)
    values.setdefault("key", f"uji:{number}:{user.pk}")
    values.setdefault("subject", f"Perihal {number}")
    values.setdefault("text", "Baris satu.\nBaris dua.")
    values.setdefault("path", "/kerja/")
    return Notice(user=user, **values)


def make_notice(user, **values):
    notice = unsaved(user, **values)
    notice.save(force_insert=True)
    return notice


def make_reader(name="siti", **values):
    return make_user("auditor", name, email=f"{name}@example.go.id", **values)


class Killed(BaseException):
    """What ends a command between sending and marking: nothing of ours catches it, as nothing catches a kill."""


class DiesAfterSending(EmailBackend):
    """Delivers, and is killed before anybody hears of it."""

    def send_messages(self, messages):
        super().send_messages(messages)
        raise Killed


class Refusing(EmailBackend):
    """Answers, and refuses the mails to whom the test names."""

    refused: set[str] = set()

    def send_messages(self, messages):
        if self.refused.intersection(*[message.to for message in messages]):
            raise smtplib.SMTPRecipientsRefused({messages[0].to[0]: (550, b"no such mailbox")})
        return super().send_messages(messages)


class Slow(EmailBackend):
    """Takes long enough for another command to come by."""

    def send_messages(self, messages):
        threading.Event().wait(0.05)
        return super().send_messages(messages)

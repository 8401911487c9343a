"""Two commands at once: a key is posted once, a notice is mailed once."""

from datetime import datetime

import pytest
from django.core import mail
from django.utils import timezone

from notices import mailing
from notices.mailing import claim, send_waiting
from notices.models import Notice, post
from tests.concurrency.test_register import at_once
from tests.notices.made import make_notice, make_reader, unsaved

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def reader(settings):
    settings.HAS_MAIL = True
    settings.EMAIL_BACKEND = "tests.notices.made.Slow"
    return make_reader()


@pytest.mark.parametrize("_round", range(3))
def test_several_that_post_the_same_keys_at_once_post_each_once(reader, monkeypatch, _round):
    # In many pieces, so that they meet in the middle of their work.
    monkeypatch.setattr("notices.models.CHUNK", 5)
    keys = [f"laporan:{number}" for number in range(300)]
    # Each in an order of its own: none waits for what another holds while it holds what that one wants.
    orders = (keys, keys[::-1], keys[1::2] + keys[::2])
    batches = [[unsaved(reader, key=key) for key in order] for order in orders]
    answers = at_once(*(lambda batch=batch: post(batch) for batch in batches))
    assert all(isinstance(answer, int) for answer in answers), answers
    assert sum(answers) == len(keys)
    assert sorted(Notice.objects.values_list("key", flat=True)) == sorted(keys)


def waiting(reader, count=8):
    for number in range(count):
        make_notice(reader, subject=f"Perihal {number}")
    return count


@pytest.mark.parametrize("_round", range(3))
def test_several_that_send_at_once_send_each_notice_once(reader, _round):
    count = waiting(reader)
    outcomes = at_once(send_waiting, send_waiting, send_waiting)
    assert sum(outcome.sent for outcome in outcomes) == count
    assert sum(outcome.failed for outcome in outcomes) == 0
    assert len(mail.outbox) == len({message.subject for message in mail.outbox}) == count
    assert not Notice.objects.waiting_for_mail().exists()


def test_control_without_the_claim_notices_are_sent_twice(reader, monkeypatch):
    monkeypatch.setattr(mailing, "claim", lambda pk: timezone.now())
    count = waiting(reader)
    at_once(send_waiting, send_waiting, send_waiting)
    assert len(mail.outbox) > count


@pytest.mark.parametrize("_round", range(5))
def test_of_several_that_claim_the_same_notice_one_gets_it(reader, _round):
    notice = make_notice(reader)
    answers = at_once(*[lambda: claim(notice.pk)] * 5)
    assert sorted(isinstance(answer, datetime) for answer in answers) == [False] * 4 + [True]
    assert answers.count(None) == 4

"""send_notices: each mail once, nothing lost by a server that fails, nothing mailed to who cannot be reached."""

import logging
import socket
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.utils import timezone
from django.utils.translation import override

from notices import mailing
from notices.mailing import send_waiting
from notices.models import MAIL_WITHIN, MOST_TRIES, Notice
from tests.factories import make_user
from tests.notices.made import Killed, Refusing, make_notice, make_reader
from tests.notices.smtp import mail_server

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _mail_is_set_up(settings):
    settings.HAS_MAIL = True
    settings.OFFICE_NAME = "Dinas Koperasi Uji"


@pytest.fixture
def reader():
    return make_reader()


def run():
    out = StringIO()
    call_command("send_notices", stdout=out)
    return out.getvalue()


def later(minutes=16):
    """As if the claims had been made so long ago."""
    for notice in Notice.objects.exclude(mailing_since=None):
        Notice.objects.filter(pk=notice.pk).update(mailing_since=notice.mailing_since - timedelta(minutes=minutes))


def subjects():
    return [message.subject.removeprefix("[Koperasi Kaltim] ") for message in mail.outbox]


# -- What a mail says ---------------------------------------------------------------------------------


def test_a_mail_says_what_the_notice_says_in_indonesian_and_names_the_office(reader, settings):
    settings.SITE_URL = "https://koperasi.example.go.id"
    notice = make_notice(
        reader,
        subject="Laporan <triwulan> & 'tahun'",
        text='KSP "Maju" & Rekan\nbelum dilaporkan.',
        path="/kerja/laporan/3/?a=1&b=2",
        due_on=date(2026, 1, 31),
    )
    with override("en"):
        assert run() == "Sent 1, failed 0, left 0.\n"
    (message,) = mail.outbox
    assert message.subject == "[Koperasi Kaltim] Laporan <triwulan> & 'tahun'"
    assert message.to == [reader.email]
    assert message.message().get_content_type() == "text/plain"
    assert message.body == (
        f"Yth. {reader.full_name},\n\n"
        'KSP "Maju" & Rekan\nbelum dilaporkan.\n\n'
        "Tenggat: 31 Januari 2026.\n\n"
        "Buka di portal:\nhttps://koperasi.example.go.id/kerja/laporan/3/?a=1&b=2\n\n"
        "Surel ini dikirim oleh Koperasi Kaltim. Pemberitahuan yang sama ada di ruang kerja Anda.\n\n"
        "Dinas Koperasi Uji\n"
    )
    notice.refresh_from_db()
    assert notice.mailed_at is not None and notice.mailing_since is None and notice.seen_at is None


def test_without_an_address_of_the_site_a_mail_names_the_path(reader):
    make_notice(reader, path="/kerja/laporan/3/")
    run()
    assert "\n/kerja/laporan/3/\n" in mail.outbox[0].body


def test_a_notice_that_leads_nowhere_names_nothing(reader, settings):
    settings.SITE_URL = "https://koperasi.example.go.id"
    make_notice(reader, path="")
    run()
    assert "https://" not in mail.outbox[0].body and "\n\n\n" not in mail.outbox[0].body


def test_a_mail_is_known_again_and_asks_for_no_automatic_answer(reader, settings):
    settings.DEFAULT_FROM_EMAIL = "Dinas <portal@koperasi.example.go.id>"
    notice = make_notice(reader)
    run()
    headers = mail.outbox[0].message()
    assert headers["Message-ID"] == f"<notice-{notice.pk}@koperasi.example.go.id>"
    assert headers["Auto-Submitted"] == "auto-generated"


# -- What is mailed -----------------------------------------------------------------------------------


def test_ten_runs_send_once(reader):
    make_notice(reader)
    for _run in range(10):
        run()
    assert len(mail.outbox) == 1


def test_a_mail_asks_the_same_number_of_questions_however_many_wait(reader, django_assert_num_queries):
    for count in (1, 7):
        for _number in range(count):
            make_notice(reader)
        # The list and what is left; for each claim, notice and mark, two of them in savepoints.
        with django_assert_num_queries(2 + 7 * count):
            assert send_waiting().sent == count


def test_a_closed_account_or_one_without_an_address_keeps_its_notices_in_the_workspace(reader):
    closed = make_reader("tutup")
    closed.deactivate(by=None, reason="uji")
    silent = make_user("auditor", "sunyi")
    for person in (closed, silent, reader):
        make_notice(person)
    assert run() == "Sent 1, failed 0, left 0.\n"
    assert [message.to for message in mail.outbox] == [[reader.email]]
    for person in (closed, silent):
        notice = Notice.objects.visible_to(person).get()
        assert (notice.mailed_at, notice.mailing_since, notice.failed) == (None, None, 0)


def test_an_account_that_is_closed_while_the_command_runs_gets_nothing_more(reader, monkeypatch):
    make_notice(reader)
    claim = mailing.claim

    def claim_and_close(pk):
        type(reader).objects.filter(pk=reader.pk).update(is_active=False)
        return claim(pk)

    monkeypatch.setattr(mailing, "claim", claim_and_close)
    assert send_waiting().sent == 0
    assert Notice.objects.filter(mailed_at=None, mailing_since=None).exists()


def test_what_is_old_when_mail_is_set_up_is_not_sent_any_more(reader):
    make_notice(reader, subject="lama", created_at=timezone.now() - MAIL_WITHIN - timedelta(minutes=1))
    make_notice(reader, subject="baru", created_at=timezone.now() - MAIL_WITHIN + timedelta(minutes=1))
    run()
    assert subjects() == ["baru"]


def test_without_mail_nothing_is_sent_or_spent_and_the_command_says_so(reader, settings):
    settings.HAS_MAIL = False
    make_notice(reader)
    assert "EMAIL_URL is not set" in run()
    assert send_waiting().sent == 0
    assert not mail.outbox
    notice = Notice.objects.get()
    assert (notice.mailed_at, notice.mailing_since, notice.failed) == (None, None, 0)


# -- What breaks --------------------------------------------------------------------------------------


def test_a_command_that_is_killed_repeats_one_mail_at_most(reader, settings):
    for name in ("satu", "dua", "tiga"):
        make_notice(reader, subject=name)
    working = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "tests.notices.made.DiesAfterSending"
    with pytest.raises(Killed):
        send_waiting()
    assert subjects() == ["satu"]
    settings.EMAIL_BACKEND = working
    # Its claim still stands: the others go, the one that may have gone waits.
    assert run() == "Sent 2, failed 0, left 1.\n"
    assert subjects() == ["satu", "dua", "tiga"]
    later(14)
    run()
    assert len(mail.outbox) == 3
    later(2)
    run()
    run()
    assert subjects() == ["satu", "dua", "tiga", "satu"]
    assert len({message.extra_headers["Message-ID"] for message in mail.outbox}) == 3


def test_a_mail_that_is_refused_is_counted_and_tried_again_and_holds_up_no_other(reader, settings, caplog):
    gone = make_reader("pindah")
    make_notice(gone, key="tidak-sampai")
    make_notice(reader, subject="sampai")
    settings.EMAIL_BACKEND = "tests.notices.made.Refusing"
    Refusing.refused = {gone.email}
    with pytest.raises(CommandError, match="Sent 1, failed 1, left 1"):
        run()
    assert subjects() == ["sampai"]
    notice = Notice.objects.get(key="tidak-sampai")
    assert (notice.failed, notice.mailed_at, notice.mailing_since) == (1, None, None)
    Refusing.refused = set()
    assert run() == "Sent 1, failed 0, left 0.\n"
    assert len(mail.outbox) == 2


def test_after_so_many_tries_a_mail_is_left_and_the_log_says_why(reader, settings, caplog):
    make_notice(reader, key="tidak-sampai")
    settings.EMAIL_BACKEND = "tests.notices.made.Refusing"
    Refusing.refused = {reader.email}
    for number in range(1, MOST_TRIES):
        with pytest.raises(CommandError, match=r"failed 1, left 1\. The log"):
            run()
        assert Notice.objects.get().failed == number
    with pytest.raises(CommandError, match=r"failed 1, left 0\. Given up 1"):
        run()
    (said,) = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert "tidak-sampai" in said and "no such mailbox" in said
    Refusing.refused = set()
    assert run() == "Sent 0, failed 0, left 0.\n"
    assert Notice.objects.unseen().exists() and not mail.outbox


def test_a_server_that_does_not_answer_costs_no_try(reader, settings):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = closed.getsockname()
        for _number in range(2):
            make_notice(reader)
        for _run in range(MOST_TRIES + 1):
            with pytest.raises(CommandError, match=r"Sent 0, failed 0, left 2\. The mail server does not answer"):
                run()
    assert set(Notice.objects.values_list("failed", "mailing_since")) == {(0, None)}
    with mail_server(settings) as server:
        assert run() == "Sent 2, failed 0, left 0.\n"
    assert len(server.received) == 2


def test_a_server_that_refuses_one_and_hangs_up_on_another_still_gets_the_rest(settings):
    people = [make_reader(name) for name in ("satu", "ditolak", "putus", "empat", "lima")]
    for person in people:
        make_notice(person, key=person.username)
    with mail_server(settings, refused=[b"ditolak@"], hangs_up_on=[b"putus@"]) as server:
        with pytest.raises(CommandError, match="Sent 3, failed 2, left 2"):
            run()
        # One connection until something breaks, then a new one.
        assert (len(server.received), server.sessions) == (3, 3)
    assert set(Notice.objects.filter(failed=1).values_list("key", flat=True)) == {"ditolak", "putus"}
    with mail_server(settings) as server:
        assert run() == "Sent 2, failed 0, left 0.\n"


def test_an_address_that_cannot_be_written_holds_up_no_other(reader, settings):
    odd = make_reader("aneh")
    type(odd).objects.filter(pk=odd.pk).update(email="a@b@c\n")
    make_notice(odd)
    make_notice(reader)
    with mail_server(settings) as server, pytest.raises(CommandError, match="Sent 1, failed 1, left 1"):
        run()
    assert len(server.received) == 1


def test_a_claim_that_was_taken_over_is_neither_released_nor_sent_again(reader):
    notice = make_notice(reader)
    first = mailing.claim(notice.pk)
    assert mailing.claim(notice.pk) is None
    later()
    assert mailing.claim(notice.pk) is not None
    mailing._release(notice, first, tries=1)
    held = Notice.objects.get()
    assert held.mailing_since is not None and held.failed == 0
    # The first was only slow: what it sent is sent.
    mailing.mark_sent(notice)
    later()
    assert mailing.claim(notice.pk) is None

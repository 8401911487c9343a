"""One-time links: invitation, reset by mail, and reset where there is no mail."""

import logging
import re
from datetime import timedelta
from unittest import mock

import pytest
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client

from accounts import links
from accounts.models import User
from tests.accounts.conftest import PASSWORD, is_signed_in, link_in, sign_in
from tests.factories import make_user

NEW = "delapan perahu merah tua"


@pytest.fixture
def invited(db):
    return make_user("auditor", "budi", email="budi@example.go.id")


@pytest.fixture
def with_mail(settings):
    settings.HAS_MAIL = True


def _open(client, path):
    """Follow the link to its form."""
    response = client.get(path)
    assert response.status_code == 302, response.content.decode()[:200]
    return response["Location"]


def _set(client, place, password=NEW):
    return client.post(place, {"new_password1": password, "new_password2": password})


def _link(user, by=None):
    return link_in(links.hand_out(user, by=by, base_url="https://koperasi.example/"))


def test_invited_person_sets_a_password_and_signs_in(client, invited):
    assert not invited.has_usable_password()
    place = _open(client, _link(invited))
    page = client.get(place)
    assert "budi" in page.content.decode()
    assert page["Referrer-Policy"] == "same-origin"
    assert "no-store" in page["Cache-Control"]
    assert _set(client, place)["Location"] == "/masuk/"
    assert "Masuklah dengan kata sandi itu" in client.get("/masuk/").content.decode()
    assert not is_signed_in(client)
    sign_in(client, "budi", NEW)
    assert is_signed_in(client)


def test_the_token_leaves_the_address_at_once(client, invited):
    path = _link(invited)
    token = path.rstrip("/").rpartition("/")[2]
    place = _open(client, path)
    assert token not in place
    assert token not in client.get(place).content.decode()


def test_a_link_works_once(client, invited):
    path = _link(invited)
    _set(client, _open(client, path))
    other = Client()
    page = other.get(path)
    assert page.status_code == 200
    assert "tidak berlaku lagi" in page.content.decode()
    assert _set(other, re.sub(r"[^/]+/$", "set-password/", path), "perahu lain sama sekali").status_code == 200
    invited.refresh_from_db()
    assert invited.check_password(NEW)


def test_two_who_hold_the_same_link_open_it_at_once_and_one_wins(invited):
    path = _link(invited)
    first, second = Client(), Client()
    places = _open(first, path), _open(second, path)
    stale = User.objects.get(pk=invited.pk)
    _set(first, places[0])
    with mock.patch("accounts.views.Invitation.get_user", return_value=stale):
        response = _set(second, places[1], "perahu lain sama sekali")
    assert "Tautan ini sudah dipakai" in response.content.decode()
    invited.refresh_from_db()
    assert invited.check_password(NEW)


@pytest.mark.parametrize(("days", "works"), [(2.9, True), (3.1, False)])
def test_a_link_lives_three_days(client, invited, days, works):
    path = _link(invited)
    later = PasswordResetTokenGenerator()._now() + timedelta(days=days)
    with mock.patch.object(PasswordResetTokenGenerator, "_now", return_value=later):
        assert client.get(path).status_code == (302 if works else 200)


def test_changing_the_address_of_the_account_kills_the_link(client, invited):
    path = _link(invited)
    User.objects.filter(pk=invited.pk).update(email="lain@example.go.id")
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("rest", ["MQ/abc-def", "@@/abc", "OTk5/x-y"])
def test_invented_links_open_nothing(client, invited, rest):
    page = client.get(f"/masuk/undangan/{rest}/")
    assert page.status_code == 200
    assert "tidak berlaku lagi" in page.content.decode()


def test_closed_accounts_get_no_link_and_theirs_is_dead(client, invited, administrator):
    path = _link(invited)
    invited.deactivate(by=administrator, reason="salah orang")
    assert client.get(path).status_code == 200
    with pytest.raises(ValidationError):
        links.hand_out(invited, by=administrator, base_url="https://koperasi.example")


def test_using_a_link_signs_out_whoever_sat_there(client, invited, person):
    sign_in(client)
    _set(client, _open(client, _link(invited)))
    assert not is_signed_in(client)


def test_using_a_link_releases_the_lockout(client, invited):
    for number in range(50):
        sign_in(Client(REMOTE_ADDR=f"198.51.100.{number + 1}"), "budi", "salah")
    assert sign_in(client, "budi").status_code == 429
    _set(client, _open(client, _link(invited)))
    assert sign_in(client, "budi", NEW).status_code == 302


@pytest.mark.parametrize("password", ["pendek", "budi", "password12345"])
def test_weak_passwords_are_refused(client, invited, password):
    place = _open(client, _link(invited))
    assert _set(client, place, password).status_code == 200
    invited.refresh_from_db()
    assert not invited.has_usable_password()


def test_history_says_who_made_a_link_and_that_it_was_used(client, invited, administrator):
    _set(client, _open(client, _link(invited, by=administrator)))
    used, made = invited.history.all()[:2]
    assert (made.history_user, made.history_change_reason) == (administrator, "Tautan sekali pakai dibuat")
    assert (used.history_user, used.history_change_reason) == (invited, "Kata sandi dibuat lewat tautan sekali pakai")
    assert (made.link_made_at is None, used.link_made_at) == (False, None)


def test_no_token_and_no_password_in_the_log(client, invited, caplog):
    caplog.set_level(logging.DEBUG)
    path = _link(invited)
    _set(client, _open(client, path))
    client.get(path)
    assert path.rstrip("/").rpartition("/")[2] not in caplog.text
    assert NEW not in caplog.text


def test_link_is_mailed_where_there_is_mail(invited, with_mail, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        link = links.hand_out(invited, by=None, base_url="https://koperasi.example")
    assert mail.outbox[0].to == ["budi@example.go.id"]
    assert link in mail.outbox[0].body
    assert mail.outbox[0].subject == "[Koperasi Kaltim] Akun Anda"


def test_nothing_is_mailed_where_there_is_none(invited, settings, django_capture_on_commit_callbacks):
    settings.HAS_MAIL = False
    with django_capture_on_commit_callbacks(execute=True):
        _link(invited)
    assert not mail.outbox


# -- Forgotten password ------------------------------------------------------------------------------


def _ask(client, email="budi@example.go.id"):
    return client.post("/masuk/sandi/lupa/", {"email": email})


def test_forgotten_password_is_set_anew_by_mail(client, invited, with_mail):
    assert _ask(client)["Location"] == "/masuk/sandi/lupa/terkirim/"
    assert "budi" in mail.outbox[0].body
    path = link_in(mail.outbox[0].body)
    place = _open(client, path)
    assert path.rpartition("-")[2].rstrip("/") not in place
    response = client.post(place, {"password1": NEW, "password2": NEW})
    assert response["Location"] == "/masuk/sandi/lupa/selesai/"
    assert client.get(response["Location"]).status_code == 200
    sign_in(client, "budi", NEW)
    assert is_signed_in(client)
    page = Client().get(path)
    assert "tidak berlaku lagi" in page.content.decode()


def test_reset_mail_releases_the_higher_cap(client, db, with_mail):
    make_user("auditor", "budi", email="budi@example.go.id", password=PASSWORD)
    for number in range(50):
        sign_in(Client(REMOTE_ADDR=f"198.51.100.{number + 1}"), "budi", "salah")
    locked = sign_in(client, "budi")
    assert locked.status_code == 429
    assert "/masuk/sandi/lupa/" in locked.content.decode()
    _ask(client)
    assert sign_in(client, "budi").status_code == 429
    client.post(_open(client, link_in(mail.outbox[0].body)), {"password1": NEW, "password2": NEW})
    assert sign_in(client, "budi", NEW).status_code == 302


def test_unknown_address_gets_the_same_answer_and_no_mail(client, invited, with_mail):
    assert _ask(client, "entah@example.go.id")["Location"] == "/masuk/sandi/lupa/terkirim/"
    assert not mail.outbox


def test_closed_account_gets_no_mail(client, invited, with_mail, administrator):
    invited.deactivate(by=administrator, reason="salah orang")
    _ask(client)
    assert not mail.outbox


def test_nobodys_mailbox_is_filled(client, invited, with_mail):
    for _ in range(20):
        _ask(client)
    assert len(mail.outbox) == 1


def test_reset_does_not_go_round_the_second_factor(client, invited, with_mail):
    from tests.accounts.conftest import give_second_factor

    give_second_factor(invited)
    _ask(client)
    client.post(_open(client, link_in(mail.outbox[0].body)), {"password1": NEW, "password2": NEW})
    assert not is_signed_in(client)
    assert sign_in(client, "budi", NEW)["Location"] == "/masuk/kode/"


def test_without_mail_the_page_says_whom_to_ask(client, invited, settings):
    settings.HAS_MAIL = False
    for page in [client.get("/masuk/sandi/lupa/"), _ask(client)]:
        assert page.status_code == 200
        assert "Administrator dinas membuatkan tautan" in page.content.decode()
        assert '<form method="post"' not in page.content.decode()
    assert not mail.outbox

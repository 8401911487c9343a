"""Three hours without a click, twelve hours in all; and nothing of it for those who only read."""

import time
from unittest import mock

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from tests.accounts.conftest import is_signed_in, sign_in

HOUR = 3600


@pytest.fixture
def clock():
    """The clock of the limits; Django's own session expiry keeps running by the real one."""
    now = [time.time()]
    frozen = mock.Mock(time=lambda: now[0])
    with mock.patch("accounts.middleware.time", frozen), mock.patch("accounts.adapters.time", frozen):
        yield now


def test_session_ends_after_three_idle_hours(client, person, clock):
    sign_in(client)
    clock[0] += 3 * HOUR - 1
    assert is_signed_in(client)
    clock[0] += 3 * HOUR
    response = client.get("/kerja/?halaman=3")
    assert response["Location"] == "/masuk/?next=%2Fkerja%2F%3Fhalaman%3D3&akhir=diam"
    page = client.get(response["Location"]).content.decode()
    assert "tidak ada kegiatan selama tiga jam" in page
    assert not is_signed_in(client)


def test_idle_clock_runs_from_the_last_click_not_from_sign_in(client, person, clock):
    sign_in(client)
    for _ in range(5):
        clock[0] += 2 * HOUR
        assert is_signed_in(client)


def test_session_ends_after_twelve_hours_however_busy(client, person, clock):
    sign_in(client)
    for _ in range(11):
        clock[0] += HOUR
        assert is_signed_in(client)
    clock[0] += HOUR
    response = client.get("/kerja/")
    assert response["Location"] == "/masuk/?next=%2Fkerja%2F&akhir=lama"
    assert "dua belas jam" in client.get(response["Location"]).content.decode()


def test_session_nobody_used_after_sign_in_ends_too(client, person, clock):
    sign_in(client)
    clock[0] += 4 * HOUR
    assert not is_signed_in(client)


def test_ended_session_is_gone_from_the_database(client, person, clock):
    sign_in(client)
    clock[0] += 4 * HOUR
    client.get("/kerja/")
    assert not Session.objects.exists()


def test_signing_in_again_starts_both_clocks_anew(client, person, clock):
    sign_in(client)
    clock[0] += 12 * HOUR
    assert not is_signed_in(client)
    response = sign_in(client)
    assert response.status_code == 302
    clock[0] += 2 * HOUR
    assert is_signed_in(client)


def test_session_of_another_making_is_stamped_at_first_sight(client, person, clock):
    client.force_login(person)
    assert is_signed_in(client)
    clock[0] += 3 * HOUR
    assert not is_signed_in(client)


def test_clicks_within_a_minute_write_nothing(client, person, clock, django_assert_num_queries):
    sign_in(client)
    clock[0] += 59
    with django_assert_num_queries(2):  # session, user
        response = client.get("/kerja/")
    assert "__Host-sesi" not in response.cookies
    clock[0] += 1
    assert "__Host-sesi" in client.get("/kerja/").cookies


@pytest.mark.parametrize("headers", [{"hx-request": "true"}, {"accept": "application/json"}], ids=["htmx", "json"])
@pytest.mark.parametrize("ended", [True, False], ids=["ended", "never signed in"])
def test_scripts_get_401_instead_of_a_page(client, person, clock, headers, ended):
    if ended:
        sign_in(client)
        clock[0] += 4 * HOUR
    response = client.get("/kerja/", headers=headers)
    assert response.status_code == 401
    assert response["HX-Redirect"].startswith("/masuk/")
    assert response.json() == {"detail": "Sesi Anda sudah berakhir. Masuklah kembali."}


def test_form_sent_too_late_leads_back_to_its_page_not_to_where_it_was_sent(client, person, clock):
    sign_in(client)
    clock[0] += 4 * HOUR
    response = client.post("/kerja/", headers={"referer": "http://testserver/masuk/sandi/?x=1"})
    assert response["Location"] == "/masuk/?next=%2Fmasuk%2Fsandi%2F%3Fx%3D1&akhir=diam"


@pytest.mark.parametrize("referer", ["https://evil.id/", "//evil.id/", ""])
def test_a_strange_referer_is_no_way_back(client, person, clock, referer):
    sign_in(client)
    clock[0] += 4 * HOUR
    assert client.post("/kerja/", headers={"referer": referer})["Location"] == "/masuk/?akhir=diam"


def test_fragment_asked_too_late_leads_back_to_the_page_it_was_for(client, person, clock):
    sign_in(client)
    clock[0] += 4 * HOUR
    headers = {"hx-request": "true", "hx-current-url": "http://testserver/masuk/akun/"}
    assert client.get("/kerja/", headers=headers)["HX-Redirect"] == "/masuk/?next=%2Fmasuk%2Fakun%2F&akhir=diam"


def test_public_page_knows_nothing_of_sessions(person, clock, django_assert_num_queries):
    stranger, reader = Client(), Client()
    sign_in(reader)
    clock[0] += 10 * HOUR
    with django_assert_num_queries(1):  # the data version
        pages = [stranger.get("/")]
    pages.append(reader.get("/"))
    for page in pages:
        assert not page.cookies
        assert "cookie" not in page.get("Vary", "").lower()
    assert pages[0].content == pages[1].content
    assert Session.objects.count() == 1


def test_invented_session_id_gets_nowhere(client, db):
    client.cookies["__Host-sesi"] = "a" * 32
    assert client.get("/kerja/")["Location"] == "/masuk/?next=/kerja/"


def test_session_cookie_is_secure_and_lives_twelve_hours_at_most(client, person):
    cookie = sign_in(client).cookies["__Host-sesi"]
    assert cookie["secure"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"
    assert not cookie["domain"]
    assert cookie["max-age"] == 12 * HOUR

"""Two-step sign-in: codes, recovery codes, and the roles that cannot do without."""

import re
import subprocess
import sys
import time
from unittest import mock

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client

from accounts.adapters import SecondFactorAdapter
from accounts.codes import spend
from accounts.roles import NEEDS_SECOND_FACTOR, Role
from tests.accounts.conftest import (
    PASSWORD,
    SECRET,
    current_code,
    give_second_factor,
    is_signed_in,
    sign_in,
    wait_for_a_fresh_code,
)
from tests.factories import make_user


@pytest.fixture(autouse=True)
def _early_in_a_code():
    wait_for_a_fresh_code()


def _activate(client):
    """Sets it up as a person does; the secret of the app."""
    response = client.get("/masuk/dua-langkah/aktifkan/")
    if response.status_code == 302:
        again = client.post(response["Location"], {"password": PASSWORD})
        assert again["Location"] == "/masuk/dua-langkah/aktifkan/"
        response = client.get(again["Location"])
    secret = response.context["form"].secret
    done = client.post("/masuk/dua-langkah/aktifkan/", {"code": current_code(time.time(), secret)})
    assert done["Location"] == "/masuk/dua-langkah/kode/"
    return secret


def _codes(client):
    return client.get("/masuk/dua-langkah/kode/").context["unused_codes"]


def test_password_then_code_signs_in(client, person):
    give_second_factor(person)
    assert sign_in(client)["Location"] == "/masuk/kode/"
    assert not is_signed_in(client)
    assert "no-store" in client.get("/masuk/kode/")["Cache-Control"]
    response = client.post("/masuk/kode/", {"code": current_code(time.time())})
    assert response["Location"] == "/kerja/"
    assert is_signed_in(client)


def test_the_way_back_survives_the_second_step(client, person):
    give_second_factor(person)
    client.post("/masuk/?next=/masuk/akun/", {"login": "siti", "password": PASSWORD})
    assert client.post("/masuk/kode/", {"code": current_code(time.time())})["Location"] == "/masuk/akun/"


def test_a_code_works_once(client, person):
    give_second_factor(person)
    code = current_code(time.time())
    sign_in(client)
    client.post("/masuk/kode/", {"code": code})
    other = Client()
    sign_in(other)
    response = other.post("/masuk/kode/", {"code": code})
    assert response.context["form"].errors["code"] == ["Kode itu keliru. Tunggu kode berikutnya dan ketik lagi."]
    assert not is_signed_in(other)


@pytest.fixture
def at_one_moment():
    """The clock stands, so that no new code comes up between two steps."""
    with mock.patch("time.time", return_value=time.time()):
        yield


def _next_worker():
    """Another worker has a cache of its own, where no code has been used yet."""
    cache.clear()


def _refused(response):
    return response.status_code == 200 and bool(response.context["form"].errors["code"])


def test_a_code_works_once_over_all_workers(client, person, at_one_moment):
    give_second_factor(person)
    code = current_code(time.time())
    sign_in(client)
    assert client.post("/masuk/kode/", {"code": code})["Location"] == "/kerja/"
    _next_worker()
    other = Client()
    sign_in(other)
    assert _refused(other.post("/masuk/kode/", {"code": f"{code[:3]} {code[3:]}"}))
    assert not is_signed_in(other)
    _next_worker()
    assert _refused(client.post("/masuk/ulang/kode/?next=/masuk/dua-langkah/matikan/", {"code": code}))
    # Control: the next one is as good as the first.
    with mock.patch("time.time", return_value=time.time() + 30):
        assert other.post("/masuk/kode/", {"code": current_code(time.time())})["Location"] == "/kerja/"


def test_the_code_that_set_the_app_up_is_spent_by_that(client, person, at_one_moment):
    sign_in(client)
    code = current_code(time.time(), _activate(client))
    _next_worker()
    other = Client()
    sign_in(other)
    assert _refused(other.post("/masuk/kode/", {"code": code}))


def test_no_code_older_than_a_used_one_works(person, at_one_moment):
    app = give_second_factor(person)
    now = time.time()
    assert spend(app, current_code(now))
    assert not spend(Authenticator.objects.get(), current_code(now - 30))
    assert Authenticator.objects.get().data["secret"] == app.data["secret"]


def test_a_used_code_counts_as_a_wrong_guess(client, person, at_one_moment):
    give_second_factor(person)
    code = current_code(time.time())
    sign_in(client)
    client.post("/masuk/kode/", {"code": code})
    _next_worker()
    other = Client()
    sign_in(other)
    for _ in range(4):
        assert _refused(other.post("/masuk/kode/", {"code": code}))
    assert other.post("/masuk/kode/", {"code": code}).status_code == 429


def test_code_page_alone_opens_nothing(client, db):
    assert client.get("/masuk/kode/")["Location"] == "/masuk/"
    assert client.post("/masuk/kode/", {"code": "123456"})["Location"] == "/masuk/"


def test_session_id_changes_after_the_second_step_too(client, person):
    give_second_factor(person)
    sign_in(client)
    before = client.session.session_key
    client.post("/masuk/kode/", {"code": current_code(time.time())})
    assert client.session.session_key != before


def test_setting_up_asks_for_the_password_shows_a_picture_and_gives_recovery_codes(client, person):
    sign_in(client)
    assert client.get("/masuk/dua-langkah/aktifkan/")["Location"].startswith("/masuk/ulang/?next=")
    _activate(client)
    assert len(set(_codes(client))) == 10
    assert "Sudah dipasang" in client.get("/masuk/dua-langkah/").content.decode()


def test_picture_is_allowed_by_the_content_policy(client, person):
    sign_in(client)
    client.post("/masuk/ulang/?next=/masuk/dua-langkah/aktifkan/", {"password": PASSWORD})
    page = client.get("/masuk/dua-langkah/aktifkan/")
    assert 'src="data:image/svg+xml;base64,' in page.content.decode()
    assert "img-src 'self' data:" in page["Content-Security-Policy"]


def test_each_recovery_code_signs_in_once(client, person):
    sign_in(client)
    _activate(client)
    code = _codes(client)[0]
    other = Client()
    sign_in(other)
    assert other.post("/masuk/kode/", {"code": code})["Location"] == "/kerja/"
    assert is_signed_in(other)
    third = Client()
    sign_in(third)
    assert third.post("/masuk/kode/", {"code": code}).status_code == 200
    assert not is_signed_in(third)


def test_recovery_codes_can_be_downloaded_and_made_anew(client, person):
    sign_in(client)
    _activate(client)
    old = _codes(client)
    text = client.get("/masuk/dua-langkah/kode/unduh/")
    assert text["Content-Disposition"].startswith("attachment")
    assert "no-store" in text["Cache-Control"]
    assert all(code in text.content.decode() for code in old)
    client.post("/masuk/dua-langkah/kode/buat/")
    new = _codes(client)
    assert not set(new) & set(old)


def test_recovery_codes_hide_from_a_session_that_has_not_proved_itself_lately(client, person):
    sign_in(client)
    _activate(client)
    with mock.patch("time.time", return_value=time.time() + 3600):
        for path in ["/masuk/dua-langkah/kode/", "/masuk/dua-langkah/kode/unduh/", "/masuk/dua-langkah/kode/buat/"]:
            assert client.get(path)["Location"].startswith("/masuk/ulang/?next=")


def test_switching_off_asks_for_proof_and_takes_the_recovery_codes_along(client, person):
    sign_in(client)
    _activate(client)
    with mock.patch("time.time", return_value=time.time() + 3600):
        assert "/masuk/ulang/" in client.get("/masuk/dua-langkah/matikan/")["Location"]
    assert client.post("/masuk/dua-langkah/matikan/")["Location"] == "/masuk/dua-langkah/"
    assert not Authenticator.objects.exists()


def test_proof_by_code_works_as_well_as_by_password(client, person):
    sign_in(client)
    secret = _activate(client)
    with mock.patch("time.time", return_value=time.time() + 3600):
        code = current_code(time.time(), secret)
        response = client.post("/masuk/ulang/kode/?next=/masuk/dua-langkah/matikan/", {"code": code})
        assert response["Location"] == "/masuk/dua-langkah/matikan/"
        assert client.get("/masuk/dua-langkah/matikan/").status_code == 200


def test_secrets_are_encrypted_and_survive_a_change_of_the_key(settings, person):
    stored = give_second_factor(person).data["secret"]
    assert SECRET not in stored
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-key-0123456789-0123456789-0123456789-0123456789"
    assert SecondFactorAdapter().decrypt(stored) == SECRET


# -- Roles that need it ------------------------------------------------------------------------------


@pytest.mark.parametrize("role", list(Role))
def test_production_asks_these_roles_for_it_and_no_others(client, db, settings, role):
    settings.MFA_REQUIRED = True
    make_user(role, "seseorang", password=PASSWORD)
    sign_in(client, "seseorang")
    response = client.get("/kerja/")
    if role in NEEDS_SECOND_FACTOR:
        assert response["Location"] == "/masuk/dua-langkah/aktifkan/"
    else:
        assert response.status_code == 200


def test_the_roles_that_need_it():
    assert {"administrator", "verifikator", "pimpinan"} == NEEDS_SECOND_FACTOR


def test_production_requires_it_unless_told_otherwise(settings):
    code = "from kaltim_koperasi import settings; print(settings.MFA_REQUIRED)"
    base = {
        "SECRET_KEY": settings.SECRET_KEY,
        "ALLOWED_HOSTS": "a.example",
        "OFFICE_PHONE": "1",
        "PATH": "/usr/bin:/bin",
    }
    for extra, expected in [({}, "True"), ({"MFA_REQUIRED": "0"}, "False"), ({"DEBUG": "1"}, "False")]:
        done = subprocess.run(
            [sys.executable, "-c", code], env={**base, **extra}, capture_output=True, text=True, check=False
        )
        assert done.stdout.strip() == expected, done.stderr


def test_nothing_but_signing_out_and_setting_up_is_open_without_it(client, administrator, settings):
    settings.MFA_REQUIRED = True
    sign_in(client, "admin.kaltim")
    for path in ["/kerja/", "/admin/", "/masuk/akun/", "/masuk/sandi/", "/masuk/dua-langkah/", "/admin/accounts/user/"]:
        assert client.get(path)["Location"] == "/masuk/dua-langkah/aktifkan/", path
        assert client.post(path)["Location"] == "/masuk/dua-langkah/aktifkan/", path
    assert client.get("/").status_code == 200
    script = client.get("/kerja/", headers={"hx-request": "true"})
    assert script.status_code == 403
    assert script["HX-Redirect"] == "/masuk/dua-langkah/aktifkan/"
    assert client.post("/keluar/").status_code == 302
    assert not is_signed_in(client)


def test_setting_it_up_opens_everything_at_once(client, administrator, settings):
    settings.MFA_REQUIRED = True
    sign_in(client, "admin.kaltim")
    _activate(client)
    assert is_signed_in(client)


def test_a_session_from_before_it_was_set_up_must_show_a_code(client, administrator, settings):
    settings.MFA_REQUIRED = True
    sign_in(client, "admin.kaltim")
    give_second_factor(administrator)
    response = client.get("/kerja/")
    assert response["Location"] == "/masuk/ulang/kode/?next=%2Fkerja%2F"
    done = client.post(response["Location"], {"code": current_code(time.time())})
    assert done["Location"] == "/kerja/"
    assert is_signed_in(client)


def test_switching_it_off_leads_straight_back_to_setting_it_up(client, administrator, settings):
    settings.MFA_REQUIRED = True
    give_second_factor(administrator)
    sign_in(client, "admin.kaltim")
    client.post("/masuk/kode/", {"code": current_code(time.time())})
    assert is_signed_in(client)
    with mock.patch("time.time", return_value=time.time() + 60):
        client.post("/masuk/ulang/?next=/masuk/dua-langkah/matikan/", {"password": PASSWORD})
        client.post("/masuk/dua-langkah/matikan/")
    assert client.get("/kerja/")["Location"] == "/masuk/dua-langkah/aktifkan/"


def test_without_the_requirement_nobody_is_asked_and_nothing_is_read(client, administrator, django_assert_num_queries):
    client.force_login(administrator)
    client.get("/kerja/")
    with django_assert_num_queries(2):  # session, user
        assert client.get("/kerja/").status_code == 200


def test_pages_of_the_second_factor_are_in_indonesian(client, person):
    sign_in(client)
    _activate(client)
    for path in ["/masuk/dua-langkah/", "/masuk/dua-langkah/kode/", "/masuk/dua-langkah/matikan/"]:
        main = client.get(path).content.decode().partition("<main")[2].partition("</main>")[0]
        text = re.sub(r"<[^>]+>", " ", main.partition("</nav>")[2])
        assert not re.search(r"\b(the|your|password|sign in|codes)\b", text, re.IGNORECASE), path

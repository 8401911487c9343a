"""Signing in and out, and the addresses that there are."""

import logging

import pytest
from django.urls import NoReverseMatch, get_resolver, reverse

from tests.accounts.conftest import PASSWORD, is_signed_in, sign_in
from tests.factories import make_user


def test_right_password_signs_in_and_leads_to_the_workspace(client, person):
    response = sign_in(client)
    assert response.status_code == 302
    assert response["Location"] == "/kerja/"
    assert is_signed_in(client)


def test_username_may_be_typed_in_capitals_and_with_blanks(client, person):
    sign_in(client, " SITI ")
    assert is_signed_in(client)


@pytest.mark.parametrize(("username", "password"), [("siti", "salah"), ("nobody", PASSWORD)])
def test_wrong_username_and_wrong_password_get_the_same_answer(client, person, username, password):
    response = sign_in(client, username, password)
    assert response.status_code == 200
    assert response.context["form"].non_field_errors() == ["Nama pengguna atau kata sandi keliru."]
    assert not is_signed_in(client)


def test_sign_in_page_is_kept_nowhere(client, db):
    assert "no-store" in client.get("/masuk/")["Cache-Control"]


def test_closed_page_leads_to_sign_in_and_back(client, person):
    response = client.get("/kerja/?halaman=2")
    assert response["Location"] == "/masuk/?next=/kerja/%3Fhalaman%3D2"
    response = client.post(response["Location"], {"login": "siti", "password": PASSWORD})
    assert response["Location"] == "/kerja/?halaman=2"


@pytest.mark.parametrize(
    "place",
    ["//evil.id", "https://evil.id/", "/\\evil.id", "\\\\evil.id", "javascript:alert(1)", "http:///evil.id", "ftp://x"],
)
@pytest.mark.parametrize("how", ["address", "form"])
def test_next_never_leads_to_another_site(client, person, place, how):
    data = {"login": "siti", "password": PASSWORD}
    if how == "address":
        response = client.post(reverse("account_login", query={"next": place}), data)
    else:
        response = client.post("/masuk/", {**data, "next": place})
    assert response["Location"] == "/kerja/"


def test_another_allowed_host_is_another_site_too(client, person, settings):
    settings.ALLOWED_HOSTS = ["testserver", "lain.example.go.id"]
    response = client.post("/masuk/?next=http://lain.example.go.id/", {"login": "siti", "password": PASSWORD})
    assert response["Location"] == "/kerja/"


def test_session_id_changes_at_sign_in(client, person):
    client.get("/masuk/")
    client.session["planted"] = "1"
    session = client.session
    session["planted"] = "1"
    session.save()
    client.cookies["__Host-sesi"] = session.session_key
    sign_in(client)
    assert client.session.session_key != session.session_key
    assert not client.session.exists(session.session_key)


def test_sign_out_is_a_post(client, person):
    sign_in(client)
    assert client.get("/keluar/").status_code == 405
    assert is_signed_in(client)
    response = client.post("/keluar/", {"next": "//evil.id"})
    assert response["Location"] == "/masuk/"
    assert not is_signed_in(client)
    assert "Anda sudah keluar." in client.get("/masuk/").content.decode()


def test_posts_need_the_csrf_token(person):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    assert sign_in(client).status_code == 403


def test_deactivated_person_is_out_at_the_next_request(client, person, administrator):
    sign_in(client)
    assert is_signed_in(client)
    person.deactivate(by=administrator, reason="pindah kantor")
    assert not is_signed_in(client)


def test_deactivated_person_cannot_sign_in_and_is_told_why(client, person, administrator):
    person.deactivate(by=administrator, reason="pindah kantor")
    response = sign_in(client)
    assert response["Location"] == "/masuk/ditutup/"
    assert "ditutup" in client.get(response["Location"]).content.decode()
    assert not is_signed_in(client)


def test_nobody_can_sign_up(client, db):
    with pytest.raises(NoReverseMatch):
        reverse("account_signup")
    for path in ["/masuk/daftar/", "/accounts/signup/", "/masuk/signup/", "/daftar/"]:
        assert client.get(path).status_code == 404


def test_the_sign_in_has_these_addresses_and_no_other():
    names = {
        pattern.name
        for resolver in get_resolver("accounts.urls").url_patterns
        for pattern in [resolver]
        if pattern.name is not None
    }
    assert names == {
        "account_change_password",
        "account_home",
        "account_inactive",
        "account_invitation",
        "account_login",
        "account_logout",
        "account_reauthenticate",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key",
        "account_reset_password_from_key_done",
        "admin_change_password",
        "admin_sign_in",
        "admin_sign_out",
        "mfa_activate_totp",
        "mfa_authenticate",
        "mfa_deactivate_totp",
        "mfa_download_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_index",
        "mfa_reauthenticate",
        "mfa_view_recovery_codes",
    }


def test_admin_uses_the_same_sign_in(client, person):
    assert client.get("/admin/")["Location"] == "/admin/login/?next=/admin/"
    response = client.get("/admin/login/?next=/admin/")
    assert response["Location"] == "/masuk/?next=%2Fadmin%2F"
    assert client.get("/admin/login/?next=//evil.id")["Location"] == "/masuk/?next=%2Fadmin%2F"
    sign_in(client)
    assert client.get("/admin/login/?next=/admin/")["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200
    assert client.get("/admin/password_change/")["Location"] == "/masuk/sandi/"
    assert client.get("/admin/logout/").status_code == 405
    client.post("/admin/logout/")
    assert not is_signed_in(client)


def test_officer_of_a_regency_never_enters_the_admin(client, db):
    make_user("petugas", "petugas.kubar", password=PASSWORD)
    sign_in(client, "petugas.kubar")
    assert is_signed_in(client)
    assert client.get("/admin/login/?next=/admin/").status_code == 403
    assert client.get("/admin/", follow=True).status_code == 403


def test_my_account_says_who_i_am(client, db):
    make_user("petugas", "petugas.kubar", password=PASSWORD)
    sign_in(client, "petugas.kubar")
    text = client.get("/masuk/akun/").content.decode()
    assert "petugas.kubar" in text
    assert "Kabupaten Kutai Barat" in text


def test_own_password_can_be_changed_and_ends_other_sessions(client, person):
    from django.test import Client

    other = Client()
    sign_in(client)
    sign_in(other)
    new = "delapan perahu merah tua"
    response = client.post("/masuk/sandi/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert response["Location"] == "/kerja/"
    assert is_signed_in(client)
    assert not is_signed_in(other)
    person.refresh_from_db()
    assert person.check_password(new)
    assert person.history.first().history_change_reason == "Kata sandi diganti"


@pytest.mark.parametrize(("has_mail", "way"), [(True, "Kirim tautan"), (False, "Administrator dinas membuatkan")])
@pytest.mark.parametrize("method", ["get", "post"])
def test_who_has_no_password_is_shown_the_way_to_one(client, db, settings, has_mail, way, method):
    settings.HAS_MAIL = has_mail
    client.force_login(make_user("auditor", "budi"))
    response = getattr(client, method)("/masuk/sandi/")
    assert response["Location"] == "/masuk/sandi/lupa/"
    page = client.get(response["Location"])
    assert [str(message) for message in page.context["messages"]] == [
        "Akun Anda belum punya kata sandi. Begini cara mendapatkannya."
    ]
    assert way in page.content.decode()


@pytest.mark.parametrize("new", ["pendek sekali"[:11], "siti", "password12345"])
def test_weak_passwords_are_refused(client, person, new):
    sign_in(client)
    response = client.post("/masuk/sandi/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert response.status_code == 200
    assert response.context["form"].errors


def test_no_password_reaches_the_log(client, person, caplog):
    caplog.set_level(logging.DEBUG)
    sign_in(client, password="rahasia-sekali-99")
    sign_in(client)
    assert "rahasia-sekali-99" not in caplog.text
    assert PASSWORD not in caplog.text


def test_passwords_are_kept_with_argon2(person):
    assert person.password.startswith("argon2$")

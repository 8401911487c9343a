"""Accounts in the admin."""

import re
from datetime import date

import pytest
from axes.models import AccessFailureLog
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.roles import Role
from tests.accounts.conftest import give_second_factor, is_signed_in, link_in, sign_in
from tests.factories import make_regency, make_user

LIST = "/admin/accounts/user/"
ADD = "/admin/accounts/user/add/"
NEW = "delapan perahu merah tua"


@pytest.fixture
def admin(client, administrator):
    client.force_login(administrator)
    return client


@pytest.fixture
def budi(db):
    return make_user("auditor", "budi", full_name="Budi Santoso")


def _values(**values):
    return {"username": "siti.baru", "full_name": "Siti Baru", "email": "", "role": "auditor", "regency": "", **values}


def _change(user):
    return reverse("admin:accounts_user_change", args=[user.pk])


def _edit(admin, user, **values):
    page = admin.get(_change(user))
    form = page.context["adminform"].form
    data = {
        "full_name": user.full_name,
        "email": user.email or "",
        "role": user.role,
        "regency": user.regency_id or "",
        "version": form.initial["version"],
        "form_key": form.initial["form_key"],
        **values,
    }
    return admin.post(_change(user), data)


def test_inviting_somebody_shows_a_link_that_works(admin, administrator):
    page = admin.post(ADD, _values(email="Siti@example.go.id"))
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    user = User.objects.get(username="siti.baru")
    assert (user.email, user.has_usable_password()) == ("siti@example.go.id", False)
    assert user.history.last().history_user == administrator
    person = Client()
    place = person.get(link_in(page.content.decode()))["Location"]
    person.post(place, {"new_password1": NEW, "new_password2": NEW})
    sign_in(person, "siti.baru", NEW)
    assert is_signed_in(person)
    assert user.get_all_permissions() == make_user("auditor").get_all_permissions()


def test_officer_needs_a_regency_and_is_told_so(admin):
    page = admin.post(ADD, _values(role="petugas"))
    assert "Pilih kabupaten/kota petugas ini." in page.content.decode()
    regency = make_regency()
    page = admin.post(ADD, _values(role="auditor", regency=regency.pk))
    assert page.context["adminform"].form.errors["regency"]
    assert not User.objects.filter(username="siti.baru").exists()
    assert admin.post(ADD, _values(role="petugas", regency=regency.pk)).status_code == 200
    assert User.objects.get(username="siti.baru").regency == regency


@pytest.mark.parametrize(
    "extra",
    [
        {"password": "x"},
        {"is_superuser": "on"},
        {"is_staff": "on"},
        {"is_active": ""},
        {"groups": "1"},
        {"user_permissions": "1"},
        {"last_login_0": "2020-01-01"},
        {"link_made_at": "2020-01-01"},
        {"version": "99"},
    ],
    ids=str,
)
def test_fields_that_are_not_in_the_form_cannot_be_set(admin, extra):
    admin.post(ADD, _values(**extra))
    user = User.objects.get(username="siti.baru")
    assert not user.has_usable_password()
    assert (user.is_active, user.is_superuser, user.version, user.last_login) == (True, False, 1, None)
    assert [group.name for group in user.groups.all()] == ["auditor"]
    assert not user.user_permissions.exists()


def test_changing_the_role_changes_the_group(admin, budi, administrator):
    assert _edit(admin, budi, role="verifikator").status_code == 302
    budi.refresh_from_db()
    assert (budi.role, budi.version) == ("verifikator", 2)
    assert [group.name for group in budi.groups.all()] == ["verifikator"]
    assert budi.history.first().history_user == administrator


def test_a_username_stays(admin, budi):
    _edit(admin, budi, username="lain", full_name="Budi S.")
    budi.refresh_from_db()
    assert (budi.username, budi.full_name) == ("budi", "Budi S.")


def test_the_second_of_two_editors_overwrites_nothing(admin, budi):
    page = admin.get(_change(budi))
    form = page.context["adminform"].form
    opened = {"version": form.initial["version"], "form_key": form.initial["form_key"]}
    _edit(admin, budi, full_name="Budi yang pertama")
    response = _edit(admin, budi, full_name="Budi yang kedua", **opened)
    assert response.status_code == 200
    budi.refresh_from_db()
    assert budi.full_name == "Budi yang pertama"


def test_last_administrator_cannot_give_the_role_away(admin, administrator):
    response = _edit(admin, administrator, role="auditor")
    assert response.context["adminform"].form.errors["role"]
    administrator.refresh_from_db()
    assert administrator.role == "administrator"


def test_list_says_what_matters_in_as_many_queries_for_ten_as_for_two(admin, budi, django_assert_num_queries):
    give_second_factor(budi)
    admin.get(LIST)
    with django_assert_num_queries(6):
        page = admin.get(LIST)
    assert "Budi Santoso" in page.content.decode()
    for number in range(8):
        make_user("petugas", regency=make_regency(f"Kabupaten Uji {number}"))
    with django_assert_num_queries(6):
        page = admin.get(LIST)
    assert "Kabupaten Uji 7" in page.content.decode()


def test_nobody_deletes(admin, budi):
    page = admin.get(_change(budi)).content.decode()
    assert "deletelink" not in page
    assert admin.post(f"{LIST}{budi.pk}/delete/", {"post": "yes"}).status_code == 403
    admin.post(LIST, {"action": "delete_selected", "_selected_action": budi.pk, "post": "yes"})
    assert User.objects.filter(pk=budi.pk).exists()


def test_groups_and_permissions_are_no_page_of_the_admin(admin):
    index = admin.get("/admin/").content.decode()
    assert "/admin/auth/" not in index
    assert "/admin/mfa/" not in index
    assert "/admin/axes/" not in index
    for path in ["/admin/auth/group/", "/admin/mfa/authenticator/", "/admin/account/emailaddress/"]:
        assert admin.get(path).status_code in {403, 404}, path


def test_officer_is_never_given_a_regency_of_the_past(admin):
    past = make_regency("Bulungan", valid_until=date(2013, 4, 22))
    page = admin.post(ADD, _values(role="petugas", regency=past.pk))
    assert page.context["adminform"].form.errors["regency"]
    assert not User.objects.filter(username="siti.baru").exists()


# -- Actions -----------------------------------------------------------------------------------------


def _act(admin, action, *users, **values):
    return admin.post(LIST, {"action": action, "_selected_action": [user.pk for user in users], **values}, follow=True)


def test_closing_asks_for_a_reason_first(admin, budi, administrator):
    page = _act(admin, "deactivate", budi)
    assert "Budi Santoso" in page.content.decode()
    budi.refresh_from_db()
    assert budi.is_active
    page = _act(admin, "deactivate", budi, reason="")
    assert page.context["form"].errors
    _act(admin, "deactivate", budi, reason="pensiun")
    budi.refresh_from_db()
    assert not budi.is_active
    assert budi.history.first().history_change_reason == "pensiun"
    _act(admin, "reactivate", budi, reason="kembali")
    budi.refresh_from_db()
    assert budi.is_active


def test_one_refusal_among_many_changes_none(admin, budi, administrator):
    page = _act(admin, "deactivate", budi, administrator, reason="bersih-bersih")
    assert "akun sendiri" in page.content.decode()
    budi.refresh_from_db()
    assert budi.is_active


def test_lost_phone(admin, budi):
    give_second_factor(budi)
    _act(admin, "remove_second_factor", budi, reason="telepon hilang")
    assert not budi.authenticator_set.exists()
    assert budi.history.first().history_change_reason == "Masuk dua langkah dihapus: telepon hilang"
    give_second_factor(budi)
    _act(admin, "remove_second_factor", budi, reason=" ")
    assert budi.authenticator_set.exists()


def test_lockout_is_released_and_noted(admin, budi, administrator):
    for number in range(50):
        sign_in(Client(REMOTE_ADDR=f"198.51.100.{number + 1}"), "budi", "salah")
    assert sign_in(Client(), "budi", "salah").status_code == 429
    page = _act(admin, "release_lockout", budi)
    assert "1 akun dibuka." in page.content.decode()
    assert not AccessFailureLog.objects.exists()
    assert budi.history.first().history_user == administrator
    assert sign_in(Client(), "budi", "salah").status_code == 200
    lines = budi.history.count()
    AccessFailureLog.objects.all().delete()
    _act(admin, "release_lockout", budi)
    assert budi.history.count() == lines


# -- One-time link -----------------------------------------------------------------------------------


def test_link_is_made_by_post_after_a_question(admin, budi, administrator):
    path = reverse("admin:accounts_user_link", args=[budi.pk])
    assert path in admin.get(_change(budi)).content.decode()
    question = admin.get(path)
    assert "/masuk/undangan/" not in question.content.decode()
    budi.refresh_from_db()
    assert budi.link_made_at is None
    answer = admin.post(path)
    assert "no-store" in answer["Cache-Control"]
    assert Client().get(link_in(answer.content.decode())).status_code == 302
    assert budi.history.first().history_user == administrator
    history = admin.get(f"{LIST}{budi.pk}/history/").content.decode()
    assert "Tautan sekali pakai dibuat" in history
    assert not re.search(r"/masuk/undangan/", history)


def test_no_link_for_a_closed_account(admin, budi, administrator):
    budi.deactivate(by=administrator, reason="pensiun")
    path = reverse("admin:accounts_user_link", args=[budi.pk])
    for answer in [admin.get(path), admin.post(path)]:
        assert "Akun ini ditutup" in answer.content.decode()
    assert path not in admin.get(_change(budi)).content.decode()


def test_no_link_for_nobody(admin):
    assert admin.post(reverse("admin:accounts_user_link", args=[10**9])).status_code == 404


# -- Who may -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_only_an_administrator_changes_accounts(client, budi, role):
    client.force_login(make_user(role))
    may_look = role in {Role.HEAD, Role.AUDITOR}
    entry = 302 if role == Role.OFFICER else 403
    assert client.get(LIST).status_code == (200 if may_look else entry)
    assert client.get(_change(budi)).status_code == (200 if may_look else entry)
    assert client.get(ADD).status_code == entry
    assert client.post(ADD, _values()).status_code == entry
    assert client.post(_change(budi), {"full_name": "x"}).status_code == entry
    link = reverse("admin:accounts_user_link", args=[budi.pk])
    assert client.get(link).status_code == entry
    assert client.post(link).status_code == entry
    for action in ["deactivate", "release_lockout", "remove_second_factor"]:
        client.post(LIST, {"action": action, "_selected_action": budi.pk, "reason": "x"})
    budi.refresh_from_db()
    assert budi.is_active
    assert (budi.full_name, budi.link_made_at) == ("Budi Santoso", None)
    assert User.objects.count() == 2

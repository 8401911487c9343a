"""create_account and demo_accounts."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from accounts.roles import Role
from tests.accounts.conftest import is_signed_in, link_in, sign_in
from tests.factories import make_regency

NEW = "delapan perahu merah tua"


def _run(*args):
    out = StringIO()
    call_command(*args, stdout=out)
    return out.getvalue()


def test_first_administrator_gets_a_link_and_signs_in(client, db):
    text = _run("create_account", "admin.kaltim", "--role", "administrator", "--name", "Admin Dinas")
    assert "https://testserver/masuk/undangan/" in text
    place = client.get(link_in(text))["Location"]
    client.post(place, {"new_password1": NEW, "new_password2": NEW})
    sign_in(client, "admin.kaltim", NEW)
    assert is_signed_in(client)
    user = User.objects.get()
    assert user.has_perm("accounts.add_user")
    assert user.full_name == "Admin Dinas"


def test_officer_of_a_regency(db):
    make_regency("Kutai Barat")
    text = _run(
        *["create_account", "petugas.kubar", "--role", "petugas", "--regency", "kutai-barat"],
        *["--email", "Kubar@example.go.id", "--base-url", "https://koperasi.example"],
    )
    assert "https://koperasi.example/masuk/undangan/" in text
    user = User.objects.get()
    assert (user.regency.name, user.email) == ("Kutai Barat", "kubar@example.go.id")


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (["siti", "--role", "petugas"], "Pilih kabupaten/kota"),
        (["siti", "--role", "petugas", "--regency", "atlantis"], "no regency 'atlantis'"),
        (["si ti", "--role", "auditor"], "huruf kecil"),
        (["ada", "--role", "auditor"], "Sudah ada akun"),
        (["siti", "--role", "auditor", "--email", "bukan surel"], "alamat email"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(db, args, says):
    _run("create_account", "ada", "--role", "auditor")
    with pytest.raises(CommandError, match=says):
        _run("create_account", *args)
    assert User.objects.count() == 1


def test_unknown_role_is_refused(db):
    with pytest.raises(CommandError):
        _run("create_account", "siti", "--role", "superuser")


def test_while_developing_the_link_is_local(db, settings):
    settings.DEBUG = True
    assert "http://localhost:8000/masuk/" in _run("create_account", "siti", "--role", "auditor")


def test_demo_accounts_open_and_change_their_passwords_each_time(client, db, settings):
    settings.DEBUG = True
    make_regency("Kutai Barat")
    first = _demo()
    assert set(first) == {f"demo.{role.value}" for role in Role}
    for username, password in first.items():
        sign_in(client, username, password)
        assert is_signed_in(client)
        client.post("/keluar/")
    second = _demo()
    assert set(second) == set(first)
    assert not set(first.values()) & set(second.values())
    assert User.objects.count() == len(Role)
    assert User.objects.get(username="demo.petugas").regency.slug == "kutai-barat"


def _demo():
    return dict(line.split()[:2] for line in _run("demo_accounts").splitlines())


def test_no_officer_before_the_regencies_are_loaded(db, settings):
    settings.DEBUG = True
    assert "demo.petugas" not in _demo()


def test_demo_accounts_never_in_production(db):
    with pytest.raises(CommandError):
        _run("demo_accounts")
    assert not User.objects.exists()

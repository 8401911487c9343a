"""The account itself: what can never be stored, and its verbs."""

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.roles import Role
from common.models import ChangedMeanwhile
from tests.factories import make_regency, make_user


def test_there_is_no_superuser_and_no_way_to_make_one(db):
    with pytest.raises(NotImplementedError):
        get_user_model().objects.create_superuser("root", password="x")
    with pytest.raises((CommandError, NotImplementedError, TypeError)):
        call_command("createsuperuser", username="root", full_name="x", role="administrator", interactive=False)
    assert "is_superuser" not in {field.name for field in User._meta.get_fields()}
    assert make_user("administrator").is_superuser is False
    assert not User.objects.filter(username="root").exists()


@pytest.mark.parametrize(
    "values",
    [
        {"role": "raja"},
        {"username": "Siti"},
        {"email": "Siti@example.go.id"},
        {"email": ""},
        {"role": "petugas"},
    ],
    ids=str,
)
def test_the_database_refuses(db, values):
    user = make_user("auditor")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=user.pk).update(**values)


def test_the_database_refuses_a_regency_for_the_province(db):
    user = make_user("auditor")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=user.pk).update(regency=make_regency())


def test_two_accounts_never_share_an_address_and_many_have_none(db):
    make_user("auditor", email="a@example.go.id")
    make_user("auditor")
    make_user("auditor")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_user("auditor", email="A@example.go.id")


@pytest.mark.parametrize("username", ["ab", "siti aminah", "-siti", "siti@kaltim", "sité", "siti\n", "x" * 61])
def test_odd_usernames_are_refused(username):
    with pytest.raises(ValidationError) as refused:
        User(username=username, full_name="x", role="auditor").clean_fields(exclude=["password"])
    assert "username" in refused.value.message_dict


def test_the_officer_without_regency_is_told_at_the_field(db):
    with pytest.raises(ValidationError) as refused:
        User(username="siti", full_name="x", role="petugas").clean()
    assert refused.value.message_dict == {"regency": ["Pilih kabupaten/kota petugas ini."]}
    with pytest.raises(ValidationError) as refused:
        User(username="siti", full_name="x", role="auditor", regency=make_regency()).clean()
    assert "regency" in refused.value.message_dict


def test_names(db):
    user = make_user("auditor", full_name="Siti Aminah")
    assert (str(user), user.get_full_name(), user.get_short_name()) == ("Siti Aminah", "Siti Aminah", "Siti")
    assert User.objects.get_by_natural_key(user.username.upper()) == user


def test_who_has_which_role(db):
    auditor, head = make_user("auditor"), make_user("pimpinan")
    assert list(User.objects.with_role("auditor")) == [auditor]
    assert set(User.objects.with_role("auditor", "pimpinan")) == {auditor, head}
    assert auditor.has_role("auditor", "pimpinan")
    assert not auditor.has_role("pimpinan")


def test_a_new_role_brings_its_group_regency_and_history(db, administrator):
    user = make_user("auditor")
    user.assign_role("petugas", by=administrator, regency=make_regency("Berau"))
    user = User.objects.get(pk=user.pk)
    assert [group.name for group in user.groups.all()] == ["petugas"]
    assert user.regency.name == "Berau"
    assert user.version == 2
    line = user.history.first()
    assert (line.history_user, line.role) == (administrator, "petugas")
    assert line.history_change_reason == "Peran: Petugas kabupaten/kota"
    assert not user.has_perm("accounts.view_user")


def test_a_role_that_does_not_fit_changes_nothing(db, administrator):
    user = make_user("auditor")
    with pytest.raises(ValidationError):
        user.assign_role("petugas", by=administrator)
    with pytest.raises(ValueError, match="raja"):
        user.assign_role("raja", by=administrator)
    user = User.objects.get(pk=user.pk)
    assert (user.role, user.version) == ("auditor", 1)
    assert [group.name for group in user.groups.all()] == ["auditor"]


def test_two_who_change_one_account_at_once(db, administrator):
    user = make_user("auditor")
    stale = User.objects.get(pk=user.pk)
    user.assign_role("pimpinan", by=administrator)
    with pytest.raises(ChangedMeanwhile):
        stale.assign_role("verifikator", by=administrator)
    assert User.objects.get(pk=user.pk).role == "pimpinan"


def test_closing_and_opening_an_account_wants_a_reason_and_stands_in_the_history(db, administrator):
    user = make_user("auditor")
    with pytest.raises(ValidationError):
        user.deactivate(by=administrator, reason="  ")
    user.deactivate(by=administrator, reason="pensiun")
    assert not User.objects.active().filter(pk=user.pk).exists()
    user.deactivate(by=administrator, reason="dua kali")
    user.reactivate(by=administrator, reason="kembali bekerja")
    assert User.objects.get(pk=user.pk).is_active
    reasons = list(user.history.values_list("history_change_reason", flat=True))
    assert reasons == ["kembali bekerja", "pensiun", None]


def test_nobody_closes_the_own_account(db, administrator):
    make_user("administrator")
    with pytest.raises(ValidationError):
        administrator.deactivate(by=administrator, reason="coba")
    assert User.objects.get(pk=administrator.pk).is_active


def test_the_last_administrator_stays(db, administrator):
    other = make_user("auditor")
    for act in (
        lambda: administrator.deactivate(by=other, reason="coba"),
        lambda: administrator.assign_role("auditor", by=other),
    ):
        with pytest.raises(ValidationError):
            act()
    second = make_user("administrator")
    administrator.assign_role("auditor", by=second)
    second.assign_role(Role.ADMINISTRATOR, by=second)
    assert User.objects.with_role("administrator").get() == second


def test_sign_in_leaves_no_line_in_the_history(client, person):
    from tests.accounts.conftest import sign_in

    before = person.history.count()
    sign_in(client)
    person.refresh_from_db()
    assert person.last_login is not None
    assert person.history.count() == before


def test_history_keeps_no_password(person):
    names = {field.name for field in person.history.model._meta.get_fields()}
    assert not names & {"password", "last_login"}


def test_a_new_password_never_opens_a_closed_account_again(person, administrator):
    stale = User.objects.get(pk=person.pk)
    person.deactivate(by=administrator, reason="pensiun")
    stale.choose_password("delapan perahu merah tua")
    stale.note_link(by=administrator)
    assert not User.objects.get(pk=person.pk).is_active


def test_regency_of_an_officer_cannot_be_deleted(db):
    from django.db.models import ProtectedError

    officer = make_user("petugas")
    with pytest.raises(ProtectedError):
        officer.regency.delete()

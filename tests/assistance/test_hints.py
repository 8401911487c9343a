"""Citizens' hints in the workspace: who reads them, who decides, and that a repeat changes nothing."""

import pytest
from django.contrib.messages import get_messages
from django.db import IntegrityError, transaction
from django.urls import reverse

from assistance.models import Hint
from assistance.stages import Stage
from tests.assistance.aid import at_stage, make_recipient
from tests.factories import make_regency, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit():
    return at_stage(Stage.HANDED_OVER).units.first()


@pytest.fixture
def hint(unit):
    return Hint.say(unit, "gone", "Tidak ada di pasar <b>Melak</b>")


@pytest.fixture
def staff(client):
    person = make_user("staf_provinsi", "penentu", full_name="Siti Penentu")
    client.force_login(person)
    return person


def decide(client, hint, state="noted", **values):
    return client.post(reverse("decide_hint", args=[hint.pk]), {"state": state, **values})


def said(response):
    return [str(one) for one in get_messages(response.wsgi_request)]


def test_the_oldest_waits_first_with_what_it_says_and_where(client, staff, unit, hint):
    second = Hint.say(unit, "here", "Masih dipakai")
    page = client.get(reverse("hint_list")).content.decode()
    assert "&lt;b&gt;Melak&lt;/b&gt;" in page and unit.code in page and "Kutai Barat" in page
    assert page.index("Melak") < page.index(second.note)
    assert page.count(f'action="{reverse("decide_hint", args=[hint.pk])}"') == 1


@pytest.mark.parametrize(("state", "noted"), [("noted", 1), ("discarded", 0)])
def test_a_decision_keeps_who_when_and_why(client, staff, hint, state, noted):
    assert decide(client, hint, state, comment="Kunjungi pekan depan")["Location"] == reverse("hint_list")
    hint.refresh_from_db()
    assert (hint.state, hint.decided_by, hint.comment) == (state, staff, "Kunjungi pekan depan")
    assert hint.decided_at
    assert Hint.objects.noted().count() == noted
    assert Hint.objects.noted().missing().count() == noted
    assert not Hint.objects.waiting().exists()
    page = client.get(reverse("hint_list")).content.decode()
    assert "Kunjungi pekan depan" in page and "Siti Penentu" in page
    assert f'action="{reverse("decide_hint", args=[hint.pk])}"' not in page


def test_a_repeat_is_told_that_it_is_done_and_changes_nothing(client, staff, hint):
    decide(client, hint, "noted", comment="Pertama")
    client.force_login(make_user("administrator", "lain"))
    again = decide(client, hint, "discarded", comment="Kedua")
    assert any("Siti Penentu" in one for one in said(again))
    hint.refresh_from_db()
    assert (hint.state, hint.comment, hint.decided_by) == ("noted", "Pertama", staff)


@pytest.mark.parametrize(
    "sent",
    [
        {"state": "new"},
        {"state": ""},
        {"state": "noted", "comment": "x" * 301},
        {"state": "noted", "comment": "a\u202eb"},
    ],
)
def test_what_is_no_decision_changes_nothing(client, staff, hint, sent):
    response = client.post(reverse("decide_hint", args=[hint.pk]), sent)
    assert response.status_code == 302 and said(response)
    hint.refresh_from_db()
    assert hint.state == "new"


def test_an_officer_reads_those_of_the_own_regency_and_decides_none(client, hint):
    client.force_login(make_user("petugas", regency=hint.unit.package.regency))
    page = client.get(reverse("hint_list")).content.decode()
    assert "Melak" in page and reverse("decide_hint", args=[hint.pk]) not in page
    assert decide(client, hint).status_code == 403
    client.force_login(make_user("petugas", "jauh", regency=make_regency("Berau")))
    assert "Melak" not in client.get(reverse("hint_list")).content.decode()


def test_a_foreign_hint_answers_like_one_that_does_not_exist(client, hint, monkeypatch):
    """No role that decides is bound to a regency: the second wall, seen with the first one taken away."""
    person = make_user("petugas", regency=make_regency("Berau"))
    monkeypatch.setattr(type(person), "has_perm", lambda self, *args, **more: True)
    monkeypatch.setattr(type(person), "has_perms", lambda self, *args, **more: True)
    client.force_login(person)
    assert decide(client, hint).status_code == 404
    hint.refresh_from_db()
    assert hint.state == "new"


def test_the_workspace_leads_to_what_waits(client, staff):
    assert reverse("hint_list") in client.get(reverse("workspace")).content.decode()


def test_the_same_words_at_once_are_one_row_by_the_database_too(hint):
    with pytest.raises(IntegrityError), transaction.atomic():
        Hint.objects.create(unit=hint.unit, answer="gone", note="x", digest=hint.digest)


def test_it_costs_the_same_queries_however_many_wait(client, staff, unit, hint, django_assert_num_queries):
    address = reverse("hint_list")
    client.get(address)
    with django_assert_num_queries(
        7
    ):  # session, person, role's permissions, own ones, how many wait, those, those decided
        client.get(address)
    other = at_stage(Stage.HANDED_OVER, recipient=make_recipient(regency=make_regency("Paser")))
    for each in other.units.all():
        Hint.say(each, "here", "Masih")
    with django_assert_num_queries(7):
        client.get(address)

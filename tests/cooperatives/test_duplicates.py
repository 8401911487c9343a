"""Records that may be one cooperative: found, asked about, and not asked about again."""

import pytest
from django.urls import reverse

from cooperatives.duplicates import MOST_CANDIDATES, candidates, say_distinct, suspicious
from cooperatives.models import Cooperative, DistinctPair
from tests.factories import make_cooperative, make_regency, make_user

pytestmark = pytest.mark.django_db
DOUBLES = "admin:cooperatives_cooperative_doubles"


def found(**values):
    return [candidate.cooperative for candidate in candidates(**{"regency_id": None} | values)]


@pytest.mark.parametrize("name", ["KSP Maju", "Ksp. MAJU ", "Koperasi Simpan Pinjam Maju", "maju", "KSU “Maju”"])
def test_a_name_is_recognised_however_it_is_written(name):
    cooperative = make_cooperative("KSP Maju")
    assert found(name=name) == [cooperative]


def test_the_same_name_in_another_regency_is_another_cooperative():
    berau, paser = make_regency("Berau"), make_regency("Paser")
    inside, nowhere = make_cooperative("Maju", regency=berau), make_cooperative("Maju")
    make_cooperative("Maju", regency=paser)
    assert found(name="Maju", regency_id=berau.pk) == [inside, nowhere]


def test_the_same_legal_number_is_asked_about_whatever_the_name():
    cooperative = make_cooperative("Maju", legal_number="12/BH/1998")
    (candidate,) = candidates(name="Mundur", regency_id=None, legal_number="12/BH/1998")
    assert candidate.cooperative == cooperative
    assert (candidate.same_name, candidate.same_legal_number) == (False, True)
    assert "nomor badan hukum" in candidate.why


def test_empty_numbers_are_not_the_same_number():
    make_cooperative("Maju")
    assert found(name="Mundur", legal_number="") == []


def test_void_records_and_the_record_itself_are_no_candidates():
    cooperative = make_cooperative("Maju")
    make_cooperative("Maju Jaya").void(reason="salah", by=None)
    assert found(name="Maju", pk=cooperative.pk) == []
    assert found(name="Maju Jaya") == []


def test_a_list_of_candidates_ends_somewhere():
    for _number in range(MOST_CANDIDATES + 3):
        make_cooperative("Maju")
    assert len(found(name="Maju")) == MOST_CANDIDATES


def test_saying_it_twice_changes_nothing():
    ids = [make_cooperative("Maju").pk for _number in range(3)]
    assert say_distinct([ids[2], ids[0], ids[1]], reason="beda", by=None) == 3
    assert say_distinct(ids, reason="lagi", by=None) == 0
    assert set(DistinctPair.objects.values_list("reason", flat=True)) == {"beda"}


def test_a_group_is_suspicious_until_all_its_pairs_are_distinct():
    regency = make_regency()
    ids = [make_cooperative("KSP Maju", regency=regency).pk for _number in range(3)]
    make_cooperative("KSP Maju")
    assert suspicious(Cooperative.objects.all()) == [("maju", regency.pk, 3)]
    say_distinct(ids[:2], reason="beda", by=None)
    assert suspicious(Cooperative.objects.all()) == [("maju", regency.pk, 3)]
    say_distinct(ids, reason="beda", by=None)
    assert suspicious(Cooperative.objects.all()) == []


def test_groups_without_a_regency_are_groups_too():
    ids = [make_cooperative("Maju").pk for _number in range(2)]
    assert suspicious(Cooperative.objects.all()) == [("maju", None, 2)]
    say_distinct(ids, reason="beda", by=None)
    assert suspicious(Cooperative.objects.all()) == []


def test_the_page_shows_each_group_and_notes_that_they_differ(client):
    client.force_login(make_user("administrator"))
    ids = [make_cooperative("KSP Maju").pk for _number in range(2)]
    page = client.get(reverse(DOUBLES))
    assert [[row.pk for row in group] for group in page.context["groups"]] == [ids]
    client.post(reverse(DOUBLES), {"pk": ids, "reason": ""})
    assert not DistinctPair.objects.exists()
    client.post(reverse(DOUBLES), {"pk": [*ids, "x", "9" * 30], "reason": "beda desa"})
    assert DistinctPair.objects.get().reason == "beda desa"
    client.post(reverse(DOUBLES), {"pk": ids, "reason": "lagi"})
    assert DistinctPair.objects.get().reason == "beda desa"
    assert client.get(reverse(DOUBLES)).context["groups"] == []


def test_an_auditor_looks_but_does_not_say(client):
    client.force_login(make_user("auditor"))
    ids = [make_cooperative("KSP Maju").pk for _number in range(2)]
    assert client.get(reverse(DOUBLES)).status_code == 200
    assert client.post(reverse(DOUBLES), {"pk": ids, "reason": "beda"}).status_code == 403


def test_the_page_costs_the_same_at_two_sizes(client, django_assert_max_num_queries):
    client.force_login(make_user("administrator"))
    client.get("/kerja/")
    counts = []
    for many in (1, 6):
        for number in range(many):
            for _copy in range(2):
                make_cooperative(f"Maju {many} {number}")
        with django_assert_max_num_queries(12) as captured:
            client.get(reverse(DOUBLES))
        counts.append(len(captured))
    assert counts[0] == counts[1]

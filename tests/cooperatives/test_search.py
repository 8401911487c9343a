"""The one search box: what finds a cooperative, however it is written, and what is suggested where nothing is found."""

from datetime import date

import pytest
from django.db import connection
from django.urls import reverse

from cooperatives.hints import meant
from cooperatives.models import Cooperative, FormerName
from cooperatives.summary import publish
from tests.factories import make_cooperative

pytestmark = pytest.mark.django_db


@pytest.fixture
def orchid():
    record = make_cooperative(
        "KSU Anggrek Hitam",
        nomor_induk_koperasi="3275070060001",
        legal_number="518/99/BH/KDK.17.4/1998",
        village="Melak Ulu",
        district="Melak",
    )
    FormerName.objects.create(cooperative=record, name="Koperasi Bungá D'Rimba", until=date(2014, 1, 1))
    publish([record.pk])
    make_cooperative("Koperasi Tani Ulin", village="Long Iram")
    return record


@pytest.mark.parametrize(
    "text",
    [
        "anggrek hitam",
        "ANGGREK  HITAM",
        "hitam anggrek",
        "Koperasi Anggrek-Hitam",
        "KSU. anggrek",
        "Ánggrèk",
        "ggre",
        "bunga drimba",
        "Bunga D’Rimba",
        "3275070060001",
        "518/99/BH",
        "518 99 bh",
        "melak ulu",
        "anggrek melak",
    ],
)
def test_it_is_found_however_it_is_written(orchid, text):
    assert [record.pk for record in Cooperative.objects.matching(text)] == [orchid.pk]


@pytest.mark.parametrize("text", ["anggrek putih", "anggrek_hitam_", "%", "a%m", "_nggrek", "518/97/BH", "'"])
def test_signs_are_no_wildcards(orchid, client, text):
    page = client.get(reverse("cooperative_list"), {"q": text})
    assert page.status_code == 200
    if text == "anggrek_hitam_":  # signs part words
        assert page.context["counted"].total == 1
    elif text in ("%", "'"):  # nothing to search for: said, and not a list narrowed by nothing
        assert page.context["form"].errors["q"]
    elif text == "a%m":  # two words, each found somewhere
        assert page.context["counted"].total == 2
    elif text == "_nggrek":
        assert page.context["counted"].total == 1
    else:
        assert page.context["counted"].total == 0


def test_a_former_name_that_was_taken_back_is_no_longer_found(orchid):
    orchid.former_names.all().delete()
    publish([orchid.pk])
    assert not Cooperative.objects.matching("bunga").exists()


@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("typed", "suggested"),
    [("angrek hitam", "anggrek hitam"), ("anggrek hitem", "anggrek hitam"), ("KSU Anggrekk", "anggrek")],
)
def test_a_typing_error_gets_a_suggestion(orchid, client, typed, suggested):
    page = client.get(reverse("cooperative_list"), {"q": typed})
    assert page.context["meant"] == suggested
    assert f'?q={suggested.replace(" ", "%20")}"' in page.content.decode()


@pytest.mark.postgresql
def test_a_suggestion_is_made_only_where_it_helps(orchid, client, django_assert_num_queries):
    assert meant("zzzqqq xxwww") == ""
    assert meant("anggrek hitam") == ""
    with django_assert_num_queries(0):
        assert meant("abc") == ""
    assert client.get(reverse("cooperative_list"), {"q": "anggrek"}).context["meant"] == ""


@pytest.mark.postgresql
def test_the_suggestion_reads_the_trigram_index(orchid):
    with connection.cursor() as cursor:
        # So few rows are read quicker one by one; these leave the index of trigrams as the only other way.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
        queryset = Cooperative.objects.filter(search__trigram_word_similar="angrek hitam")
        assert "coop_search" in queryset.explain()


@pytest.mark.sqlite
def test_without_trigrams_there_is_no_suggestion(orchid, client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert meant("angrek hitam") == ""

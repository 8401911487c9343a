"""The public list of aid: what it shows, adds up and keeps to itself."""

import csv
import io
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assistance import procedure
from assistance.filters import AidFilter
from assistance.models import Package
from assistance.stages import Stage
from assistance.totals import Totals
from tests.assistance.aid import at_stage, make_kind, make_recipient, proposed
from tests.factories import make_cooperative, make_regency, make_return, make_user

pytestmark = pytest.mark.django_db


def historical(**values):
    """Old aid of which nothing but its kind is known."""
    package = Package(kind=values.pop("kind", None) or make_kind("Gerobak PKL"), **values)
    return procedure.enter_historical(package, Stage.HANDED_OVER, by=make_user("verifikator"))


def lines(response):
    return list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode())))[1:]


def totals(**asked):
    return Totals(AidFilter(asked, queryset=Package.objects.all()))


def test_holds_aid_from_the_decree_on(client):
    draft, decreed = proposed(), at_stage(Stage.DECREED)
    page = client.get("/bantuan/").content.decode()
    assert f'href="/bantuan/{decreed.pk}/"' in page
    assert f'href="/bantuan/{draft.pk}/"' not in page
    assert totals().all.packages == 1


def test_totals_equal_the_file(client):
    at_stage(Stage.DECREED)
    at_stage(Stage.HANDED_OVER, quantity=3)
    historical()
    response = client.get("/bantuan/?format=json")
    body = json.loads(b"".join(response.streaming_content))
    names = [column["name"] for column in body["columns"]]
    rows = [dict(zip(names, row, strict=True)) for row in body["rows"]]
    sums = totals().all
    assert sums.packages == len(rows) == int(response["X-Row-Count"]) == 3
    assert sums.quantity == sum(row["quantity"] or 0 for row in rows) == 8
    assert sums.quantity_unknown == sum(row["quantity"] is None for row in rows) == 1
    assert sums.value == sum(row["realised_amount"] or 0 for row in rows)
    assert sums.value_unknown == sum(row["realised_amount"] is None for row in rows)
    for what in ("penerima", "wilayah"):
        found = lines(client.get(f"/bantuan/?isi={what}&format=csv"))
        assert sum(int(row[-5]) for row in found) == 3
        assert sum(int(row[-4]) for row in found) == 8
    assert len(lines(client.get("/bantuan/?isi=unit&format=csv"))) == 3
    assert client.get("/bantuan/?isi=lain&format=csv").status_code == 404
    assert client.get("/bantuan/?tahun=abc&format=csv").status_code == 400


def test_a_facet_counts_without_its_own_ticks_and_knows_what_is_not_stated(client):
    at_stage(Stage.DECREED)
    historical()
    found = totals(tahun=["2024"])
    assert found.by_facet["tahun"] == {"2024": 1, "kosong": 1}
    assert found.by_facet["dana"] == {"apbd_provinsi": 1}
    assert found.all.packages == 1
    for param in ("tahun", "wilayah", "dana", "penerima"):
        only = AidFilter({param: ["kosong"]}, queryset=Package.objects.all())
        assert [package.is_historical for package in only.qs] == [True]
        assert Totals(only).all.packages == 1


def test_a_text_narrows_totals_and_rows_alike(client):
    at_stage(Stage.DECREED)
    historical()
    only = AidFilter({"q": "gerobak"}, queryset=Package.objects.all())
    assert (only.qs.count(), Totals(only).all.packages) == (1, 1)


def test_old_aid_of_which_nothing_is_known_has_its_page(client):
    package = historical()
    page = client.get(f"/bantuan/{package.pk}/")
    assert page.status_code == 200
    assert "Data historis" in page.content.decode() or "Historical data" in page.content.decode()
    assert client.get("/bantuan/").status_code == 200


def test_a_regency_without_aid_is_shown_as_such(client):
    at_stage(Stage.DECREED)
    make_regency("Berau")
    assert client.get("/en/bantuan/").content.decode().count("no aid on record yet") == 1


def test_costs_the_same_queries_however_much_there_is(client):
    def cost():
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/bantuan/").status_code == 200
        return len(asked)

    at_stage(Stage.DECREED)
    first = cost()
    for _number in range(3):
        at_stage(Stage.DECREED)
    assert cost() == first


def test_persons_are_not_told_apart_in_the_sums(client):
    regency = make_regency("Kutai Barat")
    for name in ("Rahasia Satu", "Rahasia Dua"):
        at_stage(Stage.DECREED, recipient=make_recipient(name, kind="person", regency=regency))
    (row,) = lines(client.get("/bantuan/?isi=penerima&format=csv"))
    assert row[3] == "2"


def test_members_are_the_measure_of_a_regency(client):
    regency = make_regency("Paser")
    one = make_cooperative("KSU Ukur", regency=regency)
    make_return(one, 2024, members=500)
    at_stage(Stage.DECREED, recipient=make_recipient("KSU Lain", regency=regency))
    assert "2,00" in client.get("/bantuan/").content.decode()

"""The register as a file: exactly the filter's rows, exactly the database's values, nothing private."""

import csv
import io
import json
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import gettext

from common.columns import Kind
from common.exports import heading
from common.models import DataVersion
from cooperatives import public_fields
from cooperatives.models import Cooperative, Sector, Status
from cooperatives.models import Kind as CooperativeKind
from tests import xlsx
from tests.factories import make_cooperative, make_form, make_group, make_regency, make_return

pytestmark = pytest.mark.django_db

LIST = "/koperasi/"
LABELS = [heading(column) for column in public_fields.COOPERATIVE]
NAMES = [column.name for column in public_fields.COOPERATIVE]


def content(client, **query):
    response = client.get(LIST, query)
    assert response.status_code == 200
    return b"".join(response.streaming_content), response


def csv_rows(client, **query):
    found, _response = content(client, format="csv", **query)
    _head, *rows = csv.reader(io.StringIO(found.decode(), newline=""))
    return [dict(zip(NAMES, row, strict=True)) for row in rows]


@pytest.fixture
def full():
    """A cooperative in which every public column holds something."""
    one = make_cooperative(
        "KSU Maju",
        regency=make_regency("Samarinda", kemendagri_code="64.72", bps_code="6472"),
        group=make_group("Serba Usaha"),
        form=make_form(),
        kind=CooperativeKind.objects.create(name="Jasa"),
        sector=Sector.objects.create(name="Konstruksi"),
        nomor_induk_koperasi="0075070060001",
        certificate_on=date(2015, 1, 2),
        certificate_valid_until=date(2027, 1, 2),
        legal_number="12/BH/1999",
        legal_on=date(1999, 3, 4),
        iusp_number="7/IUSP",
        iusp_on=date(2001, 1, 1),
        nib="0220001234567",
        loop="closed",
        district="Sungai Kunjang",
        village="Loa Bakung",
        postal_code="01234",
        address="Jl. Contoh No. 1",
        latitude="-0.502371",
        longitude="117.153801",
        founded_on=date(1999, 3, 4),
        website="https://example.com/",
        is_merah_putih=True,
        management="sharia",
        health="sound",
        health_on=date(2020, 2, 2),
        health_source="Dinas",
        is_demo=True,
        since=date(1999, 3, 4),
    )
    for year in (2022, 2023, 2024, 2025):
        make_return(one, year, members=0)
    one.refresh_from_db()
    return one


def expected_of(one):
    """What each public column must hold, read from the record by hand."""
    return {
        "id": one.pk,
        "url": f"http://testserver/koperasi/{one.pk}/",
        "regency_code": one.regency.kemendagri_code,
        "regency_bps_code": one.regency.bps_code,
        "regency": one.regency.name,
        **{key: getattr(one, key).name for key in ("form", "kind", "group", "sector")},
        **{f"{key}_label": str(getattr(one, f"get_{key}_display")()) for key in LABELLED},
        "latitude": -0.5,
        "longitude": 117.15,
        "updated_at": f"{one.updated_at:%Y-%m-%dT%H:%M:%SZ}",
    }


LABELLED = ("loop", "management", "health", "status", "rule_status")


def values_of(one):
    special = expected_of(one)
    return {name: special[name] if name in special else getattr(one, name) for name in NAMES}


def as_json(value):
    return value.isoformat() if isinstance(value, date) else value


def test_every_value_is_the_one_of_the_database(client, full):
    expected = values_of(full)
    assert not [name for name, value in expected.items() if value in (None, "")], "the record leaves a column untried"
    found = json.loads(content(client, format="json")[0])
    assert [column["name"] for column in found["columns"]] == NAMES
    assert dict(zip(NAMES, found["rows"][0], strict=True)) == {name: as_json(value) for name, value in expected.items()}
    (row,) = csv_rows(client)
    assert row == {name: gettext("Yes") if value is True else str(as_json(value)) for name, value in expected.items()}
    head, line = xlsx.table(content(client, format="xlsx")[0])
    assert head == LABELS
    for column, value, cell in zip(public_fields.COOPERATIVE, expected.values(), line, strict=True):
        if column.kind is Kind.DATE:
            assert date.fromordinal(cell + 693594) == value, column.name
        elif column.kind is not Kind.FLAG:
            assert cell == value, column.name


def test_long_numbers_stay_text(client, full):
    (row,) = csv_rows(client)
    assert (row["nomor_induk_koperasi"], row["nib"], row["postal_code"]) == ("0075070060001", "0220001234567", "01234")
    line = xlsx.table(content(client, format="xlsx")[0])[1]
    assert line[NAMES.index("nomor_induk_koperasi")] == "0075070060001"


def test_unknown_is_empty_and_zero_is_zero(client, full):
    bare = make_cooperative("Kosong")
    rows = {row["id"]: row for row in csv_rows(client)}
    assert rows[str(full.pk)]["latest_members"] == "0"
    assert rows[str(bare.pk)]["latest_members"] == ""
    found = json.loads(content(client, format="json")[0])["rows"]
    assert [row[NAMES.index("latest_members")] for row in found] == [0, None]
    assert found[1][NAMES.index("website")] is None


def test_no_two_columns_have_one_name():
    assert len(set(NAMES)) == len(NAMES)
    assert len(set(LABELS)) == len(LABELS)


def test_holds_exactly_the_rows_of_the_filter(client):
    berau = make_regency("Berau", slug="berau")
    inside = [make_cooperative(regency=berau) for _ in range(3)]
    make_cooperative(regency=make_regency("Paser", slug="paser"))
    inside[0].void(reason="salah", by=None)
    inside[1].record_status(Status.DISSOLVED, since=date(2020, 1, 1), basis="", by=None)
    found, response = content(client, format="csv", wilayah="berau")
    assert response["X-Row-Count"] == "2"
    assert found.count(b"\r\n") == 3
    assert [row["id"] for row in csv_rows(client, wilayah="berau")] == [str(inside[1].pk), str(inside[2].pk)]


def test_a_filter_that_is_not_understood_is_no_file(client):
    make_cooperative()
    response = client.get(LIST, {"format": "csv", "wilayah": "atlantis"})
    assert response.status_code == 400
    assert "Content-Disposition" not in response


@pytest.mark.parametrize("form", ["pdf", "xls", "CSV"])
def test_a_form_that_there_is_not_is_not_found(client, form):
    assert client.get(LIST, {"format": form}).status_code in (400, 404)


def test_under_a_date_it_is_as_it_was(client):
    mother = make_regency("Kutai Barat", slug="kutai-barat")
    daughter = make_regency("Mahakam Ulu", slug="mahakam-ulu", split_from=mother, valid_from=date(2012, 12, 14))
    one = make_cooperative(regency=daughter, since=date(2005, 5, 5), founded_on=date(2005, 5, 5))
    one.record_status(Status.INACTIVE, since=date(2020, 1, 1), basis="", by=None)
    make_cooperative(since=date(2015, 1, 1), founded_on=date(2015, 1, 1))
    (row,) = csv_rows(client, per="2010-01-01")
    assert (row["status"], row["status_since"], row["regency"]) == ("active", "2005-05-05", "Kutai Barat")
    assert row["regency_code"] == mother.kemendagri_code
    assert {row["regency"] for row in csv_rows(client)} == {"Mahakam Ulu", ""}


def test_costs_the_same_queries_whatever_the_labels(client):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            content(client, format="csv")
        return len(seen)

    make_cooperative()
    few = queries()
    for n in range(20):
        make_cooperative(regency=make_regency(f"R{n}"), group=make_group(), form=make_form())
    assert queries() == few


def test_a_change_during_the_download_is_told(client):
    for _ in range(3):
        make_cooperative()
    response = client.get(LIST, {"format": "csv"})
    pieces = iter(response.streaming_content)
    next(pieces)
    DataVersion.bump("cooperatives")
    assert b"".join(pieces).decode().splitlines()[-1].startswith("# ")


def test_the_api_and_the_file_give_the_same_rows(client, full):
    make_cooperative()
    api = client.get("/api/v1/cooperatives/").json()["results"]
    file = json.loads(content(client, format="json")[0])
    assert [list(row.values()) for row in api] == file["rows"]
    assert Cooperative.objects.count() == len(api)

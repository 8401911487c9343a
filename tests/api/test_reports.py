"""Approved reports in the public API."""

import pytest

from reporting.models import RegencyReport
from tests.factories import make_regency, make_user
from tests.reporting.reports import approved, make_report, submitted, typed, wita

pytestmark = pytest.mark.django_db

LIST = "/api/v1/reports/"
IN_TIME, LATE = wita(2026, 1, 8, 9), wita(2026, 1, 11)


@pytest.fixture
def reports():
    """Approved on time; approved late by the province; waiting; blank."""
    verifier = make_user("verifikator")
    berau, paser, _kubar = [make_regency(name) for name in ("Berau", "Paser", "Kutai Barat")]
    one = make_report(berau, is_open=False)
    two, three = make_report(province=True, is_open=False), make_report(paser, is_open=False)
    said = typed(trained="0", labour=None, na={"labour": "Survei belum selesai"})
    said["problems"] = []
    approved(one, by=verifier, said=said, now=IN_TIME)
    approved(two, by=verifier, now=LATE)
    submitted(three, now=IN_TIME)
    return one, two, three


def test_the_list_holds_what_was_approved_and_nothing_else(client, reports):
    rows = {row["office"]: row for row in client.get(LIST).json()["results"]}
    assert set(rows) == {"berau", "provinsi"}
    row = rows["berau"]
    assert row["id"] == reports[0].pk
    assert row["url"] == "http://testserver/statistik/pelaporan/2025-t4/berau/"
    assert (row["period"], row["year"], row["kind"], row["due_on"]) == ("2025-t4", 2025, "quarter", "2026-01-10")
    assert (row["regency"], row["kemendagri_code"]) == ("Berau", reports[0].regency.kemendagri_code)
    assert (row["submitted_at"], row["is_late"]) == ("2026-01-08T01:00:00Z", False)
    assert (row["receipt"], len(row["sha256"])) == ("2025-t4-berau-1", 64)
    assert (row["is_revised"], row["is_being_revised"], row["form_version"]) == (False, False, 1)
    assert (rows["provinsi"]["is_late"], rows["provinsi"]["regency"]) == (True, None)


def test_the_address_of_a_row_is_a_page(client, reports):
    for row in client.get(LIST).json()["results"]:
        assert client.get(row["url"].removeprefix("http://testserver")).status_code == 200


@pytest.mark.parametrize(
    ("query", "offices"),
    [
        ("periode=2025-t4", {"berau", "provinsi"}),
        ("periode=2025-t3", set()),
        ("tahun=2025", {"berau", "provinsi"}),
        ("tahun=2024", set()),
        ("jenis=quarter", {"berau", "provinsi"}),
        ("kantor=berau", {"berau"}),
        ("kantor=provinsi", {"provinsi"}),
        ("kantor=paser", set()),
        ("kantor=berau&tahun=2025", {"berau"}),
    ],
)
def test_it_is_narrowed_like_the_page(client, reports, query, offices):
    assert {row["office"] for row in client.get(f"{LIST}?{query}").json()["results"]} == offices
    page = client.get(f"/statistik/pelaporan/?{query}")
    shown = {cell.report.office_key for cell in page.context["matrix"].cells if cell.is_approved}
    assert shown == offices


@pytest.mark.parametrize("query", ["tahun=dua", "jenis=bulan", "periode=" + "x" * 11, "keadaan=late", "status=draft"])
def test_it_refuses_what_it_does_not_understand(client, query):
    answer = client.get(f"{LIST}?{query}")
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [query.partition("=")[0]]


def test_one_report_with_its_lines(client, reports):
    found = client.get(f"{LIST}{reports[0].pk}/").json()
    values = {row["indicator"]: row for row in found["values"]}
    assert len(values) == 25 and found["problems"] == []
    assert (values["trained"]["value"], values["trained"]["said"]) == (0, "filled")
    assert (values["labour"]["value"], values["labour"]["said"]) == (None, "unavailable")
    assert (values["assets"]["value"], values["assets"]["unit"]) == (61402750000, "rupiah")
    assert "explanation" not in values["labour"] and "Survei" not in str(found)


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ("id,office", {"id", "office"}),
        ("values", {"values"}),
        ("office,problems", {"office", "problems"}),
    ],
)
def test_it_gives_the_fields_asked_for(client, reports, fields, names):
    assert set(client.get(f"{LIST}{reports[0].pk}/", {"fields": fields}).json()) == names


def test_what_is_not_approved_is_not_found(client, reports):
    blank = RegencyReport.objects.get(regency__slug="kutai-barat")
    unknown = client.get(f"{LIST}999999/").json()["detail"]
    for pk in (reports[2].pk, blank.pk, 0, 2**63):
        answer = client.get(f"{LIST}{pk}/")
        assert (answer.status_code, answer.json()["detail"]) == (404, unknown)
    with pytest.raises(KeyError):
        client.get(f"{LIST}{reports[2].pk}/").json()["values"]


def test_while_it_is_revised_it_stays_with_what_was_approved(client, reports):
    report = reports[0]
    report.reopen(by=make_user("verifikator"), reason="Koreksi", now=LATE)
    report.save_draft(typed(trained="7"), by=report.saved_by, now=LATE)
    (row,) = client.get(LIST, {"kantor": "berau"}).json()["results"]
    assert row["is_being_revised"] is True
    values = {row["indicator"]: row["value"] for row in client.get(f"{LIST}{report.pk}/").json()["values"]}
    assert values["trained"] == 0


def test_it_costs_the_same_queries_at_any_size(client, reports, django_assert_num_queries):
    with django_assert_num_queries(2):  # data versions, rows
        client.get(LIST)
    with django_assert_num_queries(5):  # data versions, the record, and for its lines: report, step, lines
        client.get(f"{LIST}{reports[1].pk}/")
    for name in ("Samarinda", "Bontang"):
        approved(make_report(make_regency(name), is_open=False), now=IN_TIME)
    with django_assert_num_queries(2):
        assert len(client.get(LIST).json()["results"]) == 4

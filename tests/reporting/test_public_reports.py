"""/statistik/pelaporan/: what everybody may read of reports, and what nobody may."""

import csv
import gzip
import io
import json
import re
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.models import DataVersion
from reporting.filling import fill
from reporting.models import FormLine, RegencyReport
from reporting.published import Said
from tests.factories import make_regency, make_user
from tests.reporting.reports import approved, make_report, submitted, typed, wita

pytestmark = pytest.mark.django_db

IN_TIME, LATE = wita(2026, 1, 8, 9), wita(2026, 1, 11)
HOME, PERIOD = "/statistik/pelaporan/", "/statistik/pelaporan/2025-t4/"
CANARY = "Bapak Rahasia, telepon 0812"


def report_of(name, **period):
    return make_report(make_regency(name), is_open=False, **period)


@pytest.fixture
def verifier():
    return make_user("verifikator", "verifikator")


@pytest.fixture
def year_end(verifier):
    """Two regencies approved, one of them without a number for one line; one waits, one is blank; the province is."""
    berau, paser, bontang, _kubar = [make_regency(name) for name in ("Berau", "Paser", "Bontang", "Kutai Barat")]
    reports = [make_report(regency, is_open=False) for regency in (berau, paser, bontang)]
    FormLine.objects.filter(indicator__code="umkm_medium").update(is_required=False)
    one, two, three = reports
    first = typed(trained="0", umkm_medium=None, act=CANARY, why={"inspected": CANARY}, problems=[])
    approved(one, by=verifier, said=first, now=IN_TIME)
    approved(two, by=verifier, said=typed(labour=None, na={"labour": CANARY}), now=LATE)
    submitted(three, now=IN_TIME)
    approved(make_report(province=True, is_open=False), by=verifier, now=IN_TIME)
    return one, two, three


def made_now(client, address):
    """The page as it is made, not as it was kept: with its context."""
    cache.clear()
    return client.get(address)


def file_of(response):
    assert response.status_code == 200
    told = json.loads(b"".join(response.streaming_content))
    names = [column["name"] for column in told["columns"]]
    return [dict(zip(names, row, strict=True)) for row in told["rows"]]


def body_of(response):
    return (b"".join(response.streaming_content) if response.streaming else response.content).decode()


# The matrix -----------------------------------------------------------------------------------------


def test_the_matrix_says_when_each_came_and_was_approved(client, year_end):
    page = made_now(client, HOME)
    cells = {cell.report.office_key: cell for cell in page.context["matrix"].cells}
    assert {key: cell.state.value for key, cell in cells.items()} == {
        "berau": "on_time",
        "paser": "late",
        "bontang": "on_time",
        "kutai-barat": "missing",
        "provinsi": "on_time",
    }
    (rate,) = page.context["matrix"].rates
    assert (rate.due, rate.submitted, rate.on_time, rate.approved) == (5, 4, 3, 3)
    html = page.content.decode()
    assert "8\u00a0Januari\u00a02026" in html and "11\u00a0Januari\u00a02026" in html
    linked = set(re.findall(rf'href="{PERIOD}([\w-]+)/"', html))
    assert linked == {"berau", "paser", "provinsi"}, "only what is approved can be opened"


def test_what_came_back_looks_like_what_waits(client, year_end, verifier):
    before = client.get(HOME).content.decode()
    report = RegencyReport.objects.select_related("period", "regency").get(regency__slug="bontang")
    report.give_back(by=verifier, reason=CANARY, now=LATE)
    after = client.get(HOME)
    assert _shown(after.content.decode()) == _shown(before)
    (row,) = [row for row in file_of(client.get(f"{HOME}?format=json")) if row["office"] == "bontang"]
    assert row["state"] == "on_time" and row["approved_at"] is None
    assert "returned" not in json.dumps(row)


def _shown(html):
    """The page without its frame and without the number of the request."""
    return re.sub(r"\b[0-9a-f]{12}\b", "", re.search(r"<main.*</main>", html, re.DOTALL)[0])


def test_a_draft_changes_nothing_that_the_public_sees(client):
    report = report_of("Berau")
    mark = client.get(HOME)["ETag"]
    report.save_draft(typed(), by=make_user("petugas", regency=report.regency), now=IN_TIME)
    again = client.get(HOME, headers={"if-none-match": mark})
    assert again.status_code == 304


@pytest.mark.parametrize("address", [HOME, PERIOD, f"{PERIOD}berau/"])
def test_a_step_is_seen_at_once(client, year_end, verifier, address):
    mark = client.get(address)["ETag"]
    assert client.get(address, headers={"if-none-match": mark}).status_code == 304
    year_end[2].approve(by=verifier, now=LATE)
    assert client.get(address, headers={"if-none-match": mark}).status_code == 200


def test_the_files_of_the_matrix_hold_its_rows(client, year_end):
    cells = made_now(client, HOME).context["matrix"].cells
    for query in ("", "&kantor=paser", "&tahun=2011"):
        count = len(made_now(client, f"{HOME}?{query}").context["matrix"].cells)
        for form in ("csv", "xlsx", "json"):
            answer = client.get(f"{HOME}?format={form}{query}")
            assert int(answer["X-Row-Count"]) == count
            assert b"".join(answer.streaming_content)
    assert len(cells) == 5
    assert client.get(f"{HOME}?tahun=x&format=csv").status_code == 400
    assert made_now(client, f"{HOME}?tahun=x").context["form"].errors


def test_before_the_first_period_the_pages_say_what_will_be_there(client):
    assert 'class="empty"' in client.get(HOME).content.decode()
    assert client.get(PERIOD).status_code == 404


# Totals ---------------------------------------------------------------------------------------------


def test_a_total_says_whom_it_speaks_for_and_names_who_is_missing(client, year_end):
    page = made_now(client, PERIOD)
    found = page.context["totals"]
    assert found.by_code["cooperatives"].value == 3 * 660
    assert found.coverage == "2 dari 4 kab/kota dan Provinsi"
    assert [office.name for office in found.not_approved] == ["Bontang", "Kutai Barat"]
    labour = found.by_code["labour"]
    assert (labour.value, labour.coverage) == (2 * 1902, "1 dari 4 kab/kota dan Provinsi")
    assert [office.name for office in labour.unavailable] == ["Paser"]
    medium = found.by_code["umkm_medium"]
    assert [office.name for office in medium.blank] == ["Berau"] and medium.value == 2 * 38
    html = page.content.decode()
    assert html.count("2 dari 4 kab/kota dan Provinsi") >= 20
    assert "Bontang" in html and "Kutai Barat" in html


def test_without_the_province_a_total_says_so(client, verifier):
    approved(report_of("Berau"), by=verifier, now=IN_TIME)
    assert made_now(client, PERIOD).context["totals"].coverage == "1 dari 1 kab/kota, tanpa Provinsi"


def test_a_line_that_nobody_answered_has_no_total(client, verifier):
    report = report_of("Berau")
    approved(report, by=verifier, said=typed(labour=None, na={"labour": "Belum ada survei"}), now=IN_TIME)
    page = made_now(client, PERIOD)
    total = page.context["totals"].by_code["labour"]
    assert total.value is None and total.counted == []
    html = page.content.decode()
    assert "?baris=labour" not in html and "?baris=trained" in html
    assert client.get(f"{PERIOD}?baris=labour").status_code == 200


def test_zero_is_a_total(client, verifier):
    approved(report_of("Berau"), by=verifier, said=typed(trained="0"), now=IN_TIME)
    page = made_now(client, PERIOD)
    total = page.context["totals"].by_code["trained"]
    assert (total.value, len(total.counted)) == (0, 1)
    assert "?baris=trained" in page.content.decode()


def test_every_total_leads_to_exactly_the_reports_that_it_is_the_sum_of(client, year_end):
    page = made_now(client, PERIOD)
    links = re.findall(r'href="(\?baris=(\w+))"', page.content.decode())
    totals = page.context["totals"]
    assert len(links) == len(totals.lines) == 25
    told = {row["indicator"]: row for row in file_of(client.get(f"{PERIOD}?format=json"))}
    behind = file_of(client.get(f"{PERIOD}?isi=nilai&format=json"))
    for link, code in links:
        line = made_now(client, PERIOD + link)
        shares = line.context["total"].shares
        values = {share.office.key: share.value for share in shares if share.value is not None}
        assert sum(values.values()) == totals.by_code[code].value == told[code]["value"], code
        assert len(values) == told[code]["regencies"] + told[code]["has_province"]
        assert len(shares) == 5, "whoever is not in it stands there as well"
        # Each value leads to a report that says it.
        reports = set(re.findall(rf'href="({PERIOD}[\w-]+/)"', line.content.decode()))
        assert {address.removeprefix(PERIOD).strip("/") for address in reports} >= set(values)
        for key, value in values.items():
            assert made_now(client, f"{PERIOD}{key}/").context["one"].answer(code).value == value
        rows = file_of(client.get(f"{PERIOD}{link}&format=json"))
        assert {row["office"]: row["value"] for row in rows if row["value"] is not None} == values
        assert rows == [row for row in behind if row["indicator"] == code]


def test_a_line_that_there_is_not_is_not_found(client, year_end):
    for query in ("baris=rahasia", "baris=%27", "baris=" + "x" * 5000):
        assert client.get(f"{PERIOD}?{query}").status_code == 404
    assert client.get("/statistik/pelaporan/2025-t9/").status_code == 404


def test_pages_ask_the_same_number_of_queries_at_any_size(client, year_end, verifier):
    def queries(address):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address).status_code == 200
        return len(asked)

    addresses = (HOME, PERIOD, f"{PERIOD}?baris=trained", f"{PERIOD}berau/")
    few = {address: queries(address) for address in addresses}
    assert max(few.values()) <= 8
    for name in ("Samarinda", "Balikpapan", "Mahakam Ulu"):
        approved(report_of(name), by=verifier, now=IN_TIME)
    report_of("Kutai Timur", year=2025, number=3)
    DataVersion.bump("reports")
    assert {address: queries(address) for address in addresses} == few


# One report -----------------------------------------------------------------------------------------


def test_an_approved_report_says_its_lines_and_what_it_does_not_know(client, year_end):
    page = client.get(f"{PERIOD}berau/")
    one = page.context["one"]
    assert len(one.answers) == 25
    assert (one.answer("trained").value, one.answer("trained").said) == (0, Said.FILLED)
    assert (one.answer("umkm_medium").value, one.answer("umkm_medium").said) == (None, Said.BLANK)
    other = made_now(client, f"{PERIOD}paser/").context["one"]
    assert (other.answer("labour").value, other.answer("labour").said) == (None, Said.UNAVAILABLE)
    rows = {row["indicator"]: row for row in file_of(client.get(f"{PERIOD}paser/?format=json"))}
    assert (rows["labour"]["value"], rows["labour"]["said"]) == (None, "unavailable")
    html = page.content.decode()
    assert "/statistik/trained/?wilayah=berau" in html
    for address in set(re.findall(r'href="(/statistik/[^"]+)"', html)):
        assert client.get(address).status_code == 200, address


def test_only_what_was_approved_is_there(client, year_end):
    missing = client.get(f"{PERIOD}atlantis/")
    for office in ("bontang", "kutai-barat"):
        for query in ("", "?format=csv"):
            answer = client.get(f"{PERIOD}{office}/{query}")
            assert answer.status_code == missing.status_code == 404
            assert _shown(answer.content.decode()) == _shown(missing.content.decode())


def test_while_it_is_revised_what_was_approved_stays(client, year_end, verifier):
    report, officer = year_end[0], year_end[0].saved_by
    address = f"{PERIOD}berau/"

    def told():
        """The page, the total, the file and the API, which never disagree."""
        page = made_now(client, address)
        one = page.context["one"]
        total = made_now(client, PERIOD).context["totals"].by_code["inspected"].value
        (row,) = [row for row in file_of(client.get(f"{address}?format=json")) if row["indicator"] == "inspected"]
        api = client.get(f"/api/v1/reports/{report.pk}/").json()
        (in_api,) = [row for row in api["values"] if row["indicator"] == "inspected"]
        assert row["value"] == in_api["value"] == one.answer("inspected").value == total - 2 * 24
        assert api["is_being_revised"] == one.is_being_revised and api["is_revised"] == one.is_revised
        assert api["receipt"] == one.step.number
        return one.answer("inspected").value, one.is_being_revised, one.is_revised, one.step.number

    assert told() == (24, False, False, "2025-t4-berau-1")
    report.reopen(by=verifier, reason=CANARY, now=LATE)
    assert told() == (24, True, False, "2025-t4-berau-1")
    report.save_draft(typed(inspected="30"), by=officer, now=LATE)
    report.submit(fill(report), by=officer, now=LATE)
    assert told() == (24, True, False, "2025-t4-berau-1"), "submitted again, not approved again"
    report.give_back(by=verifier, reason=CANARY, now=LATE)
    assert told() == (24, True, False, "2025-t4-berau-1")
    report.save_draft(typed(inspected="31"), by=officer, now=LATE)
    report.submit(fill(report), by=officer, now=LATE)
    report.approve(by=verifier, now=LATE)
    assert told() == (31, False, True, "2025-t4-berau-3")
    assert len(made_now(client, address).context["earlier"]) == 1


def test_what_officers_wrote_in_words_stays_between_the_offices(client, year_end):
    pk = year_end[0].pk
    addresses = [
        HOME,
        f"{HOME}?format=csv",
        PERIOD,
        f"{PERIOD}?format=csv",
        f"{PERIOD}?isi=nilai&format=json",
        f"{PERIOD}?baris=labour",
        f"{PERIOD}?baris=labour&format=csv",
        f"{PERIOD}berau/",
        f"{PERIOD}paser/",
        f"{PERIOD}paser/?format=csv",
        f"{HOME}bukti/2025-t4-berau-1/",
        f"{HOME}bukti/2025-t4-bontang-1/",
        f"/api/v1/reports/{pk}/",
        f"/api/v1/reports/{year_end[1].pk}/",
        "/api/v1/reports/",
        "/api/v1/figures/?limit=100",
        "/statistik/inspected/",
        "/statistik/?format=json",
    ]
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, address
        body = body_of(answer)
        assert CANARY not in body and "Rahasia" not in body, address
        assert "petugas" not in body.lower().replace("untuk petugas", ""), address


# Receipts -------------------------------------------------------------------------------------------


def test_a_receipt_is_confirmed_through_all_that_becomes_of_it(client, verifier):
    report = submitted(report_of("Berau"), now=IN_TIME)
    address = f"{HOME}bukti/2025-t4-berau-1/"

    def state():
        page = made_now(client, address)
        html = page.content.decode()
        proof = page.context["proof"]
        assert proof.step.sha256 in html and "2025-t4-berau-1" in html and "8\u00a0Januari\u00a02026" in html
        assert "12.310" not in html and "660" not in re.sub(r"[0-9a-f]{64}", "", html), "no value"
        return proof.state, proof.later, proof.approved_at

    assert state() == ("submitted", "", None)
    report.give_back(by=verifier, reason=CANARY, now=LATE)
    # That it came back is between the offices.
    assert state() == ("submitted", "", None)
    report.submit(fill(report), by=report.saved_by, now=LATE)
    assert state() == ("replaced", "2025-t4-berau-2", None)
    assert f"{HOME}bukti/2025-t4-berau-2/" in client.get(address).content.decode()
    report.approve(by=verifier, now=LATE)
    assert state() == ("replaced", "2025-t4-berau-2", None)
    address = f"{HOME}bukti/2025-t4-berau-2/"
    proof = made_now(client, address).context["proof"]
    assert (proof.state, proof.approved_at) == ("approved", LATE)
    report.reopen(by=verifier, reason=CANARY, now=LATE)
    assert made_now(client, address).context["proof"].state == "reopened"


@pytest.mark.parametrize("number", ["2025-t4-berau-9", "x", "1" * 500])
def test_an_unknown_receipt_says_what_to_do(client, year_end, number):
    page = client.get(f"{HOME}bukti/{number}/")
    assert page.status_code == 404
    html = page.content.decode()
    assert number in html and "2025-t4-berau-1" in html


def test_a_number_typed_in_capitals_is_found(client, year_end):
    assert client.get(f"{HOME}bukti/2025-T4-BERAU-1/").status_code == 200


# All of them ----------------------------------------------------------------------------------------


ADDRESSES = (
    HOME,
    PERIOD,
    f"{PERIOD}?baris=labour",
    f"{PERIOD}berau/",
    f"{PERIOD}provinsi/",
    f"{HOME}bukti/2025-t4-berau-1/",
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_is_light_and_the_same_for_all_in_both_languages(client, year_end, address):
    for language in ("", "/en"):
        page = client.get(language + address)
        assert page.status_code == 200 and not page.cookies
        assert f'lang="{"en" if language else "id"}"' in page.content.decode()
        style = Path("static/css/portal.css").read_bytes()
        assert len(gzip.compress(page.content)) + len(gzip.compress(style)) < 60 * 1024
    english = client.get(f"/en{address}").content.decode()
    assert "Quarter IV 2025" in english
    assert client.post(address).status_code == 405


def test_demo_data_is_named_on_every_page(client, year_end):
    DataVersion.bump("demo")
    for address in ADDRESSES:
        assert "Data contoh" in client.get(address).content.decode(), address


def test_the_statistics_lead_here(client):
    assert f'href="{HOME}"' in client.get("/statistik/").content.decode()


def test_files_open_nothing_in_a_spreadsheet(client, year_end):
    answer = client.get(f"{PERIOD}?isi=nilai&format=csv")
    rows = list(csv.reader(io.StringIO(body_of(answer))))
    assert len(rows) == 1 + 3 * 25 and len(rows[0]) == len(set(rows[0]))
    assert not [cell for row in rows for cell in row if cell[:1] in "=+@" and cell]

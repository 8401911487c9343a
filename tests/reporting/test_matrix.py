"""Who has reported by when: the matrix of the office, the list of an officer, and their files."""

import csv
import io
import json
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from reporting.filling import fill
from reporting.matrix import State, all_periods, begun, cell_of, matrix
from reporting.models import FormLine, Period, RegencyReport
from reporting.published import described
from tests.factories import make_figure, make_regency, make_user
from tests.reporting.reports import approved, at, make_report, submitted, typed, wita

pytestmark = pytest.mark.django_db

# The fourth quarter of 2025: open from 1 January, due on the 10th, locked after 14 February.
EARLY, IN_TIME, LAST_MOMENT, LATE = (
    wita(2025, 12, 31, 23, 59, 59),
    wita(2026, 1, 8, 9),
    wita(2026, 1, 10, 23, 59, 59),
    wita(2026, 1, 11),
)
LIST = "/kerja/laporan/"


def blank(name="Kutai Barat", **period):
    regency = make_regency(name)
    return make_report(regency, is_open=False, **period)


def seen(report, now, **options):
    report = RegencyReport.objects.select_related("period", "regency").get(pk=report.pk)
    return cell_of(report, now, **options)


def rows_of(response):
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))


# By the clock ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Jayapura"])
@pytest.mark.parametrize(
    ("moment", "state"),
    [(EARLY, State.NOT_OPEN), (wita(2026, 1, 1), State.OPEN), (LAST_MOMENT, State.OPEN), (LATE, State.MISSING)],
)
def test_a_blank_report_is_missing_from_the_second_after_its_due_day(zone, moment, state):
    report = blank()
    with timezone.override(zone):
        assert seen(report, moment).state == state
        assert seen(report, moment, is_public=True).state == state


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Jayapura"])
@pytest.mark.parametrize(("moment", "state", "days"), [(LAST_MOMENT, State.ON_TIME, None), (LATE, State.LATE, 1)])
def test_a_report_is_late_from_the_second_after_its_due_day(zone, moment, state, days):
    report = submitted(blank(), now=moment)
    with timezone.override(zone):
        cell = seen(report, LATE + timedelta(days=30))
        assert (cell.state, cell.days_late) == (state, days)
        assert cell.submitted_on == moment.date()
        # What the API says of it the database has computed.
        (late,) = described(RegencyReport.objects.all()).values_list("came_late", flat=True).filter(pk=report.pk)
        assert late is (state == State.LATE)


def test_a_draft_is_a_draft_until_it_is_missing():
    report = blank()
    report.save_draft(typed(), by=make_user("petugas", regency=report.regency), now=IN_TIME)
    assert seen(report, LAST_MOMENT).state == State.DRAFT
    assert seen(report, LATE).state == State.MISSING
    assert seen(report, LATE + timedelta(days=4)).days_late == 5


def test_what_was_sent_back_is_said_so_and_keeps_that_it_came_in_time():
    report = submitted(blank(), now=IN_TIME)
    assert seen(report, LATE).review == "waiting"
    verifier = make_user("verifikator")
    report.give_back(by=verifier, reason="Ada yang keliru", now=LATE)
    cell = seen(report, LATE)
    assert (cell.state, cell.is_on_time, cell.review) == (State.RETURNED, True, "")
    report.submit(fill(report), by=report.saved_by, now=LATE)
    assert seen(report, LATE).state == State.ON_TIME
    report.approve(by=verifier, now=LATE)
    assert seen(report, LATE).review == "approved"
    report.reopen(by=verifier, reason="Koreksi", now=LATE)
    cell = seen(report, LATE)
    assert (cell.state, cell.is_approved, cell.is_being_revised) == (State.REOPENED, True, True)


def test_the_public_is_not_told_of_drafts_and_returns():
    report = blank()
    report.save_draft(typed(), by=make_user("petugas", regency=report.regency), now=IN_TIME)
    assert seen(report, IN_TIME, is_public=True).state == State.OPEN
    report.submit(fill(report), by=report.saved_by, now=IN_TIME)
    report.give_back(by=make_user("verifikator"), reason="Keliru", now=IN_TIME)
    assert seen(report, LATE, is_public=True).state == State.ON_TIME


# Shares ---------------------------------------------------------------------------------------------


def found(*, now, **asked):
    with at(now):
        return matrix(RegencyReport.objects.all(), begun(all_periods(), asked), now=now)


def test_shares_are_of_what_is_due():
    submitted(blank("Berau"), now=IN_TIME)
    submitted(make_report(make_regency("Paser"), is_open=False), now=LATE)
    approved(make_report(make_regency("Bontang"), is_open=False), now=IN_TIME)
    then = found(now=IN_TIME)
    assert then.total.due == 0 and then.last_due is None, "nothing was due: no share, and no share of 0"
    later = found(now=LATE + timedelta(days=1))
    (rate,) = later.rates
    assert (rate.due, rate.on_time, rate.submitted, rate.approved) == (4, 2, 3, 1)  # the province's is missing
    assert [row.office.key for row in later.rows] == ["berau", "bontang", "paser", "provinsi"]
    assert [row.rate.on_time for row in later.rows] == [1, 1, 0, 0]


def test_an_office_has_no_cell_where_it_owed_no_report():
    make_regency("Mahakam Ulu", valid_from=date(2025, 11, 1))
    blank("Berau", year=2025, number=3)
    make_report(make_regency("Paser"), is_open=False)
    both = found(now=LATE)
    cells = {row.office.name: row.cells for row in both.rows}
    assert cells["Mahakam Ulu"][0].state == State.MISSING
    assert cells["Mahakam Ulu"][1] is None


def test_the_newest_eight_stand_there_and_a_year_in_full():
    for year, number in [(2023, 3), (2023, 4), *((year, n) for year in (2024, 2025) for n in (1, 2, 3, 4))]:
        blank(f"R{year}{number}", year=year, number=number)
    codes = [period.code for period in found(now=LATE).periods]
    assert codes[0] == "2025-t4" and len(codes) == 8
    assert [period.code for period in found(now=LATE, tahun=2023).periods] == ["2023-t4", "2023-t3"]
    assert [period.code for period in found(now=LATE, periode="2023-t3").periods] == ["2023-t3"]


def test_a_running_period_is_left_out_unless_it_is_the_only_one():
    blank("Berau", year=2025, number=3)
    make_report(make_regency("Paser"), is_open=False)
    assert [period.code for period in found(now=EARLY).periods] == ["2025-t3"]
    Period.objects.filter(code="2025-t3").first().reports.all().delete()
    Period.objects.filter(code="2025-t3").delete()
    assert [period.code for period in found(now=EARLY).periods] == ["2025-t4"]


# Pages ----------------------------------------------------------------------------------------------


@pytest.fixture
def several():
    """On time and approved; late and waiting; returned; a draft; missing; and the province's, missing."""
    offices = [make_regency(name) for name in ("Berau", "Paser", "Bontang", "Samarinda", "Kutai Timur")]
    verifier = make_user("verifikator", "verifikator")
    one, two, three, four, _five = [make_report(regency, is_open=False) for regency in offices]
    approved(one, by=verifier, now=IN_TIME)
    submitted(two, now=LATE)
    submitted(three, now=IN_TIME).give_back(by=verifier, reason="Keliru", now=LATE)
    four.save_draft(typed(), by=make_user("petugas", regency=four.regency), now=IN_TIME)
    return verifier


@pytest.fixture
def office(client, several):
    client.force_login(several)
    return client


def test_the_office_sees_all_and_is_led_to_the_review(office, several):
    page = office.get(LIST)
    assert page.status_code == 200
    cells = page.context["matrix"].cells
    assert {cell.state for cell in cells} == {State.ON_TIME, State.LATE, State.RETURNED, State.MISSING}
    html = page.content.decode()
    waiting = RegencyReport.objects.get(status="submitted")
    returned = RegencyReport.objects.get(status="returned")
    assert reverse("review_report", args=[waiting.pk]) in html
    assert reverse("report", args=[returned.pk]) in html


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 6),
        ("keadaan=late", 1),
        ("keadaan=waiting", 1),
        ("keadaan=approved", 1),
        ("keadaan=returned", 1),
        ("keadaan=missing", 3),
        ("kantor=berau", 1),
        ("kantor=provinsi", 1),
        ("kantor=atlantis", 0),
        ("tahun=2025", 6),
        ("tahun=2011", 0),
        ("periode=2025-t4", 6),
        ("periode=2025-t9", 0),
        ("jenis=quarter", 6),
        ("jenis=year", 0),
        ("tahun=2025&jenis=quarter&kantor=paser&keadaan=late", 1),
    ],
)
def test_the_file_holds_the_rows_of_the_page(office, query, count):
    page = office.get(f"{LIST}?{query}")
    cells = page.context["matrix"].cells
    assert len(cells) == count
    rows = rows_of(office.get(f"{LIST}?{query}&format=csv"))
    assert len(rows) == count
    answer = office.get(f"{LIST}?{query}&format=json")
    told = json.loads(b"".join(answer.streaming_content))
    names = [column["name"] for column in told["columns"]]
    assert [dict(zip(names, row, strict=True))["id"] for row in told["rows"]] == [cell.report.pk for cell in cells]


def test_a_row_of_the_file_says_what_the_cell_says(office):
    answer = office.get(f"{LIST}?kantor=paser&format=json")
    told = json.loads(b"".join(answer.streaming_content))
    (row,) = [dict(zip([column["name"] for column in told["columns"]], row, strict=True)) for row in told["rows"]]
    assert (row["period"], row["office"], row["state"], row["status"]) == ("2025-t4", "paser", "late", "submitted")
    assert (row["due_on"], row["first_submitted_at"], row["is_late"], row["days_late"]) == (
        "2026-01-10",
        "2026-01-10T16:00:00Z",
        True,
        1,
    )
    assert (row["approved_at"], row["form_version"]) == (None, 1)


@pytest.mark.parametrize("query", ["tahun=x", "jenis=bulan", "keadaan=hilang", "kantor=" + "x" * 100])
def test_what_is_not_understood_is_said_and_no_file_is_made_of_it(office, query):
    page = office.get(f"{LIST}?{query}")
    assert page.status_code == 200 and page.context["form"].errors
    assert len(page.context["matrix"].cells) == 6
    assert office.get(f"{LIST}?{query}&format=csv").status_code == 400
    assert office.get(f"{LIST}?format=pdf").status_code == 404


def test_zero_blank_and_not_available_are_three_things_in_the_file(client, several):
    # The only line of the starter form that may stay empty is a total; here one more may.
    FormLine.objects.filter(indicator__code="umkm_medium").update(is_required=False)
    report = RegencyReport.objects.get(regency__slug="kutai-timur")
    said = typed(trained="0", umkm_medium=None, labour=None, na={"labour": "Survei belum selesai"})
    submitted(report, said=said, now=IN_TIME)
    client.force_login(several)
    rows = {row[7]: row for row in csv.reader(_text(client.get(f"{LIST}?kantor=kutai-timur&isi=nilai&format=csv")))}
    head = next(csv.reader(_text(client.get(f"{LIST}?kantor=kutai-timur&isi=nilai&format=csv"))))
    assert len(head) == len(set(head))
    value, said, why = 11, 12, 14
    assert [rows["trained"][n] for n in (value, said, why)] == ["0", "filled", ""]
    assert [rows["umkm_medium"][n] for n in (value, said, why)] == ["", "blank", ""]
    assert [rows["labour"][n] for n in (value, said, why)] == ["", "unavailable", "Survei belum selesai"]


def test_values_are_of_what_was_submitted(office):
    # Berau's, Paser's and Bontang's; a draft is not a report yet.
    answer = office.get(f"{LIST}?isi=nilai&format=csv")
    assert {row[1] for row in list(csv.reader(_text(answer)))[1:]} == {"berau", "paser", "bontang"}
    assert int(answer["X-Row-Count"]) == 3 * 25


def _text(response):
    return io.StringIO(b"".join(response.streaming_content).decode())


def test_files_of_the_workspace_are_kept_by_nobody(office):
    for query in ("format=csv", "isi=nilai&format=xlsx"):
        answer = office.get(f"{LIST}?{query}")
        b"".join(answer.streaming_content)
        assert answer["Cache-Control"] == "private, no-store"


def test_an_officer_sees_the_own_reports_and_no_other(client, several):
    client.force_login(make_user("petugas", regency=RegencyReport.objects.get(status="submitted").regency))
    page = client.get(LIST)
    assert [cell.report.office_key for cell in page.context["matrix"].cells] == ["paser"]
    assert "Berau" not in page.content.decode()
    foreign, unknown = (client.get(f"{LIST}?kantor={name}") for name in ("berau", "atlantis"))
    assert foreign.context["matrix"].cells == unknown.context["matrix"].cells == []
    for query in ("format=csv", "isi=nilai&format=csv", "kantor=berau&isi=nilai&format=csv"):
        body = b"".join(client.get(f"{LIST}?{query}").streaming_content).decode()
        assert "berau" not in body.lower()


def test_the_list_asks_the_same_number_of_queries_at_any_size(office, several):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            assert office.get(LIST).status_code == 200
        return len(asked)

    queries()  # the first answer of a session is dearer
    few = queries()
    assert few <= 10
    for number in (1, 2, 3):
        submitted(blank(f"Lain {number}", year=2025, number=number), now=wita(2025, 3 * number + 1, 5))
    assert queries() == few


# Conflicts ------------------------------------------------------------------------------------------


def test_a_figure_that_a_person_chose_otherwise_is_shown_with_both(client, several):
    report = RegencyReport.objects.get(regency__slug="paser")
    chosen = make_figure(500, code="cooperatives", territory=report.regency.territory, as_of=report.period.ends_on)
    report.approve(by=several, now=LATE)
    client.force_login(several)
    page = client.get(LIST)
    ((reported, official),) = page.context["conflicts"]
    assert (reported.value, official) == (660, chosen)
    html = page.content.decode()
    for figure in (reported, official):
        assert reverse("admin:figures_figure_change", args=[figure.pk]) in html


def test_conflicts_are_for_those_who_choose_figures(client, several):
    client.force_login(make_user("staf_provinsi"))
    assert client.get(LIST).context["conflicts"] is None

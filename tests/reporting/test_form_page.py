"""The page on which an officer fills in a report."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cooperatives.models import Form
from reporting.models import Status
from tests.factories import make_cooperative, make_form, make_regency, make_user
from tests.filled_form import filled_form
from tests.reporting.reports import explained, make_report, posted, submitted, typed

pytestmark = pytest.mark.django_db


@pytest.fixture
def report():
    return make_report()


@pytest.fixture
def officer(report, client):
    user = make_user("petugas", regency=report.regency)
    client.force_login(user)
    return user


def address(report):
    return reverse("report", args=[report.pk])


def send(client, report, said, **buttons):
    report.refresh_from_db()
    return client.post(address(report), posted(said, version=report.version, **buttons))


def test_a_draft_is_kept_as_it_was_typed(client, report, officer):
    answer = send(client, report, typed(cooperatives="6,111", why={"trained": "Pelatihan bersama"}), simpan="1")
    assert answer.status_code == 302
    page = client.get(address(report))
    form = filled_form(page, "report-form")
    assert form["cooperatives"] == "6,111"
    assert form["trained-why"] == "Pelatihan bersama"
    assert "Maksud Anda 6.111" in page.content.decode()
    report.refresh_from_db()
    assert report.status == Status.DRAFT and report.saved_by == officer


def test_submitting_says_number_and_moment(client, report, officer):
    answer = send(client, report, typed(), kirim="1")
    report.refresh_from_db()
    assert report.status == Status.SUBMITTED
    page = client.get(answer.url)
    assert "2025-t4-kutai-barat-1" in page.content.decode()
    assert "WITA" in page.content.decode()
    assert 'id="report-form"' not in page.content.decode()


def test_errors_stand_at_the_top_and_beside_the_field_and_everything_is_kept(client, report, officer):
    answer = send(client, report, typed(cooperatives_inactive="340", trained=None), kirim="1")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert 'href="#cooperatives_inactive"' in text and 'href="#trained"' in text
    assert "315 + 340 − 660 = −5" in text
    assert filled_form(answer, "report-form")["cooperatives_inactive"] == "340"
    report.refresh_from_db()
    assert report.status == Status.DRAFT and report.typed["lines"]["cooperatives_inactive"] == {"typed": "340"}


def test_blank_zero_and_not_available_are_three_things(client, report, officer):
    said = typed(cooperatives_dissolved="0", members=None, na={"labour": "Pendataan belum selesai"})
    send(client, report, said, kirim="1")
    report.refresh_from_db()
    assert report.status == Status.SUBMITTED
    values = {value.line.indicator.code: value for value in report.values.select_related("line__indicator")}
    assert values["cooperatives_dissolved"].value == 0
    assert values["members"].value is None and not values["members"].is_unavailable
    assert values["labour"].value is None and values["labour"].is_unavailable


def test_not_available_wants_a_reason(client, report, officer):
    answer = send(client, report, typed(na={"labour": ""}), kirim="1")
    assert 'href="#labour-why"' in answer.content.decode()
    report.refresh_from_db()
    assert report.status == Status.DRAFT


def test_what_differs_from_the_register_wants_an_explanation(client, report, officer):
    make_cooperative("KSP Maju", regency=report.regency, form=make_form(Form.Level.REGENCY))
    answer = send(client, report, typed(), kirim="1")
    assert 'href="#cooperatives-why"' in answer.content.decode()
    codes = [row.code for row in answer.context["filled"].blocked]
    why = dict.fromkeys(codes, "Register belum lengkap")
    send(client, report, typed(why=why), kirim="1")
    report.refresh_from_db()
    assert report.status == Status.SUBMITTED
    assert report.values.get(line__indicator__code="cooperatives").register_value == 1


def test_a_button_takes_over_what_the_register_knows(client, report, officer):
    make_cooperative("KSP Maju", regency=report.regency, form=make_form(Form.Level.REGENCY))
    answer = send(client, report, typed({"trained": "3"}), pakai="cooperatives")
    assert answer.url.endswith("#r-cooperatives")
    report.refresh_from_db()
    assert report.typed["lines"] == {"trained": {"typed": "3"}, "cooperatives": {"typed": "1"}}
    send(client, report, typed({"trained": "3", "cooperatives": "2"}), **{"pakai-semua": "1"})
    report.refresh_from_db()
    assert report.typed["lines"]["cooperatives"] == {"typed": "2"}
    assert report.typed["lines"]["cooperatives_active"] == {"typed": "1"}


def test_a_repeat_is_told_that_it_is_done(client, report, officer):
    data = posted(typed(), version=report.version, kirim="1")
    client.post(address(report), data)
    again = client.post(address(report), data, follow=True)
    assert "Sudah terkirim" in again.content.decode()
    assert report.steps.count() == 1


def test_an_old_tab_changes_nothing_after_submission(client, report, officer):
    data = posted(typed(trained="63"), version=report.version, simpan="1")
    send(client, report, typed(), kirim="1")
    answer = client.post(address(report), data)
    assert answer.status_code == 409
    report.refresh_from_db()
    assert report.typed["lines"]["trained"] == {"typed": "62"}


def test_two_people_on_one_draft_are_told_with_both_values(client, report, officer):
    page = filled_form(client.get(address(report)), "report-form")
    colleague = make_user("petugas", regency=report.regency)
    report.refresh_from_db()
    report.save_draft(typed({"trained": "70", "inspected": "5"}), by=colleague)
    answer = client.post(address(report), page | {"trained": "62", "health_assessed": "9", "simpan": "1"})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "62" in text and "70" in text and str(colleague) in text
    form = filled_form(answer, "report-form")
    assert (form["trained"], form["inspected"], form["health_assessed"]) == ("62", "5", "9")
    # From here on it is a choice: what stands in the form is kept.
    client.post(address(report), form | {"simpan": "1"})
    report.refresh_from_db()
    assert report.typed["lines"]["trained"] == {"typed": "62"}
    assert report.typed["lines"]["inspected"] == {"typed": "5"}


def test_where_they_typed_different_lines_both_are_kept(client, report, officer):
    page = filled_form(client.get(address(report)), "report-form")
    report.save_draft(typed({"inspected": "5"}), by=make_user("petugas", regency=report.regency))
    answer = client.post(address(report), page | {"trained": "62", "simpan": "1"})
    assert answer.status_code == 302
    report.refresh_from_db()
    assert report.typed["lines"] == {"inspected": {"typed": "5"}, "trained": {"typed": "62"}}


def test_autosave_answers_with_the_next_version(client, report, officer):
    answer = client.post(
        reverse("autosave_report", args=[report.pk]), posted(typed({"trained": "6"}), version=report.version)
    )
    assert answer.status_code == 200
    assert answer.json()["version"] == report.version + 1
    assert "WITA" in answer.json()["saved"]


def test_autosave_never_submits(client, report, officer):
    client.post(reverse("autosave_report", args=[report.pk]), posted(typed(), version=report.version, kirim="1"))
    report.refresh_from_db()
    assert report.status == Status.DRAFT


def test_autosave_tells_of_a_clash(client, report, officer):
    version = report.version
    report.save_draft(typed({"trained": "70"}), by=make_user("petugas", regency=report.regency))
    answer = client.post(
        reverse("autosave_report", args=[report.pk]), posted(typed({"trained": "62"}), version=version)
    )
    assert answer.status_code == 409
    (clash,) = answer.json()["clashes"]
    assert (clash["name"], clash["mine"], clash["theirs"]) == ("trained", "62", "70")
    report.refresh_from_db()
    assert report.typed["lines"]["trained"] == {"typed": "70"}


def test_a_foreign_report_is_not_there(client, report, officer):
    other = make_report(make_regency("Berau"))
    assert client.get(address(other)).status_code == 404
    assert client.post(address(other), posted(typed(), version=1, kirim="1")).status_code == 404
    gone = client.get(reverse("report", args=[other.pk + 1000]))
    here = client.get(address(other))
    its_number = re.compile(r"[0-9A-Z]{4,}-[0-9A-Z]{4,}|[0-9a-f]{8,}")
    assert its_number.sub("", gone.content.decode()) == its_number.sub("", here.content.decode())
    other.refresh_from_db()
    assert other.status == Status.DRAFT and other.is_blank


def test_what_is_posted_besides_the_form_changes_nothing(client, report, officer):
    berau = make_regency("Berau")
    send(
        client,
        report,
        typed({"trained": "3", "tidak_ada": "1"}),
        status="approved",
        regency=berau.pk,
        is_demo="1",
        simpan="1",
    )
    report.refresh_from_db()
    assert (report.status, report.regency.name, report.is_demo) == (Status.DRAFT, "Kutai Barat", False)
    assert report.typed["lines"] == {"trained": {"typed": "3"}}


def test_who_reads_does_not_fill(client, report):
    for role in ("auditor", "pimpinan", "verifikator"):
        client.force_login(make_user(role))
        page = client.get(address(report))
        assert page.status_code == 200 and 'id="report-form"' not in page.content.decode()
        assert client.post(address(report), posted(typed(), version=1, kirim="1")).status_code == 403


def test_the_provinces_section_is_filled_by_its_staff_alone(client, report, officer):
    own = make_report(province=True)
    assert client.get(address(own)).status_code == 404
    client.force_login(make_user("staf_provinsi"))
    assert 'id="report-form"' in client.get(address(own)).content.decode()
    assert client.post(address(report), posted(typed(), version=1, simpan="1")).status_code == 404


def test_a_locked_period_says_who_can_open_it_and_keeps_what_is_there(client):
    report = make_report(is_open=False)
    officer = make_user("petugas", regency=report.regency)
    client.force_login(officer)
    page = client.get(address(report))
    assert page.status_code == 200 and 'id="report-form"' not in page.content.decode()
    answer = client.post(address(report), posted(typed(), version=report.version, simpan="1"))
    assert answer.status_code == 409
    # What was typed while the form was open comes back with the answer.
    assert filled_form(answer, "report-form")["cooperatives"] == "660"
    report.refresh_from_db()
    assert report.is_blank


def test_the_last_twelve_periods_stand_beside_each_field(client, report, officer):
    earlier = make_report(report.regency, year=2025, number=3)
    submitted(earlier, said=typed(trained="55", rat_held=None, audited=None, shu=None))
    page = client.get(address(report))
    row = page.context["filled"].by_code["trained"]
    assert (row.last.value, row.last.period.code) == (55, "2025-t3")


def test_the_page_asks_the_same_number_of_queries_whatever_is_there(client, report, officer):
    submitted(make_report(report.regency, year=2024, number=4), by=officer, said=explained())
    client.get(address(report))
    few = _queries(client, report)
    for number in (1, 2, 3):
        submitted(make_report(report.regency, year=2025, number=number), by=officer, said=explained())
    for number in range(30):
        make_cooperative(f"KSP {number}", regency=report.regency)
    client.get(address(report))
    assert _queries(client, report) == few <= 20


def _queries(client, report):
    with CaptureQueriesContext(connection) as seen:
        client.get(address(report))
        return len(seen)


def test_the_page_is_light(client, report, officer):
    for year in (2023, 2024, 2025):
        for number in (1, 2, 3, 4):
            if (year, number) != (2025, 4):
                submitted(make_report(report.regency, year=year, number=number), by=officer, said=explained())
    page = client.get(address(report))
    assert len(page.content) < 75_000

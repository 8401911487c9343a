"""Reminders: seven days and one day before the due day, one day after it, and the office's summary of the week."""

import io
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reporting import calendar, reminders
from reporting.filling import fill
from reporting.models import RegencyReport
from reporting.reminders import moment_of, reminders_on
from tests.factories import make_regency, make_user
from tests.reporting.reports import approved, at, explained, make_report, make_report_form, submitted, typed, wita

pytestmark = pytest.mark.django_db

# Quarter IV of 2025: opens on 1 January 2026, due on Saturday the 10th, locked after 14 February.
DUE = date(2026, 1, 10)


@pytest.fixture
def period():
    make_report_form()
    make_regency("Kutai Barat")
    make_regency("Berau")
    return calendar.open_period("quarter", 2025, 4)


@pytest.fixture
def officer(period):
    return make_user("petugas", "petugas.kubar", regency=period.reports.get(regency__slug="kutai-barat").regency)


def report_of(period, slug="kutai-barat"):
    return RegencyReport.objects.select_related("period__form", "form", "regency").get(
        period=period, regency__slug=slug
    )


def of_reports(day):
    return [one for one in reminders_on(day) if "ringkasan" not in one.key]


def of_week(day):
    return [one for one in reminders_on(day) if "ringkasan" in one.key]


@pytest.fixture
def posted(monkeypatch):
    """The notices: one row for each key."""
    rows = {}

    def post(found):
        new = [one for one in found if one.key not in rows]
        rows.update({one.key: one for one in new})
        return len(new)

    monkeypatch.setattr(reminders, "post", post)
    return rows


def remind(**options):
    out = io.StringIO()
    call_command("remind_reports", stdout=out, **options)
    return out.getvalue()


# -- When --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2025, 12, 31), None),
        (date(2026, 1, 2), None),
        (date(2026, 1, 3), ("h-7", date(2026, 1, 3))),
        (date(2026, 1, 8), ("h-7", date(2026, 1, 3))),
        (date(2026, 1, 9), ("h-1", date(2026, 1, 9))),
        (date(2026, 1, 10), ("h-1", date(2026, 1, 9))),
        (date(2026, 1, 11), ("h+1", date(2026, 1, 11))),
        (date(2026, 2, 14), ("h+1", date(2026, 1, 11))),
        (date(2026, 2, 15), None),
    ],
)
def test_the_last_moment_that_has_come_counts_until_the_lock(period, day, expected):
    assert moment_of(period, day) == expected


def test_nobody_is_asked_before_a_report_can_be_filled_in(period):
    period.opens_on = date(2026, 1, 6)
    assert moment_of(period, date(2026, 1, 5)) is None
    assert moment_of(period, date(2026, 1, 6)) == ("h-7", date(2026, 1, 6))


def test_the_day_after_is_told_even_where_the_period_locked_on_its_due_day(period, officer):
    period.locks_on = period.due_on
    period.save()
    assert moment_of(period, date(2026, 1, 11)) == ("h+1", date(2026, 1, 11))
    assert moment_of(period, date(2026, 1, 12)) is None
    (told,) = of_reports(date(2026, 1, 11))
    period.locks_on = date(2026, 2, 14)
    period.save()
    assert of_reports(date(2026, 1, 11))[0].text != told.text


# -- Whom --------------------------------------------------------------------------------------------


def test_the_offices_active_officers_are_told_and_for_the_provinces_own_section_its_staff(period, officer):
    second = make_user("petugas", "petugas.lain", regency=officer.regency)
    gone = make_user("petugas", "petugas.lama", regency=officer.regency)
    gone.is_active = False
    gone.save()
    staff = make_user("staf_provinsi", "staf")
    for role in ("verifikator", "pimpinan", "administrator", "auditor"):
        make_user(role)
    found = of_reports(date(2026, 1, 3))
    # Nobody works for Berau yet.
    assert [(one.user, one.path) for one in found] == [
        (officer, report_of(period).get_absolute_url()),
        (second, report_of(period).get_absolute_url()),
        (staff, period.reports.get(regency=None).get_absolute_url()),
    ]
    assert {one.due_on for one in found} == {date(2026, 1, 3)}


def test_who_has_submitted_is_left_alone_and_a_draft_is_none(period, officer):
    report = report_of(period)
    with at(wita(2026, 1, 5, 9)):
        report.save_draft(typed(), by=officer)
        assert len(of_reports(date(2026, 1, 9))) == 1
        submitted(report, by=officer)
    for day in (date(2026, 1, 9), date(2026, 1, 11)):
        assert of_reports(day) == []
    report.give_back(by=make_user("verifikator"), reason="Cek", now=wita(2026, 1, 6, 9))
    # It was told at once when it came back.
    assert of_reports(date(2026, 1, 9)) == []


def test_each_key_is_of_one_moment_report_and_person(period, officer):
    make_user("petugas", "petugas.berau", regency=report_of(period, "berau").regency)
    make_user("staf_provinsi")
    later = calendar.open_period("quarter", 2026, 1)
    later.opens_on, later.due_on = date(2026, 1, 1), date(2026, 1, 20)
    later.save()
    keys = [one.key for day in range(1, 25) for one in of_reports(date(2026, 1, day))]
    assert len(set(keys)) == 2 * 3 * 3  # two periods, three moments, three offices with one person each
    assert max(len(key) for key in keys) <= 120


def test_a_due_day_that_was_moved_is_told_anew(period, officer):
    before = {one.key for one in of_reports(date(2026, 1, 9))}
    period.due_on = date(2026, 1, 16)
    period.save()
    after = [one.key for day in (9, 15, 17) for one in of_reports(date(2026, 1, day))]
    assert not before & {*after} and len({*after}) == 3


def test_an_invented_period_has_keys_of_its_own(period, officer):
    real = {one.key for one in of_reports(DUE)}
    period.is_demo = True
    period.save()
    assert not real & {one.key for one in of_reports(DUE)}


# -- What --------------------------------------------------------------------------------------------


def test_the_text_names_period_office_and_day_and_ends_with_the_address(period, officer):
    (reminder,) = of_reports(date(2026, 1, 3))
    for words in (reminder.subject, reminder.text):
        assert "IV 2025" in words and "Kabupaten Kutai Barat" in words and "10 Januari 2026" in words
    lines = reminder.as_message("https://koperasi.example.go.id").splitlines()
    assert lines[0] == reminder.subject
    assert lines[-1] == f"https://koperasi.example.go.id/kerja/laporan/{report_of(period).pk}/"


def test_each_moment_has_its_own_words(period, officer):
    texts = [of_reports(date(2026, 1, day))[0] for day in (3, 11)]
    assert len({one.subject for one in texts}) == len({one.text for one in texts}) == 2
    assert "14 Februari 2026" in texts[1].text
    blank = texts[0].text
    report_of(period).save_draft(typed(), by=officer, now=wita(2026, 1, 2, 9))
    assert of_reports(date(2026, 1, 3))[0].text != blank


# -- The summary of the week -------------------------------------------------------------------------


MONDAY = date(2026, 1, 12)


@pytest.fixture
def office():
    return [make_user(role, role) for role in ("administrator", "pimpinan", "staf_provinsi", "verifikator")]


def test_the_office_is_told_what_waits_since_when_who_is_missing_and_what_is_late(period, officer, office):
    make_user("auditor")
    submitted(report_of(period), by=officer, now=wita(2026, 1, 7, 23, 59))
    found = of_week(MONDAY)
    assert [one.user for one in found] == office
    assert len({one.text for one in found}) == 1
    waiting, row, late = found[0].text.splitlines()
    assert "1" in waiting
    assert "Kutai Barat" in row and "7 Januari 2026" in row
    assert "Berau" in late and "10 Januari 2026" in late and "Kutai Barat" not in late
    assert found[0].path == "/kerja/laporan/"
    # Before the due day, after it, and after the lock: three sentences.
    assert len({of_week(day)[0].text.splitlines()[-1] for day in (date(2026, 1, 5), MONDAY, date(2026, 2, 16))}) == 3


def test_there_is_one_summary_a_week_with_what_was_so_on_its_monday(period, officer, office):
    keys = [{one.key for one in of_week(MONDAY + timedelta(days=day))} for day in range(8)]
    assert all(key == keys[0] for key in keys[:7]) and not keys[0] & keys[7]
    submitted(report_of(period), by=officer, now=wita(2026, 1, 13, 0, 0))
    assert "Kutai Barat" not in of_week(date(2026, 1, 14))[0].text


def test_where_all_is_well_nobody_is_told(period, officer, office):
    for report in RegencyReport.objects.select_related("period__form", "form", "regency"):
        approved(report, now=wita(2026, 1, 7, 9))
    assert of_week(MONDAY) == []


# -- The command -------------------------------------------------------------------------------------


def test_however_often_it_runs_each_is_posted_once(period, officer, office, posted):
    with at(wita(2026, 1, 9, 0, 15)):
        remind()
        before = dict(posted)
        assert len(before) == 2 + 4  # the officer, the province's staff; the week's summary to four
        remind()
    assert posted == before


def test_every_day_brings_each_moment_once(period, officer, posted):
    for number in range(60):
        remind(on=(date(2025, 12, 25) + timedelta(days=number)).isoformat())
    assert [key.split("/")[3] for key in posted] == ["h-7", "h-1", "h+1"]


@pytest.mark.parametrize(
    ("days", "moments"),
    [
        ([10], ["h-1"]),  # two nights missed: one reminder, the nearest
        ([4, 12], ["h-7", "h+1"]),
        ([20], ["h+1"]),
    ],
)
def test_a_night_that_was_missed_is_made_up_for_once(period, officer, posted, days, moments):
    for day in days:
        remind(on=f"{day:02}/01/2026")
        remind(on=f"{day:02}/01/2026")
    assert [key.split("/")[3] for key in posted] == moments


def test_it_says_how_many_there_are(period, officer, posted):
    told = remind(on="03/01/2026")
    assert "2026-01-03: 1 reminders hold, 1 of them are new." in told
    assert "0 of them" in remind(on="03/01/2026")


def test_a_day_that_cannot_be_read_is_refused(posted):
    with pytest.raises(CommandError):
        remind(on="13/13/2026")


def test_queries_do_not_grow_with_periods_reports_and_people(period, officer, office):
    counts = []
    for number in (3, 2, 1):
        with CaptureQueriesContext(connection) as queries:
            reminders_on(date(2026, 1, 12))
        counts.append(len(queries))
        calendar.open_period("quarter", 2025, number)
        make_user("petugas", regency=report_of(period, "berau").regency)
        submitted(make_report(report_of(period).regency, number=number), by=officer)
    assert len(set(counts)) == 1 and counts[0] <= 7


def test_what_came_back_and_was_not_submitted_again_is_told_once_a_week(period, officer, office):
    report = report_of(period)
    submitted(report, by=officer, said=explained(), now=wita(2026, 1, 6, 9))
    report.give_back(by=office[3], reason="Mohon lengkapi", now=wita(2026, 1, 7, 9))

    def of_back(day):
        return {(one.user, one.due_on) for one in reminders_on(day) if "/kembali/" in one.key}

    # In the week of the return it was told when it came back.
    assert of_back(date(2026, 1, 11)) == set()
    assert of_back(date(2026, 1, 12)) == of_back(date(2026, 1, 18)) == {(officer, date(2026, 1, 12))}
    assert any("Kutai Barat, Triwulan IV 2025" in one.text for one in of_week(date(2026, 1, 12)))
    report.submit(fill(report), by=officer, now=wita(2026, 1, 19, 9))
    assert of_back(date(2026, 1, 19)) == set()

"""The calendar of reports: which periods there are, who owes a report in them, and from when until when."""

import io
import threading
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, connections
from django.utils import timezone

from common.models import DataVersion, StepRefused
from regions import starter as regions_starter
from reporting import calendar
from reporting.models import Period, RegencyReport
from reporting.models.form import ReportFormQuerySet
from tests.factories import make_regency, make_user
from tests.reporting.reports import at, make_report_form, wita

pytestmark = pytest.mark.django_db


@pytest.fixture
def province():
    regions_starter.load()
    make_report_form()


def open_periods(**options):
    out = io.StringIO()
    call_command("open_periods", stdout=out, **options)
    return out.getvalue()


# -- Which offices -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "number", "regencies"),
    [(2012, 4, 14), (2013, 1, 14), (2013, 2, 10), (2025, 4, 10)],
)
@pytest.mark.usefixtures("province")
def test_the_regencies_in_force_on_the_last_day_owe_a_report_and_the_province_does(year, number, regencies):
    period = calendar.open_period("quarter", year, number)
    assert period.reports.exclude(regency=None).count() == regencies
    assert period.reports.filter(regency=None).count() == 1
    assert set(period.reports.values_list("status", "saved_at", "is_demo")) == {("draft", None, False)}


@pytest.mark.usefixtures("province")
def test_an_office_that_is_missing_gets_its_blank_report_and_the_others_keep_theirs():
    period = calendar.open_period("quarter", 2025, 4)
    kept = set(period.reports.exclude(regency__slug="berau").values_list("pk", flat=True))
    period.reports.filter(regency__slug="berau").delete()
    assert calendar.open_period("quarter", 2025, 4) == period
    assert period.reports.count() == 11
    assert kept < set(period.reports.values_list("pk", flat=True))


# -- Which days --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "year", "number", "code", "first", "last"),
    [
        ("quarter", 2025, 1, "2025-t1", date(2025, 1, 1), date(2025, 3, 31)),
        ("quarter", 2025, 2, "2025-t2", date(2025, 4, 1), date(2025, 6, 30)),
        ("quarter", 2025, 4, "2025-t4", date(2025, 10, 1), date(2025, 12, 31)),
        ("half", 2025, 1, "2025-s1", date(2025, 1, 1), date(2025, 6, 30)),
        ("half", 2025, 2, "2025-s2", date(2025, 7, 1), date(2025, 12, 31)),
        ("year", 2024, 1, "2024-th", date(2024, 1, 1), date(2024, 12, 31)),
    ],
)
@pytest.mark.usefixtures("province")
def test_a_period_covers_its_months(kind, year, number, code, first, last):
    period = calendar.open_period(kind, year, number)
    assert (period.code, period.starts_on, period.ends_on) == (code, first, last)


@pytest.mark.parametrize(
    ("number", "opens", "due", "locks"),
    [
        (4, date(2026, 1, 1), date(2026, 1, 10), date(2026, 2, 14)),
        (1, date(2025, 4, 1), date(2025, 4, 10), date(2025, 5, 15)),
        (2, date(2025, 7, 1), date(2025, 7, 10), date(2025, 8, 14)),
    ],
)
@pytest.mark.usefixtures("province")
def test_it_opens_the_day_after_is_due_on_the_tenth_and_locks_after_45_days(number, opens, due, locks):
    period = calendar.open_period("quarter", 2025, number)
    assert (period.opens_on, period.due_on, period.locks_on) == (opens, due, locks)
    assert period.opens_at == wita(opens.year, opens.month, opens.day)
    assert period.due_at == wita(due.year, due.month, due.day) + timedelta(days=1)
    assert period.locks_at == wita(locks.year, locks.month, locks.day) + timedelta(days=1)


@pytest.mark.usefixtures("province")
def test_yearly_lines_stand_in_the_period_of_their_month():
    asked = {number: calendar.open_period("quarter", 2025, number).asks_yearly_lines() for number in range(1, 5)}
    assert asked == {1: False, 2: False, 3: False, 4: True}
    assert calendar.open_period("half", 2024, 2).asks_yearly_lines()
    assert calendar.open_period("year", 2023, 1).asks_yearly_lines()


@pytest.mark.usefixtures("province")
def test_days_in_the_wrong_order_are_refused():
    period = calendar.open_period("quarter", 2025, 4)
    period.due_on = period.opens_on - timedelta(days=1)
    with pytest.raises(ValidationError):
        period.full_clean()


# -- Which kinds and forms ---------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "number"), [("half", 2), ("year", 1)])
@pytest.mark.usefixtures("province")
def test_days_are_reported_in_one_kind_of_period_only(kind, number):
    calendar.open_period("quarter", 2025, 3)
    with pytest.raises(StepRefused):
        calendar.open_period(kind, 2025, number)
    assert Period.objects.count() == 1


@pytest.mark.usefixtures("province")
def test_a_new_version_of_the_form_holds_for_periods_that_are_opened_after_it():
    old = make_report_form()
    before = calendar.open_period("quarter", 2025, 3)
    new = old.next_version(valid_from=date(2025, 7, 1), by=make_user("administrator"))
    new.due_days, new.lock_days = 20, 60
    new.save()
    after = calendar.open_period("quarter", 2025, 4)
    before.refresh_from_db()
    assert (before.form, after.form) == (old, new)
    assert (before.due_on, after.due_on) == (date(2025, 10, 10), date(2026, 1, 20))
    assert set(before.reports.values_list("form", flat=True)) == {old.pk}
    assert set(after.reports.values_list("form", flat=True)) == {new.pk}
    # Opened later, of days before: the version that held then.
    assert calendar.open_period("quarter", 2025, 2).form == old


@pytest.mark.usefixtures("province")
def test_what_is_opened_while_invented_data_is_in_counts_as_invented():
    assert not calendar.open_period("quarter", 2025, 3).is_demo
    DataVersion.bump("demo")
    period = calendar.open_period("quarter", 2025, 4)
    assert period.is_demo
    assert set(period.reports.values_list("is_demo", flat=True)) == {True}


# -- The command -------------------------------------------------------------------------------------


@pytest.mark.usefixtures("province")
def test_the_first_period_ever_is_the_running_one_and_a_second_run_opens_nothing():
    with at(wita(2026, 2, 3, 12)):
        assert "2026-t1: 11 reports, 2026-04-01 to 2026-04-10" in open_periods()
        before = (list(Period.objects.values()), list(RegencyReport.objects.order_by("pk").values()))
        assert "2026" not in open_periods()
        assert (list(Period.objects.values()), list(RegencyReport.objects.order_by("pk").values())) == before


@pytest.mark.usefixtures("province")
def test_nights_that_were_missed_are_made_up_for():
    open_periods(until="03/02/2025")
    told = open_periods(until="2 Januari 2026")
    assert [line.split()[1] for line in told.splitlines()] == ["2025-t2:", "2025-t3:", "2025-t4:", "2026-t1:"]
    assert RegencyReport.objects.count() == 5 * 11


@pytest.mark.parametrize(
    ("moment", "code"), [((2025, 12, 31, 23, 59, 59), "2025-t4"), ((2026, 1, 1, 0, 0, 0), "2026-t1")]
)
@pytest.mark.usefixtures("province")
def test_the_year_ends_at_midnight_in_east_kalimantan(moment, code):
    with at(wita(*moment)):
        open_periods()
    assert Period.objects.get().code == code


@pytest.mark.usefixtures("province")
def test_the_office_may_go_over_to_half_years_where_a_quarter_ended():
    open_periods(until="01/05/2025")
    with pytest.raises(CommandError):
        open_periods(kind="half", until="01/06/2025")
    assert Period.objects.count() == 1
    open_periods(kind="half", until="01/07/2025")
    # From then on it goes on by itself.
    open_periods(until="01/01/2026")
    assert [period.code for period in Period.objects.order_by("ends_on")] == ["2025-t2", "2025-s2", "2026-s1"]


@pytest.mark.usefixtures("province")
def test_years_end_with_the_year():
    open_periods(kind="year", until="31/12/2025")
    open_periods(until="01/01/2026")
    assert [period.code for period in Period.objects.order_by("ends_on")] == ["2025-th", "2026-th"]


@pytest.mark.usefixtures("province")
def test_a_day_that_cannot_be_read_is_refused():
    with pytest.raises(CommandError):
        open_periods(until="31/02/2026")
    assert not Period.objects.exists()


def test_without_a_form_nothing_is_opened():
    with pytest.raises(CommandError):
        open_periods(until="01/01/2026")
    assert not Period.objects.exists()


# -- Two at once -------------------------------------------------------------------------------------


def at_once(count, act):
    """Run the act in threads that start together; gives what each returned or raised."""
    answers, ready = [None] * count, threading.Barrier(count)

    def run(number):
        try:
            ready.wait(timeout=30)
            answers[number] = act()
        except Exception as error:  # noqa: BLE001 - what went wrong is what the test looks at
            answers[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[number]) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
        assert not thread.is_alive()
    return answers


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_round", range(3))
@pytest.mark.usefixtures("province")
def test_of_four_at_once_one_opens_the_period(_round):
    answers = at_once(4, lambda: [period.code for period in calendar.open_until(date(2026, 2, 3))])
    assert sorted(answers, key=str) == [["2026-t1"], [], [], []]
    assert Period.objects.get().reports.count() == 11
    assert Period.history.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgresql
@pytest.mark.usefixtures("province")
def test_control_without_the_lock_others_fail(monkeypatch):
    """SQLite lets one write at a time anyhow. The test above is known to bite."""
    looked, on = threading.Barrier(4), ReportFormQuerySet.on

    def on_once_all_have_looked(forms, day):
        looked.wait(timeout=30)
        return on(forms, day)

    monkeypatch.setattr(ReportFormQuerySet, "on", on_once_all_have_looked)
    monkeypatch.setattr(calendar, "_one_at_a_time", lambda: None)
    answers = at_once(4, lambda: calendar.open_until(date(2026, 2, 3)))
    assert sum(isinstance(answer, IntegrityError) for answer in answers) == 3


def test_a_regency_that_comes_or_goes_while_a_period_runs_changes_who_owes_a_report():
    make_report_form()
    staying, leaving, begun = make_regency("Berau"), make_regency("Paser"), make_regency("Bontang")
    (period,) = calendar.open_until(date(2026, 2, 1))
    assert period.reports.count() == 4
    coming = make_regency("Kutai Pesisir")
    officer = make_user("petugas", regency=begun)
    period.reports.filter(regency=begun).update(saved_at=timezone.now(), saved_by=officer)
    for regency in (leaving, begun):
        regency.valid_until = date(2026, 3, 1)
        regency.save()
    assert calendar.open_until(date(2026, 2, 2)) == []
    offices = set(period.reports.exclude(regency=None).values_list("regency__name", flat=True))
    # What was begun is never thrown away.
    assert offices == {staying.name, coming.name, begun.name}

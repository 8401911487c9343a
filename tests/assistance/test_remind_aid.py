"""Reminders of aid: once a week to whom it concerns, however often the command runs."""

import io
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assistance.reminders import reminders_on
from assistance.stages import Stage
from notices.models import Notice
from tests.assistance.aid import at_stage, make_recipient, step_to
from tests.factories import make_regency, make_user

pytestmark = pytest.mark.django_db

# Handed over on 18 November 2024: the first visit is due three months later, a Tuesday; its report on 10 January.
DUE = date(2025, 2, 18)
MONDAY = date(2025, 2, 17)


@pytest.fixture
def berau():
    return make_regency("Berau")


@pytest.fixture
def package(berau):
    return at_stage(Stage.HANDED_OVER, recipient=make_recipient(kind="person", name="Siti Aminah", regency=berau))


@pytest.fixture
def officer(berau):
    return make_user("petugas", "petugas.berau", regency=berau)


def run(day):
    out = io.StringIO()
    call_command("remind_aid", on=day.isoformat(), stdout=out)
    return out.getvalue()


def of(person, what):
    return [one for one in Notice.objects.filter(user=person) if f"/{what}/" in one.key]


def test_ten_runs_in_one_week_tell_each_person_once(package, officer):
    for turn in range(10):
        run(MONDAY + timedelta(days=turn % 7))
    assert len(of(officer, "kunjungan")) == len(of(officer, "lpj")) == 1
    assert "0 of them are new" in run(MONDAY)
    run(MONDAY + timedelta(days=7))
    assert len(of(officer, "kunjungan")) == len(of(officer, "lpj")) == 2


def test_a_visit_is_told_in_the_week_in_which_it_falls_due_and_not_before(package, officer):
    run(MONDAY - timedelta(days=1))
    assert of(officer, "kunjungan") == []
    run(MONDAY)
    (told,) = of(officer, "kunjungan")
    assert told.path == "/kerja/bantuan/kunjungan/" and told.due_on == MONDAY
    assert str(package.pk) in told.text and "5 " in told.text


def test_an_overdue_use_report_is_told_from_the_monday_after_its_day(package, officer):
    run(date(2025, 1, 12))
    assert of(officer, "lpj") == []
    run(date(2025, 1, 13))
    (told,) = of(officer, "lpj")
    assert told.path == "/kerja/bantuan/pemeriksaan/lpj/" and " 3 " in told.text


def test_nothing_is_told_of_what_is_done(package, officer):
    step_to(package, Stage.USE_REPORTED)
    for unit in package.units.select_related("package__kind"):
        unit.observe(state="in_use", on=DUE, by=officer, basis="Kunjungan")
    assert reminders_on(MONDAY) == []


def test_officers_are_told_of_their_regency_and_the_province_of_all_reports(package, officer):
    elsewhere = make_user("petugas", "petugas.paser", regency=make_regency("Paser"))
    staff, auditor = make_user("staf_provinsi", "staf"), make_user("auditor", "pengawas")
    run(MONDAY)
    assert of(elsewhere, "kunjungan") == of(elsewhere, "lpj") == of(staff, "kunjungan") == []
    assert len(of(staff, "lpj")) == 1 and not Notice.objects.filter(user=auditor).exists()


def test_a_persons_name_is_in_no_mail(package, officer):
    run(MONDAY)
    assert Notice.objects.count() >= 2
    assert not any("Aminah" in one.text + one.subject for one in Notice.objects.all())


def test_ten_packages_are_named_and_the_rest_counted(berau, officer):
    recipient = make_recipient(regency=berau)
    for _turn in range(12):
        at_stage(Stage.HANDED_OVER, recipient=recipient)
    run(MONDAY)
    for what in ("kunjungan", "lpj"):
        (told,) = of(officer, what)
        assert told.text.count("–") == 11 and "2" in told.text.splitlines()[-1]


def test_the_number_of_queries_does_not_grow(package, officer):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            reminders_on(MONDAY)
        return len(queries)

    before = cost()
    at_stage(Stage.HANDED_OVER)
    at_stage(Stage.HANDED_OVER)
    assert cost() == before <= 6


def test_a_day_that_is_none_is_refused():
    with pytest.raises(CommandError):
        call_command("remind_aid", on="31/02/2025")

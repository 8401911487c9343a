"""Who is told of follow-ups, when, and that it is once."""

import io
from datetime import date, timedelta

import pytest
from django.core.management import CommandError, call_command

from meetings import agreements, reminders
from meetings.steps import Promise
from notices.models import Notice
from tests.factories import make_user
from tests.meetings.made import make_meeting, make_promise, reported, staff, there, verifier

pytestmark = pytest.mark.django_db

DUE = date(2025, 6, 18)  # a Wednesday


@pytest.fixture
def officer():
    return make_user("petugas", "petugas.paser", regency=there("Paser"))


def told(day, *, user=None):
    reminders.post_on(day)
    found = Notice.objects.filter(user=user) if user else Notice.objects.all()
    return sorted(notice.key for notice in found)


@pytest.mark.parametrize(
    ("days", "moment"),
    [
        (-4, None),
        (-3, "h-3"),
        (-1, "h-3"),
        (0, "h"),
        (6, "h"),
        (7, "h+7"),
        (20, "h+7"),
        (37, "h+7"),
        (38, None),
    ],
)
def test_three_days_before_on_the_day_and_seven_days_after(officer, days, moment):
    promise = make_promise(due_on=DUE)
    keys = told(DUE + timedelta(days=days), user=officer)
    assert keys == ([f"rapat/janji-{promise.pk}/20250618/{moment}/{officer.pk}"] if moment else [])


def test_ten_runs_tell_once(officer):
    make_user("pimpinan", "kepala")
    make_promise(due_on=DUE)
    day = DUE + timedelta(days=5)  # a Monday: the head's digest too
    out = io.StringIO()
    for _time in range(10):
        call_command("remind_meetings", on=f"{day}", stdout=out)
    assert Notice.objects.count() == 2
    assert out.getvalue().count("2 reminders hold, 2 of them are new") == 1
    assert out.getvalue().count("2 reminders hold, 0 of them are new") == 9


def test_each_moment_tells_once_more(officer):
    make_promise(due_on=DUE)
    for days in range(-10, 60):
        reminders.post_on(DUE + timedelta(days=days))
    assert [notice.due_on for notice in Notice.objects.order_by("due_on")] == [
        DUE - timedelta(days=3),
        DUE,
        DUE + timedelta(days=7),
    ]


def test_a_new_due_day_is_told_anew(officer):
    promise = make_promise(due_on=DUE)
    reminders.post_on(DUE)
    agreements.revise(promise, {"due_on": DUE + timedelta(days=30)}, by=staff(), reason="Diundur")
    reminders.post_on(DUE + timedelta(days=30))
    assert Notice.objects.count() == 2


def test_it_goes_to_who_owes_it_and_to_nobody_else(officer):
    other, person = make_user("petugas", "petugas.berau", regency=there("Berau")), make_user("verifikator", "orang")
    meeting = make_meeting("Paser", "Berau")
    make_promise(meeting, owed_by="Paser", due_on=DUE)
    make_promise(meeting, person=person, due_on=DUE)
    make_promise(meeting, unit="Bidang Koperasi", due_on=DUE)
    reminders.post_on(DUE)
    assert {notice.user for notice in Notice.objects.all()} == {officer, person, staff()}
    assert not Notice.objects.filter(user=other).exists()


def test_what_is_reported_done_or_dropped_is_no_reminder(officer):
    reported(make_promise(due_on=DUE), done_on=DUE)
    agreements.move(make_promise(due_on=DUE), Promise.DROPPED, by=verifier(), note="Tidak perlu")
    assert told(DUE, user=officer) == []


def test_the_head_is_told_on_mondays_what_is_late_and_who_comes():
    head = make_user("pimpinan", "kepala")
    monday = DUE - timedelta(days=DUE.weekday())
    make_promise(text="Terlambat sekali", due_on=monday - timedelta(days=1))
    make_promise(text="Belum waktunya", due_on=monday)
    make_meeting("Berau", status="planned", starts_on=monday + timedelta(days=6), title="Rapat pekan ini")
    make_meeting("Bontang", status="planned", starts_on=monday + timedelta(days=7), title="Rapat pekan depan")
    # A Monday that was missed is made up for on a later day of the week.
    for day in (monday + timedelta(days=2), monday + timedelta(days=3)):
        reminders.post_on(day)
    (notice,) = Notice.objects.filter(user=head)
    assert notice.key == f"rapat/ringkasan/{monday:%Y%m%d}/{head.pk}"
    assert "Terlambat sekali" in notice.text and "Rapat pekan ini" in notice.text
    assert "Belum waktunya" not in notice.text and "Rapat pekan depan" not in notice.text


def test_a_calm_week_is_no_mail():
    make_user("pimpinan", "kepala")
    make_promise(due_on=DUE + timedelta(days=100))
    assert told(DUE) == []


def test_reminders_take_the_same_queries_however_many_there_are(officer, django_assert_num_queries):
    for _number in range(5):
        make_promise(due_on=DUE)
    with django_assert_num_queries(3):
        assert len(reminders.reminders_on(DUE)) == 5


def test_a_day_that_is_none_is_refused():
    with pytest.raises(CommandError):
        call_command("remind_meetings", on="kemarin")

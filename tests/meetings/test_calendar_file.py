"""The calendar file, read by another parser than the one that wrote it."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import vobject
from django.test import override_settings

from common.dates import today
from meetings import planning
from tests.meetings.made import make_meeting, staff, there, to_come

pytestmark = pytest.mark.django_db

WITA = ZoneInfo("Asia/Makassar")


def events(client, address="/rapat/kalender.ics"):
    answer = client.get(address)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    return list(vobject.readOne(answer.content.decode()).contents.get("vevent", []))


def test_a_meeting_is_read_with_its_time_in_wita(client):
    day = today() + timedelta(days=5)
    to_come(days=5, start_time=time(9), end_time=time(15, 30), place="Aula; lantai 2, kanan", title="Rapat “Satu”, é")
    (event,) = events(client)
    assert event.dtstart.value == datetime.combine(day, time(9), tzinfo=WITA)
    assert event.dtend.value == datetime.combine(day, time(15, 30), tzinfo=WITA)
    assert event.dtstart.value.utcoffset() == timedelta(hours=8)
    assert event.summary.value == "Rapat “Satu”, é"
    assert event.location.value == "Aula; lantai 2, kanan, Paser"
    assert event.status.value == "CONFIRMED"
    assert event.url.value.startswith("http://testserver/rapat/")


@pytest.mark.parametrize(
    ("values", "begins", "ends"),
    [
        ({}, date(2026, 5, 4), date(2026, 5, 5)),
        ({"ends_on": date(2026, 5, 6)}, date(2026, 5, 4), date(2026, 5, 7)),
    ],
)
def test_without_a_time_it_takes_whole_days(client, values, begins, ends):
    make_meeting(starts_on=date(2026, 5, 4), **values)
    (event,) = events(client)
    assert (event.dtstart.value, event.dtend.value) == (begins, ends)


def test_without_an_end_it_takes_two_hours(client):
    to_come(start_time=time(9))
    (event,) = events(client)
    assert event.dtend.value - event.dtstart.value == timedelta(hours=2)


def test_what_was_postponed_leaves_the_calendar_and_keeps_its_identity(client):
    meeting = to_come(days=5, title="Rapat")
    (before,) = events(client)
    planning.move(meeting, "postponed", by=staff(), reason="Banjir")
    (after,) = events(client)
    assert after.uid.value == before.uid.value
    assert after.status.value == "CANCELLED" and after.dtstart.value == today() + timedelta(days=5)
    assert int(after.sequence.value) > int(before.sequence.value)
    new = {"starts_on": today() + timedelta(days=9), "start_time": None, "ends_on": None, "end_time": None}
    planning.move(meeting, "planned", by=staff(), days=new)
    (again,) = events(client)
    assert again.status.value == "CONFIRMED" and again.dtstart.value == today() + timedelta(days=9)


def test_a_regency_has_its_own_and_a_wrong_one_is_not_there(client):
    to_come("Paser", "Berau", title="Bersama")
    to_come("Bontang", title="Sendiri")
    there("Samarinda")
    assert [one.summary.value for one in events(client, "/rapat/kalender-berau.ics")] == ["Bersama"]
    assert len(events(client)) == 2
    assert events(client, "/rapat/kalender-samarinda.ics") == []
    assert client.get("/rapat/kalender-tidak-ada.ics").status_code == 404


def test_old_meetings_and_those_without_a_day_are_left_out(client):
    make_meeting(starts_on=date(today().year - 2, 12, 31), title="Lama")
    make_meeting("Berau", starts_on=date(today().year - 1, 1, 1), title="Tahun lalu")
    assert [one.summary.value for one in events(client)] == ["Tahun lalu"]


def test_lines_are_folded_and_end_as_the_standard_says(client):
    to_come(title="Rapat " + "panjang " * 20)
    content = client.get("/rapat/kalender.ics").content
    assert content.count(b"\n") == content.count(b"\r\n")
    assert max(len(line) for line in content.split(b"\r\n")) <= 75


@override_settings(ALLOWED_HOSTS=["koperasi.example.go.id"])
def test_the_same_meetings_are_the_same_bytes(client):
    to_come()
    one, two = (client.get("/rapat/kalender.ics", headers={"host": "koperasi.example.go.id"}) for _time in range(2))
    assert one.content == two.content and one["ETag"] == two["ETag"]

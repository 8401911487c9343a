"""Planning: participants, conflicts, corrections, and the walls of the database."""

from datetime import date, time, timedelta

import pytest
from django.db import IntegrityError, transaction

from common.dates import today
from common.models import ChangedMeanwhile, StepRefused
from meetings import planning
from meetings.models import Meeting, Participation
from meetings.planning import conflicts_of
from tests.filled_form import filled_form
from tests.meetings.made import HELD_ON, make_meeting, make_promise, make_round, staff, there, to_come

pytestmark = pytest.mark.django_db


def test_the_host_always_takes_part_and_each_once():
    meeting = make_meeting("Paser", "Berau", "Paser")
    assert sorted(meeting.regencies.values_list("name", flat=True)) == ["Berau", "Paser"]


def test_participants_are_corrected_and_the_story_stays():
    meeting = make_meeting("Paser", "Berau")
    planning.revise(meeting, {}, by=staff(), regencies=[there("Bontang")], reason="Salah isi")
    assert sorted(meeting.regencies.values_list("name", flat=True)) == ["Bontang", "Paser"]
    gone = Participation.history.filter(meeting_id=meeting.pk, history_type="-")
    assert [row.regency.name for row in gone] == ["Berau"]
    assert "bontang" in Meeting.objects.get().search and "berau" not in Meeting.objects.get().search


def test_a_regency_that_owes_something_stays():
    meeting = make_meeting("Paser", "Berau")
    make_promise(meeting, owed_by="Berau")
    with pytest.raises(StepRefused):
        planning.revise(meeting, {}, by=staff(), regencies=[])
    assert meeting.regencies.count() == 2


def test_a_planned_day_moves_by_postponing_and_a_held_one_may_be_corrected():
    planned, held = to_come(), make_meeting("Berau")
    with pytest.raises(StepRefused):
        planning.revise(planned, {"starts_on": today() + timedelta(days=2)}, by=staff())
    planning.revise(held, {"starts_on": HELD_ON - timedelta(days=1)}, by=staff(), reason="Salah ketik")
    assert Meeting.objects.get(pk=held.pk).starts_on == HELD_ON - timedelta(days=1)
    with pytest.raises(StepRefused):
        planning.revise(held, {"starts_on": today() + timedelta(days=1)}, by=staff())
    # What lost its day gets one by its step, never by a correction.
    planning.move(planned, "postponed", by=staff(), reason="Banjir")
    with pytest.raises(StepRefused):
        planning.revise(planned, {"starts_on": today() + timedelta(days=2)}, by=staff())
    planning.revise(planned, {"place": "Aula"}, by=staff())


def test_what_was_postponed_without_a_day_stays_in_its_year():
    meeting = to_come()
    planning.move(meeting, "postponed", by=staff(), reason="Banjir")
    found = Meeting.objects.get()
    assert (found.starts_on, found.listed_on) == (None, today() + timedelta(days=30))


def test_a_round_of_another_name_is_found_by_it(client):
    one = make_round("Putaran lama")
    make_meeting(round=one)
    client.force_login(staff())
    address = f"/kerja/rapat/putaran/{one.pk}/ubah/"
    sent = filled_form(client.get(address), "form") | {"name": "Putaran segar", "reason": "Ganti nama"}
    assert client.post(address, sent).status_code == 302
    assert Meeting.objects.matching("segar").exists() and not Meeting.objects.matching("lama").exists()


def test_two_who_change_one_meeting_do_not_overwrite_each_other():
    mine, theirs = make_meeting(), Meeting.objects.get()
    planning.revise(theirs, {"place": "Aula"}, by=staff())
    with pytest.raises(ChangedMeanwhile):
        planning.revise(mine, {"place": "Lapangan"}, by=staff())
    assert Meeting.objects.get().place == "Aula"


def test_a_wrong_entry_is_taken_out_and_stays_in_the_history():
    meeting = make_meeting()
    with pytest.raises(StepRefused):
        planning.take_out(meeting, by=staff(), reason=" ")
    planning.take_out(meeting, by=staff(), reason="Dobel")
    assert not Meeting.objects.in_force().exists() and Meeting.history.filter(void_reason="Dobel").exists()
    other = make_promise().meeting
    with pytest.raises(StepRefused):
        planning.take_out(other, by=staff(), reason="Dobel")


@pytest.mark.parametrize(
    "wrong",
    [
        {"starts_on": None},
        {"ends_on": HELD_ON - timedelta(days=1)},
        {"end_time": time(9)},
        {"start_time": time(10), "end_time": time(9)},
        {"status": "aneh"},
    ],
)
def test_the_database_refuses_what_no_meeting_is(wrong):
    with pytest.raises(IntegrityError), transaction.atomic():
        Meeting.objects.create(**{"title": "Uji", "host": there("Paser"), "starts_on": HELD_ON, **wrong})


# Conflicts ------------------------------------------------------------------------------------------

DAY = date(2026, 2, 3)
NINE, TEN, NOON = time(9), time(10), time(12)


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        ({"chair": "Kepala Dinas"}, {"chair": "kepala  dinas"}, "chair"),
        ({"chair": "Kepala Dinas"}, {"chair": "Sekretaris"}, None),
        ({"chair": ""}, {"chair": ""}, None),
        (
            {"chair": "A", "start_time": NINE, "end_time": TEN},
            {"chair": "A", "start_time": TEN, "end_time": NOON},
            None,
        ),
        ({"chair": "A", "start_time": NINE, "end_time": NOON}, {"chair": "A", "start_time": TEN}, "chair"),
        (
            {"chair": "A", "ends_on": DAY + timedelta(days=2)},
            {"chair": "A", "starts_on": DAY + timedelta(days=2)},
            "chair",
        ),
        ({"chair": "A"}, {"chair": "A", "starts_on": DAY + timedelta(days=1)}, None),
    ],
)
def test_the_same_chair_at_one_time_is_pointed_out(one, other, clash):
    first = make_meeting("Paser", **{"starts_on": DAY, "status": "planned", **one})
    second = make_meeting("Berau", **{"starts_on": DAY, "status": "planned", **other})
    found = conflicts_of([first, second])
    assert bool(found) is bool(clash)
    if clash:
        assert found[first.pk][0].other == second and found[second.pk][0].other == first
        assert found[first.pk][0].is_same_chair and not found[first.pk][0].regencies


def test_a_regency_asked_for_twice_is_pointed_out_and_what_was_called_off_is_not():
    first = make_meeting("Paser", "Berau", starts_on=DAY, status="planned")
    second = make_meeting("Bontang", "Berau", starts_on=DAY, status="planned")
    assert conflicts_of([first])[first.pk][0].regencies == ("Berau",)
    assert "Berau" in str(conflicts_of([first])[first.pk][0])
    planning.move(second, "cancelled", by=staff(), reason="Batal")
    assert conflicts_of([first]) == {}


def test_conflicts_take_the_same_queries_however_many_meetings(django_assert_num_queries):
    for name in ("Paser", "Berau", "Bontang"):
        make_meeting(name, starts_on=DAY, chair="A", status="planned")
    meetings = list(Meeting.objects.for_list())
    with django_assert_num_queries(2):
        assert len(conflicts_of(meetings)) == 3


def test_a_round_is_planned_for_all_its_regencies_in_one_form(client):
    one = make_round()
    for name in ("Paser", "Berau", "Bontang"):
        there(name)
    make_meeting("Paser", round=one)
    client.force_login(staff())
    page = client.get(f"/kerja/rapat/putaran/{one.pk}/")
    assert page.content.decode().count("-starts_on") > 1
    rows = {regency.name: row for regency, row in page.context["rows"]}
    assert set(rows) == {"Berau", "Bontang"}
    sent = {f"{row.prefix}-key": str(row.initial["key"]) for row in rows.values()}
    sent |= {f"{rows['Berau'].prefix}-starts_on": "03/02/2026", f"{rows['Berau'].prefix}-start_time": "09.00"}
    for _time in range(2):
        client.post(f"/kerja/rapat/putaran/{one.pk}/", sent)
    made = Meeting.objects.get(host__name="Berau")
    assert (made.round, made.starts_on, made.start_time, made.status) == (one, DAY, NINE, "planned")
    # A row with a place and without a day: nothing is entered, and what was typed stands there.
    bontang = rows["Bontang"].prefix
    answer = client.post(f"/kerja/rapat/putaran/{one.pk}/", {f"{bontang}-place": "Aula Satu"})
    assert "Aula Satu" in answer.content.decode() and "Isi harinya" in answer.content.decode()
    assert Meeting.objects.count() == 2


def test_a_round_is_corrected_with_a_reason_and_not_over_somebody_else(client):
    one = make_round()
    client.force_login(staff())
    address = f"/kerja/rapat/putaran/{one.pk}/ubah/"
    sent = filled_form(client.get(address), "form") | {"name": "Putaran baru", "reason": "Salah ketik"}
    assert client.post(address, {**sent, "reason": ""}).status_code == 200
    assert client.post(address, sent).status_code == 302
    one.refresh_from_db()
    assert (one.name, one.version) == ("Putaran baru", 2)
    assert one.history.first().history_change_reason == "Salah ketik"
    late = client.post(address, sent | {"name": "Lebih lambat"})
    one.refresh_from_db()
    assert late.status_code == 409 and one.name == "Putaran baru"

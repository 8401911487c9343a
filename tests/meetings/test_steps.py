"""The tables of steps: what may follow what, what it needs, and who may take it; asked of the verbs and over HTTP."""

from datetime import timedelta

import pytest

from accounts.roles import Role
from common.dates import today
from common.models import StepRefused
from meetings import agreements, planning
from meetings.models import Evidence, FollowUp, Meeting
from meetings.steps import MEETING_ACTS, MEETING_NEXT, PROMISE_ACTS, PROMISE_NEXT, Promise, Status
from tests.factories import make_regency, make_user
from tests.meetings.made import HELD_ON, make_meeting, make_promise, reported, staff, there, verifier

pytestmark = pytest.mark.django_db

# Written out a second time, on purpose: who changes the table must change this promise as well.
MEETINGS = {
    ("planned", "held"),
    ("planned", "postponed"),
    ("planned", "cancelled"),
    ("postponed", "planned"),
    ("postponed", "cancelled"),
    ("held", "planned"),
    ("cancelled", "planned"),
}
PROMISES = {
    ("open", "reported"),
    ("open", "dropped"),
    ("reported", "done"),
    ("reported", "open"),
    ("reported", "dropped"),
    ("done", "open"),
    ("dropped", "open"),
}
OFFICE = {"administrator", "staf_provinsi"}
DECIDES = OFFICE | {"verifikator"}


def test_the_tables_say_what_is_promised_and_have_a_word_for_each_step():
    assert {(was, to) for was, row in MEETING_NEXT.items() for to in row} == MEETINGS == set(MEETING_ACTS)
    assert {(was, to) for was, row in PROMISE_NEXT.items() for to in row} == PROMISES == set(PROMISE_ACTS)


# Meetings -------------------------------------------------------------------------------------------


def meeting_that_is(was):
    return make_meeting(status=was)


def meeting_step(meeting, to, *, by=None):
    day = {"starts_on": today() + timedelta(days=9), "start_time": None, "ends_on": None, "end_time": None}
    gives_day = to == "planned" and meeting.status != "held"
    return planning.move(meeting, to, by=by or staff(), reason="Karena uji", days=day if gives_day else None)


@pytest.mark.parametrize("was", Status.values)
@pytest.mark.parametrize("to", Status.values)
def test_a_meeting_takes_the_steps_of_the_table_and_no_other(was, to):
    meeting = meeting_that_is(was)
    if (was, to) in MEETINGS:
        meeting_step(meeting, to)
        assert Meeting.objects.get().status == to
        assert meeting.steps.last().to == to and meeting.steps.last().was == was
    else:
        before = meeting.steps.count()
        with pytest.raises(StepRefused):
            meeting_step(meeting, to)
        assert Meeting.objects.get().status == was and meeting.steps.count() == before


@pytest.mark.same_on_both
@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(("was", "to"), sorted(MEETINGS))
def test_the_office_moves_meetings_and_nobody_else(client, role, was, to):
    meeting = meeting_that_is(was)
    regency = {"regency": meeting.host} if role == Role.OFFICER else {}
    client.force_login(make_user(role, "orang", **regency))
    sent = {"reason": "Karena uji", "version": str(meeting.version)}
    if to == "planned" and was != "held":
        sent["starts_on"] = "01/12/2099"
    response = client.post(f"/kerja/rapat/{meeting.pk}/status/{to}/", sent)
    assert response.status_code == (302 if role in OFFICE else 403)
    assert Meeting.objects.get().status == (to if role in OFFICE else was)


@pytest.mark.parametrize(
    ("was", "to", "options"),
    [
        ("planned", "postponed", {"reason": " "}),
        ("planned", "cancelled", {}),
        ("held", "planned", {}),
        ("postponed", "planned", {}),
        ("cancelled", "planned", {"reason": "Jadi"}),
    ],
)
def test_a_step_without_what_it_needs_is_refused(was, to, options):
    meeting = meeting_that_is(was)
    with pytest.raises(StepRefused):
        planning.move(meeting, to, by=staff(), **options)
    assert Meeting.objects.get().status == was


def test_what_is_still_to_come_was_not_held():
    meeting = make_meeting(status="planned", starts_on=today() + timedelta(days=1))
    with pytest.raises(StepRefused):
        planning.move(meeting, "held", by=staff())
    tomorrow = make_meeting("Berau", status="planned", starts_on=today())
    planning.move(tomorrow, "held", by=staff())


def test_postponing_keeps_the_old_day_and_a_known_new_one_plans_it_again():
    meeting = make_meeting(status="planned")
    new = today() + timedelta(days=20)
    planning.move(
        meeting,
        "postponed",
        by=staff(),
        reason="Banjir",
        days={"starts_on": new, "start_time": None, "ends_on": None, "end_time": None},
    )
    found = Meeting.objects.get()
    assert (found.status, found.starts_on) == ("planned", new)
    first, second, third = found.steps.all()
    assert (first.to, second.to, third.to) == ("planned", "postponed", "planned")
    assert (second.old_starts_on, second.new_starts_on, second.reason) == (HELD_ON, new, "Banjir")
    later = make_meeting("Berau", status="planned")
    planning.move(later, "postponed", by=staff(), reason="Banjir")
    found = Meeting.objects.get(pk=later.pk)
    assert (found.status, found.starts_on) == ("postponed", None)
    assert found.steps.last().old_starts_on == HELD_ON


def test_what_was_agreed_shows_that_it_was_held():
    promise = make_promise()
    with pytest.raises(StepRefused):
        planning.move(promise.meeting, "planned", by=staff(), reason="Salah")


# What was agreed --------------------------------------------------------------------------------------


def promise_that_is(was):
    promise = make_promise()
    if was in ("reported", "done"):
        reported(promise)
    if was == "done":
        agreements.move(promise, "done", by=verifier())
    if was == "dropped":
        agreements.move(promise, "dropped", by=staff(), note="Tidak perlu lagi")
    return promise


def promise_step(promise, to, *, by):
    evidence = [Evidence(path="/statistik/")] if to == "reported" else []
    return agreements.move(
        promise, Promise(to), by=by, note="Karena uji", done_on=today() if to == "reported" else None, evidence=evidence
    )


@pytest.mark.parametrize("was", Promise.values)
@pytest.mark.parametrize("to", Promise.values)
def test_a_follow_up_takes_the_steps_of_the_table_and_no_other(was, to):
    promise = promise_that_is(was)
    if (was, to) in PROMISES:
        promise_step(promise, to, by=verifier())
        found = FollowUp.objects.get()
        assert found.status == to
        assert (found.done_on is not None) is (to in ("reported", "done"))
        assert promise.steps.last().to == to
    else:
        before = promise.steps.count()
        with pytest.raises(StepRefused):
            promise_step(promise, to, by=verifier())
        assert FollowUp.objects.get().status == was and promise.steps.count() == before


@pytest.mark.same_on_both
@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(("was", "to"), sorted(PROMISES))
def test_who_owes_it_reports_and_the_office_decides(client, role, was, to):
    promise = promise_that_is(was)
    regency = {"regency": promise.regency} if role == Role.OFFICER else {}
    client.force_login(make_user(role, "orang", **regency))
    sent = {"note": "Karena uji", "done_on": f"{today():%d/%m/%Y}", "path": "/statistik/"}
    response = client.post(f"/kerja/rapat/tindak-lanjut/{promise.pk}/{to}/", {**sent, "version": str(promise.version)})
    may = role in (OFFICE | {"petugas"} if to == "reported" else DECIDES)
    assert response.status_code == (302 if may else 403)
    assert FollowUp.objects.get().status == (to if may else was)


@pytest.mark.parametrize(
    ("was", "to", "options"),
    [
        ("open", "reported", {"done_on": HELD_ON, "evidence": [Evidence(path="/statistik/")]}),
        ("open", "reported", {"note": "Sudah", "evidence": [Evidence(path="/statistik/")]}),
        ("open", "reported", {"note": "Sudah", "done_on": HELD_ON}),
        (
            "open",
            "reported",
            {"note": "Sudah", "done_on": HELD_ON - timedelta(days=1), "evidence": [Evidence(path="/statistik/")]},
        ),
        ("open", "dropped", {}),
        ("reported", "open", {"note": " "}),
        ("done", "open", {}),
    ],
)
def test_a_follow_up_without_what_the_step_needs_stays(was, to, options):
    promise = promise_that_is(was)
    with pytest.raises(StepRefused):
        agreements.move(promise, Promise(to), by=verifier(), **options)
    assert FollowUp.objects.get().status == was


def test_a_day_to_come_is_not_the_day_it_was_done():
    with pytest.raises(StepRefused):
        reported(make_promise(), done_on=today() + timedelta(days=1))


def test_whoever_reported_it_as_done_does_not_confirm_it(client):
    promise = reported(make_promise(), by=staff())
    with pytest.raises(StepRefused):
        agreements.move(promise, Promise.DONE, by=staff())
    client.force_login(staff())
    page = client.get(f"/kerja/rapat/tindak-lanjut/{promise.pk}/").content.decode()
    assert f"/{promise.pk}/done/" not in page
    answer = client.post(f"/kerja/rapat/tindak-lanjut/{promise.pk}/done/", {"version": promise.version})
    assert answer.status_code == 409 and FollowUp.objects.get().status == "reported"
    client.force_login(verifier())
    answer = client.post(f"/kerja/rapat/tindak-lanjut/{promise.pk}/done/", {"version": promise.version})
    assert answer.status_code == 302 and FollowUp.objects.get().status == "done"


def test_an_officer_of_another_regency_reports_nothing_for_this_one(client):
    meeting = make_meeting("Paser", "Berau")
    promise = make_promise(meeting)
    client.force_login(make_user("petugas", "orang", regency=there("Berau")))
    # It is public and was agreed where Berau took part, so it is seen; it is not Berau's.
    assert client.get(f"/kerja/rapat/tindak-lanjut/{promise.pk}/").status_code == 200
    for address in (f"{promise.pk}/reported/", f"{promise.pk}/catatan/"):
        answer = client.post(f"/kerja/rapat/tindak-lanjut/{address}", {"note": "x", "path": "/statistik/"})
        assert answer.status_code == 403, address
    make_regency("Bontang")
    client.force_login(make_user("petugas", "lain", regency=there("Bontang")))
    assert client.get(f"/kerja/rapat/tindak-lanjut/{promise.pk}/").status_code == 404


def test_agreements_are_entered_where_it_was_held():
    meeting = make_meeting(status="planned")
    with pytest.raises(StepRefused):
        make_promise(meeting)

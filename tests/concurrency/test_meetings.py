"""Several people at one meeting at once: one promise is closed once, one form enters one meeting, nothing is lost."""

from datetime import timedelta

import pytest

from common.dates import today
from meetings.models import FollowUp, FollowUpStep, Meeting
from tests.concurrency.test_register import at_once, editor, post
from tests.meetings.made import make_meeting, make_promise, make_round, reported, staff, there, to_come

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_who_decide_one_is_told_that_the_other_was_faster():
    promise = reported(make_promise(), by=staff())
    one, other = editor("satu"), editor("dua")
    address, version = f"/kerja/rapat/tindak-lanjut/{promise.pk}", str(promise.version)
    answers = at_once(
        post(one, f"{address}/done/", {"version": version}),
        post(other, f"{address}/dropped/", {"version": version, "note": "Tidak perlu"}),
    )
    # Whoever comes after the other's page was made is led back to what stands now.
    assert all(answer.status_code in (302, 409) for answer in answers)
    assert FollowUpStep.objects.filter(follow_up=promise, was="reported").count() == 1
    assert FollowUp.objects.get().status in ("done", "dropped")


def test_one_form_of_a_round_sent_at_once_plans_each_meeting_once():
    one = make_round()
    there("Paser"), there("Berau")
    clients = [editor(f"staf{number}") for number in range(3)]
    rows = [row for _regency, row in clients[0].get(f"/kerja/rapat/putaran/{one.pk}/").context["rows"]]
    sent = {f"{row.prefix}-key": str(row.initial["key"]) for row in rows}
    sent |= {f"{row.prefix}-starts_on": f"{today() + timedelta(days=9):%d/%m/%Y}" for row in rows}
    answers = at_once(*[post(client, f"/kerja/rapat/putaran/{one.pk}/", sent) for client in clients])
    assert all(answer.status_code in (200, 302, 409) for answer in answers)
    assert sorted(Meeting.objects.values_list("host__name", flat=True)) == ["Berau", "Paser"]


def test_of_two_who_move_a_meeting_one_does():
    meeting = to_come()
    version = str(meeting.version)
    acts = [
        post(editor("satu"), f"/kerja/rapat/{meeting.pk}/status/postponed/", {"version": version, "reason": "Banjir"}),
        post(editor("dua"), f"/kerja/rapat/{meeting.pk}/status/cancelled/", {"version": version, "reason": "Batal"}),
    ]
    answers = at_once(*acts)
    assert all(answer.status_code in (302, 409) for answer in answers)
    assert meeting.steps.exclude(was="").filter(was="planned").count() == 1


def test_agreements_of_several_clerks_are_all_there():
    meeting = make_meeting()
    clients = [editor(f"staf{number}") for number in range(4)]
    sent = {"due_on": f"{today():%d/%m/%Y}", "regency": str(meeting.host_id), "is_public": "1"}
    address = f"/kerja/rapat/{meeting.pk}/kesepakatan/"
    left = dict(enumerate(clients))
    for _round in range(5):
        answers = at_once(*[post(client, address, sent | {"text": f"Janji {n}"}) for n, client in left.items()])
        assert all(answer.status_code in (302, 409) for answer in answers)
        left = {
            n: client for (n, client), answer in zip(left.items(), answers, strict=True) if answer.status_code == 409
        }
        if not left:
            break
    assert not left
    assert FollowUp.objects.count() == 4

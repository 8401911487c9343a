"""Meetings and follow-ups for tests, made by the real verbs."""

from datetime import date, timedelta

from accounts.models import User
from common.dates import today
from meetings import agreements, planning
from meetings.models import Evidence, FollowUp, Meeting, MeetingDocument, Round
from meetings.steps import Promise, Status
from regions.models import Regency
from tests.factories import make_regency, make_user
from tests.files.made_files import kept

# A day long over, on which meetings of tests are held.
HELD_ON = date(2025, 3, 12)


def there(name):
    """The regency of that name, made where there is none."""
    return Regency.objects.filter(name=name).first() or make_regency(name)


def person(role, username, **options):
    return User.objects.filter(username=username).first() or make_user(role, username, **options)


def staff():
    return person("staf_provinsi", "staf.rapat")


def verifier():
    return person("verifikator", "verifikator.rapat")


def make_round(name="Rapat Koordinasi Uji", year=2025):
    return Round.objects.create(name=name, year=year, slug=f"uji-{year}-{Round.objects.count()}")


def make_meeting(host="Paser", *others, by=None, status=Status.HELD, starts_on=HELD_ON, **values):
    """A meeting with one regency or several, planned, and moved on to its status."""
    values.setdefault("title", "Rapat Koordinasi Uji")
    meeting = Meeting(host=there(host), starts_on=starts_on, **values)
    by = by or staff()
    planning.plan(meeting, [there(name) for name in others], by=by)
    if status != Status.PLANNED:
        reason = "" if status == Status.HELD else "Uji"
        planning.move(meeting, status, by=by, reason=reason)
    return meeting


def to_come(host="Paser", *others, days=30, **values):
    """A meeting that is planned."""
    return make_meeting(host, *others, status=Status.PLANNED, starts_on=today() + timedelta(days=days), **values)


def make_promise(meeting=None, *, by=None, owed_by=None, **values):
    """An open, public follow-up of a regency of the meeting, unless something else is said."""
    meeting = meeting or make_meeting()
    if not {"unit", "person"} & set(values):
        values["regency"] = there(owed_by) if owed_by else meeting.host
    values = {"text": "Mendata ulang koperasi", "due_on": today() + timedelta(days=30), "is_public": True, **values}
    return agreements.agree(FollowUp(meeting=meeting, **values), by=by or staff())


def reported(promise, *, by=None, done_on=None, evidence=None):
    """The same, reported as done."""
    rows = [Evidence(path="/statistik/")] if evidence is None else evidence
    done_on = done_on or today()
    agreements.move(promise, Promise.REPORTED, by=by or staff(), note="Sudah", done_on=done_on, evidence=rows)
    return promise


def done(promise, **options):
    """The same, reported and confirmed by another person."""
    agreements.move(reported(promise, **options), Promise.DONE, by=verifier())
    return promise


def make_document(meeting, *, by=None, kind="material", title="Paparan Uji"):
    by = by or staff()
    return MeetingDocument.objects.create(meeting=meeting, kind=kind, title=title, file=kept(by), by=by)

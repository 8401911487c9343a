"""Forms of meetings: nobody overwrites a colleague in silence, and no form sets a field that it does not show."""

from datetime import timedelta

import pytest
from django.db import models

from common.dates import today
from meetings.models import AgendaItem, Attendance, FollowUp, Meeting, Round
from tests.factories import make_user
from tests.filled_form import filled_form
from tests.meetings.made import make_meeting, make_promise, make_round, reported, staff, there, to_come, verifier

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client):
    client.force_login(staff())
    return client


def rows():
    """Everything that a form of a meeting could change."""
    kept = (Meeting, Round, FollowUp, AgendaItem, Attendance)
    return {model: list(model.objects.order_by("pk").values()) for model in kept}


STALE = {
    "ubah": {"title": "Judul saya"},
    "agenda": {"more": "Mata agenda saya"},
    "hadir": {"hadir-0-institution": "Instansi saya"},
    "notulen": {"minutes": "Notulen saya"},
    "status/held": {},
    "keluarkan": {"reason": "Alasan saya"},
}


@pytest.mark.parametrize("page", STALE)
def test_a_form_that_was_overtaken_writes_nothing_and_keeps_what_was_typed(office, page):
    meeting = make_meeting(status="planned", starts_on=today())
    address = f"/kerja/rapat/{meeting.pk}/{page}/"
    mine = filled_form(office.get(address), "form") | STALE[page]
    theirs = f"/kerja/rapat/{meeting.pk}/ubah/"
    office.post(theirs, filled_form(office.get(theirs), "form") | {"place": "Tempat orang lain"})
    before = rows()
    answer = office.post(address, mine)
    assert answer.status_code == 409 and rows() == before
    text = answer.content.decode()
    assert staff().full_name in text
    assert all(typed in text for typed in STALE[page].values())


@pytest.mark.parametrize("page", ["ubah", "catatan", "reported", "dropped"])
def test_a_follow_up_that_was_overtaken_stays_as_it_became(office, page):
    promise = make_promise()
    address = f"/kerja/rapat/tindak-lanjut/{promise.pk}/{page}/"
    typed = {"note": "Ketikan saya", "path": "/statistik/", "done_on": f"{today():%d/%m/%Y}", "reason": "Ketikan saya"}
    mine = filled_form(office.get(address), "form") | typed
    note = f"/kerja/rapat/tindak-lanjut/{promise.pk}/catatan/"
    assert office.post(note, filled_form(office.get(note), "form") | {"note": "Orang lain"}).status_code == 302
    before = rows()
    answer = office.post(address, mine)
    assert answer.status_code == 409 and rows() == before
    assert "Ketikan saya" in answer.content.decode()


def foreign(model, shown):
    """A value for each column that a form does not show."""
    values = {}
    for field in model._meta.concrete_fields:
        if field.name in shown or field.primary_key:
            continue
        if isinstance(field, models.BooleanField):
            values[field.name] = "on"
        elif isinstance(field, (models.DateField, models.DateTimeField)):
            values[field.name] = "01/01/2001"
        elif field.choices:
            values[field.name] = field.choices[-1][0]
        else:
            values[field.name] = "99"
    return values


FORMS = {
    "new meeting": ("/kerja/rapat/baru/?wilayah=paser", Meeting, {"title": "Baru", "starts_on": "01/12/2099"}),
    "meeting": ("/kerja/rapat/{meeting}/ubah/", Meeting, {"place": "Aula"}),
    "minutes": ("/kerja/rapat/{meeting}/notulen/", Meeting, {"summary": "Ringkas"}),
    "agenda": ("/kerja/rapat/{meeting}/agenda/", AgendaItem, {"more": "Satu"}),
    "round": ("/kerja/rapat/putaran/{round}/ubah/", Round, {"note": "Catatan", "reason": "Uji"}),
    "new agreement": (
        "/kerja/rapat/{meeting}/kesepakatan/",
        FollowUp,
        {"text": "Baru", "unit": "Bidang", "due_on": "01/12/2099", "is_public": "0"},
    ),
    "agreement": ("/kerja/rapat/tindak-lanjut/{promise}/ubah/", FollowUp, {"text": "Lain", "reason": "Uji"}),
}
# What follows from the act itself.
FOLLOWS = {"version", "search", "listed_on", "chair_key", "changed_at", "entry_key", "id", "uid", "created_at"}


@pytest.mark.parametrize("form", FORMS)
def test_no_form_sets_what_it_does_not_show(office, form):
    place, model, typed = FORMS[form]
    promise, one = make_promise(), make_round()
    address = place.format(meeting=promise.meeting_id, promise=promise.pk, round=one.pk)
    page = filled_form(office.get(address), "form")
    before = {row.pk: row for row in model.objects.all()}
    sent = foreign(model, set(page) | set(typed)) | page | typed
    assert office.post(address, sent).status_code == 302
    shown = set(page) | set(typed) | FOLLOWS | {"entered_by"}
    for row in model.objects.all():
        was = before.get(row.pk) or model()
        for field in model._meta.concrete_fields:
            if field.name in shown or (row.pk not in before and field.is_relation):
                continue
            if form == "agenda" and field.name in ("text", "position"):
                continue
            assert getattr(row, field.attname) == getattr(was, field.attname), (form, field.name)
    assert not FollowUp.objects.exclude(entered_by=staff()).exists()


def test_an_officer_sets_nothing_for_another_regency_by_what_is_sent(client):
    promise = make_promise(make_meeting("Paser", "Berau"))
    client.force_login(make_user("petugas", "orang", regency=promise.regency))
    address = f"/kerja/rapat/tindak-lanjut/{promise.pk}/reported/"
    sent = filled_form(client.get(address), "form") | {
        "note": "Sudah",
        "done_on": f"{today():%d/%m/%Y}",
        "path": "/statistik/",
        "regency": str(there("Berau").pk),
        "status": "done",
        "is_public": "",
        "due_on": f"{today() + timedelta(days=900):%d/%m/%Y}",
    }
    assert client.post(address, sent).status_code == 302
    found = FollowUp.objects.get()
    assert (found.regency, found.status, found.is_public, found.due_on) == (
        promise.regency,
        "reported",
        True,
        promise.due_on,
    )


def test_a_second_click_says_that_it_is_done_already(client):
    promise = reported(make_promise(), by=staff())
    client.force_login(verifier())
    address = f"/kerja/rapat/tindak-lanjut/{promise.pk}/done/"
    sent = filled_form(client.get(address), "form")
    assert client.post(address, sent).status_code == 302
    again = client.post(address, sent, follow=True)
    assert "sekarang “Selesai”" in again.content.decode()
    assert promise.steps.filter(to="done").count() == 1
    meeting = to_come()
    client.force_login(staff())
    address = f"/kerja/rapat/{meeting.pk}/status/postponed/"
    sent = filled_form(client.get(address), "form") | {"reason": "Banjir"}
    for _time in range(2):
        answer = client.post(address, sent, follow=True)
    assert "sekarang “Ditunda”" in answer.content.decode() and meeting.steps.filter(to="postponed").count() == 1

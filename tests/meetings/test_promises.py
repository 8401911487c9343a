"""What was agreed: carried over, closed at a later meeting, with evidence that leads somewhere."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from common.dates import today
from common.models import ChangedMeanwhile, StepRefused
from meetings import agreements, planning
from meetings.agreements import carried_over
from meetings.models import Evidence, FollowUp
from meetings.models.follow_up import validate_evidence_path
from tests.factories import make_user
from tests.files.made_files import kept, pdf
from tests.filled_form import filled_form
from tests.meetings.made import HELD_ON, done, make_meeting, make_promise, reported, staff, there, to_come, verifier

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("path", "is_fine"),
    [
        ("/statistik/", True),
        ("/bantuan/12/", True),
        ("/en/rapat/", True),
        ("/kerja/laporan/", True),
        ("/statistik/?format=csv", True),
        ("/tidak-ada/", False),
        ("https://jahat.example/statistik/", False),
        ("//jahat.example/statistik/", False),
        ("/\\jahat.example/", False),
        ("statistik/", False),
        ("javascript:alert(1)", False),
    ],
)
def test_an_address_is_evidence_where_it_leads_to_a_page_of_the_portal(path, is_fine):
    if is_fine:
        validate_evidence_path(path)
    else:
        with pytest.raises(ValidationError):
            validate_evidence_path(path)


def test_only_pages_that_everybody_may_open_are_shown_to_everybody():
    assert Evidence(path="/statistik/").is_public_page
    assert not Evidence(path="/kerja/laporan/").is_public_page
    assert not Evidence(path="/admin/").is_public_page
    assert not Evidence(path="/hilang/").is_public_page


@pytest.mark.parametrize("owed_by", [{}, {"unit": "Bidang Koperasi", "regency": True}, {"unit": "x", "person": True}])
def test_exactly_one_is_responsible(owed_by):
    meeting = make_meeting()
    values = {"meeting": meeting, "text": "Uji", "due_on": today(), "is_public": True, **owed_by}
    if "regency" in owed_by:
        values["regency"] = meeting.host
    if "person" in owed_by:
        values["person"] = staff()
    with pytest.raises(IntegrityError), transaction.atomic():
        FollowUp.objects.create(**values)


@pytest.mark.parametrize(("owed_by", "due"), [("Berau", 30), (None, -700)])
def test_who_does_not_take_part_owes_nothing_and_nothing_is_due_before_the_meeting(owed_by, due):
    with pytest.raises(StepRefused):
        make_promise(make_meeting("Paser"), owed_by=owed_by, due_on=HELD_ON + timedelta(days=due))


def test_two_who_report_at_once_do_not_overwrite_each_other():
    mine, theirs = make_promise(), FollowUp.objects.get()
    reported(theirs)
    with pytest.raises(ChangedMeanwhile):
        agreements.note_progress(mine, by=staff(), note="Berjalan")


def test_days_late_run_until_it_was_done():
    late = make_promise(due_on=today() - timedelta(days=5))
    assert (late.days_late, late.badge) == (5, "bad")
    done(late, done_on=today() - timedelta(days=3))
    assert FollowUp.objects.get().days_late == 2
    in_time = make_promise(make_meeting("Berau"), due_on=today())
    assert (in_time.days_late, in_time.badge) == (0, "way")
    assert set(FollowUp.objects.late()) == set()


# Carry-over -----------------------------------------------------------------------------------------


def test_the_next_meeting_with_the_regency_lists_what_is_still_open():
    first = make_meeting("Paser", "Berau", starts_on=HELD_ON)
    mine = make_promise(first, owed_by="Paser", text="Milik Paser")
    make_promise(first, owed_by="Berau", text="Milik Berau")
    ours = make_promise(first, unit="Bidang Koperasi", text="Milik kantor")
    done(make_promise(first, owed_by="Paser", text="Sudah"))
    make_promise(make_meeting("Bontang", starts_on=HELD_ON), text="Di tempat lain")
    second = make_meeting("Paser", starts_on=HELD_ON + timedelta(days=60))
    assert set(carried_over(second)) == {mine, ours}
    # What comes later is not carried into what was before.
    assert not carried_over(first).exists()
    make_promise(second, text="Baru")
    assert set(carried_over(second)) == {mine, ours}


def test_closed_at_the_next_meeting_it_is_closed_and_says_where(client):
    promise = make_promise(due_on=today() - timedelta(days=1))
    second = make_meeting("Paser", starts_on=today())
    client.force_login(verifier())
    reported(promise, by=staff())
    record = client.get(f"/kerja/rapat/{second.pk}/").content.decode()
    address = f"/kerja/rapat/tindak-lanjut/{promise.pk}/?rapat={second.pk}"
    assert address in record
    page = client.get(address).content.decode()
    assert f"/kerja/rapat/tindak-lanjut/{promise.pk}/done/?rapat={second.pk}" in page
    form = client.get(f"/kerja/rapat/tindak-lanjut/{promise.pk}/done/?rapat={second.pk}")
    answer = client.post(f"/kerja/rapat/tindak-lanjut/{promise.pk}/done/", filled_form(form, "form"))
    assert answer.status_code == 302 and answer["Location"] == f"/kerja/rapat/{second.pk}/"
    promise.refresh_from_db()
    assert promise.status == "done" and promise.steps.last().meeting == second
    assert "ditutup di sini" in client.get(f"/kerja/rapat/{second.pk}/").content.decode()
    # A later one no longer lists it.
    planning.revise(second, {}, by=staff())
    assert not carried_over(to_come()).exists()


def test_a_meeting_that_has_nothing_to_do_with_it_is_not_where_it_was_taken(client):
    promise, elsewhere = make_promise(), make_meeting("Bontang", starts_on=today())
    client.force_login(staff())
    for key in (elsewhere.pk, 2**40, "x"):
        address = f"/kerja/rapat/tindak-lanjut/{promise.pk}/catatan/?rapat={key}"
        sent = filled_form(client.get(address), "form") | {"note": "Berjalan", "rapat": str(key)}
        assert client.post(address, sent)["Location"] == promise.get_record_url()
    assert set(promise.steps.filter(was="open").values_list("meeting", flat=True)) == {None}


def test_a_confidential_one_is_carried_only_to_those_who_may_see_it(client):
    first = make_meeting("Paser", "Berau")
    make_promise(first, owed_by="Paser", is_public=False, text="RAHASIA-1")
    second = to_come("Paser", "Berau")
    for name, sees in (("Paser", True), ("Berau", False)):
        client.force_login(make_user("petugas", f"orang.{name.lower()}", regency=there(name)))
        for address in (f"/kerja/rapat/{second.pk}/", f"/kerja/rapat/{first.pk}/", "/kerja/rapat/tindak-lanjut/"):
            assert ("RAHASIA-1" in client.get(address).content.decode()) is sees, (name, address)
        found = client.get(f"/kerja/rapat/tindak-lanjut/{FollowUp.objects.get().pk}/").status_code
        assert found == (200 if sees else 404)


# At the pages -----------------------------------------------------------------------------------------


def test_an_officer_reports_with_a_file_and_the_office_confirms(client):
    promise = make_promise()
    officer = make_user("petugas", "orang", regency=promise.regency)
    client.force_login(officer)
    address = f"/kerja/rapat/tindak-lanjut/{promise.pk}/reported/"
    file = SimpleUploadedFile("bukti.pdf", pdf())
    sent = filled_form(client.get(address), "form") | {"note": "Sudah didata", "done_on": f"{today():%d/%m/%Y}"}
    refused = client.post(address, sent)
    assert "Tambahkan bukti" in refused.content.decode() and "Sudah didata" in refused.content.decode()
    assert client.post(address, sent | {"file": file}).status_code == 302
    evidence = Evidence.objects.get()
    assert FollowUp.objects.get().status == "reported" and evidence.file.name == "bukti.pdf"
    download = client.get(f"/kerja/rapat/bukti/{evidence.pk}/")
    assert b"".join(download.streaming_content) == pdf()
    # Not for another regency, and not for the public.
    client.force_login(make_user("petugas", "lain", regency=there("Berau")))
    assert client.get(f"/kerja/rapat/bukti/{evidence.pk}/").status_code == 404
    client.logout()
    assert client.get(f"/kerja/rapat/bukti/{evidence.pk}/").status_code == 302
    assert "bukti.pdf" not in client.get(f"/rapat/janji/{promise.pk}/").content.decode()


def test_the_own_address_of_the_portal_is_taken_as_a_path(client):
    promise = make_promise()
    client.force_login(staff())
    address = f"/kerja/rapat/tindak-lanjut/{promise.pk}/catatan/"
    sent = filled_form(client.get(address), "form") | {"note": "Berjalan", "path": "http://testserver/statistik/"}
    assert client.post(address, sent).status_code == 302
    assert Evidence.objects.get().path == "/statistik/"
    wrong = filled_form(client.get(address), "form") | {"note": "Berjalan", "path": "https://jahat.example/"}
    answer = client.post(address, wrong)
    assert answer.status_code == 200 and "https://jahat.example/" in answer.content.decode()


def test_an_agreement_sent_twice_is_one_and_one_that_names_two_is_refused(client):
    meeting = make_meeting()
    client.force_login(staff())
    address = f"/kerja/rapat/{meeting.pk}/kesepakatan/"
    sent = filled_form(client.get(address), "form") | {
        "text": "Mendata ulang",
        "due_on": f"{today():%d/%m/%Y}",
        "regency": meeting.host_id,
        "is_public": "1",
    }
    two = client.post(address, sent | {"unit": "Bidang"})
    assert "satu penanggung jawab" in two.content.decode() and not FollowUp.objects.exists()
    without = client.post(address, {**sent, "is_public": ""})
    assert without.status_code == 200 and not FollowUp.objects.exists()
    for _time in range(2):
        assert client.post(address, sent).status_code == 302
    assert FollowUp.objects.get().entered_by == staff()


def test_a_correction_says_why_and_keeps_what_was(client):
    promise = make_promise()
    client.force_login(staff())
    address = f"/kerja/rapat/tindak-lanjut/{promise.pk}/ubah/"
    sent = filled_form(client.get(address), "form") | {"text": "Mendata semua"}
    assert FollowUp.objects.get().text != client.post(address, sent).context["form"]["text"].value()
    assert client.post(address, sent | {"reason": "Salah dengar"}).status_code == 302
    assert FollowUp.objects.get().text == "Mendata semua"
    assert [row.text for row in FollowUp.history.order_by("history_id")] == [
        "Mendata ulang koperasi",
        "Mendata semua",
    ]


def test_the_workspace_counts_what_waits(client):
    late = make_promise(due_on=today() - timedelta(days=1))
    officer = make_user("petugas", "orang", regency=late.regency)
    reported(make_promise(make_meeting("Berau")))
    client.force_login(officer)
    page = client.get("/kerja/").content.decode()
    assert "siapa=saya&amp;keadaan=terlambat" in page and "siapa=konfirmasi" not in page
    client.force_login(verifier())
    page = client.get("/kerja/").content.decode()
    assert "siapa=konfirmasi" in page
    # The office is told of every regency's.
    late_rows = client.get("/kerja/rapat/tindak-lanjut/?keadaan=terlambat").context["page"].object_list
    counted = {url: count for count, _words, url in client.get("/kerja/").context["todo"]}
    assert counted["/kerja/rapat/tindak-lanjut/?keadaan=terlambat"] == len(late_rows) == 1
    client.force_login(make_user("pimpinan", "kepala"))
    assert "tindak-lanjut/?keadaan=terlambat" in client.get("/kerja/").content.decode()
    client.force_login(verifier())
    rows = client.get("/kerja/rapat/tindak-lanjut/?siapa=konfirmasi").context["page"].object_list
    assert len(rows) == 1 and rows[0].status == "reported"


def test_evidence_is_a_file_or_an_address():
    promise = make_promise()
    step = promise.steps.first()
    for values in ({}, {"path": "/statistik/", "file": kept(staff())}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Evidence.objects.create(follow_up=promise, step=step, **values)

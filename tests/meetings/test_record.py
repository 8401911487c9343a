"""The record of a meeting at its pages: agenda, attendance, minutes, documents; planning and correcting."""

import io
from datetime import date, time, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from pypdf import PdfReader

from common.dates import today
from common.models import StepRefused
from meetings import keeping
from meetings.minutes import as_html, as_story
from meetings.models import AgendaItem, Attendance, Meeting, MeetingDocument
from tests.factories import make_source, make_user
from tests.files.made_files import HTML, pdf
from tests.filled_form import filled_form
from tests.meetings.made import HELD_ON, make_document, make_meeting, make_promise, make_round, staff, there, to_come

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client):
    client.force_login(staff())
    return client


def form_of(client, address):
    return filled_form(client.get(address), "form")


# Minutes ----------------------------------------------------------------------------------------------


def test_minutes_have_headings_lists_and_emphasis():
    made = as_html("# Pembukaan\n\nDibuka **tepat** waktu.\n\n- satu\n  - dalam\n- dua\n\n1. pertama\n2. kedua")
    assert "<h3>Pembukaan</h3>" in made and "<strong>tepat</strong>" in made
    assert made.count("<ul>") == 2 and made.count("<ol>") == 1 and made.count("<li>") == 5


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[klik](javascript:alert(1))",
        "[klik](https://jahat.example/)",
        "![gambar](https://jahat.example/x.png)",
        "<https://jahat.example/>",
        '# <b onclick="x">Judul</b>',
        "<style>*{display:none}</style>",
        "&#60;script&#62;alert(1)&#60;/script&#62;",
        "`<script>`\n\n    <script>alert(1)</script>",
    ],
)
def test_minutes_hold_no_markup_of_their_own(hostile):
    made = as_html(hostile)
    for tag in ("<script", "<img", "<a", "<style", "<b "):
        assert tag not in made, made
    # On paper too it is text.
    assert as_story(hostile)


def test_minutes_are_kept_as_typed_and_shown_to_those_who_take_part(office, client):
    meeting = make_meeting("Paser")
    address = f"/kerja/rapat/{meeting.pk}/notulen/"
    sent = form_of(office, address) | {"minutes": "# Isi\n\n- satu\n  - dalam", "summary": "Terbuka"}
    assert office.post(address, sent).status_code == 302
    assert Meeting.objects.get().minutes == "# Isi\n\n- satu\n  - dalam"
    for name, status in (("Paser", 200), ("Berau", 404)):
        client.force_login(make_user("petugas", f"orang.{name.lower()}", regency=there(name)))
        page = client.get(f"/kerja/rapat/{meeting.pk}/")
        assert page.status_code == status
        assert client.get(f"/kerja/rapat/{meeting.pk}/notulen.pdf").status_code == status
        assert ("<h3>Isi</h3>" in page.content.decode()) is (status == 200)


def test_who_was_slower_keeps_what_was_typed(office):
    meeting = make_meeting()
    address = f"/kerja/rapat/{meeting.pk}/notulen/"
    mine = form_of(office, address) | {"minutes": "Punya saya"}
    keeping.set_minutes(Meeting.objects.get(), minutes="Punya orang lain", summary="", by=staff())
    answer = office.post(address, mine)
    assert answer.status_code == 409 and "Punya saya" in answer.content.decode()
    assert Meeting.objects.get().minutes == "Punya orang lain"
    assert office.post(address, filled_form(answer, "form")).status_code == 302
    assert Meeting.objects.get().minutes == "Punya saya"


@pytest.mark.parametrize("letter", ["\u200b", "\x00", "\u202e"])
def test_what_cannot_be_seen_is_refused(office, letter):
    meeting = make_meeting()
    address = f"/kerja/rapat/{meeting.pk}/notulen/"
    answer = office.post(address, form_of(office, address) | {"minutes": f"Isi{letter} notulen"})
    assert answer.status_code == 200 and not Meeting.objects.get().minutes


# Names ------------------------------------------------------------------------------------------------


def test_names_of_who_attended_are_for_the_office(client):
    meeting = make_meeting()
    keeping.set_attendance(
        meeting, [Attendance(institution="Dinas", count=2, names="Budi Rahasia\nSiti Rahasia")], [], by=staff()
    )
    sheet = make_document(meeting, kind="attendance", title="Daftar hadir")
    for role, sees in (("staf_provinsi", True), ("auditor", True), ("pimpinan", True), ("petugas", False)):
        regency = {"regency": meeting.host} if role == "petugas" else {}
        client.force_login(make_user(role, f"orang.{role}", **regency))
        assert ("Budi Rahasia" in client.get(f"/kerja/rapat/{meeting.pk}/").content.decode()) is sees, role
        paper = client.get(f"/kerja/rapat/{meeting.pk}/notulen.pdf")
        text = PdfReader(io.BytesIO(paper.content)).pages[0].extract_text()
        assert "Dinas" in text and ("Budi Rahasia" in text) is sees, role
        assert paper["Cache-Control"] == "private, no-store"
        answer = client.get(f"/kerja/rapat/dokumen/{sheet.pk}/")
        assert answer.status_code == (200 if sees else 404), role
        if answer.streaming:
            b"".join(answer.streaming_content)


def test_sheets_with_signatures_are_never_published(office):
    meeting = make_meeting()
    for kind in MeetingDocument.NEVER_PUBLIC:
        sheet = make_document(meeting, kind=kind, title=f"Lembar {kind}")
        with pytest.raises(StepRefused):
            keeping.publish(sheet, by=staff(), is_public=True)
        office.post(f"/kerja/rapat/dokumen/{sheet.pk}/terbit/", {"terbit": "1"})
        sheet.refresh_from_db()
        assert sheet.published_at is None
        sheet.published_at = timezone.now()
        with pytest.raises(IntegrityError), transaction.atomic():
            sheet.save()


def test_attendance_is_entered_in_rows_and_a_name_twice_is_pointed_out(office):
    meeting = make_meeting()
    address = f"/kerja/rapat/{meeting.pk}/hadir/"
    sent = form_of(office, address) | {
        "hadir-0-institution": "Dinas A",
        "hadir-0-count": "3",
        "hadir-1-institution": "Camat",
    }
    assert office.post(address, sent | {"more": "1"})["Location"] == address
    assert list(Attendance.objects.values_list("institution", "count")) == [("Dinas A", 3), ("Camat", None)]
    twice = form_of(office, address) | {"hadir-2-institution": "dinas a"}
    answer = office.post(address, twice)
    assert "sudah ada dalam daftar" in answer.content.decode() and Attendance.objects.count() == 2
    gone = form_of(office, address) | {"hadir-0-DELETE": "on"}
    assert office.post(address, gone).status_code == 302
    assert [row.institution for row in Attendance.objects.all()] == ["Camat"]
    assert Attendance.history.filter(institution="Dinas A", history_type="-").exists()


# Agenda -----------------------------------------------------------------------------------------------


def test_the_agenda_is_entered_in_lines_changed_and_taken_out(office):
    meeting = make_meeting()
    address = f"/kerja/rapat/{meeting.pk}/agenda/"
    assert office.post(address, form_of(office, address) | {"more": "Satu\n\nDua\nTiga"}).status_code == 302
    one, two, _three = AgendaItem.objects.all()
    sent = form_of(office, address) | {f"item_{two.pk}": "", f"item_{one.pk}": "Satu saja", "more": "Empat"}
    assert office.post(address, sent).status_code == 302
    assert [str(item) for item in AgendaItem.objects.all()] == ["1. Satu saja", "2. Tiga", "3. Empat"]
    make_promise(Meeting.objects.get(), agenda_item=AgendaItem.objects.get(pk=one.pk))
    answer = office.post(address, form_of(office, address) | {f"item_{one.pk}": ""})
    assert answer.status_code == 409 and AgendaItem.objects.count() == 3


# Documents --------------------------------------------------------------------------------------------


def test_a_document_comes_in_private_and_hostile_ones_stay_out(office):
    meeting = make_meeting()
    address = f"/kerja/rapat/{meeting.pk}/dokumen/"
    fields = {"kind": "material", "title": "Paparan"}
    hostile = SimpleUploadedFile("paparan.pdf", HTML)
    answer = office.post(address, form_of(office, address) | fields | {"file": hostile})
    assert answer.status_code == 200 and "Paparan" in answer.content.decode() and not MeetingDocument.objects.exists()
    good = SimpleUploadedFile("paparan.pdf", pdf())
    assert office.post(address, form_of(office, address) | fields | {"file": good}).status_code == 302
    document = MeetingDocument.objects.get()
    assert document.published_at is None
    for value, is_public in (("1", True), ("1", True), ("0", False)):
        office.post(f"/kerja/rapat/dokumen/{document.pk}/terbit/", {"terbit": value})
        document.refresh_from_db()
        assert bool(document.published_at) is is_public
    assert MeetingDocument.history.filter(id=document.pk).count() == 3


# Planning at its page ---------------------------------------------------------------------------------


def test_a_meeting_is_planned_once_however_often_it_is_sent_and_conflicts_are_pointed_out(office):
    one, host, other = make_round(), there("Paser"), there("Berau")
    to_come("Bontang", chair="Kepala Dinas", days=30)
    address = f"/kerja/rapat/baru/?putaran={one.slug}&wilayah={host.slug}"
    page = office.get(address)
    assert page.context["form"]["title"].value() == one.name
    sent = filled_form(page, "form") | {
        "starts_on": f"{today() + timedelta(days=30):%d/%m/%Y}",
        "start_time": "09.00",
        "chair": "kepala dinas",
        "regencies": [str(other.pk)],
    }
    answer = office.post(address, sent, follow=True)
    meeting = Meeting.objects.get(host=host)
    assert (meeting.round, meeting.start_time, meeting.status) == (one, time(9), "planned")
    assert meeting.regencies.count() == 2
    assert "Bersamaan dengan" in answer.content.decode()
    office.post(address, sent)
    assert Meeting.objects.filter(host=host).count() == 1


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"starts_on": ""}, "Isi harinya"),
        ({"starts_on": "31/02/2026"}, "Tidak ada tanggal 31"),
        ({"starts_on": "01/02/2026", "ends_on": "31/01/2026"}, "Hari terakhir mendahului"),
        ({"starts_on": "01/02/2026", "start_time": "25:00"}, "Tulis jam dan menit"),
        ({"starts_on": "01/02/2026", "start_time": "10:00", "end_time": "09:00"}, "Akhir harus sesudah awal"),
        ({"starts_on": "01/02/2099", "is_held": "on"}, "masa depan"),
        ({"starts_on": "01/02/2026", "title": ""}, "Judul"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(office, values, words):
    there("Paser")
    sent = form_of(office, "/kerja/rapat/baru/?wilayah=paser") | {"title": "Rapat Uji", "place": "Aula Khas", **values}
    answer = office.post("/kerja/rapat/baru/", sent)
    text = answer.content.decode()
    assert answer.status_code == 200 and words in text and "Aula Khas" in text
    assert not Meeting.objects.exists()


def test_an_old_meeting_known_from_a_publication_may_lack_its_day(office):
    there("Paser")
    source = make_source("pr", published_on=date(2013, 9, 11))
    sent = form_of(office, "/kerja/rapat/baru/?wilayah=paser") | {"title": "Lama", "source": source.pk, "is_held": "on"}
    assert office.post("/kerja/rapat/baru/", sent).status_code == 302
    meeting = Meeting.objects.get()
    assert (meeting.starts_on, meeting.status, meeting.listed_on) == (None, "held", date(2013, 9, 11))


def test_facts_are_corrected_with_their_history(office):
    meeting = make_meeting("Paser", "Berau")
    address = f"/kerja/rapat/{meeting.pk}/ubah/"
    sent = form_of(office, address) | {"place": "Aula Baru", "reason": "Pindah"}
    assert office.post(address, sent).status_code == 302
    found = Meeting.objects.get()
    assert found.place == "Aula Baru" and found.regencies.count() == 2 and found.starts_on == HELD_ON
    assert Meeting.history.filter(history_change_reason="Pindah", place="Aula Baru").exists()
    # A meeting that is planned keeps its day until it is postponed.
    planned = to_come("Bontang")
    address = f"/kerja/rapat/{planned.pk}/ubah/"
    answer = office.post(address, form_of(office, address) | {"starts_on": "01/01/2099"})
    assert answer.status_code == 409 and "Tunda rapat" in answer.content.decode()


def test_the_month_shows_its_meetings_and_conflicts(office):
    make_meeting("Paser", starts_on=date(2026, 2, 3), ends_on=date(2026, 2, 4), chair="A", status="planned")
    make_meeting("Berau", starts_on=date(2026, 2, 4), chair="A", status="planned")
    make_meeting("Bontang", starts_on=date(2026, 3, 1), status="planned")
    page = office.get("/kerja/rapat/kalender/?bulan=2026-02")
    there_on = {
        day.day: [one.host.name for one in found]
        for week in page.context["weeks"]
        for day, found in week
        if day.month == 2
    }
    assert there_on[3] == ["Paser"] and sorted(there_on[4]) == ["Berau", "Paser"] and there_on[5] == []
    assert len(page.context["clashes"]) == 2 and "Bersamaan dengan" in page.content.decode()
    for wrong in ("2026-13", "abc", "9999-01", "2026-1", "٢٠٢٦-٠١"):
        assert office.get("/kerja/rapat/kalender/", {"bulan": wrong}).context["first"] == today().replace(day=1)


def test_the_workspace_costs_the_same_however_much_there_is(office, django_assert_max_num_queries):
    office.get("/kerja/")
    costs = []
    for size in (2, 10):
        for number in range(size):
            meeting = make_meeting(("Paser", "Berau")[number % 2], starts_on=HELD_ON + timedelta(days=number))
            make_promise(meeting)
        found = []
        for address in ("/kerja/rapat/", "/kerja/rapat/tindak-lanjut/", "/kerja/rapat/kalender/?bulan=2025-03"):
            with django_assert_max_num_queries(25) as captured:
                office.get(address)
            found.append(len(captured))
        costs.append(found)
    assert costs[0] == costs[1]


# On paper ---------------------------------------------------------------------------------------------


def test_a_paper_is_made_of_whatever_may_be_entered(client):
    """Nothing that a form takes is too long for a page: what does not fit goes on on the next one."""
    meeting = make_meeting(title="W" * 200, place="W" * 160, chair="W" * 120)
    longest = "kata " * 399 + "kata."
    for text in (longest, "W" * 2000, "a\n" * 999 + "a"):
        make_promise(Meeting.objects.get(), text=text)
    rows = [Attendance(institution="W" * 160, count=1, names="Nama Panjang\n" * 700)]
    keeping.set_attendance(Meeting.objects.get(), rows, [], by=staff())
    keeping.set_minutes(
        Meeting.objects.get(), minutes="# J\n\n- " + "kata " * 15_000, summary="kata " * 1999, by=staff()
    )
    client.force_login(staff())
    for address in (
        f"/rapat/{meeting.pk}/ringkasan.pdf",
        f"/rapat/{meeting.pk}/daftar-hadir.pdf",
        f"/kerja/rapat/{meeting.pk}/notulen.pdf",
    ):
        paper = client.get(address)
        assert paper.status_code == 200 and len(PdfReader(io.BytesIO(paper.content)).pages) >= 1, address


def test_what_is_too_long_is_refused_with_its_limit(office):
    meeting = make_meeting()
    address = f"/kerja/rapat/{meeting.pk}/kesepakatan/"
    sent = form_of(office, address) | {
        "text": "a" * 2001,
        "due_on": f"{today():%d/%m/%Y}",
        "regency": meeting.host_id,
        "is_public": "1",
    }
    answer = office.post(address, sent)
    assert answer.status_code == 200 and "2000" in answer.content.decode().replace("2.000", "2000")
    assert not meeting.follow_ups.exists()

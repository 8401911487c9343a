"""What everybody reads of meetings, what nobody reads who may not, and that numbers lead to their rows."""

import csv
import io
import json
from datetime import date, time, timedelta
from zipfile import ZipFile

import pytest
from django.core.cache import cache
from pypdf import PdfReader

from accounts.models import User
from common.dates import today
from common.models import DataVersion
from meetings import agreements, keeping, planning
from meetings.models import AgendaItem, Attendance, Evidence, Meeting
from meetings.steps import Promise
from tests.factories import make_source, make_user
from tests.files.made_files import kept
from tests.meetings.made import (
    done,
    make_document,
    make_meeting,
    make_promise,
    make_round,
    reported,
    staff,
    there,
    to_come,
    verifier,
)

pytestmark = pytest.mark.django_db

CANARY = "KENARI"


def words(response):
    content = b"".join(response.streaming_content) if response.streaming else response.content
    if response["Content-Type"] == "application/pdf":
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    if content.startswith(b"PK"):
        with ZipFile(io.BytesIO(content)) as book:
            return "".join(book.read(name).decode() for name in book.namelist())
    return content.decode()


@pytest.fixture
def secrets():
    """A meeting of which everything private bears the canary, and what is public says so."""
    officer = make_user("petugas", "petugas.rapat", regency=there("Paser"), full_name=f"{CANARY} petugas")
    one = make_round()
    meeting = make_meeting(
        "Paser",
        round=one,
        chair=f"{CANARY} pimpinan",
        invitation_number=f"005/{CANARY}/undangan",
        start_time=time(9),
        place="Aula Terbuka",
    )
    keeping.set_minutes(meeting, minutes=f"# {CANARY} notulen", summary="Ringkasan terbuka", by=staff())
    keeping.set_agenda(meeting, [], [f"{CANARY} agenda"], by=staff())
    row = Attendance(institution=f"{CANARY} instansi", count=3, names=f"{CANARY} nama")
    keeping.set_attendance(meeting, [row], [], by=staff())
    make_document(meeting, title=f"{CANARY} dokumen")
    slides = make_document(meeting, title="Paparan terbuka")
    keeping.publish(slides, by=staff(), is_public=True)
    secret = make_promise(meeting, text=f"{CANARY} terbatas", is_public=False)
    of_person = make_promise(meeting, text="Dijanjikan orang", person=officer)
    public = make_promise(
        meeting, text="Dijanjikan terbuka", agenda_item=AgendaItem.objects.get(), due_on=today() - timedelta(days=2)
    )
    evidence = [Evidence(file=kept(officer)), Evidence(path="/kerja/laporan/"), Evidence(path="/statistik/")]
    evidence[0].file.name = f"{CANARY}.pdf"
    evidence[0].file.save()
    agreements.note_progress(public, by=officer, note=f"{CANARY} catatan", evidence=evidence)
    agreements.move(public, Promise.REPORTED, by=officer, note=f"{CANARY} lapor", done_on=today())
    agreements.move(public, Promise.OPEN, by=staff(), note=f"{CANARY} belum")
    return {"meeting": meeting, "secret": secret, "person": of_person, "public": public, "slides": slides}


def public_addresses(found):
    meeting, public = found["meeting"], found["public"]
    yield from ("/rapat/", "/rapat/janji/", "/rapat/kalender.ics", "/rapat/kalender-paser.ics", "/wilayah/paser/")
    yield from (f"/rapat/{meeting.pk}/", f"/rapat/{meeting.pk}/ringkasan.pdf", f"/rapat/{meeting.pk}/daftar-hadir.pdf")
    yield from (f"/rapat/janji/{public.pk}/", f"/rapat/janji/{found['person'].pk}/")
    for ending in ("csv", "xlsx", "json"):
        yield from (f"/rapat/?format={ending}", f"/rapat/janji/?format={ending}")
    yield from ("/api/v1/meetings/", "/api/v1/follow-ups/", f"/api/v1/meetings/{meeting.pk}/")
    yield from (f"/api/v1/follow-ups/{public.pk}/", f"/api/v1/follow-ups/{found['person'].pk}/")
    for text in ("kenari", "rahasia", "pimpinan", "notulen", "terbatas", "nama", "undangan"):
        yield from (f"/rapat/?q={text}", f"/rapat/janji/?q={text}", f"/koperasi/?q={text}")
    yield from ("/", "/wilayah/", "/wilayah/?ukuran=rapat")


@pytest.mark.parametrize("language", ["", "/en"])
def test_nothing_private_is_on_any_page_in_any_file_or_feed(client, secrets, language):
    for address in public_addresses(secrets):
        if language and address.startswith("/api"):
            continue
        text = words(client.get(language + address))
        # What was searched for comes back as it was typed; nothing else bears it.
        assert CANARY not in text, address
        assert "kenari" not in text.replace("q=kenari", "").replace('value="kenari"', "").lower() or "q=" in address


def test_what_is_public_is_there(client, secrets):
    """The control: the same pages do say what everybody may read."""
    meeting = secrets["meeting"]
    page = words(client.get(f"/rapat/{meeting.pk}/"))
    for text in ("Aula Terbuka", "Ringkasan terbuka", "Dijanjikan terbuka", "Dijanjikan orang", "Paparan terbuka"):
        assert text in page, text
    assert "terlambat 2 hari" in page
    assert "Ringkasan terbuka" in words(client.get(f"/rapat/{meeting.pk}/ringkasan.pdf"))
    assert "/statistik/" in words(client.get(f"/rapat/janji/{secrets['public'].pk}/"))
    office = words(client.get(f"/rapat/janji/{secrets['person'].pk}/"))
    assert User.objects.get(username="petugas.rapat").full_name not in office


def test_what_is_confidential_is_not_there_and_says_nothing_of_itself(client, secrets):
    secret, nothing = secrets["secret"].pk, 2**40
    for address in ("/rapat/janji/{}/", "/api/v1/follow-ups/{}/"):
        answers = [client.get(address.format(pk)) for pk in (secret, nothing)]
        assert [answer.status_code for answer in answers] == [404, 404]
    found = client.get(f"/api/v1/meetings/{secrets['meeting'].pk}/").json()
    assert found["follow_ups"] == 2 and len(found["agreements"]) == 2


def test_a_document_is_downloaded_once_it_is_published(client, secrets):
    meeting = secrets["meeting"]
    private = meeting.documents.get(published_at=None)
    assert client.get(f"/rapat/{meeting.pk}/dokumen/{private.pk}/").status_code == 404
    answer = client.get(f"/rapat/{meeting.pk}/dokumen/{secrets['slides'].pk}/")
    assert answer.status_code == 200 and b"".join(answer.streaming_content)
    assert client.get(f"/rapat/{meeting.pk + 1}/dokumen/{secrets['slides'].pk}/").status_code == 404
    keeping.publish(secrets["slides"], by=staff(), is_public=False)
    assert client.get(f"/rapat/{meeting.pk}/dokumen/{secrets['slides'].pk}/").status_code == 404


def test_a_meeting_that_was_taken_out_is_nowhere(client):
    meeting = make_meeting(title="Rapat Keliru")
    assert client.get(f"/rapat/{meeting.pk}/").status_code == 200
    planning.take_out(meeting, by=staff(), reason="Dobel")
    for address in (f"/rapat/{meeting.pk}/", f"/api/v1/meetings/{meeting.pk}/", f"/rapat/{meeting.pk}/ringkasan.pdf"):
        assert client.get(address).status_code == 404
    for address in ("/rapat/", "/rapat/kalender.ics", "/rapat/?format=csv", "/api/v1/meetings/", "/wilayah/paser/"):
        assert "Rapat Keliru" not in words(client.get(address)), address


# What it says -----------------------------------------------------------------------------------------


def test_next_is_only_what_is_still_to_come(client):
    source = make_source("pr", published_on=date(2013, 9, 11), date_precision="day")
    old = Meeting(title="Rapat Lama", host=there("Berau"), source=source)
    planning.plan(old, [], by=staff())
    make_meeting("Bontang", status="planned", starts_on=today() - timedelta(days=1), title="Rapat Lewat")
    coming = to_come(title="Rapat Nanti")
    page = client.get("/rapat/")
    assert list(page.context["upcoming"]) == [coming]
    text = page.content.decode()
    assert "direncanakan menurut rilis 11 September 2013" in text
    assert "direncanakan, hasilnya belum dicatat" in text
    assert "Berikutnya:" in client.get("/wilayah/paser/").content.decode()
    assert "Berikutnya:" not in client.get("/wilayah/berau/").content.decode()


def test_coverage_says_held_planned_or_none_and_counts(client):
    one = make_round(year=2026)
    for name in ("Berau", "Bontang", "Paser", "Samarinda"):
        there(name)
    make_meeting("Paser", "Berau", round=one)
    to_come("Bontang", round=one)
    make_meeting("Samarinda", round=one, status="cancelled")
    # A regency that was held stays held, whatever is planned besides.
    to_come("Paser", round=one)
    page = client.get("/rapat/")
    (_round, held, count), *_rest = page.context["coverage"].reached()
    assert (held, count) == (2, 4)
    cells = {regency.name: cells[0].words for regency, cells in page.context["coverage"].rows}
    assert cells == {"Berau": "Terlaksana", "Bontang": "Direncanakan", "Paser": "Terlaksana", "Samarinda": "belum ada"}
    assert "2 dari 4 kabupaten/kota sudah didatangi" in page.content.decode()
    readings = {
        line.regency.name: line.meeting.words for line in client.get("/wilayah/?ukuran=rapat").context["picture"].lines
    }
    assert readings == cells


def test_every_number_of_promises_leads_to_that_many_rows_and_that_file(client):
    make_promise()
    make_promise(make_meeting("Berau"), due_on=today() - timedelta(days=1))
    reported(make_promise(make_meeting("Bontang"), due_on=today() - timedelta(days=1)))
    done(make_promise(make_meeting("Samarinda")))
    agreements.move(make_promise(make_meeting("Kutai Timur")), Promise.DROPPED, by=staff(), note="Tidak perlu")
    make_promise(make_meeting("Balikpapan"), is_public=False)
    counts = client.get("/rapat/").context["promises"]
    assert counts == {"terbuka": 1, "terlambat": 2, "selesai": 1, "dihentikan": 1}
    for word, count in counts.items():
        page = client.get(f"/rapat/janji/?keadaan={word}")
        assert page.context["page"].paginator.count == count, word
        rows = list(csv.reader(io.StringIO(words(client.get(f"/rapat/janji/?keadaan={word}&format=csv")))))
        assert len(rows) == count + 1, word
        assert len(client.get(f"/api/v1/follow-ups/?keadaan={word}").json()["results"]) == count, word


def test_why_it_was_dropped_is_public_and_what_was_noted_is_not(client):
    promise = make_promise()
    agreements.note_progress(promise, by=staff(), note="Hanya untuk kantor")
    agreements.move(promise, Promise.DROPPED, by=verifier(), note="Program berakhir")
    page = client.get(f"/rapat/janji/{promise.pk}/").content.decode()
    assert "Program berakhir" in page and "Hanya untuk kantor" not in page
    found = client.get(f"/api/v1/follow-ups/{promise.pk}/").json()
    assert (found["state"], found["dropped_reason"], found["done_on"]) == ("dropped", "Program berakhir", None)


def test_what_is_only_reported_counts_as_open(client):
    promise = reported(make_promise(due_on=today() - timedelta(days=3)))
    found = client.get(f"/api/v1/follow-ups/{promise.pk}/").json()
    assert (found["state"], found["done_on"]) == ("late", None)
    page = client.get(f"/rapat/janji/{promise.pk}/").content.decode()
    pages = [page, *(words(client.get(address)) for address in ("/rapat/janji/", promise.meeting.get_absolute_url()))]
    assert not any("dilaporkan selesai" in text.lower() for text in pages)
    agreements.move(promise, Promise.DONE, by=verifier())
    found = client.get(f"/api/v1/follow-ups/{promise.pk}/").json()
    assert (found["state"], found["done_on"]) == ("done", f"{today()}")


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", {"Satu", "Dua"}),
        ("q=satu", {"Satu"}),
        ("q=aula+merdeka", {"Dua"}),
        ("wilayah=berau", {"Dua"}),
        ("wilayah=paser", {"Satu", "Dua"}),
        ("tahun=2024", {"Dua"}),
        ("status=held", {"Dua"}),
        ("status=berikutnya", {"Satu"}),
        ("wilayah=tidak-ada", {"Satu", "Dua"}),
    ],
)
def test_the_same_filters_on_page_api_and_file(client, query, titles):
    to_come("Paser", title="Satu")
    make_meeting("Paser", "Berau", title="Dua", starts_on=date(2024, 5, 6), place="Aula Merdeka")
    page = client.get(f"/rapat/?{query}")
    assert {one.title for one in page.context["page"]} == titles
    api, file = client.get(f"/api/v1/meetings/?{query}"), client.get(f"/rapat/?format=json&{query}")
    if "tidak-ada" in query:
        # A file or an answer of something else would be believed.
        assert (api.status_code, file.status_code) == (400, 400)
        assert "tidak-ada" in page.content.decode()
    else:
        assert {row["title"] for row in api.json()["results"]} == titles
        found = json.loads(words(file))
        place = [column["name"] for column in found["columns"]].index("title")
        assert {row[place] for row in found["rows"]} == titles


@pytest.mark.parametrize("address", ["/rapat/", "/rapat/janji/"])
def test_a_citizens_number_is_never_looked_for(client, address):
    answer = client.get(address, {"q": "6471010101800001"})
    assert answer.status_code == 302 and "6471" not in answer["Location"]


def test_pages_cost_the_same_however_much_there_is(client, django_assert_max_num_queries):
    costs = []
    for size in (3, 12):
        for number in range(size):
            meeting = make_meeting(
                ("Paser", "Berau", "Bontang")[number % 3], round=None if number else make_round(f"Putaran {size}")
            )
            make_promise(meeting)
        found = {}
        for address in ("/rapat/", "/rapat/janji/", f"/rapat/{meeting.pk}/", "/wilayah/paser/", "/rapat/kalender.ics"):
            cache.clear()
            DataVersion.bump("meetings")
            with django_assert_max_num_queries(40) as captured:
                client.get(address)
            found[address.replace(str(meeting.pk), "N")] = len(captured)
        costs.append(found)
    assert costs[0] == costs[1]


def test_a_change_reaches_the_public_at_once(client):
    promise = make_promise()
    first = client.get(f"/rapat/janji/{promise.pk}/")
    assert client.get(f"/rapat/janji/{promise.pk}/", headers={"if-none-match": first["ETag"]}).status_code == 304
    evidence = [Evidence(path="/statistik/")]
    agreements.note_progress(promise, by=staff(), note="Berjalan", evidence=evidence)
    assert "/statistik/</a>" in client.get(f"/rapat/janji/{promise.pk}/").content.decode()
    done(promise)
    again = client.get(f"/rapat/janji/{promise.pk}/", headers={"if-none-match": first["ETag"]})
    assert again.status_code == 200 and "Selesai" in again.content.decode()

"""The pages of an import, from the upload to its taking back; who may, which, and when."""

import io
import re
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.translation import gettext
from python_calamine import CalamineWorkbook

from figures.models import Source
from imports import progress, views
from imports.applying import apply
from imports.checking import check
from imports.models import ImportBatch, ImportRow, RememberedColumn
from tests.factories import make_regency, make_user
from tests.imports.sources import KIND, make_batch

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sources")]
HEAD = "Kunci;Judul;Penerbit;Tgl"
GOOD = [HEAD, "a;Satu;Dinas;1/2/2024", "b;Dua;Dinas;"]
MIXED = [HEAD, "baru;Baru;Dinas;", "lama;Baharu;Dinas;", "c;salah;Dinas;31/02/2024"]
State, Action, Fate = ImportBatch.State, ImportRow.Action, ImportRow.Fate


@pytest.fixture
def clerk(client):
    person = make_user("staf_provinsi", full_name="Sari Uji")
    client.force_login(person)
    return person


@pytest.fixture
def checked(clerk):
    def make(lines=GOOD, folder="berkas", by=clerk, **values):
        batch = make_batch(by, lines, folder, **values)
        check(batch, by=by)
        return batch

    return make


def upload(client, lines, name="uji.csv", kind=KIND):
    file = SimpleUploadedFile(name, "\n".join(lines).encode())
    return client.post(reverse("import_list"), {"kind": kind, "file": file}, follow=True)


def send(client, name, batch, follow=True, **values):
    return client.post(reverse(name, args=[batch.pk]), {"version": batch.version, **values}, follow=follow)


def get(client, name, batch, **query):
    return client.get(reverse(name, args=[batch.pk]), query)


def words(response):
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).replace("\u00a0", " ").split())


def told(response):
    return [str(message) for message in response.context["messages"]]


def cells(response):
    content = b"".join(response.streaming_content)
    return CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python()


class TestUpload:
    def test_leads_to_the_import_with_its_columns_guessed(self, client, clerk):
        response = upload(client, ["DAFTAR;;;;", ";;;;", f"{HEAD};Warna", "a;Satu;Dinas;;biru"])
        batch = ImportBatch.objects.get()
        assert response.redirect_chain == [(batch.get_absolute_url(), 302)]
        assert (batch.state, batch.head_from, batch.by, batch.regency) == (State.READ, 3, clerk, None)
        assert batch.columns == ["key", "title", "publisher", "published_on", ""]
        assert "biru" in words(response), "the beginning of each column is shown"

    def test_without_a_file_keeps_the_kind_and_says_what_is_missing(self, client, clerk):
        response = client.post(reverse("import_list"), {"kind": KIND})
        assert response.status_code == 200 and "file" in response.context["form"].errors
        assert not ImportBatch.objects.exists()

    def test_of_a_kind_that_is_not_for_this_person_is_refused(self, client, clerk):
        response = upload(client, GOOD, kind="tidak-ada")
        assert "kind" in response.context["form"].errors and not ImportBatch.objects.exists()

    def test_of_something_that_is_no_table_says_why(self, client, clerk):
        file = SimpleUploadedFile("rusak.xlsx", b"PK\x03\x04 bukan buku kerja")
        response = client.post(reverse("import_list"), {"kind": KIND, "file": file}, follow=True)
        batch = ImportBatch.objects.get()
        assert batch.state == State.UNREADABLE
        assert batch.failure in words(response)

    def test_needs_the_token_of_the_form(self, clerk):
        from django.test import Client

        strict = Client(enforce_csrf_checks=True)
        strict.force_login(clerk)
        assert upload(strict, GOOD).status_code == 403
        assert not ImportBatch.objects.exists()

    def test_the_same_file_again_says_when_and_by_whom_it_was_applied(self, client, clerk):
        upload(client, GOOD)
        first = ImportBatch.objects.get()
        check(first, by=clerk)
        apply(first, by=clerk)
        response = upload(client, GOOD)
        assert response.context["same"] == first and "Sari Uji" in words(response)
        assert upload(client, MIXED).context["same"] is None

    def test_of_an_officer_belongs_to_the_own_regency(self, client, monkeypatch):
        monkeypatch.setattr("tests.imports.sources.SourceImporter.permission", "cooperatives.fill_rat_grid")
        officer = make_user("petugas", regency=make_regency("Paser"))
        client.force_login(officer)
        upload(client, GOOD)
        assert ImportBatch.objects.get().regency == officer.regency


class TestTemplate:
    def test_is_read_back_with_every_column_known_and_without_its_example(self, client, clerk):
        response = client.get(reverse("import_template", args=[KIND]))
        assert response["Content-Disposition"].startswith("attachment")
        file = SimpleUploadedFile("templat.xlsx", b"".join(response.streaming_content))
        client.post(reverse("import_list"), {"kind": KIND, "file": file})
        batch = ImportBatch.objects.get()
        assert (batch.state, batch.failure) == (State.READ, "")
        assert batch.columns == ["key", "title", "publisher", "published_on", "url"]
        check(batch, by=clerk)
        assert batch.summary["rows"] == 0

    def test_of_an_unknown_kind_is_not_there(self, client, clerk):
        assert client.get(reverse("import_template", args=["tidak-ada"])).status_code == 404


class TestColumns:
    @pytest.fixture
    def batch(self, clerk):
        return make_batch(clerk, [f"{HEAD};Warna", "a;Satu;Dinas;;biru"], "berkas")

    def chosen(self, batch, *names):
        return {f"c{index}": name for index, name in enumerate(names)}

    def test_a_column_that_nobody_knows_has_to_be_decided_about(self, client, batch):
        response = send(client, "import_columns", batch, **self.chosen(batch, *batch.columns))
        assert "c4" in response.context["columns"].errors
        batch.refresh_from_db()
        assert batch.state == State.READ

    def test_are_remembered_and_every_row_is_checked(self, client, batch):
        response = send(client, "import_columns", batch, **self.chosen(batch, "key", "title", "publisher", "-", "-"))
        batch.refresh_from_db()
        assert (batch.state, batch.columns[3:]) == (State.CHECKED, ["-", "-"])
        assert RememberedColumn.objects.get(heading="warna").field == "-"
        assert {action: n for action, _label, n in response.context["counts"]}["new"] == 1

    def test_fill_each_field_once_and_every_required_one(self, client, batch):
        response = send(client, "import_columns", batch, **self.chosen(batch, "key", "key", "-", "-", "-"))
        form = response.context["columns"]
        assert "c1" in form.errors and len(form.non_field_errors()) == 2

    def test_a_value_for_the_whole_file_stands_in_for_a_column(self, client, batch):
        columns = self.chosen(batch, "key", "title", "-", "-", "-")
        response = send(client, "import_columns", batch, **columns, **{"k-publisher": "x" * 121})
        assert "k-publisher" in response.context["columns"].errors
        send(client, "import_columns", batch, **columns, **{"k-publisher": "Bersama"})
        batch.refresh_from_db()
        assert batch.constants == {"publisher": "Bersama"}
        assert batch.checked_rows.get().after["publisher"] == "Bersama"

    def test_a_field_cannot_come_from_a_column_and_from_everywhere(self, client, batch):
        columns = self.chosen(batch, "key", "title", "publisher", "-", "-")
        response = send(client, "import_columns", batch, **columns, **{"k-publisher": "Bersama"})
        assert "k-publisher" in response.context["columns"].errors

    def test_another_heading_can_be_chosen(self, client, batch):
        send(client, "import_columns", batch, place="1", sheet=batch.sheet, head_from="2", head_rows="1")
        batch.refresh_from_db()
        assert (batch.head_from, batch.headings) == (2, ["a", "Satu", "Dinas", "", "biru"])
        response = send(client, "import_columns", batch, place="1", sheet="9", head_from="0", head_rows="1")
        assert set(response.context["place"].errors) == {"sheet", "head_from"}

    def test_of_an_applied_import_stay(self, client, checked, clerk):
        batch = checked()
        apply(batch, by=clerk)
        response = send(client, "import_columns", batch, c0="key")
        assert batch.get_state_display() in told(response)[0]
        batch.refresh_from_db()
        assert batch.state == State.APPLIED


class TestResult:
    def test_counts_problems_and_totals_stand_beside_the_register(self, client, checked):
        Source.objects.create(key="lama", title="Lama", publisher="Dinas")
        batch = checked(MIXED)
        response = client.get(batch.get_absolute_url())
        assert [n for _action, _label, n in response.context["counts"]] == [1, 1, 0, 1]
        assert dict(response.context["problems"]) == {"Tgl": 1, "judul": 1}
        assert response.context["places"] == [["Dinas", 2, 1]]

    def test_rows_show_every_cell_before_and_after(self, client, checked):
        Source.objects.create(key="lama", title="Lama", publisher="Dinas")
        response = get(client, "import_rows", checked(MIXED), hasil="changed")
        ((row, record, found),) = response.context["rows"]
        assert (row.number, record.key) == (3, "lama")
        assert [(cell.label, cell.before, cell.after) for cell in found] == [("Judul", "Lama", "Baharu")]

    def test_rows_say_what_is_wrong_and_what_stood_there(self, client, checked):
        text = words(get(client, "import_rows", checked(MIXED), hasil="refused"))
        assert "31/02/2024" in text and "Judul ini salah." in text

    def test_rows_are_shown_fifty_at_a_time_by_their_number(self, client, checked):
        batch = checked([HEAD, *(f"k{n};Judul {n};Dinas;" for n in range(120))])
        first = get(client, "import_rows", batch)
        assert [row.number for row, *_ in first.context["rows"]] == list(range(2, 52))
        assert first.context["previous"] is None
        second = get(client, "import_rows", batch, baris=first.context["next"].number)
        assert [row.number for row, *_ in second.context["rows"]] == list(range(52, 102))
        assert second.context["previous"].number == 2
        last = get(client, "import_rows", batch, baris="102")
        assert len(last.context["rows"]) == 20 and last.context["next"] is None
        for odd in ("10" * 30, "-1", "x", "١"):
            assert get(client, "import_rows", batch, baris=odd, hasil="x", nasib="y").status_code == 200

    def test_a_page_of_rows_costs_the_same_however_many_there_are(self, client, checked, django_assert_max_num_queries):
        for size in (5, 60):
            batch = checked([HEAD, *(f"k{size}-{n};Judul;Dinas;" for n in range(size))], f"berkas{size}")
            with django_assert_max_num_queries(14):
                get(client, "import_rows", batch)

    def test_what_is_in_the_register_and_not_in_the_file_is_listed(self, client, checked):
        for key in ("lama", "hilang", "jauh"):
            Source.objects.create(key=key, title=f"Judul {key}", publisher="Dinas")
        response = get(client, "import_missing", checked(MIXED))
        assert [record.key for record, _name in response.context["records"]] == ["hilang", "jauh"]
        assert response.context["total"] == 2

    def test_before_the_check_there_is_neither(self, client, clerk):
        batch = make_batch(clerk, GOOD, "berkas")
        assert get(client, "import_missing", batch).status_code == 404
        assert get(client, "import_rejects", batch).status_code == 404


class TestRejects:
    def test_are_the_rows_as_they_stood_with_what_is_wrong(self, client, checked):
        head, row = cells(get(client, "import_rejects", checked(MIXED)))
        assert head[:4] == ["Kunci", "Judul", "Penerbit", "Tgl"] and head[4] == gettext("What is wrong")
        assert row[:4] == ["c", "salah", "Dinas", "31/02/2024"]
        assert "Judul ini salah." in row[4] and "Tgl" in row[4]

    def test_corrected_they_are_uploaded_again_and_the_extra_column_is_passed_over(self, client, checked, clerk):
        content = b"".join(get(client, "import_rejects", checked(MIXED)).streaming_content)
        client.post(reverse("import_list"), {"kind": KIND, "file": SimpleUploadedFile("tolak.xlsx", content)})
        again = ImportBatch.objects.first()
        assert (again.state, again.columns[-1]) == (State.READ, "-"), again.failure
        check(again, by=clerk)
        # Sent in unchanged, it is refused again, and its errors stand in one column still.
        head, _row = cells(get(client, "import_rejects", again))
        assert head == ["Kunci", "Judul", "Penerbit", "Tgl", gettext("What is wrong")]

    def test_hold_every_refused_row_in_the_order_of_the_file(self, client, checked, monkeypatch):
        monkeypatch.setattr("imports.files.CHUNK", 3)
        batch = checked([HEAD, *(f"k{n};{'salah' if n % 2 else 'baik'};Dinas;" for n in range(20))])
        assert [row[0] for row in cells(get(client, "import_rejects", batch))[1:]] == [
            f"k{n}" for n in range(20) if n % 2
        ]


class TestVerbs:
    def test_apply_writes_and_undo_takes_back_with_a_reason(self, client, checked):
        batch = checked()
        send(client, "import_apply", batch)
        batch.refresh_from_db()
        assert (batch.state, Source.objects.count()) == (State.APPLIED, 2)
        response = send(client, "import_undo", batch, reason=" ")
        assert "reason" in response.context["undo"].errors and Source.objects.count() == 2
        response = send(client, "import_undo", batch, reason="Berkas tahun lalu")
        batch.refresh_from_db()
        assert (batch.state, Source.objects.count()) == (State.UNDONE, 0)
        assert [(fate, n) for fate, _label, n in response.context["fates"]] == [(Fate.DELETED, 2)]
        assert "Berkas tahun lalu" in words(response)

    def test_apply_is_all_or_nothing_unless_it_was_ticked(self, client, checked):
        batch = checked(MIXED)
        assert told(send(client, "import_apply", batch))
        assert not Source.objects.exists()
        send(client, "import_apply", batch, only_good="1")
        assert Source.objects.count() == 2

    def test_a_second_click_changes_nothing_and_says_so(self, client, checked):
        batch = checked()
        send(client, "import_apply", batch)
        history = Source.history.count()
        assert told(send(client, "import_apply", batch)) == [
            gettext("This import has changed meanwhile. Look at it again.")
        ]
        batch.refresh_from_db()
        assert batch.get_state_display() in told(send(client, "import_apply", batch))[0]
        assert Source.history.count() == history

    def test_check_is_made_again_when_asked_for(self, client, checked):
        batch = checked()
        Source.objects.create(key="a", title="Dari orang", publisher="Dinas")
        send(client, "import_check", batch)
        batch.refresh_from_db()
        assert batch.summary["counts"] == {"new": 1, "changed": 1, "unchanged": 0, "refused": 0}

    def test_while_somebody_works_on_it_nothing_else_begins(self, client, checked):
        batch = checked()
        progress.wait(batch, progress.APPLY)
        assert told(send(client, "import_check", batch))
        response = client.get(batch.get_absolute_url())
        assert response.context["work"].step == progress.APPLY and b"<progress" in response.content
        answer = get(client, "import_progress", batch).json()
        assert (answer["over"], answer["begun"], answer["percent"]) == (False, False, 0)
        batch.refresh_from_db()
        assert batch.state == State.CHECKED

    def test_while_a_file_is_read_the_time_moves_and_then_the_rows(self, client, checked):
        batch = checked()
        work = progress.Working(batch, progress.CHECK)
        work.started = time.time() - 12
        work._put()
        answer = get(client, "import_progress", batch).json()
        assert answer["percent"] is None and answer["count"].startswith("12 ")
        page = client.get(batch.get_absolute_url()).content.decode()
        assert "12 " in page and not re.search(r"<progress[^>]* value=", page)
        work.written = 0
        work.tell(1, 4)
        answer = get(client, "import_progress", batch).json()
        assert (answer["percent"], answer["count"].split()[0]) == (25, "1")

    def test_work_that_broke_off_is_said_and_can_be_started_again(self, client, checked, monkeypatch):
        batch = checked()
        work = progress.Working(batch, progress.APPLY)
        work.started = time.time()
        work._put()
        monkeypatch.setattr(progress, "SILENT_SECONDS", -1)
        assert get(client, "import_progress", batch).json()["over"] is True
        response = client.get(batch.get_absolute_url())
        assert response.context["stopped"] and gettext("Stopped.") in words(response)
        send(client, "import_apply", batch)
        batch.refresh_from_db()
        assert batch.state == State.APPLIED
        assert client.get(batch.get_absolute_url()).context["work"] is None

    def test_a_file_whose_reading_broke_off_is_read_again(self, client, clerk, monkeypatch):
        with monkeypatch.context() as patch:
            patch.setattr("imports.tasks.TASKS", {progress.READ: type("Task", (), {"enqueue": lambda *args: None})()})
            upload(client, GOOD)
        batch = ImportBatch.objects.get()
        assert batch.state == State.RECEIVED
        monkeypatch.setattr(progress, "SILENT_SECONDS", -1)
        send(client, "import_read", batch)
        batch.refresh_from_db()
        assert batch.state == State.READ

    @pytest.mark.sqlite
    def test_more_rows_than_sqlite_can_take_are_left_to_the_shell(self, client, checked, monkeypatch):
        monkeypatch.setattr(views, "MOST_ON_SQLITE", 1)
        batch = checked()
        assert "import_file" in told(send(client, "import_apply", batch))[0]
        assert "import_file" in words(client.get(batch.get_absolute_url()))
        assert not Source.objects.exists()


class TestWho:
    VERBS = ("import_read", "import_columns", "import_check", "import_apply", "import_undo")
    PAGES = ("import_batch", "import_progress", "import_rows", "import_rejects", "import_missing")

    def test_who_may_import_nothing_opens_nothing(self, client, checked):
        batch = checked(MIXED)
        client.force_login(make_user("auditor"))
        for name in (*self.PAGES, *self.VERBS):
            assert get(client, name, batch).status_code == 403, name
            assert send(client, name, batch, follow=False).status_code == 403, name
        assert client.get(reverse("import_list")).status_code == 403
        assert client.get(reverse("import_template", args=[KIND])).status_code == 403

    def test_a_kind_that_is_not_for_this_person_is_closed_and_not_listed(self, client, checked, monkeypatch):
        batch = checked(MIXED)
        monkeypatch.setattr("tests.imports.sources.SourceImporter.permission", "accounts.invite_user")
        for name in (*self.PAGES, *self.VERBS):
            assert get(client, name, batch).status_code == 403, name
        assert batch.name not in words(client.get("/kerja/"))

    def test_the_import_of_another_regency_is_as_if_it_were_not_there(self, client, checked, monkeypatch):
        monkeypatch.setattr("tests.imports.sources.SourceImporter.permission", "cooperatives.fill_rat_grid")
        mine, other = make_regency("Paser"), make_regency("Berau")
        foreign = checked(MIXED, by=make_user("petugas", regency=other))
        client.force_login(make_user("petugas", regency=mine))
        for name in (*self.PAGES, *self.VERBS):
            for pk in (foreign.pk, foreign.pk + 1000, 10**30):
                assert client.get(reverse(name, args=[pk])).status_code == 404, name
                assert client.post(reverse(name, args=[pk])).status_code == 404, name
        assert foreign.name not in words(client.get(reverse("import_list")))

    def test_a_verb_wants_a_form(self, client, checked):
        batch = checked()
        for name in self.VERBS:
            assert get(client, name, batch).status_code == 405, name
        batch.refresh_from_db()
        assert batch.state == State.CHECKED


class TestAgain:
    """One file may hold several kinds; each is an import of its own."""

    @pytest.fixture
    def clerk(self, client):
        person = make_user("staf_provinsi")
        client.force_login(person)
        return person

    @pytest.fixture
    def list_of_cooperatives(self, client, clerk):
        lines = ["Nama Koperasi;Jml Anggota L;Jml Anggota P;Nama Ketua", "KSP Maju;3;4;Budi"]
        upload(client, lines, kind="koperasi")
        return ImportBatch.objects.get()

    def test_a_file_is_imported_again_as_another_kind(self, client, list_of_cooperatives):
        page = client.get(list_of_cooperatives.get_absolute_url())
        assert [kind for kind, _label in page.context["beside"]] == ["laporan-tahunan", "pengurus"]
        assert f"{gettext('Import as %(label)s') % {'label': gettext('board members')}}" in words(page)
        client.post(reverse("import_again", args=[list_of_cooperatives.pk]), {"kind": "laporan-tahunan"})
        again = ImportBatch.objects.latest("pk")
        assert (again.kind, again.name, again.sha256) == (
            "laporan-tahunan",
            list_of_cooperatives.name,
            list_of_cooperatives.sha256,
        )
        assert again.columns == ["name", "members_men", "members_women", "-"]
        assert again.folder != list_of_cooperatives.folder

    @pytest.mark.parametrize("kind", ["koperasi", "angka", "", "tidak-ada"])
    def test_only_as_a_kind_that_often_shares_its_file(self, client, list_of_cooperatives, kind):
        answer = client.post(reverse("import_again", args=[list_of_cooperatives.pk]), {"kind": kind})
        assert answer.status_code == 404 and ImportBatch.objects.count() == 1

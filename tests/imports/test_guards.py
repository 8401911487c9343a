"""What must not happen around an import: other people's rights, lost files, another calendar's days, long uploads."""

import io
import math

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse
from python_calamine import CalamineWorkbook

from cooperatives.models import Cooperative, Form
from figures.models import Figure
from imports import progress, receiving, tasks, views
from imports.applying import apply, undo
from imports.checking import check
from imports.files import rejects
from imports.headings import guess_columns, remember
from imports.importer import importer_of
from imports.models import ImportBatch, ImportRow
from imports.receiving import receive
from tests.factories import make_cooperative, make_figure, make_form, make_regency, make_user
from tests.imports.uploads import checked

pytestmark = pytest.mark.django_db
State, Fate = ImportBatch.State, ImportRow.Fate
PRIVATE = "0811-555-777"


@pytest.fixture
def berau():
    return make_regency("Berau")


@pytest.fixture
def officer(berau):
    return make_user("petugas", regency=berau)


@pytest.fixture
def clerk():
    return make_user("staf_provinsi")


@pytest.fixture
def of_officer(officer):
    """A checked file of an officer that names a cooperative of another regency by its number."""
    make_cooperative("KSP Paser", regency=make_regency("Paser"), nomor_induk_koperasi="3275070060001", phone=PRIVATE)
    lines = ["Nama Koperasi;NIK;No Telp;Status", "KSP Sendiri;;1;Aktif", "KSP Paser;3275070060001;0811;Aktif"]
    return checked(lines, kind="koperasi", by=officer)


def _rejected(batch):
    with rejects(batch) as file:
        return CalamineWorkbook.from_filelike(file).get_sheet_by_index(0).to_python()


def sent(client, name, batch, **values):
    return client.post(reverse(name, args=[batch.pk]), {"version": batch.version} | values, follow=True)


class TestWhoseRights:
    @pytest.mark.parametrize("verb", ["import_check", "import_apply", "import_columns", "import_undo", "import_read"])
    def test_the_office_looks_at_an_officers_file_and_leaves_it_to_them(self, client, clerk, of_officer, verb):
        client.force_login(clerk)
        page = client.get(of_officer.get_absolute_url())
        assert page.status_code == 200 and "<button" not in page.content.decode().split("<main")[1].split("again")[0]
        sent(client, verb, of_officer, only_good="1", reason="x")
        of_officer.refresh_from_db()
        assert of_officer.state == State.CHECKED and Cooperative.objects.count() == 1
        assert PRIVATE not in str(list(of_officer.rows.values()))

    def test_neither_a_task_nor_the_command_judges_by_other_rights(self, clerk, of_officer):
        tasks.start(progress.CHECK, of_officer, by=clerk)
        of_officer.refresh_from_db()
        assert of_officer.failure and PRIVATE not in str(list(of_officer.rows.values()))
        with pytest.raises(CommandError, match="Berau"):
            call_command("import_file", batch=of_officer.pk, user=clerk.username, apply=True, only_good=True)
        assert Cooperative.objects.count() == 1

    def test_control_with_the_rights_of_the_office_the_private_field_would_be_staged(self, clerk, of_officer):
        check(of_officer, by=clerk)
        assert PRIVATE in str(list(of_officer.rows.values()))

    def test_an_officer_takes_back_nothing_that_is_under_another_office_by_now(self, officer, berau):
        known = make_cooperative("KSP Lama", regency=berau, village="Dahulu")
        lines = ["Nama Koperasi;Status;Kelurahan", "KSP Lama;;Sekarang", "KSP Baru;Aktif;Sekarang"]
        batch = checked(lines, kind="koperasi", by=officer)
        apply(batch, by=officer)
        provincial = make_form(Form.Level.PROVINCE)
        # Without a trace in the history, so that nothing else keeps the records.
        Cooperative.objects.update(form=provincial)
        ImportRow.objects.update(made=None)
        for row in batch.checked_rows:
            record = Cooperative.objects.get(pk=row.found)
            importer = batch.importer(officer)
            importer.prepare()
            ImportRow.objects.filter(pk=row.pk).update(made=importer.versions([record])[record.pk])
        undo(batch, by=officer, reason="salah")
        assert {row.fate for row in batch.checked_rows} == {Fate.KEPT}
        known.refresh_from_db()
        assert known.village == "Sekarang" and Cooperative.objects.count() == 2

    def test_a_return_of_a_cooperative_under_another_office_is_not_taken_back(self, officer, berau):
        own = make_cooperative("KSP Sendiri", regency=berau)
        batch = checked(["Nama Koperasi;Tahun;Jml Anggota", "KSP Sendiri;2023;5"], kind="laporan-tahunan", by=officer)
        apply(batch, by=officer)
        Cooperative.objects.update(form=make_form(Form.Level.PROVINCE))
        undo(batch, by=officer, reason="salah")
        assert own.returns.get().members == 5

    def test_who_may_not_choose_takes_no_office_figure_back(self, clerk):
        figure = make_figure(100, is_official=False)
        head = "indicator;territory;as_of;value;is_official;source"
        line = f"cooperatives;Kaltim-10;31/12/2021;100;Ya;{figure.source.key}"
        chooser = make_user("administrator")
        batch = checked([head, line], kind="angka", by=chooser)
        apply(batch, by=chooser)
        assert Figure.objects.get().is_official
        undo(batch, by=clerk, reason="salah")
        assert Figure.objects.get().is_official
        assert [row.fate for row in batch.checked_rows] == [Fate.KEPT]


class TestFiles:
    def test_one_that_cannot_be_read_leaves_nothing_behind(self, client, clerk, settings):
        client.force_login(clerk)
        file = SimpleUploadedFile("rusak.xlsx", b"PK\x03\x04 bukan buku kerja")
        client.post(reverse("import_list"), {"kind": "koperasi", "file": file})
        assert ImportBatch.objects.get().state == State.UNREADABLE
        assert not list((settings.MEDIA_ROOT / "imports").iterdir())

    def test_one_without_its_import_leaves_nothing_behind(self, clerk, settings, monkeypatch):
        monkeypatch.setattr(ImportBatch.objects, "create", lambda **_values: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            receive(SimpleUploadedFile("a.csv", b"a"), kind="koperasi", by=clerk)
        assert not list((settings.MEDIA_ROOT / "imports").iterdir())

    @pytest.mark.parametrize("factor", [1, 3])
    def test_an_upload_over_the_limit_is_stopped_and_nothing_is_kept(
        self, client, clerk, settings, monkeypatch, factor
    ):
        monkeypatch.setattr(receiving.LIMIT, "file", 1000)
        monkeypatch.setattr(receiving.LIMIT, "together", 100_000)
        client.force_login(clerk)
        file = SimpleUploadedFile("besar.csv", b"a" * (1001 if factor == 1 else 300_000))
        response = client.post(reverse("import_list"), {"kind": "koperasi", "file": file})
        assert response.status_code == 413 and not ImportBatch.objects.exists()
        assert not (settings.MEDIA_ROOT / "imports").exists() or not list((settings.MEDIA_ROOT / "imports").iterdir())

    def test_control_one_within_the_limit_is_kept(self, client, clerk):
        client.force_login(clerk)
        file = SimpleUploadedFile("kecil.csv", b"Nama;Status\nKSP;Aktif\n")
        assert client.post(reverse("import_list"), {"kind": "koperasi", "file": file}).status_code == 302


class TestCells:
    @pytest.mark.parametrize(("date1904", "day"), [(False, "2013-09-11"), (True, "2017-09-12")])
    def test_a_bare_number_counts_in_the_calendar_of_its_workbook(self, clerk, date1904, day):
        target = io.BytesIO()
        with xlsxwriter.Workbook(target, {"date_1904": date1904}) as book:
            sheet = book.add_worksheet()
            sheet.write_row(0, 0, ["Nama Koperasi", "Tanggal Berdiri", "Status"])
            sheet.write_row(1, 0, ["KSP Maju", 41528, "Aktif"])
        batch = receive(SimpleUploadedFile("hari.xlsx", target.getvalue()), kind="koperasi", by=clerk)
        assert tasks.do(progress.READ, batch, by=clerk) and tasks.do(progress.CHECK, batch, by=clerk), batch.failure
        assert batch.checked_rows.get().after["founded_on"] == day

    def test_a_dash_is_no_name(self, clerk):
        known = make_cooperative("KSP Maju", nomor_induk_koperasi="3275070060001")
        lines = ["Nama Koperasi;NIK;Status;Kelurahan", "-;3275070060001;;Baru", "-;;Aktif;x", "...;;Aktif;y"]
        batch = checked(lines, kind="koperasi", by=clerk)
        first, *others = batch.checked_rows
        assert first.after == {"village": "Baru"} and first.found == known.pk
        assert {row.action for row in others} == {"refused"}

    def test_an_infinite_number_comes_back_as_text_with_what_is_wrong(self, clerk):
        batch = checked(["Nama Koperasi;NIK;Status", "KSP;salah;Aktif"], kind="koperasi", by=clerk)
        from imports import files

        original = files._refused
        try:
            files._refused = lambda one: ([[math.inf, math.nan, "x"], words] for _cells, words in original(one))
            rows = _rejected(batch)
        finally:
            files._refused = original
        assert rows[1][:3] == ["inf", "nan", "x"]


class TestColumns:
    def test_one_without_a_heading_is_decided_about_where_something_stands_in_it(self, client, clerk):
        client.force_login(clerk)
        file = SimpleUploadedFile("a.csv", b"Nama Koperasi;;Status\nKSP;rahasia;Aktif\n")
        client.post(reverse("import_list"), {"kind": "koperasi", "file": file})
        assert ImportBatch.objects.get().columns == ["name", "", "status"]

    def test_left_out_by_one_office_it_is_still_known_to_another(self):
        importer = importer_of("koperasi")
        remember(importer, ["NIK", "Warna"], ["-", "-"])
        assert guess_columns(importer, ["NIK", "Warna"]) == ["nomor_induk_koperasi", "-"]

    def test_what_was_said_for_the_whole_file_goes_along_with_its_refused_rows(self, clerk, berau):
        batch = checked(["Nama Koperasi;NIK", "KSP Maju;7"], kind="koperasi", by=clerk, regency="Berau", status="Aktif")
        head, row = _rejected(batch)
        assert row[2:4] == ["Berau", "Aktif"]
        assert guess_columns(importer_of("koperasi"), head[:4]) == ["name", "nomor_induk_koperasi", "regency", "status"]


class TestState:
    def test_the_result_of_columns_that_changed_since_is_not_shown(self, client, clerk):
        client.force_login(clerk)
        batch = checked(["Nama Koperasi;NIK", "KSP Maju;7"], kind="koperasi", by=clerk, status="Aktif")
        for name in ("import_rejects", "import_missing"):
            response = client.get(reverse(name, args=[batch.pk]))
            assert response.status_code == 200 and b"".join(response)
        batch.step(State.READ)
        for name in ("import_rejects", "import_missing"):
            assert client.get(reverse(name, args=[batch.pk])).status_code == 404

    @pytest.mark.sqlite
    def test_many_rows_are_taken_back_from_the_shell_on_the_small_database(self, client, clerk, monkeypatch):
        client.force_login(clerk)
        batch = checked(["Nama Koperasi;Status", "KSP A;Aktif", "KSP B;Aktif"], kind="koperasi", by=clerk)
        apply(batch, by=clerk)
        monkeypatch.setattr(views, "MOST_ON_SQLITE", 1)
        page = sent(client, "import_undo", batch, reason="salah")
        assert "import_file --batch" in page.content.decode()
        batch.refresh_from_db()
        assert batch.state == State.APPLIED and Cooperative.objects.count() == 2

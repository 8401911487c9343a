"""Yearly returns from files: whose they are, for which book year, what follows from what, what is refused."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from common.models import DataVersion
from cooperatives.models import AnnualReturn, Cooperative, Form
from imports import applying, checking
from imports.applying import apply, undo
from imports.models import ImportRefused, ImportRow
from tests.factories import make_cooperative, make_form, make_regency, make_return, make_user
from tests.imports.uploads import FAILED, actions, checked, only, refused

pytestmark = pytest.mark.django_db

KIND = "laporan-tahunan"
Action, Fate = ImportRow.Action, ImportRow.Fate


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    for module in ("cooperatives.models.annual_return", "cooperatives.summary"):
        monkeypatch.setattr(f"{module}.today", lambda: date(2025, 11, 24))


@pytest.fixture
def kukar():
    return make_regency("Kutai Kartanegara", synonyms="Kukar")


@pytest.fixture
def clerk():
    return make_user("staf_provinsi")


@pytest.fixture
def maju(kukar):
    return make_cooperative(
        "KSP Maju Bersama",
        regency=kukar,
        nomor_induk_koperasi="3275070060001",
        legal_number="518/BH/2010",
        founded_on=date(2010, 5, 1),
    )


@pytest.fixture
def check(clerk, maju):
    """check("NIK;...", "3275070060001;...") gives the checked batch; of one row for `maju` with `of(...)`."""

    def make(*lines, by=clerk, **constants):
        return checked(lines, kind=KIND, by=by, **constants)

    return make


@pytest.fixture
def of(check):
    """of(anggota="6.111") is the row of a file that says so of the book year 2024 of the one cooperative."""

    def make(**cells):
        head = ";".join(name.replace("_", " ") for name in cells)
        return only(check(f"NIK;tahun buku;{head}", f"3275070060001;2024;{';'.join(cells.values())}"))

    return make


class TestWhose:
    @pytest.mark.parametrize(
        ("head", "cells"),
        [
            ("NIK", "3275070060001"),
            ("No Badan Hukum", "518/BH/2010"),
            ("Nama Koperasi;Kab/Kota", "ksp maju  bersama;Kab. Kukar"),
        ],
    )
    def test_is_told_by_number_by_legal_number_or_by_name_and_regency(self, check, maju, head, cells):
        row = only(check(f"{head};Tahun buku;Anggota", f"{cells};2024;25"))
        assert row.action == Action.NEW
        assert row.parts == {"cooperative_id": maju.pk} and row.title == "KSP Maju Bersama 2024"

    def test_that_is_not_in_the_register_is_refused_with_what_resembles_it(self, check, maju):
        row = only(check("Nama Koperasi;Kab/Kota;Tahun;Anggota", "KUD Maju Bersama;Kukar;2024;25"))
        assert refused(row) == ["name"]
        assert row.problems[0]["suggestion"] == f"KSP Maju Bersama ({maju.pk})"

    def test_by_name_alone_is_not_guessed(self, check, maju):
        row = only(check("Nama Koperasi;Tahun;Anggota", "KSP Maju Bersama;2024;25"))
        assert refused(row) == ["name"] and str(maju.pk) in row.problems[0]["suggestion"]

    def test_of_an_officer_is_under_the_own_office_and_nothing_of_another_is_staged(self, check, kukar, maju):
        beyond = make_cooperative(
            "KUD Seberang", regency=kukar, nomor_induk_koperasi="3275070060002", form=make_form(Form.Level.PROVINCE)
        )
        make_return(beyond, 2024, members=7)
        officer = make_user("petugas", regency=kukar)
        head = "NIK;Tahun;Anggota"
        batch = check(head, "3275070060001;2024;25", "3275070060002;2024;99", by=officer)
        own, foreign = batch.checked_rows
        assert own.action == Action.NEW and refused(foreign) == ["nomor_induk_koperasi"]
        assert (foreign.found, foreign.seen, foreign.parts) == (None, None, {})
        assert (foreign.before, foreign.after, foreign.title) == ({}, {}, "")
        with pytest.raises(ImportRefused):
            apply(batch, by=officer)
        batch.refresh_from_db()
        apply(batch, by=officer, only_good=True)
        assert maju.returns.get().members == 25 and beyond.returns.get().members == 7


class TestBookYear:
    def test_may_be_one_for_the_whole_file(self, check):
        row = only(check("NIK;Anggota", "3275070060001;25", book_year="2023", source="-"))
        assert row.after == {"book_year": 2023, "members": 25}

    def test_is_that_of_the_row_where_a_column_has_it(self, check, clerk, maju):
        batch = check("NIK;Tahun buku;Anggota", "3275070060001;2023;25", "3275070060001;2024;26")
        apply(batch, by=clerk)
        assert list(maju.returns.values_list("book_year", "members")) == [(2024, 26), (2023, 25)]

    def test_is_asked_of_every_row(self, check):
        assert refused(only(check("NIK;Tahun;Anggota", "3275070060001;;25"))) == ["book_year"]

    def test_stands_once_for_a_cooperative(self, check):
        batch = check("NIK;Badan Hukum;Tahun;Anggota", "3275070060001;;2024;25", ";518/BH/2010;2024;26")
        assert actions(batch) == [Action.NEW, Action.REFUSED]

    @pytest.mark.parametrize("year", ["2025", "2009", "24", "1949"])
    def test_that_has_not_ended_or_precedes_the_founding_or_is_no_year_is_refused(self, check, year):
        assert refused(only(check("NIK;Tahun;Anggota", f"3275070060001;{year};25"))) == ["book_year"]


class TestHeadings:
    def test_of_two_rows_name_men_women_and_both(self, clerk, maju):
        rows = [
            ["REKAP KOPERASI"],
            ["NO", "NIK", "TAHUN", "JUMLAH ANGGOTA", None, None],
            [None, None, None, "PRIA", "WANITA", "JML"],
            [1, "3275070060001", 2024, 15, 10, 25],
        ]
        row = only(checked(rows, kind=KIND, by=clerk))
        assert row.after == {"book_year": 2024, "members_men": 15, "members_women": 10, "members": 25}

    @pytest.mark.parametrize(
        ("heading", "name"),
        [
            ("Jml Anggota L", "members_men"),
            ("Anggota Perempuan", "members_women"),
            ("JLH. ANGGOTA", "members"),
            ("Karyawan P", "employees_women"),
            ("Manajer Laki-laki", "managers_men"),
            ("Omzet", "turnover"),
            ("Total Aset", "assets"),
            ("Sisa Hasil Usaha", "shu"),
        ],
    )
    def test_are_known_in_the_spellings_of_the_offices(self, check, heading, name):
        assert only(check(f"NIK;Tahun;{heading}", "3275070060001;2024;5")).after == {"book_year": 2024, name: 5}

    def test_that_fill_nothing_are_left_out(self, check):
        head = "No;Provinsi;NIK;Tahun;Anggota;Jumlah RAT;Jumlah Karyawan;Ketua;Bentuk Usaha"
        row = only(check(head, "1;Kaltim;3275070060001;2024;25;4;3;Budi;Primer"))
        assert row.after == {"book_year": 2024, "members": 25}


class TestChange:
    def test_touches_only_what_the_file_says(self, of, maju, clerk):
        entry = make_return(maju, 2024, members=20, assets=5_000_000, audited=True)
        row = of(anggota="25", aset="", diaudit="")
        assert (row.action, row.before, row.after) == (Action.CHANGED, {"members": 20}, {"members": 25})
        apply(row.batch, by=clerk)
        entry.refresh_from_db()
        assert (entry.members, entry.assets, entry.audited, entry.rat_on) == (25, 5_000_000, True, date(2025, 3, 15))
        told = entry.history.first()
        assert (entry.version, told.history_type, told.history_user) == (2, "~", clerk)
        assert told.history_change_reason == row.batch.reason

    def test_is_none_where_everything_is_on_record(self, of, maju):
        make_return(maju, 2024, members=6111, shu=-5, source="Laporan RAT")
        row = of(anggota="6.111", shu="-5", sumber="Laporan RAT", melaksanakan_RAT="ya", tanggal_RAT="15 Maret 2025")
        assert (row.action, row.after) == (Action.UNCHANGED, {})

    def test_of_one_book_year_leaves_the_others(self, of, maju, clerk):
        make_return(maju, 2023, members=20)
        row = of(anggota="25")
        assert row.action == Action.NEW
        apply(row.batch, by=clerk)
        assert list(maju.returns.values_list("book_year", "members")) == [(2024, 25), (2023, 20)]

    def test_empties_what_the_file_says_is_empty(self, of, maju, clerk):
        entry = make_return(maju, 2024, members=20, source="Laporan RAT")
        row = of(sumber="(kosong)", melaksanakan_RAT="(kosong)", tanggal_RAT="(kosong)", hadir="(kosong)")
        assert row.after == {"source": None, "rat_held": None, "rat_on": None}
        apply(row.batch, by=clerk)
        entry.refresh_from_db()
        assert (entry.source, entry.rat_held, entry.rat_on, entry.members) == ("", None, None, 20)

    def test_never_begins_a_return_of_which_the_row_says_nothing(self, check, maju, clerk):
        batch = check("NIK;Tahun;Anggota;Aset", "3275070060001;2024;;-", source="Rekap 2024")
        assert actions(batch) == [Action.UNCHANGED]
        apply(batch, by=clerk)
        assert not maju.returns.exists()


class TestTotal:
    def test_follows_from_men_and_women(self, of, maju, clerk):
        row = of(anggota_L="15", anggota_P="10", jumlah_anggota="")
        assert row.after["members"] == 25
        apply(row.batch, by=clerk)
        assert maju.returns.get().members == 25

    def test_that_was_their_sum_follows_a_change_of_one(self, of, maju):
        make_return(maju, 2024, members_men=15, members_women=10, members=25)
        row = of(anggota_L="16")
        assert row.before == {"members_men": 15, "members": 25}
        assert row.after == {"members_men": 16, "members": 26}

    def test_that_the_file_gives_is_never_replaced_by_their_sum(self, of, maju):
        make_return(maju, 2024, members_men=15, members_women=10, members=25)
        assert refused(of(anggota_L="16", jumlah_anggota="25")) == ["members_note"]

    def test_that_is_emptied_is_their_sum(self, of, maju):
        make_return(maju, 2024, members_men=15, members_women=10, members=25)
        assert of(jumlah_anggota="(kosong)").action == Action.UNCHANGED

    def test_is_left_alone_by_a_file_about_something_else(self, of, maju):
        make_return(maju, 2024, members_men=15, members_women=10, members=None)
        assert of(anggota_L="15", aset="7").after == {"assets": 7}

    def test_that_is_not_the_sum_needs_the_note(self, of):
        assert refused(of(anggota_L="15", anggota_P="10", jumlah_anggota="26")) == ["members_note"]
        row = of(anggota_L="15", anggota_P="10", jumlah_anggota="26", members_note="satu belum tercatat")
        assert row.action == Action.NEW and row.after["members"] == 26

    def test_on_record_contradicts_new_parts(self, of, maju):
        make_return(maju, 2024, members=30)
        assert refused(of(anggota_L="15", anggota_P="10")) == ["members_note"]

    def test_smaller_than_a_part_is_refused(self, of):
        assert refused(of(anggota_L="15", jumlah_anggota="10")) == ["members"]

    def test_is_not_complained_of_where_a_part_could_not_be_read(self, of):
        assert refused(of(anggota_L="15,5", anggota_P="10", jumlah_anggota="25")) == ["members_men"]

    def test_that_could_not_be_read_is_not_compared_with_the_attendance(self, of, maju):
        make_return(maju, 2024, members=20)
        assert refused(of(jumlah_anggota="25,5", hadir="26")) == ["members"]


class TestRat:
    @pytest.mark.parametrize("held", ["", "tidak"])
    def test_date_or_attendance_needs_the_answer_that_it_was_held(self, of, held):
        assert refused(of(RAT_dilaksanakan=held, tanggal_RAT="1/3/2025")) == ["rat_on"]
        assert refused(of(RAT_dilaksanakan=held, hadir="12")) == ["attendance"]

    def test_answer_that_could_not_be_read_is_the_only_complaint(self, of):
        assert refused(of(RAT_dilaksanakan="entah", tanggal_RAT="1/3/2025")) == ["rat_held"]

    @pytest.mark.parametrize(("day", "year"), [("1/4/2010", 2010), ("25/11/2025", 2024), ("31/12/2023", 2024)])
    def test_before_the_founding_in_the_future_or_before_its_book_year_is_refused(self, check, day, year):
        row = only(check("NIK;Tahun;Sudah RAT;Tgl RAT", f"3275070060001;{year};sudah;{day}"))
        assert refused(row) == ["rat_on"]

    def test_that_was_not_held_is_on_record_as_such(self, of, maju, clerk):
        apply(of(status_RAT="belum").batch, by=clerk)
        assert maju.returns.get().rat_held is False


class TestNumbers:
    @pytest.mark.parametrize(
        ("heading", "typed", "number"),
        [
            ("anggota", "6.111", 6111),
            ("aset", "Rp 1.234.567,00", 1_234_567),
            ("SHU", "-1.500.000", -1_500_000),
            ("SHU", "Rp -1.500.000", -1_500_000),
        ],
    )
    def test_are_read_as_the_office_writes_them(self, of, heading, typed, number):
        assert number in of(**{heading: typed}).after.values()

    @pytest.mark.parametrize(
        ("heading", "typed", "name"),
        [("anggota", "6,111", "members"), ("aset", "-5", "assets"), ("hadir", "-5", "attendance")],
    )
    def test_with_a_comma_or_below_zero_are_refused(self, of, heading, typed, name):
        assert name in refused(of(**{heading: typed}))

    def test_of_a_workbook_are_whole_or_refused_with_what_may_be_meant(self, clerk, maju):
        rows = [["NIK", "Tahun", "Anggota"], ["3275070060001", 2023, 6111], ["3275070060001", 2024, 6.111]]
        whole, fraction = checked(rows, kind=KIND, by=clerk).checked_rows
        assert whole.after["members"] == 6111
        assert refused(fraction) == ["members"] and fraction.problems[0]["suggestion"] == "6.111"

    def test_in_place_of_which_a_formula_failed_are_refused_once(self, clerk, maju):
        rows = [["NIK", "Tahun", "Anggota"], ["3275070060001", FAILED, 25], ["3275070060001", 2024, FAILED]]
        year, members = checked(rows, kind=KIND, by=clerk).checked_rows
        assert (refused(year), refused(members)) == (["book_year"], ["members"])


class TestWhatFollows:
    def test_derived_columns_version_and_data_version_follow_the_import_and_its_undo(self, check, maju, clerk):
        make_return(maju, 2022, members=10)
        maju.refresh_from_db()
        assert (maju.grade, maju.latest_members) == ("D", 10)
        version = maju.version
        batch = check(
            "NIK;Tahun;Sudah RAT;Anggota",
            *(f"3275070060001;{year};ya;{members}" for year, members in ((2022, 11), (2023, 12), (2024, 13))),
        )
        number = DataVersion.read("cooperatives")["cooperatives"][0]
        apply(batch, by=clerk)
        maju.refresh_from_db()
        assert (maju.grade, maju.latest_members, maju.latest_rat_year, maju.version) == ("A", 13, 2024, version + 1)
        assert DataVersion.read("cooperatives")["cooperatives"][0] == number + 1
        undo(batch, by=clerk, reason="berkas salah")
        maju.refresh_from_db()
        assert (maju.grade, maju.latest_members, maju.latest_rat_year) == ("D", 10, 2022)
        assert maju.version > version + 1 and DataVersion.read("cooperatives")["cooperatives"][0] == number + 2

    def test_derived_columns_follow_when_all_that_came_goes_again(self, check, maju, clerk):
        batch = check("NIK;Tahun;Sudah RAT;Anggota", "3275070060001;2024;ya;13")
        apply(batch, by=clerk)
        undo(batch, by=clerk, reason="berkas salah")
        maju.refresh_from_db()
        assert (maju.latest_return_year, maju.latest_members, maju.latest_rat_year) == (None, None, None)

    def test_undo_deletes_what_came_restores_what_was_and_leaves_what_was_edited_since(self, check, maju, clerk):
        make_return(maju, 2020, members=1)
        make_return(maju, 2021, members=1)
        batch = check("NIK;Tahun;Anggota", *(f"3275070060001;{year};9" for year in (2020, 2021, 2022, 2023)))
        apply(batch, by=clerk)
        maju.returns.filter(book_year__in=(2021, 2023)).update(members=5, version=7)
        undo(batch, by=clerk, reason="berkas salah")
        assert dict(maju.returns.values_list("book_year", "members")) == {2020: 1, 2021: 5, 2023: 5}
        assert [row.fate for row in batch.checked_rows] == [Fate.RESTORED, Fate.KEPT, Fate.DELETED, Fate.KEPT]
        gone = AnnualReturn.history.filter(book_year=2022).latest()
        assert (gone.history_type, gone.history_user) == ("-", clerk)

    @pytest.mark.parametrize("known", [False, True])
    def test_of_a_cooperative_that_was_voided_since_the_check_is_left(self, check, maju, clerk, known):
        if known:
            make_return(maju, 2024, members=20)
        batch = check("NIK;Tahun;Anggota", "3275070060001;2024;25")
        Cooperative.objects.filter(pk=maju.pk).update(voided_at=timezone.now(), void_reason="salah")
        with pytest.raises(ImportRefused):
            apply(batch, by=clerk)
        batch.refresh_from_db()
        apply(batch, by=clerk, only_good=True)
        assert only(batch).fate == Fate.LEFT
        assert not AnnualReturn.objects.filter(members=25).exists()

    def test_that_somebody_entered_or_changed_since_the_check_is_left(self, check, maju, clerk):
        entry = make_return(maju, 2023, members=20)
        batch = check("NIK;Tahun;Anggota", "3275070060001;2023;25", "3275070060001;2024;25")
        AnnualReturn.objects.filter(pk=entry.pk).update(members=21, version=2)
        make_return(maju, 2024, members=22)
        apply(batch, by=clerk, only_good=True)
        assert [row.fate for row in batch.checked_rows] == [Fate.LEFT, Fate.LEFT]
        assert set(maju.returns.values_list("members", flat=True)) == {21, 22}

    def test_a_chunk_takes_a_fixed_number_of_queries(self, check, clerk, kukar, monkeypatch):
        for module in (checking, applying):
            monkeypatch.setattr(module, "CHUNK", 10)
        costs = []
        for size in (5, 10, 20, 30):
            numbers = [f"32750700{size:02}{n:03}" for n in range(size)]
            for number in numbers:
                make_cooperative(regency=kukar, nomor_induk_koperasi=number)
            with CaptureQueriesContext(connection) as checks:
                batch = check("NIK;Tahun;Sudah RAT;Anggota", *(f"{number};2024;ya;25" for number in numbers))
            with CaptureQueriesContext(connection) as writes:
                apply(batch, by=clerk)
            with CaptureQueriesContext(connection) as undone:
                undo(batch, by=clerk, reason="berkas salah")
            costs.append((len(checks), len(writes), len(undone)))
        _first, one, two, three = costs
        assert [b - a for a, b in zip(one, two, strict=True)] == [b - a for a, b in zip(two, three, strict=True)]

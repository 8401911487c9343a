"""Cooperatives from files: what a row writes, what it may not say, and what follows from it."""

import itertools
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from common.dates import today
from common.models import DataVersion
from cooperatives.importers.columns import coordinate
from cooperatives.models import Cooperative, Kind, Status, StatusPeriod
from cooperatives.summary import refresh_summary
from imports import applying, checking
from imports.applying import apply, undo
from imports.cells import CellRefused
from imports.models import ImportRow
from tests.factories import make_cooperative, make_form, make_return, make_user
from tests.imports.uploads import checked, only, refused

pytestmark = pytest.mark.django_db

N1, N2 = "3275070060001", "3275070060002"
Action, Fate = ImportRow.Action, ImportRow.Fate


class TestNewRecords:
    def test_come_with_their_first_status_their_history_and_derived_columns(self, check, clerk, kukar):
        batch = check(f"KSP Maju Bersama;{N1};518/BH/2010;Kukar;Aktif")
        apply(batch, by=clerk)
        record = Cooperative.objects.get()
        assert (record.name, record.regency, record.status) == ("KSP Maju Bersama", kukar, Status.ACTIVE)
        assert record.search and record.name_key == "maju bersama" and record.grade == "D"
        assert refresh_summary([record.pk]) == 0
        period = record.status_periods.get()
        assert (period.status, period.since, period.by) == (Status.ACTIVE, None, clerk)
        assert period.basis == batch.reason
        entry = record.history.get()
        assert (entry.history_type, entry.history_change_reason, entry.history_user) == ("+", batch.reason, clerk)
        assert StatusPeriod.history.get().history_user == clerk

    def test_take_the_day_and_the_basis_of_the_status_from_the_file(self, check, clerk):
        batch = check("KSP Maju;Beku;2/3/2020", head="Nama;Status;Sejak", status_basis="SK 5/2020")
        apply(batch, by=clerk)
        record = Cooperative.objects.get()
        period = record.status_periods.get()
        assert (period.status, period.since, period.basis) == (Status.FROZEN, date(2020, 3, 2), "SK 5/2020")
        assert (record.status, record.status_since) == (Status.FROZEN, date(2020, 3, 2))
        assert refresh_summary([record.pk]) == 0

    def test_need_a_name_and_a_status(self, check):
        assert set(refused(only(check(f"{N1};Kukar", head="NIK;Kab/Kota")))) == {"name", "status"}

    def test_may_be_given_one_status_for_the_whole_file(self, check):
        row = only(check("KSP Maju;Kukar", head="Nama;Kab/Kota", status="Tidak aktif", status_since="1/1/2020"))
        assert (row.after["status"], row.after["status_since"]) == (Status.INACTIVE, "2020-01-01")

    @pytest.mark.parametrize("demo", [False, True])
    def test_are_invented_while_invented_data_is_in(self, check, clerk, demo):
        if demo:
            DataVersion.objects.create(key="demo")
        apply(check("KSP Maju;;;Kukar;Aktif"), by=clerk)
        assert Cooperative.objects.get().is_demo is demo

    def test_need_no_right_to_record_a_status_as_in_the_form(self, check, kukar):
        newcomer = make_user("auditor")
        newcomer.user_permissions.add(Permission.objects.get(codename="add_cooperative"))
        assert only(check("KSP Maju;;;Kukar;Aktif", by=newcomer)).action == Action.NEW

    def test_take_words_of_small_tables_however_they_are_written(self, check, clerk):
        form, kind = make_form(name="Primer Kab/Kota"), Kind.objects.create(name="Simpan Pinjam", synonyms="KSP")
        line = "KSP Maju;Aktif;PRIMER KAB KOTA;ksp;syariah;ya"
        head = "Nama;Status;Bentuk Usaha;Jenis Koperasi;Pola Pengelolaan;KDMP;Desa"
        apply(check(f"{line};Loa Ipuh", head=head), by=clerk)
        record = Cooperative.objects.get()
        assert (record.form, record.kind, record.management, record.is_merah_putih) == (form, kind, "sharia", True)

    @pytest.mark.postgresql
    def test_are_refused_at_once_where_what_they_point_at_is_gone(self, check, clerk):
        form = make_form(name="Primer Kab/Kota")
        batch = check("KSP Maju;Kukar;Primer Kab/Kota;Aktif", head="Nama;Kab/Kota;Bentuk;Status")
        form.delete()
        told = []
        # Not at the commit, where the progress stands still.
        with pytest.raises(IntegrityError):
            apply(batch, by=clerk, tell=lambda *done: told.append(done))
        assert not told


class TestChanges:
    def test_touch_the_columns_of_the_file_only_and_are_shown_cell_by_cell(self, of_maju):
        row = of_maju("Alamat;Kecamatan", "Jl. Baru;Tenggarong")
        assert row.action == Action.CHANGED
        assert row.before == {"address": "Jl. Lama", "district": ""}
        assert row.after == {"address": "Jl. Baru", "district": "Tenggarong"}

    def test_are_written_with_history_version_and_derived_columns(self, check, clerk, maju):
        bumped = DataVersion.read("cooperatives")["cooperatives"][0]
        batch = check(f"{N1};Jl. Baru;Bukit Biru", head="NIK;Alamat;Desa")
        apply(batch, by=clerk)
        record = Cooperative.objects.get()
        assert (record.address, record.village, record.phone) == ("Jl. Baru", "Bukit Biru", "0541-111")
        assert record.version == maju.version + 1 and record.updated_at > maju.updated_at
        assert "bukit biru" in record.search and refresh_summary([record.pk]) == 0
        entry = record.history.latest()
        assert (entry.history_type, entry.address, entry.history_user) == ("~", "Jl. Baru", clerk)
        assert entry.history_change_reason == batch.reason
        assert DataVersion.read("cooperatives")["cooperatives"][0] > bumped

    @pytest.mark.parametrize("cell", ["", "-", "–"])
    def test_an_empty_cell_and_a_dash_change_nothing(self, of_maju, cell):
        assert of_maju("Alamat;Tanggal Berdiri", f"{cell};{cell}").action == Action.UNCHANGED

    def test_the_word_for_it_empties(self, of_maju, clerk, maju):
        row = of_maju("Alamat;Tanggal Berdiri;NO.TELP 1", "(kosong);(KOSONG);0541-111")
        assert row.after == {"address": None, "founded_on": None}
        apply(row.batch, by=clerk)
        maju.refresh_from_db()
        assert (maju.address, maju.founded_on, maju.phone) == ("", None, "0541-111")

    @pytest.mark.parametrize(
        ("head", "line", "field"), [("Nama", "(kosong)", "name"), ("Status;Sejak", "(kosong);2/3/2020", "status")]
    )
    def test_what_every_record_has_cannot_be_emptied(self, of_maju, head, line, field):
        assert refused(of_maju(head, line)) == [field]

    def test_a_published_coordinate_is_no_change_and_an_exact_one_is(self, of_maju, maju):
        maju.latitude, maju.longitude = Decimal("-0.502106"), Decimal("117.153709")
        maju.save()
        assert of_maju("Lintang;Bujur", "-0.5;117,15").action == Action.UNCHANGED
        assert of_maju("Lintang;Bujur", "-0.502;117.15").after == {"latitude": "-0.502"}
        assert of_maju("Lintang;Bujur", "-0.51;117.15").after == {"latitude": "-0.51"}

    def test_a_computed_coordinate_is_rounded_to_what_is_kept(self):
        assert (coordinate(-0.5021055555555556), coordinate("117,153709")) == ("-0.502106", "117.153709")
        with pytest.raises(CellRefused):
            coordinate("0°30'7\" S")

    def test_a_record_that_is_unsound_elsewhere_is_not_refused_for_it(self, of_maju, maju):
        Cooperative.objects.filter(pk=maju.pk).update(legal_on=date(2009, 1, 1), health="sound", is_merah_putih=True)
        assert of_maju("Alamat", "Jl. Baru").action == Action.CHANGED

    @pytest.mark.parametrize(
        ("head", "line", "field"),
        [("Tanggal Berdiri", "1/1/2011", "legal_on"), ("Kesehatan", "Sehat", "health_source")],
    )
    def test_a_record_that_stays_unsound_in_what_the_file_touches_is_refused(self, of_maju, maju, head, line, field):
        Cooperative.objects.filter(pk=maju.pk).update(legal_on=date(2009, 1, 1), health="watched")
        assert refused(of_maju(head, line)) == [field]

    def test_what_follows_from_an_unreadable_cell_is_not_said(self, of_maju):
        assert refused(of_maju("Tanggal Berdiri;Tanggal Badan Hukum", "31/02/2001;1/1/2002")) == ["founded_on"]

    def test_a_source_for_the_whole_file_is_that_of_what_the_file_rates(self, check, maju):
        rows = check(
            f"KSP Maju;{N1};", "KSP Jaya;;Sehat", head="Nama;NIK;Kesehatan", health_source="BA 2024", status="Aktif"
        ).checked_rows
        assert rows[0].action == Action.UNCHANGED and rows[1].after["health_source"] == "BA 2024"


class TestRules:
    @pytest.mark.parametrize(
        ("head", "line", "field"),
        [
            ("Tanggal Sertifikat", (today() + timedelta(days=1)).isoformat(), "certificate_on"),
            ("Tanggal Badan Hukum", "31/12/2009", "legal_on"),
            ("Masa Berlaku Sertifikat;Tanggal Sertifikat", "1/1/2020;2/1/2020", "certificate_valid_until"),
            ("KDMP", "ya", "village"),
            ("Kesehatan", "Sehat", "health_source"),
            ("Lintang", "-0,5", "longitude"),
            ("Lintang;Bujur", "-0,5;-", "longitude"),
            ("Lintang;Bujur", "-7,25;112,75", "latitude"),
            ("Lintang;Bujur", "117,15;-0,5", "latitude"),
            ("Alamat", "Jl. \u200bBaru", "address"),
            ("Website", "contoh", "website"),
            ("Kode Pos", "7511", "postal_code"),
        ],
    )
    def test_of_the_form_hold_for_new_records_and_for_known_ones(self, check, maju, head, line, field):
        rows = (f"KSP Maju;{N1};1/1/2010;{line}", f"KSP Jaya;{N2};1/1/2010;{line}")
        known, new = check(*rows, head=f"Nama Koperasi;NIK;Tgl Berdiri;{head}", status="Aktif").checked_rows
        assert refused(known) == refused(new) == [field]

    @pytest.mark.parametrize(
        ("cell", "reason"),
        [("6402011503900001", "KTP"), ("7.37E+15", "7.37E+15"), ("327507006001", "12"), ("32750700600", "11")],
    )
    @pytest.mark.parametrize(("head", "field"), [("NIK", "nomor_induk_koperasi"), ("NIB", "nib")])
    def test_a_damaged_number_is_refused_with_what_was_seen(self, check, cell, reason, head, field):
        row = only(check(f"KSP Maju;{cell};Aktif", head=f"Nama;{head};Status"))
        assert refused(row) == [field]
        assert row.problems[0]["value"] == cell and reason in row.problems[0]["message"]

    def test_a_number_that_the_spreadsheet_took_for_a_quantity_is_read_where_nothing_was_lost(self, clerk):
        rows = [["Nama", "NIK", "Status"], ["KSP A", float(N1), "Aktif"], ["KSP B", 7.37e15, "Aktif"]]
        first, second = checked(rows, kind="koperasi", by=clerk).checked_rows
        assert first.after["nomor_induk_koperasi"] == N1
        assert refused(second) == ["nomor_induk_koperasi"]


class TestCost:
    def test_a_chunk_takes_a_fixed_number_of_queries_on_the_whole_way(self, check, clerk, kukar, monkeypatch):
        for module in (checking, applying):
            monkeypatch.setattr(module, "CHUNK", 10)
        # What a person may is read once.
        clerk.has_perm("cooperatives.set_status")
        numbers, costs = itertools.count(3275070060001), []
        for size in (10, 20, 30):
            lines = []
            for n in range(size // 2):
                make_cooperative(f"KSP Lama {size} {n}", regency=kukar, since=date(2015, 1, 1))
                lines.append(f"KSP Lama {size} {n};{next(numbers)};Kukar;Tidak aktif;1/1/2020")
                # Every fifth resembles others, of the register and of the file.
                name = f"KUD Baru {size} {n}" if n % 5 else f"KSU Lama {size} 0"
                lines.append(f"{name};{next(numbers)};Kukar;Aktif;1/1/2019")
            costs.append(self.costs(check, clerk, lines))
        first, second, third = (Counter(cost) for cost in costs)
        assert second - first == third - second

    @staticmethod
    def costs(check, clerk, lines):
        """How many queries each step takes."""
        found = {}
        with CaptureQueriesContext(connection) as captured:
            batch = check(*lines, head="Nama;NIK;Kab;Status;Sejak", distinct_reason="lain akta")
        found["check"] = len(captured)
        with CaptureQueriesContext(connection) as captured:
            apply(batch, by=clerk)
        found["apply"] = len(captured)
        with CaptureQueriesContext(connection) as captured:
            undo(batch, by=clerk, reason="salah")
        found["undo"] = len(captured)
        assert set(batch.checked_rows.values_list("fate", flat=True)) == {Fate.RESTORED, Fate.DELETED}
        return found


def test_a_founding_day_after_what_is_on_record_is_refused(check, kukar):
    maju = make_cooperative("KSP Maju", regency=kukar, founded_on=date(2010, 5, 1))
    make_return(maju, 2019, rat_held=True)
    late, early = ("KSP Maju;Kukar;1/1/2021", "KSP Maju;Kukar;1/1/2009")
    head = "Nama Koperasi;Kab/Kota;Tanggal Berdiri"
    assert [row.action for row in check(late, head=head).checked_rows] == ["refused"]
    assert [row.action for row in check(early, head=head).checked_rows] == ["changed"]

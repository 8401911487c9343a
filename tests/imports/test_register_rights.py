"""Statuses in files of cooperatives, and what an officer may enter."""

import json
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.forms.models import model_to_dict

from common.dates import today
from cooperatives.importers.register import CooperativeImporter
from cooperatives.models import Cooperative, Form, Status, StatusPeriod
from cooperatives.summary import refresh_summary
from imports.applying import apply
from imports.models import ImportRefused, ImportRow
from tests.factories import make_cooperative, make_form, make_user
from tests.imports.uploads import only, refused

pytestmark = pytest.mark.django_db

N1, N2 = "3275070060001", "3275070060002"
Action, Fate = ImportRow.Action, ImportRow.Fate


class TestStatus:
    def test_changes_by_its_verb_from_the_day_on(self, of_maju, clerk, maju):
        row = of_maju("Status;Sejak", "Tidak aktif;2/3/2020", status_basis="SK 5/2020")
        assert row.before == {"status": Status.ACTIVE, "status_since": "2015-01-01"}
        assert row.after == {"status": Status.INACTIVE, "status_since": "2020-03-02", "status_basis": "SK 5/2020"}
        apply(row.batch, by=clerk)
        maju.refresh_from_db()
        assert (maju.status, maju.status_since) == (Status.INACTIVE, date(2020, 3, 2))
        newest, oldest = maju.status_periods.all()
        assert (newest.basis, newest.by, oldest.until) == ("SK 5/2020", clerk, date(2020, 3, 2))
        assert StatusPeriod.history.filter(id=oldest.pk).latest().until == date(2020, 3, 2)
        assert refresh_summary([maju.pk]) == 0

    @pytest.mark.parametrize(
        ("line", "field"),
        [
            ("Tidak aktif;", "status_since"),
            ("Tidak aktif;1/1/2014", "status_since"),
            ("Tidak aktif;1/1/2015", "status"),
            ("Tidak aktif;31/12/2009", "status_since"),
            (f"Tidak aktif;{(today() + timedelta(days=1)).isoformat()}", "status_since"),
            ("merged;2/3/2020", "status"),
            ("Aktif;2/3/2020", "status_since"),
            (";2/3/2020", "status_since"),
        ],
    )
    def test_is_refused_where_its_rules_say_no(self, of_maju, line, field):
        assert field in refused(of_maju("Status;Sejak", line))

    def test_of_a_dissolved_one_stays(self, of_maju, maju, clerk):
        maju.record_status(Status.DISSOLVED, since=date(2020, 1, 1), basis="SK", by=clerk)
        assert refused(of_maju("Status;Sejak", "Aktif;2/3/2021")) == ["status"]

    def test_of_a_merged_one_that_comes_back_in_an_export_is_no_change(self, of_maju, maju, clerk):
        maju.record_status(
            Status.MERGED, since=date(2020, 1, 1), basis="SK", by=clerk, successor=make_cooperative("KSP Baru")
        )
        row = of_maju("Status;Sejak", f"{Status.MERGED.label};1/1/2020")
        assert row.action == Action.UNCHANGED

    def test_that_is_the_same_changes_nothing(self, of_maju):
        assert of_maju("Status;Sejak", "Aktif;1/1/2015").action == Action.UNCHANGED

    def test_for_the_whole_file_leaves_known_records_alone(self, of_maju):
        row = of_maju("Alamat", "Jl. Baru", status="Tidak aktif", status_since="1/1/2020", status_basis="SK")
        assert row.after == {"address": "Jl. Baru"}

    def test_day_for_the_whole_file_is_that_of_the_statuses_that_change(self, check, maju):
        make_cooperative("KSP Jaya", nomor_induk_koperasi=N2)
        batch = check(f"{N1};Tidak aktif", f"{N2};Aktif", head="NIK;Status", status_since="1/1/2020")
        first, second = batch.checked_rows
        assert first.after["status_since"] == "2020-01-01" and second.action == Action.UNCHANGED

    def test_needs_the_right_to_record_one(self, check, maju):
        newcomer = make_user("auditor")
        newcomer.user_permissions.add(Permission.objects.get(codename="add_cooperative"))
        row = only(check(f"{N1};Tidak aktif;2/3/2020", head="NIK;Status;Sejak", by=newcomer))
        assert refused(row) == ["status"]

    def test_needs_that_right_when_it_is_written_too(self, of_maju):
        row = of_maju("Status;Sejak", "Tidak aktif;2/3/2020")
        newcomer = make_user("auditor")
        newcomer.user_permissions.add(Permission.objects.get(codename="add_cooperative"))
        with pytest.raises(ImportRefused):
            apply(row.batch, by=newcomer)
        assert StatusPeriod.objects.count() == 1


class TestOfficers:
    @pytest.mark.parametrize("cell", [None, "", "-"])
    def test_rows_without_a_regency_land_in_the_own(self, check, officer, kukar, cell):
        head, line = (
            ("Nama;Status", "KSP Maju;Aktif") if cell is None else ("Nama;Status;Kab", f"KSP Maju;Aktif;{cell}")
        )
        apply(check(line, head=head, by=officer), by=officer)
        assert Cooperative.objects.get().regency == kukar

    @pytest.mark.parametrize("cell", ["Kubar", "(kosong)"])
    def test_rows_of_another_regency_or_of_none_are_refused(self, check, officer, cell):
        assert refused(only(check(f"KSP Maju;;;{cell};Aktif", by=officer))) == ["regency"]

    def test_a_file_for_another_regency_is_refused(self, check, officer):
        assert refused(only(check("KSP Maju;Aktif", head="Nama;Status", by=officer, regency="Kubar"))) == ["regency"]

    def test_a_known_one_cannot_be_moved_away(self, of_maju, officer):
        assert refused(of_maju("Kab", "Kubar", by=officer)) == ["regency"]

    @pytest.mark.parametrize("other", ["regency", "form"])
    @pytest.mark.parametrize("line", [f";{N1};", ";;1/BH/2010", "KSP Rahasia;;"])
    def test_a_record_of_another_office_is_refused_and_nothing_of_it_shown(
        self, check, officer, kukar, kubar, other, line
    ):
        form = make_form(Form.Level.PROVINCE) if other == "form" else None
        make_cooperative(
            "KSP Rahasia",
            regency=kukar if form else kubar,
            form=form,
            nomor_induk_koperasi=N1,
            legal_number="1/BH/2010",
            phone="0812-999",
            email="rahasia@contoh.id",
            note="catatan dinas",
        )
        cell = "" if form else "Kubar"
        batch = check(f"{line};{cell};0541-1;a@contoh.id", head="Nama;NIK;No BH;Kab;No Telp;Email", by=officer)
        row = only(batch)
        assert len(refused(row)) == 1 and row.found is None
        staged = json.dumps(model_to_dict(row))
        assert not any(words in staged for words in ("0812-999", "rahasia@contoh.id", "catatan dinas"))

    def test_a_form_of_the_province_is_not_theirs_to_give(self, check, officer):
        make_form(Form.Level.PROVINCE, name="Primer Provinsi")
        row = only(check("KSP Maju;Aktif;Primer Provinsi", head="Nama;Status;Bentuk Usaha", by=officer))
        assert refused(row) == ["form"]

    def test_records_and_places_are_the_own(self, officer, kukar, kubar, maju):
        make_cooperative("KSP Sana", regency=kubar)
        make_cooperative("KSP Provinsi", regency=kukar, form=make_form(Form.Level.PROVINCE))
        importer = CooperativeImporter(officer)
        importer.prepare()
        assert list(importer.records()) == [maju]
        assert importer.places() == {"Kutai Kartanegara": 1}

    def test_what_went_to_another_office_since_the_check_is_left(self, check, officer, maju):
        form = make_form(Form.Level.REGENCY)
        Cooperative.objects.filter(pk=maju.pk).update(form=form)
        batch = check(f"{N1};Jl. Baru", head="NIK;Alamat", by=officer)
        Form.objects.filter(pk=form.pk).update(responsible_level=Form.Level.PROVINCE)
        with pytest.raises(ImportRefused):
            apply(batch, by=officer)

    def test_a_number_that_another_office_entered_since_the_check_is_left(self, check, officer, kubar):
        batch = check(f"KSP Maju;{N1};Aktif", head="Nama;NIK;Status", by=officer)
        make_cooperative("KSP Sana", regency=kubar, nomor_induk_koperasi=N1)
        apply(batch, by=officer, only_good=True)
        assert only(batch).fate == Fate.LEFT

    def test_rows_are_not_written_by_an_officer_of_another_regency(self, check, officer, kubar):
        batch = check("KSP Maju;Aktif", head="Nama;Status", by=officer)
        with pytest.raises(ImportRefused):
            apply(batch, by=make_user("petugas", regency=kubar))

"""Files of cooperatives written later than they were checked, twice, and taken back."""

from datetime import date

import pytest

from common.models import ChangedMeanwhile
from cooperatives.models import AnnualReturn, Cooperative, Status, StatusPeriod
from cooperatives.summary import refresh_summary
from imports import applying
from imports.applying import apply, undo
from imports.models import ImportBatch, ImportRefused, ImportRow
from tests.factories import make_cooperative, make_return
from tests.imports.uploads import actions, checked, only

pytestmark = pytest.mark.django_db

N1, N2 = "3275070060001", "3275070060002"
Action, Fate = ImportRow.Action, ImportRow.Fate


class TestApply:
    @pytest.mark.parametrize("only_good", [False, True])
    def test_leaves_a_row_whose_number_has_come_into_the_register(self, check, clerk, maju, only_good):
        lines = (f"KSP Baru;{N2};;Kukar;Aktif", "KSP Jaya;;;Kukar;Aktif", "KSP Maju;;9/BH/2010;Kukar;")
        batch = check(*lines)
        make_cooperative("KSP Cepat", nomor_induk_koperasi=N2)
        if only_good:
            apply(batch, by=clerk, only_good=True)
            assert [row.fate for row in batch.checked_rows] == [Fate.LEFT, Fate.WRITTEN, Fate.WRITTEN]
        else:
            with pytest.raises(ImportRefused):
                apply(batch, by=clerk)
        names = {"KSP Cepat", "KSP Maju"} | ({"KSP Jaya"} if only_good else set())
        assert set(Cooperative.objects.values_list("name", flat=True)) == names

    def test_leaves_a_known_record_whose_new_number_another_has_by_now(self, check, clerk, kukar):
        make_cooperative("KSP Tanpa", regency=kukar)
        batch = check(f"KSP Tanpa;{N2};;Kukar;")
        make_cooperative("KSP Cepat", nomor_induk_koperasi=N2)
        apply(batch, by=clerk, only_good=True)
        assert only(batch).fate == Fate.LEFT

    def test_leaves_a_row_that_cannot_be_told_any_more_whatever_was_written_before(
        self, check, clerk, kukar, monkeypatch
    ):
        monkeypatch.setattr(applying, "CHUNK", 1)
        batch = check("KSP Jaya;;;Kukar;Aktif", "KSP Baru;;1/BH/2010;Kukar;Aktif")
        for name in ("KSP A", "KSP B"):
            make_cooperative(name, regency=kukar, legal_number="1/BH/2010")
        apply(batch, by=clerk, only_good=True)
        assert [row.fate for row in batch.checked_rows] == [Fate.WRITTEN, Fate.LEFT]

    def test_leaves_what_somebody_edited_since_the_check(self, check, clerk, maju):
        batch = check(f"{N1};Jl. Baru", head="NIK;Alamat")
        Cooperative.objects.filter(pk=maju.pk).update(note="dari orang")
        apply(batch, by=clerk, only_good=True)
        maju.refresh_from_db()
        assert (maju.address, maju.note) == ("Jl. Lama", "dari orang")

    def test_twice_changes_nothing(self, check, clerk, maju):
        lines = (f"KSP Maju;{N1};1/BH/2010;Kukar;", "KSP Jaya;;;Kukar;Aktif")
        batch = check(*lines)
        late = ImportBatch.objects.get(pk=batch.pk)
        apply(batch, by=clerk)
        counts = [model.objects.count() for model in (Cooperative, StatusPeriod)]
        histories = Cooperative.history.count()
        for again in (batch, late):
            with pytest.raises((ImportRefused, ChangedMeanwhile)):
                apply(again, by=clerk)
        assert actions(check(*lines)) == [Action.UNCHANGED] * 2
        assert [model.objects.count() for model in (Cooperative, StatusPeriod)] == counts
        assert Cooperative.history.count() == histories


class TestUndo:
    @pytest.fixture
    def applied(self, check, clerk, maju):
        """A new one, and a known one whose address and status the file changed."""
        batch = check(
            f"KSP Maju;{N1};Kukar;Beku;2/3/2020;Jl. Baru",
            "KSP Baru;;Kukar;Aktif;;Jl. Satu",
            head="Nama;NIK;Kab;Status;Sejak;Alamat",
        )
        apply(batch, by=clerk)
        return batch

    def fates(self, batch):
        return [row.fate for row in batch.checked_rows]

    def test_deletes_what_it_brought_with_history(self, applied, clerk):
        new = Cooperative.objects.get(name="KSP Baru")
        undo(applied, by=clerk, reason="berkas lama")
        assert not Cooperative.objects.filter(pk=new.pk).exists()
        for gone in (Cooperative.history.filter(id=new.pk), StatusPeriod.history.filter(cooperative=new.pk)):
            entry = gone.latest()
            assert (entry.history_type, entry.history_user) == ("-", clerk)
            assert "berkas lama" in entry.history_change_reason
        assert self.fates(applied) == [Fate.RESTORED, Fate.DELETED]

    def test_deletes_what_was_said_to_be_another_with_its_pair(self, check, clerk, maju):
        batch = check("KUD Maju;;;Kukar;Aktif", distinct_reason="lain akta")
        apply(batch, by=clerk)
        undo(batch, by=clerk, reason="salah")
        assert Cooperative.objects.get() == maju

    def test_voids_what_it_brought_where_something_points_at_it(self, applied, clerk):
        new = Cooperative.objects.get(name="KSP Baru")
        make_return(new)
        undo(applied, by=clerk, reason="berkas lama")
        new.refresh_from_db()
        assert new.is_voided and "berkas lama" in new.void_reason
        assert new.history.latest().history_change_reason == new.void_reason
        assert AnnualReturn.objects.count() == 1
        assert self.fates(applied) == [Fate.RESTORED, Fate.VOIDED]

    def test_restores_what_it_changed_with_the_status(self, applied, clerk, maju):
        version = Cooperative.objects.get(pk=maju.pk).version
        undo(applied, by=clerk, reason="berkas lama")
        maju.refresh_from_db()
        assert (maju.address, maju.status, maju.status_since) == ("Jl. Lama", Status.ACTIVE, date(2015, 1, 1))
        assert maju.status_periods.get().until is None
        assert maju.version > version and refresh_summary([maju.pk]) == 0
        assert "berkas lama" in maju.history.latest().history_change_reason

    @pytest.mark.parametrize("name", ["KSP Maju", "KSP Baru"])
    @pytest.mark.parametrize("act", ["field", "status"])
    def test_keeps_what_somebody_edited_since(self, applied, clerk, name, act):
        record = Cooperative.objects.get(name=name)
        if act == "field":
            record.note = "dari orang"
            record.save()
        else:
            record.record_status(Status.INACTIVE, since=date(2021, 1, 1), basis="SK", by=clerk)
        undo(applied, by=clerk, reason="salah")
        record.refresh_from_db()
        assert not record.is_voided and (record.note or record.status) == (
            "dari orang" if act == "field" else "inactive"
        )
        assert applied.checked_rows.get(found=record.pk).fate == Fate.KEPT

    def test_restores_in_spite_of_a_return_that_was_entered_since(self, applied, clerk, maju):
        make_return(maju)
        # As the page of the record does where only a row of it was edited.
        record = Cooperative.objects.get(pk=maju.pk)
        record.claim(record.version)
        record.save()
        undo(applied, by=clerk, reason="salah")
        maju.refresh_from_db()
        assert maju.address == "Jl. Lama" and maju.latest_return_year == 2024
        assert self.fates(applied)[0] == Fate.RESTORED

    def test_restores_in_spite_of_a_return_that_was_imported_since(self, applied, clerk, maju):
        lines = ["NIK;Tahun;Jumlah Anggota", f"{N1};2023;50"]
        apply(checked(lines, kind="laporan-tahunan", by=clerk), by=clerk)
        undo(applied, by=clerk, reason="salah")
        assert self.fates(applied)[0] == Fate.RESTORED

    def test_keeps_a_record_whose_former_number_another_has_by_now(self, check, clerk, kukar):
        make_cooperative("KSP Tua", regency=kukar, legal_number="1/BH/2010", nomor_induk_koperasi=N2)
        batch = check("(kosong);1/BH/2010", head="NIK;No BH")
        apply(batch, by=clerk)
        make_cooperative("KSP Cepat", nomor_induk_koperasi=N2)
        undo(batch, by=clerk, reason="salah")
        assert self.fates(batch) == [Fate.KEPT]

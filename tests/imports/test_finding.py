"""Which cooperative a row is about, which regency it names, and what is said where two would look alike."""

import pytest
from django.utils import timezone

from cooperatives.duplicates import candidates
from cooperatives.importers.columns import kemendagri_code
from cooperatives.models import Cooperative, DistinctPair
from imports import applying, checking
from imports.applying import apply
from imports.models import ImportRow
from tests.factories import make_cooperative
from tests.imports.uploads import actions, checked, only, refused

pytestmark = pytest.mark.django_db

N1, N2 = "3275070060001", "3275070060002"
Action, Fate = ImportRow.Action, ImportRow.Fate


@pytest.fixture
def maju(kukar):
    return make_cooperative("KSP Maju", regency=kukar)


class TestRecognising:
    def test_by_the_registration_number_whatever_else_the_row_says(self, check, kukar, kubar):
        maju = make_cooperative("KSP Maju", regency=kukar, nomor_induk_koperasi=N1, legal_number="1/BH/2010")
        row = only(check(f"KSP Jaya;{N1};2/BH/2012;Kubar;"))
        assert (row.found, row.action) == (maju.pk, Action.CHANGED)
        assert row.after == {"name": "KSP Jaya", "legal_number": "2/BH/2012", "regency": kubar.pk}

    def test_else_by_the_legal_number_within_the_regency(self, check, kukar, kubar):
        make_cooperative("KSP Sana", regency=kubar, legal_number="1/BH/2010")
        here = make_cooperative("KSP Sini", regency=kukar, legal_number="1/BH/2010")
        assert only(check("KSP Ganti;;1/BH/2010;Kukar;")).found == here.pk

    def test_a_legal_number_that_several_bear_is_narrowed_by_name(self, check, kukar, kubar):
        make_cooperative("KSP Sana", regency=kubar, legal_number="1/BH/2010")
        here = make_cooperative("KSP Sini", regency=kukar, legal_number="1/BH/2010")
        assert only(check("ksp. SINI;1/BH/2010", head="Nama Koperasi;No. BH")).found == here.pk

    def test_a_legal_number_that_several_bear_is_narrowed_by_the_address_of_the_page(self, check, kukar):
        records = [make_cooperative(name, regency=kukar, legal_number="1/BH/2010") for name in ("KSP A", "KSP B")]
        row = only(check(f"1/BH/2010;/koperasi/{records[1].pk}/", head="No. BH;Alamat di portal"))
        assert row.found == records[1].pk

    def test_a_legal_number_that_several_bear_is_refused_naming_them_and_nothing_else_is_asked(self, check, kukar):
        records = [make_cooperative(name, regency=kukar, legal_number="1/BH/2010") for name in ("KSP A", "KSP B")]
        row = only(check(";;1/BH/2010;Kukar;"))
        assert refused(row) == ["legal_number"]
        assert all(f"{record.name} ({record.pk})" in row.problems[0]["message"] for record in records)
        assert (row.found, row.after) == (None, {})

    def test_else_by_name_and_regency_and_the_spelling_of_the_register_stays(self, check, maju):
        row = only(check("Ksp. MAJU ;;;Kukar;"))
        assert (row.found, row.action) == (maju.pk, Action.UNCHANGED)

    def test_the_name_in_another_regency_is_another_cooperative(self, check, maju):
        row = only(check("KSP Maju;;;Kubar;Aktif"))
        assert (row.action, row.doubles) == (Action.NEW, [])

    def test_a_name_that_two_bear_is_refused_unless_the_address_of_the_page_tells(self, check, maju, kukar):
        twin = make_cooperative("KSP Maju", regency=kukar)
        assert refused(only(check("KSP Maju;;;Kukar;"))) == ["name"]
        row = only(
            check(f"KSP Maju;Kukar;https://contoh.id/koperasi/{twin.pk}-ksp-maju/", head="Nama;Kab;Alamat di portal")
        )
        assert row.found == twin.pk

    def test_an_address_alone_tells_nothing(self, check, maju):
        row = only(check(f"/koperasi/{maju.pk}/;Jl. Baru", head="Alamat di portal;Alamat"))
        assert (row.found, refused(row)) == (None, ["name"])

    def test_a_record_without_a_number_gets_that_of_the_file(self, check, maju):
        row = only(check(f"KSP Maju;{N1};;Kukar;"))
        assert (row.found, row.after) == (maju.pk, {"nomor_induk_koperasi": N1})

    @pytest.mark.parametrize("line", [f"KSP Maju;{N2};;Kukar;Aktif", f"KSP Maju;{N2};1/BH/2010;Kukar;Aktif"])
    def test_who_bears_another_registration_number_is_another_cooperative(self, check, kukar, line):
        make_cooperative("KSP Maju", regency=kukar, nomor_induk_koperasi=N1, legal_number="1/BH/2010")
        row = only(check(line))
        assert row.found is None and refused(row) == ["name"] and len(row.doubles) == 1

    def test_who_bears_another_legal_number_is_another_cooperative_and_a_possible_double(self, check, kukar):
        maju = make_cooperative("KSP Maju", regency=kukar, legal_number="1/BH/2010")
        row = only(check("KSP Maju;;2/BH/2010;Kukar;Aktif"))
        assert row.found is None and refused(row) == ["name"]
        assert [double["url"] for double in row.doubles] == [f"/koperasi/{maju.pk}/"]

    def test_a_void_record_is_never_meant(self, check, kukar, clerk):
        void = make_cooperative("KSP Maju", regency=kukar, nomor_induk_koperasi=N1, legal_number="1/BH/2010")
        void.void(reason="salah", by=clerk)
        batch = check(f"KSP Maju;{N1};1/BH/2010;Kukar;Aktif", "KSP Jaya;;2/BH/2010;Kukar;Aktif")
        assert [(row.action, row.doubles) for row in batch.checked_rows] == [(Action.NEW, [])] * 2

    def test_two_rows_about_one_record_are_refused_whatever_they_call_it(self, check, kukar):
        make_cooperative("KSP Maju", regency=kukar, nomor_induk_koperasi=N1, legal_number="1/BH/2010")
        batch = check(f"KSP Maju;{N1};;Kukar;", "KSP Maju;;1/BH/2010;Kukar;", "ksp maju;;;Kukar;")
        assert actions(batch) == [Action.UNCHANGED, Action.REFUSED, Action.REFUSED]

    @pytest.mark.parametrize(
        "line", [f"KSP Maju;{N1};;Kukar;Aktif", "KSP Maju;;1/BH/2010;Kukar;Aktif", "KSP Maju;;;;Aktif"]
    )
    def test_two_rows_about_one_new_record_are_refused_as_that_alone(self, check, line):
        first, second = check(line, line).checked_rows
        assert first.action == Action.NEW
        assert len(refused(second)) == 1 and "2" in second.problems[0]["message"] and second.doubles == []


class TestChangesThatMakeDoubles:
    """What the form asks a reason for cannot be had by a file."""

    def test_the_number_of_one_and_the_legal_number_of_another_are_refused(self, check, kukar):
        make_cooperative("KSP Maju", regency=kukar, nomor_induk_koperasi=N1, legal_number="1/BH/2010")
        jaya = make_cooperative("KSP Jaya", regency=kukar, legal_number="2/BH/2010")
        row = only(check(f"KSP Maju;{N1};2/BH/2010;Kukar;"))
        assert refused(row) == ["legal_number"] and f"KSP Jaya ({jaya.pk})" in row.problems[0]["message"]

    def test_a_new_name_that_another_bears_is_refused(self, check, kukar, maju):
        make_cooperative("KSP Jaya", regency=kukar, nomor_induk_koperasi=N1)
        row = only(check(f"KUD Maju;{N1};;Kukar;"))
        assert refused(row) == ["name"] and f"KSP Maju ({maju.pk})" in row.problems[0]["message"]

    def test_a_move_to_where_another_bears_the_name_is_refused(self, check, kubar, maju):
        make_cooperative("KSP Maju", regency=kubar, nomor_induk_koperasi=N1)
        assert refused(only(check(f"KSP Maju;{N1};;Kukar;"))) == ["regency"]

    def test_what_looked_alike_before_may_change(self, check, kukar, maju):
        make_cooperative("KUD Maju", regency=kukar, nomor_induk_koperasi=N1)
        assert only(check(f"Koperasi Maju;{N1};1/BH/2010;Kukar;")).action == Action.CHANGED

    def test_two_rows_that_change_to_one_name_are_refused(self, check, kukar):
        for number in (N1, N2):
            make_cooperative(f"KSP {number}", regency=kukar, nomor_induk_koperasi=number)
        batch = check(f"KSP Baru;{N1};;Kukar;", f"KUD Baru;{N2};;Kukar;")
        assert actions(batch) == [Action.CHANGED, Action.REFUSED]

    @pytest.mark.parametrize("lines", [("KSP Maju", "KSP Jaya"), ("KSP Maju", "KSP Baru"), ("KSP Baru", "KSP Maju")])
    def test_a_number_is_given_once(self, check, kukar, maju, lines):
        make_cooperative("KSP Jaya", regency=kukar)
        batch = check(*(f"{name};{N1};;Kukar;Aktif" for name in lines))
        first, second = batch.checked_rows
        assert first.action != Action.REFUSED and refused(second)[0] == "nomor_induk_koperasi"


class TestRegency:
    @pytest.mark.parametrize("words", ["Kukar", "Kab. Kutai Kartanegara", "KUTAI  KARTANEGARA", "Kutai Kertanegara"])
    def test_is_known_by_each_of_its_spellings(self, check, kukar, words):
        assert only(check(f"KSP Maju;;;{words};Aktif")).after["regency"] == kukar.pk

    @pytest.mark.parametrize(
        ("heading", "cell"),
        [("Kode Kemendagri", "64.02"), ("Kode Kemendagri", "64,02"), ("Kode BPS", "6403")],
    )
    def test_is_known_by_its_code_in_either_system(self, check, kukar, heading, cell):
        row = only(check(f"KSP Maju;{cell};Aktif", head=f"Nama;{heading};Status"))
        assert row.after == {"name": "KSP Maju", "regency": kukar.pk, "status": "active"}

    @pytest.mark.parametrize(("heading", "cell"), [("Kode Kemendagri", 64.02), ("Kode BPS", 6403)])
    def test_is_known_by_a_code_that_the_spreadsheet_took_for_a_number(self, clerk, kukar, heading, cell):
        rows = [["Nama", heading, "Status"], ["KSP Maju", cell, "Aktif"]]
        assert only(checked(rows, kind="koperasi", by=clerk)).after["regency"] == kukar.pk

    def test_is_known_by_a_code_whose_last_zero_the_spreadsheet_dropped(self):
        assert kemendagri_code(64.1) == "64.10"

    @pytest.mark.parametrize(
        ("head", "line"),
        [
            ("Nama;Kab/Kota;Kode Kemendagri;Status", "KSP Maju;Kukar;64.07;Aktif"),
            ("Nama;Kode BPS;Kode Kemendagri;Status", "KSP Maju;6402;64.02;Aktif"),
        ],
    )
    def test_name_and_codes_that_contradict_are_refused_naming_both(self, check, head, line):
        row = only(check(line, head=head))
        assert row.action == Action.REFUSED
        assert all(name in row.problems[0]["message"] for name in ("Kutai Kartanegara", "Kutai Barat"))

    def test_that_nobody_knows_is_refused_with_what_may_be_meant(self, check):
        row = only(check("KSP Maju;;;Kutai Kartanegaro;Aktif"))
        assert refused(row) == ["regency"]
        assert (row.problems[0]["value"], row.problems[0]["suggestion"]) == ("Kutai Kartanegaro", "Kutai Kartanegara")

    def test_a_code_that_nobody_bears_is_refused(self, check):
        row = only(check("KSP Maju;64.99;Aktif", head="Nama;Kode Kemendagri;Status"))
        assert refused(row) == ["kemendagri_code"] and row.problems[0]["value"] == "64.99"

    def test_is_given_once_for_the_whole_file_and_moves_nobody(self, check, kubar, kukar):
        here = make_cooperative("KSP Lama", regency=kukar, nomor_induk_koperasi=N1)
        batch = check("KSP Maju;;Aktif", f"KSP Lama;{N1};", head="Nama;NIK;Status", regency="Kubar")
        new, old = batch.checked_rows
        assert new.after["regency"] == kubar.pk
        assert (old.found, old.action) == (here.pk, Action.UNCHANGED)

    def test_of_the_whole_file_must_agree_with_the_codes_of_a_row(self, check):
        row = only(check("KSP Maju;64.02;Aktif", head="Nama;Kode Kemendagri;Status", regency="Kubar"))
        assert refused(row) == ["regency"]


class TestDoubles:
    def test_another_spelling_in_the_regency_is_refused_and_named(self, check, maju):
        row = only(check("KUD Maju;;;Kukar;Aktif"))
        assert refused(row) == ["name"] and f"KSP Maju ({maju.pk})" in row.problems[0]["message"]
        assert row.doubles == [{"name": f"KSP Maju ({maju.pk})", "url": f"/koperasi/{maju.pk}/"}]

    @pytest.mark.parametrize("whole_file", [False, True])
    def test_with_a_reason_it_is_written_and_not_suggested_again(self, check, maju, clerk, kukar, whole_file):
        if whole_file:
            batch = check("KUD Maju;;;Kukar;Aktif", distinct_reason="lain akta")
        else:
            batch = check(
                "KUD Maju;;;Kukar;Aktif;lain akta", head="Nama;NIK;No BH;Kab;Status;mengapa ini koperasi lain"
            )
        apply(batch, by=clerk)
        new = Cooperative.objects.get(name="KUD Maju")
        pair = DistinctPair.objects.get()
        assert (pair.lower, pair.higher, pair.reason, pair.by) == (maju, new, "lain akta", clerk)
        assert candidates(name="KUD Maju", regency_id=kukar.pk, pk=new.pk) == []

    @pytest.mark.parametrize(
        "second", [f"KUD Maju;{N1};;Kukar;Aktif", f"KSP Maju;{N1};;Kukar;Aktif", f"KSP Jaya;{N1};1/BH/2010;Kubar;Aktif"]
    )
    def test_two_rows_of_a_file_are_compared_as_well(self, check, clerk, monkeypatch, second):
        for module in (checking, applying):
            monkeypatch.setattr(module, "CHUNK", 1)
        lines = ("KSP Maju;;1/BH/2010;Kukar;Aktif", second)
        batch = check(*lines)
        assert actions(batch) == [Action.NEW, Action.REFUSED]
        assert "2" in batch.checked_rows[1].doubles[0]["name"]
        apply(check(*lines, distinct_reason="lain akta"), by=clerk)
        pair = DistinctPair.objects.get()
        assert {pair.lower_id, pair.higher_id} == set(Cooperative.objects.values_list("pk", flat=True))

    def test_a_name_that_an_earlier_row_gives_to_a_known_one_is_there(self, check, clerk, kukar):
        known = make_cooperative("KSP Lama", regency=kukar, nomor_induk_koperasi=N1)
        lines = (f"KSP Baru;{N1};;Kukar;", "KUD Baru;;;Kukar;Aktif")
        assert actions(check(*lines)) == [Action.CHANGED, Action.REFUSED]
        apply(check(*lines, distinct_reason="lain akta"), by=clerk)
        new = Cooperative.objects.get(name="KUD Baru")
        assert DistinctPair.objects.values_list("lower", "higher").get() == (known.pk, new.pk)

    def test_rows_without_a_regency_resemble_those_of_any(self, check):
        batch = check("KSP Maju;;;Kukar;Aktif", "KUD Maju;;;;Aktif", "KSU Maju;;;Kubar;Aktif")
        assert actions(batch) == [Action.NEW, Action.REFUSED, Action.REFUSED]

    def test_a_reason_says_nothing_of_one_that_came_later(self, check, clerk, kukar, maju):
        batch = check("KUD Maju;;;Kukar;Aktif", distinct_reason="lain akta")
        make_cooperative("KSU Maju", regency=kukar)
        apply(batch, by=clerk, only_good=True)
        assert only(batch).fate == Fate.LEFT

    def test_a_reason_for_one_that_is_gone_by_now_does_no_harm(self, check, clerk, kukar, maju):
        batch = check("KUD Maju;;;Kukar;Aktif", distinct_reason="lain akta")
        Cooperative.objects.filter(pk=maju.pk).update(voided_at=timezone.now(), void_reason="salah")
        maju.status_periods.all().delete()
        Cooperative.objects.filter(pk=maju.pk).delete()
        apply(batch, by=clerk)
        assert not DistinctPair.objects.exists() and Cooperative.objects.get().name == "KUD Maju"

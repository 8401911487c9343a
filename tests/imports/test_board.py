"""Members of boards from files: a row for each person or a column for each office, and phones that stay private."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from common.models import DataVersion
from cooperatives.importers.board import name_and_phone
from cooperatives.models import BoardMember, Cooperative, Form
from imports import applying, checking
from imports.applying import apply, undo
from imports.cells import CellRefused
from imports.models import ImportRefused, ImportRow
from tests.factories import make_cooperative, make_form, make_regency, make_user
from tests.imports.uploads import actions, checked, only, refused

pytestmark = pytest.mark.django_db

KIND = "pengurus"
NUMBER = "3275070060001"
PEOPLE = "NIK;Nama pengurus;Jabatan;Periode mulai;Periode akhir;No Telp"
Action, Fate, Position = ImportRow.Action, ImportRow.Fate, BoardMember.Position


@pytest.fixture
def kukar():
    return make_regency("Kutai Kartanegara", synonyms="Kukar")


@pytest.fixture
def clerk():
    return make_user("staf_provinsi")


@pytest.fixture
def maju(kukar):
    return make_cooperative("KSP Maju Bersama", regency=kukar, nomor_induk_koperasi=NUMBER)


@pytest.fixture
def check(clerk, maju):
    def make(*lines, by=clerk, **constants):
        return checked(lines, kind=KIND, by=by, **constants)

    return make


def board(cooperative):
    return set(cooperative.board.values_list("position", "name", "phone"))


def parts(batch):
    return {row.part: row for row in batch.checked_rows}


class TestRowForEachPerson:
    def test_brings_name_office_term_and_phone(self, check, maju, clerk):
        batch = check(PEOPLE, f"{NUMBER};Budi Santoso;Ketua;2023;2028;0812 3456 7890", f"{NUMBER};Siti;bendahara;;;-")
        apply(batch, by=clerk)
        assert board(maju) == {("chair", "Budi Santoso", "0812 3456 7890"), ("treasurer", "Siti", "")}
        budi = maju.board.get(position="chair")
        assert (budi.term_from, budi.term_until) == (2023, 2028)
        told = budi.history.get()
        assert (told.history_type, told.history_user, told.history_change_reason) == ("+", clerk, batch.reason)

    @pytest.mark.parametrize(
        ("typed", "position"),
        [
            ("KETUA", "chair"),
            ("Wakil Ketua", "vice_chair"),
            ("Sekretaris", "secretary"),
            ("Ketua Pengawas", "supervisor_chair"),
            ("anggota pengawas", "supervisor"),
            ("Manager", "manager"),
            ("treasurer", "treasurer"),
        ],
    )
    def test_knows_the_offices_by_their_words(self, check, typed, position):
        assert only(check("NIK;Nama pengurus;Jabatan", f"{NUMBER};Budi;{typed}")).after["position"] == position

    @pytest.mark.parametrize(
        ("cells", "field"),
        [("Budi;", "position"), (";Ketua", "member"), ("Budi;Kepala", "position"), ("08123456789;Ketua", "member")],
    )
    def test_without_a_name_or_a_known_office_is_refused(self, check, cells, field):
        assert refused(only(check("NIK;Nama pengurus;Jabatan", f"{NUMBER};{cells}"))) == [field]

    def test_that_names_nobody_is_no_row(self, check):
        assert actions(check("NIK;Nama pengurus;Jabatan;Email", f"{NUMBER};;;a@contoh.id")) == []

    def test_of_a_cooperative_that_is_not_in_the_register_is_refused(self, check):
        batch = check("Nama koperasi;Kab/Kota;Nama pengurus;Jabatan", "KSP Lain;Kukar;Budi;Ketua")
        assert refused(only(batch)) == ["name"]

    def test_twice_about_the_same_person_is_refused(self, check):
        batch = check("NIK;Nama pengurus;Jabatan", f"{NUMBER};Budi;Ketua", f"{NUMBER};BUDI;ketua")
        assert actions(batch) == [Action.NEW, Action.REFUSED]


class TestColumnForEachOffice:
    def test_brings_a_person_for_each(self, check, maju, clerk):
        head = "NIK;NAMA/NO. TELP KETUA;NAMA SEKRETARIS;BENDAHARA;Pengawas;Nama Manajer"
        batch = check(head, f"{NUMBER};Budi / 0812 3456 7890;Siti;Ali, S.E.;;Joko", term_from="2023")
        assert parts(batch).keys() == {"chair", "secretary", "treasurer", "manager"}
        apply(batch, by=clerk)
        assert board(maju) == {
            ("chair", "Budi", "0812 3456 7890"),
            ("secretary", "Siti", ""),
            ("treasurer", "Ali, S.E.", ""),
            ("manager", "Joko", ""),
        }
        assert set(maju.board.values_list("term_from", flat=True)) == {2023}

    def test_below_a_common_heading_is_known(self, clerk, maju):
        rows = [["NIK", "PENGURUS", None], [None, "KETUA", "BENDAHARA"], [NUMBER, "Budi", "Siti"]]
        assert parts(checked(rows, kind=KIND, by=clerk)).keys() == {"chair", "treasurer"}

    def test_that_could_not_be_read_keeps_out_that_person_alone(self, check, maju, clerk):
        batch = check("NIK;Ketua;Sekretaris", f"{NUMBER};08123456789;Siti")
        found = parts(batch)
        assert refused(found["chair"]) == ["chair"] and found["secretary"].action == Action.NEW
        apply(batch, by=clerk, only_good=True)
        assert board(maju) == {("secretary", "Siti", "")}

    def test_keeps_out_everybody_where_the_cooperative_could_not_be_read(self, check, maju):
        head = "Nama koperasi;Kab/Kota;NIK;Ketua;Sekretaris"
        batch = check(head, "KSP Maju Bersama;Kukar;327507006000;Budi;Siti")
        assert [refused(row) for row in batch.checked_rows] == [["nomor_induk_koperasi"]] * 2


class TestPhone:
    @pytest.mark.parametrize(
        ("typed", "name", "phone"),
        [
            ("Budi", "Budi", ""),
            ("Budi / 0812 3456 7890", "Budi", "0812 3456 7890"),
            ("H. Budi, S.E. (0812-3456-7890)", "H. Budi, S.E.", "0812-3456-7890"),
            ("Budi, HP: +62 812 3456 789", "Budi", "+62 812 3456 789"),
            ("Budi No. Telp. (0541) 123456", "Budi", "(0541) 123456"),
            ("081234567890 Budi", "Budi", "081234567890"),
            ("Budi 0812345678 / 0856789012", "Budi", "0812345678 / 0856789012"),
            ("Sutrisno II", "Sutrisno II", ""),
            ("Budi (..........)", "Budi", ""),
        ],
    )
    def test_is_told_from_the_name(self, typed, name, phone):
        assert name_and_phone(typed) == f"{name}\n{phone}"

    @pytest.mark.parametrize("typed", ["0812 3456 7890", "3", "Budi 0812/3456/7890", "Budi " + "081234567890 / " * 3])
    def test_that_cannot_be_told_from_the_name_is_refused(self, typed):
        with pytest.raises(CellRefused):
            name_and_phone(typed)

    def test_is_taken_out_of_the_column_of_names_too(self, check):
        row = only(check("NIK;Nama pengurus;Jabatan", f"{NUMBER};Budi / 0812 3456 7890;Ketua"))
        assert (row.after["name"], row.after["phone"]) == ("Budi", "0812 3456 7890")

    def test_and_mail_are_in_no_public_page_and_no_file(self, check, maju, clerk, client):
        head = "NIK;Ketua;Nama pengurus;Jabatan;HP;Surel"
        apply(check(head, f"{NUMBER};Budi / 0812 3456 7890;Siti;Bendahara;0811 222 333;siti@contoh.id"), by=clerk)
        assert maju.board.filter(phone="0812 3456 7890").exists() and maju.board.filter(email="siti@contoh.id").exists()
        cache.clear()
        pages = [client.get(path) for path in (maju.get_absolute_url(), f"/api/v1/cooperatives/{maju.pk}/")]
        assert all(b"Budi" in page.content and b"Siti" in page.content for page in pages)
        shown = b"".join(page.content for page in pages)
        for form in ("csv", "json"):
            shown += b"".join(client.get("/koperasi/", {"format": form}).streaming_content)
        for private in (b"3456", b"0811 222", b"siti@contoh"):
            assert private not in shown


class TestKnownPerson:
    def test_again_is_unchanged(self, check, maju, clerk):
        lines = (PEOPLE, f"{NUMBER};Budi Santoso;Ketua;2023;2028;0812 3456 7890")
        apply(check(*lines), by=clerk)
        assert actions(check(*lines)) == [Action.UNCHANGED]
        assert actions(check("NIK;Ketua", f"{NUMBER};BUDI  SANTOSO")) == [Action.UNCHANGED], "written another way"

    def test_keeps_what_the_file_does_not_say(self, check, maju, clerk):
        budi = BoardMember.objects.create(cooperative=maju, name="Budi", position="chair", term_from=2020, phone="0541")
        row = only(check(PEOPLE, f"{NUMBER};Budi;Ketua;;2025;"))
        assert (row.action, row.after) == (Action.CHANGED, {"term_until": 2025})
        apply(row.batch, by=clerk)
        budi.refresh_from_db()
        assert (budi.term_from, budi.term_until, budi.phone) == (2020, 2025, "0541")

    def test_of_several_terms_is_the_term_that_the_file_names_or_the_newest(self, check, maju):
        first, _undated, newest = (
            BoardMember.objects.create(cooperative=maju, name="Budi", position="chair", term_from=year)
            for year in (2015, None, 2020)
        )
        found = [
            only(check(PEOPLE, f"{NUMBER};Budi;Ketua;{begin};2026;")).found for begin in ("2015", "2020", "", "2021")
        ]
        assert found == [first.pk, newest.pk, newest.pk, newest.pk]

    @pytest.mark.parametrize("cells", ["2023;2020", ";2010"])
    def test_or_new_one_never_ends_a_term_before_it_begins(self, check, maju, cells):
        BoardMember.objects.create(cooperative=maju, name="Siti", position="chair", term_from=2015)
        name = "Budi" if cells.startswith("2023") else "Siti"
        assert refused(only(check(PEOPLE, f"{NUMBER};{name};Ketua;{cells};"))) == ["term_until"]

    def test_in_an_office_of_one_is_shown_beside_a_newcomer(self, check, maju):
        for name, position, begin in (
            ("Lama", "chair", 2015),
            ("Budi", "chair", 2020),
            ("Ali", "supervisor", 2020),
        ):
            BoardMember.objects.create(cooperative=maju, name=name, position=position, term_from=begin)
        found = parts(check("NIK;Ketua;Pengawas", f"{NUMBER};Siti;Joko"))
        assert found["chair"].action == Action.NEW and found["chair"].doubles == [{"name": "Ketua: Budi"}]
        assert found["supervisor"].doubles == []
        assert parts(check("NIK;Ketua", f"{NUMBER};Budi"))["chair"].doubles == []


class TestWhose:
    def test_board_an_officer_fills_is_that_of_the_own_office(self, check, kukar):
        make_cooperative(regency=kukar, nomor_induk_koperasi="3275070060002", form=make_form(Form.Level.PROVINCE))
        officer = make_user("petugas", regency=kukar)
        batch = check("NIK;Ketua", f"{NUMBER};Budi", "3275070060002;Siti", by=officer)
        assert actions(batch) == [Action.NEW, Action.REFUSED]
        apply(batch, by=officer, only_good=True)
        assert set(BoardMember.objects.values_list("name", flat=True)) == {"Budi"}

    @pytest.mark.parametrize("known", [False, True])
    def test_cooperative_was_voided_since_the_check_so_the_row_is_left(self, check, maju, clerk, known):
        if known:
            BoardMember.objects.create(cooperative=maju, name="Budi", position="chair")
        batch = check(PEOPLE, f"{NUMBER};Budi;Ketua;2020;;")
        Cooperative.objects.filter(pk=maju.pk).update(voided_at=timezone.now(), void_reason="salah")
        with pytest.raises(ImportRefused):
            apply(batch, by=clerk)
        batch.refresh_from_db()
        apply(batch, by=clerk, only_good=True)
        assert only(batch).fate == Fate.LEFT and not BoardMember.objects.filter(term_from=2020).exists()

    def test_person_was_entered_or_edited_since_the_check_so_the_row_is_left(self, check, maju, clerk):
        budi = BoardMember.objects.create(cooperative=maju, name="Budi", position="chair")
        batch = check("NIK;Ketua;Sekretaris", f"{NUMBER};Budi / 0812 3456 7890;Siti")
        budi.term_until = 2024
        budi.save()
        BoardMember.objects.create(cooperative=maju, name="SITI", position="secretary")
        apply(batch, by=clerk, only_good=True)
        assert {row.fate for row in batch.checked_rows} == {Fate.LEFT}
        assert board(maju) == {("chair", "Budi", ""), ("secretary", "SITI", "")}


class TestUndo:
    def test_takes_out_who_came_restores_who_was_and_leaves_who_was_edited_since(self, check, maju, clerk):
        for name, position in (("Budi", "chair"), ("Siti", "secretary")):
            BoardMember.objects.create(cooperative=maju, name=name, position=position, phone="0541")
        phones = "Budi / 0812 3456 7890;Siti / 0812 3456 7891;Ali;Joko"
        batch = check("NIK;Ketua;Sekretaris;Bendahara;Pengawas", f"{NUMBER};{phones}")
        apply(batch, by=clerk)
        for position in ("secretary", "supervisor"):
            edited = maju.board.get(position=position)
            edited.term_from = 2024
            edited.save()
        undo(batch, by=clerk, reason="berkas salah")
        assert board(maju) == {
            ("chair", "Budi", "0541"),
            ("secretary", "Siti", "0812 3456 7891"),
            ("supervisor", "Joko", ""),
        }
        fates = {part: row.fate for part, row in parts(batch).items()}
        assert fates == {
            "chair": Fate.RESTORED,
            "secretary": Fate.KEPT,
            "treasurer": Fate.DELETED,
            "supervisor": Fate.KEPT,
        }

    def test_and_import_take_the_next_version_of_cooperative_and_public_data(self, check, maju, clerk):
        seen = []
        batch = check("NIK;Ketua", f"{NUMBER};Budi")
        for step in (lambda: None, lambda: apply(batch, by=clerk), lambda: undo(batch, by=clerk, reason="salah")):
            step()
            maju.refresh_from_db()
            seen.append((maju.version, DataVersion.read("cooperatives")["cooperatives"][0]))
        assert seen[0][0] < seen[1][0] < seen[2][0]
        assert [number - seen[0][1] for _version, number in seen] == [0, 1, 2]


def test_a_chunk_takes_a_fixed_number_of_queries(check, clerk, kukar, monkeypatch):
    for module in (checking, applying):
        monkeypatch.setattr(module, "CHUNK", 10)
    costs = []
    for size in (5, 10, 20, 30):
        numbers = [f"32750700{size:02}{n:03}" for n in range(size)]
        for number in numbers:
            make_cooperative(regency=kukar, nomor_induk_koperasi=number)
        with CaptureQueriesContext(connection) as checks:
            batch = check("NIK;Ketua", *(f"{number};Budi" for number in numbers))
        with CaptureQueriesContext(connection) as writes:
            apply(batch, by=clerk)
        with CaptureQueriesContext(connection) as undone:
            undo(batch, by=clerk, reason="berkas salah")
        costs.append((len(checks), len(writes), len(undone)))
    _first, one, two, three = costs
    assert [b - a for a, b in zip(one, two, strict=True)] == [b - a for a, b in zip(two, three, strict=True)]

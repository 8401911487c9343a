"""Check, apply and undo, with the smallest importer that there can be."""

import itertools

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.models import ChangedMeanwhile
from figures.models import Figure, Source
from imports import applying, checking
from imports.applying import apply, undo
from imports.checking import check
from imports.headings import guess_columns, guess_head, headings_of, remember
from imports.models import ImportBatch, ImportRefused, ImportRow
from tests.factories import make_figure, make_user
from tests.imports.sources import SourceImporter, known, make_batch

pytestmark = pytest.mark.django_db

HEAD = "Kunci;Judul;Penerbit;Tgl"
State, Action, Fate = ImportBatch.State, ImportRow.Action, ImportRow.Fate


@pytest.fixture
def clerk():
    return make_user("staf_provinsi")


@pytest.fixture
def file_of(clerk, monkeypatch, tmp_path, settings):
    """file_of("a;Satu;Dinas;") gives a batch that was read and whose columns were guessed."""
    known(monkeypatch)
    settings.MEDIA_ROOT = tmp_path
    numbers = itertools.count()

    def make(*lines, head=HEAD, **values):
        return make_batch(clerk, [head, *lines], f"berkas{next(numbers)}", **values)

    return make


def rows_of(batch):
    return {row.number: row for row in batch.checked_rows}


class TestHeading:
    def test_is_found_below_titles_and_blank_rows(self):
        rows = {1: ["DAFTAR SUMBER"], 3: ["Tahun 2024", None], 5: ["No", "KUNCI", "Judul", "Penerbit"], 6: [1.0, "a"]}
        assert guess_head(SourceImporter, rows) == (5, 1)

    def test_of_two_rows_is_read_downwards_below_merged_cells(self):
        rows = {1: ["Kunci", "Anggota", None, "Judul"], 2: [None, "L", "P", None], 3: ["a", 1.0, 2.0, "Satu"]}
        assert headings_of(rows, 1, 2, [(1, 2, 1, 3)]) == ["Kunci", "Anggota L", "Anggota P", "Judul"]
        # Without the mark of the merging an empty cell above a lower heading still belongs to its left neighbour.
        assert headings_of(rows, 1, 2) == ["Kunci", "Anggota L", "Anggota P", "Judul"]

    @pytest.mark.parametrize("numbers", [["1", "2", "3"], ["(1)", "(2)", "(3)"], [1.0, 2.0, 3.0]])
    def test_takes_the_row_that_numbers_its_columns_along(self, numbers):
        rows = {1: ["DAFTAR"], 2: ["Kunci", "Judul", "Penerbit"], 3: numbers, 4: ["a", "Satu", "Dinas"]}
        assert guess_head(SourceImporter, rows) == (2, 2)
        assert headings_of(rows, 2, 2) == ["Kunci", "Judul", "Penerbit"]

    @pytest.mark.parametrize("row", [["1", "2"], ["1", "3", "2"], ["1", "Satu", "3"]])
    def test_leaves_a_first_row_of_data_alone(self, row):
        assert guess_head(SourceImporter, {1: ["Kunci", "Judul", "Penerbit"], 2: row}) == (1, 1)

    def test_that_nobody_knows_is_the_first_row(self):
        assert guess_head(SourceImporter, {2: ["x", "y"], 3: ["1", "2"]}) == (2, 1)

    @pytest.mark.django_db
    def test_unknown_columns_stay_undecided_and_each_field_is_filled_once(self):
        assert guess_columns(SourceImporter, ["No", "KUNCI", "Warna", "id", ""]) == ["-", "key", "", "", "-"]

    @pytest.mark.django_db
    def test_what_was_decided_is_remembered_for_the_next_file(self):
        remember(SourceImporter, ["Warna", "Nama"], ["-", "title"])
        assert guess_columns(SourceImporter, ["WARNA", "nama"]) == ["-", "title"]
        remember(SourceImporter, ["Nama"], ["publisher"])
        assert guess_columns(SourceImporter, ["nama"]) == ["publisher"]


class TestCheck:
    def test_sorts_every_row_and_writes_nothing(self, file_of, clerk):
        Source.objects.create(key="lama", title="Lama", publisher="Dinas")
        Source.objects.create(key="sama", title="Sama", publisher="Dinas")
        batch = file_of("baru;Baru;Dinas;1/2/2024", "lama;Baharu;Dinas;", "sama;Sama;Dinas;", ";salah;Dinas;2024")
        check(batch, by=clerk)
        rows = rows_of(batch)
        assert [rows[number].action for number in (2, 3, 4, 5)] == ["new", "changed", "unchanged", "refused"]
        assert rows[2].after == {"key": "baru", "title": "Baru", "publisher": "Dinas", "published_on": "2024-02-01"}
        assert (rows[3].before, rows[3].after) == ({"title": "Lama"}, {"title": "Baharu"})
        assert batch.state == State.CHECKED
        assert batch.summary["counts"] == {"new": 1, "changed": 1, "unchanged": 1, "refused": 1}
        assert batch.summary["places"] == [["Dinas", 3, 2]]
        assert Source.objects.count() == 2 and Source.objects.get(key="lama").title == "Lama"

    def test_says_every_problem_of_a_row_with_what_stood_there(self, file_of, clerk):
        batch = file_of("a;salah;Dinas;31/02/2024")
        check(batch, by=clerk)
        (row,) = batch.checked_rows
        assert [(p["column"], p["value"]) for p in row.problems] == [("Tgl", "31/02/2024"), ("judul", "salah")]
        assert all(p["message"] for p in row.problems)

    def test_a_second_row_about_the_same_record_is_refused(self, file_of, clerk):
        Source.objects.create(key="lama", title="Lama", publisher="Dinas")
        batch = file_of("a;Satu;D;", "a;Dua;D;", "lama;X;D;", "lama;Y;D;")
        check(batch, by=clerk)
        assert [row.action for row in batch.checked_rows] == ["new", "refused", "changed", "refused"]

    def test_blank_rows_are_counted_and_further_cells_refused(self, file_of, clerk):
        batch = file_of("a;Satu;D;", ";;;", "", "b;Dua;D;;lebih")
        check(batch, by=clerk)
        assert (batch.summary["rows"], batch.summary["blank"]) == (2, 2)
        assert rows_of(batch)[5].action == Action.REFUSED

    def test_an_empty_cell_changes_nothing_and_the_word_for_it_empties(self, file_of, clerk):
        Source.objects.create(key="a", title="Satu", publisher="D", url="https://contoh.id", published_on="2024-01-01")
        batch = file_of("a;Satu;D;;(kosong)", head=f"{HEAD};tautan")
        check(batch, by=clerk)
        (row,) = batch.checked_rows
        assert row.after == {"url": None}
        apply(batch, by=clerk)
        source = Source.objects.get(key="a")
        assert (source.url, str(source.published_on)) == ("", "2024-01-01")

    def test_waits_for_a_decision_about_every_column(self, file_of, clerk):
        batch = file_of("a;Satu;D;;biru", head=f"{HEAD};Warna")
        with pytest.raises(ImportRefused, match="Warna"):
            check(batch, by=clerk)

    def test_names_a_field_that_no_column_gives(self, file_of, clerk):
        batch = file_of("a;Satu", head="Kunci;Judul")
        with pytest.raises(ImportRefused, match="penerbit"):
            check(batch, by=clerk)
        batch.refresh_from_db()
        batch.constants = {"publisher": "Dinas"}
        batch.save()
        check(batch, by=clerk)
        assert batch.checked_rows.get().after["publisher"] == "Dinas"

    def test_again_forgets_the_former_result(self, file_of, clerk):
        batch = file_of("a;Satu;D;")
        check(batch, by=clerk)
        check(batch, by=clerk)
        assert batch.rows.count() == batch.checked_rows.count() == 1

    def test_that_was_overtaken_does_not_count(self, file_of, clerk):
        batch = file_of("a;Satu;D;")
        late = ImportBatch.objects.get(pk=batch.pk)
        check(batch, by=clerk)
        with pytest.raises(ChangedMeanwhile):
            check(late, by=clerk)
        assert batch.checked_rows.count() == 1

    def test_takes_a_fixed_number_of_queries_for_a_chunk(self, file_of, clerk, monkeypatch):
        monkeypatch.setattr(checking, "CHUNK", 20)
        counts = []
        for size in (20, 40):
            batch = file_of(*(f"k{size}-{n};Judul;D;" for n in range(size)))
            with CaptureQueriesContext(connection) as captured:
                check(batch, by=clerk)
            counts.append(len(captured))
        # The second chunk costs a look, and an insert between two savepoints.
        assert counts[1] - counts[0] == 4


class TestApply:
    def checked(self, file_of, clerk, *lines):
        batch = file_of(*lines)
        check(batch, by=clerk)
        return batch

    def test_writes_with_history_and_only_the_columns_of_the_file(self, file_of, clerk):
        old = Source.objects.create(key="lama", title="Lama", publisher="Dinas", url="https://contoh.id/1")
        batch = self.checked(file_of, clerk, "baru;Baru;Dinas;", "lama;Baharu;Dinas;2 Maret 2024")
        apply(batch, by=clerk)
        old.refresh_from_db()
        assert (old.title, str(old.published_on), old.url, old.version) == (
            "Baharu",
            "2024-03-02",
            "https://contoh.id/1",
            2,
        )
        for source, kind in ((old, "~"), (Source.objects.get(key="baru"), "+")):
            entry = source.history.first()
            assert (entry.history_type, entry.history_user, entry.title) == (kind, clerk, source.title)
            assert str(batch.pk) in entry.history_change_reason and batch.name in entry.history_change_reason
        assert set(batch.checked_rows.values_list("fate", flat=True)) == {Fate.WRITTEN}
        assert batch.state == State.APPLIED and batch.lock_ms is not None

    def test_is_all_or_nothing_unless_the_good_rows_are_wanted(self, file_of, clerk):
        batch = self.checked(file_of, clerk, "a;Satu;D;", "b;salah;D;")
        with pytest.raises(ImportRefused):
            apply(batch, by=clerk)
        assert not Source.objects.exists()
        batch.refresh_from_db()
        assert batch.state == State.CHECKED
        apply(batch, by=clerk, only_good=True)
        assert list(Source.objects.values_list("key", flat=True)) == ["a"]

    def test_a_second_time_changes_nothing(self, file_of, clerk):
        batch = self.checked(file_of, clerk, "a;Satu;D;")
        late = ImportBatch.objects.get(pk=batch.pk)
        apply(batch, by=clerk)
        with pytest.raises((ImportRefused, ChangedMeanwhile)):
            apply(late, by=clerk)
        with pytest.raises(ImportRefused):
            apply(batch, by=clerk)
        assert Source.objects.count() == 1 and Source.history.count() == 1

    @pytest.mark.parametrize("only_good", [False, True])
    def test_what_changed_since_the_check_is_never_overwritten(self, file_of, clerk, only_good):
        source = Source.objects.create(key="lama", title="Lama", publisher="D")
        batch = self.checked(file_of, clerk, "a;Satu;D;", "lama;Dari berkas;D;", "b;Dua;D;")
        Source.objects.filter(pk=source.pk).update(title="Dari orang", version=2)
        Source.objects.create(key="b", title="Dari orang", publisher="D")
        if only_good:
            apply(batch, by=clerk, only_good=True)
            assert Source.objects.filter(key="a").exists()
            assert [row.fate for row in batch.checked_rows] == [Fate.WRITTEN, Fate.LEFT, Fate.LEFT]
        else:
            with pytest.raises(ImportRefused):
                apply(batch, by=clerk)
            assert not Source.objects.filter(key="a").exists()
        assert set(Source.objects.exclude(key="a").values_list("title", flat=True)) == {"Dari orang"}

    def test_takes_a_fixed_number_of_queries_for_a_chunk(self, file_of, clerk, monkeypatch):
        monkeypatch.setattr(applying, "CHUNK", 20)
        counts = []
        for size in (20, 40, 60):
            batch = self.checked(file_of, clerk, *(f"k{size}-{n};Judul;D;" for n in range(size)))
            with CaptureQueriesContext(connection) as captured:
                apply(batch, by=clerk)
            counts.append(len(captured))
        assert counts[1] - counts[0] == counts[2] - counts[1]

    @pytest.mark.postgresql
    def test_has_the_planner_look_at_tables_that_multiply(self, file_of, clerk, monkeypatch):
        monkeypatch.setattr(applying, "CHUNK", 10)
        looks = []
        for numbers in (range(90), range(90, 170)):
            batch = self.checked(file_of, clerk, *(f"k{n};Judul;D;" for n in numbers))
            with CaptureQueriesContext(connection) as captured:
                apply(batch, by=clerk)
            looks.append([query["sql"] for query in captured if "ANALYZE" in query["sql"]])
        # After 10 and 40 rows of the first file; the second does not double what is there.
        assert [len(found) for found in looks] == [2, 0]
        known = "SELECT DISTINCT tablename FROM pg_stats WHERE tablename = ANY(%s)"
        tables = {Source._meta.db_table, Source.history.model._meta.db_table}
        with connection.cursor() as cursor:
            cursor.execute(known, [list(tables)])
            assert {name for (name,) in cursor} == tables

    def test_the_same_file_is_known_again(self, file_of, clerk):
        first, again = self.checked(file_of, clerk, "a;Satu;D;"), file_of("a;Satu;D;")
        assert not ImportBatch.objects.of_same_file(again)
        apply(first, by=clerk)
        assert list(ImportBatch.objects.of_same_file(again)) == [first]


class TestUndo:
    @pytest.fixture
    def applied(self, file_of, clerk):
        Source.objects.create(key="lama", title="Lama", publisher="D", published_on="2020-01-01")
        Source.objects.create(key="tua", title="Tua", publisher="D")
        batch = file_of("a;Satu;D;", "b;Dua;D;", "lama;Baharu;D;2/3/2024", "tua;Muda;D;")
        check(batch, by=clerk)
        apply(batch, by=clerk)
        return batch

    def test_gives_back_what_stood_there_and_deletes_what_it_brought(self, applied, clerk):
        undo(applied, by=clerk, reason="berkas tahun lalu")
        assert list(Source.objects.order_by("key").values_list("key", "title")) == [("lama", "Lama"), ("tua", "Tua")]
        lama = Source.objects.get(key="lama")
        assert str(lama.published_on) == "2020-01-01" and lama.version == 3
        assert "berkas tahun lalu" in lama.history.first().history_change_reason
        gone = Source.history.filter(key="a").latest()
        assert (gone.history_type, gone.history_user) == ("-", clerk)
        assert "berkas tahun lalu" in gone.history_change_reason
        assert [row.fate for row in applied.checked_rows] == [Fate.DELETED] * 2 + [Fate.RESTORED] * 2

    def test_leaves_what_somebody_edited_since_and_lists_it(self, applied, clerk):
        Source.objects.filter(key__in=["a", "lama"]).update(title="Dari orang", version=7)
        make_figure(source=Source.objects.get(key="b"))
        undo(applied, by=clerk, reason="salah")
        assert set(Source.objects.values_list("key", "title")) == {
            ("a", "Dari orang"),
            ("b", "Dua"),
            ("lama", "Dari orang"),
            ("tua", "Tua"),
        }
        assert [row.fate for row in applied.checked_rows] == [Fate.KEPT, Fate.KEPT, Fate.KEPT, Fate.RESTORED]
        assert Figure.objects.count() == 1

    def test_needs_a_reason_and_happens_once(self, applied, clerk):
        with pytest.raises(ImportRefused):
            undo(applied, by=clerk, reason=" ")
        undo(applied, by=clerk, reason="salah")
        with pytest.raises(ImportRefused):
            undo(applied, by=clerk, reason="salah")

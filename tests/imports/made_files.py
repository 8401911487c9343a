"""Files that no spreadsheet program would write, made byte by byte: XLSX and ODS as archives, XLS as records."""

import io
import struct
import zipfile

import xlsxwriter

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"


def archive(parts, compression=zipfile.ZIP_DEFLATED):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as book:
        for name, content in parts.items():
            book.writestr(name, content)
    return target.getvalue()


def xlsx_parts(data='<row r="1"><c r="A1"><v>1</v></c></row>', *, before="", after="", strings="", properties=""):
    """The parts of a workbook whose one sheet has this inside its sheetData."""
    return {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" '
        'ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{DOCUMENT}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT}"><workbookPr {properties}/><sheets>'
        '<sheet name="Satu" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{DOCUMENT}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" '
        f'Type="{DOCUMENT}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{strings}</sst>',
        "xl/worksheets/sheet1.xml": (
            f'<worksheet xmlns="{MAIN}">{before}<sheetData>{data}</sheetData>{after}</worksheet>'
        ),
    }


def xlsx(*args, **kwargs):
    return archive(xlsx_parts(*args, **kwargs))


def written(fill, **options):
    """A workbook by xlsxwriter; `fill(book)` fills it."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, options) as book:
        fill(book)
    return target.getvalue()


def ods_parts(tables):
    content = (
        '<office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x" xmlns:calcext="c">'
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    return {"mimetype": ODS_TYPE, "content.xml": content, "META-INF/manifest.xml": "<manifest/>"}


def ods(rows, **more):
    return archive({**ods_parts(f'<table:table table:name="Satu">{rows}</table:table>'), **more})


def compound(streams):
    """An OLE container with these streams, each long enough for sectors of its own."""
    none, end, table = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    fat, body, entries = [table, end], b"", []
    for name, content in streams.items():
        padded = content.ljust(max(4096, -(-len(content) // 512) * 512), b"\0")
        start, count = len(fat), len(padded) // 512
        fat += [*range(start + 1, start + count), end]
        body += padded
        entries.append(_entry(name, 2, start, len(padded)))
    listing = (_entry("Root Entry", 5, end, 0, child=1 if entries else none) + b"".join(entries)).ljust(512, b"\0")
    assert len(fat) <= 128 and len(listing) == 512
    fat += [none] * (128 - len(fat))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + bytes(10)
    header += struct.pack("<7I", 1, 1, 0, 4096, end, 0, end)[0:0]
    header += struct.pack("<I", 1) + struct.pack("<I", 1) + bytes(4) + struct.pack("<5I", 4096, end, 0, end, 0)
    header += struct.pack("<109I", 0, *[none] * 108)
    return header + struct.pack("<128I", *fat) + listing + body


def _entry(name, kind, start, size, child=0xFFFFFFFF):
    raw = name.encode("utf-16-le") + b"\0\0"
    entry = raw.ljust(64, b"\0") + struct.pack("<HBB3I", len(raw), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
    return entry + bytes(36) + struct.pack("<2I", start, size) + bytes(4)


def record(kind, content=b""):
    return struct.pack("<2H", kind, len(content)) + content


def biff(cells, *, in_globals=b"", kind=0, date1904=False):
    """The stream of a workbook in BIFF8 with one sheet of these records."""
    bof = struct.pack("<2H3HI", 0x0600, 0x0005, 0, 0, 0, 0)[:12] + bytes(4)
    before = record(0x0809, bof) + in_globals + record(0x0022, struct.pack("<H", date1904))
    # The first format shows numbers as they are, the second as days.
    before += record(0x00E0, struct.pack("<2H", 0, 0) + bytes(16)) + record(
        0x00E0, struct.pack("<2H", 0, 14) + bytes(16)
    )
    place = len(before) + 4 + 12 + 4
    before += record(0x0085, struct.pack("<I2B", place, 0, kind) + b"\x04\x00Satu") + record(0x000A)
    assert len(before) == place
    sheet = struct.pack("<2H", 0x0600, 0x0010) + bytes(12)
    return before + record(0x0809, sheet) + cells + record(0x000A)


def xls(cells, **options):
    return compound({"Workbook": biff(cells, **options)})


def xls_text(row, column, text):
    return record(0x0204, struct.pack("<4HB", row, column, 0, len(text), 0) + text.encode("ascii"))


def xls_number(row, column, number, style=0):
    return record(0x0203, struct.pack("<3Hd", row, column, style, number))


def xls_error(row, column, code):
    return record(0x0205, struct.pack("<3H2B", row, column, 0, code, 1))

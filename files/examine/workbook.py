"""XLSX as an attachment: every part unpacked and counted, nothing active in it, and every sheet readable to its end."""

import python_calamine

from files.examine import MOST_UNPACKED, Unreadable
from files.examine.archive import Archive

MAIN = b"spreadsheetml.sheet.main+xml"
# Where a workbook keeps documents and controls of other programs.
FOREIGN = ("xl/embeddings/", "xl/activex/")
LINKS = "xl/externallinks/"
END = b"PK\x05\x06"
END_BYTES = 22


def check(source):
    _refuse_trailing(source)
    with Archive(source, most_unpacked=MOST_UNPACKED) as archive:
        _check_parts(archive)
    try:
        with python_calamine.load_workbook(str(source)) as book:
            for sheet in book.sheets_metadata:
                if sheet.typ == python_calamine.SheetTypeEnum.WorkSheet:
                    for _row in book.get_sheet_by_name(sheet.name).iter_rows():
                        pass
    except python_calamine.PasswordError as error:
        raise Unreadable("password") from error
    except python_calamine.CalamineError as error:
        raise Unreadable("damaged") from error


def _refuse_trailing(source):
    """The directory of an archive is its end: behind it, or in its comment, another file may hide."""
    data = source.read_bytes()
    if not data[-END_BYTES:].startswith(END):
        raise Unreadable("trailing" if END in data else "damaged")


def _check_parts(archive):
    types = archive.content_types()
    if MAIN not in types or not archive.has("xl/workbook.xml"):
        raise Unreadable("unknown")
    if b"vbaproject" in types:
        raise Unreadable("macros")
    if b"oleobject" in types or b"activex" in types or any(part.startswith(FOREIGN) for part in archive.entries):
        raise Unreadable("embedded")
    for part in archive.entries:
        if part.startswith(LINKS) and b"ddelink" in archive.small(part).lower():
            # A cell that takes its value from a running program can start one.
            raise Unreadable("action")
        for _chunk in archive.stream(part):
            pass

"""Uploaded files in, rows out. A process of its own reads the file (imports.parse); here its answer is put into words.

What it read lies in a folder, one file for each sheet, and is read again from there as often as needed, row by row.
"""

import json
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from common.numbers import write_number
from common.refusal import Refused
from files import apart
from files.examine import MIB
from imports.parse import (
    CPU_SECONDS,
    MEMORY_BYTES,
    MOST_BYTES,
    MOST_COLUMNS,
    MOST_ROWS,
    MOST_UNPACKED,
    WALL_SECONDS,
)

__all__ = [
    "CPU_SECONDS",
    "MEMORY_BYTES",
    "MOST_BYTES",
    "MOST_COLUMNS",
    "MOST_ROWS",
    "MOST_UNPACKED",
    "WALL_SECONDS",
    "CellError",
    "FileRefused",
    "Sheet",
    "read",
    "rows",
    "sheets",
]

READER = ("-m", "imports.parse")
SUMMARY, SHEET = "summary.json", "sheet-{}.jsonl"
ENDINGS = ("xlsx", "xls", "ods", "csv", "txt", "tsv", "xlsm")
LONGEST_NAME = 80

# The rules by the names that imports.parse gives them: what is wrong, and what helps.
SENTENCES = {
    "empty": _("“%(file)s” is empty. Save it again in your spreadsheet program and upload the new file."),
    "bytes": _("“%(file)s” is larger than %(most_mb)s MB. Split it into several files, or save it without pictures."),
    "name": _("“%(file)s” cannot be read: only files that end in .xlsx, .xls, .ods or .csv are."),
    "ending": _("“%(file)s” holds %(kind)s, but its name ends in .%(ending)s. Give it the ending .%(right)s."),
    "unknown": _(
        "“%(file)s” is not the spreadsheet that its name says. Open it in your spreadsheet program and save it as XLSX."
    ),
    "page": _(
        "“%(file)s” is not a spreadsheet but %(kind)s. Copy its table into your spreadsheet program and save that as "
        "XLSX."
    ),
    "macros": _("“%(file)s” holds macros; such files are not read. Save it as XLSX without macros."),
    "password": _("“%(file)s” is protected with a password. Remove the password and upload the file again."),
    "declaration": _(
        "“%(file)s” holds XML declarations that no spreadsheet needs. Open it in your spreadsheet program and save it "
        "as XLSX."
    ),
    "unpacked": _("“%(file)s” becomes too large when it is unpacked. Split it into several files."),
    "damaged": _(
        "“%(file)s” is damaged or incomplete. Open it in your spreadsheet program, save it again as XLSX and upload "
        "the new file."
    ),
    "no_data": _("“%(file)s” has no sheet with data. Check whether you chose the right file."),
    "rows": _("The sheet “%(sheet)s” of “%(file)s” has more than %(most)s rows. Split it into several files."),
    "columns": _(
        "The sheet “%(sheet)s” of “%(file)s” has more than %(most)s columns: something stands in cell %(cell)s. "
        "Delete the columns that are not needed."
    ),
    "cells": _(
        "The sheet “%(sheet)s” of “%(file)s” is too large: it reaches to row %(row)s and to cell %(cell)s. Delete "
        "what stands far from the table, or split the file."
    ),
    "too_many_elements": _(
        "“%(file)s” has more than %(most)s rows, most of them blank. Copy the rows with data into a new sheet."
    ),
    "sheets": _("“%(file)s” has more than %(most)s sheets. Keep only those with data."),
    "rows_lost": _(
        "Not every row of the sheet “%(sheet)s” of “%(file)s” could be read, because several rows have the same "
        "number. Open the file in your spreadsheet program and save it again as XLSX."
    ),
    "strange_error": _(
        "Cell %(cell)s of the sheet “%(sheet)s” of “%(file)s” holds the error %(error)s. Correct its formula and save "
        "the file again."
    ),
    "faults": _(
        "More than %(most)s cells of “%(file)s” hold errors, or formulas that were never calculated. Open it in your "
        "spreadsheet program and save it again."
    ),
    "encoding": _("The letters of “%(file)s” cannot be read. Save it as “CSV UTF-8”."),
    "nul": _(
        "“%(file)s” holds a NUL character in line %(line)s, so it is not a text file. Save it again as “CSV UTF-8”."
    ),
    "quotes": _(
        "A quotation mark in row %(row)s of “%(file)s” is not closed, or stands inside a quoted cell. Save the file "
        "again as XLSX or “CSV UTF-8”."
    ),
    "long_cell": _(
        "A cell in row %(row)s of “%(file)s” has more than 32,767 characters; a quotation mark before it may not be "
        "closed."
    ),
    "memory": _("“%(file)s” needs more memory than the portal gives to one file. Split it into several files."),
    "time": _("Reading “%(file)s” took too long. Split it into several files."),
}
KINDS = {
    "pdf": _("a PDF document"),
    "html": _("a web page (HTML)"),
    "svg": _("a drawing (SVG)"),
    "xml": _("an XML document"),
    "xlsx": "XLSX",
    "xls": "XLS",
    "ods": "ODS",
}


class FileRefused(Refused):
    """The file cannot be imported; `code` names the rule it breaks."""


@dataclass(frozen=True)
class CellError:
    """What stands in a cell whose formula failed, such as #REF!; or, as `=A1`, a formula that was never calculated."""

    text: str

    def __str__(self):
        return self.text


@dataclass(frozen=True)
class Sheet:
    """One sheet of a file. `rows` counts those with data, `blank_rows` the empty ones above the last of them.

    `merged` holds `(top, left, bottom, right)` from 1. `date1904`: a bare number that is meant as a day counts
    from 1904 in this file; cells formatted as dates are right already.
    """

    index: int
    name: str
    rows: int
    blank_rows: int
    columns: int
    merged: list = field(default_factory=list)
    hidden: bool = False
    date1904: bool = False


def read(source: Path, name: str, spool: Path) -> list[Sheet]:
    """Read a file, which the person calls `name`, into the folder `spool`; raises FileRefused and leaves nothing there.

    What an earlier reading left in the folder is replaced.
    """
    source, spool = Path(source).resolve(), Path(spool)
    ending = Path(name).suffix.lower().removeprefix(".")
    if ending not in ENDINGS:
        raise _refused(name, "name")
    is_new = not spool.exists()
    spool.mkdir(mode=0o700, parents=True, exist_ok=True)
    _clear(spool)
    try:
        _parse(source, name, ending, spool.resolve())
        return sheets(spool)
    except BaseException:
        _clear(spool)
        if is_new:
            spool.rmdir()
        raise


def sheets(spool: Path) -> list[Sheet]:
    """What `read` put into the folder."""
    summary = json.loads((Path(spool) / SUMMARY).read_text(encoding="utf-8"))
    return [Sheet(**{**sheet, "merged": [tuple(place) for place in sheet["merged"]]}) for sheet in summary["sheets"]]


def rows(spool: Path, index: int, start: int = 1):
    """Yield `(row number, cells)` of a sheet from row `start` on, one at a time; blank rows are left out."""
    with (Path(spool) / SHEET.format(index)).open(encoding="ascii") as file:
        for line in file:
            if start > 1 and int(line[1 : line.index(",")]) < start:
                continue
            number, cells = _decode(line)
            yield number, cells


def _cell(held):
    if "d" in held:
        return date.fromisoformat(held["d"])
    return datetime.fromisoformat(held["m"]) if "m" in held else CellError(held["e"])


_decode = json.JSONDecoder(object_hook=_cell).decode


def _parse(source, name, ending, spool):
    answer = apart.ask((*READER, str(source), ending, str(spool)), seconds=WALL_SECONDS)
    if "refused" in answer:
        raise _refused(name, answer["refused"], answer["params"])


def _refused(name, code, params=None):
    params = params or {}
    shown = "".join(letter if letter.isprintable() else "�" for letter in Path(name).name)[-LONGEST_NAME:]
    words = {key: write_number(value) if isinstance(value, int) else value for key, value in params.items()}
    if "kind" in params:
        words["kind"] = KINDS[params["kind"]]
    words |= {"ending": Path(name).suffix.lower().removeprefix("."), "right": params.get("kind", "")}
    return FileRefused(SENTENCES[code], code=code, file=shown, most_mb=MOST_BYTES // MIB, **words)


def _clear(spool):
    for path in (*spool.glob(SHEET.format("*")), spool / SUMMARY):
        path.unlink(missing_ok=True)

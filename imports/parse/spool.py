"""What was read, on its way to the portal: a file of JSON lines for each sheet, `[row number, [cell, …]]`.

What JSON lacks is an object: a day `{"d": iso}`, a moment `{"m": iso}`, an error `{"e": text}`.
"""

import json
from datetime import date, datetime, time, timedelta

from files.examine import Unreadable
from imports.parse import MOST_COLUMNS, MOST_ROWS, MOST_SHEETS, MOST_SPOOLED, column_letters

SUMMARY = "summary.json"
SHEET = "sheet-{}.jsonl"
LINES_AT_ONCE = 500


class Fault(str):
    """An error that stands in a cell, such as #REF!, or a formula that was never calculated."""

    __slots__ = ()


def _stranger(value):
    if isinstance(value, datetime):
        if value.time() == time.min:
            return {"d": value.date().isoformat()}
        return {"m": value.isoformat()}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    if isinstance(value, time):
        return value.isoformat()
    if isinstance(value, timedelta):
        seconds = round(value.total_seconds())
        return f"{'-' * (seconds < 0)}{abs(seconds) // 3600}:{abs(seconds) // 60 % 60:02}:{abs(seconds) % 60:02}"
    raise TypeError(type(value))


_encode = json.JSONEncoder(default=_stranger, separators=(",", ":"), check_circular=False).encode


class Spool:
    """The folder that takes the sheets of one file."""

    def __init__(self, folder):
        self.folder = folder
        self.sheets = []
        self.characters = 0

    def sheet(self, name, *, hidden=False, date1904=False):
        if len(self.sheets) >= MOST_SHEETS:
            raise Unreadable("sheets", most=MOST_SHEETS)
        return SheetSpool(self, str(name), hidden, date1904)

    def summary(self, kind):
        summary = {"format": kind, "sheets": self.sheets}
        (self.folder / SUMMARY).write_text(json.dumps(summary), encoding="utf-8")
        return summary


class SheetSpool:
    """Takes the rows of one sheet from top to bottom; used as a context manager."""

    def __init__(self, spool, name, hidden, date1904):
        self.spool, self.name, self.hidden, self.date1904 = spool, name, hidden, date1904
        self.rows = self.columns = self.last = 0
        self.merged = []
        self._lines = []
        self._file = (spool.folder / SHEET.format(len(spool.sheets))).open("x", encoding="ascii")

    def put(self, number, cells):
        """Take a row, unless nothing stands in it. Cells of nothing but white space count as empty."""
        cells = [None if cell.__class__ is str and not cell.strip() else cell for cell in cells]
        while cells and cells[-1] is None:
            cells.pop()
        if not cells:
            return
        if len(cells) > MOST_COLUMNS:
            raise Unreadable(
                "columns", most=MOST_COLUMNS, cell=f"{column_letters(len(cells))}{number}", sheet=self.name
            )
        self.rows += 1
        if self.rows > MOST_ROWS:
            raise Unreadable("rows", most=MOST_ROWS, sheet=self.name)
        self.last = number
        self.columns = max(self.columns, len(cells))
        if any(cell.__class__ is Fault for cell in cells):
            cells = [{"e": cell} if cell.__class__ is Fault else cell for cell in cells]
        self._lines.append(f"[{number},{_encode(cells)}]\n")
        if len(self._lines) >= LINES_AT_ONCE:
            self._write()

    def _write(self):
        text = "".join(self._lines)
        self._lines.clear()
        self.spool.characters += len(text)
        if self.spool.characters > MOST_SPOOLED:
            raise Unreadable("unpacked")
        self._file.write(text)

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        with self._file:
            if kind is not None:
                return
            self._write()
        self.spool.sheets.append(
            {
                "index": len(self.spool.sheets),
                "name": self.name,
                "rows": self.rows,
                "blank_rows": self.last - self.rows,
                "columns": self.columns,
                "merged": self.merged,
                "hidden": self.hidden,
                "date1904": self.date1904,
            }
        )

"""A workbook of plain rows, written fast: xlsxwriter makes the book, its rows are put in here.

Cell by cell, xlsxwriter takes 40 seconds for 220,000 rows of fifty columns; as joined text they take eight. Everything
but the rows (styles, views, relations) stays its work. Text is typed as text, whatever it begins with.
"""

import io
import re
import tempfile
import zipfile

import xlsxwriter

SPOOLED_BYTES = 1024 * 1024
SHEET_ROWS = 1_048_576
# Beyond two gigabytes an entry needs a form of zip that not every reader opens: a further sheet begins before.
SHEET_BYTES = 1_500_000_000
# As text, a row takes several times the memory of its cells.
ROWS_AT_ONCE = 200
SHEET = "xl/worksheets/sheet{}.xml"

# What XML cannot hold as it is, and what a reader would take for an escape of its own.
_SPECIAL = re.compile(r"[&<>\x00-\x1f\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\t": "\t", "\n": "\n"}


def _escaped(match):
    found = match[0]
    if found in _ENTITIES:
        return _ENTITIES[found]
    return f"_x005F{found}" if len(found) > 1 else f"_x{ord(found):04X}_"


def escaped(text):
    return _SPECIAL.sub(_escaped, text) if _SPECIAL.search(text) else text


class Workbook:
    """Takes rows as columns of cells (str, int, float or None), then gives the file back piece by piece."""

    def __init__(self, title, headings, widths, *, days):
        """`days` are the indexes of the columns whose numbers are days."""
        self._title, self._headings, self._widths, self._days = title, headings, widths, frozenset(days)
        self._letters = [xlsxwriter.utility.xl_col_to_name(index) for index in range(len(headings))]
        with zipfile.ZipFile(self._skeleton(1)) as book:
            page = book.read(SHEET.format(1)).decode()
        # The skeleton's second row only shows which styles the book gives to a day and to a note.
        self._before, example = page.split('<row r="2"', 1)
        self._before = re.sub(r"<dimension [^>]*/>", "", self._before)
        self._after = example[example.index("</sheetData>") :]
        self._day_style, self._note_style = re.findall(r' s="([0-9]+)"', example)[:2]
        self._file = tempfile.SpooledTemporaryFile(max_size=SPOOLED_BYTES)  # noqa: SIM115 - close() closes it
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED, compresslevel=2)
        self._sheets, self._entry = 0, None
        self._begin_sheet()

    def _skeleton(self, sheets):
        """The book with its headings and no rows."""
        target = io.BytesIO()
        with xlsxwriter.Workbook(target, {"constant_memory": True, "strings_to_formulas": False}) as book:
            bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
            for number in range(1, sheets + 1):
                sheet = book.add_worksheet(self._title if number == 1 else f"{self._title} {number}")
                sheet.freeze_panes(1, 0)
                for index, (heading, width) in enumerate(zip(self._headings, self._widths, strict=True)):
                    sheet.set_column(index, index, width)
                    sheet.write_string(0, index, heading, bold)
                sheet.write_number(1, 0, 1, day)
                sheet.write_string(1, 1, "x", bold)
        target.seek(0)
        return target

    def _begin_sheet(self):
        self._end_sheet()
        self._sheets += 1
        self._entry = self._zip.open(SHEET.format(self._sheets), "w")
        before = self._before if self._sheets == 1 else self._before.replace(' tabSelected="1"', "")
        self._entry.write(before.encode())
        self._row, self._bytes = 2, len(before)

    def _end_sheet(self):
        if self._entry:
            self._entry.write(self._after.encode())
            self._entry.close()

    def write(self, columns):
        """Put rows in, given as lists of cells, one list a column."""
        start, total = 0, len(columns[0])
        while start < total:
            if self._row > SHEET_ROWS or self._bytes > SHEET_BYTES:
                self._begin_sheet()
            stop = min(total, start + ROWS_AT_ONCE, start + SHEET_ROWS + 1 - self._row)
            self._write_rows([column[start:stop] for column in columns], stop - start)
            start = stop

    def _write_rows(self, columns, count):
        numbers = [str(number) for number in range(self._row, self._row + count)]
        cells = [self._cells(index, column, numbers) for index, column in enumerate(columns)]
        rows = [
            f'<row r="{number}">{"".join(row)}</row>'
            for number, row in zip(numbers, zip(*cells, strict=True), strict=True)
        ]
        data = "".join(rows).encode()
        self._entry.write(data)
        self._row += count
        self._bytes += len(data)

    def _cells(self, index, column, numbers):
        start = f'<c r="{self._letters[index]}'
        middle = f'" s="{self._day_style}"><v>' if index in self._days else '"><v>'
        special = _SPECIAL.search
        return [
            ""
            if value is None
            else f"{start}{number}{middle}{value}</v></c>"
            if value.__class__ is not str
            else f'{start}{number}" t="inlineStr"><is><t xml:space="preserve">'
            f"{_SPECIAL.sub(_escaped, value) if special(value) else value}</t></is></c>"
            for value, number in zip(column, numbers, strict=True)
        ]

    def write_note(self, text):
        """A last row that says something of the whole file."""
        if self._row > SHEET_ROWS:
            self._begin_sheet()
        cell = f'<c r="A{self._row}" s="{self._note_style}" t="inlineStr"><is><t>{escaped(text)}</t></is></c>'
        self._entry.write(f'<row r="{self._row}">{cell}</row>'.encode())
        self._row += 1

    def pieces(self, size=64 * 1024):
        """End the book and give its bytes."""
        self._end_sheet()
        self._entry = None
        with zipfile.ZipFile(self._skeleton(self._sheets)) as book:
            for name in book.namelist():
                if not name.startswith("xl/worksheets/"):
                    self._zip.writestr(name, book.read(name))
        self._zip.close()
        self._file.seek(0)
        while piece := self._file.read(size):
            yield piece

    def close(self):
        """Take the temporary file away, whether the book was ended or given up."""
        if self._entry:
            self._entry.close()
            self._entry = None
        self._zip.close()
        self._file.close()

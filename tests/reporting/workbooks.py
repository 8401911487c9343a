"""Workbooks of reports as people send them back: as they were handed out, or with cells typed over."""

import io
import tempfile
from pathlib import Path

import xlsxwriter

from imports import reading
from reporting.workbook import COLUMNS, VALUE, workbook
from tests.imports.made_files import ods

FAILED = "=1/0"


def cells_of(content, name="isian.xlsx"):
    """`{(row, column): cell}` of a file's first sheet, from 0, read as an upload is."""
    with tempfile.TemporaryDirectory() as folder:
        path, spool = Path(folder) / name, Path(folder) / "read"
        path.write_bytes(content)
        reading.read(path, name, spool)
        return {
            (number - 1, column): cell
            for number, cells in reading.rows(spool, 0)
            for column, cell in enumerate(cells)
            if cell is not None
        }


class Sheet:
    """What stands in the workbook of a report, to be typed over and saved as another program would."""

    def __init__(self, report):
        self.cells = cells_of(workbook(report))

    def row(self, code):
        return next(row for (row, column), cell in self.cells.items() if column == 0 and cell == code)

    def type(self, code, value, column=VALUE):
        """Put a value into a cell; None empties it."""
        place = self.row(code), COLUMNS.index(column)
        self.cells.pop(place, None)
        if value is not None:
            self.cells[place] = value
        return self

    def head(self, name, value):
        self.cells[self.row(name), 1] = value
        return self

    def drop(self, code):
        """Delete a row's content."""
        row = self.row(code)
        self.cells = {place: cell for place, cell in self.cells.items() if place[0] != row}
        return self

    def add(self, code, value):
        """A row of somebody's own, below the rest."""
        row = max(row for row, _column in self.cells) + 1
        self.cells |= {(row, 0): code, (row, COLUMNS.index(VALUE)): value}
        return self

    def xlsx(self, *, sheets=1):
        target = io.BytesIO()
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        with xlsxwriter.Workbook(target, {**options, "default_date_format": "dd/mm/yyyy"}) as book:
            for _number in range(sheets):
                sheet = book.add_worksheet()
                for (row, column), cell in self.cells.items():
                    if cell == FAILED:
                        sheet.write_formula(row, column, FAILED, value="#DIV/0!")
                    else:
                        sheet.write(row, column, cell)
        return target.getvalue()

    def ods(self):
        rows = []
        for row in range(max(row for row, _column in self.cells) + 1):
            cells = "".join(_ods_cell(self.cells.get((row, column))) for column in range(len(COLUMNS)))
            rows.append(f"<table:table-row>{cells}</table:table-row>")
        return ods("".join(rows))


def _ods_cell(cell):
    if cell is None:
        return "<table:table-cell/>"
    if isinstance(cell, str):
        lines = "".join(f"<text:p>{_escaped(line)}</text:p>" for line in cell.split("\n"))
        return f'<table:table-cell office:value-type="string">{lines}</table:table-cell>'
    return f'<table:table-cell office:value-type="float" office:value="{cell!r}"/>'


def _escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

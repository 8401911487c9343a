"""Which table of a file is meant: the sheet, where its heading stands, and what each column fills."""

from dataclasses import dataclass

from django.utils.translation import gettext

from common.text import fold
from imports import reading
from imports.headings import (
    LEFT_OUT,
    UNDECIDED,
    first_rows,
    guess_columns,
    guess_head,
    headings_of,
)


@dataclass(frozen=True)
class Table:
    """One table, as a batch keeps it."""

    sheet: int
    head_from: int
    head_rows: int
    headings: list
    columns: list

    @property
    def matched(self):
        """How many columns fill something."""
        return sum(name not in {LEFT_OUT, UNDECIDED} for name in self.columns)


def errors_heading():
    """The column that a file of refused rows has more than the file that was uploaded."""
    return gettext("What is wrong")


def table_at(importer, folder, sheet, head_from, head_rows):
    """The table of a sheet whose heading stands there, its columns guessed."""
    headings = headings_of(first_rows(folder, sheet.index), head_from, head_rows, sheet.merged)
    return Table(sheet.index, head_from, head_rows, headings, _columns(importer, headings))


def guess_table(importer, folder):
    """The table of the file that looks most like this kind; among equals one that is seen, then the larger one."""
    found = []
    for sheet in reading.sheets(folder):
        head_from, head_rows = guess_head(importer, first_rows(folder, sheet.index), sheet.merged)
        found.append((table_at(importer, folder, sheet, head_from, head_rows), sheet))
    return max(found, key=lambda pair: (pair[0].matched, not pair[1].hidden, pair[1].rows))[0]


def _columns(importer, headings):
    errors = fold(errors_heading())
    columns = guess_columns(importer, headings)
    return [LEFT_OUT if fold(heading) == errors else name for heading, name in zip(headings, columns, strict=True)]

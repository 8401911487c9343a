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
    rows = first_rows(folder, sheet.index)
    headings = headings_of(rows, head_from, head_rows, sheet.merged)
    below = [cells for number, cells in rows.items() if number >= head_from + head_rows]
    return Table(sheet.index, head_from, head_rows, headings, _columns(importer, headings, below))


def guess_table(importer, folder):
    """The table of the file that looks most like this kind; among equals one that is seen, then the larger one."""
    found = []
    for sheet in reading.sheets(folder):
        head_from, head_rows = guess_head(importer, first_rows(folder, sheet.index), sheet.merged)
        found.append((table_at(importer, folder, sheet, head_from, head_rows), sheet))
    return max(found, key=lambda pair: (pair[0].matched, not pair[1].hidden, pair[1].rows))[0]


def _columns(importer, headings, below):
    errors = fold(errors_heading())
    found = guess_columns(importer, headings)
    for index, heading in enumerate(headings):
        if fold(heading) == errors:
            found[index] = LEFT_OUT
        elif not heading and any(index < len(cells) and cells[index] is not None for cells in below):
            # Without a heading, yet something stands below: that is decided about, not passed over.
            found[index] = UNDECIDED
    return found

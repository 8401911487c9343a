"""A file on its whole way in, as a person sends it: kept, read, its columns guessed, checked."""

from django.core.files.base import ContentFile

from imports import progress, tasks
from imports.headings import UNDECIDED
from imports.models import ImportBatch
from imports.receiving import receive
from tests.imports.made_files import written

# In a workbook: a formula that failed.
FAILED = "=1/0"


def checked(file, *, kind, by, **constants):
    """The checked batch of a file: lines of text separated by semicolons, or rows of cells for a workbook."""
    if isinstance(file, bytes):
        content, name = file, "berkas.csv"
    elif isinstance(file[0], str):
        content, name = "\n".join(file).encode(), "berkas.csv"
    else:
        content, name = workbook(file), "berkas.xlsx"
    batch = receive(ContentFile(content, name), kind=kind, by=by)
    assert tasks.do(progress.READ, batch, by=by), batch.failure
    assert UNDECIDED not in batch.columns, batch.headings
    if constants:
        batch.step(ImportBatch.State.READ, constants=constants)
    assert tasks.do(progress.CHECK, batch, by=by), batch.failure
    return batch


def workbook(rows):
    def fill(book):
        sheet = book.add_worksheet()
        for number, cells in enumerate(rows):
            for column, cell in enumerate(cells):
                if cell == FAILED:
                    sheet.write_formula(number, column, "=1/0", value="#DIV/0!")
                else:
                    sheet.write(number, column, cell)

    return written(fill)


def only(batch):
    """The one row of a batch."""
    return batch.checked_rows.get()


def actions(batch):
    return [row.action for row in batch.checked_rows]


def refused(row):
    """The fields that a row was refused for."""
    assert row.action == row.Action.REFUSED
    return [problem["field"] for problem in row.problems]

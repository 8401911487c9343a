"""The two workbooks that an import hands out: a template for each kind of file, and the rows that were refused."""

import tempfile
from datetime import date, datetime, time
from itertools import groupby
from math import isfinite

import xlsxwriter
from django.utils.text import capfirst
from django.utils.translation import gettext

from common.text import fold
from common.xlsx import SPOOLED_BYTES
from imports import reading
from imports.cells import shown
from imports.models import ImportRow
from imports.table import errors_heading

# Rows of a template that offer their dropdowns.
TEMPLATE_ROWS = 5000
CHUNK = 2000
WIDTH = 24
EXAMPLE_ROW, HEADING_ROW = 1, 2


def template(importer):
    """An open file: a heading, dropdowns, notes, and above the heading an example that is never read."""
    target = tempfile.SpooledTemporaryFile(SPOOLED_BYTES)  # noqa: SIM115 - the response that sends it closes it
    with xlsxwriter.Workbook(target, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        grey = book.add_format({"italic": True, "font_color": "#4c554f"})
        bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        required = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "bg_color": "#e2efe6"})
        # As text, nothing that is typed loses its zeros, its dots or its last digits.
        text = book.add_format({"num_format": "@"})
        sheet = book.add_worksheet(gettext("Data"))
        notes = book.add_worksheet(gettext("Notes"))
        lists = book.add_worksheet(gettext("Choices"))
        sheet.write_string(
            0, 0, gettext("The row in italics is an example and is not read. Enter your data below the headings."), grey
        )
        sheet.freeze_panes(HEADING_ROW + 1, 1)
        _heads(notes, [gettext("Column"), gettext("Required"), gettext("Note"), gettext("Example")], bold)
        for index, field in enumerate(importer.fields):
            label, note = capfirst(str(field.label)), str(field.note)
            example = gettext("Example: %(text)s") % {"text": field.example} if index == 0 else field.example
            sheet.set_column(index, index, WIDTH, text)
            sheet.write_string(EXAMPLE_ROW, index, example, grey)
            sheet.write_string(HEADING_ROW, index, label, required if field.required or field.for_new else bold)
            if note:
                sheet.write_comment(HEADING_ROW, index, note, {"x_scale": 2})
            yes = gettext("Yes") if field.required else gettext("for new records") if field.for_new else ""
            for column, words in enumerate((label, yes, note, field.example)):
                notes.write_string(index + 1, column, words)
            if field.choices:
                _dropdown(sheet, lists, index, label, [str(choice) for choice in field.choices()])
    target.seek(0)
    return target


def _heads(sheet, words, style):
    for column, word in enumerate(words):
        sheet.write_string(0, column, word, style)
        sheet.set_column(column, column, WIDTH * 2 if column == 2 else WIDTH)


def _dropdown(sheet, lists, index, label, choices):
    """Offer the choices in a column of the template, and let other words through: the check knows more spellings."""
    if not choices:
        return
    lists.write_string(0, index, label)
    for row, choice in enumerate(choices, start=1):
        lists.write_string(row, index, choice)
    letter = xlsxwriter.utility.xl_col_to_name(index)
    source = f"='{lists.get_name()}'!${letter}$2:${letter}${len(choices) + 1}"
    options = {"validate": "list", "source": source, "error_type": "information"}
    sheet.data_validation(HEADING_ROW + 1, index, HEADING_ROW + TEMPLATE_ROWS, index, options)


def rejects(batch):
    """An open file: the refused rows as they stood in the sheet, with what is wrong in a column of its own."""
    target = tempfile.SpooledTemporaryFile(SPOOLED_BYTES)  # noqa: SIM115 - the response that sends it closes it
    errors = errors_heading()
    # A file of refused rows that was sent in again has that column already.
    kept = [index for index, heading in enumerate(batch.headings) if fold(heading) != fold(errors)]
    # What was said once for the whole file goes along, row by row: sent in again, the file says it itself.
    said = {name: typed for name, typed in batch.constants.items() if typed and name not in batch.columns}
    with xlsxwriter.Workbook(target, {"constant_memory": True, "strings_to_formulas": False}) as book:
        bold = book.add_format({"bold": True, "bottom": 1})
        brick = book.add_format({"font_color": "#a4341f", "text_wrap": True})
        days = {date: book.add_format({"num_format": "dd/mm/yyyy"}), time: book.add_format({"num_format": "hh:mm:ss"})}
        sheet = book.add_worksheet(gettext("Data"))
        labels = [capfirst(str(one.label)) for one in batch.importer.fields if one.name in said]
        values = [said[one.name] for one in batch.importer.fields if one.name in said]
        last = len(kept) + len(said)
        sheet.set_column(0, last - 1, WIDTH)
        sheet.set_column(last, last, WIDTH * 3)
        sheet.freeze_panes(1, 0)
        for column, heading in enumerate([*(batch.headings[index] for index in kept), *labels, errors]):
            sheet.write_string(0, column, heading, bold)
        for row, (cells, words) in enumerate(_refused(batch), start=1):
            for column, index in enumerate(kept):
                _put(sheet, row, column, cells[index] if index < len(cells) else None, days)
            for column, value in enumerate(values, start=len(kept)):
                sheet.write_string(row, column, value)
            sheet.write_string(row, last, words, brick)
    target.seek(0)
    return target


def _put(sheet, row, column, cell, days):
    if cell is None:
        return
    if isinstance(cell, bool):
        sheet.write_boolean(row, column, cell)
    elif isinstance(cell, int | float) and isfinite(cell):
        sheet.write_number(row, column, cell)
    elif isinstance(cell, time):
        sheet.write_datetime(row, column, cell, days[time])
    elif isinstance(cell, datetime | date):
        sheet.write_datetime(row, column, cell, days[date])
    else:
        sheet.write_string(row, column, shown(cell))


def _refused(batch):
    """`(cells, what is wrong)` of each refused row, in the order of the file."""
    cells = reading.rows(batch.path, batch.sheet, start=batch.head_from + batch.head_rows)
    for number, entries in groupby(_refused_rows(batch), key=lambda row: row.number):
        words = [sentence(problem) for row in entries for problem in row.problems]
        found = next((held for at, held in cells if at == number), [])
        yield found, "\n".join(dict.fromkeys(words))


def _refused_rows(batch):
    # Short reads: an open cursor would hold up every writer on SQLite.
    rows = (
        batch.checked_rows.filter(action=ImportRow.Action.REFUSED).order_by("number", "part").only("number", "problems")
    )
    last = 0
    while chunk := list(rows.filter(number__gt=last)[:CHUNK]):
        if len(chunk) == CHUNK:
            # The last row may go on in the next chunk, with another of its parts.
            whole = [row for row in chunk if row.number < chunk[-1].number]
            chunk = whole or list(rows.filter(number=chunk[-1].number))
        yield from chunk
        last = chunk[-1].number


def sentence(problem):
    """A problem of a row on one line."""
    words = f"{problem['column']}: {problem['message']}" if problem["column"] else problem["message"]
    if problem["suggestion"]:
        words += " " + gettext("Do you mean %(suggestion)s?") % {"suggestion": problem["suggestion"]}
    return words

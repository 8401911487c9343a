"""A workbook that comes back: is it this report's, and what does it say. Nothing here writes.

What the person changed is told by comparing with the draft of the version that the file was made from: a cell that
still holds what it was given changes nothing, whatever became of the draft since (`reporting.drafts.meet`).
"""

import tempfile
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.dates import format_date
from common.numbers import parse_cell_count, parse_cell_rupiah, write_number
from common.refusal import Refused, quoted
from common.text import clean_lines, fold
from files.upload import MIB, Limit, store
from imports import reading
from imports.cells import CellRefused, shown
from regions.models import Regency
from reporting import workbook
from reporting.filling import LONGEST_KEPT, lines_of
from reporting.models import Period, Problem
from reporting.models.report import PROVINCE
from reporting.workbook import ACT, CODE, DRAFT, FORM, HEAD, NA, OFFICE, PERIOD, PROBLEM, REPORT, VALUE, WHY

ENDINGS = {".xlsx", ".ods"}
# A hundred times what this form weighs, pictures and comments included.
LIMIT = Limit(
    file=5 * MIB, together=5 * MIB, remedy=_("Take out the pictures, or download the workbook again and fill that in.")
)
# The head stands at the very top; further down nothing is taken for it.
HEAD_ROWS = 40
MOST_NAMED = 5
NOT_AVAILABLE = {"tidak tersedia", "not available"}
# What else people put into a cell that wants a tick.
TICKS = {"ya", "y", "yes", "true", "1", "x", "v"}


class WorkbookRefused(Refused):
    """The file is not this report's form, or not as it was handed out."""


@dataclass(frozen=True)
class Trouble:
    """A cell that was not taken; what the draft has stays."""

    row: int
    column: str
    label: str
    held: str
    message: str


@dataclass
class Uploaded:
    """What a file says, as a form would have been typed at the version it was made from."""

    base: int
    typed: dict
    troubles: list = field(default_factory=list)
    absent: list = field(default_factory=list)


# The file -------------------------------------------------------------------------------------------


def uploaded_form(report, upload):
    """What an uploaded file says of this report; raises Refused with what is wrong and what to do.

    The file lies in a folder of its own meanwhile, which is gone when this returns.
    """
    if upload is None:
        raise WorkbookRefused(_("No file came along. Choose the workbook that you downloaded here and filled in."))
    if Path(upload.name).suffix.lower() not in ENDINGS:
        raise WorkbookRefused(
            _("“%(file)s” is not the workbook of a report: its name does not end in .xlsx or .ods. Save it as XLSX."),
            file=quoted(upload.name),
        )
    with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        spool = Path(folder) / "read"
        path, _sha256, _size = store(upload, folder, most=LIMIT.file)
        found = _the_table(reading.read(path, upload.name, spool), spool)
        base = _refuse_another(report, found.head)
        return _Reader(report, base, found).read()


@dataclass
class _Table:
    """The sheet that holds the form: its head, which column is which, and all rows below."""

    sheet: str
    head: dict
    columns: dict
    rows: list


def _the_table(sheets, spool):
    found = [table for sheet in sheets if (table := _table(sheet, spool))]
    if not found:
        raise WorkbookRefused(
            _(
                "This is not the workbook of a report: the head that says period and office is missing. Download the "
                "workbook on the page of the report and fill in that one."
            )
        )
    if len(found) > 1:
        raise WorkbookRefused(
            _("The form stands on several sheets: %(sheets)s. Keep the one that holds, and delete the others."),
            sheets=", ".join(f"“{quoted(table.sheet)}”" for table in found[:MOST_NAMED]),
        )
    return found[0]


def _table(sheet, spool):
    head, columns, begin, rows = {}, {}, None, []
    for number, cells in reading.rows(spool, sheet.index):
        name = shown(cells[0]).strip()
        if begin is None:
            if number > HEAD_ROWS:
                return None
            if name in HEAD:
                head.setdefault(name, shown(cells[1]).strip() if len(cells) > 1 else "")
            elif name == CODE:
                begin = number
                columns = {shown(cell).strip(): index for index, cell in enumerate(cells)}
        elif number > begin + 1:  # the row between holds the headings
            rows.append((number, cells))
    if begin is None or any(name not in head for name in HEAD) or not {CODE, VALUE, NA, WHY} <= columns.keys():
        return None
    return _Table(sheet.name, head, columns, rows)


# Whose it is ----------------------------------------------------------------------------------------


def _refuse_another(report, head):
    """The version of the draft that the file was made from; raises WorkbookRefused unless it is this report's."""
    named = {"ours": report.period, "office": report.office_name}
    if head[PERIOD] != report.period.code:
        raise WorkbookRefused(
            _("This workbook is for %(theirs)s; this report is for %(ours)s. Upload it there, or download this one."),
            theirs=_period_name(head[PERIOD]),
            **named,
        )
    if head[OFFICE] != report.office_key:
        raise WorkbookRefused(
            _("This workbook is for %(theirs)s; this report is of %(office)s. Download the workbook here."),
            theirs=_office_name(head[OFFICE]),
            **named,
        )
    if head[FORM] != str(report.form.number):
        raise WorkbookRefused(
            _("This workbook follows version %(theirs)s of the form; this report, version %(form)s. Download it anew."),
            theirs=quoted(head[FORM]),
            form=report.form.number,
        )
    base = head[DRAFT]
    known = base.isascii() and base.isdigit() and len(base) < 9 and 1 <= int(base) <= report.version
    if head[REPORT] != str(report.pk) or not known:
        raise WorkbookRefused(
            _("The head of this workbook does not fit this report: it was changed. Download the workbook here anew.")
        )
    return int(base)


def _period_name(code):
    return Period.objects.filter(code=code[:10]).first() or f"“{quoted(code)}”"


def _office_name(key):
    if key == PROVINCE:
        return gettext("Province's own section")
    regency = Regency.objects.filter(slug=key).defer("boundary").first()
    return regency.full_name if regency else f"“{quoted(key)}”"


# What it says ---------------------------------------------------------------------------------------


class _Reader:
    """Reads the rows of a table against the draft that it was made from."""

    def __init__(self, report, base, table):
        self.report, self.table = report, table
        self.lines = {line.code: line for line in lines_of(report)}
        self.problems = {f"{PROBLEM}{problem.pk}": problem for problem in Problem.objects.all()}
        self.before = _draft_at(report, base)
        self.found = Uploaded(base, deepcopy(self.before))
        self.headings = workbook.headings()

    def read(self):
        rows = self._rows_by_code()
        said = self.found.typed.setdefault("lines", {})
        for code, line in self.lines.items():
            if code in rows:
                self._line(line, rows[code])
                said[code] = {name: value for name, value in said.get(code, {}).items() if value}
            else:
                self.found.absent.append(line.indicator.name)
        self.found.typed["lines"] = {code: one for code, one in said.items() if one}
        self._narrative(rows)
        return self.found

    def _rows_by_code(self):
        found, strange = {}, []
        known = {*self.lines, *self.problems, ACT}
        for number, cells in self.table.rows:
            code = shown(self._cell(cells, CODE)).strip()
            is_filled = any(self._cell(cells, name) is not None for name in (VALUE, NA, WHY))
            if code in found:
                strange.append(gettext("“%(code)s” again in row %(row)s") % {"code": quoted(code), "row": number})
            elif code in known:
                found[code] = number, cells
            elif code:
                strange.append(gettext("“%(code)s” in row %(row)s") % {"code": quoted(code), "row": number})
            elif is_filled:
                strange.append(gettext("row %(row)s without a code") % {"row": number})
        if strange:
            raise WorkbookRefused(
                _("This report does not ask these lines: %(lines)s. Delete their rows, or download the workbook anew."),
                lines=", ".join(strange[:MOST_NAMED]) + (" …" if len(strange) > MOST_NAMED else ""),
            )
        return found

    def _cell(self, cells, name):
        index = self.table.columns[name]
        cell = cells[index] if index < len(cells) else None
        return None if isinstance(cell, str) and not cell.strip() else cell

    def _line(self, line, row):
        said = self.found.typed["lines"].setdefault(line.code, {})
        number = self._taken(row, VALUE, line.indicator.name, lambda cell: self._number(line, cell, said))
        na = self._taken(row, NA, line.indicator.name, self._is_ticked)
        why = self._taken(row, WHY, line.indicator.name, lambda cell: _text(cell, said.get("why", "")))
        for name, value in (("na", na), ("typed", number), ("why", why)):
            if value is NOT_AVAILABLE:
                said["na"], said["typed"] = True, ""
            elif value is not None:
                said[name] = value

    def _taken(self, row, name, label, read):
        """What `read` makes of a cell; None where it was refused, which is told."""
        number, cells = row
        cell = self._cell(cells, name)
        try:
            if isinstance(cell, reading.CellError):
                raise CellRefused(_("The cell holds an error of the spreadsheet. Correct its formula."))
            return read(cell)
        except Refused as refused:
            # As the person typed it: a fraction with its comma.
            held = quoted(shown(cell).replace(".", ",") if isinstance(cell, float) else shown(cell))
            self.found.troubles.append(Trouble(number, self.headings[name], label, held, str(refused)))
            return None

    def _number(self, line, cell, said):
        """What is typed for a line, NOT_AVAILABLE where the words stand instead of a number."""
        typed = said.get("typed", "")
        given = workbook.as_cell(line, typed)
        same = cell == given and not isinstance(cell, bool)
        if same or (isinstance(cell, str) and _kept(cell) == _kept(typed)):
            return typed
        if cell is None:
            return ""
        if isinstance(cell, str) and fold(cell) in NOT_AVAILABLE:
            return NOT_AVAILABLE
        value = _parsed(line, cell)
        # The same number in another spelling is no change, neither of what was typed then nor of the draft as it is.
        for one in (typed, self.report.typed.get("lines", {}).get(line.code, {}).get("typed", "")):
            if one and workbook.as_cell(line, one) == value:
                return one
        return write_number(value)

    def _is_ticked(self, cell):
        if cell is None:
            return False
        if cell is True or fold(shown(cell)) in TICKS:
            return True
        raise CellRefused(_("Choose “ya”, or leave the cell empty."))

    def _narrative(self, rows):
        typed, heading = self.found.typed, gettext("What is being done")
        chosen = set(typed.get("problems", ()))
        for code, problem in self.problems.items():
            if code in rows:
                ticked = self._taken(rows[code], VALUE, problem.name, self._is_ticked)
                if ticked is not None:
                    (chosen.add if ticked else chosen.discard)(problem.pk)
        typed["problems"] = sorted(chosen)
        act = (
            self._taken(rows[ACT], WHY, heading, lambda cell: _text(cell, typed.get("act", "")))
            if ACT in rows
            else None
        )
        typed["act"] = typed.get("act", "") if act is None else act


def _draft_at(report, version):
    """The draft as it was at a version."""
    if version == report.version:
        return report.typed
    save = report.saves.filter(version__lte=version).order_by("-version").first()
    return save.typed if save else {}


def _parsed(line, cell):
    if line.is_money or line.can_be_negative:
        return parse_cell_rupiah(cell, signed=line.can_be_negative)
    return parse_cell_count(cell)


def _text(cell, given):
    """What stands in a cell of words; raises Refused."""
    if isinstance(cell, datetime):
        raise CellRefused(_("The cell holds a date or TRUE/FALSE; text is expected. Format the column as text."))
    # A spreadsheet makes a date of "12 Mei 2025" by itself.
    words = format_date(cell) if isinstance(cell, date) else shown(cell)
    if _kept(words) == _kept(given):
        return given
    clean_lines(words)
    if len(words) > LONGEST_KEPT:
        raise CellRefused(_("Too long: at most %(most)s characters fit."), most=write_number(LONGEST_KEPT))
    return _kept(words)


def _kept(text):
    """Without what spreadsheet programs and browsers do to the ends of lines."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()

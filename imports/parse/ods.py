"""ODS: one walk over content.xml, whose cells say what they hold. Blank and repeated rows cost nothing."""

import re
from datetime import date, datetime
from xml.parsers import expat

from files.examine import Unreadable
from imports.parse import MOST_COLUMNS, MOST_FAULTS, MOST_MERGED, MOST_ROWS, column_letters
from imports.parse.spool import Fault

LONGEST_FORMULA = 100
# Elements of text:p that stand for characters.
SPACES = {"text:s": " ", "text:tab": "\t", "text:line-break": "\n"}
CELLS = {"table:table-cell", "table:covered-table-cell"}
_ERROR = re.compile(r"#[A-Z/0]+[!?]|#N/A|Err:[0-9]+")
_DURATION = re.compile(r"(-?)PT(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)(?:[.,]([0-9]+))?S)?")
_BLANKS = re.compile(r"[ \t\r\n]+")


def read(archive, spool):
    if archive.has("encrypted-package"):
        raise Unreadable("password")
    if archive.has("meta-inf/manifest.xml") and b"encryption-data" in archive.small("meta-inf/manifest.xml"):
        raise Unreadable("password")
    if any(name.startswith(("basic/", "scripts/")) for name in archive.entries):
        raise Unreadable("macros")
    if not archive.has("content.xml"):
        raise Unreadable("damaged")
    for part in archive.entries:
        if part != "content.xml":
            for _chunk in archive.stream(part):
                pass
    _Walk(spool).over(archive.stream("content.xml"))


class _Walk:
    """The state of the walk: which sheet, row and cell it is in, and the text of that cell so far."""

    def __init__(self, spool):
        self.spool = spool
        self.sheet = None
        self.depth = 0  # tables in tables
        self.ignored = 0  # inside a comment of a cell
        self.row, self.times, self.cells, self.column = 0, 1, [], 0
        self.cell, self.lines, self.in_line = None, [], False
        self.faults = 0

    def over(self, stream):
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text
        try:
            for chunk in stream:
                parser.Parse(chunk, False)
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise Unreadable("damaged") from error
        finally:
            if self.sheet is not None:
                self.sheet.__exit__(Unreadable, None, None)

    # What begins ----------------------------------------------------------------------------------

    def _start(self, name, attributes):
        if self.ignored:
            self.ignored += 1
        elif name == "office:annotation":
            self.ignored = 1
        elif name == "table:table":
            self.depth += 1
            if self.depth == 1:
                self.sheet = self.spool.sheet(attributes.get("table:name", ""))
                self.row = 0
        elif self.depth == 1:
            if name == "table:table-row":
                self.times, self.cells, self.column = _repeated(attributes, "table:number-rows-repeated"), [], 0
            elif name in CELLS:
                self.cell, self.lines = attributes, []
            elif self.cell is not None:
                self._start_text(name, attributes)

    def _start_text(self, name, attributes):
        if name == "text:p":
            self.lines.append("")
            self.in_line = True
        elif self.in_line and name in SPACES:
            self.lines[-1] += SPACES[name] * min(_repeated(attributes, "text:c"), 1000)

    def _text(self, text):
        if self.in_line and not self.ignored:
            self.lines[-1] += _BLANKS.sub(" ", text)

    # What ends ------------------------------------------------------------------------------------

    def _end(self, name):
        if self.ignored:
            self.ignored -= 1
        elif name == "table:table":
            self.depth -= 1
            if self.depth == 0:
                sheet, self.sheet = self.sheet, None
                sheet.merged.sort()
                sheet.__exit__(None, None, None)
        elif self.depth == 1:
            if name == "text:p":
                self.in_line = False
            elif name in CELLS:
                self._end_cell()
            elif name == "table:table-row":
                self._end_row()

    def _end_cell(self):
        attributes, self.cell = self.cell, None
        times = _repeated(attributes, "table:number-columns-repeated")
        across = _repeated(attributes, "table:number-columns-spanned")
        down = _repeated(attributes, "table:number-rows-spanned")
        if (across > 1 or down > 1) and len(self.sheet.merged) < MOST_MERGED:
            top, left = self.row + 1, self.column + 1
            self.sheet.merged.append((top, left, top + down - 1, left + across - 1))
        value = _value(attributes, "\n".join(self.lines))
        self.column += times
        if value is None or (type(value) is str and not value.strip()):
            return
        if self.column > MOST_COLUMNS:
            cell = f"{column_letters(min(self.column, 10**6))}{self.row + 1}"
            raise Unreadable("columns", most=MOST_COLUMNS, cell=cell, sheet=self.sheet.name)
        if isinstance(value, Fault):
            self.faults += times
            if self.faults > MOST_FAULTS:
                raise Unreadable("faults", most=MOST_FAULTS)
        self.cells.extend([None] * (self.column - times - len(self.cells)))
        self.cells.extend([value] * times)

    def _end_row(self):
        if self.cells:
            if self.sheet.rows + self.times > MOST_ROWS:
                raise Unreadable("rows", most=MOST_ROWS, sheet=self.sheet.name)
            for number in range(self.row + 1, self.row + self.times + 1):
                self.sheet.put(number, self.cells)
        self.row += self.times


def _repeated(attributes, name):
    written = attributes.get(name, "1")
    if not (written.isascii() and written.isdigit() and len(written) < 10):
        raise Unreadable("damaged")
    return max(1, int(written))


def _value(attributes, text):
    """What a cell holds, by the type that it states."""
    kind = attributes.get("office:value-type")
    formula = attributes.get("table:formula")
    if attributes.get("calcext:value-type") == "error" or (formula and _ERROR.fullmatch(text)):
        return Fault(text or "#ERR")
    if kind is None:
        return Fault(formula.removeprefix("of:")[:LONGEST_FORMULA]) if formula and not text else text
    try:
        if kind in {"float", "percentage", "currency"}:
            return float(attributes["office:value"])
        if kind == "boolean":
            return attributes["office:boolean-value"] == "true"
        if kind == "date":
            return _moment(attributes["office:date-value"])
        if kind == "time":
            return _duration(attributes["office:time-value"])
    except (KeyError, ValueError) as error:
        raise Unreadable("damaged") from error
    return attributes.get("office:string-value", text)


def _moment(written):
    return date.fromisoformat(written) if len(written) == 10 else datetime.fromisoformat(written)


def _duration(written):
    found = _DURATION.fullmatch(written)
    if found is None:
        raise ValueError(written)
    sign, hours, minutes, seconds = found[1], *(int(found[place] or 0) for place in (2, 3, 4))
    return f"{sign}{hours:02}:{minutes:02}:{seconds:02}"

"""XLSX: calamine reads the cells; the XML is walked beside it for what calamine does not tell.

That is: errors (calamine gives an empty cell), formulas without a value, the 1904 setting, and how many rows hold
anything. Where calamine gave fewer rows than were counted, the file is refused.
"""

import re
from collections import defaultdict
from xml.parsers import expat

import python_calamine

from files.examine import Unreadable
from imports.parse import (
    MOST_CELLS,
    MOST_COLUMNS,
    MOST_FAULTS,
    MOST_MERGED,
    MOST_ROWS,
    column_letters,
    column_number,
)
from imports.parse.spool import Fault

# The last row of any spreadsheet program; blank rows beyond it are a bomb.
LAST_ROW = 1_048_576
LONGEST_ROW = 16 * 1024 * 1024
LONGEST_FORMULA = 100
# No mark that is looked for is longer.
OVERLAP = 200
# Calamine knows these and fails on any other.
ERRORS = frozenset(b"#DIV/0! #N/A #NAME? #NULL! #NUM! #REF! #VALUE! #DATA!".split())

_ROOT = re.compile(rb"<(?:(\w+):)?worksheet\b")
_AFTER_LETTERS = re.compile(rb"[^A-Za-z].*", re.DOTALL)
_VALUE = re.compile(rb"<(?:\w+:)?(?:v(?:\s[^>]*)?>(?!</)|is\b)")
_V = re.compile(rb"<(?:\w+:)?v(?:\s[^>/]*)?>(.*?)</(?:\w+:)?v>", re.DOTALL)
_F = re.compile(rb"<(?:\w+:)?f(?:\s[^>]*?)?(?:/>|>(.*?)</)", re.DOTALL)
_TEXT = re.compile(rb"<(?:\w+:)?t(?:\s[^>/]*)?>(.*?)</(?:\w+:)?t>", re.DOTALL)
_NUMBER = re.compile(rb"""\sr\s*=\s*["']([0-9]+)["']""")
_PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{1,4})([0-9]+)["']""")
_TYPE = re.compile(rb"""\st\s*=\s*["'](\w+)["']""")
_MERGED = re.compile(rb"""mergeCell\s[^>]*?ref\s*=\s*["']([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})["']""")
_ENTITY = {b"&lt;": b"<", b"&gt;": b">", b"&quot;": b'"', b"&apos;": b"'", b"&amp;": b"&"}


def read(archive, source, spool):
    date1904, parts = _workbook(archive)
    scans = {part: Scan(archive.stream(part)) for part in dict.fromkeys(parts.values())}
    for part in archive.entries:
        if part not in scans:
            for _chunk in archive.stream(part):
                pass
    try:
        with python_calamine.load_workbook(str(source)) as book:
            for sheet in book.sheets_metadata:
                if sheet.typ == python_calamine.SheetTypeEnum.WorkSheet:
                    _sheet(archive, spool, book, sheet, scans, parts, date1904)
    except python_calamine.PasswordError as error:
        raise Unreadable("password") from error
    except python_calamine.CalamineError as error:
        raise Unreadable("damaged") from error


def _sheet(archive, spool, book, sheet, scans, parts, date1904):
    part = parts.get(sheet.name)
    if part is None:
        raise Unreadable("damaged")
    scan = scans[part]
    scan.check(sheet.name)
    hidden = sheet.visible != python_calamine.SheetVisibleEnum.Visible
    with spool.sheet(sheet.name, hidden=hidden, date1904=date1904) as target:
        target.merged = sorted(scan.merged)
        faults = scan.faults
        grid = book.get_sheet_by_name(sheet.name)
        number = 0
        for number, cells in enumerate(grid.iter_rows(), start=1):
            if number in faults:
                _lay(cells, faults.pop(number))
            target.put(number, cells)
        for number in sorted(faults):
            cells = []
            _lay(cells, faults[number])
            target.put(number, cells)
    # Rows of nothing but empty texts are counted first and then found to hold nothing.
    if target.rows < scan.rows and target.rows < _solid_rows(archive, part):
        raise Unreadable("rows_lost", sheet=sheet.name)


def _lay(cells, faults):
    for column, fault in faults.items():
        cells.extend([None] * (column - len(cells)))
        cells[column - 1] = fault


# What the workbook says of its parts --------------------------------------------------------------


def _workbook(archive):
    """Whether days are counted from 1904, and `{sheet name: its part}`."""
    archive.content_types()
    properties, sheets, targets = {}, [], {}

    def workbook(name, attributes):
        if name == "workbookPr":
            properties.update(attributes)
        elif name == "sheet":
            sheets.append((attributes.get("name", ""), attributes.get("id", "")))

    def relation(name, attributes):
        if name == "Relationship" and attributes.get("Type", "").endswith("/worksheet"):
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    _parse(archive, "xl/workbook.xml", workbook)
    _parse(archive, "xl/_rels/workbook.xml.rels", relation)
    parts = {}
    for name, key in sheets:
        target = targets.get(key, "").replace("\\", "/").lower()
        part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        part = part.replace("/./", "/").replace("xl/../", "").replace("xl/xl/", "xl/")
        if name in parts:
            raise Unreadable("damaged")
        if archive.has(part):
            parts[name] = part
    return properties.get("date1904", "0").lower() in {"1", "true", "on"}, parts


def _parse(archive, part, element):
    if not archive.has(part):
        raise Unreadable("damaged")
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: element(
        name.rpartition(":")[2], {key.rpartition(":")[2]: value for key, value in attributes.items()}
    )
    try:
        parser.Parse(archive.small(part), True)
    except expat.ExpatError as error:
        raise Unreadable("damaged") from error


# A walk over the rows of a sheet ------------------------------------------------------------------


def _rows(stream, watch):
    """The rows of a sheet as raw XML, a list at a time. `watch` counts them and sees what stands around them.

    Raises Unreadable where the sheet stops before its end.
    """
    data, opening, end = b"", None, b""
    for chunk in stream:
        data += chunk
        end = (end + chunk)[-OVERLAP:]
        if opening is None:
            root = _ROOT.search(data)
            if root is None:
                raise Unreadable("damaged")
            opening = b"<" + (root[1] + b":" if root[1] else b"") + b"row"
        cut = data.rfind(opening)
        if cut < 0 or (cut == 0 and len(data) > LONGEST_ROW and b"sheetData>" in data):
            # Before the first row or after the last.
            yield from _pieces(data, opening, watch)
            data = data[-OVERLAP:]
        elif len(data) - cut > LONGEST_ROW:
            raise Unreadable("damaged")
        else:
            yield from _pieces(data[:cut], opening, watch)
            data = data[cut:]
    if opening is None or not end.rstrip().endswith(b"worksheet>"):
        raise Unreadable("damaged")
    yield from _pieces(data, opening, watch)


def _pieces(data, opening, watch):
    watch.around(data)
    if b"<v" not in data and b"<is" not in data and b"<f" not in data and b":" not in opening:
        watch.skip(data.count(opening))
        return
    pieces = [piece for piece in data.split(opening)[1:] if piece[:1] in {b" ", b">", b"/", b"\t", b"\r", b"\n"}]
    if pieces:
        watch.count(len(pieces))
        yield pieces


class Scan:
    """What one sheet's XML tells: rows that hold anything, the far corners, errors, formulas without a value."""

    def __init__(self, stream):
        self.rows = self.elements = self.last = self.width = 0
        self.first = None
        self.far = ""
        self.merged = set()
        self.faults = defaultdict(dict)
        self.fault_count = 0
        self.strange = None
        self.number = 0
        for pieces in _rows(stream, self):
            for piece in pieces:
                start = piece[: piece.find(b">") + 1]
                found = _NUMBER.search(start)
                self.number = int(found[1]) if found else self.number + 1
                if not start.endswith(b"/>"):
                    self._row(piece, self.number)

    def skip(self, elements):
        """Rows without anything in them, many at a time."""
        self.number += elements
        self.count(elements)

    def count(self, elements):
        self.elements += elements
        if self.elements > LAST_ROW:
            raise Unreadable("too_many_elements", most=LAST_ROW)

    def around(self, data):
        if b"mergeCell " in data and len(self.merged) < MOST_MERGED:
            for left, top, right, bottom in _MERGED.findall(data):
                self.merged.add((int(top), column_number(left), int(bottom), column_number(right)))

    def _row(self, piece, number):
        holds = _VALUE.search(piece) is not None
        if b"<f" in piece or b":f" in piece or b't="e"' in piece or b"t='e'" in piece:
            holds = self._faults(piece, number) or holds
        if not holds:
            return
        self.rows += 1
        self.first = number if self.first is None else min(self.first, number)
        self.last = max(self.last, number)
        cut = piece.rfind(b' r="')
        letters = piece[cut + 4 : cut + 8] if cut > 0 else b""
        column = column_number(_AFTER_LETTERS.sub(b"", letters))
        if column > MOST_COLUMNS:
            # Its last cells may be coloured and empty.
            column = max((at for _n, at, _t, body in _cells(piece, number) if _VALUE.search(body)), default=0)
        if column > self.width:
            self.width, self.far = column, f"{column_letters(column)}{number}"

    def _faults(self, piece, number):
        found = False
        for row, column, kind, body in _cells(piece, number):
            fault = _fault(kind, body)
            if fault is None:
                continue
            found = True
            if kind == b"e" and fault.encode() not in ERRORS and not fault.startswith("="):
                self.strange = self.strange or (f"{column_letters(column)}{row}", fault[:20])
            self.fault_count += 1
            if self.fault_count > MOST_FAULTS:
                raise Unreadable("faults", most=MOST_FAULTS)
            if column <= MOST_COLUMNS:
                self.faults[row][column] = fault
        return found

    def check(self, sheet):
        """Refuse before calamine lays out what does not fit."""
        if self.strange:
            raise Unreadable("strange_error", cell=self.strange[0], error=self.strange[1], sheet=sheet)
        if self.rows > MOST_ROWS:
            raise Unreadable("rows", most=MOST_ROWS, sheet=sheet)
        if self.width > MOST_COLUMNS:
            raise Unreadable("columns", most=MOST_COLUMNS, cell=self.far, sheet=sheet)
        if self.last > LAST_ROW or self.last * self.width > MOST_CELLS:
            raise Unreadable("cells", row=self.last, cell=self.far, sheet=sheet)


def _cells(piece, number):
    """`(row, column, type, body)` of each cell of a row."""
    column = 0
    body = piece[piece.find(b">") + 1 :]
    prefix = re.match(rb"\s*<(\w+:)?c\b", body)
    for part in body.split(b"<" + ((prefix[1] if prefix else None) or b"") + b"c")[1:]:
        if part[:1] not in b" >/\t\r\n":
            continue
        start, _mark, inside = part.partition(b">")
        place = _PLACE.search(start)
        row, column = (int(place[2]), column_number(place[1])) if place else (number, column + 1)
        kind = _TYPE.search(start)
        yield row, column, kind[1] if kind else b"n", b"" if start.endswith(b"/") else inside


def _fault(kind, body):
    value = _V.search(body)
    if value is not None and value[1]:
        return Fault(value[1].decode("utf-8", "replace").strip()) if kind == b"e" else None
    formula = _F.search(body)
    # A formula whose result is an empty text says so by its type.
    if formula is None or kind in {b"str", b"s", b"inlineStr"}:
        return None
    written = re.sub(rb"&\w+;", lambda match: _ENTITY.get(match[0], match[0]), formula[1] or b"")
    return Fault("=" + written.decode("utf-8", "replace")[:LONGEST_FORMULA])


# Rows of empty texts ------------------------------------------------------------------------------


def _solid_rows(archive, part):
    """How many rows hold more than empty texts: the slow count, for a file whose quick count did not agree."""
    empty = _empty_strings(archive) if archive.has("xl/sharedstrings.xml") else set()
    rows = number = 0
    for pieces in _rows(archive.stream(part), _Unwatched()):
        for piece in pieces:
            found = _NUMBER.search(piece[: piece.find(b">") + 1])
            number = int(found[1]) if found else number + 1
            rows += any(_is_solid(kind, body, empty) for _row, _column, kind, body in _cells(piece, number))
    return rows


class _Unwatched:
    def count(self, elements):
        pass

    skip = around = count


def _is_solid(kind, body, empty):
    if _fault(kind, body) is not None:
        return True
    if kind == b"inlineStr":
        return _is_filled(b"".join(_TEXT.findall(body)))
    value = _V.search(body)
    if value is None or not value[1].strip():
        return False
    if kind == b"s":
        return int(value[1]) not in empty
    return kind != b"str" or _is_filled(value[1])


def _is_filled(text):
    return bool(re.sub(r"&#(?:x0*(?:9|a|d|20|a0)|0*(?:9|10|13|32|160));", " ", text.decode("utf-8", "replace")).strip())


def _empty_strings(archive):
    """The places of the shared texts in which nothing stands."""
    empty, index, data = set(), -1, b""
    for chunk in archive.stream("xl/sharedstrings.xml"):
        data += chunk
        *whole, data = re.split(rb"<(?:\w+:)?si\b", data)
        for text in whole:
            if index >= 0 and not _is_filled(b"".join(_TEXT.findall(text))):
                empty.add(index)
            index += 1
    if index >= 0 and not _is_filled(b"".join(_TEXT.findall(data))):
        empty.add(index)
    return empty

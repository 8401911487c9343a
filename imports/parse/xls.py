"""XLS: calamine reads the cells; the records are walked beside it for passwords, macros, errors and the end."""

import struct
from collections import defaultdict

import python_calamine

from files.examine import Unreadable
from imports.parse import MOST_MERGED
from imports.parse.spool import Fault

BOF, EOF, BOUND_SHEET, FILE_PASS, MACROS, DATE_MODE = 0x0809, 0x000A, 0x0085, 0x002F, 0x00D3, 0x0022
FORMULA, BOOL_OR_ERROR = 0x0006, 0x0205
WORKSHEET, MACRO_SHEET, VBA_SHEET = 0, 1, 6
ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


def read(compound, source, spool):
    stream = compound.stream("Workbook" if "Workbook" in compound.names else "Book")
    if compound.names & {"_VBA_PROJECT_CUR", "_VBA_PROJECT", "VBA"}:
        raise Unreadable("macros")
    try:
        date1904, places = _globals(stream)
        faults = {place: _faults(stream, place) for place in places}
    except struct.error as error:
        raise Unreadable("damaged") from error
    try:
        with python_calamine.load_workbook(str(source)) as book:
            if len(book.sheets_metadata) != len(places):
                raise Unreadable("damaged")
            for index, (sheet, place) in enumerate(zip(book.sheets_metadata, places, strict=True)):
                if sheet.typ == python_calamine.SheetTypeEnum.WorkSheet:
                    _sheet(spool, book.get_sheet_by_index(index), sheet, faults[place], date1904)
    except python_calamine.PasswordError as error:
        raise Unreadable("password") from error
    except python_calamine.CalamineError as error:
        raise Unreadable("damaged") from error


def _sheet(spool, grid, sheet, faults, date1904):
    hidden = sheet.visible != python_calamine.SheetVisibleEnum.Visible
    with spool.sheet(sheet.name, hidden=hidden, date1904=date1904) as target:
        for (top, left), (bottom, right) in sorted(grid.merged_cell_ranges or [])[:MOST_MERGED]:
            target.merged.append((top + 1, left + 1, bottom + 1, right + 1))
        height = 0
        for height, cells in enumerate(grid.iter_rows(), start=1):
            target.put(height, _with(cells, faults.pop(height, {})))
        for number in sorted(faults):
            target.put(number, _with([], faults[number]))


def _with(cells, faults):
    for column, fault in faults.items():
        cells.extend([None] * (column - len(cells)))
        cells[column - 1] = fault
    return cells


def _records(stream, at):
    """`(type, content)` from a BOF to its EOF. Raises Unreadable where the stream stops before it."""
    depth = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<2H", stream, at)
        content = stream[at + 4 : at + 4 + length]
        at += 4 + length
        # A chart inside a sheet has a beginning and an end of its own.
        depth += (kind == BOF) - (kind == EOF)
        yield kind, content, depth
        if depth <= 0:
            return
    raise Unreadable("damaged")


def _globals(stream):
    """Whether days are counted from 1904, and where each sheet begins."""
    date1904, places = False, []
    for kind, content, _depth in _records(stream, 0):
        if kind == FILE_PASS:
            raise Unreadable("password")
        if kind == MACROS:
            raise Unreadable("macros")
        if kind == DATE_MODE:
            date1904 = content[:1] == b"\x01"
        elif kind == BOUND_SHEET:
            place, _visible, sheet = struct.unpack_from("<I2B", content)
            if sheet in {MACRO_SHEET, VBA_SHEET}:
                raise Unreadable("macros")
            places.append(place)
    return date1904, places


def _faults(stream, place):
    """`{row: {column: error}}` of a sheet; calamine gives an empty cell for them."""
    faults = defaultdict(dict)
    for kind, content, depth in _records(stream, place):
        if depth != 1 or kind not in {FORMULA, BOOL_OR_ERROR}:
            continue
        row, column = struct.unpack_from("<2H", content)
        code = None
        if kind == BOOL_OR_ERROR and content[7:8] == b"\x01":
            code = content[6]
        elif kind == FORMULA and content[12:14] == b"\xff\xff" and content[6] == 2:
            code = content[8]
        if code is not None:
            faults[row + 1][column + 1] = Fault(ERRORS.get(code, "#ERR"))
    return dict(faults)

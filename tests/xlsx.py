"""Reads an XLSX as plain cells, without trusting any library that might evaluate or guess."""

import io
import re
import zipfile
from xml.etree import ElementTree as ET

_NS = {"x": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def sheets(content):
    """A list of sheets, each a list of rows `{column letter: str | int | float}`; raises where a cell is a formula."""
    found = []
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert book.testzip() is None
        for name in sorted(n for n in book.namelist() if re.fullmatch(r"xl/worksheets/sheet[0-9]+\.xml", n)):
            root = ET.fromstring(book.read(name))  # noqa: S314 - our own file
            assert not root.findall(".//x:f", _NS), "a cell is a formula"
            assert not root.findall(".//x:hyperlink", _NS), "a cell is a link"
            found.append([_row(row) for row in root.iterfind(".//x:sheetData/x:row", _NS)])
    return found


def _row(row):
    cells = {}
    for cell in row.iterfind("x:c", _NS):
        letter = re.match("[A-Z]+", cell.get("r"))[0]
        if cell.get("t") == "inlineStr":
            text = "".join(part.text or "" for part in cell.iterfind(".//x:t", _NS))
            cells[letter] = re.sub("_x([0-9A-F]{4})_", lambda match: chr(int(match[1], 16)), text)
        elif (value := cell.find("x:v", _NS)) is not None:
            number = float(value.text)
            cells[letter] = int(number) if number.is_integer() else number
    return cells


def table(content):
    """Rows of the first sheet as lists of the same length; None where a cell is empty."""
    rows = sheets(content)[0]
    letters = list(rows[0])
    return [[row.get(letter) for letter in letters] for row in rows]

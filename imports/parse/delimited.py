"""CSV: encoding and separator are found, never a number guessed: every cell is text."""

import codecs
import csv
import io
import re
from collections import Counter
from itertools import islice

from files.examine import MIB, Unreadable
from imports.parse import MOST_CHARACTERS

SEPARATORS = ",;\t"
SAMPLE_ROWS = 100
BOMS = (
    (codecs.BOM_UTF32_LE, None),
    (codecs.BOM_UTF32_BE, None),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# An export puts one apostrophe before what a spreadsheet would take for a formula (common.exports.inert).
_GUARDED = re.compile(r"'['\s]*[=+\-@\t\r\n＝＋－＠]")
_STATED = re.compile(r"sep=([,;\t])\r?\n?", re.IGNORECASE)


def read(source, spool):
    encoding = _encoding(source)
    csv.field_size_limit(MOST_CHARACTERS)
    with source.open(encoding=encoding, newline="") as file:
        sample = "".join(islice(_lines(file), SAMPLE_ROWS))
        stated = _STATED.match(sample)
        separator = stated[1] if stated else _separator(sample)
        file.seek(0)
        with spool.sheet("CSV") as target:
            _rows(file, separator, target, skip=1 if stated else 0)


def _rows(file, separator, target, skip):
    records = csv.reader(_lines(file), delimiter=separator, strict=True)
    number = 0
    try:
        for number, cells in enumerate(records, start=1):
            if number > skip:
                target.put(number, [cell[1:] if _GUARDED.match(cell) else cell for cell in cells])
    except csv.Error as error:
        code = "long_cell" if "field larger" in str(error) else "quotes"
        raise Unreadable(code, row=number + 1) from error


def _lines(file):
    """The lines of a file, however it ends them; one that never ends is cut before it fills the memory."""
    for line in iter(lambda: file.readline(MIB * 8), ""):
        if len(line) >= MIB * 8:
            raise Unreadable("long_cell", row=1)
        yield line


def _encoding(source):
    with source.open("rb") as file:
        beginning = file.read(4096)
        for mark, encoding in BOMS:
            if beginning.startswith(mark):
                if encoding is None:
                    raise Unreadable("encoding")
                break
        else:
            encoding = _utf_16(beginning) or "utf-8"
        failed_at, beyond_ascii = _try(file, encoding)
        if failed_at is None:
            return encoding
        # Good UTF-8 before the bad byte: a cut or patched file, which as cp1252 would be misread.
        if encoding != "utf-8" or beyond_ascii or _try(file, "cp1252")[0] is not None:
            raise Unreadable("encoding")
        return "cp1252"


def _utf_16(beginning):
    """Text in UTF-16 without a mark shows in the NULs beside its plain letters."""
    pairs = len(beginning) // 2
    for encoding, high in (("utf-16-le", 1), ("utf-16-be", 0)):
        if pairs and beginning[high::2].count(0) > pairs * 0.5 and not beginning[1 - high :: 2].count(0):
            return encoding
    return None


def _try(file, encoding):
    """`(where it fails or None, whether a letter beyond ASCII came before)`. Refuses NULs."""
    file.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    beyond, lines = False, 1
    while True:
        chunk = file.read(MIB)
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            return file.tell(), beyond or not error.object[: error.start].isascii()
        if "\0" in text:
            raise Unreadable("nul", line=lines + text[: text.index("\0")].count("\n"))
        lines += text.count("\n")
        beyond = beyond or not text.isascii()
        if not chunk:
            return None, beyond


def _separator(sample):
    """The one by which most rows have the same number of cells, and the most of them."""
    best = (0, 0, ",")
    for separator in SEPARATORS:
        try:
            widths = Counter(len(cells) for cells in csv.reader(io.StringIO(sample, newline=""), delimiter=separator))
        except csv.Error:
            continue
        alike = [(rows, width) for width, rows in widths.items() if width > 1]
        if alike and (*max(alike), separator)[:2] > best[:2]:
            best = (*max(alike), separator)
    return best[2]

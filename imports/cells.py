"""How the cells of a file become values: every parser gives a value as JSON knows it or raises Refused.

Numbers, dates and texts are read by the parsers of `common` alone; here stands only what a spreadsheet adds: floats
where digits were typed, and words that stand for a row of a small table.
"""

from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime

from django.utils.translation import gettext_lazy as _

from common.dates import parse_cell_date
from common.numbers import parse_cell_count, parse_cell_rupiah
from common.refusal import Refused
from common.text import clean_text, fold, identity_number

# Above this, a spreadsheet has rounded what was typed.
_EXACT = 10**15
YES = {"ya", "y", "yes", "true", "1", "sudah", "ada", "v", "x"}
NO = {"tidak", "t", "no", "n", "false", "0", "belum", "tidak ada"}
DASHES = {"-", "–", "—"}
_from_1904 = ContextVar("days from 1904", default=False)
# What a parser gives for a cell that counts as not filled in.
NOTHING = object()


class CellRefused(Refused):
    """What stands in a cell cannot be read as what its column holds."""


def shown(cell):
    """A cell as it stands in the file, for a person."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < _EXACT else repr(cell)
    return "" if cell is None else str(cell)


def text(most):
    """A parser for one line of at most `most` characters; a number in the cell is the text of its digits."""

    def parse(cell):
        if isinstance(cell, datetime | date | bool):
            raise CellRefused(_("The cell holds a date or TRUE/FALSE; text is expected. Format the column as text."))
        if isinstance(cell, float) and (not cell.is_integer() or abs(cell) >= _EXACT):
            raise CellRefused(_("A spreadsheet has damaged this number. Format the column as text and enter it again."))
        words = clean_text(shown(cell))
        if len(words) > most:
            raise CellRefused(_("Too long: at most %(most)s characters fit."), most=most)
        return words

    return parse


def digits(length):
    """A parser for a long number that is a name, such as the Nomor Induk Koperasi: its digits, as text."""

    def parse(cell):
        if isinstance(cell, bool | date | datetime):
            raise CellRefused(_("Only the digits 0 to 9 are possible here."))
        # A number of full length lost nothing by being a quantity; any other may have lost its leading zeros.
        return identity_number(shown(cell).lstrip("'") if not isinstance(cell, float) else f"{cell:.0f}", digits=length)

    return parse


def count(cell):
    """A whole number from 0."""
    return parse_cell_count(cell)


def rupiah(cell):
    """Whole rupiah from 0."""
    return parse_cell_rupiah(cell)


def signed_rupiah(cell):
    """Whole rupiah, a loss below zero."""
    return parse_cell_rupiah(cell, signed=True)


def year(cell):
    """A year with four digits."""
    words = shown(cell).strip()
    if isinstance(cell, bool) or not (words.isascii() and words.isdigit() and len(words) == 4):
        raise CellRefused(_("Write the year with four digits, for example 2025."))
    if not 1950 <= int(words) <= 2100:
        raise CellRefused(_("The year must lie between %(first)s and %(last)s."), first=1950, last=2100)
    return int(words)


def day(cell):
    """A day, as ISO text. A bare number counts from 1904 within `calendar(date1904=True)`."""
    return parse_cell_date(cell, date1904=_from_1904.get()).isoformat()


@contextmanager
def calendar(*, date1904):
    """Read bare numbers as days of this calendar: a setting of the workbook."""
    token = _from_1904.set(date1904)
    try:
        yield
    finally:
        _from_1904.reset(token)


def flag(cell):
    """Yes or no."""
    if isinstance(cell, bool):
        return cell
    words = fold(shown(cell))
    if words in YES:
        return True
    if words in NO:
        return False
    raise CellRefused(_("Write ya or tidak."))


def unless_dash(parse):
    """The same parser where a dash in the cell means that nothing is known."""

    def read(cell):
        return None if isinstance(cell, str) and cell.strip() in DASHES else parse(cell)

    return read


def blank_if_dash(parse):
    """The same parser where a dash in the cell stands for an empty cell, which changes nothing."""

    def read(cell):
        return NOTHING if isinstance(cell, str) and cell.strip() in DASHES else parse(cell)

    return read

"""One parser for dates, used by forms, imports and the API alike; and how dates are written. All days are WITA."""

import re
from datetime import UTC, date, datetime, timedelta

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

EARLIEST, LATEST = date(1900, 1, 1), date(2100, 12, 31)

MONTHS_ID = "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember".split()
MONTHS_EN = "January February March April May June July August September October November December".split()
_SHORT = {
    "jan": 1, "feb": 2, "peb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "agu": 8, "ags": 8, "agt": 8,
    "aug": 8, "sep": 9, "sept": 9, "okt": 10, "oct": 10, "nov": 11, "nop": 11, "des": 12, "dec": 12,
    "pebruari": 2, "nopember": 11,
}  # fmt: skip
_MONTH_NUMBERS = (
    _SHORT
    | {name.lower(): number for number, name in enumerate(MONTHS_ID, 1)}
    | {name.lower(): number for number, name in enumerate(MONTHS_EN, 1)}
)


class DateRefused(ValueError):
    """What was typed is not a date that can be read one way only. `str()` says what to type instead."""


def today():
    """Today in East Kalimantan (WITA)."""
    return timezone.localdate()


def parse_date(text):
    """`02/03/2025` (2 March), `2-3-2025`, `2025-03-02`, `2 Maret 2025`. Raises DateRefused."""
    text = text.strip() if isinstance(text, str) else ""
    if match := re.fullmatch(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})", text):
        year, month, day = match.groups()
    elif match := re.fullmatch(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{2}|[0-9]{4})", text):
        day, _separator, month, year = match.groups()
        if len(year) == 2:
            raise DateRefused(_("Write the year with four digits, for example 01/02/2025."))
    elif match := re.fullmatch(r"([0-9]{1,2})[\s-]+([A-Za-z]+)\.?[\s-]+([0-9]{2}|[0-9]{4})", text):
        day, word, year = match.groups()
        if len(year) == 2:
            raise DateRefused(_("Write the year with four digits, for example 01/02/2025."))
        month = _MONTH_NUMBERS.get(word.lower())
        if month is None:
            raise DateRefused(_("“%(word)s” is not a month.") % {"word": word[:20]})
    else:
        raise DateRefused(_("Write the date as day/month/year, for example 31/12/2025."))
    if int(month) > 12:
        raise DateRefused(_("There is no month %(month)s. The day comes first: day/month/year.") % {"month": month})
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        raise DateRefused(_("That day does not exist in the calendar.")) from None
    return _bounded(found)


def parse_cell_date(value, *, date1904=False):
    """A date from a spreadsheet's cell: a date, a moment at midnight, Excel's day number, or text. Raises DateRefused."""
    if isinstance(value, bool) or value is None:
        raise DateRefused(_("The cell does not hold a date."))
    if isinstance(value, datetime):
        # A day that a program wrote as midnight UTC is that day, not eight hours later.
        plain = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        if plain.time() != plain.min.time():
            raise DateRefused(_("The cell holds a time of day; only a date is expected."))
        return _bounded(plain.date())
    if isinstance(value, date):
        return _bounded(value)
    if isinstance(value, int | float):
        if value != value or value != int(value) or not 1 <= value <= 80000:
            raise DateRefused(_("The cell does not hold a date."))
        # Excel believes that 1900 was a leap year: day 60 does not exist.
        start = date(1904, 1, 1) if date1904 else date(1899, 12, 30 if value > 60 else 31)
        if value == 60 and not date1904:
            raise DateRefused(_("That day does not exist in the calendar."))
        return _bounded(start + timedelta(days=int(value)))
    return parse_date(value)


def _bounded(found):
    if not EARLIEST <= found <= LATEST:
        raise DateRefused(_("The year must lie between 1900 and 2100."))
    return found


def format_date(value, precision="day"):
    """`31 Desember 2012`, `Februari 2011` or `2023`, by how exactly the date is known."""
    if precision == "year":
        return str(value.year)
    month = (MONTHS_EN if (get_language() or "id").startswith("en") else MONTHS_ID)[value.month - 1]
    return f"{month} {value.year}" if precision == "month" else f"{value.day} {month} {value.year}"


def format_moment(moment):
    """`24 November 2025 pukul 09.12 WITA`."""
    local = timezone.localtime(moment)
    if (get_language() or "id").startswith("en"):
        return f"{format_date(local.date())}, {local:%H:%M} WITA"
    return f"{format_date(local.date())} pukul {local:%H.%M} WITA"

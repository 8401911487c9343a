"""One parser for dates, used by forms, imports and the API alike; and how dates are written. All days are WITA."""

import calendar
import re
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.dates import MONTHS
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.refusal import Refused, quoted

EARLIEST, LATEST = date(1900, 1, 1), date(2100, 12, 31)

# Full names in both languages, and the short and older spellings that letters and certificates bear.
_SPELLINGS = (
    "januari january jan",
    "februari february pebruari feb peb",
    "maret march mar mrt",
    "april apr",
    "mei may",
    "juni june jun",
    "juli july jul",
    "agustus august agu agt ags agust aug",
    "september sep sept",
    "oktober october okt oct",
    "november nopember nov nop",
    "desember december des dec",
)
_MONTH_OF = {word: number for number, words in enumerate(_SPELLINGS, 1) for word in words.split()}

_LONGEST = 40
_DAY_FIRST = re.compile(r"([0-9]{1,2})([/-])([0-9]{1,2})\2([0-9]+)")
_YEAR_FIRST = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_IN_WORDS = re.compile(r"([0-9]{1,2})(?: +|-)([A-Za-z]+)\.?(?: +|-)([0-9]+)")
_MIDNIGHT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]00:00(?::00(?:\.0+)?)?(?:Z|[-+][0-9]{2}:?[0-9]{2})?")
_EXCEL_LEAP_DAY = 60


class DateRefused(Refused):
    """What was typed or stored is not a date that can be read one way only."""


def today():
    """Today in East Kalimantan (WITA)."""
    return timezone.localdate()


def day_of(moment):
    """The day of a moment in WITA, whatever the zone of the process or of a reader; None of None."""
    return moment and timezone.localdate(moment, timezone.get_default_timezone())


def begin_of(day):
    """The moment at which a day begins in WITA, whatever the zone of the process."""
    return datetime.combine(day, time.min, tzinfo=timezone.get_default_timezone())


def end_of(day):
    """The first moment after a day in WITA."""
    return begin_of(day + timedelta(days=1))


def monday_of(day):
    """The Monday of the week of a day."""
    return day - timedelta(days=day.weekday())


# Reading --------------------------------------------------------------------------------------------


def parse_date(text):
    """`02/03/2025` is 2 March; also `2-3-2025`, `2025-03-02`, `2 Maret 2025`, `2 Mar 2025`.

    Raises DateRefused and nothing else.
    """
    if not isinstance(text, str):
        raise _not_a_date(repr(text))
    text = text.replace("\u00a0", " ").strip()
    if not text:
        raise DateRefused(_("Enter a date."), code="empty")
    if len(text) > _LONGEST:
        raise _not_a_date(text)
    if found := _YEAR_FIRST.fullmatch(text):
        year, month, day = found.groups()
    elif found := _DAY_FIRST.fullmatch(text):
        day, _separator, month, year = found.groups()
    elif found := _IN_WORDS.fullmatch(text):
        day, word, year = found.groups()
        if word.lower() not in _MONTH_OF:
            raise DateRefused(_("“%(word)s” is not the name of a month."), code="month", word=quoted(word))
        month = _MONTH_OF[word.lower()]
    else:
        raise _not_a_date(text)
    if len(year) != 4:
        raise _year_too_short(int(day), int(month), year)
    return _day(int(year), int(month), int(day))


def parse_cell_date(value, *, date1904=False):
    """A date from a spreadsheet's cell: a date, a moment at midnight, a day number, or text.

    A moment at midnight is the day it names, in whatever zone it was written: nothing is shifted.
    `date1904` is the workbook's own setting. Raises DateRefused and nothing else.
    """
    if isinstance(value, datetime):
        if value.time() != time.min:
            raise _has_time()
        value = value.date()
    if isinstance(value, date):
        return _in_range(value)
    if isinstance(value, str):
        found = _MIDNIGHT.fullmatch(value.strip())
        return parse_date(found[1] if found else value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise DateRefused(_("The cell does not hold a date."), code="type")
    return _in_range(_of_day_number(value, date1904=date1904))


def _of_day_number(number, *, date1904):
    if not 1 <= number <= 100_000:  # a number that is not one fails here too
        raise DateRefused(_("The cell does not hold a date."), code="type")
    if number != int(number):
        raise _has_time()
    if EARLIEST.year <= number <= LATEST.year:
        # As a day number it would lie in 1905.
        raise DateRefused(_("The cell holds a year alone; a full date is expected."), code="year")
    if date1904:
        return date(1904, 1, 1) + timedelta(days=int(number))
    if number == _EXCEL_LEAP_DAY:
        # Spreadsheets believe that 1900 was a leap year; the days before it count from one day later.
        raise _no_such_day(1900, 2, 29)
    return date(1899, 12, 31 if number < _EXCEL_LEAP_DAY else 30) + timedelta(days=int(number))


def _day(year, month, day):
    if not EARLIEST.year <= year <= LATEST.year:
        raise _out_of_range()
    if not 1 <= month <= 12:
        swapped = 1 <= day <= 12 and 1 <= month <= calendar.monthrange(year, day)[1]
        raise DateRefused(
            _("There is no month %(month)s. The day comes first, then the month."),
            code="month",
            suggestion=f"{month:02}/{day:02}/{year}" if swapped else None,
            month=month,
        )
    if not 1 <= day <= calendar.monthrange(year, month)[1]:
        raise _no_such_day(year, month, day)
    return date(year, month, day)


def _in_range(value):
    if not EARLIEST <= value <= LATEST:
        raise _out_of_range()
    return value


def _not_a_date(text):
    return DateRefused(
        _("“%(text)s” is not a date. Write day, month and year, for example 31/12/2025."),
        code="not_a_date",
        text=quoted(text),
    )


def _year_too_short(day, month, year):
    full = f"{day:02}/{month:02}/20{year}"
    return DateRefused(
        _("Write the year with four digits."), code="year", suggestion=full if len(year) == 2 and _reads(full) else None
    )


def _reads(text):
    try:
        parse_date(text)
    except DateRefused:
        return False
    return True


def _no_such_day(year, month, day):
    return DateRefused(
        _("There is no day %(day)s in %(month)s %(year)s."),
        code="day",
        day=day,
        month=MONTHS[month],
        year=year,
    )


def _out_of_range():
    return DateRefused(_("The year must lie between 1900 and 2100."), code="range")


def _has_time():
    return DateRefused(_("The cell holds a time of day; a date alone is expected."), code="time")


# Writing --------------------------------------------------------------------------------------------


def write_date(value):
    """A date as a form's field holds it, whatever the language: `31/12/2025`."""
    return f"{value.day:02}/{value.month:02}/{value.year:04}"


def format_date(value, precision="day"):
    """`31 Desember 2012`, `Februari 2011` or `2023`, by how exactly the date is known ("day", "month", "year")."""
    if precision == "year":
        return str(value.year)
    month_and_year = f"{MONTHS[value.month]} {value.year}"
    if precision == "month":
        return month_and_year
    if precision == "day":
        return f"{value.day} {month_and_year}"
    raise ValueError(precision)


def format_moment(moment):
    """`24 November 2025 pukul 09.12 WITA`."""
    local = timezone.localtime(moment)
    return gettext("%(date)s at %(hour)s:%(minute)s %(zone)s") % {
        "date": format_date(local),
        "hour": f"{local.hour:02}",
        "minute": f"{local.minute:02}",
        "zone": local.tzname(),
    }

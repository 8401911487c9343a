"""One parser for numbers, used by forms, imports and the API alike; and how numbers are written.

Django's own parsing is dangerous under Indonesian habits: `6.000` (six thousand) would become 6. Here a dot
groups thousands and does nothing else, a comma begins cents, and what could be read two ways is refused.
"""

import math
import re
import unicodedata
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from common.refusal import Refused, quoted

LARGEST_COUNT = 2**31 - 1
LARGEST_RUPIAH = 10**15
NBSP = "\u00a0"
MINUS = "\u2212"

# Above this, a spreadsheet's float no longer holds every whole number.
_LARGEST_EXACT_FLOAT = 2**53
# No number that is accepted is longer; it bounds the work on hostile input.
_LONGEST = 60
_SPACES = " \t\r\n\u00a0\u202f"
_MINUSES = "-\u2212"

_PLAIN = re.compile(r"[0-9]+")
# A group of zeros or a leading zero would be a fraction in other habits: 0.611 is not 611.
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:\.[0-9]{3})+")
_OTHERWISE_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:[,_ '\u2019\u00a0\u202f][0-9]{3})+")
_SHORTENED = re.compile(r"[0-9]+(?:[.,][0-9]+)?[eE][-+]?[0-9]+")
_FRACTION = re.compile(r"(?P<whole>[0-9]+|[1-9][0-9]{0,2}(?:\.[0-9]{3})+),(?P<fraction>[0-9]+)")
_DOTS = re.compile(r"[0-9]+(?:\.[0-9]+)+")
_NOTHING = re.compile(r"[-\u2212\u2013\u2014]+")
# What stands before the digits of an amount: it always matches, if only nothing.
_BEFORE_AMOUNT = re.compile(
    r"\A([-\u2212])?[ \u00a0\u202f]*(?:(?:Rp|IDR)\.?)?[ \u00a0\u202f]*([-\u2212])?[ \u00a0\u202f]*", re.IGNORECASE
)
_NO_CENTS = re.compile(r"(?P<whole>[0-9.]*[0-9]),(?:00|-)")
_UNIT = re.compile(r"[0-9.,]+ ?(?:rb|ribu|jt|juta|m|miliar|milyar|t|triliun|k|b)\.?", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"\((?P<inside>.*)\)", re.DOTALL)


class NumberRefused(Refused):
    """What was typed or stored is not a number that can be read one way only."""


# Reading text ---------------------------------------------------------------------------------------


def parse_count(text, *, most=LARGEST_COUNT):
    """A whole number of things, from 0: `6111` or `6.111`. Raises NumberRefused and nothing else."""
    return _at_most(_whole(_typed(text)), most)


def parse_rupiah(text, *, signed=False):
    """Whole rupiah: `1234567`, `1.234.567`, `Rp 1.234.567,00` or `Rp 1.234.567,-`.

    Below zero only where `signed` (a loss), with a minus before or behind `Rp`. Raises NumberRefused
    and nothing else.
    """
    text = _typed(text)
    if _NOTHING.fullmatch(text):
        raise _is_nothing()
    _nothing, sign, inner_sign, rest = _BEFORE_AMOUNT.split(text, maxsplit=1)
    if (sign and inner_sign) or not rest or rest[0] in _MINUSES:
        raise _is_nothing() if not rest else _not_a_number(text)
    negative = bool(sign or inner_sign)
    if negative and not signed:
        raise _below_zero()
    amount = _at_most(_whole_rupiah(rest, signed=signed), LARGEST_RUPIAH)
    return -amount if negative else amount


def _typed(text):
    if not isinstance(text, str):
        raise _not_a_number(repr(text))
    text = text.strip(_SPACES)
    if not text:
        raise NumberRefused(_("Enter a number."), code="empty")
    if len(text) > _LONGEST:
        raise _not_a_number(text)
    return text


def _whole(text):
    """The value of plain or grouped digits; anything else is refused by the first rule that knows it."""
    if _PLAIN.fullmatch(text) or _GROUPED.fullmatch(text):
        return int(text.replace(".", ""))
    raise _refusal(text)


def _whole_rupiah(text, *, signed):
    if found := _NO_CENTS.fullmatch(text):
        text = found["whole"]
    elif found := _FRACTION.fullmatch(text):
        if len(found["fraction"]) != 3 or "." in found["whole"]:
            raise NumberRefused(_("Amounts are whole rupiah, without cents."), code="cents")
    elif _UNIT.fullmatch(text):
        raise NumberRefused(_("Write the amount in full, for example Rp 1.500.000."), code="unit")
    elif signed and (found := _IN_BRACKETS.fullmatch(text)):
        raise NumberRefused(
            _("Write an amount below zero with a minus."), code="brackets", suggestion=_readable(found["inside"], "-")
        )
    return _whole(text)


def _refusal(text):
    """Why this is no number, with what may be meant."""
    if _NOTHING.fullmatch(text):
        return _is_nothing()
    if text[0] in _MINUSES:
        return _below_zero()
    if text[0] == "+":
        return NumberRefused(
            _("Write the number without a plus sign."), code="sign", suggestion=_readable(text[1:].strip(_SPACES))
        )
    if not text.isascii() and (plain := _with_plain_digits(text)) != text:
        return NumberRefused(_("Write the number with the digits 0 to 9."), code="digits", suggestion=_readable(plain))
    if _OTHERWISE_GROUPED.fullmatch(text):
        digits = re.sub(r"[^0-9]", "", text)
        return NumberRefused(_("Only dots group thousands."), code="grouping", suggestion=write_number(int(digits)))
    if _SHORTENED.fullmatch(text):
        return NumberRefused(_("Write the number in full; a spreadsheet may have shortened it."), code="shortened")
    if found := _FRACTION.fullmatch(text):
        exact = not found["fraction"].strip("0")
        return NumberRefused(
            _("Only a whole number is possible here."),
            code="fraction",
            suggestion=_readable(found["whole"]) if exact else None,
        )
    if _DOTS.fullmatch(text):
        return NumberRefused(
            _("Dots only group thousands: three digits follow each dot, as in 6.111. Write the number without dots."),
            code="grouping",
        )
    return _not_a_number(text)


def _with_plain_digits(text):
    """Full-width, Arabic and other digits as 0 to 9, for a suggestion only."""
    return "".join(str(unicodedata.decimal(letter, letter)) for letter in text)


def _readable(text, sign=""):
    """A suggestion made of `text`, where that could itself be read."""
    if _PLAIN.fullmatch(text) or _GROUPED.fullmatch(text):
        return sign + write_number(int(text.replace(".", "")))
    return None


def _not_a_number(text):
    return NumberRefused(
        _("“%(text)s” is not a whole number. Use the digits 0 to 9, for example 6111 or 6.111."),
        code="not_a_number",
        text=quoted(text),
    )


def _is_nothing():
    return NumberRefused(_("Leave this empty where there is no number."), code="empty")


def _below_zero():
    return NumberRefused(_("This number cannot be below zero."), code="negative")


def _at_most(number, most):
    if number > most:
        raise NumberRefused(
            _("This number is too large: at most %(most)s is possible."), code="too_large", most=write_number(most)
        )
    return number


# Reading cells and JSON -----------------------------------------------------------------------------


def parse_cell_count(value, *, most=LARGEST_COUNT):
    """A count from a spreadsheet's cell of any type. Raises NumberRefused and nothing else."""
    if isinstance(value, str):
        return parse_count(value, most=most)
    number = _cell(value)
    if number < 0:
        raise _below_zero()
    return _at_most(number, most)


def parse_cell_rupiah(value, *, signed=False):
    """Whole rupiah from a spreadsheet's cell of any type. Raises NumberRefused and nothing else."""
    if isinstance(value, str):
        return parse_rupiah(value, signed=signed)
    number = _cell(value)
    if number < 0 and not signed:
        raise _below_zero()
    _at_most(abs(number), LARGEST_RUPIAH)
    return number


def parse_json_count(value, *, most=LARGEST_COUNT):
    """A count from JSON: a whole number only, never a text, `6.0` or `true`. Raises NumberRefused."""
    if type(value) is not int:
        raise NumberRefused(_("A JSON whole number is expected, without quotes and without a fraction."), code="type")
    if value < 0:
        raise _below_zero()
    return _at_most(value, most)


def _cell(value):
    if value is None:
        raise NumberRefused(_("The cell is empty."), code="empty")
    if isinstance(value, bool):
        raise NumberRefused(_("The cell holds TRUE or FALSE; a number is expected."), code="type")
    if isinstance(value, date | datetime | time | timedelta):
        raise NumberRefused(
            _("The cell holds a date or time; a number is expected. Format the column as number."), code="type"
        )
    if isinstance(value, float | Decimal):
        value = _cell_decimal(value)
    if not isinstance(value, int):
        raise _not_a_number(repr(value))
    return value


def _cell_decimal(value):
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    if not exact.is_finite() or abs(exact) > _LARGEST_EXACT_FLOAT:
        raise NumberRefused(
            _("The cell does not hold an exact number. Format the column as text and enter it again."), code="inexact"
        )
    if exact != int(exact):
        # 6.111 typed into a spreadsheet that groups with commas has become six and a bit.
        thousands = exact * 1000
        meant = write_number(int(thousands)) if 1 <= exact < 1000 and thousands == int(thousands) else None
        raise NumberRefused(
            _("The cell holds the decimal fraction %(value)s; a whole number is expected."),
            code="fraction",
            suggestion=meant,
            value=str(value).replace(".", ","),
        )
    return int(exact)


# Writing --------------------------------------------------------------------------------------------


def write_number(number):
    """A whole number as the parsers read it back, whatever the language: `6.111`, `-12.000`."""
    return f"{number:,}".replace(",", ".")


def format_number(number):
    """`6.111` in Indonesian, `6,111` in English; a true minus sign. A Decimal keeps its digits but no idle zeros."""
    if isinstance(number, int):
        written = f"{abs(number):,}"
        return _signed(number < 0, written if _is_english() else written.replace(",", "."))
    exact = number if isinstance(number, Decimal) else Decimal(str(number))
    written = f"{exact.copy_abs():,f}"
    if "." in written:
        written = written.rstrip("0").rstrip(".")
    return _signed(exact < 0, _separated(written))


def format_decimal(value, digits=1):
    """A number with exactly so many decimals, rounded half up: `13.611,2`."""
    exact = (value if isinstance(value, Decimal) else Decimal(str(value))).quantize(
        Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP, context=Context(prec=60)
    )
    return _signed(exact < 0, _separated(f"{exact.copy_abs():,f}"))


def format_money(amount):
    """`Rp 1.234.567`, held together by a no-break space."""
    return _signed(amount < 0, f"Rp{NBSP}{format_number(abs(amount))}")


def share(part, whole, digits=1, target=None):
    """The share in per cent as an exact Decimal, rounded half up; None where there is nothing to share.

    A share below its target (in per cent) is never rounded up to it: 74,99 % reads as 74,9 %.
    """
    if part is None or not whole:
        return None
    exact = Fraction(part) * 100 * 10**digits / Fraction(whole)
    rounded = math.floor(abs(exact) + Fraction(1, 2))
    if target is not None:
        aim = Fraction(str(target)) * 10**digits
        if exact < aim <= rounded:
            rounded = math.floor(exact)
    return Decimal(-rounded if exact < 0 else rounded).scaleb(-digits)


def format_percent(part, whole, digits=1, target=None):
    """`50,5 %` with a no-break space (`50.5%` in English); None where there is nothing to share."""
    value = share(part, whole, digits, target)
    if value is None:
        return None
    return f"{format_decimal(value, digits)}{'' if _is_english() else NBSP}%"


def _separated(written):
    """Python's 1,234.5 in the active language."""
    return written if _is_english() else written.translate(_SWAPPED)


def _signed(negative, written):
    return f"{MINUS}{written}" if negative else written


def _is_english():
    return (get_language() or "").startswith("en")


_SWAPPED = str.maketrans(",.", ".,")

"""One parser for numbers, used by forms, imports and the API alike; and how numbers are written.

Django's own parsing is dangerous under Indonesian habits: `6.000` (six thousand) would become 6.
Here a point groups thousands, a comma begins cents, and whatever could be read two ways is
refused with a suggestion.
"""

import re
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import get_language
from django.utils.translation import gettext as _

LARGEST_COUNT = 2**31 - 1
LARGEST_RUPIAH = 10**15
NBSP = "\u00a0"
MINUS = "\u2212"

_PLAIN = re.compile(r"[0-9]{1,20}")
_GROUPED = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3}){1,6}")
_COMMA_GROUPED = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+")
_ZERO_CENTS = re.compile(r"(.+),0{1,2}")


class NumberRefused(ValueError):
    """What was typed is not a number that can be read one way only. `str()` says what to type instead."""


def parse_count(text, *, most=LARGEST_COUNT):
    """A whole number of things, from 0: `6111` or `6.111`. Raises NumberRefused."""
    return _bounded(_whole(_stripped(text)), most)


def parse_rupiah(text, *, signed=False):
    """Whole rupiah: `1.234.567`, `Rp 1.234.567,00`. Negative only where `signed` (a loss). Raises NumberRefused."""
    text = _stripped(text)
    if match := re.fullmatch(r"(-|\u2212)?\s*[Rr][Pp]\.?\s*(.*)", text):
        text = (match[1] or "") + match[2]
    negative = text[:1] in ("-", MINUS)
    if negative:
        if not signed:
            raise NumberRefused(_("The amount must not be negative."))
        text = text[1:].strip()
    if match := _ZERO_CENTS.fullmatch(text):
        text = match[1]
    elif re.fullmatch(r"[0-9.]+,[0-9]{1,2}", text):
        raise NumberRefused(_("Write whole rupiah, without cents."))
    amount = _bounded(_whole(text), LARGEST_RUPIAH)
    return -amount if negative else amount


def parse_cell_count(value, *, most=LARGEST_COUNT):
    """A count from a spreadsheet's cell. A float with a fraction, a date and a truth value are refused."""
    return _bounded(_cell(value, lambda text: parse_count(text, most=most)), most)


def parse_cell_rupiah(value, *, signed=False):
    """Whole rupiah from a spreadsheet's cell."""
    amount = _cell(value, lambda text: parse_rupiah(text, signed=signed), signed=signed)
    if abs(amount) > LARGEST_RUPIAH:
        raise NumberRefused(_too_large(LARGEST_RUPIAH))
    return amount


def parse_json_count(value, *, most=LARGEST_COUNT):
    """A count from JSON: a whole number, never a text, a fraction or a truth value."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise NumberRefused(_("A whole number from 0 is expected."))
    return _bounded(value, most)


def _stripped(text):
    if not isinstance(text, str):
        raise NumberRefused(_("A whole number from 0 is expected."))
    text = text.replace(NBSP, " ").strip()
    if not text:
        raise NumberRefused(_("A whole number from 0 is expected."))
    return text


def _whole(text):
    if _PLAIN.fullmatch(text):
        return int(text)
    if _GROUPED.fullmatch(text):
        return int(text.replace(".", ""))
    if _COMMA_GROUPED.fullmatch(text):
        meant = int(text.replace(",", ""))
        raise NumberRefused(
            _("Thousands are grouped with points. Did you mean %(meant)s?") % {"meant": _grouped(meant)}
        )
    if re.fullmatch(r"[0-9.]*[0-9],[0-9]+", text):
        raise NumberRefused(_("Write a whole number, without a fraction."))
    if re.fullmatch(r"[0-9]+(\.[0-9]+)+", text):
        raise NumberRefused(
            _("The points do not group thousands: is “%(text)s” a whole number? Write it without points.")
            % {"text": text}
        )
    if re.fullmatch(r"[-\u2212+]\s*[0-9.,]+", text):
        raise NumberRefused(_("Write the number without a sign."))
    raise NumberRefused(_("“%(text)s” is not a number. Use the digits 0 to 9.") % {"text": text[:40]})


def _bounded(number, most):
    if number > most:
        raise NumberRefused(_too_large(most))
    return number


def _too_large(most):
    return _("The number is too large: at most %(most)s.") % {"most": _grouped(most)}


def _cell(value, parse, *, signed=False):
    if isinstance(value, bool):
        raise NumberRefused(_("The cell holds yes or no; a number is expected."))
    if isinstance(value, date | datetime):
        raise NumberRefused(_("The cell holds a date; a number is expected. Format the column as number."))
    if isinstance(value, str):
        return parse(value)
    if isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")) or abs(value) > 2**53:
            raise NumberRefused(_("The cell does not hold a number that can be read exactly."))
        if not value.is_integer():
            raise NumberRefused(
                _("The cell holds the fraction %(value)s; a whole number is expected.")
                % {"value": str(value).replace(".", ",")}
            )
        value = int(value)
    if not isinstance(value, int):
        raise NumberRefused(_("A whole number from 0 is expected."))
    if value < 0 and not signed:
        raise NumberRefused(_("The number must not be negative."))
    return value


def _grouped(number):
    return f"{number:,}".replace(",", ".")


# Writing ------------------------------------------------------------------------------------------


def format_number(number):
    """`6.111` in Indonesian, `6,111` in English; a true minus sign."""
    grouped = f"{abs(number):,}"
    if not _is_english():
        grouped = grouped.replace(",", ".")
    return (MINUS if number < 0 else "") + grouped


def format_money(amount):
    """`Rp 1.234.567`, held together by a no-break space."""
    return f"{MINUS if amount < 0 else ''}Rp{NBSP}{format_number(abs(amount))}"


def format_decimal(value, digits=1):
    """A decimal with its comma: `13.611,168`."""
    exact = Decimal(value).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    whole, _point, fraction = f"{abs(exact):,}".partition(".")
    if not _is_english():
        whole = whole.replace(",", ".")
    point = "." if _is_english() else ","
    return (MINUS if exact < 0 else "") + whole + (f"{point}{fraction}" if fraction else "")


def share(part, whole, digits=1):
    """The share in per cent as an exact Decimal, rounded half up; None where it means nothing."""
    if part is None or not whole:
        return None
    return (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)


def format_percent(part, whole, digits=1):
    """`50,5 %` with a no-break space; None where the share means nothing."""
    value = share(part, whole, digits)
    if value is None:
        return None
    return f"{format_decimal(value, digits)}{'' if _is_english() else NBSP}%"


def _is_english():
    return (get_language() or "id").startswith("en")

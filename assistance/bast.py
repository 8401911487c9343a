"""The handover minutes (BAST) to print and sign, filled in from the record: private, with names and numbers of frames.

Of a handover as it was entered; before that of all that a package still has to hand over, number and day left blank.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import translation
from django.utils.translation import gettext
from django.views.decorators.http import require_safe
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import KeepTogether, LongTable, Spacer, Table

from assistance.models import Handover, Package
from common.dates import format_date
from common.in_words import day_in_words, number_in_words
from common.numbers import format_money, format_number
from common.paper import (
    BODY,
    GREEN,
    RULED,
    SECTION,
    STRONG,
    TIGHT,
    fact_table,
    printed,
    words,
)

PERMISSION = "assistance.process_aid"
# For what is written in by hand.
BLANK, SHORT_BLANK = "." * 56, "." * 24
CENTRE = ParagraphStyle("centre", BODY, alignment=1)
TITLE = ParagraphStyle("title", STRONG, fontSize=13, leading=17, alignment=1, textColor=GREEN)
CELL = ParagraphStyle("cell", BODY, fontSize=7.5, leading=9.5)
CELL_HEAD = ParagraphStyle("cell head", CELL, fontName="Helvetica-Bold")


@dataclass(frozen=True)
class Minutes:
    """What a BAST says: of a handover, or of what a package has not handed over yet (`number` and `day` blank)."""

    package: Package
    units: tuple[Any, ...]
    quantity: int | None
    number: str = ""
    day: date | None = None
    received_by: str = ""
    place: str = ""


@permission_required(PERMISSION, raise_exception=True)
@require_safe
def handover_bast(request, pk):
    """The minutes of a handover that stands, confirmed or not."""
    handovers = Handover.objects.visible_to(request.user).exclude(state=Handover.State.REJECTED)
    handover = get_object_or_404(handovers.select_related("document"), pk=pk)
    minutes = Minutes(
        package=_packages(request.user).get(pk=handover.package_id),
        units=tuple(handover.units.order_by("pk")),
        quantity=handover.quantity,
        number=handover.document.number,
        day=handover.handed_on,
        received_by=handover.received_by,
        place=handover.place,
    )
    return _answer(minutes, f"bast-{handover.package_id}-{handover.pk}.pdf")


@permission_required(PERMISSION, raise_exception=True)
@require_safe
def package_bast(request, pk):
    """Blank minutes of what the package has not handed over yet."""
    package = get_object_or_404(_packages(request.user), pk=pk)
    units = tuple(package.units.filter(handover=None, is_delivered=False).order_by("pk"))
    left = None if package.quantity is None else package.quantity - package.handed_count
    minutes = Minutes(package=package, units=units, quantity=len(units) or left)
    return _answer(minutes, f"bast-{package.pk}.pdf")


def _packages(user):
    return Package.objects.visible_to(user).for_list()


def _answer(minutes, name):
    response = HttpResponse(bast(minutes), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def bast(minutes):
    """The PDF, byte for byte the same for the same minutes."""
    with translation.override(settings.LANGUAGE_CODE):
        title = gettext("Handover minutes (BAST)")
        return printed(
            lambda width: _story(minutes, width),
            title=f"{title} {minutes.number}".strip(),
            subject=minutes.package.title,
            mark=minutes.number or gettext("Package %(number)s") % {"number": minutes.package.pk},
        )


# What stands in it ----------------------------------------------------------------------------------


def _story(minutes, width):
    package = minutes.package
    number = minutes.number or BLANK
    return [
        words(settings.OFFICE_NAME, CENTRE),
        Spacer(0, 3 * mm),
        words(gettext("HANDOVER MINUTES"), TITLE),
        words(gettext("Number: %(number)s") % {"number": number}, CENTRE),
        Spacer(0, 4 * mm),
        words(_opening(minutes)),
        _party(gettext("FIRST PARTY"), _giver(), width),
        _party(gettext("SECOND PARTY"), _taker(minutes), width),
        Spacer(0, 3 * mm),
        words(gettext("The first party hands over to the second party, who receives in good order:")),
        fact_table(_aid(minutes), width),
        *_units(package, minutes.units, width),
        Spacer(0, 3 * mm),
        KeepTogether([words(_closing(package)), Spacer(0, 5 * mm), _signatures(minutes, width)]),
    ]


def _opening(minutes):
    if minutes.day is None:
        return gettext("On this day %(day)s, at %(place)s, we who sign below:") % {"day": BLANK, "place": SHORT_BLANK}
    day = f"{day_in_words(minutes.day)} ({format_date(minutes.day)})"
    place = minutes.place or SHORT_BLANK
    return gettext("On this day %(day)s, at %(place)s, we who sign below:") % {"day": day, "place": place}


def _giver():
    return [
        (gettext("Name"), BLANK),
        (gettext("NIP and position"), BLANK),
        (gettext("Acts for"), settings.OFFICE_NAME),
    ]


def _taker(minutes):
    recipient = minutes.package.recipient
    known = recipient is not None
    return [
        (gettext("Name"), minutes.received_by or BLANK),
        (gettext("Position"), BLANK),
        (gettext("Acts for"), recipient.name if known else BLANK),
        (gettext("Address"), (known and recipient.address) or BLANK),
    ]


def _party(title, facts, width):
    return KeepTogether([words(title, SECTION), fact_table(facts, width)])


def _aid(minutes):
    package, programme = minutes.package, minutes.package.programme
    quantity = BLANK
    if minutes.quantity:
        quantity = f"{format_number(minutes.quantity)} ({number_in_words(minutes.quantity)}) {package.kind.unit_word}"
    facts = [(gettext("Kind of aid"), package.kind.name), (gettext("Quantity"), quantity)]
    if package.unit_price is not None:
        facts.append((gettext("Unit price"), format_money(package.unit_price)))
    if programme is not None:
        year = f", {programme.fiscal_year}" if programme.fiscal_year else ""
        facts.append((gettext("Programme"), f"{programme.name}{year}"))
        facts.append((gettext("Source of money"), programme.get_funding_display() or BLANK))
    if package.transfer:
        facts.append((gettext("Way of transfer"), package.get_transfer_display()))
    used_at = ", ".join(str(part) for part in (package.place, package.regency) if part)
    facts.append((gettext("Place of use"), used_at or BLANK))
    return facts


def _columns(package, units):
    kind = package.kind
    yield 8, gettext("No."), None
    yield 32, gettext("Unit code"), lambda unit: unit.code
    yield 30, gettext("Maker and type"), lambda unit: f"{unit.maker} {unit.type}".strip()
    yield 12, gettext("Year"), lambda unit: str(unit.year or "")
    for name, share, label in (
        ("frame_number", 34, gettext("Frame number")),
        ("engine_number", 28, gettext("Engine number")),
        ("plate_number", 20, gettext("Plate number")),
        ("serial_number", 24, gettext("Serial number")),
    ):
        # Where the kind needs it the cell stands even when it is empty, to be filled in by hand.
        if getattr(kind, f"has_{name}", False) or any(getattr(unit, name) for unit in units):
            yield share, label, lambda unit, name=name: getattr(unit, name)


def _units(package, units, width):
    if not units:
        return []
    columns = list(_columns(package, units))
    whole = sum(share for share, _label, _said in columns)
    rows = [[words(label, CELL_HEAD) for _share, label, _said in columns]]
    for at, unit in enumerate(units, start=1):
        rows.append([words(said(unit) if said else str(at), CELL) for _share, _label, said in columns])
    widths = [width * share / whole for share, _label, _said in columns]
    style = [*RULED, ("LEFTPADDING", (1, 0), (-1, -1), 3), ("RIGHTPADDING", (0, 0), (-1, -1), 3)]
    return [Spacer(0, 2 * mm), LongTable(rows, colWidths=widths, style=style, repeatRows=1)]


def _closing(package):
    if package.transfer == Package.Transfer.LOAN:
        return gettext(
            "What is handed over is lent: it stays the property of the government, is used as agreed, is cared for,"
            " and is neither sold nor handed on."
        )
    return gettext(
        "From this day on the second party cares for what was handed over, uses it for what it was given for, reports"
        " its use, and neither sells it nor hands it on without the consent of the first party."
    )


def _signatures(minutes, width):
    line = "." * 40
    row = [
        [gettext("SECOND PARTY"), gettext("FIRST PARTY")],
        ["", ""],
        [minutes.received_by or line, line],
        ["", f"NIP {SHORT_BLANK}"],
    ]
    cells = [[words(text, CENTRE) for text in each] for each in row]
    return Table(cells, colWidths=[width / 2] * 2, rowHeights=[None, 22 * mm, None, None], style=TIGHT)

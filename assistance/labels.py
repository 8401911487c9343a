"""A sheet of labels to stick on: each unit's code as QR and in letters, and nothing that is private."""

import io
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import translation
from django.utils.translation import gettext
from django.views.decorators.http import require_safe
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from assistance.models import Package
from common.paper import GREEN, GREY, INK, draw_qr, printable

PERMISSION = "assistance.visit_aid"
ACROSS, DOWN = 3, 8
WIDTH, HEIGHT = A4[0] / ACROSS, A4[1] / DOWN
QR, GAP = 31 * mm, 2 * mm
# Labels of one file; more come with ?bagian=2.
PER_FILE = 10 * ACROSS * DOWN


@dataclass(frozen=True)
class Label:
    """What stands on one label."""

    code: str
    kind: str
    year: str
    address: str


@permission_required(PERMISSION, raise_exception=True)
@require_safe
def package_labels(request, pk):
    """The labels of a package's units, handed over or not."""
    package = get_object_or_404(Package.objects.visible_to(request.user).for_list(), pk=pk)
    # The very columns: what is private is not even read.
    units = package.units.only("code", "year").order_by("pk")
    part = Paginator(units, PER_FILE).get_page(request.GET.get("bagian"))
    # A label outlives the address at which the workspace was opened.
    site = settings.SITE_URL or request.build_absolute_uri("/").removesuffix("/")
    made = [
        Label(unit.code, package.kind.name, str(unit.year or ""), f"{site}{unit.get_absolute_url()}") for unit in part
    ]
    response = HttpResponse(labels(made), content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="label-{package.pk}-{part.number}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


def labels(made):
    """The PDF of these labels, 24 a page, byte for byte the same for the same labels."""
    target = io.BytesIO()
    with translation.override(settings.LANGUAGE_CODE):
        canvas = Canvas(target, pagesize=A4, invariant=1, lang=settings.LANGUAGE_CODE)
        canvas.setTitle(printable(gettext("Labels of aid units")))
        canvas.setAuthor(printable(settings.OFFICE_NAME))
        for at, label in enumerate(made):
            place = at % (ACROSS * DOWN)
            if at and not place:
                canvas.showPage()
            _draw(canvas, label, x=place % ACROSS * WIDTH, y=A4[1] - (place // ACROSS + 1) * HEIGHT)
        if not made:
            canvas.setFont("Helvetica", 11)
            canvas.drawString(GAP, A4[1] - 20 * mm, printable(gettext("This package has no units yet.")))
        canvas.save()
    return target.getvalue()


def _draw(canvas, label, *, x, y):
    draw_qr(canvas, label.address, x=x + GAP, y=y + (HEIGHT - QR) / 2, size=QR)
    left, room = x + GAP + QR + 1 * mm, WIDTH - QR - 2 * GAP - 1 * mm
    lines = [
        (settings.OFFICE_SHORT_NAME, "Helvetica", 6.5, GREY),
        (label.kind, "Helvetica-Bold", 8, INK),
        (label.year, "Helvetica", 8, INK),
        (label.code, "Courier-Bold", 8.5, GREEN),
        (gettext("Scan and say: is it still here?"), "Helvetica", 6.5, GREY),
    ]
    top = y + HEIGHT - 8 * mm
    for text, font, size, colour in lines:
        canvas.setFont(font, size)
        canvas.setFillColor(colour)
        for line in _wrapped(printable(text), font, size, room):
            canvas.drawString(left, top, line)
            top -= size * 1.25
        top -= 1.5


def _wrapped(text, font, size, room):
    """At most three lines that fit into the room; what is longer ends in an ellipsis."""
    lines, line = [], ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and stringWidth(longer, font, size) > room:
            lines.append(line)
            longer = word
        line = longer
    lines.append(line)
    kept = [_fitted(one, font, size, room) for one in lines[:3] if one]
    if len(lines) > 3:
        kept[-1] = _fitted(f"{kept[-1]}…", font, size, room)
    return kept


def _fitted(line, font, size, room):
    if stringWidth(line, font, size) <= room:
        return line
    line = line.removesuffix("…")
    while line and stringWidth(f"{line}…", font, size) > room:
        line = line[:-1]
    return f"{line}…"

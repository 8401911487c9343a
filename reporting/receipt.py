"""The receipt of a submission, as PDF: number, moment, what was submitted, its fingerprint, and where to check it."""

import io
import unicodedata
from xml.sax.saxutils import escape, quoteattr

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_safe
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

from common.dates import day_of, format_date, format_moment
from common.numbers import MINUS, format_money, format_number
from reporting.models import RegencyReport, ReportStep, Status
from reporting.models.report import fingerprint

GREEN, INK, GREY, RULE = (colors.HexColor(one) for one in ("#0b5d3b", "#1b201d", "#4c554f", "#b9c1bb"))
# Points inside the frame that the library draws around the text.
PADDING = 6
MARGIN, QR = 15 * mm, 34 * mm
# The letters that the PDF's own fonts have; they need no font file.
ENCODING = "cp1252"
# The hyphen is what a reader's copy and search find; the true minus is not among those letters.
REPLACED = str.maketrans({MINUS: "-", "\u202f": "\u00a0", "\u2010": "-", "\u2011": "-"})
GROUP = 8

_BODY = ParagraphStyle("body", fontName="Helvetica", fontSize=9, leading=12, textColor=INK, splitLongWords=1)
_SMALL = ParagraphStyle("small", _BODY, fontSize=8, leading=10.5, textColor=GREY)
_RIGHT = ParagraphStyle("right", _BODY, alignment=2)
_STRONG = ParagraphStyle("strong", _BODY, fontName="Helvetica-Bold")
_TITLE = ParagraphStyle("title", _STRONG, fontSize=17, leading=21, textColor=GREEN, spaceBefore=4, spaceAfter=8)
_SECTION = ParagraphStyle("section", _STRONG, fontSize=11, leading=14, textColor=GREEN, spaceBefore=12, spaceAfter=4)
_PRINT = ParagraphStyle("print", _BODY, fontName="Courier", fontSize=9)


@permission_required("reporting.view_regencyreport", raise_exception=True)
@require_safe
def report_receipt(request, pk, number):
    """The receipt of one submission of a report that this person may see."""
    reports = RegencyReport.objects.visible_to(request.user).select_related("period", "form", "regency")
    report = get_object_or_404(reports.defer("regency__boundary"), pk=pk)
    steps = ReportStep.objects.filter(report=report, to=Status.SUBMITTED).select_related("by")
    step = get_object_or_404(steps, number=number)
    response = HttpResponse(
        receipt(report, step, address=confirmation_address(request, number)), content_type="application/pdf"
    )
    response["Content-Disposition"] = f'attachment; filename="tanda-terima-{number}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response


def confirmation_address(request, number):
    """Where everybody can check a receipt; without a request, the path alone."""
    path = reverse("confirm_receipt", args=[number])
    return request.build_absolute_uri(path) if request else path


def receipt(report, step, *, address):
    """The PDF, byte for byte the same for the same step. The report comes with its period, form and regency."""
    target = io.BytesIO()
    with translation.override(settings.LANGUAGE_CODE):
        title = f"{gettext('Receipt of a report')} {step.number}"
        document = SimpleDocTemplate(
            target,
            pagesize=A4,
            leftMargin=MARGIN,
            rightMargin=MARGIN,
            topMargin=MARGIN,
            bottomMargin=MARGIN + 4 * mm,
            title=_printable(title),
            author=_printable(settings.OFFICE_NAME),
            subject=_printable(f"{report.period}, {report.office_name}"),
            lang=settings.LANGUAGE_CODE,
            invariant=1,
        )
        document.build(_story(report, step, address, document.width - 2 * PADDING), canvasmaker=_numbered(step.number))
    return target.getvalue()


# What stands in it ----------------------------------------------------------------------------------


def _story(report, step, address, width):
    parts = [
        _words(settings.OFFICE_NAME, _SMALL),
        _words(gettext("Receipt of a report"), _TITLE),
        _head(report, step, address, width),
        _words(gettext("Fingerprint of what was submitted (SHA-256)"), _SECTION),
        _words(grouped(step.sha256), _PRINT),
    ]
    if fingerprint(step.content) != step.sha256:
        sentence = gettext("What is stored no longer fits this fingerprint. Ask the office before you rely on it.")
        parts.append(_words(sentence, _STRONG))
    parts += [_words(gettext("What was submitted"), _SECTION), _values(report, step.content, width)]
    parts.append(_words(gettext("Problems"), _SECTION))
    parts.append(_words(", ".join(step.content.get("problems", ())) or gettext("empty"), _BODY))
    parts.append(_words(gettext("What is being done"), _SECTION))
    lines = (step.content.get("act") or gettext("empty")).split("\n")
    return parts + [_words(line, _BODY) for line in lines]


def _head(report, step, address, width):
    facts = [
        (gettext("Number"), step.number),
        (gettext("Period"), report.period.name),
        (gettext("Office"), report.office_name),
        (gettext("Submitted by"), str(step.by)),
        (gettext("Submitted at"), format_moment(step.made_at)),
        (gettext("Punctuality"), punctuality(report, step)),
        (
            gettext("Report form"),
            f"{report.form.title}, {gettext('version %(number)s') % {'number': report.form.number}}",
        ),
    ]
    rows = [[_words(label, _SMALL), _words(value, _STRONG)] for label, value in facts]
    beside = width - QR - 6 * mm
    table = Table(rows, colWidths=[30 * mm, beside - 30 * mm], style=[*_TIGHT, ("LEFTPADDING", (0, 0), (0, -1), 0)])
    link = f"<link href={quoteattr(address)}>{escape(_printable(address))}</link>"
    check = [_code(address), _words(gettext("Check this receipt at"), _SMALL), Paragraph(link, _SMALL)]
    return Table([[table, check]], colWidths=[beside, QR + 6 * mm], style=[*_TIGHT, ("LEFTPADDING", (0, 0), (0, 0), 0)])


_TIGHT = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
]


def _code(address):
    """The address as a QR code, at its size on paper."""
    widget = QrCodeWidget(address, barLevel="M", barWidth=QR, barHeight=QR)
    drawing = Drawing(QR, QR)
    drawing.add(widget)
    return drawing


def punctuality(report, step):
    """Whether the report came in time, by its first submission: a correction does not make it late."""
    first, day = report.first_submitted_at, report.was_due_on
    if not report.is_late:
        words = gettext("on time (due %(day)s)") % {"day": format_date(day)}
    else:
        late = (day_of(first) - day).days
        words = ngettext("%(days)s day late (due %(day)s)", "%(days)s days late (due %(day)s)", late) % {
            "days": format_number(late),
            "day": format_date(day),
        }
    if step.made_at == first:
        return words
    return gettext("%(words)s; first submitted %(moment)s, this is a correction") % {
        "words": words,
        "moment": format_moment(first),
    }


def _values(report, content, width):
    said = dict(content["lines"])
    lines = [line for line in report.form.lines.select_related("indicator") if line.code in said]
    rows = [[_words(gettext("Line"), _STRONG), _words(gettext("Value"), ParagraphStyle("head", _STRONG, alignment=2))]]
    rows += [_row(line.indicator.name, said.pop(line.code), line.is_money, line.indicator.unit) for line in lines]
    # A line whose indicator got another name since is still what was submitted.
    rows += [_row(code, one, False, "") for code, one in said.items()]
    style = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.5, RULE),
        ("LINEBELOW", (0, 0), (-1, 0), 1.2, GREEN),
        ("LEFTPADDING", (0, 0), (0, -1), 0),
        ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 1),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
    ]
    return Table(rows, colWidths=[width * 0.64, width * 0.36], style=style, repeatRows=1)


def _row(name, said, is_money, unit):
    label = [_words(name, _BODY), *([_words(said["why"], _SMALL)] if said.get("why") else [])]
    return [label, _words(value_in_words(said, is_money, unit), _RIGHT)]


def value_in_words(said, is_money, unit):
    """A number with its unit, "not available" or "empty": three things."""
    if said.get("unavailable"):
        return gettext("not available")
    if "value" not in said:
        return gettext("empty")
    return format_money(said["value"]) if is_money else f"{format_number(said['value'])} {unit}".strip()


def grouped(digest):
    """A fingerprint in groups of eight, as people compare it."""
    return " ".join(digest[at : at + GROUP] for at in range(0, len(digest), GROUP))


# Letters and pages ----------------------------------------------------------------------------------


def _words(text, style):
    return Paragraph(escape(_printable(text)), style)


def _printable(text):
    """The text in letters that the fonts have: without an accent where only that is missing, else a question mark."""
    return "".join(_letter(letter) for letter in unicodedata.normalize("NFC", str(text)).translate(REPLACED))


def _letter(letter):
    try:
        letter.encode(ENCODING)
    except UnicodeEncodeError:
        plain = unicodedata.normalize("NFKD", letter).encode(ENCODING, "ignore").decode(ENCODING)
        return plain or "?"
    return letter


def _numbered(number):
    """A canvas whose pages say which they are of how many: known only once the last one is drawn."""

    class Numbered(Canvas):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.pages = []

        def showPage(self):  # noqa: N802 - the library's name
            self.pages.append(dict(self.__dict__))
            self._startPage()

        def save(self):
            for at, page in enumerate(self.pages, start=1):
                self.__dict__.update(page)
                self.setFont("Helvetica", 8)
                self.setFillColor(GREY)
                words = gettext("Page %(page)s of %(pages)s") % {"page": at, "pages": len(self.pages)}
                self.drawString(MARGIN + PADDING, MARGIN - 4 * mm, number)
                self.drawRightString(A4[0] - MARGIN - PADDING, MARGIN - 4 * mm, _printable(words))
                super().showPage()
            super().save()

    return Numbered

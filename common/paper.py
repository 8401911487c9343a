"""What papers to print share: letters, styles, pages that say which they are, QR codes. The same bytes each time."""

import io
import unicodedata
from xml.sax.saxutils import escape

from django.conf import settings
from django.utils.translation import gettext
from reportlab.graphics.barcode.qr import QrCodeWidget
from reportlab.graphics.shapes import Drawing
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

from common.numbers import MINUS

GREEN, INK, GREY, RULE = (colors.HexColor(one) for one in ("#0b5d3b", "#1b201d", "#4c554f", "#b9c1bb"))
# Points inside the frame that the library draws around the text.
PADDING = 6
MARGIN = 15 * mm
# The letters that the PDF's own fonts have; they need no font file.
ENCODING = "cp1252"
# The hyphen is what a reader's copy and search find; the true minus is not among those letters.
REPLACED = str.maketrans({MINUS: "-", "\u202f": "\u00a0", "\u2010": "-", "\u2011": "-"})

BODY = ParagraphStyle("body", fontName="Helvetica", fontSize=9, leading=12, textColor=INK, splitLongWords=1)
SMALL = ParagraphStyle("small", BODY, fontSize=8, leading=10.5, textColor=GREY)
RIGHT = ParagraphStyle("right", BODY, alignment=2)
STRONG = ParagraphStyle("strong", BODY, fontName="Helvetica-Bold")
TITLE = ParagraphStyle("title", STRONG, fontSize=17, leading=21, textColor=GREEN, spaceBefore=4, spaceAfter=8)
SECTION = ParagraphStyle("section", STRONG, fontSize=11, leading=14, textColor=GREEN, spaceBefore=12, spaceAfter=4)
PRINT = ParagraphStyle("print", BODY, fontName="Courier", fontSize=9)

# Of a table whose cells stand close together.
TIGHT = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
]
# Of a table that is read row by row, under a head that comes again on each page.
RULED = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LINEBELOW", (0, 0), (-1, -1), 0.5, RULE),
    ("LINEBELOW", (0, 0), (-1, 0), 1.2, GREEN),
    ("LEFTPADDING", (0, 0), (0, -1), 0),
    ("RIGHTPADDING", (-1, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 1),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
]


def printed(story, *, title, subject, mark):
    """A PDF on A4, byte for byte the same for the same content; `mark` stands at the foot of each page.

    `story` makes the parts, given the width that they may take.
    """
    target = io.BytesIO()
    document = SimpleDocTemplate(
        target,
        pagesize=A4,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=MARGIN + 4 * mm,
        title=printable(title),
        author=printable(settings.OFFICE_NAME),
        subject=printable(subject),
        lang=settings.LANGUAGE_CODE,
        invariant=1,
    )
    document.build(story(document.width - 2 * PADDING), canvasmaker=_numbered(printable(mark)))
    return target.getvalue()


def words(text, style=BODY):
    """Text as a paragraph; nothing of it is read as markup."""
    return Paragraph(escape(printable(text)), style)


def fact_table(pairs, width):
    """Labels with what they say, one under the other, as a part of a paper."""
    rows = [[words(label, SMALL), words(said, BODY)] for label, said in pairs]
    return Table(rows, colWidths=[36 * mm, width - 36 * mm], style=[*TIGHT, ("LEFTPADDING", (0, 0), (0, -1), 0)])


def qr_code(address, size):
    """The address as a QR code of a size on paper."""
    widget = QrCodeWidget(address, barLevel="M", barWidth=size, barHeight=size)
    drawing = Drawing(size, size)
    drawing.add(widget)
    return drawing


def draw_qr(canvas, address, *, x, y, size):
    """Draw the code straight onto a canvas, as one path: for sheets with many, where shapes take longer than codes."""
    code = QrCodeWidget(address, barLevel="M").qr
    code.make()
    count = code.getModuleCount()
    # With the quiet zone of four modules that readers need.
    step = size / (count + 8)
    path = canvas.beginPath()
    for row in range(count):
        for column in range(count):
            if code.isDark(row, column):
                path.rect(x + (column + 4) * step, y + size - (row + 5) * step, step, step)
    canvas.setFillColor(colors.black)
    canvas.drawPath(path, stroke=0, fill=1)


def printable(text):
    """The text in letters that the fonts have: without an accent where only that is missing, else a question mark."""
    return "".join(_letter(letter) for letter in unicodedata.normalize("NFC", str(text)).translate(REPLACED))


def _letter(letter):
    try:
        letter.encode(ENCODING)
    except UnicodeEncodeError:
        plain = unicodedata.normalize("NFKD", letter).encode(ENCODING, "ignore").decode(ENCODING)
        return plain or "?"
    return letter


def _numbered(mark):
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
                said = gettext("Page %(page)s of %(pages)s") % {"page": at, "pages": len(self.pages)}
                self.drawString(MARGIN + PADDING, MARGIN - 4 * mm, mark)
                self.drawRightString(A4[0] - MARGIN - PADDING, MARGIN - 4 * mm, printable(said))
                super().showPage()
            super().save()

    return Numbered

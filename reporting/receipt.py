"""The receipt of a submission, as PDF: number, moment, what was submitted, its fingerprint, and where to check it."""

from xml.sax.saxutils import escape, quoteattr

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_safe
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, Table

from common.dates import day_of, format_date, format_moment
from common.numbers import format_money, format_number
from common.paper import (
    BODY,
    PRINT,
    RIGHT,
    RULED,
    SECTION,
    SMALL,
    STRONG,
    TIGHT,
    TITLE,
    printable,
    printed,
    qr_code,
    words,
)
from reporting.models import RegencyReport, ReportStep, Status
from reporting.models.report import fingerprint

QR = 34 * mm
GROUP = 8


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
    with translation.override(settings.LANGUAGE_CODE):
        return printed(
            lambda width: _story(report, step, address, width),
            title=f"{gettext('Receipt of a report')} {step.number}",
            subject=f"{report.period}, {report.office_name}",
            mark=step.number,
        )


# What stands in it ----------------------------------------------------------------------------------


def _story(report, step, address, width):
    parts = [
        words(settings.OFFICE_NAME, SMALL),
        words(gettext("Receipt of a report"), TITLE),
        _head(report, step, address, width),
        words(gettext("Fingerprint of what was submitted (SHA-256)"), SECTION),
        words(grouped(step.sha256), PRINT),
    ]
    if fingerprint(step.content) != step.sha256:
        sentence = gettext("What is stored no longer fits this fingerprint. Ask the office before you rely on it.")
        parts.append(words(sentence, STRONG))
    parts += [words(gettext("What was submitted"), SECTION), _values(report, step.content, width)]
    parts.append(words(gettext("Problems"), SECTION))
    parts.append(words(", ".join(step.content.get("problems", ())) or gettext("empty"), BODY))
    parts.append(words(gettext("What is being done"), SECTION))
    lines = (step.content.get("act") or gettext("empty")).split("\n")
    return parts + [words(line, BODY) for line in lines]


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
    rows = [[words(label, SMALL), words(value, STRONG)] for label, value in facts]
    beside = width - QR - 6 * mm
    table = Table(rows, colWidths=[30 * mm, beside - 30 * mm], style=[*TIGHT, ("LEFTPADDING", (0, 0), (0, -1), 0)])
    link = f"<link href={quoteattr(address)}>{escape(printable(address))}</link>"
    check = [qr_code(address, QR), words(gettext("Check this receipt at"), SMALL), Paragraph(link, SMALL)]
    return Table([[table, check]], colWidths=[beside, QR + 6 * mm], style=[*TIGHT, ("LEFTPADDING", (0, 0), (0, 0), 0)])


def punctuality(report, step):
    """Whether the report came in time, by its first submission: a correction does not make it late."""
    first, day = report.first_submitted_at, report.was_due_on
    if not report.is_late:
        said = gettext("on time (due %(day)s)") % {"day": format_date(day)}
    else:
        late = (day_of(first) - day).days
        said = ngettext("%(days)s day late (due %(day)s)", "%(days)s days late (due %(day)s)", late) % {
            "days": format_number(late),
            "day": format_date(day),
        }
    if step.made_at == first:
        return said
    return gettext("%(words)s; first submitted %(moment)s, this is a correction") % {
        "words": said,
        "moment": format_moment(first),
    }


def _values(report, content, width):
    said = dict(content["lines"])
    lines = [line for line in report.form.lines.select_related("indicator") if line.code in said]
    rows = [[words(gettext("Line"), STRONG), words(gettext("Value"), ParagraphStyle("head", STRONG, alignment=2))]]
    rows += [_row(line.indicator.name, said.pop(line.code), line.is_money, line.indicator.unit) for line in lines]
    # A line whose indicator got another name since is still what was submitted.
    rows += [_row(code, one, False, "") for code, one in said.items()]
    return Table(rows, colWidths=[width * 0.64, width * 0.36], style=RULED, repeatRows=1)


def _row(name, said, is_money, unit):
    label = [words(name, BODY), *([words(said["why"], SMALL)] if said.get("why") else [])]
    return [label, words(value_in_words(said, is_money, unit), RIGHT)]


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

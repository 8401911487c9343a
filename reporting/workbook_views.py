"""The form of a report as a workbook: down prefilled, up again into the draft."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from common.models import StepRefused
from common.refusal import Refused
from files.upload import limited_upload
from reporting.models import RegencyReport
from reporting.uploaded_workbook import LIMIT, uploaded_form
from reporting.workbook import workbook
from reporting.workbook_preview import Preview

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# The field of the form that sends the file.
FILE = "file"


def _own(request, pk):
    """A report that this person fills in; 404 for any other."""
    reports = RegencyReport.objects.visible_to(request.user).fillable_by(request.user)
    reports = reports.select_related("period__form", "form", "regency", "saved_by").defer("regency__boundary")
    return get_object_or_404(reports, pk=pk)


def _page(request, report, *, status=200, **context):
    response = render(request, "reporting/workbook_preview.html", {"report": report, **context}, status=status)
    response["Cache-Control"] = "private, no-store"
    return response


@permission_required("reporting.fill_report", raise_exception=True)
@require_safe
def report_workbook(request, pk):
    """The form with its draft, to be filled in elsewhere."""
    report = _own(request, pk)
    try:
        report.refuse_filling(timezone.now())
    except StepRefused as refused:
        return _page(request, report, status=409, refused=str(refused), is_closed=True)
    response = HttpResponse(workbook(report), content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="isian-{report.period.code}-{report.office_key}.xlsx"'
    response["Cache-Control"] = "private, no-store"
    # Compressed by itself already.
    response["Content-Encoding"] = "identity"
    return response


@csrf_exempt
@permission_required("reporting.fill_report", raise_exception=True)
@require_POST
@limited_upload(LIMIT)
def upload_workbook(request, pk):
    """What a filled-in workbook would change. Writes nothing: the page carries it on to the form, which saves."""
    report = _own(request, pk)
    try:
        report.refuse_filling(timezone.now())
        preview = Preview(report, uploaded_form(report, request.FILES.get(FILE)))
    except StepRefused as refused:
        return _page(request, report, status=409, refused=str(refused), is_closed=True)
    except Refused as refused:
        return _page(request, report, status=400, refused=str(refused))
    return _page(request, report, preview=preview)

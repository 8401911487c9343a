"""The form of a report as a workbook: down prefilled, up again into the draft."""

from django.contrib.auth.decorators import permission_required
from django.views.decorators.http import require_POST, require_safe


@permission_required("reporting.fill_report", raise_exception=True)
@require_safe
def report_workbook(request, pk):
    raise NotImplementedError


@permission_required("reporting.fill_report", raise_exception=True)
@require_POST
def upload_workbook(request, pk):
    raise NotImplementedError

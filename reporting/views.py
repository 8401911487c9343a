"""/kerja/laporan/<id>/: the form of one report, filled in on a phone."""

from django.contrib.auth.decorators import permission_required
from django.views.decorators.http import require_http_methods, require_POST


@permission_required("reporting.view_regencyreport", raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def report(request, pk):
    raise NotImplementedError


@permission_required("reporting.fill_report", raise_exception=True)
@require_POST
def autosave(request, pk):
    raise NotImplementedError

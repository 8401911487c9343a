"""Files that go with a report: private, served only to those who may see the report."""

from django.contrib.auth.decorators import permission_required
from django.views.decorators.http import require_POST, require_safe


@permission_required("reporting.fill_report", raise_exception=True)
@require_POST
def attach(request, pk):
    raise NotImplementedError


@permission_required("reporting.view_regencyreport", raise_exception=True)
@require_safe
def attachment(request, pk, file):
    raise NotImplementedError


@permission_required("reporting.fill_report", raise_exception=True)
@require_POST
def detach(request, pk, file):
    raise NotImplementedError

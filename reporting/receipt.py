"""The receipt of a submission, as PDF."""

from django.contrib.auth.decorators import permission_required
from django.views.decorators.http import require_safe


@permission_required("reporting.view_regencyreport", raise_exception=True)
@require_safe
def report_receipt(request, pk, number):
    raise NotImplementedError

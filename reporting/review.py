"""The reviewer's page, and what is decided there."""

from django.contrib.auth.decorators import permission_required
from django.views.decorators.http import require_POST, require_safe


@permission_required("reporting.view_regencyreport", raise_exception=True)
@require_safe
def review(request, pk):
    raise NotImplementedError


@permission_required("reporting.approve_report", raise_exception=True)
@require_POST
def approve(request, pk):
    raise NotImplementedError


@permission_required("reporting.return_report", raise_exception=True)
@require_POST
def give_back(request, pk):
    raise NotImplementedError


@permission_required("reporting.reopen_report", raise_exception=True)
@require_POST
def reopen(request, pk):
    raise NotImplementedError


@permission_required("reporting.extend_report", raise_exception=True)
@require_POST
def extend(request, pk):
    raise NotImplementedError

"""/statistik/pelaporan/: who has reported, and what was approved."""

from common.pages import public_page
from reporting.models.report import SUBJECT

KEYS = (SUBJECT, "regions")


@public_page(*KEYS)
def report_matrix(request):
    raise NotImplementedError


@public_page(*KEYS)
def period_totals(request, period):
    raise NotImplementedError


@public_page(*KEYS)
def public_report(request, period, office):
    raise NotImplementedError


@public_page(*KEYS)
def confirm_receipt(request, number):
    raise NotImplementedError

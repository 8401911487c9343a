"""/statistik/pelaporan/: who has reported, and what was approved."""

from django.http import Http404
from django.shortcuts import get_object_or_404, render

from common.exports import refused, stream_rows
from common.pages import public_page
from regions.models import Territory
from reporting import columns
from reporting.filters import ReportFilter
from reporting.matrix import KIND, PUBLIC_STATES, all_periods, begun, matrix
from reporting.matrix_views import VALUES, choices
from reporting.models import Period, RegencyReport
from reporting.models.report import PROVINCE, SUBJECT
from reporting.proof import proof
from reporting.published import approvals_of, publications
from reporting.totals import totals

# The lines of a report are named after indicators.
KEYS = (SUBJECT, "regions", "figures")


@public_page(*KEYS)
def report_matrix(request):
    asked = ReportFilter(request.GET, RegencyReport.objects.all())
    if "format" in request.GET and not asked.is_valid():
        return refused(asked.form)
    periods = all_periods()
    found = matrix(asked.qs, begun(periods, asked.asked), is_public=True)
    if "format" in request.GET:
        rows = columns.reports(found.cells, columns.PUBLIC_REPORTS)
        return stream_rows(request, name="pelaporan", columns=columns.PUBLIC_REPORTS, rows=rows, keys=KEYS)
    context = {
        "matrix": found,
        **choices(periods, asked),
        "legend": [(KIND[state], state.label) for state in PUBLIC_STATES],
    }
    return render(request, "reporting/public_matrix.html", context)


@public_page(*KEYS)
def period_totals(request, period):
    found = totals(get_object_or_404(Period, code=period))
    code = request.GET.get("baris", "")
    if code and code not in found.by_code:
        raise Http404
    if "format" in request.GET:
        return _totals_file(request, found, code)
    context = {"period": found.period, "totals": found, "total": found.by_code.get(code)}
    return render(request, "reporting/period_line.html" if code else "reporting/period_totals.html", context)


def _totals_file(request, found, code):
    """The totals; with `baris` the offices behind one of them, with `isi=nilai` those behind all."""
    name = f"pelaporan-{found.period.code}"
    if not code and request.GET.get("isi") != VALUES:
        return stream_rows(request, name=name, columns=columns.TOTALS, rows=columns.totals(found), keys=KEYS)
    rows = columns.public_values(found.publications, {code} if code else None)
    name = f"{name}-{code or VALUES}"
    return stream_rows(request, name=name, columns=columns.PUBLIC_VALUES, rows=rows, keys=KEYS)


@public_page(*KEYS)
def public_report(request, period, office):
    owner = {"regency": None} if office == PROVINCE else {"regency__slug": office}
    found = publications(RegencyReport.objects.filter(period__code=period, **owner))
    # One that is not approved answers like one that does not exist.
    if not found:
        raise Http404
    (one,) = found
    if "format" in request.GET:
        name = f"laporan-{period}-{office}"
        rows = columns.public_values([one])
        return stream_rows(request, name=name, columns=columns.PUBLIC_VALUES, rows=rows, keys=KEYS)
    context = {
        "one": one,
        "report": one.report,
        "earlier": approvals_of(one.report)[:-1],
        "territory": _territory(one.report),
    }
    return render(request, "reporting/public_report.html", context)


def _territory(report):
    """The key under which the figures of this office stand."""
    place = {"regency": report.regency_id} if report.regency_id else {"key": Territory.OWN_SECTION}
    return Territory.objects.filter(**place).values_list("key", flat=True).first()


@public_page(*KEYS)
def confirm_receipt(request, number):
    found = proof(number)
    if found is None:
        return render(request, "reporting/receipt_unknown.html", {"number": number}, status=404)
    return render(request, "reporting/receipt_confirmed.html", {"proof": found, "report": found.report})

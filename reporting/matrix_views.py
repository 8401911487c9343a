"""/kerja/laporan/: office × period for those who work with reports; an officer sees the own office's."""

from django.contrib.auth.decorators import permission_required
from django.db.models import Q
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from common.exports import refused, stream, stream_rows
from figures.models import Figure
from regions.models import Regency
from reporting import columns, publishing
from reporting.filters import WorkFilter
from reporting.matrix import STATES, all_periods, begun, matrix
from reporting.models import Period, RegencyReport
from reporting.models.report import PROVINCE, SUBJECT

VALUES = "nilai"
MOST_CONFLICTS = 20
KEYS = (SUBJECT, "regions", "figures")


@permission_required("reporting.view_regencyreport", raise_exception=True)
@require_safe
def report_list(request):
    """The reports that this person may see, with their states by the clock; the same rows as a file."""
    asked = WorkFilter(request.GET, RegencyReport.objects.visible_to(request.user))
    if "format" in request.GET and not asked.is_valid():
        return refused(asked.form)
    periods = all_periods()
    found = matrix(asked.qs, begun(periods, asked.asked))
    if state := asked.asked.get("keadaan"):
        found = found.only(state)
    if "format" in request.GET:
        return _file(request, found)
    is_officer = bool(request.user.regency_id)
    context = {
        "matrix": found,
        **choices(periods, asked),
        "states": STATES.items(),
        "offices": [] if is_officer else _offices(),
        "conflicts": _conflicts() if request.user.has_perm("figures.mark_official") else None,
    }
    return render(request, "reporting/own_reports.html" if is_officer else "reporting/report_list.html", context)


def choices(periods, asked):
    """What the filter above a matrix offers, and what was chosen."""
    return {
        "filter": asked,
        "form": asked.form,
        "asked": asked.asked,
        "years": sorted({period.year for period in periods}, reverse=True),
        "kinds": [kind for kind in Period.Kind if any(period.kind == kind for period in periods)],
    }


def _offices():
    """`[(key, name)]` of those that owe reports."""
    rows = Regency.objects.filter(reports__isnull=False).distinct().values_list("slug", "name")
    return [*rows, (PROVINCE, _("Province"))]


def _file(request, found):
    """The rows of the page, one a report; or, on request, one for each line of those that were submitted."""
    if request.GET.get("isi") == VALUES:
        values = columns.values_of([cell.report.pk for cell in found.cells])
        response = stream(request, name="nilai-laporan", columns=columns.VALUES, queryset=values, keys=KEYS)
    else:
        rows = columns.reports(found.cells, columns.REPORTS)
        response = stream_rows(request, name="laporan", columns=columns.REPORTS, rows=rows, keys=KEYS)
    # Drafts, states of the review and explanations are between the offices.
    response["Cache-Control"] = "private, no-store"
    return response


def _conflicts():
    """`[(reported figure, the one that a person chose)]`, the newest first, the first twenty."""
    reported = list(publishing.conflicts()[:MOST_CONFLICTS])
    place = Q(pk=None)
    for figure in reported:
        place |= Q(indicator=figure.indicator_id, territory=figure.territory_id, as_of=figure.as_of)
    rows = Figure.objects.official().of_all().filter(place).select_related("source")
    chosen = {(row.indicator_id, row.territory_id, row.as_of): row for row in rows}
    return [(one, chosen.get((one.indicator_id, one.territory_id, one.as_of))) for one in reported]

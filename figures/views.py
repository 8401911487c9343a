"""The dictionary of indicators, and each indicator's published figures."""

from django.http import QueryDict
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.exports import refused, stream
from common.pages import public_page
from figures import columns, headline, series
from figures.filters import EMPTY, FigureFilter
from figures.models import Figure, Indicator
from regions.models import Territory

SUBJECTS = ("figures", "regions")
FILE_FORMS = (
    ("CSV", "format=csv"),
    (gettext_lazy("CSV for Excel"), "format=csv&pemisah=titik-koma"),
    ("XLSX", "format=xlsx"),
    ("JSON", "format=json"),
)


def export(request, asked, name):
    """The figures that were asked for, as the file of `?format=`."""
    if not asked.is_valid():
        return refused(asked.form)
    return stream(request, name=name, columns=columns.FIGURES, queryset=asked.qs, keys=SUBJECTS)


@public_page(*SUBJECTS)
def indicator_list(request):
    if "format" in request.GET:
        return export(request, FigureFilter(request.GET, Figure.objects.all()), "statistik")
    return render(
        request,
        "figures/indicator_list.html",
        {"indicators": headline.indicators_with_latest(), "files": _files(request.GET)},
    )


@public_page(*SUBJECTS)
def indicator_detail(request, code):
    indicator = get_object_or_404(Indicator, code=code)
    asked = FigureFilter(request.GET, indicator.figures.all())
    if "format" in request.GET:
        return export(request, asked, f"statistik-{indicator.code}")
    found = series.places(asked.qs.for_list().order_by("pk"))
    sums = [place for place in found if place.territory.is_sum]
    regencies = [place for place in found if not place.territory.is_sum]
    return render(
        request,
        "figures/indicator_detail.html",
        {
            "indicator": indicator,
            "sums": sums,
            "regencies": regencies,
            "regencies_have_groups": any(place.has_groups for place in regencies),
            "filter": asked,
            "is_filtered": any(request.GET.get(name) for name in ("wilayah", "kelompok", "resmi")),
            "territories": _territories(indicator),
            "groups": _groups(indicator),
            "files": _files(request.GET),
        },
    )


def _territories(indicator):
    """(key, name) of the territories that the indicator has figures of, sums of the province first."""
    rows = Territory.objects.filter(figures__indicator=indicator).distinct().values_list("regency_id", "name", "key")
    return [(key, name) for regency, name, key in sorted(rows, key=lambda row: (row[0] is not None, row[1]))]


def _groups(indicator):
    """(value, label) of the groups that the indicator has figures of."""
    names = indicator.figures.order_by("group").values_list("group", flat=True).distinct()
    return [(name or EMPTY, name or _("All cooperatives")) for name in names]


def _files(asked):
    """Addresses of the same filter as files."""
    kept = QueryDict(mutable=True)
    kept.update({name: value for name, value in asked.items() if name in FigureFilter.base_filters and value})
    return [(label, f"?{'&'.join(filter(None, [kept.urlencode(), form]))}") for label, form in FILE_FORMS]

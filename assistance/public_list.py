"""`/bantuan/`: search, facets, totals, charts, programmes and rows of public aid; as a file with `?format=`."""

from dataclasses import dataclass

from django.core.paginator import EmptyPage, Paginator
from django.shortcuts import redirect, render
from django.urls import reverse

from assistance.exports import KEYS, export
from assistance.filters import FACETS, AidFilter
from assistance.models import Package
from assistance.totals import Sums, Totals, kept, members_by_regency, programme_lines, verified
from common.dates import today
from common.exports import refused
from common.pages import public_page
from cooperatives.chips import address, boxes, chips
from cooperatives.filters import EMPTY, holds_citizen_number
from cooperatives.views import is_worth_keeping, page_number

ROWS = 25
IN_ORDER = {"tahun", "tahap"}
OPEN = {"tahun", "wilayah", "jenis"}


@dataclass(frozen=True)
class Line:
    """What one regency or kind received."""

    label: str
    url: str
    sums: Sums
    members: int | None = None

    @property
    def per_thousand(self):
        """Packages per 1.000 members of the regency's cooperatives; None where no members are known."""
        return self.sums.packages * 1000 / self.members if self.members else None


@public_page(*KEYS, cached=is_worth_keeping)
def assistance(request):
    if holds_citizen_number(request.GET.get("q", "")):
        return redirect("assistance")
    filterset = AidFilter(request.GET, queryset=Package.objects.all())
    if "format" in request.GET:
        return export(request, filterset) if filterset.is_valid() else refused(filterset.form)
    totals = Totals(filterset)
    number = page_number(request.GET.get("page", "1"))
    paginator = Paginator(range(totals.all.packages), ROWS)
    try:
        page = paginator.page(number)
    except EmptyPage:
        page = None
    # All of these are of the whole, whatever is asked: made once for each state of the data.
    (seen, handed), members, programmes = kept("frame", lambda: _frame(filterset))
    context = {
        "filterset": filterset,
        "form": filterset.form,
        "facets": boxes(filterset, totals.by_facet, FACETS, IN_ORDER, OPEN),
        "chips": chips(filterset, FACETS),
        "query": address(filterset.asked),
        "totals": totals.all,
        "cancelled": totals.cancelled,
        "page": page,
        "last_page": paginator.num_pages,
        "rows": _rows(filterset, page) if page is not None and totals.all.packages else [],
        "regencies": _regencies(filterset, totals, members),
        "kinds": _kinds(filterset, totals),
        "programmes": programmes,
        "seen": seen,
        "handed": handed,
    }
    return render(request, "assistance/assistance.html", context, status=404 if page is None else 200)


def _rows(filterset, page):
    """The rows of a page: first the keys, from an index, then these few records."""
    keys = list(filterset.qs.newest_first().values_list("pk", flat=True)[page.start_index() - 1 : page.end_index()])
    return list(Package.objects.filter(pk__in=keys).for_list().newest_first())


def _frame(filterset):
    return verified(), members_by_regency(), programme_lines(filterset.programmes)


def _regencies(filterset, totals, members):
    """Every regency of today, those that received nothing too, and what is not stated."""
    asked = filterset.asked
    wanted = asked.get("wilayah")
    on = today()
    lines = [
        Line(one.name, _url(asked, "wilayah", one.slug), totals.by_regency[one.slug], members.get(one.pk))
        for one in filterset.regencies
        if (one.was_part_on(on) or one.slug in totals.by_regency) and (not wanted or one.slug in wanted)
    ]
    if EMPTY in totals.by_regency:
        label = filterset.labels["wilayah"][EMPTY]
        lines.append(Line(label, _url(asked, "wilayah", EMPTY), totals.by_regency[EMPTY]))
    return lines


def _kinds(filterset, totals):
    lines = [
        Line(filterset.labels["jenis"][code], _url(filterset.asked, "jenis", code), sums)
        for code, sums in totals.by_kind.items()
    ]
    return sorted(lines, key=lambda line: (-line.sums.packages, line.label))


def _url(asked, param, value):
    return f"{reverse('assistance')}?{address(asked | {param: [value]})}"

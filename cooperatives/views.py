"""The list of the register: HTTP in, HTTP out."""

import re

from django.core.cache import cache
from django.core.paginator import EmptyPage, Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from common.dates import today
from common.exports import refused
from common.pages import KEEP_SECONDS, public_page
from cooperatives.chips import BADGES, address, boxes, chips
from cooperatives.exports import export
from cooperatives.facets import counts
from cooperatives.filters import YEARS, CooperativeFilter, holds_citizen_number
from cooperatives.hints import meant
from cooperatives.models import Cooperative

ROWS = 25
# Beyond this no register has pages; what is larger is no page number at all.
LAST_PAGE = 10**7
# What a row of the list shows: no address, no contacts, no outline of a regency.
ROW = (
    "name",
    "name_key",
    "nomor_induk_koperasi",
    "status",
    "latest_members",
    "latest_rat_year",
    "grade",
    "district",
    "group_id",
    "regency_id",
)
# The questions about a year that always have their box; the others have it once they were asked.
SHOWN_YEARS = ("berdiri", "rat", "rat_tidak", "audit")
# Pages kept an hour besides the plain ones, so that a crawler cannot fill the cache with every combination.
MOST_KEPT = 500


def is_worth_keeping(request):
    """The first pages of at most one condition are kept, of the others some hundreds an hour."""
    if len(request.GET) <= 1 and not request.GET.keys() - {"wilayah", "status", "kelompok", "page"}:
        return len(request.GET.urlencode()) < 80
    cache.add("lists-kept", 0, KEEP_SECONDS)
    try:
        return cache.incr("lists-kept") <= MOST_KEPT
    except ValueError:  # it ran out between the two
        return False


@public_page("cooperatives", "regions", cached=is_worth_keeping)
def cooperative_list(request):
    """`/koperasi/`: search, facets, rows; with `?format=` the same rows as a file."""
    if holds_citizen_number(request.GET.get("q", "")):
        return redirect(f"{reverse('cooperative_check')}?ditolak=nik")
    filterset = CooperativeFilter(request.GET, queryset=Cooperative.objects.all())
    if "format" in request.GET:
        return export(request, filterset.qs) if filterset.is_valid() else refused(filterset.form)
    if any(value == "" for values in request.GET.lists() for value in values[1]):
        # A form sends its empty fields as well: the address to keep and to share is the one without them.
        query = request.GET.copy()
        for name, values in request.GET.lists():
            query.setlist(name, [value for value in values if value])
        return redirect(f"{request.path}?{query.urlencode()}".rstrip("?"))
    return _page(request, filterset)


def _page(request, filterset):
    number = page_number(request.GET.get("page", "1"))
    version, changed_at = request.data_versions.get("cooperatives", (0, None))
    counted = counts(filterset, offset=(number - 1) * ROWS, limit=ROWS, version=version)
    paginator = Paginator(range(counted.total), ROWS)
    try:
        page = paginator.page(number)
    except EmptyPage:
        page = None
    places = filterset.asked.get("wilayah", [])
    context = {
        "filterset": filterset,
        "form": filterset.form,
        "facets": boxes(filterset, counted.by_facet),
        "chips": chips(filterset),
        "query": address(filterset.asked),
        "counted": counted,
        "page": page,
        "last_page": paginator.num_pages,
        "rows": _rows(filterset, counted, page) if page is not None else [],
        "place": filterset.labels["wilayah"][places[0]] if len(places) == 1 else "",
        "meant": meant(filterset.asked["q"]) if not counted.total and "q" in filterset.asked else "",
        "whole": counted.whole,
        "changed_on": timezone.localdate(changed_at) if changed_at else None,
        "today": today(),
        "rat_counts": filterset.filters["rat_tiga_tahun"].extra["choices"],
        "offices": filterset.labels["kantor"].items(),
        "years": [filterset.form[name] for name in YEARS if name in SHOWN_YEARS or name in filterset.form.data],
        "others_open": any(name in filterset.form.data for name in ("per", "kantor", "rat_tiga_tahun", *YEARS)),
    }
    return render(request, "cooperatives/cooperative_list.html", context, status=404 if page is None else 200)


def page_number(text):
    """The number of a page; 0, which no page has, for what is none."""
    return int(text) if re.fullmatch(r"[1-9][0-9]{0,6}", text) else LAST_PAGE


def _rows(filterset, counted, page):
    """The rows of a page with the place and the status that the filter's day asks for. Two steps: first the keys of
    the page from an index, then these few records."""
    records = Cooperative.objects.in_register() if filterset.date is None else Cooperative.objects.on(filterset.date)
    ids = counted.ids
    if ids is None:
        ids = list(
            records.values_list("pk", flat=True)[page.start_index() - 1 : page.end_index()] if counted.total else []
        )
    rows = list(records.filter(pk__in=ids).only(*ROW))
    for row in rows:
        row.place = filterset.regency_then.get(row.regency_id)
        row.group_name = filterset.labels["kelompok"].get(str(row.group_id), "")
        if filterset.date:
            row.status = row.status_on
        row.badge = BADGES.get(row.status, "")
    return rows

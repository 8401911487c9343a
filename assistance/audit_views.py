"""/kerja/bantuan/pemeriksaan/: the auditor's lists, each with its file. An officer sees the own regency's only."""

from datetime import date, datetime

from django.contrib.auth.decorators import permission_required
from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from assistance.audit import CHECKS
from assistance.models import SUBJECT, Package, Programme
from common.columns import Kind, Reader
from common.dates import format_date, format_moment
from common.exports import stream
from common.numbers import format_number
from common.paging import CappedPaginator
from regions.models import Regency

AUDIT = "assistance.view_aid_audit"
PER_PAGE = 25
# Numbers that are names: written without dots.
NAMES = {"package", "year"}


class Narrowed:
    """What was chosen above the lists: a regency and a fiscal year. What is not known finds nothing."""

    def __init__(self, data):
        self.regency = data.get("wilayah", "")[:60]
        self.year = data.get("tahun", "")[:4]

    @property
    def lookups(self):
        """`{lookup of a package: value}`."""
        found: dict = {"regency__slug": self.regency} if self.regency else {}
        if self.year:
            is_year = self.year.isascii() and self.year.isdigit()
            found["programme__fiscal_year"] = int(self.year) if is_year else -1
        return found


def _context(request, narrowed):
    years = Programme.objects.exclude(fiscal_year=None).order_by("-fiscal_year").values_list("fiscal_year", flat=True)
    regencies = Regency.objects.order_by("name").only("slug", "name") if not request.user.regency_id else ()
    return {"narrowed": narrowed, "years": list(years.distinct()), "regencies": regencies}


@permission_required(AUDIT, raise_exception=True)
@require_safe
def aid_audit(request):
    """All checks with their counts: one query each."""
    narrowed = Narrowed(request.GET)
    packages = Package.objects.visible_to(request.user)
    counted = [(check, check.of(packages, narrowed.lookups).order_by().count()) for check in CHECKS.values()]
    return render(request, "assistance/aid_audit.html", {"counted": counted, **_context(request, narrowed)})


@permission_required(AUDIT, raise_exception=True)
@require_safe
def aid_check(request, key):
    """One check's rows, in pages or as a file."""
    check = CHECKS.get(key)
    if check is None:
        raise Http404
    narrowed = Narrowed(request.GET)
    rows = check.of(Package.objects.visible_to(request.user), narrowed.lookups)
    if "format" in request.GET:
        response = stream(
            request, name=f"pemeriksaan-{key}", columns=check.columns, queryset=rows, keys=(SUBJECT, "regions")
        )
        # Names, findings and papers are between the offices.
        response["Cache-Control"] = "private, no-store"
        return response
    page = CappedPaginator(rows.order_by(*check.order), PER_PAGE).get_page(request.GET.get("page"))
    shown = [column for column in check.columns if column.kind is not Kind.LINK]
    context = {"check": check, "checks": CHECKS.values(), "page": page, "columns": shown, **_context(request, narrowed)}
    return render(request, "assistance/aid_check.html", context | {"lines": _lines(check, page)})


def _lines(check, page):
    """`[(address, [(column, cell as it is written)])]` of the rows of a page, read as the file reads them."""
    found, _keys = Reader(check.columns).page(page.object_list)
    return [
        (
            next((row[column.name] for column in check.columns if column.kind is Kind.LINK), ""),
            [(column, written(column, row[column.name])) for column in check.columns if column.kind is not Kind.LINK],
        )
        for row in found
    ]


def written(column, cell):
    """A cell for the eye; None where it is empty."""
    if cell is None or cell == "":
        return None
    write = {
        Kind.DATE: lambda: format_date(date.fromisoformat(cell)),
        Kind.MOMENT: lambda: format_moment(datetime.fromisoformat(cell)),
        Kind.FLAG: lambda: gettext("Yes") if cell else gettext("No"),
        Kind.COUNT: lambda: str(cell) if column.name in NAMES else format_number(cell),
    }
    return write.get(column.kind, lambda: str(cell))()

"""Why a share of active cooperatives moved: activated, gone inactive, dissolved and founded, by year and office."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db.models import Case, Count, Value, When
from django.db.models.functions import Coalesce, ExtractYear
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from cooperatives.filters import BECAME
from cooperatives.models import Cooperative, StatusPeriod
from cooperatives.recap import UNDER, Almanac, Places
from progress.readings import TOTAL

KINDS = {
    "diaktifkan": _("became active"),
    "dinonaktifkan": _("became inactive or frozen"),
    "dibubarkan": _("dissolved or merged"),
    "berdiri": _("founded"),
}


@dataclass(frozen=True)
class Change:
    count: int
    url: str


class Changes:
    """`{(kind, year): Change}` of an office or of all (TOTAL), up to a day. Four queries."""

    def __init__(self, on, years):
        self.on, self.years = on, list(years)
        places = Places(on, UNDER, almanac=Almanac([]))
        self._found: dict = defaultdict(int)
        for kind, regency, form, year, count in self._rows():
            for key in (places.row(regency, form).key, TOTAL):
                self._found[kind, year, key] += count

    def _rows(self):
        first, last = date(self.years[0], 1, 1), self.on
        kind = Case(*(When(condition, then=Value(kind)) for kind, condition in BECAME.items()))
        changed = StatusPeriod.objects.changes().filter(since__range=(first, last), cooperative__voided_at=None)
        yield from (
            changed.annotate(what=kind, year=ExtractYear("since"))
            .filter(what__isnull=False)
            .values_list("what", "cooperative__regency_id", "cooperative__form_id", "year")
            .annotate(n=Count("cooperative", distinct=True))
        )
        founded = (
            Cooperative.objects.on(self.on)
            .annotate(day=Coalesce("founded_on", "legal_on"))
            .filter(day__range=(first, last))
            .annotate(what=Value("berdiri"), year=ExtractYear("day"))
        )
        yield from (founded.order_by().values_list("what", "regency_id", "form_id", "year").annotate(n=Count("pk")))

    def of(self, place):
        """`[(label, [Change of each year])]` for a table."""
        return [(label, [self._change(kind, year, place) for year in self.years]) for kind, label in KINDS.items()]

    def _change(self, kind, year, place):
        office = "" if place == TOTAL else f"kantor={place}&"
        url = f"{reverse('cooperative_list')}?{office}per={self.on}&{kind}={year}"
        return Change(self._found[kind, year, place], url)

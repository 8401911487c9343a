"""How much aid stands behind each tick, and the sums of the list, from one grouped query.

Packages are grouped once by everything that a facet asks; what is ticked is then a matter of adding up groups. The
groups of the whole list are kept by data version.
"""

from collections import defaultdict
from dataclasses import dataclass, fields
from datetime import timedelta

from django.core.cache import cache
from django.db.models import Count, Q, Sum

from assistance.filters import FACETS
from assistance.models import SUBJECT, Package, Programme, Unit
from assistance.stages import WAY, Stage
from common.dates import today
from common.models import DataVersion
from cooperatives.filters import EMPTY
from cooperatives.models import Cooperative

KEEP_SECONDS = 3600
STAGE = [facet.param for facet in FACETS].index("tahap")
BEFORE_DECREE = WAY[: WAY.index(Stage.DECREED)]


@dataclass
class Sums:
    """What some packages add up to, and how many of them do not say."""

    packages: int = 0
    quantity: int = 0
    quantity_unknown: int = 0
    value: int = 0
    value_unknown: int = 0
    demo: int = 0
    historical: int = 0

    def add(self, other):
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))


def groups(packages):
    """`[(value of each facet, Sums)]` of a queryset. Units are the quantities of kinds whose units are registered."""
    counted = Q(kind__has_units=True)
    rows = (
        packages.order_by()
        .values_list(*(facet.column for facet in FACETS))
        .annotate(
            n=Count("pk"),
            units=Sum("quantity", filter=counted),
            no_quantity=Count("pk", filter=counted & Q(quantity=None)),
            realised=Sum("realised_amount"),
            no_value=Count("pk", filter=Q(realised_amount=None)),
            demo=Count("pk", filter=Q(is_demo=True)),
            old=Count("pk", filter=Q(is_historical=True)),
        )
    )
    width = len(FACETS)
    return [
        (
            tuple(EMPTY if value in (None, "") else str(value) for value in row[:width]),
            Sums(*(int(number or 0) for number in row[width:])),
        )
        for row in rows
    ]


def kept(name, make):
    """What `make()` gives, kept until aid or the register changes, and for a day at most."""
    versions = DataVersion.read(SUBJECT, "cooperatives")
    key = f"aid-{name}:{today()}:{sorted((one, number) for one, (number, _changed) in versions.items())}"
    key = key.translate(_NO_SPACES)
    found = cache.get(key)
    if found is None:
        found = make()
        cache.set(key, found, KEEP_SECONDS)
    return found


_NO_SPACES = str.maketrans("", "", " '[]()")


def _whole():
    return kept("groups", lambda: groups(Package.objects.public()))


class Totals:
    """The sums of a filter: of all its rows, by facet (each without its own ticks), by regency, kind and year."""

    def __init__(self, filterset):
        found = groups(filterset.unticked(Package.objects.all())) if filterset.asks_more_than_facets else _whole()
        ticks = {
            index: frozenset(filterset.asked[facet.param])
            for index, facet in enumerate(FACETS)
            if facet.param in filterset.asked
        }
        self.all, self.cancelled = Sums(), 0
        self.by_facet = {facet.param: defaultdict(int) for facet in FACETS}
        self.by_regency, self.by_kind, self.by_regency_year = (defaultdict(Sums) for _number in range(3))
        for values, sums in found:
            missed = [index for index, ticked in ticks.items() if values[index] not in ticked]
            for index, facet in enumerate(FACETS):
                if not missed or missed == [index]:
                    self.by_facet[facet.param][values[index]] += sums.packages
            if missed:
                continue
            year, regency, kind = values[:3]
            self.all.add(sums)
            if values[STAGE] == Stage.CANCELLED:
                # It stands in the list, and nobody received it.
                self.cancelled += sums.packages
                continue
            self.by_regency[regency].add(sums)
            self.by_kind[kind].add(sums)
            self.by_regency_year[regency, year].add(sums)


def verified():
    """(units that somebody saw within the last 12 months, units that are held), of public packages."""
    units = Unit.objects.held().filter(package__is_public=True, package__voided_at=None)
    day = today()
    return units.verified_since(day - timedelta(days=365)).count(), units.count()


def members_by_regency():
    """`{regency id: members}` of the standing cooperatives, by seat, as far as they reported them."""
    rows = Cooperative.objects.standing().order_by().values_list("regency_id").annotate(members=Sum("latest_members"))
    return dict(rows)


@dataclass(frozen=True)
class ProgrammeLine:
    """One programme: its ceiling, and what became of its packages. Before the decree only numbers and sums."""

    programme: Programme
    proposed: int
    proposed_value: int | None
    decreed: int
    decreed_value: int | None
    realised_value: int | None


def programme_lines(programmes):
    """The lines of programmes, in their order; one query."""
    before = Q(is_public=False, stage__in=BEFORE_DECREE)
    rows = (
        Package.objects.in_force()
        .order_by()
        .values_list("programme_id")
        .annotate(
            early=Count("pk", filter=before),
            early_value=Sum("planned_amount", filter=before),
            late=Count("pk", filter=Q(is_public=True)),
            late_value=Sum("contracted_amount", filter=Q(is_public=True)),
            realised=Sum("realised_amount", filter=Q(is_public=True)),
        )
    )
    found = {pk: numbers for pk, *numbers in rows}
    nothing = (0, None, 0, None, None)
    return [ProgrammeLine(one, *found.get(one.pk, nothing)) for one in programmes]

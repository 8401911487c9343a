"""The awards by year, as the timeline tells them."""

from dataclasses import dataclass
from itertools import groupby

from progress.models import Award

# The goal that the province set itself, and the year in which it was reached.
GOAL_YEAR = 2013


@dataclass(frozen=True)
class Year:
    """One year's awards, the province's own first, and the sources that report them."""

    year: int
    awards: tuple

    @property
    def of_province(self):
        return [award for award in self.awards if award.territory.regency_id is None]

    @property
    def of_regencies(self):
        return [award for award in self.awards if award.territory.regency_id is not None]

    @property
    def sources(self):
        return list({award.source_id: award.source for award in self.awards}.values())


def timeline():
    """Every year with an award, the oldest first, in one query."""
    return by_year(for_list())


def for_list():
    """All awards with what a page says of each."""
    return (
        Award.objects.select_related("territory__regency", "source")
        .defer("territory__regency__boundary")
        .order_by("year", "territory__name", "pk")
    )


def by_year(awards):
    return [Year(year, tuple(same)) for year, same in groupby(awards, key=lambda award: award.year)]


def of_regency(regency):
    """One regency's awards, the newest first."""
    return list(for_list().filter(territory__regency=regency).order_by("-year", "pk"))


def years_by_regency():
    """`{regency id: [years of its awards, the oldest first]}`, in one query."""
    found = {}
    for regency, year in (
        Award.objects.filter(territory__regency__isnull=False)
        .order_by("year")
        .values_list("territory__regency_id", "year")
    ):
        if year not in found.setdefault(regency, []):
            found[regency].append(year)
    return found


def goal_was_reached(years):
    """Whether the province itself was awarded in the year of its goal."""
    return any(year.year == GOAL_YEAR and year.of_province for year in years)

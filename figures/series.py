"""Published figures as series: one line for each territory and group, one entry a date, conflicts side by side."""

from dataclasses import dataclass
from itertools import groupby

from common.dates import format_date
from figures.models import Figure


@dataclass(frozen=True)
class Entry:
    """All that was published for one date. `chosen` leads the line: the office's figure, or the only one there is."""

    group: str
    chosen: Figure | None
    others: tuple

    @property
    def first(self):
        return self.chosen or self.others[0]


@dataclass(frozen=True)
class Series:
    """One territory and group of one indicator, the newest date first."""

    territory: object
    group: str
    entries: tuple

    @property
    def newest(self):
        return self.entries[0].first.as_of

    @property
    def is_a_line(self):
        """Whether there are two dates or more to draw."""
        return len(self.points) > 1

    @property
    def points(self):
        """For a chart: (label, value, decimal year), the oldest first."""
        return [_point(entry.chosen) for entry in reversed(self.entries) if entry.chosen]

    @property
    def marks(self):
        """Values that others published, for a chart."""
        return [_point(figure) for entry in reversed(self.entries) for figure in entry.others]


@dataclass(frozen=True)
class Place:
    """A territory with its series: all cooperatives first, then the groups by name."""

    territory: object
    series: tuple

    @property
    def entries(self):
        return [entry for line in self.series for entry in line.entries]

    @property
    def has_groups(self):
        return any(line.group for line in self.series)


def places(figures):
    """The figures of one indicator by territory; sums of the province first, the newest of them leading."""
    found = []
    ordered = sorted(figures, key=lambda figure: (figure.territory_id, figure.group, -figure.as_of.toordinal()))
    for _territory, of_territory in groupby(ordered, key=lambda figure: figure.territory_id):
        lines = []
        for group, of_group in groupby(of_territory, key=lambda figure: figure.group):
            entries = [_entry(group, list(same)) for _day, same in groupby(of_group, key=lambda figure: figure.as_of)]
            lines.append(Series(entries[0].first.territory, group, tuple(entries)))
        found.append(Place(lines[0].territory, tuple(lines)))
    return sorted(found, key=_rank)


def _rank(place):
    newest = max(line.newest for line in place.series)
    if place.territory.is_sum:
        return (0, -newest.toordinal(), place.territory.name)
    return (1, 0, place.territory.name)


def _entry(group, same_day):
    official = next((figure for figure in same_day if figure.is_official), None)
    chosen = official or (
        same_day[0] if len(same_day) == 1 and same_day[0].quality != Figure.Quality.CONFLICTING else None
    )
    others = sorted((figure for figure in same_day if figure is not chosen), key=lambda figure: -figure.value)
    return Entry(group, chosen, tuple(others))


def _point(figure):
    day = figure.as_of
    label = (
        str(day.year)
        if (day.month, day.day) == (12, 31) or figure.date_precision == "year"
        else format_date(day, "month")
    )
    return label, figure.value, day.year + day.timetuple().tm_yday / 366

"""Announced against derived: each published figure of a day beside what the register and the reports give for it.

Nothing is corrected here and nothing chosen: the difference stands there with its note. Figures of one day are
also held against each other, since many of the differences are in what was published itself.
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Count
from django.utils.translation import gettext as _

from common.models import DataVersion
from common.text import fold
from cooperatives.models import Cooperative, Group, Status
from cooperatives.models.cooperative import ENDED
from cooperatives.recap import PROVINCE, UNDER, Almanac, Places, recap
from figures.models import Figure
from progress.readings import TOTAL, register_url
from regions.models import Territory

# Indicator -> what the recap's row says for it.
COUNTED = {
    "cooperatives": "total",
    "cooperatives_active": "active",
    "cooperatives_inactive": "inactive",
    "rat_held": "rat_held",
    "audited": "audited",
}


@dataclass(frozen=True)
class Derived:
    """What the register gives for a figure, with the address of the rows."""

    value: int
    url: str


@dataclass(frozen=True)
class Line:
    """One announced figure beside what follows for the same day and territory from reports and the register."""

    figure: Figure
    reported: Figure | None
    derived: Derived | None
    remark: str = ""

    @property
    def url(self):
        return f"{self.figure.indicator.get_absolute_url()}?wilayah={self.figure.territory.key}"

    @property
    def difference(self):
        """The register less what was announced; the reports' where the register gives nothing."""
        if self.derived is not None:
            return self.derived.value - self.figure.value
        return self.reported.value - self.figure.value if self.reported else None


@dataclass(frozen=True)
class Check:
    """Published figures of one day held against each other."""

    words: str
    figures: tuple
    difference: int

    @property
    def url(self):
        first = self.figures[0]
        return f"{first.indicator.get_absolute_url()}?wilayah={first.territory.key}"


def days():
    """`[(day, how many figures)]` on which anything was announced that the register can give, the newest first."""
    return list(_announced().order_by("-as_of").values_list("as_of").annotate(n=Count("pk")))


def _announced():
    names = [*COUNTED, *SUMS]
    return Figure.objects.filter(indicator__code__in=names, source__is_of_report=False).order_by()


SUMS = ("members", "members_men", "members_women", "managers", "employees")


class Announced:
    """The figures of one day, and what stands beside them. A fixed number of queries."""

    def __init__(self, on):
        self.on = on
        self.is_demo = DataVersion.demo_is_in()
        everything = list(
            Figure.objects.filter(as_of=on, indicator__code__in=[*COUNTED, *SUMS])
            .for_list()
            .order_by("indicator__position", "territory__name", "group", "-is_official", "-value", "pk")
        )
        # Totals before groups, and sums of the province before single regencies.
        everything.sort(key=lambda one: (bool(one.group), not one.territory.is_sum))
        self.figures = [figure for figure in everything if not figure.source.is_of_report]
        self._reported = {_key(figure): figure for figure in everything if figure.source.is_of_report}

    @cached_property
    def lines(self):
        return [self._line(figure) for figure in self.figures]

    def _line(self, figure):
        reported = self._reported.get(_key(figure))
        if reported and reported.is_demo != figure.is_demo:
            reported = None
        if figure.is_demo != self.is_demo:
            # An invented register says nothing about what was really announced.
            return Line(
                figure, reported, None, _("not compared: the register holds demo data") if self._register else ""
            )
        remark = ""
        if figure.territory.is_sum and figure.territory.key not in (Territory.PROVINCE, Territory.FOUNDING):
            remark = _("the source does not say what it covers; compared with the whole province of that day")
        return Line(figure, reported, self._derived(figure), remark)

    def _place(self, territory):
        if territory.regency_id:
            return territory.regency.slug
        return TOTAL if territory.is_sum else PROVINCE

    def _derived(self, figure):
        if not self._register:
            return None
        place, code = self._place(figure.territory), figure.indicator.code
        row = self._rows.get(place)
        if row is None or not row.total + row.ended:
            return None
        if figure.group:
            group = self._groups.get(fold(figure.group))
            if group is None or code != "cooperatives":
                return None
            return Derived(self._by_group[group.pk, place], register_url(place, self.on, kelompok=group.pk))
        value = row.known(COUNTED.get(code, code))
        if value is None:
            return None
        statuses, more = {
            "cooperatives_active": ((Status.ACTIVE,), {}),
            "cooperatives_inactive": ((Status.INACTIVE, Status.FROZEN), {}),
            "rat_held": ((), {"rat": self._recap.counting_year}),
            "audited": ((), {"audit": self._recap.counting_year}),
        }.get(code, ((), {}))
        return Derived(value, register_url(place, self.on, *statuses, **more))

    @cached_property
    def _register(self):
        return Cooperative.objects.in_register().exists()

    @cached_property
    def _almanac(self):
        return Almanac([self.on])

    @cached_property
    def _recap(self):
        return recap(self.on, by=UNDER, almanac=self._almanac)

    @cached_property
    def _rows(self):
        return {row.key: row for row in (*self._recap.rows, self._recap.total)}

    @cached_property
    def _groups(self):
        return {spelling: group for group in Group.objects.all() for spelling in group.spellings()}

    @cached_property
    def _by_group(self):
        places, found = Places(self.on, UNDER, almanac=self._almanac), defaultdict(int)
        standing = Cooperative.objects.on(self.on).exclude(status_on__in=ENDED).order_by()
        for group, regency, form, count in standing.values_list("group_id", "regency_id", "form_id").annotate(
            n=Count("pk")
        ):
            for key in (places.row(regency, form).key, TOTAL):
                found[group, key] += count
        return found

    # -- Among themselves ----------------------------------------------------------------------------

    @cached_property
    def checks(self):
        """Where the announced figures of the day do, or do not, agree with each other."""
        by_territory = defaultdict(list)
        for figure in self.figures:
            by_territory[figure.territory_id].append(figure)
        return [check for figures in by_territory.values() for check in _checks(figures)]


def _key(figure):
    return figure.indicator_id, figure.territory_id, figure.group


def _checks(figures):
    """Of one territory's figures: several values for one thing, parts and their whole."""
    by_thing = defaultdict(list)
    for figure in figures:
        by_thing[figure.indicator.code, figure.group].append(figure)
    for same in by_thing.values():
        if len({figure.value for figure in same}) > 1:
            values = [figure.value for figure in same]
            words = _("Several values were published: %(name)s") % {"name": same[0].indicator.name}
            yield Check(words, tuple(same), max(values) - min(values))
    chosen = {thing: figure for thing, same in by_thing.items() for figure in same if figure.is_official}
    whole = chosen.get(("cooperatives", ""))
    if whole is None:
        return
    groups = [figure for (code, group), figure in chosen.items() if code == "cooperatives" and group]
    if groups:
        yield _parts(_("The groups and their total"), groups, whole)
    states = [chosen.get((code, "")) for code in ("cooperatives_active", "cooperatives_inactive")]
    if all(states):
        yield _parts(_("Active, inactive and their total"), states, whole)


def _parts(words, parts, whole):
    return Check(words, (*parts, whole), sum(figure.value for figure in parts) - whole.value)

"""Where the numbers of a scorecard come from: the office's figures of a day, else the register on that day.

The order of preference is ORIGINS. All numbers of one criterion and place come from one origin, part and whole
and every year of its window, so that no share and no trend mixes two ways of counting. While the register is
invented, only invented figures stand beside it: announced and simulated numbers never meet in one total.
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from common.models import DataVersion
from cooperatives.models import Status
from cooperatives.recap import UNDER, Almanac, Places, answered, often_held, recap
from figures.models import Figure
from progress.models import Quantity
from regions.models import Territory

TOTAL = "total"
STANDING = (Status.ACTIVE, Status.INACTIVE, Status.FROZEN)


class Origin(models.TextChoices):
    FIGURES = "figures", _("the office's figures")
    REGISTER = "register", _("the register")


# Quantity -> columns of the recap that it adds up.
COLUMNS = {
    Quantity.COOPERATIVES: ("total",),
    Quantity.ACTIVE: ("active",),
    Quantity.RAT_HELD: ("rat_held",),
    Quantity.AUDITED: ("audited",),
    Quantity.MEMBERS: ("members",),
    Quantity.LABOUR: ("managers", "employees"),
}
# The grade looks at three book years; while one of them has no answer at all, nobody's is known.
GRADED_YEARS = 3
# What needs no return but the RATs.
OF_STATUSES = {Quantity.COOPERATIVES, Quantity.ACTIVE, Quantity.GOOD}

# The first that knows a whole window speaks; else the first that knows its last year.
ORIGINS = (Origin.FIGURES, Origin.REGISTER)

# Quantity -> code of the indicator that is published for it. Nobody publishes how many perform well.
CODES = {
    Quantity.COOPERATIVES: "cooperatives",
    Quantity.ACTIVE: "cooperatives_active",
    Quantity.RAT_HELD: "rat_held",
    Quantity.AUDITED: "audited",
    Quantity.MEMBERS: "members",
    Quantity.LABOUR: "labour",
}


@dataclass(frozen=True)
class Number:
    """A number with the address of the rows behind it, and for a figure who published it."""

    value: int
    url: str
    cited: str = ""


def days_of(on, count):
    """The last ends of years before a day, and the day itself: so many days, the oldest first."""
    return [on.replace(year=on.year - back, month=12, day=31) for back in range(count - 1, 0, -1)] + [on]


def register_url(place, day, *statuses, **more):
    """The list of the cooperatives that were counted for an office (or all, TOTAL) on a day."""
    office = [] if place == TOTAL else [("kantor", place)]
    wanted = [("status", str(status)) for status in statuses or STANDING]
    return f"{reverse('cooperative_list')}?{urlencode([*office, ('per', day.isoformat()), *wanted, *more.items()])}"


class Readings:
    """The numbers of some days for every office and for the province.

    Three queries a day, two more a day of which performing well is asked, and five besides.
    """

    def __init__(self, days, quantities, rats, regencies=None):
        self.days, self.quantities, self.rats, self.regencies = days, quantities, rats, regencies
        self.is_demo = DataVersion.demo_is_in()

    def number(self, quantity, place, day, origin):
        """One number, or None where it is not known."""
        if origin == Origin.FIGURES:
            figure = self._figures.get((CODES.get(quantity), place, day))
            return figure and self._of_figure(figure)
        return self._register[day].number(quantity, place)

    @staticmethod
    def _of_figure(figure):
        url = f"{figure.indicator.get_absolute_url()}?wilayah={figure.territory.key}"
        return Number(figure.value, url, figure.citation)

    @cached_property
    def _figures(self):
        """`{(code, place, day): official total}`, in one query."""
        keys = {Territory.province_on(day) for day in self.days}
        figures = (
            Figure.objects.official()
            .of_all()
            .filter(Q(territory__regency__isnull=False) | Q(territory__key__in=keys), is_demo=self.is_demo)
            .filter(as_of__in=self.days, indicator__code__in=[CODES[one] for one in self.quantities if one in CODES])
            .for_list()
        )
        found = {}
        for figure in figures:
            regency, day = figure.territory.regency, figure.as_of
            if regency or figure.territory.key == Territory.province_on(day):
                found[figure.indicator.code, regency.slug if regency else TOTAL, day] = figure
        return found

    @cached_property
    def _register(self):
        """`{day: what the register gives}`."""
        almanac = Almanac(self.days, self.regencies)
        return {day: Counted(day, self.rats, almanac, self.quantities) for day in self.days}


class Counted:
    """What the register gives on one day."""

    def __init__(self, day, rats, almanac, quantities):
        self.day, self.rats, self.quantities = day, rats, quantities
        self.recap = recap(day, by=UNDER, almanac=almanac, with_returns=not quantities <= OF_STATUSES)
        self.rows = {row.key: row for row in (*self.recap.rows, self.recap.total)}
        self._places = Places(day, UNDER, almanac=almanac)

    @cached_property
    def good(self):
        """`{office: active cooperatives that perform well}`."""
        found = self._places.count(often_held(self.day, self.recap.counting_year, self.rats))
        return found | {TOTAL: sum(found.values())}

    @cached_property
    def answered(self):
        """`{office: how many of the three years have any answer on the RAT}`; grades cannot be told from fewer."""
        rows = answered(self.recap.counting_year).order_by()
        years = defaultdict(set)
        for regency, form, year in rows.values_list(
            "cooperative__regency_id", "cooperative__form_id", "book_year"
        ).distinct():
            for key in (self._places.row(regency, form).key, TOTAL):
                years[key].add(year)
        return {key: len(found) for key, found in years.items()}

    def number(self, quantity, place):
        row = self.rows.get(place)
        # An office without any record is not an office without cooperatives.
        if row is None or not row.total + row.ended:
            return None
        number = self._value(quantity, row)
        return None if number is None else Number(number, self._url(quantity, place))

    def _value(self, quantity, row):
        if quantity == Quantity.GOOD:
            if Quantity.GOOD not in self.quantities:
                return None
            return self.good.get(row.key, 0) if self.answered.get(row.key, 0) == GRADED_YEARS else None
        # Where nobody answered, nothing is known; where some did, theirs count.
        known = [number for name in COLUMNS[quantity] if (number := row.known(name)) is not None]
        return sum(known) if known else None

    def _url(self, quantity, place):
        year = self.recap.counting_year
        statuses, more = {
            Quantity.ACTIVE: ((Status.ACTIVE,), {}),
            Quantity.GOOD: ((Status.ACTIVE,), {"rat_tiga_tahun": "3" if self.rats == 3 else "2-3"}),
            Quantity.RAT_HELD: ((), {"rat": year}),
            Quantity.AUDITED: ((), {"audit": year}),
        }.get(quantity, ((), {}))
        return register_url(place, self.day, *statuses, **more)

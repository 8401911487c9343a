"""The recap: the Ministry's columns by office, for any date.

One function. The page /statistik/rekap/, a regency's page, a report's prefill and the scorecard
read it, so that they cannot disagree. Three grouped queries, joined here; nothing grows with the
number of offices.

A return speaks for 31 December of its book year: members, staff and money come from each
cooperative's latest return that had ended by the date. RAT and audit are those of the counting
book year, the last whose deadline had passed.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.utils.translation import gettext

from cooperatives.models import AnnualReturn, Cooperative, Form, Status, counting_year_on, counting_years
from cooperatives.models.cooperative import ENDED
from cooperatives.summary import last_ended_book_year
from regions.models import Regency

UNDER, LOCATED = "under", "located"
PROVINCE, MINISTRY, NOT_FILLED_IN = "provinsi", "kementerian", "kosong"

# Column of the recap -> columns of the return that it adds up.
SUMS = {
    "members_men": ("members_men",),
    "members_women": ("members_women",),
    "members": ("members",),
    "managers": ("managers_men", "managers_women"),
    "employees": ("employees_men", "employees_women"),
    "own_capital": ("own_capital",),
    "outside_capital": ("outside_capital",),
    "assets": ("assets",),
    "turnover": ("turnover",),
    "shu": ("shu",),
}


@dataclass
class Row:
    """One office's line. A sum is None where no cooperative gave the number: unknown, not zero."""

    key: str
    name: str
    regency: Regency | None = None
    statuses: dict = field(default_factory=lambda: defaultdict(int))
    rat_held: int = 0
    rat_known: int = 0
    audited: int = 0
    audited_known: int = 0
    returns: int = 0
    members_known: int = 0
    sums: dict = field(default_factory=lambda: dict.fromkeys(SUMS))

    @property
    def total(self):
        """Cooperatives that stood on the date: neither dissolved nor merged."""
        return sum(count for status, count in self.statuses.items() if status not in ENDED)

    @property
    def active(self):
        return self.statuses.get(Status.ACTIVE, 0)

    @property
    def inactive(self):
        """Inactive and frozen together: the Ministry's recap knows only two states."""
        return self.total - self.active

    @property
    def frozen(self):
        return self.statuses.get(Status.FROZEN, 0)

    @property
    def ended(self):
        return sum(count for status, count in self.statuses.items() if status in ENDED)

    def known(self, name):
        """A column by its name; None where nobody gave the number or answered: unknown, not zero."""
        if name in self.sums:
            return self.sums[name]
        if name in ("rat_held", "audited") and not getattr(self, f"{name.removesuffix('_held')}_known"):
            return None
        return getattr(self, name)

    def add(self, other):
        for status, count in other.statuses.items():
            self.statuses[status] += count
        for name in ("rat_held", "rat_known", "audited", "audited_known", "returns", "members_known"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name, value in other.sums.items():
            if value is not None:
                self.sums[name] = (self.sums.get(name) or 0) + value


@dataclass(frozen=True)
class Recap:
    on: date
    by: str
    counting_year: int
    figures_year: int
    rows: tuple
    total: Row

    def row(self, key):
        """The line of one office by its key, or None."""
        return next((row for row in self.rows if row.key == key), None)


class Almanac:
    """What several days' counts need and what does not change with them: regencies, forms, counting years.

    Three queries, however many days (`regencies`, all of them, may be given); one day alone needs none.
    """

    def __init__(self, days, regencies=None):
        self.regencies = list(Regency.objects.defer("boundary")) if regencies is None else regencies
        self.levels = dict(Form.objects.values_list("pk", "responsible_level"))
        self.counting_years = counting_years(days)


def recap(on, *, by=UNDER, seat=None, almanac=None, with_returns=True):
    """The recap on a date, by responsible office (`UNDER`) or by seat (`LOCATED`).

    `seat` limits it to the cooperatives of one regency, for its own page: the other rows stay empty. Without the
    returns only statuses are counted: a fraction of the work.

    Rows: every regency in force that day; by office also the province, and the Ministry and
    "not filled in" where they have any cooperative, so that the rows always add up to the total.
    """
    counting_year = almanac.counting_years[on] if almanac else counting_year_on(on)
    places = Places(on, by, almanac=almanac)
    standing = Cooperative.objects.on(on)
    returns = AnnualReturn.objects.all()
    if seat is not None:
        regencies = [pk for pk, then in places.then.items() if then.pk == seat.pk]
        standing = standing.filter(regency__in=regencies)
        # Said twice, so that the database may begin with the regency instead of with every return.
        returns = returns.filter(cooperative__regency__in=regencies)
    places.count_statuses(standing)
    if with_returns:
        _add_returns(places, returns, standing, counting_year, last_ended_book_year(on))
    rows = places.filled()
    total = Row("total", gettext("Total"))
    for row in rows:
        total.add(row)
    return Recap(
        on=on, by=by, counting_year=counting_year, figures_year=last_ended_book_year(on), rows=tuple(rows), total=total
    )


def _add_returns(places, returns, standing, counting_year, figures_year):
    """Members, staff and money of each latest return, RAT and audit of the counting year: two queries."""
    alive = standing.exclude(status_on__in=ENDED).order_by().values("pk")
    where = ("cooperative__regency_id", "cooperative__form_id")
    later = AnnualReturn.objects.filter(
        cooperative=OuterRef("cooperative"), book_year__gt=OuterRef("book_year"), book_year__lte=figures_year
    )
    in_force = returns.filter(~Exists(later), book_year__lte=figures_year, cooperative__in=alive)
    columns = sorted({column for parts in SUMS.values() for column in parts})
    for regency, form, count, members_known, *sums in (
        in_force.order_by()
        .values_list(*where)
        .annotate(Count("pk"), Count("members"), *(Sum(column) for column in columns))
    ):
        values = dict(zip(columns, sums, strict=True))
        line = Row("", "", returns=count, members_known=members_known)
        line.sums = {name: _add(values[part] for part in parts) for name, parts in SUMS.items()}
        places.row(regency, form).add(line)

    held = returns.filter(book_year=counting_year, cooperative__in=alive)
    for regency, form, rat_held, rat_known, audited, audited_known in (
        held.order_by()
        .values_list(*where)
        .annotate(
            held=Count("pk", filter=Q(rat_held=True)),
            held_known=Count("rat_held"),
            seen=Count("pk", filter=Q(audited=True)),
            seen_known=Count("audited"),
        )
    ):
        places.row(regency, form).add(
            Row("", "", rat_held=rat_held, rat_known=rat_known, audited=audited, audited_known=audited_known)
        )


def _add(values):
    known = [value for value in values if value is not None]
    return sum(known) if known else None


class Places:
    """Which line a cooperative belongs to on a date, by its regency of today and its form's level."""

    def __init__(self, on, by=UNDER, *, almanac=None):
        almanac = almanac or Almanac([])
        self.by = by
        self.levels = almanac.levels
        everything = almanac.regencies
        by_id = {regency.pk: regency for regency in everything}
        self.then = {
            regency.pk: regency
            if regency.was_part_on(on) or regency.split_from_id is None
            # One step is enough: no regency has split twice.
            else by_id[regency.split_from_id]
            for regency in everything
        }
        self.rows = {
            regency.slug: Row(regency.slug, regency.name, regency) for regency in everything if regency.was_part_on(on)
        }
        self.always = set(self.rows)
        if by == UNDER:
            self.rows[PROVINCE] = Row(PROVINCE, gettext("Province"))
            self.always.add(PROVINCE)
            self.rows[MINISTRY] = Row(MINISTRY, gettext("Ministry (across provinces)"))
        self.rows[NOT_FILLED_IN] = Row(NOT_FILLED_IN, gettext("(regency not filled in)"))

    def row(self, regency_id, form_id):
        level = self.levels.get(form_id)
        if self.by == UNDER and level == Form.Level.PROVINCE:
            return self.rows[PROVINCE]
        if self.by == UNDER and level == Form.Level.MINISTRY:
            return self.rows[MINISTRY]
        regency = self.then.get(regency_id)
        # A cooperative whose regency is no longer (or not yet) part of the province is not lost from the sum.
        return self.rows.get(regency.slug if regency else NOT_FILLED_IN) or self.rows[NOT_FILLED_IN]

    def count_statuses(self, standing):
        """Count those that stand on the day by their status; everything else of a line comes later."""
        # Grouped by form and not by its level: the level is looked up here, and the query stays within one index.
        for regency, form, status, count in (
            standing.values_list("regency_id", "form_id", "status_on").order_by().annotate(n=Count("pk"))
        ):
            self.row(regency, form).statuses[status] += count

    def count(self, queryset, prefix=""):
        """`{key of the line: how many}` of a queryset of cooperatives, or of rows that point at one by `prefix`."""
        found: dict = defaultdict(int)
        where = (f"{prefix}regency_id", f"{prefix}form_id")
        for regency, form, count in queryset.order_by().values_list(*where).annotate(n=Count("pk")):
            found[self.row(regency, form).key] += count
        return dict(found)

    def filled(self):
        return [row for key, row in self.rows.items() if key in self.always or row.total or row.ended]


def answered(counting_year):
    """Returns that say whether the RAT was held (yes or no), of the three book years up to the counting one."""
    return AnnualReturn.objects.filter(
        book_year__range=(counting_year - 2, counting_year), rat_held__isnull=False, cooperative__voided_at=None
    )


def often_held(on, counting_year, rats):
    """Active cooperatives of a day with RATs in at least so many of the three book years that counted then."""
    return Cooperative.objects.on(on).filter(status_on=Status.ACTIVE).with_rats(range(rats, 4), counting_year)


def groups_of(regency, on):
    """How many cooperatives stood in a regency on a date by group: `[(group id, name, total, active)]`, most first."""
    lines = (
        Cooperative.objects.on(on)
        .located_in(regency, on=on)
        .exclude(status_on__in=ENDED)
        .order_by()
        .values_list("group_id", "group__name")
        .annotate(total=Count("pk"), active=Count("pk", filter=Q(status_on=Status.ACTIVE)))
    )
    return sorted(lines, key=lambda line: (-line[2], line[1] or ""))

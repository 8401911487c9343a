"""How many cooperatives stand behind each tick box, and the sums of the list, in one statement.

A facet's counts ignore its own ticks, so that they say what ticking would bring; with "(not filled in)" they add
up to what the other conditions leave. Which form is fastest depends on the question (measured at 220,000 records
on both engines):

- Nothing asked for: one grouping per facet, each over its own index, kept by data version.
- Ticks only: the rows that match everything are picked once; every ticked facet has one grouping of its own over
  an index that holds all the columns, or the kept one where it is the only ticked facet.
- A text, a day or anything else as well: the rows that match it are found once, with a mark for each ticked facet
  that says whether its ticks hold, and everything else reads these rows.

Facets without ticks are not grouped one by one: two groupings over several columns come first (at most some
thousand combinations), since SQLite sorts all rows anew for each grouping.
"""

from dataclasses import dataclass

from django.core.cache import cache
from django.db import connections
from django.db.models import BooleanField, Case, CharField, Count, Func, IntegerField, Sum, Value, When

from common.models import DataVersion
from cooperatives.filters import (
    BENTUK,
    EMPTY,
    FACETS,
    GRADE,
    JENIS,
    KELOMPOK,
    MERAH_PUTIH,
    NO,
    SEKTOR,
    STATUS,
    WILAYAH,
    YES,
)
from cooperatives.models import Cooperative, Status
from cooperatives.models.cooperative import ENDED

KEEP_SECONDS = 3600
# Columns grouped together first: few combinations each.
TOGETHER = ((STATUS, WILAYAH, GRADE, MERAH_PUTIH, BENTUK), (KELOMPOK, JENIS, SEKTOR))


class Unindexed(Func):
    """A column as SQLite's planner must not look it up in an index of its own.

    The index `coop_facets` holds every column of a facet and is read as a whole in some 20 ms at
    220,000 records; SQLite would rather walk the index of one column and fetch each record, which
    took 430 ms. PostgreSQL weighs this well by itself.
    """

    template = "%(expressions)s"
    arity = 1

    def as_sqlite(self, compiler, connection, **extra):
        return self.as_sql(compiler, connection, template="+%(expressions)s", **extra)


def _unindexed(facet):
    if facet is MERAH_PUTIH:
        return Unindexed(facet.column, output_field=BooleanField())
    return Unindexed(facet.column, output_field=IntegerField() if facet.empty is None else CharField())


@dataclass(frozen=True)
class Counts:
    """What the list page says about a filter, beside its rows."""

    by_facet: dict  # {parameter: {value of the address: cooperatives}}
    total: int
    members: int | None  # people; None where no cooperative gave a number
    members_known: int  # cooperatives that gave it
    ids: tuple | None  # rows of the page asked for; None where the list is the whole register
    whole: int  # cooperatives in the register, whatever was asked for

    @property
    def members_missing(self):
        return self.total - self.members_known

    @property
    def standing(self):
        """Neither dissolved nor merged, whatever status is ticked."""
        return sum(count for status, count in self.by_facet["status"].items() if status not in ENDED)

    @property
    def active(self):
        return self.by_facet["status"].get(Status.ACTIVE, 0)


def counts(filterset, *, offset=0, limit=0, version=None):
    """The counts of a filter, and the ids of `limit` of its rows from `offset` on, in the list's order.

    `version` is the number of the data version "cooperatives" where it is known already.
    """
    whole = whole_register(filterset.queryset.db, version)
    if not filterset.asked:
        return _counted(filterset, whole, whole, ids=None)
    answers = _Statement(filterset, offset, limit).run()
    if len(filterset.selected) == 1 and not filterset.asks_more_than_facets:
        (only,) = filterset.selected
        answers[only.param] = whole[only.param]
    return _counted(filterset, answers, whole, ids=answers["ids"])


def whole_register(using="default", version=None):
    """The counts of the whole register, kept by data version; the columns' own values, as text."""
    if version is None:
        version, _changed = DataVersion.read("cooperatives").get("cooperatives", (0, None))
    key = f"facets:{version}"
    kept = cache.get(key)
    if kept is None:
        kept = _Whole(using).run()
        cache.set(key, kept, KEEP_SECONDS)
    return kept


def _counted(filterset, answers, whole, ids):
    total, members_known, members = answers["sums"]
    by_facet = {}
    for facet in FACETS:
        found = by_facet[facet.param] = {}
        for text, count in answers[facet.param].items():
            value = _address_value(filterset, facet, text)
            found[value] = found.get(value, 0) + count
    return Counts(by_facet, total, members, members_known, ids, whole["sums"][0])


def _address_value(filterset, facet, text):
    """What stands in the address for a column's value as the database wrote it."""
    if text is None or text == facet.empty:
        return EMPTY
    if facet is WILAYAH:
        return filterset.regency_then[int(text)].slug
    if facet is MERAH_PUTIH:
        # PostgreSQL writes a boolean as true or false, SQLite as 1 or 0.
        return YES if text in ("true", "1") else NO
    return text


def _name(facet):
    return f"f_{facet.param}"


class _Union:
    """Groupings with names, joined to one statement. Every line is (what, value as text, number, amount).

    Names are constants of this module; every value goes in as a parameter, or inside the SQL that
    Django compiled from a queryset together with its parameters.
    """

    def __init__(self, using):
        self.using = using
        self.tables, self.table_params = [], []
        self.arms, self.arm_params = [], []

    def table(self, name, columns, queryset):
        sql, params = queryset.query.get_compiler(self.using).as_sql()
        self.tables.append(f"{name} ({', '.join(columns)}) AS MATERIALIZED ({sql})")
        self.table_params += params

    def derived(self, name, sql):
        self.tables.append(f"{name} AS MATERIALIZED ({sql})")

    def arm(self, what, value, number, amount, source, params=()):
        self.arms.append(
            f"SELECT '{what}' AS what, CAST({value} AS text), CAST({number} AS bigint), CAST({amount} AS bigint) "  # noqa: S608
            f"FROM {source}"
        )
        self.arm_params += params

    def groups(self, facet, number, source):
        self.arm(facet.param, _name(facet), number, "NULL", f"{source} GROUP BY {_name(facet)}")

    def run(self):
        sql = f"WITH {', '.join(self.tables)} {' UNION ALL '.join(self.arms)}"
        answers: dict = {facet.param: {} for facet in FACETS}
        ids = []
        with connections[self.using].cursor() as cursor:
            cursor.execute(sql, [*self.table_params, *self.arm_params])
            for what, value, number, amount in cursor.fetchall():
                if what == "row":
                    ids.append(number)
                elif what == "sums":
                    answers["sums"] = (int(value), number, amount)
                else:
                    answers[what][value] = number
        answers["ids"] = tuple(ids)
        return answers


class _Whole(_Union):
    """Nothing asked for: one grouping per facet over its own index."""

    def __init__(self, using):
        super().__init__(using)
        register = Cooperative.objects.using(using).in_register().order_by()
        for facet in FACETS:
            grouped = register.values_list(facet.column).annotate(n=Count("*"))
            self.table(f"by_{facet.param}", [_name(facet), "n"], grouped)
            self.arm(facet.param, _name(facet), "n", "NULL", f"by_{facet.param}")
        sums = register.values_list("voided_at").annotate(
            total=Count("*"), known=Count("latest_members"), members=Sum("latest_members")
        )
        self.table("sums", ["voided_at", "total", "known", "members"], sums)
        self.arm("sums", "COALESCE(SUM(total), 0)", "COALESCE(SUM(known), 0)", "SUM(members)", "sums")


class _Statement(_Union):
    """Something asked for."""

    def __init__(self, filterset, offset, limit):
        super().__init__(filterset.queryset.db)
        self.filterset = filterset
        self.selected = filterset.selected
        self.unticked = filterset.unticked(filterset.queryset.order_by())
        if filterset.asks_more_than_facets:
            self._found_then_picked()
        else:
            self._picked_at_once()
        self._unticked_facets()
        self.arm("sums", "COUNT(*)", "COUNT(members)", "SUM(members)", "picked")
        page = "(SELECT id FROM picked ORDER BY name_key, id LIMIT %s OFFSET %s) AS page"
        self.arm("row", "NULL", "id", "NULL", page, (limit, offset))

    def _rows(self, name, queryset, marks=()):
        columns = [self.filterset.column(facet) for facet in FACETS]
        self.table(
            name,
            ["id", "name_key", "members", *map(_name, FACETS), *marks],
            queryset.values_list("pk", "name_key", "latest_members", *columns, *marks),
        )

    def _found_then_picked(self):
        """A text or the like: search once, and mark on each row found which ticks it meets."""
        if not self.selected:
            self._rows("picked", self.unticked)
            return
        marks = {f"has_{facet.param}": facet for facet in self.selected}
        marked = self.unticked.annotate(
            **{mark: Case(When(self.selected[facet], then=Value(1)), default=Value(0)) for mark, facet in marks.items()}
        )
        self._rows("found", marked, marks)
        self.derived("picked", f"SELECT * FROM found WHERE {_all(marks)}")  # noqa: S608
        for facet in self.selected:
            others = [mark for mark, other in marks.items() if other is not facet]
            self.groups(facet, "COUNT(*)", f"found WHERE {_all(others)}" if others else "found")

    def _picked_at_once(self):
        """Ticks only: each ticked facet is counted over the rows that the other ticks leave."""
        # The seat stays as it is: coop_facets begins with it.
        columns = {facet: f"plain_{facet.param}" for facet in self.selected if facet is not WILAYAH}
        register = self.unticked.annotate(**{column: _unindexed(facet) for facet, column in columns.items()})
        ticks = {facet: self.filterset.ticked(facet, columns.get(facet)) for facet in self.selected}
        self._rows("picked", register.filter(*ticks.values()))
        if len(ticks) == 1:
            return  # the kept counts of the whole register are the answer
        for facet in ticks:
            others = [condition for other, condition in ticks.items() if other is not facet]
            own = register.filter(*others).values_list(columns.get(facet, "regency_id")).annotate(n=Count("*"))
            self.table(f"own_{facet.param}", [_name(facet), "n"], own)
            self.arm(facet.param, _name(facet), "n", "NULL", f"own_{facet.param}")

    def _unticked_facets(self):
        for number, together in enumerate(TOGETHER):
            facets = [facet for facet in together if facet not in self.selected]
            if not facets:
                continue
            columns = ", ".join(map(_name, facets))
            self.derived(
                f"together_{number}",
                f"SELECT {columns}, COUNT(*) AS n FROM picked GROUP BY {columns}",  # noqa: S608
            )
            for facet in facets:
                self.groups(facet, "SUM(n)", f"together_{number}")


def _all(marks):
    return " AND ".join(f"{mark} = 1" for mark in marks)

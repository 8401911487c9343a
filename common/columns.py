"""Columns of published tables, and how their cells are read fast: one list of columns serves the API and every export.

Dates, moments, decimals and flags are cast to text by the database, so that both engines give the
same plain values and no cell passes through a converter of the ORM. Chunks are treated column by column.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.db.models import TextField
from django.db.models.functions import Cast
from django.utils.functional import Promise


class Kind(StrEnum):
    """What a cell holds, for schemas, writers and readers of the table."""

    TEXT = "text"  # codes and long numbers that are names too: never parsed, never shown as a number
    COUNT = "integer"
    DECIMAL = "decimal"
    DATE = "date"  # ISO, as text
    MOMENT = "datetime"  # ISO, UTC, as text
    FLAG = "boolean"
    LINK = "url"


@dataclass(frozen=True)
class Column:
    """One column: its name for machines, its label for people, what it holds and where that stands.

    `path` is a lookup path from the row. `choices` turn a stored value into its label; `link` turns the
    value into a path of this site; `digits` rounds a decimal.
    """

    name: str
    label: str | Promise
    kind: Kind
    path: str = ""
    choices: tuple = ()
    link: object = None
    digits: int = 6

    def __post_init__(self):
        if not self.path:
            object.__setattr__(self, "path", self.name)


YES_NO = {"1": True, "true": True, "0": False, "false": False}
CAST = {Kind.DECIMAL, Kind.DATE, Kind.MOMENT, Kind.FLAG}


def _moments(values):
    # "2026-01-31 08:00:00.123+00" on PostgreSQL, without the zone on SQLite: both are UTC.
    return [None if value is None else f"{value[:10]}T{value[11:19]}Z" for value in values]


def _decimals(values, digits):
    return [None if value is None else round(float(value), digits) for value in values]


def _blank_is_none(values):
    return [value or None for value in values]


class TypedCells:
    """Cells as JSON knows them: a text that is not filled in is null, a flag is true, false or null."""

    yes_no = YES_NO
    text = staticmethod(_blank_is_none)
    date = staticmethod(list)


class Reader:
    """Reads chosen columns of a queryset, in chunks by primary key that never leave a cursor open.

    `related` gives the rows of small tables that foreign keys point at (`{"group": {id: object}}`):
    a column behind such a key is looked up in memory instead of joined.
    """

    def __init__(self, columns, *, cells=TypedCells, base="", related=None):
        self.columns = tuple(columns)
        self.names = [column.name for column in self.columns]
        self._paths: dict = {"pk": "pk"}  # source -> expression for values_list
        self._recipes = [self._recipe(column, cells, base, related or {}) for column in self.columns]
        self._expressions = list(self._paths.values())

    def chunks(self, queryset, *, first, size):
        """Lists of cells, one list a column, in the order of the key: `first` rows, then `size` rows at a time."""
        queryset = queryset.order_by("pk")
        rest, wanted = queryset, first
        while rows := list(rest.values_list(*self._expressions)[:wanted]):
            yield self._cells(rows)
            if len(rows) < wanted:
                return
            rest, wanted = queryset.filter(pk__gt=rows[-1][0]), size

    def page(self, queryset, size=None):
        """The first rows of a queryset as dictionaries, and their keys; the queryset has its order."""
        rows = list(queryset.values_list(*self._expressions)[:size])
        if not rows:
            return [], []
        names = self.names
        if not names:
            # Asked for nothing of their own: they are there all the same, for what hangs on them.
            return [{} for _row in rows], [row[0] for row in rows]
        found = [dict(zip(names, row, strict=True)) for row in zip(*self._cells(rows), strict=True)]
        return found, [row[0] for row in rows]

    def _cells(self, rows):
        raw = list(zip(*rows, strict=True))
        return [recipe(raw[index]) if recipe else raw[index] for index, recipe in self._recipes]

    def _recipe(self, column, cells, base, related):
        path, mapping = column.path, None
        key, _, attribute = path.partition("__")
        if attribute and key in related:
            path = f"{key}_id"
            mapping = {pk: getattr(row, attribute) for pk, row in related[key].items()}
        if column.choices:
            mapping = {value: str(label) for value, label in column.choices}
        cast = column.kind in CAST and mapping is None
        source = f"{path}:text" if cast else path
        self._paths.setdefault(source, Cast(path, TextField()) if cast else path)
        return list(self._paths).index(source), _treatment(column, mapping, cells, base)


def _treatment(column, mapping, cells, base):
    """How the raw values of a column become its cells: a function of a list, or None where they are already."""
    if column.link:
        link = column.link
        return lambda values: [None if value is None else base + link(value) for value in values]
    if mapping is not None:
        if column.kind is Kind.TEXT:
            mapping = dict(zip(mapping, cells.text(mapping.values()), strict=True))
        get = mapping.get
        return lambda values: list(map(get, values))
    if column.kind is Kind.LINK:
        # A page of this portal is named by its path.
        return lambda values: [base + value if value and value[0] == "/" else value for value in cells.text(values)]
    if column.kind is Kind.FLAG:
        get = cells.yes_no.get
        return lambda values: list(map(get, values))
    if column.kind is Kind.DECIMAL:
        digits = column.digits
        return lambda values: _decimals(values, digits)
    return {Kind.TEXT: cells.text, Kind.DATE: cells.date, Kind.MOMENT: _moments}.get(column.kind)


def chunk_of(rows, columns, cells):
    """Rows that were computed (a recap's) as one chunk of cells: values of Python instead of columns of a table."""
    if not rows:
        return []
    found = []
    for column, values in zip(columns, zip(*rows, strict=True), strict=True):
        plain = [_plain(value) for value in values]
        mapping = {value: str(label) for value, label in column.choices} or None
        treat = _treatment(column, mapping, cells, "") if not column.link else None
        found.append(treat(plain) if treat else plain)
    return found


def _plain(value):
    """A value as the database would have given it cast to text; numbers and text as they are."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime):
        offset = value.utcoffset()
        return f"{value - offset:%Y-%m-%d %H:%M:%S}" if offset else value.isoformat(" ")
    if isinstance(value, date):
        return value.isoformat()
    return value

"""What a filter says in words, and the address of the list without each of its parts."""

from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from common.dates import format_date
from cooperatives.filters import EMPTY, FACETS
from cooperatives.models import Status

SHOWN_FIRST = 8
# Facets whose values have an order of their own; the others stand by number, most first.
IN_ORDER = {"status", "grade", "merah_putih"}
# Facets that stand open on the page.
OPEN = {"wilayah", "status", "kelompok"}
# How a status looks as a badge; one that has ended bears only its word.
BADGES = {Status.ACTIVE: "ok", Status.INACTIVE: "bad", Status.FROZEN: "way", "": "nil"}


@dataclass(frozen=True)
class Chip:
    """One condition in words, and the query string without it."""

    label: str
    query: str


@dataclass(frozen=True)
class Box:
    value: str
    label: str
    count: int
    is_ticked: bool
    is_empty: bool


@dataclass(frozen=True)
class Boxes:
    """One facet as the page shows it: the first boxes, and the rest behind a fold."""

    param: str
    label: str
    is_open: bool
    first: tuple
    rest: tuple
    errors: tuple


def address(asked, without=None, value=None):
    """The query string of what was understood: in the FilterSet's order, without the page, without one part."""
    query = QueryDict(mutable=True)
    for name, wanted in asked.items():
        values = wanted if isinstance(wanted, list) else [wanted]
        for each in values:
            if name != without or (value is not None and each != value):
                query.appendlist(name, str(each))
    return query.urlencode()


def chips(filterset, shown=FACETS):
    """Every condition in force, in the order of the FilterSet; `shown` are its facets."""
    asked, facets = filterset.asked, {facet.param for facet in shown}
    found = []
    for name, wanted in asked.items():
        label = filterset.filters[name].label
        if name in facets:
            found += [
                Chip(f"{label}: {filterset.labels[name][value]}", address(asked, name, value)) for value in wanted
            ]
            continue
        if name == "q":
            words = _("Search: “%(text)s”") % {"text": wanted}
        elif name == "per":
            words = f"{label} {format_date(wanted)}"
        else:
            words = f"{label}: {filterset.labels.get(name, {}).get(wanted, wanted)}"
        found.append(Chip(words, address(asked, name)))
    return found


def boxes(filterset, by_facet, shown=FACETS, in_order=IN_ORDER, is_open=OPEN):
    """The facets with their counts. A value that no row has is left out unless it is ticked."""
    return [_boxes(filterset, facet, by_facet[facet.param], in_order, is_open) for facet in shown]


def _boxes(filterset, facet, counts, in_order, is_open):
    ticked = filterset.asked.get(facet.param, [])
    found = [
        Box(value, label, counts.get(value, 0), value in ticked, value == EMPTY)
        for value, label in filterset.labels[facet.param].items()
        if counts.get(value) or value in ticked
    ]
    if facet.param not in in_order:
        found.sort(key=lambda box: (box.is_empty, -box.count, box.label))
    head = {box.value for box in [box for box in found if not box.is_empty][:SHOWN_FIRST]}
    # One or two more are not worth a fold.
    if len(found) - len(head) <= 3:
        head = {box.value for box in found}
    first = tuple(box for box in found if box.value in head or box.is_ticked or box.is_empty)
    rest = tuple(box for box in found if box not in first)
    errors = tuple(filterset.errors.get(facet.param, ()))
    return Boxes(facet.param, facet.label, facet.param in is_open or bool(ticked or errors), first, rest, errors)

"""The rows of a check as a person reads them: field by field, what the register holds, what the file makes of it."""

from collections import defaultdict
from dataclasses import dataclass

from django.db import models
from django.utils.text import capfirst

from common.history import display
from imports.cells import shown

BRIEF = 40


@dataclass(frozen=True)
class Cell:
    """One field of a row, as words."""

    label: str
    before: str
    after: str


def cells_of(importer, rows):
    """`{key of the row: [Cell]}`; one query for each table that the fields point at."""
    names = _names(importer, rows)
    return {row.pk: [_cell(importer, row, name, names) for name in row.after] for row in rows}


def records_of(importer, rows):
    """`{key: record}` of the records that rows were found to be about."""
    return importer.model._base_manager.in_bulk({row.found for row in rows if row.found})


def shown_briefly(cell):
    """The beginning of a cell as it stands in the file."""
    words = shown(cell)
    return words if len(words) <= BRIEF else f"{words[:BRIEF]}…"


def _cell(importer, row, name, names):
    field = importer.by_name.get(name)
    attribute = importer.attribute(name)
    label = field.label if field else attribute.verbose_name if attribute is not None else name
    before = _words(attribute, row.before.get(name), names) if row.found else ""
    return Cell(capfirst(str(label)), before, _words(attribute, row.after[name], names))


def _words(attribute, value, names):
    if attribute is None:
        return "" if value is None else str(value)
    if isinstance(attribute, models.DateField) and isinstance(value, str):
        value = attribute.to_python(value)
    return display(attribute, value, names)


def _names(importer, rows):
    wanted = defaultdict(set)
    for row in rows:
        for side in (row.before, row.after):
            for name, value in side.items():
                attribute = importer.attribute(name)
                if isinstance(attribute, models.ForeignKey) and value is not None:
                    wanted[attribute.related_model].add(value)
    return {
        model: {pk: str(record) for pk, record in model._base_manager.in_bulk(keys).items()}
        for model, keys in wanted.items()
    }

"""Reading the starter data: CSV files that each app keeps beside its `starter` package.

The rule for every table: a row is added once. What is on record under the same key, now or at any
time before as its history tells, is left alone, whatever the file says. So a second run
adds nothing, nothing that staff corrected is overwritten, and nothing that staff removed or renamed
comes back. A correction of the files reaches new installations only.
"""

import csv
from dataclasses import dataclass

from django.utils.translation import gettext_noop
from simple_history.utils import bulk_create_with_history

# Stands in the history of each row that came this way.
REASON = gettext_noop("Starter data")


@dataclass(frozen=True)
class Loaded:
    """What one table got: rows added, rows that were left alone, rows that could not be placed."""

    label: str
    added: int
    kept: int
    skipped: tuple = ()


def read(folder, name):
    """The rows of a CSV file as dictionaries; an empty cell is an empty string."""
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def known_keys(model, fields):
    """Every key that the table holds, or ever held as its history tells."""
    return set(model._base_manager.values_list(*fields)) | set(model.history.values_list(*fields))


def add_missing(model, records, key, *, skipped=()):
    """Save those of the unsaved `records` whose key is new; `key` names the fields (`_id` for foreign keys).

    The model keeps history: that is how a row that staff removed is known.
    """
    known = known_keys(model, key)
    fresh, kept = [], 0
    for record in records:
        mark = tuple(getattr(record, field) for field in key)
        if mark in known:
            kept += 1
        else:
            known.add(mark)
            fresh.append(record)
    bulk_create_with_history(fresh, model, default_change_reason=REASON)
    return Loaded(str(model._meta.verbose_name_plural), len(fresh), kept, tuple(skipped))

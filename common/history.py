"""The story of a record: who changed what, when, from what to what, and why; made from django-simple-history."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from django.db import models
from django.utils import formats, timezone
from django.utils.text import capfirst
from django.utils.translation import gettext, pgettext

from common.dates import format_date, format_moment

BATCH = 200
LEFT_OUT = frozenset({"version", "id", "created_at", "updated_at", "recorded_at"})


@dataclass(frozen=True)
class Change:
    """One field, as words."""

    name: str
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Entry:
    """One act: somebody added, changed or removed one row."""

    at: datetime
    by: object
    kind: str
    model: type
    pk: object
    what: str
    reason: str
    changes: tuple

    ADDED, CHANGED, REMOVED = "+", "~", "-"

    @property
    def act(self):
        """The act as a word."""
        return {
            self.ADDED: pgettext("history", "added"),
            self.CHANGED: pgettext("history", "changed"),
            self.REMOVED: pgettext("history", "removed"),
        }[self.kind]


def story(record, *, related=(), leave_out=(), since=None):
    """Entries on a record, newest first, with those of the `related` models that point at it.

    `leave_out` names fields of the record that other rows tell better. `since` leaves out what is
    older. Two reads for each model and one for each foreign key that changed, however long the story.
    """
    found = _of_one_model(type(record), record.pk, since, hidden=frozenset(leave_out))
    for model in related:
        owner = next(f.name for f in model._meta.concrete_fields if f.remote_field and f.related_model is type(record))
        found += _of_one_model(model, record.pk, since, owner=owner)
    found.sort(key=lambda pair: pair[0], reverse=True)
    return [entry for _order, entry in found]


def history_of(model):
    """The history manager of a model, or None where it keeps none."""
    name = getattr(model._meta, "simple_history_manager_attribute", None)
    return getattr(model, name) if name else None


def write(record, fields, *, by, reason=""):
    """Save these fields of a record with who did it and why; an empty reason is none."""
    record._history_user, record._change_reason = by, reason[:100] or None
    record.save(update_fields=fields)


def delete_with_history(records, *, by, reason):
    """Delete records of one model that nothing points at, each with its last row of history; two statements for all."""
    if not records:
        return
    model = type(records[0])
    history = history_of(model)
    at = timezone.now()
    history.bulk_create(
        [
            history.model(
                history_date=at,
                history_user=by,
                history_change_reason=reason[:100],
                history_type=Entry.REMOVED,
                **{field.attname: getattr(record, field.attname) for field in history.model.tracked_fields},
            )
            for record in records
        ],
        batch_size=BATCH,
    )
    rows = model._base_manager.filter(pk__in=[record.pk for record in records])
    rows._raw_delete(using=rows.db)


def _of_one_model(model, key, since, *, hidden=frozenset(), owner=None):
    manager = history_of(model)
    if manager is None:
        return []
    pk = model._meta.pk.attname
    if owner is None:
        rows = manager.filter(**{pk: key})
    else:
        # A row that was moved here from another record brings its older history along.
        rows = manager.filter(**{f"{pk}__in": manager.filter(**{owner: key}).values(pk)})
    rows = list(rows.select_related("history_user").order_by("history_date", "history_id"))
    names = _names(rows, manager.model)
    previous, found = {}, []
    for row in rows:
        before = previous.get(getattr(row, pk))
        previous[getattr(row, pk)] = row
        if since is not None and row.history_date < since:
            continue
        changes = []
        if row.history_type != Entry.REMOVED:
            changes = list(_changes(before, row, manager.model, hidden, names, owner))
        # An act without a changed field (a lockout released) is told where somebody said why.
        if row.history_type == Entry.CHANGED and not changes and not row.history_change_reason:
            continue
        entry = Entry(
            at=row.history_date,
            by=row.history_user,
            kind=row.history_type,
            model=model,
            pk=getattr(row, pk),
            what=f"{capfirst(model._meta.verbose_name)}: {_as_it_was(row, manager.model, model)}",
            reason=row.history_change_reason or "",
            changes=tuple(changes),
        )
        found.append(((row.history_date, model._meta.label, row.history_id), entry))
    return found


def _as_it_was(row, history_model, model):
    # Not `row.instance`: it reads the excluded fields from the table, one query for each row.
    return model(**{field.attname: getattr(row, field.attname) for field in history_model.tracked_fields})


def _changes(before, after, history_model, hidden, names, owner):
    for field in history_model.tracked_fields:
        if field.name in LEFT_OUT or field.name in hidden:
            continue
        if before is None and field.name == owner:
            continue
        old = getattr(before, field.attname) if before is not None else None
        new = getattr(after, field.attname)
        # On a first entry, only what was filled in is worth a line.
        if old != new and not (before is None and new in ("", False)):
            yield Change(
                field.name, capfirst(field.verbose_name), display(field, old, names), display(field, new, names)
            )


def _names(rows, history_model):
    """`{related model: {pk: name}}` of what the foreign keys of these rows pointed at, in one query a model."""
    wanted = defaultdict(set)
    for field in history_model.tracked_fields:
        if isinstance(field, models.ForeignKey):
            wanted[field.related_model] |= {getattr(row, field.attname) for row in rows} - {None}
    return {
        model: {pk: str(record) for pk, record in model._base_manager.in_bulk(keys).items()}
        for model, keys in wanted.items()
        if keys
    }


def display(field, value, names=None):
    """A stored value as a person reads it."""
    if value is None or value == "":
        return gettext("not filled in")
    if isinstance(field, models.ForeignKey):
        return (names or {}).get(field.related_model, {}).get(value) or str(value)
    if field.flatchoices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, datetime):
        return format_moment(value)
    if isinstance(value, date):
        return format_date(value)
    if isinstance(value, int) and not isinstance(field, models.PositiveSmallIntegerField):
        return formats.number_format(value, force_grouping=True)
    return str(value)

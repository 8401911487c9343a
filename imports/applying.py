"""Writing a checked import, and taking an applied one back: each one transaction, in chunks of a fixed cost."""

import time
import zlib

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext

from common.models import tell_planner
from imports.models import ImportBatch, ImportRefused, ImportRow

# Half a second of work at most, so that the progress moves.
CHUNK = 250
Action, Fate, State = ImportRow.Action, ImportRow.Fate, ImportBatch.State


def apply(batch, *, by, only_good=False, tell=lambda done, total: None):
    """Write every new and changed row, or nothing. With `only_good` the others are left out.

    Raises ImportRefused where rows are refused, or where records changed since the check; the batch is then as before.
    """
    with transaction.atomic():
        begun = time.monotonic()
        _one_at_a_time(batch)
        batch.step(State.APPLIED, applied_by=by, applied_at=timezone.now(), only_good=only_good, failure="")
        rows = batch.checked_rows
        if not only_good and (refused := rows.filter(action=Action.REFUSED).count()):
            raise ImportRefused(
                gettext("%(n)s rows are refused. Correct them, or import only the good rows."), n=refused
            )
        importer = batch.importer(by, batch.reason)
        importer.prepare()
        waiting = rows.filter(action__in=[Action.NEW, Action.CHANGED])
        keys, done, left = _keys(waiting), 0, 0
        importer.goes_on = lambda: tell(0, len(keys))
        importer.lock(waiting)
        growth = _Growth(importer)
        for chunk in _chunks(keys):
            left += _write(importer, chunk)
            done += len(chunk)
            if left and not only_good:
                raise ImportRefused(
                    gettext("Records changed since the check, row %(row)s first. Check the file again."),
                    row=next(row.number for row in chunk if row.fate == Fate.LEFT),
                )
            _check_keys()
            growth.look(done)
            tell(done, len(keys))
        importer.finish()
        # bare update: a figure about the work itself.
        ImportBatch.objects.filter(pk=batch.pk).update(lock_ms=round((time.monotonic() - begun) * 1000))
    batch.refresh_from_db()


def undo(batch, *, by, reason, tell=lambda done, total: None):
    """Give every record its former values back, where nobody has edited it since; the rows say what became of each."""
    if not reason.strip():
        raise ImportRefused(gettext("Taking an import back needs a reason."))
    with transaction.atomic():
        _one_at_a_time(batch)
        batch.step(State.UNDONE, undone_by=by, undone_at=timezone.now(), undo_reason=reason, failure="")
        words = gettext("Import %(number)s taken back: %(reason)s") % {"number": batch.pk, "reason": reason}
        importer = batch.importer(by, words[:100])
        importer.prepare()
        written = batch.checked_rows.filter(fate=Fate.WRITTEN)
        keys, done = _keys(written), 0
        importer.goes_on = lambda: tell(0, len(keys))
        importer.lock(written)
        for chunk in _chunks(keys):
            _take_back(importer, chunk)
            done += len(chunk)
            _check_keys()
            tell(done, len(keys))
        importer.finish()


def _one_at_a_time(batch):
    """Let imports of one kind wait for one another: two that insert the same numbers would wait in a circle."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [zlib.crc32(f"import {batch.kind}".encode())])


def _keys(rows):
    """The keys of the rows in the order of the file: what is written meanwhile moves nothing."""
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _chunks(keys):
    """Some hundreds of rows at a time, by key: a fixed cost, whatever else the planner believes of the table."""
    for start in range(0, len(keys), CHUNK):
        yield list(ImportRow.objects.filter(pk__in=keys[start : start + CHUNK]).order_by("pk"))


def _check_keys():
    """Let PostgreSQL check the foreign keys of what was written now: at the commit, all at once, they take seconds."""
    if connection.vendor == "postgresql":
        connection.check_constraints()


class _Growth:
    """Lets PostgreSQL's planner know how the tables grow that this transaction fills: at each fourfold size."""

    def __init__(self, importer):
        self.models = importer.filled()
        # In a table that has been looked at, estimates follow its size; only one that multiplies is looked at here.
        self.next = max(CHUNK, importer.model._base_manager.count()) if connection.vendor == "postgresql" else None

    def look(self, done):
        if self.next is None or done < self.next:
            return
        self.next = done * 4
        tell_planner(self.models)


def _write(importer, rows):
    """Write some rows; returns how many were left because their record is not as the check saw it."""
    changed = [row for row in rows if row.action == Action.CHANGED]
    records = importer.model._base_manager.in_bulk([row.found for row in changed])
    versions = importer.versions(list(records.values()))
    barred = importer.barred(changed)
    updated, names, left = [], set(), 0
    for row in changed:
        record = records.get(row.found)
        if record is None or versions.get(row.found) != row.seen or row.pk in barred:
            row.fate, left = Fate.LEFT, left + 1
            continue
        importer.write(record, row.after)
        names |= set(row.after)
        row.fate = Fate.WRITTEN
        updated.append(record)
    new = [row for row in rows if row.action == Action.NEW]
    taken = importer.taken(new)
    for row in new:
        row.fate = Fate.LEFT if row.pk in taken else Fate.WRITTEN
        left += row.pk in taken
    created = [importer.begin(row.after, row.parts) for row in new if row.fate == Fate.WRITTEN]

    importer.update(updated, names)
    importer.create(created)
    for row, record in zip((row for row in new if row.fate == Fate.WRITTEN), created, strict=True):
        row.found = record.pk
    importer.changed([*updated, *created])
    _remember(importer, [row for row in rows if row.fate == Fate.WRITTEN], rows)
    return left


def _remember(importer, written, rows):
    keys = [row.found for row in written]
    made = importer.versions(list(importer.model._base_manager.filter(pk__in=keys)))
    for row in written:
        row.made = made[row.found]
    ImportRow.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["pk"], update_fields=["found", "made", "fate"]
    )


def _take_back(importer, rows):
    records = importer.model._base_manager.in_bulk([row.found for row in rows])
    versions = importer.versions(list(records.values()))
    barred = importer.barred(rows, undo=True)
    restored, names, removed = [], set(), []
    for row in rows:
        record = records.get(row.found)
        if record is None or versions.get(row.found) != row.made or row.pk in barred:
            row.fate = Fate.KEPT
        elif row.action == Action.NEW:
            removed.append(record)
        else:
            importer.write(record, row.before)
            names |= set(row.before)
            restored.append(record)
            row.fate = Fate.RESTORED
    importer.restore(restored, names)
    deleted, voided, _kept = map(set, importer.remove(removed)) if removed else ((), (), ())
    for row in rows:
        if row.fate == Fate.WRITTEN:
            row.fate = Fate.DELETED if row.found in deleted else Fate.VOIDED if row.found in voided else Fate.KEPT
    importer.changed(restored)
    ImportRow.objects.bulk_create(rows, update_conflicts=True, unique_fields=["pk"], update_fields=["fate"])

"""The long work of an import, outside the request: `start` puts it into the queue, a worker does it.

Each piece of work is bound to the version of the batch that the person saw. A task that comes twice, or late, finds
another version and does nothing.
"""

import logging
import shutil
from typing import Any

from django.db import DatabaseError
from django.utils.translation import gettext
from django_tasks import task

from accounts.models import User
from common.models import ChangedMeanwhile
from imports import progress, reading
from imports.applying import apply, undo
from imports.checking import check
from imports.models import ImportBatch, ImportRefused
from imports.receiving import source_of
from imports.table import guess_table

logger = logging.getLogger(__name__)
State = ImportBatch.State


@task()
def read_file(pk, user, version):
    _run(progress.READ, pk, user, version)


@task()
def check_batch(pk, user, version):
    _run(progress.CHECK, pk, user, version)


@task()
def apply_batch(pk, user, version, only_good=False):
    _run(progress.APPLY, pk, user, version, only_good=only_good)


@task()
def undo_batch(pk, user, version, reason=""):
    _run(progress.UNDO, pk, user, version, reason=reason)


TASKS: dict[str, Any] = {
    progress.READ: read_file,
    progress.CHECK: check_batch,
    progress.APPLY: apply_batch,
    progress.UNDO: undo_batch,
}


def start(step, batch, *, by, **options):
    """Put a piece of work into the queue. What was said of an earlier attempt is over."""
    _say(batch, "")
    progress.wait(batch, step)
    TASKS[step].enqueue(batch.pk, by.pk, batch.version, **options)


def _run(step, pk, user, version, **options):
    batch = ImportBatch.objects.filter(pk=pk, version=version).first()
    if batch is None:
        logger.info("Import %s has changed since its %s was asked for: nothing to do.", pk, step)
        return
    person = User.objects.get(pk=user)
    may = person.has_perm(batch.importer.permission) and batch.is_worked_on_by(person)
    if not person.is_active or not may:
        progress.forget(batch)
        _say(batch, gettext("Your account may not do this any more."))
        return
    do(step, batch, by=person, **options)


def do(step, batch, *, by, tell=None, **options):
    """Do a piece of work now. Returns whether it was done; if not, `batch.failure` says why."""
    with progress.Working(batch, step) as work:

        def told(done, total):
            work.tell(done, total)
            if tell:
                tell(done, total)

        try:
            WORK[step](batch, by=by, tell=told, **options)
        except reading.FileRefused as refused:
            batch.refresh_from_db()
            if batch.may_become(State.UNREADABLE):
                batch.step(State.UNREADABLE)
                # Nobody can do anything with it any more.
                shutil.rmtree(batch.path, ignore_errors=True)
            _say(batch, str(refused))
        except ImportRefused as refused:
            _say(batch, str(refused))
        except ChangedMeanwhile:
            _say(batch, gettext("Somebody else changed this import meanwhile. Look at it again."))
        except DatabaseError:
            logger.exception("Import %s: %s failed in the database", batch.pk, step)
            _say(batch, gettext("The database was busy or refused the rows; nothing was written. Try again."))
        except Exception:
            logger.exception("Import %s: %s failed", batch.pk, step)
            words = gettext(
                "The portal made a mistake; nothing was written. Tell the administrator: import %(number)s."
            )
            _say(batch, words % {"number": batch.pk})
        else:
            return True
    batch.refresh_from_db()
    return False


def _read(batch, *, by, tell):
    reading.read(source_of(batch), batch.name, batch.path)
    table = guess_table(batch.importer, batch.path)
    batch.step(
        State.READ,
        sheet=table.sheet,
        head_from=table.head_from,
        head_rows=table.head_rows,
        headings=table.headings,
        columns=table.columns,
        constants={},
        failure="",
    )


WORK: dict[str, Any] = {progress.READ: _read, progress.CHECK: check, progress.APPLY: apply, progress.UNDO: undo}


def _say(batch, words):
    # bare update: what became of the work, said even where the batch has moved on; it is no change of the batch.
    ImportBatch.objects.filter(pk=batch.pk).update(failure=words)
    batch.failure = words

"""How far long work on an import is: kept where web and worker both see it, never in the database that it locks.

Work that lives says so every two seconds, also while it waits for a lock or a subprocess; so silence means that its
process is gone, whatever the queue believes.
"""

import logging
import threading
import time
from dataclasses import asdict, dataclass

from django.core.cache import caches
from django.utils.translation import gettext_lazy as _
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

logger = logging.getLogger(__name__)

READ, CHECK, APPLY, UNDO = "read", "check", "apply", "undo"
WORDS = {
    READ: _("The file is being read"),
    CHECK: _("Every row is being checked"),
    APPLY: _("The rows are being written"),
    UNDO: _("The import is being taken back"),
}
SILENT_SECONDS = 30
BEAT_SECONDS = 2
# A file or a packet for each: a few in a second are enough for any eye.
WRITE_SECONDS = 0.3
# How many changes of the batch a piece of work makes; a check begins with one of its own.
CHANGES = {READ: 1, CHECK: 2, APPLY: 1, UNDO: 1}


@dataclass(frozen=True)
class Progress:
    """What is known of the last piece of work. `version` is the batch's when it was asked for; moments are seconds."""

    step: str
    version: int
    beat: float
    started: float | None = None
    done: int = 0
    total: int = 0

    @property
    def words(self):
        return WORDS[self.step]

    @property
    def is_begun(self):
        return self.started is not None

    @property
    def is_silent(self):
        return time.time() - self.beat > SILENT_SECONDS

    @property
    def seconds(self):
        return round(time.time() - self.started) if self.started else 0

    @property
    def percent(self):
        return min(100, self.done * 100 // self.total) if self.total else 0


def of(batch):
    """The work that is going on or broke off; None where there is none, or where it has been done."""
    kept = caches["progress"].get(batch.pk)
    if kept is None:
        return None
    found = Progress(**kept)
    return None if batch.version >= found.version + CHANGES[found.step] else found


def is_queued(batch):
    """Whether a worker will still take work on this batch."""
    waiting = DBTaskResult.objects.filter(status=TaskResultStatus.READY, task_path__startswith="imports.")
    return waiting.filter(args_kwargs__args__0=batch.pk).exists()


def is_stopped(batch, work):
    """Whether work was begun or asked for and nobody does it any more."""
    return work.is_silent and (work.is_begun or not is_queued(batch))


def wait(batch, step):
    """Say that work was asked for."""
    _put(batch.pk, Progress(step, batch.version, time.time()))


def forget(batch):
    caches["progress"].delete(batch.pk)


class Working:
    """`with Working(batch, CHECK) as work:` work.tell(done, total) is seen by others, and so is that it lives."""

    def __init__(self, batch, step):
        self.batch, self.step, self.version = batch, step, batch.version
        self.done = self.total = 0
        self.written = 0.0
        self._over = threading.Event()
        self._beats = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self):
        self.started = time.time()
        self._put()
        self._beats.start()
        return self

    def __exit__(self, *error):
        self._over.set()
        self._beats.join()
        forget(self.batch)

    def tell(self, done, total):
        self.done, self.total = done, total
        if time.monotonic() - self.written >= WRITE_SECONDS:
            self._put()

    def _beat(self):
        while not self._over.wait(BEAT_SECONDS):
            self._put()

    def _put(self):
        self.written = time.monotonic()
        _put(self.batch.pk, Progress(self.step, self.version, time.time(), self.started, self.done, self.total))


def _put(pk, progress):
    try:
        caches["progress"].set(pk, asdict(progress))
    except Exception:
        # A bar that stands still is no reason to give the work up.
        logger.warning("The progress of import %s could not be kept.", pk, exc_info=True)

"""Long work: its queue, its progress, and what is said when it fails or is broken off."""

import logging
import time

import pytest
from django.core.cache import caches
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import DatabaseError
from django.utils.translation import gettext
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from figures.models import Source
from imports import progress, tasks
from imports.checking import check
from imports.models import ImportBatch, ImportRefused
from imports.receiving import receive
from tests.factories import make_user
from tests.imports.sources import KIND, make_batch

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sources")]
State = ImportBatch.State
LINES = ["Kunci;Judul;Penerbit;Tgl", "a;Satu;Dinas;1/2/2024", "b;Dua;Dinas;"]


@pytest.fixture
def clerk():
    return make_user("staf_provinsi")


@pytest.fixture
def queue(settings):
    """Work waits for a worker, as it does outside tests."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


@pytest.fixture
def batch(clerk):
    return make_batch(clerk, LINES, "berkas")


def worker():
    call_command("db_worker", batch=True, startup_delay=False, interval=0, reload=False, verbosity=0)


class TestQueue:
    @pytest.mark.django_db(transaction=True)
    def test_a_worker_reads_checks_applies_and_takes_back(self, queue, clerk):
        upload = SimpleUploadedFile("uji.csv", "\n".join(["DAFTAR SUMBER;;;", *LINES]).encode())
        batch = receive(upload, kind=KIND, by=clerk)
        steps = [
            (progress.READ, {}, State.READ),
            (progress.CHECK, {}, State.CHECKED),
            (progress.APPLY, {}, State.APPLIED),
            (progress.UNDO, {"reason": "salah berkas"}, State.UNDONE),
        ]
        for step, options, state in steps:
            tasks.start(step, batch, by=clerk, **options)
            assert not progress.of(batch).is_begun and progress.is_queued(batch)
            worker()
            batch.refresh_from_db()
            assert (batch.state, batch.failure) == (state, "")
            assert progress.of(batch) is None
            assert Source.objects.count() == (2 if state == State.APPLIED else 0)
        assert batch.head_from == 2

    @pytest.mark.django_db(transaction=True)
    def test_work_that_was_asked_for_twice_is_done_once(self, queue, clerk, batch):
        for _ in range(2):
            tasks.start(progress.CHECK, batch, by=clerk)
        worker()
        batch.refresh_from_db()
        checked = batch.version
        assert (batch.state, batch.failure) == (State.CHECKED, "")
        for _ in range(2):
            tasks.start(progress.APPLY, batch, by=clerk)
        worker()
        batch.refresh_from_db()
        assert (batch.state, batch.failure, batch.version) == (State.APPLIED, "", checked + 1)
        assert not DBTaskResult.objects.exclude(status=TaskResultStatus.SUCCESSFUL).exists()

    def test_nothing_is_done_for_whoever_may_not_any_more(self, clerk, batch):
        clerk.is_active = False
        clerk.save()
        tasks.start(progress.CHECK, batch, by=clerk)
        batch.refresh_from_db()
        assert batch.state == State.READ
        assert batch.failure == gettext("Your account may not do this any more.")


class TestFailure:
    def test_a_refusal_is_said_in_its_own_words(self, clerk, batch):
        batch.step(State.READ, columns=["key", "title", "", "-"])
        tasks.start(progress.CHECK, batch, by=clerk)
        batch.refresh_from_db()
        assert "Penerbit" in batch.failure and batch.state == State.READ

    def test_a_file_that_cannot_be_read_is_unreadable_with_the_reason(self, clerk):
        batch = receive(SimpleUploadedFile("rusak.xlsx", b"PK\x03\x04 bukan buku kerja"), kind=KIND, by=clerk)
        tasks.start(progress.READ, batch, by=clerk)
        batch.refresh_from_db()
        assert batch.state == State.UNREADABLE and batch.failure
        assert progress.of(batch) is None

    @pytest.mark.parametrize("error", [RuntimeError("rahasia"), DatabaseError("rahasia")])
    def test_a_mistake_is_told_without_its_inside_and_logged_with_the_number(
        self, clerk, batch, monkeypatch, caplog, error
    ):
        def fail(*args, **options):
            raise error

        monkeypatch.setitem(tasks.WORK, progress.CHECK, fail)
        with caplog.at_level(logging.ERROR):
            tasks.start(progress.CHECK, batch, by=clerk)
        batch.refresh_from_db()
        assert batch.failure and "rahasia" not in batch.failure
        assert f"Import {batch.pk}" in caplog.text and "rahasia" in caplog.text
        assert progress.of(batch) is None

    def test_what_failed_before_is_forgotten_when_it_is_tried_again(self, clerk, batch):
        ImportBatch.objects.filter(pk=batch.pk).update(failure="lama")
        tasks.start(progress.CHECK, batch, by=clerk)
        batch.refresh_from_db()
        assert (batch.state, batch.failure) == (State.CHECKED, "")

    def test_a_refused_apply_leaves_the_batch_as_it_was(self, clerk, batch, monkeypatch):
        check(batch, by=clerk)

        def refuse(batch, **options):
            batch.state = State.APPLIED
            raise ImportRefused("Baris 2 berubah.")

        monkeypatch.setitem(tasks.WORK, progress.APPLY, refuse)
        assert not tasks.do(progress.APPLY, batch, by=clerk)
        assert (batch.state, batch.failure) == (State.CHECKED, "Baris 2 berubah.")


class TestProgress:
    def test_is_seen_by_others_while_it_goes_on(self, clerk, batch, monkeypatch):
        seen = []

        def work(batch, *, by, tell):
            monkeypatch.setattr(progress, "WRITE_SECONDS", 0)
            for done in (100, 200):
                tell(done, 200)
                seen.append(progress.of(batch))

        monkeypatch.setitem(tasks.WORK, progress.CHECK, work)
        assert tasks.do(progress.CHECK, batch, by=clerk)
        assert [(one.done, one.total, one.percent, one.is_begun) for one in seen] == [
            (100, 200, 50, True),
            (200, 200, 100, True),
        ]
        assert progress.of(batch) is None

    def test_is_written_a_few_times_a_second_at_most(self, batch, monkeypatch):
        written = []
        monkeypatch.setattr(progress, "_put", lambda *args: written.append(args))
        with progress.Working(batch, progress.CHECK) as work:
            for done in range(10_000):
                work.tell(done, 10_000)
        assert len(written) < 10

    def test_long_silent_work_still_says_that_it_lives(self, batch, monkeypatch):
        monkeypatch.setattr(progress, "BEAT_SECONDS", 0.02)
        with progress.Working(batch, progress.READ):
            first = progress.of(batch).beat
            deadline = time.monotonic() + 5
            while progress.of(batch).beat == first and time.monotonic() < deadline:
                time.sleep(0.02)
            assert progress.of(batch).beat > first

    def test_work_whose_process_is_gone_is_stopped_and_no_other(self, batch, queue, clerk, monkeypatch):
        progress.wait(batch, progress.CHECK)
        assert not progress.is_stopped(batch, progress.of(batch)), "it was asked for just now"
        monkeypatch.setattr(progress, "SILENT_SECONDS", -1)
        assert progress.is_stopped(batch, progress.of(batch)), "no task waits for it"
        tasks.start(progress.CHECK, batch, by=clerk)
        assert not progress.is_stopped(batch, progress.of(batch)), "the worker is busy with something else"
        self.begun(batch)._put()
        assert progress.is_stopped(batch, progress.of(batch)), "it was begun and is silent"

    def begun(self, batch):
        work = progress.Working(batch, progress.CHECK)
        work.started = time.time()
        return work

    def test_that_was_left_behind_by_finished_work_is_not_believed(self, batch, clerk):
        self.begun(batch)._put()
        assert progress.of(batch)
        check(batch, by=clerk)
        assert progress.of(batch) is None

    def test_of_a_cache_that_fails_does_not_break_the_work(self, clerk, batch, monkeypatch):
        def fail(*args, **options):
            raise ConnectionError("no Redis")

        monkeypatch.setattr(type(caches["progress"]), "set", fail)
        assert tasks.do(progress.CHECK, batch, by=clerk)

    def test_is_kept_outside_the_database_and_outside_the_process(self, settings):
        kept = settings.CACHES["progress"]
        assert "FileBasedCache" in kept["BACKEND"] and kept["LOCATION"]

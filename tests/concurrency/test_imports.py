"""Imports that are killed on their way, and imports at the same moment: all or nothing, and nobody's row is lost."""

import itertools
import os
import random
import subprocess
import sys
import time
from urllib.parse import quote

import pytest
from django.conf import settings as configured
from django.db import connection, connections

from common.models import ChangedMeanwhile
from figures.models import Source
from imports.applying import apply
from imports.checking import check
from imports.models import ImportBatch, ImportRefused
from tests.concurrency.test_register import at_once
from tests.factories import make_user
from tests.imports.sources import known, make_batch

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = 1000
# Twenty in the long drill; CI sees a few each time, at other moments each time.
KILLS = int(os.environ.get("IMPORT_KILLS", "4"))
HEAD = "Kunci;Judul;Penerbit"


@pytest.fixture
def clerk(monkeypatch, tmp_path, settings):
    known(monkeypatch)
    settings.MEDIA_ROOT = tmp_path
    return make_user("staf_provinsi")


def checked(clerk, folder, prefix="k", rows=ROWS):
    batch = make_batch(clerk, [HEAD, *(f"{prefix}{n};Judul {n};Dinas" for n in range(rows))], folder)
    check(batch, by=clerk)
    return batch


def address():
    """The test's own database as DATABASE_URL, for another process."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    host, port = quote(str(database["HOST"] or ""), safe=""), database["PORT"]
    who = quote(database["USER"] or "") + (f":{quote(database['PASSWORD'])}" if database["PASSWORD"] else "")
    return f"postgres://{who}@{host}{f':{port}' if port else ''}/{database['NAME']}"


def start(batch, clerk, *how):
    connections.close_all()
    environment = os.environ | {
        "DATABASE_URL": address(),
        "DJANGO_SETTINGS_MODULE": "kaltim_koperasi.settings",
        "DEBUG": "1",
        "MEDIA_ROOT": str(configured.MEDIA_ROOT),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "tests.concurrency.import_child", str(batch.pk), str(clerk.pk), *how],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        cwd=configured.BASE_DIR,
    )


def seconds_of(batch, clerk):
    """How long the whole work takes here, which the moments of the kills are chosen from; afterwards it is not done."""
    with start(batch, clerk) as child:
        assert child.stdout.readline() == "begun\n"
        begun = time.monotonic()
        assert child.stdout.readline() == "done\n"
        return time.monotonic() - begun


def killed(batch, clerk, after, *how):
    with start(batch, clerk, *how) as child:
        assert child.stdout.readline() == "begun\n"
        time.sleep(after)
        child.kill()
    batch.refresh_from_db()
    return Source.objects.count()


def forget(batch):
    Source.objects.all().delete()
    Source.history.all().delete()
    batch.rows.update(fate="", found=None, made=None)
    ImportBatch.objects.filter(pk=batch.pk).update(state="checked", applied_by=None, applied_at=None)
    batch.refresh_from_db()


def test_an_import_that_is_killed_is_applied_whole_or_not_at_all(clerk):
    batch = checked(clerk, "berkas")
    whole = seconds_of(batch, clerk)
    forget(batch)
    for _kill in range(KILLS):
        found = killed(batch, clerk, random.uniform(0, whole))
        assert found == (ROWS if batch.state == "applied" else 0), f"{found} of {ROWS} rows, batch {batch.state}"
        if batch.state == "applied":
            forget(batch)
    apply(batch, by=clerk)
    assert Source.objects.count() == Source.history.count() == ROWS


def test_control_without_its_transaction_a_killed_import_is_partial(clerk):
    batch = checked(clerk, "berkas")
    whole = seconds_of(batch, clerk)
    forget(batch)
    partial = 0
    for share in (0.3, 0.5, 0.7):
        partial += 0 < killed(batch, clerk, whole * share, "careless") < ROWS
        forget(batch)
    assert partial


def test_two_files_with_the_same_records_end_in_each_record_once(clerk):
    batches = [checked(clerk, f"berkas{n}", rows=200) for n in range(2)]
    # The second says the same in the other order, which is how two writers wait for each other in a circle.
    answers = at_once(*(lambda batch=batch: apply(batch, by=clerk) for batch in batches))
    assert sorted(type(answer).__name__ for answer in answers) == ["ImportRefused", "NoneType"]
    assert Source.objects.count() == Source.history.count() == 200
    assert sorted(ImportBatch.objects.values_list("state", flat=True)) == ["applied", "checked"]


def test_two_officers_at_once_lose_no_row(clerk):
    batches = [checked(clerk, f"berkas{n}", prefix=f"o{n}-", rows=200) for n in range(3)]
    assert at_once(*(lambda batch=batch: apply(batch, by=clerk) for batch in batches)) == [None] * 3
    assert Source.objects.count() == Source.history.count() == 600


def test_one_batch_applied_twice_at_once_is_applied_once(clerk):
    batch = checked(clerk, "berkas", rows=200)
    copies = [ImportBatch.objects.get(pk=batch.pk) for _n in range(3)]
    answers = at_once(*(lambda copy=copy: apply(copy, by=clerk) for copy in copies))
    assert sum(answer is None for answer in answers) == 1
    assert all(isinstance(answer, (ChangedMeanwhile, ImportRefused)) for answer in answers if answer is not None)
    assert Source.objects.count() == Source.history.count() == 200


def test_files_that_change_the_same_records_in_opposite_orders_do_not_wait_in_a_circle(clerk):
    for n in range(300):
        Source.objects.create(key=f"k{n}", title="Lama", publisher="Dinas")
    lines = [f"k{n};Judul {n};Dinas" for n in range(300)]
    batches = [
        make_batch(clerk, [HEAD, *ordered], f"berkas{number}")
        for number, ordered in enumerate((lines, list(reversed(lines))))
    ]
    for batch in batches:
        check(batch, by=clerk)
    answers = at_once(*(lambda batch=batch: apply(batch, by=clerk) for batch in batches))
    assert sorted(type(answer).__name__ for answer in answers) == ["ImportRefused", "NoneType"]
    assert list(itertools.chain(Source.objects.exclude(version=2))) == []

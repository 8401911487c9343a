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
from django.test import Client

from common.models import ChangedMeanwhile
from cooperatives.models import Cooperative, StatusPeriod
from figures.models import Source
from imports.applying import apply
from imports.checking import check
from imports.models import ImportBatch, ImportRefused
from tests.concurrency.test_register import at_once
from tests.factories import make_cooperative, make_regency, make_user
from tests.imports.sources import known, make_batch

pytestmark = pytest.mark.django_db(transaction=True)

# Twenty kills of 10.000 rows in the long drill; CI sees a few each time, at other moments each time.
ROWS = int(os.environ.get("IMPORT_ROWS", "1000"))
KILLS = int(os.environ.get("IMPORT_KILLS", "4"))
HEAD = "Kunci;Judul;Penerbit"


@pytest.fixture
def clerk(monkeypatch, tmp_path, settings):
    known(monkeypatch)
    settings.MEDIA_ROOT = tmp_path
    return make_user("staf_provinsi")


def checked(clerk, folder, prefix="k", rows=200):
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
    """What stands in the register after the process was killed: how many of each kind of row."""
    with start(batch, clerk, *how) as child:
        assert child.stdout.readline() == "begun\n"
        time.sleep(after)
        child.kill()
    batch.refresh_from_db()
    return written()


def written():
    return {model.objects.count() for model in WRITTEN}


WRITTEN = (Cooperative, Cooperative.history.model, StatusPeriod, StatusPeriod.history.model)


def forget(batch):
    for model in (StatusPeriod, StatusPeriod.history.model, Cooperative, Cooperative.history.model):
        model.objects.all()._raw_delete(connection.alias)
    batch.rows.update(fate="", found=None, made=None)
    ImportBatch.objects.filter(pk=batch.pk).update(state="checked", applied_by=None, applied_at=None)
    batch.refresh_from_db()


@pytest.fixture
def cooperatives(clerk):
    """A checked file of new cooperatives."""
    make_regency("Berau")
    lines = ["Nama Koperasi;Kab/Kota;Status", *(f"KSU Nomor {n};Berau;Aktif" for n in range(ROWS))]
    batch = make_batch(clerk, lines, "berkas", kind="koperasi")
    check(batch, by=clerk)
    assert batch.summary["counts"]["new"] == ROWS
    return batch


def test_an_import_that_is_killed_is_applied_whole_or_not_at_all(clerk, cooperatives):
    batch = cooperatives
    whole = seconds_of(batch, clerk)
    forget(batch)
    for _kill in range(KILLS):
        found = killed(batch, clerk, random.uniform(0, whole))
        assert found == {ROWS if batch.state == "applied" else 0}, f"{found} of {ROWS} rows, batch {batch.state}"
        if batch.state == "applied":
            forget(batch)
    apply(batch, by=clerk)
    assert written() == {ROWS}


def test_control_without_its_transaction_a_killed_import_is_partial(clerk, cooperatives):
    batch = cooperatives
    whole = seconds_of(batch, clerk)
    forget(batch)
    partial = 0
    for share in (0.3, 0.5, 0.7):
        partial += bool(killed(batch, clerk, whole * share, "careless") - {0, ROWS})
        forget(batch)
    assert partial


def test_two_officers_import_at_once_while_others_sign_in_and_write(clerk, client):
    offices = [make_regency(name) for name in ("Berau", "Paser")]
    officers = [make_user("petugas", regency=regency) for regency in offices]
    batches = []
    for officer in officers:
        lines = ["Nama Koperasi;Status", *(f"KSU {n};Aktif" for n in range(300))]
        batches.append(make_batch(officer, lines, f"berkas{officer.pk}", kind="koperasi"))
        check(batches[-1], by=officer)

    def others():
        for number in range(20):
            Client().force_login(clerk)
            make_cooperative(f"Koperasi Lain {number}", by=clerk)

    acts = [lambda one=pair: apply(one[0], by=one[1]) for pair in zip(batches, officers, strict=True)]
    assert at_once(*acts, others) == [None] * 3
    assert [Cooperative.objects.filter(regency=regency).count() for regency in offices] == [300, 300]
    assert Cooperative.objects.filter(regency=None).count() == 20
    assert {period.by for period in StatusPeriod.objects.filter(cooperative__regency=offices[1])} == {officers[1]}


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

"""Measures one database of one size: `python -m benchmarks.measure COOPERATIVES`, with DATABASE_URL set.

Prints one JSON object. Builds the register if the database is empty. Everything is measured beside
its reference in the same run: a bare view through the same middleware with as many bytes, and the
page's own SQL run again without Django.
"""

import csv
import http.client
import io
import itertools
import json
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import django

django.setup()

from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from accounts.models import User  # noqa: E402
from accounts.roles import Role  # noqa: E402
from benchmarks.grow import grow  # noqa: E402
from common.columns import Reader  # noqa: E402
from cooperatives import demo  # noqa: E402
from cooperatives.models import Cooperative  # noqa: E402
from cooperatives.public_fields import cooperative_columns  # noqa: E402

HOST = "127.0.0.1"
WORKERS, THREADS, CLIENTS = 2, 4, 4
SEEN, FRESH, TURNS = 200, 20, 3
BASE = 5_500
LARGE = 1_000_000
# Words of the simulated names, so that no two searches are the same and every one finds something.
WORDS = [f"{first} {second}".lower() for first, second in itertools.product(demo.FIRST, demo.SECOND)]


def build(size):
    """The register of that size: up to 20.000 by the portal's own command, larger ones multiplied in the database."""
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("migrate", verbosity=0)
    if Cooperative.objects.count() >= size * 0.99:
        return
    call_command("load_starter", verbosity=0, stdout=io.StringIO())
    lean = size >= LARGE
    if size <= 20_000:
        demo.make(size)
    else:
        base = BASE * 4 if lean else BASE
        demo.make(base, lean=lean)
        grow(round(size / base) - 1)


@contextmanager
def served():
    """gunicorn with production's settings on a free port; gives (port, process)."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "kaltim_koperasi.wsgi", "--bind", f"{HOST}:{port}"]
    command += ["--worker-class", "gthread", "--workers", str(WORKERS), "--threads", str(THREADS)]
    command += ["--log-level", "error", "--no-control-socket"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        for _attempt in range(200):
            try:
                fetch(port, "/livez")
                break
            except OSError:
                time.sleep(0.1)
        yield port, process
    finally:
        process.terminate()
        process.wait(30)


def fetch(port, path, *, connection=None, cookie=None):
    """One request; gives (status, bytes of the body, seconds to the first byte, seconds in all)."""
    link = connection or http.client.HTTPConnection(HOST, port, timeout=600)
    headers = {"Host": "localhost", "Accept-Encoding": "identity"}
    if cookie:
        headers["Cookie"] = cookie
    start = time.perf_counter()
    link.request("GET", path, headers=headers)
    answer = link.getresponse()
    first = answer.read(1)
    first_byte = time.perf_counter() - start
    size = len(first)
    while piece := answer.read(1 << 16):
        size += len(piece)
    return answer.status, size, first_byte, time.perf_counter() - start


def load(port, path, requests, *, cookie=None):
    """The same address from several clients at once: requests a second, p50 and p95 in milliseconds."""
    times, lock, todo = [], threading.Lock(), iter(range(requests))

    def client():
        link = http.client.HTTPConnection(HOST, port, timeout=600)
        for _number in todo_safe():
            status, _size, _first, seconds = fetch(port, path, connection=link, cookie=cookie)
            if status != 200:
                raise RuntimeError(f"{path} answered {status}")
            with lock:
                times.append(seconds)

    def todo_safe():
        while True:
            with lock:
                try:
                    number = next(todo)
                except StopIteration:
                    return
            yield number

    start = time.perf_counter()
    threads = [threading.Thread(target=client) for _client in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - start
    if len(times) != requests:
        raise RuntimeError(f"{path}: {requests - len(times)} requests failed")
    return {"rps": requests / elapsed, **spread(times)}


def seen_before(port, path):
    """A page that was asked for before, by turns with a bare view of as many bytes."""
    status, bytes_, _first, cold = fetch(port, path)
    if status != 200:
        raise RuntimeError(f"{path} answered {status}")
    for _warm in range(WORKERS * THREADS * 2):
        fetch(port, path)
    # By turns, so that what else the machine does meets both alike.
    turns = [(load(port, path, SEEN), load(port, f"/bare/{bytes_}/", SEEN)) for _turn in range(TURNS)]
    pages, bares = zip(*turns, strict=True)
    return {"bytes": bytes_, "cold": cold * 1000, "page": middle(pages), "bare": middle(bares)}


def middle(turns):
    """The median of each figure over several turns."""
    return {key: statistics.median(turn[key] for turn in turns) for key in turns[0]}


def spread(times):
    ordered = sorted(times)
    return {
        "p50": statistics.median(ordered) * 1000,
        "p95": ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))] * 1000,
    }


def never_seen(paths, *, client=None):
    """Pages that nobody has asked for, one after another in this process, each beside its own SQL run raw."""
    client = client or Client(headers={"host": "localhost"})
    pages, raws, counts = [], [], set()
    client.get(paths[0])
    for path in paths[1:]:
        cache.clear()
        start = time.perf_counter()
        answer = client.get(path)
        if answer.streaming:
            b"".join(answer.streaming_content)
        pages.append(time.perf_counter() - start)
        if answer.status_code != 200:
            raise RuntimeError(f"{path} answered {answer.status_code}")
        cache.clear()
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(path)
        counts.add(len(captured))
        raws.append(raw(statement["sql"] for statement in captured.captured_queries))
    return {"page": spread(pages), "sql": spread(raws), "queries": max(counts)}


def raw(statements):
    """Seconds that these statements take without Django's compiler, models and templates."""
    seconds = 0
    with connection.cursor() as cursor:
        for statement in statements:
            if not statement.lstrip("( ").upper().startswith(("SELECT", "WITH")):
                continue
            start = time.perf_counter()
            cursor.cursor.execute(statement.replace("%%", "%"))
            cursor.cursor.fetchall()
            seconds += time.perf_counter() - start
    return seconds


def memory(process):
    """The highest resident memory of any worker so far, in MiB."""
    highest = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
        except OSError:
            continue
        if int(fields["PPid"]) == process.pid:
            highest = max(highest, int(fields["VmHWM"].split()[0]) / 1024)
    return highest


def raw_csv(columns, queryset):
    """Seconds that a bare cursor and csv.writer need for the columns of an export, in the same order."""
    queryset = queryset.order_by("pk").values_list(*Reader(columns)._expressions)
    sql, params = queryset.query.sql_with_params()
    start = time.perf_counter()
    with connection.cursor() as cursor, Path(os.devnull).open("w", newline="") as sink:
        cursor.execute(sql, params)
        writer = csv.writer(sink)
        while rows := cursor.fetchmany(2000):
            writer.writerows(rows)
    return time.perf_counter() - start


def staff_cookie():
    user = User.objects.filter(username="bangku").first()
    if user is None:
        user = User.objects.create_user("bangku", role=Role.PROVINCE_STAFF, full_name="Bangku Ukur")
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    session = SessionStore(client.session.session_key)
    from django.conf import settings

    return client, f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def main(size):
    build(size)
    some = Cooperative.objects.in_register().order_by("pk")[min(size, 1000) // 2]
    detail = some.get_absolute_url()
    everything = size < LARGE
    client, cookie = staff_cookie()
    report = {"engine": connection.vendor, "size": Cooperative.objects.count()}
    known = {"detail": detail, "search hit": "/koperasi/?q=anggrek+hitam", "API page": "/api/v1/cooperatives/"}
    if everything:
        known |= {
            "home": "/",
            "list": "/koperasi/",
            "regency": "/wilayah/kutai-barat/",
            "recap": "/statistik/rekap/",
            "progress": "/kemajuan/",
            "progress of a regency": "/kemajuan/kutai-barat/",
        }
    report["seen"] = {}
    with served() as (port, process):
        for name, path in known.items():
            report["seen"][name] = seen_before(port, path)
        if everything:
            before = memory(process)
            report["csv"] = {"rows": report["size"], "memory before": before}
            _status, bytes_, first, seconds = fetch(port, "/koperasi/?format=csv")
            report["csv"] |= {
                "bytes": bytes_,
                "first byte": first * 1000,
                "seconds": seconds,
                "memory": memory(process),
            }
            _status, bytes_, first, seconds = fetch(port, "/koperasi/?format=xlsx")
            report["xlsx"] = {
                "bytes": bytes_,
                "first byte": first * 1000,
                "seconds": seconds,
                "memory": memory(process),
            }
            report["changelist"] = load(port, "/admin/cooperatives/cooperative/", 60, cookie=cookie)
    if everything:
        report["csv"]["raw"] = statistics.median(
            raw_csv(cooperative_columns(), Cooperative.objects.in_register()) for _run in range(3)
        )

    words = iter(WORDS[1:])
    last = Cooperative.objects.in_register().order_by("-pk").values_list("pk", flat=True).first()
    pks = iter(Cooperative.objects.in_register().order_by("-pk")[:200])
    fresh = {
        "detail": [next(pks).get_absolute_url() for _n in range(FRESH + 1)],
        "API page by key": [f"/api/v1/cooperatives/?after={n * last // (FRESH + 2)}" for n in range(1, FRESH + 2)],
        "search hit": [f"/koperasi/?q={next(words).replace(' ', '+')}" for _n in range(FRESH + 1)],
        "search miss": [f"/koperasi/?q=tidak+ada+{n}" for n in range(FRESH + 1)],
        "API page": [f"/api/v1/cooperatives/?q={next(words).split()[0]}&limit={20 + n}" for n in range(FRESH + 1)],
    }
    if everything:
        fresh |= {
            "filtered list": [
                f"/koperasi/?wilayah=kutai-barat&status=active&grade={grade}&q={next(words).split()[1]}"
                for grade, _n in zip(itertools.cycle("ABD"), range(FRESH + 1), strict=False)
            ],
            "facets only": [
                f"/koperasi/?wilayah={slug}&grade={grade}"
                for slug, grade in itertools.islice(itertools.product(demo.REGENCY_WEIGHTS, "ABD"), FRESH + 1)
            ],
            "list": [f"/koperasi/?page={n}" for n in range(2, FRESH // 2 + 3)],
            "home": ["/"] * 4,
            "regency": [f"/wilayah/{slug}/" for slug in list(demo.REGENCY_WEIGHTS)[:5]],
            "recap": [f"/statistik/rekap/?per=2024-0{n}-15" for n in range(1, 6)],
            "progress": [f"/kemajuan/?per=2025-0{n}-15" for n in range(1, 6)],
            "progress of a regency": [f"/kemajuan/{slug}/" for slug in list(demo.REGENCY_WEIGHTS)[:4]],
            "announced beside derived": [f"/kemajuan/diumumkan/?per={year}-12-31" for year in (2021, 2012, 2014, 2011)],
        }
    report["never seen"] = {name: never_seen(paths) for name, paths in fresh.items()}
    if everything:
        report["never seen"]["admin changelist"] = never_seen(
            [f"/admin/cooperatives/cooperative/?p={n}" for n in range(1, 12)], client=client
        )
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main(int(sys.argv[1]))

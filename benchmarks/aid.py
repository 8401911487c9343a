"""50.000 packages of aid with 200.000 units in an empty database, and how long the public pages of them take.

    DATABASE_URL=sqlite:///var/aid.sqlite3 DEBUG=1 python -m benchmarks.aid          (after migrate and load_starter)

Each page is asked for the first time (nothing kept) and again, beside the statements that the first time ran, run raw.
"""

import os
import statistics
import sys
import time
from datetime import date, timedelta

PACKAGES, UNITS_EACH, RECIPIENTS, CHUNK = 50_000, 4, 20_000, 5_000
TURNS = 5


def fill():
    """Make them in bulk: invented, public, at every stage from the decree on."""
    from assistance.models import AidKind, Holding, Package, Programme, Recipient, Unit
    from assistance.stages import WAY, Stage
    from common.models import DataVersion
    from regions.models import Regency

    places = list(Regency.objects.exclude(valid_until__isnull=False))
    kinds = list(AidKind.objects.filter(has_units=True))
    money = list(Programme.Funding)
    programmes = Programme.objects.bulk_create(
        Programme(name=f"Program {number}", fiscal_year=2015 + number % 10, funding=money[number % 6], ceiling=10**14)
        for number in range(60)
    )
    recipients = [
        Recipient(kind=("group", "person", "government")[n % 3], name=f"Penerima Uji {n}", regency=places[n % 10])
        for n in range(RECIPIENTS)
    ]
    for one in recipients:
        one.make_keys()
    recipients = Recipient.objects.bulk_create(recipients, batch_size=CHUNK)
    stages = WAY[WAY.index(Stage.DECREED) :]
    for start in range(0, PACKAGES, CHUNK):
        packages = []
        for number in range(start, start + CHUNK):
            recipient = recipients[number % RECIPIENTS]
            stage = stages[number % len(stages)]
            package = Package(
                programme=programmes[number % 60],
                kind=kinds[number % len(kinds)],
                recipient=recipient,
                recipient_kind=recipient.kind,
                regency=recipient.regency,
                quantity=UNITS_EACH,
                contracted_amount=10_000_000 + number,
                realised_amount=10_000_000 + number if number % 3 else None,
                stage=stage,
                is_public=True,
                decreed_on=date(2015, 1, 1) + timedelta(days=number % 3650),
                handed_over_on=date(2015, 6, 1) + timedelta(days=number % 3650),
                confirmed_count=UNITS_EACH,
                handed_count=UNITS_EACH,
            )
            package.make_search()
            package.place_in_list()
            packages.append(package)
        packages = Package.objects.bulk_create(packages, batch_size=CHUNK)
        units = Unit.objects.bulk_create(
            (
                Unit(
                    package=package,
                    is_delivered=True,
                    state=("in_use", "idle", "broken", "lost")[turn],
                    handed_on=package.handed_over_on,
                    last_seen_on=package.handed_over_on + timedelta(days=200 * turn) if turn else None,
                )
                for package in packages
                for turn in range(UNITS_EACH)
            ),
            batch_size=CHUNK,
        )
        Holding.objects.bulk_create(
            (Holding(unit=unit, holder="recipient", since=unit.handed_on) for unit in units), batch_size=CHUNK
        )
    DataVersion.bump("aid")


def pages():
    from assistance.models import Package, Unit

    package = Package.objects.order_by("pk")[PACKAGES // 2]
    unit = Unit.objects.order_by("pk")[PACKAGES]
    return {
        "list": "/bantuan/",
        "list, page 40": "/bantuan/?page=40",
        "one facet": "/bantuan/?wilayah=berau",
        "three facets": "/bantuan/?wilayah=berau&tahun=2020&tahap=decreed",
        "search hit": "/bantuan/?q=gerobak",
        "search miss": "/bantuan/?q=tidakada",
        "package": package.get_absolute_url(),
        "unit": unit.get_absolute_url(),
        "API page": "/api/v1/aid/packages/",
        "API package": f"/api/v1/aid/packages/{package.pk}/",
        "regency": "/wilayah/berau/",
    }


def measure():
    """Lines of a table: page, queries, first time, its statements raw, again; milliseconds, medians."""
    from django.core.cache import cache
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(SERVER_NAME="localhost")
    yield "| Page | queries | first time | its SQL raw | limit | again |"
    yield "|---|---:|---:|---:|---:|---:|"
    for name, address in pages().items():
        client.get(address)
        first, raw, again = [], [], []
        for _turn in range(TURNS):
            cache.clear()
            begun = time.perf_counter()
            if client.get(address).status_code != 200:
                raise SystemExit(f"{address} does not answer")
            first.append(time.perf_counter() - begun)
        cache.clear()
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        count = len(captured)
        statements = [one["sql"] for one in captured if one["sql"].startswith(("SELECT", "WITH"))]
        for _turn in range(TURNS):
            begun = time.perf_counter()
            with connection.cursor() as cursor:
                for sql in statements:
                    cursor.execute(sql)
                    cursor.fetchall()
            raw.append(time.perf_counter() - begun)
        for _turn in range(TURNS):
            begun = time.perf_counter()
            client.get(address)
            again.append(time.perf_counter() - begun)
        first_, raw_, again_ = (statistics.median(times) * 1000 for times in (first, raw, again))
        limit = raw_ * 1.5 + 50
        yield f"| {name} | {count} | {first_:.0f} | {raw_:.0f} | {limit:.0f} | {again_:.1f} |"


def export():
    """How long the whole list takes as CSV, beside a raw cursor and csv.writer over the same table."""
    import csv
    import io

    from django.db import connection
    from django.test import Client

    client = Client(SERVER_NAME="localhost")
    for name, address, table in (
        ("packages", "/bantuan/?format=csv", "assistance_package"),
        ("units", "/bantuan/?isi=unit&format=csv", "assistance_unit"),
    ):
        begun = time.perf_counter()
        size = sum(len(chunk) for chunk in client.get(address).streaming_content)
        took = time.perf_counter() - begun
        begun = time.perf_counter()
        target = io.StringIO()
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {table}")
            csv.writer(target).writerows(cursor.fetchall())
        raw = time.perf_counter() - begun
        yield f"CSV of {name}: {took:.1f} s, {size // 1024} KiB; raw cursor and csv.writer {raw:.1f} s"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kaltim_koperasi.settings")
    import django

    django.setup()
    from assistance.models import Package

    if Package.objects.count() < PACKAGES:
        fill()
    for line in (*measure(), *export()):
        sys.stdout.write(line + "\n")

"""Measures the public pages and files of aid at 50.000 packages and 200.000 units: `benchmarks/run --sizes ""`.

Fills an empty database in bulk and prints one JSON object. The references are those of benchmarks.measure: a bare
view with as many bytes, the page's own SQL run raw, and a raw cursor with csv.writer over the columns of the file.
"""

import io
import json
import statistics
import sys
from datetime import date, timedelta

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from assistance.models import AidKind, Holding, Package, Programme, Recipient, Unit  # noqa: E402
from assistance.public_fields import PACKAGE, UNIT, described, public_units  # noqa: E402
from assistance.stages import WAY, Stage  # noqa: E402
from benchmarks.measure import TURNS, fetch, memory, never_seen, raw_csv, seen_before, served  # noqa: E402
from common.models import DataVersion, tell_planner  # noqa: E402
from regions.models import Regency  # noqa: E402

PACKAGES, UNITS_EACH, RECIPIENTS, CHUNK = 50_000, 4, 20_000, 5_000


def fill():
    """Make them in bulk: invented, public, at every stage from the decree on."""
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
    tell_planner([Package, Recipient, Unit, Holding])


def build():
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("migrate", verbosity=0)
    if Package.objects.count() < PACKAGES:
        call_command("load_starter", verbosity=0, stdout=io.StringIO())
        fill()


def main():
    build()
    some = Package.objects.public().order_by("pk")[PACKAGES // 2 : PACKAGES // 2 + 8]
    units = Unit.objects.order_by("pk")[PACKAGES : PACKAGES + 8]
    years = range(2015, 2023)
    fresh = {
        "list": [f"/bantuan/?page={n}" for n in range(1, 9)],
        "one facet": [f"/bantuan/?tahun={year}" for year in years],
        "three facets": [f"/bantuan/?wilayah=berau&tahap=decreed&tahun={year}" for year in years],
        "search hit": [f"/bantuan/?q=penerima+uji+{n}" for n in range(1, 9)],
        "search miss": [f"/bantuan/?q=tidak+ada+{n}" for n in range(1, 9)],
        "sums by regency": [f"/bantuan/?isi=wilayah&format=csv&tahun={year}" for year in years],
        "package": [package.get_absolute_url() for package in some],
        "unit": [unit.get_absolute_url() for unit in units],
        "API page": [f"/api/v1/aid/packages/?limit={20 + n}" for n in range(8)],
        "API package": [f"/api/v1/aid/packages/{package.pk}/" for package in some],
        "regency": [f"/wilayah/{slug}/" for slug in ("berau", "paser", "bontang", "samarinda", "kutai-barat")],
    }
    report: dict = {"engine": connection.vendor, "size": Package.objects.count()}
    report["seen"], report["csv"] = {}, {}
    with served() as (port, process):
        for name, paths in fresh.items():
            if "format=" not in paths[0]:
                report["seen"][name] = seen_before(port, paths[0])
        before = memory(process)
        for name, path, columns, rows in (
            ("packages", "/bantuan/?format=csv", PACKAGE, described(Package.objects.public())),
            ("units", "/bantuan/?isi=unit&format=csv", UNIT, public_units(Package.objects.public())),
        ):
            # As often as the reference, and the middle one as well.
            turns = sorted((fetch(port, path) for _turn in range(TURNS)), key=lambda turn: turn[3])
            _status, bytes_, first, seconds = turns[TURNS // 2]
            report["csv"][name] = {
                "rows": rows.count(),
                "bytes": bytes_,
                "first byte": first * 1000,
                "seconds": seconds,
                "memory before": before,
                "memory": memory(process),
                "raw": statistics.median(raw_csv(columns, rows) for _run in range(TURNS)),
            }
    report["never seen"] = {name: never_seen(paths) for name, paths in fresh.items()}
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main()

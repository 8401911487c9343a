"""Measures an import of cooperatives beside its reference: reading the same file and one bulk write of the same rows.

Usage, on DATABASE_URL, which is emptied of cooperatives: python -m benchmarks.imports ROWS
Prints one JSON object. `reference` is calamine and one transaction that writes the records, their history and their
import rows without looking at any of them.
"""

import io
import json
import random
import resource
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import django

django.setup()

import xlsxwriter  # noqa: E402
from django.core.files import File  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from python_calamine import CalamineWorkbook  # noqa: E402

from accounts.models import User  # noqa: E402
from cooperatives.models import Cooperative, Form, Group, Kind, Sector, StatusPeriod  # noqa: E402
from imports import progress, tasks  # noqa: E402
from imports.models import ImportBatch, ImportRow  # noqa: E402
from imports.receiving import receive  # noqa: E402
from regions.models import Regency  # noqa: E402

HEADINGS = [
    "No",
    "Nama Koperasi",
    "NIK",
    "No Badan Hukum",
    "Tgl BH",
    "Kab/Kota",
    "Bentuk Usaha",
    "Jenis Koperasi",
    "Kelompok",
    "Sektor Usaha",
    "Kecamatan",
    "Kelurahan",
    "Alamat",
    "Kode Pos",
    "Tgl Berdiri",
    "Tanggal Sertifikat",
    "Masa Berlaku Sertifikat",
    "Pola Pengelolaan",
    "No.Telp 1",
    "No.Telp 2",
    "Email",
    "Website",
    "Lintang",
    "Bujur",
    "Status Koperasi",
]
CHUNK = 1000


def workbook(path, rows):
    """A sound file of so many cooperatives, 25 columns wide."""
    draw = random.Random(6111)
    regencies = list(Regency.objects.exclude(valid_until__lte=date(2013, 4, 22)).values_list("name", flat=True))
    forms = list(Form.objects.filter(responsible_level="regency").values_list("name", flat=True))
    kinds, groups, sectors = ([row.name for row in model.objects.all()] for model in (Kind, Group, Sector))
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("Data")
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(0, 0, HEADINGS)
        for number in range(1, rows + 1):
            founded = date(1980, 1, 1) + timedelta(days=draw.randrange(14_000))
            cells = [
                number,
                f"KSU Contoh Impor {number}",
                f"{7_000_000_000_000 + number}",
                f"{number}/BH/{founded.year}",
                founded,
                draw.choice(regencies),
                draw.choice(forms),
                draw.choice(kinds),
                draw.choice(groups),
                draw.choice(sectors),
                f"Kecamatan {draw.randrange(100)}",
                f"Desa {draw.randrange(1000)}",
                f"Jalan Contoh {draw.randrange(200)}",
                f"75{draw.randrange(1000):03}",
                founded,
                founded + timedelta(days=400),
                founded + timedelta(days=1400),
                draw.choice(["Konvensional", "Syariah"]),
                f"0812{draw.randrange(10**8):08}",
                "",
                f"koperasi{number}@contoh.id",
                "",
                -0.5,
                117.1,
                draw.choice(["Aktif", "Tidak aktif"]),
            ]
            for column, cell in enumerate(cells):
                if isinstance(cell, date):
                    sheet.write_datetime(number, column, cell, day)
                elif cell != "":
                    sheet.write(number, column, cell)


def empty():
    """Take the cooperatives and imports out again, in the database itself."""
    with connection.cursor() as cursor, transaction.atomic():
        for model in (
            ImportRow,
            ImportBatch,
            StatusPeriod,
            StatusPeriod.history.model,
            Cooperative,
            Cooperative.history.model,
        ):
            cursor.execute(f"DELETE FROM {model._meta.db_table}")


def reference(path, by):
    """Seconds for reading with calamine and one bulk write of the same rows."""
    begun = time.monotonic()
    rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python(skip_empty_area=False)
    regencies = dict(Regency.objects.values_list("name", "pk"))
    names = {model: dict(model.objects.values_list("name", "pk")) for model in (Form, Kind, Group, Sector)}
    read = time.monotonic() - begun
    batch = ImportBatch.objects.create(kind="koperasi", name="x", folder="x", sha256="", size=0, by=by)
    with transaction.atomic():
        for start in range(1, len(rows), CHUNK):
            records, staged = [], []
            for row in rows[start : start + CHUNK]:
                values = {
                    "name": row[1],
                    "name_key": row[1].lower(),
                    "search": row[1].lower(),
                    "nomor_induk_koperasi": row[2],
                    "legal_number": row[3],
                    "legal_on": row[4],
                    "regency_id": regencies[row[5]],
                    "form_id": names[Form][row[6]],
                    "kind_id": names[Kind][row[7]],
                    "group_id": names[Group][row[8]],
                    "sector_id": names[Sector][row[9]],
                    "district": row[10],
                    "village": row[11],
                    "address": row[12],
                    "postal_code": row[13],
                    "founded_on": row[14],
                    "certificate_on": row[15],
                    "certificate_valid_until": row[16],
                    "management": "conventional",
                    "phone": row[18],
                    "email": row[20],
                    "latitude": row[22],
                    "longitude": row[23],
                    "status": "active",
                }
                records.append(Cooperative(**values))
                after = {name: str(value) if isinstance(value, date) else value for name, value in values.items()}
                staged.append(ImportRow(batch=batch, number=int(row[0]) + 1, action="new", title=row[1], after=after))
            Cooperative.objects.bulk_create(records, batch_size=200)
            Cooperative.history.bulk_history_create(records, batch_size=200, default_user=by)
            ImportRow.objects.bulk_create(staged, batch_size=500)
    return {"read": read, "all": time.monotonic() - begun}


class Watch:
    """How long nothing was told."""

    def __init__(self):
        self.last = time.monotonic()
        self.longest = 0.0

    def __call__(self, done, total):
        now = time.monotonic()
        self.longest = max(self.longest, now - self.last)
        self.last = now


def timed(step, batch, by, **options):
    watch, begun = Watch(), time.monotonic()
    if not tasks.do(step, batch, by=by, tell=watch, **options):
        raise RuntimeError(batch.failure)
    # What follows the last step, the commit for instance, is silent too.
    watch(0, 0)
    return {"s": time.monotonic() - begun, "silent": watch.longest}


def upload(path, by):
    with Path(path).open("rb") as opened:
        batch = receive(File(opened, name="koperasi.xlsx"), kind="koperasi", by=by)
    read = timed(progress.READ, batch, by)
    return batch, read


def main(rows):
    call_command("migrate", verbosity=0)
    call_command("load_starter", verbosity=0, stdout=io.StringIO())
    by = User.objects.create_user(f"bench{time.time_ns()}", role="administrator")
    found = {"engine": connection.vendor, "rows": rows}
    with TemporaryDirectory() as folder:
        path = f"{folder}/koperasi.xlsx"
        workbook(path, rows)
        found["file_mb"] = Path(path).stat().st_size / 1e6
        empty()
        found["reference"] = reference(path, by) if rows <= 50_000 else None
        empty()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        batch, found["read"] = upload(path, by)
        found["check"] = timed(progress.CHECK, batch, by)
        if batch.summary["counts"]["new"] != rows:
            raise RuntimeError(batch.summary)
        found["apply"] = timed(progress.APPLY, batch, by)
        found["lock_ms"] = batch.lock_ms
        if Cooperative.objects.count() != rows:
            raise RuntimeError("not every row became a cooperative")
        again, _read = upload(path, by)
        found["check_unchanged"] = timed(progress.CHECK, again, by)
        if again.summary["counts"]["unchanged"] != rows:
            raise RuntimeError(again.summary)
        found["undo"] = timed(progress.UNDO, batch, by, reason="ukuran")
        found["memory_mib"] = {
            "before": before / 1024,
            "worker": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "reader": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
        }
    print(json.dumps(found))


if __name__ == "__main__":
    main(int(sys.argv[1]))

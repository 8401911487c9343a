"""A workbook as offices send them: titles above a heading of two rows, a row of column numbers, both codes, blank rows,
nicknames of regencies, damaged numbers, doubles, and a dimension that lies. What is wrong with it is known, row by row.
"""

import io
import random
import re
import zipfile
from dataclasses import dataclass
from datetime import date, timedelta

import xlsxwriter
from python_calamine import CalamineWorkbook

HEAD_ROW = 5
HEADINGS = [
    "NO",
    "NAMA KOPERASI",
    "KAB/KOTA",
    "KODE KEMENDAGRI",
    "KODE BPS",
    "NIK",
    "NO. BADAN HUKUM",
    "TGL BH",
    "BENTUK USAHA",
    "KELOMPOK",
    "KECAMATAN",
    "ALAMAT",
    "NO.TELP 1",
    "STATUS KOPERASI",
    "JUMLAH ANGGOTA",
    None,
    "CATATAN KABID",
]
LOWER = {14: "PRIA", 15: "WANITA"}
NO, NAME, REGENCY, KEMENDAGRI, BPS, NUMBER, LEGAL, LEGAL_ON = range(8)
PLACES = (
    ("Kutai Kartanegara", ("Kukar", "KUTAI KARTANEGARA", "Kab. Kutai Kartanegara"), "64.02", 6403),
    ("Kutai Barat", ("Kubar", "kutai  barat"), "64.07", 6402),
    ("Penajam Paser Utara", ("PPU", "Kab Penajam Paser Utara"), "64.09", 6409),
    ("Samarinda", ("Kota Samarinda", "SAMARINDA"), "64.72", 6472),
    ("Mahakam Ulu", ("Mahulu",), "64.11", 6411),
)
# What may be wrong with a row, and how often.
WRONG = ("damaged", "regency", "codes", "day", "hidden")
EVERY_WRONG, EVERY_DOUBLE, EVERY_BLANK = 101, 499, 350


@dataclass(frozen=True)
class Messy:
    """The file, the rows as they should have been, and how many rows are refused."""

    file: bytes
    truth: dict
    refused: int
    blank: int


def messy(rows, seed=2013):
    """A workbook that holds so many cooperatives, and more rows than that."""
    draw = random.Random(seed)
    truth = {number: _row(draw, number) for number in range(1, rows + 1)}
    lines, refused, blank = [[f"({index + 1})" for index in range(len(HEADINGS))]], 0, 0
    for number, row in truth.items():
        wrong = _spoilt(draw, row, number)
        refused += wrong is not row
        lines.append(wrong)
        if number % EVERY_DOUBLE == 0:
            # The row before last once more, as when two lists were put together.
            lines.append(list(row))
            refused += 1
        if number % EVERY_BLANK == 0:
            lines.append([])
            blank += 1
    return Messy(_workbook(lines), truth, refused, blank)


def corrected(rejects, truth):
    """The file of refused rows as a clerk sends it back: mended, without doubles and without the column numbers."""
    head, *rows = CalamineWorkbook.from_filelike(io.BytesIO(rejects)).get_sheet_by_index(0).to_python()
    mended, seen = [], set()
    for row in rows:
        number = row[NO]
        if isinstance(number, float) and int(number) not in seen and "sama" not in row[-1]:
            seen.add(int(number))
            mended.append(truth[int(number)])
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(0, 0, head)
        for at, row in enumerate(mended, start=1):
            _write(sheet, at, row, day)
    return target.getvalue(), len(mended)


def _row(draw, number):
    _name, spellings, kemendagri, bps = PLACES[number % len(PLACES)]
    founded = date(1985, 1, 1) + timedelta(days=draw.randrange(12_000))
    return [
        number,
        f"{draw.choice(['KSU', 'Kop.', 'KOPERASI', 'ksp'])} Impor {number}",
        draw.choice(spellings),
        kemendagri,
        bps,
        f"{6_400_000_000_000 + number}" if number % 3 else "-",
        f"{number}/BH/XVIII/{founded.year}",
        founded if number % 2 else f"{founded.day}/{founded.month}/{founded.year}",
        "Primer Kab/Kota",
        draw.choice(["KSU", "Kop. Serba Usaha", "Kopkar", "Koppontren"]),
        f"Kecamatan {draw.randrange(40)}",
        f"Jl. Contoh No. {draw.randrange(200)}",
        f"0541-{draw.randrange(10**6):06}",
        draw.choice(["Aktif", "AKTIF", "Non Aktif", "Tidak aktif"]),
        draw.randrange(20, 90),
        f"{draw.randrange(1, 9)}.{draw.randrange(1000):03}",
        draw.choice(["", "", "perlu dicek"]),
    ]


def _spoilt(draw, row, number):
    """The row itself, or now and then one of which a single cell went wrong."""
    if number % EVERY_WRONG:
        return row
    wrong, kind = list(row), WRONG[number // EVERY_WRONG % len(WRONG)]
    if kind == "damaged":
        wrong[NUMBER] = 7.37e15
    elif kind == "regency":
        wrong[REGENCY] = "Kutai Kartanegaro"
    elif kind == "codes":
        wrong[BPS] = 6403 if row[BPS] != 6403 else 6402
    elif kind == "day":
        wrong[LEGAL_ON] = "31/02/2010"
    else:
        wrong[NAME] = f"KSU \u200bImpor {number}"
    return wrong


def _workbook(lines):
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        sheet = book.add_worksheet("Rekap")
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        width = len(HEADINGS) - 1
        for at, title in enumerate(["DAFTAR KOPERASI SE-KALIMANTAN TIMUR", "KEADAAN PER 31 DESEMBER 2012"]):
            sheet.merge_range(at, 0, at, width, title)
        at = HEAD_ROW - 1
        for column, heading in enumerate(HEADINGS):
            if column in LOWER:
                sheet.write(at + 1, column, LOWER[column])
            elif heading:
                sheet.merge_range(at, column, at + 1, column, heading)
        sheet.merge_range(at, min(LOWER), at, max(LOWER), HEADINGS[min(LOWER)])
        for row, line in enumerate(lines, start=at + 2):
            _write(sheet, row, line, day)
    return _with_a_lying_dimension(target.getvalue())


def _write(sheet, at, row, day):
    for column, cell in enumerate(row):
        if isinstance(cell, date):
            sheet.write_datetime(at, column, cell, day)
        elif isinstance(cell, str):
            sheet.write_string(at, column, cell)
        else:
            sheet.write(at, column, cell)


def _with_a_lying_dimension(file):
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(file)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            content = old.read(item)
            if item.filename.startswith("xl/worksheets/sheet"):
                content, times = re.subn(rb'<dimension ref="[^"]+"/>', b'<dimension ref="A1:C4"/>', content)
                assert times == 1
            new.writestr(item, content)
    return target.getvalue()

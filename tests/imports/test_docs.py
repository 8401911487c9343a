"""docs/imports.md says of each heading that is known from the start what becomes of it, and says the truth."""

from pathlib import Path

from django.utils import translation

from common.text import fold
from imports.headings import LEFT_OUT, spellings
from imports.importer import importer_of

PAGE = Path(__file__).resolve().parents[2] / "docs" / "imports.md"
KINDS = ("koperasi", "laporan-tahunan", "pengurus")
# The detail page of the Ministry's register, and the list of a regency, word by word (shared/domain.md, 2.1 and 2.2).
MINISTRY = """
    Nama; Nomor Badan Hukum Pendirian; Tanggal Badan Hukum Pendirian; Nomor Perubahan Anggaran Dasar;
    Tanggal Perubahan Anggaran Dasar; Tanggal RAT Terakhir; Alamat; Desa/Kelurahan; Kecamatan; Kabupaten; Provinsi;
    Bentuk Koperasi; Jenis Koperasi; Kelompok Koperasi; Sektor Usaha; Nama Ketua; Nama Sekretaris; Nama Bendahara;
    Nama Pengawas; Nama Manajer; Jumlah Anggota Pria; Jumlah Anggota Wanita; Total Anggota; Total Manajer;
    Total Karyawan; Nomor Induk Koperasi; Status NIK; Tanggal Berlaku Sertifikat; Status Grade
"""
REGENCY = """
    ID; NAMA KOPERASI; KECAMATAN; KELURAHAN; BENTUK USAHA; KELOMPOK; SEKTOR USAHA; UNIT USAHA; KLASIFIKASI; KESEHATAN;
    RAT; BERKAS; ALAMAT; KODE POS; NO.TELP 1; NO.TELP 2; FAX; EMAIL; WEBSITE; NAMA/NO. TELP KETUA;
    NAMA/NO. TELP SEKRETARIS; NAMA/NO. TELP BENDAHARA; JUMLAH ANGGOTA PRIA; JUMLAH ANGGOTA WANITA; MANAGER PRIA;
    MANAGER WANITA; KARYAWAN PRIA; KARYAWAN WANITA
"""


def headings(text):
    return [heading.strip() for heading in text.replace("\n", " ").split(";")]


def becomes(heading):
    """What becomes of a column: the field and the kinds of file in which it is filled, or why it is left out."""
    importers = {kind: importer_of(kind) for kind in KINDS}
    names = {kind: spellings(importer)[fold(heading)] for kind, importer in importers.items()}
    fields = {
        kind: next(one for one in importers[kind].fields if one.name == name)
        for kind, name in names.items()
        if name != LEFT_OUT
    }
    if not fields:
        return f"left out: {importers[KINDS[0]].left_out()[fold(heading)]}"
    (label,) = {str(one.label) for one in fields.values()}
    where = "every kind" if len(fields) == len(KINDS) else ", ".join(str(importers[kind].label) for kind in fields)
    return f"**{label}** ({where})"


def table(text):
    lines = ["| Heading | Fills |", "|---|---|"]
    return "\n".join([*lines, *(f"| {heading} | {becomes(heading)} |" for heading in headings(text))])


def test_the_tables_of_headings_say_what_an_import_does():
    page = PAGE.read_text(encoding="utf-8")
    with translation.override("en"):
        assert table(MINISTRY) in page
        assert table(REGENCY) in page

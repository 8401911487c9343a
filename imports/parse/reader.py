"""From a file to its spooled sheets: the content decides what it is, and its ending has to agree."""

from files.examine import Unreadable
from files.examine.archive import Archive
from files.examine.beginning import kind_of
from files.examine.compound import Compound
from imports.parse import MOST_BYTES, MOST_UNPACKED, delimited, ods, xls, xlsx
from imports.parse.spool import Spool

CSV_ENDINGS = ("csv", "txt", "tsv")


def read_into(source, ending, folder):
    """Spool every sheet of the file into the folder; returns the summary. Raises Unreadable."""
    size = source.stat().st_size
    if size == 0:
        raise Unreadable("empty")
    if size > MOST_BYTES:
        raise Unreadable("bytes")
    if ending in {"xlsm", "xltm", "xlam"}:
        raise Unreadable("macros")
    with source.open("rb") as file:
        beginning = file.read(4096)
    spool = Spool(folder)
    kind = kind_of(beginning)
    if kind == "zip":
        with Archive(source, most_unpacked=MOST_UNPACKED) as archive:
            kind = _archive(archive, source, ending, spool)
    elif kind == "ole":
        kind = _compound(source, ending, spool)
    elif kind:
        raise Unreadable("page", kind=kind)
    elif ending in CSV_ENDINGS:
        kind = "csv"
        delimited.read(source, spool)
    else:
        raise Unreadable("unknown")
    if not any(sheet["rows"] for sheet in spool.sheets):
        raise Unreadable("no_data")
    return spool.summary(kind)


def _archive(archive, source, ending, spool):
    if archive.has("xl/workbook.xml"):
        _agree("xlsx", ending)
        xlsx.read(archive, source, spool)
        return "xlsx"
    if archive.begins("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"):
        _agree("ods", ending)
        ods.read(archive, spool)
        return "ods"
    raise Unreadable("unknown")


def _compound(source, ending, spool):
    compound = Compound(source.read_bytes())
    if "EncryptedPackage" in compound.names:
        raise Unreadable("password")
    if not compound.names & {"Workbook", "Book"}:
        raise Unreadable("unknown")
    _agree("xls", ending)
    xls.read(compound, source, spool)
    return "xls"


def _agree(kind, ending):
    if ending != kind:
        raise Unreadable("ending", kind=kind)

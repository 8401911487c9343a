"""From a file to its spooled sheets: the content decides what it is, and its ending has to agree."""

from imports.parse import MOST_BYTES, Unreadable, delimited, ods, xls, xlsx
from imports.parse.archive import Archive
from imports.parse.compound import Compound
from imports.parse.spool import Spool

CSV_ENDINGS = ("csv", "txt", "tsv")
# What a text begins with that is no table, and the name it goes by.
PAGES = {
    "html": ("<!doctype html", "<html", "<head", "<meta", "<body", "<table", "<script", "<style", "<div", "<!--"),
    "svg": ("<svg", "<!doctype svg"),
    "xml": ("<?xml", "<!doctype", "<!entity"),
}


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
    kind = _kind(beginning)
    if kind == "zip":
        with Archive(source) as archive:
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


def _kind(beginning):
    if beginning.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "zip"
    if beginning.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "ole"
    if b"%PDF-" in beginning[:1024]:
        return "pdf"
    # Without NULs, so that a page in UTF-16 is known as well.
    text = beginning.replace(b"\0", b"").decode("latin-1").lstrip("\u00ef\u00bb\u00bf\u00ff\u00fe \t\r\n").lower()
    for kind, beginnings in PAGES.items():
        if text.startswith(beginnings):
            # What an XML declaration or a comment introduces is told by what follows.
            return next((other for other in ("svg", "html") if f"<{other}" in text), kind)
    return ""

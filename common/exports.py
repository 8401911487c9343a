"""Tables as files: CSV, XLSX and JSON, streamed in short reads so that memory stays flat and no writer waits.

A stream promises its number of rows in the header `X-Row-Count`. Where it fails half way, or its data
changed while it ran, its last line says so; a file without that line is whole.
"""

import csv
import io
import json
import logging
import re
from datetime import date

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext

from common.columns import Kind, Reader, TypedCells, chunk_of
from common.dates import today
from common.models import DataVersion
from common.xlsx import Workbook

logger = logging.getLogger(__name__)

# The first rows leave at once; later reads are long enough to cost little each and short enough to hold up nobody.
FIRST_ROWS = 100
CHUNK_ROWS = 2000
WIDTHS = {Kind.DATE: 12, Kind.FLAG: 8, Kind.COUNT: 14, Kind.MOMENT: 21}

# What a spreadsheet takes for a formula at the start of a cell, full-width forms included.
_FORMULA = re.compile(r"['\s]*[=+\-@\t\r\n＝＋－＠]")
_SUSPECT = frozenset("=+-@\t\r\n＝＋－＠' \u00a0")


def inert(text):
    """A text that no spreadsheet runs: one apostrophe goes before what looks like a formula, or like one so guarded.

    Taking that apostrophe off again gives back the very same text.
    """
    return f"'{text}" if _FORMULA.match(text) else text


def _all_inert(values):
    suspect = _SUSPECT
    return [inert(value) if value and value[0] in suspect else value for value in values]


def heading(column):
    return capfirst(str(column.label))


class CsvCells:
    """Cells as CSV knows them: a flag is a word, text is inert; the writer makes null empty."""

    text = staticmethod(_all_inert)
    date = staticmethod(list)

    def __init__(self):
        yes, no = gettext("Yes"), gettext("No")
        self.yes_no = {"1": yes, "true": yes, "0": no, "false": no}


class XlsxCells(CsvCells):
    """Cells as XLSX knows them: text is text by its type, a date is a day number."""

    text = staticmethod(TypedCells.text)
    date = staticmethod(lambda values: [_day_number(value) for value in values])


def _day_number(value):
    # Spreadsheets count from 1899-12-30 and cannot hold a day before 1900-03-01: that one stays text.
    if value is None or value < "1900-03-01":
        return value
    return date.fromisoformat(value).toordinal() - 693594


class File:
    """What every form of a file has: cells of its own, a head, bodies and a tail."""

    cells = TypedCells

    def __init__(self, columns, options):
        self.columns = columns
        self.options = options

    def discard(self):
        """Take away what was kept outside the stream; whether it ended or was given up."""


class CsvFile(File):
    """RFC 4180. With `;` and a byte order mark where asked for, as an Indonesian Excel opens it by a double click."""

    suffix, content_type = "csv", "text/csv; charset=utf-8"

    def __init__(self, columns, options):
        super().__init__(columns, options)
        self.cells = CsvCells()
        excel = options.get("pemisah") == "titik-koma"
        self._mark = "\ufeff" if excel else ""
        self._delimiter = ";" if excel else ","

    def _lines(self, rows):
        text = io.StringIO()
        csv.writer(text, delimiter=self._delimiter, lineterminator="\r\n").writerows(rows)
        return text.getvalue().encode()

    def head(self):
        return self._mark.encode() + self._lines([[heading(column) for column in self.columns]])

    def body(self, cells):
        return self._lines(zip(*cells, strict=True))

    def tail(self, note, _rows):
        if note:
            yield self._lines([[f"# {note}"]])


class JsonFile(File):
    """One object: columns, rows as lists in their order, and whether the rows are complete."""

    suffix, content_type = "json", "application/json"

    _is_first = True

    def head(self):
        columns = [
            {"name": column.name, "label": heading(column), "type": column.kind.value} for column in self.columns
        ]
        return f'{{"columns": {_json(columns)}, "rows": [\n'.encode()

    def body(self, cells):
        # A chunk a line: common tools choke on a single line of 200 MB.
        lines = _json(list(zip(*cells, strict=True)))[1:-1]
        glue, self._is_first = ("" if self._is_first else ",\n"), False
        return (glue + lines).encode()

    def tail(self, note, rows):
        end = {"count": rows, "complete": not note, **({"note": note} if note else {})}
        yield f"\n], {_json(end)[1:-1]}}}\n".encode()


def _json(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class XlsxFile(File):
    """Gathered in a temporary file, then streamed: a zip ends with its own table of contents."""

    suffix = "xlsx"
    content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    _book = None

    def __init__(self, columns, options):
        super().__init__(columns, options)
        self.cells = XlsxCells()

    def head(self):
        self._book = Workbook(
            gettext("Data"),
            [heading(column) for column in self.columns],
            [WIDTHS.get(column.kind, 24) for column in self.columns],
            days=[index for index, column in enumerate(self.columns) if column.kind is Kind.DATE],
        )
        return b""

    def body(self, cells):
        self._book.write(cells)
        return b""

    def tail(self, note, _rows):
        if note:
            self._book.write_note(f"# {note}")
        yield from self._book.pieces()

    def discard(self):
        if self._book:
            self._book.close()


FORMATS = {made.suffix: made for made in (CsvFile, XlsxFile, JsonFile)}


def refused(form):
    """The answer to a file of conditions that were not understood: it would be a file of something else."""
    lines = [f"{form[name].label}: {error}" for name, errors in form.errors.items() for error in errors]
    return HttpResponse("\n".join(lines), status=400, content_type="text/plain; charset=utf-8")


def stream(request, *, name, columns, queryset, keys, expected=None, related=None, form=None):
    """The rows of a queryset as the file that `?format=` asks for; 404 for a form that there is not.

    `keys` are the data versions that the rows depend on; `expected` their number, counted here where it
    is not given; `related` see Reader.
    """
    made = _format(request, form)(columns, request.GET)
    reader = Reader(columns, cells=made.cells, base=request.build_absolute_uri("/")[:-1], related=related)
    # The version is read before the count: a change between the two shows at the end.
    before = _version(keys)
    if expected is None:
        expected = queryset.count()
    chunks = reader.chunks(queryset, first=FIRST_ROWS, size=CHUNK_ROWS)
    return _response(request, name, made, chunks, expected, keys, before)


def stream_rows(request, *, name, columns, rows, keys, form=None):
    """Rows that were computed, as the file that `?format=` asks for: plain values in the order of the columns."""
    made = _format(request, form)(columns, request.GET)
    rows = list(rows)
    chunks = [chunk_of(rows, columns, made.cells)] if rows else []
    return _response(request, name, made, chunks, len(rows), keys, _version(keys))


def _format(request, form):
    try:
        return FORMATS[form or request.GET.get("format", "")]
    except KeyError:
        raise Http404 from None


def _version(keys):
    return DataVersion.read(*keys, "demo")


def _response(request, name, made, chunks, expected, keys, before):
    # Sentences are made now, in the language of the request, not when the stream ends.
    incomplete = gettext("INCOMPLETE: the download broke off half way. Fetch it again.")
    overtaken = gettext("DATA CHANGED DURING THE DOWNLOAD: the rows may not fit together. Fetch it again.")

    def pieces():
        rows, note = 0, ""
        try:
            yield made.head()
            try:
                for cells in chunks:
                    yield made.body(cells)
                    rows += len(cells[0])
                if rows != expected or _version(keys) != before:
                    note = overtaken
            except Exception:
                # The status line has long been sent: only the file itself can still say that it is not whole.
                logger.exception("An export broke off after %s of %s rows: %s", rows, expected, request.get_full_path())
                note = incomplete
            yield from made.tail(note, rows)
        finally:
            made.discard()

    response = StreamingHttpResponse(() if request.method == "HEAD" else pieces(), content_type=made.content_type)
    response["Content-Disposition"] = f'attachment; filename="{name}-{today():%Y-%m-%d}.{made.suffix}"'
    response["X-Row-Count"] = str(expected)
    response["Cache-Control"] = "public, no-cache"
    if made.suffix == "xlsx":
        # Compressed by itself already; GZipMiddleware would only work for nothing.
        response["Content-Encoding"] = "identity"
    # A proxy that gathers the whole file first would make everybody wait for its end.
    response["X-Accel-Buffering"] = "no"
    return response

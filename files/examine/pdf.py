"""PDF: read whole and strictly, and refused where it could do anything but be read.

The bytes stay as they came, because a rewritten document has lost its signature. So every object of the file is
looked at, those of earlier revisions and those that nothing leads to as well: a program that mends the file its own
way may find them.
"""

import io
import logging
import re
import zipfile

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import DictionaryObject, IndirectObject, StreamObject, read_object

from files.examine import Unreadable

BEGIN, END = b"%PDF-", b"%%EOF"
WHITE = b"\0\t\n\f\r "
# Keys that make a dictionary active, and the rule that each of them breaks.
KEYS = {
    "/JS": "script",
    "/JavaScript": "script",
    "/XFA": "xfa",
    "/EmbeddedFiles": "embedded",
    "/EF": "embedded",
    "/RichMediaContent": "embedded",
}
# What a dictionary says it is. GoToR opens another file, which may lie on another machine.
KINDS = {
    "/JavaScript": "script",
    "/Launch": "action",
    "/SubmitForm": "action",
    "/ImportData": "action",
    "/GoToR": "action",
    "/GoToE": "action",
    "/Rendition": "action",
    "/RichMediaExecute": "action",
    "/EmbeddedFile": "embedded",
    "/FileAttachment": "embedded",
    "/RichMedia": "embedded",
}
_OBJECT = re.compile(rb"(?<![0-9])[0-9]{1,10}[\0\s]+[0-9]{1,5}[\0\s]+obj(?![A-Za-z])")


def check(source):
    # Each oddity of a hostile file would be a line of the log.
    logging.disable(logging.CRITICAL)
    data = source.read_bytes()
    if not data.startswith(BEGIN):
        raise Unreadable("prefix")
    last = data.rfind(END)
    if last < 0:
        raise Unreadable("damaged")
    if data[last + len(END) :].strip(WHITE) or zipfile.is_zipfile(source):
        # A ZIP archive is read from its end, so a file can be both.
        raise Unreadable("trailing")
    try:
        reader = PdfReader(io.BytesIO(data), strict=True)
        if reader.is_encrypted:
            raise Unreadable("password")
        for one in _objects(reader, data):
            _refuse_active(one)
        _read_pages(reader)
    except NotImplementedError as error:
        # A way of encryption that nobody knows.
        raise Unreadable("password" if b"/Encrypt" in data else "damaged") from error
    except (PyPdfError, RecursionError) as error:
        raise Unreadable("damaged") from error


def _read_pages(reader):
    if not reader.pages:
        raise Unreadable("damaged")
    for page in reader.pages:
        contents = page.get_contents()
        if contents is not None:
            contents.get_data()


def _objects(reader, data):
    """Every object: those that the file lists, and whatever else has the shape of one."""
    yield reader.trailer
    listed = set()
    for generation, places in list(reader.xref.items()):
        for number, place in list(places.items()):
            listed.add(place)
            yield from _with_packed(reader.get_object(IndirectObject(number, generation, reader)), reader)
    for found in _OBJECT.finditer(data):
        if found.start() not in listed:
            yield from _with_packed(_object_at(reader.stream, found.end(), reader), reader)


def _with_packed(one, reader):
    """An object, and those that are packed into it."""
    yield one
    if isinstance(one, StreamObject) and _text(one, "/Type") == "/ObjStm":
        packed = one.get_data()
        first, count = one["/First"], one["/N"]
        if not (isinstance(first, int) and isinstance(count, int)):
            raise Unreadable("damaged")
        places = packed[:first].split()[1 : 2 * count : 2]
        stream = io.BytesIO(packed)
        for place in places:
            yield _object_at(stream, first + int(place), reader)


def _object_at(stream, place, reader):
    stream.seek(place)
    while (letter := stream.read(1)) and letter in WHITE:
        pass
    stream.seek(-1 if letter else 0, io.SEEK_CUR)
    return read_object(stream, reader)


def _refuse_active(one):
    """Look at an object and at all that stands in it; what it refers to is looked at in its own turn."""
    waiting = [one]
    while waiting:
        value = waiting.pop()
        if isinstance(value, DictionaryObject):
            for key in value:
                if key in KEYS:
                    raise Unreadable(KEYS[key])
            for key in ("/S", "/Type", "/Subtype"):
                rule = KINDS.get(_text(value, key))
                if rule:
                    raise Unreadable(rule)
            if _text(value, "/URI").strip().lower().startswith("javascript:"):
                raise Unreadable("script")
            waiting.extend(value.raw_get(key) for key in value)
        elif isinstance(value, list):
            waiting.extend(value)


def _text(dictionary, key):
    """What stands there as text, also where it is only referred to."""
    # dict's own get() would give the reference itself.
    value = dictionary[key] if key in dictionary else None  # noqa: SIM401
    if isinstance(value, bytes):
        return value.decode("latin-1")
    return str(value) if isinstance(value, str) else ""

"""Good files of each kind, and hostile ones, made byte by byte."""

import hashlib
import io
import re
import secrets
import struct
import zlib
from zipfile import ZIP_DEFLATED, ZipFile

import xlsxwriter
from PIL import Image
from pypdf import PdfReader, PdfWriter

from files.models import GuardedFile, folder

# What must not be left of a picture.
CANARY = b"KENARI-3275070060001"
HTML = b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


# PDF --------------------------------------------------------------------------------------------------


def pdf(*more, catalog=b"", page=b"", trailer=b""):
    """One page; `more` are the bodies of further objects, from number 5 on."""
    objects = [
        b"<</Type/Catalog/Pages 2 0 R " + catalog + b">>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R " + page + b">>",
        stream(b"0 0 m 10 10 l S"),
        *more,
    ]
    data, places = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    return data + _table(places, start=1, at=len(data), root=True, trailer=trailer)


def stream(content, entries=b""):
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (entries, len(content), content)


def revised(data, number, body):
    """A later revision of the file in which one object is another."""
    before = int(re.findall(rb"startxref\s+(\d+)", data)[-1])
    place = len(data)
    data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    return data + _table([place], start=number, at=len(data), trailer=b"/Prev %d" % before)


def _table(places, *, start, at, root=False, trailer=b""):
    entries = b"".join(b"%010d 00000 n \n" % place for place in places)
    first = b"0 1\n0000000000 65535 f \n" if not root else b""
    begin = b"0 %d\n0000000000 65535 f \n" % (len(places) + 1) if root else first + b"%d %d\n" % (start, len(places))
    size = max(start + len(places), 5)
    return b"xref\n%s%strailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (
        begin,
        entries,
        size,
        trailer,
        at,
    )


def packed_pdf(body, *, hidden=False):
    """A PDF with a cross-reference stream; object 5 is packed into an object stream, where no search for text finds it.

    `hidden`: the cross-references do not list it, though it is there.
    """
    head = b"5 0 "
    packed = zlib.compress(head + body)
    objects = {
        1: b"<</Type/Catalog/Pages 2 0 R" + (b"" if hidden else b"/OpenAction 5 0 R") + b">>",
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R>>",
        4: stream(b"0 0 m 10 10 l S"),
        6: stream(packed, b"/Type/ObjStm/N 1/First %d/Filter/FlateDecode" % len(head)),
    }
    data, rows = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", {0: (0, 0, 65535), 5: (0, 0, 0) if hidden else (2, 6, 0)}
    for number, content in objects.items():
        rows[number] = (1, len(data), 0)
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    rows[7] = (1, len(data), 0)
    table = b"".join(struct.pack(">BIH", *rows[number]) for number in sorted(rows))
    entries = b"/Type/XRef/Size 8/W[1 4 2]/Root 1 0 R"
    return data + b"7 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n" % (stream(table, entries), rows[7][1])


def encrypted_pdf(password):
    writer = PdfWriter()
    writer.append(PdfReader(io.BytesIO(pdf())))
    writer.encrypt(password, "owner", algorithm="AES-256")
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


# Pictures ---------------------------------------------------------------------------------------------


def picture(kind="JPEG", size=(40, 20), mode="RGB", **options):
    """Red on the left, blue on the right, so that it shows which way up it is."""
    image = Image.new("RGB", size, (0, 0, 255))
    image.paste((255, 0, 0), (0, 0, size[0] // 2, size[1]))
    target = io.BytesIO()
    image.convert(mode).save(target, kind, **options)
    return target.getvalue()


def revealing_jpg():
    """With a place of capture, a comment, a profile, and something behind its end; lying on its side."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = CANARY.decode()
    exif.get_ifd(0x8825).update({1: "S", 2: (0.0, 30.0, 7.5), 3: "E", 4: (117.0, 9.0, 13.0), 29: CANARY.decode()})
    # The reader of this very picture shall find the place, or its absence afterwards would say nothing.
    data = picture(exif=exif, comment=CANARY, icc_profile=b"\0" * 36 + b"acsp" + b"\0" * 88 + CANARY)
    return data + CANARY + HTML


def png_chunk(name, content):
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png_header(width, height):
    """What says that it is that large, and next to nothing behind it."""
    header = png_chunk(b"IHDR", struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + png_chunk(b"IDAT", zlib.compress(bytes(100))) + png_chunk(b"IEND", b"")


def revealing_png():
    data = picture("PNG")
    cut = data.index(b"IDAT") - 4
    return data[:cut] + png_chunk(b"tEXt", b"Comment\0" + CANARY) + data[cut:] + HTML + CANARY


# Workbooks --------------------------------------------------------------------------------------------


def workbook(fill=None):
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        sheet = book.add_worksheet("Data")
        sheet.write_row(0, 0, ["Nama", "Anggota"])
        sheet.write_row(1, 0, ["KSP Maju", 25])
        if fill:
            fill(book, sheet)
    return target.getvalue()


def repacked(data, *, change=None, more=None, comment=b""):
    """The workbook with parts changed, `{name: function of its bytes}`, or added, `{name: bytes}`."""
    target = io.BytesIO()
    with ZipFile(io.BytesIO(data)) as old, ZipFile(target, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, (change or {}).get(name, lambda same: same)(content))
        for name, content in (more or {}).items():
            new.writestr(name, content)
        new.comment = comment
    return target.getvalue()


def bomb(megabytes):
    """A workbook in which a picture of so many megabytes is packed into a few hundred kilobytes."""
    target = io.BytesIO(workbook())
    with ZipFile(target, "a", ZIP_DEFLATED) as book, book.open("xl/media/a.png", "w") as part:
        for _ in range(megabytes):
            part.write(bytes(2**20))
    return target.getvalue()


def lying_about_size(data, says=5):
    """The directory says of the last part that it is small."""
    place = data.rfind(b"PK\x01\x02")
    return data[: place + 24] + struct.pack("<I", says) + data[place + 28 :]


def marked_as_encrypted(data):
    place = data.find(b"PK\x01\x02")
    return data[: place + 8] + struct.pack("<H", 1) + data[place + 10 :]


def docx():
    target = io.BytesIO()
    types = b'<Types><Override PartName="/word/document.xml" ContentType="wordprocessingml.document.main+xml"/></Types>'
    with ZipFile(target, "w") as book:
        book.writestr("[Content_Types].xml", types)
        book.writestr("word/document.xml", "<document/>")
    return target.getvalue()


def kept(by, name="berita acara.pdf"):
    """A guarded file as if it had come in, without the reader."""
    content = pdf()
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    path = secrets.token_hex(16)
    (folder() / path).write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    return GuardedFile.objects.create(name=name, kind="pdf", size=len(content), sha256=sha256, path=path, by=by)

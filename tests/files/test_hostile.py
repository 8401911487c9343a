"""Hostile files: of none of them is anything kept, each has its own reason, and none takes long or much memory."""

import time

import pytest
from django.core.files.base import ContentFile
from django.utils import translation
from PIL import Image

from files import receiving
from files.models import GuardedFile
from files.receiving import SENTENCES, receive
from tests.files import made_files as made
from tests.files.conftest import left
from tests.imports.made_files import compound

pytestmark = [pytest.mark.django_db, pytest.mark.same_on_both]
JS = b"<</S/JavaScript/JS(app.alert\\(1\\))>>"
SHEET = "xl/worksheets/sheet1.xml"
TYPES = "[Content_Types].xml"


def _entity():
    declared = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><worksheet'
    return made.repacked(made.workbook(), change={SHEET: lambda part: part.replace(b"<worksheet", declared)})


def _dde():
    return made.repacked(
        made.workbook(), more={"xl/externalLinks/externalLink1.xml": b"<x><ddeLink ddeService='cmd'/></x>"}
    )


def _macro_enabled():
    types = {TYPES: lambda part: part.replace(b"sheet.main+xml", b"sheet.macroEnabled.main+xml")}
    return made.repacked(made.workbook(), change=types)


def _polyglot():
    """A PDF whose tail is the comment of an archive that begins in the middle of it."""
    archive = made.repacked(made.workbook())
    body = made.pdf(made.stream(archive[:-22]))
    tail = body[body.rindex(b"startxref") :]
    ending = archive[-22:-2] + len(tail).to_bytes(2, "little")
    return body[: -len(tail)] + ending + tail


def _far_cell():
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    return made.repacked(made.workbook(), change={SHEET: lambda part: part.replace(b"</sheetData>", far)})


def _action(action):
    return made.pdf(catalog=b"/OpenAction<<" + action + b">>")


HOSTILE = {
    # A page or a drawing under another name.
    "html as pdf": ("a.pdf", made.HTML, "page"),
    "html as jpg": ("a.jpg", made.HTML, "page"),
    "html as png": ("a.png", made.HTML, "page"),
    "html as xlsx": ("a.xlsx", made.HTML, "page"),
    "svg as pdf": ("a.pdf", made.SVG, "page"),
    "svg as jpg": ("a.jpg", made.SVG, "page"),
    "svg as png": ("a.png", made.SVG, "page"),
    "svg as xlsx": ("a.xlsx", made.SVG, "page"),
    "html itself": ("a.html", made.HTML, "name"),
    "svg itself": ("a.svg", made.SVG, "name"),
    "gif as png": ("a.png", made.picture("GIF"), "unknown"),
    "gif as jpg": ("a.jpg", made.picture("GIF"), "unknown"),
    "jpg as png": ("a.png", made.picture("JPEG"), "ending"),
    "pdf as jpg": ("a.jpg", made.pdf(), "ending"),
    "png as pdf": ("a.pdf", made.picture("PNG"), "ending"),
    "docx as xlsx": ("a.xlsx", made.docx(), "unknown"),
    "xlsx as pdf": ("a.pdf", made.workbook(), "unknown"),
    "program": ("a.pdf", b"MZ\x90\0" + bytes(2000), "unknown"),
    # PDF.
    "javascript": ("a.pdf", made.pdf(catalog=b"/OpenAction" + JS), "script"),
    "javascript referred to": ("a.pdf", made.pdf(JS, catalog=b"/OpenAction 5 0 R"), "script"),
    "javascript that nothing leads to": ("a.pdf", made.pdf(JS), "script"),
    "javascript spelt otherwise": ("a.pdf", made.pdf(b"<</S/J#61vaScript/J#53(1)>>"), "script"),
    "kind of action referred to": ("a.pdf", made.pdf(b"<</S 6 0 R/F(x)>>", b"/Launch"), "action"),
    "javascript packed": ("a.pdf", made.packed_pdf(JS), "script"),
    "javascript packed and not listed": ("a.pdf", made.packed_pdf(JS, hidden=True), "script"),
    "javascript of an earlier revision": ("a.pdf", made.revised(made.pdf(JS), 5, b"<</S/GoTo>>"), "script"),
    "javascript in names": ("a.pdf", made.pdf(catalog=b"/Names<</JavaScript<</Names[(a) 9 0 R]>>>>"), "script"),
    "javascript in an address": ("a.pdf", _action(b"/S/URI/URI( JavaScript:alert\\(1\\))"), "script"),
    "javascript of a page": ("a.pdf", made.pdf(page=b"/AA<</O" + JS + b">>"), "script"),
    "launch": ("a.pdf", _action(b"/S/Launch/F(cmd.exe)"), "action"),
    "submit": ("a.pdf", _action(b"/S/SubmitForm/F(http://x/)"), "action"),
    "import data": ("a.pdf", _action(b"/S/ImportData/F(x.fdf)"), "action"),
    "other file": ("a.pdf", _action(b"/S/GoToR/F(\\\\\\\\server\\\\share)"), "action"),
    "next action": ("a.pdf", _action(b"/S/GoTo/D[3 0 R/Fit]/Next[<</S/Launch>>]"), "action"),
    "embedded file": ("a.pdf", made.pdf(catalog=b"/Names<</EmbeddedFiles<</Names[]>>>>"), "embedded"),
    "embedded file in a note": ("a.pdf", made.pdf(page=b"/Annots[<</Subtype/FileAttachment>>]"), "embedded"),
    "embedded stream": ("a.pdf", made.pdf(made.stream(b"MZ", b"/Type/EmbeddedFile")), "embedded"),
    "xfa": ("a.pdf", made.pdf(catalog=b"/AcroForm<</XFA[]>>"), "xfa"),
    "pdf with a password": ("a.pdf", made.encrypted_pdf("rahasia"), "password"),
    "pdf with rights": ("a.pdf", made.encrypted_pdf(""), "password"),
    "pdf with a strange lock": ("a.pdf", made.pdf(trailer=b"/Encrypt<</Filter/Foo/V 9>>/ID[(a)(a)]"), "password"),
    "pdf cut": ("a.pdf", made.pdf()[:-60], "damaged"),
    "pdf cut in the middle": ("a.pdf", made.pdf()[:200], "damaged"),
    "pdf without a page": ("a.pdf", made.pdf().replace(b"/Kids[3 0 R]/Count 1", b"/Kids[     ]/Count 0"), "damaged"),
    "pdf in circles": ("a.pdf", made.pdf().replace(b"/Kids[3 0 R]", b"/Kids[2 0 R]"), "damaged"),
    "pdf of brackets": ("a.pdf", made.pdf(b"[" * 100_000), "damaged"),
    "pdf after a page": ("a.pdf", made.HTML + made.pdf(), "prefix"),
    "pdf before a page": ("a.pdf", made.pdf() + made.HTML, "trailing"),
    "pdf before a page that ends alike": ("a.pdf", made.pdf() + made.HTML + b"%%EOF", "damaged"),
    "pdf before an archive": ("a.pdf", made.pdf() + made.workbook(), "trailing"),
    "pdf inside an archive": ("a.pdf", _polyglot(), "trailing"),
    # Pictures.
    "png of 2,500 megapixels": ("a.png", made.png_header(50_000, 50_000), "pixels"),
    "png of 40 megapixels": ("a.png", made.png_header(8_000, 5_000), "pixels"),
    "png cut": ("a.png", made.picture("PNG")[:-30], "damaged"),
    "png of nothing": ("a.png", made.png_header(100, 100), "damaged"),
    "jpg cut": ("a.jpg", made.picture(size=(400, 400))[:-200], "damaged"),
    "jpg of its mark alone": ("a.jpg", b"\xff\xd8\xff\xe0" + bytes(100), "damaged"),
    # Workbooks.
    "bomb": ("a.xlsx", made.bomb(300), "unpacked"),
    "bomb of one cell": ("a.xlsx", _far_cell(), "memory"),
    "macros": ("a.xlsx", made.repacked(made.workbook(), more={"xl/vbaProject.bin": b"x"}), "macros"),
    "macros by type": ("a.xlsx", _macro_enabled(), "macros"),
    "external entity": ("a.xlsx", _entity(), "declaration"),
    "workbook with a password": ("a.xlsx", compound({"EncryptedPackage": b"x" * 4096}), "password"),
    "part with a password": ("a.xlsx", made.marked_as_encrypted(made.workbook()), "password"),
    "lying size": ("a.xlsx", made.lying_about_size(made.workbook()), "damaged"),
    "embedded document": ("a.xlsx", made.repacked(made.workbook(), more={"xl/embeddings/o.bin": b"x"}), "embedded"),
    "dde": ("a.xlsx", _dde(), "action"),
    "workbook cut": ("a.xlsx", made.workbook()[:-40], "damaged"),
    "workbook before a page": ("a.xlsx", made.workbook() + made.HTML, "trailing"),
    "workbook with a page in its comment": ("a.xlsx", made.repacked(made.workbook(), comment=made.HTML), "trailing"),
    # Whatever it is.
    "empty": ("a.pdf", b"", "empty"),
    "too large": ("a.pdf", made.pdf() + bytes(10 * 2**20), "bytes"),
    "no name": ("", made.pdf(), "name"),
    "no ending": ("../../etc/passwd", made.pdf(), "name"),
    "ending behind a NUL": ("a.pdf\0.exe", made.pdf(), "name"),
    "ending turned around": ("laporan\u202efdp.exe", made.pdf(), "name"),
}


@pytest.mark.parametrize(("name", "data", "rule"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_refused_and_nothing_of_it_is_left(refusal, name, data, rule):
    began = time.monotonic()
    refused = refusal(name, data)
    assert refused.code == rule, str(refused)
    assert time.monotonic() - began < receiving.WALL_SECONDS
    with translation.override("en"):
        sentence = str(refused)
    assert "%(" not in sentence and (
        name.rpartition("/")[2].isprintable() is False or name.rpartition("/")[2] in sentence
    )


def test_each_rule_has_its_own_sentence_and_its_own_file():
    """`time` and the reader's own failures are below."""
    assert set(SENTENCES) == {rule for _name, _data, rule in HOSTILE.values()} | {"time"}
    assert len({str(sentence) for sentence in SENTENCES.values()}) == len(SENTENCES)


def test_a_kind_that_is_not_asked_for_is_refused(refusal, take):
    refused = refusal("data.xlsx", made.workbook(), allowed=("pdf", "jpg"))
    assert (
        refused.code == "name" and ".pdf, .jpg" in str(refused) and ".xlsx" not in str(refused).replace("data.xlsx", "")
    )
    assert take("data.pdf", made.pdf(), allowed=("pdf", "jpg"))


def test_an_upload_that_hides_its_size_is_stopped_all_the_same(clerk, media):
    class Endless(ContentFile):
        def chunks(self, chunk_size=None):
            for _ in range(1000):
                yield b"%PDF-" + bytes(2**20)

    file = Endless(b"%PDF-", "a.pdf")
    with pytest.raises(receiving.FileRefused) as caught:
        receive(file, by=clerk)
    assert caught.value.code == "bytes" and left(media) == [] and not GuardedFile.objects.exists()


# The reader's limits ----------------------------------------------------------------------------------


def _reader(monkeypatch, code):
    """Start the reader with something changed beforehand."""
    start = "import sys; from files.examine import __main__ as start; {}; start.main(*sys.argv[1:])"
    monkeypatch.setattr(receiving, "READER", ("-c", start.format(code)))


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("start.MEMORY_BYTES = 150 * 2**20; start.examine = lambda *_: bytes(2**28)", "memory"),
        ("start.CPU_SECONDS = 1; start.examine = lambda *_: [None for _ in iter(int, 1)]", "time"),
        ("start.MOST_WRITTEN = 10", "unpacked"),
        ("start.examine = lambda *_: 1 / 0", "damaged"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "damaged"),
    ],
    ids=["memory", "processor time", "size of a file", "failure", "crash"],
)
def test_a_reader_that_meets_its_limits_is_ended_and_leaves_nothing(refusal, monkeypatch, code, rule):
    _reader(monkeypatch, code)
    assert refusal("a.png", made.picture("PNG")).code == rule


def test_a_reader_that_only_waits_is_ended(refusal, monkeypatch):
    monkeypatch.setattr(receiving, "WALL_SECONDS", 0.5)
    _reader(monkeypatch, "import time; time.sleep(60)")
    assert refusal("a.png", made.picture("PNG")).code == "time"


def test_the_reader_sees_nothing_of_the_portal(take, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "rahasia")
    _reader(
        monkeypatch,
        "import os; assert 'SECRET_KEY' not in os.environ; assert not any(n.startswith('django') for n in sys.modules)",
    )
    assert take("a.png", made.picture("PNG"))


@pytest.mark.parametrize("name", ["JPEG", "PNG"])
def test_the_largest_picture_that_is_taken_fits_into_the_memory(take, name):
    """25 million pixels with all that a picture can have: colours, what is seen through, lying on its side."""
    exif = Image.Exif()
    exif[0x0112] = 6
    data = made.picture(name, (5000, 5000), "RGBA" if name == "PNG" else "RGB", exif=exif)
    assert take(f"a.{'jpg' if name == 'JPEG' else 'png'}", data).size

"""Good files in: kept under a name of chance, a picture without what stood beside it, and together with their row."""

import hashlib
import io
import re
import stat
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone
from PIL import Image

from files.models import GuardedFile
from files.receiving import receive
from tests.files import made_files as made
from tests.files.conftest import left

pytestmark = pytest.mark.django_db


# What is kept -----------------------------------------------------------------------------------------


def _signed():
    """A later revision changes the page: that is how a signature is added."""
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R/Rotate 90>>"
    return made.revised(made.pdf(), 3, page)


def _linked():
    return made.pdf(page=b"/Annots[<</Subtype/Link/Rect[0 0 1 1]/A<</S/URI/URI(https://example.go.id/Launch)>>>>]")


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("Berita Acara.PDF", made.pdf(), "pdf"),
        ("tertaut.pdf", _linked(), "pdf"),
        ("bertanda tangan.pdf", _signed(), "pdf"),
        ("dimampatkan.pdf", made.packed_pdf(b"<</S/GoTo/D[3 0 R/Fit]>>"), "pdf"),
        ("akhir.pdf", made.pdf() + b"\r\n \0", "pdf"),
        ("data.xlsx", made.workbook(), "xlsx"),
    ],
)
def test_a_document_is_kept_byte_for_byte(take, clerk, name, data, kind):
    kept = take(name, data)
    kept.refresh_from_db()
    assert (kept.name, kept.kind, kept.size, kept.by) == (name, kind, len(data), clerk)
    assert kept.sha256 == hashlib.sha256(data).hexdigest()
    with kept.open() as file:
        assert file.read() == data


@pytest.mark.parametrize(
    ("name", "format", "options"),
    [
        ("foto.jpg", "JPEG", {}),
        ("foto.jpeg", "JPEG", {"mode": "L"}),
        ("foto.JPG", "JPEG", {"mode": "CMYK"}),
        ("foto.jpg", "JPEG", {"progressive": True}),
        ("gambar.png", "PNG", {}),
        ("gambar.png", "PNG", {"mode": "RGBA"}),
        ("gambar.png", "PNG", {"mode": "P"}),
        ("gambar.png", "PNG", {"mode": "1"}),
    ],
)
def test_a_picture_is_written_anew_in_its_own_format(take, name, format, options):  # noqa: A002 - Pillow's word
    data = made.picture(format, **options)
    kept = take(name, data)
    with kept.open() as file:
        stored = file.read()
    assert stored != data or format == "PNG"
    assert (kept.size, kept.sha256) == (len(stored), hashlib.sha256(stored).hexdigest())
    with Image.open(io.BytesIO(stored)) as image:
        assert (image.format, image.size) == (format, (40, 20))
        assert image.mode in {"L", "RGB", "RGBA"}


def test_nothing_of_a_picture_but_the_picture_is_kept(take):
    data = made.revealing_jpg()
    with Image.open(io.BytesIO(data)) as before:
        assert made.CANARY in before.info["comment"] and made.CANARY in before.info["icc_profile"]
        assert before.getexif().get_ifd(0x8825)[4] == (117.0, 9.0, 13.0)
    with take("foto.jpg", data).open() as file:
        stored = file.read()
    assert made.CANARY not in stored and b"<script" not in stored and b"Exif" not in stored
    with Image.open(io.BytesIO(stored)) as image:
        assert not image.getexif() and not {"comment", "icc_profile", "exif"} & set(image.info)
        # It lay on its side: its red half is above now.
        assert image.size == (20, 40)
        assert image.getpixel((10, 5))[0] > 200 and image.getpixel((10, 35))[2] > 200


def test_text_in_a_png_and_a_page_behind_it_go(take):
    with take("gambar.png", made.revealing_png()).open() as file:
        stored = file.read()
    assert made.CANARY not in stored and b"<script" not in stored and stored.endswith(b"IEND\xaeB`\x82")


def test_what_is_seen_through_and_deep_grey_stay_as_they_are(take):
    for image, expected in (
        (Image.new("LA", (5, 5), (9, 100)), ("RGBA", (9, 9, 9, 100))),
        (Image.new("I;16", (5, 5), 30_000), ("L", 117)),
    ):
        target = io.BytesIO()
        image.save(target, "PNG")
        with take("a.png", target.getvalue()).open() as file, Image.open(file) as stored:
            assert (stored.mode, stored.getpixel((2, 2))) == expected


def test_only_the_portal_can_read_what_is_kept(take, media):
    kept = take("a.pdf", made.pdf())
    assert kept.place == media / "files" / kept.path and re.fullmatch("[0-9a-f]{32}", kept.path)
    assert stat.S_IMODE(kept.place.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.place.parent.stat().st_mode) == 0o700
    # A picture is written by the reader.
    assert stat.S_IMODE(take("a.png", made.picture("PNG")).place.stat().st_mode) == 0o600
    assert len(left(media)) == 2


# Names ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/laporan.pdf", "laporan.pdf"),
        ("C:\\Users\\x\\laporan.pdf", "laporan.pdf"),
        ("lap\u202eoran\u200b.pdf", "laporan.pdf"),
        ("laporan\r\nSet-Cookie: a=b.pdf", "laporan Set-Cookie_ a=b.pdf"),
        ("lapo\0ran.pdf", "laporan.pdf"),
        ('"><script>.pdf', "___script_.pdf"),
        (" .. laporan  akhir.pdf", "laporan akhir.pdf"),
        ("Laporan 50% – “RAT” é.pdf", "Laporan 50% – “RAT” é.pdf"),
        ("x" * 300 + ".pdf", "x" * 130 + "…" + "x" * 15 + ".pdf"),
    ],
)
def test_a_name_is_kept_without_its_tricks(take, given, kept):
    assert take(given, made.pdf()).name == kept


# Transactions -----------------------------------------------------------------------------------------


def _later(monkeypatch):
    later = timezone.now() + timedelta(days=2)
    monkeypatch.setattr("files.sweeping.timezone.now", lambda: later)


def test_a_file_whose_transaction_rolls_back_is_nowhere_to_be_had_and_swept_away(take, media, monkeypatch, capsys):
    kept = take("a.pdf", made.pdf())
    with transaction.atomic():
        lost = take("b.pdf", made.pdf())
        transaction.set_rollback(True)
    assert not GuardedFile.objects.filter(pk=lost.pk).exists() and lost.place.exists()
    call_command("sweep_files", remove=True)
    assert lost.place.exists(), "one that is written at this moment has no row yet"
    _later(monkeypatch)
    call_command("sweep_files")
    assert lost.path in capsys.readouterr().out and lost.place.exists()
    call_command("sweep_files", remove=True)
    assert left(media) == [kept.place]


def test_what_a_killed_process_left_is_swept_away(take, media, monkeypatch):
    take("a.pdf", made.pdf())
    work = media / "files" / "incoming-0"
    work.mkdir()
    (work / "x").write_bytes(b"x")
    _later(monkeypatch)
    call_command("sweep_files", remove=True)
    assert len(left(media)) == 1


def test_nothing_to_sweep_is_no_failure(db, capsys):
    call_command("sweep_files")
    assert capsys.readouterr().out == "0 found.\n"


def test_a_file_without_its_row_leaves_nothing_behind(clerk, media, monkeypatch):
    monkeypatch.setattr(GuardedFile.objects, "create", lambda **_values: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        receive(ContentFile(made.pdf(), "a.pdf"), by=clerk)
    assert left(media) == []


# The row ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("values", [{"size": 0}, {"kind": "html"}])
def test_the_database_refuses_what_no_file_can_be(clerk, values):
    row = {"name": "a.pdf", "kind": "pdf", "size": 1, "sha256": "0" * 64, "path": "0" * 32, "by": clerk} | values
    with pytest.raises(IntegrityError), transaction.atomic():
        GuardedFile.objects.create(**row)


def test_no_two_rows_share_their_bytes(take, clerk):
    kept = take("a.pdf", made.pdf())
    assert take("a.pdf", made.pdf()).path != kept.path
    with pytest.raises(IntegrityError), transaction.atomic():
        GuardedFile.objects.create(name="b.pdf", kind="pdf", size=1, sha256=kept.sha256, path=kept.path, by=clerk)


def test_who_brought_a_file_is_not_deleted_from_under_it(take, clerk):
    take("a.pdf", made.pdf())
    with pytest.raises(IntegrityError):
        clerk.delete()

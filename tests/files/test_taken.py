"""When a photograph was taken, and whether it was sent before: known before it is written anew, kept beside it."""

import io
import struct
from datetime import UTC, datetime

import pytest
from django.utils import timezone
from PIL import Image, ImageChops, ImageOps

from files.receiving import moment_taken
from tests.files import made_files as made

pytestmark = pytest.mark.django_db


def photo(time=None, offset=None, kind="JPEG"):
    exif = Image.Exif()
    exif[0x010F] = "Kamera"
    capture = exif.get_ifd(0x8769)
    if time:
        capture[0x9003] = time
    if offset:
        capture[0x9011] = offset
    exif.get_ifd(0x8825).update({1: "S", 2: (0.0, 30.0, 7.5), 3: "E", 4: (117.0, 9.0, 13.0)})
    return made.picture(kind, exif=exif)


@pytest.mark.parametrize(
    ("time", "offset", "wanted"),
    [
        ("2025:02:20 09:12:44", None, datetime(2025, 2, 20, 1, 12, 44, tzinfo=UTC)),
        ("2025:02:20 09:12:44", "+08:00", datetime(2025, 2, 20, 1, 12, 44, tzinfo=UTC)),
        ("2025:02:20 09:12:44", "+07:00", datetime(2025, 2, 20, 2, 12, 44, tzinfo=UTC)),
        ("2025:02:20 09:12:44", "selatan", datetime(2025, 2, 20, 1, 12, 44, tzinfo=UTC)),
        (None, None, None),
        ("0000:00:00 00:00:00", None, None),
        ("2025:13:41 09:12:44", None, None),
        ("1980:01:01 00:00:00", None, None),
        ("2099:01:01 00:00:00", None, None),
        ("kemarin", "+99:99", None),
    ],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_the_time_of_capture_is_known_or_it_is_not(take, kind, time, offset, wanted):
    assert take(f"foto.{ {'JPEG': 'jpg', 'PNG': 'png'}[kind] }", photo(time, offset, kind)).taken_at == wanted


def test_of_all_else_that_the_camera_wrote_nothing_stays(take):
    kept = take("foto.jpg", photo("2025:02:20 09:12:44"))
    with kept.open() as file, Image.open(io.BytesIO(file.read())) as stored:
        assert not stored.getexif()
        assert not stored.getexif().get_ifd(0x8769) and not stored.getexif().get_ifd(0x8825)


def test_the_same_photograph_is_known_again_though_it_is_written_anew(take):
    data = photo("2025:02:20 09:12:44")
    first, second, other = take("a.jpg", data), take("b.jpg", data), take("c.jpg", photo("2025:02:21 09:12:44"))
    assert first.source_sha256 == second.source_sha256 != other.source_sha256
    assert first.source_sha256 != first.sha256
    document = take("a.pdf", made.pdf())
    assert document.source_sha256 == document.sha256
    assert document.taken_at is None


def test_a_clock_is_read_as_wita_whatever_zone_a_reader_has():
    with timezone.override("America/Lima"):
        assert moment_taken("2025:02:20 09:12:44") == datetime(2025, 2, 20, 1, 12, 44, tzinfo=UTC)


@pytest.mark.parametrize("time", ["", "\0" * 20, "9999:12:31 23:59:59", "0001:01:01 00:00:00"])
def test_what_is_no_time_is_none(time):
    assert moment_taken(time, "-23:59") is None


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("orientation", range(10))
def test_a_sideways_photograph_is_stored_as_other_programs_show_it(take, kind, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = Image.new("RGB", (64, 32), (200, 0, 0))
    image.paste((0, 0, 200), (0, 0, 16, 16))
    sent = io.BytesIO()
    image.save(sent, kind, exif=exif)
    data = sent.getvalue()
    with Image.open(io.BytesIO(data)) as sent:
        wanted = ImageOps.exif_transpose(sent)
    with take(f"foto.{ {'JPEG': 'jpg', 'PNG': 'png'}[kind] }", data).open() as file, Image.open(file) as stored:
        assert stored.size == wanted.size
        # A JPEG is compressed once more: a shade off is not a turn, which would be 200 off.
        worst = ImageChops.difference(stored.convert("RGB"), wanted.convert("RGB")).getextrema()
        assert max(most for _least, most in worst) < 100


@pytest.mark.parametrize("orientation", [1, 6])
def test_a_value_of_a_wrong_type_costs_the_photograph_nothing(take, orientation):
    """A camera wrote a number where text belongs: Pillow cannot write such EXIF anew, and nobody asks it to."""
    with take("foto.jpg", with_wrong_type(orientation)).open() as file, Image.open(file) as stored:
        assert stored.size == ((40, 30) if orientation == 1 else (30, 40))


def with_wrong_type(orientation):
    """EXIF by hand: the orientation, and the maker's name, which is text, as a fraction."""
    entries = [(0x010F, 11, 1, struct.pack("<f", 1.5)), (0x0112, 3, 1, struct.pack("<HH", orientation, 0))]
    body = b"II*\0" + struct.pack("<IH", 8, len(entries))
    body += b"".join(struct.pack("<HHI", *entry[:3]) + entry[3] for entry in entries) + struct.pack("<I", 0)
    exif = b"Exif\0\0" + body
    plain = made.picture("JPEG", size=(40, 30))
    return plain[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + plain[2:]

"""Plain functions that make visits and photographs for tests."""

import io
import uuid
from datetime import date

from PIL import Image

from assistance.models import Visit, VisitPhoto
from common.dates import today
from tests.assistance.aid import guarded_file


def jpg(colour=(10, 80, 40), taken=None, size=(60, 40), place=False):
    """A small JPEG; `taken` as a camera writes it, "2026:11:25 09:12:00"."""
    exif = Image.Exif()
    if taken:
        exif.get_ifd(0x8769)[0x9003] = taken
    if place:
        exif.get_ifd(0x8825).update({1: "S", 2: (0.0, 30.0, 7.5), 3: "E", 4: (117.0, 9.0, 13.0)})
    target = io.BytesIO()
    Image.new("RGB", size, colour).save(target, "JPEG", exif=exif)
    return target.getvalue()


def odd_photo(unit, *, by, file=None):
    """A visit with a photograph that was used before, as the page would have found it."""
    visit = Visit.objects.create(
        package_id=unit.package_id, unit=unit, visited_on=today(), state=unit.state, by=by, key=uuid.uuid4()
    )
    first = VisitPhoto.objects.create(visit=visit, file=guarded_file(by))
    return VisitPhoto.objects.create(visit=visit, file=file or guarded_file(by), is_repeated=True, repeats=first)


def answers(unit=None, **values):
    """What a form of one visit sends."""
    found = {"key": str(uuid.uuid4()), "visited_on": today().isoformat(), "is_seen": "1", **values}
    if unit is not None:
        found = {"unit": unit.code, "state": "in_use", **found}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in found.items()}

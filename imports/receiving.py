"""How an uploaded file becomes an import: it is kept under names of chance, where no web server serves."""

import secrets
import shutil

from django.conf import settings

from imports.models import ImportBatch
from imports.upload import store

# Beside it lies what was read of it.
SOURCE = "source"


def receive(upload, *, kind, by):
    """Keep the file and begin an import of it. An officer's belongs to the own regency, whatever the file says."""
    folder = secrets.token_hex(16)
    place = settings.MEDIA_ROOT / "imports" / folder
    try:
        _path, sha256, size = store(upload, place / SOURCE)
        return ImportBatch.objects.create(
            kind=kind, name=_short(upload.name), folder=folder, sha256=sha256, size=size, by=by, regency=by.regency
        )
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise


def source_of(batch):
    """The file as it came."""
    return next((batch.path / SOURCE).iterdir())


def _short(name):
    """A file name that fits its column and still ends as it did."""
    most = ImportBatch._meta.get_field("name").max_length or 0
    return name if len(name) <= most else f"{name[: most - 20]}…{name[-19:]}"

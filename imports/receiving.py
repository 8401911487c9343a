"""How an uploaded file becomes an import: it is kept under names of chance, where no web server serves."""

import secrets
import shutil

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from files.names import shortened
from files.upload import Limit, store
from imports.models import ImportBatch
from imports.parse import MOST_BYTES

# Beside it lies what was read of it.
SOURCE = "source"
LIMIT = Limit(
    file=MOST_BYTES,
    together=MOST_BYTES,
    remedy=_("Split the file into several, or save it without pictures, and upload it again."),
)


def receive(upload, *, kind, by):
    """Keep the file and begin an import of it. An officer's belongs to the own regency, whatever the file says."""
    folder = secrets.token_hex(16)
    place = settings.MEDIA_ROOT / "imports" / folder
    try:
        _path, sha256, size = store(upload, place / SOURCE, most=LIMIT.file)
        name = shortened(upload.name, ImportBatch._meta.get_field("name").max_length or 0)
        return ImportBatch.objects.create(
            kind=kind, name=name, folder=folder, sha256=sha256, size=size, by=by, regency=by.regency
        )
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise


def source_of(batch):
    """The file as it came."""
    return next((batch.path / SOURCE).iterdir())

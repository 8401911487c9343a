"""What tests of attached files share."""

import pytest
from django.core.files.base import ContentFile

from files.models import GuardedFile
from files.receiving import FileRefused, receive
from tests.factories import make_user


@pytest.fixture(autouse=True)
def media(tmp_path, settings):
    """Files of a test are gone with it."""
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def clerk(db):
    return make_user("staf_provinsi")


@pytest.fixture
def take(clerk):
    """take("a.pdf", data) gives the file as it is kept."""
    return lambda name, data, **options: receive(_upload(name, data), by=clerk, **options)


@pytest.fixture
def refusal(clerk, media):
    """The refusal of a file; nothing may be left behind, neither a row nor a byte."""

    def run(name, data, **options):
        with pytest.raises(FileRefused) as caught:
            receive(_upload(name, data), by=clerk, **options)
        assert not GuardedFile.objects.exists()
        assert left(media) == []
        return caught.value

    return run


def _upload(name, data):
    file = ContentFile(data)
    # Past Django's own cleaning, as no browser but a program sends it.
    file.name = name
    return file


def left(media):
    """Everything below the folder but the one that holds all guarded files."""
    return [path for path in media.rglob("*") if path != media / "files"] if media.exists() else []

"""What tests of imports share."""

import pytest
from django.core.cache import caches

from tests.imports.sources import known


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, settings):
    """Files of a test are gone with it, and no work of another test seems to go on."""
    settings.MEDIA_ROOT = tmp_path
    caches["progress"].clear()


@pytest.fixture
def sources(monkeypatch):
    """The importer of tests.imports.sources is known."""
    known(monkeypatch)

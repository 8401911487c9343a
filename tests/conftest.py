"""What every test stands on."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.utils import translation


@pytest.fixture(autouse=True)
def _clean_slate(settings):
    """Each test begins with an empty cache and the language of the house."""
    cache.clear()
    with translation.override(settings.LANGUAGE_CODE):
        yield


def pytest_collection_modifyitems(items):
    """Leave out what says something only about the other database."""
    other = {"postgresql": "sqlite", "sqlite": "postgresql"}.get(connection.vendor)
    for item in items:
        if other in item.keywords:
            item.add_marker(pytest.mark.skip(reason=f"says something only about {other}"))

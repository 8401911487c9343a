"""What every page says about the office. Nothing here asks the database before a template does."""

from urllib.parse import urlsplit

from django.conf import settings
from django.db import DatabaseError
from django.utils.functional import cached_property

from common.models import DataVersion


class Office:
    """Names and contacts from the settings; whether invented data is in; when the public data last changed."""

    name = property(lambda self: settings.OFFICE_NAME)
    short_name = property(lambda self: settings.OFFICE_SHORT_NAME)
    address = property(lambda self: settings.OFFICE_ADDRESS)
    phone = property(lambda self: settings.OFFICE_PHONE)
    email = property(lambda self: settings.OFFICE_EMAIL)
    complaint_url = property(lambda self: settings.COMPLAINT_URL)
    # The Ministry's own register, and its name on the page: the host of the address.
    register_url = property(lambda self: settings.MINISTRY_REGISTER_URL)
    register_name = property(lambda self: urlsplit(settings.MINISTRY_REGISTER_URL).netloc)

    def __init__(self, request=None):
        self._request = request

    @cached_property
    def _changes(self):
        """`{key: moment of its last change}`. A public page has read the versions it shows; they are taken from there,
        so that the footer of a kept page is never about other data than the page."""
        versions = getattr(self._request, "data_versions", None)
        if versions is not None:
            return {key: changed_at for key, (_number, changed_at) in versions.items()}
        try:
            return dict(DataVersion.objects.values_list("key", "changed_at"))
        except DatabaseError:
            # A page that says what went wrong must not fail for its footer.
            return {}

    @property
    def is_demo(self):
        return "demo" in self._changes

    @property
    def changed_at(self):
        return max(self._changes.values(), default=None)


class OfficeWithoutData(Office):
    """For the page that says that something broke: perhaps it was the database."""

    _changes = {}


def office(request):
    return {"office": Office(request)}

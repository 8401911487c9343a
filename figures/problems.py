"""What a published figure cannot say. Plain functions of values: the admin's forms and the importer ask the same."""

from django.utils.translation import gettext

from common.dates import today
from figures.models import OF_REPORTS


def not_yet(value):
    """The sentence against a day, or a year as a number, that has not come: nothing is known of it. "" where it has."""
    on = today()
    if isinstance(value, int):
        return gettext("This year lies in the future. Check it.") if value > on.year else ""
    return gettext("This day lies in the future. Check the year.") if value and value > on else ""


def of_a_report():
    """The sentence against entering or changing what an approved report said."""
    return gettext("This is what an approved report said. It is corrected by reopening the report.")


def reserved(key):
    """The sentence against the key of a source that only an approved report may have. "" where it is free."""
    if not key.casefold().startswith(OF_REPORTS):
        return ""
    text = gettext("Keys that begin with “%(begin)s” belong to approved reports. Give the source another one.")
    return text % {"begin": OF_REPORTS}

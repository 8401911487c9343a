"""What a published figure cannot say. Plain functions of values: the admin's forms and the importer ask the same."""

from django.utils.translation import gettext

from common.dates import today


def not_yet(value):
    """The sentence against a day, or a year as a number, that has not come: nothing is known of it. "" where it has."""
    on = today()
    if isinstance(value, int):
        return gettext("This year lies in the future. Check it.") if value > on.year else ""
    return gettext("This day lies in the future. Check the year.") if value and value > on else ""

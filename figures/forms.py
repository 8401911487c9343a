"""Entering published figures: what a form must refuse before the database does."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from common.admin import VersionedForm
from figures.models import Figure, Indicator
from figures.problems import not_yet

# Addresses under /statistik/ that belong to other pages.
RESERVED_CODES = ("rekap", "pelaporan")


def already_there(value):
    """The same day or year; a ValidationError where it has not come yet."""
    if why := not_yet(value):
        raise ValidationError(why, code="future")
    return value


class IndicatorForm(VersionedForm):
    def clean_code(self):
        code = self.cleaned_data["code"]
        if code in RESERVED_CODES:
            raise ValidationError(gettext("This code is the address of another page."))
        return code


class SourceForm(VersionedForm):
    def clean_published_on(self):
        return already_there(self.cleaned_data["published_on"])


class FigureForm(VersionedForm):
    """One value; a conflicting one is never the office's figure."""

    def clean_as_of(self):
        return already_there(self.cleaned_data["as_of"])

    def clean(self):
        super().clean()
        data = self.cleaned_data
        # The field is not there for a person who may not choose.
        is_official = data.get("is_official", self.instance.is_official)
        if is_official and data.get("quality", self.instance.quality) == Figure.Quality.CONFLICTING:
            self.add_error("quality", ValidationError(gettext("The office's figure cannot be marked as conflicting.")))
        indicator = data.get("indicator")
        value = data.get("value")
        if indicator and value is not None and value < 0 and indicator.measure == Indicator.Measure.COUNT:
            self.add_error("value", ValidationError(gettext("This number cannot be below zero.")))
        return data

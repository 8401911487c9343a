"""Entering published figures: what a form must refuse before the database does."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from common.admin import VersionedForm
from common.models import pointed_at
from figures.models import Figure, Indicator
from figures.problems import not_yet, of_a_report, reserved

# Addresses under /statistik/ that belong to other pages.
RESERVED_CODES = ("rekap", "pelaporan")
# What answers to an indicator are kept by, and what they mean.
IDENTITY = ("code", "unit", "measure")
# What the office's figure is one of.
OF_CHOICE = ("indicator", "territory", "group", "as_of", "is_official")


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

    def clean(self):
        super().clean()
        changed = [name for name in IDENTITY if name in self.changed_data and name in self.cleaned_data]
        # Figures follow their indicator; what else points at one has kept its code, and read values by its unit.
        if self.instance.pk and changed and pointed_at(Indicator, [self.instance.pk], besides={Figure}):
            text = gettext(
                "The form of the reports asks for this indicator: code, unit and measure stay as they are. Enter a new"
                " indicator, and a new version of the form that asks for it."
            )
            for name in changed:
                self.add_error(name, ValidationError(text, code="used"))


class SourceForm(VersionedForm):
    def clean_key(self):
        key = self.cleaned_data["key"]
        if key != self.instance.key and (why := reserved(key)):
            raise ValidationError(why, code="reserved")
        return key

    def clean_published_on(self):
        return already_there(self.cleaned_data["published_on"])


class FigureForm(VersionedForm):
    """One value; a conflicting one is never the office's figure. Of a report's, only that choice is a person's."""

    def _get_validation_exclusions(self):
        """What is shown and not asked still counts: where the office chose another figure, this is said in words."""
        return {name for name in super()._get_validation_exclusions() if name in self.fields or name not in OF_CHOICE}

    def clean_source(self):
        source = self.cleaned_data["source"]
        if source.is_of_report:
            raise ValidationError(of_a_report(), code="of_report")
        return source

    def clean_as_of(self):
        return already_there(self.cleaned_data["as_of"])

    def clean(self):
        super().clean()
        data = self.cleaned_data
        # The field is not there for a person who may not choose.
        is_official = data.get("is_official", self.instance.is_official)
        if is_official and self.instance.pk and self.instance.source.is_of_report:
            # Its quality is no field here: chosen, it no longer stands beside another.
            if self.instance.quality == Figure.Quality.CONFLICTING:
                self.instance.quality = Figure.Quality.OFFICIAL
        elif is_official and data.get("quality", self.instance.quality) == Figure.Quality.CONFLICTING:
            self.add_error("quality", ValidationError(gettext("The office's figure cannot be marked as conflicting.")))
        indicator = data.get("indicator")
        value = data.get("value")
        if indicator and value is not None and value < 0 and indicator.measure == Indicator.Measure.COUNT:
            self.add_error("value", ValidationError(gettext("This number cannot be below zero.")))
        return data

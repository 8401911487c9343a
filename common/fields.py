"""Form fields that read numbers, dates and text the one way the portal reads them, and keep what was typed."""

import copy
from datetime import date

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from common import dates, numbers, text
from common.refusal import Refused


class _ReadField(forms.Field):
    """A field whose text is read by one of the portal's parsers; a refusal becomes the message beside it.

    What was typed comes back as it was typed. A stored value is written so that it reads back as itself.
    """

    widget = forms.TextInput
    inputmode = "numeric"

    def __init__(self, *, widget=None, **options):
        options.pop("localize", None)
        super().__init__(widget=_plain(widget or self.widget), **options)

    def parse(self, typed):
        raise NotImplementedError

    def show(self, value):
        raise NotImplementedError

    def to_python(self, value):
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        try:
            return self.parse(value)
        except Refused as refusal:
            raise refusal.as_validation_error() from refusal

    def prepare_value(self, value):
        return value if value is None or isinstance(value, str) else self.show(value)

    def has_changed(self, initial, data):
        if self.disabled:
            return False
        try:
            return self.to_python(initial) != self.to_python(data)
        except ValidationError:
            return True

    def widget_attrs(self, widget):
        return super().widget_attrs(widget) | {"inputmode": self.inputmode, "autocomplete": "off"}


def _plain(widget):
    """The widget, with a browser's own number box replaced: it would show 6.111 as six and a bit."""
    widget = widget() if isinstance(widget, type) else copy.deepcopy(widget)
    if isinstance(widget, forms.NumberInput):
        return forms.TextInput(attrs={name: value for name, value in widget.attrs.items() if name != "type"})
    return widget


class _NumberField(_ReadField):
    def show(self, value):
        return numbers.write_number(value)


class CountField(_NumberField):
    """A whole number of things, from 0: `6.111`."""

    def __init__(self, *, most=numbers.LARGEST_COUNT, min_value=0, max_value=None, step_size=None, **options):
        super().__init__(**options)
        self.least = min_value or 0
        self.most = most if max_value is None else min(most, max_value)

    def parse(self, typed):
        found = numbers.parse_cell_count(typed, most=self.most)
        if found < self.least:
            raise numbers.NumberRefused(
                _("This number is too small: at least %(least)s is possible."),
                code="too_small",
                least=numbers.write_number(self.least),
            )
        return found


class RupiahField(_NumberField):
    """Whole rupiah: `1.234.567`, with or without `Rp`. Below zero only where `signed`."""

    def __init__(self, *, signed=False, min_value=None, max_value=None, step_size=None, **options):
        # A phone's numeric keys often have no minus.
        self.inputmode = "text" if signed else "numeric"
        self.signed = signed
        super().__init__(**options)

    def parse(self, typed):
        return numbers.parse_cell_rupiah(typed, signed=self.signed)


class SignedRupiahField(RupiahField):
    """Whole rupiah that may be below zero; for `Meta.field_classes` and the admin, which pass no options."""

    def __init__(self, *, signed=True, **options):
        super().__init__(signed=signed, **options)


class YearField(_ReadField):
    """A year with its four digits and no dots."""

    def __init__(self, *, min_value=None, max_value=None, step_size=None, **options):
        super().__init__(**options)
        self.first = max(dates.EARLIEST.year, min_value or 0)
        self.last = min(dates.LATEST.year, max_value or dates.LATEST.year)

    def parse(self, typed):
        year = str(typed).strip()
        if len(year) != 4 or not (year.isascii() and year.isdigit()):
            raise dates.DateRefused(_("Write the year with four digits, for example 2025."), code="year")
        if not self.first <= int(year) <= self.last:
            raise dates.DateRefused(
                _("The year must lie between %(first)s and %(last)s."), code="range", first=self.first, last=self.last
            )
        return int(year)

    def show(self, value):
        return str(value)


class DateField(_ReadField):
    """A day: `31/12/2025`, `31 Desember 2025`, or what a browser's own date picker sends."""

    inputmode = "text"

    def parse(self, typed):
        return dates.parse_cell_date(typed) if isinstance(typed, date) else dates.parse_date(typed)

    def show(self, value):
        return value.isoformat() if self.widget.input_type == "date" else dates.write_date(value)

    def widget_attrs(self, widget):
        return super().widget_attrs(widget) | {"placeholder": _("dd/mm/yyyy")}


class TextField(forms.CharField):
    """One line of text in which nothing hides."""

    clean_value = staticmethod(text.clean_text)

    def to_python(self, value):
        if value in self.empty_values:
            return self.empty_value
        try:
            return self.clean_value(str(value)) or self.empty_value
        except Refused as refusal:
            raise refusal.as_validation_error() from refusal


class LinesField(TextField):
    """Several lines of text in which nothing hides."""

    widget = forms.Textarea
    clean_value = staticmethod(text.clean_lines)


class IdentityNumberField(TextField):
    """A long number that is a name: exactly so many digits, kept as text. Numbers of another shape are named.

    `shapes` names other lengths: `{16: _("…")}`.
    """

    def __init__(self, *, digits=13, shapes=None, max_length=None, **options):
        self.digits = digits
        self.shapes = shapes
        super().__init__(**options)

    def clean_value(self, typed):
        return text.identity_number(typed, digits=self.digits, shapes=self.shapes) if typed.strip() else ""

    def widget_attrs(self, widget):
        return super().widget_attrs(widget) | {"inputmode": "numeric", "autocomplete": "off"}


class ThirteenDigitsField(IdentityNumberField):
    """A registration number of 13 digits; null where it is not known, so that it can be unique."""

    def __init__(self, *, empty_value=None, **options):
        super().__init__(digits=13, empty_value=empty_value, **options)


class UnknownBooleanField(forms.TypedChoiceField):
    """Yes, no or not known: three answers, kept apart."""

    CHOICES = (("", _("not known")), ("1", _("Yes")), ("0", _("No")))

    def __init__(self, *, choices=CHOICES, empty_value=None, **options):
        super().__init__(choices=choices, coerce=lambda value: value == "1", empty_value=empty_value, **options)

    def prepare_value(self, value):
        return value if isinstance(value, str) else {True: "1", False: "0"}.get(value, "")

    def has_changed(self, initial, data):
        return not self.disabled and self.prepare_value(initial) != self.prepare_value(data)


# Which field reads which column: for `formfield_overrides` in the admin, which looks up a column's class and then its
# parents. The widgets are named because the admin would bring its own number boxes.
FORMFIELDS: dict[type[models.Field], dict[str, type]] = {
    models.PositiveIntegerField: {"form_class": CountField, "widget": forms.TextInput},
    models.BigIntegerField: {"form_class": RupiahField, "widget": forms.TextInput},
    models.DateField: {"form_class": DateField, "widget": forms.TextInput},
    models.CharField: {"form_class": TextField},
    models.TextField: {"form_class": LinesField},
}


def formfield_for(db_field, **options):
    """The same for a ModelForm: `class Meta: formfield_callback = formfield_for`. Exact classes only."""
    if db_field.choices:
        return db_field.formfield(**options)
    return db_field.formfield(**{**FORMFIELDS.get(type(db_field), {}), **options})

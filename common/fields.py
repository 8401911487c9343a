"""Form fields that read numbers, dates and names the one way the portal reads them, and keep what was typed."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import dates, numbers, text


class _TypedField(forms.Field):
    """A field whose value is read by one of the portal's parsers; a refusal becomes the message beside it."""

    widget = forms.TextInput
    inputmode = "text"
    refused = ()

    def parse(self, value):
        raise ValueError

    def show(self, value):
        return value

    def to_python(self, value):
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        try:
            return self.parse(value)
        except self.refused as refusal:
            raise ValidationError(str(refusal), code="refused") from refusal

    def prepare_value(self, value):
        # What was typed comes back as it was typed; only a stored value is written anew.
        return value if value is None or isinstance(value, str) else self.show(value)

    def has_changed(self, initial, data):
        try:
            return self.to_python(initial) != self.to_python(data)
        except ValidationError:
            return True

    def widget_attrs(self, widget):
        return {"inputmode": self.inputmode, "autocomplete": "off"}


class CountField(_TypedField):
    """A whole number of things, from 0."""

    inputmode = "numeric"
    refused = (numbers.NumberRefused,)

    def __init__(self, *, most=numbers.LARGEST_COUNT, **options):
        for name in ("min_value", "max_value", "step_size", "localize"):
            options.pop(name, None)
        super().__init__(**options)
        self.most = most

    def parse(self, value):
        if isinstance(value, int) and not isinstance(value, bool):
            return numbers.parse_json_count(value, most=self.most)
        return numbers.parse_count(value, most=self.most)

    def show(self, value):
        return f"{value:,}".replace(",", ".")


class RupiahField(_TypedField):
    """Whole rupiah; negative only where `signed`."""

    inputmode = "numeric"
    refused = (numbers.NumberRefused,)

    def __init__(self, *, signed=False, **options):
        for name in ("min_value", "max_value", "step_size", "localize"):
            options.pop(name, None)
        super().__init__(**options)
        self.signed = signed
        if signed:
            # A phone's numeric keyboard often lacks the minus.
            self.widget.attrs["inputmode"] = "text"

    def parse(self, value):
        if isinstance(value, int) and not isinstance(value, bool):
            return numbers.parse_cell_rupiah(value, signed=self.signed)
        return numbers.parse_rupiah(value, signed=self.signed)

    def show(self, value):
        return f"{value:,}".replace(",", ".")


class YearField(_TypedField):
    """A year with four digits."""

    inputmode = "numeric"
    refused = (numbers.NumberRefused,)

    def __init__(self, **options):
        for name in ("min_value", "max_value", "step_size", "localize"):
            options.pop(name, None)
        super().__init__(**options)

    def parse(self, value):
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if not re.fullmatch(r"\s*(19|20)[0-9]{2}\s*", value):
            raise numbers.NumberRefused(_("Write the year with four digits, for example 2025."))
        return int(value)

    def show(self, value):
        return str(value)


class DateField(_TypedField):
    """A day: `31/12/2025`, `31 Desember 2025`, or what a date picker sends."""

    inputmode = "text"
    refused = (dates.DateRefused,)

    def __init__(self, **options):
        options.pop("localize", None)
        super().__init__(**options)

    def parse(self, value):
        return dates.parse_cell_date(value) if not isinstance(value, str) else dates.parse_date(value)

    def show(self, value):
        return f"{value:%d/%m/%Y}"

    def widget_attrs(self, widget):
        return super().widget_attrs(widget) | {"placeholder": _("dd/mm/yyyy")}


class TextField(forms.CharField):
    """One line of text without hidden characters."""

    def to_python(self, value):
        value = super().to_python(value)
        try:
            return text.clean_text(value) if value else value
        except text.TextRefused as refusal:
            raise ValidationError(str(refusal), code="refused") from refusal


class LinesField(forms.CharField):
    """Several lines of text without hidden characters."""

    widget = forms.Textarea

    def to_python(self, value):
        value = super().to_python(value)
        try:
            return text.clean_lines(value) if value else value
        except text.TextRefused as refusal:
            raise ValidationError(str(refusal), code="refused") from refusal


class ThirteenDigitsField(forms.CharField):
    """A registration number of 13 digits, kept as text. Other shapes are named, not just refused."""

    def __init__(self, *, empty_value=None, **options):
        options.pop("max_length", None)
        super().__init__(empty_value=empty_value, **options)

    def to_python(self, value):
        value = super().to_python(value)
        if value in self.empty_values:
            return self.empty_value
        if text.looks_like_damaged_number(value):
            raise ValidationError(
                _(
                    "A spreadsheet has damaged this number. Format the column as text and copy the number from its source."
                ),
                code="damaged",
            )
        digits = re.sub(r"[\s.-]", "", value)
        if text.looks_like_citizen_number(digits):
            raise ValidationError(
                _("This is shaped like a citizen's NIK (16 digits). A Nomor Induk Koperasi has 13 digits."),
                code="citizen",
            )
        if not re.fullmatch(r"[0-9]{13}", digits):
            raise ValidationError(
                _("13 digits are expected; these are %(count)s.") % {"count": len(digits)}
                if digits.isascii() and digits.isdigit()
                else _("Only the digits 0 to 9 are expected, 13 of them."),
                code="shape",
            )
        return digits

    def widget_attrs(self, widget):
        return {"inputmode": "numeric", "autocomplete": "off"}


class UnknownBooleanField(forms.TypedChoiceField):
    """Yes, no, or not known: three answers, kept apart."""

    def __init__(self, **options):
        options.setdefault(
            "choices", [("", gettext_lazy("not known")), ("1", gettext_lazy("Yes")), ("0", gettext_lazy("No"))]
        )
        options.setdefault("coerce", lambda value: value == "1")
        options.setdefault("empty_value", None)
        super().__init__(**options)

    def prepare_value(self, value):
        return {True: "1", False: "0", None: ""}.get(value, value) if not isinstance(value, str) else value

    def has_changed(self, initial, data):
        return self.prepare_value(initial) != (data or "")


# For ModelForms and the admin: which field reads which column.
FORMFIELDS = {
    models.PositiveIntegerField: {"form_class": CountField},
    models.BigIntegerField: {"form_class": RupiahField},
    models.DateField: {"form_class": DateField},
}

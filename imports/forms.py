"""What a person says about an import: the file, where its table stands, what its columns mean, why it is taken back."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.fields import CountField, TextField
from common.refusal import Refused
from common.text import fold
from imports.headings import FIRST_ROWS, LEFT_OUT, MOST_HEAD_ROWS, UNDECIDED
from imports.importer import importers_for


class UploadForm(forms.Form):
    """A file and what it is about."""

    kind = forms.ChoiceField(label=_("What the file holds"))
    file = forms.FileField(
        label=_("File"),
        help_text=_("XLSX, XLS, ODS or CSV; at most 50 MB, 300,000 rows and 200 columns."),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.ods,.csv,.txt"}),
        error_messages={"empty": _("The file is empty."), "required": _("Choose a file.")},
    )

    def __init__(self, data=None, files=None, *, user, kind=None):
        super().__init__(data, files, initial={"kind": kind})
        self.fields["kind"].choices = [(one.kind, capfirst(str(one.label))) for one in importers_for(user)]


class PlaceForm(forms.Form):
    """Which sheet, and where its heading stands."""

    sheet = forms.TypedChoiceField(label=_("Sheet"), coerce=int)
    head_from = CountField(label=_("First row of the heading"), min_value=1, most=FIRST_ROWS)
    head_rows = forms.TypedChoiceField(
        label=_("Rows of the heading"),
        coerce=int,
        choices=[(number, str(number)) for number in range(1, MOST_HEAD_ROWS + 1)],
    )

    def __init__(self, data=None, *, batch, sheets):
        initial = {"sheet": batch.sheet, "head_from": batch.head_from, "head_rows": batch.head_rows}
        super().__init__(data, initial=initial)
        self.fields["sheet"].choices = [(sheet.index, sheet.name) for sheet in sheets]


class ColumnsForm(forms.Form):
    """What each column fills, and the values that hold for the whole file.

    A column that nobody knows has to be decided about: either it fills something, or it is left out by name.
    """

    def __init__(self, data=None, *, batch, importer, examples=()):
        super().__init__(data)
        self.batch, self.importer = batch, importer
        importer.prepare()
        left_out_because = importer.left_out()
        fields = [(one.name, capfirst(str(one.label))) for one in importer.fields]
        left_out, undecided = (LEFT_OUT, _("not imported")), (UNDECIDED, _("– decide –"))
        examples = dict(enumerate(examples))
        for index, (heading, name) in enumerate(zip(batch.headings, batch.columns, strict=True)):
            field = forms.ChoiceField(
                label=heading or gettext("(no heading)"),
                required=False,
                initial=name,
                choices=[undecided, left_out, *fields],
            )
            field.letter, field.examples = letter_of(index), examples.get(index, [])
            field.reason = left_out_because.get(fold(heading)) if name == LEFT_OUT else ""
            self.fields[f"c{index}"] = field
        for one in importer.fields:
            if one.once:
                choices = one.choices() if one.choices else None
                options = {
                    "label": capfirst(str(one.label)),
                    "required": False,
                    "initial": batch.constants.get(one.name, ""),
                    "help_text": one.note,
                }
                self.fields[f"k-{one.name}"] = (
                    forms.ChoiceField(choices=[("", "–"), *((str(word), str(word)) for word in choices)], **options)
                    if choices
                    else TextField(max_length=200, **options)
                )

    @property
    def column_fields(self):
        return [self[name] for name in self.fields if name.startswith("c")]

    @property
    def constant_fields(self):
        return [self[name] for name in self.fields if name.startswith("k-")]

    @property
    def undecided(self):
        """How many columns wait for a decision."""
        return sum(name == UNDECIDED for name in self.batch.columns)

    @property
    def columns(self):
        return [self.cleaned_data[f"c{index}"] for index in range(len(self.batch.headings))]

    @property
    def constants(self):
        return {
            name.removeprefix("k-"): value
            for name, value in self.cleaned_data.items()
            if name.startswith("k-") and value
        }

    def clean(self):
        data = super().clean()
        if self.errors:
            return data
        used = {}
        for index, name in enumerate(self.columns):
            if name == UNDECIDED:
                self.add_error(f"c{index}", _("Choose what this column fills, or “not imported”."))
            elif name != LEFT_OUT and name in used:
                words = _("The column “%(other)s” fills this already.") % {"other": self.fields[used[name]].label}
                self.add_error(f"c{index}", words)
            elif name != LEFT_OUT:
                used[name] = f"c{index}"
        for one in self.importer.fields:
            self._check_field(one, used)
        return data

    def _check_field(self, one, used):
        typed = self.cleaned_data.get(f"k-{one.name}") or ""
        if one.required and one.name not in used and not typed:
            self.add_error(None, _("No column gives: %(names)s.") % {"names": capfirst(str(one.label))})
        if not typed:
            return
        if one.name in used:
            words = _("A column of the file gives this already. Leave it empty, or leave that column out.")
            self.add_error(f"k-{one.name}", words)
            return
        try:
            one.parse(typed)
        except Refused as refusal:
            self.add_error(f"k-{one.name}", str(refusal))
        except ValidationError as refusal:
            self.add_error(f"k-{one.name}", refusal)


class UndoForm(forms.Form):
    """Why an import is taken back."""

    reason = TextField(
        label=_("Why is it taken back?"), max_length=75, help_text=_("Stands in the history of each record.")
    )


def letter_of(index):
    """The column as a spreadsheet calls it: A, B, … AA."""
    letters = ""
    while index >= 0:
        letters = chr(65 + index % 26) + letters
        index = index // 26 - 1
    return letters

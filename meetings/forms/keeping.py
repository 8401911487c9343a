"""What is typed into the record of a meeting: agenda, attendance, minutes, documents."""

from django import forms
from django.forms import modelformset_factory
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.acts import ActForm, capitalise_labels
from common.fields import CountField, LinesField, TextField, formfield_for
from common.text import validate_public
from files.receiving import FileRefused, receive
from files.upload import ATTACHMENTS, MIB, is_too_large
from meetings.models import AgendaItem, Attendance, MeetingDocument

ROWS_MORE = 5


class AgendaForm(ActForm):
    """The items as they stand, each in a line of its own, and further ones."""

    more = LinesField(
        required=False,
        label=_("Further items, one a line"),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=6000,
    )
    MOST = 50

    def __init__(self, *args, record, **options):
        super().__init__(*args, record=record, **options)
        self.items = list(record.agenda.all())
        more = self.fields.pop("more")
        for item in self.items:
            self.fields[f"item_{item.pk}"] = TextField(
                required=False,
                max_length=300,
                initial=item.text,
                label=gettext("Item %(number)s") % {"number": item.position},
                help_text=_("Empty it to take the item out."),
            )
        self.fields["more"] = more

    def clean_more(self):
        lines = [line for line in self.cleaned_data["more"].splitlines() if line]
        if any(len(line) > AgendaItem._meta.get_field("text").max_length for line in lines):
            raise forms.ValidationError(gettext("An item has at most 300 characters."))
        if len(lines) + len(self.items) > self.MOST:
            raise forms.ValidationError(gettext("An agenda has at most %(most)s items.") % {"most": self.MOST})
        return lines

    @property
    def kept(self):
        return [(item, self.cleaned_data[f"item_{item.pk}"]) for item in self.items]


class AttendanceForm(forms.ModelForm):
    class Meta:
        model = Attendance
        formfield_callback = formfield_for
        fields = ["institution", "count", "names"]

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["count"] = CountField(required=False, most=2000, min_value=1, label=_("People"))
        self.fields["names"].widget = forms.Textarea(attrs={"rows": 2})
        capitalise_labels(self)


class _Rows(forms.BaseModelFormSet):
    def clean(self):
        super().clean()
        seen = set()
        for form in self.forms:
            name = (form.cleaned_data.get("institution") or "").casefold() if hasattr(form, "cleaned_data") else ""
            if name and not form.cleaned_data.get("DELETE"):
                if name in seen:
                    form.add_error("institution", gettext("This institution stands in the list already."))
                seen.add(name)


AttendanceRows = modelformset_factory(
    Attendance, AttendanceForm, formset=_Rows, extra=ROWS_MORE, can_delete=True, max_num=200, absolute_max=210
)


class MinutesForm(ActForm):
    summary = LinesField(
        required=False,
        max_length=10_000,
        label=_("Public summary"),
        help_text=_("Everybody reads it. No names of people."),
        widget=forms.Textarea(attrs={"rows": 5}),
        validators=[validate_public],
    )
    minutes = forms.CharField(
        required=False,
        max_length=100_000,
        label=_("Minutes"),
        help_text=_("Private. # begins a heading, - a list, 1. a numbered list; **strong**, *stressed*."),
        widget=forms.Textarea(attrs={"rows": 18}),
    )

    def clean_minutes(self):
        # Several lines, indented where a list is deeper: white space at the beginning of a line says something.
        text = self.cleaned_data["minutes"].replace("\r\n", "\n").replace("\r", "\n")
        LinesField(required=False).clean(text)
        return text


class FileForm(forms.Form):
    """A file that comes with an act."""

    file = forms.FileField(
        required=False, label=_("File"), help_text=_("PDF, JPG, PNG or XLSX, at most 10 MB. It stays private.")
    )

    def __init__(self, *args, request, **options):
        super().__init__(*args, **options)
        self.request = request

    def clean_file(self):
        if is_too_large(self.request):
            text = gettext("The file is larger than %(most)s MB and was not kept. %(remedy)s")
            raise forms.ValidationError(text % {"most": ATTACHMENTS.file // MIB, "remedy": ATTACHMENTS.remedy})
        return self.cleaned_data["file"]

    def keep(self):
        """The file as it is kept, None where none was sent; False with an error beside it where it was refused."""
        if not self.cleaned_data.get("file"):
            return None
        try:
            return receive(self.cleaned_data["file"], by=self.request.user)
        except FileRefused as refused:
            self.add_error("file", refused.as_validation_error())
            return False


class DocumentForm(FileForm):
    field_order = ["kind", "title", "file"]

    kind = forms.ChoiceField(choices=MeetingDocument.Kind.choices, label=_("Kind of document"))
    title = TextField(max_length=160, label=_("Title"), validators=[validate_public])

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["file"].required = True

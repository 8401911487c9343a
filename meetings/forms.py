"""Forms of the workspace: what is typed about meetings. The verbs of `planning` and `agreements` say what may be."""

import uuid

from django import forms
from django.conf import settings
from django.db.models import Q
from django.forms import modelformset_factory
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.acts import ActForm
from common.dates import format_date, today
from common.fields import CountField, DateField, LinesField, TextField, YearField, formfield_for
from common.models import DataVersion
from common.text import validate_public
from files.receiving import FileRefused, receive
from files.upload import ATTACHMENTS, MIB, is_too_large
from meetings.models import AgendaItem, Attendance, Evidence, FollowUp, Meeting, MeetingDocument, Round
from meetings.models.follow_up import validate_evidence_path
from meetings.models.round import FIRST_YEAR, LAST_YEAR
from meetings.planning import FACTS
from regions.models import Regency

ROWS_MORE = 5


def _capitalised(form):
    for field in form.fields.values():
        field.label = field.label and str(field.label)[0].upper() + str(field.label)[1:]


class ClockField(forms.TimeField):
    """A time of the day in WITA: 09:00 or 09.00."""

    input_formats = ["%H:%M", "%H.%M", "%H:%M:%S"]
    default_error_messages = {"invalid": _("Write the time with hours and minutes, for example 09.00.")}

    def __init__(self, **options):
        options.setdefault("widget", forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
        super().__init__(**options)


class KeyedForm(forms.Form):
    """A form that enters something carries a key of its own: sent twice it is entered once."""

    key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.initial.setdefault("key", uuid.uuid4())


def check_days(form, data):
    """Say beside its field what is wrong with day, last day, begin and end together."""
    first, last = data.get("starts_on"), data.get("ends_on")
    if last and (first is None or last < first) and "starts_on" not in form.errors:
        form.add_error("ends_on", gettext("The last day lies before the first."))
    begin, end = data.get("start_time"), data.get("end_time")
    if end and (begin is None or (end <= begin and not (last and first and last > first))):
        form.add_error("end_time", gettext("The end must come after the beginning; enter both."))
    if first is None and begin and "starts_on" not in form.errors:
        form.add_error("starts_on", gettext("A time needs its day."))


# Meetings -------------------------------------------------------------------------------------------


class RoundForm(forms.ModelForm):
    class Meta:
        model = Round
        formfield_callback = formfield_for
        fields = ["name", "year", "note"]

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["year"] = YearField(label=_("Year"), min_value=FIRST_YEAR, max_value=LAST_YEAR)
        _capitalised(self)


class ReviseRoundForm(ActForm, RoundForm):
    reason = TextField(max_length=100, label=_("Reason for this change"))

    def __init__(self, *args, record, **options):
        super().__init__(*args, instance=record, record=record, **options)


class _MeetingForm(forms.ModelForm):
    regencies = forms.ModelMultipleChoiceField(
        Regency.objects.none(),
        required=False,
        label=_("Other participating regencies"),
        help_text=_("The host always takes part."),
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Meeting
        formfield_callback = formfield_for
        fields = [*FACTS]

    field_order = ["round", "title", "host", "regencies"]

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        there = Q()
        if self.instance.pk:
            there = Q(pk__in=self.instance.regencies.values("pk")) | Q(pk=self.instance.host_id)
        on = Regency.objects.on(self.instance.starts_on or today()).values("pk")
        known = Regency.objects.filter(Q(pk__in=on) | there if there else Q(pk__in=on)).defer("boundary")
        for name in ("host", "regencies"):
            self.fields[name].queryset = known.order_by("name")
        for name in ("start_time", "end_time"):
            self.fields[name] = ClockField(required=False, label=self.fields[name].label)
        for name in ("summary", "remark"):
            self.fields[name].widget = forms.Textarea(attrs={"rows": 3})
        _capitalised(self)

    def clean(self):
        data = super().clean()
        check_days(self, data)
        return data

    def facts(self):
        return {name: self.cleaned_data[name] for name in FACTS}


class PlanForm(_MeetingForm, KeyedForm):
    """A new meeting: planned, or entered after it was held."""

    is_held = forms.BooleanField(required=False, label=_("It was held already"))

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.initial.setdefault("key", uuid.uuid4())

    @property
    def entered(self):
        """The meeting that this very form entered before, or None."""
        key = self.cleaned_data.get("key")
        return Meeting.objects.filter(entry_key=key).first() if key else None

    def clean(self):
        data = super().clean()
        if not data.get("starts_on") and not data.get("source") and "starts_on" not in self.errors:
            self.add_error("starts_on", gettext("Enter the day. Only a meeting known from a publication may lack it."))
        if data.get("is_held") and data.get("starts_on") and data["starts_on"] > today():
            self.add_error("is_held", gettext("The day lies in the future."))
        self.instance.entry_key = data.get("key")
        self.instance.is_demo = DataVersion.demo_is_in()
        return data


class ReviseForm(ActForm, _MeetingForm):
    """Facts of a meeting, corrected. The verb writes, so the record stays as it was read."""

    reason = TextField(required=False, max_length=100, label=_("Reason for this change"))

    def __init__(self, *args, record, **options):
        super().__init__(*args, instance=record, record=record, **options)
        self.initial["regencies"] = list(record.regencies.values_list("pk", flat=True))

    def _post_clean(self):
        """Constraints are asked with the new values on a copy."""
        changed = Meeting(**{name: self.cleaned_data.get(name) for name in FACTS}, status=self.record.status)
        try:
            changed.validate_constraints()
        except forms.ValidationError as error:
            self.add_error(None, error)


class StepForm(ActForm):
    """One step of a meeting; what it does not need is left out."""

    reason = TextField(
        max_length=300, label=_("Reason"), help_text=_("Everybody reads it."), validators=[validate_public]
    )
    starts_on = DateField(label=_("New day"))
    start_time = ClockField(required=False, label=_("Begins at (WITA)"))
    ends_on = DateField(required=False, label=_("Last day"), help_text=_("Only where it takes more than one day."))
    end_time = ClockField(required=False, label=_("Ends at (WITA)"))
    DAYS = ("starts_on", "start_time", "ends_on", "end_time")

    def __init__(self, *args, needs, may_set_day, **options):
        super().__init__(*args, **options)
        if not needs.reason:
            del self.fields["reason"]
        if not (needs.new_day or may_set_day):
            for name in self.DAYS:
                del self.fields[name]
        else:
            self.fields["starts_on"].required = needs.new_day
            if not needs.new_day:
                self.fields["starts_on"].help_text = _("Leave it empty until the new day is known.")

    def clean(self):
        data = super().clean()
        if "starts_on" in self.fields:
            check_days(self, data)
        return data

    @property
    def days(self):
        if "starts_on" not in self.fields:
            return None
        return {name: self.cleaned_data[name] for name in self.DAYS}


class RowForm(KeyedForm):
    """One regency of a round: filled in with a day, it becomes a meeting."""

    starts_on = DateField(required=False, label=_("Day"))
    start_time = ClockField(required=False, label=_("Begins at (WITA)"))
    place = TextField(
        required=False, max_length=160, label=pgettext_lazy("meeting", "Place"), validators=[validate_public]
    )
    chair = TextField(required=False, max_length=120, label=pgettext_lazy("meeting", "Chair"))

    def clean(self):
        data = super().clean()
        if (
            not data.get("starts_on")
            and "starts_on" not in self.errors
            and (data.get("place") or data.get("start_time"))
        ):
            self.add_error("starts_on", gettext("Enter the day, or leave the whole row empty."))
        return data


class TakeOutForm(ActForm):
    reason = TextField(max_length=300, label=_("Why it was a wrong entry"))


# The record -----------------------------------------------------------------------------------------


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
        _capitalised(self)


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


# Follow-ups -----------------------------------------------------------------------------------------

PUBLIC_CHOICES = [("1", _("Public: everybody may follow it")), ("0", _("Confidential: the offices only"))]


class FollowUpForm(forms.ModelForm):
    """What was agreed. Exactly one of regency, unit and person is responsible."""

    is_public = forms.TypedChoiceField(
        choices=PUBLIC_CHOICES, coerce=lambda value: value == "1", widget=forms.RadioSelect, label=_("Who may read it")
    )

    class Meta:
        model = FollowUp
        formfield_callback = formfield_for
        fields = ["text", "agenda_item", "regency", "unit", "person", "due_on", "is_public"]

    def __init__(self, *args, meeting, **options):
        super().__init__(*args, **options)
        self.meeting = meeting
        there = meeting.regencies.defer("boundary").order_by("name")
        self.fields["text"].widget = forms.Textarea(attrs={"rows": 3})
        self.fields["agenda_item"].queryset = meeting.agenda.all()
        self.fields["regency"].queryset = there
        self.fields["regency"].label = _("Responsible: a regency")
        self.fields["unit"].label = _("or a unit of the office")
        self.fields["person"].label = _("or a person with an account")
        self.fields["person"].help_text = _("The public never reads the name.")
        people = User.objects.active().filter(Q(regency=None) | Q(regency__in=there.values("pk")))
        self.fields["person"].queryset = people.order_by("full_name")
        if self.instance.pk:
            self.initial["is_public"] = "1" if self.instance.is_public else "0"
        _capitalised(self)

    def clean(self):
        data = super().clean()
        named = [name for name in ("regency", "unit", "person") if data.get(name)]
        if len(named) != 1 and not {"regency", "unit", "person"} & set(self.errors):
            text = gettext("Name one who is responsible: a regency, a unit of the office or a person.")
            self.add_error(named[1] if named else "regency", text)
        if data.get("due_on") and self.meeting.starts_on and data["due_on"] < self.meeting.starts_on:
            self.add_error("due_on", gettext("The due day lies before the meeting."))
        return data


class AgreeForm(FollowUpForm, KeyedForm):
    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.initial.setdefault("key", uuid.uuid4())

    @property
    def entered(self):
        key = self.cleaned_data.get("key")
        return FollowUp.objects.filter(entry_key=key).first() if key else None


class ReviseFollowUpForm(ActForm, FollowUpForm):
    reason = TextField(max_length=100, label=_("Reason for this change"))

    def __init__(self, *args, record, **options):
        super().__init__(*args, instance=record, record=record, meeting=record.meeting, **options)

    def _post_clean(self):
        """The verb writes, not the form: the record stays as it was read."""

    def facts(self):
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class _WithEvidence(ActForm, FileForm):
    """A note on a follow-up with evidence: a file, or the address of a page of this portal."""

    note = LinesField(max_length=5000, label=_("What was done"), widget=forms.Textarea(attrs={"rows": 3}))
    path = TextField(
        required=False,
        max_length=300,
        label=_("Evidence: address of a page of this portal"),
        help_text=_("For example a report or a package of aid: /bantuan/12/."),
    )

    def __init__(self, *args, meeting=None, **options):
        super().__init__(*args, **options)
        self.fields["file"].label = _("Evidence: file")
        if meeting is not None:
            self.initial["rapat"] = meeting.pk
            self.fields["rapat"] = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean_path(self):
        path = self.cleaned_data["path"]
        if not path:
            return ""
        for site in {self.request.build_absolute_uri("/")[:-1], settings.SITE_URL}:
            if site:
                path = path.removeprefix(site)
        validate_evidence_path(path)
        return path

    def evidence(self):
        """Unsaved Evidence rows; None with an error beside the file where it was refused."""
        found = [Evidence(path=self.cleaned_data["path"])] if self.cleaned_data["path"] else []
        guarded = self.keep()
        if guarded is False:
            return None
        return [*found, Evidence(file=guarded)] if guarded else found


class ProgressForm(_WithEvidence):
    field_order = ["note", "path", "file"]


class ReportForm(_WithEvidence):
    field_order = ["note", "done_on", "path", "file"]

    done_on = DateField(label=_("Done on"))

    def clean(self):
        """What the verb would refuse is refused before the file is kept, so that it need not be sent again."""
        data = super().clean()
        day, agreed_on = data.get("done_on"), self.record.meeting.starts_on
        if day and day > today():
            self.add_error("done_on", gettext("The day lies in the future."))
        elif day and agreed_on and day < agreed_on:
            text = gettext("It was agreed on %(day)s and cannot be done before.")
            self.add_error("done_on", text % {"day": format_date(agreed_on)})
        has_new = data.get("path") or data.get("file")
        if not has_new and not {"path", "file"} & set(self.errors) and not self.record.evidence.exists():
            self.add_error("path", gettext("Add evidence: a file, or the address of a page of this portal."))
        return data


class DecideForm(ActForm):
    note = LinesField(required=False, max_length=300, label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args, needs, is_public, meeting=None, **options):
        super().__init__(*args, **options)
        self.fields["note"].required = needs.reason
        if not needs.reason:
            self.fields["note"].label = _("Note")
        if is_public:
            self.fields["note"].help_text = _("Everybody reads it.")
            self.fields["note"].validators = [*self.fields["note"].validators, validate_public]
        if meeting is not None:
            self.initial["rapat"] = meeting.pk
            self.fields["rapat"] = forms.IntegerField(required=False, widget=forms.HiddenInput)

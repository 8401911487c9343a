"""What is typed of an agreement, and of what became of it."""

from django import forms
from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.acts import ActForm, EntryForm, capitalise_labels
from common.dates import format_date, today
from common.fields import DateField, LinesField, TextField, formfield_for
from common.text import validate_public
from meetings.forms.keeping import FileForm
from meetings.models import Evidence, FollowUp
from meetings.models.follow_up import validate_evidence_path

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
        capitalise_labels(self)

    def clean(self):
        data = super().clean()
        named = [name for name in ("regency", "unit", "person") if data.get(name)]
        if len(named) != 1 and not {"regency", "unit", "person"} & set(self.errors):
            text = gettext("Name one who is responsible: a regency, a unit of the office or a person.")
            self.add_error(named[1] if named else "regency", text)
        if data.get("due_on") and self.meeting.starts_on and data["due_on"] < self.meeting.starts_on:
            self.add_error("due_on", gettext("The due day lies before the meeting."))
        return data


class AgreeForm(FollowUpForm, EntryForm):
    """A new one."""


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

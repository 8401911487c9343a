"""What is typed to plan a round or a meeting, to move it and to correct it."""

from django import forms
from django.db.models import Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from common.acts import ActForm, EntryForm, capitalise_labels
from common.dates import today
from common.fields import DateField, TextField, YearField, formfield_for
from common.models import DataVersion
from common.text import validate_public
from meetings.models import Meeting, Round
from meetings.models.round import FIRST_YEAR, LAST_YEAR
from meetings.planning import FACTS
from regions.models import Regency


class ClockField(forms.TimeField):
    """A time of the day in WITA: 09:00 or 09.00."""

    input_formats = ["%H:%M", "%H.%M", "%H:%M:%S"]
    default_error_messages = {"invalid": _("Write the time with hours and minutes, for example 09.00.")}

    def __init__(self, **options):
        options.setdefault("widget", forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
        super().__init__(**options)


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


class RoundForm(forms.ModelForm):
    class Meta:
        model = Round
        formfield_callback = formfield_for
        fields = ["name", "year", "note"]

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.fields["year"] = YearField(label=_("Year"), min_value=FIRST_YEAR, max_value=LAST_YEAR)
        capitalise_labels(self)


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
        capitalise_labels(self)

    def clean(self):
        data = super().clean()
        check_days(self, data)
        return data

    def facts(self):
        return {name: self.cleaned_data[name] for name in FACTS}


class PlanForm(_MeetingForm, EntryForm):
    """A new meeting: planned, or entered after it was held."""

    is_held = forms.BooleanField(required=False, label=_("It was held already"))

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


class RowForm(EntryForm):
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

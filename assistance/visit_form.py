"""What is asked on a monitoring visit: one small form a unit, and the photographs that come with it."""

import re
from datetime import datetime

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assistance.models import Condition, Holding, State
from assistance.models.programme import MOST
from assistance.visiting import MOST_PHOTOS
from common.dates import EARLIEST, today, write_date
from common.fields import CountField, DateField, LinesField, RupiahField, TextField

Holder = Holding.Holder
# Whom a name tells apart.
NAMED = frozenset({Holder.GROUP, Holder.PERSON, Holder.WORKSHOP})
# The names of the controls of photographs: the files, and what the device says of each original.
PHOTOS, TAKEN, ORIGINAL = "foto", "foto_waktu", "foto_asli"
SHA256 = re.compile(r"[0-9a-f]{64}")


class VisitForm(forms.Form):
    """One visit to one unit, or to aid without units. `unit` may be None."""

    key = forms.UUIDField(widget=forms.HiddenInput, label=_("key of the device"))
    visited_on = DateField(widget=forms.DateInput(attrs={"type": "date"}), label=_("Day of the visit"))
    is_seen = forms.TypedChoiceField(
        choices=[("1", _("Seen")), ("0", _("Not found"))],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
        initial="1",
        label=_("Was it there?"),
    )
    state = forms.ChoiceField(
        choices=[(value, label) for value, label in State.choices if value != State.WITHDRAWN], label=_("State")
    )
    condition = forms.ChoiceField(
        choices=[("", _("not looked at")), *Condition.choices], required=False, label=_("Condition")
    )
    holder = forms.ChoiceField(
        choices=[("", _("as on record")), *Holder.choices], required=False, label=_("Who holds it")
    )
    holder_name = TextField(
        required=False,
        max_length=200,
        label=_("Name of the other holder"),
        help_text=_("Only where somebody else holds it. The public never sees a person's name."),
    )
    place = TextField(required=False, max_length=200, label=_("Where it is"), help_text=_("Not public."))
    turnover = RupiahField(required=False, max_value=MOST, label=_("Turnover a month (Rp)"))
    job_count = CountField(required=False, most=100_000, label=_("People at work"))
    note = LinesField(required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3}), label=_("Note"))

    def __init__(self, *args, package, unit=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.package, self.unit = package, unit
        if unit is None:
            for name in ("state", "condition", "holder", "holder_name"):
                del self.fields[name]
        first = unit.handed_on if unit else package.handed_over_on
        limits = {"max": today().isoformat()} | ({"min": first.isoformat()} if first else {})
        self.fields["visited_on"].widget.attrs |= limits
        self.first = first

    def clean_visited_on(self):
        day = self.cleaned_data["visited_on"]
        if not (self.first or EARLIEST) <= day <= today():
            words = {"first": write_date(self.first) if self.first else "–", "last": write_date(today())}
            raise forms.ValidationError(
                gettext("The visit lies between the handover (%(first)s) and today (%(last)s).") % words
            )
        return day

    def clean(self):
        said = super().clean()
        holder, name = said.get("holder"), said.get("holder_name")
        if holder in NAMED and not name:
            self.add_error("holder_name", gettext("Name the holder; the public sees initials of a person only."))
        if name and not holder and "holder" in self.fields:
            self.add_error("holder", gettext("Say what kind of holder this is, or take the name away."))
        return said

    @property
    def seen(self):
        """The fields of a Visit that were answered, but its key and day."""
        return {name: value for name, value in self.cleaned_data.items() if name not in {"key", "visited_on"}}


def blank_form(package, unit, key):
    """The form as it stands before anything was typed: today, and as the unit was found last."""
    initial = {"key": key, "visited_on": today()}
    if unit is not None:
        initial["state"] = unit.state
    return VisitForm(initial=initial, package=package, unit=unit, auto_id=f"{mark(unit)}-%s")


def mark(unit):
    """What ids of this unit's form begin with."""
    return f"unit-{unit.code}" if unit is not None else "paket"


def photos_of(request):
    """`[(upload, moment or None, fingerprint or "")]` of the photographs that came, as far as the device says so.

    Raises ValidationError for too many.
    """
    uploads = request.FILES.getlist(PHOTOS)
    if len(uploads) > MOST_PHOTOS:
        raise forms.ValidationError(
            gettext("A visit has at most %(most)s photographs. Send the rest with another visit.")
            % {"most": MOST_PHOTOS}
        )
    taken, originals = request.POST.getlist(TAKEN), request.POST.getlist(ORIGINAL)
    if not len(uploads) == len(taken) == len(originals):
        # The plain form says nothing of them.
        return [(upload, None, "") for upload in uploads]
    return [
        (upload, _moment(when), original if SHA256.fullmatch(original) else "")
        for upload, when, original in zip(uploads, taken, originals, strict=True)
    ]


def _moment(said):
    """`2026-11-25T09:12:00`, in WITA where no zone is said; None for anything else."""
    try:
        found = datetime.fromisoformat(said[:32])
        found = found if found.tzinfo else timezone.make_aware(found, timezone.get_default_timezone())
        return found if 1990 <= found.astimezone(timezone.get_default_timezone()).year <= 2100 else None
    except (ValueError, OverflowError):
        return None

"""/kerja/kemajuan/: what if, and snapshots taken and signed."""

from datetime import date

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from common.acts import ActForm, acting, carry_out, is_late
from common.dates import today
from common.fields import CountField, TextField, YearField
from progress.forms import EARLIEST
from progress.models import Quantity, Snapshot
from progress.sheet import kept, rules_of, sheet, versions_now
from progress.shown import Shown
from progress.what_if import last_numbers, suppose

VIEW, TAKE, SIGN = "progress.view_rubric", "progress.take_snapshot", "progress.sign_snapshot"


@permission_required(VIEW, raise_exception=True)
@require_safe
def progress_work(request):
    return render(request, "progress/work.html", {"snapshots": Snapshot.objects.for_list()[:50]})


# What if ---------------------------------------------------------------------------------------------


# What cannot be more than something else.
PART_OF = (
    (Quantity.ACTIVE, Quantity.COOPERATIVES),
    (Quantity.GOOD, Quantity.ACTIVE),
    (Quantity.RAT_HELD, Quantity.COOPERATIVES),
    (Quantity.AUDITED, Quantity.COOPERATIVES),
)


class WhatIfForm(forms.Form):
    """One number for each quantity of the rubric; empty is not known."""

    def __init__(self, data, *, numbers):
        super().__init__(data, initial=numbers)
        for quantity in numbers:
            label = capfirst(str(Quantity(quantity).label))
            self.fields[quantity] = CountField(label=label, required=False)

    def clean(self):
        super().clean()
        data = self.cleaned_data
        for part, whole in PART_OF:
            if data.get(part) is not None and data.get(whole) is not None and data[part] > data[whole]:
                words = _("More than there are: at most %(count)s (%(what)s).")
                error = ValidationError(words % {"count": data[whole], "what": whole.label})
                self.add_error(str(part), error)
        return data


@permission_required(VIEW, raise_exception=True)
@require_safe
def what_if(request):
    """A regency, by itself one's own, with other numbers of today: scores and gates as they would be."""
    on, versions = today(), versions_now()
    rules = rules_of(on)
    found = kept(on, rules, versions)
    shown = Shown(found)
    own = request.user.regency.slug if request.user.regency_id else ""
    key = request.GET.get("wilayah", own)
    row = next((row for row in found["rows"] if row["key"] == key), None)
    context = {"shown": shown, "regencies": shown.rows, "key": key, "form": None, "supposed": None}
    if row is not None:
        numbers = last_numbers(rules.criteria, row)
        form = WhatIfForm(request.GET if set(numbers) & request.GET.keys() else None, numbers=numbers)
        context |= {"form": form, "row": shown.row(key)}
        if form.is_bound and form.is_valid():
            context["supposed"] = suppose(found, shown, rules, key, form.cleaned_data)
    return render(request, "progress/what_if.html", context)


# Snapshots -------------------------------------------------------------------------------------------


class TakeForm(forms.Form):
    """A year that has ended, and what is to be said about it."""

    tahun = YearField(label=gettext_lazy("Year"), help_text=gettext_lazy("A year that has ended; its last day counts."))
    note = TextField(label=gettext_lazy("Note"), max_length=300, required=False)

    def clean_tahun(self):
        year = self.cleaned_data["tahun"]
        if not EARLIEST <= year < today().year:
            raise ValidationError(
                _("Years from %(first)s to %(last)s can be published.") % {"first": EARLIEST, "last": today().year - 1}
            )
        return year

    def clean(self):
        super().clean()
        data = self.cleaned_data
        if "tahun" in data:
            self.on = date(data["tahun"], 12, 31)
            self.rules = rules_of(self.on)
            if not self.rules.criteria:
                self.add_error("tahun", _("No rubric with criteria holds on the last day of that year."))
            if Snapshot.objects.filter(as_of=self.on, state=Snapshot.State.WAITING).exists():
                self.add_error("tahun", _("A snapshot of that day already waits for its signature."))
        return data

    def take(self, by):
        return Snapshot.take(
            sheet(self.on, self.rules), rubric=self.rules.rubric, on=self.on, by=by, note=self.cleaned_data["note"]
        )


@acting(TAKE)
def take_snapshot(request):
    form = TakeForm(request.POST or None)
    taken = []
    if request.method == "POST" and form.is_valid() and carry_out(form, lambda: taken.append(form.take(request.user))):
        messages.success(request, _("The snapshot is taken. It waits for the signature of a second person."))
        return redirect("snapshot_record", taken[0].pk)
    return render(request, "progress/take_snapshot.html", {"form": form}, status=409 if is_late(form) else 200)


@permission_required(VIEW, raise_exception=True)
@require_safe
def snapshot_record(request, pk):
    """A snapshot whatever its state: what its signer reads before signing."""
    found = _snapshot(pk)
    context = {
        "snapshot": found,
        "shown": Shown(found.sheet),
        "may_decide": request.user.has_perm(SIGN) and found.state == Snapshot.State.WAITING,
        "is_own": found.taken_by_id == request.user.pk,
    }
    return render(request, "progress/snapshot_record.html", context)


def _snapshot(pk):
    return get_object_or_404(Snapshot.objects.select_related("rubric", "taken_by", "signed_by"), pk=pk)


class SignForm(ActForm):
    """Signs what was read at a version."""


class RefuseForm(ActForm):
    reason = TextField(label=gettext_lazy("Reason"), max_length=300)


@acting(SIGN)
def sign_snapshot(request, pk):
    found = _snapshot(pk)
    form = SignForm(request.POST or None, record=found)
    return _decide(request, found, form, lambda: form.as_read().sign(by=request.user), _("Signed and published."))


@acting(SIGN)
def refuse_snapshot(request, pk):
    found = _snapshot(pk)
    form = RefuseForm(request.POST or None, record=found)
    return _decide(
        request,
        found,
        form,
        lambda: form.as_read().refuse(by=request.user, reason=form.cleaned_data["reason"]),
        _("Not signed; the reason stands with the snapshot."),
    )


def _decide(request, found, form, act, done):
    if request.method == "POST" and form.is_valid() and carry_out(form, act):
        messages.success(request, done)
        return redirect("snapshot_record", found.pk)
    context = {"snapshot": found, "form": form, "is_refusal": isinstance(form, RefuseForm)}
    return render(request, "progress/decide_snapshot.html", context, status=409 if is_late(form) else 200)

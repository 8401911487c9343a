"""Units of a package, and handing them over."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from assistance.acts import act_page, claim, package_of
from assistance.corrections import correct_unit, register_units
from assistance.forms import HandoverForm, NumbersForm, RejectForm, UnitForm, UnitsForm
from assistance.models import Handover, Unit, hand_over
from assistance.record_views import APPROVE, PROCESS
from assistance.stages import Paper, Stage, may_follow, skipped
from common.acts import acting, carry_out
from common.models import ChangedMeanwhile, StepRefused
from files.upload import WITH_FIELDS


def _numbers(data, count):
    made = forms.modelformset_factory(
        Unit, form=NumbersForm, extra=count, max_num=UnitsForm.MOST, absolute_max=UnitsForm.MOST
    )
    return made(data, queryset=Unit.objects.none(), prefix="unit")


@acting(PROCESS)
def register_package_units(request, pk):
    """Register units: what they have in common once, their own numbers in a row each."""
    package = package_of(request, pk)
    there = package.units.count()
    left = UnitsForm.MOST if package.quantity is None else max(0, package.quantity - there)
    count = min(left, UnitsForm.MOST, _asked(request.GET.get("jumlah", ""), left))
    form = UnitsForm(request.POST or None, record=package)
    rows = _numbers(request.POST or None, count)
    if request.method == "POST" and all([form.is_valid(), rows.is_valid()]):
        common = {name: form.cleaned_data[name] for name in ("maker", "type", "year", "price")}
        units = [Unit(**common, **{k: v for k, v in row.cleaned_data.items() if k != "id"}) for row in rows]
        units = units or [Unit(**common)]
        if carry_out(form, lambda: register_units(form.as_read(), units, by=request.user)):
            messages.success(request, _("Registered: %(count)s units, each with its code.") % {"count": len(units)})
            return redirect("aid_record", pk=pk)
    context = {"package": package, "form": form, "rows": rows, "there": there, "left": left, "count": count}
    return render(request, "assistance/register_units.html", context, status=409 if form.non_field_errors() else 200)


def _asked(text, left):
    return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 6 else left


@acting(PROCESS)
def correct_package_unit(request, pk):
    """Correct one unit: maker, numbers, place."""
    units = Unit.objects.visible_to(request.user).select_related("package__kind")
    unit = get_object_or_404(units, pk=pk)
    package = package_of(request, unit.package_id)
    form = UnitForm(request.POST or None, record=unit)

    def act(form):
        correct_unit(form.as_read(), by=request.user, reason=form.cleaned_data["reason"])

    title = _("Correct unit %(unit)s") % {"unit": unit}
    return act_page(request, package, form, act, title=title, done=_("Saved."), submit=_("Save"))


# Handing over ---------------------------------------------------------------------------------------


@acting(PROCESS, files=WITH_FIELDS)
def enter_handover(request, pk):
    """Enter a handover with its BAST; somebody else confirms it."""
    package = package_of(request, pk)
    without = package.kind.without
    form = HandoverForm(
        request.POST or None,
        request.FILES or None,
        record=package,
        request=request,
        paper=Paper.BAST,
        asks_reason=may_follow(package.stage, Stage.HANDED_OVER, without=without)
        and bool(skipped(package.stage, Stage.HANDED_OVER, without=without)),
    )

    def act(form):
        if document := form.keep():
            data = form.cleaned_data
            units = list(data.get("units") or [])
            for unit in units:
                unit.package = package
            with transaction.atomic():
                claim(form, by=request.user, reason=_("Handover entered"))
                hand_over(
                    package,
                    quantity=len(units) or data.get("quantity") or 0,
                    handed_on=data["handed_on"],
                    document=document,
                    received_by=data["received_by"],
                    by=request.user,
                    units=units,
                    place=data["place"],
                    skip_reason=data.get("skip_reason", ""),
                    said=form.said,
                )

    return act_page(
        request,
        package,
        form,
        act,
        title=_("Enter a handover"),
        done=_("Entered. A colleague who may approve confirms it."),
        submit=_("Enter"),
        papers=[Paper(paper).label for paper in package.papers(Stage.HANDED_OVER)[1:]],
    )


def _handover(request, pk):
    handovers = Handover.objects.visible_to(request.user).select_related("document", "package")
    return get_object_or_404(handovers, pk=pk)


@permission_required(APPROVE, raise_exception=True)
@require_POST
def confirm_handover(request, pk):
    """Confirm a handover that somebody else entered."""
    handover = _handover(request, pk)
    try:
        handover.confirm(by=request.user)
    except (StepRefused, ChangedMeanwhile) as refused:
        messages.error(request, _refusal(refused))
    else:
        messages.success(request, _("Confirmed. The units are the recipient's from that day on."))
    return redirect("aid_record", pk=handover.package_id)


@acting(APPROVE)
def reject_handover(request, pk):
    """Reject a handover before it was confirmed; its things can be handed over again."""
    handover = _handover(request, pk)
    package = package_of(request, handover.package_id)
    form = RejectForm(request.POST or None)

    def act(form):
        handover.reject(by=request.user, reason=form.cleaned_data["reason"])

    title = _("Reject the handover")
    return act_page(request, package, form, act, title=title, done=_("Rejected."), submit=_("Reject"))


def _refusal(refused):
    if isinstance(refused, ChangedMeanwhile):
        return _("Somebody changed this just now. Look at it, then send the form again.")
    return str(refused)

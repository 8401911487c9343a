"""What one does to a cooperative besides editing it: record or withdraw a status, void, restore, merge."""

from django import forms
from django.contrib import messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext

from common.dates import format_date
from common.models import ChangedMeanwhile
from cooperatives import merging
from cooperatives.chips import BADGES
from cooperatives.forms import MergeForm, ReasonForm, StatusForm
from cooperatives.models import Cooperative, StatusPeriod, StepRefused


def open_to(request, record):
    """`[(label, address)]` of what this person may do to this record now."""
    found = []
    if record.is_voided:
        if request.user.has_perm("cooperatives.void_cooperative") and not record.same_as_id:
            found.append((gettext("Restore"), _url("restore", record)))
        return found
    if request.user.has_perm("cooperatives.set_status"):
        found.append((gettext("Record a status"), _url("status", record)))
    if request.user.has_perm("cooperatives.merge_cooperative"):
        found.append((gettext("Merge with its double"), _url("merge", record)))
    if request.user.has_perm("cooperatives.void_cooperative"):
        found.append((gettext("Void a wrong entry"), _url("void", record)))
    return found


def status_of(record):
    """What the pages show of a record's status: the recorded one with its periods, and the rule's."""
    differs = bool(record.status and record.rule_status) and not record.has_ended
    return {
        "badge_kind": BADGES.get(record.status, ""),
        "periods": list(record.status_periods.select_related("by", "successor")),
        "differs_from_rule": differs and record.status != record.rule_status,
    }


def _url(name, record, *ids):
    return reverse(f"admin:cooperatives_cooperative_{name}", args=[record.pk, *ids])


def _record(model_admin, request, pk, permission):
    """The record: 403 without the permission, 404 for what this person may not see or edit."""
    if not request.user.has_perm(permission):
        raise PermissionDenied
    rows = Cooperative.objects.visible_to(request.user).select_related("regency", "same_as")
    record = rows.filter(pk=pk).first() if pk < 2**63 else None
    if record is None:
        raise Http404
    if request.user.regency_id and not Cooperative.objects.editable_by(request.user).filter(pk=pk).exists():
        raise PermissionDenied
    return record


def _page(model_admin, request, template, record, **context):
    return TemplateResponse(
        request,
        f"admin/cooperatives/cooperative/{template}.html",
        {
            **model_admin.admin_site.each_context(request),
            "opts": model_admin.opts,
            "original": record,
            "subtitle": str(record),
            "media": model_admin.media,
            **context,
        },
    )


def _done(request, record, sentence):
    messages.success(request, sentence)
    return redirect("admin:cooperatives_cooperative_change", record.pk)


def _choose(form, name, field, admin_site):
    """Let a field of a plain form search like the autocomplete of the admin."""
    widget = AutocompleteSelect(field, admin_site, attrs={"class": "admin-autocomplete"})
    form.fields[name].widget = widget
    widget.choices = form.fields[name].choices


def status(model_admin, request, pk):
    """Record a status, today's or a back-dated one."""
    record = _record(model_admin, request, pk, "cooperatives.set_status")
    form = StatusForm(request.POST or None, cooperative=record)
    _choose(form, "successor", StatusPeriod._meta.get_field("successor"), model_admin.admin_site)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if record.status_periods.filter(status=data["status"], since=data["since"]).exists():
            return _done(request, record, gettext("This status was recorded already; nothing changed."))
        try:
            record.record_status(**data, by=request.user)
        except StepRefused as why:
            form.add_error(None, str(why))
        else:
            sentence = gettext("Recorded: %(status)s since %(day)s.")
            words = {"status": record.get_status_display(), "day": format_date(data["since"])}
            return _done(request, record, sentence % words)
    context = {"title": gettext("Record a status"), "form": form, **status_of(record)}
    return _page(model_admin, request, "status", record, **context, form_media=form.media)


def withdraw(model_admin, request, pk, period):
    """Take back a status that was recorded by mistake."""
    record = _record(model_admin, request, pk, "cooperatives.set_status")
    wrong = record.status_periods.filter(pk=period).first() if period < 2**63 else None
    if wrong is None:
        messages.info(request, gettext("This status was already withdrawn."))
        return redirect("admin:cooperatives_cooperative_change", record.pk)
    return _with_reason(
        model_admin,
        request,
        record,
        title=gettext("Withdraw a status"),
        explanation=gettext("“%(period)s” is taken back; the status before it goes on. The history keeps both.")
        % {"period": wrong},
        act=lambda reason: record.withdraw_status(wrong, reason=reason, by=request.user),
        done=gettext("The status was withdrawn."),
    )


def void(model_admin, request, pk):
    """Take a wrong entry out of every count."""
    record = _record(model_admin, request, pk, "cooperatives.void_cooperative")
    return _with_reason(
        model_admin,
        request,
        record,
        title=gettext("Void a wrong entry"),
        explanation=gettext(
            "The record leaves every list and every count; its history stays and it can be restored. "
            "A cooperative that ceased to exist is not void: record the status “Dissolved” instead."
        ),
        act=lambda reason: record.void(reason=reason, by=request.user),
        done=gettext("The record was voided."),
        is_done=record.is_voided,
    )


def restore(model_admin, request, pk):
    """Bring a voided record back."""
    record = _record(model_admin, request, pk, "cooperatives.void_cooperative")
    taken = record.is_voided and _number_is_taken(record)
    return _with_reason(
        model_admin,
        request,
        record,
        title=gettext("Restore a voided record"),
        explanation=taken or gettext("The record comes back into the register, with everything that hangs on it."),
        act=lambda reason: record.restore(reason=reason, by=request.user),
        done=gettext("The record was restored."),
        is_done=not record.is_voided,
        refused=taken,
    )


def _number_is_taken(record):
    if not record.nomor_induk_koperasi:
        return ""
    other = Cooperative.objects.in_register().filter(nomor_induk_koperasi=record.nomor_induk_koperasi).first()
    if other is None:
        return ""
    return gettext("Its Nomor Induk Koperasi meanwhile belongs to “%(name)s”. Merge the two, or correct that one.") % {
        "name": other
    }


def _with_reason(model_admin, request, record, *, title, explanation, act, done, is_done=False, refused=""):
    """One question, one reason, one act; a repeat is told that it was done."""
    if is_done and request.method == "POST":
        messages.info(request, gettext("This was done already; nothing changed."))
        return redirect("admin:cooperatives_cooperative_change", record.pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and not refused:
        try:
            act(form.cleaned_data["reason"])
        except StepRefused as why:
            form.add_error(None, str(why))
        else:
            return _done(request, record, done)
    return _page(model_admin, request, "reason", record, title=title, explanation=explanation, form=form)


def merge(model_admin, request, pk):
    """Choose the record that stays, see what moves and what does not, then merge."""
    double = _record(model_admin, request, pk, "cooperatives.merge_cooperative")
    chosen = request.POST.get("ke") or request.GET.get("ke") or ""
    title = gettext("Merge with its double")
    if double.same_as_id:
        messages.info(request, gettext("This record was merged already; nothing changed."))
        return redirect("admin:cooperatives_cooperative_change", double.same_as_id)
    survivor = None
    if chosen.isdecimal() and len(chosen) < 19:
        rows = Cooperative.objects.visible_to(request.user).select_related("regency", "group", "form", "kind", "sector")
        survivor = rows.filter(pk=chosen).first()
    if survivor is None:
        return _page(model_admin, request, "merge", double, title=title, chooser=_chooser(model_admin))
    form = MergeForm(request.POST or None)
    agreed = None
    try:
        agreed = merging.plan(double, into=survivor)
        if request.method == "POST" and form.is_valid():
            versions = _versions(request.POST.get("versions", ""))
            merging.merge(double, into=survivor, by=request.user, versions=versions, **form.cleaned_data)
            return _done(request, survivor, gettext("Merged. The old address leads here now."))
    except StepRefused as why:
        messages.error(request, str(why))
    except ChangedMeanwhile as changed:
        sentence = gettext("“%(name)s” was changed meanwhile. Look at the comparison again, then merge.")
        messages.error(request, sentence % {"name": changed.record})
        return redirect(f"{request.path}?ke={survivor.pk}")
    compared = merging.compared(double, survivor)
    context = {"title": title, "form": form, "plan": agreed, "survivor": survivor, "compared": compared}
    return _page(model_admin, request, "merge", double, **context)


def _versions(text):
    double, _dot, survivor = text.partition(".")
    return (
        int(double) if double.isdecimal() and len(double) < 10 else -1,
        int(survivor) if survivor.isdecimal() and len(survivor) < 10 else -1,
    )


def _chooser(model_admin):
    form = forms.Form()
    rows = Cooperative.objects.in_register()
    form.fields["ke"] = forms.ModelChoiceField(rows, label=gettext("the record that stays"))
    _choose(form, "ke", Cooperative._meta.get_field("same_as"), model_admin.admin_site)
    return form

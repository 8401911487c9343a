"""Steps and corrections of packages: one form a page, for one package or for many on one document."""

from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assistance.acts import act_page, claim, package_of
from assistance.corrections import (
    correct_quantity,
    open_fields,
    record_amount,
    revise,
    take_out,
)
from assistance.earlier import earlier_aid
from assistance.forms import (
    AmountForm,
    AttachForm,
    DocumentForm,
    FactsForm,
    FindingForm,
    PaperForm,
    QuantityForm,
    SettleForm,
    StepForm,
    TakeOutForm,
)
from assistance.models import Finding, Package
from assistance.models.rules import finding_days_on
from assistance.procedure import attach, make_up, missing_stages, open_ends, take
from assistance.record_views import APPROVE, PROCESS, VIEW
from assistance.stages import NEEDS, WAY, Paper, Stage, may_follow, skipped
from common.acts import acting, carry_out, is_late
from common.dates import format_date
from files.upload import WITH_FIELDS

MOST_AT_ONCE = 200


# Steps ----------------------------------------------------------------------------------------------


@acting(VIEW, files=WITH_FIELDS)
def take_steps(request):
    """Take one step for the packages that were ticked, all or none; `?ke=` says which, `paket` for whom."""
    asked = request.POST if request.method == "POST" else request.GET
    if not asked.get("ke") or not asked.get("paket"):
        messages.warning(request, _("Tick at least one package, at most %(most)s.") % {"most": MOST_AT_ONCE})
        return redirect("aid_list")
    stage = _stage(asked["ke"])
    if not request.user.has_perm(NEEDS[stage].permission):
        raise PermissionDenied
    shown = _shown(asked)
    packages = _ticked(request, shown)
    if not packages:
        messages.warning(request, _("Tick at least one package, at most %(most)s.") % {"most": MOST_AT_ONCE})
        return redirect("aid_list")
    earlier = [(package, found) for package in packages if stage == Stage.DECREED and (found := earlier_aid(package))]
    form = StepForm(
        request.POST or None,
        request.FILES or None,
        stage=stage,
        paper=NEEDS[stage].papers[0],
        request=request,
        is_one=len(packages) == 1,
        asks_reason=any(_asks_reason(package, stage) for package in packages),
        has_earlier=bool(earlier),
    )
    if request.method == "POST" and form.is_valid():
        if _taken(request, form, stage, packages):
            return redirect(packages[0].get_record_url() if len(packages) == 1 else "aid_list")
        # A step that was refused half way leaves its packages changed in memory: they are read again.
        packages = _ticked(request, shown | form.renewed)
    context = {
        "form": form,
        "stage": stage,
        "label": stage.label,
        "packages": packages,
        "skips": _skips(packages, stage),
        "open_ends": _open_ends(packages, stage),
        "earlier": earlier,
        "needs": [Paper(paper).label for paper in packages[0].papers(stage)[1:]],
    }
    return render(request, "assistance/take_steps.html", context, status=409 if is_late(form) else 200)


def _taken(request, form, stage, packages):
    document = form.keep()
    if document is None:
        return False
    said = {packages[0].pk: form.said} if form.said else None
    data = form.cleaned_data

    def act():
        take(
            stage,
            packages,
            document=document,
            by=request.user,
            reason=data["reason"],
            earlier_reason=data.get("earlier_reason", ""),
            said=said,
        )

    if not carry_out(form, act):
        return False
    sentence = ngettext(
        "Done: “%(stage)s” for %(count)s package.", "Done: “%(stage)s” for %(count)s packages.", len(packages)
    )
    messages.success(request, sentence % {"stage": stage.label, "count": len(packages)})
    return True


def _stage(text):
    if text not in Stage.values or text in {Stage.PROPOSED, Stage.HANDED_OVER}:
        raise Http404
    return Stage(text)


def _shown(asked):
    """`{id: version}` of what is named `paket`, each `id` or `id.version` as it was shown; None without a version."""
    wanted = {}
    for mark in asked.getlist("paket")[: MOST_AT_ONCE + 1]:
        key, _dot, version = mark.partition(".")
        if key.isascii() and key.isdigit() and len(key) < 19:
            wanted[int(key)] = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else None
    return wanted


def _ticked(request, wanted):
    """These packages at the versions that were shown, which then are compared; none where there are too many."""
    if len(wanted) > MOST_AT_ONCE:
        return []
    found = Package.objects.visible_to(request.user).filter(pk__in=wanted).for_list().order_by("pk")
    packages = list(found)
    if len(packages) != len(wanted):
        raise Http404
    for package in packages:
        if wanted[package.pk] is not None:
            package.version = wanted[package.pk]
    return packages


def _asks_reason(package, stage):
    without = package.kind.without
    if not may_follow(package.stage, stage, without=without):
        return False
    return bool(NEEDS[stage].reason or skipped(package.stage, stage, without=without))


def _skips(packages, stage):
    found = []
    for package in packages:
        if may_follow(package.stage, stage, without=package.kind.without):
            found += [one.label for one in skipped(package.stage, stage, without=package.kind.without)]
    return list(dict.fromkeys(found))


def _open_ends(packages, stage):
    if stage not in {Stage.MONITORED, Stage.CLOSED}:
        return []
    return list(dict.fromkeys(words for package in packages for words in open_ends(package)))


@acting(PROCESS, files=WITH_FIELDS)
def make_up_stage(request, pk, stage):
    """File the document of a stage that was passed without one."""
    package = package_of(request, pk)
    if stage not in WAY or (request.method != "POST" and stage not in missing_stages(package)):
        raise Http404
    form = DocumentForm(
        request.POST or None,
        request.FILES or None,
        record=package,
        request=request,
        paper=package.papers(stage)[0],
    )

    def act(form):
        if document := form.keep():
            make_up(form.as_read(), Stage(stage), document=document, by=request.user)

    title = _("File the papers of “%(stage)s” later") % {"stage": Stage(stage).label}
    return act_page(request, package, form, act, title=title, done=_("On file."), submit=_("File"))


# Documents ------------------------------------------------------------------------------------------


@acting(PROCESS, files=WITH_FIELDS)
def attach_document(request, pk):
    """Put a further document on file: which kind first, then the document."""
    package = package_of(request, pk)
    chosen = PaperForm(request.GET)
    if not chosen.is_valid():
        return render(request, "assistance/choose_paper.html", {"package": package, "papers": Paper.choices})
    paper = chosen.cleaned_data["jenis"]
    form = AttachForm(request.POST or None, request.FILES or None, record=package, request=request, paper=paper)

    def act(form):
        if document := form.keep():
            with transaction.atomic():
                claim(form, by=request.user, reason=_("Document attached"))
                attach(package, document, said=form.said)

    title = _("Attach: %(paper)s") % {"paper": Paper(paper).label}
    return act_page(request, package, form, act, title=title, done=_("On file."), submit=_("Attach"))


# Corrections ----------------------------------------------------------------------------------------


@acting(PROCESS)
def record_value(request, pk):
    """Record or correct a value."""
    package = package_of(request, pk)
    form = AmountForm(request.POST or None, record=package, initial={"what": request.GET.get("nilai", "planned")})

    def act(form):
        data = form.cleaned_data
        record_amount(form.as_read(), data["what"], data["amount"], by=request.user, reason=data["reason"])

    return act_page(request, package, form, act, title=_("Record a value"), done=_("Recorded."), submit=_("Record"))


@acting(PROCESS)
def correct_package_quantity(request, pk):
    """Correct the quantity after the decree."""
    package = package_of(request, pk)
    form = QuantityForm(request.POST or None, record=package, initial={"quantity": package.quantity})

    def act(form):
        data = form.cleaned_data
        correct_quantity(form.as_read(), data["quantity"], by=request.user, reason=data["reason"])

    return act_page(
        request, package, form, act, title=_("Correct the quantity"), done=_("Corrected."), submit=_("Correct")
    )


@acting(PROCESS)
def revise_package(request, pk):
    """Correct facts that the decree has not fixed."""
    package = package_of(request, pk)
    form = FactsForm(request.POST or None, record=package, allowed=open_fields(package))

    def act(form):
        data = form.cleaned_data
        changes = {name: data[name] for name in form.Meta.fields if name in data}
        revise(form.as_read(), changes, by=request.user, reason=data["reason"])

    return act_page(request, package, form, act, title=_("Correct the facts"), done=_("Saved."), submit=_("Save"))


@acting(APPROVE)
def take_out_package(request, pk):
    """Take a wrong entry out of every list and sum."""
    package = package_of(request, pk)
    form = TakeOutForm(request.POST or None, record=package)
    if request.method == "POST" and form.is_valid():

        def act():
            take_out(form.as_read(), reason=form.cleaned_data["reason"], by=request.user)

        if carry_out(form, act):
            messages.success(request, _("Taken out. Its history stays."))
            return redirect("aid_list")
    return act_page(request, package, form, _nothing, title=_("Take out a wrong entry"), done="", submit=_("Take out"))


def _nothing(_form):
    """The act was tried already, and refused."""


# Findings -------------------------------------------------------------------------------------------


@acting(PROCESS, files=WITH_FIELDS)
def enter_finding(request, pk):
    """Enter a finding of an inspection; it is to be settled within the days of its rule."""
    package = package_of(request, pk)
    form = FindingForm(
        request.POST or None, request.FILES or None, record=package, request=request, paper=Paper.FINDING
    )

    def act(form):
        if document := form.keep():
            due = document.dated_on + timedelta(days=finding_days_on(document.dated_on))
            with transaction.atomic():
                claim(form, by=request.user, reason=_("Finding entered"))
                attach(package, document)
                Finding.objects.create(
                    package=package, document=document, text=form.cleaned_data["text"], due_on=due, by=request.user
                )

    return act_page(request, package, form, act, title=_("Enter a finding"), done=_("On record."), submit=_("Enter"))


@acting(PROCESS)
def settle_finding(request, pk):
    """Say how a finding was settled."""
    finding = get_object_or_404(Finding.objects.visible_to(request.user).select_related("document"), pk=pk)
    package = package_of(request, finding.package_id)
    form = SettleForm(request.POST or None)

    def act(form):
        data = form.cleaned_data
        finding.settle(on=data["settled_on"], settlement=data["settlement"], by=request.user)

    title = _("Settle the finding of %(day)s") % {"day": format_date(finding.document.dated_on)}
    return act_page(
        request, package, form, act, title=capfirst(title), done=_("Settled."), submit=_("Settle"), said=finding.text
    )

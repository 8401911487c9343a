"""/kerja/koperasi/: the register as the responsible office keeps it up, on a phone: what is missing, one form a page.

An officer keeps up what is under the own office; what is only located in the own regency can be read. The province's
own section keeps up the cooperatives of the province.
"""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.db.models import Case, Exists, IntegerField, OuterRef, Q, Value, When
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.admin import VersionedForm
from common.conflict import meet
from common.dates import today
from common.fields import DateField, SignedRupiahField, TextField, UnknownBooleanField, formfield_for
from common.paging import CappedPaginator
from cooperatives import quality
from cooperatives.forms import AnnualReturnForm, CoordinateField, add_contradictions, add_total
from cooperatives.models import AnnualReturn, Cooperative, Form, Status, StatusProposal, StepRefused, rules_on
from cooperatives.models.proposal import propose
from cooperatives.problems import problems_of
from cooperatives.summary import last_ended_book_year, publish, publish_pages

PER_PAGE = 25
YEARS = 5
OPEN_YEARS = 10
CHANGE, REPORT = "cooperatives.change_cooperative", "cooperatives.add_annualreturn"


# Forms ----------------------------------------------------------------------------------------------


class ContactForm(VersionedForm):
    """Where a cooperative is and how it is reached."""

    latitude = CoordinateField(required=False, max_digits=8, decimal_places=6, label=_("latitude"))
    longitude = CoordinateField(required=False, max_digits=9, decimal_places=6, label=_("longitude"))

    class Meta:
        model = Cooperative
        formfield_callback = formfield_for
        fields = [
            "address",
            "village",
            "district",
            "postal_code",
            "latitude",
            "longitude",
            "phone",
            "other_phone",
            "email",
            "website",
        ]

    def clean(self):
        super().clean()
        record = self.instance
        facts = {"is_merah_putih": record.is_merah_putih} | {
            name: value for name, value in self.cleaned_data.items() if name in self.Meta.fields
        }
        for name, message in problems_of(facts, unread=set(self.errors)).items():
            self.add_error(name if name in self.fields else None, message)
        return self.cleaned_data


class OwnReturnForm(VersionedForm):
    """One cooperative's return for one book year, which the address names."""

    rat_held = UnknownBooleanField(required=False, label=_("RAT held"))
    audited = UnknownBooleanField(required=False, label=_("audited"))
    shu = SignedRupiahField(required=False, label=_("SHU (Rp)"))

    class Meta:
        model = AnnualReturn
        formfield_callback = formfield_for
        # Whose and which year the address says.
        fields = [name for name in AnnualReturnForm.Meta.fields if name not in {"cooperative", "book_year"}]

    def clean(self):
        super().clean()
        add_total(self)
        add_contradictions(self)
        return self.cleaned_data


class ProposalForm(forms.Form):
    """A status that the office is asked to record."""

    status = forms.ChoiceField(label=_("Status"))
    since = DateField(label=_("Since"))
    basis = TextField(
        label=_("Basis"),
        max_length=300,
        help_text=_(
            "What the status rests on: a decree, a visit, the RAT minutes. It is public; name no private person."
        ),
    )

    def __init__(self, *args, record, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["status"].choices = [
            (value, label) for value, label in Status.choices if value not in {Status.MERGED, record.status}
        ]


class DecisionForm(forms.Form):
    """What the office decides, and why."""

    ACCEPT, REFUSE = "accept", "refuse"

    decision = forms.ChoiceField(choices=[(ACCEPT, ACCEPT), (REFUSE, REFUSE)])
    reason = TextField(required=False, max_length=300)


# Pages ----------------------------------------------------------------------------------------------


def _office(user):
    """Whose cooperatives a person keeps up: the own regency's, or the province's own."""
    return user.regency if user.regency_id else Form.Level.PROVINCE


def _with_gaps(cooperatives):
    """Each with `lacks_…` for every check, 1 where it fails, and their sum `gaps`."""
    year = rules_on(today()).counting_year
    given = AnnualReturn.objects.filter(cooperative=OuterRef("pk"), book_year=year)
    owed = Q(pk__in=quality.owing_a_return(Cooperative.objects.all(), year).values("pk"))
    lacks = {f"lacks_{check.key}": _one(check.condition) for check in quality.CHECKS}
    lacks[f"lacks_{quality.NO_RETURN}"] = _one(owed & ~Q(Exists(given)))
    found = cooperatives.annotate(**lacks)
    total = Value(0)
    for name in lacks:
        total = total + Case(When(**{name: 1}, then=1), default=0)
    return found.annotate(gaps=total), year


def _one(condition):
    return Case(When(condition, then=Value(1)), default=Value(0), output_field=IntegerField())


def lacking(record, year):
    """What is missing of a record that `_with_gaps` has read, as words."""
    words = [str(check.label) for check in quality.CHECKS if getattr(record, f"lacks_{check.key}")]
    if getattr(record, f"lacks_{quality.NO_RETURN}"):
        words.insert(0, gettext("without a return for %(year)s") % {"year": year})
    return words


@permission_required("cooperatives.view_cooperative", raise_exception=True)
@require_safe
def own_cooperatives(request):
    """The cooperatives under the own office, worst first; those that are only located there on request."""
    user = request.user
    own = Cooperative.objects.standing().under(_office(user))
    elsewhere = bool(user.regency_id) and request.GET.get("lokasi") == "1"
    if elsewhere:
        own = Cooperative.objects.standing().located_in(user.regency).exclude(pk__in=own.values("pk"))
    text = request.GET.get("q", "")[:200].replace("\x00", "")
    if text:
        own = own.matching(text)
    found, year = _with_gaps(own)
    lack = request.GET.get("kurang", "")
    if lack in quality.BY_KEY or lack == quality.NO_RETURN:
        found = found.filter(**{f"lacks_{lack}": 1})
    found = found.select_related("regency", "form").order_by("-gaps", "name_key", "pk")
    page = CappedPaginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(record, lacking(record, year)) for record in page],
        "text": text,
        "lack": lack,
        "checks": [(quality.NO_RETURN, gettext("without a return for %(year)s") % {"year": year})]
        + [(check.key, check.label) for check in quality.CHECKS],
        "elsewhere": elsewhere,
    }
    return render(request, "cooperatives/own_list.html", context)


def _record(request, pk):
    """A record that this person may see, with `may_edit`; 404 for any other."""
    seen = Cooperative.objects.visible_to(request.user).in_register()
    record = get_object_or_404(seen.select_related("regency", "form"), pk=pk)
    record.may_edit = Cooperative.objects.editable_by(request.user).filter(pk=pk).exists()
    return record


def _editable(request, pk):
    """The same for a form: what can only be read answers 404 to whoever wants to write it."""
    record = _record(request, pk)
    if not record.may_edit:
        raise Http404
    return record


@permission_required("cooperatives.view_cooperative", raise_exception=True)
@require_safe
def own_cooperative(request, pk):
    """One record: what is missing, and what can be done about it."""
    record = _record(request, pk)
    last = last_ended_book_year(today())
    first = record.founding_date.year if record.founding_date else 0
    given = {entry.book_year: entry for entry in record.returns.filter(book_year__gt=last - YEARS)}
    found, year = _with_gaps(Cooperative.objects.filter(pk=pk))
    context = {
        "record": record,
        "lacks": lacking(found.get(), year),
        "years": [(number, given.get(number)) for number in range(last, last - YEARS, -1) if number >= first],
        "proposals": record.status_proposals.select_related("by", "decided_by").order_by("-proposed_at")[:YEARS],
        "may_report": record.may_edit and request.user.has_perm(REPORT),
        "may_change": record.may_edit and request.user.has_perm(CHANGE),
        "may_propose": record.may_edit and request.user.has_perm("cooperatives.propose_status"),
    }
    return render(request, "cooperatives/own_cooperative.html", context)


def _form_page(request, record, form, title, after=""):
    context = {"record": record, "form": form, "title": title, "after": after}
    return render(request, "cooperatives/own_form.html", context)


@permission_required(CHANGE, raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def own_contacts(request, pk):
    """Correct address and contacts."""
    record = _editable(request, pk)
    title, after = gettext("Address and contacts"), gettext("Phones and e-mail stay private; the address is public.")
    if request.method != "POST":
        return _form_page(request, record, ContactForm(instance=record), title, after)
    with transaction.atomic():
        locked = Cooperative.objects.select_for_update(no_key=True).get(pk=pk)
        data = request.POST.copy()
        conflict = meet(locked, data, ContactForm(instance=locked))
        form = ContactForm(data, instance=locked)
        form.conflict = conflict
        if not form.is_valid():
            return _form_page(request, record, form, title, after)
        if form.has_changed():
            locked.claim(locked.version)
            locked._change_reason = form.cleaned_data["change_reason"] or None
            locked.save()
            publish([pk])
    messages.success(request, gettext("Saved."))
    return redirect("own_cooperative", pk=pk)


@permission_required(REPORT, raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def own_return(request, pk, year):
    """Enter or correct the return for a book year: RAT, members, money."""
    record = _editable(request, pk)
    last = last_ended_book_year(today())
    if not last - OPEN_YEARS < year <= last:
        raise Http404
    title = gettext("Return for book year %(year)s") % {"year": year}
    if request.method != "POST":
        entry = record.returns.filter(book_year=year).first()
        return _form_page(request, record, OwnReturnForm(instance=entry or _blank(record, year)), title)
    with transaction.atomic():
        # The cooperative covers its returns: two who enter the same new one wait here for each other.
        locked = Cooperative.objects.select_for_update(no_key=True).get(pk=pk)
        entry = locked.returns.select_for_update(no_key=True).filter(book_year=year).first() or _blank(locked, year)
        data = request.POST.copy()
        conflict = meet(entry, data, OwnReturnForm(instance=entry), blank=_blank(locked, year)) if entry.pk else None
        form = OwnReturnForm(data, instance=entry)
        form.conflict = conflict
        if not form.is_valid():
            return _form_page(request, record, form, title)
        if form.has_changed():
            if entry.pk:
                entry.claim(entry.version)
            entry._change_reason = form.cleaned_data["change_reason"] or None
            entry.save()
            publish_pages([pk])
    messages.success(request, gettext("Saved."))
    return redirect("own_cooperative", pk=pk)


def _blank(record, year):
    return AnnualReturn(cooperative=record, book_year=year)


# Status ---------------------------------------------------------------------------------------------


@permission_required("cooperatives.propose_status", raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def propose_status(request, pk):
    """Ask the office to record a status."""
    record = _editable(request, pk)
    title = gettext("Propose a status")
    after = gettext("The office decides, and its answer stands on the page of the cooperative.")
    form = ProposalForm(request.POST if request.method == "POST" else None, record=record)
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            propose(record, status=asked["status"], since=asked["since"], basis=asked["basis"], by=request.user)
        except StepRefused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, gettext("Proposed. The office decides."))
            return redirect("own_cooperative", pk=pk)
    return _form_page(request, record, form, title, after)


@permission_required("cooperatives.decide_status", raise_exception=True)
@require_safe
def status_proposals(request):
    """What waits for a decision, the oldest first, and what was decided lately."""
    proposals = StatusProposal.objects.visible_to(request.user).select_related(
        "cooperative__regency", "by", "decided_by"
    )
    page = CappedPaginator(proposals.open(), PER_PAGE).get_page(request.GET.get("page"))
    decided = proposals.exclude(state=StatusProposal.State.OPEN).order_by("-decided_at")[:PER_PAGE]
    return render(request, "cooperatives/status_proposals.html", {"page": page, "decided": decided})


@permission_required("cooperatives.decide_status", raise_exception=True)
@require_POST
def decide_status(request, pk):
    """Accept or refuse a proposed status."""
    proposal = get_object_or_404(StatusProposal.objects.visible_to(request.user).select_related("cooperative"), pk=pk)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        messages.error(request, gettext("Say in a sentence of at most 300 characters why you decide so."))
        return redirect("status_proposals")
    decide = {DecisionForm.ACCEPT: proposal.accept, DecisionForm.REFUSE: proposal.refuse}[form.cleaned_data["decision"]]
    try:
        decide(by=request.user, reason=form.cleaned_data["reason"])
    except StepRefused as refused:
        messages.error(request, f"{proposal.cooperative}: {refused}")
    else:
        messages.success(request, f"{proposal.cooperative}: {proposal.get_state_display()}.")
    return redirect("status_proposals")

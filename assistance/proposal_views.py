"""New packages: who receives first, then what; and old aid, as far as it is known."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from assistance.acts import act_page, package_of
from assistance.corrections import record_amount, revise
from assistance.earlier import earlier_aid
from assistance.forms import (
    CooperativeForm,
    DocumentForm,
    OldAidForm,
    ProposalForm,
    ReasonForm,
    RecipientForm,
    recipient_of,
)
from assistance.models import AmountRow, Package, Recipient
from assistance.procedure import enter_historical, propose
from assistance.record_views import PROCESS, PROPOSE
from assistance.stages import Paper, Stage
from common.acts import acting, carry_out, is_late
from common.dates import today
from common.models import DataVersion
from common.text import fold
from cooperatives.models import Cooperative
from files.upload import WITH_FIELDS
from regions.models import Regency

OFFERED = 20


# Who ------------------------------------------------------------------------------------------------


def _searched(request):
    """Cooperatives and recipients that a text finds, those that this person may see."""
    text = request.GET.get("q", "").strip()[:200]
    if not text:
        return text, [], []
    cooperatives = Cooperative.objects.in_register().visible_to(request.user).matching(text)
    recipients = Recipient.objects.visible_to(request.user).filter(cooperative=None)
    for word in fold(text).split():
        recipients = recipients.filter(name_key__contains=word)
    return (
        text,
        list(cooperatives.select_related("regency").defer("regency__boundary")[:OFFERED]),
        list(recipients.select_related("regency").defer("regency__boundary")[:OFFERED]),
    )


def choose_recipient(request, next_page, title):
    """The first page: search a cooperative or a known recipient, or enter one that is no cooperative."""
    form = RecipientForm(request.POST or None, prefix="baru")
    own = request.user.regency
    if request.method == "POST" and form.is_valid():
        recipient = form.instance
        recipient.regency = own or _regency_of(request)
        recipient.is_demo = DataVersion.demo_is_in()
        recipient.make_keys()
        if recipient.kind == Recipient.Kind.GOVERNMENT and recipient.regency is None:
            form.add_error("kind", _("Choose the regency whose government receives the aid."))
        else:
            recipient._history_user = request.user
            recipient.save()
            return redirect(f"{request.path}?penerima={recipient.pk}")
    text, cooperatives, recipients = _searched(request)
    context = {
        "form": form,
        "title": title,
        "text": text,
        "cooperatives": cooperatives,
        "recipients": recipients,
        "regencies": _regencies() if own is None else [],
        "chosen_regency": request.POST.get("wilayah", ""),
        "may_be_unknown": next_page == "lama",
    }
    return render(request, "assistance/choose_recipient.html", context)


def _regencies():
    return list(Regency.objects.on(today()).values_list("slug", "name").order_by("name"))


def _regency_of(request):
    return Regency.objects.filter(slug=request.POST.get("wilayah", "")).first()


def _chosen(request):
    """The recipient that the address names: a known one, or a cooperative; None while none is."""
    if "koperasi" in request.GET:
        form = CooperativeForm(request.GET, user=request.user)
        if not form.is_valid():
            raise Http404
        return form.cleaned_data["koperasi"]
    key = request.GET.get("penerima", "")
    if not key:
        return None
    if not (key.isascii() and key.isdigit() and len(key) < 19):
        raise Http404
    found = Recipient.objects.visible_to(request.user).select_related("cooperative", "regency").filter(pk=key).first()
    if found is None:
        raise Http404
    return found


# A proposal -----------------------------------------------------------------------------------------


@acting(PROPOSE, files=WITH_FIELDS)
def propose_aid(request):
    """Enter a proposal: `?koperasi=` or `?penerima=` says for whom."""
    chosen = _chosen(request)
    if chosen is None:
        return choose_recipient(request, "baru", _("A new proposal: who receives?"))
    # A cooperative becomes a recipient with its first aid, not with a look at this page.
    recipient = chosen if isinstance(chosen, Recipient) else _unsaved(chosen)
    has_earlier = bool(earlier := earlier_aid(Package(recipient=recipient)))
    form = ProposalForm(
        request.POST or None,
        regency=recipient.regency,
        has_earlier=has_earlier,
        instance=Package(recipient=recipient, regency=recipient.regency, is_demo=DataVersion.demo_is_in()),
    )
    papers = DocumentForm(request.POST or None, request.FILES or None, paper=Paper.PROPOSAL, request=request)
    if request.method == "POST" and all([form.is_valid(), papers.is_valid()]):
        package = form.instance
        if done := form.entered:
            return _entered_before(request, done)
        if (document := papers.keep()) and carry_out(form, lambda: _propose(request, chosen, package, form, document)):
            messages.success(request, _("Entered. It waits for verification."))
            return redirect("aid_record", pk=package.pk)
    context = {"form": form, "papers": papers, "recipient": recipient, "earlier": earlier}
    return render(request, "assistance/propose.html", context, status=409 if is_late(form) else 200)


def _entered_before(request, package):
    messages.info(request, _("This was entered already; sending it again changed nothing."))
    return redirect("aid_record", pk=package.pk)


def _unsaved(cooperative):
    found = Recipient.objects.filter(cooperative=cooperative).select_related("regency", "cooperative").first()
    if found is not None:
        # The register is right where a cooperative was renamed or has moved.
        found.name, found.regency = cooperative.name, cooperative.regency
    if found is None:
        found = Recipient(
            kind=Recipient.Kind.COOPERATIVE,
            cooperative=cooperative,
            name=cooperative.name,
            regency=cooperative.regency,
        )
        found.make_keys()
    return found


@transaction.atomic
def _propose(request, chosen, package, form, document):
    if isinstance(chosen, Cooperative):
        package.recipient = recipient_of(chosen, by=request.user)
    reason = form.cleaned_data.get("earlier_reason", "")
    propose(package, document=document, by=request.user, earlier_reason=reason)
    if form.planned is not None:
        record_amount(package, AmountRow.What.PLANNED, form.planned, by=request.user)


# Old aid --------------------------------------------------------------------------------------------


@acting(PROCESS)
def enter_old_aid(request):
    """Enter data historis: everything but its kind, and where it is known from, may be unknown."""
    chosen = _chosen(request)
    if chosen is None and "tanpa" not in request.GET:
        return choose_recipient(request, "lama", _("Old aid: who received it?"))
    recipient = _unsaved(chosen) if isinstance(chosen, Cooperative) else chosen
    package = Package(recipient=recipient, is_demo=DataVersion.demo_is_in(), is_historical=True)
    form = OldAidForm(request.POST or None, instance=package, initial={"regency": recipient and recipient.regency})
    if recipient is not None:
        del form.fields["recipient_count"]
    if request.method == "POST" and form.is_valid() and (done := form.entered):
        return _entered_before(request, done)
    if request.method == "POST" and form.is_valid() and carry_out(form, lambda: _enter(request, chosen, form)):
        messages.success(request, _("Entered, marked as historical data."))
        return redirect("aid_record", pk=package.pk)
    context = {"form": form, "recipient": recipient}
    return render(request, "assistance/old_aid.html", context, status=409 if is_late(form) else 200)


@transaction.atomic
def _enter(request, chosen, form):
    data, package = form.cleaned_data, form.instance
    if isinstance(chosen, Cooperative):
        package.recipient = recipient_of(chosen, by=request.user)
    package.programme = form.programme()
    stage = Stage(data["stage"])
    enter_historical(package, stage, by=request.user, dated_on=data["dated_on"], reason=data["basis"])
    for what in ("contracted", "realised"):
        if (amount := data[f"{what}_amount"]) is not None:
            record_amount(package, what, amount, by=request.user)


# Another recipient ----------------------------------------------------------------------------------


@acting(PROCESS)
def change_recipient(request, pk):
    """Correct to whom a package goes, until the decree; of old aid at any time, once it becomes known."""
    package = package_of(request, pk)
    chosen = _chosen(request)
    if chosen is None:
        return choose_recipient(request, "ubah", _("Correct the recipient"))
    form = ReasonForm(request.POST or None, record=package)
    recipient = _unsaved(chosen) if isinstance(chosen, Cooperative) else chosen

    def act(form):
        wanted = recipient_of(chosen, by=request.user) if isinstance(chosen, Cooperative) else chosen
        changes = {"recipient": wanted, "regency": wanted.regency or package.regency}
        revise(form.as_read(), changes, by=request.user, reason=form.cleaned_data["reason"])

    title = _("Correct the recipient: %(name)s") % {"name": recipient}
    return act_page(request, package, form, act, title=title, done=_("Saved."), submit=_("Save"))

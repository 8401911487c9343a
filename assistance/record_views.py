"""/kerja/bantuan/: packages as the offices work on them, and one package with all that is on record."""

from django.contrib.auth.decorators import permission_required
from django.db.models import Q
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from assistance.acts import package_of
from assistance.corrections import is_fixed, open_fields
from assistance.models import Document, Handover, Hint, Package, PackageDocument
from assistance.procedure import missing_stages, next_stages, open_ends
from assistance.stages import NEEDS, Stage
from assistance.visiting import visits_of, with_marks
from common.dates import today
from common.paging import CappedPaginator
from files.serving import serve
from regions.models import Regency

VIEW, PROPOSE, PROCESS, APPROVE = (
    "assistance.view_package",
    "assistance.propose_aid",
    "assistance.process_aid",
    "assistance.approve_aid",
)
PER_PAGE, UNITS_SHOWN, VISITS_SHOWN = 25, 100, 10
MINE = "saya"


@permission_required(VIEW, raise_exception=True)
@require_safe
def aid_list(request):
    """What this person may see, the newest first; what waits for the own step on request."""
    asked = request.GET
    packages = Package.objects.visible_to(request.user)
    if text := asked.get("q", "").strip()[:200]:
        packages = packages.matching(text)
    if asked.get("tahap") in Stage.values:
        packages = packages.filter(stage=asked["tahap"])
    if wilayah := asked.get("wilayah", ""):
        packages = packages.filter(regency__slug=wilayah)
    if asked.get("perlu") == MINE:
        packages = packages.filter(_waits_for(request.user))
    page = CappedPaginator(packages.for_list().newest_first(), PER_PAGE).get_page(asked.get("page"))
    context = {
        "page": page,
        "rows": page.object_list,
        "text": text,
        "asked": asked,
        "stages": Stage.choices,
        "regencies": [] if request.user.regency_id else Regency.objects.on(today()).values_list("slug", "name"),
        "is_filtered": any(asked.get(name) for name in ("q", "tahap", "wilayah", "perlu")),
        "handovers": _handovers(request.user),
    }
    return render(request, "assistance/aid_list.html", context)


def _waits_for(user):
    """Packages whose next stage this person may take."""
    before = {
        Stage.PROPOSED: Stage.VERIFIED,
        Stage.VERIFIED: Stage.RECOMMENDED,
        Stage.RECOMMENDED: Stage.BUDGETED,
        Stage.BUDGETED: Stage.DECREED,
        Stage.DECREED: Stage.PROCURED,
        Stage.HANDED_OVER: Stage.USE_REPORTED,
        Stage.USE_REPORTED: Stage.MONITORED,
        Stage.MONITORED: Stage.CLOSED,
    }
    mine = [was for was, to in before.items() if user.has_perm(NEEDS[to].permission)]
    waiting = Q(stage__in=mine)
    if user.has_perm(PROCESS):
        waiting |= Q(stage=Stage.PROCURED)
    if user.has_perm(APPROVE):
        # Through the keys: a join would show a package once for each of its handovers.
        waiting |= Q(pk__in=Handover.objects.waiting().exclude(entered_by=user).order_by().values("package"))
    return waiting


def _handovers(user):
    """Handovers that wait for a confirmation, for whoever may give it."""
    if not user.has_perm(APPROVE):
        return []
    waiting = Handover.objects.visible_to(user).waiting().select_related("package__kind", "entered_by", "document")
    return waiting[:PER_PAGE]


@permission_required(VIEW, raise_exception=True)
@require_safe
def aid_record(request, pk):
    """One package: facts, values, the way so far and what may come, papers, units, handovers, findings."""
    package = package_of(request, pk)
    units = CappedPaginator(package.units.prefetch_related("holdings").order_by("pk"), UNITS_SHOWN)
    visits = list(visits_of(package)[: VISITS_SHOWN + 1])
    handovers = list(package.handovers.select_related("document", "entered_by", "decided_by").order_by("-pk"))
    context = {
        "package": package,
        "steps": package.steps.select_related("document", "by"),
        "amounts": package.amounts.select_related("by"),
        "links": _links(package),
        "units": units.get_page(request.GET.get("page")),
        "handovers": handovers,
        "visits": with_marks(visits[:VISITS_SHOWN], request.user),
        "has_more_visits": len(visits) > VISITS_SHOWN,
        "findings": package.findings.select_related("document"),
        "hints": Hint.objects.filter(unit__package=package, state=Hint.State.NOTED).select_related("unit"),
        "next": _next(package, request.user),
        "missing": [(stage, stage.label) for stage in missing_stages(package)],
        "open_ends": open_ends(package) if package.is_delivered else [],
        "is_fixed": is_fixed(package),
        "recipient_is_open": "recipient" in open_fields(package) and not package.confirmed_count,
        "left": (package.quantity or 0) - package.handed_count,
        "may": {
            "propose": request.user.has_perm(PROPOSE),
            "process": request.user.has_perm(PROCESS),
            "approve": request.user.has_perm(APPROVE),
            "visit": request.user.has_perm("assistance.visit_aid"),
        },
        "today": today(),
    }
    return render(request, "assistance/aid_record.html", context)


def _next(package, user):
    """`[(stage, label, skipped labels, whether this person may)]` of what may follow."""
    return [
        (stage, stage.label, [one.label for one in left_out], user.has_perm(NEEDS[stage].permission))
        for stage, left_out in next_stages(package)
    ]


def _links(package):
    """The documents of a package, each with what it says otherwise, in words."""
    links = list(PackageDocument.objects.filter(package=package).select_related("document__file", "kind"))
    for link in links:
        said = [] if link.kind_id in (None, package.kind_id) else [_("kind: %(said)s") % {"said": link.kind}]
        if link.quantity not in (None, package.quantity):
            said.append(_("quantity: %(said)s") % {"said": link.quantity})
        if link.recipient_name:
            said.append(_("recipient: %(said)s") % {"said": link.recipient_name})
        link.otherwise = said
    return links


@permission_required(VIEW, raise_exception=True)
@require_safe
def aid_document_file(request, pk):
    """The file of a document that this person may see."""
    documents = Document.objects.visible_to(request.user).select_related("file").exclude(file=None)
    return serve(get_object_or_404(documents, pk=pk).file)

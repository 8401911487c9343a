"""Moving packages along: the verbs that the tables of `stages` allow, each in one transaction with its history."""

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext

from assistance.earlier import earlier_aid
from assistance.models import SUBJECT, Holding, PackageDocument, PackageStep, State
from assistance.models.rules import use_report_due
from assistance.models.unit import next_visit
from assistance.stages import COMPARED, NEEDS, PUBLIC, WAY, Paper, Stage, may_follow, skipped
from common.dates import format_date, today
from common.history import write
from common.models import DataVersion, StepRefused
from cooperatives.models.cooperative import ENDED as COOPERATIVE_ENDED


class ManyRefused(StepRefused):
    """Some of several packages cannot take the step; nothing was written. `refusals` is `[(package, sentence)]`."""

    def __init__(self, refusals, *, of_many):
        super().__init__("\n".join(str(sentence) for _package, sentence in refusals))
        self.refusals, self.of_many = refusals, of_many

    @property
    def sentences(self):
        if not self.of_many:
            return [str(sentence) for _package, sentence in self.refusals]
        named = gettext("Package %(number)s")
        return [f"{named % {'number': package.pk}}: {sentence}" for package, sentence in self.refusals]


@dataclass(frozen=True)
class Said:
    """What a document says of a package where it says something else, and the explanation."""

    kind: object = None
    quantity: int | None = None
    recipient: str = ""
    difference: str = ""


# Beginning ------------------------------------------------------------------------------------------


@transaction.atomic
def propose(package, *, document, by, earlier_reason=""):
    """Enter a proposal: the unsaved package with its document; returns it. Raises StepRefused."""
    _refuse_paper(document, Stage.PROPOSED, package)
    _refuse_day(document.dated_on)
    _refuse_recipient(package)
    _refuse_repeat(package, earlier_reason)
    complete(package)
    package.stage = Stage.PROPOSED
    package._history_user = by
    package.save()
    _link(package, document, Said())
    _step(package, "", Stage.PROPOSED, document=document, by=by, earlier_reason=earlier_reason)
    DataVersion.bump(SUBJECT)
    return package


@transaction.atomic
def enter_historical(package, stage, *, by, dated_on=None, reason=""):
    """Enter old aid as it is known, at the stage that it had reached; what is not known stays empty. Returns it.

    Raises StepRefused for a stage that is none of the way or for a day in the future.
    """
    if stage not in WAY:
        raise StepRefused(gettext("Old aid stands at a stage of the way, not beside it."))
    year = package.programme.fiscal_year if package.programme_id else None
    if package.programme_id and not package.programme.is_historical:
        text = gettext("“%(programme)s” is a programme of today. Its packages are entered step by step.")
        raise StepRefused(text % {"programme": package.programme})
    if max(year or 0, dated_on.year if dated_on else 0) >= today().year:
        raise StepRefused(gettext("Aid of this year is entered step by step, with its papers."))
    if package.recipient_id and package.regency_id and package.recipient.cooperative_id:
        _refuse_elsewhere(package, package.recipient.cooperative)
    package.is_historical = True
    package.stage, package.is_public = stage, stage in PUBLIC
    if package.is_delivered:
        package.handed_over_on = dated_on
    complete(package)
    package._history_user = by
    package.save()
    PackageStep.objects.create(
        package=package, was="", to=stage, dated_on=dated_on, reason=reason, is_historical=True, by=by
    )
    DataVersion.bump(SUBJECT)
    return package


def complete(package):
    """Fill what follows from what was entered."""
    if package.recipient is not None:
        package.recipient_kind = package.recipient.kind
    package.make_search()
    package.place_in_list()


# Steps ----------------------------------------------------------------------------------------------


@transaction.atomic
def take(stage, packages, *, document, by, reason="", earlier_reason="", said=None):
    """Take one step for packages as they were read, all or none, on one document; returns the steps.

    `said` is `{package pk: Said}` where the document differs from the package. Who may is the caller's question
    (`stages.NEEDS`). Raises ManyRefused with a sentence for each that cannot, or ChangedMeanwhile.
    """
    if stage == Stage.HANDED_OVER:
        raise StepRefused(gettext("A package is handed over by confirming its last handover."))
    refusals = []
    for package in packages:
        try:
            _refuse_own(package, stage, by)
            refuse_step(package, stage, document=document, reason=reason, earlier_reason=earlier_reason)
            _refuse_difference(package, document, (said or {}).get(package.pk, Said()))
        except StepRefused as refused:
            refusals.append((package, refused))
    if refusals:
        raise ManyRefused(refusals, of_many=len(packages) > 1)
    # In the order of their keys, so that two who take steps for the same packages never wait for each other.
    return [
        _take(package, stage, document, by, reason, earlier_reason, (said or {}).get(package.pk, Said()))
        for package in sorted(packages, key=lambda package: package.pk)
    ]


def _refuse_own(package, stage, by):
    """Who proposed a package neither verifies, recommends nor decrees it."""
    is_judged = stage in {Stage.VERIFIED, Stage.RECOMMENDED, Stage.DECREED}
    if is_judged and by is not None and package.steps.filter(to=Stage.PROPOSED, by=by).exists():
        raise StepRefused(gettext("Who entered the proposal does not take this step. A colleague can."))


def refuse_step(package, stage, *, document, reason="", earlier_reason=""):
    """Raise StepRefused where the tables, the papers, the days or the earlier aid do not allow the step."""
    was = Stage(package.stage)
    if was == stage:
        raise StepRefused(gettext("This is done already: %(stage)s.") % {"stage": was.label})
    if not may_follow(was, stage, without=package.kind.without):
        raise StepRefused(
            gettext("After “%(was)s” cannot come “%(to)s”.") % {"was": was.label, "to": Stage(stage).label}
        )
    if package.is_historical and stage in WAY and None in (package.programme, package.recipient, package.quantity):
        raise StepRefused(gettext("Programme, recipient and quantity have to be known before it goes on."))
    left_out = skipped(was, stage, without=package.kind.without)
    if (left_out or NEEDS[stage].reason) and not reason.strip():
        raise StepRefused(
            gettext("This skips %(stages)s. Say why.") % {"stages": ", ".join(str(one.label) for one in left_out)}
            if left_out
            else gettext("Say why, in a few words.")
        )
    if package.handovers.waiting().exists():
        raise StepRefused(gettext("A handover waits for its confirmation. Confirm or reject it first."))
    _refuse_paper(document, stage, package)
    _refuse_order(package, document.dated_on)
    if stage in {Stage.DECREED, Stage.PROCURED}:
        _refuse_recipient(package)
    if stage == Stage.DECREED:
        _refuse_repeat(package, earlier_reason)
    if stage in {Stage.BUDGETED, Stage.DECREED} and package.planned_amount is None and not package.is_historical:
        raise StepRefused(gettext("Record the planned value first."))
    if stage == Stage.PROCURED and package.contracted_amount is None:
        raise StepRefused(gettext("Record the contracted value first."))
    if stage in {Stage.MONITORED, Stage.CLOSED} and not reason.strip() and (open_ := open_ends(package)):
        raise StepRefused(
            gettext("Still open: %(what)s. Say why it goes on all the same.") % {"what": ", ".join(open_)}
        )


def _take(package, stage, document, by, reason, earlier_reason, said):
    was = package.stage
    package.claim(package.version)
    package.refresh_from_db(fields=["handed_count", "confirmed_count"])
    if stage == Stage.CANCELLED and package.handed_count:
        raise StepRefused(
            gettext(
                "Something of it is handed over. Lower the quantity to what was handed over, then withdraw the aid."
            )
        )
    _link(package, document, said)
    changed = ["stage", "version", "committed_amount"]
    package.stage = stage
    if stage == Stage.DECREED:
        package.is_public, package.decreed_on = True, document.dated_on
        package.place_in_list()
        changed += ["is_public", "decreed_on", "listed_on"]
    if stage == Stage.USE_REPORTED:
        package.use_reported_on = document.dated_on
        changed.append("use_reported_on")
    if stage == Stage.WITHDRAWN:
        _withdraw_units(package, document, by)
        package.next_visit_on = None
        changed.append("next_visit_on")
    commit(package)
    write(package, changed, by=by, reason=reason)
    step = _step(package, was, stage, document=document, by=by, reason=reason, earlier_reason=earlier_reason)
    DataVersion.bump(SUBJECT)
    return step


@transaction.atomic
def make_up(package, stage, *, document, by):
    """File the document of a stage that was passed without one; the package stays where it stands. Returns the step.

    Raises StepRefused or ChangedMeanwhile.
    """
    if stage not in missing_stages(package):
        raise StepRefused(
            gettext("The papers of “%(stage)s” are there, or it was not reached.") % {"stage": Stage(stage).label}
        )
    _refuse_paper(document, stage, package, others=False)
    _refuse_day(document.dated_on)
    _refuse_between(package, stage, document.dated_on)
    package.claim(package.version)
    _link(package, document, Said())
    changed = ["version", *_learn(package, stage, document.dated_on, by=by)]
    write(package, changed, by=by, reason=gettext("Document filed later"))
    step = _step(package, package.stage, stage, document=document, by=by, is_made_up=True)
    DataVersion.bump(SUBJECT)
    return step


def _refuse_between(package, stage, day):
    """The papers of a stage lie between those before and after it; a use report may come as late as it comes."""
    steps = list(package.steps.filter(dated_on__isnull=False, to__in=WAY))
    place = WAY.index(stage)
    before = max((step.dated_on for step in steps if WAY.index(step.to) < place), default=None)
    after = min((step.dated_on for step in steps if WAY.index(step.to) > place), default=None)
    if before and day < before:
        text = gettext("%(day)s lies before the stage that came before it (%(other)s). Check both dates.")
        raise StepRefused(text % {"day": format_date(day), "other": format_date(before)})
    if after and day > after and stage not in {Stage.USE_REPORTED, Stage.MONITORED}:
        text = gettext("%(day)s lies after the stage that came after it (%(other)s). Check both dates.")
        raise StepRefused(text % {"day": format_date(day), "other": format_date(after)})


def _learn(package, stage, day, *, by):
    """Set the days that the papers of a stage tell where they were not known; the names of the columns."""
    if stage == Stage.USE_REPORTED:
        package.use_reported_on = day
        return ["use_reported_on"]
    if stage == Stage.DECREED and package.decreed_on is None:
        package.decreed_on = day
        package.place_in_list()
        return ["decreed_on", "listed_on"]
    if stage != Stage.HANDED_OVER or package.handed_over_on is not None:
        return []
    package.handed_over_on = day
    package.place_in_list()
    if package.kind.has_use_report:
        package.use_report_due_on = use_report_due(day, package.programme and package.programme.fiscal_year)
    for unit in package.units.filter(is_delivered=True, handed_on=None).select_related("package__kind"):
        unit.claim(unit.version)
        unit.handed_on = day
        unit.next_visit_on = None if unit.is_gone else unit.visit_after(unit.last_seen_on)
        unit._history_user = by
        unit.save()
    return ["handed_over_on", "listed_on", "use_report_due_on"]


def missing_stages(package):
    """The stages on the way so far that have no document, in order: skipped ones, and those of historical data."""
    there = set(package.steps.exclude(document=None).values_list("to", flat=True))
    return [stage for stage in package.reached if stage not in there and stage not in package.kind.without]


def next_stages(package):
    """The stages that may follow and what each skips: `[(stage, skipped stages)]`; the handover has its own verb."""
    without = package.kind.without
    return [
        (stage, skipped(package.stage, stage, without=without))
        for stage in Stage
        if stage != Stage.HANDED_OVER and may_follow(package.stage, stage, without=without)
    ]


def open_ends(package):
    """What is still open after the handover, in words: the use report and scheduled visits."""
    found = []
    if package.kind.has_use_report and package.use_reported_on is None:
        found.append(gettext("the use report (LPJ)"))
    waiting = package.units.held().filter(next_visit_on__isnull=False).count() or int(package.next_visit_on is not None)
    if waiting:
        found.append(gettext("scheduled visits"))
    if package.findings.open().exists():
        found.append(gettext("findings"))
    return found


# Handing over ---------------------------------------------------------------------------------------


def refuse_handover(package, *, quantity, handed_on, document, units, skip_reason=""):
    """Raise StepRefused where nothing can be handed over now, or not these."""
    was = Stage(package.stage)
    if not may_follow(was, Stage.HANDED_OVER, without=package.kind.without):
        raise StepRefused(
            gettext("After “%(was)s” cannot come “%(to)s”.") % {"was": was.label, "to": Stage.HANDED_OVER.label}
        )
    if skipped(was, Stage.HANDED_OVER, without=package.kind.without) and not skip_reason.strip():
        raise StepRefused(gettext("This skips %(stages)s. Say why.") % {"stages": Stage.PROCURED.label})
    if package.quantity is None:
        raise StepRefused(gettext("The quantity is not known. Correct it first."))
    if quantity < 1:
        raise StepRefused(gettext("Hand over at least one."))
    if package.kind.has_units and len(units) != quantity:
        raise StepRefused(gettext("Choose exactly the units that are handed over: %(count)s.") % {"count": quantity})
    for unit in units:
        if missing := unit.missing_identifiers:
            raise StepRefused(gettext("Unit %(unit)s lacks: %(what)s.") % {"unit": unit, "what": ", ".join(missing)})
    if package.kind.has_land_status and not package.land_status:
        raise StepRefused(gettext("The status of the land is not filled in."))
    _refuse_recipient(package)
    _refuse_paper(document, Stage.HANDED_OVER, package)
    _refuse_order(package, handed_on)
    if package.handovers.filter(document=document).exclude(state="rejected").exists():
        raise StepRefused(gettext("This BAST stands for another handover of the package already."))
    if handed_on < document.dated_on:
        raise StepRefused(gettext("The BAST is dated after the handover."))


def link_bast(package, document, quantity, said):
    """Attach the BAST of a handover. What it says is compared with what is handed over, which may be a part."""
    said = said or Said()
    other = said.quantity is not None and said.quantity != quantity
    _refuse_difference(package, document, Said(said.kind, None, said.recipient, said.difference))
    if other and not said.difference.strip():
        text = gettext("The BAST says %(said)s, but %(quantity)s are handed over. Explain the difference.")
        raise StepRefused(text % {"said": said.quantity, "quantity": quantity})
    link = _link(package, document, said)
    if not other and link.quantity is not None:
        link.quantity = None
        link.save(update_fields=["quantity"])


def reach_handed_over(package, *, by):
    """The last handover is confirmed: the package is handed over, and its report and visits have their days."""
    last = package.handovers.filter(state="confirmed").order_by("-handed_on", "-pk").first()
    was = package.stage
    package.claim(package.version)
    package.stage, package.handed_over_on = Stage.HANDED_OVER, last.handed_on
    changed = ["stage", "version", "handed_over_on"]
    if package.kind.has_use_report:
        year = package.programme.fiscal_year if package.programme_id else None
        package.use_report_due_on = use_report_due(last.handed_on, year)
        changed.append("use_report_due_on")
    if not package.kind.has_units:
        package.next_visit_on = next_visit(last.handed_on, None, package.kind.visits_after)
        changed.append("next_visit_on")
    write(package, changed, by=by, reason="")
    PackageStep.objects.create(
        package=package,
        was=was,
        to=Stage.HANDED_OVER,
        dated_on=last.handed_on,
        document=last.document,
        skipped=list(skipped(was, Stage.HANDED_OVER, without=package.kind.without)),
        reason=last.skip_reason,
        by=by,
    )


def _withdraw_units(package, document, by):
    basis = str(document)
    for unit in package.units.held().select_related("package__kind"):
        unit.claim(unit.version)
        unit.state, unit.next_visit_on = State.WITHDRAWN, None
        unit.hand_to(Holding(holder=Holding.Holder.OFFICE), on=document.dated_on, by=by, basis=basis)
        unit._history_user, unit._change_reason = by, basis[:100]
        unit.save()


# What refuses ---------------------------------------------------------------------------------------


def _refuse_day(day):
    if day > today():
        raise StepRefused(gettext("%(day)s lies in the future.") % {"day": format_date(day)})


def _refuse_order(package, day):
    """Dates follow one another: no step before the one that came before it, none in the future."""
    _refuse_day(day)
    last = package.steps.filter(is_made_up=False, dated_on__isnull=False).order_by("-dated_on").first()
    if last and day < last.dated_on:
        raise StepRefused(
            gettext("%(day)s lies before “%(stage)s” of %(last)s. Check both dates.")
            % {"day": format_date(day), "stage": last.get_to_display(), "last": format_date(last.dated_on)}
        )


def _refuse_paper(document, stage, package, *, others=True):
    first, *rest = package.papers(stage)
    if document is None or document.paper != first:
        raise StepRefused(gettext("This needs: %(paper)s.") % {"paper": Paper(first).label})
    if not others or not rest:
        return
    there = set(package.documents.values_list("paper", flat=True)) if package.pk else set()
    if missing := [Paper(paper).label for paper in rest if paper not in there]:
        raise StepRefused(gettext("Attach first: %(papers)s.") % {"papers": ", ".join(map(str, missing))})


def _refuse_recipient(package):
    """No aid to a cooperative that has ended or was taken out, nor to anybody of another regency."""
    recipient = package.recipient
    if recipient is None:
        return
    if recipient.regency_id and package.regency_id != recipient.regency_id:
        raise StepRefused(gettext("“%(name)s” has its seat in another regency.") % {"name": recipient})
    cooperative = recipient.cooperative
    if cooperative is None:
        return
    if cooperative.is_voided or cooperative.status in COOPERATIVE_ENDED:
        raise StepRefused(
            gettext("“%(name)s” is no longer a cooperative of the register (%(status)s).")
            % {"name": cooperative, "status": cooperative.get_status_display() or gettext("void")}
        )
    _refuse_elsewhere(package, cooperative)


def _refuse_elsewhere(package, cooperative):
    if cooperative.regency_id and package.regency_id != cooperative.regency_id:
        raise StepRefused(gettext("“%(name)s” has its seat in another regency.") % {"name": cooperative})


def _refuse_repeat(package, reason):
    if not reason.strip() and earlier_aid(package):
        raise StepRefused(gettext("There was aid before to the same recipient, group, address or unit. Say why again."))


def differences(package, said):
    """In words what a document says otherwise than the package: of kind, quantity and recipient."""
    found = []
    if said.kind is not None and said.kind.pk != package.kind_id:
        found.append(gettext("kind: %(said)s") % {"said": said.kind})
    if said.quantity is not None and said.quantity != package.quantity:
        found.append(gettext("quantity: %(said)s") % {"said": said.quantity})
    if said.recipient:
        found.append(gettext("recipient: %(said)s") % {"said": said.recipient})
    return found


def _refuse_difference(package, document, said):
    if document.paper not in COMPARED or said.difference.strip():
        return
    if found := differences(package, said):
        raise StepRefused(
            gettext("%(document)s says otherwise than the package (%(what)s). Explain the difference.")
            % {"document": document, "what": ", ".join(found)}
        )


# What is written ------------------------------------------------------------------------------------


@transaction.atomic
def attach(package, document, *, said=None):
    """Say that a document covers a package too; a repeat changes nothing. Raises StepRefused for a difference."""
    said = said or Said()
    if package.stage in (Stage.REFUSED, Stage.CANCELLED) or package.voided_at:
        raise StepRefused(gettext("This package has ended (%(stage)s).") % {"stage": package.get_stage_display()})
    _refuse_difference(package, document, said)
    return _link(package, document, said)


def _link(package, document, said):
    compared = document.paper in COMPARED
    link, created = PackageDocument.objects.get_or_create(
        package=package,
        document=document,
        defaults={
            "kind": (said.kind or package.kind) if compared else None,
            "quantity": (said.quantity or package.quantity) if compared else None,
            "recipient_name": said.recipient if compared else "",
            "difference": said.difference,
        },
    )
    if not created and compared and said != Said():
        # It was on file before; what the step says of it is what an auditor has to see.
        link.kind, link.quantity = said.kind or link.kind, said.quantity or link.quantity
        link.recipient_name, link.difference = said.recipient or link.recipient_name, said.difference
        link.save(update_fields=["kind", "quantity", "recipient_name", "difference"])
    return link


def commit(package):
    """Let the programme know what the package takes up now."""
    wanted = package.takes_up()
    if package.programme_id and wanted != package.committed_amount:
        package.programme.commit(wanted - package.committed_amount)
        package.committed_amount = wanted


def _step(package, was, to, *, document, by, reason="", earlier_reason="", is_made_up=False):
    return PackageStep.objects.create(
        package=package,
        was=was,
        to=to,
        dated_on=document.dated_on,
        document=document,
        skipped=[] if is_made_up or not was else list(skipped(was, to, without=package.kind.without)),
        reason=reason,
        earlier_reason=earlier_reason,
        is_made_up=is_made_up,
        by=by,
    )

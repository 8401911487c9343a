"""`/bantuan/<id>/`: the way of one package of aid, its value, and its units as they were last seen."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property

from django.core.paginator import Paginator
from django.db.models import Count, Max, Min, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils.functional import Promise

from assistance.exports import KEYS
from assistance.models import Package, State
from assistance.models.unit import GONE, months_after
from assistance.stages import WAY, Stage
from common.dates import today
from common.pages import public_page
from cooperatives.views import page_number

ROWS = 25
# What a page reads of a unit: no identifier, no place.
UNIT = ("code", "state", "condition", "last_seen_on", "package_id")


@public_page(*KEYS)
def aid_package(request, pk):
    package = get_object_or_404(
        Package.objects.public().for_list().select_related("source").defer("note", "regency__boundary"),
        pk=pk,
    )
    page = Journey(package, request.GET.get("page", "1"))
    return render(request, "assistance/aid_package.html", {"package": package, "journey": page, "page": page.page})


@dataclass
class Moment:
    """One stage of the timeline: reached (ok), skipped or overdue (bad), or still to come (nil)."""

    label: str | Promise
    kind: str
    on: date | None = None
    papers: list = field(default_factory=list)
    is_skipped: bool = False
    is_known: bool = True


class Journey:
    """Everything that the page shows of one package. Each part is read once, whatever the number of units."""

    def __init__(self, package, number):
        self.package, self.number = package, page_number(number)

    @cached_property
    def steps(self):
        return list(self.package.steps.select_related("document").defer("reason", "earlier_reason"))

    @cached_property
    def moments(self):
        """The stages in order; what is still to come only while the package is on its way."""
        package, taken = self.package, {step.to: step for step in self.steps}
        skipped = {stage for step in self.steps for stage in step.skipped} - set(taken)
        reached = set(package.reached)
        found = []
        for stage in WAY:
            if stage in package.kind.without and stage not in taken:
                continue
            if stage in taken:
                step = taken[stage]
                found.append(Moment(Stage(stage).label, "ok", step.dated_on, [step.document] if step.document else []))
            elif stage in skipped:
                found.append(Moment(Stage(stage).label, "bad", is_skipped=True))
            elif stage in reached:
                found.append(Moment(Stage(stage).label, "nil", is_known=False))
            elif not package.has_ended and not package.is_historical:
                late = stage == Stage.USE_REPORTED and self.days_late
                found.append(Moment(Stage(stage).label, "bad" if late else "nil"))
        if package.has_ended:
            step = taken.get(package.stage)
            found.append(Moment(package.get_stage_display(), "bad", step and step.dated_on))
        return found

    @property
    def days_late(self):
        return self.package.days_late()

    @cached_property
    def units(self):
        return self.package.units.handed_over()

    @cached_property
    def page(self):
        paginator = Paginator(self.units.only(*UNIT).prefetch_related("holdings").order_by("pk"), ROWS)
        paginator.count = self.counts["all"]
        if not 1 <= self.number <= paginator.num_pages:
            raise Http404
        return paginator.page(self.number)

    @cached_property
    def rows(self):
        return list(self.page.object_list)

    @cached_property
    def counts(self):
        """Units, those in use, those seen within 12 months, and the next day on which a visit is due; one query."""
        return self.units.aggregate(
            all=Count("pk"),
            used=Count("pk", filter=Q(state=State.IN_USE)),
            seen=Count("pk", filter=Q(last_seen_on__gte=today() - timedelta(days=365))),
            last=Max("last_seen_on"),
            next=Min("next_visit_on", filter=~Q(state__in=GONE)),
        )

    @property
    def last_seen_on(self):
        return self.counts["last"] or self.package.last_seen_on

    @property
    def next_visit_on(self):
        return self.counts["next"] or self.package.next_visit_on

    @property
    def visits(self):
        """(scheduled visits that were met, scheduled visits), or None where nothing is scheduled."""
        handed, months = self.package.handed_over_on, self.package.kind.visits_after
        if not handed or not months:
            return None
        due = [months_after(handed, each) for each in months]
        following = self.next_visit_on
        return sum(day < following for day in due) if following else len(due), len(due)

    @property
    def value_label(self):
        package = self.package
        for name in ("realised_amount", "contracted_amount", "planned_amount"):
            if getattr(package, name) is not None:
                return package._meta.get_field(name).verbose_name
        return package._meta.get_field("realised_amount").verbose_name

    @property
    def makes_up(self):
        """Whether quantity times unit price is the amount that stands above."""
        package = self.package
        return (
            None not in (package.quantity, package.unit_price, package.amount)
            and package.quantity * package.unit_price == package.amount
        )

"""Progress in the public API: awards, rules, the scorecard of any day, announced against derived, snapshots."""

import django_filters
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError

from common.api import LARGEST_KEY, PublicView
from common.columns import Column, Kind
from common.dates import today
from cooperatives.filters import Day
from figures.headline import FOUNDING_DAY
from progress import announced_page
from progress.announced import Announced
from progress.frozen import SNAPSHOT
from progress.models import SUBJECT, Award, Criterion, Rubric, Snapshot
from progress.public import AWARD
from progress.sheet import KEYS, kept, rules_of, versions_now

RUBRIC = (
    Column("id", _("id"), Kind.COUNT),
    Column("key", _("key"), Kind.TEXT),
    Column("name", _("name"), Kind.TEXT),
    Column("legal_basis", _("legal basis"), Kind.TEXT),
    Column("valid_from", _("valid from"), Kind.DATE),
    Column("valid_until", _("valid until"), Kind.DATE),
    Column("needed_percent", _("regencies that the province needs (%)"), Kind.COUNT),
    Column("needed_more", _("and how many more"), Kind.COUNT),
    Column("is_incomplete", _("incomplete"), Kind.FLAG),
    Column("note", _("note"), Kind.TEXT),
)
CRITERION = (
    Column("id", _("id"), Kind.COUNT),
    Column("rubric", _("rubric (key)"), Kind.TEXT, "rubric__key"),
    Column("key", _("key"), Kind.TEXT),
    Column("name", _("name"), Kind.TEXT),
    Column("aspect", _("aspect"), Kind.TEXT),
    Column("numerator", _("what is counted"), Kind.TEXT),
    Column("denominator", _("of what"), Kind.TEXT),
    Column("measure", _("measure"), Kind.TEXT),
    Column("window", _("years looked at"), Kind.COUNT),
    Column("weight", _("weight"), Kind.DECIMAL),
    Column("threshold", _("target"), Kind.DECIMAL),
    Column("is_gate", _("a gate"), Kind.FLAG),
    Column("scoring", _("scoring"), Kind.TEXT),
    Column("tolerance", _("counts as steady up to"), Kind.DECIMAL),
    Column("legal_basis", _("legal basis"), Kind.TEXT),
    Column("is_incomplete", _("incomplete"), Kind.FLAG),
)


class DayFilter(django_filters.FilterSet):
    per = Day(label=_("As of"), help_text=_("As known now; by itself today."))

    class Meta:
        model = Rubric
        fields = []

    def filter_queryset(self, queryset):
        return queryset


class ScorecardFilter(DayFilter):
    rubrik = django_filters.CharFilter(
        label=_("Rubric"), max_length=60, help_text=_("The key of a rubric that held on that day.")
    )


class AwardList(PublicView):
    keys = ("awards", "figures", "regions")
    columns = (Column("id", _("id"), Kind.COUNT), *AWARD)
    is_list = True
    summary = _("Official predicates")
    description = _("The Ministry's predicates by year and territory. Decrees of their time, kept apart from scores.")
    component = "Award"

    def data(self, request):
        return self.page(request, Award.objects.all())


class RubricList(PublicView):
    keys = (SUBJECT,)
    columns = RUBRIC
    is_list = True
    summary = _("Rubrics")
    description = _("The versions of the rules by which progress is computed, with the days on which they hold.")
    component = "Rubric"

    def data(self, request):
        return self.page(request, Rubric.objects.all())


class CriterionList(PublicView):
    keys = (SUBJECT,)
    columns = CRITERION
    is_list = True
    summary = _("Criteria")
    description = _("What each rubric measures. A weight that is null is not known.")
    component = "Criterion"

    def data(self, request):
        return self.page(request, Criterion.objects.all())


class SnapshotList(PublicView):
    keys = (SUBJECT,)
    columns = SNAPSHOT
    is_list = True
    summary = _("Published snapshots")
    description = _("Scorecards of years as they were signed, each with the SHA-256 of its content.")
    component = "Snapshot"

    def data(self, request):
        return self.page(request, Snapshot.objects.published())


class SnapshotDetail(PublicView):
    keys = (SUBJECT,)
    columns = (*SNAPSHOT, Column("content", _("content"), Kind.TEXT))
    summary = _("One published snapshot")
    description = _("One snapshot; `content` is the canonical JSON, as text, that the SHA-256 was taken of.")
    component = "SnapshotDetail"

    def data(self, request, pk):
        return self.record(request, Snapshot.objects.published().filter(pk=min(pk, LARGEST_KEY)))


class Scorecard(PublicView):
    keys = KEYS
    filterset_class = ScorecardFilter
    summary = _("The scorecard of a day")
    description = _(
        "Every regency and the province by the rubric of the day: the numbers with the addresses of their rows, "
        "outcomes, scores, gates and what is missing. Null is not known, never zero."
    )

    def data(self, request):
        asked = self.filtered(request, Rubric.objects.none()).form.cleaned_data
        on, key, versions = asked.get("per") or today(), asked.get("rubrik") or "", versions_now()
        rules = rules_of(on, key)
        if key and (rules.rubric is None or rules.rubric.key != key):
            raise ValidationError({"rubrik": [gettext("No such rubric held on that day.")]})
        return kept(on, rules, versions)


class AnnouncedDay(PublicView):
    keys = KEYS
    filterset_class = DayFilter
    summary = _("Announced against derived")
    description = _(
        "The figures announced for a day (by itself 31 December 2012), beside what approved reports and the register "
        "give for the same day and territory."
    )

    def data(self, request):
        asked = self.filtered(request, Rubric.objects.none()).form.cleaned_data
        found = Announced(asked.get("per") or FOUNDING_DAY)
        names = [column.name for column in announced_page.COLUMNS]
        return {
            "per": found.on.isoformat(),
            "results": [dict(zip(names, row, strict=True)) for row in announced_page.rows(found)],
            "checks": [
                {"what": check.words, "values": [one.value for one in check.figures], "difference": check.difference}
                for check in found.checks
            ],
        }

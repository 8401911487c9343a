"""The Ministry's awards and the rules of the scorecard in the admin. Snapshots are never edited."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from common.admin import VersionedAdmin, VersionedForm
from common.models import DataVersion
from figures.admin import PublishedAdmin
from figures.forms import already_there
from progress.models import SUBJECT, Award, Criterion, PerformanceRule, Rubric


class AwardForm(VersionedForm):
    def clean_year(self):
        return already_there(self.cleaned_data["year"])


@admin.register(Award)
class AwardAdmin(PublishedAdmin):
    form = AwardForm
    fields = [("year", "territory"), "title", "decree_number", "source", "note"]
    autocomplete_fields = ["territory", "source"]
    list_display = ["year", "shown_territory", "title", "decree_number", "shown_source"]
    list_filter = ["year", ("territory", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["territory", "source"]
    search_fields = ["title", "territory__name", "decree_number"]
    ordering = ["-year", "territory__name"]

    @admin.display(description=_("territory"), ordering="territory__name")
    def shown_territory(self, award):
        return award.territory.name

    @admin.display(description=_("source"))
    def shown_source(self, award):
        return f"{award.source.publisher}: {award.source.title}"

    def published(self, request, record, *, change):
        DataVersion.bump("awards")


class RuleAdmin(VersionedAdmin):
    """Rules of the scorecard: what is public changes with them."""

    def published(self, request, record, *, change):
        DataVersion.bump(SUBJECT)


@admin.register(Rubric)
class RubricAdmin(RuleAdmin):
    fields = [
        ("name", "key"),
        "legal_basis",
        ("valid_from", "valid_until"),
        ("needed_percent", "needed_more"),
        "is_incomplete",
        "note",
    ]
    list_display = ["name", "valid_from", "valid_until", "is_incomplete"]
    search_fields = ["name", "key", "legal_basis"]
    ordering = ["-valid_from"]


@admin.register(Criterion)
class CriterionAdmin(RuleAdmin):
    fields = [
        "rubric",
        ("name", "key", "position"),
        ("aspect", "measure"),
        ("numerator", "denominator"),
        ("window", "direction"),
        ("weight", "threshold", "is_gate"),
        ("scoring", "tolerance"),
        ("score_best", "score_middle", "score_worst", "score_none"),
        "legal_basis",
        "is_incomplete",
    ]
    autocomplete_fields = ["rubric"]
    list_display = ["name", "shown_rubric", "aspect", "weight", "threshold", "is_gate", "is_incomplete"]
    list_filter = [("rubric", admin.RelatedOnlyFieldListFilter), "aspect"]
    list_select_related = ["rubric"]
    search_fields = ["name", "key", "rubric__name"]
    ordering = ["rubric__valid_from", "rubric__key", "position"]

    @admin.display(description=_("rubric"), ordering="rubric__name")
    def shown_rubric(self, criterion):
        return criterion.rubric.name


@admin.register(PerformanceRule)
class PerformanceRuleAdmin(RuleAdmin):
    fields = ["valid_from", "lowest_grade", "basis"]
    list_display = ["valid_from", "lowest_grade", "basis"]
    search_fields = ["basis"]

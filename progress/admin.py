"""The Ministry's awards in the admin."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from common.admin import VersionedForm
from common.models import DataVersion
from figures.admin import PublishedAdmin
from figures.forms import already_there
from progress.models import Award


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

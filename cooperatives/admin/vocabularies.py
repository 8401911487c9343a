"""The vocabularies, with the spellings that imports recognise."""

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.admin import VersionedAdmin, VersionedForm
from common.models import DataVersion
from cooperatives.models import Form, Group, Kind, Sector


class VocabularyForm(VersionedForm):
    """A word and its spellings; no spelling may mean two words of one vocabulary."""

    def clean(self):
        super().clean()
        data = self.cleaned_data
        model = type(self.instance)
        mine = model(
            name=data.get("name") or "",
            abbreviation=data.get("abbreviation") or "",
            synonyms=data.get("synonyms") or "",
        ).spellings()
        for other in model.objects.exclude(pk=self.instance.pk):
            if shared := mine & other.spellings():
                self.add_error(
                    "synonyms",
                    ValidationError(
                        gettext("“%(spelling)s” already means “%(name)s”. Take it out here or there."),
                        params={"spelling": min(shared), "name": other.name},
                    ),
                )
        return data


@admin.register(Form, Kind, Group, Sector)
class VocabularyAdmin(VersionedAdmin):
    """The four vocabularies. A word that is in use cannot be deleted: the page names what bears it."""

    form = VocabularyForm
    list_filter = ["is_confirmed"]
    search_fields = ["name", "abbreviation", "synonyms"]
    ordering = ["position", "name"]
    deletable = True

    def get_fields(self, request, obj=None):
        level = ["responsible_level"] if self.model is Form else []
        return ["name", "abbreviation", *level, "synonyms", "is_confirmed", "position", "note"]

    def get_list_display(self, request):
        level = ["responsible_level"] if self.model is Form else []
        return ["name", "abbreviation", *level, "spellings_count", "is_confirmed", "position"]

    @admin.display(description=_("other spellings"))
    def spellings_count(self, row):
        return len([line for line in row.synonyms.splitlines() if line.strip()])

    def published(self, request, record, *, change):
        """Names of the vocabulary stand on public pages."""
        DataVersion.bump("cooperatives")

    def delete_model(self, request, obj):
        super().delete_model(request, obj)
        DataVersion.bump("cooperatives")

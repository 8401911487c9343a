"""Regencies and territories in the admin. Both change once in a decade, and everything points at them."""

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.admin import VersionedAdmin, VersionedForm
from common.dates import today
from common.models import DataVersion
from regions.models import Regency, Territory


class InProvince(admin.SimpleListFilter):
    """Today's regencies, and those that once were."""

    title = _("part of the province")
    parameter_name = "sekarang"

    def lookups(self, request, model_admin):
        return [("ya", _("today")), ("tidak", _("no longer, or not yet"))]

    def queryset(self, request, queryset):
        today_s = Regency.objects.on(today()).values("pk")
        if self.value() == "ya":
            return queryset.filter(pk__in=today_s)
        if self.value() == "tidak":
            return queryset.exclude(pk__in=today_s)
        return queryset


class RegencyForm(VersionedForm):
    """A regency cannot have split from itself, nor be older than the one that it split from."""

    def clean_split_from(self):
        mother = self.cleaned_data["split_from"]
        if mother is not None and mother.pk == self.instance.pk:
            raise ValidationError(gettext("A regency cannot have split from itself."))
        return mother

    def clean(self):
        super().clean()
        if self.cleaned_data.get("split_from") and not self.cleaned_data.get("valid_from"):
            self.add_error("valid_from", gettext("A regency that split from another has a day on which it began."))
        return self.cleaned_data


@admin.register(Regency)
class RegencyAdmin(VersionedAdmin):
    form = RegencyForm
    fieldsets = [
        (None, {"fields": [("kind", "name"), "slug", ("kemendagri_code", "bps_code"), "synonyms"]}),
        (_("Place"), {"fields": ["capital", ("capital_latitude", "capital_longitude"), "area_km2"]}),
        (_("Part of the province"), {"fields": [("valid_from", "valid_until"), "split_from"]}),
        (_("Tile map"), {"fields": [("tile_row", "tile_column"), "has_outline"]}),
        (None, {"fields": ["note"]}),
    ]
    readonly_fields = ["has_outline"]
    autocomplete_fields = ["split_from"]
    list_display = ["name", "kind", "kemendagri_code", "bps_code", "capital", "valid_from", "valid_until"]
    list_filter = [InProvince, "kind"]
    search_fields = ["name", "kemendagri_code", "bps_code", "capital"]
    ordering = ["name"]

    def get_readonly_fields(self, request, obj=None):
        """The address name of a regency that is there stays: pages, reports and receipts are called after it."""
        return [*self.readonly_fields, *(["slug"] if obj else [])]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("boundary")

    @admin.display(boolean=True, description=_("outline loaded"))
    def has_outline(self, regency):
        return bool(regency.pk and regency.boundary)

    def published(self, request, record, *, change):
        """The name stands on pages of the register and of the figures, too."""
        DataVersion.bump("regions", "cooperatives", "figures", "awards")


@admin.register(Territory)
class TerritoryAdmin(VersionedAdmin):
    fields = ["key", "name", "regency", "regencies", "note"]
    autocomplete_fields = ["regency", "regencies"]
    list_display = ["name", "key", "regency"]
    list_select_related = ["regency"]
    search_fields = ["name", "key"]
    ordering = ["key"]

    def published(self, request, record, *, change):
        DataVersion.bump("regions", "figures", "awards")

"""Indicators, sources and published figures in the admin."""

from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.admin import VersionedAdmin
from common.dates import format_date
from common.fields import RupiahField
from common.models import DataVersion
from common.numbers import format_number
from figures.forms import FigureForm, IndicatorForm, SourceForm
from figures.models import Figure, Indicator, Source
from figures.problems import of_a_report


class PublishedAdmin(VersionedAdmin):
    """What the public pages show of figures; while invented data is in, a new row counts as invented too."""

    def save_model(self, request, obj, form, change):
        if not change and hasattr(obj, "is_demo"):
            obj.is_demo = DataVersion.demo_is_in()
        super().save_model(request, obj, form, change)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if add and hasattr(self.model, "is_demo") and DataVersion.demo_is_in():
            text = gettext("Demo data is in. Whatever you enter now counts as demo data and goes with it.")
            messages.warning(request, text)
        if obj is not None and _is_of_report(obj):
            messages.info(request, of_a_report())
        return super().render_change_form(request, context, add, change, form_url, obj)

    def published(self, request, record, *, change):
        DataVersion.bump("figures")


def _is_of_report(record):
    """Whether an approved report said it: then only reopening that report changes it."""
    source = record.source if isinstance(record, Figure) else record
    return isinstance(source, Source) and source.is_of_report


@admin.register(Indicator)
class IndicatorAdmin(PublishedAdmin):
    form = IndicatorForm
    fields = [
        ("name", "code"),
        ("unit", "concept"),
        "definition",
        "formula",
        "interpretation",
        ("measure", "direction"),
        "position",
    ]
    list_display = ["name", "code", "unit", "concept", "measure"]
    list_filter = ["concept", "measure"]
    search_fields = ["name", "code", "definition"]
    ordering = ["position", "name"]
    deletable = True

    def delete_model(self, request, obj):
        super().delete_model(request, obj)
        DataVersion.bump("figures")


@admin.register(Source)
class SourceAdmin(PublishedAdmin):
    form = SourceForm
    fields = ["title", ("publisher", "key"), ("published_on", "date_precision"), "url"]
    list_display = ["title", "publisher", "shown_published_on", "key"]
    list_filter = ["publisher"]
    search_fields = ["title", "publisher", "key"]
    date_hierarchy = "published_on"
    ordering = ["-published_on", "title"]

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and not (obj is not None and obj.is_of_report)

    @admin.display(description=_("published on"), ordering="published_on")
    def shown_published_on(self, source):
        return source.published_on and format_date(source.published_on, source.date_precision or "day")

    def published(self, request, record, *, change):
        """Awards cite sources as well."""
        DataVersion.bump("figures", "awards")


@admin.register(Figure)
class FigureAdmin(PublishedAdmin):
    form = FigureForm
    fieldsets = [
        (None, {"fields": [("indicator", "territory"), "group", "value"]}),
        (_("Date"), {"fields": [("as_of", "date_precision"), "period_start"]}),
        (_("Source and quality"), {"fields": ["source", ("quality", "is_official"), "note"]}),
    ]
    autocomplete_fields = ["indicator", "territory", "source"]
    list_display = [
        "shown_indicator",
        "shown_territory",
        "group",
        "shown_date",
        "shown_value",
        "quality",
        "is_official",
    ]
    list_filter = [
        ("indicator", admin.RelatedOnlyFieldListFilter),
        ("territory", admin.RelatedOnlyFieldListFilter),
        "quality",
        "is_official",
    ]
    list_select_related = ["indicator", "territory", "source"]
    search_fields = ["indicator__name", "territory__name", "group", "source__title", "source__publisher"]
    date_hierarchy = "as_of"
    ordering = ["-as_of", "indicator__position", "pk"]

    def get_readonly_fields(self, request, obj=None):
        """Which figure is the office's is chosen by those who may, and by nobody else."""
        if obj is not None and obj.source.is_of_report:
            return [name for name in flatten_fieldsets(self.fieldsets) if name != "is_official"]
        return [] if request.user.has_perm("figures.mark_official") else ["is_official"]

    def has_change_permission(self, request, obj=None):
        """Of what a report said, nothing but that choice can be changed."""
        may = super().has_change_permission(request, obj)
        if obj is not None and obj.source.is_of_report:
            return may and request.user.has_perm("figures.mark_official")
        return may

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "value":
            # SHU may be a loss; counts are held by the form.
            return db_field.formfield(form_class=RupiahField, signed=True)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(description=_("indicator"), ordering="indicator__position")
    def shown_indicator(self, figure):
        return figure.indicator.name

    @admin.display(description=_("territory"), ordering="territory__name")
    def shown_territory(self, figure):
        return figure.territory.name

    @admin.display(description=_("as of"), ordering="as_of")
    def shown_date(self, figure):
        return format_date(figure.as_of, figure.date_precision)

    @admin.display(description=_("value"), ordering="value")
    def shown_value(self, figure):
        return format_number(figure.value)

"""What may be asked of the published figures: one FilterSet for the page, the export and the API."""

import django_filters
from django.utils.translation import gettext_lazy as _

from figures.models import Figure

# Among the groups: figures that speak of all cooperatives.
EMPTY = "kosong"
YES = "ya"


class FigureFilter(django_filters.FilterSet):
    """Every parameter may be missing; a value that no figure has finds nothing."""

    indikator = django_filters.CharFilter(field_name="indicator__code", label=_("Indicator"), max_length=50)
    wilayah = django_filters.CharFilter(field_name="territory__key", label=_("Territory"), max_length=60)
    kelompok = django_filters.CharFilter(
        method="of_group",
        label=_("Group"),
        max_length=120,
        help_text=_("As the source names it; “kosong”: figures of all cooperatives."),
    )
    resmi = django_filters.ChoiceFilter(
        field_name="is_official",
        label=_("Which figures"),
        choices=[(YES, _("The office's figures only"))],
        method="chosen",
    )

    class Meta:
        model = Figure
        fields = []

    def of_group(self, queryset, _name, value):
        return queryset.filter(group="" if value == EMPTY else value)

    def chosen(self, queryset, _name, _value):
        return queryset.official()

"""What may be asked of reports: one FilterSet for the pages, the files and the API."""

import django_filters
from django.utils.translation import gettext_lazy as _

from cooperatives.filters import Year
from reporting.matrix import STATES
from reporting.models import Period, RegencyReport
from reporting.models.report import PROVINCE


class ReportFilter(django_filters.FilterSet):
    """Every parameter may be missing; a value that no report has finds nothing."""

    periode = django_filters.CharFilter(
        field_name="period__code", label=_("Period"), max_length=10, help_text=_("Its code, for example 2025-t4.")
    )
    tahun = Year(field_name="period__year", label=_("Year"))
    jenis = django_filters.ChoiceFilter(
        field_name="period__kind", label=_("Kind of period"), choices=list(Period.Kind.choices)
    )
    kantor = django_filters.CharFilter(
        method="of_office",
        label=_("Reporting office"),
        max_length=60,
        help_text=_("The regency's address name, or “provinsi” for the province's own section."),
    )

    class Meta:
        model = RegencyReport
        fields = []

    def of_office(self, queryset, _name, value):
        return queryset.filter(regency=None) if value == PROVINCE else queryset.filter(regency__slug=value)

    @property
    def asked(self):
        """`{parameter: value}` of all that was understood and not left empty. What was not understood is left out."""
        self.errors  # noqa: B018  Reading the errors is what makes the form clean its data.
        return {name: value for name, value in self.form.cleaned_data.items() if value not in (None, "")}


class WorkFilter(ReportFilter):
    """What the office asks beyond that: where a report stands by the clock. The matrix itself applies it."""

    keadaan = django_filters.ChoiceFilter(
        label=_("State"), choices=list(STATES.items()), method=lambda queryset, _name, _value: queryset
    )

"""The filters of public aid: one FilterSet for the page, the API and the files, so that they cannot disagree."""

from functools import cached_property

import django_filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from assistance.models import AidKind, Package, Programme, RecipientKind
from assistance.stages import PUBLIC, WAYS_OUT, Stage
from cooperatives.filters import EMPTY, LONGEST_TEXT, Facet, Selection, refuse_citizen_number, refuse_wordless
from regions.models import Regency

NOT_NAMED = _("(not stated)")
# The stages that the public list can hold, in their order.
STAGES = [(stage.value, stage.label) for stage in Stage if stage in PUBLIC or stage in WAYS_OUT]

TAHUN = Facet("tahun", "programme__fiscal_year", _("Fiscal year"))
WILAYAH = Facet("wilayah", "regency__slug", _("Regency"))
JENIS = Facet("jenis", "kind__code", _("Aid kind"))
DANA = Facet("dana", "programme__funding", _("Source of money"), "")
PENERIMA = Facet("penerima", "recipient_kind", _("Kind of recipient"), "")
TAHAP = Facet("tahap", "stage", _("Stage"))

# In the order of the page.
FACETS = (TAHUN, WILAYAH, JENIS, DANA, PENERIMA, TAHAP)


class AidFilter(django_filters.FilterSet):
    """What may be asked of public aid. What is not understood is left out of the answer and named in `errors`."""

    q = django_filters.CharFilter(
        label=_("Kind, programme, recipient or place"),
        max_length=LONGEST_TEXT,
        validators=[refuse_citizen_number, refuse_wordless],
    )
    tahun = Selection(field_name="programme__fiscal_year", label=TAHUN.label, choices=list)
    wilayah = Selection(field_name="regency__slug", label=WILAYAH.label, choices=list)
    jenis = Selection(field_name="kind__code", label=JENIS.label, choices=list)
    dana = Selection(label=DANA.label, choices=[*Programme.Funding.choices, (EMPTY, NOT_NAMED)])
    penerima = Selection(label=PENERIMA.label, choices=[*RecipientKind.choices, (EMPTY, NOT_NAMED)])
    tahap = Selection(label=TAHAP.label, choices=STAGES)
    program = django_filters.ChoiceFilter(
        field_name="programme__pk",
        label=_("Programme"),
        choices=list,
        help_text=_("Its id."),
        error_messages={"invalid_choice": _("“%(value)s” is not among the values of this filter.")},
    )

    class Meta:
        model = Package
        fields = []

    def __init__(self, data=None, *args, **kwargs):
        super().__init__({} if data is None else data, *args, **kwargs)
        for param in ("tahun", "wilayah", "jenis", "program"):
            self.filters[param].extra["choices"] = list(self.labels[param].items())

    @cached_property
    def programmes(self):
        """Every programme, the newest first."""
        return list(Programme.objects.defer("note"))

    @cached_property
    def regencies(self):
        return list(Regency.objects.defer("boundary", "note").order_by("name"))

    @cached_property
    def labels(self):
        """`{parameter: {value: label}}` of all that can be chosen, in three queries."""
        years = sorted({one.fiscal_year for one in self.programmes if one.fiscal_year}, reverse=True)
        empty = {EMPTY: NOT_NAMED}
        return {
            "tahun": {str(year): str(year) for year in years} | empty,
            "wilayah": {one.slug: one.name for one in self.regencies} | empty,
            "jenis": dict(AidKind.objects.values_list("code", "name")),
            "dana": dict(Programme.Funding.choices) | empty,
            "penerima": dict(RecipientKind.choices) | empty,
            "tahap": dict(STAGES),
            "program": {str(one.pk): str(one) for one in self.programmes},
        }

    @cached_property
    def asked(self):
        """`{parameter: value}` of all that was understood and not left empty."""
        self.errors  # noqa: B018  Reading the errors is what makes the form clean its data.
        return {name: value for name, value in self.form.cleaned_data.items() if value not in (None, "", [])}

    @property
    def asks_more_than_facets(self):
        """Whether a text or a programme narrows the list too."""
        return "q" in self.asked or "program" in self.asked

    def unticked(self, queryset):
        """The public packages that everything but the ticks leaves."""
        queryset = queryset.public()
        if "program" in self.asked:
            queryset = queryset.filter(programme=int(self.asked["program"]))
        return queryset.matching(self.asked["q"]) if "q" in self.asked else queryset

    def filter_queryset(self, queryset):
        conditions = [_ticked(facet, self.asked[facet.param]) for facet in FACETS if facet.param in self.asked]
        return self.unticked(queryset).filter(*conditions)


def _ticked(facet, values):
    wanted = [value for value in values if value != EMPTY]
    condition = Q(**{f"{facet.column}__in": wanted})
    if EMPTY not in values:
        return condition
    # A package without programme has neither year nor money, as one whose programme does not say.
    unknown = Q(**{facet.column: None})
    return condition | unknown if facet.empty is None else condition | unknown | Q(**{facet.column: facet.empty})

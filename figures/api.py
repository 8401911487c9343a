"""Indicators and published figures in the public API."""

from django.utils.translation import gettext_lazy as _

from common.api import PublicView
from common.columns import Column, Kind
from figures.columns import FIGURES
from figures.filters import FigureFilter
from figures.models import Figure, Indicator

KEYS = ("figures", "regions")

INDICATOR = (
    Column("id", _("Id"), Kind.COUNT),
    Column("url", _("address of the page"), Kind.LINK, "code", link=lambda code: f"/statistik/{code}/"),
    Column("code", _("code"), Kind.TEXT),
    Column("name", _("name"), Kind.TEXT),
    Column("unit", _("unit"), Kind.TEXT),
    Column("concept", _("concept"), Kind.TEXT),
    Column("definition", _("definition"), Kind.TEXT),
    Column("formula", _("formula"), Kind.TEXT),
    Column("interpretation", _("interpretation"), Kind.TEXT),
    Column("measure", _("measure"), Kind.TEXT),
    Column("measure_label", _("measure, in words"), Kind.TEXT, "measure", choices=tuple(Indicator.Measure.choices)),
    Column("direction", _("direction"), Kind.TEXT),
    Column(
        "direction_label", _("direction, in words"), Kind.TEXT, "direction", choices=tuple(Indicator.Direction.choices)
    ),
)


class IndicatorList(PublicView):
    keys = KEYS
    columns = INDICATOR
    is_list = True
    summary = _("Indicators")
    description = _("The dictionary: what each published number means, with the metadata of Satu Data.")
    component = "Indicator"

    def data(self, request):
        return self.page(request, Indicator.objects.all())


class IndicatorDetail(PublicView):
    keys = KEYS
    columns = INDICATOR
    summary = _("One indicator")
    description = _("One indicator, by its code.")
    component = "Indicator"

    def data(self, request, code):
        return self.record(request, Indicator.objects.filter(code=code))


class FigureList(PublicView):
    keys = KEYS
    columns = FIGURES
    filterset_class = FigureFilter
    is_list = True
    summary = _("Published figures")
    description = _(
        "Published values, each with territory, date and source. Values that contradict one another stand "
        "side by side; `is_official` marks the one that the office chose."
    )
    component = "Figure"

    def data(self, request):
        return self.page(request, self.filtered(request, Figure.objects.all()).qs)

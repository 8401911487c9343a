"""Regencies and territories in the public API."""

from django.utils.translation import gettext_lazy as _

from common.api import PublicView
from common.columns import Column, Kind
from regions.models import Regency, Territory

TEXT, COUNT, DECIMAL, DATE, _MOMENT, _FLAG, LINK = Kind

REGENCY = (
    Column("id", _("id"), COUNT),
    Column("url", _("address of the page"), LINK, "slug", link=lambda slug: f"/wilayah/{slug}/"),
    Column("kemendagri_code", _("Kemendagri code"), TEXT),
    Column("bps_code", _("BPS code"), TEXT),
    Column("kind", _("kind (code)"), TEXT),
    Column("kind_label", _("kind"), TEXT, "kind", choices=tuple(Regency.Kind.choices)),
    Column("name", _("name"), TEXT),
    Column("slug", _("address name"), TEXT),
    Column("capital", _("capital"), TEXT),
    Column("capital_latitude", _("capital latitude"), DECIMAL, digits=2),
    Column("capital_longitude", _("capital longitude"), DECIMAL, digits=2),
    Column("area_km2", _("area (km²)"), DECIMAL, digits=3),
    Column("valid_from", _("part of the province from"), DATE),
    Column("valid_until", _("part of the province until"), DATE),
    Column("split_from", _("split from (Kemendagri code)"), TEXT, "split_from__kemendagri_code"),
)
TERRITORY = (
    Column("id", _("id"), COUNT),
    Column("key", _("key"), TEXT),
    Column("name", _("name"), TEXT),
    Column("regency_code", _("Kemendagri code"), TEXT, "regency__kemendagri_code"),
    Column("regency", _("regency"), TEXT, "regency__name"),
)
REGENCY_OF_SUM = (
    Column("kemendagri_code", _("Kemendagri code"), TEXT),
    Column("name", _("name"), TEXT),
)


class RegencyList(PublicView):
    keys = ("regions",)
    columns = REGENCY
    is_list = True
    summary = _("Regencies")
    description = _(
        "Every kabupaten and kota that is or was part of the province, with both codes and the days from "
        "which and until which it was. BPS and Kemendagri codes clash; never make one from the other."
    )
    component = "Regency"

    def data(self, request):
        return self.page(request, Regency.objects.all())


class RegencyDetail(PublicView):
    keys = ("regions",)
    columns = REGENCY
    summary = _("One regency")
    description = _("One regency, by its address name.")
    component = "Regency"

    def data(self, request, slug):
        return self.record(request, Regency.objects.filter(slug=slug))


class TerritoryList(PublicView):
    keys = ("regions",)
    columns = TERRITORY
    is_list = True
    summary = _("Territories")
    description = _("What a published figure speaks of: one regency, or a named sum of regencies.")
    component = "Territory"

    def data(self, request):
        return self.page(request, Territory.objects.all())


class TerritoryDetail(PublicView):
    keys = ("regions",)
    columns = TERRITORY
    parts = {"regencies": REGENCY_OF_SUM}
    summary = _("One territory")
    description = _(
        "One territory, with the regencies of its sum; none where the source does not say which it counted."
    )
    component = "TerritoryDetail"

    def data(self, request, key):
        return self.record(
            request,
            Territory.objects.filter(key=key),
            regencies=Regency.objects.filter(territories__key=key).order_by("name"),
        )

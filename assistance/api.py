"""Public aid in the public API: packages, units, programmes and kinds."""

from django.utils.translation import gettext_lazy as _

from assistance.exports import KEYS
from assistance.filters import AidFilter
from assistance.models import AidKind, Package, Programme
from assistance.public_fields import KIND, PACKAGE, PROGRAMME, STEP, UNIT, described, public_units
from common.api import LARGEST_KEY, PublicView


class PackageList(PublicView):
    keys = KEYS
    columns = PACKAGE
    filterset_class = AidFilter
    is_list = True
    summary = _("Aid packages")
    description = _("Aid from the decree on, and old aid, by the same filters as the page /bantuan/.")
    component = "AidPackage"

    def data(self, request):
        return self.page(request, described(self.filtered(request, Package.objects.all()).qs))


class PackageDetail(PublicView):
    keys = KEYS
    columns = PACKAGE
    parts = {"steps": STEP, "units": UNIT}
    summary = _("One aid package")
    description = _("One aid package with the steps that it took and the units that were handed over.")
    component = "AidPackageDetail"

    def data(self, request, pk):
        package = Package.objects.public().filter(pk=min(pk, LARGEST_KEY))
        found = package.first()
        steps = found.steps.all() if found else []
        return self.record(request, described(package), steps=steps, units=public_units(package).order_by("pk"))


class UnitList(PublicView):
    keys = KEYS
    columns = UNIT
    filterset_class = AidFilter
    is_list = True
    summary = _("Aid units")
    description = _("The units that were handed over, of the aid packages that the filters leave.")
    component = "AidUnit"

    def data(self, request):
        return self.page(request, public_units(self.filtered(request, Package.objects.all()).qs))


class ProgrammeList(PublicView):
    keys = KEYS
    columns = PROGRAMME
    is_list = True
    summary = _("Aid programmes")
    description = _("The programmes that aid comes from, with their ceilings and what is committed of them.")
    component = "AidProgramme"

    def data(self, request):
        return self.page(request, Programme.objects.all())


class KindList(PublicView):
    keys = KEYS
    columns = KIND
    is_list = True
    summary = _("Aid kinds")
    description = _("The kinds of aid.")
    component = "AidKind"

    def data(self, request):
        return self.page(request, AidKind.objects.all())

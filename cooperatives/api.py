"""The register in the public API: cooperatives, annual returns, vocabularies."""

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.reverse import reverse

from common.api import LARGEST_KEY, Gone, PublicView
from cooperatives import public_fields
from cooperatives.filters import CooperativeFilter, YearField
from cooperatives.merging import final_record
from cooperatives.models import AnnualReturn, Cooperative, Form, Group, Kind, Sector

KEYS = ("cooperatives", "regions")


class CooperativeList(PublicView):
    keys = KEYS
    columns = public_fields.COOPERATIVE
    filterset_class = CooperativeFilter
    is_list = True
    summary = gettext_lazy("Cooperatives")
    description = gettext_lazy(
        "The cooperatives of the register, by the same filters as the page /koperasi/. The dissolved are "
        "among them; voided records are not."
    )
    component = "Cooperative"

    def data(self, request):
        if request.GET.keys().isdisjoint(CooperativeFilter.base_filters):
            # Who fetches everything asks no filter; making one, with its labels, would cost half of the answer.
            return self.page(request, Cooperative.objects.in_register())
        found = self.filtered(request, Cooperative.objects.all())
        columns = public_fields.cooperative_columns(on=found.date)
        related = {"regency": found.regency_then} if found.date else None
        return self.page(request, found.qs, columns, related=related)


class CooperativeDetail(PublicView):
    keys = KEYS
    columns = public_fields.COOPERATIVE
    parts = {
        "status_periods": public_fields.STATUS_PERIOD,
        "returns": public_fields.RETURN,
        "board": public_fields.BOARD_MEMBER,
        "former_names": public_fields.FORMER_NAME,
        "deed_amendments": public_fields.DEED_AMENDMENT,
    }
    summary = gettext_lazy("One cooperative")
    description = gettext_lazy(
        "One cooperative with its statuses over time, its annual returns, its board and its former names."
    )
    component = "CooperativeDetail"
    refusals = (301, 410)

    def data(self, request, pk):
        found = Cooperative.objects.filter(pk=min(pk, LARGEST_KEY))
        try:
            # What hangs on a cooperative carries its number: no second look at the cooperative itself.
            return self.record(
                request,
                found.in_register(),
                **{name: getattr(Cooperative(pk=pk), name).all() for name in self.parts},
            )
        except exceptions.NotFound:
            return self._voided(found)

    def _voided(self, found):
        """Where a record went that is not in the register any more."""
        double = found.only("pk", "voided_at", "same_as").first()
        if double is None:
            raise exceptions.NotFound(_("There is no such cooperative."))
        record = final_record(double)
        if record.is_voided:
            raise Gone
        address = reverse("api-cooperative", args=[record.pk], request=self.request)
        detail = _("This record was a double. The cooperative goes on as %(id)s.") % {"id": record.pk}
        body = {"detail": detail, "request_id": getattr(self.request, "request_id", ""), "same_as": record.pk}
        return Response(body, status=301, headers={"Location": address, "Cache-Control": "public, no-cache"})


class KeyField(forms.CharField):
    """The id of a record, as it stands in an address."""

    default_error_messages = {"invalid": gettext_lazy("Write a whole number, for example 100.")}

    def to_python(self, value):
        value = super().to_python(value)
        if value in self.empty_values:
            return None
        if not (value.isascii() and value.isdigit() and len(value) <= 18):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return int(value)


class KeyFilter(django_filters.NumberFilter):
    field_class = KeyField


class BookYear(django_filters.NumberFilter):
    field_class = YearField


class ReturnFilter(django_filters.FilterSet):
    """Which returns: of one cooperative, of one book year."""

    koperasi = KeyFilter(field_name="cooperative_id", label=gettext_lazy("cooperative (id)"))
    tahun_buku = BookYear(field_name="book_year", label=gettext_lazy("book year"))

    class Meta:
        model = AnnualReturn
        fields = []


class ReturnList(PublicView):
    keys = KEYS
    columns = public_fields.RETURN
    filterset_class = ReturnFilter
    is_list = True
    summary = gettext_lazy("Annual returns")
    description = gettext_lazy(
        "What cooperatives reported, one row for each book year. Null means that a number is not known, never zero."
    )
    component = "AnnualReturn"

    def data(self, request):
        found = self.filtered(request, AnnualReturn.objects.filter(cooperative__voided_at=None))
        return self.page(request, found.qs)


class FormList(PublicView):
    keys = KEYS
    columns = public_fields.FORM
    is_list = True
    summary = gettext_lazy("Vocabulary: forms")
    description = gettext_lazy(
        "Bentuk: primary and secondary cooperatives, and which level of office is responsible for each."
    )
    component = "Form"

    def data(self, request):
        return self.page(request, Form.objects.all())


class KindList(PublicView):
    keys = KEYS
    columns = public_fields.VOCABULARY
    is_list = True
    summary = gettext_lazy("Vocabulary: kinds")
    description = gettext_lazy("Jenis: what a cooperative does for its members.")
    component = "Term"

    def data(self, request):
        return self.page(request, Kind.objects.all())


class GroupList(PublicView):
    keys = KEYS
    columns = public_fields.VOCABULARY
    is_list = True
    summary = gettext_lazy("Vocabulary: groups")
    description = gettext_lazy("Kelompok: the groups that the published figures count by.")
    component = "Term"

    def data(self, request):
        return self.page(request, Group.objects.all())


class SectorList(PublicView):
    keys = KEYS
    columns = public_fields.VOCABULARY
    is_list = True
    summary = gettext_lazy("Vocabulary: sectors")
    description = gettext_lazy("Sektor usaha, after the sections of KBLI.")
    component = "Term"

    def data(self, request):
        return self.page(request, Sector.objects.all())

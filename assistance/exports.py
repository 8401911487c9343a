"""Public aid as files: packages, units, and sums by recipient and by regency and year, all of the rows of a filter."""

from django.db.models import Case, Count, F, IntegerField, Q, Sum, Value, When
from django.http import Http404
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assistance.models import SUBJECT, Package, RecipientKind
from assistance.public_fields import PACKAGE, UNIT, described, public_units
from assistance.totals import Totals
from common.columns import Column, Kind
from common.exports import stream, stream_rows
from cooperatives.filters import EMPTY

KEYS = (SUBJECT, "regions", "cooperatives")
SUMS = (
    Column("packages", _("packages"), Kind.COUNT),
    Column("units", _("units"), Kind.COUNT),
    Column("packages_without_quantity", _("packages without a known quantity"), Kind.COUNT),
    Column("realised_amount", _("realised value"), Kind.COUNT),
    Column("packages_without_value", _("packages without a known realised value"), Kind.COUNT),
)
BY_REGENCY = (
    Column("regency", _("regency"), Kind.TEXT),
    Column("fiscal_year", _("fiscal year"), Kind.COUNT),
    *SUMS,
)
BY_RECIPIENT = (
    Column("recipient", _("recipient"), Kind.TEXT),
    Column("recipient_kind", _("kind of recipient"), Kind.TEXT, choices=tuple(RecipientKind.choices)),
    Column("regency", _("regency"), Kind.TEXT),
    *SUMS,
)


def export(request, filterset):
    """What `?isi=` asks for: nothing for packages, else unit, penerima or wilayah; 404 for anything else."""
    what = request.GET.get("isi", "")
    if what == "":
        return _packages(request, filterset)
    if what == "unit":
        units = public_units(filterset.qs)
        return stream(request, name="bantuan-unit", columns=UNIT, queryset=units, keys=KEYS)
    if what == "penerima":
        rows = by_recipient(filterset.qs)
        return stream_rows(request, name="bantuan-penerima", columns=BY_RECIPIENT, rows=rows, keys=KEYS)
    if what == "wilayah":
        rows = by_regency(filterset)
        return stream_rows(request, name="bantuan-wilayah", columns=BY_REGENCY, rows=rows, keys=KEYS)
    raise Http404


def _packages(request, filterset):
    return stream(request, name="bantuan", columns=PACKAGE, queryset=described(filterset.qs), keys=KEYS)


def by_regency(filterset):
    """Rows of the sums by regency and fiscal year; either is empty where it is not stated."""
    names = filterset.labels["wilayah"]
    found = Totals(filterset).by_regency_year
    for (regency, year), sums in sorted(found.items(), key=lambda one: (one[0][0] == EMPTY, one[0])):
        yield (
            None if regency == EMPTY else names[regency],
            None if year == EMPTY else int(year),
            sums.packages,
            sums.quantity,
            sums.quantity_unknown,
            sums.value,
            sums.value_unknown,
        )


def by_recipient(packages):
    """Rows of the sums by recipient as everybody may know it: persons by their group, without one by regency."""
    is_person = Q(recipient__kind="person")
    rows = (
        described(Package.objects.filter(pk__in=packages.order_by().values("pk")))
        .annotate(
            # One recipient of each name, but persons of one group together.
            told_apart=Case(When(is_person, then=Value(0)), default=F("recipient_id"), output_field=IntegerField())
        )
        .order_by("recipient_kind", "public_recipient", "told_apart", "regency__name")
        .values_list("told_apart", "public_recipient", "recipient_kind", "regency__name")
        .annotate(
            n=Count("pk"),
            units=Sum("quantity", filter=Q(kind__has_units=True)),
            no_quantity=Count("pk", filter=Q(kind__has_units=True, quantity=None)),
            realised=Sum("realised_amount"),
            no_value=Count("pk", filter=Q(realised_amount=None)),
        )
    )
    for _recipient, name, kind, regency, n, units, no_quantity, realised, no_value in rows:
        is_nobody = not name and kind == RecipientKind.PERSON
        label = gettext("individual persons") if is_nobody else name
        yield (label, kind, regency, n, units or 0, no_quantity, realised or 0, no_value)

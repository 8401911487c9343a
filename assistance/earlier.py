"""Aid that the same recipient, group, address or unit had before: on proposal and decree a reason is asked."""

from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext

from assistance.models import Package, Unit
from assistance.models.unit import IDENTIFIERS
from assistance.stages import Stage

MOST = 20
NOT_GIVEN = (Stage.REFUSED, Stage.CANCELLED)


@dataclass(frozen=True)
class Earlier:
    """One package that was there before, and what it has in common."""

    package: Package
    why: str


def earlier_aid(package):
    """`[Earlier]` of other aid to whom this package goes, the newest first, the first twenty."""
    recipient = package.recipient
    if recipient is None:
        return []
    # One that is not saved yet received nothing; asked for its key it would be all that is known of no recipient.
    same = Q(recipient=recipient) if recipient.pk else Q(pk__in=[])
    if recipient.cooperative_id:
        same |= Q(recipient__cooperative=recipient.cooperative_id)
    for name in ("nik_ktp", "group_key", "address_key"):
        if value := getattr(recipient, name):
            same |= Q(**{f"recipient__{name}": value})
    numbers = _numbers(package)
    if numbers is not None:
        same |= Q(pk__in=Unit.objects.filter(numbers).order_by().values("package"))
    found = Package.objects.in_force().filter(same).exclude(pk=package.pk).exclude(stage__in=NOT_GIVEN)
    return [Earlier(one, _why(one, recipient)) for one in found.for_list().order_by("-pk")[:MOST]]


def _numbers(package):
    """The condition that a unit bears a number of one of this package's units; None where none has any."""
    condition = None
    if package.pk:
        for unit in package.units.all()[:100]:
            for name in IDENTIFIERS:
                if value := getattr(unit, name):
                    one = Q(**{name: value})
                    condition = one if condition is None else condition | one
    return condition


def _why(other, recipient):
    theirs = other.recipient
    if theirs is None:
        return gettext("the same unit")
    if theirs.pk == recipient.pk or (recipient.cooperative_id and theirs.cooperative_id == recipient.cooperative_id):
        return gettext("the same recipient")
    if recipient.nik_ktp and theirs.nik_ktp == recipient.nik_ktp:
        return gettext("the same person")
    if recipient.group_key and theirs.group_key == recipient.group_key:
        return gettext("the same group")
    if recipient.address_key and theirs.address_key == recipient.address_key:
        return gettext("the same address")
    return gettext("the same unit")

"""Changing what is on record of a package: values, quantity, facts, and taking out a wrong entry."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from assistance.models import SUBJECT, AmountRow, Holding, Package, State, Unit
from assistance.models.unit import IDENTIFIERS, next_visit, one_spelling
from assistance.procedure import commit, complete, reach_handed_over, write
from assistance.stages import WAY, Stage
from common.models import DataVersion, StepRefused

# What may be changed at any time, and what the decree fixes.
ALWAYS = ("place", "transfer", "land_status", "supplier", "procurement_number", "remark", "note")
BEFORE_BUDGET = ("programme", "quantity", "unit_price")
BEFORE_DECREE = ("kind", "recipient", "regency")
_UNBUDGETED = frozenset(WAY[: WAY.index(Stage.BUDGETED)])
_UNDECREED = frozenset(WAY[: WAY.index(Stage.DECREED)])


def open_fields(package):
    """What may still be changed: money and quantity until the budget, whom and what until the decree; of historical
    data everything."""
    found: tuple[str, ...] = ALWAYS
    if package.is_historical or package.stage in _UNBUDGETED:
        found += BEFORE_BUDGET
    if package.is_historical or package.stage in _UNDECREED:
        found += BEFORE_DECREE
    return found


def is_fixed(package):
    """Whether the quantity is fixed: only a correction with a reason changes it."""
    return "quantity" not in open_fields(package)


def refuse_ended(package):
    """Raise StepRefused where a package has come to its end: nothing of it is corrected any more."""
    if package.stage in (Stage.REFUSED, Stage.CANCELLED) or package.voided_at:
        raise StepRefused(gettext("This package has ended (%(stage)s).") % {"stage": package.get_stage_display()})


@transaction.atomic
def record_amount(package, what, amount, *, by, reason=""):
    """Say what a value of the package is, in whole rupiah: a new row; a correction needs a reason.

    Raises StepRefused beyond the programme's ceiling or the contract, or ChangedMeanwhile.
    """
    refuse_ended(package)
    column = f"{what}_amount"
    was = getattr(package, column)
    if was == amount:
        return None
    if was is not None and not reason.strip():
        raise StepRefused(gettext("A correction needs a reason."))
    package.claim(package.version)
    setattr(package, column, amount)
    limit = package.contracted_amount if package.contracted_amount is not None else package.planned_amount
    if limit is None and not package.is_historical and package.realised_amount is not None:
        raise StepRefused(gettext("Record the contracted value first."))
    if package.realised_amount is not None and limit is not None and package.realised_amount > limit:
        raise StepRefused(gettext("The realised value is larger than the contract."))
    commit(package)
    write(package, [column, "committed_amount", "version"], by=by, reason=reason)
    row = AmountRow.objects.create(package=package, what=what, was=was, amount=amount, reason=reason, by=by)
    DataVersion.bump(SUBJECT)
    return row


@transaction.atomic
def correct_quantity(package, quantity, *, by, reason):
    """Correct the quantity after the budget, with a reason; never below what is handed over. Raises StepRefused."""
    refuse_ended(package)
    if not reason.strip():
        raise StepRefused(gettext("A correction needs a reason."))
    package.claim(package.version)
    package.refresh_from_db(fields=["handed_count", "confirmed_count"])
    if package.is_delivered and package.quantity is not None and quantity > package.quantity:
        raise StepRefused(gettext("All of it is handed over; what comes on top is a package of its own."))
    if quantity < max(1, package.handed_count):
        raise StepRefused(gettext("More is handed over already than this quantity."))
    _refuse_below_units(package, quantity)
    package.quantity = quantity
    write(package, ["quantity", "version"], by=by, reason=reason)
    if package.stage in {Stage.DECREED, Stage.PROCURED} and package.confirmed_count == quantity:
        reach_handed_over(package, by=by)
    DataVersion.bump(SUBJECT)


@transaction.atomic
def revise(package, changes, *, by, reason=""):
    """Change facts of a package, `{field: value}`; returns whether anything changed. Raises StepRefused."""
    if unknown := set(changes) - set(open_fields(package)):
        names = ", ".join(str(Package._meta.get_field(name).verbose_name) for name in sorted(unknown))
        raise StepRefused(gettext("Budget or decree have fixed: %(fields)s.") % {"fields": names})
    changed = [name for name, value in changes.items() if getattr(package, name) != value]
    if not changed:
        return False
    if "programme" in changed and package.committed_amount:
        raise StepRefused(gettext("The package is budgeted already in its programme."))
    if "kind" in changed and package.units.exists():
        raise StepRefused(gettext("Units are registered; the kind stays. Take out this entry and make another."))
    if {"recipient", "regency"} & set(changed) and package.confirmed_count:
        raise StepRefused(gettext("It is handed over: the recipient stays, and a new holder is found on a visit."))
    if "quantity" in changed:
        _refuse_below_units(package, changes["quantity"])
    package.claim(package.version)
    for name in changed:
        setattr(package, name, changes[name])
    complete(package)
    write(package, [*changed, "recipient_kind", "search", "listed_on", "version"], by=by, reason=reason)
    DataVersion.bump(SUBJECT)
    return True


def _refuse_below_units(package, quantity):
    if quantity is not None and quantity < (there := package.units.count()):
        raise StepRefused(gettext("%(count)s units are registered; the quantity cannot be lower.") % {"count": there})


@transaction.atomic
def take_out(package, *, reason, by):
    """Take a wrong entry out of every list and sum; its history stays. Raises StepRefused where things hang on it."""
    if not reason.strip():
        raise StepRefused(gettext("Say why, in a few words."))
    if package.voided_at:
        raise StepRefused(gettext("This was taken out already."))
    if package.handed_count or package.units.exists():
        raise StepRefused(gettext("Units or handovers are on record. Withdraw the aid instead."))
    package.claim(package.version)
    package.refresh_from_db(fields=["handed_count"])
    if package.handed_count:
        raise StepRefused(gettext("Units or handovers are on record. Withdraw the aid instead."))
    package.voided_at, package.void_reason, package.is_public = timezone.now(), reason, False
    if package.programme_id and package.committed_amount:
        package.programme.commit(-package.committed_amount)
    package.committed_amount = 0
    write(package, ["voided_at", "void_reason", "is_public", "committed_amount", "version"], by=by, reason=reason)
    DataVersion.bump(SUBJECT)


# Units ----------------------------------------------------------------------------------------------


@transaction.atomic
def register_units(package, units, *, by):
    """Save unsaved units of a package with their codes; returns them. Raises StepRefused beyond its quantity.

    Units of old aid that was handed over are with its recipient from that day on, known or not.
    """
    refuse_ended(package)
    if not package.kind.has_units:
        raise StepRefused(gettext("Aid of this kind has no units."))
    package.claim(package.version)
    if package.quantity is not None and package.units.count() + len(units) > package.quantity:
        raise StepRefused(
            gettext("The package has %(all)s; %(there)s are registered and %(new)s were entered.")
            % {"all": package.quantity, "there": package.units.count(), "new": len(units)}
        )
    delivered = package.is_historical and package.is_delivered
    # The package says who was first to whoever comes second.
    write(package, ["version"], by=by, reason=gettext("Units registered"))
    cooperative = package.recipient.cooperative_id if package.recipient_id else None
    for unit in units:
        unit.package = package
        keep_one_spelling(unit)
        refuse_repeated_numbers(unit)
        if delivered:
            unit.is_delivered, unit.handed_on, unit.state = True, package.handed_over_on, State.IN_USE
            unit.holder_cooperative_id = cooperative
            unit.next_visit_on = next_visit(unit.handed_on, None, package.kind.visits_after)
        unit._history_user = by
        unit.save()
        if delivered:
            Holding.objects.create(
                unit=unit,
                holder=Holding.Holder.RECIPIENT,
                cooperative_id=cooperative,
                since=package.handed_over_on,
                basis=gettext("historical data"),
                by=by,
            )
    DataVersion.bump(SUBJECT)
    return units


def keep_one_spelling(unit):
    """Write its numbers the one way in which they are compared."""
    for name in IDENTIFIERS:
        setattr(unit, name, one_spelling(name, getattr(unit, name)))


def refuse_repeated_numbers(unit):
    """Raise StepRefused where another unit bears one of its numbers and nothing says why."""
    if unit.repeat_reason:
        return
    for name in IDENTIFIERS:
        value = getattr(unit, name)
        other = value and Unit.objects.filter(**{name: value}).exclude(pk=unit.pk).first()
        if other:
            raise StepRefused(
                gettext(
                    "%(field)s %(value)s is that of unit %(unit)s already. Correct it, or say why it is used again."
                )
                % {"field": Unit._meta.get_field(name).verbose_name, "value": value, "unit": other}
            )


@transaction.atomic
def correct_unit(unit, *, by, reason=""):
    """Save an edited unit that was read at its version. Raises StepRefused or ChangedMeanwhile."""
    if unit.is_delivered and not reason.strip():
        raise StepRefused(gettext("This unit was handed over: say why it is corrected."))
    keep_one_spelling(unit)
    if unit.is_delivered and not unit.package.is_historical and (missing := unit.missing_identifiers):
        raise StepRefused(gettext("Unit %(unit)s lacks: %(what)s.") % {"unit": unit, "what": ", ".join(missing)})
    refuse_repeated_numbers(unit)
    unit.claim(unit.version)
    unit._history_user, unit._change_reason = by, reason[:100] or None
    unit.save()
    DataVersion.bump(SUBJECT)

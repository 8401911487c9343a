"""Two records of one cooperative become one. Not the legal merger, which is a status.

Everything that points at the double moves to the survivor, whatever app it belongs to: the foreign
key is the registration. What the survivor already has wins; the double's row of the same kind stays
with the double, which is void from then on, keeps its history and leads to the survivor.
"""

from dataclasses import dataclass

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext

from common.history import display
from common.models import ChangedMeanwhile, Versioned, pointing_at
from cooperatives.models import Cooperative, DistinctPair, FormerName, StatusPeriod, StepRefused
from cooperatives.summary import publish

# What the double may fill in where the survivor's record is empty.
FILLABLE = (
    "nomor_induk_koperasi",
    "certificate_on",
    "certificate_valid_until",
    "legal_number",
    "legal_on",
    "iusp_number",
    "iusp_on",
    "nib",
    "loop",
    "form",
    "kind",
    "group",
    "sector",
    "regency",
    "district",
    "village",
    "postal_code",
    "address",
    "latitude",
    "longitude",
    "founded_on",
    "email",
    "phone",
    "other_phone",
    "website",
    "management",
    "health",
    "health_on",
    "health_source",
    "note",
)
# Facts that only mean something together are taken together or not at all.
TOGETHER = (("latitude", "longitude"), ("health", "health_on", "health_source"))


@dataclass(frozen=True)
class Moves:
    """What would happen to the rows of one model that point at the double."""

    model: type
    field: str
    moving: list
    staying: list

    @property
    def label(self):
        return self.model._meta.verbose_name_plural  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Plan:
    """What merging two records would do; shown before it is done, and made anew when it is."""

    survivor: Cooperative
    double: Cooperative
    moves: list
    filled: list

    @property
    def filled_labels(self):
        return [str(Cooperative._meta.get_field(name).verbose_name) for name in self.filled]


def plan(double, *, into):
    """The plan for two records; reads only. Raises StepRefused where they cannot be merged."""
    if double.pk == into.pk:
        raise StepRefused(gettext("A record cannot be merged with itself."))
    for record in (double, into):
        if record.is_voided:
            raise StepRefused(
                gettext("“%(name)s” is void; only records of the register can be merged.") % {"name": record}
            )
    double.refuse_while_blocked()
    moves = []
    for field in pointing_at(Cooperative):
        model = field.model
        if model is DistinctPair:
            continue
        rows = list(model._base_manager.filter(**{field.name: double.pk}))
        if model is StatusPeriod and field.name == "cooperative":
            # Two courses of one life cannot both be true: the survivor's holds.
            moving, staying = [], rows
        elif model is StatusPeriod and any(row.cooperative_id == into.pk for row in rows):
            raise StepRefused(
                gettext("“%(name)s” is recorded as legally merged into the other. Withdraw that status first.")
                % {"name": into}
            )
        else:
            moving, staying = _split(rows, field, into)
        if rows:
            moves.append(Moves(model, field.name, moving, staying))
    return Plan(into, double, moves, _fillable(into, double))


def _split(rows, field, survivor):
    """The rows that can move, and those that a unique constraint keeps because the survivor has such a row."""
    keys = [
        [field.model._meta.get_field(name).attname for name in constraint.fields if name != field.name]
        for constraint in field.model._meta.constraints
        if isinstance(constraint, models.UniqueConstraint) and field.name in constraint.fields
    ]
    if field.unique:
        keys.append([])
    present = list(field.model._base_manager.filter(**{field.name: survivor.pk}))
    moving, staying = [], []
    for row in rows:
        clashes = any(
            [getattr(row, name) for name in key] == [getattr(other, name) for name in key]
            for key in keys
            for other in present
        )
        (staying if clashes else moving).append(row)
    return moving, staying


def _fillable(survivor, double):
    empty = [
        name for name in FILLABLE if getattr(survivor, name) in (None, "") and getattr(double, name) not in (None, "")
    ]
    for names in TOGETHER:
        if any(getattr(survivor, name) not in (None, "") for name in names):
            empty = [name for name in empty if name not in names]
    return empty


@transaction.atomic
def merge(double, *, into, reason, by, keep_name=False, versions=None):
    """Merge the record `double` into the record `into`; returns the plan that was carried out.

    `versions` are (double's, survivor's) as the person saw them: where either changed since, raises
    ChangedMeanwhile. Raises StepRefused where the rules say no.
    """
    if not reason.strip():
        raise StepRefused(gettext("Merging two records needs a reason."))
    records = {
        record.pk: record
        for record in Cooperative._base_manager.select_for_update(no_key=True)
        .filter(pk__in=(double.pk, into.pk))
        .order_by("pk")
    }
    double, survivor = records[double.pk], records[into.pk]
    for record, seen in zip((double, survivor), versions or (double.version, survivor.version), strict=True):
        if record.version != seen:
            raise ChangedMeanwhile(record)
    agreed = plan(double, into=survivor)
    double.claim(double.version)
    survivor.claim(survivor.version)

    # The double gives up its unique number before the survivor takes it.
    note = gettext("Merged into record %(id)s: %(reason)s") % {"id": survivor.pk, "reason": reason}
    double.voided_at, double.void_reason, double.same_as = timezone.now(), note[:300], survivor
    _save(double, by=by, reason=note)

    for moves in agreed.moves:
        for row in moves.moving:
            setattr(row, moves.field, survivor)
            if isinstance(row, Versioned):
                row.version += 1
            _save(row, by=by, reason=note)
    _rewrite_pairs(double, survivor)
    if keep_name and not survivor.former_names.filter(name=double.name).exists() and double.name != survivor.name:
        _save(FormerName(cooperative=survivor, name=double.name), by=by, reason=note)
    for name in agreed.filled:
        setattr(survivor, name, getattr(double, name))
    survivor.is_merah_putih = survivor.is_merah_putih or double.is_merah_putih
    note = gettext("Record %(id)s merged into this one: %(reason)s") % {"id": double.pk, "reason": reason}
    _save(survivor, by=by, reason=note)
    publish([double.pk, survivor.pk])
    return agreed


def _save(record, *, by, reason):
    record._history_user, record._change_reason = by, reason[:100]
    record.save()


def _rewrite_pairs(double, survivor):
    """What was said of the double holds for the survivor; of the two themselves nothing is left to say."""
    pairs = DistinctPair.objects.filter(lower=double) | DistinctPair.objects.filter(higher=double)
    for pair in list(pairs):
        other = pair.higher_id if pair.lower_id == double.pk else pair.lower_id
        pair.delete()
        if other == survivor.pk:
            continue
        lower, higher = sorted((other, survivor.pk))
        DistinctPair.objects.get_or_create(
            lower_id=lower,
            higher_id=higher,
            defaults={"reason": pair.reason, "by_id": pair.by_id, "said_at": pair.said_at},
        )


def final_record(cooperative):
    """Where a merged double leads: the record that stands at the end of the chain."""
    seen = {cooperative.pk}
    while cooperative.same_as_id and cooperative.same_as_id not in seen:
        cooperative = cooperative.same_as
        seen.add(cooperative.pk)
    return cooperative


def compared(double, survivor):
    """`[(label, double's value, survivor's value, differs)]` of the facts of both records, in words."""
    rows = []
    for name in ("name", *FILLABLE):
        field = Cooperative._meta.get_field(name)
        values = []
        for record in (double, survivor):
            value = getattr(record, name)
            values.append(str(value) if field.is_relation and value is not None else display(field, value))
        rows.append((field.verbose_name, *values, values[0] != values[1]))
    return rows

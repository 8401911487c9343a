"""Records that may be one cooperative entered twice; never a judgement, always a question to a person."""

from collections import Counter
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, F, Q
from django.utils.translation import gettext

from cooperatives import spelling
from cooperatives.models import Cooperative, DistinctPair

MOST_CANDIDATES = 10


@dataclass(frozen=True)
class Candidate:
    """A record that resembles the one being entered, and in what."""

    cooperative: Cooperative
    same_name: bool
    same_legal_number: bool

    @property
    def why(self):
        reasons = []
        if self.same_name:
            reasons.append(gettext("the same name, written alike or differently"))
        if self.same_legal_number:
            reasons.append(gettext("the same legal registration number"))
        return ", ".join(reasons)


def candidates(*, name, regency_id, legal_number="", pk=None):
    """Records of the register that resemble this one, without those already said to be another cooperative.

    Resembling: the same name key in the same regency (or in none), or the same legal registration number.
    """
    key = spelling.name_key(name)[:200]
    alike = Q(pk=None)
    if key:
        place = Q() if regency_id is None else Q(regency=regency_id) | Q(regency=None)
        alike |= Q(name_key=key) & place
    if legal_number:
        alike |= Q(legal_number=legal_number)
    found = Cooperative.objects.in_register().filter(alike).select_related("regency").order_by("name_key", "pk")
    if pk is not None:
        lower = DistinctPair.objects.filter(higher=pk).values("lower")
        higher = DistinctPair.objects.filter(lower=pk).values("higher")
        found = found.exclude(pk=pk).exclude(pk__in=lower).exclude(pk__in=higher)
    return [
        Candidate(
            cooperative,
            same_name=bool(key)
            and cooperative.name_key == key
            and (regency_id is None or cooperative.regency_id in (None, regency_id)),
            same_legal_number=bool(legal_number) and cooperative.legal_number == legal_number,
        )
        for cooperative in found[:MOST_CANDIDATES]
    ]


@transaction.atomic
def say_distinct(ids, *, reason, by):
    """Record that these are all different cooperatives; none of the pairs is suggested again.

    Saying it twice changes nothing. Returns how many pairs are new.
    """
    ordered = sorted(set(ids))
    said = set(DistinctPair.objects.filter(lower__in=ordered, higher__in=ordered).values_list("lower_id", "higher_id"))
    pairs = [
        DistinctPair(lower_id=lower, higher_id=higher, reason=reason, by=by)
        for index, lower in enumerate(ordered)
        for higher in ordered[index + 1 :]
        if (lower, higher) not in said
    ]
    DistinctPair.objects.bulk_create(pairs, ignore_conflicts=True)
    return len(pairs)


def suspicious(cooperatives):
    """`[(name_key, regency_id, count)]` of names that several records of a regency bear, in order of name.

    One grouped query, and one for the pairs that were already said to be distinct.
    """
    groups = (
        cooperatives.in_register()
        .exclude(name_key="")
        .order_by()
        .values_list("name_key", "regency_id")
        .annotate(count=Count("pk"))
        .filter(count__gt=1)
    )
    if not groups:
        return []
    said = Counter(
        DistinctPair.objects.filter(
            Q(lower__regency=F("higher__regency")) | Q(lower__regency=None, higher__regency=None),
            lower__name_key=F("higher__name_key"),
            lower__voided_at=None,
            higher__voided_at=None,
        ).values_list("lower__name_key", "lower__regency_id")
    )
    return sorted(
        ((key, regency, count) for key, regency, count in groups if said[key, regency] < count * (count - 1) // 2),
        key=lambda group: (group[0], group[1] or 0),
    )

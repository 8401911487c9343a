"""What is missing or doubtful in the register: one list of checks for the queue, the list's filter and its counts."""

from dataclasses import dataclass
from datetime import date

from django.core.cache import cache
from django.db.models import Count, Exists, FilteredRelation, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.dates import today
from common.models import DataVersion
from cooperatives.duplicates import suspicious
from cooperatives.models import AnnualReturn, Status, counting_year_on

KEEP_SECONDS = 3600


@dataclass(frozen=True)
class Check:
    """One question that each standing cooperative should answer well."""

    key: str
    label: str | Promise
    condition: Q


CHECKS = (
    Check("nik", _("without a Nomor Induk Koperasi"), Q(nomor_induk_koperasi=None)),
    Check("legal_number", _("without a legal registration number"), Q(legal_number="")),
    Check("regency", _("without a regency"), Q(regency=None)),
    Check("form", _("without a form"), Q(form=None)),
    Check("group", _("without a group"), Q(group=None)),
    Check("founded", _("without a founding date"), Q(founded_on=None)),
    Check("village", _("without a village"), Q(village="")),
    Check(
        "status_rule",
        _("recorded status differs from the rule's"),
        Q(status=Status.ACTIVE, rule_status=Status.INACTIVE) | Q(status=Status.INACTIVE, rule_status=Status.ACTIVE),
    ),
)
BY_KEY = {check.key: check for check in CHECKS}
NO_RETURN = "return"


@dataclass(frozen=True)
class Queue:
    """The counts of the queue. `counts` maps a check's key to how many standing cooperatives fail it."""

    standing: int
    counts: dict
    without_return: int
    counting_year: int
    doubles: int

    @property
    def open(self):
        return sum(self.counts.values()) + self.without_return + self.doubles


def owing_a_return(cooperatives, year):
    """The standing ones that existed in the book year."""
    return cooperatives.standing().filter(_existed_in(year))


def _existed_in(year):
    return Q(founded_on=None) | Q(founded_on__lte=date(year, 12, 31))


def failing(cooperatives, key, *, on=None):
    """The cooperatives that fail one check; those of the queue's counts."""
    if key == NO_RETURN:
        year = counting_year_on(on or today())
        given = AnnualReturn.objects.filter(cooperative=OuterRef("pk"), book_year=year)
        return owing_a_return(cooperatives, year).filter(~Exists(given))
    return cooperatives.standing().filter(BY_KEY[key].condition)


def queue(cooperatives, *, scope, versions=None):
    """The counts of these cooperatives, kept until the register changes.

    `scope` names whose cooperatives they are ("all", or a regency's id): part of the cache's key.
    `versions` are the data versions where the caller has read them.
    """
    versions = DataVersion.read("cooperatives") if versions is None else versions
    version = versions.get("cooperatives", (0, None))[0]
    # The rules bump the same version; the day is part of the key because the counting year changes with it.
    key = f"quality:{scope}:{version}:{today()}"
    found = cache.get(key)
    if found is None:
        found = _count(cooperatives, counting_year_on(today()))
        cache.set(key, found, KEEP_SECONDS)
    return found


def _count(cooperatives, year):
    # A cooperative has one return a year at most, so the join repeats no row.
    counts = (
        cooperatives.standing()
        .annotate(given=FilteredRelation("returns", condition=Q(returns__book_year=year)))
        .order_by()
        .aggregate(
            standing=Count("pk"),
            without_return=Count("pk", filter=_existed_in(year) & Q(given=None)),
            **{f"check_{check.key}": Count("pk", filter=check.condition) for check in CHECKS},
        )
    )
    return Queue(
        standing=counts["standing"],
        counts={check.key: counts[f"check_{check.key}"] for check in CHECKS},
        without_return=counts["without_return"],
        counting_year=year,
        doubles=len(suspicious(cooperatives)),
    )

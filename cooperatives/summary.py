"""The derived columns of a cooperative, refreshed in one place.

Verbs, the admin, imports and the nightly command all call `refresh_summary`; nothing else writes
these columns.
"""

from collections import defaultdict

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from common.dates import today
from common.models import DataVersion
from cooperatives import spelling
from cooperatives.grade import RatRecord, grade, status_by_rule
from cooperatives.models import AnnualReturn, Cooperative, FormerName, StatusPeriod, rules_on

DERIVED = (
    "name_key",
    "search",
    "status",
    "status_since",
    "rule_status",
    "grade",
    "latest_return_year",
    "latest_rat_year",
    "latest_members",
)
CHUNK = 500


def last_ended_book_year(on):
    """The last book year that has ended on a date: a return speaks for 31 December of its year."""
    return on.year if (on.month, on.day) == (12, 31) else on.year - 1


def derive(cooperative, *, names, period, returns, rules):
    """The derived columns of one cooperative as a dictionary; a pure function of what it is given.

    `period` is the open (status, since) or None; `returns` are (book_year, rat_held, members).
    """
    ended = last_ended_book_year(rules.on)
    held = frozenset(year for year, rat_held, _members in returns if rat_held)
    record = RatRecord(cooperative.founding_date, held)
    status, since = period or ("", None)
    latest = max((row for row in returns if row[0] <= ended), default=None, key=lambda row: row[0])
    return {
        "name_key": spelling.name_key(cooperative.name)[:200],
        "search": spelling.search_text(
            cooperative.name,
            *names,
            cooperative.nomor_induk_koperasi or "",
            cooperative.legal_number,
            cooperative.village,
            cooperative.district,
        ),
        "status": status,
        "status_since": since,
        "rule_status": status_by_rule(record, rules),
        "grade": grade(record, rules),
        "latest_return_year": latest[0] if latest else None,
        "latest_rat_year": max(held, default=None),
        "latest_members": latest[2] if latest else None,
    }


def refresh_summary(ids, *, on=None):
    """Bring the derived columns of these cooperatives up to date; returns how many records changed.

    Four reads and one write for each chunk of ids, whatever its size.
    """
    rules = rules_on(on or today())
    ids = sorted(set(ids))
    changed = 0
    for start in range(0, len(ids), CHUNK):
        changed += _refresh_chunk(ids[start : start + CHUNK], rules)
    return changed


def set_derived(cooperatives, rules):
    """Set the derived columns of these records, without saving them; returns those that changed. Three reads."""
    ids = [cooperative.pk for cooperative in cooperatives]
    names, returns = defaultdict(list), defaultdict(list)
    for pk, name in FormerName.objects.filter(cooperative__in=ids).order_by("pk").values_list("cooperative_id", "name"):
        names[pk].append(name)
    for pk, *row in AnnualReturn.objects.filter(cooperative__in=ids).values_list(
        "cooperative_id", "book_year", "rat_held", "members"
    ):
        returns[pk].append(tuple(row))
    open_periods = StatusPeriod.objects.filter(cooperative__in=ids, until=None)
    periods = {
        pk: (status, since) for pk, status, since in open_periods.values_list("cooperative_id", "status", "since")
    }
    stale = []
    for cooperative in cooperatives:
        fresh = derive(
            cooperative,
            names=names[cooperative.pk],
            period=periods.get(cooperative.pk),
            returns=returns[cooperative.pk],
            rules=rules,
        )
        if any(getattr(cooperative, field) != value for field, value in fresh.items()):
            for field, value in fresh.items():
                setattr(cooperative, field, value)
            stale.append(cooperative)
    return stale


def _refresh_chunk(ids, rules):
    stale = set_derived(list(Cooperative.objects.filter(pk__in=ids)), rules)
    if stale:
        # bare update: derived columns; what they follow from has its own history.
        Cooperative.objects.bulk_update(stale, DERIVED, batch_size=100)
    return len(stale)


@transaction.atomic
def publish_pages(ids):
    """What every change of rows on the pages of cooperatives ends with: their version covers those rows."""
    ids = list(ids)
    # bare update: the version alone; the history is that of the rows, written by the caller.
    Cooperative.objects.filter(pk__in=ids).update(version=F("version") + 1)
    publish(ids)


@transaction.atomic
def publish(ids):
    """What every change of a record ends with: derived columns refreshed, its date set, the public version bumped."""
    ids = list(ids)
    refresh_summary(ids)
    # bare update: the date of the change alone, of which the caller writes the history.
    Cooperative.objects.filter(pk__in=ids).update(updated_at=timezone.now())
    DataVersion.bump("cooperatives")

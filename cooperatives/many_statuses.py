"""Statuses for many cooperatives: the rules of `Cooperative.record_status`, a handful of queries for all of them."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext

from common.history import delete_with_history
from cooperatives.models import Cooperative, Status, StatusPeriod, StepRefused
from cooperatives.models.cooperative import ENDED
from cooperatives.models.status import place
from cooperatives.summary import publish

MOST = 1000
BATCH = 200


@dataclass(frozen=True)
class Outcome:
    """What became of each: ids recorded, ids that had exactly this status already, and `(cooperative, why not)`."""

    recorded: list
    unchanged: list
    refused: list


@dataclass(frozen=True)
class Step:
    """A status from the day `since` on, and why."""

    status: str
    since: date | None
    basis: str


def record_status_of_many(ids, status, *, since, basis, by):
    """Record one status from the day `since` on for these cooperatives; what the rules refuse is left as it was."""
    return record_statuses(dict.fromkeys(ids, Step(status, since, basis)), by=by)


@transaction.atomic
def record_statuses(steps, *, by):
    """Record `{id of a cooperative: Step}`; what the rules refuse is left as it was.

    The merger names a successor and is recorded one by one. Repeating the call changes nothing.
    """
    if any(step.status == Status.MERGED for step in steps.values()):
        raise ValueError("a merger names its successor: record it for one cooperative")
    # In one order, so that two people's lists never wait for each other in a circle.
    records = list(Cooperative.objects.select_for_update(no_key=True).filter(pk__in=steps).order_by("pk"))
    periods = periods_of(records)

    shortened, added, unchanged, refused = [], [], [], []
    for cooperative in records:
        step, own = steps[cooperative.pk], periods[cooperative.pk]
        if any(period.since == step.since and period.status == step.status for period in own):
            unchanged.append(cooperative.pk)
            continue
        if cooperative.is_voided:
            refused.append((cooperative, gettext("This record is void.")))
            continue
        try:
            if step.status in ENDED:
                cooperative.refuse_while_blocked()
            previous, following = place(own, step.status, step.since)
        except StepRefused as why:
            refused.append((cooperative, str(why)))
            continue
        if previous:
            previous.until = step.since
            shortened.append(previous)
        added.append(
            StatusPeriod(
                cooperative=cooperative,
                status=step.status,
                since=step.since,
                until=following.since if following else None,
                basis=step.basis,
                by=by,
            )
        )

    recorded = [period.cooperative_id for period in added]
    if recorded:
        # bare update: the version of the cooperative covers its periods, whose history is written below.
        Cooperative.objects.filter(pk__in=recorded).update(version=F("version") + 1)
        # bare update: its history is written below, with that of the added ones.
        StatusPeriod.objects.bulk_update(shortened, ["until"], batch_size=BATCH)
        _tell_history(shortened, by=by, update=True, reason_of=lambda period: steps[period.cooperative_id].basis)
        add_periods(added, by=by)
        publish(recorded)
    return Outcome(recorded, unchanged, refused)


def periods_of(records):
    """`{id of a cooperative: [StatusPeriod]}` in order of time."""
    found = defaultdict(list)
    for period in StatusPeriod.objects.filter(cooperative__in=records).order_by(F("since").asc(nulls_first=True), "pk"):
        found[period.cooperative_id].append(period)
    return found


def add_periods(periods, *, by):
    """Write new periods with their history."""
    StatusPeriod.objects.bulk_create(periods, batch_size=BATCH)
    _tell_history(periods, by=by, update=False, reason_of=lambda period: period.basis)


@transaction.atomic
def withdraw_newest(ids, *, reason, by):
    """Take back the newest period of each of these cooperatives, so that the one before it goes on."""
    removed, reopened = [], []
    for own in periods_of(ids).values():
        if len(own) > 1:
            removed.append(own[-1])
            own[-2].until = None
            reopened.append(own[-2])
    delete_with_history(removed, by=by, reason=reason)
    # bare update: its history is written below.
    StatusPeriod.objects.bulk_update(reopened, ["until"], batch_size=BATCH)
    _tell_history(reopened, by=by, update=True, reason_of=lambda period: reason)
    # bare update: the version of the cooperative covers its periods.
    Cooperative.objects.filter(pk__in=[period.cooperative_id for period in reopened]).update(version=F("version") + 1)
    publish([period.cooperative_id for period in reopened])


def _tell_history(periods, *, by, update, reason_of):
    reasons = defaultdict(list)
    for period in periods:
        reasons[reason_of(period)[:100]].append(period)
    for words, rows in reasons.items():
        StatusPeriod.history.bulk_history_create(
            rows, batch_size=BATCH, update=update, default_user=by, default_change_reason=words
        )

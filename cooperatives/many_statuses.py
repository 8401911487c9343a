"""One status for many cooperatives: the rules of `Cooperative.record_status`, a handful of queries for all of them."""

from collections import defaultdict
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext

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


@transaction.atomic
def record_status_of_many(ids, status, *, since, basis, by):
    """Record one status from the day `since` on for these cooperatives; what the rules refuse is left as it was.

    The merger names a successor and is recorded one by one. Repeating the call changes nothing.
    """
    if status == Status.MERGED:
        raise ValueError("a merger names its successor: record it for one cooperative")
    # In one order, so that two people's lists never wait for each other in a circle.
    records = list(Cooperative.objects.select_for_update(no_key=True).filter(pk__in=set(ids)).order_by("pk"))
    periods = defaultdict(list)
    for period in StatusPeriod.objects.filter(cooperative__in=records).order_by(F("since").asc(nulls_first=True), "pk"):
        periods[period.cooperative_id].append(period)

    shortened, added, unchanged, refused = [], [], [], []
    for cooperative in records:
        own = periods[cooperative.pk]
        if any(period.since == since and period.status == status for period in own):
            unchanged.append(cooperative.pk)
            continue
        if cooperative.is_voided:
            refused.append((cooperative, gettext("This record is void.")))
            continue
        try:
            if status in ENDED:
                cooperative.refuse_while_blocked()
            previous, following = place(own, status, since)
        except StepRefused as why:
            refused.append((cooperative, str(why)))
            continue
        if previous:
            previous.until = since
            shortened.append(previous)
        added.append(
            StatusPeriod(
                cooperative=cooperative,
                status=status,
                since=since,
                until=following.since if following else None,
                basis=basis,
                by=by,
            )
        )

    recorded = [period.cooperative_id for period in added]
    if recorded:
        # bare update: the version of the cooperative covers its periods, whose history is written below.
        Cooperative.objects.filter(pk__in=recorded).update(version=F("version") + 1)
        # bare update: its history is written below, with that of the added ones.
        StatusPeriod.objects.bulk_update(shortened, ["until"], batch_size=BATCH)
        StatusPeriod.objects.bulk_create(added, batch_size=BATCH)
        for rows, update in ((shortened, True), (added, False)):
            StatusPeriod.history.bulk_history_create(
                rows, batch_size=BATCH, update=update, default_user=by, default_change_reason=basis[:100]
            )
        publish(recorded)
    return Outcome(recorded, unchanged, refused)

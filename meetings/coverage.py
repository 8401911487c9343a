"""Which regencies a round has come to: held, planned or none, by regency and round."""

from dataclasses import dataclass

from django.utils.translation import gettext, pgettext

from meetings.models import Meeting, Participation, Round
from meetings.steps import Status
from regions.models import Regency

# What says more about a regency comes first.
RANK = {Status.HELD: 0, Status.PLANNED: 1, Status.POSTPONED: 2}
SHOWN = 3


@dataclass(frozen=True)
class Cell:
    """One regency in one round: the meeting that says most, or None."""

    meeting: Meeting | None

    @property
    def is_held(self):
        return self.meeting is not None and self.meeting.status == Status.HELD

    @property
    def badge(self):
        return self.meeting.badge if self.meeting else "nil"

    @property
    def words(self):
        return self.meeting.status_words if self.meeting else pgettext("coverage", "none yet")


@dataclass(frozen=True)
class Coverage:
    """Rounds as columns, regencies as rows; a cell is None where the regency was not the province's in that year."""

    rounds: list
    rows: list  # [(regency, [Cell | None])]

    def reached(self):
        """`[(round, regencies with a held meeting, regencies in all)]`."""
        found = []
        for column, one in enumerate(self.rounds):
            cells = [cells[column] for _regency, cells in self.rows if cells[column] is not None]
            found.append((one, sum(cell.is_held for cell in cells), len(cells)))
        return found


def coverage(rounds=None):
    """The coverage of these rounds, or of the newest; three queries, and none grows with the meetings of others."""
    if rounds is None:
        rounds = list(Round.objects.all()[:SHOWN])
    if not rounds:
        return Coverage([], [])
    best: dict = {}
    parts = (
        Participation.objects.filter(meeting__round__in=rounds, meeting__voided_at=None, meeting__status__in=list(RANK))
        .select_related("meeting__source")
        .defer("meeting__minutes", "meeting__search")
        .order_by("meeting__listed_on", "pk")
    )
    for part in parts:
        key = (part.regency_id, part.meeting.round_id)
        if key not in best or RANK[Status(part.meeting.status)] <= RANK[Status(best[key].status)]:
            best[key] = part.meeting
    regencies = list(Regency.objects.defer("boundary", "note").order_by("name"))
    rows = []
    for regency in regencies:
        cells = [
            Cell(best.get((regency.pk, one.pk)))
            if regency.was_part_on(one.last_day) or (regency.pk, one.pk) in best
            else None
            for one in rounds
        ]
        if any(cells):
            rows.append((regency, cells))
    return Coverage(rounds, rows)


def sentence(held, count):
    """ "7 of 10 regencies reached" in words."""
    return gettext("%(held)s of %(all)s regencies reached") % {"held": held, "all": count}

"""Meetings with one regency, for its own page; only what the public may read."""

from dataclasses import dataclass

from django.db.models import Count
from django.urls import reverse

from meetings.models import FollowUp, Meeting
from meetings.models.follow_up import STATES

SHOWN = 6


@dataclass(frozen=True)
class Meetings:
    """The newest meetings with a regency, the next one, and what the regency owes by state."""

    next: Meeting | None
    newest: list
    count: int
    owed: list  # [(label, how many, address of these rows)]
    url: str
    calendar_url: str


def meetings_in(regency):
    found = Meeting.objects.public().with_regency(regency.pk)
    counted = dict(
        FollowUp.objects.public()
        .filter(regency=regency)
        .with_state()
        .order_by()
        .values_list("state")
        .annotate(n=Count("pk"))
    )
    tracker = f"{reverse('promise_tracker')}?wilayah={regency.slug}"
    return Meetings(
        next=found.upcoming().for_list().first(),
        newest=list(found.for_list().newest_first()[:SHOWN]),
        count=found.count(),
        owed=[
            (label, counted[state], f"{tracker}&keadaan={word}")
            for state, (word, label) in STATES.items()
            if counted.get(state)
        ],
        url=f"{reverse('meetings')}?wilayah={regency.slug}",
        calendar_url=reverse("regency_calendar_file", args=[regency.slug]),
    )

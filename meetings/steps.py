"""The steps of a meeting and of what was agreed there, as tables: which may follow, who may take it, what it needs."""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Status(models.TextChoices):
    """Where a meeting stands."""

    PLANNED = "planned", pgettext_lazy("meeting", "Planned")
    HELD = "held", pgettext_lazy("meeting", "Held")
    POSTPONED = "postponed", pgettext_lazy("meeting", "Postponed")
    CANCELLED = "cancelled", pgettext_lazy("meeting", "Cancelled")


class Promise(models.TextChoices):
    """Where a follow-up stands. `REPORTED` waits for the office's confirmation; until then it counts as open."""

    OPEN = "open", pgettext_lazy("follow-up", "Open")
    REPORTED = "reported", pgettext_lazy("follow-up", "Reported as done")
    DONE = "done", pgettext_lazy("follow-up", "Done")
    DROPPED = "dropped", pgettext_lazy("follow-up", "Dropped")


MANAGE, REPORT, DECIDE = "meetings.manage_meetings", "meetings.report_followup", "meetings.decide_followup"


@dataclass(frozen=True)
class Needs:
    """What a step needs: a permission, and of the rest what is true here."""

    permission: str
    reason: bool = False
    # A day that has come, or one that is still to come.
    past_day: bool = False
    new_day: bool = False
    evidence: bool = False
    # Somebody else than who reported it.
    other_person: bool = False


MEETING_NEXT = {
    Status.PLANNED: {
        Status.HELD: Needs(MANAGE, past_day=True),
        Status.POSTPONED: Needs(MANAGE, reason=True),
        Status.CANCELLED: Needs(MANAGE, reason=True),
    },
    Status.POSTPONED: {
        Status.PLANNED: Needs(MANAGE, new_day=True),
        Status.CANCELLED: Needs(MANAGE, reason=True),
    },
    # Both only where the step was a mistake.
    Status.HELD: {Status.PLANNED: Needs(MANAGE, reason=True)},
    Status.CANCELLED: {Status.PLANNED: Needs(MANAGE, reason=True, new_day=True)},
}
PROMISE_NEXT = {
    Promise.OPEN: {
        Promise.REPORTED: Needs(REPORT, reason=True, past_day=True, evidence=True),
        Promise.DROPPED: Needs(DECIDE, reason=True),
    },
    Promise.REPORTED: {
        Promise.DONE: Needs(DECIDE, other_person=True),
        Promise.OPEN: Needs(DECIDE, reason=True),
        Promise.DROPPED: Needs(DECIDE, reason=True),
    },
    Promise.DONE: {Promise.OPEN: Needs(DECIDE, reason=True)},
    Promise.DROPPED: {Promise.OPEN: Needs(DECIDE, reason=True)},
}
# What the person does who takes a step, in words for a button.
MEETING_ACTS = {
    (Status.PLANNED, Status.HELD): _("It was held"),
    (Status.PLANNED, Status.POSTPONED): _("Postpone"),
    (Status.PLANNED, Status.CANCELLED): _("Call it off"),
    (Status.POSTPONED, Status.PLANNED): _("Set the new day"),
    (Status.POSTPONED, Status.CANCELLED): _("Call it off"),
    (Status.HELD, Status.PLANNED): _("It was not held after all"),
    (Status.CANCELLED, Status.PLANNED): _("Plan it after all"),
}
PROMISE_ACTS = {
    (Promise.OPEN, Promise.REPORTED): _("Report as done"),
    (Promise.OPEN, Promise.DROPPED): _("Drop"),
    (Promise.REPORTED, Promise.DONE): _("Confirm that it is done"),
    (Promise.REPORTED, Promise.OPEN): _("Send back: not done yet"),
    (Promise.REPORTED, Promise.DROPPED): _("Drop"),
    (Promise.DONE, Promise.OPEN): _("Open again"),
    (Promise.DROPPED, Promise.OPEN): _("Open again"),
}
# Still owed.
OPEN = (Promise.OPEN, Promise.REPORTED)

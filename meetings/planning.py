"""Planning meetings and moving them along: the verbs that the table of `steps` allows, each with its history."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext

from common.dates import format_date, today
from common.history import delete_with_history, write
from common.models import DataVersion, StepRefused
from meetings.models import SUBJECT, Meeting, MeetingStep, Participation
from meetings.steps import MEETING_NEXT, Status

# What may be corrected of a meeting besides its status.
FACTS = (
    "title",
    "round",
    "host",
    "place",
    "starts_on",
    "start_time",
    "ends_on",
    "end_time",
    "chair",
    "invitation_number",
    "summary",
    "source",
    "remark",
)
DAYS = ("starts_on", "start_time", "ends_on", "end_time")
DERIVED = ("chair_key", "listed_on", "search", "changed_at", "version")


# Verbs ----------------------------------------------------------------------------------------------


@transaction.atomic
def plan(meeting, regencies, *, by, status=Status.PLANNED, reason=""):
    """Save a new meeting with the regencies that take part, the host among them; returns it.

    `status` is HELD for one that is over and entered afterwards. Raises StepRefused.
    """
    if meeting.starts_on is None and meeting.source_id is None:
        raise StepRefused(gettext("Enter the day. Only a meeting known from a publication may lack it."))
    if status == Status.HELD:
        _refuse_to_come(meeting.starts_on)
    meeting.status = status
    regencies = _with_host(meeting, regencies)
    meeting.complete(regencies)
    meeting._history_user, meeting._change_reason = by, reason[:100] or None
    meeting.save()
    for regency in regencies:
        _join(meeting, regency, by)
    MeetingStep.objects.create(meeting=meeting, was="", to=status, new_starts_on=meeting.starts_on, by=by)
    DataVersion.bump(SUBJECT)
    return meeting


@transaction.atomic
def revise(meeting, changes, *, by, regencies=None, reason=""):
    """Correct facts of a meeting that was read at its version. Raises StepRefused or ChangedMeanwhile.

    The day of a planned meeting changes by postponing it, so that the old one stays on record. One that a publication
    left open may be filled in, and that of a meeting that was held corrected.
    """
    _refuse_taken_out(meeting)
    if changes.get("starts_on", meeting.starts_on) != meeting.starts_on:
        _refuse_other_day(meeting)
    meeting.claim(meeting.version)
    for name in FACTS:
        if name in changes:
            setattr(meeting, name, changes[name])
    if meeting.status == Status.HELD:
        _refuse_to_come(meeting.starts_on)
    there = {one.regency_id: one for one in meeting.participations.select_related("regency")}
    wanted = _with_host(meeting, regencies if regencies is not None else [one.regency for one in there.values()])
    meeting.complete(wanted)
    write(meeting, [*FACTS, *DERIVED], by=by, reason=reason)
    gone = [one for key, one in there.items() if key not in {regency.pk for regency in wanted}]
    _refuse_owing(meeting, gone)
    delete_with_history(gone, by=by, reason=reason)
    for regency in wanted:
        if regency.pk not in there:
            _join(meeting, regency, by)
    DataVersion.bump(SUBJECT)


@transaction.atomic
def move(meeting, to, *, by, reason="", days=None):
    """Take a step of the table for a meeting that was read at its version; returns the step.

    `days` are the new `starts_on`, `start_time`, `ends_on` and `end_time` where the step wants a day; to postpone,
    they may be left out until one is known. Raises StepRefused or ChangedMeanwhile.
    """
    _refuse_taken_out(meeting)
    needs = MEETING_NEXT[Status(meeting.status)].get(to)
    if needs is None:
        text = gettext("A meeting that is “%(was)s” cannot become “%(to)s”.")
        raise StepRefused(text % {"was": meeting.get_status_display(), "to": Status(to).label})
    if needs.reason and not reason.strip():
        raise StepRefused(gettext("Say why, in a few words."))
    new_day = (days or {}).get("starts_on")
    if needs.new_day and new_day is None:
        raise StepRefused(gettext("Enter the new day."))
    if needs.past_day:
        if meeting.starts_on is None and meeting.source_id is None:
            raise StepRefused(gettext("Enter the day on which it was held."))
        _refuse_to_come(meeting.starts_on)
    if meeting.status == Status.HELD and meeting.follow_ups.exists():
        raise StepRefused(gettext("Agreements were entered for this meeting, so it was held."))
    meeting.claim(meeting.version)
    if meeting.status == Status.HELD and meeting.follow_ups.exists():
        raise StepRefused(gettext("Agreements were entered for this meeting, so it was held."))
    step = _step(meeting, to, new_day if _sets_day(to, days) else meeting.starts_on, by=by, reason=reason)
    if _sets_day(to, days):
        for name in DAYS:
            setattr(meeting, name, (days or {}).get(name))
    meeting.status = to
    meeting.complete(list(meeting.regencies.all()))
    write(meeting, ["status", *DAYS, *DERIVED], by=by, reason=reason)
    if to == Status.POSTPONED and new_day:
        # Postponed to a day that is known: planned again, in the same act.
        _step(meeting, Status.PLANNED, new_day, by=by)
        meeting.status = Status.PLANNED
        write(meeting, ["status"], by=by, reason=reason)
    DataVersion.bump(SUBJECT)
    return step


@transaction.atomic
def take_out(meeting, *, by, reason):
    """Take a wrong entry out of every list; its history stays. Raises StepRefused or ChangedMeanwhile."""
    _refuse_taken_out(meeting)
    if not reason.strip():
        raise StepRefused(gettext("Say why, in a few words."))
    meeting.claim(meeting.version)
    if meeting.follow_ups.exists():
        raise StepRefused(gettext("Agreements were entered for this meeting; it cannot be taken out."))
    meeting.voided_at, meeting.void_reason = timezone.now(), reason
    write(meeting, ["voided_at", "void_reason", "version"], by=by, reason=reason)
    DataVersion.bump(SUBJECT)


def _sets_day(to, days):
    return to == Status.POSTPONED or bool((days or {}).get("starts_on"))


def _step(meeting, to, new_day, *, by, reason=""):
    return MeetingStep.objects.create(
        meeting=meeting,
        was=meeting.status,
        to=to,
        old_starts_on=meeting.starts_on,
        new_starts_on=new_day,
        reason=reason,
        by=by,
    )


def _with_host(meeting, regencies):
    """The regencies that take part: the host first, each once."""
    return list({one.pk: one for one in [meeting.host, *regencies]}.values())


def _join(meeting, regency, by):
    joined: Any = Participation(meeting=meeting, regency=regency)
    joined._history_user = by
    joined.save()


def _refuse_taken_out(meeting):
    if meeting.voided_at:
        raise StepRefused(gettext("This meeting was taken out as a wrong entry."))


def _refuse_other_day(meeting):
    """A day that is on record moves by a step, and one that was taken away comes back by one."""
    if meeting.status == Status.PLANNED and meeting.starts_on is not None:
        raise StepRefused(gettext("Postpone the meeting to move it to another day; the old day stays on record."))
    if meeting.status in (Status.POSTPONED, Status.CANCELLED):
        raise StepRefused(gettext("The meeting is “%(status)s” now.") % {"status": meeting.get_status_display()})


def _refuse_to_come(day):
    if day is not None and day > today():
        raise StepRefused(
            gettext("The meeting is planned for %(day)s, which is still to come.") % {"day": format_date(day)}
        )


def _refuse_owing(meeting, gone):
    """A regency that owes something since this meeting took part in it."""
    owing = meeting.follow_ups.filter(regency__in=[one.regency_id for one in gone]).select_related("regency").first()
    if owing:
        text = gettext("%(regency)s owes a follow-up of this meeting; it stays among the participants.")
        raise StepRefused(text % {"regency": owing.regency})


# Conflicts ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Conflict:
    """Another meeting at the same time, and what both want."""

    other: Meeting
    is_same_chair: bool
    regencies: tuple

    def __str__(self):
        parts = [gettext("the same chair")] if self.is_same_chair else []
        if self.regencies:
            parts.append(", ".join(self.regencies))
        return gettext("At the same time as “%(title)s” (%(when)s): %(what)s.") % {
            "title": self.other.title,
            "when": self.other.when,
            "what": "; ".join(parts),
        }


def conflicts_of(meetings):
    """`{meeting pk: [Conflict]}` of planned or held meetings of one time that share chair or regency; three queries.

    Where a time is not known the whole day counts.
    """
    dated = [one for one in meetings if one.starts_on and one.status in (Status.PLANNED, Status.HELD)]
    if not dated:
        return {}
    first, last = min(one.starts_on for one in dated), max(one.last_day for one in dated)
    others = list(
        Meeting.objects.in_force()
        .filter(Q(status__in=[Status.PLANNED, Status.HELD]), starts_on__lte=last)
        .annotate(until=Coalesce("ends_on", F("starts_on")))
        .filter(until__gte=first)
        .for_list()
        .order_by("starts_on", "pk")
    )
    regencies = defaultdict(dict)
    keys = [one.pk for one in [*others, *dated]]
    for part in Participation.objects.filter(meeting__in=keys).select_related("regency").defer("regency__boundary"):
        regencies[part.meeting_id][part.regency_id] = part.regency.name
    found = defaultdict(list)
    for one in dated:
        begin, end = one.span()
        for other in others:
            if other.pk == one.pk:
                continue
            other_begin, other_end = other.span()
            if not (begin < other_end and other_begin < end):
                continue
            is_same_chair = bool(one.chair_key) and one.chair_key == other.chair_key
            shared = tuple(name for key, name in regencies[one.pk].items() if key in regencies[other.pk])
            if is_same_chair or shared:
                found[one.pk].append(Conflict(other, is_same_chair, shared))
    return found

"""What was agreed, and what becomes of it: the verbs that the table of `steps` allows, each with its history."""

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext

from common.dates import format_date, today
from common.history import write
from common.models import DataVersion, StepRefused
from meetings.models import SUBJECT, FollowUp, FollowUpStep, Participation
from meetings.steps import DECIDE, OPEN, PROMISE_NEXT, Promise, Status

FACTS = ("agenda_item", "text", "regency", "unit", "person", "due_on", "is_public")


@transaction.atomic
def agree(follow_up, *, by):
    """Save a new follow-up of a meeting that was held; returns it. Raises StepRefused."""
    meeting = follow_up.meeting
    if meeting.status != Status.HELD or meeting.voided_at:
        raise StepRefused(gettext("Agreements are entered once the meeting was held."))
    _refuse_facts(follow_up)
    # The meeting is claimed, so that it cannot become one that was not held in the same moment.
    meeting.claim(meeting.version)
    meeting.save(update_fields=["version"])
    follow_up.entered_by = by
    follow_up.complete()
    follow_up._history_user = by
    follow_up.save()
    FollowUpStep.objects.create(follow_up=follow_up, was="", to=Promise.OPEN, meeting=meeting, by=by)
    DataVersion.bump(SUBJECT)
    return follow_up


@transaction.atomic
def revise(follow_up, changes, *, by, reason):
    """Correct a follow-up that was read at its version, with a reason. Raises StepRefused or ChangedMeanwhile."""
    if not reason.strip():
        raise StepRefused(gettext("Say why, in a few words."))
    follow_up.claim(follow_up.version)
    for name in FACTS:
        if name in changes:
            setattr(follow_up, name, changes[name])
    _refuse_facts(follow_up)
    follow_up.complete()
    write(follow_up, [*FACTS, "search", "version"], by=by, reason=reason)
    DataVersion.bump(SUBJECT)


@transaction.atomic
def note_progress(follow_up, *, by, note, evidence=(), meeting=None):
    """Put down how an open follow-up goes on; returns the step. Raises StepRefused or ChangedMeanwhile."""
    if not follow_up.is_open:
        raise StepRefused(gettext("This follow-up is closed: %(status)s.") % {"status": follow_up.get_status_display()})
    if not note.strip():
        raise StepRefused(gettext("Say how it goes on."))
    follow_up.claim(follow_up.version)
    write(follow_up, ["version"], by=by, reason=note)
    # A page of the portal that is evidence is shown to everybody.
    DataVersion.bump(SUBJECT)
    return _step(follow_up, follow_up.status, by=by, note=note, evidence=evidence, meeting=meeting)


@transaction.atomic
def move(follow_up, to, *, by, note="", done_on=None, evidence=(), meeting=None):
    """Take a step of the table for a follow-up that was read at its version; returns the step.

    `evidence` are unsaved Evidence rows; what was given before counts too. `meeting` is where the step was taken. Who
    may is the caller's question. Raises StepRefused or ChangedMeanwhile.
    """
    needs = PROMISE_NEXT[Promise(follow_up.status)].get(to)
    if needs is None:
        text = gettext("A follow-up that is “%(was)s” cannot become “%(to)s”.")
        raise StepRefused(text % {"was": follow_up.get_status_display(), "to": Promise(to).label})
    if needs.reason and not note.strip():
        raise StepRefused(gettext("Say in a few words why, or what was done."))
    if needs.past_day:
        _refuse_day(follow_up, done_on)
    if needs.evidence and not evidence and not follow_up.evidence.exists():
        raise StepRefused(gettext("Add evidence: a file, or the address of a page of this portal."))
    if needs.other_person and by.pk == follow_up.reported_by_id:
        raise StepRefused(gettext("You reported this as done yourself; somebody else confirms it."))
    follow_up.claim(follow_up.version)
    step = _step(follow_up, to, by=by, note=note, done_on=done_on, evidence=evidence, meeting=meeting)
    follow_up.status = to
    if to == Promise.REPORTED:
        follow_up.reported_by, follow_up.done_on = by, done_on
    elif to != Promise.DONE:
        follow_up.reported_by = follow_up.done_on = None
    write(follow_up, ["status", "reported_by", "done_on", "version"], by=by, reason=note)
    DataVersion.bump(SUBJECT)
    return step


def _step(follow_up, to, *, by, note, evidence, done_on=None, meeting=None):
    step = FollowUpStep.objects.create(
        follow_up=follow_up, was=follow_up.status, to=to, done_on=done_on, note=note, meeting=meeting, by=by
    )
    for one in evidence:
        one.follow_up, one.step = follow_up, step
        one.save()
    return step


def _refuse_facts(follow_up):
    meeting = follow_up.meeting
    if meeting.starts_on and follow_up.due_on < meeting.starts_on:
        raise StepRefused(
            gettext("The due day lies before the meeting of %(day)s.") % {"day": format_date(meeting.starts_on)}
        )
    if follow_up.agenda_item_id and follow_up.agenda_item.meeting_id != meeting.pk:
        raise StepRefused(gettext("This agenda item belongs to another meeting."))
    if follow_up.regency_id and not meeting.participations.filter(regency=follow_up.regency_id).exists():
        raise StepRefused(gettext("This regency does not take part in the meeting."))


def _refuse_day(follow_up, day):
    if day is None:
        raise StepRefused(gettext("Enter the day on which it was done."))
    if day > today():
        raise StepRefused(gettext("The day lies in the future."))
    agreed_on = follow_up.meeting.starts_on
    if agreed_on and day < agreed_on:
        raise StepRefused(
            gettext("It was agreed on %(day)s and cannot be done before.") % {"day": format_date(agreed_on)}
        )


# Carry-over -----------------------------------------------------------------------------------------


def carried_over(meeting):
    """What earlier meetings with the same regencies left open for this one, and what was closed at it; by due day.

    A follow-up of a regency that does not take part here is left aside.
    """
    if not meeting.pk:
        return FollowUp.objects.none()
    here = Participation.objects.filter(meeting=meeting).values("regency")
    earlier = Participation.objects.filter(regency__in=here).exclude(meeting=meeting).values("meeting")
    found = FollowUp.objects.in_force().filter(meeting__in=earlier).exclude(meeting=meeting)
    if meeting.starts_on:
        found = found.filter(meeting__listed_on__lte=meeting.starts_on)
    owed_here = Q(regency=None) | Q(regency__in=here)
    still = Q(status__in=OPEN) | Q(pk__in=FollowUpStep.objects.filter(meeting=meeting).values("follow_up"))
    return found.filter(owed_here, still).for_list().by_due_day()


# Waiting --------------------------------------------------------------------------------------------


def waiting_for(user):
    """`{what: queryset}` of follow-ups that wait for this person, for the workspace's first page.

    An officer is told of the own ones that are late, the office of all.
    """
    if not user.has_perm("meetings.view_followup"):
        return {}
    seen = FollowUp.objects.visible_to(user)
    found = {"follow_ups": seen.owed_by(user).late() if user.regency_id else seen.late()}
    if user.has_perm(DECIDE):
        found["reported"] = seen.filter(status=Promise.REPORTED).exclude(reported_by=user)
    return found

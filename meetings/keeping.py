"""Keeping the record of a meeting: agenda, attendance, minutes, documents; each change with its history."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from common.history import delete_with_history, write
from common.models import DataVersion, StepRefused
from meetings.models import SUBJECT, AgendaItem, Attendance, MeetingDocument


@transaction.atomic
def set_agenda(meeting, kept, added, *, by):
    """Set the agenda: `kept` is `[(item, text)]`, an empty text takes it out; `added` are further texts.

    Raises StepRefused where an agreement refers to what is taken out, or ChangedMeanwhile.
    """
    meeting.claim(meeting.version)
    gone = [item for item, text in kept if not text]
    if gone and (held := meeting.follow_ups.filter(agenda_item__in=gone).select_related("agenda_item").first()):
        text = gettext("An agreement refers to “%(item)s”; the item stays.")
        raise StepRefused(text % {"item": held.agenda_item.text})
    delete_with_history(gone, by=by, reason="")
    items = [pair for pair in kept if pair[1]] + [(AgendaItem(meeting=meeting, position=0), text) for text in added]
    for position, (item, text) in enumerate(items, start=1):
        if (item.position, item.text) != (position, text):
            item.position, item.text = position, text
            item._history_user = by
            item.save()
    write(meeting, ["version"], by=by, reason=gettext("Agenda"))


@transaction.atomic
def set_attendance(meeting, saved, deleted, *, by):
    """Save the rows of the attendance list and take out others. Raises StepRefused or ChangedMeanwhile."""
    meeting.claim(meeting.version)
    delete_with_history(list(deleted), by=by, reason="")
    for row in saved:
        row.meeting = meeting
        row._history_user = by
        row.save()
    write(meeting, ["version"], by=by, reason=gettext("Attendance"))


@transaction.atomic
def set_minutes(meeting, *, minutes, summary, by):
    """Write the private minutes and the public summary. Raises ChangedMeanwhile."""
    meeting.claim(meeting.version)
    meeting.minutes, meeting.summary, meeting.changed_at = minutes, summary, timezone.now()
    write(meeting, ["minutes", "summary", "changed_at", "version"], by=by, reason=gettext("Minutes"))
    DataVersion.bump(SUBJECT)


@transaction.atomic
def add_document(meeting, document, *, by):
    """Keep a document of a meeting, private; returns it."""
    document.meeting, document.by = meeting, by
    document._history_user = by
    document.save()
    return document


@transaction.atomic
def publish(document, *, by, is_public):
    """Publish a document or take it back. Raises StepRefused for what stays private."""
    if is_public and not document.may_be_public:
        raise StepRefused(gettext("Minutes and sheets with signatures stay private."))
    if bool(document.published_at) == is_public:
        return
    document.published_at = timezone.now() if is_public else None
    document._history_user = by
    document.save(update_fields=["published_at"])
    DataVersion.bump(SUBJECT)


def documents_of(meeting):
    return MeetingDocument.objects.filter(meeting=meeting).select_related("file", "by")


def attendance_of(meeting):
    return Attendance.objects.filter(meeting=meeting)

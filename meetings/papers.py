"""Papers to print: the attendance sheet to sign, the public summary, and the minutes for whoever may read them."""

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext, pgettext
from reportlab.lib.units import mm
from reportlab.platypus import LongTable, Spacer

from common.dates import format_date
from common.paper import (
    BODY,
    RULED,
    SECTION,
    SMALL,
    STRONG,
    TITLE,
    fact_table,
    printed,
    words,
)
from files.names import as_attachment
from meetings.minutes import as_story
from meetings.steps import Promise

BLANK_ROWS = 25


def answer(content, name, *, is_public=False):
    """The paper as a download."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = as_attachment(name)
    if not is_public:
        response["Cache-Control"] = "private, no-store"
    return response


def attendance_sheet(meeting, regencies):
    """A sheet to sign: what everybody may know of the meeting, and empty rows."""
    heads = [gettext("No."), gettext("Name"), gettext("Institution"), gettext("Position"), gettext("Signature")]

    def story(width):
        rows = [[words(head, STRONG) for head in heads]]
        rows += [[words(str(number), BODY), "", "", "", ""] for number in range(1, BLANK_ROWS + 1)]
        widths = [width * share for share in (0.07, 0.3, 0.25, 0.18, 0.2)]
        style = [*RULED, ("BOTTOMPADDING", (0, 1), (-1, -1), 9), ("LEFTPADDING", (1, 0), (-1, -1), 3)]
        return [
            words(gettext("Attendance sheet"), TITLE),
            *_facts(meeting, regencies, width),
            Spacer(0, 4 * mm),
            LongTable(rows, colWidths=widths, style=style, repeatRows=1),
            Spacer(0, 3 * mm),
            words(gettext("The filled-in sheet is kept by the office and never published."), SMALL),
        ]

    return printed(
        story,
        title=gettext("Attendance sheet"),
        subject=meeting.title,
        mark=f"{settings.OFFICE_SHORT_NAME} · {meeting.title}"[:90],
    )


def summary_paper(meeting, regencies, follow_ups):
    """What everybody may read of a meeting: the summary and what was agreed publicly."""

    def story(width):
        parts = [words(meeting.title, TITLE), *_facts(meeting, regencies, width)]
        if meeting.summary:
            parts += [words(gettext("Summary"), SECTION), *_lines(meeting.summary)]
        parts += [words(gettext("What was agreed"), SECTION), *_agreed(follow_ups, width, is_public=True)]
        return parts

    return printed(
        story,
        title=meeting.title,
        subject=gettext("Summary"),
        mark=f"{settings.OFFICE_SHORT_NAME} · /rapat/{meeting.pk}/",
    )


def minutes_paper(meeting, regencies, follow_ups, attendance, *, with_names):
    """The minutes as the office keeps them; names only for whoever may read them."""

    def story(width):
        parts = [words(gettext("Minutes"), TITLE), words(meeting.title, STRONG), *_facts(meeting, regencies, width)]
        private = [(pgettext("meeting", "Chair"), meeting.chair), (gettext("Invitation"), meeting.invitation_number)]
        if known := [pair for pair in private if pair[1]]:
            parts.append(fact_table(known, width))
        agenda = list(meeting.agenda.all())
        if agenda:
            parts += [words(gettext("Agenda"), SECTION), *(words(str(item)) for item in agenda)]
        if attendance:
            parts += [words(gettext("Attendance"), SECTION), *_attended(attendance, with_names)]
        parts += [words(gettext("Minutes"), SECTION), *(as_story(meeting.minutes) or [words("–")])]
        if meeting.summary:
            parts += [words(gettext("Public summary"), SECTION), *_lines(meeting.summary)]
        parts += [words(gettext("What was agreed"), SECTION), *_agreed(follow_ups, width, is_public=False)]
        return parts

    return printed(
        story,
        title=gettext("Minutes"),
        subject=meeting.title,
        mark=gettext("%(office)s · not for publication") % {"office": settings.OFFICE_SHORT_NAME},
    )


def _facts(meeting, regencies, width):
    place = ", ".join(part for part in (meeting.place, meeting.host.name) if part)
    said = [
        (gettext("Round of meetings"), str(meeting.round or "")),
        (gettext("Day"), meeting.when or gettext("not stated")),
        (pgettext("meeting", "Place"), place),
        (gettext("Regencies"), ", ".join(one.name for one in regencies)),
        (gettext("Status"), meeting.status_words),
    ]
    return [fact_table([pair for pair in said if pair[1]], width)]


def _lines(text):
    return [words(line) for line in text.splitlines()]


def _attended(attendance, with_names):
    for row in attendance:
        count = gettext("%(count)s people") % {"count": row.count} if row.count else ""
        yield words(f"{row.institution}{', ' if count else ''}{count}", STRONG)
        if with_names and row.names:
            yield words(", ".join(row.names.splitlines()))


def _agreed(follow_ups, width, *, is_public):
    if not follow_ups:
        return [words(gettext("Nothing is on record."))]
    heads = [gettext("What was agreed"), gettext("Responsible"), gettext("Due on"), gettext("State")]
    rows = [[words(head, STRONG) for head in heads]]
    for one in follow_ups:
        state = one.state_words
        if one.status == Promise.DONE and one.done_on:
            state = f"{state}, {format_date(one.done_on)}"
        text = one.text if is_public or one.is_public else f"{one.text} ({gettext('confidential')})"
        owed_by = one.public_responsible if is_public else one.responsible
        rows.append([words(text), words(owed_by), words(format_date(one.due_on)), words(state)])
    widths = [width * share for share in (0.48, 0.2, 0.16, 0.16)]
    style = [*RULED, ("LEFTPADDING", (1, 0), (-1, -1), 3)]
    # A long agreement may go on on the next page.
    return [LongTable(rows, colWidths=widths, style=style, repeatRows=1, splitInRow=1)]

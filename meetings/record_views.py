"""/kerja/rapat/: meetings as the offices work on them, one meeting with its record, and the month."""

import calendar
from datetime import date

from django.contrib.auth.decorators import permission_required
from django.db.models import Q
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from common.dates import today
from common.paging import CappedPaginator
from meetings.acts import meeting_of
from meetings.agreements import carried_over
from meetings.coverage import coverage
from meetings.filters import MeetingFilter
from meetings.minutes import as_html
from meetings.models import FollowUp, Meeting
from meetings.planning import conflicts_of
from meetings.steps import DECIDE, MANAGE, MEETING_ACTS, MEETING_NEXT, REPORT, Status

VIEW, NAMES = "meetings.view_meeting", "meetings.view_attendance_names"
PER_PAGE = 25


@permission_required(VIEW, raise_exception=True)
@require_safe
def meeting_list(request):
    """What this person may see, the newest first; the office also sees where the rounds have come."""
    asked = MeetingFilter(request.GET, Meeting.objects.visible_to(request.user))
    page = CappedPaginator(asked.qs.for_list().newest_first(), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": asked.form,
        "asked": asked.asked,
        "page": page,
        "conflicts": conflicts_of(page.object_list),
        "coverage": None if request.user.regency_id else coverage(),
        "may_plan": request.user.has_perm(MANAGE),
        "owed": FollowUp.objects.visible_to(request.user).owed_by(request.user).late().count(),
    }
    return render(request, "meetings/meeting_list.html", context)


@permission_required(VIEW, raise_exception=True)
@require_safe
def meeting_record(request, pk):
    """One meeting: facts, steps, agenda, attendance, minutes, documents, agreements, and what was left open before."""
    meeting = meeting_of(request, pk)
    may = request.user.has_perm
    context = {
        "meeting": meeting,
        "regencies": list(meeting.regencies.defer("boundary", "note").order_by("name")),
        "steps": meeting.steps.select_related("by"),
        "agenda": meeting.agenda.all(),
        "attendance": list(meeting.attendance.all()),
        "documents": meeting.documents.select_related("file", "by"),
        "minutes": as_html(meeting.minutes),
        "follow_ups": list(meeting.follow_ups.visible_to(request.user).for_list().by_due_day()),
        "carried": list(_carried(request, meeting)),
        "conflicts": conflicts_of([meeting]).get(meeting.pk, []),
        "next": [
            (to, MEETING_ACTS[Status(meeting.status), to])
            for to, needs in MEETING_NEXT[Status(meeting.status)].items()
            if may(needs.permission)
        ],
        "may": {"manage": may(MANAGE), "names": may(NAMES), "report": may(REPORT), "decide": may(DECIDE)},
    }
    return render(request, "meetings/meeting_record.html", context)


def _carried(request, meeting):
    """What earlier meetings left open for this one, with whether it was closed here."""
    found = carried_over(meeting).visible_to(request.user)
    for one in found.prefetch_related("steps"):
        one.is_closed_here = any(
            step.meeting_id == meeting.pk and step.to in ("done", "dropped") for step in one.steps.all()
        )
        yield one


# The month ------------------------------------------------------------------------------------------


def _month(text):
    """The first day of the month that an address names as 2026-11; of this month where it names none."""
    now = today().replace(day=1)
    year, _dash, month = text.partition("-")
    if not (len(year) == 4 and len(month) == 2 and (year + month).isascii() and (year + month).isdigit()):
        return now
    if not (1960 <= int(year) <= 2100 and 1 <= int(month) <= 12):
        return now
    return date(int(year), int(month), 1)


@permission_required(VIEW, raise_exception=True)
@require_safe
def meeting_calendar(request):
    """A month of meetings; what stands in each other's way is pointed out."""
    first = _month(request.GET.get("bulan", ""))
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    meetings = list(
        Meeting.objects.visible_to(request.user)
        .filter(_reaches(first), starts_on__lte=last)
        .exclude(status=Status.CANCELLED)
        .for_list()
        .order_by("starts_on", "start_time", "pk")
    )
    conflicts = conflicts_of(meetings)
    weeks = [
        [(day, [one for one in meetings if one.starts_on <= day <= one.last_day]) for day in week]
        for week in calendar.Calendar().monthdatescalendar(first.year, first.month)
    ]
    context = {
        "first": first,
        "weeks": weeks,
        "meetings": meetings,
        "conflicts": conflicts,
        "clashes": [(one, conflicts[one.pk]) for one in meetings if one.pk in conflicts],
        "before": _shifted(first, -1),
        "after": _shifted(first, 1),
        "days": [_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")],
        "today": today(),
    }
    return render(request, "meetings/calendar.html", context)


def _reaches(first):
    return Q(ends_on__gte=first) | Q(ends_on=None, starts_on__gte=first)


def _shifted(first, months):
    number = first.year * 12 + first.month - 1 + months
    return f"{number // 12:04}-{number % 12 + 1:02}"

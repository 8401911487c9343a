"""/rapat/: meetings, where the rounds have come, what was agreed, and whether it was kept."""

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from common.api import site
from common.exports import refused, stream
from common.pages import public_page
from cooperatives.filters import holds_citizen_number
from files.serving import serve
from meetings import ics, papers
from meetings.coverage import coverage, sentence
from meetings.filters import WORDS, FollowUpFilter, MeetingFilter
from meetings.models import SUBJECT, FollowUp, Meeting, MeetingDocument
from meetings.models.follow_up import STATES
from meetings.public_fields import (
    FOLLOW_UP,
    MEETING,
    described_follow_ups,
    described_meetings,
    public_evidence,
    public_steps,
)
from meetings.steps import Promise
from regions.models import Regency

KEYS = (SUBJECT, "regions", "figures")
ROWS = 25
NEXT_SHOWN = 5


def promises():
    """`{word of the state: how many}` of all public follow-ups, today; one query."""
    counted = FollowUp.objects.public().with_state().order_by().values_list("state").annotate(n=Count("pk"))
    found: dict = {word: 0 for word, _label in WORDS}
    for state, count in counted:
        found[STATES[state][0]] += count
    return found


def _page(request, rows):
    return Paginator(rows, ROWS).get_page(request.GET.get("page"))


@public_page(*KEYS)
def meetings(request):
    if holds_citizen_number(request.GET.get("q", "")):
        return redirect("meetings")
    asked = MeetingFilter(request.GET, Meeting.objects.public())
    if "format" in request.GET:
        if not asked.is_valid():
            return refused(asked.form)
        rows = described_meetings(asked.qs)
        return stream(request, name="rapat", columns=MEETING, queryset=rows, keys=KEYS)
    found = coverage()
    context = {
        "form": asked.form,
        "asked": asked.asked,
        "page": _page(request, asked.qs.for_list().annotate(promises=_public_count()).newest_first()),
        "upcoming": Meeting.objects.public().upcoming().for_list()[:NEXT_SHOWN],
        "coverage": found,
        "reached": [(one, sentence(held, count)) for one, held, count in found.reached()],
        "promises": promises(),
    }
    return render(request, "meetings/meetings.html", context)


def _public_count():
    return Count("follow_ups", filter=Q(follow_ups__is_public=True))


@public_page(*KEYS)
def meeting(request, pk):
    found = get_object_or_404(Meeting.objects.public().for_list(), pk=pk)
    context = {
        "meeting": found,
        "regencies": _regencies(found),
        "steps": found.steps.all(),
        "follow_ups": list(found.follow_ups.public().for_list().by_due_day()),
        "documents": found.documents.exclude(published_at=None).select_related("file"),
    }
    return render(request, "meetings/meeting.html", context)


def _regencies(found):
    return list(found.regencies.defer("boundary", "note").order_by("name"))


@public_page(*KEYS)
def published_document(request, pk, document):
    """A document that was published; every other one is not there."""
    documents = MeetingDocument.objects.filter(meeting__in=Meeting.objects.public()).exclude(published_at=None)
    return serve(get_object_or_404(documents.select_related("file"), pk=document, meeting=pk).file)


@public_page(*KEYS)
def meeting_summary(request, pk):
    """Summary and public agreements as a paper."""
    found = get_object_or_404(Meeting.objects.public().for_list(), pk=pk)
    agreed = list(found.follow_ups.public().for_list().by_due_day())
    return papers.answer(papers.summary_paper(found, _regencies(found), agreed), f"rapat-{pk}.pdf", is_public=True)


@public_page(*KEYS)
def attendance_sheet(request, pk):
    """An empty attendance sheet."""
    found = get_object_or_404(Meeting.objects.public().for_list(), pk=pk)
    paper = papers.attendance_sheet(found, _regencies(found))
    return papers.answer(paper, f"daftar-hadir-{pk}.pdf", is_public=True)


# Promises -------------------------------------------------------------------------------------------


@public_page(*KEYS)
def promise_tracker(request):
    if holds_citizen_number(request.GET.get("q", "")):
        return redirect("promise_tracker")
    asked = FollowUpFilter(request.GET, FollowUp.objects.public())
    if "format" in request.GET:
        if not asked.is_valid():
            return refused(asked.form)
        rows = described_follow_ups(asked.qs)
        return stream(request, name="tindak-lanjut", columns=FOLLOW_UP, queryset=rows, keys=KEYS)
    context = {
        "form": asked.form,
        "asked": asked.asked,
        "page": _page(request, asked.qs.for_list().by_due_day()),
        "promises": promises(),
    }
    return render(request, "meetings/promises.html", context)


@public_page(*KEYS)
def follow_up(request, pk):
    found = get_object_or_404(FollowUp.objects.public().for_list(), pk=pk)
    steps = list(public_steps(found))
    dropped = [step for step in steps if step.to == Promise.DROPPED]
    context = {
        "follow_up": found,
        "steps": steps,
        "evidence": public_evidence(found),
        "dropped": dropped[-1] if dropped and found.status == Promise.DROPPED else None,
    }
    return render(request, "meetings/follow_up.html", context)


# Calendar programs ----------------------------------------------------------------------------------


@public_page(*KEYS)
def calendar_file(request, slug=""):
    """The public meetings as a calendar, all or one regency's."""
    regency = None
    if slug:
        regency = Regency.objects.filter(slug=slug).defer("boundary").first()
        if regency is None:
            raise Http404
    name = _("Meetings, %(regency)s") % {"regency": regency.name} if regency else _("Meetings of the province")
    content = ics.calendar(ics.public_calendar(regency), name=name, site=site(request))
    response = HttpResponse(content, content_type=ics.CONTENT_TYPE)
    response["Content-Disposition"] = f'inline; filename="kalender{"-" + slug if slug else ""}.ics"'
    return response

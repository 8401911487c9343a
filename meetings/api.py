"""Meetings and public follow-ups in the public API."""

from django.utils.translation import gettext_lazy as _

from common.api import LARGEST_KEY, PublicView
from meetings.filters import FollowUpFilter, MeetingFilter
from meetings.models import SUBJECT, FollowUp, Meeting
from meetings.public_fields import (
    EVIDENCE,
    FOLLOW_UP,
    MEETING,
    REGENCY,
    described_follow_ups,
    described_meetings,
    public_evidence,
    public_follow_ups,
)

KEYS = (SUBJECT, "regions", "figures")


class MeetingList(PublicView):
    keys = KEYS
    columns = MEETING
    filterset_class = MeetingFilter
    is_list = True
    summary = _("Meetings")
    description = _("Coordination meetings by the same filters as the page /rapat/. Days and times are WITA.")
    component = "Meeting"

    def data(self, request):
        return self.page(request, described_meetings(self.filtered(request, Meeting.objects.public()).qs))


class MeetingDetail(PublicView):
    keys = KEYS
    columns = MEETING
    parts = {"regencies": REGENCY, "agreements": FOLLOW_UP}
    summary = _("One meeting")
    description = _("One meeting with the regencies that take part and what was agreed publicly.")
    component = "MeetingDetail"

    def data(self, request, pk):
        found = Meeting.objects.public().filter(pk=min(pk, LARGEST_KEY))
        meeting = found.first()
        regencies = meeting.regencies.order_by("name") if meeting else []
        agreed = described_follow_ups(public_follow_ups().filter(meeting=meeting)).order_by("due_on", "pk")
        return self.record(
            request, described_meetings(found), regencies=regencies, agreements=agreed if meeting else []
        )


class FollowUpList(PublicView):
    keys = KEYS
    columns = FOLLOW_UP
    filterset_class = FollowUpFilter
    is_list = True
    summary = _("Follow-ups")
    description = _("What was agreed publicly at meetings, with its state of today, by the filters of /rapat/janji/.")
    component = "FollowUp"

    def data(self, request):
        return self.page(request, described_follow_ups(self.filtered(request, FollowUp.objects.public()).qs))


class FollowUpDetail(PublicView):
    keys = KEYS
    columns = FOLLOW_UP
    parts = {"evidence": EVIDENCE}
    summary = _("One follow-up")
    description = _("One follow-up with the public pages that are its evidence.")
    component = "FollowUpDetail"

    def data(self, request, pk):
        found = FollowUp.objects.public().filter(pk=min(pk, LARGEST_KEY))
        one = found.first()
        pages = [evidence.pk for evidence in public_evidence(one)] if one else []
        evidence = one.evidence.filter(pk__in=pages) if one else []
        return self.record(request, described_follow_ups(found), evidence=evidence)

from meetings.models.follow_up import Evidence, FollowUp, FollowUpStep
from meetings.models.meeting import SUBJECT, Meeting, MeetingStep, Participation
from meetings.models.record import AgendaItem, Attendance, MeetingDocument
from meetings.models.round import Round

__all__ = [
    "SUBJECT",
    "AgendaItem",
    "Attendance",
    "Evidence",
    "FollowUp",
    "FollowUpStep",
    "Meeting",
    "MeetingDocument",
    "MeetingStep",
    "Participation",
    "Round",
]

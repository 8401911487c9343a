"""The allow-list: what the public may read of meetings and follow-ups, by page, API, calendar and file.

A column that is added here is public. Never here: chair, invitation, agenda, minutes, attendance, internal notes, files
that were not published, the names of persons, and whatever was agreed confidentially.
"""

from django.conf import settings
from django.db.models import Case, CharField, Count, DateField, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Cast, Substr
from django.utils.translation import gettext_lazy as _

from common.columns import Column, Kind
from meetings.models import FollowUp, FollowUpStep
from meetings.models.follow_up import STATES
from meetings.steps import OPEN, Promise, Status

TEXT, COUNT, _DECIMAL, DATE, _MOMENT, _FLAG, LINK = Kind


def meeting_address(pk):
    return f"/rapat/{pk}/"


def follow_up_address(pk):
    return f"/rapat/janji/{pk}/"


MEETING = (
    Column("id", _("id"), COUNT),
    Column("url", _("address of the page"), LINK, "id", link=meeting_address),
    Column("title", _("title"), TEXT),
    Column("round", _("round of meetings"), TEXT, "round__name"),
    Column("round_year", _("year of the round"), COUNT, "round__year"),
    Column("host", _("host regency"), TEXT, "host__name"),
    Column("host_code", _("Kemendagri code"), TEXT, "host__kemendagri_code"),
    Column("place", _("place"), TEXT),
    Column("starts_on", _("day"), DATE),
    Column("start_time", _("begins at (WITA)"), TEXT, "begins_at_clock"),
    Column("ends_on", _("last day"), DATE),
    Column("status", _("status (code)"), TEXT),
    Column("status_label", _("status"), TEXT, "status", choices=tuple(Status.choices)),
    Column("summary", _("public summary"), TEXT),
    Column("follow_ups", _("public follow-ups"), COUNT, "promises"),
    Column("follow_ups_open", _("of them open"), COUNT, "promises_open"),
    Column("follow_ups_done", _("of them done"), COUNT, "promises_done"),
    Column("source", _("source"), TEXT, "source__title"),
    Column("remark", _("public remark"), TEXT),
)
REGENCY = (Column("name", _("regency"), TEXT), Column("kemendagri_code", _("Kemendagri code"), TEXT))
DOCUMENT = (Column("title", _("title"), TEXT),)
FOLLOW_UP = (
    Column("id", _("id"), COUNT),
    Column("url", _("address of the page"), LINK, "id", link=follow_up_address),
    Column("meeting_url", _("page of the meeting"), LINK, "meeting_id", link=meeting_address),
    Column("meeting", _("meeting"), TEXT, "meeting__title"),
    Column("meeting_on", _("day of the meeting"), DATE, "meeting__starts_on"),
    Column("round", _("round of meetings"), TEXT, "meeting__round__name"),
    Column("text", _("what was agreed"), TEXT),
    # A person's office, never the name.
    Column("responsible", _("responsible"), TEXT, "public_responsible"),
    Column("regency_code", _("Kemendagri code"), TEXT, "regency__kemendagri_code"),
    Column("due_on", _("due on"), DATE),
    Column("state", _("state (code)"), TEXT),
    Column(
        "state_label", _("state"), TEXT, "state", choices=tuple((key, label) for key, (_word, label) in STATES.items())
    ),
    Column("done_on", _("done on"), DATE, "public_done_on"),
    Column("dropped_reason", _("reason for dropping"), TEXT, "drop_reason"),
)
EVIDENCE = (Column("url", _("address of the page"), LINK, "path", link=str),)


def described_meetings(queryset):
    """Meetings with what the columns ask for besides their own fields."""
    public = Q(follow_ups__is_public=True)
    return queryset.annotate(
        begins_at_clock=Substr(Cast("start_time", CharField()), 1, 5),
        promises=Count("follow_ups", filter=public, distinct=True),
        promises_open=Count("follow_ups", filter=public & Q(follow_ups__status__in=OPEN), distinct=True),
        promises_done=Count("follow_ups", filter=public & Q(follow_ups__status=Promise.DONE), distinct=True),
    )


def described_follow_ups(queryset):
    """Follow-ups with their state of today, and what the columns ask for besides."""
    dropped = FollowUpStep.objects.filter(follow_up=OuterRef("pk"), to=Promise.DROPPED).order_by("-pk")
    return queryset.with_state().annotate(
        public_responsible=Case(
            When(regency__isnull=False, then=F("regency__name")),
            When(~Q(unit=""), then=F("unit")),
            default=Value(settings.OFFICE_SHORT_NAME),
            output_field=CharField(),
        ),
        public_done_on=Case(When(status=Promise.DONE, then=F("done_on")), default=None, output_field=DateField()),
        drop_reason=Case(
            When(status=Promise.DROPPED, then=Subquery(dropped.values("note")[:1])),
            default=Value(""),
            output_field=CharField(),
        ),
    )


def public_steps(follow_up):
    """The steps that everybody may read: when it was agreed, done or dropped, never what an officer noted."""
    shown = (Promise.OPEN, Promise.DONE, Promise.DROPPED)
    steps = follow_up.steps.filter(to__in=shown).exclude(was=F("to")).exclude(was=Promise.REPORTED, to=Promise.OPEN)
    return steps.select_related("meeting")


def public_evidence(follow_up):
    """The public pages among the evidence."""
    return [one for one in follow_up.evidence.filter(file=None) if one.is_public_page]


def public_follow_ups():
    return FollowUp.objects.public()

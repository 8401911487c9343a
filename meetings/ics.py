"""Meetings for calendar programs (RFC 5545): what everybody may read, in the zone of the office."""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils import timezone
from icalendar import Calendar, Event, Timezone, TimezoneStandard

from common.dates import today
from meetings.models import Meeting
from meetings.steps import Status

CONTENT_TYPE = "text/calendar; charset=utf-8"
# So long a meeting without an end is shown, as calendars do.
USUAL = timedelta(hours=2)
STATUS = {
    Status.PLANNED: "CONFIRMED",
    Status.HELD: "CONFIRMED",
    # A program takes it off the day that it had.
    Status.POSTPONED: "CANCELLED",
    Status.CANCELLED: "CANCELLED",
}


def meetings_shown(meetings):
    """Those of last year and after, with the day that a postponed one had last."""
    first = date(today().year - 1, 1, 1)
    found = list(meetings.filter(starts_on__gte=first).select_related("host").defer("host__boundary", "minutes"))
    gone = meetings.filter(starts_on=None, status=Status.POSTPONED, steps__old_starts_on__gte=first).distinct()
    for meeting in gone.select_related("host").defer("host__boundary", "minutes").prefetch_related("steps"):
        meeting.starts_on = next(
            step.old_starts_on for step in reversed(meeting.steps.all()) if step.old_starts_on is not None
        )
        found.append(meeting)
    return sorted(found, key=lambda one: (one.starts_on, one.pk))


def calendar(meetings, *, name, site):
    """The calendar as bytes: the same bytes for the same meetings. `site` is the portal's own address."""
    made = Calendar()
    made.add("prodid", f"-//{settings.OFFICE_SHORT_NAME}//Koperasi Kaltim//ID")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", name)
    made.add("x-wr-timezone", settings.TIME_ZONE)
    made.add_component(_zone())
    for meeting in meetings:
        made.add_component(_event(meeting, site))
    return made.to_ical()


def public_calendar(regency=None):
    """The public meetings, of one regency or of all."""
    meetings = Meeting.objects.public()
    return meetings_shown(meetings.with_regency(regency.pk) if regency else meetings)


def _zone():
    """WITA has no summer time and has been eight hours ahead since 1988."""
    zone = Timezone()
    zone.add("tzid", settings.TIME_ZONE)
    standard = TimezoneStandard()
    standard.add("dtstart", datetime(1988, 1, 1))  # noqa: DTZ001 - a rule of a zone is written in its own time
    standard.add("tzoffsetfrom", timedelta(hours=8))
    standard.add("tzoffsetto", timedelta(hours=8))
    standard.add("tzname", "WITA")
    zone.add_component(standard)
    return zone


def _event(meeting, site):
    event = Event()
    address = site + meeting.get_absolute_url()
    event.add("uid", f"{meeting.uid}@rapat")
    event.add("dtstamp", meeting.changed_at)
    event.add("last-modified", meeting.changed_at)
    event.add("sequence", meeting.version - 1)
    event.add("summary", meeting.title)
    if meeting.start_time and meeting.starts_on:
        begin, end = meeting.span()
        zone = timezone.get_default_timezone()
        event.add("dtstart", begin.astimezone(zone))
        event.add("dtend", (end if meeting.end_time else begin + USUAL).astimezone(zone))
    else:
        event.add("dtstart", meeting.starts_on)
        event.add("dtend", meeting.last_day + timedelta(days=1))
    event.add("location", ", ".join(part for part in (meeting.place, meeting.host.name) if part))
    event.add("status", STATUS[Status(meeting.status)])
    event.add("url", address)
    if meeting.summary:
        event.add("description", meeting.summary)
    return event

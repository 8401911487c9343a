"""Who is told of follow-ups: who owes one three days before, on the day and seven days after; the head once a week.

The command `remind_meetings` runs every night, however often. Each follow-up, due day, moment and person has one key,
under which the notices keep one row. Where a night was missed the nearest moment is made up for, no more than that one.
"""

from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from accounts.models import User
from accounts.roles import Role
from common.dates import format_date, monday_of
from meetings.models import FollowUp, Meeting
from meetings.steps import OPEN, Promise
from notices.models import Notice, post

BEFORE, DAY, AFTER = "h-3", "h", "h+7"
# So long after the last moment a missed night is still made up for.
MADE_UP = timedelta(days=30)
NAMED = 15


def reminders_on(day):
    """Every reminder that holds on a day, those that were posted before as well. A fixed number of queries."""
    return [*_of_due_days(day), *_of_the_week(day)]


def post_on(day):
    """Hand the reminders of a day to the notices; returns how many there are, and how many of them were new."""
    found = reminders_on(day)
    return len(found), post(found)


def moment_of(due_on, day):
    """`(name, day)` of the last moment that has come by a day; None before the first and long after the last."""
    moments = ((BEFORE, due_on - timedelta(days=3)), (DAY, due_on), (AFTER, due_on + timedelta(days=7)))
    if day > moments[-1][1] + MADE_UP:
        return None
    return next(((name, on) for name, on in reversed(moments) if on <= day), None)


def _of_due_days(day):
    owed = (
        FollowUp.objects.in_force()
        # What is reported as done waits for the office, not for who owes it.
        .filter(status=Promise.OPEN, due_on__lte=day + timedelta(days=3), due_on__gte=day - timedelta(days=7) - MADE_UP)
        .for_list()
        .by_due_day()
    )
    people = User.objects.active().with_role(Role.OFFICER, Role.PROVINCE_STAFF).by_office()
    for follow_up in owed:
        moment = moment_of(follow_up.due_on, day)
        if moment is None:
            continue
        for person in _responsible(follow_up, people):
            yield _notice(follow_up, moment, person)


def _responsible(follow_up, people):
    """Whose task it is: the officers of the regency, the person, or the staff of the province."""
    if follow_up.person_id:
        return [follow_up.person] if follow_up.person.is_active else []
    return people.get(follow_up.regency_id, ())


def _notice(follow_up, moment, person):
    name, on = moment
    words = {"text": str(follow_up), "due": format_date(follow_up.due_on)}
    subject = {
        BEFORE: gettext("Due on %(due)s: %(text)s"),
        DAY: gettext("Due today, %(due)s: %(text)s"),
        AFTER: gettext("Late since %(due)s: %(text)s"),
    }[name]
    text = gettext("Agreed at “%(meeting)s”. Report progress or, with evidence, that it is done.")
    return Notice(
        key=f"rapat/janji-{follow_up.pk}/{follow_up.due_on:%Y%m%d}/{name}/{person.pk}",
        user=person,
        subject=(subject % words)[:200],
        text=text % {"meeting": follow_up.meeting.title},
        path=follow_up.get_record_url(),
        due_on=on,
    )


# To the head, once a week -----------------------------------------------------------------------------


def _of_the_week(day):
    """What was late on the last Monday, what waits for confirmation, which meetings come; nothing in a calm week."""
    monday = monday_of(day)
    heads = list(User.objects.active().with_role(Role.HEAD).order_by("username"))
    if not heads:
        return
    lines = [*_late(monday), *_reported(), *_coming(monday)]
    if not lines:
        return
    subject = gettext("Meetings and agreements in the week of %(day)s") % {"day": format_date(monday)}
    for person in heads:
        yield Notice(
            key=f"rapat/ringkasan/{monday:%Y%m%d}/{person.pk}",
            user=person,
            subject=subject,
            text="\n".join(lines),
            path=reverse("follow_up_list"),
            due_on=monday,
        )


def _late(monday):
    late = list(FollowUp.objects.in_force().filter(status__in=OPEN, due_on__lt=monday).for_list().by_due_day())
    if not late:
        return
    sentence = ngettext("%(count)s follow-up is late:", "%(count)s follow-ups are late:", len(late))
    yield sentence % {"count": len(late)}
    for one in late[:NAMED]:
        yield gettext("– %(text)s (%(responsible)s, due on %(day)s)") % {
            "text": str(one),
            "responsible": one.responsible,
            "day": format_date(one.due_on),
        }
    if len(late) > NAMED:
        yield gettext("– and %(count)s more, on the page.") % {"count": len(late) - NAMED}


def _reported():
    count = FollowUp.objects.in_force().filter(status=Promise.REPORTED).count()
    if count:
        sentence = ngettext(
            "%(count)s is reported as done and waits for confirmation.",
            "%(count)s are reported as done and wait for confirmation.",
            count,
        )
        yield sentence % {"count": count}


def _coming(monday):
    sunday = monday + timedelta(days=6)
    coming = Meeting.objects.in_force().filter(status="planned", starts_on__range=(monday, sunday)).for_list()
    for one in coming.order_by("starts_on", "pk"):
        yield gettext("This week: %(title)s, %(host)s, %(when)s") % {
            "title": one.title,
            "host": one.host,
            "when": one.when,
        }

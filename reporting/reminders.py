"""Who is told of reports: offices of their due days and of what was decided, the province's office once a week.

The command `remind_reports` runs every night, however often. Each moment, report and person has one key, under which
the notices keep one row. Where a night was missed, the nearest moment is made up for, and no more than that one.
"""

from datetime import timedelta

from django.db.models import F, OuterRef, Subquery
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from accounts.models import User
from accounts.roles import Role
from common.dates import begin_of, day_of, format_date, monday_of
from notices.models import Notice, post
from reporting.models import Period, RegencyReport, ReportStep, Status

BEFORE, EVE, AFTER = "h-7", "h-1", "h+1"
_A_DAY = timedelta(days=1)
# The province's own section last, on every database.
_OFFICES_IN_ORDER = F("regency__name").asc(nulls_last=True)
SENT_BACK = (Status.RETURNED, Status.REOPENED)
TOLD_WEEKLY = (Role.ADMINISTRATOR, Role.VERIFIER, Role.HEAD, Role.PROVINCE_STAFF)


def reminders_on(day):
    """Every reminder that holds on a day, those that were posted before as well. A fixed number of queries."""
    people, back = _people_of_offices(), list(_with_moment(RegencyReport.objects.filter(status__in=SENT_BACK)))
    return [*_of_reports(day, people), *_of_sent_back(day, people, back), *_of_the_week(day, back)]


def post_on(day):
    """Hand the reminders of a day to the notices; returns how many there are, and how many of them were new."""
    found = reminders_on(day)
    return len(found), post(found)


# To the offices ---------------------------------------------------------------------------------------


def moment_of(period, day):
    """`(name, day)` of the last moment of a period that has come by a day; None before the first and after the lock.

    Nobody is asked for a report before it can be filled in: what would lie earlier is told on the opening day.
    """
    if day > max(period.locks_on, period.due_on + _A_DAY):
        return None
    moments = (
        (BEFORE, max(period.due_on - timedelta(days=7), period.opens_on)),
        (EVE, max(period.due_on - _A_DAY, period.opens_on)),
        (AFTER, period.due_on + _A_DAY),
    )
    return next(((name, on) for name, on in reversed(moments) if on <= day), None)


def _of_reports(day, people):
    periods = Period.objects.filter(opens_on__lte=day, due_on__gte=day - timedelta(days=400))
    moments = {period.pk: found for period in periods if (found := moment_of(period, day))}
    waited_for = (
        RegencyReport.objects.for_list()
        .filter(period__in=moments, status=Status.DRAFT)
        .order_by("period__due_on", _OFFICES_IN_ORDER)
    )
    return [
        _of_report(report, moments[report.period_id], person, day)
        for report in waited_for
        for person in people.get(report.regency_id, ())
    ]


# To the offices, of what was decided -------------------------------------------------------------------


def tell_of_step(report, step, *, until=None):
    """Tell the office what became of its report. Call it inside the transaction of the step.

    `until` is the day until which a report of a locked period may be corrected.
    """
    words = {"period": report.period, "office": report.office_name}
    subject = {
        Status.APPROVED: gettext("Approved: report %(period)s, %(office)s"),
        Status.RETURNED: gettext("Returned: report %(period)s, %(office)s"),
        Status.REOPENED: gettext("Reopened: report %(period)s, %(office)s"),
    }[step.to]
    text = step.note
    if step.to == Status.APPROVED:
        text = gettext("Its numbers are public now, with the report as their source.")
    if until is not None:
        text += "\n" + gettext("It can be corrected and submitted until %(day)s, 23:59 WITA.") % {
            "day": format_date(until)
        }
    _tell_office(report, f"langkah-{step.pk}", subject % words, text, due_on=until)


def tell_of_extension(report, extension):
    """Tell the office that its report can be filled in after the lock. Call it inside the transaction."""
    words = {"period": report.period, "office": report.office_name, "day": format_date(extension.until_on)}
    subject = gettext("Open until %(day)s: report %(period)s, %(office)s") % words
    text = gettext("It can be filled in and submitted until %(day)s, 23:59 WITA.") % words
    _tell_office(report, f"buka-{extension.pk}", subject, f"{text}\n{extension.reason}", due_on=extension.until_on)


def _tell_office(report, what, subject, text, *, due_on=None):
    people = _people_of_offices().get(report.regency_id, ())
    mark = f"{_mark(report.period)}/{report.office_key}/{what}"
    notice = {"subject": subject, "text": text, "path": report.get_absolute_url(), "due_on": due_on}
    post([Notice(key=f"{mark}/{one.pk}", user=one, **notice) for one in people])


def _of_sent_back(day, people, back):
    """Once a week to an office whose report came back and was not submitted again since."""
    monday = monday_of(day)
    return [
        Notice(
            key=f"{_mark(report.period)}/{report.office_key}/kembali/{monday:%Y%m%d}/{person.pk}",
            user=person,
            subject=gettext("Waits for your correction: report %(period)s, %(office)s")
            % {"period": report.period, "office": report.office_name},
            text=gettext("It came back with remarks and was not submitted again. The remarks stand on its page."),
            path=report.get_absolute_url(),
            due_on=monday,
        )
        for report in back
        # What came back this week was told when it came back.
        if report.sent_back_at < begin_of(monday)
        for person in people.get(report.regency_id, ())
    ]


def _people_of_offices():
    """`{regency id: people}`; under None those who file for the province's own section."""
    return User.objects.active().with_role(Role.OFFICER, Role.PROVINCE_STAFF).by_office()


def _of_report(report, moment, person, day):
    period, (name, on) = report.period, moment
    words = {
        "period": period,
        "office": report.office_name,
        "due": format_date(period.due_on),
        "locks": format_date(period.locks_on),
    }
    if name == AFTER:
        subject = gettext("Late: report %(period)s, %(office)s")
        text = gettext("Report %(period)s of %(office)s was due on %(due)s and has not been submitted.")
        rest = gettext("It can be submitted until %(locks)s.")
        if day > period.locks_on:
            rest = gettext("The period is locked; the province's verifier can open it for your office.")
    else:
        subject = gettext("Due on %(due)s: report %(period)s, %(office)s")
        text = gettext("Report %(period)s of %(office)s is due on %(due)s, 23:59 WITA.")
        rest = gettext("What is filled in so far is kept as a draft; nothing is submitted by itself.")
        if report.is_blank:
            rest = gettext("Nothing has been filled in yet. What the register knows stands beside each field.")
    return Notice(
        key=f"{_mark(period)}/{report.office_key}/{name}/{on:%Y%m%d}/{person.pk}",
        user=person,
        subject=subject % words,
        text=f"{text % words} {rest % words}",
        path=report.get_absolute_url(),
        due_on=on,
    )


def _mark(period):
    """The period's part of a key; an invented one never stands in the way of a real one."""
    return f"laporan/{period.code}{'/contoh' if period.is_demo else ''}"


# To the province's office, once a week ----------------------------------------------------------------


def _of_the_week(day, back):
    """What waited, was missing and was late on the last Monday; nothing where all was well."""
    monday = monday_of(day)
    lines = [*_waiting(monday), *_not_in(monday), *_sent_back(monday, back)]
    if not lines:
        return []
    subject = gettext("Reports in the week of %(day)s") % {"day": format_date(monday)}
    return [
        Notice(
            key=f"laporan/ringkasan/{monday:%Y%m%d}/{person.pk}",
            user=person,
            subject=subject,
            text="\n".join(lines),
            path=reverse("report_list"),
            due_on=monday,
        )
        for person in User.objects.active().with_role(*TOLD_WEEKLY).order_by("username")
    ]


def _waiting(monday):
    """Who waits for review, and since when."""
    reports = list(RegencyReport.objects.waiting().for_list().filter(submitted_at__lt=begin_of(monday + _A_DAY)))
    if not reports:
        return
    sentence = ngettext("%(count)s report waits for review:", "%(count)s reports wait for review:", len(reports))
    yield sentence % {"count": len(reports)}
    for report in reports:
        yield gettext("– %(office)s, %(period)s, since %(day)s") % {
            "office": report.office_short_name,
            "period": report.period,
            "day": format_date(day_of(report.submitted_at)),
        }


def _sent_back(monday, reports):
    """Whose report came back and was not submitted again."""
    back = [
        f"{report.office_short_name}, {report.period}"
        for report in reports
        if report.sent_back_at < begin_of(monday + _A_DAY)
    ]
    if back:
        yield gettext("Came back and not submitted again: %(reports)s.") % {"reports": "; ".join(back)}


def _with_moment(reports):
    """Each with `sent_back_at`, the moment of the last step that returned or reopened it."""
    steps = ReportStep.objects.filter(report=OuterRef("pk"), to__in=SENT_BACK).order_by("-pk")
    return (
        reports.for_list()
        .annotate(sent_back_at=Subquery(steps.values("made_at")[:1]))
        .order_by("period__due_on", _OFFICES_IN_ORDER)
    )


def _not_in(monday):
    """Who has not submitted: of open periods, and of those of the last year that are past their due day."""
    missing = RegencyReport.objects.for_list().filter(
        status=Status.DRAFT, period__opens_on__lte=monday, period__due_on__gte=monday - timedelta(days=365)
    )
    offices = {}
    for report in missing.order_by("-period__ends_on", _OFFICES_IN_ORDER):
        offices.setdefault(report.period, []).append(report.office_short_name)
    for period, names in offices.items():
        sentence = gettext("%(period)s, due on %(day)s, not submitted: %(offices)s.")
        if monday > period.locks_on:
            sentence = gettext("%(period)s, due on %(day)s, locked without a report: %(offices)s.")
        elif monday > period.due_on:
            sentence = gettext("%(period)s, due on %(day)s, late: %(offices)s.")
        words = {"period": period, "day": format_date(period.due_on), "offices": ", ".join(names)}
        yield sentence % words

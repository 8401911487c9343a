"""Who is told of aid: officers of the visits that fall due this week, and once a week of overdue use reports.

The command `remind_aid` runs every night, however often. Each week and person has one key, under which the notices keep
one row. Where Monday's night was missed, any later night of the week makes up for it.
"""

from collections import defaultdict
from datetime import timedelta

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from accounts.models import User
from accounts.roles import Role
from assistance.models import Package, Unit
from assistance.visiting import due_packages
from common.dates import format_date, monday_of
from notices.models import Notice, post

# So many packages are named; the page has them all.
NAMED = 10


def reminders_on(day):
    """Every reminder that holds on a day, those that were posted before as well. A fixed number of queries."""
    monday = monday_of(day)
    people = User.objects.active().with_role(Role.OFFICER, Role.PROVINCE_STAFF).by_office()
    return [*_of_visits(monday, people), *_of_use_reports(monday, people)]


def post_on(day):
    """Hand the reminders of a day to the notices; returns how many there are, and how many of them were new."""
    found = reminders_on(day)
    return len(found), post(found)


def _of_visits(monday, people):
    """To each regency's officers what falls due until Sunday, or is due already."""
    sunday = monday + timedelta(days=6)
    due = defaultdict(list)
    for package in due_packages(Package.objects.in_force().exclude(regency=None).for_list(), sunday):
        due[package.regency_id].append(package)
    counts = dict(Unit.objects.visit_due(sunday).order_by().values_list("package__regency").annotate(count=Count("pk")))
    for regency, packages in due.items():
        sentence = ngettext(
            "%(packages)s aid package is to be visited by %(day)s.",
            "%(packages)s aid packages are to be visited by %(day)s.",
            len(packages),
        )
        lines = [sentence % {"packages": len(packages), "day": format_date(sunday)}]
        if units := counts.get(regency):
            words = ngettext("%(units)s unit of it waits.", "%(units)s units of it wait.", units)
            lines.append(words % {"units": units})
        lines += [_due_line(package) for package in packages[:NAMED]]
        lines += _rest(len(packages))
        yield from _notices(
            people.get(regency, ()),
            f"kunjungan/{regency}",
            monday,
            subject=gettext("Visits to aid in the week of %(day)s") % {"day": format_date(monday)},
            lines=lines,
            path=reverse("visit_list"),
        )


def _due_line(package):
    return gettext("– %(package)s: %(title)s, %(recipient)s, due on %(day)s") % {
        "package": package.pk,
        "title": package.title,
        "recipient": package.recipient_name or "–",
        "day": format_date(package.due_on),
    }


def _of_use_reports(monday, people):
    """To each regency's officers, and to the province's staff, what was overdue on Monday."""
    owing = list(Package.objects.owing_report(monday).for_list().order_by("use_report_due_on", "pk"))
    if not owing:
        return
    of_regency = defaultdict(list)
    for package in owing:
        of_regency[package.regency_id].append(package)
    # Under None the province's staff: of all.
    for regency, packages in [(None, owing), *((key, rows) for key, rows in of_regency.items() if key)]:
        sentence = ngettext(
            "%(count)s aid package has an overdue use report (LPJ).",
            "%(count)s aid packages have an overdue use report (LPJ).",
            len(packages),
        )
        lines = [sentence % {"count": len(packages)}]
        lines += [
            gettext("– %(package)s: %(title)s, %(recipient)s, %(days)s days overdue")
            % {
                "package": package.pk,
                "title": package.title,
                "recipient": package.recipient_name or "–",
                "days": package.days_late(monday),
            }
            for package in packages[:NAMED]
        ]
        lines += _rest(len(packages))
        yield from _notices(
            people.get(regency, ()),
            f"lpj/{regency or 'provinsi'}",
            monday,
            subject=gettext("Overdue use reports (LPJ) in the week of %(day)s") % {"day": format_date(monday)},
            lines=lines,
            path=reverse("aid_check", args=["lpj"]),
        )


def _rest(count):
    if count > NAMED:
        yield gettext("– and %(count)s more, on the page.") % {"count": count - NAMED}


def _notices(people, what, monday, *, subject, lines, path):
    for person in people:
        key = f"bantuan/{what}/{monday:%Y%m%d}/{person.pk}"
        yield Notice(key=key, user=person, subject=subject, text="\n".join(lines), path=path, due_on=monday)

"""Where invented reports are made, where not, and on which days."""

import io

import pytest
from django.core.management import call_command
from django.db.models import F

from accounts.models import User
from cooperatives import demo as demo_register
from reporting import calendar, demo
from reporting.models import Period, RegencyReport, ReportValue, Status
from tests.factories import make_form, make_regency, make_user
from tests.reporting.reports import make_report_form, typed, wita

pytestmark = pytest.mark.django_db

NOW = wita(2026, 2, 20, 10, 30)
# Every story once: the three years of the real ones are in test_report_demo.
QUARTERS = 3
STORIES = {
    (0, "paser"): demo.BLANK,
    (0, "kutai-timur"): demo.WAITING,
    (1, "paser"): demo.RETURNED,
    (1, "kutai-timur"): demo.CORRECTED,
    (2, "paser"): demo.LATE,
    (2, "kutai-timur"): demo.DRAFT,
}


@pytest.fixture
def two_offices(monkeypatch):
    monkeypatch.setattr(demo, "CLOSED", QUARTERS)
    monkeypatch.setattr(demo, "STORIES", STORIES)
    make_report_form()
    make_form()
    for slug in ("paser", "kutai-timur"):
        make_regency(slug.replace("-", " ").title(), slug=slug)
    demo_register.make(40)


@pytest.mark.parametrize(
    "now",
    [(2026, 1, 1, 0, 0, 1), (2026, 1, 10, 23, 59, 59), (2026, 3, 31, 23, 59, 59), (2026, 7, 1, 12)],
)
@pytest.mark.usefixtures("two_offices")
def test_on_every_day_of_a_quarter_its_moments_lie_in_the_past_and_in_order(now):
    now = wita(*now)
    assert demo.make(now=now) == QUARTERS * 3 - 1  # one of the newest is blank
    for report in RegencyReport.objects.exclude(submitted_at=None).select_related("period"):
        moments = [step.made_at for step in report.steps.order_by("pk")]
        assert moments == sorted(moments) and moments[-1] <= now
        assert report.period.opens_at <= moments[0]


@pytest.mark.usefixtures("two_offices")
def test_reports_that_somebody_works_with_are_left_alone():
    period = calendar.open_period("quarter", 2025, 4, is_demo=False)
    report = period.reports.select_related("period__form", "form", "regency").get(regency__slug="paser")
    report.save_draft(typed(), by=make_user("petugas", regency=report.regency), now=wita(2026, 1, 5, 9))
    assert demo.make(now=NOW) == 0
    assert Period.objects.get() == period


@pytest.mark.usefixtures("two_offices")
def test_other_kinds_of_periods_are_left_alone():
    calendar.open_period("half", 2025, 2, is_demo=False)
    assert demo.make(now=NOW) == 0


def test_without_a_form_there_are_no_reports(settings):
    settings.DEBUG = True
    call_command("make_demo", cooperatives=5, stdout=io.StringIO())
    assert not Period.objects.exists()
    assert not User.objects.exists()


@pytest.mark.usefixtures("two_offices")
def test_a_rule_that_no_invention_keeps_leaves_drafts():
    form = make_report_form()
    rule = form.rules.get(position=10)
    rule.comparison, rule.message = "ge", "Tidak mungkin"
    rule.save()
    # bare update: terms keep no history.
    rule.terms.update(sign=-1)
    assert demo.make(now=NOW) > 0
    assert not RegencyReport.objects.exclude(regency=None).exclude(status=Status.DRAFT).exists()


@pytest.mark.usefixtures("two_offices")
def test_where_a_period_locks_on_its_due_day_nobody_is_late():
    form = make_report_form()
    form.lock_days = form.due_days
    form.save()
    assert demo.make(now=NOW) == QUARTERS * 3 - 1
    assert not any(report.is_late for report in RegencyReport.objects.select_related("period"))


@pytest.mark.usefixtures("two_offices")
def test_the_same_offices_say_the_same_numbers_each_time():
    def said():
        rows = ReportValue.objects.order_by(
            "report__period__ends_on", F("report__regency").asc(nulls_last=True), "line"
        )
        return list(rows.values_list("report__period__code", "line", "value"))

    demo.make(now=NOW)
    first = said()
    demo.remove()
    demo.make(now=NOW)
    assert said() == first

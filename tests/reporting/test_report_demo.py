"""Invented reports: they keep every rule of real ones, and nothing of them stays."""

import io
from datetime import date
from itertools import pairwise

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from accounts import demo as demo_accounts
from accounts.models import User
from accounts.roles import Role
from cooperatives import demo as demo_register
from figures.models import Figure, Source
from reporting import calendar, demo
from reporting.filling import fill
from reporting.models import Period, RegencyReport, ReportStep, ReportValue, Status
from tests.factories import make_user
from tests.reporting.reports import approved, at, submitted, typed, wita

pytestmark = pytest.mark.django_db

NOW = wita(2026, 2, 20, 10, 30)
# Accounts stay on record, closed; what names their permissions and types comes with the first use.
STAYS = {"accounts", "auth", "contenttypes", "sessions"}


def counts():
    return {
        model._meta.label: model._base_manager.count()
        for model in apps.get_models()
        if model._meta.app_label not in STAYS
    }


@pytest.fixture(scope="module")
def before(django_db_setup, django_db_blocker):
    """How many rows there were of each kind before the demo; it stands while the tests of this module run."""
    with django_db_blocker.unblock(), transaction.atomic():
        with at(NOW), override_settings(DEBUG=True):
            call_command("load_starter", stdout=io.StringIO())
            found = counts()
            call_command("make_demo", cooperatives=400, stdout=io.StringIO())
        yield found
        transaction.set_rollback(True)


def remove():
    out = io.StringIO()
    call_command("make_demo", remove=True, stdout=out)
    return out.getvalue()


# -- What is made ------------------------------------------------------------------------------------


def test_twelve_closed_quarters_and_the_running_one_with_eleven_offices_each(before):
    periods = list(Period.objects.order_by("ends_on"))
    assert [periods[0].code, periods[-2].code, periods[-1].code] == ["2023-t1", "2025-t4", "2026-t1"]
    assert len(periods) == 13 and all(period.is_demo for period in periods)
    assert {period.reports.count() for period in periods} == {11}
    assert not RegencyReport.objects.filter(is_demo=False).exists()
    assert periods[-1].opens_at > NOW and not periods[-1].reports.exclude(saved_at=None).exists()
    # The newest closed one can still be reported.
    assert periods[-2].opens_at < NOW < periods[-2].due_at


def test_nearly_all_is_approved_in_time_and_a_little_of_everything_else_is_there(before):
    closed = RegencyReport.objects.exclude(period__code="2026-t1")
    states = {status: closed.filter(status=status).count() for status in Status}
    assert states == {"draft": 6, "submitted": 1, "returned": 2, "approved": 123, "reopened": 0}
    late = [one for one in closed.select_related("period") if one.is_late]
    assert 4 <= len(late) <= 8
    never = closed.get(saved_at=None, period__locks_on__lt=NOW.date())
    assert never.regency.slug == "mahakam-ulu"
    partly = closed.filter(status=Status.DRAFT).exclude(saved_at=None)
    assert {one.regency.slug for one in partly.select_related("regency")} == {"berau", "kutai-barat"}
    for report in partly.select_related("period__form", "form", "regency"):
        assert 0 < sum(row.is_filled for row in fill(report).rows) < len(fill(report).rows)
    returned = ReportStep.objects.filter(to=Status.RETURNED)
    assert returned.count() == 4 and all(step.note and step.remarks.exists() for step in returned)


def test_its_numbers_fit_together(before):
    said = {}
    for value in ReportValue.objects.select_related("line__indicator"):
        said.setdefault(value.report_id, {})[value.line.indicator.code] = value
    assert len(said) == 126
    for values in said.values():
        number = {code: one.value for code, one in values.items() if one.value is not None}
        assert number["cooperatives_active"] + number["cooperatives_inactive"] == number["cooperatives"]
        if "members" in number:
            assert number["members_men"] + number["members_women"] == number["members"]
        if "rat_held" in number:
            assert number["rat_held"] <= number["cooperatives_active"]
        for one in values.values():
            assert (one.value is None) is one.is_unavailable
            assert one.register_value in (None, one.value) or one.explanation
    # Mild growth where the office itself counts.
    samarinda = ReportValue.objects.filter(report__regency__slug="samarinda", line__indicator__code="umkm_micro")
    course = list(samarinda.order_by("report__period__ends_on").values_list("value", flat=True))
    assert len(course) == 12 and course[0] < course[-1] < course[0] * 1.6
    assert all(0.8 < after / former < 1.25 for former, after in pairwise(course))


def test_its_steps_lie_in_order_on_the_clock_and_are_by_different_people(before):
    steps = ReportStep.objects.select_related("report__period", "by").order_by("report", "made_at", "pk")
    seen = {}
    for step in steps:
        period, former = step.report.period, seen.get(step.report_id)
        assert period.opens_at <= step.made_at <= NOW
        if step.to == Status.SUBMITTED:
            assert step.made_at < period.locks_at
        assert (former.to if former else Status.DRAFT) == step.was
        assert former is None or (former.made_at < step.made_at and former.by != step.by)
        seen[step.report_id] = step
    people = User.objects.filter(pk__in=steps.order_by().values("by"))
    assert people.count() == 12
    assert all(person.username.startswith(demo_accounts.PREFIX) for person in people)
    assert not any(person.has_usable_password() for person in people)


def test_what_is_approved_is_published_as_invented_figures_of_its_own_day(before):
    known = ReportValue.objects.filter(report__status=Status.APPROVED, value__isnull=False)
    figures = Figure.objects.filter(source__key__startswith="laporan-")
    assert figures.count() == known.count() > 2000
    assert not figures.filter(is_demo=False).exists() and not figures.filter(source__is_demo=False).exists()
    report = RegencyReport.objects.get(period__code="2024-t2", regency__slug="berau")
    source = Source.objects.get(key="laporan-2024-t2-berau-1")
    assert source.published_on == timezone.localdate(report.approved_at)


def test_a_second_time_nothing_is_made(before):
    assert demo.make(now=NOW) == 0


# -- What is taken out again -------------------------------------------------------------------------


def test_removing_leaves_nothing_and_what_was_there_before_is_there(before):
    with at(NOW):
        told = remove()
        assert counts() == before
        assert "Removed 143 demo reports." in told
        period = Period.objects.get()
        assert (period.code, period.is_demo, period.opens_on) == ("2026-t1", False, date(2026, 4, 1))
        assert set(period.reports.values_list("status", "is_demo", "saved_at")) == {("draft", False, None)}
        assert calendar.open_until() == []
    assert not User.objects.active().filter(username__startswith=demo_accounts.PREFIX).exists()


def test_removed_months_later_the_calendar_begins_anew_and_nobody_is_late_for_what_nobody_asked(before):
    with at(wita(2026, 11, 3, 9)):
        assert [period.code for period in calendar.open_until()] == ["2026-t2", "2026-t3", "2026-t4"]
        assert not Period.objects.filter(is_demo=False).exists()
        remove()
        assert not Period.objects.exists() and not Period.history.exists()
        assert [period.code for period in calendar.open_until()] == ["2026-t4"]
    assert not Period.objects.get().is_demo


def test_what_a_person_types_into_an_invented_period_is_invented_and_goes_with_it(before):
    report = RegencyReport.objects.select_related("period__form", "form", "regency").get(
        period__code="2025-t4", regency__slug="paser"
    )
    officer = make_user("petugas", "siti", regency=report.regency)
    submitted(report, by=officer, said=sensible(report), now=NOW)
    report.approve(by=make_user("verifikator", "budi"), now=NOW)
    figures = Figure.objects.filter(source__key="laporan-2025-t4-paser-1")
    assert figures.exists() and not figures.filter(is_demo=False).exists()
    with at(NOW):
        remove()
        assert counts() == before
    assert User.objects.active().filter(username__in=["siti", "budi"]).count() == 2


def sensible(report):
    """A form that an office could hand in: the register's values, 0 elsewhere, a word wherever one is wanted."""
    values = {row.code: str(row.register or 0) for row in fill(report, {}).rows if row.code != "members"}
    return typed(values, why=dict.fromkeys(values, "Sudah dicocokkan"))


def test_a_real_period_beside_it_stays_with_all_its_own(before):
    make_user("verifikator", "budi")
    period = calendar.open_period("quarter", 2022, 4, is_demo=False)
    report = period.reports.select_related("period__form", "form", "regency").get(regency__slug="bontang")
    assert not report.is_demo
    with at(wita(2023, 1, 5, 9)):
        approved(report, said=sensible(report))
    published = Figure.objects.filter(source__key="laporan-2022-t4-bontang-1").count()
    with at(NOW):
        remove()
    assert Period.objects.filter(pk=period.pk).exists() and period.reports.count() == 11
    assert report.values.exists() and report.steps.count() == 2
    assert Figure.objects.filter(source__key="laporan-2022-t4-bontang-1", is_demo=False).count() == published > 0


def test_where_a_real_report_lies_in_an_invented_period_nothing_is_removed_and_that_is_named(before):
    # bare update: what no page of the portal does.
    RegencyReport.objects.filter(period__code="2024-t1", regency__slug="berau").update(is_demo=False)
    figures = Figure.objects.count()
    with pytest.raises(CommandError, match=r"RegencyReport \d+ .* refers to Period \d+"):
        remove()
    assert Figure.objects.count() == figures and demo_register.is_in()


def test_a_real_figure_is_never_taken_along(before):
    figure = Figure.objects.filter(source__key="laporan-2024-t1-berau-1").first()
    # bare update: what no page of the portal does.
    Figure.objects.filter(pk=figure.pk).update(is_demo=False)
    with pytest.raises(demo.RefersToIt):
        demo.remove()
    assert Figure.objects.filter(pk=figure.pk).exists()
    assert RegencyReport.objects.exclude(saved_at=None).count() == 128


def test_an_officers_account_without_a_password_opens_again_with_the_next_demo(before):
    with at(NOW):
        remove()
    officer = User.objects.get(username="demo.petugas.berau")
    assert not officer.is_active
    demo._person(Role.OFFICER, officer.regency)
    officer.refresh_from_db()
    assert officer.is_active
    # One that somebody can sign in with stays as it was left.
    officer.set_password("tujuh kapal ulin biru")
    officer.is_active = False
    officer.save()
    assert not demo._person(Role.OFFICER, officer.regency).is_active

"""The way of a report: draft, submitted, returned, approved, reopened."""

from datetime import timedelta

import pytest
from django.utils import timezone

from common.models import StepRefused
from figures.models import Figure
from notices.models import Notice
from reporting.filling import fill
from reporting.models import Closed, NotReady, Period, RegencyReport, Status
from reporting.models.report import AlreadyDone
from tests.factories import make_figure, make_regency, make_user
from tests.reporting.reports import approved, make_report, submitted, typed

pytestmark = pytest.mark.django_db


def test_a_report_is_there_before_anybody_types():
    report = make_report()
    assert report.status == Status.DRAFT and report.is_blank
    assert RegencyReport.objects.filter(period=report.period).count() == 2  # the regency and the province


def test_submitting_keeps_values_step_and_number():
    report = submitted()
    step = report.steps.get()
    assert step.number == "2025-t4-kutai-barat-1"
    assert len(step.sha256) == 64
    assert report.values.get(line__indicator__code="members_men").value == 12310
    assert report.status == Status.SUBMITTED


def test_what_is_not_ready_is_not_submitted():
    report = make_report()
    officer = make_user("petugas", regency=report.regency)
    report.save_draft(typed(cooperatives_inactive="340"), by=officer)
    with pytest.raises(NotReady) as refused:
        report.submit(fill(report), by=officer)
    (row,) = refused.value.filled.blocked
    assert row.code == "cooperatives_inactive"
    assert not report.values.exists() and not report.steps.exists()


def test_submitting_twice_is_told():
    report = submitted()
    with pytest.raises(AlreadyDone):
        report.submit(fill(report), by=report.saved_by)


def test_who_submitted_never_approves():
    both = make_user("staf_provinsi")
    report = submitted(make_report(province=True), by=both)
    with pytest.raises(StepRefused):
        report.approve(by=both)
    assert report.status == Status.SUBMITTED


def test_approving_publishes_the_lines_with_the_report_as_their_source():
    report = approved()
    figure = Figure.objects.get(indicator__code="cooperatives_active")
    assert figure.value == 315 and figure.is_official
    assert figure.source.url == "/statistik/pelaporan/2025-t4/kutai-barat/"
    assert Figure.objects.count() == 25
    assert report.approved_at


def test_reopening_marks_and_approving_again_supersedes():
    report = approved()
    verifier, officer = make_user("verifikator"), report.saved_by
    report.reopen(by=verifier, reason="Ada koreksi", until=timezone.localdate() + timedelta(days=40))
    assert set(Figure.objects.values_list("quality", flat=True)) == {"revised"}
    assert Figure.objects.official().count() == 25
    report.save_draft(typed(trained="63"), by=officer)
    report.submit(fill(report), by=officer)
    report.approve(by=verifier)
    both = Figure.objects.filter(indicator__code="trained").order_by("pk")
    assert [(one.value, one.is_official, one.quality) for one in both] == [
        (62, False, "revised"),
        (63, True, "official"),
    ]


def test_a_persons_choice_is_never_unseated():
    report = submitted()
    territory = report.regency.territory
    chosen = make_figure(500, code="cooperatives", territory=territory, as_of=report.period.ends_on)
    report.approve(by=make_user("verifikator"))
    chosen.refresh_from_db()
    assert chosen.is_official
    ours = Figure.objects.exclude(pk=chosen.pk).get(indicator__code="cooperatives")
    assert not ours.is_official and ours.quality == "conflicting"


def test_a_locked_period_is_closed():
    report = make_report(is_open=False)
    officer = make_user("petugas", regency=report.regency)
    with pytest.raises(Closed):
        report.save_draft(typed(), by=officer)
    verifier = make_user("verifikator")
    report.extend(until=timezone.localdate(), reason="Banjir", by=verifier)
    report.save_draft(typed(), by=officer)
    report.submit(fill(report), by=officer)
    assert report.is_late


def test_who_filled_in_a_report_does_not_approve_it():
    report = make_report(province=True)
    report.save_draft(typed(), by=make_user("verifikator", "pengisi"))
    submitted(report, by=make_user("staf_provinsi"))
    with pytest.raises(StepRefused):
        report.approve(by=report.saves.first().by)
    report.approve(by=make_user("verifikator"))


def test_moving_the_due_day_later_does_not_change_who_was_late():
    in_time, late = make_report(make_regency("Berau")), make_report(make_regency("Paser"))
    period = in_time.period
    submitted(in_time)
    submitted(late, now=period.due_at)
    for days in (-9, 9):
        moved = Period.objects.get(pk=period.pk)
        moved.due_on += timedelta(days=days)
        moved.opens_on = min(moved.opens_on, moved.due_on)
        moved.save()
        assert not RegencyReport.objects.select_related("period").get(pk=in_time.pk).is_late
        assert RegencyReport.objects.select_related("period").get(pk=late.pk).is_late


def told(user):
    return list(Notice.objects.filter(user=user).order_by("created_at", "key"))


def test_the_office_is_told_what_was_decided_and_until_when():
    report = submitted()
    officer, verifier = report.saved_by, make_user("verifikator")
    day = report.period.locks_on + timedelta(days=9)
    report.give_back(by=verifier, reason="Mohon lengkapi", until=day)
    (back,) = told(officer)
    assert back.path == report.get_absolute_url() and "Mohon lengkapi" in back.text and back.due_on == day
    report.extend(by=verifier, reason="Banjir", until=day + timedelta(days=1))
    assert any(one.due_on == day + timedelta(days=1) and "Banjir" in one.text for one in told(officer))
    report.submit(fill(report), by=officer)
    report.approve(by=verifier)
    assert len(told(officer)) == 3
    assert not Notice.objects.exclude(user=officer).exists()

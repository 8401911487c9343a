"""Several people at reports at once: none is lost, none doubled, and whoever comes too late is told (P2, P3, P14)."""

import os
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import Group
from django.contrib.messages import get_messages
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from common.models import ChangedMeanwhile, StepRefused
from figures.models import Figure, Source
from regions.models import Regency
from reporting import drafts, publishing
from reporting.filling import fill
from reporting.models import DraftSave, Extension, RegencyReport, ReportStep, ReportValue, Status
from reporting.models.report import AlreadyDone, RegencyReportQuerySet
from tests.concurrency.test_register import at_once
from tests.factories import make_figure, make_indicator, make_regency, make_user
from tests.reporting.reports import make_period, make_report, posted, submitted, typed

pytestmark = pytest.mark.django_db(transaction=True)

OFFICERS = int(os.environ.get("REPORT_OFFICERS", "200"))
# A hundred in the long drill: REPORT_ROUNDS=100.
ROUNDS = int(os.environ.get("REPORT_ROUNDS", "4"))
# As many at work at once as a large server lets in; the others stand in the queue, as they would there.
WORKERS = 16
TOLD = (AlreadyDone, ChangedMeanwhile)
SENT, ALREADY = "Terkirim", "Sudah terkirim"


def fresh(report):
    return RegencyReport.objects.select_related("period__form", "form", "regency").get(pk=report.pk)


@pytest.fixture
def careless(monkeypatch):
    """The conditional update loses its condition: every step believes that it came first."""
    original = RegencyReportQuerySet.filter

    def without_condition(self, *args, **conditions):
        conditions.pop("version", None)
        conditions.pop("status", None)
        return original(self, *args, **conditions)

    monkeypatch.setattr(RegencyReportQuerySet, "filter", without_condition)


# -- Two hundred officers submit twice -----------------------------------------------------------------


def officers(count):
    """`[(officer, report)]`, each report filled in by its officer and not submitted yet; made in bulk."""
    Regency.objects.bulk_create(
        Regency(name=f"Kab {n}", slug=f"kab-{n}", kind="kabupaten", kemendagri_code=f"{n}", bps_code=f"{n}")
        for n in range(count)
    )
    period = make_period()
    people = User.objects.bulk_create(
        User(username=regency.slug, full_name=regency.name, role="petugas", regency=regency, password="!")
        for regency in Regency.objects.all()
    )
    group = Group.objects.get(name="petugas")
    User.groups.through.objects.bulk_create(User.groups.through(user=one, group=group) for one in people)
    reports = RegencyReport.objects.filter(period=period).exclude(regency=None)
    reports.update(typed=typed(), saved_at=timezone.now(), version=2)
    of = {person.regency_id: person for person in people}
    return [(of[report.regency_id], report) for report in reports]


def send(cookies, report):
    """What an officer's click on “Kirim laporan” does, and what it is answered."""
    client = Client(raise_request_exception=False)
    client.cookies = cookies
    answer = client.post(reverse("report", args=[report.pk]), posted(typed(), version=report.version, kirim="1"))
    if answer.status_code != 302:
        return f"{answer.status_code}"
    # The twin has the same session: what it was told may stand there already.
    told = [str(one) for one in get_messages(answer.wsgi_request)][-1]
    return told.partition(":" if told.startswith("Terkirim") else ";")[0]


def twice(pairs):
    """Every officer clicks twice at the same moment; what each click was answered."""
    fill(fresh(pairs[0][1]))  # the register is computed once, as on any day
    gates, cookies = {}, {}
    for officer, report in pairs:
        client = Client()
        client.force_login(officer)
        gates[report.pk], cookies[report.pk] = threading.Barrier(2), client.cookies

    def click(report):
        try:
            # The twins stand side by side in the queue, so that both are at work when they meet here.
            gates[report.pk].wait(timeout=120)
            return send(cookies[report.pk], report)
        except Exception as error:  # noqa: BLE001 - what went wrong is what the test looks at
            return repr(error)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WORKERS) as pool:
        clicks = [pool.submit(click, report) for _officer, report in pairs for _twin in range(2)]
        return Counter(one.result(timeout=300) for one in clicks)


def test_officers_who_submit_twice_at_once_leave_one_report_each_and_no_error():
    pairs = officers(OFFICERS)
    answers = twice(pairs)
    assert answers == {SENT: OFFICERS, ALREADY: OFFICERS}
    reports = RegencyReport.objects.exclude(regency=None)
    assert reports.filter(status=Status.SUBMITTED).count() == reports.count() == OFFICERS
    assert ReportStep.objects.count() == OFFICERS
    assert ReportStep.objects.values("number").distinct().count() == OFFICERS
    assert ReportValue.objects.count() == OFFICERS * 25
    for report in reports.select_related("regency")[:5]:
        (step,) = report.steps.all()
        assert step.by.regency_id == report.regency_id


def test_control_without_the_condition_reports_are_doubled(careless):
    pairs = officers(15)
    answers = twice(pairs)
    # One way or the other: a second step, or the number of the receipt that two steps want.
    assert answers[SENT] > 15 or set(answers) - {SENT, ALREADY}


# -- Approve and return at once ------------------------------------------------------------------------


def reviewers():
    found = []
    for name in ("Vera", "Wati"):
        client = Client(raise_request_exception=False)
        client.force_login(make_user("verifikator", full_name=name))
        client.get("/kerja/")
        found.append(client)
    return found


def both_decide(report, approving, returning):
    data = {"version": report.version}
    return at_once(
        lambda: approving.post(reverse("approve_report", args=[report.pk]), data),
        lambda: returning.post(reverse("return_report", args=[report.pk]), {**data, "reason": "Mohon periksa"}),
    )


def test_of_approve_and_return_at_once_one_wins_and_the_other_is_told_who_and_when():
    make_report()
    approving, returning = reviewers()
    for number in range(ROUNDS):
        report = submitted(make_report(make_regency(f"Kabupaten {number}")))
        answers = both_decide(report, approving, returning)
        assert sorted(answer.status_code for answer in answers) == [302, 409]
        approved_first = answers[0].status_code == 302
        there = fresh(report)
        assert there.status == (Status.APPROVED if approved_first else Status.RETURNED)
        (step,) = there.steps.exclude(to=Status.SUBMITTED)
        assert step.to == there.status and str(step.by) == ("Vera" if approved_first else "Wati")
        assert Figure.objects.filter(territory__regency=report.regency_id).count() == (25 if approved_first else 0)
        late = answers[approved_first]
        assert str(step.by) in late.context["refused"] and "WITA" in late.context["refused"]


def test_control_without_the_condition_a_report_is_approved_and_returned(careless):
    make_report()
    both = 0
    for number in range(4):
        report = submitted(make_report(make_regency(f"Kabupaten {number}")))
        # Both verbs have read the report before either writes: what two requests at once may always meet.
        twins, verifier = (fresh(report), fresh(report)), make_user("verifikator")
        at_once(
            lambda twins=twins, verifier=verifier: twins[0].approve(by=verifier),
            lambda twins=twins, verifier=verifier: twins[1].give_back(by=verifier, reason="Mohon periksa"),
        )
        both += report.steps.exclude(to=Status.SUBMITTED).count() == 2
    assert both


@pytest.mark.parametrize("_round", range(2))
def test_of_several_who_approve_at_once_one_publishes(_round):
    report = submitted()
    clients = reviewers()
    data = {"version": report.version}
    answers = at_once(*[lambda c=c: c.post(reverse("approve_report", args=[report.pk]), data) for c in clients * 2])
    assert sorted(answer.status_code for answer in answers) == [302, 409, 409, 409]
    assert Figure.objects.count() == 25 and Source.objects.count() == 1
    assert report.steps.filter(to=Status.APPROVED).count() == 1


def test_two_who_extend_at_once_leave_one_extension():
    report = make_report(is_open=False)
    client, other = reviewers()
    data = {"reason": "Banjir", "until": "2100-01-01"}
    answers = at_once(*[lambda c=c: c.post(reverse("extend_report", args=[report.pk]), data) for c in (client, other)])
    assert sorted(answer.status_code for answer in answers) == [302, 409]
    assert Extension.objects.count() == 1


# -- Two on one draft ----------------------------------------------------------------------------------


def save_at_once(report, officer, *forms):
    """Everybody opened the form as it stands; what each save answered, or the exception that it raised."""
    base = report.version
    opened = [fresh(report) for _form in forms]
    return at_once(
        *[
            lambda mine=mine, form=form: drafts.save(mine, form, base=base, by=officer)
            for mine, form in zip(opened, forms, strict=True)
        ]
    )


def test_of_two_saves_of_a_field_at_once_one_stays_and_the_other_is_shown_both():
    report = make_report()
    officer = make_user("petugas", regency=report.regency)
    for number in range(ROUNDS):
        report = fresh(report)
        mine, theirs = (typed(trained=str(value + number), inspected=None) for value in (1000, 2000))
        answers = save_at_once(report, officer, mine, theirs)
        there = fresh(report)
        assert there.version == report.version + 1
        (meeting,) = [one for one in answers if one is not None]
        assert isinstance(meeting, drafts.Meeting), meeting
        kept = there.typed["lines"]["trained"]["typed"]
        clash = next(one for one in meeting.clashes if one.name == "trained")
        assert clash.theirs == kept and clash.mine != kept
        assert DraftSave.objects.get(report=report, version=there.version).typed == there.typed


def test_two_saves_of_different_fields_at_once_are_both_kept():
    report = make_report()
    officer = make_user("petugas", regency=report.regency)
    report.save_draft(typed(), by=officer)
    answers = save_at_once(report, officer, typed(trained="63"), typed(inspected="25"))
    assert sum(isinstance(one, drafts.Meeting) for one in answers) == 1
    said = fresh(report).typed["lines"]
    assert (said["trained"]["typed"], said["inspected"]["typed"]) == ("63", "25")


def test_control_without_the_condition_a_save_is_overwritten(careless):
    report = make_report()
    officer = make_user("petugas", regency=report.regency)
    silent = 0
    for number in range(4):
        report = fresh(report)
        twins = [fresh(report), fresh(report)]
        answers = at_once(
            *[
                lambda twin=twin, value=value: twin.save_draft(typed(trained=value), by=officer)
                for twin, value in zip(twins, (str(100 + number), str(200 + number)), strict=True)
            ]
        )
        # Nobody was told that another was there. (The row of a version is a second wall, which raises an error.)
        silent += not any(isinstance(one, ChangedMeanwhile | StepRefused) for one in answers)
    assert silent


def test_a_save_and_a_submission_at_once_never_change_what_was_submitted():
    for number in range(ROUNDS):
        report = make_report(make_regency(f"Kabupaten {number}"))
        officer = make_user("petugas", regency=report.regency)
        report.save_draft(typed(), by=officer)
        saving, sending = fresh(report), fresh(report)
        filled = fill(sending)
        saved, sent = at_once(
            lambda saving=saving, officer=officer: saving.save_draft(typed(trained="99"), by=officer),
            lambda sending=sending, filled=filled, officer=officer: sending.submit(filled, by=officer),
        )
        there = fresh(report)
        if isinstance(sent, ReportStep):
            assert isinstance(saved, TOLD)
            assert there.typed == typed() and sent.content["lines"]["trained"]["value"] == 62
        else:
            assert isinstance(sent, ChangedMeanwhile) and saved is None and there.status == Status.DRAFT


# -- Approving while a person chooses another figure ---------------------------------------------------


def test_approving_while_a_person_marks_another_figure_brings_no_error():
    make_report()
    verifier, _other = reviewers()
    editor = Client(raise_request_exception=False)
    editor.force_login(make_user("administrator"))
    make_indicator("trained")
    for number in range(ROUNDS):
        report = submitted(make_report(make_regency(f"Kabupaten {number}")))
        rival = make_figure(
            500, code="trained", territory=report.regency.territory, as_of=report.period.ends_on, is_official=False
        )
        form = {
            "indicator": rival.indicator_id,
            "territory": rival.territory_id,
            "as_of": rival.as_of.isoformat(),
            "value": "500",
            "source": rival.source_id,
            "quality": rival.quality,
            "is_official": "on",
            "version": rival.version,
        }
        approving, marking = at_once(
            lambda report=report: verifier.post(
                reverse("approve_report", args=[report.pk]), {"version": report.version}
            ),
            lambda rival=rival, form=form: editor.post(reverse("admin:figures_figure_change", args=[rival.pk]), form),
        )
        assert approving.status_code in (302, 409) and marking.status_code in (200, 302)
        there, chosen = fresh(report), Figure.objects.get(pk=rival.pk)
        assert chosen.is_official is (marking.status_code == 302)
        official = Figure.objects.official().filter(indicator__code="trained", territory=rival.territory_id)
        if approving.status_code == 302:
            assert there.status == Status.APPROVED and official.count() == 1
        else:
            assert there.status == Status.SUBMITTED and chosen.is_official
            again = verifier.post(reverse("approve_report", args=[report.pk]), {"version": there.version})
            assert again.status_code == 302
        assert Figure.objects.filter(territory=rival.territory_id).count() == 26


@pytest.mark.postgresql
def test_a_figure_that_is_chosen_in_the_middle_of_an_approval_refuses_it_in_words(monkeypatch):
    """On SQLite nobody comes between: the whole approval holds the one lock that there is."""
    report = submitted()
    rival = make_figure(
        500, code="trained", territory=report.regency.territory, as_of=report.period.ends_on, is_official=False
    )
    verifier, _other = reviewers()
    url, data = reverse("approve_report", args=[report.pk]), {"version": report.version}
    publish = publishing.bulk_create_with_history

    def publish_late(*args, **kwargs):
        at_once(lambda: Figure.objects.filter(pk=rival.pk).update(is_official=True))
        return publish(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(publishing, "bulk_create_with_history", publish_late)
        answer = verifier.post(url, data)
    assert answer.status_code == 409 and answer.context["refused"]
    there = fresh(report)
    assert (there.status, there.version, there.steps.count()) == (Status.SUBMITTED, report.version, 1)
    assert Figure.objects.get() == rival and not Source.objects.exclude(pk=rival.source_id).exists()
    assert verifier.post(url, data).status_code == 302
    assert Figure.objects.official().get(indicator__code="trained") == rival

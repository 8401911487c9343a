"""Every state × action × role × clock of a report, and the seconds around its due moment and its lock (P14, P18)."""

import itertools
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from common.models import StepRefused
from figures.models import Indicator
from regions.models import Regency, Territory
from reporting.filling import fill
from reporting.models import (
    Closed,
    Extension,
    FormLine,
    NotReady,
    Period,
    RegencyReport,
    ReportForm,
    ReportStep,
    ReportValue,
    Status,
)
from reporting.workbook import workbook
from tests.files import made_files
from tests.reporting.reports import at, make_report, submitted, typed, wita

pytestmark = pytest.mark.django_db

DONE, FORBIDDEN, NOT_THERE, REFUSED = "done", 403, 404, 409

# -- The table, by hand --------------------------------------------------------------------------------

ROLES = "administrator verifikator pimpinan auditor staf_provinsi petugas petugas-lain".split()
ACTIONS = "save submit approve return reopen extend".split()
CLOCKS = "open locked not-open extended".split()

# What a role is answered before anybody looks at the state: 403 without the permission, 404 for what is not the
# office's own. The province's staff fills in the province's own report, and this one is a regency's.
FILLING, DECIDING = {"save", "submit"}, {"approve", "return", "reopen", "extend"}
MAY = {
    "administrator": {**dict.fromkeys(FILLING, FORBIDDEN), **dict.fromkeys(DECIDING)},
    "verifikator": {**dict.fromkeys(FILLING, FORBIDDEN), **dict.fromkeys(DECIDING)},
    "pimpinan": dict.fromkeys(FILLING | DECIDING, FORBIDDEN),
    "auditor": dict.fromkeys(FILLING | DECIDING, FORBIDDEN),
    "staf_provinsi": {**dict.fromkeys(FILLING, NOT_THERE), **dict.fromkeys(DECIDING, FORBIDDEN)},
    "petugas": {**dict.fromkeys(FILLING), **dict.fromkeys(DECIDING, FORBIDDEN)},
    "petugas-lain": {**dict.fromkeys(FILLING, NOT_THERE), **dict.fromkeys(DECIDING, FORBIDDEN)},
}

# What follows for whoever may: the state that it leads to, by the clocks open, locked, not open yet, extended. "-" is
# refused. A return and a reopening name a day where the clock has closed the report; all rows of the table do.
STATES = """
                save                                    submit
    draft       draft     - - draft                     submitted - - submitted
    submitted   -         - - -                         -         - - -
    returned    returned  - - returned                  submitted - - submitted
    approved    -         - - -                         -         - - -
    reopened    reopened  - - reopened                  submitted - - submitted

                approve                                 return
    draft       - - - -                                 - - - -
    submitted   approved approved approved approved     returned returned returned returned
    returned    - - - -                                 - - - -
    approved    - - - -                                 - - - -
    reopened    - - - -                                 - - - -

                reopen                                  extend
    draft       - - - -                                 draft draft draft draft
    submitted   - - - -                                 - - - -
    returned    - - - -                                 returned returned returned returned
    approved    reopened reopened reopened reopened     - - - -
    reopened    - - - -                                 reopened reopened reopened reopened
"""
# An action that leads to no other state leaves no step.
STEPS = {"save": 0, "submit": 1, "approve": 1, "return": 1, "reopen": 1, "extend": 0}


def _read_states():
    """`{(state, action, clock): state after, or None where it is refused}`."""
    found = {}
    for block in STATES.strip().split("\n\n"):
        head, *rows = block.strip().split("\n")
        actions = head.split()
        for row in rows:
            state, *cells = row.split()
            assert len(cells) == len(actions) * len(CLOCKS), row
            for (action, clock), cell in zip(itertools.product(actions, CLOCKS), cells, strict=True):
                found[state, action, clock] = None if cell == "-" else cell
    return found


AFTER = _read_states()


def asked_of(is_done):
    """What is refused writes nothing, whatever the database; what is done is done on both."""
    return () if is_done else pytest.mark.same_on_both


ROWS = [
    pytest.param(
        *(state, action, role, clock),
        id=f"{state}-{action}-{role}-{clock}",
        marks=asked_of(MAY[role][action] is None and AFTER[state, action, clock]),
    )
    for state in Status.values
    for action in ACTIONS
    for role in ROLES
    for clock in CLOCKS
]


def test_the_table_is_whole():
    assert set(AFTER) == set(itertools.product(Status.values, ACTIONS, CLOCKS))
    assert len(ROWS) == 5 * 6 * 7 * 4
    # Every way that leads anywhere is walked on both databases.
    on_both = {(state, action, clock) for state, action, _role, clock in (row.values for row in ROWS if not row.marks)}
    assert on_both == {way for way, after in AFTER.items() if after}


# -- A world that is made in a moment ------------------------------------------------------------------


def person(role, regency=None):
    """An account as `make_user` makes it, without the cost of a password: nobody signs in with one here."""
    user = User.objects.create(
        username=role, full_name=role, role=role.removesuffix("-lain"), regency=regency, password="!"
    )
    user.groups.add(Group.objects.get(name=user.role))
    return user


def regency_(name, number):
    return Regency.objects.create(
        name=name, slug=name.lower(), kind="kota", kemendagri_code=f"64.{number}", bps_code=f"64{number}"
    )


def world(state, clock, role):
    """A regency's report of one line in a state, with the clock where it is wanted; and the person who acts."""
    here = regency_("Bontang", 74)
    # Whoever submitted and approved before is somebody else than who acts now.
    officer, verifier = person("petugas", here), person("verifikator")
    actor = {"petugas": officer, "verifikator": verifier}.get(role)
    if actor is None:
        actor = person(role, regency_("Samarinda", 72) if role == "petugas-lain" else None)
    today = timezone.localdate()
    opens, due, locks = {
        "open": (-10, 5, 30),
        "locked": (-60, -40, -5),
        "not-open": (3, 10, 40),
        "extended": (-60, -40, -5),
    }[clock]
    form = ReportForm.objects.create(number=1, title="Laporan", valid_from=date(2020, 1, 1))
    indicator = Indicator.objects.create(code="trained", name="Dilatih", unit="unit", measure="count")
    line = FormLine.objects.create(form=form, indicator=indicator, position=1, section="Koperasi")
    period = Period.objects.create(
        code="2025-t4",
        kind="quarter",
        year=2025,
        number=4,
        starts_on=date(2025, 10, 1),
        ends_on=date(2025, 12, 31),
        opens_on=today + timedelta(days=opens),
        due_on=today + timedelta(days=due),
        locks_on=today + timedelta(days=locks),
        form=form,
    )
    Territory.objects.create(key="bontang", name="Bontang", regency=here)
    now = timezone.now()
    was_submitted = state != Status.DRAFT
    report = RegencyReport.objects.create(
        period=period,
        regency=here,
        form=form,
        status=state,
        typed=typed({"trained": "62"}),
        saved_at=now,
        saved_by=officer,
        first_submitted_at=now if was_submitted else None,
        was_due_on=period.due_on if was_submitted else None,
        submitted_at=now if was_submitted else None,
        approved_at=now if state in (Status.APPROVED, Status.REOPENED) else None,
    )
    way = {"draft": "", "submitted": "s", "returned": "sr", "approved": "sa", "reopened": "sao"}[state]
    before = Status.DRAFT
    for letter in way:
        to = {"s": Status.SUBMITTED, "r": Status.RETURNED, "a": Status.APPROVED, "o": Status.REOPENED}[letter]
        said = {"number": "2025-t4-bontang-1", "content": fill(report).content()} if letter == "s" else {}
        note = "Periksa" if letter in "ro" else ""
        ReportStep.objects.create(
            report=report, was=before, to=to, by=officer if letter == "s" else verifier, note=note, **said
        )
        before = to
    if was_submitted:
        ReportValue.objects.create(report=report, line=line, value=62)
    if clock == "extended":
        until = today + timedelta(days=3)
        Extension.objects.create(report=report, until_on=until, reason="Banjir", by=verifier)
    return report, actor


# -- What is done --------------------------------------------------------------------------------------


BUTTON = {"save": "simpan", "submit": "kirim"}
ADDRESS = {"approve": "approve_report", "return": "return_report", "reopen": "reopen_report", "extend": "extend_report"}


def act(client, report, action, actor):
    """Do it as the pages do."""
    client.force_login(actor)
    data = {"version": report.version}
    if action in FILLING:
        data |= {"trained": "63", BUTTON[action]: "1"}
    elif action != "approve":
        data |= {"reason": "Periksa", "until": (timezone.localdate() + timedelta(days=60)).isoformat()}
    answer = client.post(reverse(ADDRESS.get(action, "report"), args=[report.pk]), data)
    return DONE if answer.status_code == 302 else answer.status_code


def left(report):
    """All that an action that was refused must leave as it was."""
    return (
        RegencyReport.objects.filter(pk=report.pk).values().get(),
        list(report.steps.values()),
        list(report.values.values()),
        list(report.extensions.values()),
        report.saves.count(),
    )


@pytest.mark.parametrize(("state", "action", "role", "clock"), ROWS)
def test_every_state_action_role_and_clock(client, state, action, role, clock):
    report, actor = world(state, clock, role)
    before, steps = left(report), report.steps.count()
    expected = MAY[role][action]
    after = AFTER[state, action, clock]
    if expected is None:
        expected = DONE if after else REFUSED
    assert act(client, report, action, actor) == expected
    there = RegencyReport.objects.get(pk=report.pk)
    if expected == DONE:
        assert there.status == after
        assert there.steps.count() == steps + STEPS[action]
        assert all(step.by == actor for step in there.steps.all()[steps:])
    else:
        assert left(report) == before


def autosave(client, report):
    return client.post(reverse("autosave_report", args=[report.pk]), {"version": report.version, "trained": "63"})


def attach(client, report):
    said = {"version": report.version, "trained": "63", "simpan": "1"}
    upload = SimpleUploadedFile("berita.pdf", made_files.pdf())
    return client.post(reverse("report", args=[report.pk]), said | {"lampiran": upload})


def upload_workbook(client, report):
    upload = SimpleUploadedFile("isian.xlsx", workbook(report))
    return client.post(reverse("upload_workbook", args=[report.pk]), {"file": upload})


@pytest.mark.parametrize(
    ("state", "clock", "way"),
    [
        pytest.param(state, clock, way, marks=asked_of(AFTER[state, "save", clock]))
        for state in Status.values
        for clock in CLOCKS
        for way in (autosave, attach, upload_workbook)
    ],
)
def test_the_other_ways_into_a_draft_are_open_when_saving_is(client, state, clock, way):
    """Saving by itself, attaching a file, uploading a workbook (which only shows what it would change)."""
    report, officer = world(state, clock, "petugas")
    client.force_login(officer)
    before = left(report)
    answer = way(client, report)
    if AFTER[state, "save", clock]:
        assert answer.status_code == (302 if way is attach else 200)
        assert report.attachments.count() == (way is attach)
        assert report.saves.count() == (way is not upload_workbook)
        assert RegencyReport.objects.get(pk=report.pk).status == state
    else:
        assert answer.status_code == REFUSED
        assert left(report) == before and not report.attachments.exists()


@pytest.mark.parametrize("role", ["administrator", "verifikator"])
@pytest.mark.parametrize("is_superuser", [False, True])
def test_who_submitted_never_approves(client, role, is_superuser):
    """Not even somebody whose role has become another since, nor a superuser."""
    report, actor = world(Status.SUBMITTED, "open", role)
    report.steps.update(by=actor)
    actor.is_superuser = is_superuser
    actor.save()
    before = left(report)
    assert act(client, report, "approve", actor) == REFUSED
    assert left(report) == before


def test_who_submitted_an_earlier_time_never_approves_either(client):
    report, actor = world(Status.RETURNED, "open", "administrator")
    report.steps.filter(to=Status.SUBMITTED).update(by=actor)
    report.submit(fill(report), by=report.saved_by)
    assert act(client, report, "approve", actor) == REFUSED


@pytest.mark.parametrize("state", Status.values)
def test_nothing_but_the_verbs_changes_a_state(client, state):
    """What is sent along to a decision sets nothing that the page does not ask."""
    report, actor = world(state, "open", "verifikator")
    extra = {"status": "approved", "typed": "{}", "regency": "", "submitted_at": "", "by": "1", "note": "x"}
    client.force_login(actor)
    client.post(reverse("return_report", args=[report.pk]), {"version": report.version, "reason": "Ya", **extra})
    there = RegencyReport.objects.get(pk=report.pk)
    assert there.status == (Status.RETURNED if state == Status.SUBMITTED else state)
    assert (there.typed, there.regency_id) == (report.typed, report.regency_id)


# -- One second around the due moment and the lock, under three clocks of the process -------------------

ZONES = ("UTC", "Asia/Jakarta", "America/Los_Angeles")
# Of the period that ends on 31 December 2025: due on 10 January, locked after 14 February.
DUE, LOCK = wita(2026, 1, 11), wita(2026, 2, 15)
SECOND = timedelta(seconds=1)


@pytest.fixture(params=ZONES)
def zone(request, monkeypatch):
    """The process keeps the time of another zone."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", request.param)
        time.tzset()
        yield request.param
    time.tzset()


def test_a_second_before_the_due_moment_is_on_time_and_a_second_later_is_late(zone):
    assert datetime(2026, 1, 10, 16, 0, tzinfo=UTC) == DUE
    report = make_report(is_open=False)
    report.was_due_on = report.period.due_on
    for moment, late in ((DUE - SECOND, False), (DUE, True), (DUE + SECOND, True)):
        report.first_submitted_at = moment
        assert report.is_late is late
        assert (moment >= report.period.due_at) is late
    report.refresh_from_db()
    assert report.was_due_on is None
    with at(DUE - SECOND):
        submitted(report)
    there = RegencyReport.objects.select_related("period").get(pk=report.pk)
    assert there.is_late is False and there.submitted_at == DUE - SECOND


def test_a_report_that_comes_a_second_late_stays_late(zone):
    report = make_report(is_open=False)
    with at(DUE):
        submitted(report)
    assert RegencyReport.objects.select_related("period").get(pk=report.pk).is_late is True


def test_a_second_before_the_lock_it_is_taken_and_a_second_later_refused(zone):
    report = make_report(is_open=False)
    officer = person("petugas", report.regency)
    for moment in (LOCK, LOCK + SECOND):
        with at(moment):
            assert not report.is_open()
            with pytest.raises(Closed):
                report.save_draft(typed(), by=officer)
    with at(LOCK - SECOND):
        assert report.is_open()
        report.save_draft(typed(), by=officer)
    with at(LOCK), pytest.raises(Closed):
        report.submit(fill(report), by=officer)
    with at(LOCK - SECOND):
        report.submit(fill(report), by=officer)
    assert report.status == Status.SUBMITTED and report.submitted_at == LOCK - SECOND


def test_it_opens_at_midnight_and_an_extension_ends_at_midnight(zone):
    report = make_report(is_open=False)
    opens = wita(2026, 1, 1)
    assert [report.is_open(moment) for moment in (opens - SECOND, opens)] == [False, True]
    report.extend(until=date(2026, 3, 1), reason="Banjir", by=person("verifikator"), now=LOCK)
    assert [report.is_open(moment) for moment in (LOCK, wita(2026, 3, 2) - SECOND, wita(2026, 3, 2))] == [
        True,
        True,
        False,
    ]


def test_an_extension_may_end_today_and_not_yesterday_in_kalimantan(zone):
    report = make_report(is_open=False)
    midnight = wita(2026, 3, 2)
    report.refuse_until(date(2026, 3, 1), midnight - SECOND)
    with pytest.raises(StepRefused):
        report.refuse_until(date(2026, 3, 1), midnight)


def test_control_the_machines_own_midnight_is_another_moment(zone):
    """What would be compared if anything asked the process for its day: the tests above are known to bite."""
    naive = datetime(2026, 1, 11).timestamp()  # noqa: DTZ001
    assert naive != DUE.timestamp()


@pytest.mark.same_on_both
@pytest.mark.parametrize("zone", ZONES)
def test_a_process_that_starts_in_another_zone_agrees(zone):
    code = (
        "import django; django.setup()\n"
        "from datetime import date\n"
        "from reporting.models import Period\n"
        "period = Period(opens_on=date(2026, 1, 1), due_on=date(2026, 1, 10), locks_on=date(2026, 2, 14))\n"
        f"assert period.due_at.timestamp() == {DUE.timestamp()}, period.due_at\n"
        f"assert period.locks_at.timestamp() == {LOCK.timestamp()}, period.locks_at\n"
    )
    environment = {"TZ": zone, "DJANGO_SETTINGS_MODULE": "tests.settings", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("state", [Status.DRAFT, Status.RETURNED, Status.REOPENED])
def test_a_form_that_is_not_ready_is_not_submitted(state):
    report, officer = world(state, "open", "petugas")
    report.save_draft({"lines": {}}, by=officer)
    before = left(report)
    with pytest.raises(NotReady):
        report.submit(fill(report), by=officer)
    assert left(report) == before

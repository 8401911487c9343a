"""The table of steps: every pair of stages, by hand and beside the code's own table; and who may take which."""

import pytest

from accounts.roles import PERMISSIONS, Role
from assistance import procedure
from assistance.corrections import record_amount
from assistance.models import Package, PackageDocument, PackageStep
from assistance.stages import NEEDS, WAY, Stage, may_follow, skipped
from common.models import StepRefused
from tests.assistance.aid import DAYS, at_stage, fresh, make_document, make_kind, proposed, step_to
from tests.factories import make_user

pytestmark = pytest.mark.django_db

S = Stage
# What may follow what for aid that is procured; the handover has a verb of its own, which tests/assistance/
# test_handovers.py looks at.
ALLOWED = {
    S.PROPOSED: {S.VERIFIED, S.RECOMMENDED, S.BUDGETED, S.DECREED, S.REFUSED, S.CANCELLED},
    S.VERIFIED: {S.RECOMMENDED, S.BUDGETED, S.DECREED, S.REFUSED, S.CANCELLED},
    S.RECOMMENDED: {S.BUDGETED, S.DECREED, S.REFUSED, S.CANCELLED},
    S.BUDGETED: {S.DECREED, S.CANCELLED},
    S.DECREED: {S.PROCURED, S.CANCELLED},
    S.PROCURED: {S.CANCELLED},
    S.HANDED_OVER: {S.USE_REPORTED, S.MONITORED, S.CLOSED, S.WITHDRAWN},
    S.USE_REPORTED: {S.MONITORED, S.CLOSED, S.WITHDRAWN},
    S.MONITORED: {S.CLOSED, S.WITHDRAWN},
    S.CLOSED: {S.WITHDRAWN},
    S.REFUSED: set(),
    S.CANCELLED: set(),
    S.WITHDRAWN: set(),
}
PAIRS = [(was, to) for was in S for to in S]
ILLEGAL = [(was, to) for was, to in PAIRS if to not in ALLOWED[was]]


def standing_at(stage):
    """A package that simply stands there: how it came there is not what these tests ask."""
    package = proposed()
    Package.objects.filter(pk=package.pk).update(stage=stage)
    return fresh(package)


@pytest.mark.same_on_both
@pytest.mark.parametrize(("was", "to"), ILLEGAL, ids=str)
def test_a_step_outside_the_table_changes_nothing(was, to):
    package = standing_at(was)
    verifier = make_user("verifikator")
    papers = {paper: make_document(paper, DAYS[S.WITHDRAWN], by=verifier) for paper in package.papers(to)}
    for paper in papers.values():
        PackageDocument.objects.create(package=package, document=paper)
    first = papers[package.papers(to)[0]]
    with pytest.raises(StepRefused, match=r"tidak dapat langsung|sudah dilakukan|Paket menjadi"):
        procedure.take(to, [package], document=first, by=verifier, reason="Uji", earlier_reason="Uji")
    after = fresh(package)
    assert (after.stage, after.version) == (was, package.version)
    assert PackageStep.objects.count() == 1


@pytest.mark.parametrize(("was", "to"), [(was, to) for was in S for to in sorted(ALLOWED[was])], ids=str)
def test_a_step_inside_the_table_leads_there(was, to):
    package = at_stage(was)
    if to in {S.BUDGETED, S.DECREED}:
        record_amount(package, "planned", 187_500_000, by=make_user("staf_provinsi"))
    if to == S.PROCURED:
        record_amount(fresh(package), "contracted", 187_500_000, by=make_user("staf_provinsi"))
    moved = step_to(package, to, reason="Untuk pengujian")
    assert moved.stage == to
    step = moved.steps.last()
    assert (step.was, step.to) == (was, to)
    assert step.document.paper == NEEDS[to].papers[0]
    assert step.dated_on == DAYS[to]


def test_the_handover_is_never_a_step_by_itself():
    package = standing_at(S.PROCURED)
    with pytest.raises(StepRefused, match="serah terima"):
        step_to(package, S.HANDED_OVER)


@pytest.mark.same_on_both
@pytest.mark.parametrize("was", WAY)
@pytest.mark.parametrize("to", WAY)
def test_what_lies_between_is_skipped_in_its_order(was, to):
    between = WAY[WAY.index(was) + 1 : WAY.index(to)]
    assert skipped(was, to) == between
    assert skipped(was, to, without={S.PROCURED}) == tuple(one for one in between if one != S.PROCURED)


def test_neither_decree_nor_handover_is_ever_skipped():
    for was in WAY[: WAY.index(S.DECREED)]:
        for to in WAY[WAY.index(S.DECREED) + 1 :]:
            assert not may_follow(was, to), (was, to)
    for was in WAY[: WAY.index(S.HANDED_OVER)]:
        for to in WAY[WAY.index(S.HANDED_OVER) + 1 :]:
            assert not may_follow(was, to), (was, to)


def test_a_permit_is_not_procured_and_owes_no_report():
    permit = make_kind(
        "Kemudahan perizinan",
        nature="permit",
        has_units=False,
        has_procurement=False,
        has_use_report=False,
        visit_months="",
    )
    assert permit.without == {S.PROCURED, S.USE_REPORTED, S.MONITORED}
    assert not may_follow(S.DECREED, S.PROCURED, without=permit.without)
    assert may_follow(S.DECREED, S.HANDED_OVER, without=permit.without)
    assert skipped(S.DECREED, S.HANDED_OVER, without=permit.without) == ()
    assert skipped(S.HANDED_OVER, S.CLOSED, without=permit.without) == ()


# -- Who ----------------------------------------------------------------------------------------------

STAFF, VERIFIER, OFFICER = Role.PROVINCE_STAFF, Role.VERIFIER, Role.OFFICER
TAKES = {
    S.PROPOSED: {STAFF, OFFICER},
    S.VERIFIED: {VERIFIER},
    S.RECOMMENDED: {VERIFIER},
    S.BUDGETED: {STAFF},
    S.DECREED: {VERIFIER},
    S.PROCURED: {STAFF},
    S.HANDED_OVER: {VERIFIER},
    S.USE_REPORTED: {STAFF},
    S.MONITORED: {STAFF},
    S.CLOSED: {VERIFIER},
    S.REFUSED: {VERIFIER},
    S.CANCELLED: {VERIFIER},
    S.WITHDRAWN: {VERIFIER},
}


@pytest.mark.parametrize("stage", S)
def test_who_may_take_a_step(stage):
    may = {role for role in Role if NEEDS[stage].permission in PERMISSIONS[role]}
    assert may == TAKES[stage] | {Role.ADMINISTRATOR}

"""Many at once at one package and one programme: never more than there is, and everybody is told (P3, P13)."""

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connections

from assistance import procedure
from assistance.corrections import record_amount
from assistance.models import Handover, Holding, Package, Programme, hand_over
from assistance.models.package import PackageQuerySet
from assistance.stages import Paper, Stage
from common.models import ChangedMeanwhile, StepRefused
from tests.assistance.aid import DAYS, at_stage, fresh, handed, make_document, make_kind, make_programme, proposed
from tests.concurrency.test_register import at_once
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)

HANDOVERS = int(os.environ.get("AID_HANDOVERS", "500"))
LEFT = HANDOVERS * 3 // 5
# As many at work at once as a large server lets in; the others stand in the queue, as they would there.
WORKERS = 16
GIVEN, TOLD, WALL = "given", "told", "wall"


def ready(quantity):
    """A package without units, procured, its papers attached; with its BAST and who enters."""
    kind = make_kind("Peralatan usaha", nature="goods", has_units=False)
    package = at_stage(Stage.PROCURED, kind=kind, quantity=quantity)
    for paper in package.papers(Stage.HANDED_OVER)[1:]:
        procedure.attach(package, make_document(paper, DAYS[Stage.PROCURED]))
    return fresh(package), make_document(Paper.BAST, DAYS[Stage.HANDED_OVER]), make_user("staf_provinsi")


def race(package, bast, by, count):
    """Enter so many handovers of one thing each at once; how many were given, told, or stopped by the database."""

    papers = [make_document(Paper.BAST, bast.dated_on, by=by) for _number in range(count)]

    def enter(number):
        try:
            document = papers[number]
            hand_over(package, quantity=1, handed_on=bast.dated_on, document=document, received_by="Penerima", by=by)
        except StepRefused:
            return TOLD
        except IntegrityError:
            return WALL
        finally:
            connections.close_all()
        return GIVEN

    with ThreadPoolExecutor(WORKERS) as pool:
        return Counter(pool.map(enter, range(count)))


def test_handovers_at_once_never_exceed_the_quantity():
    package, bast, by = ready(LEFT)
    assert race(package, bast, by, HANDOVERS) == {GIVEN: LEFT, TOLD: HANDOVERS - LEFT}
    assert fresh(package).handed_count == LEFT == Handover.objects.count()


@pytest.fixture
def careless(monkeypatch):
    """The conditional update loses its condition on the quantity."""
    original = PackageQuerySet.filter

    def without_condition(self, *args, **conditions):
        conditions.pop("quantity__gte", None)
        return original(self, *args, **conditions)

    monkeypatch.setattr(PackageQuerySet, "filter", without_condition)


def test_control_without_the_condition_the_database_is_the_second_wall(careless):
    package, bast, by = ready(6)
    answers = race(package, bast, by, 20)
    assert answers == {GIVEN: 6, WALL: 14}


def test_packages_budgeted_at_once_never_exceed_the_ceiling():
    programme = make_programme(ceiling=50_000_000)
    by, verifier = make_user("staf_provinsi"), make_user("verifikator")
    packages = []
    for _number in range(16):
        package = proposed(programme=programme)
        record_amount(package, "planned", 10_000_000, by=by)
        packages.append(fresh(package))
    dpa = make_document(Paper.DPA, DAYS[Stage.BUDGETED])

    def budget(package):
        return procedure.take(Stage.BUDGETED, [package], document=dpa, by=verifier, reason="Uji")

    answers = at_once(*(lambda package=package: budget(package) for package in packages))
    refused = [answer for answer in answers if isinstance(answer, StepRefused)]
    assert len(refused) == 11, answers
    assert Programme.objects.get(pk=programme.pk).committed == 50_000_000
    assert Package.objects.filter(stage=Stage.BUDGETED).count() == 5


def test_of_two_who_confirm_at_once_one_does():
    handover = handed(at_stage(Stage.PROCURED), confirm=False)
    people = [make_user("verifikator") for _person in range(6)]

    def confirm(person):
        return Handover.objects.get(pk=handover.pk).confirm(by=person)

    answers = at_once(*(lambda person=person: confirm(person) for person in people))
    assert answers.count(None) == 1, answers
    assert all(isinstance(answer, StepRefused) for answer in answers if answer is not None)
    assert Holding.objects.count() == 5
    assert fresh(handover.package).confirmed_count == 5


def test_of_confirm_and_reject_at_once_one_wins():
    handover = handed(at_stage(Stage.PROCURED), confirm=False)
    verifier, other = make_user("verifikator"), make_user("verifikator")
    answers = at_once(
        lambda: Handover.objects.get(pk=handover.pk).confirm(by=verifier),
        lambda: Handover.objects.get(pk=handover.pk).reject(by=other, reason="Salah"),
    )
    assert answers.count(None) == 1, answers
    handover.refresh_from_db()
    assert fresh(handover.package).handed_count == (5 if handover.state == "confirmed" else 0)


def test_a_step_and_a_cancellation_at_once():
    package = at_stage(Stage.DECREED)
    record_amount(package, "contracted", 1, by=make_user("staf_provinsi"))
    first, second = fresh(package), fresh(package)
    contract = make_document(Paper.CONTRACT, DAYS[Stage.PROCURED])
    letter = make_document(Paper.LETTER, DAYS[Stage.CANCELLED])
    by = make_user("verifikator")
    answers = at_once(
        lambda: procedure.take(Stage.PROCURED, [first], document=contract, by=by),
        lambda: procedure.take(Stage.CANCELLED, [second], document=letter, by=by, reason="Batal"),
    )
    # Whoever comes second is told that it changed, or, a moment later, that this does not follow any more.
    assert sum(isinstance(answer, ChangedMeanwhile | StepRefused) for answer in answers) == 1, answers
    assert package.steps.count() == 6

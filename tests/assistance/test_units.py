"""Units: their codes, who holds them, when they are looked at, and what they stand in the way of."""

import re
from datetime import date, timedelta

import pytest

from assistance.corrections import correct_unit, register_units
from assistance.models import Holding, Package, State, Unit, Visit
from assistance.models.unit import ALPHABET, months_after, new_code, next_visit, one_spelling, read_code, visits_met
from assistance.stages import Stage
from common.dates import today
from common.models import StepRefused
from cooperatives import merging
from cooperatives.models import Status
from tests.assistance.aid import add_units, at_stage, fresh, make_kind, make_recipient, proposed, step_to
from tests.factories import make_cooperative, make_user

pytestmark = pytest.mark.django_db


def delivered(**values):
    """The first unit of a package that was handed over."""
    return at_stage(Stage.HANDED_OVER, **values).units.select_related("package__kind").first()


def observe(unit, state=State.IN_USE, on=date(2025, 2, 20), **options):
    unit = Unit.objects.select_related("package__kind").get(pk=unit.pk)
    unit.observe(state=state, on=on, by=make_user("petugas"), basis="Kunjungan", **options)
    unit.refresh_from_db()
    return unit


# -- Codes --------------------------------------------------------------------------------------------


def test_a_code_is_twelve_signs_that_nobody_confuses():
    codes = {new_code() for _code in range(500)}
    assert len(codes) == 500
    for code in codes:
        assert re.fullmatch(r"[2-9A-HJKMNP-TV-Z]{4}(-[2-9A-HJKMNP-TV-Z]{4}){2}", code)
    assert set("01ILOU").isdisjoint(ALPHABET)


@pytest.mark.parametrize("typed", ["7Q2M-R4XE-9KPW", "7q2mr4xe9kpw", " 7q2m r4xe 9kpw "])
def test_a_code_is_read_however_it_is_typed(typed):
    assert read_code(typed) == "7Q2M-R4XE-9KPW"


@pytest.mark.parametrize("typed", ["", "7Q2M", "7Q2M-R4XE-9KP0", "7Q2M-R4XE-9KPWX", "/../", "x" * 5000])
def test_what_is_no_code_is_none(typed):
    assert read_code(typed) == ""


# -- Registering --------------------------------------------------------------------------------------


def test_no_more_units_than_the_package_has():
    package = proposed()
    add_units(package, 5)
    with pytest.raises(StepRefused, match="berisi 5"):
        add_units(package, 1)


def test_a_number_that_another_unit_bears_wants_a_reason():
    first, second = proposed(), proposed()
    by = make_user("staf_provinsi")
    (unit,) = register_units(fresh(first), [Unit(frame_number="MH1-77")], by=by)
    with pytest.raises(StepRefused, match=unit.code):
        register_units(fresh(second), [Unit(frame_number="MH1-77")], by=by)
    register_units(fresh(second), [Unit(frame_number="MH1-77", repeat_reason="Ditarik dan diberikan lagi")], by=by)


@pytest.mark.parametrize("typed", ["MH1-77 ab", "mh177AB", "MH1 77-AB"])
def test_a_number_is_one_however_it_is_typed(typed):
    by = make_user("staf_provinsi")
    register_units(fresh(proposed()), [Unit(frame_number="MH1 77AB")], by=by)
    with pytest.raises(StepRefused, match="nomor rangka"):
        register_units(fresh(proposed()), [Unit(frame_number=typed)], by=by)


def test_a_plate_is_written_in_its_parts():
    assert one_spelling("plate_number", "kt1234ab") == one_spelling("plate_number", "KT 1234-AB") == "KT 1234 AB"


def test_a_unit_that_was_handed_over_is_corrected_with_a_reason():
    unit = delivered()
    unit.frame_number = "MH1"
    with pytest.raises(StepRefused, match="alasan"):
        correct_unit(unit, by=make_user("staf_provinsi"))
    correct_unit(unit, by=make_user("staf_provinsi"), reason="Salah baca")
    assert unit.history.first().history_change_reason == "Salah baca"


# -- Visits -------------------------------------------------------------------------------------------

HANDED = date(2024, 11, 18)


@pytest.mark.parametrize(
    ("last", "due"),
    [
        (None, date(2025, 2, 18)),
        (HANDED, date(2025, 2, 18)),
        (date(2024, 12, 1), date(2025, 2, 18)),
        (date(2025, 1, 18), date(2025, 2, 18)),
        (date(2025, 1, 19), date(2025, 11, 18)),
        (date(2025, 2, 18), date(2025, 11, 18)),
        (date(2025, 2, 19), date(2025, 11, 18)),
        (date(2025, 10, 18), date(2025, 11, 18)),
        (date(2025, 10, 19), date(2026, 11, 18)),
        (date(2025, 11, 19), date(2026, 11, 18)),
        (date(2027, 1, 1), None),
    ],
)
def test_the_next_visit_is_the_first_that_nothing_met(last, due):
    assert next_visit(HANDED, last, (3, 12, 24)) == due


@pytest.mark.parametrize(
    ("days", "met"),
    [
        ([], 0),
        ([date(2025, 2, 20)], 1),
        ([date(2025, 2, 20), date(2025, 3, 1)], 1),
        ([date(2025, 11, 1)], 1),
        ([date(2025, 2, 1), date(2025, 12, 1)], 2),
        ([date(2027, 5, 5)], 1),
        ([date(2024, 11, 20)], 0),
    ],
)
def test_a_visit_counts_for_the_day_that_it_belongs_to(days, met):
    """A missed one is not made up for by the next."""
    assert visits_met(HANDED, (3, 12, 24), days) == met


def test_without_a_day_of_handover_no_visit_is_scheduled():
    assert next_visit(None, None, (3, 12, 24)) is None
    assert next_visit(HANDED, None, ()) is None


@pytest.mark.parametrize(
    ("day", "months", "wanted"),
    [
        (date(2024, 11, 30), 3, date(2025, 2, 28)),
        (date(2023, 11, 30), 3, date(2024, 2, 29)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 12, 31), 12, date(2025, 12, 31)),
    ],
)
def test_months_end_where_the_month_ends(day, months, wanted):
    assert months_after(day, months) == wanted


def test_what_was_found_becomes_the_state_of_the_unit():
    unit = observe(delivered(), State.BROKEN, condition="heavy")
    assert (unit.state, unit.condition, unit.last_seen_on) == ("broken", "heavy", date(2025, 2, 20))
    assert unit.next_visit_on == date(2025, 11, 18)


def test_another_holder_is_written_down_and_the_one_before_kept():
    unit = observe(delivered(), holding=Holding(holder="group", name="Kelompok pasar Melak"))
    now, before = unit.holding, unit.holdings.exclude(until=None).get()
    assert (now.name, now.since) == ("Kelompok pasar Melak", date(2025, 2, 20))
    assert (before.holder, before.until) == ("recipient", date(2025, 2, 20))
    assert unit.holder_cooperative is None


def test_a_visit_that_arrives_late_does_not_undo_a_newer_one():
    unit = observe(delivered(), State.BROKEN, on=date(2025, 3, 1))
    unit = observe(unit, State.IN_USE, on=date(2025, 2, 1))
    assert (unit.state, unit.last_seen_on) == ("broken", date(2025, 3, 1))


def test_not_seen_is_not_verified():
    unit = observe(delivered(), State.IDLE, is_seen=False)
    assert unit.last_seen_on is None
    assert not Unit.objects.verified_since(date(2024, 1, 1)).exists()


@pytest.mark.parametrize("on", [HANDED - timedelta(days=1), today() + timedelta(days=1)])
def test_a_visit_lies_between_the_handover_and_today(on):
    with pytest.raises(StepRefused):
        observe(delivered(), on=on)


def test_a_person_who_holds_a_unit_is_public_by_initials_only():
    assert Holding(holder="person", name="Siti Aminah").public_name == "S. A."
    assert Holding(holder="group", name="Kelompok pasar Melak").public_name == "Kelompok pasar Melak"


# -- What units stand in the way of -------------------------------------------------------------------


def test_a_cooperative_that_holds_units_is_not_dissolved_merged_or_voided():
    package = at_stage(Stage.HANDED_OVER)
    cooperative = package.recipient.cooperative
    by = make_user("verifikator")
    for status in (Status.DISSOLVED, Status.MERGED):
        with pytest.raises(StepRefused, match="5 unit bantuan"):
            cooperative.record_status(status, since=today(), basis="SK", by=by)
    with pytest.raises(StepRefused, match="5 unit bantuan"):
        cooperative.void(reason="Salah", by=by)
    other = make_cooperative("KSU Lain", regency=cooperative.regency)
    with pytest.raises(StepRefused, match="5 unit bantuan"):
        merging.plan(cooperative, into=other)


def test_once_the_units_are_withdrawn_it_can_be_dissolved():
    package = at_stage(Stage.WITHDRAWN)
    assert set(package.units.values_list("state", flat=True)) == {State.WITHDRAWN}
    assert {unit.holding.holder for unit in package.units.all()} == {Holding.Holder.OFFICE}
    cooperative = package.recipient.cooperative
    cooperative.record_status(Status.DISSOLVED, since=today(), basis="SK", by=make_user("verifikator"))
    assert cooperative.status == Status.DISSOLVED


def test_a_unit_that_somebody_else_holds_stands_in_the_way_of_nobody():
    unit = delivered(quantity=1)
    cooperative = unit.package.recipient.cooperative
    observe(unit, holding=Holding(holder="group", name="Kelompok B"))
    assert cooperative.blockers() == []


def test_a_merged_double_takes_its_aid_along():
    package = proposed()
    double = package.recipient.cooperative
    survivor = make_cooperative("KSU Anggrek Asli", regency=double.regency)
    merging.merge(double, into=survivor, reason="Ganda", by=make_user("verifikator"))
    assert list(Package.objects.of_cooperative(survivor)) == [package]


# -- Old aid ------------------------------------------------------------------------------------------


def test_units_of_old_aid_are_with_their_recipient_known_day_or_not():
    from assistance.procedure import enter_historical

    recipient = make_recipient()
    unknown = Package(kind=make_kind(), recipient=recipient, regency=recipient.regency)
    old = enter_historical(unknown, Stage.HANDED_OVER, by=None)
    (unit,) = register_units(fresh(old), [Unit(maker="Viar")], by=make_user("staf_provinsi"))
    assert (unit.is_delivered, unit.handed_on, unit.next_visit_on) == (True, None, None)
    assert unit.holder_cooperative == old.recipient.cooperative
    assert observe(unit, on=date(2020, 1, 1)).last_seen_on == date(2020, 1, 1)


def test_withdrawing_says_it_in_the_history():
    package = at_stage(Stage.HANDED_OVER)
    step_to(package, Stage.WITHDRAWN, reason="Tidak dipakai")
    unit = package.units.first()
    assert unit.history.first().state == State.WITHDRAWN


def test_a_cooperative_is_not_dissolved_while_aid_is_on_its_way_to_it():
    package = at_stage(Stage.PROCURED)
    cooperative = package.recipient.cooperative
    with pytest.raises(StepRefused, match="1 penerima bantuan"):
        cooperative.record_status(Status.DISSOLVED, since=today(), basis="SK", by=make_user("verifikator"))
    step_to(package, Stage.CANCELLED, reason="Koperasi akan dibubarkan")
    cooperative.record_status(Status.DISSOLVED, since=today(), basis="SK", by=make_user("verifikator"))


def test_nobody_visits_what_was_withdrawn():
    from assistance.visiting import _observe_unit

    unit = delivered()
    observe(unit, State.LOST)
    step_to(unit.package, Stage.WITHDRAWN, reason="Tidak dipakai")
    visit = Visit(unit=unit, package=unit.package, visited_on=today(), state=State.IN_USE, by=make_user("petugas"))
    with pytest.raises(StepRefused, match="ditarik"):
        _observe_unit(unit.package, visit)

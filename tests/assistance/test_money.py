"""Money: whole rupiah, never beyond the ceiling or the contract, corrections as new rows."""

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum

from assistance.corrections import correct_quantity, record_amount, revise, take_out
from assistance.models import AmountRow, Package, Programme
from assistance.stages import Stage
from common.models import ChangedMeanwhile, StepRefused
from tests.assistance.aid import (
    DAYS,
    add_units,
    at_stage,
    fresh,
    handed,
    make_document,
    make_kind,
    make_programme,
    proposed,
    step_to,
)
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def amount(package, what, value, **options):
    return record_amount(fresh(package), what, value, by=make_user("staf_provinsi"), **options)


def taken(programme):
    """What the programme says is taken up, and what its packages take up."""
    held = Package.objects.filter(programme=programme).aggregate(all=Sum("committed_amount"))["all"] or 0
    return Programme.objects.get(pk=programme.pk).committed, held


def test_a_proposal_takes_up_nothing_and_a_budgeted_package_its_planned_value():
    programme = make_programme()
    package = proposed(programme=programme)
    amount(package, "planned", 187_500_000)
    assert taken(programme) == (0, 0)
    step_to(package, Stage.BUDGETED, reason="Uji")
    assert taken(programme) == (187_500_000, 187_500_000)


def test_the_contract_replaces_the_plan_and_a_cancelled_package_gives_back():
    programme = make_programme()
    package = at_stage(Stage.DECREED, programme=programme)
    amount(package, "contracted", 180_000_000)
    assert taken(programme) == (180_000_000, 180_000_000)
    step_to(package, Stage.CANCELLED, reason="Lelang gagal")
    assert taken(programme) == (0, 0)


def test_never_beyond_the_ceiling():
    programme = make_programme(ceiling=300_000_000)
    at_stage(Stage.BUDGETED, programme=programme)
    second = proposed(programme=programme)
    amount(second, "planned", 150_000_000)
    with pytest.raises(StepRefused, match=r"Pagu.*Rp\s300\.000\.000.*Rp\s187\.500\.000.*Rp\s150\.000\.000"):
        step_to(second, Stage.BUDGETED, reason="Uji")
    assert fresh(second).stage == Stage.PROPOSED
    assert taken(programme) == (187_500_000, 187_500_000)


def test_the_database_is_the_second_wall():
    programme = make_programme(ceiling=10)
    with pytest.raises(IntegrityError), transaction.atomic():
        Programme.objects.filter(pk=programme.pk).update(committed=11)


def test_a_raised_contract_asks_the_ceiling_again():
    programme = make_programme(ceiling=190_000_000)
    package = at_stage(Stage.PROCURED, programme=programme)
    with pytest.raises(StepRefused, match="Pagu"):
        amount(package, "contracted", 190_000_001, reason="Adendum")
    amount(package, "contracted", 190_000_000, reason="Adendum")
    assert taken(programme) == (190_000_000, 190_000_000)


def test_no_more_is_realised_than_the_contract_says():
    package = at_stage(Stage.HANDED_OVER)
    with pytest.raises(StepRefused, match="lebih besar daripada kontrak"):
        amount(package, "realised", 187_500_001)
    amount(package, "realised", 187_500_000)
    assert fresh(package).amount == 187_500_000


def test_a_correction_is_a_new_row_with_its_reason():
    package = proposed()
    amount(package, "planned", 100)
    with pytest.raises(StepRefused, match="alasan"):
        amount(package, "planned", 120)
    amount(package, "planned", 120, reason="Salah ketik")
    rows = AmountRow.objects.filter(package=package).values_list("was", "amount", "reason")
    assert list(rows) == [(None, 100, ""), (100, 120, "Salah ketik")]


def test_the_same_value_again_changes_nothing():
    package = proposed()
    amount(package, "planned", 100)
    assert amount(package, "planned", 100) is None
    assert AmountRow.objects.count() == 1


def test_two_who_correct_at_once():
    package = proposed()
    first, second = fresh(package), fresh(package)
    record_amount(first, "planned", 100, by=make_user("staf_provinsi"))
    with pytest.raises(ChangedMeanwhile):
        record_amount(second, "planned", 200, by=make_user("staf_provinsi"))


def test_the_decree_fixes_what_is_given():
    package = at_stage(Stage.DECREED)
    with pytest.raises(StepRefused, match="jumlah"):
        revise(package, {"quantity": 6}, by=make_user("staf_provinsi"))
    assert revise(fresh(package), {"place": "Pasar Melak"}, by=make_user("staf_provinsi"))
    assert "pasar melak" in fresh(package).search


def test_a_wrong_entry_is_taken_out_with_what_it_took_up():
    programme = make_programme()
    package = at_stage(Stage.DECREED, programme=programme)
    with pytest.raises(StepRefused):
        take_out(package, reason="", by=make_user("verifikator"))
    take_out(fresh(package), reason="Dimasukkan dua kali", by=make_user("verifikator"))
    assert taken(programme) == (0, 0)
    assert not Package.objects.public().exists()
    assert Package.history.filter(id=package.pk).count() >= 2


def test_what_was_handed_over_is_not_taken_out():
    package = at_stage(Stage.PROCURED)
    handed(package, confirm=False)
    with pytest.raises(StepRefused, match="Tariklah"):
        take_out(fresh(package), reason="Salah", by=make_user("verifikator"))


def test_only_old_programmes_lack_year_and_money():
    with pytest.raises(IntegrityError), transaction.atomic():
        make_programme(fiscal_year=None)
    make_programme("Lama", fiscal_year=None, funding="", ceiling=None, is_historical=True)


def test_only_old_packages_lack_recipient_and_quantity():
    package = proposed()
    for column in ("recipient", "regency", "quantity", "programme"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Package.objects.filter(pk=package.pk).update(**{column: None})


def test_no_step_row_without_document_and_day():
    package = proposed()
    with pytest.raises(IntegrityError), transaction.atomic():
        package.steps.create(was="proposed", to="verified", by=make_user(), document=None)
    package.steps.create(
        was="proposed", to="verified", by=make_user(), document=make_document(), dated_on=DAYS[Stage.VERIFIED]
    )


def test_a_quantity_is_never_below_the_units_that_are_registered():
    package = proposed()
    add_units(package, 4)
    with pytest.raises(StepRefused, match="4 unit"):
        revise(fresh(package), {"quantity": 3}, by=make_user("staf_provinsi"))
    decreed = at_stage(Stage.DECREED)
    add_units(decreed, 4)
    with pytest.raises(StepRefused, match="4 unit"):
        correct_quantity(fresh(decreed), 3, by=make_user("staf_provinsi"), reason="Salah")


def test_a_kind_stays_once_units_are_registered():
    package = proposed()
    add_units(package, 1)
    other = make_kind("Gerobak PKL", nature="goods")
    with pytest.raises(StepRefused, match="jenisnya tetap"):
        revise(fresh(package), {"kind": other}, by=make_user("staf_provinsi"))

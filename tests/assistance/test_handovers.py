"""Handing over: never more than there is, four eyes, and what follows from the confirmation."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from assistance import procedure
from assistance.corrections import correct_quantity
from assistance.models import Handover, Holding, Package, State, Unit, hand_over
from assistance.procedure import Said
from assistance.stages import Paper, Stage
from common.dates import today
from common.models import StepRefused
from tests.assistance.aid import DAYS, add_units, at_stage, fresh, handed, make_document, make_kind
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def procured(**values):
    return at_stage(Stage.PROCURED, **values)


def papers(package):
    for paper in package.papers(Stage.HANDED_OVER)[1:]:
        procedure.attach(package, make_document(paper, DAYS[Stage.PROCURED]))


def enter(package, quantity=5, *, units=None, by=None, day=DAYS[Stage.HANDED_OVER], **options):
    bast = options.pop("document", None) or make_document(Paper.BAST, day)
    return hand_over(
        fresh(package),
        quantity=quantity,
        handed_on=day,
        document=bast,
        received_by="Ibu Ketua",
        by=by or make_user("staf_provinsi"),
        units=units if units is not None else list(package.units.filter(handover=None)[:quantity]),
        **options,
    )


def test_a_confirmed_handover_gives_each_unit_to_the_recipient():
    package = procured()
    handed(package)
    package = fresh(package)
    assert (package.stage, package.handed_over_on) == (Stage.HANDED_OVER, DAYS[Stage.HANDED_OVER])
    assert package.use_report_due_on == date(2025, 1, 10)
    for unit in Unit.objects.all():
        assert (unit.state, unit.is_delivered) == (State.IN_USE, True)
        assert unit.holder_cooperative == package.recipient.cooperative
        assert unit.next_visit_on == date(2025, 2, 18)
        assert (unit.holding.holder, unit.holding.since) == (Holding.Holder.RECIPIENT, DAYS[Stage.HANDED_OVER])


def test_before_the_confirmation_nobody_has_anything():
    package = procured()
    handed(package, confirm=False)
    package = fresh(package)
    assert (package.stage, package.handed_count, package.confirmed_count) == (Stage.PROCURED, 5, 0)
    assert not Unit.objects.handed_over().exists()


def test_a_part_at_a_time_until_all_is_handed_over():
    package = procured()
    handed(package, 3)
    assert (fresh(package).stage, fresh(package).confirmed_count) == (Stage.PROCURED, 3)
    later = DAYS[Stage.HANDED_OVER] + timedelta(days=9)
    handed(package, 2, handed_on=later)
    assert (fresh(package).stage, fresh(package).handed_over_on) == (Stage.HANDED_OVER, later)


def test_never_more_than_the_package_has():
    package = procured()
    add_units(package)
    handed(package, 4)
    with pytest.raises(StepRefused, match="Tinggal 1 dari 5"):
        enter(package, 2, units=list(package.units.all()[3:5]))
    assert fresh(package).handed_count == 4


def test_the_database_is_the_second_wall():
    package = procured()
    with pytest.raises(IntegrityError), transaction.atomic():
        Package.objects.filter(pk=package.pk).update(handed_count=6)
    handover = handed(package, confirm=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        Handover.objects.filter(pk=handover.pk).update(
            state="confirmed", decided_by=handover.entered_by, decided_at=handover.entered_at
        )


def test_who_entered_it_never_confirms_it_superuser_included():
    package = procured()
    person = make_user("administrator")
    person.is_superuser = True
    person.save()
    handover = handed(package, by=person, confirm=False)
    with pytest.raises(StepRefused, match="tidak mengonfirmasinya"):
        handover.confirm(by=person)
    assert fresh(package).stage == Stage.PROCURED


def test_a_second_confirmation_is_told_by_whom():
    handover = handed(procured(), confirm=False)
    first = make_user("verifikator", "vera", full_name="Vera")
    handover.confirm(by=first)
    with pytest.raises(StepRefused, match="Dikonfirmasi oleh Vera"):
        Handover.objects.get(pk=handover.pk).confirm(by=make_user("verifikator"))
    assert Holding.objects.count() == 5


def test_a_rejected_handover_gives_its_units_back():
    package = procured()
    handover = handed(package, confirm=False)
    with pytest.raises(StepRefused):
        handover.reject(by=make_user("verifikator"), reason=" ")
    handover.reject(by=make_user("verifikator"), reason="Jumlah salah")
    assert fresh(package).handed_count == 0
    handed(package)
    assert fresh(package).stage == Stage.HANDED_OVER


def test_a_unit_is_handed_over_once():
    package = procured()
    units = add_units(package)
    papers(package)
    enter(package, 2, units=units[:2])
    with pytest.raises(StepRefused, match="sudah diserahkan"):
        enter(package, 2, units=units[1:3])
    assert fresh(package).handed_count == 2


def test_units_of_another_package_are_not_taken():
    package, other = procured(), procured()
    foreign = add_units(other)
    papers(package)
    with pytest.raises(StepRefused):
        enter(package, 5, units=foreign)
    assert fresh(package).handed_count == 0


def test_the_number_of_units_is_that_of_the_handover():
    package = procured()
    units = add_units(package)
    papers(package)
    with pytest.raises(StepRefused, match="Pilih tepat unit"):
        enter(package, 5, units=units[:4])


def test_a_motorcycle_without_its_numbers_is_not_handed_over():
    kind = make_kind(has_frame_number=True, has_engine_number=True)
    package = procured(kind=kind)
    add_units(package)
    papers(package)
    with pytest.raises(StepRefused, match=r"nomor rangka, nomor mesin"):
        enter(package)


def test_a_building_needs_the_status_of_its_land():
    kind = make_kind("Gedung workshop", nature="building", has_land_status=True)
    package = procured(kind=kind, quantity=1)
    add_units(package)
    papers(package)
    with pytest.raises(StepRefused, match="Status tanah"):
        enter(package, 1)


def test_nphd_and_pact_come_first():
    package = procured()
    add_units(package)
    with pytest.raises(StepRefused, match=r"NPHD.*Pakta integritas"):
        enter(package)


def test_a_bast_that_says_otherwise_is_explained():
    package = procured()
    add_units(package)
    papers(package)
    with pytest.raises(StepRefused, match="BAST menyebut 4"):
        enter(package, said=Said(quantity=4))
    enter(package, said=Said(quantity=4, difference="Satu unit menyusul dengan adendum"))


def test_days_of_a_handover():
    package = procured()
    add_units(package)
    papers(package)
    with pytest.raises(StepRefused, match="masa depan"):
        enter(package, day=today() + timedelta(days=1))
    with pytest.raises(StepRefused, match="mendahului"):
        enter(package, day=DAYS[Stage.PROCURED] - timedelta(days=1))
    with pytest.raises(StepRefused, match="sesudah tanggal serah terima"):
        enter(package, document=make_document(Paper.BAST, DAYS[Stage.HANDED_OVER] + timedelta(days=1)))


def test_without_procurement_a_reason_is_asked_for():
    package = at_stage(Stage.DECREED)
    add_units(package)
    papers(package)
    with pytest.raises(StepRefused, match="Pengadaan"):
        enter(package)
    handover = enter(package, skip_reason="Dibeli langsung oleh penyumbang")
    handover.confirm(by=make_user("verifikator"))
    step = fresh(package).steps.last()
    assert (step.skipped, step.reason) == (["procured"], "Dibeli langsung oleh penyumbang")


def test_aid_without_units_is_handed_over_by_its_quantity():
    kind = make_kind("Permodalan", nature="capital", has_units=False, has_procurement=False)
    package = at_stage(Stage.DECREED, kind=kind, quantity=1)
    papers(package)
    enter(package, 1, units=[]).confirm(by=make_user("verifikator"))
    package = fresh(package)
    assert (package.stage, package.next_visit_on) == (Stage.HANDED_OVER, date(2025, 2, 18))


def test_a_quantity_corrected_to_what_was_handed_over_ends_the_handover():
    package = procured()
    handed(package, 4)
    with pytest.raises(StepRefused):
        correct_quantity(fresh(package), 3, by=make_user("staf_provinsi"), reason="Salah")
    correct_quantity(fresh(package), 4, by=make_user("staf_provinsi"), reason="Satu unit batal dikirim")
    assert fresh(package).stage == Stage.HANDED_OVER


def test_what_is_handed_over_in_part_cannot_be_cancelled():
    package = procured()
    handed(package, 2)
    letter = make_document(Paper.LETTER, DAYS[Stage.CANCELLED])
    with pytest.raises(StepRefused, match="Sebagian sudah diserahkan"):
        procedure.take(
            Stage.CANCELLED, [fresh(package)], document=letter, by=make_user("verifikator"), reason="Tidak jadi"
        )
    assert fresh(package).stage == Stage.PROCURED


def test_no_step_while_a_handover_waits():
    package = procured()
    handed(package, 2, confirm=False)
    letter = make_document(Paper.LETTER, DAYS[Stage.CANCELLED])
    with pytest.raises(StepRefused, match="menunggu konfirmasi"):
        procedure.take(Stage.CANCELLED, [fresh(package)], document=letter, by=make_user("verifikator"), reason="Uji")


def test_one_bast_hands_over_once():
    kind = make_kind("Peralatan usaha", nature="goods", has_units=False)
    package = procured(kind=kind)
    papers(package)
    bast = make_document(Paper.BAST, DAYS[Stage.HANDED_OVER])
    first = enter(package, 2, units=[], document=bast)
    with pytest.raises(StepRefused, match="serah terima lain"):
        enter(package, 2, units=[], document=bast)
    assert fresh(package).handed_count == 2
    first.reject(by=make_user("verifikator"), reason="Salah jumlah")
    enter(package, 5, units=[], document=bast)


def test_after_the_handover_nothing_comes_on_top():
    package = at_stage(Stage.HANDED_OVER)
    with pytest.raises(StepRefused, match="paket tersendiri"):
        correct_quantity(package, 9, by=make_user("staf_provinsi"), reason="Tambah")

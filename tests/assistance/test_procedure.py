"""What a step needs: its document, its day, a reason where something is skipped, agreement between the papers."""

from datetime import date, timedelta

import pytest

from assistance import procedure
from assistance.corrections import record_amount, register_units
from assistance.models import Package, PackageDocument, PackageStep, Unit
from assistance.procedure import ManyRefused, Said
from assistance.stages import Paper, Stage
from common.dates import today
from common.models import ChangedMeanwhile, DataVersion, StepRefused
from cooperatives.models import Status
from tests.assistance.aid import (
    DAYS,
    at_stage,
    fresh,
    make_document,
    make_kind,
    make_programme,
    make_recipient,
    new_package,
    proposed,
    step_to,
)
from tests.factories import make_regency, make_user

pytestmark = pytest.mark.django_db


def take(package, stage, document, **options):
    options.setdefault("earlier_reason", "Uji")
    return procedure.take(stage, [package], document=document, by=make_user("verifikator"), **options)


# -- Documents and days -------------------------------------------------------------------------------


def test_no_step_without_its_document():
    package = proposed()
    with pytest.raises(StepRefused, match="Berita acara verifikasi"):
        take(package, Stage.VERIFIED, make_document(Paper.OTHER))
    with pytest.raises(StepRefused, match="Berita acara verifikasi"):
        take(package, Stage.VERIFIED, None)
    assert fresh(package).stage == Stage.PROPOSED


def test_dates_follow_one_another():
    package = proposed()
    early = make_document(Paper.VERIFICATION, DAYS[Stage.PROPOSED] - timedelta(days=1))
    with pytest.raises(StepRefused, match="8 Januari 2024"):
        take(package, Stage.VERIFIED, early)
    future = make_document(Paper.VERIFICATION, today() + timedelta(days=1))
    with pytest.raises(StepRefused, match="masa depan"):
        take(package, Stage.VERIFIED, future)
    same_day = make_document(Paper.VERIFICATION, DAYS[Stage.PROPOSED])
    take(package, Stage.VERIFIED, same_day)
    assert fresh(package).stage == Stage.VERIFIED


def test_a_skipped_stage_wants_a_written_reason_and_is_kept_with_it():
    package = proposed()
    record_amount(package, "planned", 1, by=make_user("staf_provinsi"))
    dpa = make_document(Paper.DPA, DAYS[Stage.BUDGETED])
    with pytest.raises(StepRefused, match=r"Diverifikasi.*Direkomendasikan"):
        take(fresh(package), Stage.BUDGETED, dpa, reason="  ")
    (step,) = take(fresh(package), Stage.BUDGETED, dpa, reason="Pokok pikiran DPRD")
    assert step.skipped == ["verified", "recommended"]
    assert step.reason == "Pokok pikiran DPRD"
    assert procedure.missing_stages(fresh(package)) == [Stage.VERIFIED, Stage.RECOMMENDED]


def test_the_papers_of_a_skipped_stage_may_be_filed_later():
    package = proposed()
    package = step_to(package, Stage.RECOMMENDED, reason="Berkas menyusul")
    late = make_document(Paper.VERIFICATION, DAYS[Stage.VERIFIED])
    procedure.make_up(package, Stage.VERIFIED, document=late, by=make_user("staf_provinsi"))
    package = fresh(package)
    assert package.stage == Stage.RECOMMENDED
    assert procedure.missing_stages(package) == []
    with pytest.raises(StepRefused):
        procedure.make_up(package, Stage.VERIFIED, document=late, by=make_user("staf_provinsi"))
    with pytest.raises(StepRefused):
        procedure.make_up(package, Stage.DECREED, document=late, by=make_user("staf_provinsi"))


def test_a_use_report_that_comes_after_monitoring_still_ends_what_is_owed():
    package = step_to(at_stage(Stage.HANDED_OVER), Stage.MONITORED, reason="LPJ belum diterima")
    assert list(Package.objects.owing_report()) == [package]
    report = make_document(Paper.USE_REPORT, date(2025, 6, 1))
    procedure.make_up(package, Stage.USE_REPORTED, document=report, by=make_user("staf_provinsi"))
    assert not Package.objects.owing_report().exists()
    assert fresh(package).use_reported_on == date(2025, 6, 1)


def test_what_leaves_the_way_says_why():
    package = proposed()
    letter = make_document(Paper.LETTER, DAYS[Stage.REFUSED])
    with pytest.raises(StepRefused):
        take(package, Stage.REFUSED, letter)
    take(package, Stage.REFUSED, letter, reason="Tidak memenuhi syarat")
    assert fresh(package).has_ended


def test_closing_with_something_open_wants_a_reason_that_names_it():
    package = at_stage(Stage.MONITORED)
    letter = make_document(Paper.LETTER, DAYS[Stage.CLOSED])
    with pytest.raises(StepRefused, match="kunjungan"):
        take(package, Stage.CLOSED, letter)
    take(package, Stage.CLOSED, letter, reason="Unit diserahkan ke desa")
    assert fresh(package).stage == Stage.CLOSED


# -- Agreement ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["quantity", "kind", "recipient"])
def test_a_decree_that_says_otherwise_wants_an_explanation(what):
    package = at_stage(Stage.BUDGETED)
    says = {
        "quantity": Said(quantity=4),
        "kind": Said(kind=make_kind("Gerobak PKL", nature="goods")),
        "recipient": Said(recipient="KSU Lain"),
    }[what]
    sk = make_document(Paper.SK, DAYS[Stage.DECREED])
    with pytest.raises(StepRefused, match="Jelaskan"):
        take(package, Stage.DECREED, sk, said={package.pk: says})
    explained = Said(says.kind, says.quantity, says.recipient, "Salah ketik pada lampiran SK")
    take(package, Stage.DECREED, sk, said={package.pk: explained})
    (link,) = PackageDocument.differing()
    assert link.difference == "Salah ketik pada lampiran SK"


def test_papers_that_agree_are_no_mismatch():
    at_stage(Stage.HANDED_OVER)
    assert PackageDocument.objects.filter(document__paper__in=[Paper.SK, Paper.NPHD, Paper.BAST]).count() == 3
    assert not PackageDocument.differing().exists()


# -- Many at once -------------------------------------------------------------------------------------


def test_one_decree_covers_many_packages():
    packages = [at_stage(Stage.BUDGETED) for _package in range(3)]
    sk = make_document(Paper.SK, DAYS[Stage.DECREED])
    steps = procedure.take(
        Stage.DECREED, packages, document=sk, by=make_user("verifikator"), earlier_reason="Beda kebutuhan"
    )
    assert len(steps) == 3
    assert {step.document_id for step in steps} == {sk.pk}
    assert set(sk.packages.all()) == set(packages)
    assert Package.objects.public().count() == 3


def test_of_many_all_or_none():
    ready, behind = at_stage(Stage.BUDGETED), at_stage(Stage.HANDED_OVER)
    sk = make_document(Paper.SK, DAYS[Stage.DECREED])
    verifier = make_user("verifikator")
    with pytest.raises(ManyRefused) as refused:
        procedure.take(Stage.DECREED, [ready, behind], document=sk, by=verifier, earlier_reason="Uji")
    assert [package for package, _sentence in refused.value.refusals] == [behind]
    assert fresh(ready).stage == Stage.BUDGETED
    assert not sk.packages.exists()


def test_who_comes_second_is_told():
    package = proposed()
    first, second = fresh(package), fresh(package)
    take(first, Stage.VERIFIED, make_document(Paper.VERIFICATION, DAYS[Stage.VERIFIED]))
    with pytest.raises(ChangedMeanwhile):
        take(second, Stage.VERIFIED, make_document(Paper.VERIFICATION, DAYS[Stage.VERIFIED]))
    assert PackageStep.objects.filter(to=Stage.VERIFIED).count() == 1


def test_a_step_that_is_done_says_so():
    package = step_to(proposed(), Stage.VERIFIED)
    with pytest.raises(StepRefused, match="sudah"):
        take(package, Stage.VERIFIED, make_document(Paper.VERIFICATION, DAYS[Stage.VERIFIED]))


# -- Recipients ---------------------------------------------------------------------------------------


def test_no_aid_to_a_cooperative_that_was_dissolved():
    recipient = make_recipient()
    by = make_user("verifikator")
    recipient.cooperative.record_status(Status.DISSOLVED, since=date(2024, 1, 1), basis="SK", by=by)
    recipient.cooperative.refresh_from_db()
    with pytest.raises(StepRefused, match="Dibubarkan"):
        proposed(recipient=recipient)
    assert not Package.objects.exists()


def test_dissolved_between_proposal_and_decree_is_refused_as_well():
    package = at_stage(Stage.BUDGETED)
    by = make_user("verifikator")
    package.recipient.cooperative.record_status(Status.DISSOLVED, since=date(2024, 6, 1), basis="SK", by=by)
    with pytest.raises(StepRefused):
        step_to(package, Stage.DECREED)


def test_no_aid_to_a_cooperative_of_another_regency():
    recipient = make_recipient()
    with pytest.raises(StepRefused, match="kabupaten"):
        proposed(recipient=recipient, regency=make_regency("Berau"))


# -- Earlier aid --------------------------------------------------------------------------------------


def again(**values):
    by = make_user("staf_provinsi")
    return procedure.propose(new_package(**values), document=make_document(by=by), by=by, earlier_reason="")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"kind": "group", "name": "PKL Pasar Segiri"}, {"kind": "group", "name": "Pkl  Pasar Segiri"}),
        ({"kind": "person", "group_name": "Kelompok A"}, {"kind": "person", "group_name": "kelompok a"}),
        ({"kind": "person", "address": "Jl. Mawar 1"}, {"kind": "group", "address": "jl mawar 1"}),
        ({"kind": "person", "nik_ktp": "6402010101010001"}, {"kind": "person", "nik_ktp": "6402010101010001"}),
    ],
    ids=["group", "group of a person", "address", "person"],
)
def test_aid_again_to_the_same_group_address_or_person_wants_a_reason(first, second):
    proposed(recipient=make_recipient(**first))
    repeated = make_recipient(**second)
    with pytest.raises(StepRefused, match="Sebutkan alasan"):
        again(recipient=repeated)
    assert proposed(recipient=repeated).steps.get().earlier_reason == "Untuk pengujian"


def test_aid_again_to_the_same_recipient_wants_a_reason_and_another_does_not():
    recipient = make_recipient()
    proposed(recipient=recipient)
    with pytest.raises(StepRefused):
        again(recipient=recipient)
    assert again(recipient=make_recipient()).pk


def test_aid_that_was_refused_is_no_earlier_aid():
    recipient = make_recipient()
    step_to(proposed(recipient=recipient), Stage.REFUSED, reason="Tidak lengkap")
    assert again(recipient=recipient).pk


# -- What everybody may see ---------------------------------------------------------------------------


@pytest.mark.parametrize("stage", Stage)
def test_public_from_the_decree_on(stage):
    public = {s for s in Stage if s not in {"proposed", "verified", "recommended", "budgeted", "refused"}}
    package = at_stage(stage)
    assert Package.objects.public().filter(pk=package.pk).exists() == (stage in public)


def test_a_step_tells_the_public_pages():
    package = proposed()
    before = DataVersion.objects.get(key="aid").number
    step_to(package, Stage.VERIFIED)
    assert DataVersion.objects.get(key="aid").number > before


# -- Old aid ------------------------------------------------------------------------------------------


def test_old_aid_may_lack_everything_but_its_kind():
    old = procedure.enter_historical(Package(kind=make_kind()), Stage.HANDED_OVER, by=None)
    assert old.is_public
    assert old.is_historical
    assert (old.programme, old.recipient, old.regency, old.quantity, old.amount) == (None,) * 5
    assert procedure.missing_stages(fresh(old))[:2] == [Stage.PROPOSED, Stage.VERIFIED]


def test_old_aid_may_be_a_sum_over_many():
    old = procedure.enter_historical(
        Package(kind=make_kind(), quantity=3839, recipient_count=602), Stage.HANDED_OVER, by=None
    )
    assert fresh(old).recipient_name == "602 penerima"


def test_old_aid_is_old_and_of_old_programmes():
    for values in ({"programme": make_programme(fiscal_year=today().year - 5)}, {}):
        with pytest.raises(StepRefused, match="langkah demi langkah"):
            procedure.enter_historical(
                Package(kind=make_kind(), **values), Stage.HANDED_OVER, by=None, dated_on=today()
            )
    assert not Package.objects.exists()


def test_papers_of_old_aid_that_turn_up_set_its_days():
    old = procedure.enter_historical(Package(kind=make_kind(), quantity=2), Stage.HANDED_OVER, by=None)
    register_units(fresh(old), [Unit(), Unit()], by=make_user("staf_provinsi"))
    bast = make_document(Paper.BAST, date(2019, 5, 2))
    procedure.make_up(fresh(old), Stage.HANDED_OVER, document=bast, by=make_user("staf_provinsi"))
    old = fresh(old)
    assert (old.handed_over_on, old.use_report_due_on) == (date(2019, 5, 2), date(2020, 1, 10))
    assert set(old.units.values_list("handed_on", "next_visit_on")) == {(date(2019, 5, 2), date(2019, 8, 2))}


def test_papers_filed_later_lie_between_their_neighbours():
    package = step_to(proposed(), Stage.RECOMMENDED, reason="Berkas menyusul")
    by = make_user("staf_provinsi")
    for day, words in ((date(2023, 1, 1), "mendahului"), (date(2024, 3, 1), "sesudah")):
        with pytest.raises(StepRefused, match=words):
            procedure.make_up(package, Stage.VERIFIED, document=make_document(Paper.VERIFICATION, day), by=by)


def test_what_a_step_says_of_a_document_on_file_is_kept():
    package = at_stage(Stage.BUDGETED)
    sk = make_document(Paper.SK, DAYS[Stage.DECREED])
    procedure.attach(package, sk)
    take(fresh(package), Stage.DECREED, sk, said={package.pk: Said(quantity=3, difference="Dua menyusul")})
    (link,) = PackageDocument.differing()
    assert (link.quantity, link.difference) == (3, "Dua menyusul")


def test_no_aid_to_a_group_of_another_regency():
    elsewhere = make_recipient(kind="group", regency=make_regency("Berau"))
    with pytest.raises(StepRefused, match="kabupaten"):
        proposed(recipient=elsewhere, regency=make_regency("Paser"))

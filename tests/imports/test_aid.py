"""Lists of old aid: recognised, refused in words, written as data historis, taken back."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assistance.models import AmountRow, Document, Package, PackageDocument, PackageStep, Programme, Recipient
from assistance.stages import Stage
from common.models import DataVersion
from imports.applying import apply, undo
from imports.models import ImportRow
from tests.assistance.aid import guarded_file, make_kind
from tests.factories import make_user
from tests.imports.uploads import actions, checked, only, refused

pytestmark = pytest.mark.django_db

Action = ImportRow.Action
HEAD = (
    "Jenis bantuan;Program;Tahun;Sumber dana;Kab/Kota;Lokasi;recipient type;Penerima;Nomor Induk Koperasi;"
    "Jumlah unit;Harga satuan;Nilai kontrak;Realisasi;No SK;Tgl SK;No BAST;Tgl BAST"
)
FULL = (
    "motor roda tiga;Sarana usaha;2019;APBD Provinsi;Kukar;Pasar Tangga Arung;;;3275070060001;"
    "5;30.000.000;150.000.000;149.000.000;SK/1/2019;17/07/2019;BAST/9/2019;18/11/2019"
)


@pytest.fixture(autouse=True)
def _kind(kukar, maju):
    make_kind(synonyms="motor roda tiga")


@pytest.fixture
def check(clerk):
    def make(*rows, head=HEAD, by=clerk, **constants):
        return checked([head, *rows], kind="bantuan", by=by, **constants)

    return make


def short(check, line, head="Jenis bantuan;Kab/Kota;recipient type;Penerima;No SK", **options):
    return check(line, head=head, **options)


def written(batch, by):
    apply(batch, by=by)
    return Package.objects.get()


def counts():
    models = (Package, PackageStep, PackageDocument, AmountRow, Document, Recipient, Programme)
    return [model.objects.count() for model in models]


def test_a_row_becomes_a_package_with_papers_steps_and_values(check, clerk, maju, kukar):
    batch = check(FULL)
    assert actions(batch) == [Action.NEW] and not Package.objects.exists()
    package = written(batch, clerk)
    assert (package.stage, package.is_historical, package.is_public) == (Stage.HANDED_OVER, True, True)
    assert package.recipient.cooperative == maju and package.recipient_kind == "cooperative"
    assert (package.regency, package.quantity, package.realised_amount) == (kukar, 5, 149_000_000)
    assert (package.decreed_on, package.handed_over_on) == (date(2019, 7, 17), date(2019, 11, 18))
    assert package.listed_on == package.decreed_on and "ksp maju" in package.search
    programme = package.programme
    assert (programme.fiscal_year, programme.funding, programme.is_historical) == (2019, "apbd_provinsi", True)
    steps = package.steps.order_by("pk").values_list("was", "to", "document__number", "dated_on")
    assert list(steps) == [
        ("", "decreed", "SK/1/2019", date(2019, 7, 17)),
        ("decreed", "handed_over", "BAST/9/2019", date(2019, 11, 18)),
    ]
    assert set(package.documents.values_list("is_historical", "file", "by")) == {(True, None, clerk.pk)}
    assert dict(package.amounts.values_list("what", "amount")) == {"contracted": 150_000_000, "realised": 149_000_000}
    for record in (package, programme, package.recipient):
        assert record.history.get().history_user == clerk
    assert "aid" in DataVersion.read("aid")


def test_the_same_row_twice_is_the_package_on_record(check, clerk):
    written(check(FULL), clerk)
    before = counts()
    batch = check(FULL)
    assert actions(batch) == [Action.UNCHANGED] and only(batch).found == Package.objects.get().pk
    assert counts() == before
    assert actions(check(FULL, FULL.replace("motor roda tiga", "Sepeda motor roda tiga")))[1] == Action.REFUSED


def test_what_differs_from_the_record_is_refused_not_written(check, clerk):
    written(check(FULL), clerk)
    assert refused(only(check(FULL.replace(";5;", ";6;")))) == ["quantity"]


@pytest.mark.parametrize(
    ("was", "now"), [("SK/1/2019", "SK/2/2019"), (";2019;", ";2020;"), ("SK/1/2019;17/07/2019", ";")]
)
def test_another_year_or_decree_is_another_package(check, clerk, was, now):
    written(check(FULL), clerk)
    assert actions(check(FULL.replace(was, now))) == [Action.NEW]


@pytest.mark.parametrize(
    ("was", "now", "field"),
    [
        ("motor roda tiga", "sepeda onthel", "kind"),
        ("Kukar", "Kota Antah", "regency"),
        ("3275070060001", "3275070069999", "nomor_induk_koperasi"),
        ("Kukar", "Kutai Barat", "regency"),
        (";5;", ";0;", "quantity"),
        ("149.000.000", "151.000.000", "realised_amount"),
        ("18/11/2019", "18/11/2018", "bast_on"),
        ("18/11/2019", "18/11/2090", "bast_on"),
        ("SK/1/2019", "", "sk_on"),
        ("APBD Provinsi", "Arisan", "funding"),
    ],
)
def test_what_is_wrong_is_said(check, was, now, field):
    assert refused(only(check(FULL.replace(was, now)))) == [field]


def test_a_name_that_is_no_cooperative_needs_its_kind(check, clerk):
    row = only(short(check, "motor roda tiga;Kukar;;Kelompok Ulap;1"))
    assert refused(row) == ["name"]
    package = written(short(check, "motor roda tiga;Kukar;Usaha atau kelompok;Kelompok Ulap;1"), clerk)
    assert package.recipient.name == "Kelompok Ulap" and package.recipient_kind == "group"
    assert package.stage == Stage.DECREED and package.programme is None


def test_a_person_is_searched_by_initials_only(check, clerk):
    package = written(short(check, "motor roda tiga;Kukar;Perorangan;Siti Aminah;1"), clerk)
    assert package.recipient.name == "Siti Aminah" and "aminah" not in package.search


def test_without_papers_the_stage_must_be_said(check, clerk):
    assert refused(only(short(check, "motor roda tiga;Kukar;;;"))) == ["stage"]
    package = written(short(check, "motor roda tiga;Kukar;;;", stage="handed_over"), clerk)
    assert (package.stage, package.recipient, package.handed_over_on) == (Stage.HANDED_OVER, None, None)
    assert package.steps.get().document is None


def test_one_decree_and_one_recipient_serve_many_rows(check, clerk):
    apply(check(FULL, FULL.replace(";2019;", ";2018;")), by=clerk)
    assert counts() == [2, 4, 4, 4, 2, 1, 2]


def test_an_import_is_taken_back_with_what_it_brought(check, clerk):
    batch = check(FULL)
    apply(batch, by=clerk)
    batch.refresh_from_db()
    undo(batch, by=clerk, reason="Salah")
    assert counts() == [0] * 7
    assert Package.history.filter(history_type="-").count() == 1


def test_what_somebody_filed_a_paper_for_stays(check, clerk):
    batch = check(FULL)
    package = written(batch, clerk)
    paper = Document.objects.create(paper="other", number="1", dated_on=date(2020, 1, 1), file=guarded_file(clerk))
    package.links.create(document=paper)
    batch.refresh_from_db()
    undo(batch, by=clerk, reason="Salah")
    assert Package.objects.get() == package and package.steps.count() == 2


def test_a_programme_of_today_takes_no_old_aid(check):
    Programme.objects.create(name="Sarana usaha", fiscal_year=2019, funding="apbd_provinsi", ceiling=1)
    assert refused(only(check(FULL))) == ["programme"]


def test_who_may_not_process_aid_does_not_see_it(clerk, officer):
    from imports.importer import importers_for

    assert "bantuan" in {one.kind for one in importers_for(clerk)}
    assert "bantuan" not in {one.kind for one in importers_for(make_user("auditor"))}


def test_many_rows_cost_no_more_queries_than_few(check, clerk):
    def cost(first, many):
        rows = [FULL.replace("SK/1/2019", f"SK/{first + number}/2019") for number in range(many)]
        batch = check(*rows)
        with CaptureQueriesContext(connection) as captured:
            apply(batch, by=clerk)
        return len(captured)

    cost(1000, 2)
    # SQLite takes so many values a statement, so wide tables need a few more.
    assert cost(2000, 60) <= cost(3000, 4) + 10

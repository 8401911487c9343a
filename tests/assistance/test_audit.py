"""The auditor's lists: each finds what it says and nothing else, alone, in its count, on its page and in its file."""

import csv
import io
import json
from datetime import date, timedelta

import pytest
from django.urls import reverse

from assistance import procedure
from assistance.audit import CHECKS
from assistance.corrections import record_amount
from assistance.models import Finding, Package, PackageDocument, PackageStep
from assistance.models.unit import Holding
from assistance.procedure import Said
from assistance.stages import Paper, Stage
from common.dates import today
from regions.models import Regency
from tests.assistance.aid import (
    DAYS,
    at_stage,
    fresh,
    make_document,
    make_kind,
    make_programme,
    make_recipient,
    new_package,
    old_programme,
    proposed,
    step_to,
)
from tests.factories import make_regency, make_user

pytestmark = pytest.mark.django_db


def keys_of(check, *, user=None, **narrow):
    user = user or make_user("auditor")
    return list(CHECKS[check].of(Package.objects.visible_to(user), narrow).order_by("pk").values_list("pk", flat=True))


def body(response):
    return b"".join(response.streaming_content)


@pytest.fixture
def auditor(client):
    person = make_user("auditor")
    client.force_login(person)
    return person


# Missing papers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", [stage for stage in Stage if stage != Stage.PROPOSED])
def test_no_paper_is_missing_where_every_step_was_taken(stage):
    at_stage(stage)
    assert keys_of("berkas") == []


def missing_of(package):
    rows = CHECKS["berkas"].of(Package.objects.all(), {"pk": package.pk})
    return [row.missing for row in rows]


def test_the_paper_of_a_skipped_stage_is_missing_until_it_is_filed():
    package = step_to(at_stage(Stage.VERIFIED), Stage.RECOMMENDED)
    record_amount(package, "planned", 1, by=make_user("staf_provinsi"))
    package = procedure_skip(fresh(package))
    assert missing_of(package) == ["DPA"]
    by = make_user("staf_provinsi")
    procedure.make_up(package, Stage.BUDGETED, document=make_document(Paper.DPA, DAYS[Stage.BUDGETED], by=by), by=by)
    assert missing_of(package) == []


def procedure_skip(package):
    return step_to(package, Stage.DECREED, reason="Anggaran sudah ada")


def test_old_aid_lacks_all_papers_that_its_kind_needs_and_no_other():
    by = make_user("staf_provinsi")
    permit = make_kind(
        "Perizinan", nature="permit", has_procurement=False, has_grant_agreement=False, has_integrity_pact=False
    )
    package = procedure.enter_historical(
        Package(kind=permit, quantity=None), Stage.HANDED_OVER, by=by, dated_on=date(2015, 5, 5)
    )
    (missing,) = missing_of(package)
    labels = [Paper(one).label for one in ("proposal", "verification", "recommendation", "dpa", "sk", "bast")]
    assert missing.split("; ") == labels
    goods = procedure.enter_historical(Package(kind=make_kind()), Stage.HANDED_OVER, by=by)
    assert {Paper.NPHD.label, Paper.INTEGRITY_PACT.label, Paper.CONTRACT.label} <= set(missing_of(goods)[0].split("; "))


def test_a_government_signs_no_integrity_pact():
    by = make_user("staf_provinsi")
    recipient = make_recipient(kind="government")
    package = new_package(recipient=recipient, programme=old_programme())
    procedure.enter_historical(package, Stage.HANDED_OVER, by=by)
    assert str(Paper.INTEGRITY_PACT.label) not in missing_of(package)[0]
    assert str(Paper.NPHD.label) in missing_of(package)[0]


# Use reports -----------------------------------------------------------------------------------------


def test_a_use_report_is_overdue_from_the_day_after_it_was_due():
    package = at_stage(Stage.HANDED_OVER)
    assert package.use_report_due_on == date(2025, 1, 10)
    rows = CHECKS["lpj"].of(Package.objects.all(), {})
    assert [(row.pk, row.days) for row in rows] == [(package.pk, (today() - date(2025, 1, 10)).days)]
    step_to(package, Stage.USE_REPORTED)
    assert keys_of("lpj") == []


def test_overdue_reports_are_summed_by_recipient_and_by_regency():
    recipient = make_recipient()
    first = at_stage(Stage.HANDED_OVER, recipient=recipient)
    at_stage(Stage.HANDED_OVER, recipient=recipient)
    other = at_stage(Stage.HANDED_OVER)
    days = (today() - date(2025, 1, 10)).days
    rows = CHECKS["lpj-penerima"].of(Package.objects.all(), {})
    assert {(row.pk, row.packages_owing, row.days, row.amount) for row in rows} == {
        (recipient.pk, 2, days, 375_000_000),
        (other.recipient_id, 1, days, 187_500_000),
    }
    (regency,) = CHECKS["lpj-wilayah"].of(Package.objects.all(), {})
    assert (regency.pk, regency.packages_owing, regency.amount) == (first.regency_id, 3, 562_500_000)
    assert not CHECKS["lpj-wilayah"].of(Package.objects.all(), {"programme__fiscal_year": 1999})


# Mismatches, doubles, units, holders ------------------------------------------------------------------


def test_a_difference_is_listed_with_its_explanation():
    package = at_stage(Stage.RECOMMENDED)
    by = make_user("staf_provinsi")
    procedure.attach(package, make_document(Paper.SK, by=by), said=Said(quantity=4, difference="Satu dibatalkan"))
    (link,) = CHECKS["beda"].of(Package.objects.all(), {})
    assert (link.package_id, link.quantity, link.difference) == (package.pk, 4, "Satu dibatalkan")
    at_stage(Stage.HANDED_OVER)
    assert keys_of("beda") == [link.pk]


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"nik_ktp": "6471010101010001"}, "the same person"),
        ({"group_name": "Kelompok Ulin"}, "the same group"),
        ({"address": "Jl. Mawar 3"}, "the same address"),
    ],
)
def test_a_double_recipient_is_found_by_person_group_and_address(values, why):
    from django.utils.translation import gettext

    found = [proposed(recipient=make_recipient(kind="person", **values)).pk for _turn in range(2)]
    proposed(recipient=make_recipient(kind="person"))
    rows = CHECKS["ganda"].of(Package.objects.all(), {})
    assert [(row.pk, row.why) for row in rows.order_by("pk")] == [(pk, gettext(why)) for pk in found]


def test_several_packages_of_one_recipient_or_cooperative_are_doubles_and_those_of_a_government_are_not():
    one = make_recipient()
    found = [proposed(recipient=one).pk, proposed(recipient=one).pk]
    found.append(proposed(recipient=make_recipient("Lain", cooperative=one.cooperative)).pk)
    government = make_recipient(kind="government")
    proposed(recipient=government)
    proposed(recipient=government)
    assert keys_of("ganda") == found
    assert keys_of("ganda", programme__fiscal_year=1999) == []


def test_what_was_refused_doubles_nothing():
    one = make_recipient()
    step_to(proposed(recipient=one), Stage.REFUSED, reason="Tidak lengkap")
    proposed(recipient=one)
    assert keys_of("ganda") == []


def test_units_are_listed_until_somebody_saw_them():
    package = at_stage(Stage.HANDED_OVER)
    units = list(package.units.select_related("package__kind"))
    assert keys_of("belum-dilihat") == [unit.pk for unit in units]
    by = make_user("petugas")
    units[0].observe(state="in_use", on=today(), by=by, basis="Kunjungan")
    units[1].observe(state="idle", on=today(), by=by, basis="Kunjungan", is_seen=False)
    units[2].observe(state="lost", on=today(), by=by, basis="Kunjungan", is_seen=False)
    assert keys_of("belum-dilihat") == [units[1].pk, units[3].pk, units[4].pk]


def test_another_holder_than_the_recipient_is_listed():
    package = at_stage(Stage.HANDED_OVER)
    unit = package.units.select_related("package__kind").first()
    holding = Holding(holder="person", name="Budi")
    unit.observe(state="transferred", on=today(), by=make_user("petugas"), basis="Kunjungan", holding=holding)
    assert keys_of("pemegang") == [holding.pk]
    step_to(package, Stage.WITHDRAWN, reason="Ditarik", document=make_document(Paper.LETTER, today()))
    assert keys_of("pemegang") == []


# Dates, findings, photographs -------------------------------------------------------------------------


@pytest.mark.parametrize("stage", Stage)
def test_the_straight_way_has_its_dates_in_order(stage):
    at_stage(stage)
    assert keys_of("tanggal") == []


def links(package, paper):
    return list(PackageDocument.objects.filter(package=package, document__paper=paper).values_list("pk", flat=True))


def test_a_proposal_after_the_decree_is_out_of_order():
    by = make_user("staf_provinsi")
    package = procedure.enter_historical(new_package(programme=old_programme()), Stage.HANDED_OVER, by=by)
    procedure.attach(package, make_document(Paper.SK, date(2015, 3, 1), by=by))
    procedure.attach(package, make_document(Paper.PROPOSAL, date(2015, 4, 1), by=by))
    assert keys_of("tanggal") == links(package, Paper.PROPOSAL)


def test_a_paper_after_its_step_and_a_step_filed_late_are_out_of_order():
    package = at_stage(Stage.PROCURED)
    step = PackageStep.objects.get(package=package, to=Stage.VERIFIED)
    PackageStep.objects.filter(pk=step.pk).update(dated_on=date(2024, 1, 20))
    assert step.document.dated_on > date(2024, 1, 20)
    assert keys_of("tanggal") == links(package, Paper.VERIFICATION)


def test_a_use_report_dated_before_the_handover_is_out_of_order():
    package = step_to(at_stage(Stage.HANDED_OVER), Stage.USE_REPORTED)
    PackageStep.objects.filter(package=package, to=Stage.HANDED_OVER).update(dated_on=date(2025, 2, 1))
    assert links(package, Paper.USE_REPORT)[0] in keys_of("tanggal")


def test_findings_are_listed_after_their_days():
    package = at_stage(Stage.HANDED_OVER)
    by = make_user("staf_provinsi")
    report = make_document(Paper.FINDING, date(2025, 1, 9), by=by)
    made = [
        Finding.objects.create(package=package, document=report, text="Kurang", due_on=today() + timedelta(days), by=by)
        for days in (-1, 0)
    ]
    assert keys_of("temuan") == [made[0].pk]
    made[0].settle(on=today(), settlement="Dilengkapi", by=by)
    assert keys_of("temuan") == []


# Pages and files -------------------------------------------------------------------------------------


def a_bit_of_everything(regency=None):
    recipient = make_recipient(regency=regency) if regency else make_recipient()
    package = at_stage(Stage.HANDED_OVER, recipient=recipient)
    by = make_user("staf_provinsi")
    old = make_programme("Program lama", fiscal_year=2024, is_historical=True)
    procedure.enter_historical(new_package(recipient=recipient, programme=old), Stage.HANDED_OVER, by=by)
    unit = package.units.select_related("package__kind").first()
    unit.observe(state="transferred", on=today(), by=by, basis="Uji", holding=Holding(holder="person", name="=Budi()"))
    procedure.attach(package, make_document(Paper.NPHD, by=by), said=Said(quantity=4, difference="Satu dibatalkan"))
    report = make_document(Paper.FINDING, date(2025, 1, 9), by=by)
    Finding.objects.create(package=package, document=report, text="Kurang", due_on=date(2025, 3, 1), by=by)
    PackageStep.objects.filter(package=package, to=Stage.VERIFIED).update(dated_on=date(2024, 1, 20))
    from tests.assistance.visits import odd_photo

    odd_photo(unit, by=by)
    return fresh(package)


def test_every_check_counts_lists_and_exports_the_same_rows(client, auditor):
    a_bit_of_everything()
    counted = dict(client.get(reverse("aid_audit")).context["counted"])
    for key, check in CHECKS.items():
        assert counted[check] > 0, key
        address = reverse("aid_check", args=[key])
        page = client.get(address)
        assert len(page.context["lines"]) == counted[check] and page.context["page"].paginator.count == counted[check]
        response = client.get(address, {"format": "csv"})
        assert response["Cache-Control"] == "private, no-store"
        rows = list(csv.reader(io.StringIO(body(response).decode())))
        assert len(rows) == 1 + counted[check] and len(rows[0]) == len(check.columns), key
        told = json.loads(body(client.get(address, {"format": "json"})))
        assert told["complete"] and told["count"] == counted[check]
        assert body(client.get(address, {"format": "xlsx"}))[:2] == b"PK"


def test_a_name_that_looks_like_a_formula_leaves_inert(client, auditor):
    a_bit_of_everything()
    text = body(client.get(reverse("aid_check", args=["pemegang"]), {"format": "csv"})).decode()
    assert "'=Budi()" in text


def test_an_officer_sees_the_own_regency_only(client):
    here, there = make_regency("Berau"), make_regency("Paser")
    a_bit_of_everything(here)
    officer = make_user("petugas", regency=here)
    client.force_login(officer)
    before = {check.key: count for check, count in client.get(reverse("aid_audit")).context["counted"]}
    package = a_bit_of_everything(there)
    after = {check.key: count for check, count in client.get(reverse("aid_audit")).context["counted"]}
    assert before == after and all(before.values())
    for key in CHECKS:
        shown = client.get(reverse("aid_check", args=[key]), {"wilayah": "paser"})
        assert not shown.context["lines"]
        text = body(client.get(reverse("aid_check", args=[key]), {"format": "csv"})).decode()
        assert package.recipient.name not in text and "Paser" not in text


def test_regency_and_year_narrow_every_list_and_what_is_unknown_finds_nothing(client, auditor):
    a_bit_of_everything(make_regency("Berau"))
    for asked, some in [
        ({"wilayah": "berau", "tahun": "2024"}, True),
        ({"wilayah": "paser"}, False),
        ({"tahun": "2023"}, False),
        ({"tahun": "²"}, False),
        ({"tahun": "' OR 1=1"}, False),
    ]:
        counted = client.get(reverse("aid_audit"), asked).context["counted"]
        assert all(bool(count) is some for _check, count in counted), asked


def test_lists_cost_the_same_at_two_sizes(client, auditor, django_assert_num_queries, django_assert_max_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    a_bit_of_everything()
    addresses = [reverse("aid_audit"), *(reverse("aid_check", args=[key]) for key in CHECKS)]

    def costs():
        found = []
        for address in addresses:
            with CaptureQueriesContext(
                connection,
            ) as queries:
                client.get(address)
            found.append(len(queries))
        return found

    costs()
    before = costs()
    for _turn in range(3):
        a_bit_of_everything()
    assert costs() == before
    assert max(before) < 25


def test_pages_hold_25_rows(client, auditor):
    programme, recipient = old_programme(), make_recipient()
    by = make_user("staf_provinsi")
    for _turn in range(26):
        procedure.enter_historical(new_package(programme=programme, recipient=recipient), Stage.DECREED, by=by)
    address = reverse("aid_check", args=["berkas"])
    assert len(client.get(address).context["lines"]) == 25
    assert len(client.get(address, {"page": "2"}).context["lines"]) == 1
    assert client.get(address, {"page": "9" * 40}).status_code == 200


def test_an_unknown_list_is_not_there(client, auditor):
    assert client.get(reverse("aid_check", args=["lain"])).status_code == 404


def test_regencies_are_offered_to_the_office_alone(client, auditor):
    make_regency("Berau")
    assert list(client.get(reverse("aid_audit")).context["regencies"]) == list(Regency.objects.order_by("name"))
    client.force_login(make_user("petugas"))
    assert not client.get(reverse("aid_audit")).context["regencies"]

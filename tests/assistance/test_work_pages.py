"""The pages of aid in the workspace: who may, whose, when, and what is kept of what was typed."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from assistance.models import Document, Finding, Handover, Package, PackageStep, Programme, Recipient, Unit
from assistance.stages import Paper, Stage
from tests.assistance.aid import (
    DAYS,
    add_units,
    at_stage,
    fresh,
    handed,
    make_document,
    make_kind,
    make_programme,
    make_recipient,
    proposed,
    step_to,
)
from tests.factories import make_cooperative, make_regency, make_user
from tests.files.made_files import pdf
from tests.filled_form import filled_form

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def staff(client):
    person = make_user("staf_provinsi")
    client.force_login(person)
    return person


@pytest.fixture
def verifier(client):
    person = make_user("verifikator")
    client.force_login(person)
    return person


def scan(name="surat.pdf"):
    return SimpleUploadedFile(name, pdf(), "application/pdf")


def new_document(number="027/UJI", day="02/02/2024", **more):
    return {"number": number, "dated_on": day, "file": scan(), **more}


def step(client, package, stage, **values):
    mark = f"{package.pk}.{values.pop('version', package.version)}"
    return client.post(reverse("take_steps"), {"ke": stage, "paket": mark, **values})


def words(response):
    return response.content.decode()


# -- Steps --------------------------------------------------------------------------------------------


def test_a_step_is_taken_on_a_new_document(client, verifier):
    package = proposed()
    assert step(client, package, "verified", **new_document()).status_code == 302
    taken = PackageStep.objects.get(package=package, to="verified")
    assert (taken.by, taken.dated_on, taken.document.number) == (verifier, date(2024, 2, 2), "027/UJI")
    assert taken.document.file.sha256


def test_a_refused_step_keeps_what_was_typed_and_the_file_on_file(client, verifier):
    package = proposed()
    response = step(client, package, "recommended", **new_document(reason=""))
    assert response.status_code == 200 and "reason" in response.context["form"].errors
    early = step(client, package, "verified", **new_document(day="01/01/2024"))
    assert early.status_code == 409
    assert "mendahului" in words(early)
    kept = Document.objects.get(number="027/UJI")
    assert f'<option value="{kept.pk}" selected>' in words(early)
    assert fresh(package).stage == Stage.PROPOSED
    again = step(client, package, "verified", document=kept.pk)
    assert again.status_code == 409, "its date is still too early"


def test_the_same_number_and_day_are_the_document_that_is_on_file(client, verifier):
    first, second = proposed(), proposed()
    step(client, first, "verified", **new_document())
    values = {"number": "027/UJI", "dated_on": "02/02/2024"}
    assert step(client, second, "verified", **values).status_code == 302
    assert Document.objects.filter(paper=Paper.VERIFICATION).count() == 1


def test_who_proposed_it_does_not_verify_it(client):
    person = make_user("administrator")
    package = proposed(by=person)
    client.force_login(person)
    response = step(client, package, "verified", **new_document())
    assert response.status_code == 409
    assert "Yang memasukkan usulan" in words(response)


@pytest.mark.parametrize(("stage", "role"), [("verified", "staf_provinsi"), ("budgeted", "verifikator")])
def test_a_step_needs_its_own_permission(client, stage, role):
    client.force_login(make_user(role))
    assert step(client, proposed(), stage, **new_document()).status_code == 403


def test_a_package_of_another_regency_is_not_there(client):
    package = proposed()
    client.force_login(make_user("petugas", regency=make_regency("Berau")))
    assert client.get(reverse("aid_record", args=[package.pk])).status_code == 404
    assert package.title not in words(client.get(reverse("aid_list")))
    assert client.get(reverse("take_steps"), {"ke": "verified", "paket": package.pk}).status_code == 403


def test_somebody_was_faster(client, verifier):
    package = proposed()
    seen = package.version
    step(client, package, "verified", **new_document())
    late = step(client, fresh(package), "recommended", version=seen, **new_document(number="518", day="19/02/2024"))
    assert late.status_code == 409
    assert str(verifier) in words(late) and "Tahap" in words(late)
    assert fresh(package).stage == Stage.VERIFIED


def test_many_on_one_document_all_or_none(client, verifier):
    ready, behind = at_stage(Stage.BUDGETED), proposed()
    marks = [f"{one.pk}.{one.version}" for one in (ready, behind)]
    values = new_document("500/2024", "17/07/2024", earlier_reason="Uji", reason="Uji")
    refused = client.post(reverse("take_steps"), {"ke": "decreed", "paket": marks, **values})
    assert refused.status_code == 409
    assert fresh(ready).stage == Stage.BUDGETED
    other = at_stage(Stage.BUDGETED)
    marks = [f"{one.pk}.{one.version}" for one in (fresh(ready), other)]
    values = new_document("501/2024", "17/07/2024", earlier_reason="Uji")
    assert client.post(reverse("take_steps"), {"ke": "decreed", "paket": marks, **values}).status_code == 302
    assert {fresh(one).stage for one in (ready, other)} == {Stage.DECREED}
    assert Document.objects.get(number="501/2024").packages.count() == 2


def test_a_decree_that_says_otherwise_is_explained_on_the_page(client, verifier):
    package = at_stage(Stage.BUDGETED)
    values = new_document("500/2024", "17/07/2024", said_quantity="4")
    refused = step(client, package, "decreed", **values)
    assert refused.status_code == 409 and "Jelaskan perbedaannya" in words(refused)
    document = Document.objects.get(number="500/2024")
    values = {"document": document.pk, "said_quantity": "4", "difference": "Satu unit ditunda"}
    assert step(client, package, "decreed", **values).status_code == 302
    assert "Satu unit ditunda" in words(client.get(package.get_record_url()))


def test_a_file_that_is_none_is_refused_by_name(client, verifier):
    package = proposed()
    fake = SimpleUploadedFile("berita.pdf", b"<html><script>alert(1)</script></html>", "application/pdf")
    response = step(client, package, "verified", number="1", dated_on="02/02/2024", file=fake)
    assert "berita.pdf" in words(response)
    assert not Document.objects.filter(paper=Paper.VERIFICATION).exists()
    assert fresh(package).stage == Stage.PROPOSED


# -- Proposals ----------------------------------------------------------------------------------------


def proposal(client, cooperative, **values):
    address = f"{reverse('propose_aid')}?koperasi={cooperative.pk}"
    page = client.get(address)
    form = filled_form(page)
    return client.post(address, form | new_document("012/2024", "09/01/2024") | values)


def asked_for(**values):
    return {
        "programme": make_programme().pk,
        "kind": make_kind().pk,
        "transfer": "grant",
        "quantity": "5",
        "unit_price": "37.500.000",
        **values,
    }


def test_a_proposal_is_entered_with_its_planned_value(client, staff):
    cooperative = make_cooperative(regency=make_regency())
    assert proposal(client, cooperative, **asked_for()).status_code == 302
    package = Package.objects.get()
    assert (package.stage, package.planned_amount, package.regency) == ("proposed", 187_500_000, cooperative.regency)
    assert package.recipient.cooperative == cooperative


def test_the_same_form_twice_is_one_proposal(client, staff):
    cooperative = make_cooperative(regency=make_regency())
    address, values = f"{reverse('propose_aid')}?koperasi={cooperative.pk}", asked_for()
    form = filled_form(client.get(address)) | values
    first = client.post(address, form | new_document("012/2024", "09/01/2024"))
    second = client.post(address, form | new_document("012/2024", "09/01/2024"))
    assert first.url == second.url
    assert Package.objects.count() == 1


def test_an_officer_proposes_for_the_own_regency_whatever_the_form_says(client):
    own, other = make_regency("Berau"), make_regency("Paser")
    client.force_login(make_user("petugas", regency=own))
    mine, theirs = make_cooperative(regency=own), make_cooperative(regency=other)
    assert client.get(f"{reverse('propose_aid')}?koperasi={theirs.pk}").status_code == 404
    assert proposal(client, mine, **asked_for(regency=other.pk)).status_code == 302
    assert Package.objects.get().regency == own
    new = {"baru-kind": "group", "baru-name": "PKL Tanjung", "wilayah": "paser"}
    client.post(reverse("propose_aid"), new)
    assert Recipient.objects.get(name="PKL Tanjung").regency == own


def test_aid_again_is_shown_and_a_reason_asked_for(client, staff):
    package = proposed()
    cooperative = package.recipient.cooperative
    values = asked_for()
    refused = proposal(client, cooperative, **values)
    assert refused.status_code == 409
    assert package.get_record_url() in words(refused)
    assert proposal(client, cooperative, **values, earlier_reason="Usaha bertambah").status_code == 302


def test_a_citizens_number_is_no_place(client, staff):
    cooperative = make_cooperative(regency=make_regency())
    response = proposal(client, cooperative, **asked_for(place="Rumah NIK 6402014708990001"))
    assert response.status_code == 200 and "NIK" in words(response)
    assert not Package.objects.exists()


def test_old_aid_is_entered_with_everything_unknown(client, staff):
    address = f"{reverse('enter_old_aid')}?tanpa=1"
    form = filled_form(client.get(address)) | {"kind": make_kind().pk, "stage": "handed_over", "basis": "Siaran pers"}
    assert client.post(address, form).status_code == 302
    assert client.post(address, form).status_code == 302
    package = Package.objects.get()
    assert package.is_historical and package.quantity is None and package.regency is None
    assert "Siaran pers" in words(client.get(package.get_record_url()))


def test_old_aid_of_this_year_takes_its_steps(client, staff):
    address = f"{reverse('enter_old_aid')}?tanpa=1"
    form = filled_form(client.get(address)) | {"kind": make_kind().pk, "basis": "x", "fiscal_year": "2100"}
    response = client.post(address, form)
    assert response.status_code == 409
    assert not Package.objects.exists() and not Programme.objects.exists()


# -- Values, units, handovers -------------------------------------------------------------------------


def act(client, name, record, **values):
    address = reverse(name, args=[record.pk])
    return client.post(address, filled_form(client.get(address)) | values)


def test_a_value_is_recorded_and_a_correction_says_why(client, staff):
    package = proposed()
    assert act(client, "record_value", package, amount="100.000.000").status_code == 302
    assert act(client, "record_value", package, amount="90.000.000").status_code == 409
    assert act(client, "record_value", package, amount="90.000.000", reason="Salah ketik").status_code == 302
    assert fresh(package).planned_amount == 90_000_000
    assert act(client, "record_value", package, amount="6,111").status_code == 200


def test_units_are_registered_in_rows(client, staff):
    package = proposed()
    address = reverse("register_units", args=[package.pk])
    form = filled_form(client.get(address))
    rows = {f"unit-{row}-frame_number": f"MH {row}" for row in range(5)}
    assert client.post(address, form | rows | {"maker": "Viar", "year": "2024"}).status_code == 302
    assert sorted(Unit.objects.values_list("frame_number", flat=True)) == [f"MH{row}" for row in range(5)]
    again = client.post(address, form | rows | {"maker": "Viar"})
    assert again.status_code == 409
    assert Unit.objects.count() == 5


def test_a_handover_is_entered_by_one_and_confirmed_by_another(client):
    package = at_stage(Stage.PROCURED)
    add_units(package)
    for paper in package.papers(Stage.HANDED_OVER)[1:]:
        from assistance.procedure import attach

        attach(package, make_document(paper, DAYS[Stage.PROCURED]))
    person = make_user("administrator")
    client.force_login(person)
    values = {"handed_on": "18/11/2024", "received_by": "Ibu Ketua", **new_document("045", "18/11/2024")}
    address = reverse("enter_handover", args=[package.pk])
    form = filled_form(client.get(address)) | values
    assert client.post(address, form | {"units": list(package.units.values_list("pk", flat=True))}).status_code == 302
    handover = Handover.objects.get()
    confirm = reverse("confirm_handover", args=[handover.pk])
    assert client.get(confirm).status_code == 405
    client.post(confirm)
    handover.refresh_from_db()
    assert handover.state == "entered", "whoever entered it does not confirm it"
    client.force_login(make_user("verifikator"))
    client.post(confirm)
    assert fresh(package).stage == Stage.HANDED_OVER
    told = client.post(confirm, follow=True)
    assert "sudah diputuskan" in words(told)


def test_a_handover_is_rejected_with_a_reason(client, verifier):
    handover = handed(at_stage(Stage.PROCURED), confirm=False)
    assert act(client, "reject_handover", handover, reason="").status_code == 200
    assert act(client, "reject_handover", handover, reason="Jumlah salah").status_code == 302
    assert fresh(handover.package).handed_count == 0


def test_a_finding_sent_twice_is_one_and_is_settled(client, staff):
    package = at_stage(Stage.HANDED_OVER)
    address = reverse("enter_finding", args=[package.pk])
    form = filled_form(client.get(address)) | {"text": "Satu unit tidak ada"}
    assert client.post(address, form | new_document("LHP 1", "10/03/2025")).status_code == 302
    assert client.post(address, form | new_document("LHP 1", "10/03/2025")).status_code == 409
    finding = Finding.objects.get()
    assert finding.due_on == date(2025, 5, 9)
    values = {"settled_on": "01/04/2025", "settlement": "Unit ditemukan"}
    assert act(client, "settle_finding", finding, **values).status_code == 302
    assert act(client, "settle_finding", finding, **values).status_code == 409


def test_papers_are_filed_later(client, staff):
    package = step_to(proposed(), Stage.RECOMMENDED, reason="Berkas menyusul")
    address = reverse("make_up_stage", args=[package.pk, "verified"])
    form = filled_form(client.get(address)) | new_document("027/SUSULAN", "03/02/2024")
    assert client.post(address, form).status_code == 302
    assert client.get(address).status_code == 404, "nothing is missing any more"


def test_the_recipient_of_old_aid_that_becomes_known_is_filled_in(client, staff):
    from assistance.procedure import enter_historical

    old = enter_historical(Package(kind=make_kind()), Stage.HANDED_OVER, by=staff)
    recipient = make_recipient(kind="group", name="PKL Melak")
    address = f"{reverse('change_recipient', args=[old.pk])}?penerima={recipient.pk}"
    form = filled_form(client.get(address)) | {"reason": "Ditemukan BAST lama"}
    assert client.post(address, form).status_code == 302
    assert (fresh(old).recipient, fresh(old).regency) == (recipient, recipient.regency)


def test_a_document_is_read_by_those_who_see_its_package(client):
    package = proposed()
    client.force_login(make_user("petugas", regency=make_regency("Berau")))
    document = package.documents.get()
    assert client.get(reverse("aid_document_file", args=[document.pk])).status_code == 404


# -- Cost ---------------------------------------------------------------------------------------------


def test_the_list_and_a_record_cost_the_same_however_much_there_is(client, staff, django_assert_max_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost(address):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    small = at_stage(Stage.HANDED_OVER)
    client.get("/kerja/")
    listed, shown = cost(reverse("aid_list")), cost(small.get_record_url())
    large = at_stage(Stage.PROCURED, quantity=40)
    add_units(large, 40)
    handed(large, 40)
    for _package in range(5):
        proposed()
    assert cost(reverse("aid_list")) == listed
    assert cost(large.get_record_url()) == shown
    assert max(listed, shown) < 30

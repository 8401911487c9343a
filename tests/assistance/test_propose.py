"""/kerja/bantuan/baru/ and /lama/: for whom first, then what; and old aid, as far as it is known."""

from datetime import date

import pytest
from django.utils.translation import gettext

from assistance.corrections import record_amount
from assistance.models import Document, Package, Programme, Recipient
from assistance.procedure import enter_historical
from assistance.stages import Stage
from cooperatives.models import Status
from files.upload import ATTACHMENTS
from tests.assistance.aid import fresh, make_kind, make_programme, make_recipient, proposed
from tests.assistance.desk import filled, messages_of, page_of, paper, posted, text
from tests.factories import make_cooperative, make_regency, make_source, make_user

pytestmark = pytest.mark.django_db
NEW, OLD = "/kerja/bantuan/baru/", "/kerja/bantuan/lama/"


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def berau():
    return make_regency("Berau")


@pytest.fixture
def staff(client):
    person = make_user("staf_provinsi", full_name="Sari Staf")
    client.force_login(person)
    return person


@pytest.fixture
def officer(berau):
    return make_user("petugas", regency=berau)


@pytest.fixture
def cooperative(berau):
    return make_cooperative("KSU Mekar Sari", regency=berau)


def asked_for():
    """What is typed of the aid itself."""
    known = {"programme": str(make_programme().pk), "kind": str(make_kind().pk), "transfer": "grant"}
    return known | {"quantity": "5", "unit_price": "37.500.000"}


def address(cooperative):
    return f"{NEW}?koperasi={cooperative.pk}"


def enter(client, cooperative, **values):
    return posted(client, address(cooperative), **(asked_for() | paper("012/UJI") | values))


class TestForWhom:
    def test_cooperatives_and_known_recipients_are_found_by_name(self, client, staff, cooperative, berau):
        group = make_recipient("Kelompok Mekar", kind="group", regency=berau)
        html = text(client.get(NEW, {"q": "mekar"}))
        assert f"?koperasi={cooperative.pk}" in html and f"?penerima={group.pk}" in html
        nothing = gettext("Nothing fits. Search for a part of the name, or enter a new recipient below.")
        assert nothing in text(client.get(NEW, {"q": "zzz"}))

    def test_an_officer_finds_and_chooses_only_the_own(self, client, officer, cooperative):
        paser = make_regency("Paser")
        other, group = make_cooperative("KSU Mekar Lain", regency=paser), make_recipient(kind="group", regency=paser)
        client.force_login(officer)
        page = client.get(NEW, {"q": "mekar"})
        assert page.context["cooperatives"] == [cooperative] and page.context["regencies"] == []
        for asked in ({"koperasi": other.pk}, {"penerima": group.pk}, {"koperasi": 99999}, {"penerima": 99999}):
            assert client.get(NEW, asked).status_code == 404

    @pytest.mark.parametrize("asked", [{"koperasi": "x"}, {"penerima": "x"}, {"penerima": "٣"}, {"penerima": "9" * 30}])
    def test_odd_keys_are_not_there(self, client, staff, asked):
        assert client.get(NEW, asked).status_code == 404

    def test_a_new_recipient_is_entered_with_its_regency(self, client, staff, berau):
        response = client.post(NEW, {"baru-kind": "group", "baru-name": "Kelompok Tani", "wilayah": "berau"})
        made = Recipient.objects.get()
        assert response["Location"] == f"{NEW}?penerima={made.pk}"
        assert (made.name, made.regency, made.history.first().history_user) == ("Kelompok Tani", berau, staff)

    def test_what_was_typed_of_one_stays_and_a_government_names_its_regency(self, client, staff):
        page = client.post(NEW, {"baru-kind": "government", "baru-name": "Pemerintah Kabupaten"})
        assert page.status_code == 200 and not Recipient.objects.exists()
        assert filled(page)["baru-name"] == "Pemerintah Kabupaten" and "kind" in page.context["form"].errors

    def test_a_recipient_is_no_cooperative_by_its_form(self, client, staff):
        page = client.post(NEW, {"baru-kind": "cooperative", "baru-name": "KSU Palsu"})
        assert "kind" in page.context["form"].errors and not Recipient.objects.exists()

    def test_an_officers_regency_is_the_own_whatever_the_form_says(self, client, officer, berau):
        make_regency("Paser")
        client.force_login(officer)
        client.post(NEW, {"baru-kind": "group", "baru-name": "Kelompok", "wilayah": "paser"})
        assert Recipient.objects.get().regency == berau


class TestProposal:
    def test_is_written_with_its_first_step_and_its_planned_value(self, client, staff, cooperative):
        response = enter(client, cooperative)
        package = Package.objects.get()
        assert response["Location"] == page_of(package)
        assert (package.stage, package.planned_amount) == ("proposed", 187_500_000)
        assert package.regency == cooperative.regency and package.recipient.cooperative == cooperative
        assert not package.is_public
        step = package.steps.get()
        assert (step.by, step.document.number, step.dated_on) == (staff, "012/UJI", date(2024, 1, 9))
        assert gettext("Entered. It waits for verification.") in messages_of(client.get(page_of(package)))

    def test_looking_at_the_page_writes_nothing(self, client, staff, cooperative):
        assert client.get(address(cooperative)).status_code == 200
        assert not Recipient.objects.exists() and not Document.objects.exists()

    def test_the_planned_value_may_be_another_than_the_product(self, client, staff, cooperative):
        enter(client, cooperative, planned_amount="200.000.000")
        assert Package.objects.get().planned_amount == 200_000_000

    def test_an_officer_enters_it_for_the_own_regency_alone(self, client, officer, cooperative, berau):
        paser = make_regency("Paser")
        client.force_login(officer)
        assert "regency" not in filled(client.get(address(cooperative)))
        assert enter(client, cooperative, regency=str(paser.pk)).status_code == 302
        assert Package.objects.get().regency == berau

    def test_what_was_typed_stays_where_a_field_is_wrong(self, client, staff, cooperative):
        refused = enter(client, cooperative, quantity="")
        assert refused.status_code == 200 and refused.context["form"].errors.keys() == {"quantity"}
        form = filled(refused)
        assert (form["number"], form["unit_price"]) == ("012/UJI", "37.500.000")
        assert not Package.objects.exists() and not Document.objects.exists()

    def test_a_document_that_is_on_file_stays_chosen_after_a_refusal(self, client, staff, cooperative):
        cooperative.record_status(Status.DISSOLVED, since=date(2024, 1, 1), basis="SK", by=None)
        refused = enter(client, cooperative)
        assert refused.status_code == 409 and not Package.objects.exists()
        form = filled(refused)
        assert (form["document"], form["quantity"]) == (str(Document.objects.get().pk), "5")

    def test_a_day_in_the_future_is_refused_beside_its_field(self, client, staff, cooperative):
        page = enter(client, cooperative, dated_on="01/01/2999")
        assert page.context["papers"].errors.keys() == {"dated_on"} and not Package.objects.exists()

    def test_a_second_click_enters_it_once_and_leads_to_the_first(self, client, staff, cooperative):
        form = filled(client.get(address(cooperative))) | asked_for()
        first, second = (client.post(address(cooperative), form | paper("012/UJI")) for _ in range(2))
        assert first["Location"] == second["Location"] and Package.objects.count() == 1
        assert Document.objects.count() == 1

    def test_a_file_that_is_too_large_leaves_what_was_typed(self, client, staff, cooperative, monkeypatch):
        monkeypatch.setattr(ATTACHMENTS, "file", 100)
        page = enter(client, cooperative, place="Pasar Melak")
        assert page.status_code == 200 and page.context["papers"].errors.keys() == {"file"}
        form = filled(page)
        assert (form["place"], form["number"], form["quantity"]) == ("Pasar Melak", "012/UJI", "5")
        assert not Package.objects.exists() and not Document.objects.exists()

    def test_given_again_asks_why_and_shows_the_earlier(self, client, staff):
        before = proposed()
        cooperative = before.recipient.cooperative
        assert page_of(before) in text(client.get(address(cooperative)))
        refused = enter(client, cooperative)
        assert refused.status_code == 409 and Package.objects.count() == 1
        again = client.post(address(cooperative), filled(refused) | {"earlier_reason": "Usaha tumbuh"})
        assert again.status_code == 302
        made = Package.objects.exclude(pk=before.pk).get()
        assert made.steps.get().earlier_reason == "Usaha tumbuh" and "Usaha tumbuh" in text(client.get(page_of(made)))

    def test_the_first_aid_of_a_cooperative_asks_nothing_because_others_are_not_known(self, client, staff, cooperative):
        """Old aid of unknown recipients is no earlier aid of everybody's."""
        enter_historical(Package(kind=make_kind()), Stage.HANDED_OVER, by=staff, reason="Siaran pers")
        page = client.get(address(cooperative))
        assert page.context["earlier"] == [] and "earlier_reason" not in filled(page)
        assert enter(client, cooperative).status_code == 302

    def test_earlier_aid_of_another_regency_is_said_without_a_name(self, client, officer, berau):
        there = make_recipient("Siti", kind="person", nik_ktp="6472011203450001", regency=make_regency("Paser"))
        here = make_recipient("Siti", kind="person", nik_ktp="6472011203450001", regency=berau)
        before = proposed(recipient=there)
        client.force_login(officer)
        html = text(client.get(f"{NEW}?penerima={here.pk}"))
        assert gettext("Aid in another regency; the province can tell more.") in html
        assert page_of(before) not in html

    @pytest.mark.parametrize("quantity", ["0", "-1", "1,5", "100.001", "lima"])
    def test_an_odd_quantity_is_refused(self, client, staff, cooperative, quantity):
        page = enter(client, cooperative, quantity=quantity)
        assert "quantity" in page.context["form"].errors and not Package.objects.exists()

    def test_is_closed_to_who_may_not_and_to_other_methods(self, client):
        client.force_login(make_user("auditor"))
        assert client.get(NEW).status_code == client.post(NEW).status_code == 403
        client.force_login(make_user("staf_provinsi"))
        assert client.put(NEW).status_code == client.delete(OLD).status_code == 405


class TestOldAid:
    def test_is_entered_with_everything_unknown(self, client, staff):
        answers = filled(client.get(f"{OLD}?tanpa=1")) | {"kind": str(make_kind().pk), "basis": "Siaran pers 2019"}
        assert client.post(f"{OLD}?tanpa=1", answers).status_code == 302
        old = Package.objects.get()
        assert old.is_historical and old.stage == Stage.HANDED_OVER
        unknown = (old.recipient, old.regency, old.programme, old.quantity, old.recipient_count, old.amount)
        assert unknown == (None,) * 6 and old.steps.get().dated_on is None
        html = text(client.get(page_of(old)))
        assert gettext("recipient not stated") in html and "Siaran pers 2019" in html
        assert not Programme.objects.exists()

    def test_needs_its_kind_and_where_it_is_known_from(self, client, staff):
        page = posted(client, f"{OLD}?tanpa=1", quantity="7")
        assert page.context["form"].errors.keys() == {"kind", "basis"} and filled(page)["quantity"] == "7"
        assert not Package.objects.exists()

    def test_takes_what_is_known(self, client, staff, cooperative):
        source = make_source()
        answers = {
            "kind": str(make_kind().pk),
            "stage": "closed",
            "dated_on": "12/11/2019",
            "programme_name": "Bansos koperasi",
            "fiscal_year": "2019",
            "funding": "apbd_provinsi",
            "contracted_amount": "90.000.000",
            "realised_amount": "88.000.000",
            "quantity": "3",
            "source": str(source.pk),
            "basis": "BAST lama",
        }
        url = f"{OLD}?koperasi={cooperative.pk}"
        assert posted(client, url, **answers).status_code == 302
        old = Package.objects.select_related("programme", "recipient").get()
        assert (old.stage, old.realised_amount, old.quantity, old.source) == ("closed", 88_000_000, 3, source)
        assert (old.programme.name, old.programme.fiscal_year) == ("Bansos koperasi", 2019)
        assert old.programme.is_historical and old.recipient.cooperative == cooperative
        # The next of the same programme is put beside it.
        posted(client, url, **answers)
        assert Package.objects.count() == 2 and Programme.objects.count() == 1

    def test_a_sum_over_many_says_how_many(self, client, staff):
        answers = {"kind": str(make_kind().pk), "recipient_count": "120", "basis": "Laporan tahunan"}
        assert posted(client, f"{OLD}?tanpa=1", **answers).status_code == 302
        assert Package.objects.get().recipient_count == 120
        assert "recipient_count" not in filled(client.get(f"{OLD}?penerima={make_recipient().pk}"))

    def test_that_realised_more_than_its_contract_is_refused(self, client, staff):
        answers = {"kind": str(make_kind().pk), "basis": "x", "contracted_amount": "10", "realised_amount": "11"}
        page = posted(client, f"{OLD}?tanpa=1", **answers)
        assert "realised_amount" in page.context["form"].errors and not Package.objects.exists()

    def test_is_entered_by_the_office_alone(self, client, officer):
        client.force_login(officer)
        assert client.get(OLD).status_code == client.post(f"{OLD}?tanpa=1").status_code == 403


class TestAnotherRecipient:
    def test_is_named_until_the_decree_with_a_reason(self, client, staff, cooperative):
        package = proposed()
        url = f"{page_of(package, 'change_recipient')}?koperasi={cooperative.pk}"
        assert "reason" in posted(client, url, reason="").context["form"].errors
        assert posted(client, url, reason="Tertukar").status_code == 302
        assert fresh(package).recipient.cooperative == cooperative and fresh(package).regency == cooperative.regency

    def test_somebody_changed_the_package_meanwhile(self, client, staff, cooperative):
        package = proposed()
        url = f"{page_of(package, 'change_recipient')}?koperasi={cooperative.pk}"
        form = filled(client.get(url))
        record_amount(fresh(package), "planned", 5, by=make_user("administrator", full_name="Budi Cepat"))
        late = client.post(url, form | {"reason": "Tertukar"})
        assert late.status_code == 409 and "Budi Cepat" in text(late)
        assert fresh(package).recipient.cooperative != cooperative
        assert client.post(url, filled(late)).status_code == 302
        assert fresh(package).recipient.cooperative == cooperative

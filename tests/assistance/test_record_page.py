"""/kerja/bantuan/ and the page of one package: what stands there, for whom, and the corrections that it leads to."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import gettext

from assistance.corrections import record_amount
from assistance.models import Document, Hint, Package
from assistance.models.package import batched
from assistance.procedure import enter_historical
from assistance.stages import Paper, Stage
from common.models import StepRefused
from files.models import GuardedFile
from files.upload import ATTACHMENTS
from tests.assistance.aid import (
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
from tests.assistance.desk import LIST, filled, page_of, paper, posted, text
from tests.assistance.visits import odd_photo
from tests.factories import make_regency, make_user

pytestmark = pytest.mark.django_db


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
def package(berau):
    return proposed(recipient=make_recipient("KSU Mekar", regency=berau))


class TestList:
    def test_an_officer_sees_the_own_regency_and_the_office_all(self, client, staff, officer, package):
        other = proposed(recipient=make_recipient(regency=make_regency("Paser")))
        assert [one.pk for one in client.get(LIST).context["rows"]] == [other.pk, package.pk]
        client.force_login(officer)
        page = client.get(LIST)
        assert [one.pk for one in page.context["rows"]] == [package.pk]
        assert 'name="wilayah"' not in text(page)
        # Not by asking for it either.
        assert not client.get(LIST, {"wilayah": "paser"}).context["rows"]

    def test_is_narrowed_by_words_stage_and_regency(self, client, staff, package):
        decreed = at_stage(Stage.DECREED, recipient=make_recipient("KUD Lain", regency=make_regency("Paser")))

        def found(**asked):
            return {one.pk for one in client.get(LIST, asked).context["rows"]}

        assert found(q="mekar") == {package.pk}
        assert found(tahap="decreed") == {decreed.pk}
        assert found(wilayah="berau") == {package.pk}
        assert found(tahap="tidak-ada") == {decreed.pk, package.pk}
        assert gettext("No package fits. Take the filter away.") in text(client.get(LIST, {"q": "zzz"}))

    def test_says_what_to_do_where_there_is_none(self, client, staff):
        sentence = gettext("No aid is on record yet. Begin with a proposal, enter old aid, or import a list.")
        assert sentence in text(client.get(LIST))

    def test_what_waits_for_me_is_what_i_may_do_next_and_stands_there_once(self, client, staff, package):
        procured = at_stage(Stage.PROCURED)
        for _ in range(2):
            handed(procured, 2, confirm=False)

        def waiting():
            return sorted(one.pk for one in client.get(LIST, {"perlu": "saya"}).context["rows"])

        assert waiting() == [procured.pk]
        client.force_login(make_user("verifikator"))
        assert waiting() == sorted([procured.pk, package.pk])
        client.force_login(make_user("auditor"))
        assert waiting() == []

    def test_an_approver_sees_handovers_that_wait(self, client, staff):
        made = handed(at_stage(Stage.PROCURED), 2, confirm=False)
        assert "handovers" in client.get(LIST).context and not client.get(LIST).context["handovers"]
        client.force_login(make_user("verifikator"))
        page = client.get(LIST)
        assert list(page.context["handovers"]) == [made] and made.document.number in text(page)

    def test_leads_to_the_pages_that_the_role_may_open(self, client, staff, officer):
        names = ["propose_aid", "enter_old_aid", "visit_list", "aid_audit", "hint_list"]

        def linked():
            html = text(client.get(LIST))
            return [name for name in names if 'class="btn' in html and f'href="{reverse(name)}"' in main(html)]

        assert linked() == names
        client.force_login(officer)
        assert linked() == ["propose_aid", "visit_list", "aid_audit", "hint_list"]
        client.force_login(make_user("auditor"))
        assert linked() == ["aid_audit"]

    def test_takes_the_same_queries_at_any_size(self, client, staff):
        programme, kind = make_programme(ceiling=10**13), make_kind()
        counts = []
        for size in (3, 30):
            for _ in range(size):
                proposed(programme=programme, kind=kind, by=staff)
            client.get(LIST)
            with CaptureQueriesContext(connection) as queries:
                assert len(client.get(LIST).context["rows"]) == min(Package.objects.count(), 25)
            counts.append(len(queries))
        # Session, person, permissions; the count, the page, the regencies, the ribbon of demo data; what it waits for.
        assert counts[0] == counts[1] <= 8


def main(html):
    return html[html.index("<main") :]


class TestOneRecord:
    def test_shows_the_way_the_values_and_what_may_come(self, client, staff, package):
        record_amount(fresh(package), "planned", 187_500_000, by=staff)
        html = text(client.get(page_of(package)))
        assert "KSU Mekar" in html and "187.500.000" in html
        for name in ("record_value", "revise_aid", "attach_document", "register_units", "enter_finding"):
            assert page_of(package, name) in html
        # The next steps are the verifier's: said, and not led to.
        assert gettext("by somebody else") in html and "ke=verified" not in html
        client.force_login(make_user("verifikator"))
        assert f"ke=verified&amp;paket={package.pk}.{fresh(package).version}" in text(client.get(page_of(package)))

    def test_of_another_regency_answers_like_one_that_does_not_exist(self, client, officer):
        foreign = at_stage(Stage.HANDED_OVER, recipient=make_recipient(regency=make_regency("Paser")))
        client.force_login(officer)
        assert client.get(page_of(foreign)).status_code == client.get(f"{LIST}99999/").status_code == 404

    def test_reads_but_does_not_write_for_an_officer(self, client, officer, package):
        client.force_login(officer)
        html = text(client.get(page_of(package)))
        assert "KSU Mekar" in html and page_of(package, "record_value") not in html
        assert client.post(page_of(package)).status_code == 405

    def test_leads_to_papers_visits_and_public_pages_of_what_is_handed_over(self, client, staff, package):
        made = at_stage(Stage.HANDED_OVER, recipient=make_recipient("KSU Lain", regency=package.regency))
        unit, handover = made.units.first(), made.handovers.get()
        html = text(client.get(page_of(made)))
        for url in (
            reverse("handover_bast", args=[handover.pk]),
            page_of(made, "package_labels"),
            page_of(made, "visit_package"),
            unit.get_absolute_url(),
        ):
            assert f'href="{url}"' in html
        # Every one of them opens; an unconfirmed BAST is written by hand before.
        assert client.get(reverse("handover_bast", args=[handover.pk])).status_code == 200
        client.force_login(make_user("auditor"))
        html = text(client.get(page_of(made)))
        assert page_of(made, "package_labels") not in html and page_of(made, "visit_package") not in html

    def test_a_bast_can_be_printed_before_anything_is_handed_over(self, client, staff):
        procured = at_stage(Stage.PROCURED)
        add_units(procured)
        assert f'href="{page_of(procured, "package_bast")}"' in text(client.get(page_of(procured)))
        assert client.get(page_of(procured, "package_bast")).status_code == 200

    def test_shows_visits_with_what_is_odd_about_their_photographs(self, client, staff):
        made = at_stage(Stage.HANDED_OVER)
        unit = made.units.first()
        photo = odd_photo(unit, by=staff)
        html = text(client.get(page_of(made)))
        assert unit.code in html and reverse("visit_photo", args=[photo.pk]) in html
        assert gettext("Used before: package %(package)s, unit %(unit)s, visit of %(day)s.").split("%")[0] in html

    def test_shows_what_citizens_said_once_it_is_taken_as_a_hint(self, client, staff):
        made = at_stage(Stage.HANDED_OVER)
        hint = Hint.objects.create(unit=made.units.first(), answer=Hint.Answer.GONE, note="Sudah dijual")
        assert "Sudah dijual" not in text(client.get(page_of(made)))
        hint.decide(state=Hint.State.NOTED, by=staff, comment="")
        assert "Sudah dijual" in text(client.get(page_of(made)))

    def test_takes_the_same_queries_with_five_units_and_with_two_hundred(self, client, staff):
        counts = []
        for size in (5, 200):
            made = at_stage(Stage.PROCURED, quantity=size)
            units = add_units(made, size)
            for part in batched(units, 100):
                handed(made, len(part), units=part)
            client.get(page_of(made))
            with CaptureQueriesContext(connection) as queries:
                assert client.get(page_of(made)).status_code == 200
            counts.append(len(queries))
        # The capped count of units is one more where there are pages.
        assert counts[1] <= counts[0] + 1 <= 25

    def test_old_aid_of_which_nothing_is_known_stands_there(self, client, staff):
        old = enter_historical(Package(kind=make_kind()), Stage.HANDED_OVER, by=staff, reason="Buku lama")
        html = text(client.get(page_of(old)))
        assert gettext("recipient not stated") in html and gettext("date not known") in html and "Buku lama" in html


class TestDocuments:
    def test_are_served_to_whom_sees_their_package(self, client, staff, officer, berau):
        made = proposed(recipient=make_recipient(regency=berau), by=staff)
        response = posted(client, f"{page_of(made, 'attach_document')}?jenis=letter", **paper("S/7"))
        assert response.status_code == 302
        document = Document.objects.get(number="S/7")
        url = reverse("aid_document_file", args=[document.pk])
        assert client.get(url).getvalue().startswith(b"%PDF")
        client.force_login(officer)
        assert client.get(url).getvalue().startswith(b"%PDF")
        client.force_login(make_user("petugas", regency=make_regency("Paser")))
        assert client.get(url).status_code == 404

    def test_the_kind_is_chosen_first(self, client, staff, package):
        url = page_of(package, "attach_document")
        assert "?jenis=nphd" in text(client.get(url))
        assert "?jenis=nphd" in text(client.get(url, {"jenis": "karangan"}))

    def test_one_that_says_otherwise_asks_an_explanation_and_stays_chosen(self, client, staff):
        made = at_stage(Stage.DECREED)
        url = f"{page_of(made, 'attach_document')}?jenis=nphd"
        refused = posted(client, url, **paper("N/1"), said_quantity="4")
        assert refused.status_code == 409 and not made.documents.filter(paper=Paper.NPHD).exists()
        kept = Document.objects.get(number="N/1")
        form = filled(refused)
        assert (form["document"], form["said_quantity"], form["number"]) == (str(kept.pk), "4", "")
        assert client.post(url, form | {"difference": "Satu rusak di jalan"}).status_code == 302
        link = made.links.get(document=kept)
        assert (link.quantity, link.difference) == (4, "Satu rusak di jalan")
        assert GuardedFile.objects.filter(pk=kept.file_id).count() == 1
        assert "Satu rusak di jalan" in text(client.get(page_of(made)))

    def test_a_second_click_files_it_once(self, client, staff, package):
        url = f"{page_of(package, 'attach_document')}?jenis=letter"
        form = filled(client.get(url))
        assert client.post(url, form | paper("S/1")).status_code == 302
        again = client.post(url, form | paper("S/1"))
        assert again.status_code == 409 and "Sari Staf" in text(again)
        assert package.documents.filter(number="S/1").count() == Document.objects.filter(number="S/1").count() == 1

    def test_a_file_that_is_too_large_leaves_what_was_typed(self, client, staff, package, monkeypatch):
        monkeypatch.setattr(ATTACHMENTS, "file", 100)
        url = f"{page_of(package, 'attach_document')}?jenis=letter"
        page = posted(client, url, **paper("S/5"))
        assert page.status_code == 200 and page.context["form"].errors.keys() == {"file"}
        assert filled(page)["number"] == "S/5"
        assert not Document.objects.filter(number="S/5").exists()

    def test_a_document_of_another_regency_cannot_be_chosen_by_an_officer(self, client, officer):
        foreign = make_document(Paper.PROPOSAL, by=make_user("staf_provinsi"))
        own = make_recipient(regency=officer.regency)
        client.force_login(officer)
        page = posted(client, f"/kerja/bantuan/baru/?penerima={own.pk}", document=str(foreign.pk))
        assert "document" in page.context["papers"].errors and not Package.objects.exists()

    def test_a_file_that_is_none_is_refused_beside_what_was_typed(self, client, staff, package):
        url = f"{page_of(package, 'attach_document')}?jenis=letter"
        page = posted(client, url, **paper("S/6") | {"file": SimpleUploadedFile("a.pdf", b"<html>")})
        assert "file" in page.context["form"].errors and filled(page)["number"] == "S/6"
        assert not Document.objects.filter(number="S/6").exists()


class TestMakingUp:
    def test_a_skipped_stage_gets_its_paper_later(self, client, staff):
        made = step_to(proposed(), Stage.RECOMMENDED, reason="Mendesak")
        assert page_of(made, "make_up_stage", "verified") in text(client.get(page_of(made)))
        response = posted(client, page_of(made, "make_up_stage", "verified"), **paper("BA/1", "02/02/2024"))
        assert response.status_code == 302
        step = made.steps.get(to=Stage.VERIFIED)
        assert step.is_made_up and step.document.number == "BA/1" and fresh(made).stage == Stage.RECOMMENDED

    def test_is_done_once(self, client, staff):
        made = step_to(proposed(), Stage.RECOMMENDED, reason="Mendesak")
        url = page_of(made, "make_up_stage", "verified")
        form = filled(client.get(url))
        assert client.post(url, form | paper("BA/1", "02/02/2024")).status_code == 302
        again = client.post(url, form | paper("BA/1", "02/02/2024"))
        assert again.status_code == 409 and made.steps.filter(to=Stage.VERIFIED).count() == 1
        assert again.context["form"].non_field_errors()

    def test_of_no_stage_is_not_there(self, client, staff, package):
        for stage in ("karangan", "refused"):
            assert client.get(page_of(package, "make_up_stage", stage)).status_code == 404


class TestValues:
    def test_are_recorded_and_corrected_with_a_reason(self, client, staff, package):
        url = page_of(package, "record_value")
        assert posted(client, url, what="planned", amount="187.500.000").status_code == 302
        assert fresh(package).planned_amount == 187_500_000
        refused = posted(client, url, what="planned", amount="190.000.000")
        assert refused.status_code == 409 and filled(refused)["amount"] == "190.000.000"
        assert gettext("A correction needs a reason.") in text(refused)
        assert client.post(url, filled(refused) | {"reason": "Harga naik"}).status_code == 302
        assert [row.amount for row in package.amounts.all()] == [187_500_000, 190_000_000]
        assert "Harga naik" in text(client.get(page_of(package)))

    def test_two_editors_are_told_who_and_what_and_nothing_is_overwritten(self, client, staff, package):
        url = page_of(package, "record_value")
        opened = filled(client.get(url))
        other = Client()
        other.force_login(make_user("administrator", full_name="Budi Cepat"))
        assert posted(other, page_of(package, "revise_aid"), place="Pasar Baru").status_code == 302
        late = client.post(url, opened | {"what": "planned", "amount": "5.000.000"})
        assert late.status_code == 409 and fresh(package).planned_amount is None
        assert "Budi Cepat" in text(late) and "Tempat penggunaan" in text(late)
        # Having looked, one sends it again as it stands.
        assert filled(late)["amount"] == "5.000.000"
        assert client.post(url, filled(late)).status_code == 302
        assert (fresh(package).planned_amount, fresh(package).place) == (5_000_000, "Pasar Baru")

    def test_beyond_the_ceiling_are_refused_in_words(self, client, staff):
        made = at_stage(Stage.BUDGETED, programme=make_programme(ceiling=200_000_000))
        page = posted(client, page_of(made, "record_value"), what="planned", amount="200.000.001", reason="x")
        assert page.status_code == 409 and fresh(made).planned_amount == 187_500_000

    @pytest.mark.parametrize("amount", ["", "banyak", "-5", "1.000.000.000.000.000.000"])
    def test_are_whole_rupiah(self, client, staff, package, amount):
        page = posted(client, page_of(package, "record_value"), what="planned", amount=amount)
        assert page.status_code == 200 and "amount" in page.context["form"].errors
        assert not package.amounts.exists()


class TestFacts:
    def test_are_corrected_until_the_decree_and_sent_unedited_change_nothing(self, client, staff, package):
        url, before = page_of(package, "revise_aid"), fresh(package).version
        assert posted(client, url).status_code == 302 and fresh(package).version == before
        assert posted(client, url, quantity="1.500", place="Pasar", reason="Salah ketik").status_code == 302
        assert (fresh(package).quantity, fresh(package).place) == (1500, "Pasar")
        assert posted(client, url).status_code == 302
        assert fresh(package).quantity == 1500
        last = package.history.first()
        assert (last.history_user, last.history_change_reason) == (staff, "Salah ketik")

    def test_that_the_decree_fixes_are_not_asked_and_not_taken(self, client, staff):
        made = at_stage(Stage.DECREED)
        url = page_of(made, "revise_aid")
        assert not {"kind", "quantity", "programme", "regency"} & set(filled(client.get(url)))
        assert posted(client, url, quantity="9", place="Pasar").status_code == 302
        assert (fresh(made).quantity, fresh(made).place) == (5, "Pasar")

    def test_what_is_wrong_stays_typed(self, client, staff, package):
        page = posted(client, page_of(package, "revise_aid"), quantity="nol", place="Pasar")
        assert page.status_code == 200 and filled(page)["place"] == "Pasar" and filled(page)["quantity"] == "nol"
        assert fresh(package).place == ""

    def test_another_regency_than_the_recipients_is_refused_at_the_next_step_at_the_latest(
        self, client, staff, package
    ):
        paser = make_regency("Paser")
        posted(client, page_of(package, "revise_aid"), regency=str(paser.pk), reason="x")
        record_amount(fresh(package), "planned", 1_000_000, by=staff)
        made = step_to(package, Stage.BUDGETED, reason="Uji")
        with pytest.raises(StepRefused):
            step_to(made, Stage.DECREED)


class TestQuantity:
    def test_is_corrected_with_a_reason_after_the_decree(self, client, staff):
        made = at_stage(Stage.DECREED)
        url = page_of(made, "correct_aid_quantity")
        assert url in text(client.get(page_of(made)))
        assert "reason" in posted(client, url, quantity="4").context["form"].errors
        assert posted(client, url, quantity="4", reason="Satu batal").status_code == 302
        assert fresh(made).quantity == 4
        assert posted(client, url, quantity="0", reason="x").status_code == 200 and fresh(made).quantity == 4

    def test_is_never_below_what_is_registered_or_handed_over(self, client, staff):
        made = at_stage(Stage.DECREED)
        add_units(made, 3)
        page = posted(client, page_of(made, "correct_aid_quantity"), quantity="2", reason="x")
        assert page.status_code == 409 and fresh(made).quantity == 5


class TestTakingOut:
    def test_hides_a_wrong_entry_and_keeps_its_history(self, client, package):
        client.force_login(make_user("verifikator"))
        url = page_of(package, "take_out_aid")
        assert url in text(client.get(page_of(package)))
        assert "reason" in posted(client, url, reason=" ").context["form"].errors
        response = posted(client, url, reason="Tertukar dengan program lain")
        assert response.status_code == 302 and response["Location"] == LIST
        assert fresh(package).void_reason == "Tertukar dengan program lain" and package.history.count() > 1
        assert client.get(page_of(package)).status_code == 404

    def test_not_where_units_hang_on_it(self, client):
        made = at_stage(Stage.DECREED)
        add_units(made, 1)
        client.force_login(make_user("verifikator"))
        page = posted(client, page_of(made, "take_out_aid"), reason="x")
        assert page.status_code == 409 and fresh(made).voided_at is None
        # Said once, however often the page tried.
        assert text(page).count(gettext("Units or handovers are on record. Withdraw the aid instead.")) == 1


CORRECTIONS = [
    "record_value",
    "revise_aid",
    "attach_document",
    "register_units",
    "enter_finding",
    "enter_handover",
    "correct_aid_quantity",
    "change_recipient",
]


class TestEveryCorrection:
    @pytest.mark.parametrize("name", CORRECTIONS)
    def test_is_closed_to_who_may_not_and_to_other_methods(self, client, officer, package, name):
        url = page_of(package, name)
        client.force_login(officer)
        assert client.get(url).status_code == client.post(url).status_code == 403
        client.force_login(make_user("staf_provinsi"))
        assert client.put(url).status_code == client.delete(url).status_code == 405
        assert client.get(f"{LIST}99999/" + url.split("/", 4)[4]).status_code == 404

    def test_of_an_ended_package_is_refused_with_a_sentence(self, client, staff):
        made = at_stage(Stage.REFUSED)
        for name, values in {
            "record_value": {"what": "planned", "amount": "5"},
            "correct_aid_quantity": {"quantity": "4", "reason": "x"},
        }.items():
            page = posted(client, page_of(made, name), **values)
            assert page.status_code == 409 and page.context["form"].non_field_errors()
        page = posted(client, f"{page_of(made, 'attach_document')}?jenis=letter", **paper("S/9"))
        assert page.status_code == 409 and not made.documents.filter(number="S/9").exists()
        assert fresh(made).planned_amount is None and fresh(made).quantity == 5

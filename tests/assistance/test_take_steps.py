"""/kerja/bantuan/langkah/: one step for one package or for many, on one document."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import gettext

from assistance.corrections import record_amount
from assistance.models import Document, PackageStep
from assistance.stages import Paper, Stage
from files.models import GuardedFile
from files.upload import ATTACHMENTS
from tests.assistance.aid import at_stage, fresh, make_document, make_kind, make_programme, make_recipient, proposed
from tests.assistance.desk import (
    LIST,
    STEPS,
    filled,
    marks,
    messages_of,
    page_of,
    paper,
    permit,
    posted,
    sent_step,
    stepping,
    text,
)
from tests.factories import make_regency, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def verifier(client):
    person = make_user("verifikator", full_name="Vera Verifikator")
    client.force_login(person)
    return person


@pytest.fixture
def package():
    return proposed()


MINUTES = {"number": "BA/1", "day": "02/02/2024"}


class TestOneStep:
    def test_writes_the_step_and_leads_back_with_a_message(self, client, verifier, package):
        response = client.post(STEPS, filled(client.get(stepping("verified", package))) | paper(**MINUTES), follow=True)
        assert response.redirect_chain == [(page_of(package), 302)]
        assert str(Stage.VERIFIED.label) in messages_of(response)[0]
        step = package.steps.get(to=Stage.VERIFIED)
        assert (step.by, step.document.number, str(step.dated_on)) == (verifier, "BA/1", "2024-02-02")
        # The day of its writing belongs to the office alone, and so does its file.
        assert step.document.file.by == verifier

    def test_needs_a_document_in_full(self, client, verifier, package):
        page = sent_step(client, "verified", package)
        assert page.status_code == 200 and page.context["form"].errors.keys() == {"number", "dated_on", "file"}
        page = sent_step(client, "verified", package, **paper("BA/1", "01/01/2999"))
        assert "dated_on" in page.context["form"].errors and filled(page)["number"] == "BA/1"
        assert not Document.objects.filter(paper=Paper.VERIFICATION).exists()

    def test_that_skips_asks_why_and_says_what(self, client, verifier, package):
        assert str(Stage.VERIFIED.label) in text(client.get(stepping("recommended", package)))
        page = sent_step(client, "recommended", package, **paper("R/1", "19/02/2024"))
        assert "reason" in page.context["form"].errors and fresh(package).stage == Stage.PROPOSED
        assert (
            sent_step(client, "recommended", package, **paper("R/1", "19/02/2024"), reason="Mendesak").status_code
            == 302
        )
        step = package.steps.get(to=Stage.RECOMMENDED)
        assert (step.skipped, step.reason) == (["verified"], "Mendesak")

    def test_a_document_stored_before_a_refusal_stays_chosen_with_what_was_typed(self, client, verifier, package):
        early = sent_step(client, "verified", package, **paper("BA/1", "08/01/2024"), reason="Catatan")
        assert early.status_code == 409 and fresh(package).stage == Stage.PROPOSED
        kept = Document.objects.get(number="BA/1")
        form = filled(early)
        assert (form["document"], form["reason"]) == (str(kept.pk), "Catatan")
        again = client.post(STEPS, form)
        assert again.status_code == 409 and Document.objects.filter(paper=Paper.VERIFICATION).count() == 1
        right = make_document(Paper.VERIFICATION, package.steps.get().dated_on, by=verifier)
        assert client.post(STEPS, filled(again) | {"document": str(right.pk)}).status_code == 302

    def test_at_the_wrong_moment_is_refused_and_nothing_changes(self, client, verifier):
        made = at_stage(Stage.REFUSED)
        page = sent_step(client, "decreed", made, **paper("SK/1", "17/03/2025"))
        assert page.status_code == 409 and page.context["form"].non_field_errors()
        assert fresh(made).stage == Stage.REFUSED and made.steps.count() == 2

    def test_a_double_click_takes_it_once(self, client, verifier, package):
        form = filled(client.get(stepping("verified", package)))
        assert client.post(STEPS, form | paper(**MINUTES)).status_code == 302
        again = client.post(STEPS, form | paper(**MINUTES))
        assert again.status_code == 409
        assert (
            PackageStep.objects.filter(to=Stage.VERIFIED).count() == Document.objects.filter(number="BA/1").count() == 1
        )
        assert GuardedFile.objects.count() == 2

    def test_somebody_changed_it_meanwhile_is_named_and_it_can_be_sent_again(self, client, verifier, package):
        form = filled(client.get(stepping("verified", package)))
        other = Client()
        other.force_login(make_user("staf_provinsi", full_name="Budi Cepat"))
        assert posted(other, page_of(package, "revise_aid"), place="Pasar Baru").status_code == 302
        late = client.post(STEPS, form | paper(**MINUTES))
        assert late.status_code == 409 and fresh(package).stage == Stage.PROPOSED
        assert "Budi Cepat" in text(late) and "Tempat penggunaan" in text(late)
        assert filled(late)["paket"] == marks(fresh(package))[0]
        assert client.post(STEPS, filled(late)).status_code == 302
        assert fresh(package).stage == Stage.VERIFIED and fresh(package).place == "Pasar Baru"

    def test_whoever_attached_something_meanwhile_is_named(self, client, verifier, package):
        form = filled(client.get(stepping("verified", package)))
        other = Client()
        other.force_login(make_user("staf_provinsi", full_name="Lina Lampir"))
        assert posted(other, f"{page_of(package, 'attach_document')}?jenis=letter", **paper("S/1")).status_code == 302
        late = client.post(STEPS, form | paper(**MINUTES))
        assert late.status_code == 409 and "Lina Lampir" in text(late)

    def test_a_file_that_is_too_large_leaves_what_was_typed(self, client, verifier, package, monkeypatch):
        form = filled(client.get(stepping("recommended", package)))
        monkeypatch.setattr(ATTACHMENTS, "file", 100)
        page = client.post(STEPS, form | paper("R/7", "19/02/2024") | {"reason": "Mendesak"})
        assert page.status_code == 200 and page.context["form"].errors.keys() == {"file"}
        assert (filled(page)["number"], filled(page)["reason"]) == ("R/7", "Mendesak")
        assert not Document.objects.filter(number="R/7").exists() and fresh(package).stage == Stage.PROPOSED

    def test_what_is_still_open_is_said_and_can_be_gone_past_with_a_reason(self, client):
        client.force_login(make_user("staf_provinsi"))
        made = at_stage(Stage.HANDED_OVER)
        assert gettext("the use report (LPJ)") in text(client.get(stepping("monitored", made)))
        page = sent_step(client, "monitored", made, **paper("M/1", "20/02/2025"))
        assert page.status_code in (200, 409) and fresh(made).stage == Stage.HANDED_OVER
        assert (
            client.post(STEPS, filled(page) | paper("M/1", "20/02/2025") | {"reason": "Unit hilang"}).status_code == 302
        )

    def test_a_way_out_asks_why(self, client, verifier, package):
        page = sent_step(client, "refused", package, **paper("T/1", "04/03/2025"))
        assert "reason" in page.context["form"].errors
        assert (
            client.post(
                STEPS, filled(page) | paper("T/1", "04/03/2025") | {"reason": "Bukan koperasi aktif"}
            ).status_code
            == 302
        )
        assert fresh(package).stage == Stage.REFUSED

    def test_budgeting_needs_the_planned_value_first(self, client):
        client.force_login(make_user("administrator"))
        made = at_stage(Stage.RECOMMENDED)
        page = sent_step(client, "budgeted", made, **paper("DPA/1", "04/04/2024"))
        assert page.status_code == 409 and gettext("Record the planned value first.") in text(page)
        record_amount(fresh(made), "planned", 1_000_000, by=make_user("staf_provinsi"))
        assert sent_step(client, "budgeted", fresh(made), document=filled(page)["document"]).status_code == 302


class TestDecree:
    def decree(self, client, package, **values):
        return sent_step(client, "decreed", package, **paper("SK/1", "17/07/2024"), **values)

    def test_of_aid_given_again_asks_why_and_shows_the_earlier(self, client, verifier):
        recipient = make_recipient()
        before = at_stage(Stage.DECREED, recipient=recipient)
        made = at_stage(Stage.BUDGETED, recipient=recipient)
        page = client.get(stepping("decreed", made))
        assert page_of(before) in text(page) and "earlier_reason" in filled(page)
        refused = self.decree(client, made)
        assert refused.status_code == 409 and fresh(made).stage == Stage.BUDGETED
        assert client.post(STEPS, filled(refused) | {"earlier_reason": "Usaha bertambah"}).status_code == 302
        assert made.steps.get(to=Stage.DECREED).earlier_reason == "Usaha bertambah"
        assert "Usaha bertambah" in text(client.get(page_of(made)))

    def test_without_earlier_aid_asks_nothing(self, client, verifier):
        made = at_stage(Stage.BUDGETED)
        assert "earlier_reason" not in filled(client.get(stepping("decreed", made)))
        assert self.decree(client, made).status_code == 302

    @pytest.mark.parametrize(
        "said",
        [{"said_quantity": "4"}, {"said_recipient": "KSU Lain"}, {"said_kind": "other"}],
        ids=lambda one: next(iter(one)),
    )
    def test_that_says_otherwise_asks_an_explanation(self, client, verifier, said):
        if "said_kind" in said:
            said = {"said_kind": str(make_kind("Gerobak").pk)}
        made = at_stage(Stage.BUDGETED)
        refused = self.decree(client, made, **said)
        assert refused.status_code == 409 and fresh(made).stage == Stage.BUDGETED
        assert said.items() <= filled(refused).items()
        assert client.post(STEPS, filled(refused) | {"difference": "Satu dialihkan"}).status_code == 302
        assert made.links.get(document__number="SK/1").difference == "Satu dialihkan"
        assert "Satu dialihkan" in text(client.get(page_of(made)))


class TestManyAtOnce:
    def test_take_the_step_on_one_document(self, client, verifier):
        made = [proposed() for _ in range(3)]
        response = client.post(STEPS, filled(client.get(stepping("verified", *made))) | paper(**MINUTES))
        assert response.status_code == 302 and response["Location"] == LIST
        assert {fresh(one).stage for one in made} == {Stage.VERIFIED}
        assert Document.objects.get(number="BA/1").packages.count() == 3

    def test_are_refused_together_each_by_name(self, client, verifier):
        good, bad = proposed(), at_stage(Stage.VERIFIED)
        page = sent_step(client, "verified", good, bad, **paper(**MINUTES))
        assert page.status_code == 409 and fresh(good).stage == Stage.PROPOSED
        sentences = page.context["form"].non_field_errors()
        assert len(sentences) == 1 and str(bad.pk) in sentences[0]

    def test_of_which_one_changed_meanwhile_are_all_as_they_were_and_can_be_sent_again(self, client, verifier):
        first, second = proposed(), proposed()
        form = filled(client.get(stepping("verified", first, second)))
        record_amount(fresh(second), "planned", 5, by=make_user("staf_provinsi", full_name="Budi Cepat"))
        late = client.post(STEPS, form | paper(**MINUTES))
        assert late.status_code == 409 and "Budi Cepat" in text(late)
        # The first was on its way already: nothing of that is left, neither in the database nor on the page.
        assert {fresh(one).stage for one in (first, second)} == {Stage.PROPOSED}
        assert {one.stage for one in late.context["packages"]} == {Stage.PROPOSED}
        assert filled(late)["paket"] == marks(fresh(first), fresh(second))
        assert client.post(STEPS, filled(late)).status_code == 302
        assert {fresh(one).stage for one in (first, second)} == {Stage.VERIFIED}

    def test_only_what_one_saw_changed_is_sent_again_without_another_word(self, client, verifier):
        first, second = proposed(), proposed()
        form = filled(client.get(stepping("verified", first, second)))
        for one in (first, second):
            record_amount(fresh(one), "planned", 5, by=make_user("staf_provinsi"))
        late = client.post(STEPS, form | paper(**MINUTES))
        # The second is still to be told of: its version is the one that was seen.
        assert filled(late)["paket"] == [*marks(fresh(first)), *marks(second)]
        assert client.post(STEPS, filled(late)).status_code == 409

    def test_none_or_too_many_lead_back_with_a_sentence(self, client, verifier, package):
        many = "&".join(f"paket={number}" for number in range(1, 202))
        for url in (STEPS, f"{STEPS}?ke=verified", f"{STEPS}?ke=verified&paket=x", f"{STEPS}?ke=verified&{many}"):
            response = client.get(url, follow=True)
            assert response.redirect_chain == [(LIST, 302)] and messages_of(response)

    def test_cost_no_query_a_package_before_the_decree(self, client, verifier):
        programme = make_programme(ceiling=10**13)
        counts = []
        for size in (3, 30):
            made = [proposed(programme=programme) for _ in range(size)]
            client.get(stepping("verified", *made))
            with CaptureQueriesContext(connection) as queries:
                client.get(stepping("verified", *made))
            counts.append(len(queries))
        assert counts[0] == counts[1]


class TestWhoAndWhich:
    def test_the_step_decides_who_may(self, client, package):
        client.force_login(make_user("staf_provinsi"))
        assert client.get(stepping("verified", package)).status_code == 403
        assert client.post(STEPS, {"ke": "verified", "paket": marks(package), **paper(**MINUTES)}).status_code == 403
        assert client.get(stepping("budgeted", package)).status_code == 200
        client.force_login(make_user("auditor"))
        assert client.get(stepping("budgeted", package)).status_code == 403
        assert client.get(STEPS, follow=True).status_code == 200

    def test_packages_of_another_regency_are_not_there(self, client, package):
        """No role of a regency takes steps today; should one be given the permission, its rows are still its own."""
        berau = make_regency("Berau")
        own = proposed(recipient=make_recipient(regency=berau))
        permit("petugas", "approve_aid")
        client.force_login(make_user("petugas", regency=berau))
        assert client.get(stepping("verified", own)).status_code == 200
        for url in (stepping("verified", package), stepping("verified", own, package)):
            assert client.get(url).status_code == 404
        form = filled(client.get(stepping("verified", own)))
        injected = form | {"paket": marks(own, package), **paper(**MINUTES)}
        assert client.post(STEPS, injected).status_code == 404
        assert {fresh(one).stage for one in (own, package)} == {Stage.PROPOSED}

    @pytest.mark.parametrize("stage", ["proposed", "handed_over", "x", "../", "\0"])
    def test_no_other_stage_is_taken_here(self, client, verifier, package, stage):
        assert client.get(stepping(stage, package)).status_code in (400, 404)

    @pytest.mark.parametrize("mark", ["9999999999999999999", "-1", "1.9999999999999", "٣", "0"])
    def test_odd_marks_are_no_error(self, client, verifier, package, mark):
        assert client.get(STEPS, {"ke": "verified", "paket": mark}).status_code in (200, 302, 404)

    def test_other_methods_and_a_missing_token_are_refused(self, client, verifier, package):
        assert client.put(STEPS).status_code == client.delete(STEPS).status_code == 405
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(verifier)
        assert strict.post(STEPS, {"ke": "verified", "paket": marks(package), **paper(**MINUTES)}).status_code == 403
        assert fresh(package).stage == Stage.PROPOSED

    def test_a_visitor_is_led_to_the_sign_in(self, client, package):
        assert reverse("account_login") in client.get(stepping("verified", package))["Location"]

"""Handing over in the workspace: entered by one person with its BAST, confirmed or rejected by another."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext

from assistance.models import Document, Handover, Unit
from assistance.stages import Paper, Stage
from files.upload import ATTACHMENTS
from tests.assistance.aid import add_units, at_stage, fresh, handed, make_kind
from tests.assistance.desk import LIST, file_papers, filled, messages_of, page_of, paper, permit, posted, text
from tests.factories import make_regency, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def staff(client):
    person = make_user("staf_provinsi", full_name="Sari Staf")
    client.force_login(person)
    return person


@pytest.fixture
def package():
    """Bought, its units registered, its agreements on file."""
    made = at_stage(Stage.PROCURED)
    add_units(made)
    file_papers(fresh(made))
    return fresh(made)


@pytest.fixture
def loose():
    """Five of a kind that has no units of its own."""
    made = at_stage(Stage.PROCURED, kind=make_kind("Bibit", nature="goods", has_units=False))
    file_papers(fresh(made))
    return fresh(made)


def keys(package, count=None):
    return [str(pk) for pk in package.units.order_by("pk").values_list("pk", flat=True)[:count]]


def bast(number="B/1", day="18/11/2024", **values):
    return paper(number, day) | {"handed_on": "18/11/2024", "received_by": "Ibu Ketua"} | values


class TestEntering:
    def test_writes_it_unconfirmed_with_its_units(self, client, staff, package):
        response = posted(client, page_of(package, "enter_handover"), **bast(units=keys(package, 2), place="Balai"))
        assert response["Location"] == page_of(package)
        made = Handover.objects.get()
        assert (made.state, made.quantity, made.entered_by, made.place) == ("entered", 2, staff, "Balai")
        assert made.units.count() == 2 and fresh(package).stage == Stage.PROCURED
        said = gettext("Entered. A colleague who may approve confirms it.")
        assert said in messages_of(client.get(page_of(package)))

    def test_of_a_kind_without_units_counts_and_never_beyond_what_is_left(self, client, staff, loose):
        url = page_of(loose, "enter_handover")
        assert filled(client.get(url))["quantity"] == "5"
        assert posted(client, url, **bast(quantity="3")).status_code == 302
        assert fresh(loose).handed_count == 3 and filled(client.get(url))["quantity"] == "2"
        over = posted(client, url, **bast("B/2", quantity="3"))
        assert over.status_code == 409 and fresh(loose).handed_count == 3 and filled(over)["quantity"] == "3"

    def test_a_second_click_enters_it_once(self, client, staff, loose):
        """What has no units says by nothing else that it is the same handover."""
        url = page_of(loose, "enter_handover")
        form = filled(client.get(url)) | {"quantity": "2"}
        assert client.post(url, form | bast()).status_code == 302
        again = client.post(url, form | bast())
        assert again.status_code == 409 and "Sari Staf" in " ".join(again.context["form"].non_field_errors())
        assert fresh(loose).handed_count == 2 and Handover.objects.count() == 1
        assert Document.objects.filter(number="B/1").count() == 1

    def test_the_same_units_are_handed_over_once(self, client, staff, package):
        url = page_of(package, "enter_handover")
        form = filled(client.get(url)) | {"units": keys(package, 2)}
        assert client.post(url, form | bast()).status_code == 302
        again = client.post(url, form | bast())
        assert "units" in again.context["form"].errors and Handover.objects.count() == 1

    def test_units_of_another_package_cannot_be_chosen(self, client, staff, package):
        foreign = add_units(at_stage(Stage.PROCURED), 1)[0]
        page = posted(client, page_of(package, "enter_handover"), **bast(units=[str(foreign.pk)]))
        assert "units" in page.context["form"].errors and not Handover.objects.exists()

    def test_what_was_typed_stays_and_the_bast_stays_chosen(self, client, staff, package):
        url = page_of(package, "enter_handover")
        refused = posted(client, url, **bast(day="19/11/2024", units=keys(package)))
        assert refused.status_code == 409 and not Handover.objects.exists()
        form = filled(refused)
        assert form["document"] == str(Document.objects.get(number="B/1").pk)
        assert (form["units"], form["received_by"]) == (keys(package), "Ibu Ketua")
        assert fresh(package).handed_count == 0
        assert client.post(url, form | {"handed_on": "19/11/2024"}).status_code == 302

    def test_before_the_agreements_are_on_file_is_refused_and_says_which(self, client, staff):
        made = at_stage(Stage.PROCURED)
        add_units(made)
        url = page_of(made, "enter_handover")
        html = text(client.get(url))
        assert str(Paper.NPHD.label) in html and page_of(made, "attach_document") in html
        page = posted(client, url, **bast(units=keys(made)))
        assert page.status_code == 409 and not Handover.objects.exists()
        assert str(Paper.NPHD.label) in " ".join(page.context["form"].non_field_errors())

    def test_that_skips_procurement_asks_why(self, client, staff):
        made = at_stage(Stage.DECREED)
        add_units(made)
        file_papers(fresh(made))
        url = page_of(made, "enter_handover")
        refused = posted(client, url, **bast(units=keys(made)))
        assert refused.status_code == 409 and not Handover.objects.exists()
        assert client.post(url, filled(refused) | {"skip_reason": "Hibah pihak ketiga"}).status_code == 302

    def test_a_bast_that_says_otherwise_asks_an_explanation(self, client, staff, package):
        url = page_of(package, "enter_handover")
        refused = posted(client, url, **bast(units=keys(package), said_quantity="4"))
        assert refused.status_code == 409 and not Handover.objects.exists()
        assert client.post(url, filled(refused) | {"difference": "Salah tulis"}).status_code == 302
        assert "Salah tulis" in text(client.get(page_of(package)))

    def test_at_the_wrong_moment_is_refused(self, client, staff):
        made = at_stage(Stage.BUDGETED)
        add_units(made)
        page = posted(client, page_of(made, "enter_handover"), **bast(units=keys(made)))
        assert page.status_code == 409 and page.context["form"].non_field_errors()
        assert fresh(made).handed_count == 0

    def test_a_file_that_is_too_large_leaves_what_was_typed(self, client, staff, package, monkeypatch):
        monkeypatch.setattr(ATTACHMENTS, "file", 100)
        page = posted(client, page_of(package, "enter_handover"), **bast(units=keys(package, 2)))
        assert page.context["form"].errors.keys() == {"file"} and not Handover.objects.exists()
        assert (filled(page)["units"], filled(page)["received_by"]) == (keys(package, 2), "Ibu Ketua")

    def test_somebody_handed_over_meanwhile(self, client, staff, package):
        url = page_of(package, "enter_handover")
        opened = filled(client.get(url))
        other = Client()
        other.force_login(make_user("administrator", full_name="Budi Cepat"))
        assert posted(other, url, **bast(units=keys(package, 2))).status_code == 302
        late = client.post(url, opened | bast("B/2", units=keys(package)[2:]))
        assert late.status_code == 409 and "Budi Cepat" in text(late) and fresh(package).handed_count == 2
        assert client.post(url, filled(late)).status_code == 302 and fresh(package).handed_count == 5

    def test_for_another_regency_is_not_there_even_with_the_permission(self, client, package):
        permit("petugas", "process_aid")
        client.force_login(make_user("petugas", regency=make_regency("Paser")))
        url = page_of(package, "enter_handover")
        assert client.get(url).status_code == client.post(url, bast(units=keys(package))).status_code == 404
        assert not Handover.objects.exists()


class TestDeciding:
    @pytest.fixture
    def handover(self):
        return handed(at_stage(Stage.PROCURED), confirm=False, by=make_user("staf_provinsi"))

    @pytest.fixture
    def verifier(self, client):
        person = make_user("verifikator", full_name="Vera Verifikator")
        client.force_login(person)
        return person

    def confirm(self, handover):
        return reverse("confirm_handover", args=[handover.pk])

    def reject(self, handover):
        return reverse("reject_handover", args=[handover.pk])

    def test_the_last_confirmation_moves_the_package_on(self, client, verifier, handover):
        assert self.confirm(handover) in text(client.get(page_of(handover.package)))
        response = client.post(self.confirm(handover), follow=True)
        assert messages_of(response) and fresh(handover.package).stage == Stage.HANDED_OVER
        handover.refresh_from_db()
        assert (handover.state, handover.decided_by) == ("confirmed", verifier)
        assert Unit.objects.filter(handover=handover, is_delivered=True).count() == 5
        assert self.confirm(handover) not in text(client.get(page_of(handover.package)))

    def test_who_entered_it_does_not_confirm_it(self, client):
        person = make_user("administrator")
        client.force_login(person)
        made = handed(at_stage(Stage.PROCURED), confirm=False, by=person)
        html = text(client.get(page_of(made.package)))
        assert gettext("You entered it; a colleague confirms it.") in html and self.confirm(made) not in html
        response = client.post(self.confirm(made), follow=True)
        assert gettext("Who entered a handover does not confirm it. A colleague can.") in messages_of(response)
        made.refresh_from_db()
        assert made.state == "entered"

    def test_is_decided_once_and_the_second_is_told_by_whom(self, client, verifier, handover):
        client.post(self.confirm(handover), follow=True)
        again = client.post(self.confirm(handover), follow=True)
        assert "Vera Verifikator" in messages_of(again)[0]
        assert fresh(handover.package).confirmed_count == 5
        late = posted(client, self.reject(handover), reason="Terlambat")
        assert late.status_code == 409 and "Vera Verifikator" in " ".join(late.context["form"].non_field_errors())
        assert fresh(handover.package).handed_count == 5

    def test_rejecting_asks_why_and_frees_the_units(self, client, verifier, handover):
        page = posted(client, self.reject(handover), reason="  ")
        assert page.status_code == 200 and "reason" in page.context["form"].errors
        assert posted(client, self.reject(handover), reason="BAST belum ditandatangani").status_code == 302
        assert fresh(handover.package).handed_count == 0 and not Unit.objects.exclude(handover=None).exists()
        client.force_login(make_user("staf_provinsi"))
        html = text(client.get(page_of(handover.package)))
        # The one that was rejected has no minutes any more; the blank ones are there again.
        assert "BAST belum ditandatangani" in html and reverse("handover_bast", args=[handover.pk]) not in html
        assert page_of(handover.package, "package_bast") in html

    def test_is_closed_to_wrong_roles_methods_and_strangers(self, client, staff, handover):
        urls = [self.confirm(handover), self.reject(handover)]
        assert {client.post(url).status_code for url in urls} == {403}
        client.force_login(make_user("verifikator"))
        assert client.get(self.confirm(handover)).status_code == client.put(self.reject(handover)).status_code == 405
        assert client.post(f"{LIST}serah-terima/99999/konfirmasi/").status_code == 404
        permit("petugas", "approve_aid")
        client.force_login(make_user("petugas", regency=make_regency("Paser")))
        assert {client.post(url, {"reason": "x"}).status_code for url in urls} == {404}
        handover.refresh_from_db()
        assert handover.state == "entered"

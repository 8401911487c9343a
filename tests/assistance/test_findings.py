"""Findings of an inspection: entered with their report, due by the rule, settled once."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import gettext

from assistance.models import Document, Finding
from assistance.models.rules import finding_days_on
from assistance.stages import Paper, Stage
from common.dates import today
from files.upload import ATTACHMENTS
from tests.assistance.aid import at_stage, fresh, make_document
from tests.assistance.desk import LIST, filled, page_of, paper, permit, posted, text
from tests.factories import make_regency, make_user

pytestmark = pytest.mark.django_db
LHP = date(2025, 3, 10)


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
    return at_stage(Stage.HANDED_OVER)


@pytest.fixture
def finding(package):
    by = make_user("staf_provinsi")
    report = make_document(Paper.FINDING, LHP, by=by)
    return Finding.objects.create(package=package, document=report, text="Satu unit hilang", due_on=LHP, by=by)


def report(number="LHP/1"):
    return paper(number, "10/03/2025")


def enter(client, package, **values):
    known = report() | {"text": "Satu unit tidak ditemukan"}
    return posted(client, page_of(package, "enter_finding"), **(known | values))


def settle(client, finding, **values):
    known = {"settled_on": "01/04/2025", "settlement": "Unit ditemukan"}
    return posted(client, reverse("settle_finding", args=[finding.pk]), **(known | values))


class TestEntering:
    def test_writes_it_with_its_report_and_the_day_of_the_rule(self, client, staff, package):
        assert enter(client, package)["Location"] == page_of(package)
        made = Finding.objects.get()
        assert (made.by, made.document.number, made.document.paper) == (staff, "LHP/1", Paper.FINDING)
        assert made.due_on == LHP + timedelta(days=finding_days_on(LHP))
        html = text(client.get(page_of(package)))
        assert "Satu unit tidak ditemukan" in html and gettext("overdue") in html

    def test_needs_its_words_and_its_report(self, client, staff, package):
        page = enter(client, package, text="", number="")
        assert page.context["form"].errors.keys() == {"text", "number"} and not Finding.objects.exists()
        assert filled(page)["dated_on"] == "10/03/2025"

    def test_a_second_click_enters_it_once_and_says_who_was_first(self, client, staff, package):
        url = page_of(package, "enter_finding")
        form = filled(client.get(url)) | {"text": "Satu unit"}
        assert client.post(url, form | report()).status_code == 302
        again = client.post(url, form | report())
        assert again.status_code == 409 and "Sari Staf" in " ".join(again.context["form"].non_field_errors())
        assert Finding.objects.count() == Document.objects.filter(number="LHP/1").count() == 1
        # Looked at and sent once more it is a second finding of the same report, of which nobody uploads a copy.
        assert filled(again)["text"] == "Satu unit"
        assert client.post(url, filled(again) | {"text": "Satu lagi"}).status_code == 302
        assert Finding.objects.count() == 2 and Document.objects.filter(number="LHP/1").count() == 1

    def test_somebody_changed_the_package_meanwhile(self, client, staff, package):
        url = page_of(package, "enter_finding")
        opened = filled(client.get(url))
        other = Client()
        other.force_login(make_user("administrator", full_name="Budi Cepat"))
        assert posted(other, page_of(package, "revise_aid"), place="Pasar Baru").status_code == 302
        late = client.post(url, opened | report() | {"text": "Satu unit"})
        said = " ".join(late.context["form"].non_field_errors())
        assert late.status_code == 409 and "Budi Cepat" in said and "Tempat penggunaan" in said
        assert not Finding.objects.exists() and fresh(package).place == "Pasar Baru"

    def test_a_file_that_is_too_large_leaves_what_was_typed(self, client, staff, package, monkeypatch):
        monkeypatch.setattr(ATTACHMENTS, "file", 100)
        page = enter(client, package)
        assert page.context["form"].errors.keys() == {"file"} and not Finding.objects.exists()
        assert (filled(page)["text"], filled(page)["number"]) == ("Satu unit tidak ditemukan", "LHP/1")


class TestSettling:
    def test_says_when_how_and_by_whom(self, client, staff, finding):
        url = reverse("settle_finding", args=[finding.pk])
        assert url in text(client.get(page_of(finding.package))) and "Satu unit hilang" in text(client.get(url))
        assert settle(client, finding)["Location"] == page_of(finding.package)
        finding.refresh_from_db()
        assert (finding.settled_on, finding.settled_by) == (date(2025, 4, 1), staff)
        html = text(client.get(page_of(finding.package)))
        assert "Unit ditemukan" in html and url not in html

    @pytest.mark.parametrize("days", ["before the report", "in the future"])
    def test_not_before_the_report_nor_in_the_future(self, client, staff, finding, days):
        day = LHP - timedelta(days=1) if days == "before the report" else today() + timedelta(days=1)
        page = settle(client, finding, settled_on=day.strftime("%d/%m/%Y"))
        assert page.status_code == 409 and filled(page)["settlement"] == "Unit ditemukan"
        finding.refresh_from_db()
        assert finding.settled_on is None

    def test_is_done_once_and_the_first_words_stay(self, client, staff, finding):
        settle(client, finding)
        late = settle(client, finding, settlement="Kata kedua")
        assert late.status_code == 409 and gettext("This finding was settled already.") in text(late)
        finding.refresh_from_db()
        assert finding.settlement == "Unit ditemukan"

    @pytest.mark.parametrize("missing", ["settled_on", "settlement"])
    def test_needs_both(self, client, staff, finding, missing):
        page = settle(client, finding, **{missing: ""})
        assert page.status_code == 200 and page.context["form"].errors.keys() == {missing}


def test_findings_are_closed_to_wrong_roles_other_methods_and_strangers(client, staff, finding):
    urls = [page_of(finding.package, "enter_finding"), reverse("settle_finding", args=[finding.pk])]
    assert {client.put(url).status_code for url in urls} == {405}
    assert client.get(f"{LIST}temuan/99999/").status_code == 404
    for role in ("verifikator", "auditor"):
        client.force_login(make_user(role))
        assert {client.get(url).status_code for url in urls} == {client.post(urls[1]).status_code} == {403}
    permit("petugas", "process_aid")
    client.force_login(make_user("petugas", regency=make_regency("Paser")))
    assert {client.get(url).status_code for url in urls} == {client.post(urls[1]).status_code} == {404}

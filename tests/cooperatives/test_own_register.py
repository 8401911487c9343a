"""/kerja/koperasi/ and /kerja/usul-status/: the register as its responsible office keeps it up."""

from datetime import date

import pytest
from django.test import Client
from django.utils.translation import gettext

from cooperatives.models import Cooperative, Form, Status, StatusProposal, StepRefused
from cooperatives.models.proposal import propose
from tests.factories import make_cooperative, make_form, make_regency, make_return, make_user
from tests.filled_form import filled_form

pytestmark = pytest.mark.django_db
LIST = "/kerja/koperasi/"


@pytest.fixture
def berau():
    return make_regency("Berau")


@pytest.fixture
def officer(client, berau):
    person = make_user("petugas", regency=berau)
    client.force_login(person)
    return person


@pytest.fixture
def own(berau):
    return make_cooperative(
        "KSP Sendiri", regency=berau, founded_on=date(2015, 1, 1), phone="0811 222", village="Sambaliung"
    )


def text(response):
    return response.content.decode()


def filled(page):
    """The form of a page as a browser would send it unedited."""
    return filled_form(page, "form")


def posted(client, url, **values):
    """The form of a page, filled in as it stands and with these values, sent."""
    return client.post(url, filled(client.get(url)) | values)


class TestList:
    def test_those_that_lack_most_come_first_with_what_they_lack(self, client, officer, berau):
        complete = make_cooperative(
            "KSP Lengkap",
            regency=berau,
            nomor_induk_koperasi="3275070060001",
            legal_number="1/BH",
            form=make_form(),
            village="Sambaliung",
            founded_on=date(2010, 1, 1),
        )
        empty = make_cooperative("KSP Kosong", regency=berau)
        page = client.get(LIST)
        assert [record.pk for record, _lacks in page.context["rows"]] == [empty.pk, complete.pk]
        lacks = page.context["rows"][0][1]
        assert "tanpa Nomor Induk Koperasi" in lacks and any("laporan" in words for words in lacks)
        assert len(lacks) == page.context["rows"][0][0].gaps

    def test_only_what_is_under_the_own_office_and_beside_it_what_is_only_located_there(
        self, client, officer, own, berau
    ):
        provincial = make_cooperative("Koperasi Provinsi", regency=berau, form=make_form(Form.Level.PROVINCE))
        make_cooperative("Koperasi Tetangga", regency=make_regency("Paser"))
        assert [record.pk for record, _ in client.get(LIST).context["rows"]] == [own.pk]
        assert [record.pk for record, _ in client.get(LIST, {"lokasi": "1"}).context["rows"]] == [provincial.pk]

    def test_the_province_keeps_up_its_own(self, client, own):
        provincial = make_cooperative("Koperasi Provinsi", form=make_form(Form.Level.PROVINCE))
        client.force_login(make_user("staf_provinsi"))
        assert [record.pk for record, _ in client.get(LIST).context["rows"]] == [provincial.pk]

    def test_is_narrowed_by_name_and_by_what_is_missing(self, client, officer, own, berau):
        make_cooperative("KUD Lain", regency=berau, village="Gunung Tabur", founded_on=date(2015, 1, 1))
        assert [r.pk for r, _ in client.get(LIST, {"q": "sendiri"}).context["rows"]] == [own.pk]
        assert len(client.get(LIST, {"kurang": "nik"}).context["rows"]) == 2
        assert not client.get(LIST, {"kurang": "village"}).context["rows"]
        assert client.get(LIST, {"kurang": "password"}).status_code == 200

    @pytest.mark.parametrize("size", [3, 30])
    def test_takes_the_same_queries_at_any_size(self, client, officer, berau, django_assert_num_queries, size):
        for number in range(size):
            make_cooperative(f"KSP {number}", regency=berau)
        client.get(LIST)
        # Session, person and group, permissions; the rules in force (2), the count, the page; the data versions.
        with django_assert_num_queries(QUERIES_OF_LIST):
            client.get(LIST)


QUERIES_OF_LIST = 9


class TestOneRecord:
    def test_shows_what_is_missing_and_leads_to_each_form(self, client, officer, own):
        make_return(own, 2024, rat_held=True, members=40)
        html = text(client.get(f"{LIST}{own.pk}/"))
        assert "0811 222" in html and f"{LIST}{own.pk}/kontak/" in html
        assert f"{LIST}{own.pk}/laporan/2025/" in html and f"{LIST}{own.pk}/usul-status/" in html

    def test_only_located_here_can_be_read_and_nothing_more(self, client, officer, berau):
        there = make_cooperative(
            "Koperasi Provinsi", regency=berau, form=make_form(Form.Level.PROVINCE), phone="0899 1"
        )
        html = text(client.get(f"{LIST}{there.pk}/"))
        assert "Koperasi Provinsi" in html and "0899 1" not in html and "/kontak/" not in html
        for path in ("kontak/", "laporan/2024/", "usul-status/"):
            assert client.get(f"{LIST}{there.pk}/{path}").status_code == 404

    def test_of_another_regency_answers_like_one_that_does_not_exist(self, client, officer):
        foreign = make_cooperative("Koperasi Paser", regency=make_regency("Paser"))
        for path in ("", "kontak/", "laporan/2024/", "usul-status/"):
            known, unknown = client.get(f"{LIST}{foreign.pk}/{path}"), client.get(f"{LIST}99999/{path}")
            assert known.status_code == unknown.status_code == 404

    def test_the_public_page_shows_no_contact(self, client, own):
        assert "0811 222" not in text(client.get(own.get_absolute_url(), follow=True))


class TestContacts:
    def test_are_corrected_with_history(self, client, officer, own):
        response = posted(client, f"{LIST}{own.pk}/kontak/", address="Jl. Pemuda 1", phone="0811 999")
        assert response.status_code == 302
        own.refresh_from_db()
        assert (own.address, own.phone, own.village) == ("Jl. Pemuda 1", "0811 999", "Sambaliung")
        assert own.history.latest().history_user == officer and own.version == 3

    def test_two_editors_are_told_and_nothing_is_overwritten(self, client, officer, own):
        url = f"{LIST}{own.pk}/kontak/"
        opened = filled(client.get(url))
        other = Client()
        other.force_login(make_user("staf_provinsi", full_name="Sari Cepat"))
        posted(other, url, village="Tanjung Redeb", address="Jl. Satu")
        response = client.post(url, opened | {"village": "Gunung Tabur", "phone": "0811 333"})
        html = text(response)
        assert response.status_code == 200 and "Sari Cepat" in html and "Tanjung Redeb" in html
        own.refresh_from_db()
        assert (own.village, own.phone) == ("Tanjung Redeb", "0811 222")
        again = filled(response)
        assert (again["village"], again["address"], again["phone"]) == ("Gunung Tabur", "Jl. Satu", "0811 333")
        assert client.post(url, again).status_code == 302
        own.refresh_from_db()
        assert (own.village, own.address, own.phone) == ("Gunung Tabur", "Jl. Satu", "0811 333")

    def test_a_return_entered_meanwhile_is_no_conflict(self, client, officer, own):
        url = f"{LIST}{own.pk}/kontak/"
        opened = filled(client.get(url))
        posted(client, f"{LIST}{own.pk}/laporan/2024/", rat_held="1")
        assert client.post(url, opened | {"phone": "0811 333"}).status_code == 302
        own.refresh_from_db()
        assert own.phone == "0811 333" and own.returns.get().rat_held is True

    @pytest.mark.parametrize(
        ("field", "value"), [("latitude", "40"), ("postal_code", "7531"), ("email", "bukan"), ("village", "a\u200bb")]
    )
    def test_refuse_what_cannot_be_and_keep_what_was_typed(self, client, officer, own, field, value):
        values = {"longitude": "117", "latitude": "0", "address": "Jl. Baru"} | {field: value}
        response = posted(client, f"{LIST}{own.pk}/kontak/", **values)
        assert response.status_code == 200 and field in response.context["form"].errors
        assert "Jl. Baru" in text(response)
        own.refresh_from_db()
        assert own.address == ""

    def test_no_other_field_can_be_set(self, client, officer, own):
        posted(client, f"{LIST}{own.pk}/kontak/", phone="1", name="Lain", regency="1", status="dissolved", version="1")
        own.refresh_from_db()
        assert (own.name, own.status) == ("KSP Sendiri", Status.ACTIVE)


class TestReturn:
    def test_is_entered_and_corrected(self, client, officer, own):
        url = f"{LIST}{own.pk}/laporan/2024/"
        values = {"rat_held": "1", "rat_on": "15/03/2025", "members_men": "1.000", "members_women": "234"}
        assert posted(client, url, **values).status_code == 302
        entry = own.returns.get()
        assert (entry.book_year, entry.rat_held, entry.members, entry.version) == (2024, True, 1234, 1)
        own.refresh_from_db()
        assert own.latest_members == 1234
        again = posted(client, url, shu="-5.000")
        assert again.status_code == 302, again.context["form"].errors
        entry.refresh_from_db()
        assert (entry.shu, entry.members, entry.version) == (-5000, 1234, 2)

    def test_refuses_what_contradicts_itself(self, client, officer, own):
        response = posted(client, f"{LIST}{own.pk}/laporan/2024/", rat_on="15/03/2024", members="6,111")
        assert {"rat_on", "members"} <= set(response.context["form"].errors)
        assert not own.returns.exists()

    @pytest.mark.parametrize("year", [1990, 2026, 2030])
    def test_only_for_book_years_that_have_ended_lately(self, client, officer, own, year):
        assert client.get(f"{LIST}{own.pk}/laporan/{year}/").status_code == 404

    def test_two_who_enter_the_same_year_are_told(self, client, officer, own):
        url = f"{LIST}{own.pk}/laporan/2024/"
        opened = filled(client.get(url))
        other = Client()
        other.force_login(make_user("staf_provinsi", full_name="Sari Cepat"))
        posted(other, url, members="40")
        response = client.post(url, opened | {"members": "50"})
        assert response.status_code == 200 and "Sari Cepat" in text(response)
        assert own.returns.get().members == 40


class TestProposal:
    def asked(self, client, own, **values):
        values = {"status": "inactive", "since": "01/02/2025", "basis": "Kunjungan 3 Maret 2025"} | values
        return client.post(f"{LIST}{own.pk}/usul-status/", values)

    def test_leaves_the_status_until_the_office_accepts_it(self, client, officer, own):
        assert self.asked(client, own).status_code == 302
        own.refresh_from_db()
        assert own.status == Status.ACTIVE
        verifier = make_user("verifikator")
        client.force_login(verifier)
        proposal = StatusProposal.objects.get()
        assert "Kunjungan 3 Maret 2025" in text(client.get("/kerja/usul-status/"))
        assert "usul-status" in text(client.get("/kerja/"))
        client.post(f"/kerja/usul-status/{proposal.pk}/putuskan/", {"decision": "accept", "reason": "RAT terlaksana"})
        own.refresh_from_db()
        period = own.status_periods.get(until=None)
        assert (own.status, period.since, period.basis, period.by) == (
            Status.INACTIVE,
            date(2025, 2, 1),
            "Kunjungan 3 Maret 2025",
            verifier,
        )

    def test_is_refused_with_a_reason_only(self, client, officer, own):
        self.asked(client, own)
        proposal = StatusProposal.objects.get()
        client.force_login(make_user("verifikator"))
        client.post(f"/kerja/usul-status/{proposal.pk}/putuskan/", {"decision": "refuse"})
        proposal.refresh_from_db()
        assert proposal.state == "open"
        client.post(f"/kerja/usul-status/{proposal.pk}/putuskan/", {"decision": "refuse", "reason": "RAT ada"})
        proposal.refresh_from_db()
        assert (proposal.state, proposal.reason) == ("refused", "RAT ada")
        client.force_login(officer)
        assert "RAT ada" in text(client.get(f"{LIST}{own.pk}/"))

    def test_whoever_proposed_never_decides(self, own):
        person = make_user("administrator")
        proposal = propose(own, status="inactive", since=date(2025, 2, 1), basis="x", by=person)
        with pytest.raises(StepRefused):
            proposal.accept(by=person, reason="y")
        with pytest.raises(StepRefused):
            proposal.refuse(by=person, reason="y")
        assert StatusProposal.objects.get().state == "open"

    def test_is_decided_once(self, own):
        proposal = propose(own, status="inactive", since=date(2025, 2, 1), basis="x", by=make_user("petugas"))
        late = StatusProposal.objects.get()
        proposal.refuse(by=make_user("verifikator", full_name="Budi Pertama"), reason="y")
        with pytest.raises(StepRefused, match="Budi Pertama"):
            late.accept(by=make_user("verifikator"), reason="y")
        assert Cooperative.objects.get().status == Status.ACTIVE

    def test_stands_alone_and_within_the_rules(self, client, officer, own):
        assert self.asked(client, own, since="01/02/2999").status_code == 200
        assert self.asked(client, own, status="merged").status_code == 200
        assert self.asked(client, own, basis="").status_code == 200
        assert not StatusProposal.objects.exists()
        self.asked(client, own)
        again = self.asked(client, own, status="frozen")
        assert gettext("A proposal for this cooperative waits for the office already.") in text(again)
        assert StatusProposal.objects.count() == 1

    def test_that_cannot_be_recorded_any_more_stays_open_and_says_why(self, client, officer, own):
        self.asked(client, own)
        own.record_status(Status.DISSOLVED, since=date(2025, 1, 1), basis="SK", by=None)
        client.force_login(make_user("verifikator"))
        proposal = StatusProposal.objects.get()
        decision = {"decision": "accept", "reason": "RAT terlaksana"}
        response = client.post(f"/kerja/usul-status/{proposal.pk}/putuskan/", decision, follow=True)
        assert "tidak dapat" in text(response) or "tidak bisa" in text(response)
        proposal.refresh_from_db()
        assert proposal.state == "open"

    def test_an_officer_decides_nothing(self, client, officer, own):
        self.asked(client, own)
        proposal = StatusProposal.objects.get()
        assert client.get("/kerja/usul-status/").status_code == 403
        assert client.post(f"/kerja/usul-status/{proposal.pk}/putuskan/", {"decision": "accept"}).status_code == 403

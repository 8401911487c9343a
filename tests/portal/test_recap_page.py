"""/statistik/rekap/: the page, its links and its files say the same."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.urls import reverse

from common.dates import today
from cooperatives.models import Form, Status
from cooperatives.recap import LOCATED, recap
from tests.factories import make_cooperative, make_form, make_regency, make_return

pytestmark = pytest.mark.django_db


@pytest.fixture
def register():
    kubar, bontang = make_regency("Kutai Barat"), make_regency("Bontang")
    make_regency("Mahakam Ulu", valid_from=date(2013, 4, 22), split_from=kubar)
    year = recap(today()).counting_year
    for status in (Status.ACTIVE, Status.ACTIVE, Status.INACTIVE, Status.FROZEN):
        make_return(make_cooperative(regency=kubar, status=status), year, members=1500)
    make_return(make_cooperative(regency=bontang, form=make_form(Form.Level.PROVINCE)), year, rat_held=False)
    gone = make_cooperative(regency=kubar, since=date(2000, 1, 1))
    gone.record_status(Status.DISSOLVED, since=date(2015, 1, 1), basis="SK", by=None)


def test_it_shows_each_office_and_the_total(client, register):
    page = client.get(reverse("recap"))
    text = page.content.decode()
    assert page.status_code == 200
    assert "6.000" in text and "Kutai Barat" in text and "Mahakam Ulu" in text
    # A regency without a record is not one without cooperatives.
    assert "belum ada data" in text


def test_every_number_leads_to_as_many_cooperatives(client, register):
    for by in ("under", LOCATED):
        page = client.get(reverse("recap"), {"menurut": by})
        followed = 0
        for line in page.context["lines"]:
            for value, url in line["counts"]:
                if url:
                    rows = client.get(f"{url}&format=csv")
                    assert int(rows["X-Row-Count"]) == value, url
                    followed += 1
        assert followed >= 12


def test_an_earlier_day_shows_that_day(client, register):
    page = client.get(reverse("recap"), {"per": "31/12/2012"})
    assert page.context["recap"].on == date(2012, 12, 31)
    assert page.context["recap"].row("mahakam-ulu") is None


@pytest.mark.parametrize("typed", ["31/02/2020", "13/13/2020", "<script>", "01/01/25", "x" * 500])
def test_a_day_that_cannot_be_read_is_said_and_kept(client, register, typed):
    page = client.get(reverse("recap"), {"per": typed})
    assert page.status_code == 200
    assert page.context["form"].errors["per"]
    # Nothing is saved here; the page says what it shows instead.
    text = page.content.decode()
    assert "Tidak dipahami. Di bawah ini rekap hari ini menurut kantor pembina:" in text
    assert "Koperasi dihitung menurut kantor pembina." in text
    assert "<script>" not in page.content.decode()


def test_the_future_is_refused(client, register):
    tomorrow = today() + timedelta(days=1)
    page = client.get(reverse("recap"), {"per": f"{tomorrow:%d/%m/%Y}"})
    assert "per" in page.context["form"].errors


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
def test_the_file_has_a_row_for_each_office_and_the_total(client, register, form):
    answer = client.get(reverse("recap"), {"format": form})
    assert answer["X-Row-Count"] == "5"
    assert b"".join(answer.streaming_content)


def test_the_file_holds_the_numbers_of_the_page(client, register):
    answer = client.get(reverse("recap"), {"format": "csv"})
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))
    head, body = rows[0], {row[1]: row for row in rows[1:]}
    found = recap(today())
    assert len(head) == len(set(head))
    assert body["kutai-barat"][5:9] == ["4", "2", "2", "4"]
    assert body["mahakam-ulu"][5] == ""
    assert body["total"][5] == str(found.total.total)
    assert str(found.total.sums["members"]) in body["total"]


def test_it_asks_the_same_number_of_queries_at_any_size(client, register, django_assert_max_num_queries):
    with django_assert_max_num_queries(13):
        client.get(reverse("recap"))
    for number in range(6):
        make_return(make_cooperative(regency=make_regency(f"Lain {number}")), 2024)
    with django_assert_max_num_queries(13):
        client.get(reverse("recap"))


@pytest.mark.parametrize("query", ["per=kemarin", "per=2999-01-01", "menurut=x"])
def test_a_file_of_a_question_that_was_not_understood_is_refused(client, register, query):
    answer = client.get(f"{reverse('recap')}?{query}&format=csv")
    assert answer.status_code == 400
    assert answer["Content-Type"].startswith("text/plain") and ": " in answer.content.decode()
    assert client.get(f"{reverse('recap')}?format=pdf").status_code == 404


def test_the_page_offers_a_file_for_excel(client, register):
    page = client.get(reverse("recap"), {"per": "31/12/2012"}).content.decode()
    assert "CSV untuk Excel" in page
    assert "?per=31%2F12%2F2012&amp;format=csv&amp;pemisah=titik-koma" in page

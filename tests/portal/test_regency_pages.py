"""/wilayah/ and a regency's page: published beside counted, and every number's rows."""

import re
from datetime import date
from html import unescape
from io import StringIO

import pytest
from django.core.management import call_command

from common.dates import today
from cooperatives.models import Form, Group, Status, rules_on
from cooperatives.recap import LOCATED, recap
from portal import picture, regions
from regions.models import Regency
from tests.factories import make_cooperative, make_figure, make_form, make_group, make_return

pytestmark = pytest.mark.django_db


@pytest.fixture
def starter():
    call_command("load_starter", stdout=StringIO())


def text(response):
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode().replace("\u00a0", " "))


@pytest.fixture
def kutai_barat(starter):
    """Five standing, one dissolved, one voided in spirit: of another regency."""
    regency = Regency.objects.get(slug="kutai-barat")
    year = rules_on(today()).counting_year
    ksu = Group.objects.get(name="Serba Usaha")
    first = make_cooperative("KSU Satu", regency=regency, group=ksu)
    second = make_cooperative("KSU Dua", regency=regency, group=ksu, form=make_form(Form.Level.PROVINCE))
    third = make_cooperative("Koperasi Tiga", regency=regency)
    make_cooperative("Koperasi Empat", regency=regency, status=Status.INACTIVE)
    make_cooperative("Koperasi Lima", regency=regency, status=Status.FROZEN)
    gone = make_cooperative("Koperasi Enam", regency=regency, status=Status.DISSOLVED)
    make_cooperative("Koperasi Tujuh", regency=Regency.objects.get(slug="berau"))
    make_return(first, year, members=100, members_men=60, members_women=40, audited=True)
    make_return(second, year, members=30)
    make_return(third, year, rat_held=False, members=None)
    make_return(gone, year, members=999)
    return regency


def test_published_and_counted_stand_side_by_side(client, kutai_barat):
    page = text(client.get("/wilayah/kutai-barat/"))
    table = page.split('id="t-angka"')[1].split("</table>")[0]
    assert "689" in table
    assert "Februari 2011 · Kalimantan News" in table
    assert "masih mencakup Mahakam Ulu" in table
    assert re.search(r">Koperasi aktif</th>.*?belum ada data.*?>3</a>", table)
    assert "1 di antaranya dibekukan" in table
    assert re.search(r"Kelompok: Serba Usaha.*?521.*?2012 · ANTARA Kaltim.*?>2</a>", table)
    assert "Kelompok: <" not in table, "a total is no group"
    assert "dari 2 koperasi yang mengisi" in table
    assert ">130</a>" in table


def test_every_number_leads_to_exactly_its_rows(client, kutai_barat):
    """Each linked number is the number of rows behind its link."""
    page = client.get("/wilayah/kutai-barat/").content.decode()
    links = re.findall(r'<td class="n"><a href="(/koperasi/\?[^"]+)">([\d.]+)</a>', page)
    checked = 0
    for address, number in links:
        if number == "130" or number in {"60", "40"}:
            continue  # members: their rows are cooperatives
        response = client.get(unescape(address) + "&format=json")
        assert response.status_code == 200, address
        assert response["X-Row-Count"] == number, address
        checked += 1
    assert checked >= 8


def test_the_page_agrees_with_the_recap_by_seat(client, kutai_barat):
    row = recap(today(), by=LOCATED).row("kutai-barat")
    page = text(client.get("/wilayah/kutai-barat/"))
    assert (row.total, row.active, row.rat_held) == (5, 3, 2)
    assert f"60,0 % <span>{row.active} dari {row.total} koperasi</span>" in page
    assert "Perlu 1 koperasi aktif lagi, atau pembubaran 1 yang tidak aktif." in page
    assert f"40,0 % <span>{row.rat_held} dari {row.total} koperasi</span>" in page
    assert "Setara 66,7 % dari jumlah yang aktif (3)" in page


@pytest.mark.parametrize("on", [today(), date(2013, 1, 1)])
def test_the_recap_of_one_seat_is_its_row_of_the_whole(kutai_barat, on):
    """On a day before the split the mother's row holds the daughter's cooperatives."""
    young = make_cooperative(regency=Regency.objects.get(slug="mahakam-ulu"), since=date(2010, 1, 1))
    make_return(young, 2011, members=7)
    make_return(young, rules_on(today()).counting_year, members=8)
    whole = recap(on, by=LOCATED)
    for regency in Regency.objects.on(on):
        assert recap(on, by=LOCATED, seat=regency).row(regency.slug) == whole.row(regency.slug)
    assert whole.row("kutai-barat").sums["members"] == (7 if on.year == 2013 else 130)


def test_awards_history_and_both_codes_are_told(client, kutai_barat):
    page = text(client.get("/wilayah/kutai-barat/"))
    assert page.index("<h3>2013</h3>") < page.index("<h3>2011</h3>")
    assert "Mahakam Ulu berpisah dari Kutai Barat" in page
    assert "Kemendagri 64.07 · BPS 6402" in page
    assert "172.288 orang" in page


@pytest.mark.usefixtures("starter")
def test_an_empty_register_is_said_and_is_no_zero(client):
    page = text(client.get("/wilayah/mahakam-ulu/"))
    assert "Register belum memuat koperasi" in page
    assert "Belum ada predikat yang tercatat" in page
    assert "Berpisah dari Kutai Barat" in page
    assert "Bagian aktif" not in page


@pytest.mark.usefixtures("starter")
def test_a_former_regency_says_since_when(client):
    page = text(client.get("/wilayah/tarakan/"))
    assert "Sejak 22 April 2013, Kota Tarakan bukan lagi bagian dari Kalimantan Timur." in page
    assert "207" in page
    assert "Dari register" not in page
    assert "Kini di Kalimantan Utara" in page


def test_a_figure_in_doubt_bears_its_mark_and_a_conflicting_one_is_left_out(client, kutai_barat):
    page = text(client.get("/wilayah/penajam-paser-utara/"))
    assert re.search(r">189</td>.*?Sementara", page)
    make_figure(5, territory=kutai_barat.territory, as_of=date(2024, 12, 31), quality="conflicting", is_official=False)
    from common.models import DataVersion

    DataVersion.bump("figures")
    assert "31 Desember 2024 · Kantor" not in text(client.get("/wilayah/kutai-barat/"))


def test_a_group_that_the_register_does_not_know_is_no_zero(kutai_barat):
    make_figure(7, territory=kutai_barat.territory, group="Kelompok Asing")
    profile = regions.Profile(kutai_barat, today())
    line = next(line for line in profile.comparisons if "Asing" in line.label)
    assert line.number is None
    assert line.published.value == 7


def test_members_that_nobody_filled_in_are_not_zero(client, starter):
    regency = Regency.objects.get(slug="paser")
    make_cooperative(regency=regency, status=Status.INACTIVE)
    profile = regions.Profile(regency, today())
    assert "members" not in [line.label for line in profile.comparisons]
    assert profile.rat_words == ""
    page = text(client.get("/wilayah/paser/"))
    assert '<dd class="v"><span class="none">belum ada data</span></dd>' in page


def test_an_unknown_regency_is_not_found(client):
    assert client.get("/wilayah/tidak-ada/").status_code == 404
    assert client.get("/wilayah/Kutai%20Barat/").status_code == 404


def test_the_list_counts_each_regency_and_names_the_former(client, kutai_barat):
    page = text(client.get("/wilayah/"))
    row = page.split('href="/wilayah/kutai-barat/">Kutai Barat</a>')[1].split("</tr>")[0]
    assert ">5</a>" in row
    assert ">3</a>" in row
    assert "60,0 %" in row
    assert "130" in row
    assert "689" in row
    assert "Kabupaten Nunukan</a>" in page
    assert "sampai 22 April 2013" in page


def test_an_empty_portal_says_what_to_load(client):
    assert "load_starter" in text(client.get("/wilayah/"))


@pytest.mark.parametrize("size", [1, 15])
def test_the_number_of_queries_stays(client, django_assert_num_queries, starter, size):
    places = list(Regency.objects.on(today()))
    year = rules_on(today()).counting_year
    for number in range(size):
        for place in places[:3]:
            make_return(make_cooperative(regency=place, group=Group.objects.all()[number]), year, members=number)
        make_figure(number, territory=places[0].territory, group=f"Kelompok {number}")
        make_figure(number, territory=places[0].territory, as_of=date(2000 + number, 12, 31))
    with django_assert_num_queries(LIST_QUERIES):
        client.get("/wilayah/")
    with django_assert_num_queries(DETAIL_QUERIES):
        client.get(places[0].get_absolute_url())


LIST_QUERIES = 26
DETAIL_QUERIES = 20


class TestSteps:
    def test_equal_numbers_share_a_step_and_every_number_has_one(self):
        numbers = [5, 5, 5, 7, 9, 9, 40, 100]
        steps = picture._quarters(numbers)
        levels = [picture._step(number, steps) for number in numbers]
        assert levels == sorted(levels)
        assert len({level for number, level in zip(numbers, levels, strict=True) if number == 5}) == 1
        assert levels[0] == 1
        assert levels[-1] == 4

    def test_one_number_or_none(self):
        assert picture._quarters([]) == {}
        assert picture._quarters([3]) == {1: (3, 3)}


@pytest.mark.parametrize(("groups", "folded"), [(10, 0), (11, 1), (13, 3)])
def test_the_ten_largest_groups_stand_open_and_the_rest_is_folded_on_the_same_page(client, starter, groups, folded):
    regency = Regency.objects.get(slug="berau")
    for number in range(groups):
        group = make_group(f"Kelompok {number:02}")
        for _ in range(2 if number < 5 else 1):
            make_cooperative(regency=regency, group=group)
    page = text(client.get("/wilayah/berau/"))
    section = page.split('id="h-kelompok"')[1].split("</section>")[0]
    opened, _fold, rest = section.partition("<details>")
    assert (opened.count("Kelompok "), rest.count(">Kelompok ")) == (10, folded)
    assert re.search(rf">Semua</th><td class=\"n\">{groups + 5}</td>", opened)
    assert ("<details>" in section) == bool(folded)
    if folded:
        assert f"<summary>{folded} kelompok yang lebih kecil</summary>" in rest

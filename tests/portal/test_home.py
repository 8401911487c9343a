"""The front page: the numbers it leads with, the goal, the map with its table, and its weight in queries."""

import gzip
import re
from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command

from common.models import DataVersion
from cooperatives.models import Status
from regions.models import Regency
from tests.factories import make_cooperative, make_figure, make_return, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def starter():
    call_command("load_starter", stdout=StringIO())


def text(response):
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode().replace("\u00a0", " "))


@pytest.mark.usefixtures("starter")
def test_the_headline_numbers_stand_with_date_source_and_territory(client):
    page = text(client.get("/"))
    for words in (
        "5.745 <span>unit</span>",
        "Kalimantan Timur, 10 kabupaten/kota",
        "31 Desember 2021 · Niaga Asia",
        "45,35 % dari 3.524 yang aktif",
        "1.037 <span>unit</span>",
        "Juni 2025 · Merdeka",
    ):
        assert words in page
    assert "https://niaga.asia/5050-persen-koperasi-kaltim-masih-aktif" in page


@pytest.mark.usefixtures("starter")
def test_the_starting_point_stands_apart_and_names_its_territory(client):
    start = text(client.get("/")).split('id="titik-awal"')[1].split("</section>")[0]
    for words in ("6.111", "436.068", "106.002", "31 Desember 2012", "14 kabupaten/kota", "termasuk 5"):
        assert words in start
    assert '/statistik/cooperatives/?wilayah=Kaltim-14">Lihat angka yang saling berbeda: 6.111, 6.140, 5.111' in start


@pytest.mark.usefixtures("starter")
def test_half_stands_against_three_quarters(client):
    page = text(client.get("/"))
    assert "50,5 % <span>2.901 dari 5.745 koperasi</span>" in page
    assert "target 75 %" in page
    assert "Perlu 1.408 koperasi aktif lagi, atau pembubaran 1.877 yang tidak aktif." in page


@pytest.mark.usefixtures("starter")
def test_the_goal_of_2013_is_said_to_be_reached(client):
    page = text(client.get("/"))
    assert "Sasaran 2013, menjadi provinsi penggerak koperasi, tercapai tahun itu juga" in page
    assert "Provinsi Kalimantan Timur</b>" in page


def test_without_the_award_nothing_is_said_to_be_reached(client):
    page = text(client.get("/"))
    assert "tercapai" not in page
    assert "load_starter" in page
    assert "Register masih kosong" in page


@pytest.mark.usefixtures("starter")
def test_the_map_of_predicates_stays_one_click_away(client):
    page = text(client.get("/?ukuran=predikat"))
    assert len(re.findall(r'<li class="r\d c\d">', page)) == 10
    assert 'class="lv4" href="/wilayah/kutai-barat/"><span>Kutai Barat</span> <b>2013</b> <span>2 kali</span>' in page
    assert (
        'class="lv0" href="/wilayah/mahakam-ulu/"><span>Mahakam Ulu</span> <b>–</b> <span>belum pernah</span>' in page
    )
    assert "2011, 2013" in page


@pytest.mark.parametrize(
    ("metric", "label"),
    [
        ("gerbang", "Kedua gerbang"),
        ("predikat", "Predikat resmi"),
        ("koperasi", "Jumlah koperasi"),
        ("aktif", "Bagian aktif"),
        ("anggota", "Anggota"),
    ],
)
@pytest.mark.usefixtures("starter")
def test_every_metric_has_its_map_and_table(client, metric, label):
    page = text(client.get(f"/?ukuran={metric}"))
    assert f'aria-current="true">{label}</a>' in page
    assert f"Peta petak: {label}" in page


@pytest.mark.usefixtures("starter")
def test_an_unknown_metric_is_the_first(client):
    page = text(client.get("/?ukuran=x'<script>"))
    assert 'aria-current="true">Kedua gerbang' in page
    assert "<script>" not in page


@pytest.mark.usefixtures("starter")
def test_while_the_register_is_empty_the_map_shows_what_was_published(client):
    counts = text(client.get("/?ukuran=koperasi"))
    assert "<span>Samarinda</span> <b>1.264</b> <span>31 Desember 2021</span>" in counts
    assert "<span>Berau</span> <b>–</b> <span>belum ada data</span>" in counts
    active = text(client.get("/?ukuran=aktif"))
    assert "<span>Samarinda</span> <b>21,6 %</b> <span>273 dari 1.264, 31 Desember 2021</span>" in active
    # Penajam's figures are of one date, but only the total is without doubt.
    assert "<span>Penajam Paser Utara</span> <b>–</b>" in active


@pytest.mark.usefixtures("starter")
def test_once_there_is_a_register_the_map_counts_it(client):
    berau = Regency.objects.get(slug="berau")
    for status in (Status.ACTIVE, Status.ACTIVE, Status.FROZEN, Status.DISSOLVED):
        make_return(make_cooperative(regency=berau, status=status), 2024, members=50)
    counts = text(client.get("/?ukuran=koperasi"))
    assert "<span>Berau</span> <b>3</b> <span>koperasi</span>" in counts
    assert "<span>Samarinda</span> <b>0</b>" in counts
    assert "<b>66,7 %</b> <span>2 dari 3</span>" in text(client.get("/?ukuran=aktif"))
    assert "<span>Berau</span> <b>150</b> <span>orang</span>" in text(client.get("/?ukuran=anggota"))
    assert 'href="/koperasi/?wilayah=berau&amp;status=active&amp;status=inactive&amp;status=frozen">3</a>' in counts
    front = text(client.get("/"))
    assert "66,7 % <span>2 dari 3 koperasi</span>" in front


@pytest.mark.usefixtures("starter")
def test_what_is_new_names_the_newest_sources(client):
    new = text(client.get("/")).split('id="h-baru"')[1]
    assert new.index("1.037") < new.index("4.123.303") < new.index("1.209")


@pytest.mark.usefixtures("starter")
def test_the_page_is_light_and_the_same_for_everybody(client):
    first = client.get("/")
    assert len(gzip.compress(first.content)) < 20_000
    assert not first.cookies
    client.force_login(make_user("administrator"))
    assert client.get("/").content == first.content


@pytest.mark.usefixtures("starter")
@pytest.mark.parametrize("size", [1, 12])
def test_the_number_of_queries_stays(client, django_assert_num_queries, size):
    territory = Regency.objects.get(slug="paser").territory
    for number in range(size):
        make_figure(number, territory=territory, as_of=date(2000 + number, 12, 31))
        make_cooperative(regency=Regency.objects.order_by("?").first())
    DataVersion.bump("regions")
    with django_assert_num_queries(HOME_QUERIES):
        client.get("/")


HOME_QUERIES = 32

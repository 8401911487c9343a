"""/statistik/ and an indicator's page, with their files."""

import json
from datetime import date

import pytest
from django.urls import resolve, reverse

from common.models import DataVersion
from figures.models import Indicator
from tests.factories import make_figure, make_indicator, make_regency, make_source, make_territory

pytestmark = pytest.mark.django_db


def text(response):
    return response.content.decode()


def rows(response):
    return json.loads(b"".join(response.streaming_content))


@pytest.fixture
def founding():
    day = date(2012, 12, 31)
    fourteen = make_territory("Kaltim-14", name="Kalimantan Timur, 14 kabupaten/kota")
    release = make_source("PR", publisher="Humas", url="https://example.org/rilis", published_on=date(2013, 9, 11))
    make_figure(6111, territory=fourteen, as_of=day, source=release, quality="official")
    make_figure(
        6140, territory=fourteen, as_of=day, is_official=False, quality="conflicting", note="Dua bulan lebih awal"
    )
    make_figure(3097, territory=fourteen, as_of=day, group="Serba Usaha", source=release)
    place = make_territory("samarinda", name="Samarinda", regency=make_regency("Samarinda"))
    make_figure(1264, territory=place, as_of=date(2021, 12, 31), source=release)
    return Indicator.objects.get(code="cooperatives")


def test_the_list_names_the_territory_the_date_and_the_source(client, founding):
    page = text(client.get("/statistik/"))
    assert "6.111" in page
    assert "Kalimantan Timur, 14 kabupaten/kota" in page
    assert "31\u00a0Desember\u00a02012" in page.replace("&nbsp;", "\u00a0") or "31 Desember 2012" in page
    assert "https://example.org/rilis" in page
    assert "6.140" not in page


def test_an_indicator_without_figures_says_so_and_is_no_zero(client):
    make_indicator("shu", name="Sisa hasil usaha")
    page = text(client.get("/statistik/"))
    assert "belum ada data" in page
    page = text(client.get("/statistik/shu/"))
    assert "Belum ada angka yang diumumkan" in page
    assert "<select" not in page


def test_an_empty_portal_says_what_to_do(client):
    assert "load_starter" in text(client.get("/statistik/"))


def test_conflicting_values_stand_side_by_side_with_their_sources(client, founding):
    page = text(client.get(founding.get_absolute_url()))
    assert "6.111" in page
    assert "6.140" in page
    assert "Berbeda" in page
    assert "Dua bulan lebih awal" in page
    assert '<tr class="flag">' in page


def test_two_dates_make_a_chart_with_its_table(client, founding):
    assert '<svg class="chart"' not in text(client.get(founding.get_absolute_url()))
    territory = founding.figures.get(value=6111).territory
    make_figure(5855, territory=territory, as_of=date(2011, 12, 31))
    DataVersion.bump("figures")
    page = text(client.get(founding.get_absolute_url()))
    assert '<svg class="chart"' in page
    assert "5.855" in page


@pytest.mark.parametrize(
    ("query", "there", "not_there"),
    [
        ("wilayah=Kaltim-14", ["6.111", "3.097"], ["1.264"]),
        ("wilayah=samarinda", ["1.264"], ["6.111"]),
        ("kelompok=Serba+Usaha", ["3.097"], ["6.111", "1.264"]),
        ("kelompok=kosong", ["6.111", "1.264"], ["3.097"]),
        ("wilayah=Kaltim-14&resmi=ya", ["6.111"], ["6.140"]),
        ("wilayah=tidak-ada", ["Tidak ada angka untuk pilihan ini"], ["6.111"]),
        ("wilayah=" + "x" * 5000, [], []),
        ("kelompok=%25%27%22%3Cscript%3E", ["Tidak ada angka untuk pilihan ini"], ["<script>"]),
        ("resmi=mungkin", ["6.140"], []),
    ],
)
def test_the_choice_narrows_the_page(client, founding, query, there, not_there):
    response = client.get(f"{founding.get_absolute_url()}?{query}")
    assert response.status_code == 200
    body = text(response).rsplit("</form>", 1)[1]
    assert all(word in body for word in there)
    assert not any(word in body for word in not_there)


def test_a_filtered_regency_with_two_dates_is_drawn(client, founding):
    place = founding.figures.get(value=1264).territory
    make_figure(1140, territory=place, as_of=date(2011, 2, 28))
    assert '<svg class="chart"' in text(client.get(f"{founding.get_absolute_url()}?wilayah=samarinda"))


def test_the_files_hold_exactly_the_filter_of_the_page(client, founding):
    page = text(client.get(f"{founding.get_absolute_url()}?wilayah=Kaltim-14"))
    assert 'href="?wilayah=Kaltim-14&amp;format=csv"' in page
    found = rows(client.get(f"{founding.get_absolute_url()}?wilayah=Kaltim-14&format=json"))
    names = [column["name"] for column in found["columns"]]
    values = {row[names.index("value")] for row in found["rows"]}
    assert values == {6111, 6140, 3097}
    assert found["count"] == 3
    assert {row[names.index("territory")] for row in found["rows"]} == {"Kaltim-14"}


def test_the_list_gives_all_figures_as_a_file(client, founding):
    make_figure(5, code="members")
    assert rows(client.get("/statistik/?format=json"))["count"] == 5
    assert rows(client.get("/statistik/?format=json&indikator=members"))["count"] == 1


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_other_forms_are_served(client, founding, form):
    response = client.get(f"{founding.get_absolute_url()}?format={form}")
    assert response.status_code == 200
    assert b"".join(response.streaming_content)
    assert response["X-Row-Count"] == "4"


def test_an_unknown_form_or_indicator_is_not_found(client, founding):
    assert client.get(f"{founding.get_absolute_url()}?format=exe").status_code == 404
    assert client.get("/statistik/tidak-ada/").status_code == 404


def test_no_indicator_takes_the_address_of_another_page():
    """Even if one should be called so, /statistik/rekap/ stays the recap's and /statistik/pelaporan/ the reports'."""
    make_indicator("rekap")
    make_indicator("pelaporan")
    assert resolve("/statistik/rekap/").url_name == "recap"
    assert resolve("/statistik/pelaporan/").url_name == "report_matrix"
    # A code that only begins like one is its own.
    assert resolve("/statistik/rekap-lain/").url_name == "indicator"
    assert reverse("indicator", args=["cooperatives"]) == "/statistik/cooperatives/"


def test_the_pages_set_no_cookie_and_answer_304(client, founding):
    for address in ("/statistik/", founding.get_absolute_url()):
        first = client.get(address)
        assert not first.cookies
        again = client.get(address, headers={"If-None-Match": first["ETag"]})
        assert again.status_code == 304
        DataVersion.bump("figures")
        assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_only_reading_is_possible(client, founding):
    assert client.post("/statistik/").status_code == 405
    assert client.post(founding.get_absolute_url()).status_code == 405


@pytest.mark.parametrize("size", [1, 20])
def test_the_number_of_queries_does_not_grow_with_the_figures(client, django_assert_num_queries, size):
    for number in range(size):
        territory = make_territory(f"w{number}", regency=make_regency(f"Wilayah {number}"))
        make_figure(number, territory=territory)
        make_figure(number, territory=territory, group="Serba Usaha")
        make_figure(number, as_of=date(2000 + number, 12, 31))
        make_indicator(f"lain-{number}")
    with django_assert_num_queries(3):
        client.get("/statistik/")
    with django_assert_num_queries(5):
        client.get("/statistik/cooperatives/")


def test_english_is_one_click_away(client, founding):
    page = text(client.get("/en/statistik/"))
    assert "Published figures" in page
    assert 'lang="en"' in page


@pytest.mark.parametrize("address", ["/statistik/", "/statistik/cooperatives/"])
@pytest.mark.parametrize("query", ["resmi=mungkin", f"wilayah={'x' * 61}"])
def test_a_file_of_a_question_that_was_not_understood_is_refused(client, founding, address, query):
    answer = client.get(f"{address}?{query}&format=json")
    assert answer.status_code == 400
    assert answer["Content-Type"].startswith("text/plain") and answer.content


def test_the_files_come_for_excel_too(client, founding):
    for address in ("/statistik/", "/statistik/cooperatives/?resmi=ya"):
        page = text(client.get(address))
        assert "CSV untuk Excel" in page and "format=csv&amp;pemisah=titik-koma" in page

"""Lists of the public API: pages by key that lose and double nothing, and refusals that name what was wrong."""

import json
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cooperatives.models import Cooperative, Group, Kind, Status
from figures.models import Figure, Indicator, Source
from tests.factories import make_cooperative, make_form, make_group, make_regency, make_return, make_territory

pytestmark = pytest.mark.django_db

COOPERATIVES = "/api/v1/cooperatives/"
LISTS = (
    COOPERATIVES,
    "/api/v1/returns/",
    "/api/v1/regencies/",
    "/api/v1/territories/",
    "/api/v1/indicators/",
    "/api/v1/figures/",
    "/api/v1/reports/",
    "/api/v1/aid/packages/",
    "/api/v1/aid/units/",
    "/api/v1/aid/programmes/",
    "/api/v1/aid/kinds/",
    "/api/v1/meetings/",
    "/api/v1/follow-ups/",
    "/api/v1/progress/awards/",
    "/api/v1/progress/rubrics/",
    "/api/v1/progress/criteria/",
    "/api/v1/progress/snapshots/",
    "/api/v1/vocabularies/forms/",
    "/api/v1/vocabularies/kinds/",
    "/api/v1/vocabularies/groups/",
    "/api/v1/vocabularies/sectors/",
)


def walk(client, address, meanwhile=lambda page: None):
    """Every row of every page, following `next`."""
    rows, page = [], 0
    while address:
        answer = client.get(address).json()
        rows += answer["results"]
        address = answer["next"]
        page += 1
        meanwhile(page)
        assert page < 100
    return rows


def make_figure(**values):
    indicator, _made = Indicator.objects.get_or_create(
        code="cooperatives", defaults={"name": "Jumlah koperasi", "unit": "unit", "measure": "count"}
    )
    source, _made = Source.objects.get_or_create(key="PR", defaults={"title": "Siaran pers", "publisher": "Dinas"})
    values.setdefault("territory", make_territory() if "territory" not in values else None)
    values = {"indicator": indicator, "source": source, "as_of": date(2012, 12, 31), "value": 6111} | values
    return Figure.objects.create(**values)


class TestEveryList:
    @pytest.mark.parametrize("address", LISTS)
    def test_is_empty_where_there_is_nothing(self, client, address):
        response = client.get(address)
        assert response.status_code == 200
        assert response["Content-Type"] == "application/json"
        assert response.json() == {"next": None, "results": []}
        assert "Link" not in response

    @pytest.mark.parametrize("address", LISTS)
    def test_refuses_a_parameter_that_it_does_not_know(self, client, address):
        response = client.get(address, {"kabupaten": "Berau"})
        assert response.status_code == 400
        answer = response.json()
        assert list(answer["errors"]) == ["kabupaten"]
        assert answer["request_id"] == response["X-Request-ID"]

    @pytest.mark.parametrize("address", LISTS)
    def test_refuses_a_field_that_it_does_not_have(self, client, address):
        response = client.get(address, {"fields": "id,password"})
        assert response.status_code == 400
        assert "password" in response.json()["errors"]["fields"][0]

    @pytest.mark.parametrize("query", ["q=", "wilayah=", "status=active&status=", "per=%20", "rat="])
    def test_an_empty_parameter_is_not_taken_for_everything(self, client, query):
        make_cooperative()
        response = client.get(f"{COOPERATIVES}?{query}")
        assert response.status_code == 400
        assert list(response.json()["errors"]) == [query.partition("=")[0]]

    @pytest.mark.parametrize("query", ["fields=", "fields=,", "fields=%20"])
    def test_refuses_to_be_asked_for_no_field_at_all(self, client, query):
        assert client.get(f"{COOPERATIVES}?{query}").status_code == 400

    @pytest.mark.parametrize("address", LISTS)
    def test_gives_the_fields_asked_for(self, client, address):
        regency = make_regency()
        make_return(make_cooperative(form=make_form(), group=make_group()))
        make_figure(territory=make_territory(regency=regency))
        Kind.objects.create(name="Jasa")
        for row in client.get(address, {"fields": "id"}).json()["results"]:
            assert list(row) == ["id"]


class TestPages:
    @pytest.mark.parametrize("rows", [0, 1, 2, 3, 4, 5])
    def test_every_row_comes_once(self, client, rows):
        made = [make_cooperative().pk for _ in range(rows)]
        assert [row["id"] for row in walk(client, f"{COOPERATIVES}?limit=2")] == made

    def test_no_row_is_lost_or_doubled_while_rows_come_and_go(self, client):
        made = [make_cooperative() for _ in range(6)]
        later = []

        def meanwhile(page):
            if page == 1:
                later.append(make_cooperative("A paling depan"))
                made[0].void(reason="salah", by=None)

        found = [row["id"] for row in walk(client, f"{COOPERATIVES}?limit=2", meanwhile)]
        assert found == [one.pk for one in made + later]

    def test_names_the_next_page_in_the_header_too(self, client):
        for _ in range(3):
            make_cooperative(status=Status.INACTIVE)
        response = client.get(f"{COOPERATIVES}?limit=2&status=inactive&status=active&fields=id")
        following = response.json()["next"]
        assert response["Link"] == f'<{following}>; rel="next"'
        assert "status=inactive&status=active" in following
        assert "fields=id" in following

    @pytest.mark.parametrize(
        ("limit", "rows"), [("100", 100), ("101", 100), (str(10**30), 100), ("0", 1), ("9" * 4000, 100)]
    )
    def test_the_size_is_held_within_bounds(self, client, limit, rows):
        Group.objects.bulk_create(Group(name=f"G{n}") for n in range(120))
        assert len(client.get("/api/v1/vocabularies/groups/", {"limit": limit}).json()["results"]) == rows

    @pytest.mark.parametrize("after", [str(2**63 - 1), str(2**63), str(10**30), "9" * 4000])
    def test_after_a_key_that_no_database_holds_there_is_nothing(self, client, after):
        make_cooperative()
        assert client.get(COOPERATIVES, {"after": after}).json()["results"] == []

    @pytest.mark.parametrize("name", ["after", "limit"])
    @pytest.mark.parametrize("value", ["", "-1", "+5", "1.5", "1e3", "0x10", "６", "١", "NaN", "true", "1_000"])
    def test_refuses_what_is_not_a_whole_number(self, client, name, value):
        response = client.get(COOPERATIVES, {name: value})
        assert response.status_code == 400
        assert list(response.json()["errors"]) == [name]


class TestCooperatives:
    def test_a_row_holds_codes_beside_labels(self, client):
        regency = make_regency("Samarinda", kemendagri_code="64.72", bps_code="6472")
        group = make_group("Serba Usaha")
        one = make_cooperative(
            "KSU Maju",
            regency=regency,
            group=group,
            nomor_induk_koperasi="0075070060001",
            latitude="-0.502371",
            longitude="117.153801",
            founded_on=date(1999, 3, 4),
            management="sharia",
            since=date(1999, 3, 4),
        )
        row = client.get(COOPERATIVES).json()["results"][0]
        assert (row["id"], row["name"], row["url"]) == (one.pk, "KSU Maju", f"http://testserver/koperasi/{one.pk}/")
        assert (row["regency_code"], row["regency_bps_code"], row["regency"]) == ("64.72", "6472", "Samarinda")
        assert (row["group_id"], row["group"]) == (group.pk, "Serba Usaha")
        assert row["nomor_induk_koperasi"] == "0075070060001"
        assert (row["latitude"], row["longitude"]) == (-0.5, 117.15)
        assert (row["founded_on"], row["status_since"]) == ("1999-03-04", "1999-03-04")
        assert row["status"] == "active"
        assert row["management"] == "sharia"
        assert (row["sector_id"], row["sector"], row["website"], row["latest_members"]) == (None, None, None, None)
        assert (row["is_merah_putih"], row["is_demo"]) == (False, False)

    def test_the_address_of_a_row_is_a_page(self, client):
        one = make_cooperative("KSU Maju")
        url = client.get(COOPERATIVES).json()["results"][0]["url"]
        assert client.get(url.removeprefix("http://testserver")).headers["Location"] == one.get_absolute_url()

    def test_zero_members_are_not_unknown_members(self, client):
        make_return(make_cooperative(founded_on=date(2000, 1, 1)), 2024, members=0)
        make_cooperative()
        assert [row["latest_members"] for row in client.get(COOPERATIVES).json()["results"]] == [0, None]

    def test_voided_records_are_absent_and_dissolved_ones_are_not(self, client):
        voided, dissolved = make_cooperative(), make_cooperative(since=date(2000, 1, 1))
        voided.void(reason="salah", by=None)
        dissolved.record_status(Status.DISSOLVED, since=date(2020, 1, 1), basis="", by=None)
        assert [row["id"] for row in client.get(COOPERATIVES).json()["results"]] == [dissolved.pk]

    def test_filters_as_the_page_does(self, client):
        berau = make_regency("Berau", slug="berau")
        inside = make_cooperative(regency=berau)
        make_cooperative(regency=make_regency("Paser", slug="paser"))
        rows = client.get(COOPERATIVES, {"wilayah": "berau"}).json()["results"]
        assert [row["id"] for row in rows] == [inside.pk]

    def test_under_a_date_status_and_regency_are_those_of_the_day(self, client):
        mother = make_regency("Kutai Barat", slug="kutai-barat")
        daughter = make_regency("Mahakam Ulu", slug="mahakam-ulu", split_from=mother, valid_from=date(2012, 12, 14))
        one = make_cooperative(regency=daughter, since=date(2005, 5, 5), founded_on=date(2005, 5, 5))
        one.record_status(Status.INACTIVE, since=date(2020, 1, 1), basis="", by=None)
        now = client.get(COOPERATIVES).json()["results"][0]
        then = client.get(COOPERATIVES, {"per": "2010-01-01"}).json()["results"][0]
        assert (now["status"], now["status_since"], now["regency"]) == ("inactive", "2020-01-01", "Mahakam Ulu")
        assert (then["status"], then["status_since"], then["regency"]) == ("active", "2005-05-05", "Kutai Barat")
        assert then["regency_code"] == mother.kemendagri_code

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("wilayah", "atlantis"),
            ("status", "password"),
            ("per", "2013-02-31"),
            ("per", "31/12/2012"),
            ("per", "9999-12-31"),
            ("rat", "duaribu"),
            ("q", "x" * 5000),
            ("q", "6472010101900001"),
        ],
    )
    def test_refuses_what_a_filter_does_not_understand(self, client, name, value):
        response = client.get(COOPERATIVES, {name: value})
        assert response.status_code == 400
        assert list(response.json()["errors"]) == [name]
        if value.isdigit():
            assert value not in response.content.decode()

    @pytest.mark.parametrize("value", ["%", "_", "' OR 1=1--", "{{7*7}}", "\\"])
    def test_a_search_for_signs_is_no_failure(self, client, value):
        make_cooperative()
        assert client.get(COOPERATIVES, {"q": value}).status_code in (200, 400)

    def test_a_page_costs_the_same_queries_at_any_size(self, client):
        def queries():
            with CaptureQueriesContext(
                connection,
            ) as seen:
                assert client.get(COOPERATIVES, {"limit": 100}).status_code == 200
            return len(seen)

        for _ in range(2):
            make_cooperative(regency=make_regency(f"R{_}"), group=make_group(), form=make_form())
        few = queries()
        for n in range(20):
            make_cooperative(regency=make_regency(f"S{n}"), group=make_group(), form=make_form())
        assert queries() == few
        assert few <= 4  # data versions, labels of the filter in two, rows


class TestReturns:
    def test_only_of_cooperatives_in_the_register(self, client):
        kept, voided = make_cooperative(), make_cooperative()
        make_return(kept, 2023, members=0, shu=-5, audited=None)
        make_return(voided, 2023)
        voided.void(reason="salah", by=None)
        rows = client.get("/api/v1/returns/").json()["results"]
        assert [row["cooperative_id"] for row in rows] == [kept.pk]
        assert (rows[0]["members"], rows[0]["shu"], rows[0]["audited"], rows[0]["rat_held"]) == (0, -5, None, True)
        assert (rows[0]["assets"], rows[0]["rat_on"]) == (None, "2024-03-15")

    def test_of_one_cooperative_or_of_one_year(self, client):
        one, other = make_cooperative(), make_cooperative()
        for cooperative, year in ((one, 2022), (one, 2023), (other, 2023)):
            make_return(cooperative, year)
        rows = client.get("/api/v1/returns/", {"koperasi": one.pk}).json()["results"]
        assert [row["book_year"] for row in rows] == [2022, 2023]
        rows = client.get("/api/v1/returns/", {"tahun_buku": 2023}).json()["results"]
        assert [row["cooperative_id"] for row in rows] == [one.pk, other.pk]

    @pytest.mark.parametrize(
        "query",
        ["koperasi=x", "koperasi=1.0", "koperasi=%EF%BC%91", f"koperasi={10**30}", "koperasi=NaN", "tahun_buku=99"],
    )
    def test_refuses_what_it_does_not_understand(self, client, query):
        assert client.get(f"/api/v1/returns/?{query}").status_code == 400


class TestFigures:
    def test_contradicting_values_stand_side_by_side(self, client):
        territory = make_territory("Kaltim-14")
        make_figure(territory=territory, is_official=True, quality="official")
        make_figure(
            territory=territory,
            value=0,
            quality="conflicting",
            source=Source.objects.create(key="ANTARA", title="Berita", publisher="Antara", url="https://example.com/a"),
        )
        rows = client.get("/api/v1/figures/").json()["results"]
        assert [(row["value"], row["is_official"], row["source"]) for row in rows] == [
            (6111, True, "PR"),
            (0, False, "ANTARA"),
        ]
        assert rows[0]["source_url"] is None
        assert rows[1]["source_url"] == "https://example.com/a"
        assert (rows[0]["territory"], rows[0]["as_of"], rows[0]["group"]) == ("Kaltim-14", "2012-12-31", None)
        assert len(client.get("/api/v1/figures/", {"resmi": "ya"}).json()["results"]) == 1

    def test_a_filter_that_is_too_long_is_refused(self, client):
        assert client.get("/api/v1/figures/", {"wilayah": "x" * 100}).status_code == 400


class TestIndex:
    def test_leads_to_every_list(self, client):
        answer = client.get("/api/v1/").json()
        assert {url.removeprefix("http://testserver") for url in answer.values()} == {
            *LISTS,
            "/api/v1/progress/scorecard/",
            "/api/v1/progress/announced/",
            "/api/schema/",
            "/api/docs/",
        }


def test_labels_are_indonesian_whatever_the_browser_wants(client):
    make_cooperative()
    row = client.get(COOPERATIVES, headers={"accept-language": "en"}).json()["results"][0]
    assert row["status_label"] == Status.ACTIVE.label
    assert json.dumps(row)


def test_the_list_is_the_one_that_the_page_shows(client):
    for n in range(3):
        make_cooperative(f"Koperasi {n}", status=Status.ACTIVE if n else Status.INACTIVE)
    ids = {row["id"] for row in client.get(COOPERATIVES, {"status": "active"}).json()["results"]}
    assert ids == set(Cooperative.objects.active().values_list("pk", flat=True))

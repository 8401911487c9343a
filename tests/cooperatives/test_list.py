"""/koperasi/: the page of the register."""

import re
from datetime import date

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.models import DataVersion
from cooperatives import views
from cooperatives.models import BoardMember, Cooperative, Status, StatusPeriod
from tests.factories import make_cooperative, make_group, make_regency, make_return, make_user

pytestmark = pytest.mark.django_db

URL = "/koperasi/"
CANARIES = {
    "email": "rahasia@contoh.invalid",
    "phone": "0811-1111-1111",
    "other_phone": "0822-2222-2222",
    "note": "catatan-dalam-rahasia",
}


@pytest.fixture
def kubar():
    return make_regency("Kutai Barat")


def text_of(response):
    return re.sub(r"\s+", " ", response.content.decode())


def many(number, **values):
    """Rows without history or summaries, for size only."""
    Cooperative.objects.bulk_create(
        Cooperative(name=f"Koperasi {n:04}", name_key=f"{n:04}", search=f"{n:04}", status="active", **values)
        for n in range(number)
    )
    bare = Cooperative.objects.filter(status_periods=None)
    StatusPeriod.objects.bulk_create(StatusPeriod(cooperative=record, status="active") for record in bare)
    DataVersion.bump("cooperatives")


def test_a_row_says_what_is_known_and_what_is_not(client, kubar):
    known = make_cooperative("KSU Anggrek", regency=kubar, district="Melak", nomor_induk_koperasi="3275070060001")
    make_return(known, 2024, members=1204)
    make_cooperative("Koperasi Kosong", status=Status.FROZEN)
    page = text_of(client.get(URL))
    row, empty = (part.partition("</tr>")[0] for part in page.split('class="name"><a')[1:])
    assert f'href="{known.get_absolute_url()}"' in row
    assert "3275070060001" in row and "1.204" in row and "Melak, Kutai Barat" in row and "2024" in row
    assert "Dibekukan" in empty and empty.count("belum ada data") == 2 and empty.count("tidak diisi") == 2


def test_the_summary_counts_what_the_filter_leaves(client, kubar):
    for status, members in ((Status.ACTIVE, 40), (Status.ACTIVE, None), (Status.INACTIVE, 7)):
        make_return(make_cooperative(regency=kubar, status=status), 2024, members=members)
    make_cooperative("Luar")
    page = text_of(client.get(URL, {"wilayah": "kutai-barat", "status": "active"}))
    assert "dari 4 di register" in page
    assert "dari 1 koperasi; 1 belum mengisi" in page
    assert "Bagian aktif di Kutai Barat" in page and "66,7" in page and "2 dari 3 yang belum bubar" in page


def test_ticks_stay_ticked_and_a_ticked_value_without_a_row_stays_to_be_unticked(client, kubar):
    make_regency("Berau")
    make_cooperative(regency=kubar)
    page = client.get(URL, {"wilayah": "berau", "status": "active"})
    assert page.context["counted"].total == 0
    assert re.search(r'value="berau" checked>\s*Berau <span>0<', page.content.decode())
    assert re.search(r'value="kutai-barat">\s*Kutai Barat <span>1<', page.content.decode())


def test_a_long_facet_folds_but_never_hides_what_is_ticked_or_not_filled_in(client):
    groups = [make_group(f"Kelompok {n:02}") for n in range(15)]
    for place, group in enumerate(groups):
        for _time in range(15 - place):
            make_cooperative(group=group)
    make_cooperative("Tanpa kelompok")
    page = client.get(URL, {"kelompok": groups[14].pk})
    facet = next(facet for facet in page.context["facets"] if facet.param == "kelompok")
    assert [box.label for box in facet.first] == [
        *[f"Kelompok {n:02}" for n in range(8)],
        "Kelompok 14",
        "(tidak diisi)",
    ]
    assert [box.label for box in facet.rest] == [f"Kelompok {n:02}" for n in range(8, 14)]
    assert "6 lainnya" in text_of(page)


def test_empty_fields_of_the_form_leave_the_address(client):
    response = client.get(f"{URL}?q=&wilayah=berau&per=&kantor=&rat=2024&rat_tidak=")
    assert (response.status_code, response.url) == (302, f"{URL}?wilayah=berau&rat=2024")
    response = client.get(f"{URL}?q=")
    assert (response.status_code, response.url) == (302, URL)


def test_the_form_gives_back_every_part_of_the_address(client, kubar):
    make_cooperative("Anggrek", regency=kubar)
    page = client.get(f"{URL}?q=anggrek&per=2020-01-31&kantor=kutai-barat&berdiri=2001&audit_kosong=2024")
    html = page.content.decode()
    for name, value in (("q", "anggrek"), ("per", "2020-01-31"), ("berdiri", "2001"), ("audit_kosong", "2024")):
        assert re.search(rf'name="{name}"[^>]* value="{value}"', html), name
    assert '<option value="kutai-barat" selected>' in html
    assert not re.search(r'name="rat_kosong"', html)


def test_under_a_day_the_rows_bear_that_days_status_and_regency(client, kubar):
    young = make_regency("Mahakam Ulu", split_from=kubar, valid_from=date(2013, 4, 22))
    record = make_cooperative("Hulu", regency=young, since=date(2000, 1, 1))
    record.record_status(Status.INACTIVE, since=date(2019, 7, 1), basis="tanpa RAT", by=None)
    page = client.get(URL, {"per": "2012-12-31"})
    (row,) = page.context["rows"]
    assert (row.status, row.place) == (Status.ACTIVE, kubar)
    assert "per 31" in text_of(page)
    (row,) = client.get(URL).context["rows"]
    assert (row.status, row.place) == (Status.INACTIVE, young)


def test_pages_follow_one_another_and_keep_the_filter(client):
    many(60)
    for query in ("", "q=0", "status=active&status=inactive"):
        shown = []
        for number in (1, 2, 3):
            page = client.get(f"{URL}?{query}&page={number}")
            shown += [row.name for row in page.context["rows"]]
            if number < 3 and query:
                assert f"{query.replace('&', '&amp;')}&amp;page={number + 1}" in page.content.decode()
        assert shown == [f"Koperasi {n:04}" for n in range(60)]


@pytest.mark.parametrize("number", ["4", "0", "-1", "x", "1e3", "١", "9" * 7, "1" + "0" * 30, "9" * 5000])
@pytest.mark.parametrize("query", ["", "q=0"])
def test_a_page_that_does_not_exist_says_where_the_list_ends(client, number, query):
    many(60)
    page = client.get(f"{URL}?{query}&page={number}")
    assert page.status_code == 404
    assert "berakhir di halaman 3" in text_of(page)


@pytest.mark.parametrize(
    "query",
    [
        "q=%",
        "q=%25",
        "q=_",
        "q=%00",
        "q=" + "a" * 5000,
        "q=" + "%20".join("abcdefghijklmnopqrstuvwxyz" * 3),
        "q=%27%20OR%201=1--",
        "q=%3Cscript%3Ealert(1)%3C/script%3E",
        "q=%7B%7B7*7%7D%7D",
        "q=%ED%A0%80",
        "ordering=password",
        "page=1&page=2",
        "wilayah=" + "x" * 3000,
        "&".join(f"wilayah=w{n}" for n in range(900)),
        "kelompok=" + "9" * 40,
        "status[]=active",
        "per=0000-00-00",
        "rat=-1",
        "format=exe",
        "format=csv&rat=x",
        "=&&&",
    ],
)
def test_hostile_addresses_never_break_the_page(client, query):
    make_cooperative("Anggrek")
    response = client.get(f"{URL}?{query}")
    assert response.status_code in {200, 302, 400, 404, 414}
    if response.status_code == 200 and not response.streaming:
        html = response.content.decode()
        assert "<script>alert" not in html
        assert "49" not in re.findall(r'name="q"[^>]*value="([^"]*)"', html)


def test_a_filter_that_is_not_understood_is_named_and_the_list_stands_without_it(client):
    make_cooperative("Anggrek")
    page = client.get(URL, {"wilayah": "atlantis", "per": "kemarin"})
    html = page.content.decode()
    assert page.status_code == 200
    assert [row.name for row in page.context["rows"]] == ["Anggrek"]
    assert '<a href="#f-wilayah">' in html and '<a href="#f-per">' in html
    assert 'id="f-wilayah"' in html and 'id="f-per"' in html


@pytest.mark.parametrize("typed", ["kemarin", "31/12/2012", "2012-02-30", "2999-01-01"])
def test_a_day_that_is_not_understood_stays_in_a_box_that_takes_words(client, typed):
    """A browser empties a box for dates that is given anything else, and complains."""
    page = client.get(URL, {"per": typed})
    box = re.search(r'<input [^>]*id="f-per"[^>]*>', page.content.decode())[0]
    assert f'value="{typed}"' in box
    assert 'type="date"' not in box
    told = re.search(r'aria-describedby="h-per (\S+)"', box)[1]
    assert page.content.decode().count(f'id="{told}"') == 1


@pytest.mark.parametrize("typed", ["2012-12-31", " 2012-12-31 "])
def test_a_day_that_is_understood_stands_in_a_box_for_dates(client, typed):
    box = re.search(r'<input [^>]*id="f-per"[^>]*>', client.get(URL, {"per": typed}).content.decode())[0]
    assert 'type="date"' in box
    assert 'value="2012-12-31"' in box


def test_a_citizens_number_leads_away_and_is_repeated_nowhere(client, caplog):
    response = client.get(URL, {"q": "6471012345678901"})
    assert response.status_code == 302
    assert response.url == f"{reverse('cooperative_check')}?ditolak=nik"
    assert "6471012345678901" not in caplog.text


def test_the_files_hold_exactly_the_filter(client, kubar):
    make_cooperative("Dalam", regency=kubar)
    make_cooperative("Luar")
    html = client.get(URL, {"wilayah": "kutai-barat"}).content.decode()
    for form in ("csv", "xlsx", "json"):
        assert f'href="?wilayah=kutai-barat&amp;format={form}"' in html
    body = b"".join(client.get(URL, {"wilayah": "kutai-barat", "format": "csv"}).streaming_content).decode()
    assert "Dalam" in body and "Luar" not in body


def test_a_file_of_a_filter_that_is_not_understood_is_refused(client):
    make_cooperative("Anggrek")
    response = client.get(URL, {"wilayah": "atlantis", "format": "csv"})
    assert response.status_code == 400
    assert "Kabupaten/kota" in response.content.decode() and "Anggrek" not in response.content.decode()


def test_an_empty_register_says_what_to_do_first(client):
    page = text_of(client.get(URL))
    assert "Register masih kosong" in page
    assert "Tambahkan koperasi pertama" in page
    assert "<table" not in page


def test_nothing_found_says_what_to_try(client):
    make_cooperative("Anggrek")
    page = text_of(client.get(URL, {"q": "tidak ada", "status": "active"}))
    assert "Tidak ada koperasi tercatat yang cocok" in page
    assert "Hapus salah satu saringan" in page and "bukan berarti ilegal" in page


def test_what_is_private_never_reaches_the_list(client, kubar):
    record = make_cooperative("Anggrek", regency=kubar, latitude="-0.231234", longitude="115.701234", **CANARIES)
    BoardMember.objects.create(
        cooperative=record, name="Nama Ketua", position="chair", phone="0833-3333", email="ketua@contoh.invalid"
    )
    for query in ({}, {"q": "anggrek"}, {"per": "2020-01-01"}, {"format": "csv"}, {"format": "json"}):
        response = client.get(URL, query)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        for canary in (*CANARIES.values(), "0833-3333", "ketua@contoh.invalid", "0.231234", "701234"):
            assert canary not in body.decode(), (query, canary)


def test_voided_records_are_not_listed(client):
    make_cooperative("Salah").void(reason="keliru", by=None)
    make_cooperative("Benar")
    assert [row.name for row in client.get(URL).context["rows"]] == ["Benar"]
    assert [row.name for row in client.get(URL, {"status": "active"}).context["rows"]] == ["Benar"]


QUERIES = (
    "",
    "status=active",
    "status=active&wilayah=kutai-barat&kelompok=kosong",
    "q=0",
    "q=0&status=active",
    "per=2024-01-01",
    "rat_kosong=2024&kantor=kutai-barat",
    "page=2",
)


def test_a_page_takes_the_same_number_of_queries_at_any_size(client, kubar):
    taken = []
    for size in (30, 300):
        many(size, regency=kubar)
        client.get(URL)  # the counts of the whole register are kept from here on
        found = {}
        for query in QUERIES:
            with CaptureQueriesContext(connection) as captured:
                page = client.get(f"{URL}?{query}&ukuran={size}")
            assert page.context["rows"], query
            found[query] = len(captured)
        taken.append(found)
    assert taken[0] == taken[1]
    # Data versions, regencies, vocabularies, keys of the page or the counts with them, rows.
    assert set(taken[0].values()) == {5}


def test_a_page_seen_before_takes_one_query(client, django_assert_num_queries):
    many(30)
    first = client.get(URL)
    with django_assert_num_queries(1):
        assert client.get(URL).content == first.content
    with django_assert_num_queries(1):
        assert client.get(URL, headers={"If-None-Match": first["ETag"]}).status_code == 304
    make_cooperative("Zamrud")
    assert client.get(URL, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_only_some_hundred_variants_are_kept(client, monkeypatch):
    many(3)
    monkeypatch.setattr(views, "MOST_KEPT", 2)
    kept = []
    for number in range(4):
        address = f"{URL}?q=0&status=active&x={number}"
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        kept.append(len(captured) == 1)
    # The second look at the third is refused like the first.
    assert kept == [True, True, False, False]
    client.get(f"{URL}?status=active")
    with CaptureQueriesContext(connection) as captured:
        client.get(f"{URL}?status=active")
    assert len(captured) == 1


def test_a_counter_that_ran_out_keeps_nothing_and_breaks_nothing(client, monkeypatch, rf):
    def gone(key):
        raise ValueError(key)

    monkeypatch.setattr(cache, "incr", gone)
    assert not views.is_worth_keeping(rf.get(f"{URL}?q=a&status=active"))


def test_it_is_the_same_for_everybody_and_sets_no_cookie(client, kubar):
    make_cooperative("Anggrek", regency=kubar)
    strangers = client.get(URL)
    client.force_login(make_user())
    cache.clear()
    assert client.get(URL).content == strangers.content
    assert not strangers.cookies


def test_it_speaks_english_below_its_own_address(client, kubar):
    make_cooperative("Anggrek", regency=kubar)
    page = text_of(client.get("/en/koperasi/?wilayah=kutai-barat&status=kosong"))
    assert "Search cooperatives" in page and "Regency: Kutai Barat" in page
    assert 'action="/en/koperasi/"' in page


def test_it_is_only_read(client):
    assert client.post(URL).status_code == 405

"""/cek/: what the register knows of a name or a number, and what that does not prove."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cooperatives.models import Cooperative, FormerName, Status
from cooperatives.summary import publish
from tests.factories import make_cooperative, make_regency, make_return

pytestmark = pytest.mark.django_db

URL = "/cek/"


@pytest.fixture
def orchid():
    record = make_cooperative(
        "KSU Anggrek Hitam",
        regency=make_regency(),
        nomor_induk_koperasi="3275070060001",
        legal_number="518/99/BH",
        legal_on=date(2009, 3, 4),
        since=date(2009, 3, 4),
    )
    FormerName.objects.create(cooperative=record, name="Koperasi Bunga Rimba", until=date(2014, 1, 1))
    make_return(record, 2024)
    publish([record.pk])
    return record


def ask(client, text):
    response = client.get(URL, {"q": text})
    assert response.status_code == 200
    return response.context["answer"], re.sub(r"\s+", " ", response.content.decode()).replace("\u00a0", " ")


def test_without_a_question_it_says_what_to_look_for(client):
    page = client.get(URL).content.decode()
    assert "nik.depkop.go.id" in page and "Yang perlu diperhatikan" in page and "lapor.go.id" in page


@pytest.mark.parametrize(
    "text",
    ["KSU Anggrek Hitam", "koperasi ANGGREK hitam", "3275070060001", "3275 0700 6000 1", "518/99/BH", " 518/99/BH "],
)
def test_found_says_what_is_on_record_with_day_and_source(client, orchid, text):
    answer, page = ask(client, text)
    assert answer.kind == "found"
    assert "Tercatat di register" in page
    assert orchid.get_absolute_url() in page
    assert "518/99/BH, 4 Maret 2009" in page and "Data register per" in page and "sumber: register" in page
    assert "tidak tercatat" in page  # the savings-and-loan licence
    assert "Yang tidak dibuktikan halaman ini" in page


def test_found_under_a_former_name_says_so(client, orchid):
    answer, page = ask(client, "bunga rimba")
    assert answer.kind == "former"
    assert "“Koperasi Bunga Rimba” adalah nama lama." in page
    assert "dipakai sampai 1 Januari 2014" in page and "KSU Anggrek Hitam" in page


def test_a_dissolved_one_is_found_with_its_end(client, orchid):
    orchid.record_status(Status.DISSOLVED, since=date(2023, 8, 17), basis="SK", by=None)
    answer, page = ask(client, "anggrek hitam")
    assert answer.kind == "found"
    assert "sudah dibubarkan" in page and "17 Agustus 2023" in page


def test_a_merged_one_names_the_one_that_goes_on(client, orchid):
    other = make_cooperative("KSU Melati")
    other.record_status(Status.MERGED, since=date(2023, 1, 1), basis="SK", by=None, successor=orchid)
    answer, page = ask(client, "melati")
    assert answer.kind == "found"
    assert "bergabung ke koperasi lain" in page and orchid.get_absolute_url() in page


def test_the_same_name_in_two_places_is_not_decided_for_the_reader(client, orchid):
    make_cooperative("KUD Anggrek Hitam", regency=make_regency("Berau"))
    answer, page = ask(client, "Anggrek Hitam")
    assert (answer.kind, len(answer.records)) == ("several", 2)
    assert "Kutai Barat" in page and "Berau" in page and "dahulu Koperasi Bunga Rimba" in page


def test_a_part_of_a_name_gives_candidates_and_leads_to_the_list(client, orchid):
    for number in range(12):
        make_cooperative(f"Koperasi Anggrek {number:02}")
    answer, page = ask(client, "anggrek")
    assert (answer.kind, len(answer.records), answer.has_more) == ("several", 10, True)
    assert 'href="/koperasi/?q=anggrek"' in page
    # One of fifteen with the very name is found at once.
    answer, _page = ask(client, "anggrek hitam")
    assert answer.kind == "found"


def test_a_common_number_or_name_shows_only_the_first(client):
    Cooperative.objects.bulk_create(
        Cooperative(name="KSU Maju", name_key="maju", search="ksu maju", legal_number="SAMA") for _number in range(12)
    )
    for text in ("maju", "SAMA"):
        answer, _page = ask(client, text)
        assert (answer.kind, len(answer.records), answer.has_more) == ("several", 10, True)


@pytest.mark.parametrize("text", ["Tidak Ada", "9999999999999", "%", "…", "' OR 1=1--", "<script>alert(1)</script>"])
def test_not_found_is_no_proof_of_anything(client, orchid, text):
    answer, page = ask(client, text)
    assert (answer.kind, answer.records) == ("nothing", ())
    assert "bukan bukti bahwa koperasinya ilegal" in page and "bukan bukti bahwa koperasinya legal" in page
    assert "nik.depkop.go.id" in page and "lapor.go.id" in page
    assert "<script>alert" not in page


def test_a_voided_record_is_not_found(client, orchid):
    orchid.void(reason="keliru", by=None)
    for text in ("anggrek hitam", "3275070060001", "bunga rimba"):
        assert ask(client, text)[0].kind == "nothing"


@pytest.mark.parametrize("language", ["", "/en"])
def test_it_never_promises_safety(client, orchid, language):
    for text in ("", "anggrek hitam", "bunga rimba", "tidak ada"):
        page = client.get(f"{language}{URL}", {"q": text} if text else {}).content.decode().lower()
        words = set(re.findall(r"[a-z]+", re.sub(r"<[^>]+>", " ", page)))
        assert not words & {"aman", "terpercaya", "terjamin", "safe", "trusted", "trustworthy", "secure"}


@pytest.mark.parametrize(
    "typed", ["6471012345678901", "6471 0123 4567 8901", "nik saya 6471-0123-4567-8901", "0000000000000000"]
)
def test_a_citizens_number_is_neither_looked_up_nor_logged_nor_repeated(client, caplog, typed):
    with CaptureQueriesContext(connection) as captured:
        response = client.get(URL, {"q": typed})
    assert (response.status_code, response.url) == (302, f"{URL}?ditolak=nik")
    digits = re.sub(r"\D", "", typed)
    assert digits not in re.sub(r"\D", "", "".join(query["sql"] for query in captured))
    page = client.get(response.url)
    assert page.status_code == 200
    assert "Nomor 16 angka adalah nomor penduduk" in page.content.decode()
    assert digits not in page.content.decode() and digits not in caplog.text


def test_the_field_refuses_such_a_number_before_it_is_sent(client):
    """Without any script: the browser's own check of the pattern keeps it out of every log on the way."""
    pattern = re.search(r' pattern="([^"]+)"', client.get(URL).content.decode())[1]
    for typed in ("6471012345678901", "6471 0123 4567 8901", "NIK 6471.0123.4567.8901"):
        assert not re.fullmatch(pattern, typed)
    for typed in ("KSU Anggrek Hitam", "3275070060001", "518/99/BH/KDK.17.4/1998", "AHU-0001234.AH.01.26.TAHUN 2016"):
        assert re.fullmatch(pattern, typed)


def test_a_long_text_is_not_searched(client, orchid):
    page = client.get(URL, {"q": "a" * 201})
    assert page.context["answer"] is None
    assert "lebih dari 200 huruf" in page.content.decode()


def test_private_fields_do_not_appear(client, orchid):
    canaries = {"email": "rahasia@contoh.invalid", "phone": "0811-1111-1111", "note": "catatan-dalam"}
    Cooperative.objects.filter(pk=orchid.pk).update(**canaries)
    for text in ("anggrek hitam", "anggrek", "bunga rimba"):
        _answer, page = ask(client, text)
        assert not any(canary in page for canary in canaries.values())


def test_it_takes_few_queries_whatever_it_finds(client, orchid):
    def taken(text):
        with CaptureQueriesContext(connection) as captured:
            client.get(URL, {"q": text})
        return len(captured)

    # Versions; then by number, by name, by words; and with a record its former names and its merger.
    assert taken("tidak ada") == 4 + (connection.vendor == "postgresql")  # and what may have been meant
    assert taken("3275070060001") == 4
    assert taken("anggrek hitam") == 5
    assert taken("anggre") == 6
    for number in range(9):
        other = make_cooperative(f"Anggrek {number}")
        FormerName.objects.create(cooperative=other, name="Lama")
        other.record_status(Status.MERGED, since=date(2024, 1, 1), basis="SK", by=None, successor=orchid)
    assert taken("anggre") == 6


def test_answers_are_not_kept_but_the_form_is(client, orchid, django_assert_num_queries):
    client.get(URL)
    with django_assert_num_queries(1):
        client.get(URL)
    client.get(URL, {"q": "anggre"})
    with django_assert_num_queries(6):
        client.get(URL, {"q": "anggre"})


@pytest.mark.parametrize("query", ["q=%00", "q=" + "9" * 5000, "q=%ED%A0%80", "q[]=x", "ditolak=<b>", "q=%F0%9F%98%80"])
def test_hostile_questions_never_break_the_page(client, query):
    assert client.get(f"{URL}?{query}").status_code in {200, 302, 400, 414}


def test_the_ministrys_register_is_a_setting(client, settings):
    settings.MINISTRY_REGISTER_URL = "https://register.example.go.id/cari"
    record = make_cooperative("KSP Maju")
    for address in ("/cek/", record.get_absolute_url()):
        page = client.get(address).content.decode()
        assert '<a href="https://register.example.go.id/cari" rel="noopener">register.example.go.id</a>' in page
        assert "nik.depkop.go.id" not in page

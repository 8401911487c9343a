"""/kemajuan/: every number leads to its rows, any day can be asked for, and pages, files and the API say the same."""

import csv
import io
import re
from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.models import F, Max, Q
from django.http import QueryDict
from pypdf import PdfReader

from common.dates import today
from common.models import DataVersion
from cooperatives.filters import CooperativeFilter
from cooperatives.models import AnnualReturn, Cooperative, Status
from cooperatives.summary import last_ended_book_year
from progress.models import Criterion, Rubric
from progress.sheet import rules_of, sheet
from regions.models import Regency
from tests.factories import make_cooperative, make_figure, make_form, make_user
from tests.progress.cards import ON, make_criterion, make_register

pytestmark = pytest.mark.django_db
COUNTED = {"cooperatives", "active", "good", "rat_held", "audited"}


def text(response):
    assert response.status_code == 200, response.status_code
    return re.sub(r"\s+", " ", response.content.decode().replace("\u00a0", " "))


@pytest.fixture
def places():
    call_command("load_starter", stdout=StringIO())
    return {one.slug: one for one in Regency.objects.on(today())}


@pytest.fixture
def register(places):
    make_register(places["berau"], good=7, active=1, inactive=2)
    make_register(places["paser"], good=1, active=2, inactive=4)
    make_register(places["paser"], active=1, form=make_form("province"))
    make_register(places["kutai-barat"], good=1, inactive=1)
    make_register(places["mahakam-ulu"], active=1)
    gone = make_register(places["berau"], active=1)[0]
    gone.record_status(Status.DISSOLVED, since=date(2025, 3, 1), basis="uji", by=None)
    late = make_register(places["berau"], active=1)[0]
    late.record_status(Status.INACTIVE, since=date(2024, 3, 1), basis="uji", by=None)
    late.record_status(Status.ACTIVE, since=date(2025, 4, 1), basis="uji", by=None)
    AnnualReturn.objects.filter(cooperative__regency=places["berau"]).update(
        members=F("cooperative_id"), employees_men=2, managers_women=1, audited=Q(book_year=2024)
    )
    return places


def rows_of(url):
    path, _mark, query = url.partition("?")
    assert path == "/koperasi/"
    found = CooperativeFilter(QueryDict(query), Cooperative.objects.all())
    assert not found.errors
    return found.qs


def numbers_of(found):
    """Every (quantity, number, address, day) of a sheet."""
    for row in (*found["rows"], found["province"]):
        for criterion, cell in zip(found["criteria"], row["cells"], strict=True):
            for year in cell["years"]:
                yield criterion["numerator"], year["part"], year["part_url"], date.fromisoformat(year["on"])
                if criterion["denominator"]:
                    yield criterion["denominator"], year["whole"], year["whole_url"], date.fromisoformat(year["on"])


@pytest.mark.parametrize("on", [None, ON, date(2025, 5, 17), date(2012, 12, 31), date(2024, 12, 31)])
@pytest.mark.usefixtures("register")
def test_every_number_leads_to_exactly_its_rows(client, on):
    on = on or today()
    found = sheet(on, rules_of(on))
    checked = set()
    for quantity, number, url, day in numbers_of(found):
        if number is None:
            assert url is None
            continue
        checked.add(quantity)
        if url.startswith("/statistik/"):
            # A published figure leads to the page of its indicator, where it stands with its source.
            assert f"{number:,}".replace(",", ".") in text(client.get(url))
            continue
        rows = rows_of(url)
        if quantity in COUNTED:
            assert rows.count() == number, (quantity, url)
        else:
            # The sum of each cooperative's latest return that had ended by the day.
            returns = AnnualReturn.objects.filter(cooperative__in=rows, book_year__lte=last_ended_book_year(day))
            newest = returns.values("cooperative").annotate(year=Max("book_year")).values_list("cooperative", "year")
            names = ["members"] if quantity == "members" else ["managers_women", "employees_men"]
            sums = [
                AnnualReturn.objects.get(cooperative=pk, book_year=year).__dict__[name] or 0
                for pk, year in newest
                for name in names
            ]
            assert sum(sums) == number, (quantity, url)
    assert {"cooperatives", "active"} <= checked
    if on == today():
        assert checked >= COUNTED | {"members", "labour"}
    # And these, no others, are what the page offers.
    page = text(client.get("/kemajuan/", {"per": on.isoformat()})).split('id="t-kartu"')[1].split("</table>")[0]
    shown = {one.replace("&amp;", "&") for one in re.findall(r'href="(/koperasi/[^"]*)"', page)}
    days = {on}
    assert shown == {
        url for _q, _number, url, day in numbers_of(found) if url and url.startswith("/koperasi/") and day in days
    }


@pytest.mark.parametrize("address", ["/kemajuan/", "/kemajuan/berau/", "/kemajuan/paser/?per=2025-12-31"])
@pytest.mark.usefixtures("register")
def test_a_click_on_a_number_shows_as_many_cooperatives(client, address):
    page = text(client.get(address))
    links = re.findall(r'<a href="(/koperasi/\?[^"]*)">([0-9.]+)</a>', page)
    assert len(links) > 10
    people = 0
    for link, number in set(links):
        url = link.replace("&amp;", "&")
        count = rows_of(url).count()
        if count != int(number.replace(".", "")):
            # Sums of people lead to the cooperatives that reported them: those of the office that stood that day.
            people += 1
            assert url.endswith("status=active&status=inactive&status=frozen") and count
        elif count:
            assert f'<caption id="t-rows">{number} koperasi' in text(client.get(url))
    # Members and labour, three years each at most.
    assert people <= 6 * (11 if address == "/kemajuan/" else 1)


@pytest.mark.usefixtures("register")
def test_changes_tell_activation_from_dissolution_and_lead_to_their_rows(client):
    page = text(client.get("/kemajuan/berau/?per=2025-12-31")).split('id="t-gerak"')[1].split("</table>")[0]
    lines = {line.split("</th>")[0]: line for line in page.split('class="name">')[2:]}
    for words, year, param in (
        ("menjadi aktif", 2025, "diaktifkan"),
        ("menjadi tidak aktif atau dibekukan", 2024, "dinonaktifkan"),
        ("dibubarkan atau digabung", 2025, "dibubarkan"),
    ):
        url = f"/koperasi/?kantor=berau&per=2025-12-31&{param}={year}"
        assert (
            f'<a href="{url.replace("&", "&amp;")}">1</a>' in lines[words] or f'<a href="{url}">1</a>' in lines[words]
        )
        assert rows_of(url).count() == 1
    # A first record is no change, and what came after the day asked for is none yet.
    assert rows_of("/koperasi/?kantor=berau&per=2025-03-31&diaktifkan=2025").count() == 0
    assert rows_of("/koperasi/?diaktifkan=2001").count() == 0


@pytest.mark.usefixtures("register")
def test_the_gap_stands_in_plain_words_with_the_cooperatives_that_are_closest(client):
    page = text(client.get("/kemajuan/paser/"))
    # Three of seven are active: six are needed, or the dissolution of three of the four.
    assert "Perlu 3 koperasi aktif lagi, atau pembubaran 3 yang tidak aktif." in page
    assert "Perlu 1 lagi: koperasi aktif yang berkinerja baik." in page
    assert re.search(r'rat_tiga_tahun=1">2</a> aktif, dengan satu RAT dalam tiga tahun', page)
    assert "belum lulus" in page


@pytest.mark.usefixtures("register")
def test_the_gates_of_the_province_are_counted_and_what_is_needed_is_said(client):
    page = text(client.get("/kemajuan/"))
    assert "1 dari 10, perlu 6" in page
    assert "5 kabupaten/kota lagi harus lulus." in page
    assert "Perhitungan portal, bukan penetapan Kementerian" in page


def test_the_first_day_says_that_nothing_can_be_computed_and_what_to_do(client, places):
    page = text(client.get("/kemajuan/"))
    assert "Belum ada yang dapat dihitung" in page and "menyetujui laporan pertama" in page
    home = text(client.get("/"))
    assert "0 terhitung, 10 belum ada data" in home
    assert '<dd class="v"><a href="/kemajuan/">0</a>' in home.split('id="h-gerbang"')[1]
    assert home.count('<a class="lv0"') == 10


@pytest.mark.usefixtures("register")
def test_the_front_page_leads_with_the_gates_and_colours_its_map_by_them(client):
    home = text(client.get("/"))
    first = home.split('id="h-gerbang"')[1].split("</section>")[0]
    for words in ("lulus kedua gerbang", 'href="/kemajuan/"', 'href="/rapat/"'):
        assert words in first
    assert '<a class="lv4" href="/wilayah/berau/"><span>Berau</span> <b>lulus</b>' in home
    assert 'class="lv1" href="/wilayah/paser/"' in home
    assert 'href="/kemajuan/paser/"' in home
    assert home.index('id="gerbang"') < home.index('id="peta"') < home.index('id="h-predikat"')


@pytest.mark.usefixtures("register")
def test_rows_can_be_sorted_by_the_address(client):
    def order(sort):
        page = text(client.get("/kemajuan/", {"urut": sort})).split('id="t-kartu"')[1].split("</tbody>")[0]
        return re.findall(r'href="/kemajuan/([a-z-]+)/"', page)

    assert order("")[:2] == ["balikpapan", "berau"]
    assert order("gerbang")[0] == "berau"
    assert order("gerbang-aktif")[0] in {"berau", "mahakam-ulu"}
    assert order("tidak-ada") == order("")
    page = text(client.get("/kemajuan/", {"urut": "nilai"}))
    assert 'class="n" aria-sort="descending"' in page


@pytest.mark.usefixtures("register")
def test_a_day_a_year_and_a_rubric_can_be_asked_for(client):
    assert "Kartu nilai per 31 Desember 2012" in text(client.get("/kemajuan/?per=2012-12-31"))
    assert "Kartu nilai per 31 Desember 2012" in text(client.get("/kemajuan/?per=31/12/2012"))
    page = text(client.get("/kemajuan/?tahun=2012"))
    assert "Kartu nilai per 31 Desember 2012" in page and "dari 14, perlu 8" in page
    assert 'href="/kemajuan/tarakan/?per=2012-12-31"' in page
    assert "bukan kabupaten/kota provinsi ini" in text(client.get("/kemajuan/mahakam-ulu/?per=2012-12-31"))
    assert client.get("/kemajuan/tarakan/").status_code == 404
    assert "Kota Tarakan" in text(client.get("/kemajuan/tarakan/?per=2012-12-31"))
    page = text(client.get("/kemajuan/?tahun=2014&rubrik=permenkop-2007"))
    assert "belum lengkap" in page and "Permenkop 03/2007" in page and "tidak diketahui" in page
    assert 'href="/kemajuan/berau/?per=2014-12-31&amp;rubrik=permenkop-2007"' in page


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("per=ngawur", "“ngawur” bukan tanggal"),
        ("per=2999-01-01", "tahun"),
        ("tahun=99", "empat angka"),
        ("tahun=1999", "2007 sampai"),
        ("tahun=2013&rubrik=tidak-ada", "Tidak ada rubrik seperti itu"),
    ],
)
@pytest.mark.usefixtures("places")
def test_what_is_not_understood_is_said_and_files_are_refused(client, asked, words):
    page = client.get(f"/kemajuan/?{asked}")
    assert page.status_code == 200 and words in page.content.decode()
    assert client.get(f"/kemajuan/?{asked}&format=csv").status_code == 400


@pytest.mark.usefixtures("register")
def test_the_file_and_the_api_hold_the_same_as_the_sheet(client):
    found = sheet(ON, rules_of(ON))
    answer = client.get("/kemajuan/?per=2025-12-31&format=csv")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert len(rows) - 1 == sum(
        len(cell["years"]) for row in (*found["rows"], found["province"]) for cell in row["cells"]
    )
    assert client.get("/api/v1/progress/scorecard/?per=2025-12-31").json() == found
    one = client.get("/kemajuan/berau/?per=2025-12-31&format=json")
    content = b"".join(one.streaming_content).decode()
    assert "Berau" in content and "Paser" not in content
    for name in ("awards", "rubrics", "criteria", "snapshots"):
        assert client.get(f"/api/v1/progress/{name}/").status_code == 200
    assert client.get("/api/v1/progress/scorecard/?per=besok").status_code == 400
    assert client.get("/api/v1/progress/scorecard/?hari=1").status_code == 400


@pytest.mark.usefixtures("places")
def test_predicates_stand_apart_with_their_sources_and_as_a_file(client):
    page = text(client.get("/kemajuan/predikat/"))
    for words in ("2011", "2014", "Kutai Barat", "Provinsi Kalimantan Timur"):
        assert words in page
    rows = b"".join(client.get("/kemajuan/predikat/?format=csv").streaming_content).decode().splitlines()
    assert len(rows) == 12


@pytest.mark.usefixtures("register")
def test_pages_take_a_fixed_number_of_queries(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(25):
        client.get("/kemajuan/")
    for name in ("berau", "paser", "bontang"):
        make_register(Regency.objects.get(slug=name), good=2, active=2, inactive=3)
    with django_assert_max_num_queries(25):
        client.get("/kemajuan/")
    # A regency's page makes the whole sheet where nobody has asked for that day yet.
    with django_assert_max_num_queries(32):
        client.get("/kemajuan/paser/?per=2024-12-31")
    with django_assert_max_num_queries(16):
        client.get("/kemajuan/berau/?per=2024-12-31")
    with django_assert_max_num_queries(1):
        client.get("/kemajuan/")


@pytest.mark.usefixtures("register")
def test_the_briefing_is_a_paper_of_any_day_with_what_moved(client):
    answer = client.get("/kemajuan/ringkasan.pdf?per=2025-12-31&sejak=2024-06-30")
    assert answer["Content-Type"] == "application/pdf" and answer.content.startswith(b"%PDF")
    assert answer.content == client.get("/kemajuan/ringkasan.pdf?per=2025-12-31&sejak=2024-06-30").content
    for asked in ("per=ngawur", "sejak=ngawur", "per=2024-12-31&sejak=2025-12-31", "sejak=2999-01-01"):
        assert client.get(f"/kemajuan/ringkasan.pdf?{asked}").status_code == 400


@pytest.mark.usefixtures("places")
def test_an_administrator_changes_a_rule_and_the_page_follows(client):
    from progress.models import PerformanceRule

    user = make_user("administrator")
    client.force_login(user)
    before = text(client.get("/kemajuan/"))
    form = client.get("/admin/progress/performancerule/add/")
    data = {name: field.value() or "" for name, field in ((f.name, f) for f in form.context["adminform"].form)}
    data |= {"valid_from": "01/01/2026", "lowest_grade": "A", "basis": "SK Kepala Dinas"}
    assert client.post("/admin/progress/performancerule/add/", data).status_code == 302
    assert PerformanceRule.objects.count() == 2
    after = text(client.get("/kemajuan/"))
    assert "SK Kepala Dinas" in after and "SK Kepala Dinas" not in before


def test_the_register_can_be_asked_for_rats_and_changes(client, places):
    make_register(places["berau"], good=2, active=1, inactive=3)
    assert rows_of("/koperasi/?rat_tiga_tahun=2-3").count() == 2
    assert rows_of("/koperasi/?rat_tiga_tahun=3").count() == 2
    assert rows_of("/koperasi/?rat_tiga_tahun=2").count() == 0
    assert rows_of("/koperasi/?rat_tiga_tahun=1").count() == 1
    assert rows_of("/koperasi/?rat_tiga_tahun=0").count() == 3
    assert rows_of("/koperasi/?rat_tiga_tahun=2-3&per=2025-12-31").count() == 2
    page = text(client.get("/koperasi/?rat_tiga_tahun=2-3"))
    assert "dua atau tiga RAT (grade A atau B)" in page
    # It agrees with the grades that are kept.
    assert Cooperative.objects.filter(grade__in="AB").count() == 2


@pytest.mark.usefixtures("places")
def test_a_criterion_needs_what_its_scoring_needs(places):
    from django.db import IntegrityError, transaction

    rubric = Rubric.objects.get(key="kantor")
    for values in (
        {"denominator": ""},
        {"measure": "level"},
        {"is_gate": True},
        {"scoring": "threshold"},
        {"window": 1},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            make_criterion(rubric, "salah", **values)
    assert not Criterion.objects.filter(key="salah").exists()


@pytest.mark.usefixtures("places")
def test_74_99_per_cent_never_reads_as_75(client):
    territory = Regency.objects.get(slug="berau").territory
    for code, value in (("cooperatives", 10000), ("cooperatives_active", 7499)):
        make_figure(value, code=code, territory=territory, as_of=ON)
    page = text(client.get("/kemajuan/berau/?per=2025-12-31"))
    # The target of a chart is 75; nothing else is.
    assert "75,0 %" not in re.sub("[Tt]arget 75,0 %", "", page) and "Target tercapai" not in page
    assert "74,9 %" in page and "Perlu 1 koperasi aktif lagi, atau pembubaran 2 yang tidak aktif." in page
    card = text(client.get("/kemajuan/?per=2025-12-31"))
    assert "74,9 %" in card and "angka dinas" in card.split('id="t-kartu"')[1].split("</table>")[0]


@pytest.mark.usefixtures("register")
def test_gates_of_other_kinds_are_told_by_their_outcome(client):
    gate = Criterion.objects.get(key="gerbang-aktif")
    Criterion.objects.filter(pk=gate.pk).update(direction="down", threshold="12.5", version=9)
    page = text(client.get("/kemajuan/berau/"))
    own = page.split("<h3>Gerbang: koperasi aktif")[1].split("</div>")[0]
    assert "≤ 12,5 %" in own and "target belum tercapai" in own
    Criterion.objects.filter(pk=gate.pk).update(
        measure="level", denominator="", direction="up", threshold="5", version=10
    )
    DataVersion.bump("progress")
    page = text(client.get("/kemajuan/berau/"))
    own = page.split("<h3>Gerbang: koperasi aktif")[1].split("</div>")[0]
    assert "≥ 5" in own and "target tercapai" in own


@pytest.mark.usefixtures("register")
def test_every_table_is_a_file_too(client):
    for address, heads in (
        ("/kemajuan/?format=csv&isi=gerak", "Perubahan"),
        ("/kemajuan/berau/?format=csv&isi=gerak", "Perubahan"),
        ("/kemajuan/diumumkan/?per=2021-12-31&format=csv&isi=periksa", "Selisih"),
    ):
        content = b"".join(client.get(address).streaming_content).decode()
        assert heads.lower() in content.splitlines()[0].lower() and len(content.splitlines()) > 3, address
    rows = list(csv.DictReader(io.StringIO(b"".join(client.get("/kemajuan/?format=csv").streaming_content).decode())))
    values = [row["Nilai (persen, atau angkanya)"] for row in rows]
    assert any(values) and not any("'" in value for value in values)
    assert all(row["Alamat barisnya"].startswith("http://testserver/") for row in rows if row["Asalnya"])


@pytest.mark.usefixtures("register")
def test_a_paper_keeps_its_name_and_says_everything_in_letters_it_has(client):
    first, again = (client.get("/kemajuan/ringkasan.pdf?per=2025-12-31") for _turn in range(2))
    assert first["Content-Disposition"] == again["Content-Disposition"] == 'inline; filename="kemajuan-2025-12-31.pdf"'
    said = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(first.content)).pages)
    assert "min. 75 %" in " ".join(said.split()) and "?" not in said


def test_founding_counts_until_the_day_asked_for(places):
    make_cooperative(regency=places["berau"], legal_on=date(2024, 9, 1))
    make_cooperative(regency=places["berau"], founded_on=date(2024, 3, 1))
    assert rows_of("/koperasi/?per=2024-05-01&berdiri=2024").count() == 1
    assert rows_of("/koperasi/?per=2024-12-31&berdiri=2024").count() == 2
    assert rows_of("/koperasi/?berdiri=2024").count() == 2


def test_from_inactive_to_frozen_is_no_loss_of_an_active_one(places):
    one = make_cooperative(regency=places["berau"], status="inactive", founded_on=date(2000, 1, 1))
    one.record_status(Status.FROZEN, since=date(2024, 5, 1), basis="uji", by=None)
    assert rows_of("/koperasi/?dinonaktifkan=2024").count() == 0
    one.record_status(Status.ACTIVE, since=date(2025, 5, 1), basis="uji", by=None)
    assert rows_of("/koperasi/?diaktifkan=2025").count() == 1


@pytest.mark.usefixtures("register")
def test_the_api_refuses_a_rubric_that_did_not_hold(client):
    assert client.get("/api/v1/progress/scorecard/?rubrik=tidak-ada").status_code == 400
    assert client.get("/api/v1/progress/scorecard/?rubrik=permenkop-2007&per=2014-12-31").json()["rubric"]["key"]
    assert client.get("/kemajuan/tarakan/?per=2020-12-31&format=csv").status_code == 404
    assert 'href="?"' not in client.get("/kemajuan/tarakan/?per=2010-12-31").content.decode()


@pytest.mark.usefixtures("register")
def test_a_rubric_without_gates_blames_no_data(client):
    page = text(client.get("/kemajuan/?rubrik=permenkop-2015"))
    assert "tidak mempunyai gerbang" in page and "Belum ada yang dapat dihitung" not in page
    assert "belum lulus" not in page and "urut=gerbang" not in page

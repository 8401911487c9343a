"""CooperativeFilter: what each parameter asks for, and what is said about one that is not understood."""

from datetime import date, timedelta

import pytest
from django.http import QueryDict

from common.dates import today
from cooperatives.chips import address, chips
from cooperatives.filters import CooperativeFilter
from cooperatives.models import Cooperative, Form, Kind, Sector, Status
from cooperatives.recap import LOCATED, UNDER, recap
from tests.factories import make_cooperative, make_form, make_group, make_regency, make_return

pytestmark = pytest.mark.django_db

SPLIT = date(2013, 4, 22)


def names(query):
    filterset = CooperativeFilter(QueryDict(query), queryset=Cooperative.objects.all())
    assert not filterset.errors, filterset.errors
    return [record.name for record in filterset.qs]


def errors(query):
    filterset = CooperativeFilter(QueryDict(query), queryset=Cooperative.objects.all())
    return {name: [str(error) for error in found] for name, found in filterset.errors.items()}, filterset


@pytest.fixture
def kubar():
    return make_regency("Kutai Barat")


@pytest.fixture
def mahulu(kubar):
    return make_regency("Mahakam Ulu", split_from=kubar, valid_from=SPLIT)


def test_without_any_parameter_all_but_the_voided_are_found():
    make_cooperative("Satu")
    make_cooperative("Dua", status=Status.INACTIVE).record_status(
        Status.DISSOLVED, since=date(2020, 1, 1), basis="SK", by=None
    )
    make_cooperative("Salah").void(reason="keliru", by=None)
    assert names("") == ["Dua", "Satu"]
    assert CooperativeFilter(queryset=Cooperative.objects.all()).qs.count() == 2


def test_several_values_of_a_facet_add_up_and_facets_narrow(kubar):
    berau = make_regency("Berau")
    group = make_group()
    make_cooperative("A", regency=kubar, group=group)
    make_cooperative("B", regency=berau)
    make_cooperative("C", status=Status.INACTIVE)
    assert names("wilayah=kutai-barat&wilayah=berau") == ["A", "B"]
    assert names("wilayah=kosong") == ["C"]
    assert names("wilayah=kosong&wilayah=berau") == ["B", "C"]
    assert names(f"kelompok={group.pk}") == ["A"]
    assert names("kelompok=kosong&status=active") == ["B"]
    assert names("status=inactive") == ["C"]
    assert names("status=kosong") == []


def test_each_vocabulary_has_its_facet():
    for param, field, value in (
        ("bentuk", "form", make_form()),
        ("jenis", "kind", Kind.objects.create(name="Jasa")),
        ("sektor", "sector", Sector.objects.create(name="Konstruksi")),
    ):
        make_cooperative(param, **{field: value})
        assert names(f"{param}={value.pk}") == [param]
        assert param not in names(f"{param}=kosong")


def test_merah_putih_takes_yes_and_no():
    make_cooperative("A", is_merah_putih=True)
    make_cooperative("B")
    assert names("merah_putih=ya") == ["A"]
    assert names("merah_putih=bukan") == ["B"]
    assert names("merah_putih=ya&merah_putih=bukan") == ["A", "B"]


def test_grade_takes_the_ungraded_too():
    graded, young = make_cooperative("A"), make_cooperative("B", founded_on=today() - timedelta(days=10))
    Cooperative.objects.filter(pk=young.pk).update(grade="")
    Cooperative.objects.filter(pk=graded.pk).update(grade="C1")
    assert names("grade=C1") == ["A"]
    assert names("grade=kosong") == ["B"]


def test_status_is_that_of_the_day_asked_for():
    record = make_cooperative("A", since=date(2000, 1, 1))
    record.record_status(Status.INACTIVE, since=date(2019, 7, 1), basis="tanpa RAT", by=None)
    assert names("status=active&per=2019-06-30") == ["A"]
    assert names("status=active&per=2019-07-01") == []
    assert names("status=inactive&per=2019-07-01") == ["A"]
    assert names("per=1999-12-31") == []


def test_one_that_was_founded_later_did_not_exist():
    make_cooperative("Tua", founded_on=date(2001, 1, 1))
    make_cooperative("Muda", founded_on=date(2015, 1, 1))
    assert names("per=2012-12-31") == ["Tua"]


def test_kutai_barat_before_the_split_holds_todays_mahakam_ulu(kubar, mahulu):
    make_cooperative("Hulu", regency=mahulu)
    make_cooperative("Hilir", regency=kubar)
    assert names("wilayah=kutai-barat") == ["Hilir"]
    assert names("wilayah=kutai-barat&per=2013-04-21") == ["Hilir", "Hulu"]
    assert names("wilayah=kutai-barat&per=2013-04-22") == ["Hilir"]
    assert names("wilayah=mahakam-ulu&per=2013-04-21") == []
    assert names("wilayah=mahakam-ulu&wilayah=kosong&per=2013-04-21") == []
    assert names("wilayah=mahakam-ulu&per=2013-04-22") == ["Hulu"]
    assert names("kantor=kutai-barat&per=2012-12-31") == ["Hilir", "Hulu"]


def test_the_office_follows_the_form(kubar):
    make_cooperative("Kabupaten", regency=kubar, form=make_form(Form.Level.REGENCY))
    make_cooperative("Tanpa bentuk", regency=kubar)
    make_cooperative("Provinsi", regency=kubar, form=make_form(Form.Level.PROVINCE))
    make_cooperative("Nasional", regency=kubar, form=make_form(Form.Level.MINISTRY))
    make_cooperative("Tanpa wilayah")
    assert names("kantor=kutai-barat") == ["Kabupaten", "Tanpa bentuk"]
    assert names("kantor=provinsi") == ["Provinsi"]
    assert names("kantor=kementerian") == ["Nasional"]
    assert names("kantor=kosong") == ["Tanpa wilayah"]
    assert len(names("wilayah=kutai-barat")) == 4


@pytest.mark.parametrize("day", [date(2012, 12, 31), SPLIT, date(2024, 12, 31)])
def test_every_number_of_the_recap_is_found_again(kubar, mahulu, day):
    bulungan = make_regency("Bulungan", valid_until=SPLIT)
    for regency in (kubar, mahulu, bulungan, None):
        for form in (None, make_form(Form.Level.REGENCY), make_form(Form.Level.PROVINCE)):
            for status in (Status.ACTIVE, Status.FROZEN):
                make_return(make_cooperative(regency=regency, form=form, status=status), recap(day).counting_year)
            make_cooperative(regency=regency, form=form, since=date(2000, 1, 1)).record_status(
                Status.DISSOLVED, since=date(2010, 1, 1), basis="SK", by=None
            )
    compared = 0
    for by, param in ((UNDER, "kantor"), (LOCATED, "wilayah")):
        found = recap(day, by=by)
        for row in found.rows:
            if by == LOCATED and row.key == "kosong":
                continue  # one whose regency left the province has a place of its own in the facet
            here = f"per={day}&{param}={row.key}"
            standing = f"{here}&status=active&status=inactive&status=frozen"
            assert len(names(standing)) == row.total
            assert len(names(f"{here}&status=active")) == row.active
            assert len(names(f"{here}&status=dissolved&status=merged")) == row.ended
            assert len(names(f"{standing}&rat={found.counting_year}")) == row.rat_held
            assert len(names(f"{standing}&audit={found.counting_year}")) == row.audited
            compared += row.total
    assert compared


def test_rat_and_audit_know_three_answers():
    for answer, name in ((True, "Ya"), (False, "Tidak"), (None, "Kosong")):
        make_return(make_cooperative(name), 2024, rat_held=answer, audited=answer)
    make_return(make_cooperative("Tahun lain"), 2023, audited=True)
    for param in ("rat", "audit"):
        assert names(f"{param}=2024") == ["Ya"]
        assert names(f"{param}_tidak=2024") == ["Tidak"]
        assert names(f"{param}_kosong=2024") == ["Kosong", "Tahun lain"]


def test_founded_in_a_year_reads_the_legal_date_where_the_founding_date_is_missing():
    make_cooperative("Berdiri", founded_on=date(2024, 5, 1), legal_on=date(2025, 1, 1))
    make_cooperative("Sah", legal_on=date(2024, 6, 1))
    make_cooperative("Lain", founded_on=date(2023, 12, 31))
    assert names("berdiri=2024") == ["Berdiri", "Sah"]


@pytest.mark.parametrize(
    ("query", "param", "words"),
    [
        ("wilayah=atlantis", "wilayah", "atlantis"),
        ("status=active&status=gone", "status", "gone"),
        ("kelompok=1e9", "kelompok", "1e9"),
        ("kelompok=99999999999999999999", "kelompok", "9999"),
        ("grade=E", "grade", "E"),
        ("merah_putih=true", "merah_putih", "true"),
        ("kantor=pusat", "kantor", "pusat"),
        ("per=31-12-2012", "per", "2012-12-31"),
        ("per=2012-13-01", "per", "2012-12-31"),
        ("per=2012-02-30", "per", "2012-12-31"),
        ("per=1899-12-31", "per", "2012-12-31"),
        ("per=２０１２-12-31", "per", "2012-12-31"),
        ("per=2101-01-01", "per", "belum tiba"),
        ("rat=24", "rat", "empat angka"),
        ("rat=٢٠٢٤", "rat", "empat angka"),
        ("audit=2024.0", "audit", "empat angka"),
        ("berdiri=0000", "berdiri", "empat angka"),
        ("q=%25%5F", "q", "huruf"),
        ("q=" + "a" * 5000, "q", "5000"),
    ],
)
def test_what_is_not_understood_is_named_and_left_out(query, param, words):
    make_cooperative("A")
    found, filterset = errors(query)
    assert list(found) == [param]
    assert words in found[param][0]
    assert [record.name for record in filterset.qs] == ["A"]
    assert param not in filterset.asked


@pytest.mark.parametrize(
    "typed", ["6471012345678901", "6471 0123 4567 8901", "NIK 6471.0123.4567.8901", "64-71-0123-4567-8901"]
)
def test_a_citizens_number_is_refused_and_not_repeated(typed):
    make_cooperative("A")
    found, filterset = errors(f"q={typed}")
    assert "13" in found["q"][0]
    assert "6471" not in found["q"][0]
    assert "q" not in filterset.asked


def test_thirteen_digits_are_looked_up():
    make_cooperative("A", nomor_induk_koperasi="3275070060001")
    assert names("q=3275070060001") == ["A"]


def test_parameters_that_nobody_knows_change_nothing():
    make_cooperative("A")
    assert names("ordering=password&regency__slug=x&id=5&page=9&utm_source=x") == ["A"]


def test_a_chip_for_each_condition_takes_away_only_itself(kubar):
    group = make_group("Serba Usaha")
    query = f"q=anggrek&wilayah=kutai-barat&wilayah=kosong&kelompok={group.pk}&per=2020-01-31&kantor=provinsi&rat=2019"
    filterset = CooperativeFilter(QueryDict(f"page=7&x=1&{query}"), queryset=Cooperative.objects.all())
    found = chips(filterset)
    assert [chip.label for chip in found] == [
        "Cari: “anggrek”",
        "Kabupaten/kota: Kutai Barat",
        "Kabupaten/kota: (tidak diisi)",
        "Kelompok: Serba Usaha",
        "Per tanggal 31 Januari 2020",
        "Kantor yang berwenang: Provinsi",
        "RAT dilaksanakan, tahun buku: 2019",
    ]
    whole = QueryDict(query)
    assert QueryDict(address(filterset.asked)) == whole
    for chip in found:
        left = QueryDict(chip.query)
        missing = [
            (name, value) for name, values in whole.lists() for value in values if value not in left.getlist(name)
        ]
        assert len(missing) == 1
        assert sum(map(len, dict(left.lists()).values())) == 6


def test_the_choices_cost_two_queries_whatever_there_is(django_assert_num_queries, kubar):
    for size in (1, 30):
        for _number in range(size):
            make_group()
        with django_assert_num_queries(2):
            filterset = CooperativeFilter(QueryDict("wilayah=kutai-barat&kelompok=kosong"))
            assert not filterset.errors
            assert len(filterset.labels["kelompok"]) > size

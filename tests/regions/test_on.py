"""Which regencies the province had on a day, and what the database refuses."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from regions import starter
from regions.models import Regency, Territory
from tests.factories import make_regency

pytestmark = pytest.mark.django_db


@pytest.fixture
def province():
    starter.load()


@pytest.mark.parametrize(
    ("day", "count"),
    [
        (date(1999, 1, 1), 14),
        (date(2012, 12, 31), 14),
        (date(2013, 4, 21), 14),
        (date(2013, 4, 22), 10),
        (date(2013, 9, 11), 10),
        (date(2030, 1, 1), 10),
    ],
)
@pytest.mark.usefixtures("province")
def test_the_province_had_fourteen_regencies_until_the_split_and_ten_since(day, count):
    assert Regency.objects.on(day).count() == count


@pytest.mark.usefixtures("province")
def test_a_single_regency_says_the_same_as_the_query():
    for day in (date(2012, 12, 31), date(2013, 4, 21), date(2013, 4, 22), date(2026, 1, 1)):
        in_query = set(Regency.objects.on(day))
        assert {regency for regency in Regency.objects.all() if regency.was_part_on(day)} == in_query


@pytest.mark.usefixtures("province")
def test_the_two_code_systems_clash_and_stay_apart():
    kutai_barat = Regency.objects.get(bps_code="6402")
    kutai_kartanegara = Regency.objects.get(kemendagri_code="64.02")
    assert (kutai_barat.name, kutai_kartanegara.name) == ("Kutai Barat", "Kutai Kartanegara")
    clashing = [
        regency.name
        for regency in Regency.objects.on(date(2026, 1, 1))
        if regency.kemendagri_code.replace(".", "") != regency.bps_code
    ]
    assert sorted(clashing) == ["Berau", "Kutai Barat", "Kutai Kartanegara", "Kutai Timur"]


@pytest.mark.usefixtures("province")
def test_sums_name_their_regencies_and_the_unstated_one_names_none():
    counts = {key: Territory.objects.get(key=key).regencies.count() for key in ("Kaltim-14", "Kaltim-10", "Kaltim")}
    assert counts == {"Kaltim-14": 14, "Kaltim-10": 10, "Kaltim": 0}
    mahakam_ulu = Regency.objects.get(slug="mahakam-ulu")
    assert mahakam_ulu.split_from.slug == "kutai-barat"
    assert not Territory.objects.get(key="Kaltim-14").regencies.filter(pk=mahakam_ulu.pk).exists()


@pytest.mark.usefixtures("province")
def test_each_of_todays_regencies_has_its_own_tile():
    places = list(Regency.objects.on(date(2026, 1, 1)).values_list("tile_row", "tile_column"))
    assert len(set(places)) == 10
    assert all(1 <= row <= 4 and 1 <= column <= 3 for row, column in places)


def test_a_regency_that_ends_before_it_begins_is_refused_with_a_sentence():
    regency = make_regency()
    regency.valid_from, regency.valid_until = date(2013, 1, 2), date(2013, 1, 2)
    with pytest.raises(ValidationError, match="Akhir berlakunya kabupaten/kota"):
        regency.validate_constraints()
    with pytest.raises(IntegrityError), transaction.atomic():
        regency.save()


def test_two_regencies_cannot_share_a_tile_but_many_may_have_none():
    make_regency("Satu", tile_row=1, tile_column=1)
    make_regency("Dua")
    make_regency("Tiga")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_regency("Empat", tile_row=1, tile_column=1)


def test_the_full_name_says_what_it_is():
    assert make_regency("Bontang", kind=Regency.Kind.KOTA).full_name == "Kota Bontang"
    assert str(make_regency("Paser")) == "Paser"
    assert str(Territory(key="x", name="Wilayah X")) == "Wilayah X"


@pytest.mark.parametrize(
    ("field", "codes"),
    [
        ("kemendagri_code", ["6402", "64-02", "64.2", "６４.02", "64.02\n", "xx.02"]),
        ("bps_code", ["64.2", "640", "64 2", "६402", "640\n"]),
    ],
)
def test_a_code_has_the_shape_of_its_system(field, codes):
    regency = make_regency("Kutai Barat", kemendagri_code="64.07", bps_code="6402")
    regency.full_clean()
    for code in codes:
        setattr(regency, field, code)
        with pytest.raises(ValidationError) as refused:
            regency.full_clean()
        assert list(refused.value.error_dict) == [field], code

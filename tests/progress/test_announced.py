"""Announced against derived: differences stand there, the founding contradictions among them."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command

from common.models import DataVersion
from progress.announced import Announced, days
from regions.models import Regency
from tests.factories import (
    make_cooperative,
    make_figure,
    make_group,
    make_regency,
    make_return,
    make_source,
    make_territory,
)
from tests.progress.cards import ON, make_register
from tests.progress.test_pages import rows_of, text

pytestmark = pytest.mark.django_db
FOUNDING, LATER = date(2012, 12, 31), date(2021, 12, 31)


@pytest.fixture
def starter():
    call_command("load_starter", stdout=StringIO())


def line(found, code, territory, group="", value=None):
    return next(
        one
        for one in found.lines
        if (one.figure.indicator.code, one.figure.territory.key, one.figure.group) == (code, territory, group)
        and value in (None, one.figure.value)
    )


@pytest.mark.usefixtures("starter")
def test_the_founding_contradictions_are_there():
    checks = {(check.figures[0].territory.key, check.words): check for check in Announced(FOUNDING).checks}
    several = checks["Kaltim-14", "Beberapa nilai diterbitkan: Jumlah koperasi"]
    assert [one.value for one in several.figures] == [6111, 6140, 5111]
    groups = checks["Kaltim-14", "Kelompok-kelompok dan jumlahnya"]
    assert sum(one.value for one in groups.figures[:-1]) == 4350
    assert (groups.figures[-1].value, groups.difference) == (6111, -1761)


@pytest.mark.usefixtures("starter")
def test_samarindas_missing_three_are_there_and_what_adds_up_differs_by_nothing():
    checks = {(check.figures[0].territory.key, check.words): check.difference for check in Announced(LATER).checks}
    assert checks["samarinda", "Aktif, tidak aktif, dan jumlahnya"] == -3
    assert checks["Kaltim-10", "Aktif, tidak aktif, dan jumlahnya"] == 0
    assert checks["Kaltim-10", "Kelompok-kelompok dan jumlahnya"] == 0


@pytest.mark.usefixtures("starter")
def test_each_figure_stands_beside_the_register_of_its_day_and_territory(client):
    make_register(Regency.objects.get(slug="samarinda"), good=2, inactive=1)
    make_register(Regency.objects.get(slug="tarakan"), active=1)
    found = Announced(LATER)
    samarinda = line(found, "cooperatives", "samarinda")
    assert (samarinda.derived.value, samarinda.difference) == (3, 3 - 1264)
    assert line(found, "cooperatives_inactive", "samarinda").derived.value == 1
    for one in found.lines:
        if one.derived and one.figure.indicator.code.startswith("cooperatives"):
            assert rows_of(one.derived.url).count() == one.derived.value
    # In 2012 the province had fourteen: Tarakan's belongs to the sum.
    founding = line(Announced(FOUNDING), "cooperatives", "Kaltim-14", value=6111)
    assert founding.derived.value == 4
    page = text(client.get("/kemajuan/diumumkan/"))
    for words in ("6.111", "6.140", "5.111", "−6.107", "−1.761", "Terbit dua bulan"):
        assert words in page


def test_a_group_is_found_by_its_spelling_and_counted_in_its_territory():
    berau = make_regency("Berau")
    kud = make_group("Unit Desa", synonyms="KUD")
    make_cooperative(regency=berau, group=kud, founded_on=date(2000, 1, 1))
    make_cooperative(regency=berau, founded_on=date(2000, 1, 1))
    place = make_territory("berau", regency=berau)
    make_figure(5, group="KUD", territory=place, as_of=ON)
    make_figure(5, group="Tidak dikenal", territory=place, as_of=ON)
    found = Announced(ON)
    assert line(found, "cooperatives", "berau", "KUD").derived.value == 1
    assert line(found, "cooperatives", "berau", "Tidak dikenal").derived is None


def test_what_nobody_answered_is_not_derived_as_zero():
    berau = make_regency("Berau")
    one = make_cooperative(regency=berau, founded_on=date(2000, 1, 1))
    place = make_territory("berau", regency=berau)
    for code in ("rat_held", "audited", "members"):
        make_figure(5, code=code, territory=place, as_of=ON)
    found = Announced(ON)
    assert {entry.derived for entry in found.lines} == {None}
    make_return(one, 2024, rat_held=False, audited=False, members=20)
    found = Announced(ON)
    values = {entry.figure.indicator.code: entry.derived.value for entry in found.lines}
    assert values == {"rat_held": 0, "audited": 0, "members": 20}


def test_reports_stand_beside_and_are_no_announcement_themselves():
    place = make_territory("berau", regency=make_regency("Berau"))
    make_figure(12, territory=place, as_of=ON, is_official=False)
    report = make_source("laporan-uji", is_of_report=True, url="/statistik/pelaporan/")
    make_figure(10, territory=place, as_of=ON, source=report, is_official=True)
    found = Announced(ON)
    (one,) = found.lines
    assert (one.figure.value, one.reported.value, one.derived, one.difference) == (12, 10, None, -2)
    assert days() == [(ON, 1)]


def test_an_invented_register_is_not_compared_with_what_was_really_announced(client):
    berau = make_regency("Berau")
    make_register(berau, good=2, is_demo=True)
    DataVersion.bump("demo")
    place = make_territory("berau", regency=berau)
    make_figure(5, territory=place, as_of=ON, is_official=False)
    make_figure(3, territory=place, as_of=ON, is_official=False, is_demo=True)
    found = Announced(ON)
    real, invented = line(found, "cooperatives", "berau", value=5), line(found, "cooperatives", "berau", value=3)
    assert (real.derived, real.difference) == (None, None)
    assert (invented.derived.value, invented.difference) == (2, -1)
    assert "angka nyata tidak dibandingkan" in text(client.get("/kemajuan/diumumkan/?per=2025-12-31"))


@pytest.mark.usefixtures("starter")
def test_page_file_and_api_say_the_same_in_a_fixed_number_of_queries(client, django_assert_max_num_queries):
    make_register(Regency.objects.get(slug="samarinda"), good=2, inactive=1)
    with django_assert_max_num_queries(16):
        client.get("/kemajuan/diumumkan/?per=2021-12-31")
    rows = b"".join(client.get("/kemajuan/diumumkan/?per=2021-12-31&format=csv").streaming_content).decode()
    answer = client.get("/api/v1/progress/announced/?per=2021-12-31").json()
    assert len(rows.splitlines()) - 1 == len(answer["results"]) == len(Announced(LATER).lines)
    assert client.get("/kemajuan/diumumkan/?per=ngawur&format=csv").status_code == 400
    assert "bukan tanggal" in text(client.get("/kemajuan/diumumkan/?per=ngawur"))
    assert "Tidak ada angka tercatat" in text(client.get("/kemajuan/diumumkan/?per=2001-01-01"))

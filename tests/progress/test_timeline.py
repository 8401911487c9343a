"""The awards by year, and whether the goal of 2013 was reached."""

import pytest

from progress import timeline
from tests.factories import make_award, make_regency, make_source, make_territory

pytestmark = pytest.mark.django_db


@pytest.fixture
def awards():
    release, other = make_source("2014-07"), make_source("2014-12")
    province = make_territory("Kaltim", name="Kalimantan Timur, cakupan tidak disebut")
    places = {
        name: make_territory(name.lower(), name=name, regency=make_regency(name))
        for name in ("Kubar", "Berau", "Paser")
    }
    make_award(places["Kubar"], 2011, source=release)
    make_award(places["Kubar"], 2013, source=release)
    make_award(places["Berau"], 2013, source=release)
    make_award(places["Paser"], 2014, source=other)
    make_award(province, 2013, "Provinsi Penggerak Koperasi", source=release)
    return places


def test_years_come_in_order_with_the_province_apart(awards, django_assert_num_queries):
    with django_assert_num_queries(1):
        years = timeline.timeline()
        assert [year.year for year in years] == [2011, 2013, 2014]
        assert [award.territory.name for award in years[1].of_regencies] == ["Berau", "Kubar"]
        assert len(years[1].of_province) == 1
        assert [source.key for source in years[1].sources] == ["2014-07"]


def test_the_goal_counts_as_reached_only_by_the_provinces_own_award_of_its_year(awards):
    years = timeline.timeline()
    assert timeline.goal_was_reached(years)
    assert not timeline.goal_was_reached([year for year in years if year.year != 2013])
    years[1].of_province[0].delete()
    assert not timeline.goal_was_reached(timeline.timeline())


def test_a_regencys_awards_come_newest_first(awards):
    kubar = awards["Kubar"].regency
    assert [award.year for award in timeline.of_regency(kubar)] == [2013, 2011]
    assert timeline.years_by_regency()[kubar.pk] == [2011, 2013]


def test_two_awards_of_one_year_are_one_year(awards):
    make_award(awards["Paser"], 2014, "Cooperatives Data Award")
    assert timeline.years_by_regency()[awards["Paser"].regency_id] == [2014]
    assert str(timeline.of_regency(awards["Paser"].regency)[0]).endswith("2014")

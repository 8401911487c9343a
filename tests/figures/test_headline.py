"""Headline numbers: exact whole cooperatives, figures of one date only, the founding ones apart."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from figures import headline
from figures.headline import Share
from portal.stats import way_to_target
from tests.factories import make_figure, make_regency, make_source, make_territory


@pytest.mark.parametrize(
    ("part", "whole", "more", "fewer"),
    [
        (2901, 5745, 1408, 1877),  # the province at the end of 2021
        (312, 660, 183, 244),
        (3, 4, 0, 0),  # exactly on the line
        (2, 4, 1, 2),
        (0, 4, 3, None),
        (0, 0, 0, 0),
        (5, 5, 0, 0),
        (1, 100, 74, 99),
    ],
)
def test_the_way_to_three_quarters_is_counted_in_whole_cooperatives(part, whole, more, fewer):
    share = Share(part, whole)
    assert (share.more_needed, share.fewer_needed) == (more, fewer)


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(1, 100))
def test_the_way_is_the_shortest_that_reaches_the_target(one, other, target):
    part, whole = min(one, other), max(one, other)
    share = Share(part, whole, target)
    more, fewer = share.more_needed, share.fewer_needed

    def reached(p, w):
        return p * 100 >= w * target

    assert reached(part + more, whole)
    assert more == 0 or not reached(part + more - 1, whole)
    if fewer is None:
        assert part == 0 < whole
    else:
        assert part <= whole - fewer
        assert reached(part, whole - fewer)
        assert fewer == 0 or not reached(part, whole - fewer + 1)
    assert share.is_reached == (whole > 0 and more == 0)


def test_the_way_in_words():
    assert (
        way_to_target(Share(2901, 5745)) == "Perlu 1.408 koperasi aktif lagi, atau pembubaran 1.877 yang tidak aktif."
    )
    assert way_to_target(Share(0, 4)) == "Perlu 3 koperasi aktif lagi."
    assert way_to_target(Share(3, 4)) == ""
    assert way_to_target(Share(0, 0)) == ""


@pytest.mark.django_db
class TestHeadline:
    def test_the_newest_official_total_of_todays_province_leads(self):
        make_figure(5700, as_of=date(2020, 12, 31))
        make_figure(5745, as_of=date(2021, 12, 31))
        make_figure(9999, as_of=date(2022, 12, 31), is_official=False)
        make_figure(9998, as_of=date(2022, 12, 31), group="Serba Usaha")
        make_figure(6111, as_of=date(2023, 12, 31), territory=make_territory("Kaltim-14"))
        assert headline.headline()["cooperatives"].value == 5745
        assert headline.headline()["members"] is None

    def test_a_share_is_of_two_figures_of_one_date(self):
        make_figure(5745, as_of=date(2021, 12, 31))
        make_figure(2901, as_of=date(2021, 12, 31), code="cooperatives_active")
        make_figure(3000, as_of=date(2022, 12, 31), code="cooperatives_active")
        pair = headline.headline().pairs["cooperatives_active"]
        assert (pair.part.value, pair.whole.value) == (2901, 5745)
        assert (pair.share.part, pair.share.whole) == (2901, 5745)

    def test_without_a_common_date_there_is_no_share(self):
        make_figure(5745, as_of=date(2021, 12, 31))
        make_figure(2901, as_of=date(2020, 12, 31), code="cooperatives_active")
        assert headline.headline().pairs == {}

    def test_one_query_whatever_the_number_of_figures(self, django_assert_num_queries):
        for year in range(2014, 2022):
            make_figure(year, as_of=date(year, 12, 31))
        with django_assert_num_queries(1):
            headline.headline()

    def test_the_founding_figures_with_the_most_members_and_what_contradicts_them(self):
        day = date(2012, 12, 31)
        fourteen = make_territory("Kaltim-14")
        make_figure(6111, as_of=day, territory=fourteen)
        make_figure(6140, as_of=day, territory=fourteen, is_official=False)
        make_figure(5111, as_of=day, territory=fourteen, is_official=False)
        make_figure(3097, as_of=day, territory=fourteen, group="Serba Usaha")
        make_figure(436068, as_of=day, territory=fourteen, code="members")
        for name, members in (("Samarinda", 106002), ("Paser", 5)):
            place = make_territory(name.lower(), regency=make_regency(name))
            make_figure(members, as_of=day, territory=place, code="members")
        make_figure(7, as_of=day, territory=make_territory("lain"))
        founding = headline.founding()
        assert founding.is_known
        assert (founding.cooperatives.value, founding.members.value) == (6111, 436068)
        assert founding.most_members.territory.key == "samarinda"
        assert [figure.value for figure in founding.conflicting] == [6140, 5111]

    def test_without_figures_nothing_is_known(self):
        founding = headline.founding()
        assert not founding.is_known
        assert founding.conflicting == ()

    def test_news_are_the_newest_sources_each_with_one_figure_of_the_province_first(self):
        old, new, undated = (
            make_source("old", published_on=date(2013, 7, 15)),
            make_source("new", published_on=date(2022, 2, 1)),
            make_source("undated"),
        )
        make_figure(1, source=old, as_of=date(2012, 12, 31))
        regency = make_territory("paser", regency=make_regency("Paser"))
        make_figure(2, source=new, territory=regency)
        make_figure(3, source=new)
        make_figure(4, source=undated, as_of=date(2011, 12, 31))
        make_source("empty", published_on=date(2025, 1, 1))
        assert [figure.value for figure in headline.news()] == [3, 1]
        assert [figure.value for figure in headline.news(limit=1)] == [3]

    def test_the_dictionary_prefers_todays_province_and_says_where_there_is_only_a_regency(self):
        make_figure(6111, as_of=date(2022, 12, 31), territory=make_territory("Kaltim-14"))
        make_figure(5745, as_of=date(2021, 12, 31))
        make_figure(61460, code="members", territory=make_territory("kutim", regency=make_regency("Kutai Timur")))
        rows = {row.code: row for row in headline.indicators_with_latest()}
        assert rows["cooperatives"].latest.value == 5745
        assert rows["cooperatives"].figure_count == 2
        assert rows["members"].latest is None
        assert rows["members"].figure_count == 1

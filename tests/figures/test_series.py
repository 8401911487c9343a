"""Series: which value leads the line, what stands beside it, and in which order places come."""

from datetime import date

import pytest

from figures import series
from figures.models import Figure
from tests.factories import make_figure, make_regency, make_territory

pytestmark = pytest.mark.django_db


def places():
    return series.places(Figure.objects.for_list().order_by("pk"))


def test_the_offices_figure_leads_and_the_others_stand_beside_it():
    make_figure(6140, is_official=False, quality="conflicting")
    make_figure(6111)
    make_figure(5111, is_official=False, quality="conflicting")
    (place,) = places()
    (entry,) = place.entries
    assert entry.chosen.value == 6111
    assert [figure.value for figure in entry.others] == [6140, 5111]


def test_a_single_figure_leads_though_nobody_chose_it_unless_it_is_conflicting():
    make_figure(1, is_official=False, quality="reported", as_of=date(2020, 12, 31))
    make_figure(2, is_official=False, quality="conflicting", as_of=date(2021, 12, 31))
    newest, oldest = places()[0].entries
    assert newest.chosen is None
    assert newest.first.value == 2
    assert oldest.chosen.value == 1


def test_two_figures_of_which_none_was_chosen_lead_nothing():
    make_figure(1, is_official=False)
    make_figure(2, is_official=False)
    (entry,) = places()[0].entries
    assert entry.chosen is None
    assert [figure.value for figure in entry.others] == [2, 1]


def test_a_line_needs_two_dates_and_keeps_their_distance():
    make_figure(3828, as_of=date(2008, 12, 31))
    make_figure(5338, as_of=date(2009, 12, 31))
    make_figure(1140, as_of=date(2011, 2, 28), date_precision="month")
    make_figure(1141, as_of=date(2011, 2, 28), is_official=False)
    (line,) = places()[0].series
    assert line.is_a_line
    assert [(label, value) for label, value, _at in line.points] == [
        ("2008", 3828),
        ("2009", 5338),
        ("Februari 2011", 1140),
    ]
    positions = [at for _label, _value, at in line.points]
    assert positions == sorted(positions)
    assert positions[2] - positions[1] == pytest.approx(1.16, abs=0.01)
    assert [value for _label, value, _at in line.marks] == [1141]


def test_sums_come_before_regencies_and_the_newest_sum_first():
    make_figure(1, territory=make_territory("paser", name="Paser", regency=make_regency("Paser")))
    make_figure(2, territory=make_territory("berau", name="Berau", regency=make_regency("Berau")))
    make_figure(3, territory=make_territory("Kaltim-14"), as_of=date(2012, 12, 31))
    make_figure(4, as_of=date(2021, 12, 31))
    assert [place.territory.key for place in places()] == ["Kaltim-10", "Kaltim-14", "berau", "paser"]


def test_all_cooperatives_come_before_the_groups():
    make_figure(3097, group="Serba Usaha")
    make_figure(447, group="Karyawan")
    make_figure(6111)
    (place,) = places()
    assert [line.group for line in place.series] == ["", "Karyawan", "Serba Usaha"]
    assert place.has_groups

"""Where a scorecard's numbers come from, and that a rule of one year leaves the others alone."""

import json
from dataclasses import replace
from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.models import DataVersion
from cooperatives.models import Status
from progress.models import Criterion, PerformanceRule, Rubric
from progress.sheet import gates_of, kept, rules_of, sheet, versions_now
from regions.models import Territory
from tests.factories import make_cooperative, make_figure, make_form, make_regency, make_return, make_territory
from tests.progress.cards import ON, make_criterion, make_register, make_rubric, make_rules

pytestmark = pytest.mark.django_db


@pytest.fixture
def berau():
    regency = make_regency("Berau")
    make_territory("berau", regency=regency)
    return regency


def row(found, key="berau"):
    return next(one for one in (*found["rows"], found["province"]) if one["key"] == key)


def cell(found, criterion, key="berau"):
    keys = [one["key"] for one in found["criteria"]]
    return row(found, key)["cells"][keys.index(criterion)]


def made(on=ON):
    return sheet(on, rules_of(on))


def last(one):
    return one["years"][-1]["part"], one["years"][-1]["whole"]


def test_the_register_is_counted_by_office_with_its_gates(berau):
    make_rules()
    make_register(berau, good=2, active=1, inactive=1)
    found = made()
    assert last(cell(found, "gerbang-aktif")) == (3, 4)
    assert last(cell(found, "gerbang-kinerja")) == (2, 3)
    assert cell(found, "gerbang-aktif")["origin"] == "register"
    assert (row(found)["gate"], found["passed"], found["counted"], found["needed"]) == ("passed", 1, 1, 1)
    make_cooperative(regency=berau, status="inactive", founded_on=date(2001, 1, 1))
    assert row(made())["gate"] == "failed"


def test_on_the_first_day_nothing_is_computed_and_nothing_is_zero(berau):
    make_rules()
    found = made()
    assert (found["passed"], found["counted"], row(found)["gate"], row(found)["score"]) == (0, 0, "unknown", None)
    for one in row(found)["cells"]:
        assert (one["origin"], one["score"], one["missing"]) == (None, None, "no_data")
        assert {year["part"] for year in one["years"]} == {None}


def test_the_offices_figures_of_that_day_come_before_the_register(berau):
    make_rules()
    make_register(berau, good=1, inactive=1)
    territory = Territory.objects.get(key="berau")
    figure = {"territory": territory, "as_of": ON, "is_official": True}
    make_figure(30, code="cooperatives_active", **figure)
    # The whole is missing among the figures: the register speaks for both.
    assert (cell(made(), "gerbang-aktif")["origin"], last(cell(made(), "gerbang-aktif"))) == ("register", (1, 2))
    make_figure(40, code="cooperatives", **figure)
    one = cell(made(), "gerbang-aktif")
    assert (one["origin"], last(one), one["value"]) == ("figures", (30, 40), "75.00")
    assert one["years"][-1]["part_url"] == "/statistik/cooperatives_active/?wilayah=berau"
    # Nobody publishes how many perform well: part and whole both come from the register.
    assert (cell(made(), "gerbang-kinerja")["origin"], last(cell(made(), "gerbang-kinerja"))) == ("register", (1, 1))


@pytest.mark.parametrize("values", [{"is_official": False}, {"as_of": date(2025, 12, 30)}, {"group": "KUD"}])
def test_a_figure_that_is_not_the_offices_total_of_the_day_is_none(berau, values):
    make_rules()
    base = {"territory": Territory.objects.get(key="berau"), "as_of": ON, "is_official": True} | values
    for code in ("cooperatives", "cooperatives_active"):
        make_figure(30, code=code, **base)
    assert cell(made(), "gerbang-aktif")["origin"] is None


def test_a_trend_takes_all_its_years_from_one_place(berau):
    make_rules()
    make_register(berau, good=1, inactive=1)
    figure = {"territory": Territory.objects.get(key="berau"), "is_official": True}
    for year in (2024, 2025):
        make_figure(30, code="cooperatives_active", as_of=date(year, 12, 31), **figure)
        make_figure(40, code="cooperatives", as_of=date(year, 12, 31), **figure)
    # The figures do not know 2023, the register knows all three.
    assert cell(made(), "aktif")["origin"] == "register"
    make_figure(20, code="cooperatives_active", as_of=date(2023, 12, 31), **figure)
    make_figure(40, code="cooperatives", as_of=date(2023, 12, 31), **figure)
    one = cell(made(), "aktif")
    assert (one["origin"], one["outcome"], [year["part"] for year in one["years"]]) == (
        "figures",
        "rising",
        [20, 30, 30],
    )


def test_where_no_place_knows_all_years_there_is_a_value_and_no_trend(berau):
    make_rules()
    figure = {"territory": Territory.objects.get(key="berau"), "as_of": ON, "is_official": True}
    make_figure(30, code="cooperatives_active", **figure)
    make_figure(40, code="cooperatives", **figure)
    one = cell(made(), "aktif")
    assert (one["value"], one["outcome"], one["missing"], one["score"]) == ("75.00", None, "years", None)


def test_an_invented_register_never_meets_a_real_figure(berau):
    make_rules()
    province = make_territory("Kaltim-10", name="Kalimantan Timur")
    for territory in (Territory.objects.get(key="berau"), province):
        for code in ("cooperatives", "cooperatives_active"):
            make_figure(6111, code=code, territory=territory, as_of=ON, is_official=True)
    make_register(berau, good=3, inactive=1, is_demo=True)
    DataVersion.bump("demo")
    found = made()
    assert found["is_demo"]
    text = json.dumps(found)
    assert "6111" not in text and "figures" not in text
    assert last(cell(found, "gerbang-aktif")) == last(cell(found, "gerbang-aktif", "total")) == (3, 4)
    # And the other way round: without demo data nothing invented counts.
    DataVersion.objects.filter(key="demo").delete()
    make_figure(9, code="cooperatives", territory=make_territory("x"), as_of=ON, is_official=True, is_demo=True)
    assert last(cell(made(), "gerbang-aktif", "total")) == (6111, 6111)


def test_the_province_counts_every_office_and_its_figure_is_of_the_sum_of_that_day(berau):
    make_rules()
    make_register(berau, good=1)
    make_register(berau, inactive=1, form=make_form("province"))
    found = made()
    assert last(cell(found, "gerbang-aktif")) == (1, 1)
    assert last(cell(found, "gerbang-aktif", "total")) == (1, 2)
    old = date(2012, 12, 31)
    make_figure(6111, territory=make_territory("Kaltim-14"), as_of=old, is_official=True)
    make_figure(
        3000, code="cooperatives_active", territory=Territory.objects.get(key="Kaltim-14"), as_of=old, is_official=True
    )
    make_figure(9999, territory=make_territory("Kaltim-10"), as_of=old, is_official=True)
    assert last(cell(made(old), "gerbang-aktif", "total")) == (3000, 6111)


def test_a_split_leaves_both_areas_without_a_trend_until_it_lies_behind_the_window():
    make_rules()
    kubar = make_regency("Kutai Barat")
    mahulu = make_regency("Mahakam Ulu", valid_from=date(2013, 4, 22), split_from=kubar)
    make_register(kubar, good=2, inactive=1)
    make_register(mahulu, good=1)
    before, within, after = (made(date(year, 12, 31)) for year in (2012, 2014, 2015))
    assert last(cell(before, "aktif", "kutai-barat")) == (3, 4)
    assert not [one for one in before["rows"] if one["key"] == "mahakam-ulu"]
    for key in ("kutai-barat", "mahakam-ulu"):
        assert cell(within, "aktif", key)["missing"] == "split"
        assert cell(after, "aktif", key)["missing"] is None
        assert cell(within, "gerbang-aktif", key)["outcome"]


def test_unanswered_is_not_zero(berau):
    make_rules()
    one = make_cooperative(regency=berau, founded_on=date(2001, 1, 1))
    # The grade looks at three book years: while one of them has no answer at all, nobody's is known.
    for years in range(3):
        found = made()
        assert last(cell(found, "gerbang-kinerja")) == (None, None)
        assert (row(found)["gate"], found["gate"]) == ("unknown", "unknown")
        make_return(one, 2022 + years, rat_held=False)
    assert last(cell(made(), "gerbang-kinerja")) == (0, 1)
    assert (row(made())["gate"], made()["gate"]) == ("failed", "failed")


def test_without_a_definition_nobody_performs_well(berau):
    make_rules()
    PerformanceRule.objects.update(valid_from=date(2026, 1, 1))
    make_register(berau, good=2)
    assert last(cell(made(), "gerbang-kinerja")) == (None, None)
    assert made()["performing_well"] is None


def test_the_definition_of_the_day_decides_who_performs_well(berau):
    make_rules()
    one = make_register(berau, good=1)[0]
    one.returns.filter(book_year=2022).update(rat_held=False, rat_on=None)
    assert last(cell(made(), "gerbang-kinerja")) == (1, 1)
    PerformanceRule.objects.create(valid_from=date(2025, 6, 1), lowest_grade="A", basis="lebih ketat")
    assert last(cell(made(), "gerbang-kinerja")) == (0, 1)
    assert made(date(2025, 5, 31))["performing_well"]["lowest_grade"] == "B"


def test_a_change_of_the_rubric_of_2015_leaves_2013_untouched(berau):
    make_rules()
    Rubric.objects.update(valid_until=date(2015, 9, 1))
    newer = make_rubric("2015", valid_from=date(2015, 9, 1))
    one = make_criterion(newer, weight=2)
    make_register(berau, good=2, inactive=1)
    old, new = made(date(2013, 12, 31)), made(date(2016, 12, 31))
    assert (old["rubric"]["key"], new["rubric"]["key"]) == ("uji", "2015")
    Criterion.objects.filter(pk=one.pk).update(score_middle=1, score_best=2, tolerance=100, weight=5)
    Rubric.objects.filter(pk=newer.pk).update(needed_percent=100, name="Diubah")
    assert json.dumps(made(date(2013, 12, 31))) == json.dumps(old)
    assert json.dumps(made(date(2016, 12, 31))) != json.dumps(new)


def test_the_rubric_that_has_criteria_leads_and_another_can_be_asked_for(berau):
    make_rules()
    make_rubric("kosong", valid_from=date(2020, 1, 1))
    assert rules_of(ON).rubric.key == "uji"
    assert rules_of(ON, "kosong").rubric.key == "kosong"
    assert rules_of(ON, "tidak-ada").rubric.key == "uji"
    assert rules_of(date(2006, 1, 1)).rubric is None
    assert sheet(date(2006, 1, 1), rules_of(date(2006, 1, 1)))["needed"] is None


@pytest.mark.parametrize(("count", "needed"), [(14, 8), (10, 6), (9, 5)])
def test_half_of_the_regencies_plus_one(count, needed):
    assert Rubric().needed_of(count) == needed


@pytest.mark.parametrize(
    ("passed", "failed", "unknown", "expected"),
    [
        (6, 4, 0, "passed"),
        (6, 0, 4, "passed"),
        (5, 5, 0, "failed"),
        (2, 5, 3, "failed"),
        (2, 4, 4, "unknown"),
        (0, 0, 10, "unknown"),
    ],
)
def test_the_province_is_judged_only_when_the_unknown_cannot_change_it(passed, failed, unknown, expected):
    rows = [
        {"gate": gate} for gate, n in (("passed", passed), ("failed", failed), ("unknown", unknown)) for _i in range(n)
    ]
    assert gates_of(rows, Rubric())["gate"] == expected
    assert gates_of(rows, None)["gate"] == "unknown"


def test_a_kept_sheet_is_made_anew_when_anything_it_counts_changes(berau):
    make_rules()
    rules = rules_of(ON)
    assert last(row(kept(ON, rules, versions_now()))["cells"][0]) == (None, None)
    make_register(berau, good=1)
    versions = versions_now()
    assert last(row(kept(ON, rules, versions))["cells"][0]) == (1, 1)
    with CaptureQueriesContext(connection) as captured:
        kept(ON, rules, versions)
    assert len(captured) == 0
    # The definition of another day is another sheet, whatever the versions say.
    stricter = PerformanceRule(pk=99, valid_from=ON, lowest_grade="A", basis="lain")
    assert kept(ON, replace(rules, performance=stricter), versions)["performing_well"]["lowest_grade"] == "A"
    assert kept(ON, rules, versions)["performing_well"]["lowest_grade"] == "B"


def test_queries_do_not_grow_with_the_register_nor_with_the_regencies(berau):
    make_rules()
    make_register(berau, good=1, inactive=1)

    def count():
        with CaptureQueriesContext(connection) as captured:
            made()
        return len(captured)

    few = count()
    for name in ("Paser", "Bontang", "Samarinda"):
        make_register(make_regency(name), good=2, active=1, inactive=2)
    assert count() == few <= 21


def test_the_starter_rules_say_what_is_not_known():
    call_command("load_starter", stdout=StringIO())
    ministry = Rubric.objects.get(key="permenkop-2007")
    assert ministry.is_incomplete and set(ministry.criteria.values_list("weight", flat=True)) == {None}
    found = sheet(date(2013, 12, 31), rules_of(date(2013, 12, 31), "permenkop-2007"))
    assert found["province"]["score"] is None
    assert rules_of(date(2013, 12, 31)).rubric.key == "kantor"
    assert Rubric.objects.get(key="permenkop-2015").criteria.count() == 0
    again = StringIO()
    call_command("load_starter", stdout=again)
    assert "rubrik: 0 " in again.getvalue() and "kriteria: 0 " in again.getvalue()


def test_the_status_of_the_day_counts_and_not_todays(berau):
    make_rules()
    one = make_register(berau, good=1)[0]
    one.record_status(Status.INACTIVE, since=date(2025, 6, 1), basis="uji", by=None)
    assert last(cell(made(date(2025, 5, 31)), "gerbang-aktif")) == (1, 1)
    assert last(cell(made(ON), "gerbang-aktif")) == (0, 1)
    assert [year["part"] for year in cell(made(ON), "aktif")["years"]] == [1, 1, 0]


@pytest.mark.parametrize(("numerator", "answer"), [("rat_held", "rat_held"), ("audited", "audited")])
def test_a_question_that_nobody_answered_has_no_number(berau, numerator, answer):
    rubric = make_rules()
    make_criterion(rubric, "jawaban", numerator=numerator, scoring="threshold", threshold=50, window=1)
    one = make_cooperative(regency=berau, founded_on=date(2001, 1, 1))
    assert (last(cell(made(), "jawaban")), cell(made(), "jawaban")["missing"]) == ((None, None), "no_data")
    make_return(one, 2024, **({"rat_held": None} | {answer: False}))
    assert (last(cell(made(), "jawaban")), cell(made(), "jawaban")["value"]) == ((0, 1), "0.00")

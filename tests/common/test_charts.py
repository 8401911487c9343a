"""What the charts draw: the meaning of the SVG, not its looks."""

import re
from xml.etree import ElementTree as ET

import pytest
from django.utils import translation

from common import charts

YEARS = [("2020", 160), ("2021", None), ("2022", 181)]
HOSTILE = "<script>alert(1)</script>&\"'"


def parsed(svg):
    """The drawing as elements; fails where it is not well-formed."""
    return ET.fromstring(str(svg))  # noqa: S314 - what the project itself wrote


def texts(svg):
    return [element.text for element in parsed(svg).iter("text")]


def shapes(svg, css):
    return [element for element in parsed(svg).iter() if css in element.get("class", "").split()]


def numbers(element, *names):
    return [float(element.get(name)) for name in names]


@pytest.mark.parametrize(
    "svg",
    [
        charts.share_bar(1, 2, 75, key="k", title=HOSTILE),
        charts.bar_chart([(HOSTILE, 1)], HOSTILE, key="k", title=HOSTILE),
        charts.line_chart([(HOSTILE, 1), ("b", 2)], 1.5, key="k", title=HOSTILE, unit=HOSTILE),
    ],
)
def test_a_drawing_is_named_described_and_inert(svg):
    root = parsed(svg)
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == "kt kd"
    assert root.find("title").get("id") == "kt"
    assert root.find("desc").get("id") == "kd"
    assert HOSTILE in root.find("title").text
    assert "<script" not in str(svg)
    assert "style=" not in str(svg)


# Share --------------------------------------------------------------------------------------------


def test_a_share_below_its_target_is_gold():
    svg = charts.share_bar(2901, 5745, 75, key="k", title="Koperasi aktif")
    assert parsed(svg).find("title").text == "Koperasi aktif 50,5\u00a0%, target 75\u00a0%"
    assert parsed(svg).find("desc").text == "2.901 dari 5.745"
    assert shapes(svg, "way-f")[0].get("width") == "50.5%"
    assert shapes(svg, "target")[0].get("x1") == "75%"
    assert texts(svg) == ["target 75\u00a0%"]


def test_a_share_at_its_target_is_green():
    svg = charts.share_bar(321, 428, 75, key="k")
    assert shapes(svg, "ok-f")[0].get("width") == "75.0%"
    assert not shapes(svg, "way-f")


def test_a_share_just_below_its_target_is_not_rounded_into_it():
    assert shapes(charts.share_bar(7494, 10000, 75, key="k"), "way-f")


def test_without_a_target_there_is_no_line():
    svg = charts.share_bar(100, 428, key="k")
    assert not shapes(svg, "target")
    assert texts(svg) == []
    assert shapes(svg, "ok-f")


@pytest.mark.parametrize(("part", "whole"), [(None, 428), (5, None), (5, 0), (None, None)])
def test_a_share_without_data_is_empty_and_says_so(part, whole):
    svg = charts.share_bar(part, whole, 75, key="k")
    assert not shapes(svg, "ok-f")
    assert not shapes(svg, "way-f")
    assert shapes(svg, "gap")
    assert parsed(svg).find("title").text.startswith("belum ada data")
    assert "bukan nol" in parsed(svg).find("desc").text


def test_a_share_of_nothing_is_zero_and_not_a_gap():
    svg = charts.share_bar(0, 428, 75, key="k")
    assert shapes(svg, "way-f")[0].get("width") in {"0%", "0.0%"}
    assert not shapes(svg, "gap")


def test_a_share_above_the_whole_stays_inside():
    assert shapes(charts.share_bar(500, 428, key="k"), "ok-f")[0].get("width") == "100%"


@pytest.mark.parametrize(("target", "anchor"), [(5, "start"), (50, "middle"), (95, "end"), (120, "end")])
def test_the_words_of_the_target_stay_on_the_page(target, anchor):
    line = shapes(charts.share_bar(1, 2, target, key="k"), "target-t")[0]
    assert line.get("text-anchor") == anchor
    assert float(line.get("x").rstrip("%")) <= 100


def test_a_target_with_a_fraction_keeps_it():
    assert texts(charts.share_bar(1, 2, 45.35, key="k")) == ["target 45,4\u00a0%"]


# Bars ---------------------------------------------------------------------------------------------


def test_bars_are_in_proportion_and_a_gap_has_no_bar():
    svg = charts.bar_chart(YEARS, "orang", key="k", title="Anggota")
    first, last = shapes(svg, "ok-f")
    assert float(first.get("height")) / float(last.get("height")) == pytest.approx(160 / 181, abs=0.01)
    assert len(shapes(svg, "gap")) == 1
    assert texts(svg) == ["160", "2020", "belum ada", "2021", "181", "2022"]
    assert parsed(svg).find("desc").text == "2020: 160\u00a0orang; 2021: belum ada data; 2022: 181\u00a0orang."


def test_a_loss_hangs_below_the_axis():
    svg = charts.bar_chart([("2021", 48), ("2022", -12)], "juta rupiah", key="k")
    axis = float(shapes(svg, "axis")[0].get("y1"))
    top, height = numbers(shapes(svg, "ok-f")[0], "y", "height")
    assert top + height == pytest.approx(axis, abs=0.11)
    assert float(shapes(svg, "bad-f")[0].get("y")) == pytest.approx(axis, abs=0.11)
    assert "−12" in texts(svg)
    assert "−12" in parsed(svg).find("desc").text


def test_only_losses_still_have_an_axis_on_the_chart():
    svg = charts.bar_chart([("2021", -48), ("2022", -12)], key="k")
    assert 0 <= float(shapes(svg, "axis")[0].get("y1")) <= 150
    for bar in shapes(svg, "bad-f"):
        top, height = numbers(bar, "y", "height")
        assert 0 <= top <= top + height <= 150


def test_zero_is_drawn_as_a_value():
    svg = charts.bar_chart([("2021", 0), ("2022", 5)], key="k")
    assert len(shapes(svg, "ok-f")) == 2
    assert float(shapes(svg, "ok-f")[0].get("height")) > 0
    assert texts(svg)[0] == "0"


def test_all_gaps_and_all_zeros_can_be_drawn():
    assert len(shapes(charts.bar_chart([("a", None), ("b", None)], key="k"), "gap")) == 2
    assert len(shapes(charts.bar_chart([("a", 0), ("b", 0)], key="k"), "ok-f")) == 2


def test_many_bars_keep_their_texts_apart_and_all_their_values_in_words():
    points = [(str(year), year) for year in range(1990, 2025)]
    svg = charts.bar_chart(points, key="k")
    assert len(shapes(svg, "ok-f")) == 35
    places = [float(element.get("x")) for element in parsed(svg).iter("text") if element.get("y") == "146"]
    assert all(b - a >= charts.ROOM for a, b in zip(sorted(places), sorted(places)[1:], strict=False))
    assert "2024" in texts(svg)
    assert all(f"{year}: " in parsed(svg).find("desc").text for year in range(1990, 2025))


@pytest.mark.parametrize(
    ("value", "short"),
    [
        (412, "412"),
        (99_999, "99.999"),
        (655_000, "655\u00a0rb"),
        (4_500_000, "4,5\u00a0jt"),
        (-12_000_000, "−12\u00a0jt"),
        (2_500_000_000, "2,5\u00a0M"),
        (74_000_000_000_000, "74\u00a0T"),
        (41.8, "41,8"),
    ],
)
def test_a_long_number_is_shortened_with_its_word(value, short):
    assert charts.compact(value) == short


def test_english_charts_speak_english():
    with translation.override("en"):
        svg = charts.bar_chart([("2020", 6111), ("2021", None)], "units", key="k")
    assert texts(svg)[0] == "6,111"
    assert "no data yet" in parsed(svg).find("desc").text


# Lines --------------------------------------------------------------------------------------------


def points_of(line):
    return [tuple(map(float, pair.split(","))) for pair in line.get("points").split()]


def test_a_line_rises_with_its_values_and_carries_its_target():
    svg = charts.line_chart([("2022", 41.8), ("2023", 44.0)], 75, key="k", title="Aktif", unit="%")
    (first, second) = points_of(shapes(svg, "trend")[0])
    target = float(shapes(svg, "target")[0].get("y1"))
    assert first[0] < second[0]
    assert target < second[1] < first[1]
    assert "target 75\u00a0%" in texts(svg)
    assert parsed(svg).find("desc").text == "2022: 41,8\u00a0%; 2023: 44,0\u00a0%. Target 75\u00a0%."


def test_a_line_breaks_where_a_value_is_missing():
    svg = charts.line_chart([("a", 1), ("b", 2), ("c", None), ("d", 3), ("e", 4)], key="k")
    assert [len(points_of(line)) for line in shapes(svg, "trend")] == [2, 2]
    assert len(shapes(svg, "ok-f")) == 4
    assert len(shapes(svg, "gap")) == 1


def test_a_value_alone_between_gaps_is_a_dot():
    svg = charts.line_chart([("a", None), ("b", 2), ("c", None)], key="k")
    assert not shapes(svg, "trend")
    assert len(shapes(svg, "ok-f")) == 1


def test_one_value_stands_in_the_middle():
    assert shapes(charts.line_chart([("2021", 5745)], key="k"), "ok-f")[0].get("cx") == "170"


def test_positions_keep_true_distances():
    svg = charts.line_chart([("2010", 1, 2010), ("2012", 1, 2012), ("2020", 1, 2020)], key="k")
    a, b, c = (x for x, _y in points_of(shapes(svg, "trend")[0]))
    assert (c - b) / (b - a) == pytest.approx(4, abs=0.02)


def test_positions_that_are_not_known_for_all_are_not_used():
    svg = charts.line_chart([("2010", 1, 2010), ("2012", 1), ("2020", 1, 2020)], key="k")
    a, b, c = (x for x, _y in points_of(shapes(svg, "trend")[0]))
    assert c - b == pytest.approx(b - a, abs=0.11)


def test_another_source_stands_beside_the_line_and_in_the_words():
    svg = charts.line_chart(
        [("2010", 6000, 2010), ("2012", 6111, 2012)],
        key="k",
        unit="unit",
        marks=[("2012", 6140, 2012), ("2012", None, 2012), ("2011", 5111, 2011)],
    )
    assert len(shapes(svg, "other")) == 2
    assert "Juga terbit: 2012: 6.140\u00a0unit; 2011: 5.111\u00a0unit." in parsed(svg).find("desc").text
    assert len(points_of(shapes(svg, "trend")[0])) == 2


def test_texts_at_the_edges_turn_inwards():
    svg = charts.line_chart([("2010", 1), ("2011", 2)], key="k")
    anchors = [element.get("text-anchor") for element in parsed(svg).iter("text")]
    assert anchors == ["start", "start", "end", "end"]


def test_numbers_in_attributes_have_a_point_whatever_the_language():
    svg = str(charts.line_chart([("a", 1.5), ("b", 2.25), ("c", 3)], 2.5, key="k"))
    assert not re.search(r'(?:x|y|x1|y1|cx|cy|width|height)="\d+,\d', svg)

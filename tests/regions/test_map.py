"""The map: tiles, outlines drawn from what was loaded, and their weight."""

import math
import random
import re
from datetime import date

import pytest

from common.models import DataVersion
from regions import map as regions_map
from regions import starter
from regions.map import Reading
from regions.models import Regency

pytestmark = pytest.mark.django_db

TODAY = date(2026, 1, 1)


@pytest.fixture
def regencies():
    starter.load()
    return list(Regency.objects.on(TODAY))


def box(x, y, size=0.5):
    return [[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]


def outline_all(regencies):
    for number, regency in enumerate(regencies):
        # bare update: test data
        Regency.objects.filter(pk=regency.pk).update(boundary=[[box(114 + number % 4, number // 4)]])
    DataVersion.bump("regions")


def corners(path):
    """Absolute points of a path made of M, l and z."""
    pieces = []
    for piece in re.findall(r"M([^z]*)z", path):
        start, _, rest = piece.partition("l")
        x, y = map(int, re.findall(r"-?\d+", start))
        points = [(x, y)]
        steps = list(map(int, re.findall(r"-?\d+", rest)))
        for dx, dy in zip(steps[::2], steps[1::2], strict=True):
            x, y = x + dx, y + dy
            points.append((x, y))
        pieces.append(points)
    return pieces


def test_tiles_stand_in_reading_order_and_say_what_they_were_given(regencies):
    berau = next(regency for regency in regencies if regency.slug == "berau")
    drawn = regions_map.draw(TODAY, {berau.pk: Reading("2013", "satu kali", 2)})
    assert not drawn.has_outlines
    assert [tile.name for tile in drawn.tiles][:4] == ["Berau", "Mahakam Ulu", "Kutai Timur", "Bontang"]
    first, second = drawn.tiles[:2]
    assert (first.value, first.word, first.level, first.row, first.column) == ("2013", "satu kali", 2, 1, 2)
    assert first.url == "/wilayah/berau/"
    assert (second.value, second.level) == ("", 0)


def test_only_the_regencies_of_the_day_are_drawn(regencies):
    then = regions_map.draw(date(2012, 12, 31), {})
    assert len(then.tiles) == 14
    assert "Mahakam Ulu" not in [tile.name for tile in then.tiles]


def test_outlines_are_drawn_once_all_are_there(regencies):
    # bare update: test data
    Regency.objects.filter(pk=regencies[0].pk).update(boundary=[[box(115, 0)]])
    assert not regions_map.draw(TODAY, {}).has_outlines
    outline_all(regencies)
    drawn = regions_map.draw(TODAY, {})
    assert drawn.has_outlines
    assert re.fullmatch(r"0 0 480 \d+", drawn.view_box)
    assert all(tile.path.startswith("M") and tile.path.endswith("z") for tile in drawn.tiles)


def test_drawn_outlines_are_kept_until_the_regions_change(regencies, django_assert_num_queries):
    outline_all(regencies)
    first = regions_map.draw(TODAY, {})
    with django_assert_num_queries(2):
        assert regions_map.draw(TODAY, {}).tiles[0].path == first.tiles[0].path
    # bare update: test data
    Regency.objects.filter(pk=regencies[0].pk).update(boundary=[[box(110, -3)]])
    DataVersion.bump("regions")
    assert regions_map.draw(TODAY, {}).view_box != first.view_box


def test_north_is_up_and_neighbours_share_their_border():
    west, east = [[box(115.0, 0.0, 1.0)]], [[box(116.0, 0.0, 1.0)]]
    north = [[box(115.0, 1.0, 1.0)]]
    drawn = regions_map.shape({1: west, 2: east, 3: north})["tiles"]
    places = {pk: corners(path)[0] for pk, (path, _x, _y) in drawn.items()}
    assert max(x for x, _ in places[1]) == min(x for x, _ in places[2])
    assert max(y for _, y in places[3]) == min(y for _, y in places[1])
    assert drawn[3][2] < drawn[1][2]


def test_the_label_lies_inside_its_own_outline():
    # A hook: its middle is not inside it.
    hook = [[114, 0], [117, 0], [117, 3], [114, 3], [114, 2.5], [116.5, 2.5], [116.5, 0.5], [114, 0.5], [114, 0]]
    _path, x, y = regions_map.shape({1: [[hook]]})["tiles"][1]
    left = 480 * 2.5 / 3
    assert left < x < 480
    assert 0 < y < 480


def test_labels_do_not_lie_on_each_other():
    drawn = regions_map.shape({1: [[box(114, 0, 0.02)]], 2: [[box(114.02, 0, 0.02)]], 3: [[box(119, 4)]]})["tiles"]
    (_p, x1, y1), (_q, x2, y2) = drawn[1], drawn[2]
    assert abs(x1 - x2) >= regions_map.LABEL_WIDTH or abs(y1 - y2) >= regions_map.LABEL_HEIGHT


def test_straight_and_repeated_points_vanish_and_tiny_islands_too():
    detailed = [[115, 0], [115.2, 0], [115.2, 0], [115.4, 0], [116, 0], [116, 1], [115, 1], [115, 0.5], [115, 0]]
    island = box(114.5, 0.5, 0.0001)
    far = box(113.0, 0.0, 0.5)
    path, _x, _y = regions_map.shape({1: [[detailed], [island]], 2: [[far]]})["tiles"][1]
    pieces = corners(path)
    assert len(pieces) == 1
    assert len(pieces[0]) == 4


def test_a_regency_too_small_to_draw_still_has_its_place():
    path, x, y = regions_map.shape({1: [[box(114, 0, 0.0001)]], 2: [[box(115, 0, 4)]]})["tiles"][1]
    assert path == f"M{x - 1} {y - 1}h2v2h-2z"


def test_a_file_of_any_fineness_stays_light():
    draw = random.Random(1)
    outlines = {}
    for number in range(10):
        x, y = 114 + number % 4, number // 4
        ring = [
            [
                x + 0.5 + (0.45 + draw.uniform(-0.03, 0.03)) * math.cos(step / 1500 * math.tau),
                y + 0.5 + (0.45 + draw.uniform(-0.03, 0.03)) * math.sin(step / 1500 * math.tau),
            ]
            for step in range(1500)
        ]
        outlines[number] = [[[*ring, ring[0]]]]
    drawn = regions_map.shape(outlines)["tiles"]
    assert sum(len(path) for path, _x, _y in drawn.values()) <= regions_map.LARGEST
    assert all(len(corners(path)[0]) > 20 for path, _x, _y in drawn.values())

"""load_boundaries: outlines are stored when all fit, and none when one does not."""

import copy
import json
import math
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from common.models import DataVersion
from regions import boundaries, starter
from regions.models import Regency

pytestmark = pytest.mark.django_db

KM_PER_DEGREE = 111.195


@pytest.fixture
def document():
    """The ten regencies as squares of the right size around their capitals."""
    starter.load()
    return {
        "type": "FeatureCollection",
        "features": [square(regency) for regency in Regency.objects.on(date(2026, 1, 1)).order_by("kemendagri_code")],
    }


def square(regency, *, scale=1.0):
    x = float(regency.capital_longitude or 115.0)
    y = float(regency.capital_latitude or 0.5)
    half = math.sqrt(float(regency.area_km2) * scale) / KM_PER_DEGREE / 2
    west, south, east, north = x - half, y - half, x + half, y + half
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {
        "type": "Feature",
        "properties": {"kode": regency.kemendagri_code, "kode_bps": regency.bps_code},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }


@pytest.fixture
def load(tmp_path):
    def run(document):
        path = tmp_path / "batas.geojson"
        path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
        out = StringIO()
        call_command("load_boundaries", path, stdout=out)
        return out.getvalue()

    return run


def refusal(load, document):
    with pytest.raises(CommandError) as refused:
        load(document)
    assert not Regency.objects.exclude(boundary=None).exists()
    return str(refused.value)


def feature(document, code):
    return next(f for f in document["features"] if f["properties"].get("kode") == code)


def test_all_ten_are_stored_as_multipolygons_and_the_map_is_told(document, load):
    DataVersion.bump("regions")
    before = DataVersion.read("regions")["regions"][0]
    said = load(document)
    assert Regency.objects.exclude(boundary=None).count() == 10
    stored = Regency.objects.get(slug="kutai-barat").boundary
    assert stored == [feature(document, "64.07")["geometry"]["coordinates"]]
    assert DataVersion.read("regions")["regions"][0] == before + 1
    assert "Kabupaten Kutai Barat" in said


def test_codes_made_by_dropping_the_dot_are_refused_naming_both_regencies(document, load):
    for one in document["features"]:
        one["properties"]["kode_bps"] = one["properties"]["kode"].replace(".", "")
    said = refusal(load, document)
    assert "kode 64.07 = Kabupaten Kutai Barat; kode_bps 6407 = Kabupaten Bulungan" in said
    assert "kode 64.02 = Kabupaten Kutai Kartanegara; kode_bps 6402 = Kabupaten Kutai Barat" in said


def test_one_code_alone_is_enough_in_either_system(document, load):
    for number, one in enumerate(document["features"]):
        del one["properties"]["kode" if number % 2 else "kode_bps"]
    load(document)
    assert Regency.objects.exclude(boundary=None).count() == 10


def test_a_bps_code_under_the_name_kode_is_found_in_its_own_column(document, load):
    for one in document["features"]:
        one["properties"]["kode"] = one["properties"].pop("kode_bps")
    load(document)
    assert Regency.objects.get(slug="kutai-barat").boundary is not None


def test_bps_codes_made_from_kemendagri_codes_alone_are_caught_by_the_land_itself(document, load):
    """With one code only there is nothing to contradict it, but the capital is not where it should be."""
    for one in document["features"]:
        one["properties"] = {"kode_bps": one["properties"]["kode"].replace(".", "")}
    said = refusal(load, document)
    assert "Kutai Barat" in said


def test_exchanged_codes_are_caught_by_capital_or_area(document, load):
    paser, berau = feature(document, "64.01"), feature(document, "64.03")
    paser["geometry"], berau["geometry"] = berau["geometry"], paser["geometry"]
    said = refusal(load, document)
    assert "Kabupaten Paser" in said
    assert "Kabupaten Berau" in said


def test_a_capital_a_little_outside_is_tolerated_and_said_but_not_a_far_one(document, load):
    paser = feature(document, "64.01")
    near = copy.deepcopy(document)

    def moved(km):
        ring = paser["geometry"]["coordinates"][0]
        half = (ring[1][0] - ring[0][0]) / 2
        return [[x + half + km / KM_PER_DEGREE, y] for x, y in ring]

    feature(near, "64.01")["geometry"]["coordinates"] = [moved(1.5)]
    assert "capital 1.5 km outside" in load(near)
    Regency.objects.update(boundary=None)
    feature(document, "64.01")["geometry"]["coordinates"] = [moved(2.5)]
    said = refusal(load, document)
    assert "Tanah Grogot" in said
    assert "2.5 km" in said


@pytest.mark.parametrize(("scale", "fits"), [(1.04, True), (0.96, True), (1.07, False), (0.93, False)])
def test_the_area_may_be_off_by_five_per_cent(document, load, scale, fits):
    regency = Regency.objects.get(slug="balikpapan")
    document["features"] = [
        square(regency, scale=scale) if f["properties"]["kode"] == "64.71" else f for f in document["features"]
    ]
    if fits:
        load(document)
        assert Regency.objects.exclude(boundary=None).count() == 10
    else:
        assert "Kota Balikpapan" in refusal(load, document)


def test_a_hole_counts_against_the_area(document, load):
    one = feature(document, "64.71")
    outer = one["geometry"]["coordinates"][0]
    x, y = outer[0]
    step = (outer[1][0] - x) * 0.45
    hole = [[x, y], [x + step, y], [x + step, y + step], [x, y + step], [x, y]]
    one["geometry"]["coordinates"] = [outer, hole]
    assert "Kota Balikpapan" in refusal(load, document)


def test_several_pieces_are_added_up(document, load):
    one = feature(document, "64.74")
    (x1, y1), (x2, _), (_, y2), *_rest = one["geometry"]["coordinates"][0]
    middle = (x1 + x2) / 2 - 0.003
    pieces = [
        [[[x1, y1], [middle, y1], [middle, y2], [x1, y2], [x1, y1]]],
        [[[middle, y1], [x2, y1], [x2, y2], [middle, y2], [middle, y1]]],
    ]
    one["geometry"] = {"type": "MultiPolygon", "coordinates": pieces}
    load(document)
    assert len(Regency.objects.get(slug="bontang").boundary) == 2


def test_a_missing_and_a_doubled_regency_are_both_named(document, load):
    document["features"][0] = copy.deepcopy(document["features"][1])
    said = refusal(load, document)
    assert "Kabupaten Paser tidak ada" in said
    assert "Kabupaten Kutai Kartanegara muncul untuk kedua kali" in said


def test_a_regency_that_has_left_the_province_is_refused(document, load):
    tarakan = Regency.objects.get(slug="tarakan")
    one = copy.deepcopy(document["features"][0])
    one["properties"] = {"kode": tarakan.kemendagri_code}
    document["features"].append(one)
    assert "Kota Tarakan bukan bagian provinsi" in refusal(load, document)


RING = [[116.0, -1.0], [117.0, -1.0], [117.0, 0.0], [116.0, -1.0]]


@pytest.mark.parametrize(
    ("geometry", "words"),
    [
        (None, "bukan Polygon"),
        ("POLYGON", "bukan Polygon"),
        ({"type": "Point", "coordinates": [116, -1]}, "bukan Polygon"),
        ({"type": "Polygon"}, "tanpa koordinat"),
        ({"type": "Polygon", "coordinates": []}, "tanpa koordinat"),
        ({"type": "MultiPolygon", "coordinates": []}, "tanpa koordinat"),
        ({"type": "MultiPolygon", "coordinates": {"a": 1}}, "tanpa koordinat"),
        ({"type": "Polygon", "coordinates": [RING[:3]]}, "kurang dari empat titik"),
        ({"type": "Polygon", "coordinates": [[*RING[:3], [116.5, -1.0]]]}, "tidak tertutup"),
        ({"type": "Polygon", "coordinates": [[RING[0]] * 4]}, "tidak melingkupi"),
        ({"type": "Polygon", "coordinates": ["abcd"]}, "kurang dari empat titik"),
        ({"type": "Polygon", "coordinates": [[[116.0], *RING[1:]]]}, "bukan sepasang angka"),
        ({"type": "Polygon", "coordinates": [[["116", "-1"], *RING[1:]]]}, "bukan sepasang angka"),
        ({"type": "Polygon", "coordinates": [[[True, False], *RING[1:]]]}, "bukan sepasang angka"),
        ({"type": "Polygon", "coordinates": [[[float("nan"), 0.0], *RING[1:]]]}, "bukan sepasang angka"),
        ({"type": "Polygon", "coordinates": [[[float("inf"), 0.0], *RING[1:]]]}, "bukan sepasang angka"),
        # Latitude before longitude, and metres of a projection.
        ({"type": "Polygon", "coordinates": [[[y, x] for x, y in RING]]}, "tidak terletak di Kalimantan"),
        ({"type": "Polygon", "coordinates": [[[x * 111_000, y * 111_000] for x, y in RING]]}, "tidak terletak"),
    ],
)
def test_broken_geometry_is_refused_with_its_own_sentence(document, load, geometry, words):
    document["features"][3]["geometry"] = geometry
    said = refusal(load, document)
    assert "Fitur 4" in said
    assert words in said


@pytest.mark.parametrize(
    "broken", [None, [], "text", {"properties": None}, {"properties": []}, {"properties": {"kode": ""}}, {}]
)
def test_a_feature_without_a_code_is_refused(document, load, broken):
    document["features"][0] = broken
    assert "Fitur 1: tanpa kode" in refusal(load, document)


@pytest.mark.parametrize("code", ["64.99", "6499", "64-01", 64, True, {"a": 1}, ["64.01"]])
def test_an_unknown_code_is_refused(document, load, code):
    document["features"][0]["properties"] = {"kode": code}
    assert "tidak ada kabupaten/kota dengan kode" in refusal(load, document)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "bukan JSON"),
        ("{", "bukan JSON"),
        ("[" * 100_000, "bukan JSON"),
        ("[]", "bukan FeatureCollection"),
        ("1", "bukan FeatureCollection"),
        ('{"features": {}}', "bukan FeatureCollection"),
        ('{"features": []}', "Kabupaten Paser tidak ada"),
    ],
)
@pytest.mark.usefixtures("document")
def test_what_is_no_feature_collection_is_refused(load, text, words):
    assert words in refusal(load, text)


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path, load):
    with pytest.raises(CommandError, match="tidak dapat dibaca"):
        call_command("load_boundaries", tmp_path / "none.geojson")
    (tmp_path / "binary.geojson").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(CommandError, match="bukan JSON"):
        call_command("load_boundaries", tmp_path / "binary.geojson")


def test_a_file_too_large_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(boundaries, "LARGEST_FILE", 10)
    path = tmp_path / "large.geojson"
    path.write_text("{" + " " * 20)
    with pytest.raises(CommandError, match="100 MB"):
        call_command("load_boundaries", path)


def test_a_refused_file_leaves_the_outlines_of_an_earlier_one(document, load):
    load(document)
    before = dict(Regency.objects.values_list("slug", "boundary"))
    document["features"][9]["properties"]["kode"] = "64.01"
    with pytest.raises(CommandError):
        load(document)
    assert dict(Regency.objects.values_list("slug", "boundary")) == before


def test_a_later_file_takes_away_what_it_does_not_hold(document, load):
    """A former regency that still has an outline loses it."""
    Regency.objects.filter(slug="tarakan").update(boundary=[[RING]])
    load(document)
    assert Regency.objects.get(slug="tarakan").boundary is None


def test_the_capital_in_a_hole_lies_outside():
    regency = Regency(capital_latitude=0, capital_longitude=116)
    outer = [[115.0, -1.0], [117.0, -1.0], [117.0, 1.0], [115.0, 1.0], [115.0, -1.0]]
    hole = [[115.9, -0.1], [116.1, -0.1], [116.1, 0.1], [115.9, 0.1], [115.9, -0.1]]
    assert boundaries._capital_off(regency, [[outer]]) == 0
    assert boundaries._capital_off(regency, [[outer, hole]]) == pytest.approx(0.1 * KM_PER_DEGREE, rel=0.01)
    assert boundaries._capital_off(Regency(), [[outer]]) is None
    # A doubled point makes an edge of no length.
    assert boundaries._distance_km([*outer[:1], *outer], 116, 0) == pytest.approx(KM_PER_DEGREE, rel=0.01)

"""The map of today's regencies: equal tiles, or outlines where official ones were loaded.

What the tiles say is given by the caller; a page decides what it measures. Shapes are drawn on the
server in a viewBox, snapped to a grid so that neighbours keep the same border and a file of any
fineness stays under the weight that a page may have.
"""

import math
from dataclasses import dataclass

from django.core.cache import cache

from common.models import DataVersion
from regions.models import Regency

WIDTH = 480
# All path strings together; the page around them stays under its 100 KB.
LARGEST = 20_000
DAY = 86400
# Room of a label in the viewBox, which is drawn at about its own size.
LABEL_WIDTH, LABEL_HEIGHT = 44, 15


@dataclass(frozen=True)
class Reading:
    """What a regency's tile says: a value set for reading, a word beneath, and a step of the scale (0: no data)."""

    value: str
    word: str = ""
    level: int = 0


@dataclass(frozen=True)
class Tile:
    """One regency's place on the map with what it says there; `path`, `x` and `y` where outlines were loaded."""

    regency: Regency
    reading: Reading
    path: str = ""
    x: int = 0
    y: int = 0

    row = property(lambda self: self.regency.tile_row)
    column = property(lambda self: self.regency.tile_column)
    name = property(lambda self: self.regency.name)
    url = property(lambda self: self.regency.get_absolute_url())
    value = property(lambda self: self.reading.value)
    word = property(lambda self: self.reading.word)
    level = property(lambda self: self.reading.level)


@dataclass(frozen=True)
class Map:
    """Tiles in reading order, and the viewBox of their outlines where there are any."""

    tiles: tuple
    view_box: str = ""

    @property
    def has_outlines(self):
        return bool(self.view_box)


NOTHING = Reading(value="")


def draw(on, readings):
    """The map of the regencies of a date; `readings` is `{regency id: Reading}`. Two queries, one where it was kept."""
    regencies = list(Regency.objects.on(on).defer("boundary").order_by("tile_row", "tile_column", "name"))
    shapes = _kept_shapes(regencies)
    tiles = tuple(
        Tile(regency, readings.get(regency.pk, NOTHING), *shapes.get("tiles", {}).get(regency.pk, ()))
        for regency in regencies
    )
    return Map(tiles, shapes.get("view_box", ""))


def _kept_shapes(regencies):
    """The drawn outlines, kept by the data version of the regions: drawing reads every point of the file."""
    number, _changed = DataVersion.read("regions").get("regions", (0, None))
    key = f"map:{number}:{'-'.join(str(regency.pk) for regency in regencies)}"
    shapes = cache.get(key)
    if shapes is None:
        outlines = dict(Regency.objects.filter(pk__in=[r.pk for r in regencies]).values_list("pk", "boundary"))
        # A map with some regencies missing would tell that they are no part of the province.
        shapes = shape(outlines) if outlines and all(outlines.values()) else {}
        cache.set(key, shapes, DAY)
    return shapes


def shape(outlines):
    """`{"tiles": {id: (path, x, y)}, "view_box": …}` of `{id: MultiPolygon coordinates}`.

    Near the equator a degree is as wide as high, so longitude and latitude are drawn as they are.
    """
    points = [point for polygons in outlines.values() for polygon in polygons for ring in polygon for point in ring]
    west, east = min(x for x, _ in points), max(x for x, _ in points)
    south, north = min(y for _, y in points), max(y for _, y in points)
    scale = WIDTH / max(east - west, 1e-9)
    height = math.ceil((north - south) * scale)
    grid = 1
    while True:
        drawn = {
            pk: _draw(polygons, lambda x, y, g=grid: (_snap((x - west) * scale, g), _snap((north - y) * scale, g)))
            for pk, polygons in outlines.items()
        }
        if grid >= 16 or sum(len(path) for path, _x, _y in drawn.values()) <= LARGEST:
            return {"tiles": _apart(drawn), "view_box": f"0 0 {WIDTH} {height}"}
        grid *= 2


def _apart(drawn):
    """The same with labels that would lie on each other moved apart, the southern one southwards."""
    placed, found = [], {}
    for pk, (path, x, y) in sorted(drawn.items(), key=lambda item: item[1][2]):
        low = y
        while any(abs(x - other_x) < LABEL_WIDTH and abs(low - other_y) < LABEL_HEIGHT for other_x, other_y in placed):
            low += 2
        placed.append((x, low))
        found[pk] = (path, x, low)
    return found


def _snap(value, grid):
    return round(value / grid) * grid


def _draw(polygons, place):
    """The path of one regency, and the middle of its largest piece."""
    rings = [[_thin([place(*point) for point in ring]) for ring in polygon] for polygon in polygons]
    path = "".join(_path(ring) for polygon in rings for ring in polygon if len(ring) > 2)
    largest = max((polygon[0] for polygon in rings), key=lambda ring: abs(_doubled_area(ring)))
    if len(largest) > 2:
        return path, *_middle(largest)
    # So small that it vanished on the grid: a square of two units marks the place.
    x, y = place(*polygons[0][0][0])
    return f"M{x - 1} {y - 1}h2v2h-2z", x, y


def _thin(points):
    """The ring without its closing point, repeated points, and points on a straight line."""
    ring = []
    for point in points[:-1]:
        if not ring or point != ring[-1]:
            ring.append(point)
    while len(ring) > 1 and ring[0] == ring[-1]:
        ring.pop()
    return [
        point
        for before, point, after in zip(ring[-1:] + ring[:-1], ring, ring[1:] + ring[:1], strict=True)
        if (point[0] - before[0]) * (after[1] - point[1]) != (point[1] - before[1]) * (after[0] - point[0])
    ]


def _path(ring):
    (x, y), *others = ring
    steps = []
    for next_x, next_y in others:
        steps.append(f"{next_x - x} {next_y - y}")
        x, y = next_x, next_y
    return f"M{ring[0][0]} {ring[0][1]}l{' '.join(steps).replace(' -', '-')}z"


def _doubled_area(ring):
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True))


def _middle(ring):
    """A point well inside: the middle of the widest crossing of the ring at its half height."""
    level = (min(y for _, y in ring) + max(y for _, y in ring)) / 2 + 0.25
    crossings = sorted(
        (x2 - x1) * (level - y1) / (y2 - y1) + x1
        for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True)
        if (y1 > level) != (y2 > level)
    )
    # The level lies between two grid lines, so the ring crosses it an even number of times, twice at least.
    spans = zip(crossings[::2], crossings[1::2], strict=True)
    left, right = max(spans, key=lambda span: span[1] - span[0])
    return round((left + right) / 2), round(level)

"""Official outlines: reading a GeoJSON file, holding it against what is known of each regency, storing it whole.

A wrong code puts a regency's name on another one's land, and the two code systems invite that (BPS
6402 is Kutai Barat, Kemendagri 64.02 Kutai Kartanegara). So codes are not believed alone: the
capital must lie in the outline and the area must be right.
"""

import itertools
import json
import math
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from common.models import DataVersion
from regions.models import Regency

# Names under which public files carry the codes; which of the two systems a value belongs to is found by looking it up.
CODE_PROPERTIES = ("kode", "kode_kemendagri", "kemendagri_code", "kode_bps", "bps_code")
# Kalimantan with its waters: west, south, east, north.
BOUNDS = (108.0, -5.0, 120.0, 7.5)
EARTH_RADIUS_KM = 6371.0088
# A file of outlines of BIG, 2022, simplified to four decimals, was off by at most 2.2 % from the areas of
# Kepmendagri 300.2.2-2430/2025 (Kutai Kartanegara, with its islands and delta).
AREA_TOLERANCE = 0.05
# Capitals are known to two decimals (about 0.8 km across); in that file Bontang's point lay 0.9 km off its shore.
CAPITAL_TOLERANCE_KM = 2.0
LARGEST_FILE = 100 * 1024 * 1024


class BoundariesRefused(Exception):
    """The file does not fit; `problems` says each thing that is wrong with it. Nothing was written."""

    def __init__(self, problems):
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Outline:
    """One regency's polygons, and how well they fit what is known."""

    regency: Regency
    polygons: list
    area_km2: float
    capital_off_km: float | None

    @property
    def area_off(self):
        """Share by which the area differs from the known one; None where none is known."""
        if self.regency.area_km2 is None:
            return None
        return self.area_km2 / float(self.regency.area_km2) - 1


def read(path):
    """The parsed file; raises BoundariesRefused where it cannot be read."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise BoundariesRefused([_("The file is larger than 100 MB. Simplify it first.")])
        with path.open(encoding="utf-8") as file:
            return json.load(file)
    except OSError as error:
        raise BoundariesRefused([_("The file cannot be read: %(error)s.") % {"error": error.strerror}]) from None
    except (ValueError, RecursionError):
        raise BoundariesRefused([_("The file is not JSON.")]) from None


def check(document, on):
    """The document's outlines of the regencies of that date; raises BoundariesRefused with all problems."""
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise BoundariesRefused([_("The file is not a GeoJSON FeatureCollection.")])
    everything = list(Regency.objects.all())
    problems, outlines = [], {}
    for number, feature in enumerate(features, 1):
        try:
            regency = _regency_of(feature, everything, on, taken=outlines)
            outlines[regency.pk] = None
            outlines[regency.pk] = _outline(regency, feature)
        except _Misfit as misfit:
            problems.append(_("Feature %(number)s: %(problem)s") % {"number": number, "problem": misfit})
    problems += [
        _("%(name)s is missing.") % {"name": regency.full_name}
        for regency in everything
        if regency.was_part_on(on) and regency.pk not in outlines
    ]
    if problems:
        raise BoundariesRefused(problems)
    return list(outlines.values())


@transaction.atomic
def store(outlines):
    """Keep the outlines, and take away those of regencies that are not among them."""
    # bare update: outlines are kept out of the history; the file they come from is theirs.
    Regency.objects.exclude(pk__in=[outline.regency.pk for outline in outlines]).update(boundary=None)
    for outline in outlines:
        # bare update: the same.
        Regency.objects.filter(pk=outline.regency.pk).update(boundary=outline.polygons)
    DataVersion.bump("regions")


class _Misfit(Exception):
    """One feature does not fit."""


def _regency_of(feature, everything, on, *, taken):
    """The regency that every code of the feature names; one that no earlier feature named."""
    properties = feature.get("properties") if isinstance(feature, dict) else None
    codes = {
        name: str(properties[name]).strip()
        for name in CODE_PROPERTIES
        if isinstance(properties, dict) and properties.get(name) not in (None, "")
    }
    if not codes:
        raise _Misfit(
            _("it has no code; one of these properties is needed: %(names)s.") % {"names": ", ".join(CODE_PROPERTIES)}
        )
    found = {}
    for name, code in codes.items():
        # A Kemendagri code has a dot and a BPS code has none, so a value fits one column at most.
        matches = [regency for regency in everything if code in (regency.kemendagri_code, regency.bps_code)]
        if not matches:
            raise _Misfit(_("no regency has the code %(code)s (%(name)s).") % {"code": code, "name": name})
        found[name] = matches[0]
    if len({regency.pk for regency in found.values()}) > 1:
        said = "; ".join(f"{name} {codes[name]} = {regency.full_name}" for name, regency in found.items())
        raise _Misfit(_("its codes name different regencies: %(said)s.") % {"said": said})
    regency = next(iter(found.values()))
    if not regency.was_part_on(on):
        raise _Misfit(_("%(name)s is not part of the province on that date.") % {"name": regency.full_name})
    if regency.pk in taken:
        raise _Misfit(_("%(name)s occurs a second time.") % {"name": regency.full_name})
    return regency


def _outline(regency, feature):
    polygons = [[_ring(ring) for ring in polygon] for polygon in _polygons(feature.get("geometry"))]
    area = sum(_area(polygon[0]) - sum(_area(hole) for hole in polygon[1:]) for polygon in polygons)
    off = _capital_off(regency, polygons)
    outline = Outline(regency, polygons, area, off)
    if outline.area_off is not None and abs(outline.area_off) > AREA_TOLERANCE:
        raise _Misfit(
            _("%(name)s would measure %(measured)s km², but %(known)s km² are known (at most %(share)s %% off).")
            % {
                "name": regency.full_name,
                "measured": round(area),
                "known": round(regency.area_km2),
                "share": round(AREA_TOLERANCE * 100),
            }
        )
    if off is not None and off > CAPITAL_TOLERANCE_KM:
        raise _Misfit(
            _("the capital of %(name)s, %(capital)s, lies %(distance)s km outside (at most %(most)s).")
            % {
                "name": regency.full_name,
                "capital": regency.capital,
                "distance": round(off, 1),
                "most": CAPITAL_TOLERANCE_KM,
            }
        )
    return outline


def _polygons(geometry):
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if kind == "Polygon":
        coordinates = [coordinates]
    elif kind != "MultiPolygon":
        raise _Misfit(_("its geometry is neither a Polygon nor a MultiPolygon."))
    if not (isinstance(coordinates, list) and coordinates and all(isinstance(p, list) and p for p in coordinates)):
        raise _Misfit(_("its geometry has no coordinates."))
    return coordinates


def _ring(ring):
    """A ring as `[[longitude, latitude], …]`, closed and inside Kalimantan."""
    if not isinstance(ring, list) or len(ring) < 4:
        raise _Misfit(_("a ring has fewer than four points."))
    points = []
    for point in ring:
        if not (isinstance(point, list) and len(point) >= 2 and all(_is_number(value) for value in point[:2])):
            raise _Misfit(_("a point is not a pair of numbers."))
        longitude, latitude = float(point[0]), float(point[1])
        west, south, east, north = BOUNDS
        if not (west <= longitude <= east and south <= latitude <= north):
            raise _Misfit(
                _("the point %(longitude)s, %(latitude)s does not lie in Kalimantan (longitude comes first, WGS84).")
                % {"longitude": longitude, "latitude": latitude}
            )
        points.append([longitude, latitude])
    if points[0] != points[-1]:
        raise _Misfit(_("a ring is not closed."))
    if _area(points) <= 0:
        raise _Misfit(_("a ring encloses nothing."))
    return points


def _is_number(value):
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _area(ring):
    """Area of a ring on the sphere, in km²."""
    total = 0.0
    for (x1, y1), (x2, y2) in itertools.pairwise(ring):
        total += math.radians(x2 - x1) * (2 + math.sin(math.radians(y1)) + math.sin(math.radians(y2)))
    return abs(total) * EARTH_RADIUS_KM**2 / 2


def _capital_off(regency, polygons):
    """How many km the capital lies outside the polygons; None where its place is not known."""
    if regency.capital_latitude is None or regency.capital_longitude is None:
        return None
    x, y = float(regency.capital_longitude), float(regency.capital_latitude)
    for polygon in polygons:
        # An odd number of rings around the point: inside the outer one and in no hole.
        if sum(_encloses(ring, x, y) for ring in polygon) % 2:
            return 0.0
    return min(_distance_km(ring, x, y) for polygon in polygons for ring in polygon)


def _encloses(ring, x, y):
    inside = False
    for (x1, y1), (x2, y2) in itertools.pairwise(ring):
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


def _distance_km(ring, x, y):
    """Distance from a point to the nearest edge, on the plane that touches the sphere there: good for a few km."""
    per_degree = math.radians(1) * EARTH_RADIUS_KM
    squeeze = math.cos(math.radians(y))
    nearest = math.inf
    for (x1, y1), (x2, y2) in itertools.pairwise(ring):
        ax, ay = (x1 - x) * squeeze, y1 - y
        dx, dy = (x2 - x1) * squeeze, y2 - y1
        length = dx * dx + dy * dy
        along = 0.0 if length == 0 else max(0.0, min(1.0, -(ax * dx + ay * dy) / length))
        nearest = min(nearest, math.hypot(ax + along * dx, ay + along * dy) * per_degree)
    return nearest

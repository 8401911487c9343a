"""The regencies of the province, those it had until 2013, and the territories that figures speak of.

Codes, capitals and areas: code tables of BPS and Kepmendagri 300.2.2-2430/2025 as tabled in public.
Coordinates of capitals are approximate (two decimals). Tiles: three columns by four rows, each
regency roughly where it lies.
"""

from datetime import date
from pathlib import Path

from common.models import DataVersion
from common.starter import Loaded, known_keys, read
from regions.models import Regency, Territory

FOLDER = Path(__file__).parent
NULLABLE = (
    "capital_latitude",
    "capital_longitude",
    "area_km2",
    "valid_from",
    "valid_until",
    "tile_row",
    "tile_column",
)


def load():
    """Add what is missing; returns what each table got. Call it inside a transaction."""
    regencies, territories = _load_regencies(), _load_territories()
    if regencies.added or territories.added:
        DataVersion.bump("regions")
    return [regencies, territories]


def _load_regencies():
    known = {code for (code,) in known_keys(Regency, ["kemendagri_code"])}
    rows = read(FOLDER, "regions.csv")
    fresh = [row for row in rows if row["kemendagri_code"] not in known]
    for row in fresh:
        mother = row.pop("split_from")
        values = {name: value or None if name in NULLABLE else value for name, value in row.items()}
        values["synonyms"] = "\n".join(values["synonyms"].split("|"))
        # The file names a mother before its daughters.
        Regency.objects.create(**values, split_from=Regency.objects.get(kemendagri_code=mother) if mother else None)
    return Loaded(str(Regency._meta.verbose_name_plural), len(fresh), len(rows) - len(fresh))


def _load_territories():
    known = {key for (key,) in known_keys(Territory, ["key"])}
    places = [
        (regency.slug, regency.name, regency, [])
        for regency in Regency.objects.filter(territory=None).order_by("kemendagri_code")
    ]
    sums = []
    for row in read(FOLDER, "territories.csv"):
        day = row["regencies_on"]
        parts = list(Regency.objects.on(date.fromisoformat(day))) if day else []
        sums.append((row["key"], row["name"], row["note"], parts))
    added = 0
    for key, name, regency, _parts in places:
        if key not in known:
            Territory.objects.create(key=key, name=name, regency=regency)
            added += 1
    for key, name, note, parts in sums:
        if key not in known:
            Territory.objects.create(key=key, name=name, note=note).regencies.set(parts)
            added += 1
    return Loaded(str(Territory._meta.verbose_name_plural), added, Territory.objects.count() - added)

"""The predicates that the Ministry awarded from 2011 to 2014, as the province's press office reported them."""

from pathlib import Path

from common.models import DataVersion
from common.starter import add_missing, read
from figures.models import Source
from figures.starter import source_ids
from progress.models import Award
from regions.models import Territory

FOLDER = Path(__file__).parent


def load():
    """Add what is missing; returns what the table got. Call it inside a transaction, after figures."""
    territories, sources = dict(Territory.objects.values_list("key", "pk")), source_ids()
    there = set(Source.objects.values_list("pk", flat=True))
    records, skipped = [], []
    for row in read(FOLDER, "awards.csv"):
        territory, source = territories.get(row["territory"]), sources.get(row["source"])
        if territory is None or source not in there:
            skipped.append(f"{row['year']}, {row['territory']}")
            continue
        records.append(
            Award(year=int(row["year"]), territory_id=territory, title=row["title"], source_id=source, note=row["note"])
        )
    awards = add_missing(Award, records, ["year", "territory_id", "title"], skipped=skipped)
    if awards.added:
        DataVersion.bump("awards")
    return [awards]

"""Indicators, sources and the published figures, each with its date, territory, source and note.

Which figure is the office's (`is_official` in figures.csv) was chosen row by row:

- yes, where the office or the authority that keeps the number published it itself;
- yes, where one single value was published for that indicator, territory, group and date, and
  neither the value nor its date is in doubt;
- no, where it is marked conflicting or provisional, or its date had to be inferred (ANTARA's undated
  article on the groups).

So there is at most one for each indicator, territory, group and date, and a test holds it.
"""

from datetime import date
from pathlib import Path

from common.models import DataVersion
from common.starter import add_missing, read
from figures.models import Figure, Indicator, Source
from regions.models import Territory

FOLDER = Path(__file__).parent


def load():
    """Add what is missing; returns what each table got. Call it inside a transaction."""
    indicators = add_missing(Indicator, [Indicator(**row) for row in read(FOLDER, "indicators.csv")], ["code"])
    sources = add_missing(Source, [_source(row) for row in read(FOLDER, "sources.csv")], ["key"])
    figures = _load_figures()
    if any(table.added for table in (indicators, sources, figures)):
        DataVersion.bump("figures")
    return [indicators, sources, figures]


def source_ids():
    """`{key: id}` of the sources, also by the keys that they once had."""
    return dict(Source.history.values_list("key", "id")) | dict(Source.objects.values_list("key", "pk"))


def _day(text):
    return date.fromisoformat(text) if text else None


def _source(row):
    return Source(**{**row, "published_on": _day(row["published_on"])})


def _load_figures():
    indicators = dict(Indicator.history.values_list("code", "id")) | dict(Indicator.objects.values_list("code", "pk"))
    territories, sources = dict(Territory.objects.values_list("key", "pk")), source_ids()
    there = {
        "indicator": set(Indicator.objects.values_list("pk", flat=True)),
        "source": set(Source.objects.values_list("pk", flat=True)),
    }
    records, skipped = [], []
    for row in read(FOLDER, "figures.csv"):
        indicator, territory, source = (
            indicators.get(row["indicator"]),
            territories.get(row["territory"]),
            sources.get(row["source"]),
        )
        if territory is None or indicator not in there["indicator"] or source not in there["source"]:
            # Staff removed or renamed what it points at: the figure is theirs to enter, not ours to guess.
            skipped.append(f"{row['indicator']}, {row['territory']}, {row['as_of']}")
            continue
        records.append(
            Figure(
                indicator_id=indicator,
                territory_id=territory,
                source_id=source,
                group=row["group"],
                period_start=_day(row["period_start"]),
                as_of=_day(row["as_of"]),
                date_precision=row["date_precision"],
                value=int(row["value"]),
                quality=row["quality"],
                is_official=row["is_official"] == "1",
                note=row["note"],
            )
        )
    # Where staff have chosen the office's figure for that date already, theirs stays the chosen one.
    chosen = set(Figure.objects.official().values_list("indicator_id", "territory_id", "group", "as_of"))
    for record in records:
        if (record.indicator_id, record.territory_id, record.group, record.as_of) in chosen:
            record.is_official = False
    key = ["indicator_id", "territory_id", "group", "as_of", "source_id"]
    return add_missing(Figure, records, key, skipped=skipped)

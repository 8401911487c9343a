"""The predicates that the Ministry awarded from 2011 to 2014, and the rubrics as far as they are known.

Where an annex was not seen, its weights stay empty and the rubric says so; the office's own rubric is a proposal
of this portal until the office decides.
"""

from datetime import date
from decimal import Decimal
from pathlib import Path

from common.models import DataVersion
from common.starter import add_missing, read
from figures.models import Source
from figures.starter import source_ids
from progress.models import SUBJECT, Award, Criterion, PerformanceRule, Rubric
from regions.models import Territory

FOLDER = Path(__file__).parent


def load():
    """Add what is missing; returns what each table got. Call it inside a transaction, after figures."""
    return [_load_awards(), *_load_rules()]


def _load_awards():
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
    return awards


def _load_rules():
    rubrics = add_missing(Rubric, [_rubric(row) for row in read(FOLDER, "rubrics.csv")], ["key"])
    # Also by the keys that they once had: what staff renamed keeps its criteria and gets no second ones.
    ids = dict(Rubric.history.values_list("key", "id")) | dict(Rubric.objects.values_list("key", "pk"))
    there, records, skipped = set(Rubric.objects.values_list("pk", flat=True)), [], []
    for row in read(FOLDER, "criteria.csv"):
        if (rubric := ids.get(row.pop("rubric"))) not in there:
            skipped.append(row["key"])
            continue
        records.append(_criterion(row, rubric))
    criteria = add_missing(Criterion, records, ["rubric_id", "key"], skipped=skipped)
    rules = [
        PerformanceRule(**{**row, "valid_from": date.fromisoformat(row["valid_from"])})
        for row in read(FOLDER, "performance_rules.csv")
    ]
    performance = add_missing(PerformanceRule, rules, ["valid_from"])
    if any(table.added for table in (rubrics, criteria, performance)):
        DataVersion.bump(SUBJECT)
    return [rubrics, criteria, performance]


def _rubric(row):
    days = {name: date.fromisoformat(row[name]) if row[name] else None for name in ("valid_from", "valid_until")}
    counts = {name: int(row[name]) for name in ("needed_percent", "needed_more")}
    return Rubric(**{**row, **days, **counts, "is_incomplete": row["is_incomplete"] == "1"})


def _criterion(row, rubric):
    numbers = {name: int(row[name]) for name in ("position", "window")}
    decimals = {name: Decimal(row[name]) if row[name] else None for name in ("weight", "threshold", "tolerance")}
    flags = {name: row[name] == "1" for name in ("is_gate", "is_incomplete")}
    return Criterion(**{**row, **numbers, **decimals, **flags}, rubric_id=rubric)

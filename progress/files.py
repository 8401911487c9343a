"""A scorecard as a file: one row for each place, criterion and year, with where its numbers stand."""

from django.utils.translation import gettext_lazy as _

from common.columns import Column, Kind
from progress.models import Quantity
from progress.readings import Origin
from progress.scorecard import Gate, Missing, Outcome

COUNT, TEXT = Kind.COUNT, Kind.TEXT
SCORECARD = (
    Column("per", _("As of"), Kind.DATE),
    Column("rubric", _("rubric (key)"), TEXT),
    Column("place_key", _("place (key)"), TEXT),
    Column("place", _("place"), TEXT),
    Column("gate", _("gates (code)"), TEXT),
    Column("gate_label", _("gates"), TEXT, choices=tuple(Gate.choices)),
    Column("total_score", _("total score"), TEXT),
    Column("weight_covered", _("weight covered (%)"), TEXT),
    Column("criterion_key", _("criterion (key)"), TEXT),
    Column("criterion", _("criterion"), TEXT),
    Column("weight", _("weight"), TEXT),
    Column("target", _("target"), TEXT),
    Column("year_end", _("counted on"), Kind.DATE),
    Column("part_of", _("what is counted"), TEXT, choices=tuple(Quantity.choices)),
    Column("part", _("number"), COUNT),
    Column("whole", _("of so many"), COUNT),
    Column("origin", _("where from"), TEXT, choices=tuple(Origin.choices)),
    Column("rows", _("address of the rows"), Kind.LINK),
    Column("value", _("value (per cent, or the number)"), TEXT),
    Column("outcome", _("outcome"), TEXT, choices=tuple(Outcome.choices)),
    Column("missing", _("why there is none"), TEXT, choices=tuple(Missing.choices)),
    Column("score", _("score"), COUNT),
    Column("is_demo", _("demo data"), Kind.FLAG),
)


def scorecard_rows(sheet, place=""):
    """Every number of a sheet; what speaks of the whole window stands in the row of the last year."""
    rows = [*sheet["rows"], sheet["province"]]
    for row in rows:
        if place and row["key"] != place:
            continue
        for criterion, cell in zip(sheet["criteria"], row["cells"], strict=True):
            for year in cell["years"]:
                is_last = year is cell["years"][-1]
                yield (
                    sheet["on"],
                    sheet["rubric"]["key"],
                    row["key"],
                    row["name"],
                    row["gate"],
                    row["gate"],
                    row["score"],
                    row["covered"],
                    criterion["key"],
                    criterion["name"],
                    criterion["weight"],
                    criterion["threshold"],
                    year["on"],
                    criterion["numerator"],
                    year["part"],
                    year["whole"],
                    cell["origin"],
                    year["part_url"],
                    cell["value"] if is_last else None,
                    cell["outcome"] if is_last else None,
                    cell["missing"] if is_last else None,
                    cell["score"] if is_last else None,
                    sheet["is_demo"],
                )

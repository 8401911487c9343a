"""A scorecard as a file: one row for each place, criterion and year, with where its numbers stand."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.columns import Column, Kind
from progress.models import Quantity
from progress.readings import Origin
from progress.scorecard import Gate, Missing, Outcome

COUNT, TEXT, DECIMAL = Kind.COUNT, Kind.TEXT, Kind.DECIMAL
SCORECARD = (
    Column("per", _("As of"), Kind.DATE),
    Column("rubric", _("rubric (key)"), TEXT),
    Column("place_key", _("place (key)"), TEXT),
    Column("place", _("place"), TEXT),
    Column("gate", _("gates (code)"), TEXT),
    Column("gate_label", _("gates"), TEXT, choices=tuple(Gate.choices)),
    Column("total_score", _("total score"), DECIMAL),
    Column("weight_covered", _("weight covered (%)"), DECIMAL),
    Column("criterion_key", _("criterion (key)"), TEXT),
    Column("criterion", _("criterion"), TEXT),
    Column("weight", _("weight"), DECIMAL),
    Column("target", _("target"), DECIMAL),
    Column("year_end", _("counted on"), Kind.DATE),
    Column("part_of", _("what is counted"), TEXT, choices=tuple(Quantity.choices)),
    Column("part", _("number"), COUNT),
    Column("whole", _("of so many"), COUNT),
    Column("origin", _("where from"), TEXT, choices=tuple(Origin.choices)),
    Column("rows", _("address of the rows"), Kind.LINK),
    Column("whole_rows", _("address of the rows of the whole"), Kind.LINK),
    Column("value", _("value (per cent, or the number)"), DECIMAL),
    Column("outcome", _("outcome"), TEXT, choices=tuple(Outcome.choices)),
    Column("missing", _("why there is none"), TEXT, choices=tuple(Missing.choices)),
    Column("score", _("score"), COUNT),
    Column("is_demo", _("demo data"), Kind.FLAG),
)


CHANGES = (
    Column("per", _("As of"), Kind.DATE),
    Column("place_key", _("place (key)"), TEXT),
    Column("change", _("change"), TEXT),
    Column("year", _("year"), COUNT),
    Column("number", _("number"), COUNT),
    Column("rows", _("address of the rows"), Kind.LINK),
)
MOVED = (
    Column("place", _("place"), TEXT),
    Column("what", _("what"), TEXT),
    Column("before", _("when signed"), TEXT),
    Column("after", _("now"), TEXT),
)


def changes_rows(changes, asked, place):
    for label, counts in changes:
        for year, one in zip(asked.years, counts, strict=True):
            yield asked.on, place, str(label), year, one.count, one.url


def moved_rows(moved):
    names = {"": gettext("gates"), "score": gettext("total score")}
    for one in moved:
        yield one.place, names.get(one.what, one.what), one.before, one.after


def scorecard_rows(sheet, base, place=""):
    """Every number of a sheet; what speaks of the whole window stands in the row of the last year.

    `base` is the portal's own address, for those of the rows.
    """
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
                    base + year["part_url"] if year["part_url"] else None,
                    base + year["whole_url"] if year["whole_url"] else None,
                    cell["value"] if is_last else None,
                    cell["outcome"] if is_last else None,
                    cell["missing"] if is_last else None,
                    cell["score"] if is_last else None,
                    sheet["is_demo"],
                )

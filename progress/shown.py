"""A sheet in the words of a page: what stands in its cells, with what is missing said in words.

It reads nothing but the sheet, so a snapshot's and today's look the same.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.utils.translation import gettext as _

from common.numbers import NBSP, format_decimal, format_number, format_percent, share
from progress.models import Direction, Measure, PerformanceRule, Quantity, Scoring
from progress.readings import TOTAL, Origin
from progress.scorecard import Gate, Missing, Outcome

GATE_BADGES = {Gate.PASSED: "ok", Gate.FAILED: "bad", Gate.UNKNOWN: "nil"}
OUTCOME_BADGES = {
    Outcome.RISING: "ok",
    Outcome.REACHED: "ok",
    Outcome.STEADY: "way",
    Outcome.FALLING: "bad",
    Outcome.MISSED: "bad",
    Outcome.NONE: "bad",
}


def decimal(text, digits=1):
    """A decimal of a sheet as people write it."""
    return None if text is None else format_decimal(Decimal(text), digits)


def _plain(text):
    """As it was entered, without zeros at the end: 75, 12,5."""
    number = Decimal(text)
    places = max(0, -int(number.normalize().as_tuple().exponent))
    return format_decimal(number, places) if places else format_number(int(number))


def percent(text):
    return None if text is None else f"{decimal(text)}{NBSP}%"


def way_to_target(more, fewer):
    """So many more active ones, or so many inactive ones fewer (None or 0 where that cannot help), in a sentence."""
    words = _("It takes %(count)s more active cooperatives") % {"count": format_number(more)}
    if not fewer:
        return f"{words}."
    others = _("or the dissolution of %(count)s inactive ones") % {"count": format_number(fewer)}
    return f"{words}, {others}."


@dataclass(frozen=True)
class Criterion:
    """One criterion in words; `aim` is the target in per cent of the gate that counts the same, or its own."""

    data: dict
    aim: Decimal | None = None

    key = property(lambda self: self.data["key"])
    name = property(lambda self: self.data["name"])
    is_gate = property(lambda self: self.data["is_gate"])
    is_share = property(lambda self: self.data["measure"] == Measure.SHARE)
    is_growth = property(lambda self: self.data["measure"] == Measure.GROWTH)
    legal_basis = property(lambda self: self.data["legal_basis"])
    is_incomplete = property(lambda self: self.data["is_incomplete"])

    @property
    def counted(self):
        return Quantity(self.data["numerator"]).label

    @property
    def of_what(self):
        return Quantity(self.data["denominator"]).label if self.data["denominator"] else ""

    @property
    def target(self):
        """The target in words; empty where there is none."""
        if self.data["threshold"] is None:
            return ""
        # Written as it was entered: "75", "12,5".
        number = _plain(self.data["threshold"])
        unit = "" if self.data["measure"] == Measure.LEVEL else f"{NBSP}%"
        return f"{'≥' if self.data['direction'] == Direction.UP else '≤'}{NBSP}{number}{unit}"

    @property
    def floor(self):
        """The target of a share that has to be reached from below, in per cent, for a bar; else None."""
        goes_up = self.is_share and self.data["direction"] == Direction.UP
        return Decimal(self.data["threshold"]) if goes_up and self.data["threshold"] is not None else None

    @property
    def weight(self):
        """In words: not known is not zero."""
        if self.data["weight"] is None:
            return _("not known")
        return _plain(self.data["weight"])

    @property
    def scores(self):
        """How an outcome becomes a score, in a line."""
        best, middle, worst, none = (self.data[f"score_{one}"] for one in ("best", "middle", "worst", "none"))
        if self.data["scoring"] == Scoring.THRESHOLD:
            return _("reached %(best)s, missed %(worst)s") % {"best": best, "worst": worst}
        words = _("rising %(best)s, steady %(middle)s, falling %(worst)s, none %(none)s") % {
            "best": best,
            "middle": middle,
            "worst": worst,
            "none": none,
        }
        tolerance = _plain(self.data["tolerance"])
        unit = _("percentage points") if self.is_share else "%"
        return _("%(scores)s; steady up to ±%(tolerance)s %(unit)s in %(window)s years") % {
            "scores": words,
            "tolerance": tolerance,
            "unit": unit,
            "window": self.data["window"],
        }


@dataclass(frozen=True)
class Year:
    """What was counted at the end of one year."""

    criterion: Criterion
    data: dict

    @property
    def on(self):
        return date.fromisoformat(self.data["on"])

    part = property(lambda self: self.data["part"])
    whole = property(lambda self: self.data["whole"])
    part_url = property(lambda self: self.data["part_url"])
    whole_url = property(lambda self: self.data["whole_url"])
    cited = property(lambda self: self.data["cited"])

    @property
    def is_known(self):
        return self.part is not None and (not self.criterion.is_share or self.whole is not None)

    @property
    def share(self):
        """The share in per cent for a chart, else the number; None where it is not known."""
        if not self.is_known:
            return None
        if not self.criterion.is_share:
            return self.part
        return share(self.part, self.whole, target=self.criterion.aim)


@dataclass(frozen=True)
class Cell:
    """One criterion of one place."""

    criterion: Criterion
    data: dict
    place: str

    score = property(lambda self: self.data["score"])
    gap = property(lambda self: self.data["gap"])

    @cached_property
    def years(self):
        return [Year(self.criterion, year) for year in self.data["years"]]

    @property
    def last(self):
        return self.years[-1]

    @property
    def chart(self):
        """Points of a line: year, share, place on the axis."""
        return [
            (str(year.on.year), year.share, year.on.year + year.on.timetuple().tm_yday / 366) for year in self.years
        ]

    @property
    def value(self):
        """The share or the growth in per cent, or the level; None where it is not known."""
        if self.data["value"] is None:
            return _("from nothing") if self.data["outcome"] else None
        if self.criterion.data["measure"] == Measure.LEVEL:
            return format_number(self.last.part)
        if self.criterion.is_share:
            return format_percent(self.last.part, self.last.whole, target=self.criterion.aim)
        sign = "+" if self.criterion.is_growth and Decimal(self.data["value"]) > 0 else ""
        return f"{sign}{percent(self.data['value'])}"

    @property
    def outcome(self):
        return Outcome(self.data["outcome"]).label if self.data["outcome"] else ""

    @property
    def badge(self):
        return OUTCOME_BADGES[Outcome(self.data["outcome"])] if self.data["outcome"] else "nil"

    @property
    def missing(self):
        return Missing(self.data["missing"]).label if self.data["missing"] else ""

    @property
    def origin(self):
        return Origin(self.data["origin"]).label if self.data["origin"] else ""

    @property
    def is_published(self):
        """Whether the office's figures speak, and not the register."""
        return self.data["origin"] == Origin.FIGURES

    @property
    def gap_words(self):
        """What it takes, in a sentence; empty where nothing does."""
        if not self.gap:
            return ""
        more, criterion = format_number(self.gap["more"]), self.criterion
        if criterion.data["scoring"] != Scoring.THRESHOLD:
            return _("It takes %(count)s more (%(what)s) to count as rising.") % {
                "count": more,
                "what": criterion.counted,
            }
        if criterion.data["numerator"] != Quantity.ACTIVE:
            return _("It takes %(count)s more: %(what)s.") % {"count": more, "what": criterion.counted}
        return way_to_target(self.gap["more"], self.gap["fewer"])


class Row:
    """One regency, or the province."""

    def __init__(self, data, criteria):
        self.data = data
        self.key, self.name = data["key"], data["name"]
        self.cells = [Cell(one, cell, self.key) for one, cell in zip(criteria, data["cells"], strict=True)]

    is_province = property(lambda self: self.key == TOTAL)

    @property
    def gate(self):
        return Gate(self.data["gate"]).label

    @property
    def gate_badge(self):
        return GATE_BADGES[Gate(self.data["gate"])]

    @property
    def score(self):
        return decimal(self.data["score"])

    @property
    def covered(self):
        """Of how much of the weight the score speaks, where that is not all of it."""
        if self.data["covered"] in (None, "100.00"):
            return ""
        return _("from %(share)s of the weight") % {"share": percent(self.data["covered"])}

    @property
    def gates(self):
        return [cell for cell in self.cells if cell.criterion.is_gate]

    def cell(self, key):
        return next((cell for cell in self.cells if cell.criterion.key == key), None)


class Shown:
    """A whole sheet; `sort` is the key of a criterion, "nilai", "gerbang" or "nama"."""

    def __init__(self, data, sort=""):
        self.data = data
        self.on = date.fromisoformat(data["on"])
        gates = [one for one in data["criteria"] if one["is_gate"] and one["direction"] == Direction.UP]
        aims = {(one["numerator"], one["denominator"]): Decimal(one["threshold"]) for one in gates}
        self.criteria = [Criterion(one, aims.get((one["numerator"], one["denominator"]))) for one in data["criteria"]]
        self.rows = [Row(row, self.criteria) for row in data["rows"]]
        self.province = Row(data["province"], self.criteria)
        self.sort = sort if sort in {"nama", "nilai", "gerbang", *(one.key for one in self.criteria)} else ""
        if self.sort and self.sort != "nama":
            self.rows.sort(key=self._rank)

    def _rank(self, row):
        """The highest first, what is not known last."""
        if self.sort == "gerbang":
            return [Gate.PASSED, Gate.FAILED, Gate.UNKNOWN].index(Gate(row.data["gate"])), row.name
        value = row.data["score"] if self.sort == "nilai" else row.cell(self.sort).data["value"]
        return value is None, -Decimal(value or 0), row.name

    is_demo = property(lambda self: self.data["is_demo"])
    rubric = property(lambda self: self.data["rubric"])
    passed = property(lambda self: self.data["passed"])
    counted = property(lambda self: self.data["counted"])
    needed = property(lambda self: self.data["needed"])
    regencies = property(lambda self: self.data["regencies"])
    is_reached = property(lambda self: self.data["gate"] == Gate.PASSED)

    @property
    def has_gates(self):
        return any(criterion.is_gate for criterion in self.criteria)

    @property
    def needed_words(self):
        """How the number that is needed follows from the rubric."""
        if not self.rubric:
            return ""
        return _("%(percent)s %% of the regencies, rounded down, plus %(more)s") % {
            "percent": self.rubric["needed_percent"],
            "more": self.rubric["needed_more"],
        }

    @property
    def unknown(self):
        return self.regencies - self.counted

    @property
    def lacking(self):
        """How many more regencies have to pass."""
        return max(0, (self.needed or 0) - self.passed)

    @property
    def performing_well(self):
        """The definition of the day in words; empty where there was none."""
        rule = self.data["performing_well"]
        if not rule:
            return ""
        grade = PerformanceRule.LowestGrade(rule["lowest_grade"]).label
        return _("Performing well: %(grade)s, since %(day)s. %(basis)s") % {
            "grade": grade,
            "day": rule["valid_from"],
            "basis": rule["basis"],
        }

    def row(self, key):
        return next((row for row in self.rows if row.key == key), None)

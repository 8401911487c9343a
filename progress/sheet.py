"""A day's scorecard of every regency and of the province, as plain data.

Pages, files, papers, the API and snapshots all show a sheet, so that they cannot disagree, and a snapshot can be
shown from its own content when everything else has changed. Days are ISO text, fractions are decimals as text.
"""

import hashlib
from dataclasses import dataclass, replace

from django.core.cache import cache
from django.utils.translation import get_language, gettext

from common.models import DataVersion
from common.numbers import share
from common.pages import KEEP_SECONDS, release
from progress import scorecard
from progress.models import SUBJECT, Direction, PerformanceRule, Quantity, Rubric
from progress.readings import ORIGINS, TOTAL, Readings, days_of
from progress.scorecard import Gate, Pair
from regions.models import Regency

VERSION = 1
KEYS = ("cooperatives", "figures", "regions", SUBJECT)
RUBRIC = ("key", "name", "legal_basis", "version", "is_incomplete", "needed_percent", "needed_more", "note")
CRITERION = (
    "key",
    "name",
    "aspect",
    "numerator",
    "denominator",
    "measure",
    "window",
    "direction",
    "is_gate",
    "scoring",
    "score_best",
    "score_middle",
    "score_worst",
    "score_none",
    "legal_basis",
    "is_incomplete",
)
DECIMALS = ("weight", "threshold", "tolerance")


@dataclass(frozen=True)
class Rules:
    """The rubric of a day with its criteria, and what performing well meant then; None where there was none."""

    rubric: Rubric | None
    criteria: tuple
    performance: PerformanceRule | None
    others: tuple = ()

    @property
    def gates(self):
        """The same with the gates alone, which need no year but the last: what the front page asks."""
        return replace(self, criteria=tuple(criterion for criterion in self.criteria if criterion.is_gate))


def rules_of(on, key=""):
    """The rules by which a day is scored: the rubric with that key if it held then, else the first in force."""
    found = tuple(Rubric.objects.in_force(on))
    rubric = next((one for one in found if one.key == key), found[0] if found else None)
    if rubric is None:
        return Rules(None, (), PerformanceRule.objects.filter(valid_from__lte=on).first())
    return replace(rules_by(rubric, on), others=found)


def versions_now():
    """What `kept` is told by. To be read before the rules: what changes in between is then made anew, not kept."""
    return DataVersion.read(*KEYS, "demo")


def kept(on, rules, versions):
    """`sheet`, kept by the data versions of all that it counts; a public page has read them already."""
    versions = sorted((key, number) for key, (number, _changed) in versions.items() if key in (*KEYS, "demo"))
    parts = [rules.rubric, rules.performance, *rules.criteria]
    marks = [one and (one.pk, one.version) for one in parts]
    mark = repr((on, marks, get_language(), versions, release()))
    key = f"sheet:{hashlib.sha256(mark.encode()).hexdigest()}"
    found = cache.get(key)
    if found is None:
        found = sheet(on, rules)
        cache.set(key, found, KEEP_SECONDS)
    return found


def rules_by(rubric, on):
    """The rules of a day by one rubric, whether it still says that it held then or not."""
    performance = PerformanceRule.objects.filter(valid_from__lte=on).first()
    return Rules(rubric, tuple(rubric.criteria.all()), performance)


def sheet(on, rules):
    """The scorecard of a day by these rules.

    A fixed number of queries: four for each day of the longest window, and up to nine besides.
    """
    criteria = rules.criteria
    days = days_of(on, max((criterion.window for criterion in criteria), default=1))
    quantities = {
        Quantity(one) for criterion in criteria for one in (criterion.numerator, criterion.denominator) if one
    }
    if rules.performance is None:
        quantities.discard(Quantity.GOOD)
    everything = list(Regency.objects.defer("boundary", "note").order_by("name"))
    readings = Readings(days, quantities, rules.performance.rats if rules.performance else 0, everything)
    regencies = [regency for regency in everything if regency.was_part_on(on)]
    rows = [
        _row(regency.slug, regency.name, criteria, readings, _changes(regency, everything)) for regency in regencies
    ]
    left = [one.valid_until for one in everything if one.valid_until]
    gates = gates_of(rows, rules.rubric)
    # The province passes by its regencies, not by its own shares.
    province = _row(TOTAL, gettext("Province"), criteria, readings, left) | {"gate": gates["gate"]}
    return {
        "version": VERSION,
        "on": on.isoformat(),
        "is_demo": readings.is_demo,
        "rubric": _rubric(rules.rubric),
        "performing_well": rules.performance
        and {
            "valid_from": rules.performance.valid_from.isoformat(),
            "lowest_grade": rules.performance.lowest_grade,
            "basis": rules.performance.basis,
        },
        "criteria": [_criterion(one) for one in criteria],
        **gates,
        "rows": rows,
        "province": province,
    }


def gates_of(rows, rubric):
    """How many regencies pass, are computed and are needed, and what follows for the province.

    While those of which nothing is known could still make up the number, nothing follows.
    """
    needed = rubric.needed_of(len(rows)) if rubric else None
    passed = sum(row["gate"] == Gate.PASSED for row in rows)
    unknown = sum(row["gate"] == Gate.UNKNOWN for row in rows)
    if needed is not None and passed >= needed:
        gate = Gate.PASSED
    elif needed is not None and passed + unknown < needed:
        gate = Gate.FAILED
    else:
        gate = Gate.UNKNOWN
    return {
        "regencies": len(rows),
        "passed": passed,
        "counted": len(rows) - unknown,
        "needed": needed,
        "gate": str(gate),
    }


def _changes(regency, everything):
    """The days on which the area of a regency changed."""
    days = [one.valid_from for one in everything if one.split_from_id == regency.pk]
    return [day for day in (*days, regency.valid_from) if day]


def _rubric(rubric):
    if rubric is None:
        return None
    return {
        **{name: getattr(rubric, name) for name in RUBRIC},
        "valid_from": rubric.valid_from.isoformat(),
        "valid_until": rubric.valid_until and rubric.valid_until.isoformat(),
    }


def _criterion(criterion):
    return {
        **{name: getattr(criterion, name) for name in CRITERION},
        **{name: None if (found := getattr(criterion, name)) is None else str(found) for name in DECIMALS},
    }


def _row(key, name, criteria, readings, changes):
    return row_of(key, name, criteria, [_cell(criterion, key, readings, changes) for criterion in criteria])


def row_of(key, name, criteria, cells):
    """The row of some cells, each with its result."""
    results = [result for _cell, result in cells]
    total = scorecard.total(criteria, results)
    return {
        "key": key,
        "name": name,
        "gate": str(scorecard.gate(criteria, results)),
        "score": _text(total.score),
        "covered": _text(total.covered),
        "cells": [cell for cell, _result in cells],
    }


def _cell(criterion, place, readings, changes):
    days = readings.days[-criterion.window :]
    origin, numbers = _numbers(criterion, place, readings, days)
    return cell_of(criterion, origin, days, numbers, is_split=any(days[0] < day <= days[-1] for day in changes))


def cell_of(criterion, origin, days, numbers, *, is_split):
    """The cell of some numbers, `(part, whole)` for each day, and its result."""
    pairs = [Pair(part and part.value, whole and whole.value) for part, whole in numbers]
    result = scorecard.judge(criterion, pairs, is_split=is_split)
    gap = scorecard.gap(criterion, pairs, result)
    cell = {
        "origin": origin and str(origin),
        "years": [_year(day, *pair) for day, pair in zip(days, numbers, strict=True)],
        "is_split": is_split,
        "value": _value(criterion, pairs),
        "outcome": result.outcome and str(result.outcome),
        "missing": result.missing and str(result.missing),
        "score": result.score,
        "gap": gap and {"more": gap.more, "fewer": gap.fewer},
    }
    return cell, result


def _numbers(criterion, place, readings, days):
    """The origin that speaks, and its numbers for each day; no origin where none knows the last year."""
    of_last = None
    for origin in ORIGINS:
        numbers = [
            (
                readings.number(criterion.numerator, place, day, origin),
                readings.number(criterion.denominator, place, day, origin) if criterion.denominator else None,
            )
            for day in days
        ]
        known = [part is not None and (not criterion.denominator or whole is not None) for part, whole in numbers]
        if all(known):
            return origin, numbers
        if known[-1] and of_last is None:
            of_last = origin, numbers
    return of_last or (None, [(None, None)] * len(days))


def _year(day, part, whole):
    return {
        "on": day.isoformat(),
        "part": part and part.value,
        "part_url": part and part.url,
        "whole": whole and whole.value,
        "whole_url": whole and whole.url,
        "cited": (part and part.cited) or "",
    }


def _value(criterion, pairs):
    """What the target is held against, with two decimals; below the target it never reads as the target."""
    found = scorecard.measured(criterion, pairs)
    aim = criterion.threshold if criterion.direction == Direction.UP else None
    return None if found is None else str(share(found, 100, 2, target=aim))


def _text(fraction):
    return None if fraction is None else str(share(fraction, 100, 2))

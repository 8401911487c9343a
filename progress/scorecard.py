"""What a criterion's numbers come to: its value, its trend, its score, whether a gate is passed, and what is missing.

Nothing here asks the database, and everything is counted in whole numbers and exact fractions: 75 % is reached
by 3 of 4, and not by 7.499 of 10.000. What is not known stays unknown and never counts as zero.
"""

from dataclasses import dataclass
from fractions import Fraction

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from progress.models.rubric import Direction, Measure, Scoring


class Outcome(models.TextChoices):
    RISING = "rising", pgettext_lazy("trend", "rising")
    STEADY = "steady", pgettext_lazy("trend", "steady")
    FALLING = "falling", pgettext_lazy("trend", "falling")
    NONE = "none", pgettext_lazy("trend", "none at all")
    REACHED = "reached", _("target reached")
    MISSED = "missed", _("target missed")


class Missing(models.TextChoices):
    """Why a criterion has no outcome."""

    NO_DATA = "no_data", _("no data yet")
    YEARS = "years", _("not all years are known")
    SPLIT = "split", _("the area changed within these years, they cannot be compared")
    NOTHING = "nothing", _("there is nothing to take a share of")


class Gate(models.TextChoices):
    PASSED = "passed", _("passes")
    FAILED = "failed", _("does not pass")
    UNKNOWN = "unknown", _("no data yet")


@dataclass(frozen=True)
class Pair:
    """What was counted at the end of one year; `whole` only for a share. None is not known."""

    part: int | None
    whole: int | None = None


@dataclass(frozen=True)
class Result:
    """What a criterion comes to; where there is no outcome, why; and its score where it has one."""

    outcome: Outcome | None = None
    missing: Missing | None = None
    score: int | None = None


def value(criterion, pair):
    """The level, or the share in per cent, of one year as a fraction; None where it is not known."""
    if pair.part is None:
        return None
    if criterion.measure != Measure.SHARE:
        return Fraction(pair.part)
    return Fraction(100 * pair.part, pair.whole) if pair.whole else None


def change(criterion, first, last):
    """From the first year to the last: percentage points of a share, else per cent of the first.

    None where the first is zero and the last is not: that grows beyond every per cent.
    """
    if criterion.measure == Measure.SHARE:
        return last - first
    if first == 0:
        return Fraction(0) if last == 0 else None
    return (last - first) * 100 / first


def measured(criterion, pairs):
    """The value that the target is held against: the last year's, or the growth over the window."""
    values = [value(criterion, pair) for pair in pairs]
    if criterion.measure != Measure.GROWTH:
        return values[-1]
    if None in (values[0], values[-1]):
        return None
    return change(criterion, values[0], values[-1])


def judge(criterion, pairs, *, is_split=False):
    """The result of a criterion on the years of its window, the oldest first.

    `is_split` says that the area is not the same in all of them.
    """
    values = [value(criterion, pair) for pair in pairs]
    by_trend = criterion.scoring == Scoring.TREND
    whole_window = by_trend or criterion.measure == Measure.GROWTH
    if values[-1] is None:
        last = pairs[-1]
        known = last.part is not None and last.whole == 0
        return Result(missing=Missing.NOTHING if known else Missing.NO_DATA)
    if whole_window and is_split:
        return Result(missing=Missing.SPLIT)
    if whole_window and None in values:
        return Result(missing=Missing.YEARS)
    outcome = _trend(criterion, values) if by_trend else _against_target(criterion, pairs)
    return Result(outcome=outcome, score=score_of(criterion, outcome))


def _trend(criterion, values):
    if not any(values):
        return Outcome.NONE
    moved = change(criterion, values[0], values[-1])
    tolerance = Fraction(criterion.tolerance)
    rises = moved is None or moved > tolerance
    if not rises and moved >= -tolerance:
        return Outcome.STEADY
    return Outcome.RISING if rises == (criterion.direction == Direction.UP) else Outcome.FALLING


def _against_target(criterion, pairs):
    found, target = measured(criterion, pairs), Fraction(criterion.threshold)
    if criterion.direction == Direction.UP:
        # Growth from nothing has no per cent and exceeds every target.
        return Outcome.REACHED if found is None or found >= target else Outcome.MISSED
    return Outcome.REACHED if found is not None and found <= target else Outcome.MISSED


def score_of(criterion, outcome):
    return {
        Outcome.RISING: criterion.score_best,
        Outcome.REACHED: criterion.score_best,
        Outcome.STEADY: criterion.score_middle,
        Outcome.FALLING: criterion.score_worst,
        Outcome.MISSED: criterion.score_worst,
        Outcome.NONE: criterion.score_none,
    }[outcome]


@dataclass(frozen=True)
class Total:
    """The weighted mean of the scores that are known, and of how much of the weight (in per cent) they speak.

    Both are None where a weight is not known; the score alone where no score is.
    """

    score: Fraction | None
    covered: Fraction | None


def total(criteria, results):
    weights = [criterion.weight for criterion in criteria]
    if not weights or None in weights or not any(weights):
        return Total(None, None)
    scored = [
        (Fraction(weight), result.score)
        for weight, result in zip(weights, results, strict=True)
        if result.score is not None
    ]
    known = sum((weight for weight, _score in scored), Fraction(0))
    whole = sum(map(Fraction, weights), Fraction(0))
    reached = sum((weight * score for weight, score in scored), Fraction(0))
    return Total(reached / known if known else None, known * 100 / whole)


def gate(criteria, results):
    """Whether a regency passes every gate; one that is missed decides, whatever the others are."""
    found = [result for criterion, result in zip(criteria, results, strict=True) if criterion.is_gate]
    if any(result.outcome == Outcome.MISSED for result in found):
        return Gate.FAILED
    if not found or any(result.outcome is None for result in found):
        return Gate.UNKNOWN
    return Gate.PASSED


# What is missing ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Gap:
    """What it takes: so many more in the part, or so many fewer in the whole (None where that cannot help)."""

    more: int
    fewer: int | None = None


def gap(criterion, pairs, result):
    """The way to the best score of a criterion where more is better; None where there is none or it is reached."""
    if criterion.direction != Direction.UP or result.outcome in (None, Outcome.REACHED, Outcome.RISING):
        return None
    last = pairs[-1]
    if result.outcome == Outcome.MISSED and criterion.measure == Measure.SHARE:
        target = Fraction(criterion.threshold) / 100
        more = _ceil(last.whole * target) - last.part
        # Only what is not in the part can leave the whole.
        fewer = last.whole - int(last.part / target) if target and last.part else None
        return Gap(more, fewer)
    if result.outcome == Outcome.MISSED and criterion.measure == Measure.LEVEL:
        return Gap(_ceil(Fraction(criterion.threshold)) - last.part)
    first, tolerance = value(criterion, pairs[0]), Fraction(criterion.tolerance)
    if criterion.measure == Measure.SHARE:
        needed = int(last.whole * (first + tolerance) / 100) + 1
        return Gap(needed - last.part) if needed <= last.whole else None
    factor = tolerance if criterion.scoring == Scoring.TREND else Fraction(criterion.threshold)
    bound = first * (100 + factor) / 100
    needed = int(bound) + 1 if criterion.scoring == Scoring.TREND else _ceil(bound)
    # From nothing every growth is enough, and none is not.
    return Gap(max(needed, 1 if first == 0 else 0) - last.part)


def _ceil(number):
    return -(-number // 1)

"""What numbers come to: every branch as a row of a table, in exact fractions."""

from fractions import Fraction

import pytest

from progress.models import Criterion
from progress.scorecard import Gap, Gate, Missing, Outcome, Pair, Result, gap, gate, judge, measured, score_of, total


def criterion(**values):
    """A criterion as the annex has them: by trend over three years, 100, 75, 50 and 0."""
    return Criterion(**{"scoring": "trend", "measure": "share", "denominator": "cooperatives", "weight": 1} | values)


def share(**values):
    return criterion(numerator="active", **values)


def growth(**values):
    return criterion(numerator="cooperatives", denominator="", measure="growth", **values)


def by_target(threshold, **values):
    return share(**{"scoring": "threshold", "threshold": threshold, "window": 1} | values)


def pairs(*numbers):
    return [Pair(*number) if isinstance(number, tuple) else Pair(number) for number in numbers]


WORKED = [
    # Of a share, in percentage points from the first to the last year.
    ("rising", share(), [(50, 100), (55, 100), (60, 100)], Outcome.RISING, 100),
    ("falling", share(), [(60, 100), (70, 100), (59, 100)], Outcome.FALLING, 50),
    ("steady", share(), [(1, 3), (2, 7), (2, 6)], Outcome.STEADY, 75),
    ("steady by tolerance", share(tolerance="0.5"), [(500, 1000), (1, 2), (505, 1000)], Outcome.STEADY, 75),
    ("just over it", share(tolerance="0.5"), [(5000, 10000), (1, 2), (5051, 10000)], Outcome.RISING, 100),
    ("just under it", share(tolerance="0.5"), [(5000, 10000), (1, 2), (4949, 10000)], Outcome.FALLING, 50),
    ("none at all", share(), [(0, 10), (0, 11), (0, 12)], Outcome.NONE, 0),
    ("from none to some", share(), [(0, 10), (0, 10), (1, 10)], Outcome.RISING, 100),
    ("down to none", share(), [(1, 10), (1, 10), (0, 10)], Outcome.FALLING, 50),
    # Of a growth, in per cent of the first year.
    ("growth", growth(), [100, 90, 101], Outcome.RISING, 100),
    ("no growth", growth(), [100, 120, 100], Outcome.STEADY, 75),
    ("shrinking", growth(), [100, 100, 99], Outcome.FALLING, 50),
    ("growth within tolerance", growth(tolerance="1"), [100, 100, 101], Outcome.STEADY, 75),
    ("growth from nothing", growth(tolerance="5"), [0, 0, 1], Outcome.RISING, 100),
    ("zero cooperatives", growth(), [0, 0, 0], Outcome.NONE, 0),
    # Where less is better.
    ("less is better", share(direction="down"), [(60, 100), (55, 100), (50, 100)], Outcome.RISING, 100),
    ("more is worse", share(direction="down"), [(50, 100), (55, 100), (60, 100)], Outcome.FALLING, 50),
    # By a target.
    ("exactly 75 %", by_target(75), [(3, 4)], Outcome.REACHED, 100),
    ("74,99 %", by_target(75), [(7499, 10000)], Outcome.MISSED, 50),
    ("none of some", by_target(75), [(0, 4)], Outcome.MISSED, 50),
    ("at most, reached", by_target(10, direction="down"), [(1, 10)], Outcome.REACHED, 100),
    ("at most, missed", by_target(10, direction="down"), [(2, 10)], Outcome.MISSED, 50),
    ("a level", by_target(100, measure="level", denominator=""), [100], Outcome.REACHED, 100),
    ("a level missed", by_target(100, measure="level", denominator=""), [99], Outcome.MISSED, 50),
    ("a growth", growth(scoring="threshold", threshold="2.5", window=2), [1000, 1025], Outcome.REACHED, 100),
    ("a growth missed", growth(scoring="threshold", threshold="2.5", window=2), [1000, 1024], Outcome.MISSED, 50),
    ("any growth from nothing", growth(scoring="threshold", threshold="2.5", window=2), [0, 1], Outcome.REACHED, 100),
]
UNKNOWN = [
    ("nothing known", share(), [(None, None)] * 3, Missing.NO_DATA),
    ("the last year is missing", share(), [(5, 10), (5, 10), (None, 10)], Missing.NO_DATA),
    ("without its whole", share(), [(5, 10), (5, 10), (5, None)], Missing.NO_DATA),
    ("a year in the middle", share(), [(5, 10), (None, 10), (6, 10)], Missing.YEARS),
    ("the first year", growth(), [None, 10, 11], Missing.YEARS),
    ("zero cooperatives have no share", by_target(75), [(0, 0)], Missing.NOTHING),
    ("a target without data", by_target(75), [(None, 10)], Missing.NO_DATA),
]


@pytest.mark.parametrize(
    ("one", "numbers", "outcome", "score"), [row[1:] for row in WORKED], ids=[r[0] for r in WORKED]
)
def test_worked_examples(one, numbers, outcome, score):
    assert judge(one, pairs(*numbers)) == Result(outcome=outcome, score=score)


@pytest.mark.parametrize(("one", "numbers", "missing"), [row[1:] for row in UNKNOWN], ids=[r[0] for r in UNKNOWN])
def test_what_is_not_known_has_no_score(one, numbers, missing):
    assert judge(one, pairs(*numbers)) == Result(missing=missing)


def test_a_split_regency_cannot_be_compared_with_itself_before():
    known = pairs((5, 10), (5, 10), (6, 10))
    assert judge(share(), known, is_split=True) == Result(missing=Missing.SPLIT)
    # A target looks at the last year alone.
    assert judge(by_target(60), known[-1:], is_split=True).outcome == Outcome.REACHED


def test_every_outcome_has_its_own_score():
    one = share(score_best=90, score_middle=60, score_worst=30, score_none=7)
    assert [score_of(one, outcome) for outcome in Outcome] == [90, 60, 30, 7, 90, 30]


def test_the_measured_value_is_exact():
    assert measured(by_target(75), pairs((7499, 10000))) == Fraction(7499, 100)
    assert measured(growth(), pairs(3, 9, 4)) == Fraction(100, 3)
    assert measured(growth(), pairs(0, 9, 4)) is None
    assert measured(growth(), pairs(None, 9, 4)) is None


SCORED, UNSCORED = Result(outcome=Outcome.RISING, score=100), Result(missing=Missing.NO_DATA)


def test_the_total_is_weighted_and_says_how_much_of_the_weight_is_known():
    criteria = [share(weight=3), share(weight=1), share(weight=0)]
    found = total(criteria, [SCORED, Result(outcome=Outcome.FALLING, score=50), SCORED])
    assert (found.score, found.covered) == (Fraction(350, 4), 100)
    found = total(criteria, [UNSCORED, Result(outcome=Outcome.NONE, score=0), SCORED])
    assert (found.score, found.covered) == (0, 25)
    found = total(criteria, [UNSCORED, UNSCORED, UNSCORED])
    assert (found.score, found.covered) == (None, 0)


@pytest.mark.parametrize("weights", [(None, 1), (0, 0), ()], ids=["one unknown", "no weight", "no criterion"])
def test_without_weights_there_is_no_total(weights):
    found = total([share(weight=one) for one in weights], [SCORED] * len(weights))
    assert (found.score, found.covered) == (None, None)


REACHED, MISSED = Result(outcome=Outcome.REACHED, score=100), Result(outcome=Outcome.MISSED, score=50)


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ((REACHED, REACHED, UNSCORED), Gate.PASSED),
        ((REACHED, MISSED, REACHED), Gate.FAILED),
        ((MISSED, UNSCORED, REACHED), Gate.FAILED),
        ((REACHED, UNSCORED, REACHED), Gate.UNKNOWN),
    ],
)
def test_gates(results, expected):
    criteria = [by_target(75, is_gate=True), by_target(50, is_gate=True), share()]
    assert gate(criteria, results) == expected
    assert gate([share()], [SCORED]) == Gate.UNKNOWN


GAPS = [
    # (273 of 1.264): 948 are three quarters, and 364 is the largest whole that 273 are three quarters of.
    ("share and target", by_target(75), [(273, 1264)], Gap(675, 900)),
    ("one is missing", by_target(75), [(7499, 10000)], Gap(1, 2)),
    ("none active", by_target(75), [(0, 4)], Gap(3, None)),
    ("reached", by_target(75), [(3, 4)], None),
    ("level", by_target(100, measure="level", denominator=""), [99], Gap(1)),
    ("trend of a share", share(), [(50, 100), (50, 100), (49, 100)], Gap(2)),
    ("a share with tolerance", share(tolerance="0.5"), [(500, 1000), (1, 2), (500, 1000)], Gap(6)),
    ("a share that is full", share(), [(10, 10), (9, 10), (9, 10)], None),
    ("growth", growth(), [100, 100, 100], Gap(1)),
    ("growth with a target", growth(scoring="threshold", threshold="2.5", window=2), [1000, 1024], Gap(1)),
    ("growth from nothing", growth(), [0, 0, 0], Gap(1)),
    ("a target from nothing", growth(scoring="threshold", threshold="2.5", window=2), [0, 0], Gap(1)),
    ("rising already", growth(), [100, 100, 101], None),
    ("less is better", share(direction="down"), [(5, 10), (5, 10), (6, 10)], None),
    ("not known", share(), [(None, 10), (5, 10), (6, 10)], None),
]


@pytest.mark.parametrize(("one", "numbers", "expected"), [row[1:] for row in GAPS], ids=[r[0] for r in GAPS])
def test_gaps_in_whole_cooperatives(one, numbers, expected):
    known = pairs(*numbers)
    assert gap(one, known, judge(one, known)) == expected


@pytest.mark.parametrize("numbers", [row[2] for row in GAPS[:3]])
def test_closing_the_gap_reaches_the_target_and_one_less_does_not(numbers):
    one, (part, whole) = by_target(75), numbers[0]
    found = gap(one, pairs((part, whole)), judge(one, pairs((part, whole))))
    assert judge(one, pairs((part + found.more, whole))).outcome == Outcome.REACHED
    assert judge(one, pairs((part + found.more - 1, whole))).outcome == Outcome.MISSED
    if found.fewer:
        assert judge(one, pairs((part, whole - found.fewer))).outcome == Outcome.REACHED
        assert judge(one, pairs((part, whole - found.fewer + 1))).outcome == Outcome.MISSED

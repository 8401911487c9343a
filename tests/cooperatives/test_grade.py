"""The Ministry's grade and the office's inactivity rule, as tables."""

from datetime import date

import pytest

from cooperatives.grade import RatRecord, grade, has_no_rule, status_by_rule
from cooperatives.models import RulesOn, Status

TODAY = date(2026, 11, 23)  # 2023, 2024 and 2025 are graded
OLD = date(2001, 5, 4)
YOUNG = date(2024, 2, 1)


def rules(on=TODAY, years=3):
    return RulesOn(on=on, inactive_after=years, counts_from_month=7, counts_from_day=1)


@pytest.mark.parametrize(
    ("on", "counting_year"),
    [
        (date(2026, 6, 30), 2024),
        (date(2026, 7, 1), 2025),
        (date(2026, 12, 31), 2025),
        (date(2027, 1, 1), 2025),
    ],
)
def test_a_book_year_counts_from_1_july_of_the_next_year(on, counting_year):
    assert rules(on).counting_year == counting_year


def test_no_grade_falls_on_1_january():
    held = frozenset({2023, 2024, 2025})
    assert grade(RatRecord(OLD, held), rules(date(2026, 12, 31))) == grade(
        RatRecord(OLD, held), rules(date(2027, 1, 1))
    )


@pytest.mark.parametrize(
    ("founded_on", "held", "expected"),
    [
        (OLD, {2023, 2024, 2025}, "A"),
        (OLD, {2023, 2025}, "B"),
        (OLD, {2023, 2024}, "B"),
        (OLD, {2025}, "C2"),
        (OLD, {2023}, "D"),
        (OLD, {2024}, "D"),
        (OLD, set(), "D"),
        (OLD, {2019, 2020, 2021, 2022}, "D"),
        (YOUNG, {2024}, "C1"),
        (YOUNG, {2025}, "C1"),
        (YOUNG, {2024, 2025}, "B"),
        (YOUNG, set(), "D"),
        (None, {2025}, "C2"),
        (None, {2024}, "D"),
        (date(2026, 3, 1), set(), ""),
        (date(2023, 11, 23), {2024}, "C1"),
        (date(2023, 11, 22), {2024}, "D"),
    ],
)
def test_the_grade_follows_from_the_returns(founded_on, held, expected):
    assert grade(RatRecord(founded_on, frozenset(held)), rules()) == expected


@pytest.mark.parametrize(
    ("founded_on", "held", "silent"),
    [(OLD, {2023}, True), (OLD, {2024}, True), (OLD, {2025}, False), (OLD, set(), False), (YOUNG, {2024}, False)],
)
def test_the_case_without_a_rule_is_known_as_such(founded_on, held, silent):
    assert has_no_rule(RatRecord(founded_on, frozenset(held)), rules()) is silent


def test_a_young_cooperative_is_measured_from_29_february_too():
    assert grade(RatRecord(date(2025, 2, 28), frozenset({2026})), rules(date(2028, 2, 29))) == "C1"


@pytest.mark.parametrize(
    ("founded_on", "held", "years", "expected"),
    [
        (OLD, {2023}, 3, Status.ACTIVE),
        (OLD, {2022}, 3, Status.INACTIVE),
        (OLD, {2023}, 2, Status.INACTIVE),
        (OLD, set(), 3, Status.INACTIVE),
        (None, set(), 3, Status.INACTIVE),
        (date(2024, 1, 1), set(), 3, Status.ACTIVE),
        (date(2023, 6, 1), set(), 3, Status.INACTIVE),
        (OLD, {2026}, 3, Status.ACTIVE),
    ],
)
def test_the_rule_says_who_counts_as_inactive(founded_on, held, years, expected):
    assert status_by_rule(RatRecord(founded_on, frozenset(held)), rules(years=years)) == expected

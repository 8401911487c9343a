"""Grade and status by the rule: both follow from the returns and the founding date, neither is ever typed.

The grade's rule is the Ministry's (A, B, C1, C2, D), read with the last three book years whose RAT
deadline has passed. One case has no rule there: older than three years, one RAT, not for the
latest year. It is graded D here, and the page says so.
"""

from dataclasses import dataclass

from cooperatives.models.cooperative import Cooperative
from cooperatives.models.status import Status


@dataclass(frozen=True)
class RatRecord:
    """The book years with and without RAT that are on record for one cooperative."""

    founded_on: object
    held: frozenset
    not_held: frozenset = frozenset()


def grade(record, rules):
    """The grade under the rules of a day; empty while no book year of a young cooperative has been counted."""
    if record.founded_on and record.founded_on.year > rules.counting_year:
        return ""
    held = [year for year in rules.graded_years if year in record.held]
    if len(held) == 3:
        return Cooperative.Grade.A
    if len(held) == 2:
        return Cooperative.Grade.B
    if len(held) == 1:
        if is_young(record, rules):
            return Cooperative.Grade.C1
        if held == [rules.counting_year]:
            return Cooperative.Grade.C2
    return Cooperative.Grade.D


def is_young(record, rules):
    """Founded within the last three years; an unknown founding date counts as older."""
    if record.founded_on is None:
        return False
    on = rules.on
    try:
        three_years_ago = on.replace(year=on.year - 3)
    except ValueError:  # 29 February
        three_years_ago = on.replace(year=on.year - 3, day=28)
    return record.founded_on >= three_years_ago


def has_no_rule(record, rules):
    """The one case that the published rule does not name: one RAT, older than three years, not the latest year."""
    held = [year for year in rules.graded_years if year in record.held]
    return len(held) == 1 and held != [rules.counting_year] and not is_young(record, rules)


def status_by_rule(record, rules):
    """Inactive after the stated number of counted book years without a RAT on record, else active.

    Only book years that began after the founding count against it.
    """
    first_owed = rules.counting_year - rules.inactive_after + 1
    if record.founded_on and record.founded_on.year > first_owed:
        return Status.ACTIVE
    owed = range(first_owed, rules.counting_year + 1)
    # A RAT for a later year than the last counted one shows that it is alive.
    if any(year in record.held for year in owed) or any(year > rules.counting_year for year in record.held):
        return Status.ACTIVE
    return Status.INACTIVE

"""What if: one regency's numbers of the last year as somebody supposes them, by the same rules. Nothing is kept."""

from dataclasses import dataclass
from datetime import date

from progress.models import Quantity
from progress.readings import Number
from progress.sheet import cell_of, gates_of, row_of
from progress.shown import Row


@dataclass(frozen=True)
class Supposed:
    """The row as it is and as it would be, and the gates of the province with each."""

    before: Row
    after: Row
    gates_before: dict
    gates_after: dict

    @property
    def pairs(self):
        return list(zip(self.before.cells, self.after.cells, strict=True))


def last_numbers(criteria, row):
    """`{quantity: number of the last year or None}` of a sheet's row, in the order of the quantities."""
    found = {}
    for criterion, cell in zip(criteria, row["cells"], strict=True):
        last = cell["years"][-1]
        for quantity, side in ((criterion.numerator, "part"), (criterion.denominator, "whole")):
            if quantity and found.get(quantity) is None:
                found[quantity] = last[side]
    return {quantity: found[quantity] for quantity in Quantity.values if quantity in found}


def suppose(sheet, shown, rules, key, numbers):
    """The regency `key` with these numbers of the last year instead of its own."""
    row = next(row for row in sheet["rows"] if row["key"] == key)
    cells = [_supposed(criterion, cell, numbers) for criterion, cell in zip(rules.criteria, row["cells"], strict=True)]
    after = row_of(key, row["name"], rules.criteria, cells)
    rows = [after if one["key"] == key else one for one in sheet["rows"]]
    return Supposed(
        shown.row(key), Row(after, shown.criteria), gates_of(sheet["rows"], rules.rubric), gates_of(rows, rules.rubric)
    )


def _supposed(criterion, cell, numbers):
    numbers_of = [(_number(year["part"]), _number(year["whole"])) for year in cell["years"]]
    whole = numbers.get(criterion.denominator) if criterion.denominator else None
    numbers_of[-1] = (_number(numbers.get(criterion.numerator)), _number(whole))
    days = [date.fromisoformat(year["on"]) for year in cell["years"]]
    return cell_of(criterion, cell["origin"], days, numbers_of, is_split=cell["is_split"])


def _number(value):
    return None if value is None else Number(value, "")

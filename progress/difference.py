"""What moved between two scorecards of one rubric: of a snapshot and today's knowledge, or of two days."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Moved:
    """One thing of one place before and after, in words; empty where it was not known."""

    place: str
    what: str
    before: str
    after: str


def moved(before, after, *, gates_only=False):
    """What differs between two shown sheets, in the order of the later one; criteria are matched by their key."""
    found = []
    earlier = {row.key: row for row in (*before.rows, before.province)}
    for row in (*after.rows, after.province):
        old = earlier.get(row.key)
        if old is None:
            continue
        if old.gate != row.gate:
            found.append(Moved(row.name, "", old.gate, row.gate))
        if not gates_only and old.score != row.score:
            found.append(Moved(row.name, "score", old.score or "", row.score or ""))
        for cell in row.cells:
            past = old.cell(cell.criterion.key)
            if past is None or (gates_only and not cell.criterion.is_gate):
                continue
            if _said(past) != _said(cell):
                found.append(Moved(row.name, cell.criterion.name, _words(past), _words(cell)))
    return found


def _said(cell):
    return cell.data["value"], cell.last.part, cell.last.whole


def _words(cell):
    """ "46,7 % (50/107)"."""
    if not cell.last.is_known:
        return ""
    counted = f"{cell.last.part}/{cell.last.whole}" if cell.criterion.is_share else f"{cell.last.part}"
    return f"{cell.value} ({counted})" if cell.value else counted

"""From the rows of a sheet to named columns: where the heading stands, and which field each column fills."""

from itertools import pairwise

from common.text import fold
from imports import reading
from imports.cells import shown
from imports.models import RememberedColumn

LEFT_OUT, UNDECIDED = "-", ""
# A heading further down would be data of another table.
FIRST_ROWS = 40
MOST_HEAD_ROWS = 4


def headings_of(rows, head_from, head_rows, merged=()):
    """The headings as text, one a column, of `{row number: cells}`: lines one below the other are read as one.

    In a heading of several rows a cell counts for the columns to its right that it was merged over, or that stay
    empty above a lower heading.
    """
    width = max(
        (len(cells) for number, cells in rows.items() if head_from <= number < head_from + head_rows), default=0
    )
    lines = []
    for number in range(head_from, head_from + head_rows):
        if is_numbering(rows.get(number, [])):
            continue
        cells = [" ".join(shown(cell).split()) for cell in rows.get(number, [])]
        cells += [""] * (width - len(cells))
        for top, left, _bottom, right in merged:
            if top == number and left <= width:
                cells[left - 1 : min(right, width)] = [cells[left - 1]] * (min(right, width) - left + 1)
        lines.append(cells)
    for upper, lower in pairwise(lines):
        for column in range(1, width):
            if not upper[column] and lower[column] and upper[column - 1] and not _stands_alone(lower, upper, column):
                upper[column] = upper[column - 1]
    found = []
    for column in range(width):
        parts = list(dict.fromkeys(line[column] for line in lines if line[column]))
        found.append(" ".join(parts)[:200])
    return found


def _stands_alone(lower, upper, column):
    """Whether the heading to the left stands above nothing, so that it is no roof for this column."""
    return not lower[column - 1] and bool(upper[column - 1])


def is_numbering(cells):
    """Whether a row only numbers the columns: 1, 2, 3 or (1), (2), (3), as below the headings of printed lists."""
    words = [shown(cell).strip(" ()") for cell in cells if cell is not None]
    return len(words) > 2 and words == [str(number) for number in range(1, len(words) + 1)]


def guess_head(importer, rows, merged=()):
    """`(first row, how many rows)` of the heading: where most columns are known; the first filled row otherwise."""
    known = spellings(importer)
    best = (0, 0, 1, 1)
    first = min(rows, default=1)
    for number in sorted(rows)[:FIRST_ROWS]:
        for height in range(1, MOST_HEAD_ROWS + 1):
            headings = headings_of(rows, number, height, merged)
            matched = {fold(heading) for heading in headings} & known.keys()
            # Fewer rows and the earlier ones win among equals.
            candidate = (len(matched), -height, -number, height)
            if matched and candidate[:3] > best[:3]:
                best = (len(matched), -height, -number, height)
    head_from, head_rows = (-best[2], best[3]) if best[0] else (first, 1)
    return head_from, head_rows + is_numbering(rows.get(head_from + head_rows, []))


def spellings(importer):
    """`{folded heading: field name}`, with those left out on purpose."""
    found = dict.fromkeys(importer.left_out(), LEFT_OUT)
    for field in importer.fields:
        found.update(dict.fromkeys(field.spellings(), field.name))
    return found


def guess_columns(importer, headings):
    """The field of each column: as remembered for this kind of file, else by its synonyms; each field only once."""
    keys = [fold(heading)[:200] for heading in headings]
    rows = RememberedColumn.objects.filter(kind=importer.kind, heading__in=set(keys))
    remembered = dict(rows.values_list("heading", "field"))
    names = {field.name for field in importer.fields} | {LEFT_OUT}
    known, used, found = spellings(importer), set(), []
    for heading, key in zip(headings, keys, strict=True):
        name = remembered.get(key, UNDECIDED)
        if name in {UNDECIDED, LEFT_OUT} and key in known:
            # What one office leaves out of its lists is still a column for another.
            name = known[key]
        if not heading:
            name = LEFT_OUT
        if name not in names or name in used:
            name = UNDECIDED
        if name != LEFT_OUT:
            used.add(name)
        found.append(name)
    return found


def remember(importer, headings, columns):
    """Keep for the next file of this kind what a person decided; an undecided column is forgotten."""
    decided = {fold(heading)[:200]: name for heading, name in zip(headings, columns, strict=True) if heading and name}
    RememberedColumn.objects.bulk_create(
        [RememberedColumn(kind=importer.kind, heading=heading, field=name) for heading, name in decided.items()],
        update_conflicts=True,
        unique_fields=["kind", "heading"],
        update_fields=["field"],
    )


def first_rows(folder, sheet):
    """`{row number: cells}` of the beginning of a sheet, enough to find its heading and to show an example."""
    found = {}
    for number, cells in reading.rows(folder, sheet):
        if number > FIRST_ROWS + MOST_HEAD_ROWS:
            break
        found[number] = cells
    return found

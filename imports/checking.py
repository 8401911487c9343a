"""The dry run: every row read, found again, compared and judged; nothing is written but the rows of the import.

Rows are staged in chunks of their own short transactions, so that nobody waits. They count only once the batch is
"checked", which is one conditional update at the end.
"""

from collections import Counter
from itertools import islice

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from common.refusal import Refused
from imports import reading
from imports.cells import NOTHING, calendar, shown
from imports.headings import LEFT_OUT, UNDECIDED
from imports.importer import Entry
from imports.models import ImportBatch, ImportRefused, ImportRow

# Less than a second of work, so that the progress moves.
CHUNK = 250
# In a cell: take out what the record holds. An empty cell changes nothing.
CLEAR = "(kosong)"
Action = ImportRow.Action


class Columns:
    """What the columns of a file mean for an importer, and how a row becomes an entry."""

    def __init__(self, batch, importer):
        self.importer = importer
        self.width = len(batch.columns)
        self.readers = [
            (index, importer.by_name[name], heading)
            for index, (name, heading) in enumerate(zip(batch.columns, batch.headings, strict=True))
            if name not in {LEFT_OUT, UNDECIDED}
        ]
        self.heading = {field.name: heading for _index, field, heading in self.readers}
        self.names = {field.name: str(field.label) for field in importer.fields} | self.heading
        self.constants = {}
        for name, typed in batch.constants.items():
            if name not in self.heading and typed != "":
                value = importer.by_name[name].parse(typed)
                if value is not NOTHING:
                    self.constants[name] = value

    def entry(self, number, cells):
        entry = Entry(number, headings=self.names)
        values, held = entry.values, entry.cells
        for index, field, heading in self.readers:
            cell = cells[index] if index < len(cells) else None
            if cell is None or (type(cell) is str and not cell.strip()):
                continue
            held[field.name] = cell
            if isinstance(cell, reading.CellError):
                words = gettext("The cell holds an error of the spreadsheet. Correct its formula.")
                entry.refuse(words, field=field.name, column=heading)
                continue
            if type(cell) is str and cell.strip().casefold() == CLEAR:
                values[field.name] = None
                continue
            try:
                value = field.parse(cell)
                if value is not NOTHING:
                    values[field.name] = value
            except Refused as refusal:
                entry.refuse(sentence(refusal), field=field.name, column=heading, suggestion=refusal.suggestion)
            except ValidationError as refusal:
                entry.refuse(" ".join(refusal.messages), field=field.name, column=heading)
        for cell in cells[self.width :]:
            if cell is not None and shown(cell).strip():
                entry.refuse(gettext("The row has more cells than there are headings."), value=shown(cell))
                break
        for name, value in self.constants.items():
            values.setdefault(name, value)
        return entry


def sentence(refusal):
    """The refusal without its suggestion, which stands beside it."""
    words = str(refusal.message)
    return words % refusal.params if refusal.params else words


def undecided(batch):
    """Headings about which nobody has decided yet."""
    return [h for h, name in zip(batch.headings, batch.columns, strict=True) if name == UNDECIDED]


def check(batch, *, by, tell=lambda done, total: None):
    """Stage every row of the batch with what it would change; the batch is then CHECKED. Raises ImportRefused."""
    if left := undecided(batch):
        raise ImportRefused(gettext("Decide about every column first: %(names)s."), names=", ".join(left[:5]))
    batch.step(ImportBatch.State.READ)
    importer = batch.importer(by, batch.reason)
    importer.prepare()
    columns = Columns(batch, importer)
    if missing := missing_fields(importer, columns):
        raise ImportRefused(gettext("No column gives: %(names)s."), names=", ".join(missing))
    sheet = reading.sheets(batch.path)[batch.sheet]
    batch.rows.all().delete()

    counts, problems, places, first_of = Counter(), Counter(), Counter(), {}
    done, total = 0, sheet.rows
    rows = reading.rows(batch.path, batch.sheet, start=batch.head_from + batch.head_rows)
    with calendar(date1904=sheet.date1904):
        while chunk := list(islice(rows, CHUNK)):
            staged = []
            for entry in judge(importer, columns, chunk, first_of):
                row = _row(batch, importer, entry)
                counts[row.action] += 1
                places[importer.place_of(entry)] += row.action != Action.REFUSED
                problems.update({problem.column for problem in entry.problems})
                staged.append(row)
            with transaction.atomic():
                ImportRow.objects.bulk_create(staged, batch_size=CHUNK)
            done += len(chunk)
            tell(done, total)
    with transaction.atomic():
        register = importer.places()
        names = sorted({*places, *register} - {""})
        batch.step(
            ImportBatch.State.CHECKED,
            run=_run(batch),
            checked_at=timezone.now(),
            failure="",
            summary={
                "rows": done,
                "blank": sheet.blank_rows,
                "counts": {action: counts[action] for action in Action.values},
                "problems": problems.most_common(30),
                "places": [(name, places[name], register.get(name, 0)) for name in names],
            },
        )


def missing_fields(importer, columns):
    """Labels of the fields that neither a column nor a value for the whole file gives, and without which no row is."""
    given = {*columns.heading, *columns.constants}
    return [str(field.label) for field in importer.fields if field.required and field.name not in given]


def judge(importer, columns, chunk, first_of):
    """The entries of some rows, found, compared and checked. `first_of` knows which keys came before, in which row."""
    entries = []
    for number, cells in chunk:
        entries += importer.split(columns.entry(number, cells))
    importer.find(entries)
    for entry in entries:
        if not entry.is_settled:
            continue
        if entry.record is not None and not entry.problems:
            first = first_of.setdefault(("record", entry.record.pk), (entry.number, entry.part))
            _refuse_repeated(entry, first)
        elif entry.key is not None:
            _refuse_repeated(entry, first_of.setdefault(entry.key, (entry.number, entry.part)))
        importer.compare(entry)
        _refuse_missing(importer, entry)
        importer.check(entry)
    return entries


def _refuse_missing(importer, entry):
    for field in importer.fields:
        # What could not be read has been said already; of a known record only what the file would empty is missing.
        if (
            (field.required or field.for_new)
            and entry.values.get(field.name) in (None, "")
            and field.name not in entry.unread
            and (entry.record is None or field.name in entry.values)
        ):
            entry.refuse(gettext("This must be filled in."), field=field.name)


def _refuse_repeated(entry, first):
    if first != (entry.number, entry.part):
        entry.refuse(gettext("Row %(number)s is about the same record. Keep one of the two.") % {"number": first[0]})


def _run(batch):
    # The version that the check began with: no two checks share it.
    return batch.version


def _row(batch, importer, entry):
    record = entry.record
    if entry.problems:
        action = Action.REFUSED
    elif not entry.after:
        action = Action.UNCHANGED
    else:
        action = Action.NEW if record is None else Action.CHANGED
    return ImportRow(
        batch=batch,
        run=_run(batch),
        number=entry.number,
        part=entry.part,
        action=action,
        title=importer.title(entry)[:200],
        found=record.pk if record is not None else None,
        seen=importer.version_of(record) if record is not None else None,
        before=entry.before,
        after=entry.after,
        parts=entry.parts,
        problems=[vars(problem) for problem in entry.problems],
        doubles=entry.doubles,
    )

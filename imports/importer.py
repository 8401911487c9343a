"""What an app declares so that its records can come from a spreadsheet.

This app knows no other: it reads files, shows what would happen, writes, and takes back. Which columns there are,
how a record is found again, which rules hold and what follows a change, the app above says in one subclass of
Importer, in its own `importers` module, with `@register`.

Everything is set-based: a chunk of rows costs a fixed number of queries. Rules are plain functions of values that
the app's forms use as well; no form and no `full_clean` runs per row.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Max
from django.utils.functional import Promise
from django.utils.translation import gettext

from common.history import delete_with_history, history_of
from common.models import pointed_at
from common.text import fold
from imports.cells import shown
from imports.words import wordings

BATCH = 200
LOCKS = 2000
_importers: dict = {}


def register(importer):
    """Class decorator: makes an importer known by its `kind`."""
    _importers[importer.kind] = importer
    return importer


def importer_of(kind):
    """The importer class of a kind; KeyError where there is none."""
    return _importers[kind]


def importers_for(user):
    """The importers that a person may use, in the order of a day's work."""
    found = [importer for importer in _importers.values() if user.has_perm(importer.permission)]
    return sorted(found, key=lambda importer: importer.position)


@dataclass(frozen=True)
class Field:
    """One thing that a column of the file can fill.

    `parse(cell)` is one of imports.cells or made by an importer's `prepare`: it gives the value as JSON knows it
    (text, whole number, true, false, null; a day as ISO text) or raises Refused, and is never called for an empty
    cell, which means "not filled in". `choices` are the words for the dropdown of the template. A field that is
    `once` may also be given one value for the whole file. `required` is asked of every file, `for_new` of rows whose
    record is not in the register yet.
    """

    name: str
    label: str | Promise
    synonyms: tuple = ()
    parse: Callable | None = None
    required: bool = False
    for_new: bool = False
    once: bool = False
    private: bool = False
    choices: Callable | None = None
    note: str | Promise = ""
    example: str = ""

    def spellings(self):
        """Every folded heading that means this field, its label in each language of the portal."""
        return {fold(text) for heading in (self.name, self.label, *self.synonyms) for text in wordings(heading)}


@dataclass(frozen=True)
class Problem:
    """Why a row is refused: which column, what stood there, what is expected, and what may be meant."""

    column: str
    value: str
    message: str
    suggestion: str = ""
    field: str = ""


@dataclass
class Entry:
    """One record of one row, on its way from the file to the database.

    `values` holds what the file says, by field, for the columns that it has and that could be read. `record` is the
    one found in the database, None where it is new. `parts` keeps what the importer found on the way: attributes of a
    new record. `cells` holds what stood in the file, `headings` what its columns are called, both by field.
    `is_settled` is false where `find` cannot say which record is meant: nothing more is asked of the row.
    """

    number: int
    part: str = ""
    values: dict = field(default_factory=dict)
    problems: list = field(default_factory=list)
    record: Any = None
    before: dict = field(default_factory=dict)
    after: dict = field(default_factory=dict)
    doubles: list = field(default_factory=list)
    parts: dict = field(default_factory=dict)
    key: Any = None
    is_settled: bool = True
    cells: dict = field(default_factory=dict)
    headings: dict = field(default_factory=dict)

    def refuse(self, message, *, field="", column="", value="", suggestion=""):
        """Say a problem; of a field the heading and what stood there are looked up."""
        if field:
            column = column or self.headings.get(field, field)
            value = value or shown(self.cells.get(field))
        self.problems.append(Problem(str(column), str(value or ""), str(message), str(suggestion or ""), field))

    @property
    def unread(self):
        """The fields whose cells could not be read."""
        return {problem.field for problem in self.problems} - {""}

    def part_of(self, part):
        """Another entry of the same row."""
        return Entry(self.number, part, cells=self.cells, headings=self.headings)


class Importer:
    """One kind of file. A subclass names its model and fields and answers the questions below.

    An instance serves one run for one person: `prepare` reads what the run needs once (vocabularies, regencies).
    """

    kind = ""  # in addresses and the database, never changed
    label: str | Promise = ""
    model: Any
    permission = ""
    position = 0
    fields: tuple = ()
    # The foreign key to the record on whose page the records stand: it is locked before them, as on every other path.
    owner = ""
    # Models besides its own of which each new record brings rows.
    brings: tuple = ()
    # Headings that are known and fill nothing, with the reason: `((_("…"), ("fax", …)), …)`.
    skipped: tuple = ()
    # Kinds that often share a file with this one: what only they fill is left out here, with a word that says so.
    beside: tuple = ()

    def __init__(self, user, reason=""):
        self.user = user
        self.reason = reason
        # Called in the course of what takes long before any row is done.
        self.goes_on: Callable = lambda: None
        self.by_name = {one.name: one for one in self.fields}
        self.attributes = {one.name: one for one in self.model._meta.concrete_fields}

    @classmethod
    def left_out(cls):
        """`{folded heading: reason}` of what is left out on purpose, in each language of the portal."""
        found = {}
        others = [_importers[kind] for kind in cls.beside if kind in _importers]
        for other in others:
            found.update(_skipped(other))
        for other in others:
            reason = gettext("Belongs to “%(kind)s”: import the same file as that too.") % {"kind": other.label}
            for one in other.fields:
                found.update(dict.fromkeys(one.spellings(), reason))
        return found | _skipped(cls)

    def give(self, **told):
        """Give fields what only the database knows: `regency=(parse, choices)`."""
        self.fields = tuple(
            replace(one, parse=told[one.name][0], choices=lambda names=told[one.name][1]: names)
            if one.name in told
            else one
            for one in self.fields
        )
        self.by_name = {one.name: one for one in self.fields}

    # -- What a subclass answers ---------------------------------------------------------------------

    def prepare(self):
        """Read once what every row needs, and `give` the fields what they need of it."""

    def split(self, entry):
        """The records of one row: usually the row itself, else one entry for each, with `part` telling them apart."""
        return [entry]

    def find(self, entries):
        """Set `record` of each entry that is in the database already, and `key`, equal for entries of one record.

        A fixed number of queries for all of them. Says as a problem where a key is ambiguous or not the person's own.
        """
        raise NotImplementedError

    def check(self, entry):
        """Say every problem of an entry, by rules that need no query. `entry.after` holds what would be written."""

    def title(self, entry):
        """What a person calls the record of an entry."""
        return str(entry.record) if entry.record is not None else ""

    def complete(self, records):
        """Give new records what they need beyond the values of the file, before they are written."""

    def added(self, records):
        """What follows new records, in their transaction: a first status, for instance. They have keys."""

    def changed(self, records):
        """What follows any change, in its transaction: derived columns, for instance. Called for each chunk."""

    def finish(self):
        """What is done once, last in the transaction: data versions, which other writers want too."""

    def restore(self, records, names):
        """Write records that were given former values back."""
        self.update(records, names)

    def remove(self, records):
        """Take back records that a batch created: those that nothing points at are deleted, the others set aside.

        Returns `(deleted keys, set-aside keys, left keys)`. By default what is pointed at is left.
        """
        used = pointed_at(self.model, [record.pk for record in records])
        free = [record for record in records if record.pk not in used]
        delete_with_history(free, by=self.user, reason=self.reason)
        return [record.pk for record in free], [], sorted(used)

    def records(self):
        """Every record that this person may fill: for what is in the register and not in the file."""
        return self.model._default_manager.all()

    def name_of(self, record):
        """What a list calls one of those."""
        return str(record)

    def begin(self, values, parts):
        """A new record with the values of its row."""
        record = self.model(**parts)
        self.write(record, values)
        return record

    def place_of(self, entry):
        """The name under which the totals of the file count an entry: its regency, usually."""
        return ""

    def places(self):
        """`{name: how many records the register holds}` beside those totals."""
        return {}

    # -- The same for all ----------------------------------------------------------------------------

    def attribute(self, name):
        """The model's field that a field of the file fills, or None where it only helps to find the record."""
        return self.attributes.get(name)

    def value_of(self, record, name):
        """What a record holds for a field, as `parse` would give it."""
        return plain(getattr(record, self.attribute(name).attname))

    def versions(self, records):
        """`{key: number}` that changes with every change of a record."""
        if hasattr(self.model, "version"):
            return {record.pk: record.version for record in records}
        manager = history_of(self.model)
        pk = self.model._meta.pk.attname
        found = dict.fromkeys([record.pk for record in records], 0)
        rows = manager.filter(**{f"{pk}__in": list(found)})
        return found | dict(rows.order_by().values_list(pk).annotate(Max("history_id")))

    def version_of(self, record):
        """The same of one record that `find` has read; an importer without a version column reads it there."""
        return record.version

    def lock(self, rows):
        """Take the records that rows of the import are about, in the order of their keys, before any is written.

        Some at a time: for many it takes seconds.
        """
        found = sorted(rows.exclude(found=None).values_list("found", flat=True))
        if self.owner:
            key = self.attribute(self.owner).attname
            owners = {parts[key] for parts in rows.filter(found=None).values_list("parts", flat=True)}
            for keys in _some(found):
                owners.update(self.model._base_manager.filter(pk__in=keys).values_list(key, flat=True))
            self._lock(self.attribute(self.owner).related_model, sorted(owners))
        self._lock(self.model, found)

    def _lock(self, model, ordered):
        for keys in _some(ordered):
            records = model._base_manager.filter(pk__in=keys).order_by("pk").select_for_update(no_key=True)
            list(records.values_list("pk"))
            self.goes_on()

    def filled(self):
        """The models whose tables grow by new records, those of the history among them."""
        models = [self.model, *self.brings]
        return models + [manager.model for manager in map(history_of, models) if manager is not None]

    def taken(self, rows):
        """Keys of the import's rows whose new record has come into the database since the check."""
        return set()

    def barred(self, rows, *, undo=False):
        """Keys of the import's rows whose known record may not be written, though nobody has edited it since.

        With `undo` they are about to be taken back: `before` comes instead of `after`, and new ones are among them.
        """
        return set()

    def create(self, records):
        """Write new records with their history, in a handful of queries."""
        if not records:
            return
        self.complete(records)
        self.model._default_manager.bulk_create(records, batch_size=BATCH)
        self._tell_history(records, update=False)
        self.added(records)

    def update(self, records, names):
        """Write what changed of records that are locked, with their history."""
        if not records:
            return
        columns = {self.attribute(name).name for name in names}
        if hasattr(self.model, "version"):
            columns.add("version")
            for record in records:
                record.version += 1
        # The rows exist and are locked: an insert that always meets its own key is an update by key, and many times
        # as fast as the CASE of bulk_update. What it wrote has its history below.
        self.model._base_manager.bulk_create(
            records, batch_size=BATCH, update_conflicts=True, unique_fields=["pk"], update_fields=sorted(columns)
        )
        self._tell_history(records, update=True)

    def _tell_history(self, records, *, update):
        history_of(self.model).bulk_history_create(
            records,
            batch_size=BATCH,
            update=update,
            default_user=self.user,
            default_change_reason=self.reason[:100],
        )

    def compare(self, entry):
        """Fill `before` and `after` with what the entry would change; everything that is filled in for a new one."""
        for name, value in entry.values.items():
            if self.attribute(name) is None:
                continue
            held = self.value_of(entry.record, name) if entry.record is not None else None
            given = self._as_written(name, value)
            if given != (held if held != "" else None):
                entry.before[name], entry.after[name] = held, given

    def _as_written(self, name, value):
        # Emptied, a field that cannot be unknown holds its default.
        attribute = self.attribute(name)
        given = attribute.get_default() if value is None and not attribute.null else value
        return None if given == "" else given

    def write(self, record, values):
        """Set the values of a record, given as `parse` gives them."""
        for name, given in values.items():
            attribute = self.attribute(name)
            value = attribute.get_default() if given is None and not attribute.null else given
            reader = attribute.target_field if attribute.is_relation else attribute
            setattr(record, attribute.attname, reader.to_python(value))


def _skipped(importer):
    return {
        fold(words): reason
        for reason, headings in importer.skipped
        for heading in headings
        for words in wordings(heading)
    }


def _some(keys):
    for start in range(0, len(keys), LOCKS):
        yield keys[start : start + LOCKS]


def plain(value):
    """A value of a model as JSON knows it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value

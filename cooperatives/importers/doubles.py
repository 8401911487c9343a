"""Rows after which two records of the register would look alike: a person says why they are two, nobody else.

Rows of one file are compared with one another as each is with the register.
"""

from collections import defaultdict
from dataclasses import dataclass

from django.utils.translation import gettext

from cooperatives.importers.finding import IDENTITY, MOST_SHOWN, Identity
from cooperatives.public_fields import address_of

# Of one name in one place more rows are a column that was taken for the name.
MOST_ALIKE = 50


@dataclass(frozen=True, slots=True)
class Before:
    """A row before in the file that brings a cooperative, or makes another of a known one."""

    number: int
    identity: Identity
    key: object
    pk: int | None


class RowsBefore:
    """What the rows before say, so that two rows of a file are compared as a row and the register are."""

    def __init__(self):
        self._alike = defaultdict(lambda: defaultdict(dict))
        self._givers = {}

    def like(self, identity):
        """Rows before that resemble this, in their order."""
        found = {}
        for what, regency in self._traits(identity):
            places = self._alike[what]
            near = places if regency is None else {regency, None} & places.keys()
            for place in near:
                found |= {row.number: row for row in places[place].values() if row.identity.resembles(identity)}
        return [found[number] for number in sorted(found)]

    def add(self, row):
        """Remember a row. A second one about the same record is refused as that, not as a double."""
        for what, regency in self._traits(row.identity):
            rows = self._alike[what][regency]
            if len(rows) < MOST_ALIKE:
                rows.setdefault(row.key or row.pk, row)

    def giver_of(self, number, row):
        """The row that gave this registration number to a record first: a number that this row may be."""
        return self._givers.setdefault(number, row)

    @staticmethod
    def _traits(identity):
        # A name in its regency, a legal number anywhere.
        traits = (("name", identity.key), identity.regency), (("legal", identity.legal), None)
        return [trait for trait in traits if trait[0][1]]


class Doubles:
    """Judges the rows of one file in their order. `column` is what the column with the reason is called."""

    def __init__(self, column):
        self.column = column
        self.before = RowsBefore()

    def look_at_new(self, entry, alike, identity):
        """A new record needs a reason where others resemble it; `parts` keeps who they are and why it is another."""
        self._refuse_given_number(entry)
        rows = [row for row in self.before.like(identity) if row.key != entry.key]
        self.before.add(Before(entry.number, identity, entry.key, None))
        entry.doubles = [{"name": _in_register(known), "url": address_of(known.pk)} for known in alike]
        entry.doubles += [{"name": _in_file(row)} for row in rows]
        if not entry.doubles:
            return
        why = entry.values.get("distinct_reason")
        if not why:
            words = gettext(
                "Perhaps there already: %(names)s. Give the number by which it is known, or say in “%(column)s” how you"
                " know that this is another cooperative."
            )
            names = _first([double["name"] for double in entry.doubles])
            entry.refuse(words % {"names": names, "column": self.column}, field="name")
        known = {one.pk for one in alike} | {row.pk for row in rows if row.pk}
        entry.parts |= {"distinct": sorted(known), "rows": [row.number for row in rows if not row.pk], "why": why}

    def look_at_change(self, entry, answer, now):
        """A known record that comes to resemble one that it did not resemble before is changed on its own page."""
        self._refuse_given_number(entry)
        held = answer.known.identity
        if now == held:
            return
        others = [(one.identity, _in_register(one)) for one in answer.alike]
        others += [(row.identity, _in_file(row)) for row in self.before.like(now) if row.pk != entry.record.pk]
        told = [name for other, name in others if now.resembles(other) and not held.resembles(other)]
        self.before.add(Before(entry.number, now, None, entry.record.pk))
        if told:
            words = gettext(
                "With this change it would look like another: %(names)s. Change it on the cooperative's own page, where"
                " you can say why they are two."
            )
            differs = (now.key != held.key, now.regency != held.regency, True)
            field = next(name for name, differ in zip(IDENTITY, differs, strict=True) if differ)
            entry.refuse(words % {"names": _first(told)}, field=field)

    def _refuse_given_number(self, entry):
        """Two rows about one new record are refused as that; here one of the two is about a known one."""
        number, record = entry.values.get("nomor_induk_koperasi"), entry.record
        if not number or (record is not None and record.nomor_induk_koperasi == number):
            return
        row = (entry.number, record is not None)
        first = self.before.giver_of(number, row)
        if first != row and (first[1] or row[1]):
            words = gettext("Row %(number)s gives this number to another cooperative. Correct one of the two.")
            entry.refuse(words % {"number": first[0]}, field="nomor_induk_koperasi")


def _in_register(known):
    return f"{known.name} ({known.pk})"


def _in_file(row):
    return gettext("row %(number)s of the file") % {"number": row.number}


def _first(names):
    return ", ".join(names[:MOST_SHOWN])

"""Members of boards from a spreadsheet: a row for each person, or a column for each office as regencies keep them."""

import re
from collections import defaultdict

from django.db.models import F
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.models import DataVersion
from common.text import fold
from cooperatives.importers import words
from cooperatives.importers.columns import KEYS, SKIPPED, email
from cooperatives.importers.finding import Owners
from cooperatives.importers.words import exported_member
from cooperatives.models import BoardMember
from imports.cells import CellRefused, blank_if_dash, text, year
from imports.importer import Field, Importer, register
from imports.words import choice, labels

Position = BoardMember.Position
_PHONE = re.compile(r"(?:\b(?:no|nomor|hp|tel|telp|tlp|telepon|wa)\b[ .:/]*)*(\+?[(0-9][0-9 ().\-]{5,})", re.IGNORECASE)
MOST_OF_PHONE, MOST_DIGITS_OF_NAME = 30, 3
# An office that has a column of its own: "NAMA KETUA", or "NAMA/NO. TELP KETUA" with the phone in the same cell.
OFFICES = {
    Position.CHAIR: ("ketua",),
    Position.SECRETARY: ("sekretaris",),
    Position.TREASURER: ("bendahara",),
    Position.SUPERVISOR: ("pengawas",),
    Position.MANAGER: ("nama manager", "nama manajer"),
}
SYNONYMS = {
    Position.SUPERVISOR_CHAIR: ("ketua pengawas", "ketua badan pengawas"),
    Position.SUPERVISOR: ("anggota pengawas", "badan pengawas"),
    Position.VICE_CHAIR: ("wakil ketua i", "wakil"),
    Position.MANAGER: ("manager",),
}


def name_and_phone(cell):
    """ "Budi / 0812 3456 7890" as a name and a phone, joined by a line feed: a phone never stays in the public name."""
    typed = text(200)(cell)
    phone = " / ".join(_tidy(found) for found in _PHONE.findall(typed) if any(map(str.isdigit, found)))
    name = " ".join(_PHONE.sub(" ", typed).split()).strip(" /,;:-()")
    is_name = any(letter.isalpha() for letter in name) and sum(map(str.isdigit, name)) <= MOST_DIGITS_OF_NAME
    if not is_name or len(name) > 120 or len(phone) > MOST_OF_PHONE:
        raise CellRefused(_("A name is expected, with its phone behind it where there is one."))
    return f"{name}\n{phone}"


def _tidy(phone):
    phone = phone.strip(" .-")
    return phone[1:-1].strip() if phone.startswith("(") and phone.find(")") == len(phone) - 1 else phone


def _office(position, names):
    before = ("", "nama ", "nama no telp ", "nama telp ", "pengurus ", "nama pengurus ")
    headings = [f"{words}{name}" for name in names for words in before]
    return Field(position.value, position.label, tuple(headings), blank_if_dash(name_and_phone), private=True)


FIELDS = (
    *KEYS,
    Field("member", _("name of the board member"), ("nama pengurus", "nama lengkap"), blank_if_dash(name_and_phone)),
    Field(
        "position",
        exported_member("position_label"),
        ("posisi",),
        blank_if_dash(choice(Position.choices, SYNONYMS)),
        choices=lambda: labels(Position.choices),
    ),
    Field(
        "term_from", exported_member("term_from"), ("mulai menjabat", "periode mulai"), blank_if_dash(year), once=True
    ),
    Field(
        "term_until", exported_member("term_until"), ("akhir jabatan", "periode akhir"), blank_if_dash(year), once=True
    ),
    Field("phone", _("phone (private)"), ("no telp", "telepon", "no hp", "hp"), blank_if_dash(text(30)), private=True),
    Field("email", _("e-mail (private)"), ("email", "surel"), blank_if_dash(email), private=True),
    *(_office(position, names) for position, names in OFFICES.items()),
)
NAMES_OF_OWNERS = tuple(one.name for one in KEYS)


@register
class BoardImporter(Importer):
    """Who leads and supervises cooperatives that are in the register already. Nobody is taken out by an import."""

    kind = "pengurus"
    label = _("board members")
    model = BoardMember
    permission = "cooperatives.add_boardmember"
    position = 30
    fields = FIELDS
    owner = "cooperative"
    beside = ("koperasi", "laporan-tahunan")
    skipped = SKIPPED

    def prepare(self):
        self.give(regency=words.regencies())
        self.owners = Owners(self.user)

    def split(self, entry):
        """An entry for each person of the row."""
        values = entry.values
        owner = {name: values[name] for name in NAMES_OF_OWNERS if name in values}
        common = {name: values[name] for name in ("term_from", "term_until") if name in values}
        people = {}
        if values.get("member") or values.get("position") or entry.unread & {"member", "position"}:
            own = {name: values[name] for name in ("position", "phone", "email") if name in values}
            people[""] = _named(values.get("member")) | own
        for position in OFFICES:
            if values.get(position.value) or position.value in entry.unread:
                people[position.value] = _named(values.get(position.value)) | {"position": position.value}
        # Where nobody is named the row says nothing about a board, unless a cell of it could not be read.
        if not people:
            return [entry] if entry.problems else []
        found = []
        for part, own in people.items():
            made = entry.part_of(part)
            made.values, made.person = owner, common | own
            made.problems = [problem for problem in entry.problems if _concerns(problem.field, part)]
            found.append(made)
        return found

    def find(self, entries):
        self.owners.settle(entries)
        keys = {entry.owner.pk for entry in entries if entry.owner}
        known, offices = defaultdict(list), {}
        members = BoardMember.objects.filter(cooperative__in=keys)
        for member in members.order_by(F("term_from").asc(nulls_first=True), "pk"):
            known[member.cooperative_id, member.position, fold(member.name)].append(member)
            offices[member.cooperative_id, member.position] = member
        self.seen = self.versions([member for terms in known.values() for member in terms])
        for entry in entries:
            person = getattr(entry, "person", {})
            # From here on an entry speaks of the person; which cooperative was meant is settled.
            entry.values = {"name" if name == "member" else name: value for name, value in person.items()}
            if entry.owner is None or not person.get("member") or not person.get("position"):
                continue
            office = (entry.owner.pk, person["position"])
            entry.key = (*office, fold(person["member"]))
            entry.record = _term_of(known[entry.key], person)
            if entry.record is not None:
                # Recognised by it, however the file writes it: the register's own spelling stays.
                entry.values["name"] = entry.record.name
            elif person["position"] in SINGLE and (holder := offices.get(office)):
                entry.doubles = [{"name": f"{holder.get_position_display()}: {holder.name}"}]

    def version_of(self, record):
        return self.seen[record.pk]

    def check(self, entry):
        for name in ("name", "position"):
            if entry.owner is not None and not entry.values.get(name):
                field = "member" if name == "name" else name
                if not entry.unread & {field, entry.part}:
                    entry.refuse(gettext("This must be filled in."), field=field)
        begin, end = (entry.values.get(name, getattr(entry.record, name, None)) for name in ("term_from", "term_until"))
        if begin and end and end < begin:
            entry.refuse(gettext("A term must not end before it begins."), field="term_until")

    def title(self, entry):
        name = entry.values.get("name") or ""
        return f"{name}, {entry.owner.name}" if entry.owner is not None else name

    def records(self):
        own = Owners(self.user).records().order_by().values("pk")
        return BoardMember.objects.filter(cooperative__in=own).select_related("cooperative")

    def name_of(self, record):
        return f"{record.get_position_display()}: {record.name}, {record.cooperative}"

    def taken(self, rows):
        keys = {(row.parts["cooperative_id"], row.after["position"], fold(row.after["name"])): row.pk for row in rows}
        there = BoardMember.objects.filter(cooperative__in={owner for owner, _position, _name in keys})
        found = {(owner, position, fold(name)) for owner, position, name in there.values_list(*KEY)}
        return {keys[key] for key in found if key in keys} | self.owners.gone(rows)

    def barred(self, rows, *, undo=False):
        return self.owners.gone(rows)

    def changed(self, records):
        self.owners.published([record.cooperative_id for record in records])

    def remove(self, records):
        deleted, set_aside, left = super().remove(records)
        self.changed([record for record in records if record.pk in set(deleted)])
        return deleted, set_aside, left

    def finish(self):
        DataVersion.bump("cooperatives")


def _named(person):
    """What a name with its phone fills."""
    name, _line, phone = (person or "").partition("\n")
    return ({"member": name} if name else {}) | ({"phone": phone} if phone else {})


def _concerns(field, part):
    """Whether a problem of a field keeps this person of the row out: that of another's office does not."""
    if field in OFFICES:
        return field == part
    return not part or field not in {"member", "position", "phone", "email"}


def _term_of(terms, person):
    """Of the same person's terms in one office the one that begins alike, else the newest; None where there is none."""
    begun = person.get("term_from")
    alike = [member for member in terms if begun and member.term_from == begun]
    return (alike or terms or [None])[-1]


KEY = ("cooperative_id", "position", "name")
# Offices that one person holds at a time: whoever holds it is shown beside a newcomer.
SINGLE = {Position.CHAIR, Position.SECRETARY, Position.TREASURER}

"""Which cooperative a row of a file is about: by its registration number, else its legal number, else its name.

Nothing is guessed: a number that belongs to another, a name that two bear, a record of another office are said.
"""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext

from common.text import fold
from cooperatives import spelling
from cooperatives.models import Cooperative, Form
from cooperatives.summary import refresh_summary

COLUMNS = (
    "pk",
    "nomor_induk_koperasi",
    "legal_number",
    "name",
    "name_key",
    "regency_id",
    "form__responsible_level",
)
# By what a record resembles others, in the order of Identity.of.
IDENTITY = ("name", "regency", "legal_number")
MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Identity:
    """By what records resemble one another, as cooperatives.duplicates has it."""

    key: str
    regency: int | None
    legal: str

    @classmethod
    def of(cls, name, regency, legal_number):
        return cls(spelling.name_key(name or "")[:200], regency, legal_number or "")

    def resembles(self, other):
        one_place = None in (self.regency, other.regency) or self.regency == other.regency
        return bool((self.key and self.key == other.key and one_place) or (self.legal and self.legal == other.legal))


@dataclass(frozen=True)
class Known:
    """What is needed of a cooperative of the register to recognise it."""

    pk: int
    number: str | None
    legal_number: str
    name: str
    name_key: str
    regency: int | None
    level: str | None

    @property
    def identity(self):
        return Identity(self.name_key, self.regency, self.legal_number)

    def is_kept_by(self, user):
        """Whether this person may fill the record: an officer those under the own office."""
        if not user.regency_id:
            return True
        return self.regency == user.regency_id and self.level in (None, Form.Level.REGENCY)


@dataclass
class Answer:
    """What was found: the one record and by which field, or why it cannot be said; and others that resemble it."""

    known: Known | None = None
    by: str = ""
    alike: list = field(default_factory=list)
    refusal: tuple | None = None  # (field, message)


class Finder:
    """Recognises cooperatives for one run; a fixed number of queries for any number of rows."""

    def __init__(self, user):
        self.user = user

    def answers(self, entries, *, besides=frozenset()):
        """One Answer for each entry, from its `values`; as if the records `besides` were not there."""
        asked = [self._keys(entry.values) for entry in entries]
        pool = self._pool(asked, besides)
        return [self._answer(keys, pool) for keys in asked]

    def _keys(self, values):
        name = values.get("name") or ""
        return {
            "portal": values.get("portal"),
            "number": values.get("nomor_induk_koperasi") or None,
            "legal": values.get("legal_number") or "",
            "fold": fold(name),
            "key": spelling.name_key(name)[:200] if name else "",
            "regency": values.get("regency") or self.user.regency_id,
        }

    def _pool(self, asked, besides):
        rows = Cooperative.objects.in_register().order_by()
        found = {}
        for lookup, name in (
            ("nomor_induk_koperasi__in", "number"),
            ("legal_number__in", "legal"),
            ("name_key__in", "key"),
        ):
            wanted = {keys[name] for keys in asked} - {None, ""}
            if wanted:
                for row in rows.filter(**{lookup: wanted}).values_list(*COLUMNS):
                    if row[0] not in besides:
                        found[row[0]] = Known(*row)
        pool: dict = {"number": {}, "legal": defaultdict(list), "key": defaultdict(list)}
        for known in sorted(found.values(), key=lambda known: known.pk):
            if known.number:
                pool["number"][known.number] = known
            if known.legal_number:
                pool["legal"][known.legal_number].append(known)
            pool["key"][known.name_key].append(known)
        return pool

    def _answer(self, keys, pool):
        if not (keys["number"] or keys["legal"] or keys["key"]):
            words = gettext("Which cooperative? Fill in its name, its Nomor Induk Koperasi or its legal number.")
            return Answer(refusal=("name", words))
        registered = pool["legal"][keys["legal"]] if keys["legal"] else []
        named = [known for known in pool["key"][keys["key"]] if keys["key"] and _may_lie_in(keys["regency"], known)]
        answer = self._recognised(keys, pool, registered, named) or Answer()
        alike = {known.pk: known for known in (*named, *registered) if known != answer.known}
        answer.alike = list(alike.values())
        return answer

    def _recognised(self, keys, pool, registered, named):
        if keys["number"] and (known := pool["number"].get(keys["number"])):
            return self._own(known, "nomor_induk_koperasi")
        # Whoever bears another registration number is another cooperative.
        fitting = [known for known in registered if _may_lie_in(keys["regency"], known) and not _differs(keys, known)]
        if found := self._one_of(fitting, keys, "legal_number"):
            return found
        fitting = [
            known
            for known in named
            if known.regency == keys["regency"]
            and fold(known.name) == keys["fold"]
            and not _differs(keys, known)
            and not (keys["legal"] and known.legal_number)
        ]
        return self._one_of(fitting, keys, "name")

    def _one_of(self, candidates, keys, by):
        if len(candidates) > 1:
            told = [known for known in candidates if known.pk == keys["portal"]]
            if by == "legal_number":
                told = told or [known for known in candidates if keys["fold"] and fold(known.name) == keys["fold"]]
            if len(told) != 1:
                names = ", ".join(f"{known.name} ({known.pk})" for known in candidates[:MOST_SHOWN])
                return Answer(
                    refusal=(
                        by,
                        gettext(
                            "Several records of the register fit: %(names)s. Give the Nomor Induk Koperasi, or the"
                            " address of the record's page in a column of its own."
                        )
                        % {"names": names},
                    )
                )
            candidates = told
        return self._own(candidates[0], by) if candidates else None

    def _own(self, known, by):
        if known.is_kept_by(self.user):
            return Answer(known=known, by=by)
        return Answer(refusal=(by, gettext("This cooperative is kept by another office. Leave the row out.")))


def _may_lie_in(regency, known):
    return regency is None or known.regency in (None, regency)


def _differs(keys, known):
    return bool(keys["number"] and known.number)


class Owners:
    """The cooperatives on whose pages the rows of a file stand: yearly returns, members of the board."""

    def __init__(self, user):
        self.user = user
        self.finder = Finder(user)

    def settle(self, entries):
        """Give each entry its `owner`, None where a problem was said."""
        answers = self.finder.answers(entries)
        found = Cooperative.objects.in_bulk([answer.known.pk for answer in answers if answer.known])
        for entry, answer in zip(entries, answers, strict=True):
            entry.owner = found[answer.known.pk] if answer.known else None
            if answer.refusal:
                name, message = answer.refusal
                entry.refuse(message, field=name)
                entry.is_settled = False
            elif entry.owner is None:
                near = ", ".join(f"{known.name} ({known.pk})" for known in answer.alike[:MOST_SHOWN])
                words = gettext("This cooperative is not in the register. Import it first, or correct name and number.")
                field = next((name for name in ("name", "nomor_induk_koperasi") if name in entry.cells), "legal_number")
                entry.refuse(words, field=field, suggestion=near)
            else:
                entry.parts = {"cooperative_id": entry.owner.pk}

    def records(self):
        return Cooperative.objects.editable_by(self.user)

    def gone(self, rows):
        """Keys of the rows whose cooperative this person may not fill any more."""
        kept = set(self.records().filter(pk__in=[_owner(row) for row in rows]).values_list("pk", flat=True))
        return {row.pk for row in rows if _owner(row) not in kept}

    def published(self, keys):
        """What follows a change on the page of these cooperatives: their version covers it, derived columns follow."""
        # bare update: the history is that of the rows of their pages.
        Cooperative.objects.filter(pk__in=keys).update(version=F("version") + 1, updated_at=timezone.now())
        refresh_summary(keys)


def _owner(row):
    return row.parts["cooperative_id"]

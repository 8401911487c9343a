"""Cooperatives from a spreadsheet: new ones with their first status, changes of known ones, statuses by their verb."""

import hashlib
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.dates import today
from common.history import delete_with_history
from common.models import DataVersion, pointed_at
from common.text import fold
from cooperatives.importers import words
from cooperatives.importers.columns import COOPERATIVE_FIELDS, COOPERATIVE_SKIPPED
from cooperatives.importers.doubles import Doubles
from cooperatives.importers.finding import IDENTITY, Finder, Identity
from cooperatives.many_statuses import Step, add_periods, periods_of, record_statuses, withdraw_newest
from cooperatives.models import (
    Cooperative,
    DistinctPair,
    Form,
    Group,
    Kind,
    Sector,
    Status,
    StatusPeriod,
    StepRefused,
    rules_on,
)
from cooperatives.models.status import place
from cooperatives.problems import earliest_of, founding_problem, problems_of
from cooperatives.summary import DERIVED, derive, set_derived
from imports.importer import Entry, Importer, register
from imports.models import ImportRefused
from regions.models import Regency

OF_STATUS = ("status", "status_since", "status_basis")
# A value for the whole file in these speaks of its new records.
FOR_NEW = ("status", "regency")
# Columns that change without anybody editing the record.
NOT_OWN = {"version", "updated_at", *DERIVED}
# Rules that speak of one field because of another: the file may have touched that one, or it could not be read.
TOGETHER = {
    "legal_on": {"founded_on"},
    "certificate_valid_until": {"certificate_on"},
    "first_since": {"status_since", "founded_on"},
    "health_source": {"health"},
    "latitude": {"longitude"},
    "longitude": {"latitude"},
    "village": {"is_merah_putih"},
}
# Published coordinates are rounded to two decimals.
ROUNDED = Decimal("0.005")


@register
class CooperativeImporter(Importer):
    """The register itself. Rules are those of the admin's form; a row without a record becomes one."""

    kind = "koperasi"
    label = _("cooperatives")
    model = Cooperative
    permission = "cooperatives.add_cooperative"
    position = 10
    fields = COOPERATIVE_FIELDS
    skipped = COOPERATIVE_SKIPPED
    beside = ("laporan-tahunan", "pengurus")
    brings = (StatusPeriod,)

    # -- Before ----------------------------------------------------------------------------------------

    def prepare(self):
        self.give(
            regency=words.regencies(),
            form=words.vocabulary(Form),
            kind=words.vocabulary(Kind),
            group=words.vocabulary(Group),
            sector=words.vocabulary(Sector),
        )
        self.finder = Finder(self.user)
        self.rules = rules_on(today())
        self.forms, self.regencies = Form.objects.in_bulk(), Regency.objects.defer("boundary").in_bulk()
        self.by_code = {
            name: {getattr(regency, name): regency.pk for regency in self.regencies.values()}
            for name in ("kemendagri_code", "bps_code")
        }
        self.may_set_status = self.user.has_perm("cooperatives.set_status")
        self.is_demo = DataVersion.demo_is_in()
        self.facts = [one.name for one in self.fields if self.attribute(one.name) and one.name not in OF_STATUS]
        self.doubles = Doubles(self.by_name["distinct_reason"].label)
        # Which record became of which row, and all of these records.
        self.made: dict = {}
        self.new_keys: set = set()
        self.own = [one for one in Cooperative._meta.concrete_fields if one.name not in NOT_OWN]

    def find(self, entries):
        for entry in entries:
            self._settle_regency(entry)
        answers = self.finder.answers(entries)
        records = Cooperative.objects.in_bulk([answer.known.pk for answer in answers if answer.known])
        versions = self.versions(list(records.values()))
        periods = periods_of(list(records)) if any("status" in entry.values for entry in entries) else {}
        founding = any("founded_on" in entry.values for entry in entries)
        self.earliest = earliest_of(list(records)) if founding else {}
        for entry, answer in zip(entries, answers, strict=True):
            if "health_source" not in entry.cells and not entry.values.get("health"):
                # Said for the whole file, it is the source of what the file rates.
                entry.values.pop("health_source", None)
            if answer.refusal:
                name, message = answer.refusal
                entry.refuse(message, field=name)
                entry.is_settled = False
            elif answer.known:
                entry.record = records[answer.known.pk]
                entry.record.seen = versions[answer.known.pk]
                entry.record.periods = periods.get(answer.known.pk, [])
                self._settle_known(entry, answer)
            else:
                self._begin_new(entry, answer.alike)

    def _settle_regency(self, entry):
        """Name and codes must mean one regency; where none is said, an officer's own."""
        said = {"regency": entry.values["regency"]} if entry.values.get("regency") else {}
        for name, known in self.by_code.items():
            code = entry.values.pop(name, None)
            if code is not None and code not in known:
                entry.refuse(gettext("No regency of the register has this code."), field=name)
            elif code is not None:
                said[name] = known[code]
                entry.cells.setdefault("regency", entry.cells[name])
        meant = set(said.values())
        if len(meant) > 1:
            told = ", ".join(f"{entry.headings[name]}: {self.regencies[pk].name}" for name, pk in said.items())
            words_ = gettext("Name and codes mean different regencies: %(names)s. Correct one of them.")
            entry.refuse(words_ % {"names": told}, field=next(iter(said)))
        elif meant:
            entry.values["regency"] = meant.pop()
        elif self.user.regency_id and "regency" not in entry.values:
            entry.values["regency"] = self.user.regency_id
            entry.cells.pop("regency", None)

    def _settle_known(self, entry, answer):
        values, record = entry.values, entry.record
        for name in (*FOR_NEW, *(() if "status" in entry.cells else OF_STATUS)):
            if name not in entry.cells:
                values.pop(name, None)
        if answer.by == "name":
            # Recognised by it, however the file writes it: the register's own spelling stays.
            del values["name"]
        now = Identity.of(*(values.get(name, getattr(record, self.attribute(name).attname)) for name in IDENTITY))
        self.doubles.look_at_change(entry, answer, now)

    def _begin_new(self, entry, alike):
        values = entry.values
        name, regency, legal = values.get("name") or "", values.get("regency"), values.get("legal_number")
        if number := values.get("nomor_induk_koperasi"):
            entry.key = ("number", number)
        else:
            entry.key = ("legal", legal, regency) if legal else ("name", fold(name), regency)
        if name:
            entry.parts = {"row": entry.number, "basis": values.get("status_basis") or ""}
            self.doubles.look_at_new(entry, alike, Identity.of(name, regency, legal))

    def versions(self, records):
        """A fingerprint of a record's own columns and its statuses.

        Not the `version`, nor the history: both tell of its returns and its board as well.
        """
        keys = [record.pk for record in records]
        periods = StatusPeriod.history.filter(cooperative__in=keys).order_by().values_list("cooperative_id")
        newest = dict(periods.annotate(Max("history_id")))
        return {record.pk: self._fingerprint(record, newest.get(record.pk)) for record in records}

    def _fingerprint(self, record, newest):
        values = [str(getattr(record, one.attname)) for one in self.own]
        digest = hashlib.sha256("\x1f".join([*values, str(newest)]).encode()).digest()
        # As many bits as a column of whole numbers holds.
        return int.from_bytes(digest[:8]) >> 1

    def version_of(self, record):
        return record.seen

    def compare(self, entry):
        super().compare(entry)
        record, after = entry.record, entry.after
        if record is None:
            return
        for name in ("latitude", "longitude"):
            # What was published rounded and comes back so is no news.
            held, given = getattr(record, name), after.get(name)
            if held is not None and given is not None and _is_rounding(Decimal(given), held):
                del entry.before[name], after[name]
        if "status" in after:
            entry.before["status_since"] = self.value_of(record, "status_since")
            after["status_since"] = entry.values.get("status_since")
            after["status_basis"] = entry.values.get("status_basis") or self.reason
        elif "status_since" in after and "status_since" not in entry.cells:
            # Said for the whole file, it is the day of those that change.
            del entry.before["status_since"], after["status_since"]
        elif "status_since" in after and "status" not in entry.unread:
            words_ = gettext("The day from which a status holds is corrected on the cooperative's own page.")
            entry.refuse(words_, field="status_since")

    def check(self, entry):
        if not entry.after:
            return
        record, unread = entry.record, entry.unread
        held = self._held(record) if record is not None else {"regency": None}
        before = problems_of(held)
        for name, message in problems_of(held | self._given(entry.after), user=self.user, unread=unread).items():
            about = {name} | TOGETHER.get(name, set())
            # What was wrong before is no fault of this file; what could not be read may be right.
            if not about & unread and (name not in before or about & entry.after.keys()):
                entry.refuse(message, field="status_since" if name == "first_since" else name)
        if record is not None and entry.after.get("founded_on"):
            founded_on = date.fromisoformat(entry.after["founded_on"])
            if problem := founding_problem(founded_on, self.earliest[record.pk]):
                entry.refuse(problem, field="founded_on")
        if "status" in entry.after:
            self._check_status(entry)

    def _held(self, record):
        facts = {name: getattr(record, self.attribute(name).attname) for name in self.facts}
        return facts | {"form": self.forms.get(record.form_id), "regency": self.regencies.get(record.regency_id)}

    def _given(self, after):
        facts = {}
        for name, value in after.items():
            if name in ("form", "regency"):
                facts[name] = (self.forms if name == "form" else self.regencies).get(value)
            elif (attribute := self.attribute(name)) and not attribute.is_relation:
                facts[name] = attribute.to_python(value)
        return facts | {"first_since": facts.pop("status_since", None)}

    def _check_status(self, entry):
        status, since = entry.after["status"], entry.after.get("status_since")
        if status is None:
            return
        if entry.record is not None and not self.may_set_status:
            entry.refuse(gettext("You may not record a status. Leave this column out."), field="status")
        elif status == Status.MERGED:
            words_ = gettext("A merger names the cooperative that goes on: record it on the cooperative's own page.")
            entry.refuse(words_, field="status")
        elif entry.record is not None:
            try:
                _previous, following = place(entry.record.periods, status, _day(since))
            except StepRefused as refused:
                entry.refuse(refused, field="status" if since else "status_since")
            else:
                if following is not None:
                    words_ = gettext("A later status is on record. Record this one on the cooperative's own page.")
                    entry.refuse(words_, field="status_since")

    # -- For whoever looks -----------------------------------------------------------------------------

    def title(self, entry):
        return entry.values.get("name") or super().title(entry)

    def place_of(self, entry):
        held = entry.record.regency_id if entry.record is not None else None
        regency = self.regencies.get(entry.values.get("regency") or held)
        return regency.name if regency else gettext("(no regency)")

    def places(self):
        rows = self.records().order_by().values_list("regency").annotate(Count("pk"))
        return {self.regencies[pk].name if pk else gettext("(no regency)"): count for pk, count in rows}

    def records(self):
        return Cooperative.objects.editable_by(self.user).select_related("regency")

    def name_of(self, record):
        return f"{record} ({record.regency})" if record.regency_id else str(record)

    # -- Writing ---------------------------------------------------------------------------------------

    def taken(self, rows):
        """Those whose cooperative, or one that resembles it, has come into the register since the check."""
        entries = [Entry(row.number, values=row.after) for row in rows]
        answers = self.finder.answers(entries, besides=self.new_keys)
        own, found = self.user.regency_id, set()
        for row, answer in zip(rows, answers, strict=True):
            others = {known.pk for known in [*answer.alike, *([answer.known] if answer.known else [])]}
            # Whoever said that it is another one than those meant those.
            news = others - set(row.parts.get("distinct", []))
            if news or answer.refusal or (own and row.after.get("regency") != own):
                found.add(row.pk)
        return found

    def barred(self, rows, *, undo=False):
        """Those whose number another record has by now, and those that this person may not change any more."""
        gives = {row.pk: (row.before if undo else row.after).get("nomor_induk_koperasi") for row in rows}
        numbers = set(gives.values()) - {None}
        taken = Cooperative.objects.in_register().filter(nomor_induk_koperasi__in=numbers)
        holders = dict(taken.values_list("nomor_induk_koperasi", "pk"))
        found = {row.pk for row in rows if holders.get(gives[row.pk], row.found) != row.found}
        own = set(self.records().filter(pk__in=[row.found for row in rows]).values_list("pk", flat=True))
        return found | {
            row.pk for row in rows if row.found not in own or ("status" in row.after and not self.may_set_status)
        }

    def begin(self, values, parts):
        record: Any = Cooperative()
        self.write(record, values)
        record.status, record.status_since, record.step = values["status"], _day(values.get("status_since")), None
        record.parts = parts
        return record

    def write(self, record, values):
        super().write(record, {name: value for name, value in values.items() if name not in OF_STATUS})
        record.step = None
        if status := values.get("status"):
            basis = values.get("status_basis") or self.reason
            record.step = Step(status, _day(values.get("status_since")), basis)

    def complete(self, records):
        for record in records:
            record.is_demo = self.is_demo
            period = (record.status, record.status_since)
            for name, value in derive(record, names=[], period=period, returns=[], rules=self.rules).items():
                setattr(record, name, value)

    def added(self, records):
        first = [
            StatusPeriod(
                cooperative=record,
                status=record.status,
                since=record.status_since,
                basis=record.parts["basis"] or self.reason,
                by=self.user,
            )
            for record in records
        ]
        add_periods(first, by=self.user)
        self.made |= {record.parts["row"]: record.pk for record in records}
        self.new_keys |= {record.pk for record in records}
        self._say_distinct([record for record in records if "why" in record.parts])

    def _say_distinct(self, records):
        if not records:
            return
        others = {other for record in records for other in record.parts["distinct"]}
        there = set(Cooperative.objects.filter(pk__in=others).values_list("pk", flat=True))
        pairs = {}
        for record in records:
            rows = [self.made.get(row) for row in record.parts["rows"]]
            for other in [*there.intersection(record.parts["distinct"]), *filter(None, rows)]:
                pairs[min(record.pk, other), max(record.pk, other)] = record.parts["why"]
        DistinctPair.objects.bulk_create(
            [DistinctPair(lower_id=one, higher_id=two, reason=why, by=self.user) for (one, two), why in pairs.items()],
            ignore_conflicts=True,
        )

    def update(self, records, names):
        if not records:
            return
        for record in records:
            record.updated_at = timezone.now()
        set_derived(records, self.rules)
        super().update(records, set(names) - set(OF_STATUS) | {*DERIVED, "updated_at"})

    def changed(self, records):
        steps = {record.pk: record.step for record in records if record.step}
        refused = record_statuses(steps, by=self.user).refused if steps else []
        for cooperative, why in refused:
            raise ImportRefused("%(name)s: %(why)s", name=cooperative, why=why)

    def restore(self, records, names):
        # The former status is the one that the newest period cut short.
        withdraw_newest([record.pk for record in records if record.step], reason=self.reason, by=self.user)
        for record in records:
            record.step = None
        self.update(records, names)

    def remove(self, records):
        keys = [record.pk for record in records]
        used = pointed_at(Cooperative, keys, besides=(StatusPeriod, DistinctPair))
        used |= set(StatusPeriod.objects.filter(successor__in=keys).values_list("successor_id", flat=True))
        free = [record for record in records if record.pk not in used]
        delete_with_history(list(StatusPeriod.objects.filter(cooperative__in=free)), by=self.user, reason=self.reason)
        DistinctPair.objects.filter(lower__in=free).delete()
        DistinctPair.objects.filter(higher__in=free).delete()
        delete_with_history(free, by=self.user, reason=self.reason)
        voided = [record for record in records if record.pk in used and not record.blockers()]
        for record in voided:
            record.voided_at, record.void_reason = timezone.now(), self.reason
        self.update(voided, {"voided_at", "void_reason"})
        left = used - {record.pk for record in voided}
        return [record.pk for record in free], [record.pk for record in voided], sorted(left)

    def finish(self):
        DataVersion.bump("cooperatives")


def _day(text):
    return date.fromisoformat(text) if text else None


def _is_rounding(given, held):
    return given == round(given, 2) and abs(held - given) <= ROUNDED

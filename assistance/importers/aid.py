"""Lists of old aid from a spreadsheet: one package a row, entered as data historis.

Nothing is guessed: an unknown kind, regency or cooperative is refused. The same kind, recipient, year, regency and SK
number is the same package; a file never changes one that is on record, its own page does.
"""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from simple_history.utils import bulk_create_with_history

from assistance.importers.columns import FIELDS, RECIPIENT
from assistance.importers.keys import (
    Told,
    day_of_paper,
    may_be_cooperative,
    of_paper,
    of_programme,
    of_recipient,
    package_key,
    parts_of,
)
from assistance.models import (
    SUBJECT,
    AidKind,
    AmountRow,
    Document,
    Package,
    PackageDocument,
    PackageStep,
    Programme,
    Recipient,
)
from assistance.models.package import MOST_UNITS
from assistance.procedure import complete
from assistance.stages import DELIVERED, PUBLIC, WAY, Paper, Stage
from common.dates import today
from common.history import delete_with_history
from common.models import DataVersion, pointed_at
from common.text import fold
from cooperatives.importers.finding import Finder
from cooperatives.models import Cooperative
from imports.importer import BATCH, Importer, register
from imports.words import named
from regions.models import Regency

# What a programme is called where the list names only year or source of money.
UNNAMED = "Program tidak disebut"
MONEY = ("contracted_amount", "realised_amount")
# What a row that is recognised must agree in.
AGREES = ("quantity", "unit_price", *MONEY)
PAPERS = ((Paper.SK, "sk"), (Paper.BAST, "bast"))


@register
class AidImporter(Importer):
    """Old aid. The papers of a row become documents without a file, the newest of them its last step."""

    kind = "bantuan"
    label = _("aid of the past")
    model = Package
    permission = "assistance.process_aid"
    position = 50
    fields = FIELDS
    brings = (PackageStep, AmountRow, PackageDocument, Document, Recipient, Programme)
    skipped = ((_("A running number."), ("no", "nomor urut", "no urut")),)

    def prepare(self):
        self.kinds = AidKind.objects.in_bulk()
        self.regencies = Regency.objects.defer("boundary").in_bulk()
        self.give(
            kind=named({row.pk: (row.name, row.code, *row.synonyms.splitlines()) for row in self.kinds.values()}),
            regency=named({row.pk: (row.name, *row.spellings()) for row in self.regencies.values()}),
        )
        self.finder = Finder(self.user)
        self.programmes = {of_programme(one.told): one for one in map(Told, Programme.objects.all())}
        self.is_demo = DataVersion.demo_is_in()

    # -- Before ----------------------------------------------------------------------------------------

    def find(self, entries):
        for entry in entries:
            self._settle_place(entry)
            self._settle_programme(entry)
            self._settle_papers(entry)
        self._settle_recipients(entries)
        known = self._known(entries)
        for entry in entries:
            if entry.is_settled and entry.values.get("kind"):
                entry.key = package_key(entry.values["kind"], entry.values.get("regency"), entry.parts)
                entry.record = known.get(entry.key)

    def _settle_place(self, entry):
        own = self.user.regency_id
        if own and entry.values.get("regency") != own and "regency" not in entry.unread:
            entry.refuse(gettext("You may import aid of your own regency only."), field="regency")
            entry.is_settled = False

    def _settle_programme(self, entry):
        said = {name: entry.values.pop(name, None) for name in ("programme", "fiscal_year", "funding")}
        if not any(said.values()):
            return
        told = {
            "name": said["programme"] or UNNAMED,
            "fiscal_year": said["fiscal_year"],
            "funding": said["funding"] or "",
        }
        known = self.programmes.get(of_programme(told))
        if known is not None and not known.is_historical:
            words = gettext("“%(name)s” is a programme of today. Its packages are entered step by step.")
            entry.refuse(words % {"name": told["name"]}, field="programme")
        entry.parts["programme"] = told

    def _settle_papers(self, entry):
        papers = {}
        for paper, name in PAPERS:
            number, on = (entry.values.pop(f"{name}_{what}", None) for what in ("number", "on"))
            if on and on > today().isoformat():
                entry.refuse(gettext("This day lies in the future."), field=f"{name}_on")
            if on and not number and f"{name}_number" not in entry.unread:
                entry.refuse(gettext("Give the number of the document with its date."), field=f"{name}_on")
            if number:
                papers[paper.value] = [number, on]
        days = [papers[paper.value][1] for paper, _name in PAPERS if papers.get(paper.value, [None, None])[1]]
        if days != sorted(days):
            entry.refuse(gettext("The BAST is dated before the SK. Check both dates."), field="bast_on")
        entry.parts["papers"] = papers
        if entry.values.get("stage") or "stage" in entry.unread:
            return
        if papers:
            entry.values["stage"] = (Stage.HANDED_OVER if Paper.BAST.value in papers else Stage.DECREED).value
        elif not entry.unread & {"sk_number", "bast_number"}:
            entry.refuse(gettext("How far did it come? Give a SK or BAST number, or the stage."), field="stage")

    def _settle_recipients(self, entries):
        asked = [entry for entry in entries if may_be_cooperative(entry)]
        for entry, answer in zip(asked, self.finder.answers(asked), strict=True):
            self._settle_cooperative(entry, answer)
        for entry in entries:
            kind, name = entry.values.pop("recipient_type", None), entry.values.pop("name", None)
            entry.values.pop("nomor_induk_koperasi", None)
            if "recipient" in entry.parts or entry.unread & {"recipient_type", "name", "nomor_induk_koperasi"}:
                continue
            regency = self.regencies.get(entry.values.get("regency"))
            if kind == RECIPIENT.GOVERNMENT:
                if regency is None:
                    entry.refuse(gettext("Which regency's government? Fill in the regency."), field="recipient_type")
                    continue
                name = name or f"Pemerintah {regency.name}"
            elif kind and not name:
                entry.refuse(gettext("Fill in the name of the recipient."), field="recipient_type")
                continue
            if name and kind:
                entry.parts["recipient"] = [kind, name, None]

    def _settle_cooperative(self, entry, answer):
        kind = entry.values.get("recipient_type")
        if answer.refusal:
            entry.refuse(answer.refusal[1], field=answer.refusal[0] if answer.refusal[0] in self.by_name else "name")
            entry.is_settled = False
        elif answer.known is None:
            near = ", ".join(f"{known.name} ({known.pk})" for known in answer.alike[:5])
            if kind or entry.values.get("nomor_induk_koperasi"):
                words = gettext("This cooperative is not in the register. Correct its name, number and regency.")
            else:
                words = gettext("No cooperative of the register is called so. Say which kind of recipient it is.")
            entry.refuse(words, field="name" if "name" in entry.cells else "nomor_induk_koperasi", suggestion=near)
            entry.is_settled = False
        else:
            known = answer.known
            held = entry.values.setdefault("regency", known.regency)
            if known.regency and held != known.regency:
                words = gettext("“%(name)s” has its seat in another regency.")
                entry.refuse(words % {"name": known.name}, field="regency")
            entry.parts["recipient"] = [RECIPIENT.COOPERATIVE.value, known.name, known.pk]

    def _known(self, entries):
        """`{key: package}` of those on record of the same kinds, as rows would name them."""
        kinds = {entry.values.get("kind") for entry in entries} - {None}
        regencies = {entry.values.get("regency") for entry in entries}
        rows = Package.objects.in_force().filter(kind__in=kinds).select_related("programme", "recipient")
        if None not in regencies:
            rows = rows.filter(regency__in=regencies)
        rows = list(rows.order_by("-pk"))
        decrees = PackageDocument.objects.filter(package__kind__in=kinds, document__paper=Paper.SK)
        numbers = dict(decrees.order_by("-pk").values_list("package", "document__number"))
        return {package_key(row.kind_id, row.regency_id, parts_of(row, numbers.get(row.pk))): row for row in rows}

    def compare(self, entry):
        if entry.record is None:
            super().compare(entry)

    def check(self, entry):
        values, record = entry.values, entry.record
        if record is not None:
            held = {name: getattr(record, name) for name in AGREES}
            for name in AGREES:
                if values.get(name) is not None and held[name] is not None and values[name] != held[name]:
                    words = gettext("This package is on record with %(held)s. Correct it on its own page.")
                    entry.refuse(words % {"held": held[name]}, field=name)
            return
        if values.get("quantity") is not None and not 1 <= values["quantity"] <= MOST_UNITS:
            entry.refuse(gettext("The quantity lies between 1 and %(most)s.") % {"most": MOST_UNITS}, field="quantity")
        if values.get("recipient_count") == 0:
            entry.refuse(gettext("Leave the cell empty where the number is not known."), field="recipient_count")
        if values.get("recipient_count") and "recipient" in entry.parts:
            entry.refuse(gettext("Name one recipient, or how many there were; not both."), field="recipient_count")
        contracted, realised = (values.get(name) for name in MONEY)
        if None not in (contracted, realised) and realised > contracted:
            entry.refuse(gettext("The realised value is larger than the contract."), field="realised_amount")

    def title(self, entry):
        kind = self.kinds.get(entry.values.get("kind"))
        told = entry.parts.get("recipient")
        return ", ".join(part for part in (kind.name if kind else "", told[1] if told else "") if part)

    def place_of(self, entry):
        regency = self.regencies.get(entry.values.get("regency"))
        return regency.name if regency else ""

    def records(self):
        return Package.objects.visible_to(self.user).select_related("kind", "recipient")

    def name_of(self, record):
        return ", ".join(part for part in (record.title, record.recipient_name) if part)

    # -- Writing ---------------------------------------------------------------------------------------

    def taken(self, rows):
        """Those whose package has come meanwhile, or whose cooperative this person may no longer fill."""
        kinds = {row.after["kind"] for row in rows}
        packages = list(Package.objects.in_force().filter(kind__in=kinds).select_related("programme", "recipient"))
        decrees = PackageDocument.objects.filter(package__kind__in=kinds, document__paper=Paper.SK)
        numbers = dict(decrees.values_list("package", "document__number"))
        there = {package_key(one.kind_id, one.regency_id, parts_of(one, numbers.get(one.pk))) for one in packages}
        named_ = {row.parts["recipient"][2] for row in rows if row.parts.get("recipient")} - {None}
        kept = set(Cooperative.objects.in_register().filter(pk__in=named_).values_list("pk", flat=True))
        own = self.user.regency_id
        return {
            row.pk
            for row in rows
            if package_key(row.after["kind"], row.after.get("regency"), row.parts) in there
            or (row.parts.get("recipient") and row.parts["recipient"][2] not in kept | {None})
            or (own and row.after.get("regency") != own)
        }

    def begin(self, values, parts):
        record: Any = Package(is_historical=True, is_demo=self.is_demo)
        record.told = parts
        self.write(record, values)
        return record

    def complete(self, records):
        """New programmes and recipients are written before the packages that name them."""
        programmes, recipients = self._programmes(records), self._recipients(records)
        for record in records:
            record.kind, record.regency = self.kinds[record.kind_id], self.regencies.get(record.regency_id)
            if told := record.told.get("programme"):
                record.programme = programmes[of_programme(told)]
            if told := record.told.get("recipient"):
                record.recipient = recipients[of_recipient(told, record.regency_id)]
            papers = record.told["papers"]
            record.is_public = record.stage in PUBLIC
            record.decreed_on = day_of_paper(papers.get(Paper.SK.value))
            if record.stage in DELIVERED:
                record.handed_over_on = day_of_paper(papers.get(Paper.BAST.value))
            complete(record)

    def _programmes(self, records):
        wanted = {of_programme(told): told for record in records if (told := record.told.get("programme"))}
        found = {of_programme(Told(one).told): one for one in Programme.objects.filter(is_historical=True)}
        made = [
            Programme(**told, is_historical=True, is_demo=self.is_demo)
            for key, told in wanted.items()
            if key not in found
        ]
        self._bring(Programme, made)
        return found | {of_programme(Told(one).told): one for one in made}

    def _recipients(self, records):
        wanted = {
            of_recipient(told, record.regency_id): (told, record.regency_id)
            for record in records
            if (told := record.told.get("recipient"))
        }
        keys = {fold(told[1])[:200] for told, _regency in wanted.values()}
        owners = {told[2] for told, _regency in wanted.values()} - {None}
        found = {}
        for rows in (Recipient.objects.filter(name_key__in=keys), Recipient.objects.filter(cooperative__in=owners)):
            for one in rows.order_by("-pk"):
                found[of_recipient([one.kind, one.name, one.cooperative_id], one.regency_id)] = one
        made = []
        for key, ((kind, name, owner), regency) in wanted.items():
            if key not in found:
                one = Recipient(kind=kind, name=name, cooperative_id=owner, regency_id=regency, is_demo=self.is_demo)
                one.make_keys()
                made.append(one)
                found[key] = one
        self._bring(Recipient, made)
        return found

    def _bring(self, model, made):
        bulk_create_with_history(
            made, model, batch_size=BATCH, default_user=self.user, default_change_reason=self.reason[:100]
        )

    def added(self, records):
        """The papers, the steps that they tell of, and the rows of the values."""
        papers = self._documents(records)
        links, steps, amounts = [], [], []
        for record in records:
            was = ""
            for paper, stage in ((Paper.SK, Stage.DECREED), (Paper.BAST, Stage.HANDED_OVER)):
                told = record.told["papers"].get(paper.value)
                if not told:
                    continue
                document = papers[of_paper(paper.value, told)]
                links.append(
                    PackageDocument(
                        package=record,
                        document=document,
                        kind_id=record.kind_id,
                        quantity=record.quantity,
                    )
                )
                if WAY.index(stage) <= WAY.index(record.stage):
                    steps.append(self._step(record, was, stage, document))
                    was = stage
            if was != record.stage:
                steps.append(self._step(record, was, record.stage, None))
            amounts += [
                AmountRow(package=record, what=name.removesuffix("_amount"), amount=value, by=self.user)
                for name in MONEY
                if (value := getattr(record, name)) is not None
            ]
        PackageDocument.objects.bulk_create(links, batch_size=BATCH)
        PackageStep.objects.bulk_create(steps, batch_size=BATCH)
        AmountRow.objects.bulk_create(amounts, batch_size=BATCH)

    def _step(self, record, was, to, document):
        on = document.dated_on if document else None
        return PackageStep(
            package=record, was=was, to=to, dated_on=on, document=document, is_historical=True, by=self.user
        )

    def _documents(self, records):
        """One document for each number and day, however many rows name it."""
        wanted = {of_paper(paper, told): told for one in records for paper, told in one.told["papers"].items()}
        rows = Document.objects.filter(number__in={told[0] for told in wanted.values()}, paper__in=[*dict(PAPERS)])
        found = {of_paper(one.paper, [one.number, one.dated_on and one.dated_on.isoformat()]): one for one in rows}
        made = [
            Document(
                paper=key[0],
                number=told[0],
                dated_on=day_of_paper(told),
                is_historical=True,
                is_demo=self.is_demo,
                by=self.user,
            )
            for key, told in wanted.items()
            if key not in found
        ]
        Document.objects.bulk_create(made, batch_size=BATCH)
        return found | {
            of_paper(one.paper, [one.number, one.dated_on and one.dated_on.isoformat()]): one for one in made
        }

    def remove(self, records):
        """The packages that nothing but their own rows points at; then what came with them and is named no more."""
        keys = {record.pk for record in records}
        used = pointed_at(Package, keys, besides=(PackageStep, AmountRow, PackageDocument))
        # A paper that has a file was filed by a person.
        filed = PackageDocument.objects.filter(package__in=keys, document__file__isnull=False)
        used |= set(filed.values_list("package", flat=True))
        free = [record for record in records if record.pk not in used]
        going = [record.pk for record in free]
        papers = set(PackageDocument.objects.filter(package__in=going).values_list("document", flat=True))
        for model in (PackageStep, AmountRow, PackageDocument):
            rows = model._base_manager.filter(package__in=going)
            rows._raw_delete(using=rows.db)
        delete_with_history(free, by=self.user, reason=self.reason)
        orphans = Document.objects.filter(pk__in=papers - pointed_at(Document, papers), is_historical=True)
        orphans._raw_delete(using=orphans.db)
        for brought, name in ((Recipient, "recipient_id"), (Programme, "programme_id")):
            self._remove_brought(brought, {getattr(record, name) for record in free} - {None}, going)
        return going, [], sorted(used)

    def _remove_brought(self, model, keys, packages):
        """Those that came with the same import, that nobody edited and that nothing names any more."""
        reasons = set(
            Package.history.filter(id__in=packages, history_type="+").values_list("history_change_reason", flat=True)
        )
        theirs = set(
            model.history.filter(id__in=keys, history_type="+", history_change_reason__in=reasons).values_list(
                "id", flat=True
            )
        )
        orphans = model.objects.filter(pk__in=theirs - pointed_at(model, theirs), version=1)
        delete_with_history(list(orphans), by=self.user, reason=self.reason)

    def finish(self):
        DataVersion.bump(SUBJECT)

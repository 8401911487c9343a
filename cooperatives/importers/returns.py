"""Yearly returns from a spreadsheet: one book year for the whole file, or one a row."""

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from common.models import DataVersion
from cooperatives.importers import words
from cooperatives.importers.columns import KEYS, SKIPPED
from cooperatives.importers.finding import Owners
from cooperatives.importers.words import counted, counted_by_sex, exported_return
from cooperatives.models import AnnualReturn
from cooperatives.models.annual_return import contradictions, problems
from imports.cells import blank_if_dash, count, day, flag, rupiah, signed_rupiah, text, year
from imports.importer import Field, Importer, register

MONEY = {
    "own_capital": ("modal sendiri",),
    "outside_capital": ("modal luar",),
    "assets": ("aset", "asset", "total aset"),
    "turnover": ("volume usaha", "omzet", "omset"),
}


def _field(name, synonyms, parse, **options):
    return Field(name, exported_return(name), synonyms, blank_if_dash(parse), **options)


FIELDS = (
    *KEYS,
    Field("book_year", exported_return("book_year"), ("tahun",), year, required=True, once=True, example="2024"),
    _field("rat_held", ("rat dilaksanakan", "sudah rat", "pelaksanaan rat", "status rat"), flag, note=_("ya or tidak")),
    _field("rat_on", ("tanggal rat", "tgl rat", "tanggal rat terakhir", "tgl rat terakhir"), day),
    _field("attendance", counted("hadir", "peserta rat"), count),
    _field("audited", ("diaudit", "audit"), flag, note=_("ya or tidak")),
    _field("members_men", counted_by_sex("men", "anggota"), count),
    _field("members_women", counted_by_sex("women", "anggota"), count),
    _field("members", counted("anggota"), count, note=_("May be left empty where men and women are given.")),
    _field("members_note", (), text(200)),
    _field("managers_men", counted_by_sex("men", "manager", "manajer"), count),
    _field("managers_women", counted_by_sex("women", "manager", "manajer"), count),
    _field("employees_men", counted_by_sex("men", "karyawan"), count),
    _field("employees_women", counted_by_sex("women", "karyawan"), count),
    *(_field(name, headings, rupiah, note=_("Whole rupiah.")) for name, headings in MONEY.items()),
    _field("shu", ("shu", "sisa hasil usaha"), signed_rupiah, note=_("Whole rupiah, a loss below zero.")),
    _field("source", ("sumber data",), text(200), once=True),
)


@register
class ReturnImporter(Importer):
    """What cooperatives reported for a book year; a row is about a cooperative that is in the register already."""

    kind = "laporan-tahunan"
    label = _("yearly returns")
    model = AnnualReturn
    permission = "cooperatives.add_annualreturn"
    fields = FIELDS
    owner = "cooperative"
    beside = ("koperasi", "pengurus")
    skipped = (
        *SKIPPED,
        (
            _("In the Ministry's list a number of papers, not whether the RAT of one book year was held."),
            ("rat", "jumlah rat", "berkas"),
        ),
        (
            _("Only men and women are kept; a total follows from them."),
            counted("manager", "manajer", "karyawan"),
        ),
    )

    def prepare(self):
        self.give(regency=words.regencies())
        self.owners = Owners(self.user)

    def find(self, entries):
        self.owners.settle(entries)
        years = {entry.values.get("book_year") for entry in entries} - {None}
        keys = {entry.owner.pk for entry in entries if entry.owner}
        known = AnnualReturn.objects.filter(cooperative__in=keys, book_year__in=years)
        found = {(entry.cooperative_id, entry.book_year): entry for entry in known}
        for entry in entries:
            if entry.owner and entry.values.get("book_year"):
                entry.key = (entry.owner.pk, entry.values["book_year"])
                entry.record = found.get(entry.key)

    def compare(self, entry):
        super().compare(entry)
        men, women, total = (self._now(entry, name) for name in ("members_men", "members_women", "members"))
        if "members" in entry.values or None in (men, women):
            return
        record = entry.record
        held = record and (record.members_men, record.members_women)
        # Where the total was the sum of its parts, it stays so.
        follows = total is None or (held and None not in held and sum(held) == total)
        if follows and total != men + women:
            entry.before["members"], entry.after["members"] = total, men + women

    @staticmethod
    def _now(entry, name):
        if name in entry.after:
            return entry.after[name]
        return getattr(entry.record, name) if entry.record is not None else entry.values.get(name)

    def check(self, entry):
        if entry.owner is None or not entry.after:
            return
        names = [one.name for one in self.fields if self.attribute(one.name) is not None]
        held = {name: getattr(entry.record, name) for name in names} if entry.record is not None else {}
        given = {name: self.attribute(name).to_python(value) for name, value in entry.after.items()}
        given["members_note"] = given.get("members_note", held.get("members_note")) or ""
        before = _wrong(held, entry.owner) if held else {}
        for name, message in _wrong(held | given, entry.owner).items():
            if name not in entry.unread and (name not in before or name in entry.after):
                entry.refuse(message, field=name)

    def title(self, entry):
        if entry.owner is None:
            return entry.values.get("name") or ""
        return f"{entry.owner.name} {entry.values.get('book_year', '')}"

    def place_of(self, entry):
        return str(entry.values.get("book_year", ""))

    def places(self):
        rows = self.records().order_by().values_list("book_year").annotate(Count("pk"))
        return {str(book_year): number for book_year, number in rows}

    def records(self):
        own = Owners(self.user).records().order_by().values("pk")
        return AnnualReturn.objects.filter(cooperative__in=own).select_related("cooperative")

    def name_of(self, record):
        return f"{record.cooperative} {record.book_year}"

    def taken(self, rows):
        keys = {(row.parts["cooperative_id"], row.after["book_year"]): row.pk for row in rows}
        there = AnnualReturn.objects.filter(
            cooperative__in={owner for owner, _year in keys}, book_year__in={book_year for _owner, book_year in keys}
        ).values_list("cooperative_id", "book_year")
        return {keys[key] for key in there if key in keys} | self.owners.gone(rows)

    def changed(self, records):
        self.owners.published([record.cooperative_id for record in records])

    def remove(self, records):
        removed = super().remove(records)
        self.changed(records)
        return removed

    def finish(self):
        DataVersion.bump("cooperatives")


def _wrong(values, owner):
    entry = AnnualReturn(**values)
    return contradictions(entry) | problems(entry, founded_on=owner.founding_date)

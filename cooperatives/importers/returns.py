"""Yearly returns from a spreadsheet: one book year for the whole file, or one a row."""

from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from common.models import DataVersion
from cooperatives.importers import words
from cooperatives.importers.columns import KEYS, SKIPPED
from cooperatives.importers.finding import Owners
from cooperatives.importers.words import counted, counted_by_sex, counted_in_all, exported_return
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
    _field("members", counted_in_all("anggota"), count, note=_("May be left empty where men and women are given.")),
    _field("members_note", (), text(200)),
    _field("managers_men", counted_by_sex("men", "manager", "manajer"), count),
    _field("managers_women", counted_by_sex("women", "manager", "manajer"), count),
    _field("employees_men", counted_by_sex("men", "karyawan"), count),
    _field("employees_women", counted_by_sex("women", "karyawan"), count),
    *(_field(name, headings, rupiah, note=_("Whole rupiah.")) for name, headings in MONEY.items()),
    _field("shu", ("shu", "sisa hasil usaha"), signed_rupiah, note=_("Whole rupiah, a loss below zero.")),
    _field("source", ("sumber data",), text(200), once=True),
)
# A row that fills nothing but these says nothing of a book year: lists of a whole regency have such rows.
SAYS_NOTHING = {*(one.name for one in KEYS), "book_year", "source"}
# Whether this is contradicted cannot be told where one of those could not be read.
FOLLOWS = {
    "rat_on": {"rat_held"},
    "attendance": {"rat_held", "members_men", "members_women", "members"},
    "members": {"members_men", "members_women"},
    "members_note": {"members_men", "members_women", "members"},
}


@register
class ReturnImporter(Importer):
    """What cooperatives reported for a book year; a row is about a cooperative that is in the register already."""

    kind = "laporan-tahunan"
    label = _("yearly returns")
    model = AnnualReturn
    permission = "cooperatives.add_annualreturn"
    position = 20
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
            counted_in_all("manager", "manajer", "karyawan"),
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
        if entry.record is None and not entry.values.keys() - SAYS_NOTHING:
            entry.before, entry.after = {}, {}
        elif entry.values.get("members") is None and entry.after.keys() & {"members_men", "members_women", "members"}:
            self._let_total_follow(entry)

    @staticmethod
    def _let_total_follow(entry):
        """The total that the file leaves empty is that of men and women, unless it was another before."""
        record = entry.record or AnnualReturn()
        names = ("members_men", "members_women", "members")
        men, women, total = (entry.after.get(name, getattr(record, name)) for name in names)
        if None in (men, women):
            return
        parts = (record.members_men, record.members_women)
        was_sum = None not in (*parts, record.members) and sum(parts) == record.members
        if total is None or was_sum:
            entry.before["members"], entry.after["members"] = record.members, men + women
            if record.members == men + women:
                del entry.before["members"], entry.after["members"]

    def check(self, entry):
        if entry.owner is None or not entry.after:
            return
        names = [one.name for one in self.fields if self.attribute(one.name) is not None]
        held = {name: getattr(entry.record, name) for name in names} if entry.record is not None else {}
        given = {name: self.attribute(name).to_python(value) for name, value in entry.after.items()}
        given["members_note"] = given.get("members_note", held.get("members_note")) or ""
        before = _wrong(held, entry.owner) if held else {}
        for name, message in _wrong(held | given, entry.owner).items():
            unread = entry.unread & {name, *FOLLOWS.get(name, ())}
            if not unread and (name not in before or name in entry.after):
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


def _wrong(values, owner):
    entry = AnnualReturn(**values)
    return contradictions(entry) | problems(entry, founded_on=owner.founding_date)

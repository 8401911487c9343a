"""The columns of the files that the register takes, by the labels under which it exports them and by their synonyms.

Known from the start are the Ministry's detail page and the list of a regency (docs/imports.md names each heading).
"""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

from django.core.validators import EmailValidator, URLValidator
from django.utils.translation import gettext_lazy as _

from cooperatives.importers.words import exported
from cooperatives.models import Cooperative, Status
from imports.cells import CellRefused, blank_if_dash, day, digits, flag, shown, text
from imports.importer import Field
from imports.words import choice, labels

_ADDRESS = re.compile(r"(?:https?://[^/\s]+)?(?:/en)?/koperasi/([1-9][0-9]{0,17})(?:-[^/\s]*)?/?")
_COORDINATE = re.compile(r"[-+]?[0-9]{1,3}(?:[.,][0-9]{1,20})?")
_KEMENDAGRI, _BPS = re.compile(r"[0-9]{2}\.[0-9]{2}"), re.compile(r"[0-9]{4}")
_check_email, _check_url = EmailValidator(), URLValidator(schemes=["http", "https"])

DERIVED = _("The portal derives this itself.")
CODE = _("The code of the column beside it.")


# Cells ----------------------------------------------------------------------------------------------


def portal_address(cell):
    """The number in a record's own address, as exports give it."""
    found = _ADDRESS.fullmatch(shown(cell).strip())
    if not found:
        raise CellRefused(_("This is no address of a cooperative in this portal. Leave the cell empty."))
    return int(found[1])


def coordinate(cell):
    """Degrees with a comma or a point, as text with at most six decimals."""
    typed = shown(cell).strip().replace("\u2212", "-")
    if isinstance(cell, bool | date) or not _COORDINATE.fullmatch(typed):
        raise CellRefused(_("Write degrees with decimals, for example -0,502106."))
    return format(round(Decimal(typed.replace(",", ".")), 6).normalize(), "f")


def email(cell):
    """An address for mail."""
    typed = text(254)(cell)
    _check_email(typed)
    return typed


def website(cell):
    """A web address; one that begins with www gets its https://."""
    typed = text(200)(cell)
    typed = f"https://{typed}" if typed.casefold().startswith("www.") else typed
    _check_url(typed)
    return typed


def kemendagri_code(cell):
    """ "64.02", also where a spreadsheet took it for a number."""
    typed = (
        f"{cell:.2f}" if isinstance(cell, float) and round(cell, 2) == cell else shown(cell).strip().replace(",", ".")
    )
    if not _KEMENDAGRI.fullmatch(typed):
        raise CellRefused(_("A Kemendagri code is written 64.02."))
    return typed


def bps_code(cell):
    """ "6403"."""
    typed = shown(cell).strip()
    if not _BPS.fullmatch(typed):
        raise CellRefused(_("A BPS code has four digits, for example 6403."))
    return typed


# Which cooperative is meant -------------------------------------------------------------------------

NUMBER = Field(
    "nomor_induk_koperasi",
    exported("nomor_induk_koperasi"),
    ("nik", "nik koperasi", "nik kop", "no nik", "nomor nik", "no induk koperasi", "nomor induk"),
    blank_if_dash(digits(13)),
    note=_("13 digits, as text. By it a record is recognised first."),
    example="3275070060001",
)
LEGAL_NUMBER = Field(
    "legal_number",
    exported("legal_number"),
    (
        "nomor badan hukum",
        "no badan hukum",
        "badan hukum",
        "nomor bh",
        "no bh",
        "nomor badan hukum pendirian",
        "no badan hukum pendirian",
    ),
    blank_if_dash(text(80)),
    note=_("By it a record is recognised where it has no Nomor Induk Koperasi."),
    example="518/BH/XVIII/2010",
)
NAME = Field(
    "name",
    exported("name"),
    ("nama koperasi", "nama kop", "koperasi", "nama"),
    blank_if_dash(text(200)),
    note=_("By name and regency a record is recognised where no number says which one it is."),
    example="KSP Maju Bersama",
)
REGENCY = Field(
    "regency",
    exported("regency"),
    (
        "kabupaten kota",
        "kota kabupaten",
        "kab kota",
        "kabupaten",
        "kota",
        "kab",
        "nama kabupaten kota",
        "nama kab kota",
    ),
    once=True,
    example="Kutai Kartanegara",
)
PORTAL = Field(
    "portal",
    exported("url"),
    ("alamat di portal",),
    blank_if_dash(portal_address),
    note=_("Tells records apart that are alike in everything else."),
)
KEYS = (NAME, NUMBER, LEGAL_NUMBER, REGENCY, PORTAL)

_RUNNING = (_("A running number."), ("no", "nomor", "nomor urut", "no urut"))
_LISTS_OWN = (_("The number in that list; records are recognised by their own numbers and names."), ("id",))
_PROVINCE = (_("All lie in East Kalimantan."), ("provinsi", "propinsi"))
SKIPPED = (_RUNNING, _LISTS_OWN, _PROVINCE)


# Cooperatives ---------------------------------------------------------------------------------------


def _optional(name, synonyms, parse, *, label=None, **options):
    return Field(name, label or exported(name), synonyms, parse and blank_if_dash(parse), **options)


def _choice(name, choices, synonyms, spellings=None, *, besides=(), **options):
    return Field(
        name,
        exported(f"{name}_label"),
        synonyms,
        blank_if_dash(choice(choices, spellings)),
        choices=lambda: labels(choices, besides=besides),
        **options,
    )


COOPERATIVE_FIELDS = (
    replace(NAME, for_new=True),
    *KEYS[1:],
    Field(
        "kemendagri_code",
        exported("regency_code"),
        ("kode kemendagri", "kode wilayah"),
        blank_if_dash(kemendagri_code),
        note=_("64.02 is Kutai Kartanegara; BPS calls it 6403."),
    ),
    Field(
        "bps_code",
        exported("regency_bps_code"),
        ("kode bps",),
        blank_if_dash(bps_code),
        note=_("6403 is Kutai Kartanegara; Kemendagri calls it 64.02."),
    ),
    _choice(
        "status",
        Status.choices,
        ("status koperasi", "keaktifan", "keterangan aktif"),
        {
            Status.INACTIVE: ("non aktif", "nonaktif", "tdk aktif", "pasif"),
            Status.FROZEN: ("beku",),
            Status.DISSOLVED: ("bubar",),
        },
        besides=(Status.MERGED,),
        for_new=True,
        once=True,
        note=_("For a new record its first status; for a known one a change, with the day from which it holds."),
    ),
    _optional("status_since", ("sejak",), day, once=True),
    _optional("status_basis", (), text(300), label=_("basis of the status"), once=True),
    _optional("form", ("bentuk usaha", "bentuk koperasi"), None),
    _optional("kind", ("jenis koperasi",), None),
    _optional("group", ("kelompok koperasi",), None),
    _optional("sector", ("sektor usaha",), None),
    _optional("district", ("kecamatan", "kec"), text(80)),
    _optional("village", ("kelurahan", "desa", "desa kelurahan", "kelurahan desa", "kel"), text(80)),
    _optional("address", ("alamat koperasi",), text(250)),
    _optional("postal_code", ("kodepos",), digits(5)),
    _optional("founded_on", ("tanggal pendirian", "tanggal berdiri", "tgl berdiri", "tgl pendirian"), day),
    _optional("legal_on", ("tanggal badan hukum", "tgl badan hukum", "tgl bh", "tanggal badan hukum pendirian"), day),
    _optional("certificate_on", ("tanggal sertifikat", "tgl sertifikat"), day),
    _optional("certificate_valid_until", ("tanggal berlaku sertifikat", "masa berlaku sertifikat"), day),
    _optional("iusp_number", ("nomor iusp", "no iusp"), text(80)),
    _optional("iusp_on", ("tanggal iusp", "tgl iusp"), day),
    _optional("nib", ("nomor nib", "no nib"), digits(13)),
    _choice("loop", Cooperative.Loop.choices, (), {"closed": ("close loop",), "open": ("open loop",)}),
    _choice("management", Cooperative.Management.choices, ("pola pengelolaan",), {"sharia": ("syariah",)}),
    _optional("is_merah_putih", ("kdmp", "kdkmp", "koperasi merah putih"), flag),
    _choice("health", Cooperative.Health.choices, ("kesehatan",), note=_("Needs its source.")),
    _optional("health_on", ("tanggal penilaian kesehatan",), day),
    _optional("health_source", (), text(200), once=True),
    _optional("latitude", ("lintang", "latitude", "lat"), coordinate),
    _optional("longitude", ("bujur", "longitude", "long", "lng"), coordinate),
    _optional("website", ("situs", "web"), website),
    _optional("email", ("email", "e mail", "surel"), email, label=_("e-mail (private)"), private=True),
    _optional(
        "phone",
        ("no telp 1", "no telp", "telp", "telepon", "no telepon", "no hp", "hp"),
        text(30),
        label=_("phone (private)"),
        private=True,
    ),
    _optional("other_phone", ("no telp 2", "telp 2"), text(30), label=_("other phone (private)"), private=True),
    _optional(
        "distinct_reason",
        (),
        text(300),
        label=_("why this is another cooperative"),
        once=True,
        note=_("Only where one of the same name, or with the same legal number, is there already."),
    ),
)

COOPERATIVE_SKIPPED = (
    *SKIPPED,
    (
        CODE,
        tuple(map(exported, ("loop", "management", "health", "status", "form_id", "kind_id", "group_id", "sector_id"))),
    ),
    (
        DERIVED,
        (
            *map(
                exported,
                (
                    "rule_status",
                    "rule_status_label",
                    "grade",
                    "latest_return_year",
                    "latest_rat_year",
                    "latest_members",
                    "is_demo",
                    "updated_at",
                ),
            ),
            "status grade",
            "status nik",
        ),
    ),
    (_("A RAT belongs to a book year: import it as a yearly return."), ("rat", "jumlah rat")),
    (_("The register has the sector; the units of the business have no field."), ("unit usaha",)),
    (_("The classification (KUK) has no field; the grade follows from the RATs."), ("klasifikasi", "kuk")),
    (_("The number of papers that the Ministry holds has no field."), ("berkas", "jumlah berkas")),
    (_("Faxes have no field."), ("fax", "faks")),
    (
        _("Amendments of the deed are entered on the cooperative's own page."),
        (
            "nomor perubahan anggaran dasar",
            "tanggal perubahan anggaran dasar",
            "nomor pad",
            "tanggal pad",
        ),
    ),
)

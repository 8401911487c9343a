"""The columns of a list of old aid."""

from django.utils.translation import gettext_lazy as _

from assistance.models import Programme, Recipient
from assistance.stages import WAY
from common.text import clean_lines
from imports.cells import blank_if_dash, count, day, digits, rupiah, shown, text, year
from imports.importer import Field
from imports.words import choice, labels

RECIPIENT = Recipient.Kind


def lines(cell):
    """A text of several lines."""
    return clean_lines(shown(cell))


def _field(name, label, synonyms, parse, **options):
    return Field(name, label, synonyms, parse and blank_if_dash(parse), **options)


FIELDS = (
    _field("kind", _("aid kind"), ("jenis bantuan", "bantuan"), None, required=True, once=True),
    _field("programme", _("programme"), ("nama program", "program"), text(200), once=True),
    _field("fiscal_year", _("fiscal year"), ("tahun", "ta"), year, once=True, example="2019"),
    _field(
        "funding",
        _("source of money"),
        ("sumber dana", "pendanaan"),
        choice(Programme.Funding.choices),
        choices=lambda: labels(Programme.Funding.choices),
        once=True,
    ),
    _field("regency", _("regency"), ("kabupaten kota", "kab kota", "kabupaten"), None, once=True),
    _field("place", _("place of use"), ("lokasi", "tempat"), text(120)),
    _field(
        "recipient_type",
        _("kind of recipient"),
        (),
        choice(RECIPIENT.choices),
        choices=lambda: labels(RECIPIENT.choices),
        once=True,
    ),
    _field(
        "name",
        _("name of the recipient"),
        ("penerima", "nama penerima"),
        text(200),
        note=_("Of a person only the initials become public."),
    ),
    _field("nomor_induk_koperasi", _("Nomor Induk Koperasi"), ("nik koperasi",), digits(13)),
    _field(
        "recipient_count",
        _("number of recipients"),
        ("jumlah penerima",),
        count,
        note=_("Only for old aid that is known as a sum over many recipients."),
    ),
    _field("quantity", _("quantity"), ("jumlah unit", "volume"), count, example="5"),
    _field("unit_price", _("unit price"), ("harga satuan",), rupiah, note=_("Whole rupiah.")),
    _field("contracted_amount", _("contracted value"), ("nilai kontrak",), rupiah, note=_("Whole rupiah.")),
    _field("realised_amount", _("realised value"), ("realisasi", "nilai"), rupiah, note=_("Whole rupiah.")),
    _field("supplier", _("supplier"), ("rekanan", "penyedia"), text(200)),
    _field("sk_number", _("SK number"), ("nomor sk", "no sk"), text(120)),
    _field("sk_on", _("SK date"), ("tanggal sk", "tgl sk"), day),
    _field("bast_number", _("BAST number"), ("nomor bast", "no bast"), text(120)),
    _field("bast_on", _("BAST date"), ("tanggal bast", "tgl bast"), day),
    _field(
        "stage",
        _("stage"),
        ("tahap",),
        choice([(stage.value, stage.label) for stage in WAY]),
        choices=lambda: labels([(stage.value, stage.label) for stage in WAY]),
        note=_("Empty: handed over where there is a BAST, else decreed where there is an SK."),
        once=True,
    ),
    _field("remark", _("public remark"), ("keterangan",), lines),
)

"""The allow-list: what the public may read of a cooperative, by API and by file. Nothing else leaves the register.

Never here: e-mail, phones, internal notes, exact coordinates, contacts of the board, why a record was
voided, who entered what (UU 27/2022). A column that is added here is public from that day.
"""

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from common.columns import Column, Kind
from cooperatives.models import BoardMember, Cooperative, Form, Group, Sector, Status
from cooperatives.models import Kind as CooperativeKind
from regions.models import Regency

TEXT, COUNT, DECIMAL, DATE, MOMENT, FLAG, LINK = Kind


def address_of(pk):
    """The lasting address of a record: without the name, which may change; it leads on to the one with it."""
    return f"/koperasi/{pk}/"


# Small tables behind foreign keys: an export holds them in memory instead of joining them.
RELATED = {"form": Form, "kind": CooperativeKind, "group": Group, "sector": Sector, "regency": Regency}

COOPERATIVE = (
    Column("id", _("id"), COUNT),
    Column("url", _("address of the page"), LINK, "id", link=address_of),
    Column("name", _("name"), TEXT),
    Column("nomor_induk_koperasi", _("Nomor Induk Koperasi"), TEXT),
    Column("certificate_on", _("certificate date"), DATE),
    Column("certificate_valid_until", _("certificate valid until"), DATE),
    Column("legal_number", _("legal registration number"), TEXT),
    Column("legal_on", _("legal registration date"), DATE),
    Column("iusp_number", _("savings-and-loan licence number"), TEXT),
    Column("iusp_on", _("savings-and-loan licence date"), DATE),
    Column("nib", _("NIB"), TEXT),
    Column("loop", _("open or closed loop (code)"), TEXT),
    Column("loop_label", _("open or closed loop"), TEXT, "loop", choices=tuple(Cooperative.Loop.choices)),
    Column("form_id", _("form (id)"), COUNT),
    Column("form", _("form"), TEXT, "form__name"),
    Column("kind_id", _("kind (id)"), COUNT),
    Column("kind", _("kind"), TEXT, "kind__name"),
    Column("group_id", _("group (id)"), COUNT),
    Column("group", _("group"), TEXT, "group__name"),
    Column("sector_id", _("sector (id)"), COUNT),
    Column("sector", _("sector"), TEXT, "sector__name"),
    Column("regency_code", _("Kemendagri code"), TEXT, "regency__kemendagri_code"),
    Column("regency_bps_code", _("BPS code"), TEXT, "regency__bps_code"),
    Column("regency", _("regency"), TEXT, "regency__name"),
    Column("district", _("district"), TEXT),
    Column("village", _("village"), TEXT),
    Column("postal_code", _("postal code"), TEXT),
    Column("address", _("address"), TEXT),
    # Two decimals are about a kilometre: the village, not the house.
    Column("latitude", _("latitude (rounded)"), DECIMAL, digits=2),
    Column("longitude", _("longitude (rounded)"), DECIMAL, digits=2),
    Column("founded_on", _("founding date"), DATE),
    Column("website", _("website"), TEXT),
    Column("is_merah_putih", _("Merah Putih"), FLAG),
    Column("management", _("management (code)"), TEXT),
    Column("management_label", _("management"), TEXT, "management", choices=tuple(Cooperative.Management.choices)),
    Column("health", _("health rating (code)"), TEXT),
    Column("health_label", _("health rating"), TEXT, "health", choices=tuple(Cooperative.Health.choices)),
    Column("health_on", _("health rated on"), DATE),
    Column("health_source", _("source of the health rating"), TEXT),
    Column("status", _("status (code)"), TEXT),
    Column("status_label", _("status"), TEXT, "status", choices=tuple(Status.choices)),
    Column("status_since", _("status since"), DATE),
    Column("rule_status", _("status by the rule (code)"), TEXT),
    Column("rule_status_label", _("status by the rule"), TEXT, "rule_status", choices=tuple(Status.choices)),
    Column("grade", _("grade"), TEXT),
    Column("latest_return_year", _("latest return"), COUNT),
    Column("latest_rat_year", _("latest book year with RAT"), COUNT),
    Column("latest_members", _("members"), COUNT),
    Column("is_demo", _("demo data"), FLAG),
    Column("updated_at", _("changed at"), MOMENT),
)

# Under `?per=` the status and the regency are those of the day.
_THEN = {"status": "status_on", "status_since": "period__since"}


def cooperative_columns(*, on=None):
    """The columns of a cooperative; with a date those of `Cooperative.objects.on(date)`."""
    if on is None:
        return COOPERATIVE
    return tuple(replace(column, path=_THEN.get(column.path, column.path)) for column in COOPERATIVE)


RETURN = (
    Column("id", _("id"), COUNT),
    Column("cooperative_id", _("cooperative (id)"), COUNT),
    Column("book_year", _("book year"), COUNT),
    Column("rat_held", _("RAT held"), FLAG),
    Column("rat_on", _("date of the RAT"), DATE),
    Column("attendance", _("attendance"), COUNT),
    Column("audited", _("audited"), FLAG),
    Column("members_men", _("members, men"), COUNT),
    Column("members_women", _("members, women"), COUNT),
    Column("members", _("members"), COUNT),
    # It explains a published number, so it is published with it.
    Column("members_note", _("why men and women differ from the total"), TEXT),
    Column("managers_men", _("managers, men"), COUNT),
    Column("managers_women", _("managers, women"), COUNT),
    Column("employees_men", _("employees, men"), COUNT),
    Column("employees_women", _("employees, women"), COUNT),
    Column("own_capital", _("own capital (Rp)"), COUNT),
    Column("outside_capital", _("outside capital (Rp)"), COUNT),
    Column("assets", _("assets (Rp)"), COUNT),
    Column("turnover", _("turnover (Rp)"), COUNT),
    Column("shu", _("SHU (Rp)"), COUNT),
    Column("source", _("source"), TEXT),
)

STATUS_PERIOD = (
    Column("status", _("status (code)"), TEXT),
    Column("status_label", _("status"), TEXT, "status", choices=tuple(Status.choices)),
    Column("since", _("since"), DATE),
    Column("until", _("until"), DATE),
    Column("basis", _("basis"), TEXT),
    Column("successor_id", _("merged into (id)"), COUNT),
)

BOARD_MEMBER = (
    Column("name", _("name"), TEXT),
    Column("position", _("board position (code)"), TEXT),
    Column("position_label", _("board position"), TEXT, "position", choices=tuple(BoardMember.Position.choices)),
    Column("term_from", _("term from (year)"), COUNT),
    Column("term_until", _("term until (year)"), COUNT),
)

FORMER_NAME = (
    Column("name", _("name"), TEXT),
    Column("until", _("borne until"), DATE),
)

DEED_AMENDMENT = (
    Column("number", _("number"), TEXT),
    Column("amended_on", _("date"), DATE),
)

VOCABULARY = (
    Column("id", _("id"), COUNT),
    Column("name", _("name"), TEXT),
    Column("abbreviation", _("abbreviation"), TEXT),
    Column("is_confirmed", _("confirmed"), FLAG),
)
FORM = (
    *VOCABULARY,
    Column("responsible_level", _("responsible level (code)"), TEXT),
    Column(
        "responsible_level_label", _("responsible level"), TEXT, "responsible_level", choices=tuple(Form.Level.choices)
    ),
)

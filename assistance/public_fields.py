"""The allow-list: what the public may read of aid, by page, API and file. A column that is added here is public.

Never here: names of persons, numbers of frame, engine and plate, places of units, contacts, files, internal notes.
"""

from django.db.models import Case, CharField, Exists, F, OuterRef, Subquery, When
from django.utils.translation import gettext_lazy as _

from assistance.models import Condition, Holding, Package, Programme, RecipientKind, State, Unit
from assistance.models.kind import AidKind
from assistance.stages import Paper, Stage
from common.columns import Column, Kind
from cooperatives.public_fields import address_of

TEXT, COUNT, DECIMAL, DATE, MOMENT, FLAG, LINK = Kind


def package_address(pk):
    return f"/bantuan/{pk}/"


def unit_address(code):
    return f"/bantuan/unit/{code}/"


PACKAGE = (
    Column("id", _("id"), COUNT),
    Column("url", _("address of the page"), LINK, "id", link=package_address),
    Column("fiscal_year", _("fiscal year"), COUNT, "programme__fiscal_year"),
    Column("programme_id", _("programme (id)"), COUNT),
    Column("programme", _("programme"), TEXT, "programme__name"),
    Column("funding", _("source of money (code)"), TEXT, "programme__funding"),
    Column(
        "funding_label",
        _("source of money"),
        TEXT,
        "programme__funding",
        choices=tuple(Programme.Funding.choices),
    ),
    Column("kind", _("aid kind (code)"), TEXT, "kind__code"),
    Column("kind_label", _("aid kind"), TEXT, "kind__name"),
    Column("recipient_kind", _("kind of recipient (code)"), TEXT),
    Column(
        "recipient_kind_label",
        _("kind of recipient"),
        TEXT,
        "recipient_kind",
        choices=tuple(RecipientKind.choices),
    ),
    # A person's group, never the name; empty for a person without one.
    Column("recipient", _("recipient"), TEXT, "public_recipient"),
    Column("recipient_count", _("number of recipients"), COUNT),
    Column("cooperative_url", _("page of the cooperative"), LINK, "recipient__cooperative_id", link=address_of),
    Column("regency", _("regency"), TEXT, "regency__name"),
    Column("regency_code", _("Kemendagri code"), TEXT, "regency__kemendagri_code"),
    Column("place", _("place of use"), TEXT),
    Column("transfer", _("way of transfer (code)"), TEXT),
    Column("transfer_label", _("way of transfer"), TEXT, "transfer", choices=tuple(Package.Transfer.choices)),
    Column("land_status", _("status of the land"), TEXT),
    Column("quantity", _("quantity"), COUNT),
    Column("unit_word", _("unit of measure"), TEXT, "kind__unit_word"),
    Column("unit_price", _("unit price"), COUNT),
    Column("contracted_amount", _("contracted value"), COUNT),
    Column("realised_amount", _("realised value"), COUNT),
    Column("supplier", _("supplier"), TEXT),
    Column("procurement_number", _("procurement number"), TEXT),
    Column("stage", _("stage (code)"), TEXT),
    Column("stage_label", _("stage"), TEXT, "stage", choices=tuple(Stage.choices)),
    Column("decreed_on", _("decreed on"), DATE),
    Column("handed_over_on", _("handed over on"), DATE),
    Column("handed_over", _("handed over"), COUNT, "confirmed_count"),
    Column("use_report_due_on", _("use report due on"), DATE),
    Column("use_reported_on", _("use reported on"), DATE),
    Column("last_seen_on", _("last verified on"), DATE),
    Column("is_historical", _("historical data"), FLAG),
    Column("source", _("source"), TEXT, "source__title"),
    Column("remark", _("public remark"), TEXT),
    Column("is_demo", _("demo data"), FLAG),
)
UNIT = (
    Column("id", _("id"), COUNT),
    Column("code", _("unit code"), TEXT),
    Column("url", _("address of the page"), LINK, "code", link=unit_address),
    Column("package", _("aid package (id)"), COUNT, "package_id"),
    Column("kind", _("aid kind"), TEXT, "package__kind__name"),
    Column("regency", _("regency"), TEXT, "package__regency__name"),
    Column("maker", _("maker"), TEXT),
    Column("type", _("type"), TEXT),
    Column("year", _("year made"), COUNT),
    Column("price", _("price"), COUNT),
    Column("handed_on", _("handed over on"), DATE),
    Column("state", _("state (code)"), TEXT),
    Column("state_label", _("state"), TEXT, "state", choices=tuple(State.choices)),
    Column("condition", _("condition (code)"), TEXT),
    Column("condition_label", _("condition"), TEXT, "condition", choices=tuple(Condition.choices)),
    # Only what kind of holder it is: some are persons.
    Column("holder", _("holder (code)"), TEXT, "holder_kind"),
    Column("holder_label", _("holder"), TEXT, "holder_kind", choices=tuple(Holding.Holder.choices)),
    Column("last_seen_on", _("last verified on"), DATE),
    Column("is_demo", _("demo data"), FLAG, "package__is_demo"),
)
STEP = (
    Column("stage", _("stage (code)"), TEXT, "to"),
    Column("stage_label", _("stage"), TEXT, "to", choices=tuple(Stage.choices)),
    Column("dated_on", _("date"), DATE),
    Column("document", _("kind of document"), TEXT, "document__paper", choices=tuple(Paper.choices)),
    Column("number", _("number"), TEXT, "document__number"),
    Column("is_historical", _("historical data"), FLAG),
)
KIND = (
    Column("id", _("id"), COUNT),
    Column("code", _("code"), TEXT),
    Column("name", _("name"), TEXT),
    Column("nature", _("nature (code)"), TEXT),
    Column("nature_label", _("nature"), TEXT, "nature", choices=tuple(AidKind.Nature.choices)),
    Column("unit_word", _("unit of measure"), TEXT),
)
PROGRAMME = (
    Column("id", _("id"), COUNT),
    Column("name", _("name"), TEXT),
    Column("fiscal_year", _("fiscal year"), COUNT),
    Column("funding", _("source of money (code)"), TEXT),
    Column("funding_label", _("source of money"), TEXT, "funding", choices=tuple(Programme.Funding.choices)),
    Column("budget_line", _("budget line"), TEXT),
    Column("dpa_number", _("DPA number"), TEXT),
    Column("ceiling", _("ceiling"), COUNT),
    Column("committed", _("committed"), COUNT),
    Column("note", _("note"), TEXT),
    Column("is_historical", _("historical data"), FLAG),
    Column("is_demo", _("demo data"), FLAG),
)


def described(packages):
    """Packages with what PACKAGE reads beyond their own columns."""
    return packages.annotate(
        public_recipient=Case(
            When(recipient__kind="person", then=F("recipient__group_name")),
            default=F("recipient__name"),
            output_field=CharField(),
        )
    )


def public_units(packages):
    """The units handed over of some packages, with the kind of today's holder."""
    now = Holding.objects.filter(unit=OuterRef("pk"), until=None).order_by().values("holder")[:1]
    return (
        Unit.objects.handed_over()
        # One look at each unit's package: a list of all packages would be made anew for every chunk of an export.
        .filter(Exists(packages.order_by().filter(pk=OuterRef("package"))))
        .annotate(holder_kind=Subquery(now))
    )

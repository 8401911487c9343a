"""What cannot be true of a cooperative's record: rules over its values, the same for a form and for a file."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Min
from django.utils.translation import gettext_lazy as _

from common.dates import format_date, today
from common.text import fold
from cooperatives.models import AnnualReturn, Form, StatusPeriod

# Days on which something has happened.
PAST = ("founded_on", "legal_on", "certificate_on", "iusp_on", "health_on", "first_since")
# East Kalimantan with its sea, as the constraint of the table has it.
LATITUDES, LONGITUDES = (Decimal(-3), Decimal(5)), (Decimal(113), Decimal(120))


@dataclass(frozen=True)
class Earliest:
    """The first that is on record of a cooperative, besides the days in its own record."""

    rat_on: date | None = None
    book_year: int | None = None
    status_since: date | None = None


def earliest_of(ids):
    """`{id: Earliest}` of these cooperatives, in two queries."""
    returns = AnnualReturn.objects.filter(cooperative__in=ids).order_by().values_list("cooperative_id")
    statuses = StatusPeriod.objects.filter(cooperative__in=ids).order_by().values_list("cooperative_id")
    since = dict(statuses.annotate(Min("since")))
    held = {pk: (rat_on, year) for pk, rat_on, year in returns.annotate(Min("rat_on"), Min("book_year"))}
    found = {}
    for pk in ids:
        rat_on, book_year = held.get(pk, (None, None))
        found[pk] = Earliest(rat_on, book_year, since.get(pk))
    return found


def founding_problem(founded_on, earliest):
    """Why a cooperative cannot have been founded on that day, given what is on record; empty where it can."""
    if earliest.book_year is not None and founded_on.year > earliest.book_year:
        return _("There is a return for %(year)s, before this day. Correct one of the two.") % {
            "year": earliest.book_year
        }
    for day in (earliest.rat_on, earliest.status_since):
        if day is not None and day < founded_on:
            return _("A RAT or a status of %(day)s is on record, before this day. Correct one of the two.") % {
                "day": format_date(day)
            }
    return ""


def problems_of(values, *, user=None, unread=()):
    """`{field: message}` of what is wrong with the values of a record; empty when it is sound.

    `values` holds days, decimals and, for the form and the regency, records; what it lacks is not looked at. Of a
    `user` who is bound to a regency it says what that person may not enter. `unread` names fields whose input could
    not be read: nothing more is said of them.
    """
    found: dict = {}
    if values.get("name") and not fold(values["name"]):
        found["name"] = _("A name has letters or digits.")
    _dates(values, found)
    _place(values, found, unread)
    if user is not None and user.regency_id:
        _own(values, found, user)
    return {name: message for name, message in found.items() if name not in unread}


def _dates(values, found):
    on = today()
    for name in PAST:
        if (day := values.get(name)) and day > on:
            found[name] = _("This day lies in the future. Check the year.")
    founded, legal = values.get("founded_on"), values.get("legal_on")
    if founded and legal and legal < founded:
        found["legal_on"] = _("The legal registration lies before the founding. Correct one of the two.")
    given, until = values.get("certificate_on"), values.get("certificate_valid_until")
    if given and until and until < given:
        found["certificate_valid_until"] = _("The certificate ends before it begins. Correct one of the two.")
    since = values.get("first_since")
    if since and founded and since < founded:
        found["first_since"] = _("The status begins before the founding. Leave it empty or correct it.")
    if values.get("health") and not values.get("health_source"):
        found["health_source"] = _("Say who rated the health, and in what document.")


def _place(values, found, unread):
    latitude, longitude = values.get("latitude"), values.get("longitude")
    if not {"latitude", "longitude"} & set(unread):
        if (latitude is None) != (longitude is None):
            missing = "latitude" if latitude is None else "longitude"
            found[missing] = _("A place needs both coordinates. Fill in this one or empty the other.")
        elif latitude is not None and not (_within(latitude, LATITUDES) and _within(longitude, LONGITUDES)):
            found["latitude"] = _("The coordinates do not lie in East Kalimantan. Latitude comes first.")
    if values.get("is_merah_putih") and not values.get("village"):
        found["village"] = _("A Merah Putih cooperative belongs to a village. Fill in its name.")


def _within(value, bounds):
    return bounds[0] <= value <= bounds[1]


def _own(values, found, user):
    if "regency" in values and getattr(values["regency"], "pk", None) != user.regency_id:
        found["regency"] = _("You can only enter cooperatives of your own regency.")
    form = values.get("form")
    if form is not None and form.responsible_level != Form.Level.REGENCY:
        found["form"] = _("Cooperatives of this form are kept by the province. Ask the office.")

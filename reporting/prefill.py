"""What the register knows for the lines of a report: one computation for all offices, kept until it changes."""

from django.core.cache import cache
from django.db.models import Q

from common.models import DataVersion
from cooperatives.models import Cooperative, Status, StatusPeriod
from cooperatives.models.cooperative import ENDED
from cooperatives.recap import MINISTRY, NOT_FILLED_IN, SUMS, Places, recap
from reporting.models.form import FormLine

KEEP_SECONDS = 3600
KEYS = ("cooperatives", "regions", "demo")
OF_RECAP = ("total", "active", "inactive", "rat_held", "audited")
Register = FormLine.Register


def register_values(period):
    """`{office key: {register key: value}}` for the end of a period, by responsible office.

    A sum is None where no cooperative gave the number: then the register knows nothing to offer. Counts of an office
    without any cooperative on record are None as well: an empty register is not a regency without cooperatives.
    """
    versions = sorted((key, number) for key, (number, _changed) in DataVersion.read(*KEYS).items())
    key = f"prefill:{period.pk}:{versions}".replace(" ", "")
    found = cache.get(key)
    if found is None:
        found = _computed(period)
        cache.set(key, found, KEEP_SECONDS)
    return found


def _computed(period):
    found = {}
    for row in recap(period.ends_on).rows:
        if row.key in (MINISTRY, NOT_FILLED_IN):
            continue
        is_empty = not row.total and not row.ended
        found[row.key] = {name: None if is_empty else getattr(row, name) for name in OF_RECAP} | {
            name: row.sums[name] for name in SUMS
        }
    for name, counts in _flows(period).items():
        for office, values in found.items():
            values[name] = None if values[Register.TOTAL] is None else counts.get(office, 0)
    return found


def _flows(period):
    """New, dissolved and certified ones by office; three grouped queries."""
    places = Places(period.ends_on)
    founded = Q(founded_on__range=(period.starts_on, period.ends_on)) | Q(
        founded_on=None, legal_on__range=(period.starts_on, period.ends_on)
    )
    standing = Cooperative.objects.on(period.ends_on).exclude(status_on__in=ENDED)
    certified = Q(certificate_on__lte=period.ends_on) & (
        Q(certificate_valid_until=None) | Q(certificate_valid_until__gte=period.ends_on)
    )
    dissolved = StatusPeriod.objects.filter(
        status=Status.DISSOLVED, since__range=(period.starts_on, period.ends_on), cooperative__voided_at=None
    )
    return {
        Register.NEW: places.count(Cooperative.objects.in_register().filter(founded)),
        Register.DISSOLVED: places.count(dissolved, "cooperative__"),
        Register.CERTIFIED: places.count(standing.filter(certified)),
    }

"""manage.py refresh_register: work out the derived columns of the whole register, every night.

Grades and the status by the rule change with the calendar, without anybody saving anything.
"""

from django.core.management.base import BaseCommand
from django.db import transaction

from common.models import DataVersion
from cooperatives.models import Cooperative
from cooperatives.summary import refresh_summary

CHUNK = 500


class Command(BaseCommand):
    help = "Works out grade, status by the rule, search text and latest figures of every cooperative."

    def handle(self, **options):
        changed = seen = last = 0
        while ids := list(Cooperative.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:CHUNK]):
            # Short transactions: nobody's save waits for the whole register. The lock keeps a save that
            # comes between reading and writing from being overwritten.
            with transaction.atomic():
                list(Cooperative.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk").values("pk"))
                refreshed = refresh_summary(ids)
            seen, changed, last = seen + len(ids), changed + refreshed, ids[-1]
        if changed:
            DataVersion.bump("cooperatives")
        self.stdout.write(f"Looked at {seen} cooperatives; {changed} changed.")

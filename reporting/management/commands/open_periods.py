"""manage.py open_periods: bring the calendar of reports up to today, every night.

A period that has begun gets its blank reports, one for each office that will owe one; what is there is left alone.
"""

from django.core.management.base import BaseCommand, CommandError

from common.dates import DateRefused, parse_date, today
from common.models import StepRefused
from reporting import calendar
from reporting.models import Period


class Command(BaseCommand):
    help = "Opens the reporting periods up to today with their blank reports; a second run opens nothing."

    def add_arguments(self, parser):
        parser.add_argument(
            "--kind", choices=Period.Kind.values, help="How the office reports from now on; else as it did."
        )
        parser.add_argument("--until", metavar="DATE", help="Up to the period in which this day lies; else today.")

    def handle(self, *, kind, until, **options):
        try:
            made = calendar.open_until(parse_date(until) if until else today(), kind=kind)
        except (DateRefused, StepRefused) as why:
            raise CommandError(str(why)) from None
        for period in made:
            self.stdout.write(
                f"Opened {period.code}: {period.reports.count()} reports,"
                f" {period.opens_on} to {period.due_on}, locked after {period.locks_on}."
            )
        if not made:
            self.stdout.write("Every period is open already.")

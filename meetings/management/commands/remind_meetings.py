"""manage.py remind_meetings: tell people of follow-ups that are due or late; every night, however often."""

from django.core.management.base import BaseCommand, CommandError

from common.dates import DateRefused, parse_date, today
from meetings import reminders


class Command(BaseCommand):
    help = "Posts the reminders of a day to the notices; each person is told once, however often it runs."

    def add_arguments(self, parser):
        parser.add_argument("--on", metavar="DATE", help="As if it were this day; else today.")

    def handle(self, *, on, **options):
        try:
            day = parse_date(on) if on else today()
        except DateRefused as why:
            raise CommandError(str(why)) from None
        found, new = reminders.post_on(day)
        self.stdout.write(f"{day}: {found} reminders hold, {new} of them are new.")

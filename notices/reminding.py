"""The command that reminds of one subject: the same for each app that has something to remind of."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from common.dates import DateRefused, parse_date, today


class ReminderCommand(BaseCommand):
    """Posts the reminders of a day. A subclass names `reminders`, a module with `post_on(day)`: (found, new)."""

    help = "Posts the reminders of a day to the notices; each person is told once, however often it runs."
    reminders: Any

    def add_arguments(self, parser):
        parser.add_argument("--on", metavar="DATE", help="As if it were this day; else today.")

    def handle(self, *, on, **options):
        try:
            day = parse_date(on) if on else today()
        except DateRefused as why:
            raise CommandError(str(why)) from None
        found, new = self.reminders.post_on(day)
        self.stdout.write(f"{day}: {found} reminders hold, {new} of them are new.")

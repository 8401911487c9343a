"""manage.py sweep_files: find, and with --remove delete, stored bytes that belong to no record."""

from django.core.management.base import BaseCommand

from files.sweeping import forgotten, sweep


class Command(BaseCommand):
    help = (
        "Lists what lies in the folder of attached files and belongs to no row: left by transactions that rolled back "
        "and by processes that were killed. Nothing younger than a day. Run it after a restore only once the database "
        "and the files are of the same day: what the database does not know yet would be listed too."
    )

    def add_arguments(self, parser):
        parser.add_argument("--remove", action="store_true", help="Delete what was found.")

    def handle(self, *, remove, **_options):
        paths = forgotten()
        for path in paths:
            self.stdout.write(path.name)
        if remove:
            sweep(paths)
        self.stdout.write(f"{len(paths)} {'removed' if remove else 'found'}.")

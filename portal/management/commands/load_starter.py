"""manage.py load_starter: what a fresh portal begins with, from regions to published figures and awards."""

from django.core.management.base import BaseCommand
from django.db import transaction

from assistance import starter as assistance_starter
from cooperatives import starter as cooperatives_starter
from figures import starter as figures_starter
from meetings import starter as meetings_starter
from progress import starter as progress_starter
from regions import starter as regions_starter
from reporting import starter as reporting_starter

# In the order in which they need each other.
STARTERS = (
    regions_starter,
    cooperatives_starter,
    figures_starter,
    assistance_starter,
    meetings_starter,
    reporting_starter,
    progress_starter,
)


class Command(BaseCommand):
    help = (
        "Adds the project's own starter data. A row that is or ever was on record is left alone, so a second run "
        "adds nothing and nothing that staff changed or removed comes back."
    )

    @transaction.atomic
    def handle(self, **options):
        for starter in STARTERS:
            for table in starter.load():
                self.stdout.write(f"{table.label}: {table.added} added, {table.kept} left alone")
                for row in table.skipped:
                    self.stdout.write(f"  skipped, what it points at was removed: {row}")

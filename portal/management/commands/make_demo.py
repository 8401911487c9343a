"""manage.py make_demo: fill an empty register with invented cooperatives, or take them out again."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from cooperatives import demo
from figures.models import Figure, Source
from progress.models import Award


class Command(BaseCommand):
    help = "Fills the register with invented cooperatives (--cooperatives N), or removes all demo data (--remove)."

    def add_arguments(self, parser):
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--cooperatives", type=int, metavar="N")
        what.add_argument("--remove", action="store_true")
        parser.add_argument(
            "--lean", action="store_true", help="One return each, no board, no history: for benchmarks."
        )

    def handle(self, *, cooperatives, remove, lean, **options):
        if remove:
            # Whatever was entered while invented data was in counts as demo data too.
            for model in (Award, Figure, Source):
                model.objects.filter(is_demo=True).delete()
                model.history.filter(is_demo=True).delete()
            self.stdout.write(f"Removed {demo.remove()} demo cooperatives and all that was entered beside them.")
            return
        if not settings.DEBUG:
            raise CommandError("Production never loads demo data.")
        if cooperatives < 1:
            raise CommandError("--cooperatives must be at least 1.")
        try:
            made = demo.make(cooperatives, lean=lean)
        except demo.RefusesRealData:
            raise CommandError(
                "The register holds real cooperatives. Demo data only goes into a register without any."
            ) from None
        self.stdout.write(f"Made {made} demo cooperatives. Every page now says “Data contoh”.")

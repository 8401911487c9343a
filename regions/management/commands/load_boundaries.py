"""manage.py load_boundaries FILE.geojson: official outlines for the map, all of them or none."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from common.dates import today
from regions import boundaries


class Command(BaseCommand):
    help = (
        "Loads the outlines of today's regencies from a GeoJSON file (WGS84, with Kemendagri or BPS codes). A file "
        "whose codes or geometry do not fit is refused whole, with the list of what does not fit."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)

    def handle(self, *, file, **options):
        try:
            outlines = boundaries.check(boundaries.read(file), today())
        except boundaries.BoundariesRefused as refused:
            raise CommandError("\n".join(["Refused; nothing was changed.", *refused.problems])) from None
        boundaries.store(outlines)
        for outline in outlines:
            facts = [f"{outline.area_km2:.0f} km²"]
            if outline.area_off is not None:
                facts.append(f"{outline.area_off:+.1%} against the known area")
            if outline.capital_off_km:
                facts.append(f"capital {outline.capital_off_km:.1f} km outside")
            self.stdout.write(f"{outline.regency.full_name}: {', '.join(facts)}")

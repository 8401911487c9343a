"""manage.py make_demo: fill an empty register with invented cooperatives, or take them out again."""

from itertools import islice

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Q

import accounts.demo
from accounts.models import User
from accounts.roles import Role
from assistance import demo as demo_aid
from assistance.models import Document, Package, Programme, Recipient
from common.models import pointing_at
from cooperatives import demo
from cooperatives.models import Cooperative, DistinctPair
from figures.models import Figure, Source
from meetings import demo as demo_meetings
from meetings.models import FollowUp, Meeting, Round
from progress.models import Award, Snapshot
from reporting import demo as demo_reports
from reporting.models import Period

MOST_NAMED = 20


class Command(BaseCommand):
    help = (
        "Fills the register with invented cooperatives (--cooperatives N), their offices' reports, aid and meetings, "
        "or removes all demo data (--remove)."
    )

    def add_arguments(self, parser):
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--cooperatives", type=int, metavar="N")
        what.add_argument("--remove", action="store_true")
        parser.add_argument(
            "--lean",
            action="store_true",
            help="One return each, no board, no history, no reports, no aid, no meetings: for benchmarks.",
        )

    def handle(self, *, cooperatives, remove, lean, **options):
        if remove:
            self._remove()
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
        if not lean and (reports := demo_reports.make()):
            self.stdout.write(f"Filled in {reports} demo reports.")
        if not lean and (packages := demo_aid.make()):
            self.stdout.write(f"Made {packages} demo packages of aid.")
        if not lean and (meetings := demo_meetings.make()):
            self.stdout.write(f"Made {meetings} demo meetings.")

    @transaction.atomic
    def _remove(self):
        """All of it, the accounts closed as well, or nothing."""
        if found := list(islice(_real_on_invented(), MOST_NAMED)):
            raise CommandError(
                "Nothing was removed, because real records refer to demo data. Correct them first:\n" + "\n".join(found)
            )
        Snapshot.objects.filter(is_demo=True).delete()
        # Meetings and aid first: they may name demo sources.
        self.stdout.write(f"Removed {demo_meetings.remove()} demo meetings.")
        self.stdout.write(f"Removed {demo_aid.remove()} demo packages of aid.")
        self.stdout.write(f"Removed {demo_reports.remove()} demo reports.")
        # Whatever was entered while invented data was in counts as demo data too.
        for model in (Award, Figure, Source):
            model.objects.filter(is_demo=True).delete()
            model.history.filter(is_demo=True).delete()
        self.stdout.write(f"Removed {demo.remove()} demo cooperatives and all that was entered beside them.")
        if closed := accounts.demo.close():
            self.stdout.write(f"Deactivated the demo accounts: {', '.join(closed)}.")
        if not User.objects.active().with_role(Role.ADMINISTRATOR).exists():
            self.stdout.write("No administrator is left. Next: manage.py create_account NAME --role administrator")


# Through which of its fields a row belongs to something invented and goes with it.
OWNERS = (
    ("is_demo", "is_demo"),
    ("cooperative", "cooperative__is_demo"),
    ("package", "package__is_demo"),
    ("unit", "unit__package__is_demo"),
    ("meeting", "meeting__is_demo"),
    ("follow_up", "follow_up__is_demo"),
)


def _real_on_invented():
    """A line for each real row that refers to an invented one. What belongs to an invented record goes with it."""
    invented = (Cooperative, Figure, Source, Period, Package, Programme, Recipient, Document)
    invented += (Round, Meeting, FollowUp)
    for field in (f for model in invented for f in pointing_at(model)):
        if field.model is DistinctPair:  # Says something of two, so it goes with either.
            continue
        names = {one.name for one in field.model._meta.fields if one.is_relation or one.name == "is_demo"}
        wanted = Q(**{f"{field.name}__is_demo": True})
        if field.related_model is Recipient:  # One that is an invented cooperative goes with it.
            wanted |= Q(**{f"{field.name}__cooperative__is_demo": True})
        rows = field.model._base_manager.filter(wanted).select_related(field.name)
        for owner, is_demo in OWNERS:
            # Who holds a unit is told of the unit, not of the cooperative.
            if owner in names and not (owner == "cooperative" and "unit" in names):
                rows = rows.exclude(**{is_demo: True})
        for row in rows.order_by("pk")[:MOST_NAMED]:
            target = getattr(row, field.name)
            yield f"{_named(row)} refers to {_named(target)} ({field.name})."


def _named(row):
    return f"{type(row).__name__} {row.pk} “{row}”"

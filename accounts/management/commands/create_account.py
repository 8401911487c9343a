"""manage.py create_account: invite somebody from the command line, as for the first administrator."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts import links
from accounts.models import User
from accounts.roles import Role
from regions.models import Regency


class Command(BaseCommand):
    help = "Creates an account and prints a one-time link with which its owner sets a password."

    def add_arguments(self, parser):
        parser.add_argument("username")
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument("--name", default="", help="Full name; the username where it is not given.")
        parser.add_argument("--regency", metavar="SLUG", help="For a regency officer, for example kutai-barat.")
        parser.add_argument("--email", default="")
        parser.add_argument("--base-url", help="What the link begins with; else the first of ALLOWED_HOSTS.")

    @transaction.atomic
    def handle(self, *, username, role, name, regency, email, base_url, **options):
        place = None
        if regency:
            place = Regency.objects.filter(slug=regency).first()
            if place is None:
                known = ", ".join(Regency.objects.values_list("slug", flat=True)) or "none yet; run load_starter first"
                raise CommandError(f"There is no regency {regency!r}. Known: {known}.")
        account = User(username=username, full_name=name or username, email=email or None, role=role, regency=place)
        account.set_unusable_password()
        try:
            account.full_clean(exclude=["password"])
        except ValidationError as refused:
            raise CommandError(" ".join(refused.messages)) from None
        account.save()
        account.join_group()
        link = links.hand_out(account, by=None, base_url=base_url or _base_url())
        self.stdout.write(f"Account {account.username} ({role}) is ready. Hand over this link; it works once:\n{link}")


def _base_url():
    if settings.DEBUG:
        return "http://localhost:8000"
    host = next((host for host in settings.ALLOWED_HOSTS if host != "*"), "localhost").lstrip(".")
    return f"https://{host}"

"""manage.py demo_accounts: one account for each role, with passwords made up on the spot."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts import demo


class Command(BaseCommand):
    help = "Makes or renews one demo account for each role and prints their passwords. Only while DEBUG."

    def handle(self, **options):
        if not settings.DEBUG:
            raise CommandError("Demo accounts exist only while DEBUG is on. In production: manage.py create_account")
        accounts = demo.refresh()
        width = max(len(account.username) for account in accounts)
        for account in accounts:
            self.stdout.write(f"{account.username:<{width}}  {account.password}  {account.role}")

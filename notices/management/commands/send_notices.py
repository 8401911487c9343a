"""manage.py send_notices: mail what waits to be mailed; every fifteen minutes."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from notices.mailing import send_waiting


class Command(BaseCommand):
    help = "Sends by e-mail the notices that wait for it. Two at once send nothing twice."

    def handle(self, **options):
        if not settings.HAS_MAIL:
            self.stdout.write("EMAIL_URL is not set, so nothing is mailed: notices stand in the workspace only.")
            return
        outcome = send_waiting()
        said = f"Sent {outcome.sent}, failed {outcome.failed}, left {outcome.left}."
        if outcome.given_up:
            said += f" Given up {outcome.given_up}; the log says why."
        if outcome.is_unreachable:
            raise CommandError(f"{said} The mail server does not answer; the next run tries again.")
        if outcome.failed:
            raise CommandError(f"{said} The log says why; the next run tries again.")
        self.stdout.write(said)

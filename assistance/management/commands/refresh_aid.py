"""manage.py refresh_aid: let recipients that are cooperatives bear the name and seat of the register; every night."""

from django.core.management.base import BaseCommand
from django.db import transaction

from assistance.models import SUBJECT, Recipient
from common.models import DataVersion


class Command(BaseCommand):
    help = (
        "Takes over names and seats of cooperatives that changed in the register, with the words that find their aid."
    )

    @transaction.atomic
    def handle(self, **options):
        outdated = list(Recipient.objects.outdated().select_related("cooperative__regency"))
        for recipient in outdated:
            recipient.follow(recipient.cooperative)
        if outdated:
            DataVersion.bump(SUBJECT)
        self.stdout.write(f"{len(outdated)} recipients follow the register.")

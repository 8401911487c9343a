"""manage.py remind_meetings: tell people of follow-ups that are due or late; every night, however often."""

from meetings import reminders
from notices.reminding import ReminderCommand


class Command(ReminderCommand):
    reminders = reminders

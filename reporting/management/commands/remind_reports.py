"""manage.py remind_reports: tell people of reports that are due, late or waiting; every night, however often."""

from notices.reminding import ReminderCommand
from reporting import reminders


class Command(ReminderCommand):
    reminders = reminders

"""manage.py remind_aid: tell people of due visits and overdue use reports; every night, however often."""

from assistance import reminders
from notices.reminding import ReminderCommand


class Command(ReminderCommand):
    reminders = reminders

"""What staff keeps of reports: the form, the vocabulary, the calendar. Reports themselves are never changed here."""

from reporting.admin import calendar, form

__all__ = ["calendar", "form"]

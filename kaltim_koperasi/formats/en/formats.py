"""How Django itself writes dates, in the admin's lists and read-only fields: as common/dates.py does."""

DATE_FORMAT = "j F Y"
DATETIME_FORMAT = r"j F Y \a\t H:i T"

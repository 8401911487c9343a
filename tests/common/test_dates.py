"""Dates are read one way only, the day first, and no day is shifted."""

import calendar
import os
import re
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from django.conf import settings as portal
from django.utils import formats, translation
from django.utils.timezone import localtime, override
from hypothesis import given, settings
from hypothesis import strategies as st

from common import dates
from common.dates import (
    DateRefused,
    begin_of,
    day_of,
    end_of,
    format_date,
    format_moment,
    parse_cell_date,
    parse_date,
    today,
    write_date,
)

property_of = settings(deadline=None, derandomize=True, database=None, max_examples=300)

TYPED = [
    ("02/03/2025", date(2025, 3, 2)),
    ("2-3-2025", date(2025, 3, 2)),
    ("2025-03-02", date(2025, 3, 2)),
    (" 31/12/2012 ", date(2012, 12, 31)),
    ("29/02/2024", date(2024, 2, 29)),
    ("11 September 2013", date(2013, 9, 11)),
    ("11\u00a0September\u00a02013", date(2013, 9, 11)),
    ("1 MEI 2020", date(2020, 5, 1)),
    ("1 May 2020", date(2020, 5, 1)),
    ("17 Agt. 1945", date(1945, 8, 17)),
    ("17-Aug-1945", date(1945, 8, 17)),
    ("3 Nopember 1999", date(1999, 11, 3)),
    ("3 Peb 1999", date(1999, 2, 3)),
    ("01/01/1900", date(1900, 1, 1)),
    ("31/12/2100", date(2100, 12, 31)),
    ("02/13/2025", ("month", "13/02/2025")),
    ("31/13/2025", ("month", None)),
    ("01/00/2025", ("month", None)),
    ("31/02/2025", ("day", None)),
    ("29/02/2025", ("day", None)),
    ("00/01/2025", ("day", None)),
    ("2025-02-30", ("day", None)),
    ("01/02/25", ("year", "01/02/2025")),
    ("31/02/25", ("year", None)),
    ("11 September 13", ("year", "11/09/2013")),
    ("1/2/202", ("year", None)),
    ("1/2/20255", ("year", None)),
    ("31/12/1899", ("range", None)),
    ("01/01/2101", ("range", None)),
    ("0000-01-01", ("range", None)),
    ("11 Sektember 2013", ("month", None)),
    ("2/3-2025", ("not_a_date", None)),
    ("2025/03/02", ("not_a_date", None)),
    ("0２/03/2025", ("not_a_date", None)),
    ("September 2013", ("not_a_date", None)),
    ("2013", ("not_a_date", None)),
    ("kemarin", ("not_a_date", None)),
    ("1" * 5000, ("not_a_date", None)),
    ("", ("empty", None)),
    ("  ", ("empty", None)),
    (None, ("not_a_date", None)),
    (20250302, ("not_a_date", None)),
]


def tried(parse, value):
    """What came out and what was refused: one of the two is None. Any other exception is the test's end."""
    try:
        return parse(value), None
    except DateRefused as refusal:
        return None, refusal


def answer(parse, value):
    """The day, or the rule that refused it with what may be meant."""
    found, refusal = tried(parse, value)
    return (refusal.code, refusal.suggestion) if refusal else found


@pytest.mark.parametrize(("typed", "expected"), TYPED)
def test_a_date_is_read_as_it_was_meant_or_refused(typed, expected):
    assert answer(parse_date, typed) == expected


def djangos_own(text):
    """The control: Django's Indonesian formats, tried one after another."""
    for pattern in formats.get_format("DATE_INPUT_FORMATS", lang="id"):
        try:
            return datetime.strptime(text, pattern).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    raise DateRefused("")


def test_the_table_catches_a_careless_parser():
    wrong = {typed for typed, expected in TYPED if isinstance(typed, str) and answer(djangos_own, typed) != expected}
    assert {"02/13/2025", "01/02/25"} <= wrong


def test_a_refusal_names_the_month_in_the_language_of_the_reader():
    with pytest.raises(DateRefused) as caught:
        parse_date("31/02/2025")
    assert str(caught.value) == "Tidak ada tanggal 31 pada bulan Februari 2025."
    with translation.override("en"):
        assert str(caught.value) == "There is no day 31 in February 2025."


MIDNIGHT = datetime(2025, 3, 2, tzinfo=UTC)

CELLS = [
    (date(2025, 3, 2), date(2025, 3, 2)),
    (MIDNIGHT, date(2025, 3, 2)),
    (MIDNIGHT.replace(tzinfo=None), date(2025, 3, 2)),
    (MIDNIGHT.replace(tzinfo=timezone(timedelta(hours=8))), date(2025, 3, 2)),
    (MIDNIGHT.replace(tzinfo=timezone(timedelta(hours=9))), date(2025, 3, 2)),
    (MIDNIGHT.replace(tzinfo=timezone(timedelta(hours=-5))), date(2025, 3, 2)),
    (MIDNIGHT.replace(hour=16), ("time", None)),
    ("2025-03-02T00:00:00Z", date(2025, 3, 2)),
    ("2025-03-02 00:00:00+00:00", date(2025, 3, 2)),
    ("2025-03-02T16:00:00Z", ("not_a_date", None)),
    ("02/03/2025", date(2025, 3, 2)),
    (45718, date(2025, 3, 2)),
    (45718.0, date(2025, 3, 2)),
    (45718.5, ("time", None)),
    (1, date(1900, 1, 1)),
    (59, date(1900, 2, 28)),
    (60, ("day", None)),
    (61, date(1900, 3, 1)),
    (2013, ("year", None)),
    (0, ("type", None)),
    (-1, ("type", None)),
    (10**30, ("type", None)),
    (99_999, ("range", None)),
    (float("nan"), ("type", None)),
    (float("inf"), ("type", None)),
    (True, ("type", None)),
    (None, ("type", None)),
    (date(1899, 12, 31), ("range", None)),
    (datetime(1, 1, 1, tzinfo=UTC), ("range", None)),
]


@pytest.mark.parametrize(("cell", "expected"), CELLS)
def test_a_cell_of_a_date_column_is_the_day_it_shows(cell, expected):
    assert answer(parse_cell_date, cell) == expected


def test_a_workbook_may_count_its_days_from_1904():
    assert parse_cell_date(44256, date1904=True) == date(2025, 3, 2)
    assert parse_cell_date(60, date1904=True) == date(1904, 3, 1)


@property_of
@given(st.one_of(st.text(), st.text(st.sampled_from("0123456789/- JanMeiSep."), max_size=14)))
def test_no_text_brings_another_exception(text):
    found, refusal = tried(parse_date, text)
    if refusal:
        assert str(refusal)
        assert refusal.suggestion is None or parse_date(refusal.suggestion)
    else:
        assert dates.EARLIEST <= found <= dates.LATEST


@property_of
@given(st.one_of(st.integers(), st.floats(), st.datetimes(), st.dates(), st.times(), st.text(), st.binary(), st.none()))
def test_no_cell_brings_another_exception(value):
    for date1904 in (False, True):
        found, refusal = tried(lambda cell, start=date1904: parse_cell_date(cell, date1904=start), value)
        assert str(refusal) if refusal else type(found) is date


@property_of
@given(st.dates(dates.EARLIEST, dates.LATEST))
def test_what_is_written_reads_back(day):
    for language in ("id", "en"):
        with translation.override(language):
            assert parse_date(format_date(day)) == day
            assert parse_date(write_date(day)) == day
    assert parse_date(day.isoformat()) == day
    if day > date(1906, 1, 1):
        assert parse_cell_date((day - date(1899, 12, 30)).days) == day


@pytest.mark.parametrize(
    ("precision", "indonesian", "english"),
    [
        ("day", "31 Desember 2012", "31 December 2012"),
        ("month", "Desember 2012", "December 2012"),
        ("year", "2012", "2012"),
    ],
)
def test_a_date_is_written_as_exactly_as_it_is_known(precision, indonesian, english):
    assert format_date(date(2012, 12, 31), precision) == indonesian
    with translation.override("en"):
        assert format_date(date(2012, 12, 31), precision) == english


def test_another_precision_is_an_error():
    with pytest.raises(ValueError, match="hour"):
        format_date(date(2012, 12, 31), "hour")


def test_a_moment_is_written_in_the_time_of_the_office():
    moment = datetime(2025, 11, 23, 16, 12, tzinfo=UTC)
    assert format_moment(moment) == "24 November 2025 pukul 00.12 WITA"
    with translation.override("en"):
        assert format_moment(moment) == "24 November 2025 at 00:12 WITA"


@pytest.mark.parametrize("language", ["id", "en"])
def test_django_itself_writes_dates_the_same_way(language):
    moment = datetime(2025, 8, 23, 16, 12, tzinfo=UTC)
    with translation.override(language):
        assert formats.date_format(date(2026, 1, 1), "DATE_FORMAT") == format_date(date(2026, 1, 1))
        assert formats.date_format(localtime(moment), "DATETIME_FORMAT") == format_moment(moment)


ZONES = ("UTC", "America/New_York", "Asia/Jayapura")
# One second before and after midnight, in the year and at its turn.
MIDNIGHTS = [
    (datetime(2025, 3, 1, 15, 59, 59, tzinfo=UTC), date(2025, 3, 1)),
    (datetime(2025, 3, 1, 16, 0, 1, tzinfo=UTC), date(2025, 3, 2)),
    (datetime(2025, 12, 31, 15, 59, 59, tzinfo=UTC), date(2025, 12, 31)),
    (datetime(2025, 12, 31, 16, 0, 0, tzinfo=UTC), date(2026, 1, 1)),
]


@pytest.fixture(params=ZONES)
def zone(request, monkeypatch):
    """The process keeps the time of another zone."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", request.param)
        time.tzset()
        yield request.param
    time.tzset()


@pytest.mark.parametrize(("moment", "day"), MIDNIGHTS)
def test_today_begins_at_midnight_in_kalimantan_wherever_the_process_runs(monkeypatch, zone, moment, day):
    monkeypatch.setattr("django.utils.timezone.now", lambda: moment)
    assert today() == day
    assert format_moment(moment).startswith(format_date(day)) and format_moment(moment).endswith("WITA")


def test_control_the_machines_own_day_is_another(zone):
    assert [datetime.fromtimestamp(moment.timestamp()).date() for moment, _day in MIDNIGHTS] != [  # noqa: DTZ006
        day for _moment, day in MIDNIGHTS
    ]


@pytest.mark.parametrize("zone", ZONES)
def test_a_process_that_starts_in_another_zone_keeps_the_office_s_day(zone):
    code = (
        "import django; django.setup()\n"
        "from datetime import datetime, UTC; from unittest import mock; from common.dates import today\n"
        f"for moment in {[moment.timestamp() for moment, _day in MIDNIGHTS]}:\n"
        "    with mock.patch('django.utils.timezone.now', lambda: datetime.fromtimestamp(moment, UTC)):\n"
        "        print(today())"
    )
    environment = {**os.environ, "TZ": zone, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    ran = subprocess.run(  # the code is the test's own
        [sys.executable, "-c", code], env=environment, cwd=portal.BASE_DIR, capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == [str(day) for _moment, day in MIDNIGHTS]


def test_every_month_has_its_names_and_they_name_no_other():
    assert len(dates._SPELLINGS) == 12
    assert len(re.findall(r"\w+", " ".join(dates._SPELLINGS))) == len(dates._MONTH_OF)
    for number in range(1, 13):
        assert dates._MONTH_OF[calendar.month_name[number].lower()] == number
        assert dates._MONTH_OF[calendar.month_abbr[number].lower()] == number


@pytest.mark.parametrize("zone", ["UTC", "Asia/Jakarta", "America/Los_Angeles"])
def test_a_day_begins_and_ends_at_midnight_in_east_kalimantan_whoever_reads(zone):
    with override(zone):
        day = date(2026, 1, 10)
        assert begin_of(day) == datetime(2026, 1, 9, 16, tzinfo=UTC)
        assert end_of(day) == begin_of(date(2026, 1, 11))
        assert day_of(end_of(day) - timedelta(seconds=1)) == day
        assert day_of(end_of(day)) == date(2026, 1, 11)
    assert day_of(None) is None

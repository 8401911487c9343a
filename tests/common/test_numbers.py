"""Numbers are read one way only, and what is written reads back as itself."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from common.numbers import (
    LARGEST_COUNT,
    LARGEST_RUPIAH,
    NumberRefused,
    format_decimal,
    format_money,
    format_number,
    format_percent,
    parse_cell_count,
    parse_cell_rupiah,
    parse_count,
    parse_json_count,
    parse_rupiah,
    share,
    write_number,
)

property_of = settings(deadline=None, derandomize=True, database=None, max_examples=300)

# What was typed, and the value or, where it is refused, the rule and what may be meant.
COUNTS = [
    ("6111", 6111),
    ("6.111", 6111),
    ("1.234.567", 1234567),
    (" 6.111\u00a0", 6111),
    ("0", 0),
    ("06", 6),
    ("2.147.483.647", LARGEST_COUNT),
    ("6,111", ("grouping", "6.111")),
    ("1,234,567", ("grouping", "1.234.567")),
    ("6 111", ("grouping", "6.111")),
    ("1_000", ("grouping", "1.000")),
    ("6.11", ("grouping", None)),
    ("6.1111", ("grouping", None)),
    ("1.23.456", ("grouping", None)),
    ("0.611", ("grouping", None)),
    ("6.000,5", ("fraction", None)),
    ("6,5", ("fraction", None)),
    ("6.000,00", ("fraction", "6.000")),
    ("-5", ("negative", None)),
    ("\u22125", ("negative", None)),
    ("+5", ("sign", "5")),
    ("+ 6.111", ("sign", "6.111")),
    ("++5", ("sign", None)),
    ("1e3", ("shortened", None)),
    ("7,37E+15", ("shortened", None)),
    ("0x10", ("not_a_number", None)),
    ("１２", ("digits", "12")),
    ("６.１１１", ("digits", "6.111")),
    ("\u0661\u0662\u0663", ("digits", "123")),
    ("\u0661x", ("digits", None)),
    ("²", ("not_a_number", None)),
    ("NaN", ("not_a_number", None)),
    ("inf", ("not_a_number", None)),
    ("Rp 5", ("not_a_number", None)),
    ("6111.", ("not_a_number", None)),
    (".5", ("not_a_number", None)),
    ("6\u200b111", ("not_a_number", None)),
    ("enam", ("not_a_number", None)),
    ("-", ("empty", None)),
    ("\u2014", ("empty", None)),
    ("", ("empty", None)),
    ("   ", ("empty", None)),
    ("2.147.483.648", ("too_large", None)),
    ("9" * 60, ("too_large", None)),
    ("9" * 5000, ("not_a_number", None)),
    (6111, ("not_a_number", None)),
    (None, ("not_a_number", None)),
]

RUPIAH = [
    ("1234567", 1234567),
    ("Rp 1.234.567,00", 1234567),
    ("Rp\u00a01.234.567", 1234567),
    ("rp.1.234.567,-", 1234567),
    ("IDR 5.000", 5000),
    ("5,00", 5),
    ("1.000.000.000.000.000", LARGEST_RUPIAH),
    ("1.000.000.000.000.001", ("too_large", None)),
    ("9" * 60, ("too_large", None)),
    ("5,25", ("cents", None)),
    ("Rp 6.000,5", ("cents", None)),
    ("6.000,500", ("cents", None)),
    ("6,111", ("grouping", "6.111")),
    ("6000.00", ("grouping", None)),
    ("1,5 juta", ("unit", None)),
    ("500rb", ("unit", None)),
    ("Rp 2 M", ("unit", None)),
    ("-5", ("negative", None)),
    ("Rp -5", ("negative", None)),
    ("(5.000)", ("not_a_number", None)),
    ("Rp", ("empty", None)),
    ("-", ("empty", None)),
    ("Rp -", ("empty", None)),
    ("Rp Rp 5", ("not_a_number", None)),
    ("1e3", ("shortened", None)),
]

LOSSES = [
    ("-12.000.000", -12_000_000),
    ("\u221212.000.000", -12_000_000),
    ("-Rp 5", -5),
    ("Rp -5", -5),
    ("Rp\u00a0\u22125,00", -5),
    ("5", 5),
    ("-0", 0),
    ("-1.000.000.000.000.000", -LARGEST_RUPIAH),
    ("-1.000.000.000.000.001", ("too_large", None)),
    ("(5.000)", ("brackets", "-5.000")),
    ("(lima)", ("brackets", None)),
    ("--5", ("not_a_number", None)),
    ("-Rp -5", ("not_a_number", None)),
    ("- -", ("empty", None)),
    ("+5", ("sign", "5")),
]


def tried(parse, value):
    """What came out and what was refused: one of the two is None. Any other exception is the test's end."""
    try:
        return parse(value), None
    except NumberRefused as refusal:
        return None, refusal


def answer(parse, value):
    """The value, or the rule that refused it with what may be meant."""
    found, refusal = tried(parse, value)
    return (refusal.code, refusal.suggestion) if refusal else found


def parse_loss(text):
    return parse_rupiah(text, signed=True)


@pytest.mark.parametrize(("typed", "expected"), COUNTS)
def test_a_count_is_read_as_it_was_meant_or_refused(typed, expected):
    assert answer(parse_count, typed) == expected


@pytest.mark.parametrize(("typed", "expected"), RUPIAH)
def test_rupiah_are_read_as_they_were_meant_or_refused(typed, expected):
    assert answer(parse_rupiah, typed) == expected


@pytest.mark.parametrize(("typed", "expected"), LOSSES)
def test_only_a_signed_amount_may_be_below_zero(typed, expected):
    assert answer(parse_loss, typed) == expected


def naive(text):
    """The control: what is written when nobody thinks about it."""
    return int(text.replace(".", "").replace(",", ""))


def djangos_own(text):
    """The second control."""
    try:
        return forms.IntegerField(min_value=0).clean(text)
    except ValidationError as error:
        raise NumberRefused("") from error


@pytest.mark.parametrize(
    ("control", "misread"),
    [(naive, {"6.11": 611, "6,5": 65, "1_000": 1000, "\u0661\u0662\u0663": 123}), (djangos_own, {"１２": 12})],
)
def test_the_table_catches_a_careless_parser(control, misread):
    accepted = {}
    for typed, expected in COUNTS:
        if isinstance(typed, str) and isinstance(expected, tuple):
            try:
                accepted[typed] = control(typed)
            except (ValueError, NumberRefused):
                continue
    assert misread.items() <= accepted.items()


def test_django_reads_six_thousand_as_six_and_we_do_not():
    assert forms.IntegerField().clean("6.000") == 6
    assert parse_count("6.000") == 6000


def test_a_suggestion_would_itself_be_read():
    for parse, table in [(parse_count, COUNTS), (parse_rupiah, RUPIAH), (parse_loss, LOSSES)]:
        for _typed, expected in table:
            if isinstance(expected, tuple) and expected[1] is not None:
                parse(expected[1])


def test_a_refusal_says_what_is_meant_in_the_language_of_the_reader():
    with pytest.raises(NumberRefused) as caught:
        parse_count("6,111")
    assert str(caught.value) == "Pemisah ribuan hanya titik. Maksud Anda 6.111?"
    with translation.override("en"):
        assert str(caught.value) == "Only dots group thousands. Do you mean 6.111?"
        error = caught.value.as_validation_error()
    assert (error.messages, error.code) == (["Only dots group thousands. Do you mean 6.111?"], "grouping")


def test_a_refusal_names_the_limit_and_quotes_no_more_than_a_line():
    with translation.override("en"):
        with pytest.raises(NumberRefused, match=r"at most 1\.000\.000\.000\.000\.000"):
            parse_rupiah("9" * 20)
        with pytest.raises(NumberRefused) as caught:
            parse_count("100% " + "x" * 5000)
    assert "100% " in str(caught.value) and len(str(caught.value)) < 150


CELLS = [
    (6111, 6111),
    (6111.0, 6111),
    (Decimal("6111.00"), 6111),
    ("6.111", 6111),
    (0, 0),
    (-0.0, 0),
    (6.111, ("fraction", "6.111")),
    (6.11, ("fraction", "6.110")),
    (6.1111, ("fraction", None)),
    (0.5, ("fraction", None)),
    (1234.5, ("fraction", None)),
    (Decimal("6.111"), ("fraction", "6.111")),
    (-5, ("negative", None)),
    (-5.0, ("negative", None)),
    (True, ("type", None)),
    (False, ("type", None)),
    (date(2025, 3, 2), ("type", None)),
    (datetime(2025, 3, 2, tzinfo=UTC), ("type", None)),
    (time(6, 11), ("type", None)),
    (timedelta(hours=6), ("type", None)),
    (None, ("empty", None)),
    ("#REF!", ("not_a_number", None)),
    ("=A1", ("not_a_number", None)),
    ([6111], ("not_a_number", None)),
    (float("nan"), ("inexact", None)),
    (float("inf"), ("inexact", None)),
    (1e300, ("inexact", None)),
    (2**31, ("too_large", None)),
    (10**30, ("too_large", None)),
]


@pytest.mark.parametrize(("cell", "expected"), CELLS)
def test_a_cell_of_a_count_column_is_read_by_what_it_holds(cell, expected):
    assert answer(parse_cell_count, cell) == expected


@pytest.mark.parametrize(
    ("cell", "signed", "expected"),
    [
        (1234567.0, False, 1234567),
        ("Rp 1.234.567,00", False, 1234567),
        (10**15, False, 10**15),
        (10**15 + 1, False, ("too_large", None)),
        (-(10**15) - 1, True, ("too_large", None)),
        (-5, True, -5),
        ("-5", True, -5),
        (-5, False, ("negative", None)),
        (5.25, False, ("fraction", "5.250")),
        (True, False, ("type", None)),
    ],
)
def test_a_cell_of_a_rupiah_column_is_read_by_what_it_holds(cell, signed, expected):
    assert answer(lambda value: parse_cell_rupiah(value, signed=signed), cell) == expected


@pytest.mark.parametrize("value", ["6.000", "6", 6.0, True, None, [6], Decimal(6)])
def test_json_brings_whole_numbers_only(value):
    assert answer(parse_json_count, value) == ("type", None)


def test_json_numbers_have_a_range():
    assert parse_json_count(LARGEST_COUNT) == LARGEST_COUNT
    assert answer(parse_json_count, 10**30) == ("too_large", None)
    assert answer(parse_json_count, -1) == ("negative", None)
    assert answer(lambda value: parse_json_count(value, most=10), 11) == ("too_large", None)


LIKELY = st.text(st.sampled_from("0123456789.,-+ _eERpRpx\u2212\u00a0()\uff11\u0661jutam"), max_size=12)


@property_of
@given(st.one_of(st.text(), LIKELY))
def test_no_text_brings_another_exception_or_a_number_out_of_range(text):
    for parse, least, most in [
        (parse_count, 0, LARGEST_COUNT),
        (parse_rupiah, 0, LARGEST_RUPIAH),
        (parse_loss, -LARGEST_RUPIAH, LARGEST_RUPIAH),
    ]:
        number, refusal = tried(parse, text)
        if refusal:
            assert str(refusal)
            assert refusal.suggestion is None or isinstance(parse(refusal.suggestion), int)
        else:
            assert least <= number <= most
            # Nothing but the digits that stand there.
            assert abs(number) == int("".join(letter for letter in text.split(",")[0] if letter in "0123456789"))


@property_of
@given(
    st.one_of(st.integers(), st.floats(), st.decimals(), st.booleans(), st.none(), st.text(), st.dates(), st.binary())
)
def test_no_cell_brings_another_exception(value):
    for parse in (parse_cell_count, parse_cell_rupiah, parse_json_count):
        found, refusal = tried(parse, value)
        assert str(refusal) if refusal else type(found) is int


@property_of
@given(st.integers(-LARGEST_RUPIAH, LARGEST_RUPIAH))
def test_what_is_written_reads_back(number):
    assert parse_rupiah(format_money(number), signed=True) == number
    assert parse_rupiah(format_number(number), signed=True) == number
    assert parse_rupiah(write_number(number), signed=True) == number
    if 0 <= number <= LARGEST_COUNT:
        assert parse_count(format_number(number)) == number
    with translation.override("en"):
        assert parse_rupiah(write_number(number), signed=True) == number


@pytest.mark.parametrize(
    ("number", "indonesian", "english"),
    [
        (0, "0", "0"),
        (6111, "6.111", "6,111"),
        (-12_000_000, "\u221212.000.000", "\u221212,000,000"),
        (Decimal("13611.1680"), "13.611,168", "13,611.168"),
        (Decimal("100.00"), "100", "100"),
        (Decimal("1E+3"), "1.000", "1,000"),
        (Decimal("-0.5"), "\u22120,5", "\u22120.5"),
        (50.5, "50,5", "50.5"),
    ],
)
def test_a_number_is_written_in_the_language_of_the_page(number, indonesian, english):
    assert format_number(number) == indonesian
    with translation.override("en"):
        assert format_number(number) == english


def test_without_a_language_numbers_are_indonesian():
    with translation.override(None):
        assert format_number(6111) == "6.111"


def test_money_is_held_together():
    assert format_money(1_234_567) == "Rp\u00a01.234.567"
    assert format_money(-5000) == "\u2212Rp\u00a05.000"


@pytest.mark.parametrize(
    ("part", "whole", "digits", "expected"),
    [
        (2901, 5745, 1, "50,5\u00a0%"),
        (3, 4, 1, "75,0\u00a0%"),
        (3, 4, 0, "75\u00a0%"),
        (0, 5, 1, "0,0\u00a0%"),
        (1, 2000, 1, "0,1\u00a0%"),  # exactly half is rounded up, not to even
        (-1, 2000, 1, "\u22120,1\u00a0%"),
        (-1, 100_000, 1, "0,0\u00a0%"),
        (20, 10, 1, "200,0\u00a0%"),
        (Decimal("0.5"), Decimal("0.75"), 2, "66,67\u00a0%"),
        (None, 10, 1, None),
        (5, None, 1, None),
        (5, 0, 1, None),
    ],
)
def test_a_share_is_exact_and_rounded_half_up(part, whole, digits, expected):
    assert format_percent(part, whole, digits) == expected


def test_a_share_in_english():
    with translation.override("en"):
        assert format_percent(2901, 5745) == "50.5%"


def test_a_half_that_cannot_be_written_out_is_not_rounded_twice():
    # One part in 10**40 below the half: with 28 digits it would look like the half and be rounded up.
    assert share(5 * 10**37 - 1, 10**41, 1) == Decimal("0.0")


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        (Decimal("13611.168"), 1, "13.611,2"),
        (Decimal("0.25"), 1, "0,3"),
        (0.15, 1, "0,2"),
        (5, 1, "5,0"),
        (Decimal("-0.04"), 1, "0,0"),
        (Decimal("-2.5"), 0, "\u22123"),
        (10**40, 1, "10." + ".".join(["000"] * 13) + ",0"),
    ],
)
def test_a_decimal_has_exactly_so_many_digits(value, digits, expected):
    assert format_decimal(value, digits) == expected


@pytest.mark.parametrize(
    ("part", "whole", "target", "said"),
    [
        (7499, 10000, 75, "74,9"),
        (7499, 10000, None, "75,0"),
        (3, 4, 75, "75,0"),
        (7494, 10000, 75, "74,9"),
        (76, 100, 75, "76,0"),
    ],
)
def test_a_share_below_its_target_is_never_rounded_up_to_it(part, whole, target, said):
    assert format_percent(part, whole, target=target) == f"{said}\u00a0%"

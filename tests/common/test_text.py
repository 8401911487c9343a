"""Text hides nothing, and names are compared without what does not tell them apart."""

import unicodedata

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from common.text import (
    TextRefused,
    clean_lines,
    clean_text,
    fold,
    fold_without,
    identity_number,
    looks_like_citizen_number,
    looks_like_damaged_number,
    validate_clean,
)

property_of = settings(deadline=None, derandomize=True, database=None, max_examples=500)
ANY_TEXT = st.text(st.characters())  # with lone surrogates


def tried(parse, value):
    """What came out and what was refused: one of the two is None. Any other exception is the test's end."""
    try:
        return parse(value), None
    except TextRefused as refusal:
        return None, refusal


HIDDEN = {
    "\x00": "U+0000 NULL",
    "\x07": "U+0007",
    "\x0b": "U+000B",
    "\x7f": "U+007F",
    "\x85": "U+0085",
    "\u200b": "U+200B ZERO WIDTH SPACE",
    "\u200d": "U+200D ZERO WIDTH JOINER",
    "\u2060": "U+2060 WORD JOINER",
    "\u202e": "U+202E RIGHT-TO-LEFT OVERRIDE",
    "\u2066": "U+2066 LEFT-TO-RIGHT ISOLATE",
    "\ufeff": "U+FEFF ZERO WIDTH NO-BREAK SPACE",
    "\u00ad": "U+00AD SOFT HYPHEN",
    "\U000e0041": "U+E0041 TAG LATIN CAPITAL LETTER A",
    "\ud800": "U+D800",
    "\ue000": "U+E000",
    "\uffff": "U+FFFF",
    "\u3164": "U+3164 HANGUL FILLER",
    "\ufe0f": "U+FE0F VARIATION SELECTOR-16",
}


@pytest.mark.parametrize(("letter", "name"), HIDDEN.items())
@pytest.mark.parametrize("clean", [clean_text, clean_lines, validate_clean])
def test_what_cannot_be_seen_is_refused_by_its_name(clean, letter, name):
    with translation.override("en"):
        for typed in (f"Koperasi Ma{letter}ju", letter):
            with pytest.raises((TextRefused, ValidationError)) as caught:
                clean(typed)
            message = " ".join(getattr(caught.value, "messages", [str(caught.value)]))
            assert name in message
            assert letter not in message


def test_the_message_says_where_in_the_language_of_the_reader():
    with pytest.raises(TextRefused) as caught:
        clean_text("Koperasi Ma\u200bju")
    assert "karakter tak terlihat sesudah “Koperasi Ma”: U+200B ZERO WIDTH SPACE" in str(caught.value)


@pytest.mark.parametrize(
    ("typed", "odd"),
    [
        ("K\u043eperasi", "U+043E CYRILLIC SMALL LETTER O"),
        ("\u041aoperasi", "U+041A CYRILLIC CAPITAL LETTER KA"),
        ("Ma\u03f3u", "U+03F3 GREEK LETTER YOT"),
        ("q\u0301\u0430", "U+0430 CYRILLIC SMALL LETTER A"),
        ("\uff2b\u043e", "U+043E CYRILLIC SMALL LETTER O"),
        ("1\u04302b", "U+0430 CYRILLIC SMALL LETTER A"),
        ("k\u2126", "U+03A9 GREEK CAPITAL LETTER OMEGA"),
        ("\u0430\u03b1", "U+03B1 GREEK SMALL LETTER ALPHA"),
    ],
)
def test_a_word_of_two_alphabets_is_refused_and_the_odd_letter_named(typed, odd):
    with translation.override("en"):
        for text in (typed, f"Koperasi {typed}, Kutai"):
            with pytest.raises(TextRefused, match=odd.replace("+", r"\+")) as caught:
                clean_text(text)
            assert caught.value.code == "mixed"


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("  Koperasi \t  Maju\n", "Koperasi Maju"),
        ("Koperasi\u00a0Maju\u2003Bersama", "Koperasi Maju Bersama"),
        ("E\u0301clair", "Éclair"),
        ("Ma'ju “Jaya” – №5 & Co. (Kutai)", "Ma'ju “Jaya” – №5 & Co. (Kutai)"),
        ("=CMD()", "=CMD()"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("{{7*7}}", "{{7*7}}"),
        ("' OR 1=1--", "' OR 1=1--"),
        ("Мир Koperasi", "Мир Koperasi"),
        ("合作社", "合作社"),
        ("µm²", "µm²"),
        ("", ""),
        (" \n ", ""),
    ],
)
def test_everything_that_can_be_seen_stays(typed, cleaned):
    assert clean_text(typed) == cleaned
    assert validate_clean(typed) is None


def test_lines_stay_lines():
    assert clean_lines("\r\n satu  dua \r\n\r\ntiga\rempat\u2028lima\n\n") == "satu dua\n\ntiga\nempat\nlima"
    assert clean_text("satu\r\ndua") == "satu dua"


@pytest.mark.parametrize("value", [None, 5, b"Koperasi"])
def test_only_text_is_text(value):
    with pytest.raises(TextRefused):
        clean_text(value)


def careless(value):
    """The control: trimmed and nothing else."""
    return " ".join(value.split())


def test_the_list_of_hidden_characters_catches_a_careless_cleaner():
    passed = {letter for letter in HIDDEN if letter in careless(f"Ma{letter}ju")}
    assert {"\x00", "\u200b", "\u202e", "\ud800"} <= passed


@property_of
@given(ANY_TEXT)
def test_nothing_that_is_accepted_holds_what_is_refused(text):
    for clean, kept in [(clean_text, ""), (clean_lines, "\n")]:
        cleaned, refusal = tried(clean, text)
        if refusal:
            assert str(refusal).isprintable()
        else:
            assert clean(cleaned) == cleaned
            assert unicodedata.is_normalized("NFC", cleaned)
            assert not set(cleaned) & set(HIDDEN)
            for letter in set(cleaned) - set(kept):
                assert unicodedata.category(letter)[0] != "C"
            cleaned.encode()


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("KSP Maju", "ksp maju"),
        ("Ksp. MAJU ", "ksp maju"),
        ("Ma'ju Ma\u2019ju Ma\u02bcju Ma\u00b4ju", "maju maju maju maju"),
        ("Éclair–Ñandú/№5", "eclair nandu no5"),
        ("ﬁ ß Ø Đ æ ŉ", "fi ss o d ae n"),
        ("ＫＳＰ", "ksp"),
        ("50%_a", "50 a"),
        ("\x00\ud800a", "a"),
        ("合作社", "合作社"),
        ("İstanbul ı", "istanbul i"),
        ("...", ""),
        ("", ""),
    ],
)
def test_a_fold_keeps_what_tells_names_apart(text, folded):
    assert fold(text) == folded


@property_of
@given(ANY_TEXT)
def test_folding_twice_changes_nothing(text):
    folded = fold(text)
    assert fold(folded) == folded
    assert all(letter.isalnum() or letter == " " for letter in folded)
    assert folded == " ".join(folded.split())


@property_of
@given(st.text(st.characters(max_codepoint=127)))
def test_plain_text_folds_the_same_on_both_ways(text):
    # The short way for ASCII against the long one, which the last letter brings about.
    assert fold(text) == fold(f"{text} \u2014")


GENERIC = ("koperasi", "KSP", "serba usaha", "simpan pinjam", "kop")


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Koperasi Serba Usaha Maju", "maju"),
        ("KSP. Maju-Jaya", "maju jaya"),
        ("Koperasi Simpan Pinjam Koperasi Maju", "maju"),
        ("Koperasi Serba KSP Usaha Maju", "maju"),
        ("Kopi Maju", "kopi maju"),
        ("Serba Jaya Usaha", "serba jaya usaha"),
        ("Koperasi Simpan Pinjam", "koperasi simpan pinjam"),
        ("Koperasi", "koperasi"),
        ("", ""),
    ],
)
def test_generic_words_go_but_never_all_of_a_name(name, key):
    assert fold_without(name, GENERIC) == key
    assert fold_without(name, list(GENERIC)) == key


def test_without_generic_words_it_is_the_fold():
    assert fold_without("KSP Maju", ()) == "ksp maju"
    assert fold_without("KSP Maju", ("...",)) == "ksp maju"


@property_of
@given(st.lists(st.sampled_from("koperasi serba usaha ksp maju simpan pinjam kop".split())).map(" ".join))
def test_a_key_is_its_own_key(name):
    key = fold_without(name, GENERIC)
    assert fold_without(key, GENERIC) == key


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("6402011705900001", True),
        ("6402015705900001", True),  # a woman: 17 + 40
        ("6402 0117 0590 0001", True),
        ("64.02.01.170590.0001", True),
        ("6402012902000001", True),
        ("6402012902010001", False),  # no 29 February 2001 or 1901
        ("6402013104900001", False),
        ("6402010005900001", False),
        ("6402014005900001", False),
        ("6402017205900001", False),
        ("6402011713900001", False),
        ("6402011700900001", False),
        ("0402011705900001", False),
        ("3275070060001", False),
        ("64020117059000011", False),
        ("\uff16402011705900001", False),
        ("", False),
    ],
)
def test_a_citizens_number_is_known_by_its_shape(number, expected):
    assert looks_like_citizen_number(number) is expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("7.37E+15", True),
        ("7,37E+15", True),
        ("3e12", True),
        (" 6.402011705E+15 ", True),
        ("3275070060001.0", True),
        ("3275070060001,00", True),
        ("3275070060001", False),
        ("12.0", False),
        ("E15", False),
        ("1.234.567", False),
    ],
)
def test_a_number_that_a_spreadsheet_damaged_is_known(number, expected):
    assert looks_like_damaged_number(number) is expected


@pytest.mark.parametrize("typed", ["3275070060001", " 3275 0700 60001 ", "0275070060001"])
def test_an_identity_number_stays_text(typed):
    assert identity_number(typed) == typed.replace(" ", "")


@pytest.mark.parametrize(
    ("typed", "code", "suggestion"),
    [
        ("7.37E+15", "damaged", None),
        ("3275070060001.0", "damaged", None),
        ("6402011705900001", "citizen", None),
        ("6402017205900001", "length", None),
        ("275070060001", "length", None),
        ("123", "length", None),
        ("3275.0700.60001", "digits", "3275070060001"),
        ("3275-A", "digits", None),
        ("\uff13275070060001", "digits", None),
        ("327507006\u200b0001", "hidden", None),
    ],
)
def test_another_shape_is_refused_by_what_it_is(typed, code, suggestion):
    with pytest.raises(TextRefused) as caught:
        identity_number(typed)
    assert (caught.value.code, caught.value.suggestion) == (code, suggestion)


def test_a_lost_leading_zero_has_its_own_remedy():
    with translation.override("en"), pytest.raises(TextRefused, match=r"12 digits.*format its column as text"):
        identity_number("275070060001")


def test_the_other_way_round_the_shape_is_named_too():
    assert identity_number("6402011705900001", digits=16) == "6402011705900001"
    with translation.override("en"), pytest.raises(TextRefused, match="another number: a register number"):
        identity_number("3275070060001", digits=16, shapes={13: "a register number"})


@property_of
@given(st.one_of(ANY_TEXT, st.text(st.sampled_from("0123456789 .-eE+"), max_size=18)))
def test_no_text_brings_another_exception(text):
    found, refusal = tried(identity_number, text)
    if refusal:
        assert str(refusal)
    else:
        assert len(found) == 13 and found.isascii() and found.isdigit()
    assert looks_like_citizen_number(text) in (True, False)
    assert looks_like_damaged_number(text) in (True, False)

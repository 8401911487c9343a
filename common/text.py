"""Text as people type it: refused where it hides something, folded where it is compared."""

import functools
import re
import unicodedata

from django.utils.translation import gettext_lazy as _

from common.refusal import Refused, quoted

# Control, format (zero-width, bidi, BOM, soft hyphen), surrogate, private use, unassigned.
_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
# Letters and marks that draw nothing though their category does not say so.
_BLANK = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
    + "".join(map(chr, range(0xFE00, 0xFE10)))
    + "".join(map(chr, range(0xE0100, 0xE01F0)))
)
_LINE_END = re.compile("\r\n|[\r\n\u2028\u2029]")
_CONTEXT = 15

# Scripts whose letters pass for one another.
_LOOKALIKE_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "COPTIC", "ARMENIAN", "CHEROKEE")

_APOSTROPHES = "'`\u00b4\u02b9\u02bb\u02bc\u02bd\u02be\u02bf\u2018\u2019\u201b\u2032\uff07"
_DROPPED = {ord(letter): None for letter in _APOSTROPHES}
# Latin letters that no decomposition takes apart.
_PLAIN_LETTERS = str.maketrans({"ø": "o", "đ": "d", "ð": "d", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})
_ASCII_FOLDED = {
    code: None if chr(code) in _APOSTROPHES else chr(code).lower() if chr(code).isalnum() else " "
    for code in range(128)
}

_CITIZEN_NUMBER = re.compile(r"[1-9][0-9]{5}(?P<day>[0-9]{2})(?P<month>[0-9]{2})(?P<year>[0-9]{2})[0-9]{4}")
_DAMAGED_NUMBER = re.compile(r"[-+]?[0-9]+(?:[.,][0-9]+)?[eE][-+]?[0-9]+|[0-9]{9,}[.,]0+")


class TextRefused(Refused):
    """The text holds what cannot be seen or what pretends to be something else."""


# What is accepted -----------------------------------------------------------------------------------


def clean_text(value):
    """One line: composed (NFC), trimmed, white space collapsed. Raises TextRefused and nothing else."""
    return _one_line(_checked(value))


def clean_lines(value):
    """Several lines, each as `clean_text` leaves it, joined by a line feed; none empty at either end."""
    return "\n".join(_one_line(line) for line in _LINE_END.split(_checked(value))).strip("\n")


def without_hidden(value):
    """One line without the characters that `clean_text` refuses as invisible.

    For a text that a machine brings along, such as a file's name: nobody could be asked to type it again.
    """
    seen = (
        letter
        for letter in value
        if letter.isspace() or not (letter in _BLANK or unicodedata.category(letter) in _REFUSED_CATEGORIES)
    )
    return _one_line(unicodedata.normalize("NFC", "".join(seen)))


def validate_clean(value):
    """A model's validator: refuses what `clean_text` refuses, so that forms, the admin and imports agree."""
    try:
        _checked(value)
    except TextRefused as refusal:
        raise refusal.as_validation_error() from refusal


def _one_line(text):
    return " ".join(text.split())


def _checked(value):
    """The text composed, once every character of it may stand."""
    if not isinstance(value, str):
        raise TextRefused(_("Text is expected."), code="type")
    if value.isascii() and value.isprintable():
        return value
    for place, letter in enumerate(value):
        if letter in "\t\r\n":
            continue
        if letter in _BLANK or unicodedata.category(letter) in _REFUSED_CATEGORIES:
            raise _hidden(letter, value[:place])
    composed = unicodedata.normalize("NFC", value)
    for word in _words(composed):
        _refuse_mixed(word)
    return composed


def _hidden(letter, before):
    seen = " ".join(before[-_CONTEXT:].split())
    name = described(letter)
    if seen:
        return TextRefused(
            _("There is an invisible character after “%(before)s”: %(name)s. Delete it, or type the text again."),
            code="hidden",
            name=name,
            before=seen,
        )
    return TextRefused(
        _("The text begins with an invisible character: %(name)s. Delete it, or type the text again."),
        code="hidden",
        name=name,
    )


_UNNAMED = {
    "Cc": _("control character"),
    "Cs": _("half of a character"),
    "Co": _("private character"),
    "Cn": _("unassigned character"),
}


def described(letter):
    """`U+200B ZERO WIDTH SPACE`."""
    name = unicodedata.name(letter, "") or str(_UNNAMED[unicodedata.category(letter)])
    if letter == "\x00":
        name = "NULL"
    return f"U+{ord(letter):04X} {name}"


def _words(text):
    """Runs of letters with their marks and digits."""
    word = ""
    for letter in text:
        if unicodedata.category(letter)[0] in "LMN":
            word += letter
        elif word:
            yield word
            word = ""
    if word:
        yield word


def _refuse_mixed(word):
    """Refuse a word that mixes scripts whose letters look alike: a Cyrillic а among Latin letters."""
    if word.isascii():
        return
    first = None
    for letter in word:
        script = _script(letter)
        if script is None:
            continue
        first = first or (script, letter)
        if script != first[0]:
            odd = first[1] if script == "LATIN" else letter
            raise TextRefused(
                _("“%(word)s” mixes letters of two alphabets: %(name)s is not a Latin letter. Type the word again.")
                if "LATIN" in (script, first[0])
                else _("“%(word)s” mixes letters of two alphabets, among them %(name)s. Type the word again."),
                code="mixed",
                word=quoted(word),
                name=described(odd),
            )


@functools.lru_cache(maxsize=4096)
def _script(letter):
    name = unicodedata.name(letter, "").removeprefix("FULLWIDTH ").removeprefix("MODIFIER LETTER ")
    return next((script for script in _LOOKALIKE_SCRIPTS if name.startswith(script)), None)


# What is compared -----------------------------------------------------------------------------------


def fold(text):
    """The form in which names are compared and searched: small plain letters and digits, single spaces.

    Accents and apostrophes go, every other sign becomes a space. Folding twice changes nothing.
    """
    if text.isascii():
        return _one_line(text.translate(_ASCII_FOLDED))
    folded = _apart(_apart(text).casefold())
    folded = "".join(
        letter if letter.isalnum() else " " for letter in folded.translate(_PLAIN_LETTERS) if not _is_mark(letter)
    )
    return _one_line(folded)


def _apart(text):
    """Letters apart from their accents, compatible forms made plain, apostrophes dropped."""
    return unicodedata.normalize("NFKD", text.translate(_DROPPED)).translate(_DROPPED)


def _is_mark(letter):
    return unicodedata.category(letter)[0] == "M"


def fold_without(text, words):
    """The folded text without these words and phrases, longest first; the whole fold where nothing would be left."""
    folded = fold(text)
    pattern = _any_of(tuple(words))
    rest, before = folded, None
    while rest != before:
        # Again, because a phrase may stand together only once a word between has gone.
        rest, before = _one_line(pattern.sub(" ", rest)), rest
    return rest or folded


@functools.lru_cache(maxsize=32)
def _any_of(words):
    phrases = sorted({folded for word in words if (folded := fold(word))}, key=len, reverse=True)
    if not phrases:
        return re.compile(r"(?!)")
    return re.compile(rf"(?<!\S)(?:{'|'.join(map(re.escape, phrases))})(?!\S)")


# Long numbers that are names ------------------------------------------------------------------------


def looks_like_citizen_number(text):
    """Whether this has the shape of a citizen's NIK: 16 digits, a birth date in the middle (a woman's day plus 40)."""
    found = _CITIZEN_NUMBER.fullmatch(re.sub(r"[\s.-]", "", text))
    if not found or not found.string.isascii():
        return False
    day, month, year = (int(found[part]) for part in ("day", "month", "year"))
    if day > 40:
        day -= 40
    longest = 29 if year % 4 == 0 else 28
    return 1 <= month <= 12 and 1 <= day <= (longest if month == 2 else 30 if month in (4, 6, 9, 11) else 31)


# Sixteen digits somewhere in a text, with the signs that people put between them.
_SIXTEEN_DIGITS = re.compile(r"(?<![0-9])[0-9](?:[ .-]?[0-9]){15}(?![0-9])")


def validate_public(value):
    """Validator of a text that everybody may read: no citizen's number in it. Raises ValidationError."""
    if any(looks_like_citizen_number(found[0]) for found in _SIXTEEN_DIGITS.finditer(value)):
        text = _("A citizen's number (NIK) of 16 digits stands in it; everybody reads this. Leave it out.")
        raise TextRefused(text, code="nik").as_validation_error()


def looks_like_damaged_number(text):
    """Whether a spreadsheet has turned a long number into a quantity: `7.37E+15`, `3275070060001.0`."""
    return bool(_DAMAGED_NUMBER.fullmatch(text.strip()))


def identity_number(text, *, digits=13, shapes=None):
    """A long number that is a name, as its digits, never as a value; spaces between them go.

    `shapes` names the numbers of other lengths that may be mistaken for it: `{16: _("…")}`. Raises TextRefused.
    """
    typed = clean_text(text)
    shapes = shapes or {}
    number = typed.replace(" ", "")
    if looks_like_damaged_number(number):
        raise TextRefused(
            _(
                "A spreadsheet has turned “%(text)s” into a quantity, and digits may be lost. "
                "Format its column as text and take the number from its document."
            ),
            code="damaged",
            text=quoted(typed),
        )
    if re.fullmatch(r"[0-9]+", number) is None:
        plain = re.sub(r"[ .\-/]", "", number)
        readable = re.fullmatch(rf"[0-9]{{{digits}}}", plain) is not None
        raise TextRefused(
            _("Only the digits 0 to 9 are possible here."), code="digits", suggestion=plain if readable else None
        )
    if len(number) == digits:
        return number
    if digits != 16 and looks_like_citizen_number(number):
        raise TextRefused(
            _(
                "These 16 digits have the shape of a citizen's NIK (KTP), which does not belong here. "
                "Enter the number with %(digits)s digits."
            ),
            code="citizen",
            digits=digits,
        )
    if len(number) in shapes:
        raise TextRefused(
            _("%(length)s digits are the shape of another number: %(shape)s. Enter the number with %(digits)s digits."),
            code="shape",
            length=len(number),
            shape=shapes[len(number)],
            digits=digits,
        )
    if len(number) == digits - 1:
        raise TextRefused(
            _(
                "These are %(length)s digits; the number has %(digits)s. "
                "A spreadsheet drops a leading zero: format its column as text."
            ),
            code="length",
            length=len(number),
            digits=digits,
        )
    raise TextRefused(
        _("These are %(length)s digits; the number has %(digits)s."), code="length", length=len(number), digits=digits
    )

"""Text as people type it: refused where it hides something, folded where it is compared."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _


class TextRefused(ValueError):
    """The text holds a character that cannot be seen or that pretends to be another. `str()` names it."""


_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARABIC", "HEBREW", "CJK", "HANGUL", "HIRAGANA", "KATAKANA", "THAI")
# Control, format (zero-width, bidi, soft hyphen, BOM), surrogates, private use, unassigned, line and paragraph marks.
_REFUSED_CATEGORIES = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def clean_text(value):
    """One line: normalised, trimmed, white space collapsed. Raises TextRefused for what cannot be seen."""
    return " ".join(_checked(value, allowed="\t").split())


def clean_lines(value):
    """Several lines; line ends are unified, trailing white space goes. Raises TextRefused."""
    text = _checked(value.replace("\r\n", "\n").replace("\r", "\n"), allowed="\t\n")
    return "\n".join(line.rstrip() for line in text.split("\n")).strip()


def _checked(value, *, allowed):
    for character in value:
        if character not in allowed and unicodedata.category(character) in _REFUSED_CATEGORIES:
            name = unicodedata.name(character, "")
            raise TextRefused(
                _("The text holds the invisible character U+%(code)s %(name)s. Delete it or type the text anew.")
                % {"code": f"{ord(character):04X}", "name": name}
            )
    text = unicodedata.normalize("NFC", value)
    for word in re.findall(r"[^\W\d_]+", text):
        scripts = {script for letter in word if (script := _script(letter))}
        if len(scripts) > 1:
            raise TextRefused(
                _("“%(word)s” mixes letters of different scripts (%(scripts)s). Type it anew.")
                % {"word": word[:40], "scripts": ", ".join(sorted(scripts))}
            )
    return text


def _script(letter):
    name = unicodedata.name(letter, "")
    return next((script for script in _SCRIPTS if name.startswith(script)), None)


def validate_clean(value):
    """A model's validator: refuses what `clean_text` refuses."""
    try:
        clean_lines(value)
    except TextRefused as refused:
        raise ValidationError(str(refused), code="unclean") from refused


def fold(text):
    """The text without case, accents and punctuation, in plain letters: what is compared and searched."""
    plain = "".join(
        character for character in unicodedata.normalize("NFKD", text) if not unicodedata.combining(character)
    ).casefold()
    plain = re.sub(r"['\u2018\u2019`\u00b4]", "", plain)
    return " ".join(re.sub(r"[\W_]+", " ", plain).split())


def fold_without(text, words):
    """The folded text without these (folded) words or phrases; the whole fold where nothing would be left."""
    folded = fold(text)
    rest = f" {folded} "
    for word in sorted(words, key=len, reverse=True):
        while f" {word} " in rest:
            rest = rest.replace(f" {word} ", " ", 1)
    return rest.strip() or folded


def looks_like_citizen_number(text):
    """Whether this is shaped like a citizen's NIK: 16 digits with a day of birth in the middle (women: day + 40)."""
    digits = re.sub(r"[\s.-]", "", text)
    if not re.fullmatch(r"[0-9]{16}", digits):
        return False
    day, month = int(digits[6:8]), int(digits[8:10])
    return (1 <= day <= 31 or 41 <= day <= 71) and 1 <= month <= 12


def looks_like_damaged_number(text):
    """Whether a spreadsheet has turned a long number into a measurement: `7.37E+15`."""
    return bool(re.fullmatch(r"\s*[0-9]+(?:[.,][0-9]+)?[eE]\+?[0-9]+\s*", text))

"""A rule's terms as staff write them: `cooperatives_active + cooperatives_inactive − cooperatives`.

Codes are those of the form's indicators; one after `lalu:` is of the period before.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from common.refusal import Refused, quoted
from reporting.models import FormLine, RuleTerm

BEFORE = "lalu:"
# The starter data's own word for it.
_BEFORE = (BEFORE, "before:")
_SIGNS = {"+": RuleTerm.Sign.PLUS, "-": RuleTerm.Sign.MINUS, "−": RuleTerm.Sign.MINUS}


class FormulaRefused(Refused):
    """The terms cannot be read, or no report could ever answer them."""


@dataclass(frozen=True)
class Term:
    """A term before it is stored."""

    line: FormLine
    sign: RuleTerm.Sign
    when: RuleTerm.When


def write_terms(terms):
    """The terms as `read_terms` reads them. Reads each term's line with its indicator."""
    words = []
    for term in terms:
        if words or term.sign < 0:
            words.append("+" if term.sign > 0 else "−")
        words.append(f"{BEFORE if term.when == RuleTerm.When.BEFORE else ''}{term.line.code}")
    return " ".join(words)


def read_terms(text, lines):
    """`[Term]` of what was typed; `lines` are the form's, by code. Raises FormulaRefused and nothing else."""
    terms, sign = [], None
    for word in _words(text):
        if word in _SIGNS:
            if sign is not None:
                raise FormulaRefused(_("Two signs stand side by side: between two codes there is one."))
            sign = _SIGNS[word]
            continue
        if terms and sign is None:
            raise FormulaRefused(_("Write + or − before “%(word)s”."), word=quoted(word))
        terms.append(_term(word, sign or RuleTerm.Sign.PLUS, lines))
        sign = None
    if sign is not None or not terms:
        raise FormulaRefused(_("The last sign has no code behind it.") if terms else _("Write at least one code."))
    named = [(term.line.pk, term.when) for term in terms]
    if len({*named}) < len(named):
        raise FormulaRefused(_("Each code may stand once, and once more for the period before."))
    return terms


def _words(text):
    """Codes and signs apart; a sign may touch the code behind it, for a code may hold a hyphen itself."""
    for word in text.split():
        if word[0] in _SIGNS and len(word) > 1:
            yield from (word[0], word[1:])
        else:
            yield word


def _term(word, sign, lines):
    code, when = word, RuleTerm.When.THIS
    for prefix in _BEFORE:
        if word.startswith(prefix):
            code, when = word.removeprefix(prefix), RuleTerm.When.BEFORE
    line = lines.get(code)
    if line is None:
        raise FormulaRefused(
            _("“%(word)s” is no code of this form. Set + and − apart by spaces; save a new line first."),
            word=quoted(code),
        )
    if when == RuleTerm.When.BEFORE and line.frequency == FormLine.Frequency.YEAR:
        raise FormulaRefused(
            _("“%(word)s” is asked once a year; the period before has no answer to it."), word=quoted(word)
        )
    return Term(line, sign, when)

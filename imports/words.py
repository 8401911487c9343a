"""Words in a cell that stand for a row of a small table or for one of a field's choices, however they are written."""

from collections import Counter
from difflib import get_close_matches
from functools import cache

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from common.refusal import quoted
from common.text import fold
from imports.cells import CellRefused, blank_if_dash, shown


def wordings(text):
    """A text in each language of the portal: files come from Indonesian and from English pages."""
    found = []
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            found.append(str(text))
    return list(dict.fromkeys(found))


def one_of(spellings, label=str):
    """A parser that finds a key by any of its folded spellings, `{spelling: key}`; `label(key)` is its name."""

    def parse(cell):
        words = fold(shown(cell))
        if words in spellings:
            return spellings[words]
        near = get_close_matches(words, spellings, n=1, cutoff=0.6)
        raise CellRefused(
            _("“%(text)s” is not known here."),
            suggestion=str(label(spellings[near[0]])) if near else None,
            text=quoted(shown(cell)),
        )

    return parse


def named(spellings):
    """`(parser, names)` of rows, `{key: (name, other spelling, …)}`; a spelling that two rows share stands for none."""
    spelled = {(fold(words), key) for key, all_words in spellings.items() for words in all_words}
    times = Counter(words for words, _key in spelled)
    names = {key: all_words[0] for key, all_words in spellings.items()}
    parse = one_of({words: key for words, key in spelled if times[words] == 1}, names.get)
    return blank_if_dash(parse), list(names.values())


def choice(choices, synonyms=None):
    """A parser of one of a field's choices: by code, by label in each language, or by a further spelling.

    The labels are read when it is first used: while apps are loaded nothing can be translated.
    """
    shown_as = {str(value): label for value, label in choices}

    @cache
    def parser():
        spellings = {fold(text): value for value, label in shown_as.items() for text in (value, *wordings(label))}
        for value, words in (synonyms or {}).items():
            spellings.update(dict.fromkeys(map(fold, words), str(value)))
        return one_of(spellings, lambda value: str(shown_as[value]))

    def parse(cell):
        return parser()(cell)

    return parse


def labels(choices, *, besides=()):
    """The words of a field's choices, for a dropdown."""
    return [str(label) for value, label in choices if value not in besides]

"""What the parsers of numbers, dates and texts raise: one sentence for the person who typed, and what may be meant."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

LONGEST_QUOTE = 40

_MEANT = _("Do you mean %(suggestion)s?")


class Refused(ValueError):
    """Input that cannot be read one way only.

    `message` is a translatable sentence with the places `params`; `suggestion` is what may be meant,
    written so that it would be accepted, or None; `code` names the rule. `str()` is the whole sentence in
    the language active at that moment.
    """

    def __init__(self, message, *, code="refused", suggestion=None, **params):
        super().__init__(message)
        self.message = message
        self.code = code
        self.suggestion = suggestion
        self.params = params

    def __str__(self):
        sentence = str(self.message)
        if self.params:
            sentence %= self.params
        if self.suggestion is None:
            return sentence
        return f"{sentence} {_MEANT % {'suggestion': self.suggestion}}"

    def as_validation_error(self):
        """The same refusal for a form or a model."""
        return ValidationError(str(self), code=self.code)


def quoted(text):
    """The beginning of what was typed, for a message."""
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}…"

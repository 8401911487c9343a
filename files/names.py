"""What a person's file is called, made fit to be kept, shown and handed back."""

import re
import unicodedata
from urllib.parse import quote

from common.text import without_hidden

LONGEST = 150
LONGEST_ENDING = 19
# No Windows computer takes these in a name; in a header the quotation mark would end it.
_REFUSED = re.compile(r'[<>:"|?*]')


def clean_name(name, most=LONGEST):
    """The name without folders, without what cannot be seen or turns the writing around, and of bounded length.

    May be empty, where nothing of it can stay.
    """
    last = (name or "").replace("\\", "/").rpartition("/")[2]
    return shortened(_REFUSED.sub("_", without_hidden(last)).strip(" ."), most)


def shortened(name, most):
    """A name of at most `most` characters that still ends as it did."""
    return name if len(name) <= most else f"{name[: most - LONGEST_ENDING - 1]}…{name[-LONGEST_ENDING:]}"


def as_attachment(name):
    """The Content-Disposition by which a browser saves the file under this name and never shows it (RFC 6266, 5987)."""
    name = clean_name(name)
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    stem, _dot, ending = re.sub(r"[^A-Za-z0-9 ._()-]", "_", plain).rpartition(".")
    plain = f"{stem.strip(' .') or 'file'}.{ending}"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"

"""What may have been meant where a search found nothing: PostgreSQL only, by the trigrams of the folded text."""

import difflib

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connections

from cooperatives import spelling
from cooperatives.models import Cooperative

CANDIDATES = 20
SHORTEST = 4


def meant(text):
    """The search text with its unknown words replaced by the nearest that the register knows; "" where none is near."""
    words = spelling.words(text)
    register = Cooperative.objects.in_register()
    if connections[register.db].vendor != "postgresql" or not any(len(word) >= SHORTEST for word in words):
        return ""
    asked = " ".join(words)
    near = list(
        # The operator reads the trigram index; the distance only sorts what it let through.
        register.filter(search__trigram_word_similar=asked)
        .annotate(nearness=TrigramWordSimilarity(asked, "search"))
        .order_by("-nearness", "pk")
        .values_list("search", flat=True)[:CANDIDATES]
    )
    for found in near:
        known = found.split()
        guess = [_nearest(word, known) for word in words]
        if all(guess) and guess != words:
            return " ".join(guess)
    return ""


def _nearest(word, known):
    if any(word in each for each in known):
        return word
    return next(iter(difflib.get_close_matches(word, known, n=1, cutoff=0.7)), "")

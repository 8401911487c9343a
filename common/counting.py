"""How often somebody asked in a stretch of time, counted in the cache: for whoever throttles."""

import time

from django.core.cache import cache


def count(key, window):
    """Count one more in the present window of so many seconds; how many there are now, and seconds until the next."""
    now = time.time()
    key = f"{key}:{int(now // window)}"
    cache.add(key, 0, 2 * window)
    try:
        counted = cache.incr(key)
    except ValueError:
        # The cache was full and forgot the counter between the two calls.
        counted = 1
    return counted, window - now % window

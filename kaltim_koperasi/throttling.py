"""How many requests of the API one address may make."""

import time

from django.conf import settings
from django.core.cache import cache
from rest_framework.throttling import BaseThrottle

from accounts.lockout import client_address

WINDOW = 60  # seconds


class AddressThrottle(BaseThrottle):
    """So many requests a minute for each address, counted in the cache: generous to a reader, a wall to a loop."""

    def allow_request(self, request, view):
        now = time.time()
        key = f"api:{client_address(request)}:{int(now // WINDOW)}"
        cache.add(key, 0, 2 * WINDOW)
        try:
            count = cache.incr(key)
        except ValueError:
            # The cache was full and forgot the counter between the two calls.
            count = 1
        self._wait = WINDOW - now % WINDOW
        return count <= settings.API_REQUESTS_PER_MINUTE

    def wait(self):
        return self._wait

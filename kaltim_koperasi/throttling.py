"""How many requests of the API one address may make."""

from django.conf import settings
from rest_framework.throttling import BaseThrottle

from accounts.lockout import client_address
from common.counting import count

WINDOW = 60  # seconds


class AddressThrottle(BaseThrottle):
    """So many requests a minute for each address, counted in the cache: generous to a reader, a wall to a loop."""

    def allow_request(self, request, view):
        counted, self._wait = count(f"api:{client_address(request)}", WINDOW)
        return counted <= settings.API_REQUESTS_PER_MINUTE

    def wait(self):
        return self._wait

"""The one throttle of the sign-in: django-axes with its database handler, and the caps of this house.

A guess is counted *before* it is looked at and taken back when it was right, so that many at once
cannot slip through together. Passwords, codes of the second factor, recovery codes and the current
password of a change all go through the same count, in axes' table of failures.
"""

import math
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_client_username
from axes.models import AccessFailureLog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Cap:
    """At most so many wrong guesses by the same `by` within a time that moves along."""

    by: tuple[str, ...]
    guesses: int
    within: timedelta


CAPS = (
    Cap(("username", "ip_address"), 5, timedelta(minutes=30)),
    # Over all addresses together. Released by a one-time link that was used, or by an administrator.
    Cap(("username",), 50, timedelta(hours=24)),
    # Over all accounts together. High, because a whole office may stand behind one address.
    Cap(("ip_address",), 100, timedelta(hours=1)),
)
KEEP = max(cap.within for cap in CAPS)


class Handler(AxesDatabaseHandler):
    """axes' database handler with the caps above, counted before the guess is evaluated."""

    def is_allowed(self, request, credentials=None):
        """Called by axes' backend ahead of the one that looks at the password."""
        return self.claim(request, get_client_username(request, credentials))

    def is_locked(self, request, credentials=None):
        return _free_at(get_client_username(request, credentials), request.axes_ip_address) is not None

    def claim(self, request, username):
        """Count one guess as wrong before it is looked at. False where a cap is reached: then it must not be."""
        request.axes_claim = None
        request.axes_typed_username = username
        if _free_at(username, request.axes_ip_address):
            return False
        claim = AccessFailureLog.objects.create(
            username=username,
            ip_address=request.axes_ip_address,
            user_agent=request.axes_user_agent,
            http_accept=request.axes_http_accept,
            path_info=request.axes_path_info,
        )
        # Counted again with the own claim in: of guesses made at once, the last to arrive sees all others.
        if _free_at(username, request.axes_ip_address, spare=1):
            claim.delete()
            return False
        request.axes_claim = claim
        return True

    def user_login_failed(self, sender, credentials, request=None, **kwargs):
        """The claim stays; the answer becomes 429 once a cap is reached, and for every guess refused."""
        if request is None:
            return
        if getattr(request, "axes_claim", None) is None:
            request.axes_locked_out = True
        else:
            self.keep_claim(request, get_client_username(request, credentials))

    def keep_claim(self, request, username):
        """The guess was wrong."""
        AccessFailureLog.objects.filter(attempt_time__lt=timezone.now() - KEEP).delete()
        if _free_at(username, request.axes_ip_address):
            request.axes_locked_out = True

    def user_logged_in(self, sender, request, user, **kwargs):
        """Forget this person's slips at this address. Those from elsewhere stay counted: they may be an attack."""
        super().user_logged_in(sender, request, user, **kwargs)
        AccessFailureLog.objects.filter(username=user.username, ip_address=request.axes_ip_address).delete()

    def reset_attempts(self, *, ip_address=None, username=None, ip_or_username=False):
        """Also behind axes' own commands: manage.py axes_reset_username NAME."""
        failures = AccessFailureLog.objects.all()
        if username:
            failures = failures.filter(username=username)
        if ip_address:
            failures = failures.filter(ip_address=ip_address)
        return failures.delete()[0]


def _free_at(username, address, *, spare=0):
    """When the next guess may be made, or None where it may be made now."""
    now, free_at = timezone.now(), None
    for cap in CAPS:
        where = {name: {"username": username, "ip_address": address}[name] for name in cap.by}
        newest = AccessFailureLog.objects.filter(**where, attempt_time__gt=now - cap.within)
        times = list(newest.order_by("-attempt_time").values_list("attempt_time", flat=True)[: cap.guesses + spare])
        if len(times) == cap.guesses + spare:
            free_at = max(times[-1] + cap.within, free_at or datetime.min.replace(tzinfo=now.tzinfo))
    return free_at


@contextmanager
def counted(request, username):
    """Count one guess that does not go through `authenticate()`; taken back where the block ends well."""
    AxesProxyHandler.update_request(request)
    handler = AxesProxyHandler.get_implementation()
    if not handler.claim(request, username):
        request.axes_locked_out = True
        raise ValidationError(_("Too many wrong tries."), code="locked_out")
    try:
        yield
    except ValidationError:
        handler.keep_claim(request, username)
        raise
    take_back(request)


def take_back(request):
    """The guess was right: it does not count."""
    claim, request.axes_claim = getattr(request, "axes_claim", None), None
    if claim is not None:
        claim.delete()


def release(username):
    """Forget every wrong guess on this account; how many there were."""
    return AxesProxyHandler.reset_attempts(username=username)


def refusal(request, response=None, credentials=None):
    """The page that axes' middleware answers with: 429, and when to try again."""
    free_at = _free_at(request.axes_typed_username, request.axes_ip_address) or timezone.now()
    # Rounded up to the minute that the page names, so that the reader is never sent back early.
    free_at = timezone.localtime(free_at + timedelta(seconds=59)).replace(second=0, microsecond=0)
    page = render(request, "account/lockout.html", {"free_at": free_at, "has_mail": settings.HAS_MAIL}, status=429)
    page["Retry-After"] = max(1, math.ceil((free_at - timezone.now()).total_seconds()))
    add_never_cache_headers(page)
    return page


def typed_username(request, credentials):
    """One spelling of a username, as the look-up of the account uses it."""
    name = (credentials or {}).get("username") or request.POST.get("login") or ""
    return name.strip().lower()[:255]


def client_address(request):
    """Who asks. Behind the proxy it is what the proxy itself added last; anything before that can be invented.

    An IPv6 address counts as its network of 64 bits, which belongs to one subscriber.
    """
    address = request.META.get("REMOTE_ADDR", "")
    if settings.SECURE_PROXY:
        address = request.headers.get("x-forwarded-for", address).rpartition(",")[2].strip()
    try:
        found = ip_address(address)
    except ValueError:
        return None
    if found.version == 6:
        found = found.ipv4_mapped or ip_network((int(found), 64), strict=False).network_address
    return str(found)

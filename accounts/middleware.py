"""Limits of a session, and the second factor that some roles need."""

import time
from urllib.parse import urlencode, urlsplit

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware, get_user
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

SIGNED_IN_AT = "signed_in_at"
SEEN_AT = "seen_at"
# The idle clock is written down at most once a minute, so that reading does not mean writing.
WRITE_EVERY = 60

IDLE = "diam"
TOO_LONG = "lama"


def is_closed(view):
    """Whether a view wants a signed-in person; the mark of Django's LoginRequiredMiddleware."""
    return getattr(view, "login_required", True)


def wants_no_page(request):
    """Whether a script asks, which a redirect to a page would only confuse."""
    accepts = request.headers.get("accept", "")
    return "hx-request" in request.headers or ("application/json" in accepts and "text/html" not in accepts)


class SessionLimits:
    """Ends a session three hours after its last click and twelve hours after sign-in.

    Nothing is looked at before a view asks who is there. An open page never does, so it touches no
    session, sets no cookie and does not vary by one.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            request.user = SimpleLazyObject(lambda: _who(request))
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if not is_closed(view):
            return None
        if request.user.is_authenticated:
            now = int(time.time())
            request.session.setdefault(SIGNED_IN_AT, now)
            if now - request.session.get(SEEN_AT, 0) >= WRITE_EVERY:
                request.session[SEEN_AT] = now
            return None
        ended = getattr(request, "session_ended", None)
        query = {"next": _way_back(request), "akhir": ended}
        sign_in = f"{reverse('account_login')}?{urlencode({key: value for key, value in query.items() if value})}"
        if wants_no_page(request):
            answer = JsonResponse({"detail": _("You are signed out. Sign in again.")}, status=401)
            # htmx follows it whatever the status, with a full page instead of a fragment.
            answer["HX-Redirect"] = sign_in
            return answer
        return HttpResponseRedirect(sign_in) if ended else None


def _who(request):
    user = get_user(request)
    if not user.is_authenticated:
        return user
    ended = _ended(request.session, int(time.time()))
    if ended is None:
        return user
    request.session.flush()
    request.session_ended = ended
    request._cached_user = AnonymousUser()
    return request._cached_user


def _ended(session, now):
    """Why the session is over, or None."""
    if now - session.get(SIGNED_IN_AT, now) >= settings.SESSION_ABSOLUTE_SECONDS:
        return TOO_LONG
    if now - session.get(SEEN_AT, now) >= settings.SESSION_IDLE_SECONDS:
        return IDLE
    return None


def _way_back(request):
    """The page to return to after signing in: the one asked for, or the form that was being sent or updated."""
    if request.method in {"GET", "HEAD"} and "hx-request" not in request.headers:
        return request.get_full_path()
    page = request.headers.get("hx-current-url") or request.headers.get("referer", "")
    if not url_has_allowed_host_and_scheme(page, allowed_hosts={request.get_host()}):
        return ""
    parts = urlsplit(page)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


class SignInRequired(LoginRequiredMiddleware):
    """Closed by default. Django's own asks who is there even on an open page, which would then vary by cookie."""

    def process_view(self, request, view, args, kwargs):
        return super().process_view(request, view, args, kwargs) if is_closed(view) else None


class SecondFactorRequired:
    """Sends those whose role needs a second factor to set it up, or to prove it in this session, before anything else.

    Having one is not enough: a session that began with a password alone before it was set up must show
    the code too.
    """

    OPEN = frozenset({"account_logout", "account_reauthenticate", "mfa_reauthenticate", "mfa_activate_totp"})

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if not settings.MFA_REQUIRED or not is_closed(view) or request.resolver_match.view_name in self.OPEN:
            return None
        user = request.user
        if not user.is_authenticated or not user.needs_second_factor:
            return None
        if not Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists():
            place = reverse("mfa_activate_totp")
        elif not any(record["method"] == "mfa" for record in get_authentication_records(request, user)):
            place = f"{reverse('mfa_reauthenticate')}?{urlencode({'next': _way_back(request)})}"
        else:
            return None
        if wants_no_page(request):
            answer = JsonResponse({"detail": _("Two-step sign-in is required.")}, status=403)
            answer["HX-Redirect"] = place
            return answer
        return redirect(place)

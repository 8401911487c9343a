"""What this house does differently from allauth's defaults."""

import base64
import hashlib
import time

import qrcode
from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from qrcode.image.svg import SvgPathFillImage

from accounts import lockout
from accounts.middleware import SEEN_AT, SIGNED_IN_AT


def is_same_site(request, url):
    """Whether a redirect to `url` stays on this site; anything else in ?next= is ignored."""
    return url_has_allowed_host_and_scheme(url, allowed_hosts={request.get_host()}, require_https=request.is_secure())


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("This account is closed."),
        "enter_current_password": _("That is not your current password."),
        "incorrect_code": _("That code is not right. Wait for the next one and type it anew."),
        "incorrect_password": _("That is not your password."),
        "invalid_password_reset": _("This link has been used or has expired."),
        "username_password_mismatch": _("Username or password is wrong."),
    }

    def is_open_for_signup(self, request):
        """Accounts are made by invitation only."""
        return False

    def is_safe_url(self, url):
        return is_same_site(self.request, url)

    def is_ajax(self, request):
        """Pages only; no second way into the sign-in."""
        return False

    def get_client_ip(self, request):
        return lockout.client_address(request) or "0.0.0.0"  # noqa: S104 - says "unknown", binds nothing

    def authenticate(self, request, **credentials):
        user = super().authenticate(request, **credentials)
        # A closed account's right password stays counted as wrong.
        if user is not None and user.is_active:
            lockout.take_back(request)
        return user

    def login(self, request, user):
        super().login(request, user)
        request.session[SIGNED_IN_AT] = request.session[SEEN_AT] = int(time.time())

    def set_password(self, user, password):
        user.choose_password(password)

    def get_reauthentication_methods(self, user):
        words = {
            "reauthenticate": _("Use your password instead"),
            "mfa_reauthenticate": _("Use a code from the app instead"),
        }
        return [{**way, "description": words[way["id"]]} for way in super().get_reauthentication_methods(user)]

    def get_password_change_redirect_url(self, request):
        return settings.LOGIN_REDIRECT_URL


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("That code is not right. Wait for the next one and type it anew."),
        "cannot_generate_recovery_codes": _("Set up two-step sign-in first."),
    }

    def get_totp_label(self, user):
        return user.username

    def build_totp_svg(self, url):
        """With a white ground of its own, so that a phone reads it on a dark page too."""
        picture = qrcode.make(url, image_factory=SvgPathFillImage)
        return picture.to_string(encoding="unicode")

    def encrypt(self, text):
        """Secrets of the second factor are of no use to who only has a copy of the database."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text):
        return _cipher().decrypt(encrypted_text.encode()).decode()


def _cipher():
    """Encrypts with SECRET_KEY, and still reads what SECRET_KEY_FALLBACKS encrypted."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [hashlib.sha256(b"accounts.second-factor:" + key.encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])

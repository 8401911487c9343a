"""A code from the app opens the account once, whichever worker sees it."""

import time

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.db.models import Q

USED_STEP = "used_step"


def spend(authenticator, code):
    """Write down the time step of a right code. False where that step or a later one was written down before.

    allauth remembers a used code in the cache, which every worker has for itself where there is no Redis.
    """
    step = _step_of(decrypt(authenticator.data["secret"]), code)
    if step is None:
        return False
    # Conditional, so that of two workers at once one is let in. The secret never changes: a new one is a new row.
    unspent = Q(**{f"data__{USED_STEP}__lt": step}) | Q(**{f"data__{USED_STEP}__isnull": True})
    data = {**authenticator.data, USED_STEP: step}
    return bool(Authenticator.objects.filter(unspent, pk=authenticator.pk).update(data=data))


def _step_of(secret, code):
    """The newest time step that gives this code, or None. One more than allauth looks at: it may turn between."""
    now, tolerance = int(time.time()) // app_settings.TOTP_PERIOD, app_settings.TOTP_TOLERANCE
    for step in range(now + tolerance, now - tolerance - 2, -1):
        if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, step))):
            return step
    return None

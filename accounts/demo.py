"""One account for each role, to look around with. Only while DEBUG."""

import secrets
from dataclasses import dataclass

from django.db import transaction

from accounts.models import User
from accounts.roles import BOUND_TO_REGENCY, Role
from regions.models import Regency

# Nobody's own account is called so, and so nobody's own is ever given a new password here.
PREFIX = "demo."
REGENCY_SLUG = "kutai-barat"


@dataclass(frozen=True)
class DemoAccount:
    username: str
    password: str
    role: str


@transaction.atomic
def refresh():
    """Make or renew the demo accounts, each with a password made up now. No officer where the regency is missing."""
    regency = Regency.objects.filter(slug=REGENCY_SLUG).first()
    accounts = []
    for role in Role:
        bound = role in BOUND_TO_REGENCY
        if bound and regency is None:
            continue
        username, password = f"{PREFIX}{role.value}", secrets.token_urlsafe(12)
        user = User.objects.filter(username=username).first()
        if user is None:
            User.objects.create_user(
                username,
                role=role,
                full_name=f"{role.label} (demo)",
                regency=regency if bound else None,
                password=password,
            )
        else:
            user.choose_password(password)
            user.reactivate(by=None, reason="demo_accounts")
        accounts.append(DemoAccount(username, password, str(role.label)))
    return accounts


@transaction.atomic
def close():
    """Deactivate the demo accounts and give their names; the only administrator too, for the shell makes another."""
    names = []
    for user in User.objects.active().filter(username__startswith=PREFIX):
        user._set_active(False, by=None, reason="make_demo --remove")
        names.append(user.username)
    return names

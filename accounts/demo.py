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
        if role in BOUND_TO_REGENCY and regency is None:
            continue
        user, password = person(role, regency), secrets.token_urlsafe(12)
        user.choose_password(password)
        user.reactivate(by=None, reason="demo_accounts")
        accounts.append(DemoAccount(user.username, password, str(role.label)))
    return accounts


def person(role, regency=None):
    """The demo account of a role, made where it is missing; of officers one for each regency.

    Nobody can sign in with one before `refresh` gave it a password; it only gives those of one regency any.
    """
    bound = role in BOUND_TO_REGENCY
    is_other = bound and regency.slug != REGENCY_SLUG
    username = f"{PREFIX}{role.value}{f'.{regency.slug}' if is_other else ''}"
    return User.objects.filter(username=username).first() or User.objects.create_user(
        username,
        role=role,
        full_name=f"{role.label} {regency.name} (demo)" if is_other else f"{role.label} (demo)",
        regency=regency if bound else None,
    )


@transaction.atomic
def close():
    """Deactivate the demo accounts and give their names; the only administrator too, for the shell makes another."""
    names = []
    for user in User.objects.active().filter(username__startswith=PREFIX):
        user._set_active(False, by=None, reason="make_demo --remove")
        names.append(user.username)
    return names

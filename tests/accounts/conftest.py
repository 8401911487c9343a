"""People who sign in, and the steps that they take."""

import re
import time

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, generate_totp_secret, hotp_value
from django.urls import reverse

from tests.factories import make_user

PASSWORD = "tujuh kapal ulin biru"
SECRET = generate_totp_secret()


@pytest.fixture(autouse=True)
def _own_addresses(settings):
    settings.ROOT_URLCONF = "tests.accounts.urls"


@pytest.fixture
def person(db):
    return make_user("staf_provinsi", "siti", password=PASSWORD)


@pytest.fixture
def administrator(db):
    return make_user("administrator", "admin.kaltim", password=PASSWORD)


def sign_in(client, username="siti", password=PASSWORD, **extra):
    return client.post(reverse("account_login"), {"login": username, "password": password}, **extra)


def is_signed_in(client):
    return client.get("/kerja/").status_code == 200


def wait_for_a_fresh_code():
    """A code holds for thirty seconds: a test that began at their end would be asked for the next one."""
    left = 30 - time.time() % 30
    if left < 5:
        time.sleep(left)


def current_code(moment, secret=SECRET):
    return format_hotp_value(hotp_value(secret, int(moment) // 30))


def give_second_factor(user, secret=SECRET):
    return Authenticator.objects.create(
        user=user, type=Authenticator.Type.TOTP, data={"secret": get_adapter().encrypt(secret)}
    )


def link_in(text):
    """The path of the one-time link in a page, a mail or a terminal's output."""
    return re.search(r"https?://[^/\s\"]+(/masuk/(?:undangan|sandi/lupa)/[^\s\"<]+/)", text)[1]

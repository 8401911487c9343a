"""The same code of the second factor at several workers at once."""

import time

import pytest
from allauth.mfa.models import Authenticator

from accounts.codes import spend
from tests.accounts.conftest import current_code, give_second_factor, wait_for_a_fresh_code
from tests.concurrency.test_register import at_once
from tests.factories import make_user

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_workers_that_hold_the_same_code_one_lets_it_in():
    give_second_factor(make_user("auditor", "budi"))
    wait_for_a_fresh_code()
    code = current_code(time.time())
    # Each read the row before any of them wrote.
    apps = [Authenticator.objects.get() for _ in range(6)]
    answers = at_once(*[lambda app=app: spend(app, code) for app in apps])
    assert sorted(answers) == [False] * 5 + [True]

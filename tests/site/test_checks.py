"""System checks: what must hold of the machine and the database that the portal runs on."""

import sqlite3

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import OperationalError, connection

from accounts.models import User
from common.models import DataVersion
from kaltim_koperasi import checks
from tests.factories import make_user


def ids(messages):
    return {message.id for message in messages}


class TestSqlite:
    pytestmark = [pytest.mark.django_db, pytest.mark.sqlite]

    def test_says_which_journal_mode_really_runs(self):
        with connection.cursor() as cursor:
            journal = cursor.execute("PRAGMA journal_mode").fetchone()[0].upper()
        messages = checks.sqlite_is_safe(databases=["default"])
        assert ids(messages) == {"kaltim_koperasi.I001"}
        assert f"journal_mode={journal}, synchronous=FULL" in messages[0].msg
        assert sqlite3.sqlite_version in messages[0].msg

    def test_asks_no_database_that_was_not_named(self):
        assert checks.sqlite_is_safe(databases=None) == []

    @pytest.mark.parametrize(
        ("journal", "synchronous", "version", "expected"),
        [
            ("truncate", 2, (3, 40, 1), set()),
            ("wal", 2, (3, 53, 0), set()),
            ("wal", 2, (3, 40, 1), {"kaltim_koperasi.E001"}),
            ("memory", 2, (3, 53, 0), {"kaltim_koperasi.E002"}),
            ("truncate", 1, (3, 53, 0), {"kaltim_koperasi.E002"}),
            ("off", 0, (3, 53, 0), {"kaltim_koperasi.E002"}),
        ],
    )
    def test_refuses_what_can_lose_data(self, monkeypatch, journal, synchronous, version, expected):
        answers = {"PRAGMA journal_mode": [journal], "PRAGMA synchronous": [synchronous]}

        class Cursor:
            def __enter__(self):
                return self

            def __exit__(self, *error):
                return False

            def execute(self, sql):
                self.answer = answers[sql]
                return self

            def fetchone(self):
                return self.answer

        monkeypatch.setattr(connection, "cursor", Cursor)
        monkeypatch.setattr(checks.sqlite3, "sqlite_version_info", version)
        assert ids(checks.sqlite_is_safe(databases=["default"])) == {"kaltim_koperasi.I001"} | expected


@pytest.mark.postgresql
@pytest.mark.django_db
def test_postgresql_has_no_journal_to_speak_of():
    assert checks.sqlite_is_safe(databases=["default"]) == []


class TestDemoData:
    pytestmark = pytest.mark.django_db

    def test_production_refuses_it(self):
        assert checks.no_demo_data(databases=["default"]) == []
        DataVersion.bump("demo")
        assert ids(checks.no_demo_data(databases=["default"])) == {"kaltim_koperasi.E003"}

    def test_development_does_not_mind(self, settings):
        settings.DEBUG = True
        DataVersion.bump("demo")
        assert checks.no_demo_data(databases=["default"]) == []

    def test_a_database_without_tables_is_another_checks_business(self, monkeypatch):
        def fail(**_):
            raise OperationalError("no such table: common_dataversion")

        monkeypatch.setattr(DataVersion.objects, "filter", fail)
        assert checks.no_demo_data(databases=["default"]) == []


class TestDemoAccounts:
    pytestmark = pytest.mark.django_db

    def test_production_has_none_that_is_open(self):
        user = make_user("auditor", "demo.auditor")
        make_user("auditor", "demonstran")
        (found,) = checks.no_demo_account_is_open(databases=["default"])
        assert found.id == "kaltim_koperasi.E005" and "demo.auditor." in found.msg
        with pytest.raises(SystemCheckError, match=r"kaltim_koperasi\.E005"):
            call_command("check", deploy=True, databases=["default"])
        user.deactivate(by=None, reason="uji")
        assert checks.no_demo_account_is_open(databases=["default"]) == []

    def test_development_does_not_mind(self, settings):
        settings.DEBUG = True
        make_user("auditor", "demo.auditor")
        assert checks.no_demo_account_is_open(databases=["default"]) == []

    def test_a_database_that_was_not_named_or_has_no_tables_is_not_asked(self, monkeypatch):
        assert checks.no_demo_account_is_open(databases=None) == []

        def fail():
            raise OperationalError("no such table: accounts_user")

        monkeypatch.setattr(User.objects, "active", fail)
        assert checks.no_demo_account_is_open(databases=["default"]) == []


@pytest.mark.parametrize(
    ("hosts", "expected"),
    [(["koperasi.example.go.id"], set()), (["*"], {"kaltim_koperasi.E004"}), ([".go.id"], {"kaltim_koperasi.E004"})],
)
def test_hosts_are_named_one_by_one(settings, hosts, expected):
    settings.ALLOWED_HOSTS = hosts
    assert ids(checks.hosts_are_named(None)) == expected


@pytest.mark.parametrize(
    ("phone", "email", "expected"),
    [("", "", {"kaltim_koperasi.W001"}), ("0541-1", "", set()), ("", "a@example.go.id", set())],
)
def test_the_office_can_be_reached(settings, phone, email, expected):
    settings.OFFICE_PHONE, settings.OFFICE_EMAIL = phone, email
    assert ids(checks.office_can_be_reached(None)) == expected


def test_a_redirect_to_https_needs_a_proxy_that_says_so(settings):
    assert checks.https_can_be_seen(None) == []
    settings.SECURE_SSL_REDIRECT = True
    assert ids(checks.https_can_be_seen(None)) == {"kaltim_koperasi.W002"}
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert checks.https_can_be_seen(None) == []


@pytest.mark.django_db
def test_the_checks_run_by_themselves_when_the_project_is_checked():
    DataVersion.bump("demo")
    with pytest.raises(SystemCheckError, match=r"kaltim_koperasi\.E003"):
        call_command("check", deploy=True, databases=["default"])

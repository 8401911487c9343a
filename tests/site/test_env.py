"""Reading the environment: what is understood, and that what is odd stops the start with one sentence."""

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from kaltim_koperasi import env

STRONG = "0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOP"


@pytest.fixture
def variable(monkeypatch):
    """Set the one variable that the test reads."""
    monkeypatch.delenv("THING", raising=False)
    return lambda value: monkeypatch.setenv("THING", value)


class TestText:
    def test_reads_without_the_blanks_around(self, variable):
        variable("  Dinas Koperasi ")
        assert env.text("THING") == "Dinas Koperasi"

    @pytest.mark.parametrize("value", ["", "   "])
    def test_an_empty_variable_counts_as_not_set(self, variable, value):
        variable(value)
        assert env.text("THING", default="x") == "x"
        with pytest.raises(ImproperlyConfigured, match=r"THING is not set.*\.env\.example"):
            env.text("THING")


class TestSecret:
    def test_takes_a_long_key_made_by_chance(self, variable):
        variable(STRONG)
        assert env.secret("THING") == STRONG

    @pytest.mark.parametrize("value", ["changeme", STRONG[:49], "a" * 80, "django-insecure-" + STRONG])
    def test_refuses_a_weak_key_without_printing_it(self, variable, value):
        variable(value)
        with pytest.raises(ImproperlyConfigured, match="THING is too weak") as refusal:
            env.secret("THING")
        assert value not in str(refusal.value)


class TestFlag:
    @pytest.mark.parametrize(
        ("value", "meaning"), [("1", True), ("TRUE", True), (" ya ", True), ("0", False), ("off", False), ("", False)]
    )
    def test_understands_yes_and_no(self, variable, value, meaning):
        variable(value)
        assert env.flag("THING", default=not meaning) is meaning

    def test_not_set_is_the_default(self, variable):
        assert env.flag("THING", default=True) is True

    @pytest.mark.parametrize("value", ["yse", "2", "None"])
    def test_never_guesses(self, variable, value):
        variable(value)
        with pytest.raises(ImproperlyConfigured, match="neither yes nor no"):
            env.flag("THING")


class TestInteger:
    def test_reads_a_number_within_its_limits(self, variable):
        assert env.integer("THING", 7, least=1, most=9) == 7
        variable("9")
        assert env.integer("THING", 7, least=1, most=9) == 9

    @pytest.mark.parametrize("value", ["0", "10", "-1", "1.5", "1_0", "９", "9999999999"])
    def test_refuses_anything_else(self, variable, value):
        variable(value)
        with pytest.raises(ImproperlyConfigured, match="whole number from 1 to 9"):
            env.integer("THING", 7, least=1, most=9)


class TestWords:
    def test_splits_at_commas_and_drops_what_is_empty(self, variable):
        variable("a, b,,c ,")
        assert env.words("THING") == ["a", "b", "c"]

    def test_without_a_value_gives_the_default_or_stops(self, variable):
        assert env.words("THING", default=["x"]) == ["x"]
        assert env.words("THING") == []
        variable(" , ")
        with pytest.raises(ImproperlyConfigured, match="THING is not set"):
            env.words("THING", default=None)


class TestOrigin:
    @pytest.mark.parametrize(
        ("value", "meaning"),
        [
            ("", ""),
            (" https://koperasi.example.go.id/ ", "https://koperasi.example.go.id"),
            ("http://localhost:8000", "http://localhost:8000"),
            ("https://[::1]:8000", "https://[::1]:8000"),
        ],
    )
    def test_is_scheme_and_host_without_a_slash(self, variable, value, meaning):
        variable(value)
        assert env.origin("THING") == meaning

    @pytest.mark.parametrize(
        "value",
        [
            *["koperasi.example.go.id", "//koperasi.example.go.id", "ftp://host", "https://", "https://host/kerja/"],
            *["https://host?a=b", "https://host#x", "https://user@host", "https://a b", "https://host:port"],
        ],
    )
    def test_refuses_anything_behind_or_before_the_host(self, variable, value):
        variable(value)
        with pytest.raises(ImproperlyConfigured, match=r"THING=.* must read https://"):
            env.origin("THING")


class TestDatabase:
    def test_without_a_value_is_a_file_below_var(self, variable, tmp_path):
        assert env.database("THING", base=tmp_path)["NAME"] == tmp_path / "var" / "db.sqlite3"

    @pytest.mark.parametrize("value", ["sqlite:///data/a.sqlite3", "sqlite:///{base}/data/a.sqlite3"])
    def test_sqlite_is_relative_to_the_project_or_absolute(self, variable, tmp_path, value):
        variable(value.format(base=tmp_path))
        settings = env.database("THING", base=tmp_path)
        assert settings["NAME"] == tmp_path / "data" / "a.sqlite3"
        assert settings["NAME"].parent.is_dir()

    def test_sqlite_waits_for_its_turn_and_for_the_disk(self, variable, tmp_path):
        options = env.database("THING", base=tmp_path)["OPTIONS"]
        assert options["transaction_mode"] == "IMMEDIATE"
        assert "synchronous=FULL" in options["init_command"]
        assert "mmap_size" not in options["init_command"]

    @pytest.mark.parametrize(
        ("version", "safe"),
        [
            ((3, 40, 1), False),
            ((3, 44, 5), False),
            ((3, 44, 6), True),
            ((3, 45, 0), False),
            ((3, 50, 6), False),
            ((3, 50, 7), True),
            ((3, 51, 2), False),
            ((3, 51, 3), True),
            ((3, 53, 0), True),
        ],
    )
    def test_wal_only_where_sqlite_is_mended(self, variable, tmp_path, monkeypatch, version, safe):
        monkeypatch.setattr(env.sqlite3, "sqlite_version_info", version)
        command = env.database("THING", base=tmp_path)["OPTIONS"]["init_command"]
        assert ("journal_mode=WAL" in command) is safe
        assert ("journal_mode=TRUNCATE" in command) is not safe

    def test_postgres_with_every_part(self, variable, tmp_path):
        variable("postgres://portal:p%40ss@[::1]:5433,db2:5432,db3/koperasi?sslmode=require")
        settings = env.database("THING", base=tmp_path)
        assert settings["ENGINE"] == "django.db.backends.postgresql"
        assert (settings["USER"], settings["PASSWORD"]) == ("portal", "p@ss")
        assert (settings["HOST"], settings["PORT"]) == ("::1,db2,db3", "5433,5432,")
        assert settings["NAME"] == "koperasi"
        assert settings["OPTIONS"] == {"sslmode": "require"}

    def test_postgres_by_socket(self, variable, tmp_path):
        variable("postgres://portal@%2Frun%2Fpostgresql/koperasi")
        assert env.database("THING", base=tmp_path)["HOST"] == "/run/postgresql"

    @pytest.mark.parametrize(
        "value", ["sqlite://", "sqlite:///", "postgres://host", "mysql://host/db", "var/db.sqlite3"]
    )
    def test_refuses_what_it_does_not_understand(self, variable, tmp_path, value):
        variable(value)
        with pytest.raises(ImproperlyConfigured, match="THING"):
            env.database("THING", base=tmp_path)


class TestCache:
    def test_memory_or_redis(self, variable):
        assert env.cache("THING")["BACKEND"].endswith("LocMemCache")
        variable("redis://127.0.0.1:6379/0")
        assert env.cache("THING")["LOCATION"] == "redis://127.0.0.1:6379/0"

    def test_refuses_another_scheme(self, variable):
        variable("memcached://host")
        with pytest.raises(ImproperlyConfigured, match="redis://"):
            env.cache("THING")


class TestEmail:
    def test_without_a_value_sends_nothing(self, variable):
        assert env.email("THING")["EMAIL_BACKEND"].endswith("dummy.EmailBackend")

    def test_prints_to_the_console(self, variable):
        variable("console:")
        assert env.email("THING")["EMAIL_BACKEND"].endswith("console.EmailBackend")

    @pytest.mark.parametrize(
        ("scheme", "port", "ssl", "tls"),
        [("smtp", 25, False, False), ("smtps", 465, True, False), ("smtp+tls", 587, False, True)],
    )
    def test_three_ways_to_a_mail_server(self, variable, scheme, port, ssl, tls):
        variable(f"{scheme}://user:p%40ss@mail.example.go.id")
        settings = env.email("THING")
        assert (settings["EMAIL_PORT"], settings["EMAIL_USE_SSL"], settings["EMAIL_USE_TLS"]) == (port, ssl, tls)
        assert (settings["EMAIL_HOST_USER"], settings["EMAIL_HOST_PASSWORD"]) == ("user", "p@ss")

    @pytest.mark.parametrize("value", ["mail.example.go.id", "http://mail", "smtp://"])
    def test_refuses_what_it_does_not_understand(self, variable, value):
        variable(value)
        with pytest.raises(ImproperlyConfigured, match="THING must read"):
            env.email("THING")


GOOD = {"SECRET_KEY": STRONG, "ALLOWED_HOSTS": "koperasi.example.go.id"}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
        ({"SECRET_KEY": "secret"}, "SECRET_KEY is too weak"),
        ({"ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS is not set"),
        ({"DEBUG": "yse"}, "neither yes nor no"),
        ({"DATABASE_URL": "mysql://x/y"}, "Only sqlite:/// and postgres:// are understood"),
        ({"EMAIL_URL": "mail"}, "EMAIL_URL must read"),
        ({"REDIS_URL": "6379"}, "REDIS_URL"),
        ({"SITE_URL": "koperasi.example.go.id"}, "SITE_URL"),
    ],
)
def test_production_stops_with_one_sentence(pytestconfig, change, sentence):
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=pytestconfig.rootpath,
        env={"PATH": os.environ["PATH"], **GOOD, **change},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert sentence in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, "a sentence, not a traceback"

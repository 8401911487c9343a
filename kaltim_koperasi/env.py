"""Reads settings from the environment and refuses what it does not understand.

A setting that is missing or odd stops the start with one sentence that names the variable
and says what to do. Nothing is guessed: DEBUG=yse is an error, not False.
"""

import os
import re
import sqlite3
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE = {"1", "true", "yes", "on", "ya"}
FALSE = {"0", "false", "no", "off", "tidak", ""}


def text(name, default=None):
    """The variable as text. Without a default the variable is required."""
    value = os.environ.get(name, "").strip()
    if value:
        return value
    if default is None:
        raise ImproperlyConfigured(f"{name} is not set. Set it in the environment; .env.example says what it is for.")
    return default


def secret(name, default=None):
    """A key that signs things: long and made by chance, or the start stops."""
    value = text(name, default)
    if len(value) < 50 or len(set(value)) < 10 or value.startswith("django-insecure-"):
        raise ImproperlyConfigured(
            f"{name} is too weak. Use at least 50 characters of chance:"
            " python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"
        )
    return value


def flag(name, default=False):
    """A yes-or-no variable: 1/0, true/false, yes/no, on/off."""
    value = os.environ.get(name)
    if value is None:
        return default
    word = value.strip().lower()
    if word in TRUE:
        return True
    if word in FALSE:
        return False
    raise ImproperlyConfigured(f"{name}={value!r} is neither yes nor no. Use 1 or 0.")


def integer(name, default, *, least, most):
    """A whole number within the limits given."""
    value = os.environ.get(name, "").strip()
    if not value:
        return default
    if not re.fullmatch(r"[0-9]{1,9}", value) or not least <= int(value) <= most:
        raise ImproperlyConfigured(f"{name}={value!r} must be a whole number from {least} to {most}.")
    return int(value)


def words(name, default=()):
    """A list separated by commas. With None for a default the variable is required."""
    found = [word.strip() for word in os.environ.get(name, "").split(",") if word.strip()]
    if not found and default is None:
        raise ImproperlyConfigured(f"{name} is not set. Set it in the environment; .env.example says what it is for.")
    return found or list(default)


def database(name, *, base):
    """Django's database settings from a URL; sqlite below `base`/var where the variable is not set.

    Understood: sqlite:///relative/path.sqlite3, sqlite:////absolute/path.sqlite3 and
    postgres://user:password@host:port/database?options. Several hosts, separated by commas,
    are passed on to libpq, which tries them in turn.
    """
    value = os.environ.get(name, "").strip()
    if not value:
        return _sqlite(base / "var" / "db.sqlite3")
    url = urlsplit(value)
    if url.scheme == "sqlite":
        path = unquote(url.path[1:])
        if not path:
            raise ImproperlyConfigured(f"{name} names no file. Write sqlite:///var/db.sqlite3.")
        return _sqlite(base / path)
    if url.scheme in {"postgres", "postgresql"}:
        database_name = unquote(url.path[1:])
        if not database_name:
            raise ImproperlyConfigured(f"{name} names no database. Write postgres://user:password@host:5432/database.")
        credentials, _, hosts = url.netloc.rpartition("@")
        user, _, password = credentials.partition(":")
        pairs = [_host_port(part) for part in hosts.split(",") if part]
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": database_name,
            "USER": unquote(user),
            "PASSWORD": unquote(password),
            "HOST": ",".join(host for host, _ in pairs),
            "PORT": ",".join(port for _, port in pairs),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": dict(parse_qsl(url.query)),
        }
    raise ImproperlyConfigured(f"{name} starts with {url.scheme!r}. Only sqlite:/// and postgres:// are understood.")


def origin(name):
    """The portal's own address as others see it, without a slash at its end; empty where it is not said."""
    value = os.environ.get(name, "").strip()
    if not value:
        return ""
    # Host and port alone: what comes behind is added by the portal, what stands before (user@) misleads.
    if not re.fullmatch(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?/?", value):
        raise ImproperlyConfigured(f"{name}={value!r} must read https://koperasi.example.go.id, without a path.")
    return value.removesuffix("/")


def _host_port(part):
    if match := re.fullmatch(r"\[(.+)\](?::([0-9]+))?", part):
        return match[1], match[2] or ""
    host, _, port = part.partition(":")
    return unquote(host), port


def wal_is_safe(version):
    """WAL can corrupt a file with several connections before these versions; see docs/decisions/sqlite.md."""
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


def _sqlite(path):
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    journal = "WAL" if wal_is_safe(sqlite3.sqlite_version_info) else "TRUNCATE"
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        # Opening the file and setting it up for every request would cost more than most pages.
        "CONN_MAX_AGE": 600,
        "OPTIONS": {
            # A transaction takes its write lock when it begins, so that it waits instead of failing half way.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                f"PRAGMA journal_mode={journal}; PRAGMA synchronous=FULL; PRAGMA recursive_triggers=ON;"
                " PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY;"
            ),
        },
    }


def cache(name, *, folder=None):
    """Django's cache settings: Redis by URL. Where the variable is not set, files in `folder`, which all processes of
    the machine see, or without one the memory of the process."""
    value = os.environ.get(name, "").strip()
    if not value and folder:
        return {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": folder}
    if not value:
        return {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "OPTIONS": {"MAX_ENTRIES": 2000},
        }
    if urlsplit(value).scheme not in {"redis", "rediss"}:
        raise ImproperlyConfigured(f"{name}={value!r} must start with redis:// or rediss://.")
    return {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": value}


def email(name):
    """Django's e-mail settings from smtp://, smtps:// or smtp+tls://user:password@host:port.

    Without the variable there is no mail: password resets go by one-time link. `console:` prints mail.
    """
    value = os.environ.get(name, "").strip()
    if not value:
        return {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}
    url = urlsplit(value)
    if url.scheme == "console":
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    if url.scheme not in {"smtp", "smtps", "smtp+tls"} or not url.hostname:
        raise ImproperlyConfigured(f"{name} must read smtp+tls://user:password@host:587 (or smtps://, smtp://).")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": url.hostname,
        "EMAIL_PORT": url.port or {"smtp": 25, "smtps": 465, "smtp+tls": 587}[url.scheme],
        "EMAIL_HOST_USER": unquote(url.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(url.password or ""),
        "EMAIL_USE_SSL": url.scheme == "smtps",
        "EMAIL_USE_TLS": url.scheme == "smtp+tls",
        "EMAIL_TIMEOUT": 15,
    }

"""System checks: what must hold of the machine and the database that the portal runs on.

`make serve` runs them all with --deploy before it starts anything.
"""

import sqlite3

from django.conf import settings
from django.core import checks
from django.db import DatabaseError, connections

from accounts import demo
from accounts.models import User
from common.models import DataVersion
from kaltim_koperasi import env

DURABLE = {1: "NORMAL", 2: "FULL", 3: "EXTRA"}


@checks.register(checks.Tags.database)
def sqlite_is_safe(databases=(), **kwargs):
    """Say which journal mode each SQLite file really runs in, and refuse the ones that can lose or corrupt it."""
    found = []
    for alias in databases or ():
        connection = connections[alias]
        if connection.vendor != "sqlite" or connection.is_in_memory_db():
            continue
        with connection.cursor() as cursor:
            journal = cursor.execute("PRAGMA journal_mode").fetchone()[0].upper()
            synchronous = cursor.execute("PRAGMA synchronous").fetchone()[0]
        found.append(
            checks.Info(
                f"The database {alias!r} is SQLite {sqlite3.sqlite_version} with journal_mode={journal},"
                f" synchronous={DURABLE.get(synchronous, 'OFF')}.",
                id="kaltim_koperasi.I001",
            )
        )
        if journal == "WAL" and not env.wal_is_safe(sqlite3.sqlite_version_info):
            found.append(
                checks.Error(
                    f"SQLite {sqlite3.sqlite_version} can corrupt a database in WAL mode.",
                    hint="Use SQLite 3.51.3 or later (3.50.7 and 3.44.6 are mended too), or journal_mode=TRUNCATE.",
                    id="kaltim_koperasi.E001",
                )
            )
        if journal in {"MEMORY", "OFF"} or synchronous < 2:
            found.append(
                checks.Error(
                    f"The database {alias!r} would lose or break data when the power fails.",
                    hint="journal_mode TRUNCATE or WAL and synchronous=FULL are set in kaltim_koperasi/env.py.",
                    id="kaltim_koperasi.E002",
                )
            )
    return found


@checks.register(checks.Tags.database, deploy=True)
def no_demo_data(databases=(), **kwargs):
    """Production never shows invented cooperatives."""
    if settings.DEBUG or "default" not in (databases or ()):
        return []
    try:
        is_demo = DataVersion.demo_is_in()
    except DatabaseError:
        # Not migrated yet; `migrate --check` says so.
        return []
    if not is_demo:
        return []
    return [
        checks.Error(
            "The database holds demo data.",
            hint="Take it out with: manage.py make_demo --remove, or name another database in DATABASE_URL.",
            id="kaltim_koperasi.E003",
        )
    ]


@checks.register(checks.Tags.database, deploy=True)
def no_demo_account_is_open(databases=(), **kwargs):
    """Their passwords were printed on somebody's screen."""
    if settings.DEBUG or "default" not in (databases or ()):
        return []
    try:
        names = list(User.objects.active().filter(username__startswith=demo.PREFIX).values_list("username", flat=True))
    except DatabaseError:
        return []
    if not names:
        return []
    return [
        checks.Error(
            f"Demo accounts are open: {', '.join(names)}.",
            hint="Close them with: manage.py make_demo --remove, or deactivate them in the admin.",
            id="kaltim_koperasi.E005",
        )
    ]


@checks.register(checks.Tags.security, deploy=True)
def hosts_are_named(app_configs, **kwargs):
    """A wildcard would let anybody's host name into links and reset mails."""
    wide = [host for host in settings.ALLOWED_HOSTS if host == "*" or host.startswith(".")]
    if not wide:
        return []
    return [
        checks.Error(
            f"ALLOWED_HOSTS holds {', '.join(wide)}, which stands for any name.",
            hint="List the names under which the portal is reached, separated by commas.",
            id="kaltim_koperasi.E004",
        )
    ]


@checks.register(checks.Tags.security, deploy=True)
def office_can_be_reached(app_configs, **kwargs):
    """Citizens are told where to ask and to complain; without an address that sentence is empty."""
    if settings.OFFICE_PHONE or settings.OFFICE_EMAIL:
        return []
    return [
        checks.Warning(
            "Neither OFFICE_PHONE nor OFFICE_EMAIL is set.",
            hint="Set at least one, so that the pages can say how the office is reached.",
            id="kaltim_koperasi.W001",
        )
    ]


@checks.register(checks.Tags.security, deploy=True)
def https_can_be_seen(app_configs, **kwargs):
    """Without knowing of the proxy every page would redirect to itself for ever."""
    if not settings.SECURE_SSL_REDIRECT or getattr(settings, "SECURE_PROXY_SSL_HEADER", None):
        return []
    return [
        checks.Warning(
            "Pages redirect to HTTPS, but the portal cannot see whether a request came by HTTPS.",
            hint="Set BEHIND_TLS_PROXY=1 where a proxy speaks HTTPS and sets X-Forwarded-Proto, else SSL_REDIRECT=0.",
            id="kaltim_koperasi.W002",
        )
    ]

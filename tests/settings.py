"""The settings tests run with: production's, in an environment that is the same on every machine.

Whatever the caller's environment says is forgotten, DATABASE_URL apart, so that a test never passes
because of a variable in somebody's shell.
"""

import os
import tempfile
from pathlib import Path

_KEPT = {"DATABASE_URL"}
_EXAMPLE = Path(__file__).resolve().parent.parent / ".env.example"
for _line in _EXAMPLE.read_text(encoding="utf-8").splitlines():
    _name = _line.lstrip("# ").partition("=")[0]
    if _name not in _KEPT:
        os.environ.pop(_name, None)

# Files of one test process: gone with it. In memory where the machine has a place for that.
_SHM = Path("/dev/shm")  # noqa: S108 - the folder inside it is made by tempfile, unguessable and private
_files = tempfile.TemporaryDirectory(prefix="kk-test-", dir=_SHM if os.access(_SHM, os.W_OK) else None)
_FILES = Path(_files.name)

os.environ.update(
    DEBUG="0",
    SECRET_KEY="tests-only-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJ",
    ALLOWED_HOSTS="testserver,localhost,127.0.0.1",
    MEDIA_ROOT=str(_FILES / "media"),
    # The test client and the live server speak plain HTTP; test_tooling turns the redirect on to see it.
    SSL_REDIRECT="0",
    # Tests sign people in with a password alone; tests/accounts turns the second factor on to see it.
    MFA_REQUIRED="0",
)

from kaltim_koperasi.settings import *  # noqa: E402, F403
from kaltim_koperasi.settings import CACHES, DATABASES, STORAGES  # noqa: E402

# A file, not memory: races are about how several connections lock one file. And never the developer's own, not even
# from a test that forgot to ask for a database.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["NAME"] = str(_FILES / "never-used.sqlite3")
    DATABASES["default"]["TEST"] = {"NAME": str(_FILES / "test.sqlite3")}

# Argon2 as in production, at a cost that lets a thousand sign-ins be tested.
PASSWORD_HASHERS = ["tests.passwords.CheapArgon2"]

STATIC_ROOT = _FILES / "static"
STATIC_ROOT.mkdir()
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}

# Work is done where it is asked for; tests of the worker ask for the database's queue.
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
CACHES = {**CACHES, "progress": {**CACHES["progress"], "LOCATION": _FILES / "progress"}}

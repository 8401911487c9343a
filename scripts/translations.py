#!/usr/bin/env python
"""Keeps locale/id equal to what the code says.

    scripts/translations.py update     collects the strings, drops those that are gone, sorts, compiles
    scripts/translations.py check      fails on a string that is new, gone, untranslated or fuzzy, on a wrong
                                       placeholder, and on a .mo that is not what its .po compiles to; changes nothing

Needs GNU gettext (Debian: gettext).
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = Path("locale/id/LC_MESSAGES/django.po")
# What holds no visible string, or is no part of the project.
SKIPPED = ["tests", "benchmarks", "scripts", "docs", "var", ".venv", ".git", "node_modules"]
SHOWN = 40


def key(entry):
    return (entry.msgctxt or "", entry.msgid, entry.msgid_plural or "")


def collect(root):
    """Let Django read all code and templates below `root` into its catalogue."""
    skipped = [argument for name in SKIPPED for argument in ("-i", name)]
    command = [sys.executable, "manage.py", "makemessages", "-l", "id", "--no-location", "--no-wrap", *skipped]
    done = subprocess.run(
        command, cwd=root, env={**os.environ, "DEBUG": "1"}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"makemessages failed:\n{done.stdout}{done.stderr}")


def compile_catalogue(po, mo):
    """What msgfmt says against the catalogue; nothing when it compiled."""
    done = subprocess.run(["msgfmt", "--check-format", "-o", mo, po], capture_output=True, text=True, check=False)
    return done.stderr.strip().splitlines() if done.returncode else []


def untranslated(po):
    return [entry for entry in po if not entry.obsolete and not entry.translated()]


def content(mo):
    """A compiled catalogue as data: the bytes may differ between versions of gettext, the sentences may not."""
    return {key(entry): (entry.msgstr, tuple(entry.msgstr_plural.values())) for entry in polib.mofile(str(mo))}


def listed(title, entries):
    lines = [f"  {getattr(entry, 'msgid', entry)!r}" for entry in entries[:SHOWN]]
    more = [f"  ... and {len(entries) - SHOWN} more"] if len(entries) > SHOWN else []
    return [f"{title} ({len(entries)}):", *lines, *more]


def update():
    collect(ROOT)
    path = ROOT / CATALOGUE
    po = polib.pofile(str(path), wrapwidth=0)
    for entry in po.obsolete_entries():
        po.remove(entry)
    # Dates and names would change with every run and say nothing.
    for header in ("POT-Creation-Date", "PO-Revision-Date", "Last-Translator", "Report-Msgid-Bugs-To"):
        po.metadata.pop(header, None)
    po.sort(key=lambda entry: (entry.msgctxt or "", entry.msgid))
    po.save(str(path))
    complaints = compile_catalogue(path, path.with_suffix(".mo"))
    if complaints:
        sys.exit("\n".join(listed("Wrong in the catalogue", complaints)))
    missing = untranslated(po)
    print(f"{len(po)} strings, {len(missing)} without a translation.")
    if missing:
        print("\n".join(listed("Translate in " + str(CATALOGUE), missing)))


def check():
    committed = ROOT / CATALOGUE
    if not committed.exists() or not committed.with_suffix(".mo").exists():
        sys.exit(f"{CATALOGUE} or its .mo is missing. Run: make translations")
    problems = []
    with tempfile.TemporaryDirectory(prefix="kk-translations-") as folder:
        copy = Path(folder) / "project"
        shutil.copytree(ROOT, copy, ignore=lambda _, names: [name for name in names if name in SKIPPED], symlinks=True)
        before = polib.pofile(str(committed))
        collect(copy)
        after = polib.pofile(str(copy / CATALOGUE))
        known = {key(entry) for entry in before if not entry.obsolete}
        used = {key(entry) for entry in after if not entry.obsolete}
        missing = untranslated(before)
        compiled = Path(folder) / "django.mo"
        complaints = compile_catalogue(committed, compiled)
        for title, entries in (
            ("In the code but not in the catalogue", [msgid for _, msgid, _ in sorted(used - known)]),
            ("In the catalogue but no longer in the code", [msgid for _, msgid, _ in sorted(known - used)]),
            ("Untranslated or fuzzy", missing),
            ("Kept though obsolete", before.obsolete_entries()),
            ("Wrong in the catalogue", complaints),
        ):
            if entries:
                problems += listed(title, entries)
        if not complaints and content(compiled) != content(committed.with_suffix(".mo")):
            problems.append("The committed .mo is not what the .po compiles to.")
    if problems:
        sys.exit("\n".join([*problems, "Run make translations, translate what it names, and commit both files."]))
    print(f"Translations: {len(known)} strings, all translated, the .mo is theirs.")


def main():
    if not shutil.which("xgettext") or not shutil.which("msgfmt"):
        sys.exit("GNU gettext is not on this machine. On Debian and Ubuntu: sudo apt install gettext")
    verbs = {"update": update, "check": check}
    if len(sys.argv) != 2 or sys.argv[1] not in verbs:
        sys.exit("Usage: scripts/translations.py update|check")
    verbs[sys.argv[1]]()


if __name__ == "__main__":
    main()

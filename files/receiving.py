"""The one way in of a file that is attached to a record: kept only once it is known to be what its name says.

    try:
        guarded = receive(request.FILES["file"], by=request.user)
    except FileRefused as refusal:
        form.add_error("file", refusal.as_validation_error())

It takes up to files.examine.WALL_SECONDS for a hostile file, seconds for a large picture: receive first, then open the
transaction that writes the record.
"""

import hashlib
import os
import secrets
import shutil
from datetime import datetime, timedelta
from pathlib import Path

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.numbers import write_number
from common.refusal import Refused
from files import apart
from files.examine import WALL_SECONDS
from files.models import GuardedFile, folder
from files.names import LONGEST, clean_name
from files.upload import ATTACHMENTS, MIB, UploadTooLarge, store

READER = ("-m", "files.examine")
# A file that is looked at; what a killed process left there is found by manage.py sweep_files.
INCOMING = "incoming-"
LONGEST_SHOWN = 80
Kind = GuardedFile.Kind
ENDINGS = {"pdf": Kind.PDF, "jpg": Kind.JPG, "jpeg": Kind.JPG, "png": Kind.PNG, "xlsx": Kind.XLSX}
WRITTEN_ANEW = {Kind.JPG, Kind.PNG}
EXIF_TIME = "%Y:%m:%d %H:%M:%S"
FIRST_YEAR = 1990

# The rules by the names that files.examine gives them: what is wrong, and what helps.
SENTENCES = {
    "empty": _("“%(file)s” is empty. Save or scan it again and upload the new file."),
    "bytes": _("“%(file)s” is larger than %(most_mb)s MB. Scan or save it with a lower resolution."),
    "name": _("“%(file)s” cannot be taken: only files that end in %(endings)s are. Save it as one of these."),
    "ending": _("“%(file)s” holds %(kind)s, but its name ends in .%(ending)s. Give it the ending .%(right)s."),
    "unknown": _("“%(file)s” is not the %(wanted)s file that its name says. Open it and save it as %(wanted)s."),
    "page": _("“%(file)s” is not a document but %(kind)s. Print it to PDF and upload that."),
    "damaged": _("“%(file)s” is damaged or incomplete. Open it, save or scan it again and upload the new file."),
    "password": _("“%(file)s” is protected with a password. Remove the password and upload the file again."),
    "prefix": _("Something stands before the document in “%(file)s”. Open it, print it to PDF and upload that."),
    "trailing": _("Something is hidden behind the end of “%(file)s”. Open it, save it as a new file and upload that."),
    "script": _("“%(file)s” holds a program (JavaScript). Print it to PDF and upload that."),
    "action": _(
        "“%(file)s” can start programs, open other files or send data. Save it without these, or print it to PDF, and "
        "upload that."
    ),
    "embedded": _(
        "Another file is embedded in “%(file)s”. Take it out and upload each file by itself, or print it to PDF."
    ),
    "xfa": _("“%(file)s” is a form that only one program can show (XFA). Print it to PDF and upload that."),
    "pixels": _("The picture “%(file)s” has more than %(most)s million pixels. Make it smaller and upload it again."),
    "macros": _("“%(file)s” holds macros; such files are not taken. Save it as XLSX without macros."),
    "declaration": _(
        "“%(file)s” holds XML declarations that no spreadsheet needs. Open it in your spreadsheet program and save it "
        "as XLSX."
    ),
    "unpacked": _("“%(file)s” becomes too large when it is opened. Make it smaller, or split it into several files."),
    "memory": _(
        "“%(file)s” needs more memory than the portal gives to one file. Make it smaller, or split it into several "
        "files."
    ),
    "time": _("Checking “%(file)s” took too long. Print it to PDF anew, or split it into several files."),
}
KINDS = {
    "html": _("a web page (HTML)"),
    "svg": _("a drawing (SVG)"),
    "xml": _("an XML document"),
    "pdf": _("a PDF document"),
    "jpg": _("a JPG picture"),
    "png": _("a PNG picture"),
}


class FileRefused(Refused):
    """The file cannot be attached; `code` names the rule it breaks, `str()` says what helps."""


def receive(upload, *, by, allowed=("pdf", "jpg", "png", "xlsx")):
    """Check a file and keep it: its GuardedFile. Raises FileRefused and leaves nothing then, on the disk or as a row.

    A PDF and a workbook are kept byte for byte, a picture is written anew without what stood beside its pixels. The
    bytes are on the disk for good before the row is written. Where a transaction around this rolls back, the row goes
    and the file stays: harmless, since its name is nowhere and nothing is served without a row;
    `manage.py sweep_files` removes it. To remove it here would risk the other failure, a row without its file.
    """
    name = clean_name(upload.name)
    kind = ENDINGS.get(_ending(name))
    if kind is None or kind not in allowed:
        raise _refused(name, "name", allowed)
    folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    work = folder() / f"{INCOMING}{secrets.token_hex(16)}"
    try:
        source, facts = _checked(upload, name, kind, work)
        place = folder() / secrets.token_hex(16)
        source.rename(place)
        try:
            _sync(place.parent)
            return GuardedFile.objects.create(name=name, kind=kind, path=place.name, by=by, **facts)
        except BaseException:
            place.unlink(missing_ok=True)
            raise
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _checked(upload, name, kind, work):
    """What is to be kept of the upload, somewhere in the folder `work`, and what is known of it: `(path, facts)`."""
    try:
        source, sha256, size = store(upload, work, most=ATTACHMENTS.file)
    except UploadTooLarge:
        raise _refused(name, "bytes") from None
    target = work / "anew"
    answer = apart.ask((*READER, str(source.resolve()), str(kind), str(target.resolve())), seconds=WALL_SECONDS)
    if "refused" in answer:
        raise _refused(name, answer["refused"], params=answer["params"])
    facts = {"size": size, "sha256": sha256, "source_sha256": sha256}
    if kind not in WRITTEN_ANEW:
        return source, facts
    with target.open("rb") as file:
        os.fsync(file.fileno())
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return target, facts | {"sha256": digest, "size": file.tell(), "taken_at": moment_taken(*answer["read"])}


def moment_taken(time, offset=""):
    """The moment that a camera or a device wrote as EXIF does ("2025:02:20 09:12:44", "+08:00"); None for what is none.

    Without an offset that can be read it is WITA. Before 1990, or more than a day ahead, the clock was not set.
    """
    words = time.strip("\0 ")
    try:
        try:
            taken = datetime.strptime(f"{words} {offset.strip(chr(0) + ' ')}", f"{EXIF_TIME} %z")
        except ValueError:
            taken = datetime.strptime(words, EXIF_TIME).replace(tzinfo=timezone.get_default_timezone())
        is_set = taken.year >= FIRST_YEAR and taken <= timezone.now() + timedelta(days=1)
    except (ValueError, OverflowError):
        return None
    return taken if is_set else None


def _sync(directory):
    """Let a new name in a folder survive a loss of power."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _ending(name):
    return Path(name).suffix.lower().removeprefix(".")


def _refused(name, code, allowed=(), params=None):
    words = {key: write_number(value) if isinstance(value, int) else value for key, value in (params or {}).items()}
    if "kind" in words:
        words |= {"kind": KINDS[words["kind"]], "right": words["kind"]}
    ending = _ending(name)
    return FileRefused(
        SENTENCES[code],
        code=code,
        file=clean_name(name, min(LONGEST, LONGEST_SHOWN)) or "…",
        most_mb=ATTACHMENTS.file // MIB,
        endings=", ".join(f".{kind}" for kind in allowed),
        ending=ending,
        wanted=ENDINGS[ending].label if ending in ENDINGS else "",
        **words,
    )

"""The way in of a file for an import: stopped while it streams once it is too large, then kept under a random name.

A view takes such an upload with `limited_upload`, inside `csrf_exempt`:

    @csrf_exempt                # the outermost: nothing may read the body before the limit stands
    @permission_required(...)
    @limited_upload             # sets the limit, checks the token after all, answers 413
    def upload(request):
        ...
        path, sha256, size = store(request.FILES["file"], folder)

The token is in the body, so Django's own check would read it, with the limits of other pages, before the view runs.
`limited_upload` makes that check itself; a test keeps a request without token out.
"""

import hashlib
import os
import secrets
from functools import wraps
from pathlib import Path

from django.core.files.uploadhandler import StopFutureHandlers, TemporaryFileUploadHandler
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.views.decorators.csrf import csrf_protect

from imports.parse import MIB, MOST_BYTES

# The form around the file.
MOST_AROUND = MIB
# A browser shows an answer only when it could send everything: so much is still read, and thrown away.
MOST_THROWN_AWAY = 2 * MOST_BYTES


class UploadTooLarge(MultiPartParserError):
    """The request holds more than one import may; nothing of it is kept."""


class ImportUploadHandler(TemporaryFileUploadHandler):
    """Writes the files of a request to disk, never to memory, and gives up once they exceed the limit together."""

    def __init__(self, request=None):
        super().__init__(request)
        self.received = 0
        self.file = None  # type: ignore[assignment] # None until there is one, as Django itself has it.

    def handle_raw_input(self, input_data, META, content_length, boundary, encoding=None):  # noqa: N803 - Django's name
        if content_length > MOST_THROWN_AWAY:
            raise UploadTooLarge

    def new_file(self, *args, **kwargs):
        super().new_file(*args, **kwargs)
        # No other handler shall hold the file, let alone in memory.
        raise StopFutureHandlers

    def receive_data_chunk(self, raw_data, start):
        self.received += len(raw_data)
        if self.received <= MOST_BYTES:
            super().receive_data_chunk(raw_data, start)
            return
        self.upload_interrupted()
        if self.received > MOST_THROWN_AWAY:
            raise UploadTooLarge

    def file_complete(self, file_size):
        _within_limit(self.received)
        return super().file_complete(file_size)

    def upload_interrupted(self):
        # Closing it removes it.
        if self.file is not None and not self.file.closed:
            self.file.close()


def limited_upload(view):
    """Let a view take one import's file and no more, behind the check of its token; 413 where it is too large."""
    protected = csrf_protect(view)

    @wraps(view)
    def wrapped(request, *args, **kwargs):
        handler = ImportUploadHandler(request)
        request.upload_handlers = [handler]
        try:
            return protected(request, *args, **kwargs)
        except UploadTooLarge:
            return render(request, "imports/upload_too_large.html", {"most": MOST_BYTES // MIB}, status=413)
        finally:
            handler.upload_interrupted()

    return wrapped


def store(upload, folder):
    """Keep an upload in a folder under a name of chance, readable for the portal alone: `(path, SHA-256, size)`."""
    folder = Path(folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path, digest, size = folder / secrets.token_hex(16), hashlib.sha256(), 0
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for chunk in upload.chunks():
                size += len(chunk)
                _within_limit(size)
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path, digest.hexdigest(), size


def _within_limit(size):
    if size > MOST_BYTES:
        raise UploadTooLarge

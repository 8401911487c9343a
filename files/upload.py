"""The way in of uploads: stopped while they stream once they are too large, and written to disk, never to memory.

A view takes files with `limited_upload`, inside `csrf_exempt`:

    @csrf_exempt                # the outermost: nothing may read the body before the limit stands
    @permission_required(...)
    @limited_upload()           # sets the limit, checks the token after all, answers 413
    def attach(request):
        ...
        guarded = receive(request.FILES["file"], by=request.user)

The token is in the body, so Django's own check would read it, with the limits of other pages, before the view runs.
`limited_upload` makes that check itself; a test keeps a request without token out.
"""

import hashlib
import os
import secrets
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

from django.core.files.uploadhandler import StopFutureHandlers, TemporaryFileUploadHandler
from django.core.handlers.wsgi import LimitedStream
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_protect

MIB = 1024 * 1024


class UploadTooLarge(MultiPartParserError):
    """The request holds more than it may; nothing of it is kept."""


@dataclass
class Limit:
    """How many bytes one file, and all files of a request together, may have; what helps where they have more."""

    file: int
    together: int
    remedy: Any

    @property
    def thrown_away(self):
        """A browser shows an answer only when it could send everything: so much is still read, and thrown away."""
        return 2 * self.together


ATTACHMENTS = Limit(
    file=10 * MIB,
    together=25 * MIB,
    remedy=_("Scan or save the file with a lower resolution, or send fewer files at once, and upload it again."),
)


class LimitedUploadHandler(TemporaryFileUploadHandler):
    """Writes the files of a request to disk and keeps none of them once one, or all together, exceed the limit."""

    def __init__(self, request, limit, *, keeps_fields=False):
        super().__init__(request)
        self.limit = limit
        self.keeps_fields = keeps_fields
        self.received = self.together = 0
        self.is_too_large = False
        self.file = None  # type: ignore[assignment] # None until there is one, as Django itself has it.

    def handle_raw_input(self, input_data, META, content_length, boundary, encoding=None):  # noqa: N803 - Django's name
        if content_length > self.limit.thrown_away:
            raise UploadTooLarge

    def new_file(self, *args, **kwargs):
        self.received = 0
        if not self.is_too_large:
            super().new_file(*args, **kwargs)
        # No other handler shall hold the file, let alone in memory.
        raise StopFutureHandlers

    def receive_data_chunk(self, raw_data, start):
        self.received += len(raw_data)
        self.together += len(raw_data)
        if self.received > self.limit.file or self.together > self.limit.together:
            self.is_too_large = True
        if not self.is_too_large:
            super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size):
        return None if self.is_too_large else super().file_complete(file_size)

    def upload_complete(self):
        if self.is_too_large and not self.keeps_fields:
            raise UploadTooLarge

    def upload_interrupted(self):
        # Closing it removes it.
        if self.file is not None and not self.file.closed:
            self.file.close()


class _Unmeasured(LimitedStream):
    """The body of a request that does not say how long it is: at the limit it is too large, not at its end."""

    def __init__(self, stream, limit):
        super().__init__(stream, limit)
        self.left = limit

    def read(self, size=-1, /):
        data = super().read(size)
        self.left -= len(data)
        if self.left <= 0:
            raise UploadTooLarge
        return data


def limited_upload(limit=ATTACHMENTS, *, keeps_fields=False):
    """Let a view take files up to a limit, behind the check of its token; 413 with a page where they are too large.

    `keeps_fields`: the view is called all the same, without the file, where what was typed beside it must not be lost;
    it asks `is_too_large(request)`. What exceeds even twice the limit is answered with 413 in any case.
    """

    def decorator(view):
        protected = csrf_protect(view)

        @wraps(view)
        def wrapped(request, *args, **kwargs):
            handler = LimitedUploadHandler(request, limit, keeps_fields=keeps_fields)
            request.upload_handlers = [handler]
            _measure(request, limit)
            try:
                return protected(request, *args, **kwargs)
            except UploadTooLarge:
                return _too_large(request, limit)
            finally:
                handler.upload_interrupted()

        return wrapped

    return decorator


# For a form that is more than its file: what was typed comes back where the file is too large.
WITH_FIELDS = limited_upload(keeps_fields=True)


def is_too_large(request):
    """Whether a file of this request was thrown away because it exceeds the limit."""
    return any(getattr(handler, "is_too_large", False) for handler in request.upload_handlers)


def _measure(request, limit):
    """Let Django read a body that comes in chunks without a length; by itself it takes such a body for empty.

    Only where the server says that it ends the stream itself, as gunicorn does; any other would wait for ever.
    """
    meta = request.META
    if (
        not meta.get("CONTENT_LENGTH")
        and meta.get("wsgi.input_terminated")
        and "chunked" in meta.get("HTTP_TRANSFER_ENCODING", "").lower()
        and request.content_type == "multipart/form-data"
    ):
        meta["CONTENT_LENGTH"] = str(limit.thrown_away)
        request._stream = _Unmeasured(meta["wsgi.input"], limit.thrown_away)


def _too_large(request, limit):
    came_from = request.META.get("HTTP_REFERER", "")
    is_ours = url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure())
    context = {
        "most": limit.file // MIB,
        "together": limit.together // MIB if limit.together > limit.file else None,
        "remedy": limit.remedy,
        "back": came_from if is_ours else request.path,
    }
    return render(request, "files/upload_too_large.html", context, status=413)


def store(upload, folder, *, most):
    """Keep an upload in a folder under a name of chance, readable for the portal alone: `(path, SHA-256, size)`.

    Raises UploadTooLarge where it has more than `most` bytes, and leaves nothing then.
    """
    folder = Path(folder)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path, digest, size = folder / secrets.token_hex(16), hashlib.sha256(), 0
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for chunk in upload.chunks():
                size += len(chunk)
                _within(size, most)
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path, digest.hexdigest(), size


def _within(size, most):
    if size > most:
        raise UploadTooLarge

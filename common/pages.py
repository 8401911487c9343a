"""What makes a view a public page: open to everybody, the same for everybody, and known by its data version."""

import hashlib
from functools import wraps
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import HttpResponse
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.decorators import method_decorator
from django.utils.http import http_date, quote_etag
from django.utils.translation import get_language, get_language_from_path, override
from django.views.decorators.http import require_safe

from common.models import DataVersion

# A page stays in the cache of the server for an hour at most; a change of its data makes it unreachable at once.
KEEP_SECONDS = 3600
LARGEST_KEPT = 512 * 1024
KEPT_HEADERS = ("Content-Type", "Content-Disposition")


def _newest_template():
    """When a template, a translation or a static file last changed."""
    folders = [settings.BASE_DIR / name for name in ("templates", "locale", "static")]
    return max((path.stat().st_mtime_ns for folder in folders for path in folder.rglob("*.*")), default=0)


_newest_at_start = _newest_template()


def release():
    """Part of every mark, so that a new release is never answered with an old page. Fresh at each call in DEBUG."""
    return _newest_template() if settings.DEBUG else _newest_at_start


def public_page(*keys, cached=True):
    """Make a view function public: GET and HEAD only, no sign-in, ETag and Last-Modified by the data versions `keys`.

    The body is kept by address, language, day and data version, so the view must not look at the
    visitor: no user, no session, no cookie. `cached` may be a function of the request that says
    whether its body is worth keeping, for pages that come in more variants than a cache should hold.
    """

    def decorate(view):
        @login_not_required
        @require_safe
        @wraps(view)
        def page(request, *args, **kwargs):
            versions = DataVersion.read(*keys, "demo")
            # The frame of the page says when its data last changed, without asking again.
            request.data_versions = versions
            changed_at = max((changed for _number, changed in versions.values()), default=None)
            # The day is part of the mark: "as of today" changes at midnight without any change of data.
            mark = hashlib.sha256(
                repr(
                    (
                        request.get_host(),
                        request.get_full_path(),
                        request.headers.get("HX-Request", ""),
                        get_language(),
                        timezone.localdate(),
                        sorted((key, number) for key, (number, _changed) in versions.items()),
                        release(),
                    )
                ).encode()
            ).hexdigest()[:32]
            etag = quote_etag(mark)
            modified = int(changed_at.timestamp()) if changed_at else None
            response = get_conditional_response(request, etag=etag)
            if response is None and cached and (kept := cache.get(f"page:{mark}")):
                content, headers = kept
                response = HttpResponse(content, headers=headers)
            if response is None:
                response = view(request, *args, **kwargs)
                if hasattr(response, "render") and callable(response.render):
                    response = response.render()
                if response.status_code != 200 or response.streaming:
                    return response
                if _may_keep(cached, request) and len(response.content) <= LARGEST_KEPT:
                    headers = {name: response[name] for name in KEPT_HEADERS if name in response}
                    cache.set(f"page:{mark}", (response.content, headers), KEEP_SECONDS)
            response["ETag"] = etag
            if modified:
                response["Last-Modified"] = http_date(modified)
            # Ask each time: the answer is a short 304 while nothing changed.
            response["Cache-Control"] = "public, no-cache"
            return response

        page.is_public_page = True
        return page

    return decorate


def _may_keep(cached, request):
    return cached(request) if callable(cached) else cached


def page_at(path):
    """The page that a path of this portal leads to, in whichever language it is written; None where there is none."""
    where = urlsplit(path).path
    with override(get_language_from_path(where) or settings.LANGUAGE_CODE):
        try:
            return resolve(where)
        except Resolver404:
            return None


def public_view(*keys, cached=True):
    """`public_page` for a class-based view."""
    return method_decorator(public_page(*keys, cached=cached), name="dispatch")

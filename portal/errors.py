"""Refusals and failures in the office's words, with the number under which the log knows the request."""

import logging

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.template import loader
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from portal.context import OfficeWithoutData

logger = logging.getLogger(__name__)

DETAILS = {
    400: _("The request cannot be understood."),
    403: _("You may not do this."),
    404: _("There is nothing at this address."),
    414: _("The address is too long."),
    429: _("Too many requests."),
    500: _("The portal has a fault."),
}

# Said when not even the template can be drawn.
LAST_WORDS = """<!doctype html><html lang="id"><meta charset="utf-8"><title>Terjadi gangguan – Koperasi Kaltim</title>
<h1>Terjadi gangguan pada portal</h1><p>Silakan coba lagi beberapa saat lagi. Nomor permintaan: {}</p></html>"""


def answer(request, status, template, **context):
    """The page for this status, in the language of its address; a short JSON object under /api/.

    Drawn without the request: neither session nor database is asked, so that it also works while these are broken.
    """
    request_id = getattr(request, "request_id", "")
    # From the address: a request refused early has no language yet, and what its thread spoke last does not count.
    language = translation.get_language_from_path(request.path_info) or settings.LANGUAGE_CODE
    with translation.override(language):
        if request.path_info.startswith("/api/"):
            detail = context.get("reason") or DETAILS[status]
            response = JsonResponse({"detail": str(detail), "request_id": request_id}, status=status)
        else:
            page = loader.get_template(template)
            content = page.render(
                {"request": request, "office": OfficeWithoutData(), "request_id": request_id, **context}
            )
            response = HttpResponse(content, status=status)
        response["Content-Language"] = language
    response["Cache-Control"] = "no-store"
    response["X-Frame-Options"] = "DENY"
    return response


def bad_request(request, exception=None, *, status=400, reason=""):
    return answer(request, status, "400.html", reason=reason)


def permission_denied(request, exception=None):
    # What a view gave as the reason is meant for the person; anything else is not.
    reason = str(exception) if exception and exception.args else ""
    return answer(request, 403, "403.html", reason=reason)


def csrf_failure(request, reason=""):
    logger.warning("CSRF: %s", reason)
    return answer(request, 403, "403_csrf.html")


def page_not_found(request, exception=None):
    return answer(request, 404, "404.html")


def too_many_requests(request, exception=None, *, wait=None):
    """For whoever throttles: says how long to wait, in seconds."""
    response = answer(request, 429, "429.html", minutes=-(-wait // 60) if wait else None)
    if wait:
        response["Retry-After"] = str(wait)
    return response


def server_error(request):
    try:
        return answer(request, 500, "500.html")
    except Exception:  # noqa: BLE001 - whatever broke, the visitor gets a sentence and the number
        return HttpResponse(LAST_WORDS.format(getattr(request, "request_id", "")), status=500)

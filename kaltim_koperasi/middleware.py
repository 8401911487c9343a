"""The outermost layers: every request has a number, and input that no page can mean is refused at the door."""

import re
from urllib.parse import unquote_to_bytes
from uuid import uuid4

from django.utils.translation import gettext_lazy as _

from kaltim_koperasi.log import running
from portal import errors

LONGEST_QUERY = 8 * 1024
PERCENT = re.compile("%[0-9A-Fa-f]{2}")


class RequestId:
    """Gives each request a number: on the request, in the answer's X-Request-ID, on error pages and in the log.

    Never taken from the client: a number that the visitor chose would be a way into the log.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.request_id = uuid4().hex[:12]
        token = running.set(request.request_id)
        try:
            response = self.get_response(request)
        finally:
            running.reset(token)
        response["X-Request-ID"] = request.request_id
        return response


class OwnResources:
    """Tells browsers that pages and files of the portal are not for embedding in other sites, the open API apart."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        reach = "cross-origin" if request.path_info.startswith("/api/v1/") else "same-origin"
        response.headers.setdefault("Cross-Origin-Resource-Policy", reach)
        return response


class RefuseBrokenInput:
    """Answers 400 to addresses that hold what no address of the portal can mean: NUL, or bytes that are not UTF-8
    (lone surrogates are among them); 414 to a query string over 8 KB. Reads no body."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        query = request.META.get("QUERY_STRING", "")
        if len(query) > LONGEST_QUERY:
            return errors.bad_request(request, status=414, reason=_("The address is longer than 8,000 characters."))
        # In the path Django has put what it could not decode back into percents; no address of the portal holds any.
        # The query stands as it came: bytes that WSGI hands over as text in Latin-1.
        path = request.path_info
        if "\0" in path or PERCENT.search(path) or _is_broken(unquote_to_bytes(query.encode("latin-1", "replace"))):
            reason = _("The address holds characters that cannot be read.")
            return errors.bad_request(request, reason=reason)
        return self.get_response(request)


def _is_broken(raw):
    if b"\0" in raw:
        return True
    try:
        raw.decode()
    except UnicodeDecodeError:
        return True
    return False

"""What guards the one public form, on a page that sets no cookie.

A cookie's token protects what a visitor is signed in to: here nobody is. What is left to keep out are other sites that
make a visitor's browser send, and scripts that send without ever having opened the page. So: a browser's own word for
where the form stands (`Sec-Fetch-Site`, `Origin`), and a token that only the portal can make, for one unit and one day.
"""

from datetime import timedelta

from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied
from django.core.signing import BadSignature, Signer
from django.utils.translation import gettext as _

from common.dates import today

_signer = Signer(salt="assistance.proof")


def token(code, *, on=None):
    """The mark of the portal for the form of one unit on one day; the same for every visitor."""
    return _signer.sign(f"{code}/{(on or today()).isoformat()}")


def holds(sent, code):
    """Whether this is the token of the unit, of today or of yesterday: a page may lie open over midnight."""
    try:
        said = _signer.unsign(sent)
    except BadSignature:
        return False
    return said in {f"{code}/{(today() - timedelta(days=days)).isoformat()}" for days in (0, 1)}


def refuse_other_sites(request):
    """Raise PermissionDenied where a browser says that the form stands on another site, BadRequest for no form at all.

    What is no browser says nothing; the token and the count of answers are for that.
    """
    origin = request.headers.get("origin")
    own = {f"{request.scheme}://{request.get_host()}", *settings.CSRF_TRUSTED_ORIGINS}
    if origin not in {None, *own} or request.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
        raise PermissionDenied(_("This answer was sent from another site. Open the unit's page on the portal instead."))
    # The form sends no file, and what cannot be one is not read.
    if request.content_type != "application/x-www-form-urlencoded":
        raise BadRequest("not the form of the page")

"""One-time links: an invitation, or a way back in where there is no mail. Each sets a password, once."""

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _


def hand_out(user, *, by, base_url):
    """The whole address of a new link, written into the history; mailed as well where there is mail.

    The link is shown once and kept nowhere: the token is made from the account itself, and dies
    when a password is set, at sign-in, and after three days.
    """
    if not user.is_active:
        raise ValidationError(_("This account is closed. Open it again first."))
    with transaction.atomic():
        user.note_link(by=by)
        path = reverse(
            "account_invitation",
            kwargs={
                "uidb64": urlsafe_base64_encode(force_bytes(user.pk)),
                "token": default_token_generator.make_token(user),
            },
        )
        link = f"{base_url.rstrip('/')}{path}"
        if settings.HAS_MAIL and user.email:
            transaction.on_commit(lambda: _mail(user, link))
    return link


def _mail(user, link):
    context = {"user": user, "link": link, "days": settings.PASSWORD_RESET_TIMEOUT // 86400}
    subject = _("Your account")
    send_mail(
        f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}{subject}",
        render_to_string("account/email/invitation.txt", context),
        None,
        [user.email],
    )

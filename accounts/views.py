"""Sign-in pages that allauth has not, or not quite."""

from allauth.account import views as allauth_views
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.views import ActivateTOTPView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import PasswordResetConfirmView
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.generic import TemplateView

from accounts import codes, forms
from accounts.adapters import is_same_site


@login_not_required
@require_safe
def admin_sign_in(request):
    """The admin has no sign-in of its own: whoever may not enter is told so, everybody else goes to /masuk/."""
    place = request.GET.get("next", "")
    if not is_same_site(request, place):
        place = reverse("admin:index")
    if not request.user.is_authenticated:
        return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode({'next': place})}")
    if not request.user.is_staff:
        raise PermissionDenied
    return HttpResponseRedirect(place)


class Home(TemplateView):
    """What the portal knows of the person, and the ways to protect the account."""

    template_name = "accounts/home.html"


class ChangePassword(allauth_views.PasswordChangeView):
    """An account without a password has none to change. The reset page names its way to one."""

    def dispatch(self, request, *args, **kwargs):
        if not request.user.has_usable_password():
            messages.info(request, _("Your account has no password yet. This is how to get one."))
            return redirect("account_reset_password")
        return super().dispatch(request, *args, **kwargs)


class RequestReset(allauth_views.PasswordResetView):
    """Sends the reset mail; without mail the page says whom to ask instead."""

    def get_context_data(self, **kwargs):
        return super().get_context_data(has_mail=settings.HAS_MAIL, **kwargs)

    def post(self, request, *args, **kwargs):
        if not settings.HAS_MAIL:
            return self.get(request, *args, **kwargs)
        return super().post(request, *args, **kwargs)


class SetUpSecondFactor(ActivateTOTPView):
    """The code that proves the app also counts as this session's second step, and is spent by that."""

    def form_valid(self, form):
        response = super().form_valid(form)
        app = Authenticator.objects.get(user=self.request.user, type=Authenticator.Type.TOTP)
        codes.spend(app, form.cleaned_data["code"])
        record_authentication(self.request, self.request.user, method="mfa", type="totp")
        return response


class Invitation(PasswordResetConfirmView):
    """The page behind a one-time link. The token leaves the address at once and waits in the session."""

    form_class = forms.InvitationForm
    template_name = "accounts/invitation.html"
    success_url = reverse_lazy("account_login")

    def get_user(self, uidb64):
        user = super().get_user(uidb64)
        return user if user is not None and user.is_active else None

    def form_valid(self, form):
        try:
            response = super().form_valid(form)
        except ValidationError as used:
            form.add_error(None, used)
            return self.form_invalid(form)
        # Somebody else who was signed in on this computer must not stay so under the new person's hands.
        logout(self.request)
        messages.success(self.request, _("Your password is set. Sign in with it now."))
        return response

"""The forms of the sign-in: allauth's, in the office's words and under the one throttle."""

from allauth.account import forms as account_forms
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp_forms
from django import forms
from django.contrib.auth.forms import SetPasswordForm
from django.core.cache import cache
from django.utils.translation import gettext_lazy as _

from accounts import codes, lockout

# Whoever asks for reset mails without end fills nobody's mailbox: one to a person within this time.
SECONDS_BETWEEN_MAILS = 300

PASSWORD_ADVICE = _("At least twelve characters. Three or four unrelated words are easy to remember and hard to guess.")


def _word(fields, **labels):
    """Give fields their labels, and take away the placeholders, which vanish when one needs them."""
    for name, label in labels.items():
        fields[name].label = label
        fields[name].help_text = ""
        fields[name].widget.attrs.pop("placeholder", None)


class SignInForm(account_forms.LoginForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _word(self.fields, login=_("Username"), password=_("Password"))
        self.fields["login"].widget.attrs.update({"autocapitalize": "none", "spellcheck": "false"})


class ChangePasswordForm(account_forms.ChangePasswordForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _word(
            self.fields,
            oldpassword=_("Current password"),
            password1=_("New password"),
            password2=_("New password again"),
        )
        self.fields["password1"].help_text = PASSWORD_ADVICE

    def clean_oldpassword(self):
        with lockout.counted(context.request, self.user.username):
            return super().clean_oldpassword()


class RequestResetForm(account_forms.ResetPasswordForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _word(self.fields, email=_("E-mail address of your account"))

    def save(self, request, **kwargs):
        self.users = [user for user in self.users if cache.add(f"reset-mail:{user.pk}", 1, SECONDS_BETWEEN_MAILS)]
        return super().save(request, **kwargs)


class NewPasswordForm(account_forms.ResetPasswordKeyForm):
    """Reached by the link of a reset mail."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _word(self.fields, password1=_("New password"), password2=_("New password again"))
        self.fields["password1"].help_text = PASSWORD_ADVICE

    def save(self):
        super().save()
        lockout.release(self.user.username)


class InvitationForm(SetPasswordForm):
    """Reached by a one-time link that an administrator handed out."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _word(self.fields, new_password1=_("New password"), new_password2=_("New password again"))
        self.fields["new_password1"].help_text = PASSWORD_ADVICE

    def save(self, commit=True):
        self.user.choose_password(self.cleaned_data["new_password1"], reason=_("Password set by one-time link"))
        lockout.release(self.user.username)
        return self.user


class _CountedCode:
    """A code of the second factor is a guess like a password is."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _word(self.fields, code=_("Code"))
        self.fields["code"].help_text = _("Six digits from the app on your phone, or one of your recovery codes.")
        self.fields["code"].widget.attrs.update({"autocapitalize": "none", "spellcheck": "false"})

    def clean_code(self):
        with lockout.counted(context.request, self.user.username):
            code = super().clean_code()
            if self.authenticator.type == Authenticator.Type.TOTP and not codes.spend(self.authenticator, code):
                raise get_adapter().validation_error("incorrect_code")
            return code


class CodeForm(_CountedCode, mfa_forms.AuthenticateForm):
    pass


class CodeAgainForm(_CountedCode, mfa_forms.ReauthenticateForm):
    pass


class SetUpCodeForm(totp_forms.ActivateTOTPForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _word(self.fields, code=_("Code"))
        self.fields["code"].widget.attrs["inputmode"] = "numeric"


class PasswordAgainForm(account_forms.ReauthenticateForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _word(self.fields, password=_("Password"))


class ReasonForm(forms.Form):
    """Why an account is closed, opened again, or loses its second factor."""

    reason = forms.CharField(label=_("Reason"), max_length=500, help_text=_("It stands in the account's history."))

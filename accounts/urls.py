"""Every address of the sign-in, one by one: what is not named here does not exist, sign-up least of all."""

from functools import wraps

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from django.urls import path, re_path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from django.views.generic import RedirectView

from accounts import views


def private(route, view, name, *, make=path):
    """A page that no browser and no proxy keeps, and whose address no other site is told."""

    @wraps(view)
    def page(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        # Not "no-referrer": then browsers send "Origin: null" with a form, which the CSRF check refuses.
        response["Referrer-Policy"] = "same-origin"
        return response

    return make(route, never_cache(page), name=name)


sign_out = require_POST(account.logout)

urlpatterns = [
    private("masuk/", account.login, "account_login"),
    private("keluar/", sign_out, "account_logout"),
    private("masuk/akun/", views.Home.as_view(), "account_home"),
    private("masuk/ditutup/", account.account_inactive, "account_inactive"),
    private("masuk/kode/", mfa.authenticate, "mfa_authenticate"),
    private("masuk/ulang/", account.reauthenticate, "account_reauthenticate"),
    private("masuk/ulang/kode/", mfa.reauthenticate, "mfa_reauthenticate"),
    private("masuk/sandi/", views.ChangePassword.as_view(), "account_change_password"),
    private("masuk/sandi/lupa/", views.RequestReset.as_view(), "account_reset_password"),
    private("masuk/sandi/lupa/terkirim/", account.password_reset_done, "account_reset_password_done"),
    private("masuk/sandi/lupa/selesai/", account.password_reset_from_key_done, "account_reset_password_from_key_done"),
    private(
        r"^masuk/sandi/lupa/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/\Z",
        account.password_reset_from_key,
        "account_reset_password_from_key",
        make=re_path,
    ),
    private("masuk/undangan/<uidb64>/<token>/", views.Invitation.as_view(), "account_invitation"),
    private("masuk/dua-langkah/", mfa.index, "mfa_index"),
    private("masuk/dua-langkah/aktifkan/", views.SetUpSecondFactor.as_view(), "mfa_activate_totp"),
    private("masuk/dua-langkah/matikan/", totp.deactivate_totp, "mfa_deactivate_totp"),
    private("masuk/dua-langkah/kode/", recovery_codes.view_recovery_codes, "mfa_view_recovery_codes"),
    private("masuk/dua-langkah/kode/buat/", recovery_codes.generate_recovery_codes, "mfa_generate_recovery_codes"),
    private("masuk/dua-langkah/kode/unduh/", recovery_codes.download_recovery_codes, "mfa_download_recovery_codes"),
    # Ahead of the admin's own, which they replace.
    private("admin/login/", views.admin_sign_in, "admin_sign_in"),
    private("admin/logout/", sign_out, "admin_sign_out"),
    private(
        "admin/password_change/", RedirectView.as_view(pattern_name="account_change_password"), "admin_change_password"
    ),
]

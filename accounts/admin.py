"""Accounts in the admin: invite, correct, close, open again, release. Nothing here deletes or sets a password."""

from allauth.mfa.models import Authenticator
from axes.models import AccessFailureLog
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Subquery
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts import links, lockout
from accounts.forms import ReasonForm
from accounts.models import User
from accounts.roles import Role
from common.admin import VersionedAdmin, VersionedForm
from common.dates import today
from regions.models import Regency


class AccountForm(VersionedForm):
    class Meta:
        model = User
        fields = ["username", "full_name", "email", "role", "regency"]

    def clean_role(self):
        role = self.cleaned_data["role"]
        if self.instance.pk and role != Role.ADMINISTRATOR:
            self.instance.keep_an_administrator()
        return role


@admin.register(User)
class UserAdmin(VersionedAdmin):
    form = AccountForm
    fields = ["username", "full_name", "email", "role", "regency"]
    list_display = [
        "username",
        "full_name",
        "role",
        "regency",
        "is_active",
        "has_second_factor",
        "wrong_tries",
        "link_made_at",
        "last_login",
    ]
    list_filter = ["role", "is_active", "regency"]
    list_select_related = ["regency"]
    search_fields = ["username", "full_name", "email"]
    autocomplete_fields = []
    ordering = ["username"]
    actions = ["deactivate", "reactivate", "release_lockout", "remove_second_factor"]
    change_form_template = "accounts/admin/change_form.html"

    def get_queryset(self, request):
        failures = AccessFailureLog.objects.filter(username=OuterRef("username")).order_by().values("username")
        return (
            super()
            .get_queryset(request)
            .annotate(
                _second_factor=Exists(Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP)),
                _failures=Subquery(failures.annotate(n=Count("pk")).values("n")),
            )
        )

    @admin.display(description=_("two-step sign-in"), boolean=True, ordering="_second_factor")
    def has_second_factor(self, account):
        return account._second_factor

    @admin.display(description=_("wrong tries counted"), ordering="_failures")
    def wrong_tries(self, account):
        return account._failures

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """Without the signs that add or change a regency from here."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        for sign in ("can_add_related", "can_change_related", "can_view_related"):
            if hasattr(getattr(field, "widget", None), sign):
                setattr(field.widget, sign, False)
        return field

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        """An officer works for a regency that is part of the province today."""
        return super().formfield_for_foreignkey(db_field, request, queryset=Regency.objects.on(today()), **kwargs)

    def get_readonly_fields(self, request, obj=None):
        """A username stays: the history of records and of sign-ins speaks of it."""
        return ["username"] if obj is not None else []

    # -- Writing -----------------------------------------------------------------------------------

    def save_model(self, request, obj, form, change):
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if not change or "role" in form.changed_data:
            obj.join_group()

    def response_add(self, request, obj, post_url_continue=None):
        """The link is shown in the answer itself: in a message or an address it would be kept somewhere."""
        return self._show_link(request, obj)

    # -- One-time link -----------------------------------------------------------------------------

    def get_urls(self):
        own = path("<path:object_id>/tautan/", self.admin_site.admin_view(self.link_view), name="accounts_user_link")
        return [own, *super().get_urls()]

    def link_view(self, request, object_id):
        """Ask first, then make a one-time link and show it once."""
        if not request.user.has_perm("accounts.invite_user"):
            raise PermissionDenied
        account = self.get_object(request, unquote(object_id))
        if account is None:
            raise Http404
        if request.method == "POST" and account.is_active:
            return self._show_link(request, account)
        return self._page(request, "accounts/admin/link.html", gettext("One-time link"), account=account)

    def _show_link(self, request, account):
        link = links.hand_out(account, by=request.user, base_url=request.build_absolute_uri("/"))
        self.log_change(request, account, gettext("One-time link made"))
        return self._page(request, "accounts/admin/link.html", gettext("One-time link"), account=account, link=link)

    def _page(self, request, template, title, **context):
        page = TemplateResponse(
            request,
            template,
            {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **context},
        )
        add_never_cache_headers(page)
        return page

    # -- Actions -----------------------------------------------------------------------------------

    @admin.action(description=_("Release the lockout"), permissions=["change"])
    def release_lockout(self, request, queryset):
        released = 0
        for account in queryset:
            if lockout.release(account.username):
                account.record(_("Lockout released"), by=request.user)
                released += 1
        text = ngettext("%(n)d account released.", "%(n)d accounts released.", released) % {"n": released}
        self.message_user(request, text, messages.SUCCESS)

    @admin.action(description=_("Deactivate, with a reason"), permissions=["change"])
    def deactivate(self, request, queryset):
        return self._with_reason(request, queryset, "deactivate", gettext("Deactivate accounts"))

    @admin.action(description=_("Open again, with a reason"), permissions=["change"])
    def reactivate(self, request, queryset):
        return self._with_reason(request, queryset, "reactivate", gettext("Open accounts again"))

    @admin.action(description=_("Remove two-step sign-in, with a reason"), permissions=["change"])
    def remove_second_factor(self, request, queryset):
        return self._with_reason(request, queryset, "remove_second_factor", gettext("Remove two-step sign-in"))

    def _with_reason(self, request, queryset, verb, title):
        """One reason for all that were chosen; either all of them change or none."""
        form = ReasonForm(request.POST if "reason" in request.POST else None)
        if form.is_valid():
            try:
                with transaction.atomic():
                    for account in queryset:
                        getattr(account, verb)(by=request.user, reason=form.cleaned_data["reason"])
            except ValidationError as refused:
                form.add_error(None, refused)
            else:
                self.message_user(request, gettext("Done, and written into the history."), messages.SUCCESS)
                return None
        accounts = list(queryset)
        return self._page(
            request, "accounts/admin/reason.html", title, accounts=accounts, form=form, verb=verb, submit=title
        )

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self):
        from accounts import roles

        # The one signal of the project: the groups follow the table of roles.
        post_migrate.connect(roles.sync, dispatch_uid="accounts.roles.sync")

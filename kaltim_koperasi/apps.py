from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.contrib.staticfiles.apps import StaticFilesConfig


class Project(AppConfig):
    """The project as an app, so that its system checks are found."""

    name = "kaltim_koperasi"
    default = True

    def ready(self):
        from kaltim_koperasi import checks  # noqa: F401 - registers by being imported


class Admin(admin_apps.AdminConfig):
    """The admin without what libraries bring into it: roles are data, and the rest is the sign-in's own business."""

    default = False
    UNUSED = ("auth.Group", "account.EmailAddress", "mfa.Authenticator", "django_tasks_database.DBTaskResult")

    def ready(self):
        super().ready()
        from django.contrib import admin

        # Here and not in an app's admin.py: all apps have registered theirs by now, whatever their order.
        for label in self.UNUSED:
            admin.site.unregister(self.apps.get_model(label))


class StaticFiles(StaticFilesConfig):
    """Static files without what libraries ship but no page of ours loads: compressing it took most of a minute."""

    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        "rest_framework",  # the API answers JSON only, its browsable pages are off
        "redoc",  # the API's documentation is drawn by Swagger UI
        "swagger-ui-bundle.js.map",
        "swagger-ui-standalone-preset.js.map",
        "htmx-4*",  # htmx 2 is used
        "htmax-4*",
    ]

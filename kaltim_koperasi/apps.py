from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig


class Project(AppConfig):
    """The project as an app, so that its system checks are found."""

    name = "kaltim_koperasi"
    default = True

    def ready(self):
        from kaltim_koperasi import checks  # noqa: F401 - registers by being imported


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

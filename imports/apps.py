"""The app's own settings."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class ImportsConfig(AppConfig):
    name = "imports"
    verbose_name = _("imports")

    def ready(self):
        """Each app that can be filled from a file says how in its `importers` module."""
        autodiscover_modules("importers")

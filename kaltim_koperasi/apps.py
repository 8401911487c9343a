from django.apps import AppConfig


class Project(AppConfig):
    """The project as an app, so that its system checks are found."""

    name = "kaltim_koperasi"

    def ready(self):
        from kaltim_koperasi import checks  # noqa: F401 - registers by being imported

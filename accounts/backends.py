"""Who may: a person's permissions come from the role's group and from nowhere else."""

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.models import Permission


class RoleBackend(AuthenticationBackend):
    """allauth's sign-in; permissions given to a single person do not exist, so nobody asks the database for them."""

    def _get_user_permissions(self, user_obj):
        return Permission.objects.none()

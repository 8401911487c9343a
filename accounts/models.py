"""The people who work with the portal. Invited by an administrator, deactivated when they leave, never deleted."""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, Group, PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from accounts.roles import BOUND_TO_REGENCY, NEEDS_SECOND_FACTOR, STAFF, Role
from common.models import Versioned
from regions.models import Regency

NEEDS_REGENCY = _("Choose the regency of this officer.")
NO_REGENCY = _("Only a regency officer has a regency. Leave it empty for this role.")
PASSWORD_CHANGED = _("Password changed")


class AccountHistoricalRecords(HistoricalRecords):
    """History of accounts, without a row for every sign-in."""

    def post_save(self, instance, created, using=None, update_fields=None, **kwargs):
        if update_fields is not None and set(update_fields) <= set(self.excluded_fields):
            return
        super().post_save(instance, created, using=using, update_fields=update_fields, **kwargs)


class UserQuerySet(models.QuerySet):
    def active(self):
        return self.filter(is_active=True)

    def with_role(self, *roles):
        """Accounts with one of these roles."""
        return self.filter(role__in=roles)

    def by_office(self):
        """`{regency id: people}` in the order of their names; under None those of the province."""
        found: dict = {}
        people: Any = self.order_by("username")
        for person in people:
            found.setdefault(person.regency_id, []).append(person)
        return found


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    def get_by_natural_key(self, username):
        return self.get(username=username.lower())

    @transaction.atomic
    def create_user(self, username, *, role, full_name="", email=None, regency=None, password=None, by=None):
        """A new account in its group. Without a password nobody can sign in until a one-time link was used."""
        user = self.model(
            username=username.lower(),
            full_name=full_name or username,
            email=(email or "").lower() or None,
            role=Role(role),
            regency=regency,
        )
        # None makes it unusable.
        user.set_password(password)
        user._history_user = by
        user.save(using=self._db)
        user.join_group()
        return user

    def create_superuser(self, *args, **kwargs):
        raise NotImplementedError("There is no superuser. Use: manage.py create_account NAME --role administrator")


class User(Versioned, AbstractBaseUser, PermissionsMixin):
    """A person of the office, of a regency's office, or an auditor.

    The role is the one choice; group, admin access and permissions follow from it. Change it
    with `assign_role`, which keeps the group in step.
    """

    username = models.CharField(
        _("username"),
        max_length=60,
        unique=True,
        validators=[
            RegexValidator(
                r"^[a-z0-9][a-z0-9._-]{2,59}\Z",
                _("Three to sixty characters: small letters, digits, dot, hyphen and underscore."),
            )
        ],
        help_text=_("Small letters, digits, dot, hyphen and underscore. What the person types to sign in."),
        error_messages={"unique": _("There is already an account with this username.")},
    )
    full_name = models.CharField(_("full name"), max_length=120)
    email = models.EmailField(
        _("e-mail"),
        unique=True,
        null=True,
        blank=True,
        error_messages={"unique": _("Another account has this e-mail address.")},
    )
    role = models.CharField(_("role"), max_length=20, choices=Role.choices)
    regency = models.ForeignKey(
        Regency,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="officers",
        verbose_name=_("regency"),
        help_text=_("Only for a regency officer, who sees and edits this regency alone."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    link_made_at = models.DateTimeField(_("one-time link open since"), null=True, editable=False)

    # Nobody is above the rules: the mixin's column is left out, and every permission comes from a role.
    is_superuser = False

    objects = UserManager()
    history = AccountHistoricalRecords(
        excluded_fields=["password", "last_login"], history_change_reason_field=models.TextField(_("reason"), null=True)
    )

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["full_name", "role"]

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        ordering = ["username"]
        permissions = [("invite_user", _("Can invite people and hand out one-time links"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(role__in=Role.values),
                name="user_role_is_known",
                violation_error_message=_("Choose a role from the list."),
            ),
            models.CheckConstraint(
                condition=Q(role__in=BOUND_TO_REGENCY, regency__isnull=False)
                | (~Q(role__in=BOUND_TO_REGENCY) & Q(regency__isnull=True)),
                name="user_regency_fits_role",
                violation_error_message=_("A regency officer needs a regency; every other role has none."),
            ),
            models.CheckConstraint(
                condition=Q(username=Lower("username")),
                name="user_username_is_lower_case",
                violation_error_message=_("Write the username in small letters."),
            ),
            models.CheckConstraint(
                condition=Q(email=None) | (Q(email=Lower("email")) & ~Q(email="")),
                name="user_email_is_lower_case",
                violation_error_message=_("Write the e-mail address in small letters."),
            ),
        ]

    def __str__(self):
        return self.full_name

    def clean(self):
        super().clean()
        self.username = (self.username or "").lower()
        self.email = (self.email or "").lower() or None
        if self.role in BOUND_TO_REGENCY and self.regency_id is None:
            raise ValidationError({"regency": NEEDS_REGENCY})
        if self.role and self.role not in BOUND_TO_REGENCY and self.regency_id is not None:
            raise ValidationError({"regency": NO_REGENCY})

    def get_full_name(self):
        return self.full_name

    def get_short_name(self):
        return self.full_name.partition(" ")[0]

    @property
    def is_staff(self):
        """Whether the admin opens; follows from the role."""
        return self.is_active and self.role in STAFF

    @property
    def needs_second_factor(self):
        """Whether production asks this role for a second factor."""
        return self.role in NEEDS_SECOND_FACTOR

    def has_role(self, *roles):
        return self.role in roles

    def join_group(self):
        """Put the account into the group of its role and out of every other."""
        group, _created = Group.objects.get_or_create(name=self.role)
        self.groups.set([group])

    @transaction.atomic
    def assign_role(self, role, *, by, regency=None):
        """Give the account another role, and the regency that goes with it."""
        role = Role(role)
        if role != Role.ADMINISTRATOR:
            self.keep_an_administrator()
        self.claim(self.version)
        self.role, self.regency = role, regency
        self.clean()
        self._note(by, _("Role: %(role)s") % {"role": role.label})
        self.save()
        self.join_group()

    @transaction.atomic
    def deactivate(self, *, by, reason):
        """Close the account: every session of it is out at its next request. Doing it twice changes nothing."""
        if by is not None and by.pk == self.pk:
            raise ValidationError(_("You cannot deactivate your own account. Another administrator can."))
        self.keep_an_administrator()
        self._set_active(False, by=by, reason=reason)

    @transaction.atomic
    def reactivate(self, *, by, reason):
        """Open a closed account again, with the password it had."""
        self._set_active(True, by=by, reason=reason)

    def _set_active(self, is_active, *, by, reason):
        if not reason.strip():
            raise ValidationError(_("Say why, in a few words."))
        if self.is_active == is_active:
            return
        self.claim(self.version)
        self.is_active = is_active
        self._note(by, reason)
        self.save()

    def keep_an_administrator(self):
        """Refuse what would leave the portal without an active administrator. Call it inside a transaction."""
        # Locks them all, so that two administrators cannot remove each other at once.
        administrators = User.objects.active().with_role(Role.ADMINISTRATOR).order_by("pk").select_for_update()
        if [administrator.pk for administrator in administrators] == [self.pk]:
            raise ValidationError(_("This is the last active administrator. Appoint another one first."))

    @transaction.atomic
    def choose_password(self, password, *, reason=PASSWORD_CHANGED):
        """The person's own new password: ends every session and every one-time link of the account."""
        now = User.objects.select_for_update().get(pk=self.pk)
        if now.password != self.password:
            # Two used the same link at once: it dies with the first.
            raise ValidationError(_("This link has been used or has expired."))
        self.set_password(password)
        self.link_made_at = None
        self._note(self, reason)
        self.save(update_fields=["password", "link_made_at"])

    @transaction.atomic
    def remove_second_factor(self, *, by, reason):
        """For a person who lost phone and recovery codes alike. A role that needs it sets it up anew at sign-in."""
        if not reason.strip():
            raise ValidationError(_("Say why, in a few words."))
        self.authenticator_set.all().delete()  # type: ignore[attr-defined]
        self.record(_("Two-step sign-in removed: %(reason)s") % {"reason": reason}, by=by)

    @transaction.atomic
    def note_link(self, *, by):
        """Write down that somebody made a one-time link for this account."""
        self.link_made_at = timezone.now()
        self._note(by, _("One-time link made"))
        self.save(update_fields=["link_made_at"])

    def record(self, reason, *, by):
        """Write a line into the account's history for an act that changes no field."""
        User.history.bulk_history_create([self], update=True, default_user=by, default_change_reason=str(reason))

    def _note(self, by, reason):
        self._history_user = by
        self._change_reason = str(reason)

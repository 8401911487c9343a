"""Monitoring visits: what was found, when, by whom, with photographs. Only ever added."""

import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assistance.models.package import Package
from assistance.models.programme import MOST
from assistance.models.unit import Condition, Holding, State, Unit
from common.text import validate_clean
from files.models import GuardedFile


class VisitQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(package__in=Package.objects.visible_to(user))


class Visit(models.Model):
    """One look at one unit, or at a package without units (permits, capital).

    `key` is made on the device before it is sent: what arrives twice is one visit.
    """

    key = models.UUIDField(_("key of the device"), unique=True, default=uuid.uuid4)
    package = models.ForeignKey(Package, models.PROTECT, related_name="visits", verbose_name=_("aid package"))
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="visits", verbose_name=_("aid unit")
    )
    visited_on = models.DateField(_("visited on"))
    is_seen = models.BooleanField(_("was seen"), default=True)
    state = models.CharField(_("state"), max_length=12, choices=State.choices, blank=True)
    condition = models.CharField(_("condition"), max_length=6, choices=Condition.choices, blank=True)
    holder = models.CharField(_("holder"), max_length=9, choices=Holding.Holder.choices, blank=True)
    holder_name = models.CharField(_("name of the holder"), max_length=200, blank=True, validators=[validate_clean])
    place = models.CharField(_("place (private)"), max_length=200, blank=True, validators=[validate_clean])
    turnover = models.BigIntegerField(
        _("turnover a month"), null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(MOST)]
    )
    job_count = models.PositiveIntegerField(
        _("people at work"), null=True, blank=True, validators=[MaxValueValidator(100_000)]
    )
    note = models.TextField(_("note"), blank=True, validators=[validate_clean])
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("visited by"))
    received_at = models.DateTimeField(_("received at"), default=timezone.now)

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = _("monitoring visit")
        verbose_name_plural = _("monitoring visits")
        ordering = ["-visited_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(unit=None) | ~Q(state=""),
                name="visit_of_a_unit_says_its_state",
                violation_error_message=_("Say in which state the unit is."),
            ),
        ]
        indexes = [models.Index(fields=["package", "visited_on"], name="visit_of_package")]

    def __str__(self):
        return f"{self.visited_on}"


class VisitPhotoQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(visit__package__in=Package.objects.visible_to(user))

    def odd(self):
        """Used before, or taken outside the visit's time."""
        return self.filter(Q(is_repeated=True) | Q(is_off_time=True))


class VisitPhoto(models.Model):
    """A photograph of a visit, and what is odd about it.

    `taken_at` by the camera, else by the device that made it smaller (`is_by_device`), else not known.
    `original_sha256` is that of the picture as the camera kept it, where the device said so.
    """

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="photos", verbose_name=_("monitoring visit"))
    file = models.OneToOneField(GuardedFile, models.PROTECT, related_name="+", verbose_name=_("file"))
    taken_at = models.DateTimeField(_("taken at"), null=True)
    is_by_device = models.BooleanField(_("time by the device"), default=False)
    original_sha256 = models.CharField(_("fingerprint of the original"), max_length=64, blank=True, db_index=True)
    is_repeated = models.BooleanField(_("was used before"), default=False)
    repeats = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="+", verbose_name=_("first use of the photograph")
    )
    is_off_time = models.BooleanField(_("taken outside the visit's time"), default=False)

    objects = VisitPhotoQuerySet.as_manager()

    class Meta:
        verbose_name = _("photograph of a visit")
        verbose_name_plural = _("photographs of visits")
        ordering = ["pk"]

    def __str__(self):
        return f"{self.file_id}"

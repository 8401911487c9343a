"""Former names, amendments of the deed, and pairs that are known to be two cooperatives."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from common.text import validate_clean


class FormerName(models.Model):
    """A name that the cooperative bore before."""

    cooperative = models.ForeignKey(
        "cooperatives.Cooperative", models.CASCADE, related_name="former_names", verbose_name=_("cooperative")
    )
    name = models.CharField(_("name"), max_length=200, validators=[validate_clean])
    until = models.DateField(_("borne until"), null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("former name")
        verbose_name_plural = _("former names")
        ordering = [F("until").desc(nulls_last=True), "pk"]

    def __str__(self):
        return self.name


class DeedAmendment(models.Model):
    """A registered change of the articles (perubahan anggaran dasar)."""

    cooperative = models.ForeignKey(
        "cooperatives.Cooperative", models.CASCADE, related_name="deed_amendments", verbose_name=_("cooperative")
    )
    number = models.CharField(_("number"), max_length=80, validators=[validate_clean])
    amended_on = models.DateField(_("date"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("deed amendment")
        verbose_name_plural = _("deed amendments")
        ordering = [F("amended_on").desc(nulls_last=True), "pk"]

    def __str__(self):
        return self.number


class DistinctPair(models.Model):
    """Two records that look alike and were said to be two cooperatives; the pair is not suggested again."""

    lower = models.ForeignKey("cooperatives.Cooperative", models.CASCADE, related_name="+", verbose_name=_("one"))
    higher = models.ForeignKey("cooperatives.Cooperative", models.CASCADE, related_name="+", verbose_name=_("other"))
    reason = models.CharField(_("reason"), max_length=300)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    said_at = models.DateTimeField(_("said at"), default=timezone.now)

    class Meta:
        verbose_name = _("distinct pair")
        verbose_name_plural = _("distinct pairs")
        constraints = [
            models.UniqueConstraint(fields=["lower", "higher"], name="pair_is_said_once"),
            models.CheckConstraint(condition=Q(lower__lt=F("higher")), name="pair_is_in_order"),
        ]

    def __str__(self):
        return f"{self.lower_id}/{self.higher_id}"

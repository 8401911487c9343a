"""A cooperative's status over time."""

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from common.dates import today
from common.models import StepRefused


class Status(models.TextChoices):
    ACTIVE = "active", _("Active")
    INACTIVE = "inactive", _("Inactive")
    FROZEN = "frozen", _("Frozen")
    DISSOLVED = "dissolved", _("Dissolved")
    MERGED = "merged", _("Merged into another")


class StatusPeriodQuerySet(models.QuerySet):
    def on(self, date):
        """The periods that hold on a date; at most one for each cooperative."""
        return self.filter(Q(since=None) | Q(since__lte=date), Q(until=None) | Q(until__gt=date))

    def changes(self):
        """Those that followed another status, each with `was`: changes, not first records."""
        before = StatusPeriod.objects.filter(cooperative=OuterRef("cooperative"), until=OuterRef("since"))
        return self.annotate(was=Subquery(before.values("status")[:1])).filter(was__isnull=False).order_by()


class StatusPeriod(models.Model):
    """One status from a day (null: since before the records) until a day (exclusive; null: still).

    Written only by `Cooperative.record_status` and `Cooperative.withdraw_status`, which keep the
    periods of a cooperative without gaps or overlaps.
    """

    NEXT = {
        Status.ACTIVE: {Status.INACTIVE, Status.FROZEN, Status.DISSOLVED, Status.MERGED},
        Status.INACTIVE: {Status.ACTIVE, Status.FROZEN, Status.DISSOLVED, Status.MERGED},
        Status.FROZEN: {Status.ACTIVE, Status.INACTIVE, Status.DISSOLVED, Status.MERGED},
        Status.DISSOLVED: set(),
        Status.MERGED: set(),
    }

    cooperative = models.ForeignKey(
        "cooperatives.Cooperative", models.PROTECT, related_name="status_periods", verbose_name=_("cooperative")
    )
    status = models.CharField(_("status"), max_length=9, choices=Status.choices)
    since = models.DateField(_("since"), null=True, blank=True, help_text=_("Empty: since before the records."))
    until = models.DateField(
        _("until"), null=True, blank=True, help_text=_("The first day on which it no longer held.")
    )
    basis = models.CharField(_("basis"), max_length=300, blank=True)
    successor = models.ForeignKey(
        "cooperatives.Cooperative",
        models.PROTECT,
        null=True,
        blank=True,
        # An index of its own below: in one of all rows nearly every entry is empty, and planners then read the table.
        db_index=False,
        related_name="merged_periods",
        verbose_name=_("merged into"),
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    recorded_at = models.DateTimeField(_("recorded at"), default=timezone.now)

    objects = StatusPeriodQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("status period")
        verbose_name_plural = _("status periods")
        ordering = [F("since").desc(nulls_last=True), "-pk"]
        indexes = [
            models.Index(fields=["successor"], name="status_successor", condition=Q(successor__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["cooperative"],
                condition=Q(until=None),
                name="cooperative_has_one_open_status",
                violation_error_message=_("This cooperative already has a status that still holds."),
            ),
            models.UniqueConstraint(
                fields=["cooperative", "since"],
                name="status_begins_once_a_day",
                violation_error_message=_("Another status of this cooperative begins on the same day."),
            ),
            models.CheckConstraint(
                condition=Q(since=None) | Q(until=None) | Q(until__gt=F("since")),
                name="status_ends_after_it_begins",
                violation_error_message=_("A status must end after the day on which it begins."),
            ),
            models.CheckConstraint(
                condition=Q(status=Status.MERGED, successor__isnull=False)
                | (~Q(status=Status.MERGED) & Q(successor__isnull=True)),
                name="merged_status_names_its_successor",
                violation_error_message=_("A merger names the cooperative that goes on; other statuses name none."),
            ),
        ]

    def __str__(self):
        return f"{self.get_status_display()} {self.since or '…'}"


def place(periods, status, since):
    """Where a status that begins on `since` fits among a cooperative's periods, given in order of time.

    Returns the period that it cuts short and the one that follows it, either of them None. Raises
    StepRefused. The verb for one cooperative and the one for many both ask here.
    """
    if since is None and periods:
        raise StepRefused(gettext("A change of status needs the day from which it holds."))
    if since is not None and since > today():
        raise StepRefused(gettext("The day lies in the future. Record the status once it holds."))
    if any(period.since == since for period in periods):
        raise StepRefused(gettext("Another status begins on that very day. Withdraw it first."))
    before = [p for p in periods if p.since is None or (since is not None and p.since < since)]
    after = [p for p in periods if p.since is not None and (since is None or p.since > since)]
    previous, following = (before[-1] if before else None), (after[0] if after else None)
    refuse_step(previous.status if previous else None, status)
    if following:
        refuse_step(status, following.status)
    return previous, following


def refuse_step(old, new):
    """Raise StepRefused where a status cannot follow another; anything may come first."""
    if old is not None and new not in StatusPeriod.NEXT[old]:
        raise StepRefused(
            gettext("A status “%(old)s” cannot be followed by “%(new)s”.")
            % {"old": Status(old).label, "new": Status(new).label}
        )

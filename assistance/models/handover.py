"""Handing over: entered by one person, confirmed by another, never more than the package has."""

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from assistance.models.document import Document
from assistance.models.package import SUBJECT, Package
from assistance.models.unit import Holding, State, Unit, next_visit
from common.models import DataVersion, StepRefused
from common.text import validate_clean


class HandoverQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(package__in=Package.objects.visible_to(user))

    def waiting(self):
        """Entered and not confirmed yet, the oldest first."""
        return self.filter(state=Handover.State.ENTERED).order_by("entered_at", "pk")


class Handover(models.Model):
    """One handing over of a number of things with its BAST: all of a package, or a part of it."""

    class State(models.TextChoices):
        ENTERED = "entered", _("Waits for confirmation")
        CONFIRMED = "confirmed", _("Confirmed")
        REJECTED = "rejected", _("Rejected")

    package = models.ForeignKey(Package, models.PROTECT, related_name="handovers", verbose_name=_("aid package"))
    quantity = models.PositiveIntegerField(_("quantity"), validators=[MinValueValidator(1)])
    handed_on = models.DateField(_("handed over on"))
    document = models.ForeignKey(Document, models.PROTECT, related_name="handovers", verbose_name=_("BAST"))
    received_by = models.CharField(_("received by (private)"), max_length=120, validators=[validate_clean])
    skip_reason = models.CharField(
        _("why a stage was skipped"), max_length=300, blank=True, validators=[validate_clean]
    )
    place = models.CharField(_("place of handover"), max_length=200, blank=True, validators=[validate_clean])
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.ENTERED)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("entered by")
    )
    entered_at = models.DateTimeField(_("entered at"), default=timezone.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True, validators=[validate_clean])

    objects = HandoverQuerySet.as_manager()

    class Meta:
        verbose_name = _("handover")
        verbose_name_plural = _("handovers")
        ordering = ["handed_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["package", "document"],
                condition=~Q(state="rejected"),
                name="bast_hands_over_once",
                violation_error_message=_("This BAST stands for another handover of the package already."),
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="handover_hands_something_over"),
            models.CheckConstraint(
                condition=Q(state="entered", decided_by=None)
                | (Q(state__in=["confirmed", "rejected"]) & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="handover_decided_has_its_person",
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed") | ~Q(decided_by=F("entered_by")),
                name="who_enters_a_handover_never_confirms_it",
                violation_error_message=_("Who entered a handover does not confirm it. A colleague can."),
            ),
            models.CheckConstraint(
                condition=~Q(state="rejected") | ~Q(reason=""),
                name="handover_rejected_says_why",
                violation_error_message=_("Say why, in a few words."),
            ),
        ]

    def __str__(self):
        return f"{self.handed_on}: {self.quantity}"

    # -- Verbs ---------------------------------------------------------------------------------------

    @transaction.atomic
    def confirm(self, *, by):
        """Confirm it: the units are the recipient's from that day; the last one moves the package on.

        Raises StepRefused for the person who entered it, and for one that was decided already.
        """
        from assistance.procedure import reach_handed_over

        if by.pk == self.entered_by_id:
            raise StepRefused(gettext("Who entered a handover does not confirm it. A colleague can."))
        self._decide(self.State.CONFIRMED, by=by)
        # bare update: the count alone; the step that follows is the history.
        Package.objects.filter(pk=self.package_id).update(confirmed_count=F("confirmed_count") + self.quantity)
        package = Package.objects.select_related("kind", "recipient", "programme").get(pk=self.package_id)
        self._give_units(package, by=by)
        if package.confirmed_count == package.quantity:
            reach_handed_over(package, by=by)
        DataVersion.bump(SUBJECT)

    @transaction.atomic
    def reject(self, *, by, reason):
        """Take it back before it was confirmed: its things can be handed over again. Raises StepRefused."""
        if not reason.strip():
            raise StepRefused(gettext("Say why, in a few words."))
        self._decide(self.State.REJECTED, by=by, reason=reason)
        # bare update: the count and the link alone; this row is the history.
        Package.objects.filter(pk=self.package_id).update(handed_count=F("handed_count") - self.quantity)
        # bare update: see above.
        Unit.objects.filter(handover=self).update(handover=None)

    def _decide(self, state, *, by, reason=""):
        now = timezone.now()
        # The conditional update is the lock: of two who decide at once one comes too late.
        # bare update: the row tells itself who and when.
        decided = Handover.objects.filter(pk=self.pk, state=self.State.ENTERED).update(
            state=state, decided_by=by, decided_at=now, reason=reason
        )
        self.refresh_from_db()
        if not decided:
            raise StepRefused(
                gettext("This handover is already decided: %(state)s by %(person)s.")
                % {"state": self.get_state_display(), "person": self.decided_by}
            )

    def _give_units(self, package, *, by):
        cooperative = package.recipient.cooperative_id if package.recipient_id else None
        basis = gettext("BAST %(number)s") % {"number": self.document.number}
        units = list(Unit.objects.filter(handover=self).select_related("package__kind"))
        for unit in units:
            unit.claim(unit.version)
            unit.is_delivered, unit.handed_on, unit.state = True, self.handed_on, State.IN_USE
            unit.holder_cooperative_id = cooperative
            unit.next_visit_on = next_visit(unit.handed_on, None, package.kind.visits_after)
            unit._history_user, unit._change_reason = by, basis[:100]
            unit.save()
        Holding.objects.bulk_create(
            Holding(
                unit=unit,
                holder=Holding.Holder.RECIPIENT,
                cooperative_id=cooperative,
                since=self.handed_on,
                basis=basis[:200],
                by=by,
            )
            for unit in units
        )


@transaction.atomic
def hand_over(
    package, *, quantity, handed_on, document, received_by, by, units=(), place="", skip_reason="", said=None
):
    """Enter a handover of `quantity` things, for kinds with units of exactly these; returns it, unconfirmed.

    `said` is what the BAST says of kind, quantity and recipient where it differs from what is handed over.

    The conditional update of the package is the lock: of many at once the sum never exceeds its quantity. Raises
    StepRefused, and nothing is written then.
    """
    from assistance.procedure import link_bast, refuse_handover

    refuse_handover(
        package, quantity=quantity, handed_on=handed_on, document=document, units=units, skip_reason=skip_reason
    )
    # bare update: the count alone; the handover that follows is the history.
    taken = Package.objects.filter(
        pk=package.pk, stage=package.stage, voided_at=None, quantity__gte=F("handed_count") + quantity
    ).update(handed_count=F("handed_count") + quantity)
    if not taken:
        now = Package.objects.get(pk=package.pk)
        raise StepRefused(
            gettext("Only %(left)s of %(all)s are left to hand over; %(wanted)s were entered.")
            % {"left": (now.quantity or 0) - now.handed_count, "all": now.quantity, "wanted": quantity}
        )
    link_bast(package, document, quantity, said)
    handover = Handover.objects.create(
        package=package,
        quantity=quantity,
        handed_on=handed_on,
        document=document,
        received_by=received_by,
        place=place,
        skip_reason=skip_reason,
        entered_by=by,
    )
    keys = [unit.pk for unit in units]
    # bare update: the link alone; the handover is the history.
    if Unit.objects.filter(pk__in=keys, package=package, handover=None).update(handover=handover) != len(keys):
        raise StepRefused(gettext("One of these units was handed over already. Open the page again."))
    return handover

"""An officer's word that the status of a cooperative has changed; the office decides, with a reason."""

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.models import StepRefused
from common.text import validate_clean
from cooperatives.models.status import Status, place


class StatusProposalQuerySet(models.QuerySet):
    def open(self):
        return self.filter(state=StatusProposal.State.OPEN)

    def visible_to(self, user):
        """An officer sees those on cooperatives of the own regency, the office all."""
        if user.regency_id:
            return self.filter(cooperative__regency=user.regency_id)
        return self.all()


class StatusProposal(models.Model):
    """A status that somebody proposes from a day on. One stands open for a cooperative at a time.

    Who proposed it never decides about it. Rows are only added and decided, never edited.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Waits for the office")
        ACCEPTED = "accepted", _("Accepted")
        REFUSED = "refused", _("Refused")

    NEXT = {State.OPEN: {State.ACCEPTED, State.REFUSED}, State.ACCEPTED: set(), State.REFUSED: set()}

    cooperative = models.ForeignKey(
        "cooperatives.Cooperative", models.PROTECT, related_name="status_proposals", verbose_name=_("cooperative")
    )
    status = models.CharField(
        _("status"), max_length=9, choices=[(one.value, one.label) for one in Status if one != Status.MERGED]
    )
    since = models.DateField(_("since"))
    basis = models.CharField(_("basis"), max_length=300, validators=[validate_clean])
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("proposed by"))
    proposed_at = models.DateTimeField(_("proposed at"), default=timezone.now)
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.OPEN)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    reason = models.CharField(_("reason of the decision"), max_length=300, blank=True, validators=[validate_clean])

    objects = StatusProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposed status")
        verbose_name_plural = _("proposed statuses")
        ordering = ["proposed_at", "pk"]
        permissions = [
            ("propose_status", _("Can propose a status")),
            ("decide_status", _("Can decide about proposed statuses")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["cooperative"],
                condition=Q(state="open"),
                name="one_open_proposal",
                violation_error_message=_("A proposal for this cooperative waits for the office already."),
            ),
            models.CheckConstraint(
                condition=Q(state="open", decided_by=None, decided_at=None)
                | (~Q(state="open") & Q(decided_by__isnull=False, decided_at__isnull=False)),
                name="decision_has_its_person_and_moment",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(reason=""),
                name="refusal_says_why",
                violation_error_message=_("A refusal needs a reason."),
            ),
        ]

    def __str__(self):
        return f"{self.get_status_display()} {self.since}"

    @transaction.atomic
    def accept(self, *, by, reason):
        """Record the proposed status, with its basis, and say why. Raises StepRefused; nothing is decided then."""
        self._decide(self.State.ACCEPTED, by=by, reason=reason)
        self.cooperative.record_status(self.status, since=self.since, basis=self.basis, by=by)

    @transaction.atomic
    def refuse(self, *, by, reason):
        """Leave the status as it is, and say why. Raises StepRefused."""
        self._decide(self.State.REFUSED, by=by, reason=reason)

    def _decide(self, state, *, by, reason):
        if not reason.strip():
            raise StepRefused(gettext("Say why, in a few words."))
        if by.pk == self.by_id:
            raise StepRefused(gettext("Who proposed a status does not decide about it."))
        # The conditional update is the lock: of two that decide at once, one wins and the other is told.
        # bare update: the row is its own history.
        decided = StatusProposal.objects.filter(pk=self.pk, state=self.State.OPEN).update(
            state=state, decided_by=by, decided_at=timezone.now(), reason=reason
        )
        self.refresh_from_db()
        if not decided:
            raise StepRefused(
                gettext("%(who)s has decided this already: %(state)s.")
                % {"who": self.decided_by, "state": self.get_state_display()}
            )


def propose(cooperative, *, status, since, basis, by):
    """Propose a status that the rules would accept today; returns the proposal. Raises StepRefused."""
    periods = sorted(cooperative.status_periods.all(), key=lambda period: (period.since is not None, period.since))
    place(periods, status, since)
    with transaction.atomic():
        # The row of the cooperative stands for its open proposal: two proposals at once wait here for each other.
        type(cooperative)._base_manager.select_for_update(no_key=True).get(pk=cooperative.pk)
        if StatusProposal.objects.open().filter(cooperative=cooperative).exists():
            raise StepRefused(gettext("A proposal for this cooperative waits for the office already."))
        return StatusProposal.objects.create(cooperative=cooperative, status=status, since=since, basis=basis, by=by)

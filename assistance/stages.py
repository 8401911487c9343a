"""The way of aid as tables: which stage may follow which, what each needs, and who may take it.

After the procedures that offices publish (proposal, verification, recommendation, DPA, SK, procurement, NPHD, BAST, use
report, monitoring), under Permendagri 32/2011 with its amendments and Permendagri 77/2020. Data; `procedure` walks.
"""

from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Stage(models.TextChoices):
    """Where a package of aid stands."""

    PROPOSED = "proposed", pgettext_lazy("aid", "Proposed")
    VERIFIED = "verified", pgettext_lazy("aid", "Verified")
    RECOMMENDED = "recommended", pgettext_lazy("aid", "Recommended")
    BUDGETED = "budgeted", pgettext_lazy("aid", "Budgeted")
    DECREED = "decreed", pgettext_lazy("aid", "Decreed")
    PROCURED = "procured", pgettext_lazy("aid", "Procured")
    HANDED_OVER = "handed_over", pgettext_lazy("aid", "Handed over")
    USE_REPORTED = "use_reported", pgettext_lazy("aid", "Use reported")
    MONITORED = "monitored", pgettext_lazy("aid", "Monitored")
    CLOSED = "closed", pgettext_lazy("aid", "Closed")
    REFUSED = "refused", pgettext_lazy("aid", "Refused")
    CANCELLED = "cancelled", pgettext_lazy("aid", "Cancelled")
    WITHDRAWN = "withdrawn", pgettext_lazy("aid", "Withdrawn")


class Paper(models.TextChoices):
    """The kinds of document that go with a package."""

    PROPOSAL = "proposal", _("Proposal")
    VERIFICATION = "verification", _("Minutes of verification")
    RECOMMENDATION = "recommendation", _("Recommendation")
    DPA = "dpa", _("DPA")
    SK = "sk", _("Decree (SK)")
    CONTRACT = "contract", _("Contract")
    NPHD = "nphd", _("NPHD or loan agreement")
    INTEGRITY_PACT = "pact", _("Integrity pact")
    BAST = "bast", _("Handover minutes (BAST)")
    USE_REPORT = "lpj", _("Use report (LPJ)")
    MONITORING = "monitoring", _("Monitoring report")
    FINDING = "finding", _("Inspection report (LHP)")
    LETTER = "letter", _("Letter")
    OTHER = "other", _("Other document")


# The straight way, in its order. Whoever goes further than the next stage skips those between.
WAY = (
    Stage.PROPOSED,
    Stage.VERIFIED,
    Stage.RECOMMENDED,
    Stage.BUDGETED,
    Stage.DECREED,
    Stage.PROCURED,
    Stage.HANDED_OVER,
    Stage.USE_REPORTED,
    Stage.MONITORED,
    Stage.CLOSED,
)
# Nothing replaces the decree, and nobody has what was not handed over.
NEVER_SKIPPED = frozenset({Stage.PROPOSED, Stage.DECREED, Stage.HANDED_OVER})
# The ways out: from these stages, and nothing follows.
WAYS_OUT = {
    Stage.REFUSED: frozenset({Stage.PROPOSED, Stage.VERIFIED, Stage.RECOMMENDED}),
    Stage.CANCELLED: frozenset(
        {Stage.PROPOSED, Stage.VERIFIED, Stage.RECOMMENDED, Stage.BUDGETED, Stage.DECREED, Stage.PROCURED}
    ),
    Stage.WITHDRAWN: frozenset({Stage.HANDED_OVER, Stage.USE_REPORTED, Stage.MONITORED, Stage.CLOSED}),
}
ENDED = frozenset(WAYS_OUT)


@dataclass(frozen=True)
class Needs:
    """What one stage needs: the document that gives its date first, then those that must be there as well."""

    papers: tuple[Paper, ...]
    permission: str
    reason: bool = False


PROPOSE, PROCESS, APPROVE = "assistance.propose_aid", "assistance.process_aid", "assistance.approve_aid"
NEEDS = {
    Stage.PROPOSED: Needs((Paper.PROPOSAL,), PROPOSE),
    Stage.VERIFIED: Needs((Paper.VERIFICATION,), APPROVE),
    Stage.RECOMMENDED: Needs((Paper.RECOMMENDATION,), APPROVE),
    Stage.BUDGETED: Needs((Paper.DPA,), PROCESS),
    Stage.DECREED: Needs((Paper.SK,), APPROVE),
    Stage.PROCURED: Needs((Paper.CONTRACT,), PROCESS),
    # Taken by confirming the last handover, never by itself.
    Stage.HANDED_OVER: Needs((Paper.BAST, Paper.NPHD, Paper.INTEGRITY_PACT), APPROVE),
    Stage.USE_REPORTED: Needs((Paper.USE_REPORT,), PROCESS),
    Stage.MONITORED: Needs((Paper.MONITORING,), PROCESS),
    Stage.CLOSED: Needs((Paper.LETTER,), APPROVE),
    Stage.REFUSED: Needs((Paper.LETTER,), APPROVE, reason=True),
    Stage.CANCELLED: Needs((Paper.LETTER,), APPROVE, reason=True),
    Stage.WITHDRAWN: Needs((Paper.LETTER,), APPROVE, reason=True),
}
# Kind, quantity and recipient must agree between these, or the difference is explained.
COMPARED = frozenset({Paper.SK, Paper.NPHD, Paper.BAST})
# From the decree on the public sees the package itself; before, only sums of its programme.
PUBLIC = frozenset(WAY[WAY.index(Stage.DECREED) :])
# What counts against the programme's ceiling.
COMMITTED = frozenset(WAY[WAY.index(Stage.BUDGETED) :]) | {Stage.WITHDRAWN}
# In the hands of its recipient.
DELIVERED = frozenset(WAY[WAY.index(Stage.HANDED_OVER) :])


def skipped(was, to, *, without=frozenset()):
    """The stages left out between two, those left aside that this aid has not; empty for a way out or the next one."""
    if to in ENDED:
        return ()
    return tuple(stage for stage in WAY[WAY.index(was) + 1 : WAY.index(to)] if stage not in without)


def may_follow(was, to, *, without=frozenset()):
    """Whether `to` may follow `was` for aid that has not the stages `without`; skipping then still wants a reason."""
    if to in ENDED:
        return was in WAYS_OUT[to]
    if was in ENDED or to in without or WAY.index(to) <= WAY.index(was):
        return False
    return NEVER_SKIPPED.isdisjoint(WAY[WAY.index(was) + 1 : WAY.index(to)])

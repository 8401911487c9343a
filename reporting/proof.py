"""What a receipt's number says to anybody who holds it: that it is real, and what became of the submission."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from reporting.models import RegencyReport, ReportStep, Status

REPLACED = "replaced"
# Badge, word and what it means. What a reviewer remarked stays between the offices.
STATES = {
    Status.SUBMITTED: ("way", _("Received"), _("It was received; the province has not approved it yet.")),
    Status.APPROVED: ("ok", _("Approved"), _("The province approved it; what it says is public.")),
    Status.REOPENED: ("way", _("Being revised"), _("It was approved. The office revises it; until then it holds.")),
    REPLACED: ("", _("Replaced"), _("The office submitted again; this is the newest number:")),
}


@dataclass(frozen=True)
class Proof:
    """A submission that a receipt confirms."""

    step: ReportStep
    report: RegencyReport
    state: str
    approved_at: datetime | None
    later: str

    @property
    def kind(self):
        return STATES[self.state][0]

    @property
    def word(self):
        return STATES[self.state][1]

    @property
    def sentence(self):
        return STATES[self.state][2]


def proof(number):
    """The submission with this number and what became of it; None where there is none. Two queries."""
    step = (
        ReportStep.objects.filter(number=number.lower())
        .select_related("report__period", "report__regency")
        .defer("content", "note", "report__typed", "report__regency__boundary")
        .first()
    )
    if step is None:
        return None
    approved_at, later = None, ""
    after = ReportStep.objects.filter(report=step.report_id, pk__gt=step.pk).order_by("pk")
    for to, at, its_number in after.values_list("to", "made_at", "number"):
        if to == Status.SUBMITTED:
            later = its_number or ""
        elif to == Status.APPROVED and not later:
            approved_at = at
    # Numbers can be guessed: that a report came back is between the offices, as in the public matrix.
    state = Status.SUBMITTED if step.report.status == Status.RETURNED else step.report.status
    return Proof(step, step.report, REPLACED if later else state, approved_at, later)

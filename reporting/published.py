"""What the public may read of a report: the submission that its last approval accepted, even while it is revised.

The free text of officers (explanations, reasons, what is being done) is no part: docs/decisions/public-reports.md.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.db.models import Case, CharField, Count, F, OuterRef, Subquery, Value, When
from django.db.models.functions import Coalesce, Concat, TruncDate
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reporting.matrix import Office
from reporting.models import FormLine, RegencyReport, ReportStep, Status
from reporting.models.report import PROVINCE


class Said(models.TextChoices):
    """What a line says: three different things, to the database, the page and every file."""

    FILLED = "filled", _("filled in")
    UNAVAILABLE = "unavailable", _("not available")
    BLANK = "blank", _("not answered")

    @classmethod
    def of(cls, value, is_unavailable):
        if value is not None:
            return cls.FILLED
        return cls.UNAVAILABLE if is_unavailable else cls.BLANK


@dataclass(frozen=True)
class Answer:
    """One line of an approved report."""

    line: FormLine
    value: int | None
    said: Said


@dataclass(frozen=True)
class Publication:
    """An approved report as the public reads it."""

    report: RegencyReport
    step: ReportStep
    approvals: int
    answers: list

    @property
    def office(self):
        return Office.of(self.report)

    @property
    def submitted_at(self) -> datetime:
        return self.step.made_at

    @property
    def is_being_revised(self):
        return self.report.status != Status.APPROVED

    @property
    def is_revised(self):
        return self.approvals > 1

    @property
    def problems(self):
        return _content(self.step)["problems"]

    @property
    def sections(self):
        """`[(name, answers)]` in the order of the form."""
        found: dict = {}
        for answer in self.answers:
            found.setdefault(answer.line.section, []).append(answer)
        return list(found.items())

    def answer(self, code):
        """What it says in one line; None where its form did not ask."""
        return next((answer for answer in self.answers if answer.line.code == code), None)


def publications(reports):
    """The approved ones of a queryset of reports, by office. Three queries at any size."""
    rows = with_accepted(reports.public()).for_list().select_related("period", "regency", "form")
    rows = sorted(rows, key=lambda report: Office.of(report).order)
    steps = ReportStep.objects.defer("note").in_bulk([report.accepted_id for report in rows])
    lines = _lines({report.form_id for report in rows})
    return [
        Publication(
            report,
            steps[report.accepted_id],
            report.approvals,
            _answers(_content(steps[report.accepted_id])["lines"], lines[report.form_id]),
        )
        for report in rows
    ]


def _content(step):
    """All that a submission said; the database sees to it that each one holds it."""
    return step.content or {"lines": {}, "problems": []}


def _lines(forms):
    """`{form id: its lines}`, with their indicators."""
    found: dict = {pk: [] for pk in forms}
    for line in FormLine.objects.filter(form__in=forms).select_related("indicator"):
        found[line.form_id].append(line)
    return found


def _answers(content, lines):
    """The lines that a submission was asked, in the order of its form; their explanations stay behind."""
    found = []
    for line in lines:
        if line.code in content:
            value, is_unavailable = content[line.code].get("value"), bool(content[line.code].get("unavailable"))
            found.append(Answer(line, value, Said.of(value, is_unavailable)))
    return found


def with_accepted(reports):
    """Approved reports with the submission that the last approval accepted (`accepted_…`), and how often it was."""
    approval = ReportStep.objects.filter(report=OuterRef("report"), to=Status.APPROVED).order_by("-pk").values("pk")[:1]
    # Steps of one report come one after another, each under its lock: their keys have their order.
    accepted = ReportStep.objects.filter(
        report=OuterRef("pk"), to=Status.SUBMITTED, pk__lt=Subquery(approval)
    ).order_by("-pk")
    approvals = (
        ReportStep.objects.filter(report=OuterRef("pk"), to=Status.APPROVED)
        .order_by()
        .values("report")
        .annotate(count=Count("pk"))
        .values("count")
    )
    return reports.annotate(accepted_id=Subquery(accepted.values("pk")[:1]), approvals=Subquery(approvals))


def described(reports):
    """Approved reports with everything that the columns of the API name."""
    accepted = ReportStep.objects.filter(pk=OuterRef("accepted_id"))
    first_day = TruncDate("first_submitted_at", tzinfo=timezone.get_default_timezone())
    return (
        with_accepted(reports)
        .annotate(
            office_key=Coalesce("regency__slug", Value(PROVINCE)),
            receipt=Subquery(accepted.values("number")[:1]),
            fingerprint=Subquery(accepted.values("sha256")[:1]),
            accepted_at=Subquery(accepted.values("made_at")[:1]),
            first_day=first_day,
        )
        .annotate(
            page=Concat(
                Value("/statistik/pelaporan/"),
                "period__code",
                Value("/"),
                "office_key",
                Value("/"),
                output_field=CharField(),
            ),
            came_late=Case(When(first_day__gt=F("was_due_on"), then=Value(True)), default=Value(False)),
            is_being_revised=Case(When(status=Status.APPROVED, then=Value(False)), default=Value(True)),
            is_revised=Case(When(approvals__gt=1, then=Value(True)), default=Value(False)),
        )
    )


def approvals_of(report):
    """The moments at which a report was approved, the first one first."""
    return list(report.steps.filter(to=Status.APPROVED).order_by("pk").values_list("made_at", flat=True))

"""Approved reports in the public API."""

from django.utils.translation import gettext_lazy as _

from common.api import FIELDS, LARGEST_KEY, PublicView
from reporting.columns import ANSWER, PROBLEM, PUBLISHED
from reporting.filters import ReportFilter
from reporting.models import RegencyReport
from reporting.models.report import SUBJECT
from reporting.published import described, publications

# Names and units of the lines are those of the indicators.
KEYS = (SUBJECT, "regions", "figures")


class ReportList(PublicView):
    keys = KEYS
    columns = PUBLISHED
    filterset_class = ReportFilter
    is_list = True
    summary = _("Approved reports")
    description = _(
        "What the offices of the regencies and of the province reported for a period, once it was approved. While a "
        "report is being revised, what was approved stays."
    )
    component = "Report"

    def data(self, request):
        return self.page(request, self.filtered(request, described(RegencyReport.objects.public())).qs)


class ReportDetail(PublicView):
    keys = KEYS
    columns = PUBLISHED
    parts = {"values": ANSWER, "problems": PROBLEM}
    summary = _("One approved report")
    description = _(
        "One approved report with its lines. `said` keeps three things apart: a value (0 is one), “not available”, and "
        "a line that was not answered."
    )
    component = "ReportDetail"

    def data(self, request, pk):
        reports = RegencyReport.objects.filter(pk=min(pk, LARGEST_KEY))
        found = self.record(request, described(reports.public()))
        if FIELDS in request.GET and not self._asked(request) & set(self.parts):
            return found
        (one,) = publications(reports)
        parts = {"values": [_answer(answer) for answer in one.answers], "problems": [{"name": n} for n in one.problems]}
        return found | {name: rows for name, rows in parts.items() if name in (self._asked(request) or parts)}


def _answer(answer):
    line, said = answer.line, answer.said
    return {
        "indicator": line.code,
        "indicator_label": line.indicator.name,
        "section": line.section,
        "unit": line.indicator.unit,
        "value": answer.value,
        "said": said.value,
        "said_label": str(said.label),
    }

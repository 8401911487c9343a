from reporting.models.attachment import Attachment
from reporting.models.content import DraftSave, ReportValue
from reporting.models.form import FormLine, FormRule, Problem, ReportForm, RuleTerm
from reporting.models.period import Period
from reporting.models.report import Closed, NotReady, RegencyReport
from reporting.models.step import Extension, ReportStep, Status, StepRemark

__all__ = [
    "Attachment",
    "Closed",
    "DraftSave",
    "Extension",
    "FormLine",
    "FormRule",
    "NotReady",
    "Period",
    "Problem",
    "RegencyReport",
    "ReportForm",
    "ReportStep",
    "ReportValue",
    "RuleTerm",
    "Status",
    "StepRemark",
]

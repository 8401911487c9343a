"""The register in the admin: the office's daily tool."""

from cooperatives.admin.annual_return import AnnualReturnAdmin
from cooperatives.admin.cooperative import CooperativeAdmin
from cooperatives.admin.rules import CountingRuleAdmin, InactivityRuleAdmin
from cooperatives.admin.vocabularies import FormAdmin, GroupAdmin, KindAdmin, SectorAdmin

__all__ = [
    "AnnualReturnAdmin",
    "CooperativeAdmin",
    "CountingRuleAdmin",
    "FormAdmin",
    "GroupAdmin",
    "InactivityRuleAdmin",
    "KindAdmin",
    "SectorAdmin",
]

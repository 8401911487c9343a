from common.models import StepRefused
from cooperatives.models.annual_return import AnnualReturn
from cooperatives.models.board import BoardMember
from cooperatives.models.cooperative import Cooperative
from cooperatives.models.names import DeedAmendment, DistinctPair, FormerName
from cooperatives.models.proposal import StatusProposal
from cooperatives.models.rules import CountingRule, InactivityRule, RulesOn, counting_year_on, counting_years, rules_on
from cooperatives.models.status import Status, StatusPeriod
from cooperatives.models.vocabularies import Form, Group, Kind, Sector

__all__ = [
    "AnnualReturn",
    "BoardMember",
    "Cooperative",
    "CountingRule",
    "DeedAmendment",
    "DistinctPair",
    "Form",
    "FormerName",
    "Group",
    "InactivityRule",
    "Kind",
    "RulesOn",
    "Sector",
    "Status",
    "StatusPeriod",
    "StatusProposal",
    "StepRefused",
    "counting_year_on",
    "counting_years",
    "rules_on",
]

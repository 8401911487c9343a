"""The register in the admin: the office's daily tool."""

from cooperatives.admin.annual_return import AnnualReturnAdmin
from cooperatives.admin.cooperative import CooperativeAdmin
from cooperatives.admin.rules import RuleAdmin
from cooperatives.admin.vocabularies import VocabularyAdmin

__all__ = ["AnnualReturnAdmin", "CooperativeAdmin", "RuleAdmin", "VocabularyAdmin"]

from assistance.models.document import Document, PackageDocument
from assistance.models.finding import Finding
from assistance.models.handover import Handover, hand_over
from assistance.models.hint import Hint
from assistance.models.kind import AidKind
from assistance.models.package import SUBJECT, Package, RecipientKind
from assistance.models.programme import Programme
from assistance.models.recipient import Recipient
from assistance.models.rules import DeadlineRule
from assistance.models.step import AmountRow, PackageStep
from assistance.models.unit import Condition, Holding, State, Unit
from assistance.models.visit import Visit, VisitPhoto

__all__ = [
    "SUBJECT",
    "AidKind",
    "AmountRow",
    "Condition",
    "DeadlineRule",
    "Document",
    "Finding",
    "Handover",
    "Hint",
    "Holding",
    "Package",
    "PackageDocument",
    "PackageStep",
    "Programme",
    "Recipient",
    "RecipientKind",
    "State",
    "Unit",
    "Visit",
    "VisitPhoto",
    "hand_over",
]

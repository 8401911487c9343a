from progress.models.award import Award
from progress.models.rubric import Aspect, Criterion, Direction, Measure, PerformanceRule, Quantity, Rubric, Scoring
from progress.models.snapshot import Snapshot

# The data version of rubrics, rules and snapshots; awards have their own.
SUBJECT = "progress"

__all__ = [
    "SUBJECT",
    "Aspect",
    "Award",
    "Criterion",
    "Direction",
    "Measure",
    "PerformanceRule",
    "Quantity",
    "Rubric",
    "Scoring",
    "Snapshot",
]

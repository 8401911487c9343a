"""What a scorecard is made of in tests: rules, and a register of a size."""

from datetime import date

from progress.models import Criterion, PerformanceRule, Rubric
from tests.factories import make_cooperative, make_return

ON = date(2025, 12, 31)


def make_rubric(key="uji", **values):
    values = {"name": f"Rubrik {key}", "legal_basis": "uji", "valid_from": date(2007, 1, 1)} | values
    return Rubric.objects.create(key=key, **values)


def make_criterion(rubric, key="aktif", **values):
    values = {
        "name": f"Kriteria {key}",
        "aspect": "institution",
        "numerator": "active",
        "denominator": "cooperatives",
        "measure": "share",
        "scoring": "trend",
        "weight": 1,
    } | values
    return Criterion.objects.create(rubric=rubric, key=key, **values)


def make_gates(rubric):
    """The two gates that officials quoted."""
    gate = {"scoring": "threshold", "window": 1, "weight": 0, "is_gate": True, "aspect": "gate"}
    return [
        make_criterion(rubric, "gerbang-aktif", threshold=75, **gate),
        make_criterion(rubric, "gerbang-kinerja", numerator="good", denominator="active", threshold=50, **gate),
    ]


def make_rules():
    """A rubric with both gates and one trend, and what performing well means."""
    PerformanceRule.objects.create(valid_from=date(2012, 1, 1), lowest_grade="B", basis="uji")
    rubric = make_rubric()
    make_gates(rubric)
    make_criterion(rubric)
    return rubric


def make_register(regency, *, good=0, active=0, inactive=0, **values):
    """Cooperatives of a regency: active with every RAT, active with one of three, and inactive; all of 2001."""
    made = []
    for number in range(good + active + inactive):
        is_active = number < good + active
        one = make_cooperative(
            regency=regency, status="active" if is_active else "inactive", founded_on=date(2001, 1, 1), **values
        )
        for year in (2022, 2023, 2024, 2025):
            # The three years that count on ON and those that count today.
            make_return(one, year, rat_held=number < good or (is_active and year in (2022, 2025)))
        made.append(one)
    return made

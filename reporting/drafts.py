"""Two people on one draft: what only one of them changed is kept, and where both did, both values are told."""

from dataclasses import dataclass, field

from django.utils.translation import gettext

from common.models import ChangedMeanwhile, StepRefused
from reporting.filling import lines_of
from reporting.models import Problem

TRIES = 5


@dataclass(frozen=True)
class Clash:
    """A field that both changed."""

    name: str
    label: str
    mine: str
    theirs: str


@dataclass
class Meeting:
    """Somebody else saved while the form was open, or the same person in another window (`who` is empty)."""

    who: str
    typed: dict
    version: int
    taken: list = field(default_factory=list)
    clashes: list = field(default_factory=list)

    @property
    def sentence(self):
        if not self.who:
            return gettext("You saved this report in another window meanwhile. Nothing was overwritten.")
        return gettext("%(who)s saved this report while you had it open. Nothing was overwritten.") % {"who": self.who}


def save(report, typed, *, base, by, now=None):
    """Keep a draft that was opened at version `base`; returns None, or the Meeting with somebody else's.

    Without clashes both are kept. With clashes nothing is written: what this person typed comes back with the
    other's values beside it, and the next save from there keeps it. Raises StepRefused and Closed.
    """
    for _try in range(TRIES):
        meeting = None if base == report.version else meet(report, typed, base, by=by)
        if meeting and meeting.clashes:
            return meeting
        try:
            report.save_draft(meeting.typed if meeting else typed, by=by, now=now)
        except ChangedMeanwhile as changed:
            report.version, report.typed, report.status = (
                changed.record.version,
                changed.record.typed,
                changed.record.status,
            )
            report.saved_by_id = changed.record.saved_by_id
            continue
        if meeting is None or not meeting.taken:
            return None
        meeting.version = report.version
        return meeting
    raise StepRefused(gettext("Others save this report at this very moment. Save again."))


def meet(report, typed, base, *, by=None):
    """What came between `base` and the report as it stands; None where nothing of the draft did. `by` is who asks."""
    saves = {row.version: row.typed for row in report.saves.filter(version__lte=base).order_by("-version")[:1]}
    before = next(iter(saves.values()), {})
    theirs = report.typed
    if theirs == before:
        return None
    who = "" if by is not None and report.saved_by_id == by.pk else str(report.saved_by or "")
    found = Meeting(who=who, typed={}, version=report.version)
    labels = {line.code: line.indicator.name for line in lines_of(report)}
    merged = {}
    for code in {*typed.get("lines", {}), *theirs.get("lines", {}), *before.get("lines", {})}:
        merged[code] = _meet_line(
            found,
            code,
            labels.get(code, code),
            *(one.get("lines", {}).get(code, {}) for one in (before, typed, theirs)),
        )
    problems = _meet_one(
        found,
        "masalah",
        gettext("Problems"),
        *(sorted(one.get("problems", [])) for one in (before, typed, theirs)),
        shown=_problem_names,
    )
    act = _meet_one(
        found, "act", gettext("What is being done"), *(one.get("act", "") for one in (before, typed, theirs))
    )
    found.typed = {"lines": {code: said for code, said in merged.items() if said}, "problems": problems, "act": act}
    return found


def _meet_line(found, code, label, before, mine, theirs):
    said = {}
    # The number and "not available" are one answer.
    answer = _meet_one(
        found,
        code,
        label,
        *((one.get("typed", ""), bool(one.get("na"))) for one in (before, mine, theirs)),
        shown=_answer,
    )
    why = _meet_one(
        found,
        f"{code}-why",
        gettext("%(label)s, explanation") % {"label": label},
        *(one.get("why", "") for one in (before, mine, theirs)),
    )
    if answer[0]:
        said["typed"] = answer[0]
    if answer[1]:
        said["na"] = True
    if why:
        said["why"] = why
    return said


def _meet_one(found, name, label, before, mine, theirs, *, shown=str):
    if theirs in (mine, before):
        return mine
    if mine == before:
        found.taken.append(label)
        return theirs
    found.clashes.append(Clash(name, label, shown(mine) or gettext("empty"), shown(theirs) or gettext("empty")))
    return mine


def _answer(answer):
    typed, na = answer
    return gettext("not available") if na and not typed else typed


def _problem_names(keys):
    return ", ".join(Problem.objects.filter(pk__in=keys).values_list("name", flat=True))

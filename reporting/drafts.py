"""Two people on one draft: what only one of them changed is kept, and where both did, both values are told.

An opened page has an id, which comes with all that it saves: where the answer to a save is lost, the page comes again
with the old version, and what it saved itself is no other's.
"""

from copy import deepcopy
from dataclasses import dataclass, field

from django.utils import timezone
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


@dataclass(frozen=True)
class LeftOut:
    """A line that was typed otherwise than the report has it, to be copied by hand."""

    label: str
    text: str
    why: str = ""


def save(report, typed, *, base, by, now=None, page=""):
    """Keep a draft that was opened at version `base` in a `page`; returns None, or the Meeting with somebody else's.

    Without clashes both are kept. With clashes nothing is written: what this person typed comes back with the
    other's values beside it, and the next save from there keeps it. Raises StepRefused and Closed.
    """
    now = now or timezone.now()
    for _try in range(TRIES):
        # What can no longer be changed is not to be met either.
        report.refuse_filling(now)
        meeting = None if base == report.version else meet(report, typed, base, by=by, page=page)
        if meeting and meeting.clashes:
            return meeting
        try:
            report.save_draft(meeting.typed if meeting else typed, by=by, now=now, page=page)
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


def meet(report, typed, base, *, by=None, page=""):
    """What others saved between `base` and now; None where nothing of the draft did. `by` is who asks, in `page`."""
    before, others = _known(report, base, page)
    theirs = report.typed
    if theirs == before or not others:
        return None
    last = others[-1].by
    found = Meeting(who="" if by == last else str(last), typed={}, version=report.version)
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


def left_out(report, typed, base, *, page=""):
    """What was typed since `base` in a page and is not what the report says: `[LeftOut]` in the form's order."""
    before, _others = _known(report, base, page)
    found = []
    for line in lines_of(report):
        was, mine, theirs = (one.get("lines", {}).get(line.code, {}) for one in (before, typed, report.typed))
        if mine not in (was, theirs):
            answer = _answer((mine.get("typed", ""), mine.get("na"))) or gettext("empty")
            found.append(LeftOut(line.indicator.name, answer, mine.get("why", "")))
    was, mine, theirs = (sorted(one.get("problems", ())) for one in (before, typed, report.typed))
    if mine not in (was, theirs):
        found.append(LeftOut(gettext("Problems"), _problem_names(mine) or gettext("empty")))
    was, mine, theirs = (one.get("act", "") for one in (before, typed, report.typed))
    if mine not in (was, theirs):
        found.append(LeftOut(gettext("What is being done"), mine or gettext("empty")))
    return found


def _known(report, base, page):
    """What an opened page knows of the draft, and the saves of others since then.

    It knows the draft at `base`, and what it changed itself since; it does not know what others changed meanwhile.
    """
    last = report.saves.filter(version__lte=base).order_by("-version").values_list("version", "typed").first()
    version, before = last or (0, {})
    known, others, was = deepcopy(before), [], before
    for one in report.saves.filter(version__gt=version).select_related("by").order_by("version"):
        if page and page_of(one.page) == page_of(page):
            _take_changes(known, was, one.typed)
        else:
            others.append(one)
        was = one.typed
    return known, others


def page_of(mark):
    """The id of a page in the mark of one of its copies: `id.number`."""
    return mark.partition(".")[0]


def _take_changes(known, was, typed):
    """Bring into `known` what one save changed of the save before it."""
    lines = known.setdefault("lines", {})
    before, after = was.get("lines", {}), typed.get("lines", {})
    for code in {*before, *after}:
        for names in (("typed", "na"), ("why",)):
            said = {name: after.get(code, {}).get(name) for name in names}
            if said != {name: before.get(code, {}).get(name) for name in names}:
                kept = {**lines.get(code, {}), **said}
                lines[code] = {name: value for name, value in kept.items() if value}
    for name, blank in (("problems", []), ("act", "")):
        if was.get(name, blank) != typed.get(name, blank):
            known[name] = typed.get(name, blank)


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

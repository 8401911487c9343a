"""What saving an uploaded workbook would make of the draft, line by line. Nothing here writes."""

from dataclasses import dataclass

from django.utils.functional import cached_property
from django.utils.translation import gettext

from common.numbers import write_number
from common.refusal import Refused, quoted
from reporting import drafts
from reporting.filling import NA, WHY, fill, parse


@dataclass(frozen=True)
class Answer:
    """What a line says, for a person."""

    text: str
    why: str = ""


@dataclass(frozen=True)
class Line:
    """One line of the form: as the draft has it now, and as it would be."""

    name: str
    before: Answer
    after: Answer
    is_changed: bool
    findings: tuple = ()

    @property
    def both(self):
        return self.before, self.after


class Preview:
    """What saving the file would make of the draft."""

    def __init__(self, report, uploaded):
        self.report, self.uploaded = report, uploaded
        # Fewer queries, and the same answer: nothing came between.
        met = None if uploaded.base == report.version else drafts.meet(report, uploaded.typed, uploaded.base)
        self.meeting = met
        self.typed = met.typed if met else uploaded.typed
        self.filled = fill(report, self.typed)

    @cached_property
    def made_from(self):
        """The save that the file was made from; None where the draft was blank."""
        saves = self.report.saves.filter(version__lte=self.uploaded.base)
        return saves.select_related("by").order_by("-version").first()

    @cached_property
    def lines(self):
        now, after = self.report.typed.get("lines", {}), self.typed.get("lines", {})
        found = []
        for row in self.filled.rows:
            said, will = now.get(row.code, {}), after.get(row.code, {})
            findings = tuple(row.findings) if said != will else ()
            found.append(Line(row.name, _answer(row.line, said), _answer(row.line, will), said != will, findings))
        return found

    @cached_property
    def narrative(self):
        names = {one.pk: one.name for one in self.filled.vocabulary}
        now, after = self.report.typed, self.typed
        problems = [sorted(one.get("problems", ())) for one in (now, after)]
        was, will = (Answer(", ".join(names[pk] for pk in keys if pk in names)) for keys in problems)
        act, new_act = (Answer(one.get("act", "")) for one in (now, after))
        findings = tuple(self.filled.act_findings) if act != new_act else ()
        return [
            Line(gettext("Problems"), was, will, problems[0] != problems[1]),
            Line(gettext("What is being done"), act, new_act, act != new_act, findings),
        ]

    @property
    def changed(self):
        return [line for line in (*self.lines, *self.narrative) if line.is_changed]

    @property
    def unchanged(self):
        return [line for line in (*self.lines, *self.narrative) if not line.is_changed]

    @property
    def changes(self):
        """How many lines would change."""
        return len(self.changed)

    @property
    def fields(self):
        """`[(name, value)]` of the form page, which saves: as if it had been typed there."""
        found = [("version", self.report.version)]
        for row in self.filled.rows:
            said = self.typed.get("lines", {}).get(row.code, {})
            found += [(row.code, said.get("typed")), (f"{row.code}{NA}", "1" if said.get("na") else "")]
            found.append((f"{row.code}{WHY}", said.get("why")))
        found += [("masalah", pk) for pk in self.typed.get("problems", ())]
        found.append(("act", self.typed.get("act")))
        return [(name, value) for name, value in found if value]


def _answer(line, said):
    text = said.get("typed", "")
    if text:
        try:
            text = write_number(parse(line, text))
        except Refused:
            text = gettext("“%(text)s”, not a number") % {"text": quoted(text)}
    elif said.get("na"):
        text = gettext("not available")
    return Answer(text, said.get("why", ""))

"""What a reviewer sees of a report: each line beside the last period and the register, and what each step changed."""

from dataclasses import dataclass, field

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext, pgettext

from common.numbers import format_number
from reporting.filling import Row
from reporting.models import FormRule, RuleTerm, Status, StepRemark
from reporting.rules import ERROR

# How a state looks: the classes of the badge.
KIND = {
    Status.DRAFT: "nil",
    Status.SUBMITTED: "way",
    Status.RETURNED: "bad",
    Status.APPROVED: "ok",
    Status.REOPENED: "way",
}
Comparison = FormRule.Comparison


@dataclass(frozen=True)
class Mark:
    """What a rule or a comparison found, as a badge; `words` is the sentence below it."""

    kind: str
    label: str
    words: str = ""


@dataclass
class Line:
    """A line as it is reviewed."""

    row: Row
    marks: list
    remarks: list = field(default_factory=list)
    changed: tuple = ()
    # Where the reviewer writes a remark: the field of the form, while the report can be returned.
    remark: object = None

    @property
    def is_flagged(self):
        """Whether it wants a look: an error, a warning, a number that is not there."""
        return bool(self.row.findings) or self.row.is_unavailable

    @property
    def last_is_older(self):
        """Whether the last number is not that of the period before: then its period is named."""
        return bool(self.row.last) and self.row.last is not self.row.past[0]

    @property
    def change(self):
        return signed(self.row.change)

    @property
    def change_percent(self):
        percent = self.row.change_percent
        return f"+{percent}" if percent and self.row.change > 0 else percent


@dataclass
class Step:
    """One step of the report's story."""

    kind: str
    label: str
    by: object
    at: object
    note: str
    remarks: list
    number: str = ""
    receipt: str = ""
    count: int = 0
    changes: list = field(default_factory=list)


def signed(number):
    """`+5`, `−3`, `0`; nothing where there is no number."""
    if number is None:
        return ""
    return f"+{format_number(number)}" if number > 0 else format_number(number)


def lines(filled, steps):
    """`[(section, [Line])]`, with the remarks that were ever made on each, and what the last submission changed."""
    remarks = {}
    for step in steps:
        for remark in step.remarks:
            remarks.setdefault(remark.line_id, []).append((step, remark.text))
    submissions = [step for step in steps if step.number]
    changed = {code: (before, after) for code, _name, before, after in submissions[-1].changes} if submissions else {}
    return [
        (name, [Line(row, marks(row), remarks.get(row.line.pk, []), changed.get(row.code, ())) for row in rows])
        for name, rows, _count in filled.sections
    ]


# Marks ----------------------------------------------------------------------------------------------


def marks(row):
    """The badges of a line: what is wrong first, then what was held against a rule and fits."""
    found = [_of_finding(row, finding) for finding in row.findings if finding.code != "rule"]
    for result in row.results:
        if result.holds is False:
            kind = "bad" if result.rule.severity == ERROR else "way"
            found.append(Mark(kind, equation(result), result.rule.message))
        elif result.holds:
            found.append(Mark("ok", equation(result)))
    if row.is_unavailable:
        found.insert(0, Mark("nil", gettext("Not available")))
    if not found and not row.is_filled:
        found.append(Mark("nil", gettext("not filled in")))
    return found or [Mark("ok", pgettext("line of a report", "Fits"))]


def _of_finding(row, finding):
    if finding.code == "register":
        return Mark("way", gettext("%(difference)s against the register") % {"difference": signed(row.differs)})
    if finding.code == "jump":
        return Mark("way", pgettext("line of a report", "Jump"), finding.message)
    if finding.code == "blank":
        return Mark("bad", gettext("not filled in"))
    return Mark("bad" if finding.severity == ERROR else "way", gettext("To be mended"), finding.message)


def equation(result):
    """A rule with its numbers, its own line to the right: `655 + 6 − 1 = 660`; to the left where it has a limit:
    `246 ≤ 315`. What does not hold is written with ≠, > or <."""
    rule = result.rule
    own = next(((term, value) for term, value in result.terms if _is_own(term, rule)), None)
    if own is None:
        return result.shown
    sign = own[0].sign
    others = [(-term.sign * sign, value) for term, value in result.terms if term is not own[0]]
    rest = _added(sorted(others, key=lambda one: -one[0])) if others else "0"
    value = format_number(own[1])
    if rule.comparison == Comparison.EQUAL:
        return f"{rest} {'=' if result.holds else '≠'} {value}"
    # Taken away, the own line stands on the other side of the limit.
    at_most = (rule.comparison == Comparison.AT_MOST) == (sign > 0)
    held, broken = ("≤", ">") if at_most else ("≥", "<")
    return f"{value} {held if result.holds else broken} {rest}"


def _is_own(term, rule):
    return term.line_id == rule.line_id and term.when == RuleTerm.When.THIS


def _added(terms):
    text = ""
    for sign, value in terms:
        number = format_number(value)
        text += (f" + {number}" if sign > 0 else f" − {number}") if text else (number if sign > 0 else f"−{number}")
    return text


# Steps ----------------------------------------------------------------------------------------------


def story(report, filled):
    """The steps of a report, the oldest first; two queries."""
    remarks = StepRemark.objects.select_related("line__indicator").order_by("line__position", "pk")
    rows = report.steps.select_related("by").prefetch_related(Prefetch("remarks", remarks)).order_by("made_at", "pk")
    names = {row.code: row.name for row in filled.rows}
    steps, last, count = [], None, 0
    for row in rows:
        step = Step(KIND[row.to], row.get_to_display(), row.by, row.made_at, row.note, list(row.remarks.all()))
        if row.number:
            count += 1
            step.number, step.count = row.number, count
            step.receipt = reverse("report_receipt", args=[report.pk, row.number])
            step.changes = changes(last, row.content, names) if last else []
            last = row.content
        steps.append(step)
    return steps


def changes(before, after, names):
    """What a submission says otherwise than the one before: `[(code, name, before, after)]`, in the form's order."""
    found = []
    codes = [code for code in names if code in before["lines"] or code in after["lines"]]
    codes += [code for code in {**before["lines"], **after["lines"]} if code not in names]
    for code in codes:
        was, now = before["lines"].get(code, {}), after["lines"].get(code, {})
        name = names.get(code, code)
        if _answer(was) != _answer(now):
            found.append((code, name, _answer(was), _answer(now)))
        elif was.get("why", "") != now.get("why", ""):
            name = gettext("%(label)s, explanation") % {"label": name}
            found.append((f"{code}-why", name, _or_empty(was.get("why")), _or_empty(now.get("why"))))
    was, now = ", ".join(before["problems"]), ", ".join(after["problems"])
    if was != now:
        found.append(("masalah", gettext("Problems"), _or_empty(was), _or_empty(now)))
    if before["act"] != after["act"]:
        found.append(("act", gettext("What is being done"), _or_empty(before["act"]), _or_empty(after["act"])))
    return found


def _answer(said):
    if said.get("unavailable"):
        return gettext("not available")
    return format_number(said["value"]) if "value" in said else gettext("not filled in")


def _or_empty(text):
    return text or gettext("empty")

"""A report's form as it is filled in: what was typed is read, put beside what is known, and held against the rules.

Nothing here writes. The form page, the workbook's preview, the submission and the review all read the same `Filled`.
"""

import re
from dataclasses import dataclass, field
from itertools import groupby

from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.numbers import format_percent, parse_count, parse_rupiah, write_number
from common.refusal import Refused
from common.text import TextRefused, clean_lines
from reporting import calendar
from reporting.models import FormLine, Period, Problem, RegencyReport, ReportValue, Status
from reporting.prefill import register_values
from reporting.rules import ERROR, WARNING, Finding, compare, hold_against_rules

PAST_PERIODS = 12
LONGEST_WHY, LONGEST_ACT = 500, 1000
# What a cell of a workbook may hold. What is typed into the form is kept whole, and told where it is too long.
LONGEST_KEPT = 5000
# Stands for what no database takes.
DAMAGED = "\ufffd"
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

# As it is typed: {"lines": {code: {"typed": "6.111", "na": True, "why": "…"}}, "problems": [1, 4], "act": "…"}.
NA, WHY = "-na", "-why"


@dataclass(frozen=True)
class Past:
    """What the office said of a line in an earlier period."""

    period: Period
    value: int | None
    is_unavailable: bool = False
    was_asked: bool = False


@dataclass
class Row:
    """One line of the form as it stands now."""

    line: FormLine
    typed: str = ""
    is_unavailable: bool = False
    why: str = ""
    typed_why: str = ""
    value: int | None = None
    register: int | None = None
    past: tuple = ()
    findings: list = field(default_factory=list)
    results: list = field(default_factory=list)

    @property
    def code(self):
        return self.line.code

    @property
    def name(self):
        return self.line.indicator.name

    @property
    def is_blank(self):
        return self.value is None and not self.is_unavailable and not self.typed

    @property
    def is_filled(self):
        return self.value is not None or self.is_unavailable

    @property
    def errors(self):
        return [one for one in self.findings if one.severity == ERROR]

    @property
    def warnings(self):
        return [one for one in self.findings if one.severity == WARNING]

    @property
    def is_blocked(self):
        """Whether it keeps the report from being submitted: an error, or a warning that nobody explained."""
        return bool(self.errors) or (bool(self.warnings) and not self.why)

    @property
    def wants_why(self):
        return self.is_unavailable or bool(self.warnings)

    @property
    def differs(self):
        """By how much the value differs from the register's; None where either is missing or they agree."""
        return self.value - self.register if self.value is not None and self.register is not None else None

    @property
    def known_past(self):
        return [one for one in self.past if one.value is not None]

    @property
    def last(self):
        """The newest earlier value that is known, or None."""
        return next(iter(self.known_past), None)

    @property
    def change(self):
        """The difference from the newest earlier value; None where either is missing."""
        return self.value - self.last.value if self.value is not None and self.last else None

    @property
    def change_percent(self):
        return format_percent(self.change, abs(self.last.value)) if self.change is not None and self.last.value else ""

    @property
    def shown_past(self):
        """What stands beside the field: the periods that asked, the newest three."""
        return [one for one in self.past if one.was_asked or one.period.asks_yearly_lines() or not self._is_yearly][:3]

    @property
    def older_past(self):
        shown = self.shown_past
        return [
            one
            for one in self.past
            if one not in shown and (one.was_asked or one.period.asks_yearly_lines() or not self._is_yearly)
        ]

    @property
    def _is_yearly(self):
        return self.line.frequency == FormLine.Frequency.YEAR


@dataclass
class Filled:
    """A whole form: its rows in order, the narrative, and what stands in the way of submitting."""

    report: RegencyReport
    rows: list
    problems: list
    act: str
    vocabulary: list
    act_findings: list = field(default_factory=list)
    attachments: list = field(default_factory=list)
    said_problems: list | None = None

    @cached_property
    def by_code(self):
        return {row.code: row for row in self.rows}

    @property
    def sections(self):
        """`[(name, rows, how many are filled)]` in order."""
        found = []
        for name, group in groupby(self.rows, key=lambda row: row.line.section):
            rows = list(group)
            found.append((name, rows, sum(row.is_filled for row in rows)))
        return found

    @property
    def blocked(self):
        """The rows that keep it from being submitted."""
        return [row for row in self.rows if row.is_blocked] + self.act_findings

    @property
    def missing(self):
        """The required rows in which nothing stands."""
        return [row for row in self.rows if any(one.code == "blank" for one in row.findings)]

    @property
    def is_blank(self):
        return all(row.is_blank and not row.why for row in self.rows) and not self.problems and not self.act

    @property
    def chosen_problems(self):
        """Their names: as they were where the report was handed in, however they are called today."""
        if self.said_problems is not None:
            return self.said_problems
        return [one.name for one in self.vocabulary if one.pk in self.problems]

    def content(self):
        """All that is submitted, in a form that can be fingerprinted and read again."""
        lines = {}
        for row in self.rows:
            said = {"value": row.value, "unavailable": row.is_unavailable, "why": row.why, "register": row.register}
            # By identity: 0 equals False, and a zero that was reported is not nothing.
            lines[row.code] = {
                name: one for name, one in said.items() if one is not None and one is not False and one != ""
            }
        return {
            "period": self.report.period.code,
            "office": self.report.office_key,
            "form": self.report.form.number,
            "lines": lines,
            "problems": self.chosen_problems,
            "act": self.act,
            "files": [{"name": one.file.name, "sha256": one.file.sha256} for one in self.attachments],
        }


def lines_of(report):
    """The lines that this report asks: the yearly ones only in their period. One query, with the indicators."""
    lines = report.form.lines.select_related("indicator").order_by("position", "pk")
    yearly = report.period.asks_yearly_lines()
    return [line for line in lines if yearly or line.frequency == FormLine.Frequency.PERIOD]


def typed_from(data, lines):
    """What a posted form says, as it was typed; `data` is a QueryDict."""
    found = {}
    for line in lines:
        code = line.code
        said = {
            "typed": _kept(data.get(code, "")),
            "na": bool(data.get(f"{code}{NA}")),
            "why": _kept(data.get(f"{code}{WHY}", "")),
        }
        if said := {name: value for name, value in said.items() if value}:
            found[code] = said
    problems = sorted({int(one) for one in data.getlist("masalah") if one.isascii() and one.isdigit() and len(one) < 9})
    return {"lines": found, "problems": problems, "act": _kept(data.get("act", ""))}


def _kept(text):
    return _UNSTORABLE.sub(DAMAGED, text.replace("\r\n", "\n")).strip()


def _lines(text):
    """Several lines as they may stand; raises TextRefused, also for what could not be stored as it came."""
    if DAMAGED in text:
        raise TextRefused(_("There is an unreadable character (�) in the text. Delete it, or type the text again."))
    return clean_lines(text)


def fill(report, typed=None, *, lines=None):
    """The report's form as typed (its draft, unless `typed` is given). A fixed number of queries.

    `report` comes with its period, form and regency.
    """
    lines = lines_of(report) if lines is None else lines
    handed_in = _said_by(report) if typed is None and report.status not in report.FILLABLE else None
    typed = report.typed if typed is None else typed
    vocabulary = list(Problem.objects.all())
    past_periods = calendar.earlier(report.period, PAST_PERIODS)
    past = _past_values(report, past_periods)
    register = _register_of(report)
    rows = []
    for line in lines:
        said = typed.get("lines", {}).get(line.code, {})
        row = Row(
            line,
            typed=said.get("typed", ""),
            is_unavailable=bool(said.get("na")),
            register=register.get(line.pk),
            past=tuple(past.get((period.pk, line.indicator_id), Past(period, None)) for period in past_periods),
        )
        _read(row, said.get("why", ""))
        rows.append(row)
    known = {one.pk for one in vocabulary}
    filled = Filled(
        report, rows, [pk for pk in typed.get("problems", ()) if pk in known], typed.get("act", ""), vocabulary
    )
    if handed_in is not None:
        filled.said_problems, filled.act = handed_in["problems"], handed_in["act"]
    filled.attachments = list(report.attachments.current())
    _read_act(filled)
    hold_against_rules(filled, past_periods)
    for row in rows:
        compare(row, report.form)
    return filled


def _said_by(report):
    """What the last submission said, as it was; None where there is none."""
    steps = report.steps.filter(to=Status.SUBMITTED).order_by("-pk")
    return steps.values_list("content", flat=True).first()


def _register_of(report):
    """`{line id: value}`: of today's register while it is filled in, as it was on submission afterwards."""
    if report.status not in report.FILLABLE:
        return dict(report.values.values_list("line_id", "register_value"))
    values = register_values(report.period).get(report.office_key, {})
    lines = report.form.lines.exclude(register_key="").values_list("pk", "register_key")
    return {pk: values.get(key) for pk, key in lines}


def _past_values(report, periods):
    """`{(period id, indicator id): Past}` of what this office submitted."""
    by_pk = {period.pk: period for period in periods}
    rows = ReportValue.objects.filter(report__regency=report.regency_id, report__period__in=by_pk).values_list(
        "report__period_id", "line__indicator_id", "value", "is_unavailable"
    )
    return {(pk, indicator): Past(by_pk[pk], value, na, was_asked=True) for pk, indicator, value, na in rows}


# Reading --------------------------------------------------------------------------------------------


def _read(row, why):
    row.typed_why = why
    try:
        row.why = _lines(why)
    except Refused as refused:
        row.why = ""
        row.findings.append(Finding(ERROR, "why", str(refused)))
    if len(row.why) > LONGEST_WHY:
        row.findings.append(Finding(ERROR, "why", _too_long(row.why, LONGEST_WHY)))
    if row.typed and row.is_unavailable:
        text = gettext("A number and “not available” cannot both be true. Empty the field or take the tick away.")
        row.findings.append(Finding(ERROR, "both", text))
        row.is_unavailable = False
    elif row.typed:
        try:
            row.value = parse(row.line, row.typed)
        except Refused as refused:
            row.findings.append(Finding(ERROR, "unreadable", str(refused)))
    elif row.is_unavailable:
        if not row.why:
            row.findings.append(Finding(ERROR, "reason", gettext("Say why this number is not available.")))
    elif row.line.is_required:
        text = gettext("Enter a number (0 is one), or tick “not available” and say why.")
        row.findings.append(Finding(ERROR, "blank", text))


def parse(line, typed):
    """The number of a line as typed; raises NumberRefused."""
    if line.is_money or line.can_be_negative:
        return parse_rupiah(typed, signed=line.can_be_negative)
    return parse_count(typed)


def _read_act(filled):
    try:
        filled.act = _lines(filled.act)
    except Refused as refused:
        filled.act_findings.append(Finding(ERROR, "act", str(refused)))
    if len(filled.act) > LONGEST_ACT:
        filled.act_findings.append(Finding(ERROR, "act", _too_long(filled.act, LONGEST_ACT)))


def _too_long(text, most):
    return gettext("The text has %(long)s characters; at most %(most)s are possible. Shorten it.") % {
        "long": write_number(len(text)),
        "most": write_number(most),
    }

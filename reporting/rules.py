"""What a filled-in form is held against: the rules of its version, the register, and what is usual for the office.

Rows of `reporting.filling` come in, each takes its findings.
"""

from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from django.utils.translation import gettext

from common.numbers import format_number, format_percent
from reporting.models import FormRule, RuleTerm

# Fewer earlier changes do not say what is usual.
LEAST_CHANGES = 5
ERROR, WARNING = FormRule.Severity.ERROR, FormRule.Severity.WARNING


@dataclass(frozen=True)
class Finding:
    """What is wrong (an error) or remarkable (a warning, which an explanation answers) in one line."""

    severity: str
    code: str
    message: str


@dataclass(frozen=True)
class RuleResult:
    """A rule with its sum and its `(term, value)`; `holds` is None where a term has no value."""

    rule: FormRule
    holds: bool | None
    shown: str
    terms: tuple = ()


def hold_against_rules(filled, past_periods):
    by_line = {row.line.pk: row for row in filled.rows}
    before = past_periods[0] if past_periods and _is_next(past_periods[0], filled.report.period) else None
    for rule in filled.report.form.rules.prefetch_related("terms"):
        row = by_line.get(rule.line_id)
        if row is None:
            continue
        terms = [(term, _term_value(term, by_line, before)) for term in rule.terms.all()]
        if not terms or any(value is None for _term, value in terms):
            row.results.append(RuleResult(rule, None, ""))
            continue
        total = sum(term.sign * value for term, value in terms)
        result = RuleResult(rule, rule.holds(total), _written(terms, total), tuple(terms))
        row.results.append(result)
        if not result.holds:
            row.findings.append(Finding(rule.severity, "rule", f"{rule.message} ({result.shown})"))


def _is_next(earlier, period):
    return (period.starts_on - earlier.ends_on).days == 1


def _term_value(term, by_line, before):
    row = by_line.get(term.line_id)
    if row is None:
        return None
    if term.when == RuleTerm.When.THIS:
        return row.value
    return next((one.value for one in row.past if before is not None and one.period.pk == before.pk), None)


def _written(terms, total):
    """ "315 + 340 − 660 = −5"."""
    text = ""
    for term, value in terms:
        sign = " + " if term.sign > 0 else " − "
        text += f"{sign}{format_number(value)}" if text or term.sign < 0 else format_number(value)
    return f"{text.strip()} = {format_number(total)}"


def compare(row, form):
    """Warn of what differs from the register, and of a jump."""
    if row.value is None:
        return
    if row.differs:
        text = gettext("The register has %(register)s. Say why it is different.")
        row.findings.append(Finding(WARNING, "register", text % {"register": format_number(row.register)}))
    if sentence := _jump(row, form):
        row.findings.append(Finding(WARNING, "jump", sentence))


def _jump(row, form):
    last = row.last
    if last is None:
        return ""
    change = row.value - last.value
    named = {"period": last.period, "value": format_number(last.value)}
    if not last.value and change and abs(row.value) * 100 > _largest(row) * (100 + form.jump_percent):
        return gettext("It was %(value)s in %(period)s. Say why.") % named
    if last.value and abs(change) * 100 > abs(last.value) * form.jump_percent:
        percent = format_percent(abs(change), abs(last.value))
        text = gettext("Up by %(percent)s from %(period)s (%(value)s). Say why.")
        if change < 0:
            text = gettext("Down by %(percent)s from %(period)s (%(value)s). Say why.")
        return text % {**named, "percent": percent}
    changes = [newer.value - older.value for newer, older in pairwise(row.known_past)]
    if len(changes) < LEAST_CHANGES:
        return ""
    usual = median(changes)
    deviation = median(abs(one - usual) for one in changes)
    # Where every change was the same, any other would be infinitely unusual: that says nothing.
    if deviation and abs(change - usual) > form.jump_deviations * deviation:
        text = gettext("This changes more than usual against %(period)s (%(value)s). Say why.")
        return text % named
    return ""


def _largest(row):
    """The largest earlier value: what a number is held against that follows a 0, of which there are no per cent."""
    return max(abs(one.value) for one in row.known_past)

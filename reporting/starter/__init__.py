"""The first version of the report form, the vocabulary of problems, and the running period.

Lines: what the office's recap and the regencies' own reports ask (domain research of 2026; no binding text was found,
so everything here is data that the office can change in a next version). RAT, audit and money are asked once a year.
"""

import re
from datetime import date
from pathlib import Path

from common.starter import Loaded, add_missing, read
from figures.models import Indicator
from reporting import calendar
from reporting.models import FormLine, FormRule, Period, Problem, ReportForm, RuleTerm

FOLDER = Path(__file__).parent
VALID_FROM = date(2012, 12, 31)
PROBLEMS = ("Kelembagaan", "SDM", "Permodalan", "Pemasaran", "Produksi", "Teknologi informasi", "Lainnya")
_TERM = re.compile(r"([+-]?)\s*(before:)?(\w+)")


def load():
    """Add what is missing; returns what each table got. Call it inside a transaction."""
    problems = [Problem(name=name, position=10 * number) for number, name in enumerate(PROBLEMS, 1)]
    loaded = [add_missing(Problem, problems, ["name"]), _load_form()]
    made = calendar.open_until() if ReportForm.objects.exists() else []
    loaded.append(Loaded(str(Period._meta.verbose_name_plural), len(made), Period.objects.count() - len(made)))
    return loaded


def _load_form():
    label = str(ReportForm._meta.verbose_name_plural)
    # A form that staff removed does not come back.
    if ReportForm.history.exists():
        return Loaded(label, 0, ReportForm.objects.count())
    indicators = {indicator.code: indicator for indicator in Indicator.objects.all()}
    rows = read(FOLDER, "lines.csv")
    if missing := [row["indicator"] for row in rows if row["indicator"] not in indicators]:
        return Loaded(label, 0, 0, tuple(missing))
    form = ReportForm.objects.create(number=1, title="Laporan perkembangan koperasi dan UMKM", valid_from=VALID_FROM)
    lines = {}
    for row in rows:
        lines[row["indicator"]] = FormLine.objects.create(
            form=form,
            indicator=indicators[row["indicator"]],
            position=int(row["position"]),
            section=row["section"],
            help=row["help"],
            frequency=row["frequency"],
            is_required=row["is_required"] == "1",
            can_be_negative=row["can_be_negative"] == "1",
            register_key=row["register_key"],
        )
    for row in read(FOLDER, "rules.csv"):
        rule = FormRule.objects.create(
            form=form,
            line=lines[row["line"]],
            comparison=row["comparison"],
            severity=row["severity"],
            message=row["message"],
            position=int(row["position"]),
        )
        for sign, before, code in _TERM.findall(row["terms"]):
            when = RuleTerm.When.BEFORE if before else RuleTerm.When.THIS
            RuleTerm.objects.create(rule=rule, line=lines[code], sign=-1 if sign == "-" else 1, when=when)
    return Loaded(label, 1, 0)

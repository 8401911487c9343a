"""What tests of reports stand on: the starter form, periods that are open, forms that are filled in."""

from contextlib import contextmanager
from datetime import datetime, timedelta
from unittest import mock

from django.utils import timezone

from common.starter import add_missing, read
from figures import starter as figures_starter
from figures.models import Indicator
from regions.models import Regency, Territory
from reporting import calendar
from reporting import starter as reporting_starter
from reporting.filling import fill
from reporting.models import Problem, RegencyReport, ReportForm
from tests.factories import make_regency, make_user

# A report that fits together: active + inactive = total, and so on.
VALUES = {
    "cooperatives": "660",
    "cooperatives_active": "315",
    "cooperatives_inactive": "345",
    "cooperatives_new": "6",
    "cooperatives_dissolved": "1",
    "certified": "198",
    "inspected": "24",
    "health_assessed": "18",
    "trained": "62",
    "rat_held": "246",
    "audited": "41",
    "members_men": "12.310",
    "members_women": "9.284",
    "members": "21.594",
    "managers": "96",
    "employees": "402",
    "umkm_micro": "8.420",
    "umkm_small": "611",
    "umkm_medium": "38",
    "labour": "1.902",
    "own_capital": "38.214.500.000",
    "outside_capital": "21.730.000.000",
    "assets": "61.402.750.000",
    "turnover": "74.118.000.000",
    "shu": "3.902.600.000",
}


def wita(*moment):
    """A moment in WITA."""
    return datetime(*moment, tzinfo=timezone.get_default_timezone())


@contextmanager
def at(moment):
    """The clock of the portal stands at a moment."""
    with mock.patch("django.utils.timezone.now", return_value=moment):
        yield


def make_report_form():
    """The starter form with its indicators and problems; made once."""
    if not ReportForm.objects.exists():
        rows = read(figures_starter.FOLDER, "indicators.csv")
        add_missing(Indicator, [Indicator(**row) for row in rows], ["code"])
        add_missing(Problem, [Problem(name=name) for name in reporting_starter.PROBLEMS], ["name"])
        reporting_starter._load_form()
    return ReportForm.objects.order_by("number").first()


def make_period(year=2025, number=4, *, kind="quarter", is_open=True):
    """A period with the blank reports of all offices; open now unless said otherwise."""
    make_report_form()
    period = calendar.open_period(kind, year, number)
    if is_open:
        today = timezone.localdate()
        period.due_on, period.locks_on = today + timedelta(days=5), today + timedelta(days=30)
        period.save()
    return period


def make_report(regency=None, *, province=False, **period):
    """The blank report of one regency (made where there is none), or of the province's own section."""
    if regency is None and not province:
        regency = Regency.objects.first() or make_regency("Kutai Barat")
    if regency is not None:
        Territory.objects.get_or_create(regency=regency, defaults={"key": regency.slug, "name": regency.name})
    opened = make_period(**period)
    return RegencyReport.objects.select_related("period__form", "form", "regency").get(period=opened, regency=regency)


def typed(values=None, *, why=None, na=None, act="", problems=(), **changes):
    """A form as it is typed. `changes` replace values (None leaves one out); `na` gives reasons for "not available"."""
    lines = {}
    for code, text in {**(VALUES if values is None else values), **changes}.items():
        if text is not None:
            lines[code] = {"typed": text}
    for code, reason in (na or {}).items():
        lines[code] = {"na": True, **({"why": reason} if reason else {})}
    for code, reason in (why or {}).items():
        lines.setdefault(code, {})["why"] = reason
    return {"lines": lines, "problems": list(problems), "act": act}


def explained(**changes):
    """The same with an explanation in every line: no warning stands in its way."""
    return typed(why=dict.fromkeys(VALUES, "Sesuai catatan dinas"), **changes)


def posted(said, **more):
    """The same as a browser posts it."""
    data = {"masalah": [str(pk) for pk in said["problems"]], "act": said["act"]}
    for code, one in said["lines"].items():
        data[code] = one.get("typed", "")
        if one.get("na"):
            data[f"{code}-na"] = "1"
        if one.get("why"):
            data[f"{code}-why"] = one["why"]
    return {**data, **more}


def submitted(report=None, *, by=None, said=None, now=None):
    """A report that was filled in and submitted."""
    report = report or make_report()
    by = by or (make_user("petugas", regency=report.regency) if report.regency_id else make_user("staf_provinsi"))
    report.save_draft(said or typed(), by=by, now=now)
    report.submit(fill(report), by=by, now=now)
    return report


def approved(report=None, *, by=None, said=None, now=None):
    """A report that was submitted and approved; its figures are published."""
    report = submitted(report, said=said, now=now)
    report.approve(by=by or make_user("verifikator"), now=now)
    return report

"""The columns of reports in files and in the API: one list for each table, so that a page and its file agree."""

from django.db.models import Case, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.columns import Column, Kind
from common.dates import today
from reporting.matrix import State
from reporting.models import ReportValue, Status
from reporting.models.report import PROVINCE
from reporting.published import Said
from reporting.totals import names

OFFICE = (
    Column("office", _("office (key)"), Kind.TEXT),
    Column("office_label", _("office"), Kind.TEXT),
    Column("kemendagri_code", _("Kemendagri code"), Kind.TEXT),
    Column("bps_code", _("BPS code"), Kind.TEXT),
)
PERIOD = (
    Column("period", _("period (code)"), Kind.TEXT),
    Column("period_label", _("period"), Kind.TEXT),
)
LINE = (
    Column("indicator", _("indicator (code)"), Kind.TEXT),
    Column("indicator_label", _("indicator"), Kind.TEXT),
    Column("section", _("section"), Kind.TEXT),
    Column("unit", _("unit"), Kind.TEXT),
)
SAID = (
    Column("value", _("value"), Kind.COUNT),
    Column("said", _("answer (code)"), Kind.TEXT),
    Column("said_label", _("answer"), Kind.TEXT, "said", choices=tuple(Said.choices)),
)
BY_THE_CLOCK = (
    Column("state", _("state (code)"), Kind.TEXT),
    Column("state_label", _("state"), Kind.TEXT, "state", choices=tuple(State.choices)),
    Column("due_on", _("due on"), Kind.DATE),
    Column("first_submitted_at", _("first submitted at (UTC)"), Kind.MOMENT),
)
LATE = (
    Column("approved_at", _("approved at (UTC)"), Kind.MOMENT),
    Column("is_late", _("late"), Kind.FLAG),
    Column("days_late", _("days late"), Kind.COUNT),
)
VERSION = (
    Column("form_version", _("version of the form"), Kind.COUNT),
    Column("is_demo", _("demo data"), Kind.FLAG),
)

# One row a report: for the office, and for everybody.
REPORTS = (
    Column("id", _("id"), Kind.COUNT),
    *PERIOD,
    *OFFICE,
    *BY_THE_CLOCK,
    Column("submitted_at", _("last submitted at (UTC)"), Kind.MOMENT),
    *LATE,
    Column("status", _("review (code)"), Kind.TEXT),
    Column("status_label", _("review"), Kind.TEXT, "status", choices=tuple(Status.choices)),
    *VERSION,
)
PUBLIC_REPORTS = (
    *PERIOD,
    *OFFICE,
    *BY_THE_CLOCK,
    *LATE,
    Column("is_being_revised", _("being revised"), Kind.FLAG),
    *VERSION,
)


def reports(cells, columns):
    """Rows of a matrix in the order of its cells."""
    for cell in cells:
        report = cell.report
        found = {
            "id": report.pk,
            **_period(report.period),
            **_office(report),
            "state": cell.state.value,
            "state_label": cell.state.value,
            "due_on": report.period.due_on,
            "first_submitted_at": report.first_submitted_at,
            "submitted_at": report.submitted_at,
            "approved_at": report.approved_at,
            "is_late": None if report.first_submitted_at is None else report.is_late,
            "days_late": cell.days_late,
            "status": report.status,
            "status_label": report.status,
            "is_being_revised": cell.is_being_revised,
            "form_version": report.form.number,
            "is_demo": report.is_demo,
        }
        yield tuple(found[column.name] for column in columns)


def _period(period):
    return {"period": period.code, "period_label": period.name}


def _office(report):
    regency = report.regency
    return {
        "office": report.office_key,
        "office_label": report.office_name,
        "kemendagri_code": regency.kemendagri_code if regency else None,
        "bps_code": regency.bps_code if regency else None,
    }


# One row a line of the reports that were submitted, for the office: everything that the report says.
VALUES = (
    Column("period", _("period (code)"), Kind.TEXT, "report__period__code"),
    Column("office", _("office (key)"), Kind.TEXT, "office_key"),
    Column("office_label", _("office"), Kind.TEXT, "office_label"),
    Column("kemendagri_code", _("Kemendagri code"), Kind.TEXT, "report__regency__kemendagri_code"),
    Column("bps_code", _("BPS code"), Kind.TEXT, "report__regency__bps_code"),
    Column("status", _("review (code)"), Kind.TEXT, "report__status"),
    Column("status_label", _("review"), Kind.TEXT, "report__status", choices=tuple(Status.choices)),
    Column("indicator", _("indicator (code)"), Kind.TEXT, "line__indicator__code"),
    Column("indicator_label", _("indicator"), Kind.TEXT, "line__indicator__name"),
    Column("section", _("section"), Kind.TEXT, "line__section"),
    Column("unit", _("unit"), Kind.TEXT, "line__indicator__unit"),
    *SAID,
    Column("explanation", _("explanation"), Kind.TEXT),
    Column("register_value", _("the register's value"), Kind.COUNT),
    Column("submitted_at", _("last submitted at (UTC)"), Kind.MOMENT, "report__submitted_at"),
    Column("form_version", _("version of the form"), Kind.COUNT, "report__form__number"),
)


def values_of(reports):
    """The lines of some reports as they were last submitted, with what VALUES reads."""
    return ReportValue.objects.filter(report__in=reports).annotate(
        office_key=Coalesce("report__regency__slug", Value(PROVINCE)),
        office_label=Coalesce("report__regency__name", Value(gettext("Province"))),
        said=Case(
            When(value__isnull=False, then=Value(Said.FILLED.value)),
            When(is_unavailable=True, then=Value(Said.UNAVAILABLE.value)),
            default=Value(Said.BLANK.value),
        ),
    )


# The public's: lines of approved reports without free text, and what they add up to.
PUBLIC_VALUES = (
    *PERIOD,
    *OFFICE,
    *LINE,
    *SAID,
    Column("submitted_at", _("submitted at (UTC)"), Kind.MOMENT),
    Column("approved_at", _("approved at (UTC)"), Kind.MOMENT),
    *VERSION,
)
TOTALS = (
    *PERIOD,
    *LINE,
    Column("value", _("value"), Kind.COUNT),
    Column("regencies", _("regencies in it"), Kind.COUNT),
    Column("regencies_of", _("regencies that report"), Kind.COUNT),
    Column("has_province", _("with the province's own section"), Kind.FLAG),
    Column("coverage", _("coverage"), Kind.TEXT),
    Column("not_approved", _("not approved"), Kind.TEXT),
    Column("unavailable", _("not available"), Kind.TEXT),
    Column("blank", _("not answered"), Kind.TEXT),
    Column("as_of", _("read on"), Kind.DATE),
)


def public_values(publications, codes=None):
    """Rows of the lines of approved reports; `codes` takes only these lines."""
    for one in publications:
        for answer in one.answers:
            if codes is None or answer.line.code in codes:
                yield (
                    *_period(one.report.period).values(),
                    *_office(one.report).values(),
                    *_line(answer.line),
                    answer.value,
                    answer.said.value,
                    answer.said.value,
                    one.submitted_at,
                    one.report.approved_at,
                    one.report.form.number,
                    one.report.is_demo,
                )


def totals(found):
    """Rows of a period's totals."""
    for total in found.lines:
        offices = [share.office for share in total.counted]
        yield (
            *_period(found.period).values(),
            *_line(total.line),
            total.value,
            sum(office.regency is not None for office in offices),
            sum(office.regency is not None for office in found.offices),
            any(office.regency is None for office in offices),
            total.coverage,
            names(found.not_approved),
            names(total.unavailable),
            names(total.blank),
            today(),
        )


def _line(line):
    return (line.code, line.indicator.name, line.section, line.indicator.unit)


# The API's.
PUBLISHED = (
    Column("id", _("id"), Kind.COUNT),
    Column("url", _("address of the page"), Kind.LINK, "page"),
    Column("period", _("period (code)"), Kind.TEXT, "period__code"),
    Column("kind", _("kind of period"), Kind.TEXT, "period__kind"),
    Column("year", _("year"), Kind.COUNT, "period__year"),
    Column("starts_on", _("from"), Kind.DATE, "period__starts_on"),
    Column("ends_on", _("until"), Kind.DATE, "period__ends_on"),
    Column("due_on", _("due on"), Kind.DATE, "period__due_on"),
    Column("office", _("office (key)"), Kind.TEXT, "office_key"),
    Column("regency", _("regency"), Kind.TEXT, "regency__name"),
    Column("kemendagri_code", _("Kemendagri code"), Kind.TEXT, "regency__kemendagri_code"),
    Column("bps_code", _("BPS code"), Kind.TEXT, "regency__bps_code"),
    Column("form_version", _("version of the form"), Kind.COUNT, "form__number"),
    Column("first_submitted_at", _("first submitted at (UTC)"), Kind.MOMENT),
    Column("submitted_at", _("submitted at (UTC)"), Kind.MOMENT, "accepted_at"),
    Column("approved_at", _("approved at (UTC)"), Kind.MOMENT),
    Column("is_late", _("late"), Kind.FLAG, "came_late"),
    Column("is_revised", _("revised"), Kind.FLAG),
    Column("is_being_revised", _("being revised"), Kind.FLAG),
    Column("receipt", _("number of the receipt"), Kind.TEXT),
    Column("sha256", _("fingerprint (SHA-256)"), Kind.TEXT, "fingerprint"),
    Column("is_demo", _("demo data"), Kind.FLAG),
)
ANSWER = (*LINE, *SAID)
PROBLEM = (Column("name", _("name"), Kind.TEXT),)

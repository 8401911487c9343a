"""The report form, its rules, the problems and the periods in the admin."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.models import DataVersion
from reporting import calendar
from reporting.models import FormLine, Period, Problem, ReportForm
from reporting.models.report import SUBJECT
from tests.factories import make_indicator, make_regency, make_user
from tests.filled_form import filled_form
from tests.reporting.reports import make_period, make_report, make_report_form, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def administrator(client):
    person = make_user("administrator")
    client.force_login(person)
    return person


@pytest.fixture
def report_form():
    return make_report_form()


def url_of(record, page="change"):
    return reverse(f"admin:reporting_{record._meta.model_name}_{page}", args=[record.pk])


def opened(client, record):
    return filled_form(client.get(url_of(record)), f"{record._meta.model_name}_form")


def row_of(form, prefix, pk):
    """The prefix of the row that holds a record."""
    rows = (name for name, value in form.items() if name.endswith("-id") and value == str(pk))
    return next(name.removesuffix("id") for name in rows if name.startswith(prefix))


def new_row(form, prefix, **values):
    number = int(form[f"{prefix}-TOTAL_FORMS"])
    form[f"{prefix}-TOTAL_FORMS"] = str(number + 1)
    form.update({f"{prefix}-{number}-{name}": value for name, value in values.items()})
    return f"{prefix}-{number}-"


def errors_of(response):
    assert response.status_code == 200
    formsets = response.context["inline_admin_formsets"]
    found = [name for one in formsets for form in one.formset.forms for name in form.errors]
    return found + [error for one in formsets for error in one.formset.non_form_errors()]


def line(report_form, code):
    return report_form.lines.get(indicator__code=code)


# -- Lines and rules ---------------------------------------------------------------------------------


def test_saving_the_form_unchanged_changes_nothing(client, report_form):
    rules = [(rule.pk, sorted(rule.terms.values_list("line", "sign", "when"))) for rule in report_form.rules.all()]
    assert client.post(url_of(report_form), opened(client, report_form)).status_code == 302
    again = [(rule.pk, sorted(rule.terms.values_list("line", "sign", "when"))) for rule in report_form.rules.all()]
    assert again == rules
    report_form.refresh_from_db()
    assert report_form.version == 1


def test_a_line_is_added_and_changed_and_takes_the_forms_next_version(client, report_form):
    form = opened(client, report_form)
    new_row(
        form,
        "lines",
        position="300",
        section="Lain",
        indicator=make_indicator("branches").pk,
        frequency="period",
        is_required="on",
    )
    form[f"{row_of(form, 'lines', line(report_form, 'trained').pk)}help"] = "Siapa pun pelatihnya."
    assert client.post(url_of(report_form), form).status_code == 302
    assert line(report_form, "branches").section == "Lain"
    assert line(report_form, "trained").help == "Siapa pun pelatihnya."
    report_form.refresh_from_db()
    assert report_form.version == 2


@pytest.mark.parametrize(
    ("code", "values", "field"),
    [
        ("trained", {"register_key": "total"}, None),
        ("cooperatives_new", {"frequency": "year"}, "frequency"),
        ("trained", {"can_be_negative": "on"}, "can_be_negative"),
        ("trained", {"help": "ter\u200bsembunyi"}, "help"),
        ("trained", {"section": ""}, "section"),
    ],
)
def test_a_line_that_could_not_be_answered_is_refused(client, report_form, code, values, field):
    form = opened(client, report_form)
    prefix = row_of(form, "lines", line(report_form, code).pk)
    found = errors_of(client.post(url_of(report_form), form | {f"{prefix}{name}": one for name, one in values.items()}))
    assert len(found) == 1
    assert field is None or found == [field]


@pytest.mark.same_on_both
@pytest.mark.parametrize("code", ["masalah", "act", "x-na", "x-why"])
def test_a_code_that_is_another_field_of_the_report_is_refused(client, report_form, code):
    form = opened(client, report_form)
    new_row(form, "lines", position="9", section="x", indicator=make_indicator(code).pk, frequency="period")
    assert errors_of(client.post(url_of(report_form), form)) == ["indicator"]


def test_an_indicator_is_asked_once(client, report_form):
    form = opened(client, report_form)
    twice = line(report_form, "trained").indicator_id
    new_row(form, "lines", position="9", section="x", indicator=twice, frequency="period")
    assert errors_of(client.post(url_of(report_form), form))
    assert report_form.lines.filter(indicator=twice).count() == 1


def test_a_line_that_a_rule_speaks_of_stays_and_another_goes(client, report_form):
    for code, status in (("cooperatives_active", 200), ("trained", 302)):
        form = opened(client, report_form)
        prefix = row_of(form, "lines", line(report_form, code).pk)
        assert client.post(url_of(report_form), form | {f"{prefix}DELETE": "on"}).status_code == status
        assert report_form.lines.filter(indicator__code=code).exists() is (status == 200)


def test_a_rule_is_entered_in_words_and_read_back(client, report_form):
    form = opened(client, report_form)
    new_row(
        form,
        "rules",
        position="50",
        line=line(report_form, "certified").pk,
        formula="certified − cooperatives +lalu:certified",
        comparison="le",
        severity="warning",
        message="Tidak lebih dari jumlah koperasi.",
    )
    assert client.post(url_of(report_form), form).status_code == 302
    rule = report_form.rules.get(position=50)
    assert sorted(rule.terms.values_list("line__indicator__code", "sign", "when")) == [
        ("certified", 1, "before"),
        ("certified", 1, "this"),
        ("cooperatives", -1, "this"),
    ]
    form = opened(client, report_form)
    prefix = row_of(form, "rules", rule.pk)
    assert form[f"{prefix}formula"] == "certified + lalu:certified − cooperatives"
    client.post(url_of(report_form), form | {f"{prefix}formula": "certified - cooperatives"})
    assert rule.terms.count() == 2
    client.post(url_of(report_form), opened(client, report_form) | {f"{prefix}DELETE": "on"})
    assert not report_form.rules.filter(position=50).exists()


@pytest.mark.same_on_both
@pytest.mark.parametrize(
    ("formula", "field"),
    [
        ("", "formula"),
        ("certified - ", "formula"),
        ("certified + - cooperatives", "formula"),
        ("certified cooperatives", "formula"),
        ("certified - unknown", "formula"),
        ("certified-cooperatives", "formula"),
        ("certified - cooperatives - cooperatives", "formula"),
        ("certified - lalu:rat_held", "formula"),
        ("certified - __class__", "formula"),
        ("cooperatives - lalu:certified", "line"),
    ],
)
def test_a_rule_that_could_not_be_answered_is_refused(client, report_form, formula, field):
    form = opened(client, report_form)
    values = {"position": "50", "comparison": "le", "severity": "error", "message": "x", "formula": formula}
    new_row(form, "rules", line=line(report_form, "certified").pk, **values)
    assert errors_of(client.post(url_of(report_form), form)) == [field]
    assert report_form.rules.count() == 4


def test_a_rule_speaks_of_lines_of_its_own_form_only(client, report_form, administrator):
    other = report_form.next_version(valid_from=date(2026, 1, 1), by=administrator)
    FormLine.objects.create(form=other, indicator=make_indicator("branches"), position=1, section="x")
    values = {"position": "50", "comparison": "le", "severity": "error", "message": "x"}
    for code, formula in (("branches", "branches"), ("certified", "certified - branches")):
        form = opened(client, report_form)
        new_row(form, "rules", line=line(other, code).pk, formula=formula, **values)
        assert errors_of(client.post(url_of(report_form), form))
    assert report_form.rules.count() == 4


def test_a_rule_does_not_speak_of_a_line_that_goes_with_the_same_save(client, report_form):
    form = opened(client, report_form)
    values = {"position": "50", "comparison": "le", "severity": "error", "message": "x"}
    new_row(form, "rules", line=line(report_form, "certified").pk, formula="certified - trained", **values)
    form[f"{row_of(form, 'lines', line(report_form, 'trained').pk)}DELETE"] = "on"
    assert errors_of(client.post(url_of(report_form), form)) == ["formula"]
    assert line(report_form, "trained")


def test_a_form_asks_at_least_one_thing(client):
    url = reverse("admin:reporting_reportform_add")
    values = {"title": "Laporan baru", "valid_from": "01/01/2030"}
    form = filled_form(client.get(url), "reportform_form") | values
    assert client.post(url, dict(form)).status_code == 200
    asked = make_indicator("trained").pk
    new_row(form, "lines", position="1", section="x", indicator=asked, frequency="period")
    assert client.post(url, form).status_code == 302
    assert ReportForm.objects.get().number == 1


# -- Used: read only ---------------------------------------------------------------------------------


def test_a_used_form_is_read_only_with_its_lines_rules_and_terms(client, report_form):
    form = opened(client, report_form)
    make_period()
    page = client.get(url_of(report_form))
    text = page.content.decode()
    assert "cooperatives_active + cooperatives_inactive − cooperatives" in text
    assert 'name="title"' not in text and 'name="lines-0-position"' not in text and 'name="_save"' not in text
    # A form that was open when the period came is refused.
    assert client.post(url_of(report_form), form | {"title": "Diubah"}).status_code == 403
    assert not ReportForm.objects.filter(title="Diubah").exists()


def test_the_next_version_is_made_once_and_can_be_changed(client, report_form):
    make_period()
    url = url_of(report_form, "next")
    assert url in client.get(url_of(report_form)).content.decode()
    form = filled_form(client.get(url), "act")
    assert form["valid_from"] == "01/01/2026"
    for _twice in range(2):
        response = client.post(url, form)
        new = ReportForm.objects.exclude(pk=report_form.pk).get()
        assert response.url == url_of(new)
    assert new.number == 2 and new.valid_from == date(2026, 1, 1)
    assert new.lines.count() == report_form.lines.count()
    assert [rule.terms.count() for rule in new.rules.all()] == [rule.terms.count() for rule in report_form.rules.all()]
    assert set(FormLine.objects.filter(pk__in=new.rules.values("terms__line")).values_list("form", flat=True)) == {
        new.pk
    }
    assert client.post(url_of(new), opened(client, new) | {"title": "Laporan baru"}).status_code == 302
    report_form.refresh_from_db()
    assert report_form.title != "Laporan baru"


def test_the_next_version_holds_from_the_day_of_the_one_before_on_and_not_earlier(client, report_form):
    url = url_of(report_form, "next")
    form = filled_form(client.get(url), "act")
    assert client.post(url, form | {"valid_from": "30/12/2012"}).context["form"].errors["valid_from"]
    assert client.post(url, form | {"valid_from": "31/12/2012"}).status_code == 302
    assert client.get(reverse("admin:reporting_reportform_next", args=["x"])).status_code == 404


def test_somebody_was_faster_nothing_is_overwritten_however_often_it_is_sent(client, report_form):
    form = opened(client, report_form)
    first = opened(client, report_form)
    new_row(first, "lines", position="9", section="x", indicator=make_indicator("branches").pk, frequency="period")
    assert client.post(url_of(report_form), first).status_code == 302
    for _again in range(2):
        response = client.post(url_of(report_form), form | {"title": "Diubah"})
        assert response.status_code == 200 and response.context["adminform"].form.non_field_errors()
        # What the page shows by now is sent once more.
        form = filled_form(response, "reportform_form")
    report_form.refresh_from_db()
    assert report_form.title != "Diubah" and line(report_form, "branches")


# -- Problems ----------------------------------------------------------------------------------------


def test_a_problem_is_added_changed_and_never_deleted(client, report_form):
    url = reverse("admin:reporting_problem_add")
    assert client.post(url, filled_form(client.get(url), "problem_form") | {"name": "Banjir"}).status_code == 302
    problem = Problem.objects.get(name="Banjir")
    before = DataVersion.read(SUBJECT)[SUBJECT][0]
    client.post(url_of(problem), opened(client, problem) | {"name": "Banjir dan longsor"})
    problem.refresh_from_db()
    assert problem.name == "Banjir dan longsor" and problem.history.count() == 2
    assert DataVersion.read(SUBJECT)[SUBJECT][0] > before
    assert client.post(url_of(problem, "delete"), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("name", ["Perma\u200bsalahan", "SDM"])
def test_a_problem_that_hides_something_or_is_there_already_is_refused(client, report_form, name):
    url = reverse("admin:reporting_problem_add")
    page = client.post(url, filled_form(client.get(url), "problem_form") | {"name": name})
    assert page.context["adminform"].form.errors["name"]


# -- Periods -----------------------------------------------------------------------------------------


def test_the_list_counts_reports_by_state_in_as_many_queries_however_long_it_is(client):
    submitted(make_report())
    page = client.get(reverse("admin:reporting_period_changelist"))
    text = page.content.decode()
    assert '<td class="field-waiting">1</td>' in text and '<td class="field-not_in">1</td>' in text
    counts = []
    for number in (3, 2, 1):
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("admin:reporting_period_changelist"))
        counts.append(len(queries))
        calendar.open_period("quarter", 2025, number)
    assert len(set(counts)) == 1


def test_only_the_days_of_a_period_are_edited(client):
    period = make_period()
    form = opened(client, period)
    edited = {name for name in form if not name.startswith(("form_key", "version", "change_reason", "_"))}
    assert edited == {"opens_on", "due_on", "locks_on"}
    before = DataVersion.read(SUBJECT)[SUBJECT][0]
    assert client.post(url_of(period), form | {"locks_on": "31/12/2099"}).status_code == 302
    period.refresh_from_db()
    assert period.locks_on == date(2099, 12, 31)
    assert period.history.first().history_user is not None
    assert DataVersion.read(SUBJECT)[SUBJECT][0] > before
    page = client.post(url_of(period), opened(client, period) | {"locks_on": "01/01/2012"})
    assert page.context["adminform"].form.errors


def test_a_period_is_opened_with_the_blank_reports_of_its_offices_and_once(client):
    make_report_form()
    make_regency("Kutai Barat")
    url = reverse("admin:reporting_period_add")
    form = filled_form(client.get(url), "act") | {"kind": "quarter", "year": "2024", "number": "2"}
    for _twice in range(2):
        response = client.post(url, form)
        period = Period.objects.get()
        assert response.url == url_of(period)
    assert period.code == "2024-t2" and period.reports.count() == 2
    assert period.history.get().history_user is not None


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "half", "year": "2025", "number": "2"},  # quarter IV covers these days
        {"kind": "half", "year": "2024", "number": "3"},
        {"kind": "year", "year": "2024", "number": "2"},
        {"kind": "quarter", "year": "24", "number": "1"},
        {"kind": "month", "year": "2024", "number": "1"},
    ],
)
def test_a_period_that_cannot_be_is_refused_with_a_sentence(client, values):
    make_period()
    page = client.post(reverse("admin:reporting_period_add"), values)
    assert page.status_code == 200 and page.context["form"].errors
    assert Period.objects.count() == 1


@pytest.mark.parametrize("role", ["verifikator", "pimpinan", "staf_provinsi", "auditor"])
def test_others_look_and_change_nothing(client, role):
    period = make_period()
    client.force_login(make_user(role))
    for record in (period, period.form, Problem.objects.first()):
        page = client.get(url_of(record))
        assert page.status_code == 200 and 'name="_save"' not in page.content.decode()
        assert url_of(record, "history") in page.content.decode()
        assert client.post(url_of(record), {"name": "x", "title": "x"}).status_code == 403
        assert client.get(reverse(f"admin:reporting_{record._meta.model_name}_add")).status_code == 403
    assert client.get(url_of(period.form, "next")).status_code == 403


def test_reports_are_not_in_the_admin(client):
    page = client.get("/admin/reporting/")
    assert "regencyreport" not in page.content.decode()
    assert client.get("/admin/reporting/regencyreport/").status_code == 404

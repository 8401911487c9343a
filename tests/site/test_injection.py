"""No form of the admin sets a field that it does not show, whatever is sent along (promise P6)."""

from datetime import date

import pytest
from django.contrib import admin
from django.db import models
from django.urls import reverse

from assistance.models import DeadlineRule
from common.admin import VersionedAdmin
from cooperatives.models import CountingRule, InactivityRule, Kind, Sector
from progress.models import PerformanceRule
from reporting.models import Problem
from tests.assistance.aid import make_kind, make_programme, make_recipient
from tests.factories import (
    make_award,
    make_cooperative,
    make_figure,
    make_form,
    make_group,
    make_indicator,
    make_regency,
    make_return,
    make_source,
    make_territory,
    make_user,
)
from tests.filled_form import filled_form
from tests.progress.cards import make_criterion, make_rubric
from tests.reporting.reports import make_period, make_report_form

pytestmark = [pytest.mark.django_db, pytest.mark.same_on_both]

# Of every registered model: how a record is made, and a field of its form that is edited, so that the form is saved.
RECORDS = {
    "accounts.User": (lambda: make_user("auditor"), "full_name"),
    "assistance.AidKind": (make_kind, "synonyms"),
    "assistance.DeadlineRule": (
        lambda: DeadlineRule.objects.create(valid_from=date(2020, 1, 1), day=10, month=1, finding_days=60, basis="SOP"),
        "basis",
    ),
    "assistance.Programme": (make_programme, "note"),
    "assistance.Recipient": (lambda: make_recipient(kind="group"), "note"),
    "cooperatives.AnnualReturn": (lambda: make_return(make_cooperative(), 2023), "source"),
    "cooperatives.Cooperative": (make_cooperative, "note"),
    "cooperatives.CountingRule": (
        lambda: CountingRule.objects.create(valid_from=date(2020, 1, 1), day=1, month=7, basis="UU"),
        "basis",
    ),
    "cooperatives.Form": (make_form, "note"),
    "cooperatives.Group": (make_group, "note"),
    "cooperatives.InactivityRule": (
        lambda: InactivityRule.objects.create(valid_from=date(2020, 1, 1), years=3, basis="Dinas"),
        "basis",
    ),
    "cooperatives.Kind": (lambda: Kind.objects.create(name="Jasa"), "note"),
    "cooperatives.Sector": (lambda: Sector.objects.create(name="Jasa Lain"), "note"),
    "figures.Figure": (lambda: make_figure(5), "note"),
    "figures.Indicator": (make_indicator, "definition"),
    "figures.Source": (make_source, "title"),
    "progress.Award": (lambda: make_award(make_territory()), "note"),
    "progress.Criterion": (lambda: make_criterion(make_rubric()), "legal_basis"),
    "progress.PerformanceRule": (
        lambda: PerformanceRule.objects.create(valid_from=date(2020, 1, 1), lowest_grade="B", basis="Dinas"),
        "basis",
    ),
    "progress.Rubric": (make_rubric, "note"),
    "regions.Regency": (make_regency, "note"),
    "regions.Territory": (make_territory, "note"),
    "reporting.Period": (make_period, "locks_on", "31/12/2099", date(2099, 12, 31)),
    "reporting.Problem": (lambda: Problem.objects.create(name="Banjir"), "name"),
    "reporting.ReportForm": (make_report_form, "title"),
}
REGISTERED = {model._meta.label: model for model in admin.site._registry}


@pytest.fixture
def office(client):
    """An administrator, and a second row of what foreign keys point at, to inject its key."""
    client.force_login(make_user("administrator"))
    regency = make_regency("Suntikan")
    make_cooperative("KSP Suntikan", regency=regency, form=make_form(), group=make_group())
    make_award(make_territory("suntikan", regency=regency))
    return client


def stored(record):
    """Everything that is kept of a record."""
    now = type(record)._base_manager.filter(pk=record.pk).values().get()
    many = {field.name: sorted(getattr(record, field.name).values_list("pk", flat=True)) for field in m2m(record)}
    return now | many


def m2m(record):
    return record._meta.many_to_many


def other(field, value):
    """What a form would have to send to give the field another value than this."""
    if field.is_relation:
        held = value if isinstance(value, list) else [value]
        return str(field.related_model._base_manager.exclude(pk__in=held).values_list("pk", flat=True).last() or 1)
    if field.flatchoices:
        return next(str(key) for key, _label in field.flatchoices if key and key != value)
    if isinstance(field, models.BooleanField):
        return "" if value else "on"
    if isinstance(field, models.DateTimeField):
        return "2003-02-01 00:00:00"
    if isinstance(field, models.DateField):
        return "01/02/2003"
    if isinstance(field, models.JSONField):
        return "[1]"
    return "98765" if isinstance(field, models.IntegerField) else "suntikan"


def injected(client, record, edited, typed="Diubah", kept="Diubah"):
    """Names of the fields outside the form that changed when all of them were sent along with an edit."""
    url = reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_change", args=[record.pk])
    page = client.get(url)
    shown, own = filled_form(page, f"{record._meta.model_name}_form"), page.context["adminform"].form.fields
    assert edited in shown
    before, rows = stored(record), type(record)._base_manager.count()
    fields = [field for field in (*record._meta.concrete_fields, *m2m(record)) if field.name not in own]
    hidden = {field.name: other(field, before[field.attname]) for field in fields}
    assert hidden
    extra = {f"{name}_id": value for name, value in hidden.items()}
    response = client.post(url, extra | hidden | shown | {edited: typed})
    assert response.status_code == 302, response.context["adminform"].form.errors
    after = stored(record)
    assert after[edited] == kept, "control: the form was saved"
    assert type(record)._base_manager.count() == rows
    return {name for name in before if after[name] != before[name]} - {edited, "version", "updated_at"}


def test_every_registered_model_is_looked_at():
    assert set(RECORDS) == set(REGISTERED)


@pytest.mark.parametrize("label", sorted(REGISTERED))
def test_no_field_outside_the_form_can_be_set(office, label):
    make, *edit = RECORDS[label]
    assert injected(office, make(), *edit) == set()


def test_control_a_form_that_takes_whatever_comes_is_seen(office, monkeypatch):
    careful = VersionedAdmin.save_form

    def careless(self, request, form, change):
        record = careful(self, request, form, change)
        record.is_demo = "is_demo" in request.POST
        return record

    monkeypatch.setattr(VersionedAdmin, "save_form", careless)
    assert injected(office, make_source(), "title") == {"is_demo"}

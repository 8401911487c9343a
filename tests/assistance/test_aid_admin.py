"""The office's tables of aid in the admin: what is in use keeps what was built on it; new words are found."""

import pytest
from django.urls import reverse

from assistance.models import AidKind, Package, Programme, Recipient
from assistance.stages import Stage
from common.models import DataVersion
from tests.assistance.aid import at_stage, make_kind, make_programme, make_recipient, proposed
from tests.factories import make_regency, make_user
from tests.filled_form import filled_form

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client):
    client.force_login(make_user("administrator"))
    return client


def change(client, record, **values):
    """Send the change form of a record with these values; the response."""
    name = record._meta.model_name
    url = reverse(f"admin:assistance_{name}_change", args=[record.pk])
    return client.post(url, filled_form(client.get(url), f"{name}_form") | values)


def errors(response):
    return " ".join(str(error) for found in response.context["adminform"].form.errors.values() for error in found)


def test_packages_are_found_by_a_new_name_of_their_kind(office):
    package = at_stage(Stage.DECREED)
    before = DataVersion.objects.get(key="aid").number
    assert change(office, package.kind, name="Viar roda tiga").status_code == 302
    assert list(Package.objects.matching("viar roda")) == [package]
    assert DataVersion.objects.get(key="aid").number > before


def test_a_spelling_means_one_kind(office):
    make_kind("Gerobak PKL", nature="goods", synonyms="Rombong")
    other = make_kind("Kotak pendingin", nature="goods")
    assert "Gerobak PKL" in errors(change(office, other, synonyms="rombong"))


def test_a_kind_in_use_keeps_whether_it_has_units(office):
    package = proposed()
    values = {"has_units": ""}
    url = reverse("admin:assistance_aidkind_change", args=[package.kind_id])
    form = filled_form(office.get(url), "aidkind_form")
    form.pop("has_units")
    response = office.post(url, form)
    assert response.status_code == 200 and "has_units" in response.context["adminform"].form.errors, values
    assert AidKind.objects.get().has_units


def test_a_programme_with_packages_keeps_its_year_and_never_a_ceiling_below_what_is_taken(office):
    package = at_stage(Stage.BUDGETED)
    assert "tahun anggaran" in errors(change(office, package.programme, fiscal_year="2023"))
    assert "pagu" in errors(change(office, package.programme, ceiling="187.499.999"))
    assert change(office, package.programme, ceiling="187.500.000").status_code == 302
    assert Programme.objects.get().ceiling == 187_500_000


def test_a_recipient_with_aid_stays_who_it_is(office):
    recipient = proposed(recipient=make_recipient(kind="group", name="PKL Melak")).recipient
    assert change(office, recipient, kind="person").status_code == 200
    assert change(office, recipient, name="PKL Pasar Melak").status_code == 302
    recipient.refresh_from_db()
    assert recipient.name_key == "pkl pasar melak"
    assert Package.objects.matching("pasar melak").exists()


def test_a_cooperative_receives_in_its_own_regency(office):
    recipient = make_recipient()
    other = make_regency("Berau")
    assert "berkedudukan" in errors(change(office, recipient, regency=str(other.pk)))


def test_nik_has_its_shape(office):
    recipient = make_recipient(kind="person")
    assert "16 angka" in errors(change(office, recipient, nik_ktp="123"))


def test_nothing_of_aid_is_deleted(office):
    package = proposed()
    for record in (package.kind, package.programme, package.recipient):
        url = reverse(f"admin:assistance_{record._meta.model_name}_delete", args=[record.pk])
        assert office.post(url, {"post": "yes"}).status_code == 403
    assert Recipient.objects.exists() and make_programme().pk

"""The sheet of labels: a code in letters and as QR that leads to the public page, and nothing private."""

import pytest
from django.conf import settings
from django.urls import reverse

from assistance import labels as sheet
from assistance.labels import Label, labels
from assistance.stages import Stage
from common import paper
from tests.assistance.aid import add_units, at_stage, leaks, make_kind, with_canaries
from tests.assistance.paper import pages, text
from tests.factories import make_regency, make_user

pytestmark = pytest.mark.django_db

REAL = paper.QrCodeWidget


@pytest.fixture
def staff(client):
    person = make_user("staf_provinsi", "pengisi")
    client.force_login(person)
    return person


@pytest.fixture
def drawn(monkeypatch):
    addresses = []
    monkeypatch.setattr(paper, "QrCodeWidget", lambda value, **more: addresses.append(value) or REAL(value, **more))
    return addresses


def made(count, **values):
    values = {"kind": "Sepeda motor roda tiga", "year": "2024", **values}
    return [Label(f"2345-6789-{n:04}", address=f"http://x/{n}/", **values) for n in range(count)]


def test_each_unit_has_its_code_kind_year_and_office_and_its_address_as_qr(client, staff, drawn):
    units = add_units(at_stage(Stage.PROCURED))
    address = reverse("package_labels", args=[units[0].package_id])
    response = client.get(address, headers={"host": "localhost"})
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == f'attachment; filename="label-{units[0].package_id}-1.pdf"'
    assert response["Cache-Control"] == "private, no-store"
    said = text(response.content)
    assert drawn == [f"http://localhost/bantuan/unit/{unit.code}/" for unit in units]
    for unit in units:
        assert said.count(unit.code) == 1
    assert said.count("2024") == 5
    assert said.count(settings.OFFICE_SHORT_NAME.split()[0]) == 5


def test_the_address_is_the_portals_own_where_the_office_says_which(client, staff, drawn, settings):
    settings.SITE_URL = "https://koperasi.example.go.id"
    unit = add_units(at_stage(Stage.PROCURED))[0]
    client.get(reverse("package_labels", args=[unit.package_id]))
    assert drawn[0] == f"https://koperasi.example.go.id/bantuan/unit/{unit.code}/"


def test_nothing_private_stands_on_them_or_in_their_file(client, staff):
    unit = with_canaries()
    content = client.get(reverse("package_labels", args=[unit.package_id])).content
    assert unit.code in text(content)
    assert leaks(text(content)) == []
    assert leaks(content.decode("latin-1")) == []
    bast = client.get(reverse("handover_bast", args=[unit.handover_id])).content
    assert leaks(text(bast)), "control: private papers do hold them"


@pytest.mark.parametrize(("count", "sheets"), [(0, 1), (1, 1), (24, 1), (25, 2), (200, 9)])
def test_twenty_four_stand_on_a_sheet(count, sheets):
    said = pages(labels(made(count)))
    assert len(said) == sheets
    assert sum(page.count("2345-6789-") for page in said) == count
    assert said[0]


def test_two_prints_are_equal():
    assert labels(made(30)) == labels(made(30))


def test_long_and_strange_words_stay_on_their_label():
    kind = "Ș\u0142 ア <b>mesin</b> pengemas " + "makanan ringan otomatis serbaguna " * 6 + "x" * 90
    said = text(labels(made(3, kind=kind)))
    assert said.count("2345-6789-") == 3
    assert "<b>mesin</b>" in said and "…" in said
    assert max(len(line) for line in sheet._wrapped("y" * 500, "Helvetica", 8, sheet.WIDTH / 2)) < 100


def test_what_no_file_holds_comes_in_parts(client, staff, monkeypatch):
    monkeypatch.setattr(sheet, "PER_FILE", 2)
    units = add_units(at_stage(Stage.PROCURED))
    address = reverse("package_labels", args=[units[0].package_id])
    parts = [text(client.get(address, {"bagian": part}).content) for part in (1, 2, 3)]
    assert [sum(unit.code in part for unit in units) for part in parts] == [2, 2, 1]
    for odd in ("", "x", "-1", "99999999999999999999"):
        assert client.get(address, {"bagian": odd}).status_code == 200


def test_an_officer_prints_those_of_the_own_regency_only(client):
    unit = add_units(at_stage(Stage.PROCURED, kind=make_kind()))[0]
    address = reverse("package_labels", args=[unit.package_id])
    client.force_login(make_user("petugas", regency=unit.package.regency))
    assert client.get(address).status_code == 200
    client.force_login(make_user("petugas", "jauh", regency=make_regency("Berau")))
    assert client.get(address).status_code == 404
    client.force_login(make_user("auditor"))
    assert client.get(address).status_code == 403

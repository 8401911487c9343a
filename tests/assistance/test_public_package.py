"""The public page of one package, and what is in no public answer about aid."""

import io
import zipfile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assistance.models import Holding, Package, Recipient, Unit
from assistance.stages import Stage
from tests.assistance.aid import at_stage, make_recipient, proposed
from tests.factories import make_regency

pytestmark = pytest.mark.django_db

NAME, GROUP = "Zubaidah Rahasiawati", "Kelompok Anggrek"
CANARIES = (
    NAME,
    "Zubaidah",
    "6472015708900003",
    "0812-5550-1234",
    "Jl. Rumah Rahasia 7",
    "Rek 0011223344",
    "MH3RANGKA001",
    "MESIN00234",
    "KT 4321 XX",
    "SERI-777-A",
    "catatan-dalam",
    "tempat-unit-rahasia",
    "alasan-rahasia",
    "Ibu Ketua",
    "Pemegang Rahasia",
)


@pytest.fixture
def planted():
    recipient = make_recipient(
        NAME,
        kind="person",
        regency=make_regency("Kutai Barat"),
        group_name=GROUP,
        nik_ktp="6472015708900003",
        phone="0812-5550-1234",
        contact="Zubaidah",
        address="Jl. Rumah Rahasia 7",
        bank_account="Rek 0011223344",
        note="catatan-dalam",
    )
    package = at_stage(Stage.HANDED_OVER, recipient=recipient)
    # bare update: canaries are planted past all rules.
    Package.objects.filter(pk=package.pk).update(note="catatan-dalam")
    Unit.objects.filter(package=package).update(
        frame_number="MH3RANGKA001",
        engine_number="MESIN00234",
        plate_number="KT 4321 XX",
        serial_number="SERI-777-A",
        place="tempat-unit-rahasia",
        repeat_reason="alasan-rahasia",
    )
    Holding.objects.filter(unit__package=package).update(holder="person", name="Pemegang Rahasia")
    package.steps.update(reason="alasan-rahasia", earlier_reason="alasan-rahasia")
    return package


def text_of(response):
    body = b"".join(response.streaming_content) if response.streaming else response.content
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            body = b"".join(book.read(name) for name in book.namelist())
    return body.decode()


def test_nothing_private_is_in_any_public_answer(client, planted):
    seen = ""
    addresses = ["/bantuan/", "/bantuan/?q=anggrek", f"/bantuan/{planted.pk}/", f"/en/bantuan/{planted.pk}/"]
    addresses += [
        f"/bantuan/?isi={what}&format={form}"
        for what in ("", "unit", "penerima", "wilayah")
        for form in ("csv", "xlsx", "json")
    ]
    addresses += [
        f"/api/v1/aid/{name}/" for name in ("packages", "units", "programmes", "kinds", f"packages/{planted.pk}")
    ]
    for address in addresses:
        response = client.get(address)
        assert response.status_code == 200, address
        text = text_of(response)
        seen += text
        for canary in CANARIES:
            assert canary not in text, f"{canary} in {address}"
    # The net catches: what is public was in those answers.
    assert GROUP in seen and planted.units.first().code in seen


def test_a_search_finds_nobody_by_what_is_private(client, planted):
    for canary in ("Zubaidah", "MH3RANGKA001", "Rumah Rahasia"):
        assert client.get("/api/v1/aid/packages/", {"q": canary}).json()["results"] == []


@pytest.mark.parametrize("address", ["/bantuan/{}/", "/api/v1/aid/packages/{}/"])
def test_what_is_not_public_is_not_there(client, address):
    draft = proposed()
    for pk in (draft.pk, 999_999, 2**63):
        assert client.get(address.format(pk)).status_code == 404


def test_units_have_pages_and_cost_the_same_queries(client):
    few, many = at_stage(Stage.HANDED_OVER, quantity=2), at_stage(Stage.HANDED_OVER, quantity=30)
    costs = []
    for package in (few, many):
        with CaptureQueriesContext(connection) as asked:
            assert client.get(f"/bantuan/{package.pk}/").status_code == 200
        costs.append(len(asked))
    assert costs[0] == costs[1]
    assert client.get(f"/bantuan/{many.pk}/?page=2").status_code == 200
    assert client.get(f"/bantuan/{many.pk}/?page=3").status_code == 404


def test_a_late_use_report_is_counted_in_days(client):
    package = at_stage(Stage.HANDED_OVER)
    page = client.get(f"/en/bantuan/{package.pk}/").content.decode()
    assert "Use report overdue" in page
    assert "days late" in page


def test_a_group_is_named_and_a_person_is_not():
    assert Recipient(kind="person", name=NAME).public_name.startswith("Z. R.")

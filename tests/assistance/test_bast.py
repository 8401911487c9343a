"""The handover minutes: what the record knows is filled in, what it does not is a line to write on."""

from datetime import date

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import translation

from assistance.bast import Minutes, bast
from assistance.models import Package, Unit
from assistance.models.unit import IDENTIFIERS
from assistance.stages import Stage
from common.in_words import day_in_words, number_in_words
from tests.assistance.aid import (
    PRIVATE,
    add_units,
    at_stage,
    fresh,
    handed,
    make_kind,
    make_recipient,
    with_canaries,
)
from tests.assistance.paper import pages, text
from tests.factories import make_regency, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client):
    person = make_user("staf_provinsi", "pengisi")
    client.force_login(person)
    return person


def minutes_of(client, handover):
    return client.get(reverse("handover_bast", args=[handover.pk]))


def test_it_says_number_day_in_words_parties_programme_and_every_number_of_the_units(client, staff):
    unit = with_canaries()
    handover = unit.handover
    response = minutes_of(client, handover)
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == f'attachment; filename="bast-{unit.package_id}-{handover.pk}.pdf"'
    assert response["Cache-Control"] == "private, no-store"
    said = text(response.content)
    for one in (
        settings.OFFICE_NAME,
        handover.document.number,
        "Senin, tanggal delapan belas bulan November tahun dua ribu dua puluh empat (18 November 2024)",
        "Ibu Ketua",
        "Siti Kenariwati",
        "Jalan Tersembunyi 12",
        "Sepeda motor roda tiga",
        "2 (dua) unit",
        "Rp 37.500.000",
        "Program sarana usaha koperasi, 2024",
        "APBD Provinsi",
        "Kutai Barat",
        "Viar Karya 200",
    ):
        assert one in said, one
    # A long number may fill two lines of its narrow column.
    joined = said.replace(" ", "")
    for one in (unit.code, *(PRIVATE[name] for name in IDENTIFIERS)):
        assert one.replace(" ", "") in joined, one
    assert len(pages(response.content)) == 1
    for one in (PRIVATE["place"], "6472011203450001", "081299887766", "BNI 9988776655"):
        assert one not in said, "what is not needed on it"


def test_before_the_handover_it_prints_what_is_left_with_number_and_day_blank(client, staff):
    package = at_stage(Stage.PROCURED)
    units = add_units(package)
    given, left = units[:2], units[2:]
    handed(package, 2, units=given)
    said = text(client.get(reverse("package_bast", args=[package.pk])).content)
    assert "....." in said and "3 (tiga) unit" in said
    assert all(unit.code in said for unit in left)
    assert not any(unit.code in said for unit in given)
    assert "tahun dua ribu" not in said


def test_a_handover_that_was_entered_takes_its_units_from_the_blank_one(client, staff):
    package = at_stage(Stage.PROCURED)
    handover = handed(package, 2, confirm=False)
    blank = text(client.get(reverse("package_bast", args=[package.pk])).content)
    entered = text(minutes_of(client, handover).content)
    for unit in handover.units.all():
        assert unit.code in entered and unit.code not in blank
    handover.reject(by=make_user("verifikator"), reason="Salah hitung")
    assert minutes_of(client, handover).status_code == 404, "what was rejected is no handover"


def test_each_column_of_numbers_stands_where_the_kind_needs_it_or_a_unit_has_one(client, staff):
    kind = make_kind("Gerobak", nature="goods", has_frame_number=False)
    bare = at_stage(Stage.PROCURED, kind=kind)
    add_units(bare)
    needy = at_stage(Stage.PROCURED, kind=make_kind("Motor", has_frame_number=True))
    add_units(needy)
    heads = [text(client.get(reverse("package_bast", args=[one.pk])).content) for one in (bare, needy)]
    assert not any("rangka" in head.lower() or "frame number" in head.lower() for head in heads[:1])
    assert "rangka" in heads[1].lower() or "frame number" in heads[1].lower()


def test_aid_without_units_has_its_quantity_alone(client, staff):
    kind = make_kind("Fasilitasi izin", nature="permit", has_units=False, has_procurement=False)
    package = at_stage(Stage.DECREED, kind=kind)
    handover = handed(package)
    said = text(minutes_of(client, handover).content)
    assert "5 (lima)" in said and "Fasilitasi izin" in said


def test_two_hundred_units_have_their_head_on_each_page():
    package = at_stage(Stage.PROCURED, quantity=200)
    units = tuple(Unit(maker="Viar", type="Karya 200", year=2024, frame_number=f"R{n:04}") for n in range(200))
    made = bast(Minutes(package=fresh(package), units=units, quantity=200, number="045", day=date(2024, 11, 18)))
    said = pages(made)
    assert len(said) > 3
    listed = [page for page in said if "R0" in page]
    head = "Kode unit" if "Kode unit" in said[0] else "Unit code"
    assert all(head in page for page in listed)
    assert all(f"R{n:04}" in " ".join(said) for n in range(200))
    for at, page in enumerate(said, start=1):
        assert {str(at), str(len(said))} <= set(page.split()) and "045" in page


def test_old_aid_with_almost_nothing_known_can_be_printed():
    package = Package(pk=7, kind=make_kind(), is_historical=True)
    said = text(bast(Minutes(package=package, units=(), quantity=None)))
    assert "Sepeda motor roda tiga" in said and "None" not in said


def test_two_prints_are_equal(client, staff):
    handover = handed(at_stage(Stage.PROCURED))
    assert minutes_of(client, handover).content == minutes_of(client, handover).content


def test_strange_letters_and_markup_break_nothing():
    recipient = make_recipient("KSU <b>Ș\u0142 ア</b> & Mitra")
    package = at_stage(Stage.PROCURED, recipient=recipient)
    made = Minutes(package=fresh(package), units=(), quantity=5, received_by="<i>Ibu</i> & Bapak", number="a<b>/1")
    said = text(bast(made))
    assert "<i>Ibu</i> & Bapak" in said and "a<b>/1" in said


def test_an_officer_and_whoever_only_reads_get_none(client):
    handover = handed(at_stage(Stage.PROCURED))
    regency = handover.package.regency
    for role, more in (("petugas", {"regency": regency}), ("verifikator", {}), ("pimpinan", {}), ("auditor", {})):
        client.force_login(make_user(role, f"{role}.baca", **more))
        assert minutes_of(client, handover).status_code == 403, role
        assert client.get(reverse("package_bast", args=[handover.package_id])).status_code == 403, role


def test_a_foreign_package_answers_like_one_that_does_not_exist(client, monkeypatch):
    """No role that prints is bound to a regency: the second wall, seen with the first one taken away."""
    handover = handed(at_stage(Stage.PROCURED))
    person = make_user("petugas", regency=make_regency("Berau"))
    monkeypatch.setattr(type(person), "has_perms", lambda self, *args, **more: True)
    client.force_login(person)
    for name, pk in (("handover_bast", handover.pk), ("package_bast", handover.package_id)):
        assert client.get(reverse(name, args=[pk])).status_code == 404
        assert client.post(reverse(name, args=[pk])).status_code == 405


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "nol"),
        (1, "satu"),
        (10, "sepuluh"),
        (11, "sebelas"),
        (12, "dua belas"),
        (19, "sembilan belas"),
        (20, "dua puluh"),
        (21, "dua puluh satu"),
        (100, "seratus"),
        (111, "seratus sebelas"),
        (999, "sembilan ratus sembilan puluh sembilan"),
        (1000, "seribu"),
        (1100, "seribu seratus"),
        (2024, "dua ribu dua puluh empat"),
        (11_000, "sebelas ribu"),
        (100_000, "seratus ribu"),
        (1_000_001, "satu juta satu"),
    ],
)
def test_a_number_in_words(number, said):
    assert number_in_words(number) == said


@pytest.mark.parametrize("number", [-1, 10**9])
def test_a_number_that_no_paper_counts_is_refused(number):
    with pytest.raises(ValueError, match=str(number)):
        number_in_words(number)


def test_a_day_in_words_whatever_the_reader_speaks():
    with translation.override("en"):
        assert day_in_words(date(2026, 1, 2)) == "Jumat, tanggal dua bulan Januari tahun dua ribu dua puluh enam"

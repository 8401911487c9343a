"""Export, import, export: the same values, whatever the register holds; and a file that LibreOffice has saved."""

import csv
import io
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from common.dates import today
from common.text import fold
from cooperatives.models import Cooperative, DistinctPair, Form, Kind, Sector, Status, StatusPeriod
from cooperatives.models.cooperative import register
from imports import progress, tasks
from imports.headings import UNDECIDED
from imports.models import ImportBatch, ImportRow
from imports.receiving import receive
from tests.factories import make_form, make_group, make_regency, make_user

pytestmark = pytest.mark.django_db

LIBREOFFICE = Path(__file__).parent / "saved_by_libreoffice"
# Another database gives other numbers and another moment; whether data is invented is that database's own matter.
ITS_OWN = {"Id", "Alamat halaman", "Berubah pada"}

# What a person could type and the register accepts, with what spreadsheets stumble over at its beginning.
START = st.sampled_from(["", "", "=", "+", "-", "@", "'", "'=", "0", "1e5 ", "  "])
LETTERS = st.text(
    st.characters(codec="utf-8", categories=("Lu", "Ll", "Nd", "Zs", "Po"), max_codepoint=0x24F), max_size=12
)
WORDS = st.builds(lambda start, rest: " ".join(f"{start}{rest}".split()), START, LETTERS)
DAYS = st.dates(date(1901, 1, 1), date(2020, 12, 31))


def _acceptable(text):
    """Whether the form would take it: one word does not mix alphabets, and a lone dash means nothing."""
    return text not in {"-", "–", "—"} and text.casefold() != "(kosong)"


TEXT = WORDS.filter(_acceptable)


@st.composite
def registers(draw, vocabulary):
    """Up to five cooperatives as dictionaries; no two with one name in one regency."""
    rows = draw(
        st.lists(_cooperative(vocabulary), max_size=5, unique_by=lambda row: (fold(row["name"]), row["regency"]))
    )
    for number, row in enumerate(rows):
        row["nomor_induk_koperasi"] = f"0{number:012}" if draw(st.booleans()) else None
        row["legal_number"] = f"{number}/BH/2010" if draw(st.booleans()) else ""
    return rows


@st.composite
def _cooperative(draw, vocabulary):
    founded = draw(st.none() | DAYS)
    health = draw(st.sampled_from(["", *Cooperative.Health.values]))
    place = draw(st.none() | st.tuples(st.integers(-299, 499), st.integers(11300, 12000)))
    one = {name: draw(st.none() | st.sampled_from(rows)) for name, rows in vocabulary.items()}
    return one | {
        "name": draw(TEXT.filter(fold)),
        "founded_on": founded,
        "legal_on": draw(st.none() | st.dates(founded, date(2021, 12, 31))) if founded else None,
        "certificate_on": draw(st.none() | DAYS),
        "iusp_number": draw(TEXT),
        "nib": draw(st.just("") | st.from_regex(r"[0-9]{13}", fullmatch=True)),
        "loop": draw(st.sampled_from(["", *Cooperative.Loop.values])),
        "management": draw(st.sampled_from(["", *Cooperative.Management.values])),
        "district": draw(TEXT),
        "village": draw(TEXT.filter(bool)),
        "address": draw(TEXT),
        "postal_code": draw(st.just("") | st.from_regex(r"[0-9]{5}", fullmatch=True)),
        # As published: what was rounded away cannot come back.
        "latitude": Decimal(place[0]) / 100 if place else None,
        "longitude": Decimal(place[1]) / 100 if place else None,
        "website": draw(st.sampled_from(["", "https://contoh.id/", "http://contoh.id/a?b=c&d=%20"])),
        "is_merah_putih": draw(st.booleans()),
        "health": health,
        "health_on": draw(st.none() | DAYS) if health else None,
        "health_source": (draw(TEXT) or "Dinas") if health else "",
        "status": draw(st.sampled_from([one for one in Status if one != Status.MERGED])),
        "since": draw(st.none() | st.dates(founded or date(1990, 1, 1), today())),
    }


def put(rows):
    for row in rows:
        status, since = row.pop("status"), row.pop("since")
        register(Cooperative(**row), status=status, since=since, basis="", by=None)


def export(client, form):
    cache.clear()
    response = client.get("/koperasi/", {"format": form})
    return b"".join(response.streaming_content)


def table(file, form):
    """The exported rows without what each database decides for itself."""
    if form == "csv":
        head, *rows = csv.reader(io.StringIO(file.decode()))
    else:
        head, *rows = CalamineWorkbook.from_filelike(io.BytesIO(file)).get_sheet_by_index(0).to_python()
    kept = [index for index, heading in enumerate(head) if heading not in ITS_OWN]
    assert len(kept) == len(head) - len(ITS_OWN)
    return sorted([str(row[index]) for index in kept] for row in rows)


def imported(file, form, by):
    """The batch of an export that was uploaded, read and checked; nothing was left to decide."""
    batch = receive(ContentFile(file, f"koperasi.{form}"), kind="koperasi", by=by)
    for step in (progress.READ, progress.CHECK):
        if step == progress.CHECK:
            assert UNDECIDED not in batch.columns
            batch.step(ImportBatch.State.READ, constants={"distinct_reason": "dua koperasi"})
        assert tasks.do(step, batch, by=by), batch.failure
    return batch


def empty():
    for model in (DistinctPair, StatusPeriod, StatusPeriod.history.model, Cooperative, Cooperative.history.model):
        model.objects.all().delete()


@pytest.fixture
def vocabulary():
    kinds = [Kind.objects.create(name=name) for name in ("Jasa", "Simpan Pinjam")]
    return {
        "form": [make_form(), make_form(Form.Level.PROVINCE)],
        "kind": kinds,
        "group": [make_group("Serba Usaha", abbreviation="KSU"), make_group("Rakyat (Kopra)")],
        "sector": [Sector.objects.create(name="Pertanian, Kehutanan; dan Perikanan")],
        "regency": [make_regency("Berau", kemendagri_code="64.03", bps_code="6405"), make_regency("Kutai Barat")],
    }


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_export_that_is_imported_again_changes_nothing_and_fills_an_empty_register_alike(client, vocabulary, form):
    by = make_user("administrator")

    @settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(registers(vocabulary))
    def holds(rows):
        with transaction.atomic():
            put(rows)
            before = export(client, form)
            if rows:
                again = imported(before, form, by)
                assert [row.action for row in again.checked_rows] == [ImportRow.Action.UNCHANGED] * len(rows), [
                    (row.after, row.problems) for row in again.checked_rows
                ]
                empty()
                fresh = imported(before, form, by)
                assert tasks.do(progress.APPLY, fresh, by=by), [row.problems for row in fresh.checked_rows]
                assert table(export(client, form), form) == table(before, form)
            transaction.set_rollback(True)

    holds()


def test_control_an_export_that_loses_a_zero_is_noticed(client, vocabulary):
    by = make_user("administrator")
    register(Cooperative(name="KSP Nol", postal_code="01234"), status="active", since=None, basis="", by=None)
    file = export(client, "csv").replace(b"01234", b"1234")
    assert [row.action for row in imported(file, "csv", by).checked_rows] == [ImportRow.Action.REFUSED]


@pytest.mark.parametrize("form", ["xlsx", "ods"])
def test_an_export_that_libreoffice_has_saved_still_imports(form):
    """The files are an export of three records, opened and saved by LibreOffice 7.4."""
    call_command("load_starter", verbosity=0)
    by = make_user("administrator")
    batch = imported((LIBREOFFICE.with_suffix(f".{form}")).read_bytes(), form, by)
    assert [(row.action, row.problems) for row in batch.checked_rows] == [(ImportRow.Action.NEW, [])] * 3
    assert tasks.do(progress.APPLY, batch, by=by)
    maju, formula, odd = Cooperative.objects.order_by("pk")
    assert (maju.nomor_induk_koperasi, maju.nib, maju.postal_code) == ("0275070060001", "0000000000001", "01234")
    assert (maju.legal_on, maju.founded_on, maju.status_since) == (
        date(2010, 3, 2),
        date(1999, 12, 31),
        date(2013, 9, 11),
    )
    assert (maju.regency.slug, maju.group.name) == ("kutai-kartanegara", "Serba Usaha")
    assert (maju.latitude, maju.longitude) == (Decimal("-0.5"), Decimal("117.15"))
    assert (formula.name, formula.district, formula.village) == ("=1+1 Koperasi", "'-satu", "+62")
    assert (formula.is_merah_putih, formula.website) == (True, "https://contoh.id/?a=1&b=2")
    assert (odd.name, odd.address) == ("KUD Ünï “Café” 1.234", 'Jl. A²; "B", C')
    assert (odd.founded_on, odd.status, odd.health_source) == (date(1900, 2, 1), "dissolved", "1e5")

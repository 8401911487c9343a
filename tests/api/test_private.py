"""What is private appears nowhere: planted in every private column, looked for in every public answer."""

import io
import zipfile
from datetime import date

import pytest

from cooperatives import public_fields
from cooperatives.merging import merge
from cooperatives.models import AnnualReturn, BoardMember, Cooperative, DeedAmendment, FormerName, StatusPeriod
from reporting import columns as report_columns
from reporting.models import RegencyReport, ReportValue
from tests.factories import make_cooperative, make_group, make_regency, make_return, make_user
from tests.reporting.reports import approved, make_report, typed, wita

pytestmark = pytest.mark.django_db

NIK = "6472015708900003"
PHONE, OTHER_PHONE, BOARD_PHONE = "0812-5550-1234", "0541-777333", "0813-4443-9999"
EMAIL, BOARD_EMAIL = "ketua.rahasia@contoh-surel.id", "bendahara.rahasia@contoh-surel.id"
HOME = "Jl. Rumah Rahasia No. 7 RT 12"
ACCOUNT = "Rekening Bankaltimtara 0011223344"
BORN = "lahir 17 Agustus 1990"
WHY, WHO = "alasan-batal-rahasia", "petugas.rahasia"
LATITUDE, LONGITUDE = "-0.502371", "117.153801"
NOTE = f"NIK {NIK}, {HOME}, {ACCOUNT}, {BORN}"
CANARIES = (
    NIK,
    PHONE,
    OTHER_PHONE,
    BOARD_PHONE,
    EMAIL,
    BOARD_EMAIL,
    HOME,
    ACCOUNT,
    "0011223344",
    BORN,
    WHY,
    WHO,
    LATITUDE,
    LONGITUDE,
    "502371",
    "153801",
)
# The column that is public instead: a coordinate of two decimals, a name, a term.
PUBLIC = ("KSU Kenari", "Nama Pengurus Umum", "117.15")


@pytest.fixture
def planted():
    by = make_user("verifikator", username=WHO)
    one = make_cooperative(
        "KSU Kenari",
        regency=make_regency("Samarinda", slug="samarinda"),
        group=make_group("Serba Usaha"),
        email=EMAIL,
        phone=PHONE,
        other_phone=OTHER_PHONE,
        note=NOTE,
        latitude=LATITUDE,
        longitude=LONGITUDE,
        since=date(2000, 1, 1),
        founded_on=date(2000, 1, 1),
        by=by,
    )
    BoardMember.objects.create(
        cooperative=one, name="Nama Pengurus Umum", position="chair", phone=BOARD_PHONE, email=BOARD_EMAIL
    )
    FormerName.objects.create(cooperative=one, name="KSU Lama")
    DeedAmendment.objects.create(cooperative=one, number="1/PAD", note=NOTE[:200])
    make_return(one, 2024, members=3)
    voided = make_cooperative("KSU Batal", email=EMAIL, note=NOTE, phone=PHONE)
    voided.void(reason=WHY, by=by)
    double = make_cooperative("KSU Kenari", note=NOTE)
    merge(double, into=one, reason=WHY, by=by)
    said = typed(why={"inspected": NOTE}, labour=None, na={"labour": f"{WHY} {PHONE}"}, act=NOTE)
    report = approved(make_report(make_regency("Berau"), is_open=False), by=by, said=said, now=wita(2026, 1, 8))
    report.reopen(by=by, reason=WHY, now=wita(2026, 1, 9))
    return one, voided, double


def reports():
    period = "/statistik/pelaporan/2025-t4/"
    return [
        "/statistik/pelaporan/",
        "/statistik/pelaporan/?format=csv",
        period,
        f"{period}?isi=nilai&format=xlsx",
        f"{period}?baris=inspected",
        f"{period}berau/",
        f"{period}berau/?format=json",
        "/statistik/pelaporan/bukti/2025-t4-berau-1/",
        "/api/v1/reports/",
        f"/api/v1/reports/{RegencyReport.objects.public().get().pk}/",
        "/api/v1/figures/?limit=100",
        "/statistik/inspected/",
    ]


def addresses(one, voided, double):
    details = [f"/koperasi/{record.pk}-{record.slug}/" for record in (one, voided, double)]
    api = [f"/api/v1/cooperatives/{record.pk}/" for record in (one, voided, double)]
    files = [f"/koperasi/?format={form}" for form in ("csv", "json", "xlsx")]
    return [
        "/",
        "/koperasi/",
        "/koperasi/?q=kenari",
        "/cek/?q=kenari",
        "/wilayah/",
        "/wilayah/samarinda/",
        "/statistik/",
        "/statistik/rekap/",
        *details,
        *[f"/en{address}" for address in details],
        *api,
        *files,
        "/koperasi/?format=csv&pemisah=titik-koma",
        "/api/v1/cooperatives/",
        "/api/v1/returns/",
        "/api/schema/",
        *reports(),
    ]


def text_of(response):
    body = b"".join(response.streaming_content) if response.streaming else response.content
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            body = b"".join(book.read(name) for name in book.namelist())
    return body.decode() + "\n".join(f"{name}: {value}" for name, value in response.headers.items())


def test_no_public_answer_holds_anything_private(client, planted):
    seen = ""
    for address in addresses(*planted):
        response = client.get(address)
        assert response.status_code in (200, 301, 410), address
        text = text_of(response)
        seen += text
        for canary in CANARIES:
            assert canary not in text, f"{canary} in {address}"
    # The net catches: what is public was in those answers.
    for word in PUBLIC:
        assert word in seen


def test_what_is_private_cannot_be_asked_for(client, planted):
    for name in ("email", "phone", "other_phone", "note", "void_reason", "by", "history", "search", "board__phone"):
        for address in ("/api/v1/cooperatives/", f"/api/v1/cooperatives/{planted[0].pk}/"):
            assert client.get(address, {"fields": name}).status_code == 400
            assert client.get(address, {name: "x"}).status_code == 400


def test_a_search_finds_nobody_by_what_is_private(client, planted):
    for canary in (PHONE, EMAIL, HOME, ACCOUNT):
        response = client.get("/api/v1/cooperatives/", {"q": canary})
        assert response.status_code == 200
        assert response.json()["results"] == []


PRIVATE = {
    Cooperative: {"email", "phone", "other_phone", "note", "void_reason", "search", "name_key", "same_as", "voided_at"},
    BoardMember: {"phone", "email"},
    StatusPeriod: {"by", "recorded_at"},
    AnnualReturn: set(),
    DeedAmendment: {"note"},
    FormerName: set(),
    # When it was last submitted says what came after the approval; the submission that was approved has its own moment.
    # The due day that held then is told as "late" and days late.
    RegencyReport: {"status", "typed", "saved_at", "saved_by", "submitted_at", "was_due_on"},
    ReportValue: {"report", "line", "register_value", "is_unavailable", "explanation"},
}


@pytest.mark.parametrize(
    ("model", "columns"),
    [
        (Cooperative, public_fields.COOPERATIVE),
        (BoardMember, public_fields.BOARD_MEMBER),
        (StatusPeriod, public_fields.STATUS_PERIOD),
        (AnnualReturn, public_fields.RETURN),
        (DeedAmendment, public_fields.DEED_AMENDMENT),
        (FormerName, public_fields.FORMER_NAME),
        (RegencyReport, report_columns.PUBLISHED),
        (ReportValue, report_columns.ANSWER),
    ],
)
def test_every_column_of_the_database_is_public_or_private_by_decision(model, columns):
    """A column that is added later stands on neither list: somebody has to decide."""
    public = {column.path.partition("__")[0].removesuffix("_id") for column in columns}
    machinery = {"id", "version", "created_at", "cooperative"}
    stored = {field.name for field in model._meta.fields} - machinery
    assert not PRIVATE[model] & public
    assert stored - public == PRIVATE[model]

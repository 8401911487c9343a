"""Input that wants to break, to leak or to be taken for something else, over every public page at once.

What belongs to one page or one parser is tested beside it: the address itself in test_errors, filters in
tests/cooperatives, numbers, dates and text in tests/common, the sign-in in tests/accounts.
"""

import csv
import html
import io
import itertools
import json
import logging
from datetime import date
from decimal import Decimal
from urllib.parse import urlencode

import pytest
from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.test import Client, RequestFactory
from django.urls import reverse

from common.fields import IdentityNumberField, TextField
from cooperatives.models import BoardMember, FormerName, Status
from cooperatives.public_fields import COOPERATIVE
from cooperatives.summary import publish
from tests.factories import (
    make_award,
    make_cooperative,
    make_figure,
    make_form,
    make_group,
    make_regency,
    make_return,
    make_territory,
    make_user,
)
from tests.filled_form import filled_form
from tests.xlsx import sheets

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor():
    return Client(raise_request_exception=False)


@pytest.fixture
def staff():
    client = Client(raise_request_exception=False)
    client.force_login(make_user("staf_provinsi", "staf", password="tujuh kapal ulin biru"))
    return client


# -- No question brings a fault -----------------------------------------------------------------------

PAGES = """
    / /koperasi/ /cek/ /wilayah/ /wilayah/kutai-barat/ /statistik/ /statistik/cooperatives/ /statistik/rekap/
    /statistik/pelaporan/ /api/v1/cooperatives/ /api/v1/returns/ /api/v1/figures/ /api/v1/reports/ /api/v1/indicators/
    /api/v1/regencies/ /api/v1/territories/ /api/v1/meetings/ /api/v1/follow-ups/ /api/v1/aid/packages/
    /api/v1/aid/units/ /bantuan/ /bantuan/unit/ /rapat/ /rapat/janji/ /rapat/kalender.ics
    /kemajuan/ /kemajuan/kutai-barat/ /kemajuan/diumumkan/ /kemajuan/predikat/ /kemajuan/potret/ /kemajuan/ringkasan.pdf
    /api/v1/progress/scorecard/ /api/v1/progress/announced/
""".split()
NAMES = """
    q page p per ukuran wilayah status kelompok bentuk jenis sektor grade merah_putih kantor berdiri rat audit ordering
    o format pemisah after limit fields search tahun
    periode keadaan isi putaran program kode rubrik urut sejak rat_tiga_tahun diaktifkan dibubarkan
""".split()
EXPORT = "/admin/cooperatives/cooperative/ekspor/"
ODD = [
    "%",
    "_",
    "%_%",
    "a" * 5000,
    "1" * 400,
    str(10**30),
    "-1",
    "0",
    "1e3",
    "NaN",
    "٣",
    "password",
    "-password",
    "user__password",
    "' OR 1=1--",
    "'; DROP TABLE cooperatives_cooperative; --",
    "{{7*7}}",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "2024-02-30",
    "9999-12-31",
    "0001-01-01",
    "\u202e",
    "\u200b",
    "🌳",
    "[]",
    "",
    "\\",
    "\r\nX-Evil: 1",
]


def faults(client, pages=PAGES):
    """The addresses that are answered with 500 and above: every page, each name, the odd values in turn."""
    found, values = [], itertools.cycle(ODD)
    for page in pages:
        questions = [[(name, next(values))] for name in NAMES]
        questions += [[("q", value), ("page", value), ("per", value), ("after", value)] for value in ODD]
        questions += [[("page", "1"), ("page", "2"), ("wilayah", "x"), ("wilayah", "kosong")]]
        for question in questions:
            address = f"{page}?{urlencode(question)}"
            response = client.get(address)
            if response.status_code >= 500 or "X-Evil" in response:
                found.append(address[:200])
            elif response.streaming:
                b"".join(response)  # a file may fail on its way
    return found


@pytest.fixture
def something():
    regency = make_regency("Kutai Barat")
    make_return(make_cooperative("KSP Maju", regency=regency, form=make_form()))
    make_figure()


def test_no_question_to_any_page_brings_a_fault(visitor, something):
    assert faults(visitor) == []


def test_control_a_careless_page_number_is_found(visitor, something, monkeypatch):
    monkeypatch.setattr("cooperatives.views.page_number", int)
    assert any(address.startswith("/koperasi/?page=") for address in faults(visitor, ["/koperasi/"]))


def test_no_key_in_an_address_brings_a_fault(visitor, something):
    for key in ("0", "9" * 18, "9" * 19, "1" * 400, "-1", "1e3", "x", "%3Cscript%3E", "..", "٣"):
        for place in (
            "/koperasi/{}/",
            "/koperasi/{}-x/",
            "/wilayah/{}/",
            "/statistik/{}/",
            "/api/v1/cooperatives/{}/",
            "/api/v1/regencies/{}/",
            "/api/v1/territories/{}/",
            "/api/v1/indicators/{}/",
            "/api/v1/meetings/{}/",
            "/api/v1/follow-ups/{}/",
            "/api/v1/aid/packages/{}/",
            "/bantuan/{}/",
            "/kemajuan/{}/",
            "/kemajuan/potret/{}/",
            "/api/v1/progress/snapshots/{}/",
            "/rapat/{}/",
            "/rapat/{}/ringkasan.pdf",
            "/rapat/1/dokumen/{}/",
            "/rapat/janji/{}/",
            "/rapat/kalender-{}.ics",
        ):
            response = visitor.get(place.format(key))
            assert response.status_code in (301, 302, 404), f"{place} {key}: {response.status_code}"


def test_no_question_to_the_admin_brings_a_fault(staff, something):
    lists = ["cooperatives_cooperative", "cooperatives_annualreturn", "figures_figure", "regions_regency"]
    for place, (name, value) in itertools.product(
        lists,
        [*zip(itertools.cycle(("q", "p", "o", "status__exact", "password", "regency__id__exact")), ODD, strict=False)],
    ):
        address = f"{reverse(f'admin:{place}_changelist')}?{urlencode({name: value})}"
        assert staff.get(address, follow=True).status_code < 500, address
    make_cooperative(regency=make_regency("Berau"))  # Of a single regency there is no filter.
    odd = ["foo=bar", "regency__id__exact=abc", "password=1", "p=99", "p=x", "o=x", "all=", "pemisah=titik-koma"]
    for address in (f"{EXPORT}?{query}" for query in odd):
        assert staff.get(address, follow=True).status_code < 500, address
    assert faults(staff, [EXPORT]) == []
    for key in ("0", "9" * 30, "x", "_5F", "1.5"):
        address = f"/admin/cooperatives/cooperative/{key}/change/"
        assert staff.get(address, follow=True).status_code in (200, 404), address


def test_no_question_to_the_workspace_brings_a_fault(staff, something):
    lists = {"/kerja/rat/": {"tahun": 2024}, "/kerja/koperasi/": {"lokasi": 1}, "/kerja/impor/": {}}
    for (place, fixed), value in itertools.product(lists.items(), ODD):
        asked = dict.fromkeys(("q", "page", "kurang", "jenis"), value) | fixed
        assert staff.get(f"{place}?{urlencode(asked)}").status_code < 500, (place, value)
    meetings = ("", "tindak-lanjut/", "kalender/", "baru/")
    for page, value in itertools.product(meetings, ODD):
        names = ("q", "page", "bulan", "siapa", "putaran", "wilayah", "tahun", "status", "keadaan", "rapat")
        asked = urlencode(dict.fromkeys(names, value))
        assert staff.get(f"/kerja/rapat/{page}?{asked}").status_code < 500, (page, value)
    for key in ("0", "9" * 18, "9" * 30):
        for page in "{}/ tindak-lanjut/{}/ putaran/{}/ bukti/{}/ dokumen/{}/ {}/status/held/ {}/hadir/".split():
            assert staff.get(f"/kerja/rapat/{page.format(key)}").status_code == 404, (key, page)
    for key in ("0", "9" * 18, "9" * 30):
        for page in ("", "kontak/", "laporan/2024/", "laporan/99999999999999999999/", "usul-status/"):
            assert staff.get(f"/kerja/koperasi/{key}/{page}").status_code == 404, (key, page)


@pytest.mark.parametrize(
    ("name", "value", "least_rows"),
    [("q", "%", 0), ("q", "_", 0), ("ordering", "password", 2), ("page", str(10**30), None), ("q", "a" * 5000, None)],
)
def test_signs_of_patterns_match_nothing_and_unknown_orders_change_nothing(visitor, name, value, least_rows):
    for one in ("KSP Satu", "KSP Dua"):
        make_cooperative(one)
    response = visitor.get(f"/koperasi/?{urlencode({name: value})}")
    assert response.status_code in (200, 404)
    shown = sum(one in response.content.decode() for one in ("KSP Satu</a>", "KSP Dua</a>"))
    if least_rows is not None:
        assert shown == 2, "what is no search and no order leaves the whole list"
    if name == "page":
        assert response.status_code == 404


# -- Names that want to be code -----------------------------------------------------------------------

NAMES_LIKE_CODE = [
    "<script>alert(1)</script>",
    "{{7*7}}",
    "' OR 1=1--",
    '"><img src=x onerror=alert(1)>',
    "=CMD()|' /C calc'!A0",
    "+62 811",
    "@SUM(A1:A9)",
]


@pytest.fixture
def like_code():
    regency = make_regency("Kutai Barat")
    records = []
    for name in NAMES_LIKE_CODE:
        record = make_cooperative(name, regency=regency, form=make_form(), village=name, address=name)
        FormerName.objects.create(cooperative=record, name=f"{name} lama")
        BoardMember.objects.create(cooperative=record, name=name, position="chair")
        make_return(record, source=name)
        records.append(record)
    return records


def shown_literally(response, name):
    text = response.content.decode()
    assert response.status_code == 200
    assert name in html.unescape(text), name
    if set(name) & set('<>"'):
        assert name not in text, f"{name} stands in the page as it is"


def test_a_name_like_code_is_shown_as_it_is_written(visitor, staff, like_code):
    for record in like_code:
        shown_literally(visitor.get(record.get_absolute_url()), record.name)
        shown_literally(visitor.get("/en" + record.get_absolute_url()), record.name)
        shown_literally(staff.get(reverse("admin:cooperatives_cooperative_change", args=[record.pk])), record.name)
        shown_literally(staff.get(reverse("admin:cooperatives_cooperative_history", args=[record.pk])), record.name)
        shown_literally(staff.get(reverse("admin:cooperatives_cooperative_status", args=[record.pk])), record.name)
        shown_literally(visitor.get(f"/cek/?{urlencode({'q': record.name})}"), record.name)
    for page in (
        visitor.get("/koperasi/"),
        staff.get(reverse("admin:cooperatives_cooperative_changelist")),
        staff.get("/kerja/rat/?tahun=2024"),
    ):
        for name in NAMES_LIKE_CODE:
            shown_literally(page, name)


def test_what_is_searched_for_is_shown_as_it_is_written(visitor):
    for typed in NAMES_LIKE_CODE:
        for page in ("/koperasi/", "/cek/", "/en/koperasi/"):
            shown_literally(visitor.get(f"{page}?{urlencode({'q': typed})}"), typed)


def test_a_name_like_a_formula_is_inert_in_every_file(visitor, staff, like_code):
    wanted = set(NAMES_LIKE_CODE)
    exports = [(visitor, "/koperasi/"), (staff, reverse("admin:cooperatives_cooperative_export"))]
    for client, place in exports:
        text = b"".join(client.get(f"{place}?format=csv")).decode()
        _head, *rows = csv.reader(io.StringIO(text))
        names = [row[[column.name for column in COOPERATIVE].index("name")] for row in rows]
        assert not [name for name in names if name[:1] in "=+-@\t\r"], "a cell that a spreadsheet would run"
        assert {name.removeprefix("'") for name in names} >= {one for one in wanted if not one.startswith("'")}

        rows = sheets(b"".join(client.get(f"{place}?format=xlsx")))[0]  # raises where a cell is a formula or a link
        assert wanted <= {cell for row in rows for cell in row.values()}

        data = json.loads(b"".join(client.get(f"{place}?format=json")))
        column = [one["name"] for one in data["columns"]].index("name")
        assert {row[column] for row in data["rows"]} == wanted
    listed = visitor.get("/api/v1/cooperatives/")
    assert listed["Content-Type"].startswith("application/json")
    assert {row["name"] for row in listed.json()["results"]} == wanted


# -- Names in which something hides -------------------------------------------------------------------

HIDDEN = {
    "\u200b": "U+200B ZERO WIDTH SPACE",
    "\u202e": "U+202E RIGHT-TO-LEFT OVERRIDE",
    "\ufeff": "U+FEFF ZERO WIDTH NO-BREAK SPACE",
    "\u00ad": "U+00AD SOFT HYPHEN",
}


@pytest.mark.parametrize(("letter", "said"), HIDDEN.items())
def test_a_hidden_character_is_named_and_what_was_typed_is_kept(staff, letter, said):
    address = reverse("admin:cooperatives_cooperative_add")
    typed = filled_form(staff.get(address), "cooperative_form") | {
        "name": f"KSP Ma{letter}ju",
        "village": "Melak Ulu",
        "returns-TOTAL_FORMS": "1",
        "returns-0-id": "",
        "returns-0-book_year": "2024",
        "returns-0-members": "1.234",
    }
    response = staff.post(address, typed)
    text = html.unescape(response.content.decode())
    assert response.status_code == 200
    assert said in text
    for kept in (f"KSP Ma{letter}ju", "Melak Ulu", "1.234"):
        assert f'value="{kept}"' in text


def test_no_line_of_text_in_any_form_of_the_admin_takes_a_hidden_character(staff):
    """Every admin's every free line of text, so that a field of a new model cannot forget it."""
    request = RequestFactory().get("/admin/")
    request.user = make_user("administrator")
    seen, careless = 0, []
    for model, model_admin in admin.site._registry.items():
        if model._meta.app_label in {"account", "auth", "mfa"}:
            continue
        classes = [model_admin.get_form(request)]
        classes += [inline.get_formset(request).form for inline in model_admin.get_inline_instances(request)]
        for form_class in classes:
            for name, field in form_class.base_fields.items():
                if isinstance(field, forms.CharField) and not isinstance(field.widget, forms.HiddenInput):
                    seen += 1
                    try:
                        field.clean("a\u202eb")
                    except ValidationError:
                        continue
                    careless.append(f"{model._meta.label} {form_class.__name__}.{name} ({type(field).__name__})")
    assert seen > 40
    assert careless == []


def test_control_djangos_own_field_takes_it():
    assert forms.CharField().clean("a\u202eb") == "a\u202eb"
    assert issubclass(IdentityNumberField, TextField)


# -- What is private stays private --------------------------------------------------------------------

CANARIES = {
    "email": "kenari-surel@example.id",
    "phone": "0811-900-1001",
    "other_phone": "0811-900-1002",
    "note": "kenari catatan dalam",
    "latitude": Decimal("-0.512345"),
    "longitude": Decimal("116.123456"),
}
BOARD = {"phone": "0811-900-1003", "email": "kenari-pengurus@example.id"}
ACCOUNT, REASON = "kenari.akun", "kenari alasan dalam"


@pytest.fixture
def planted():
    """Two cooperatives full of what nobody outside may read: one in the register, one that was taken out."""
    clerk = make_user("staf_provinsi", ACCOUNT, full_name="Kenari Nama Petugas", email="kenari-akun@example.id")
    regency = make_regency("Kutai Barat")
    values = {"regency": regency, "form": make_form(), "group": make_group("Karyawan"), "by": clerk, **CANARIES}
    record = make_cooperative("KSP Kenari", nomor_induk_koperasi="6402000000011", since=date(2020, 1, 2), **values)
    BoardMember.objects.create(cooperative=record, name="Ibu Ketua", position="chair", **BOARD)
    entry = make_return(record, 2024, members=120)
    entry.members, entry._history_user, entry._change_reason = 121, clerk, REASON
    entry.save()
    record.record_status(Status.INACTIVE, since=date(2024, 1, 2), basis="SK 12", by=clerk)
    wrong = make_cooperative("KSP Keliru", **values)
    wrong.void(reason=REASON, by=clerk)
    publish([record.pk, wrong.pk])
    make_award(make_territory("Kaltim-14"))
    make_figure()
    return record, wrong


def canaries():
    texts = [str(value) for value in (*CANARIES.values(), *BOARD.values())]
    texts += [ACCOUNT, REASON, "Kenari Nama Petugas", "kenari-akun@example.id"]
    # The same where a page writes decimals with a comma, or a number without its dashes.
    return [*texts, "0,512345", "0.512345", "116,123456", "08119001001", "08119001002", "08119001003"]


def public_addresses(record, wrong):
    pages = [
        "/",
        "/koperasi/",
        "/koperasi/?q=kenari",
        "/koperasi/?wilayah=kutai-barat",
        record.get_absolute_url(),
        wrong.get_absolute_url(),
        "/cek/?q=KSP+Kenari",
        "/cek/?q=6402000000011",
        "/cek/?q=kenari-surel@example.id",
        "/cek/?q=08119001001",
        "/wilayah/",
        "/wilayah/kutai-barat/",
        "/statistik/",
        "/statistik/cooperatives/",
        "/statistik/rekap/",
        "/tentang/",
        "/privasi/",
        "/tidak-ada/",
    ]
    yield from pages
    yield from (f"/en{page}" for page in pages)
    for form in ("csv", "xlsx", "json"):
        yield f"/koperasi/?format={form}"
        yield f"/koperasi/?q=kenari&format={form}"
        yield f"/statistik/rekap/?format={form}"
    for name in (
        "cooperatives",
        "returns",
        "regencies",
        "territories",
        "indicators",
        "figures",
        "vocabularies/forms",
        "vocabularies/kinds",
        "vocabularies/groups",
        "vocabularies/sectors",
    ):
        yield f"/api/v1/{name}/"
        yield f"/api/v1/{name}/?fields=email,phone,other_phone,note,latitude,longitude,search,void_reason"
    for record_ in (record, wrong):
        yield f"/api/v1/cooperatives/{record_.pk}/"
        yield f"/api/v1/cooperatives/{record_.pk}/?fields=id,name,email,phone,note"
    yield from ("/api/v1/", "/api/schema/")


def body_of(response):
    content = b"".join(response) if response.streaming else response.content
    if content[:2] == b"PK":
        return repr(sheets(content))
    return html.unescape(content.decode())


def test_no_public_page_file_or_answer_of_the_api_holds_a_private_field(visitor, planted, caplog):
    caplog.set_level(logging.DEBUG)
    leaks, answered = [], 0
    for address in public_addresses(*planted):
        response = visitor.get(address)
        text = body_of(response) + str(response.headers)
        answered += response.status_code == 200
        typed = "kenari-surel" in address or "08119001001" in address
        leaks += [f"{address}: {one}" for one in canaries() if one in text and not (typed and one in address)]
    assert answered > 50
    assert leaks == []
    assert [
        one for one in canaries() if one in caplog.text and one not in ("kenari-surel@example.id", "08119001001")
    ] == []


def test_control_the_office_sees_what_is_planted(staff, planted):
    page = html.unescape(
        staff.get(reverse("admin:cooperatives_cooperative_change", args=[planted[0].pk])).content.decode()
    )
    for text in (CANARIES["email"], CANARIES["phone"], CANARIES["note"], BOARD["phone"], BOARD["email"]):
        assert text in page
    history = html.unescape(
        staff.get(
            reverse("admin:cooperatives_annualreturn_history", args=[planted[0].returns.get().pk])
        ).content.decode()
    )
    assert REASON in history


def test_a_private_field_cannot_be_searched_for(visitor, planted):
    """Not by the search and not by a filter that nobody wrote: else a visitor could ask letter by letter."""
    for text in (CANARIES["email"], CANARIES["phone"], "catatan", BOARD["email"]):
        assert "KSP Kenari</a>" not in visitor.get(f"/koperasi/?{urlencode({'q': text})}").content.decode()
        assert visitor.get(f"/api/v1/cooperatives/?{urlencode({'q': text})}").json()["results"] == []
    for name in ("email", "email__startswith", "note__contains", "phone", "board__phone"):
        response = visitor.get(f"/api/v1/cooperatives/?{name}=x")
        assert response.status_code == 400, f"{name} is refused, not ignored"


def test_a_citizens_number_in_a_search_is_not_repeated_anywhere(visitor, caplog):
    number = "6472011203450001"
    caplog.set_level(logging.DEBUG)
    for page in ("/koperasi/", "/cek/", "/en/cek/"):
        response = visitor.get(f"{page}?q={number}", follow=True)
        assert number not in response.content.decode() + str(response.headers)
        assert number not in str(response.redirect_chain)
    assert number not in caplog.text
    assert number not in visitor.get(f"/api/v1/cooperatives/?q={number}").content.decode()

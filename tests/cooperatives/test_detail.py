"""/koperasi/<id>-<slug>/: a cooperative's own page."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common.models import DataVersion
from cooperatives.merging import merge
from cooperatives.models import (
    BoardMember,
    Cooperative,
    CountingRule,
    DeedAmendment,
    FormerName,
    InactivityRule,
    Status,
)
from cooperatives.summary import publish
from tests.factories import make_cooperative, make_group, make_regency, make_return, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _day(monkeypatch):
    """A day on which book year 2024 is the last that counts."""
    for module in ("cooperatives.summary", "cooperatives.models.annual_return", "portal.cooperative"):
        monkeypatch.setattr(f"{module}.today", lambda: date(2025, 11, 24))


@pytest.fixture
def orchid():
    return make_cooperative("KSU Anggrek Hitam", regency=make_regency(), founded_on=date(2009, 3, 4))


def page_of(client, record):
    response = client.get(record.get_absolute_url())
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


# Addresses -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "tail", ["", "-", "-salah", "-KSU-Anggrek-Hitam", "-ksu-anggrek-hitam-2", "-%C3%BC%20x", "-" + "a" * 900]
)
def test_a_wrong_or_missing_slug_leads_to_the_right_one(client, orchid, tail):
    response = client.get(f"/koperasi/{orchid.pk}{tail}/")
    assert (response.status_code, response.url) == (301, f"/koperasi/{orchid.pk}-ksu-anggrek-hitam/")
    assert client.get(f"/en/koperasi/{orchid.pk}{tail}/").url == f"/en/koperasi/{orchid.pk}-ksu-anggrek-hitam/"


def test_a_name_without_letters_has_an_address_too(client):
    record = make_cooperative("Koperasi 123")
    Cooperative.objects.filter(pk=record.pk).update(name="…")
    record.refresh_from_db()
    assert record.get_absolute_url() == f"/koperasi/{record.pk}-koperasi/"
    page_of(client, record)


@pytest.mark.parametrize("number", ["0", "999999", "9" * 18, "9" * 19, "9" * 5000, "-1", "1e3", "x", "１"])
def test_an_unknown_number_is_not_found(client, orchid, number):
    for tail in ("", "-ksu-anggrek-hitam"):
        assert client.get(f"/koperasi/{number}{tail}/").status_code == 404


def test_a_voided_record_is_gone_without_a_name(client, orchid):
    orchid.void(reason="tercatat oleh Budi karena keliru", by=make_user(username="budi"))
    response = client.get(f"/koperasi/{orchid.pk}-ksu-anggrek-hitam/")
    assert response.status_code == 410
    page = response.content.decode()
    assert "dibatalkan" in page
    assert "Budi" not in page and "budi" not in page and "Anggrek" not in page


def test_a_double_leads_to_the_record_that_goes_on(client, orchid):
    second, third = make_cooperative("KSU Anggrek Itam"), make_cooperative("KSU Anggrek")
    merge(third, into=second, reason="dobel", by=make_user())
    second.refresh_from_db()
    merge(second, into=orchid, reason="dobel", by=make_user())
    for double in (second, third):
        response = client.get(f"/koperasi/{double.pk}/")
        assert (response.status_code, response.url) == (301, orchid.get_absolute_url())


def test_doubles_in_a_circle_are_nobodys_address(client, orchid):
    other = make_cooperative("Lain")
    for one, into in ((orchid, other), (other, orchid)):
        Cooperative.objects.filter(pk=one.pk).update(voided_at="2024-01-01T00:00Z", void_reason="dobel", same_as=into)
    assert client.get(f"/koperasi/{orchid.pk}/").status_code == 410


# What it says ----------------------------------------------------------------------------------------


def test_identity_says_what_is_known_and_what_is_not(client, orchid):
    FormerName.objects.create(cooperative=orchid, name="KSU Anggrek", until=date(2014, 1, 1))
    DeedAmendment.objects.create(
        cooperative=orchid, number="12/PAD/2015", amended_on=date(2015, 2, 3), note="catatan-dalam"
    )
    Cooperative.objects.filter(pk=orchid.pk).update(
        certificate_on=date(2018, 1, 2), certificate_valid_until=date(2020, 1, 2), group=make_group("Serba Usaha")
    )
    publish([orchid.pk])
    page = page_of(client, orchid)
    assert "KSU Anggrek (sampai 1 Januari 2014)" in page.replace("\u00a0", " ")
    assert "12/PAD/2015" in page and "catatan-dalam" not in page
    assert "habis berlaku" in page
    assert page.count("tidak tercatat") == 3  # number, legal registration, licence
    assert "tidak diisi" in page


def test_status_tells_its_whole_story_with_the_last_day_of_each(client):
    record = make_cooperative("KSU Anggrek", since=date(2009, 3, 4))
    record.record_status(Status.INACTIVE, since=date(2019, 7, 1), basis="tiga tahun tanpa RAT", by=None)
    record.record_status(Status.ACTIVE, since=date(2021, 6, 12), basis="RAT 2020 dilaksanakan", by=None)
    page = page_of(client, record).replace("\u00a0", " ")
    assert "sejak 12 Juni 2021" in page
    assert "1 Juli 2019 – 11 Juni 2021" in page
    assert "4 Maret 2009 – 30 Juni 2019" in page
    assert "tiga tahun tanpa RAT" in page and "tidak disebut" in page


def test_the_dated_rule_stands_beside_the_record(client, orchid):
    InactivityRule.objects.create(valid_from=date(1992, 10, 21), years=3, basis="Keterangan kepala dinas")
    page = page_of(client, orchid).replace("\u00a0", " ")
    assert (
        "tidak aktif setelah 3 tahun buku terhitung tanpa RAT, berlaku sejak 21 Oktober 1992, Keterangan kepala dinas"
        in page
    )
    assert "sedangkan yang tercatat aktif: keduanya berbeda" in page
    make_return(orchid, 2024)
    assert "statusnya juga aktif; catatan dan aturan sama" in page_of(client, orchid)


def test_without_a_rule_on_record_the_habit_is_named_without_a_date(client, orchid):
    page = page_of(client, orchid)
    assert "(tidak aktif setelah 3 tahun buku terhitung tanpa RAT)" in page


def test_a_frozen_one_does_not_differ_from_inactive_by_the_rule(client, orchid):
    orchid.record_status(Status.FROZEN, since=date(2024, 1, 1), basis="SK", by=None)
    assert "catatan dan aturan sama" in page_of(client, orchid)


def test_a_dissolved_one_keeps_its_page_with_a_banner_and_without_a_rule(client, orchid):
    orchid.record_status(Status.DISSOLVED, since=date(2023, 8, 17), basis="SK pembubaran", by=None)
    page = page_of(client, orchid).replace("\u00a0", " ")
    assert "sudah dibubarkan" in page and "Sejak 17 Agustus 2023" in page
    assert "Menurut aturan" not in page


def test_a_merged_one_names_the_one_that_goes_on_and_the_other_way_round(client, orchid):
    other = make_cooperative("KSU Lama")
    other.record_status(Status.MERGED, since=date(2022, 1, 1), basis="SK", by=None, successor=orchid)
    page = page_of(client, other)
    assert "bergabung ke koperasi lain" in page and orchid.get_absolute_url() in page
    assert "KSU Lama" in page_of(client, orchid)


def test_the_strip_holds_five_years_in_words(client, orchid):
    for year, held, audited in ((2020, True, None), (2021, False, False), (2023, True, True), (2024, None, False)):
        make_return(orchid, year, rat_held=held, audited=audited)
    response = client.get(orchid.get_absolute_url())
    portrait = response.context["page"]
    assert list(portrait.strip_years) == [2020, 2021, 2022, 2023, 2024]
    (_rat, rat), (_audit, audit) = portrait.strip
    assert [cell.word for cell in rat] == ["Ya", "Tidak", "belum ada data", "Ya", "belum ada data"]
    assert [cell.kind for cell in audit] == ["nil", "bad", "nil", "ok", "bad"]


def test_a_later_year_that_was_reported_moves_the_strip(client, orchid, monkeypatch):
    for module in ("cooperatives.summary", "portal.cooperative"):
        monkeypatch.setattr(f"{module}.today", lambda: date(2025, 5, 1))
    make_return(orchid, 2024)
    assert list(client.get(orchid.get_absolute_url()).context["page"].strip_years)[-1] == 2024
    orchid.returns.all().delete()
    publish([orchid.pk])
    assert list(client.get(orchid.get_absolute_url()).context["page"].strip_years)[-1] == 2023


def test_years_before_the_founding_say_so(client):
    record = make_cooperative("Muda", founded_on=date(2023, 5, 1))
    (_label, cells), _audit = client.get(record.get_absolute_url()).context["page"].strip
    assert [cell.word for cell in cells][:3] == ["belum berdiri"] * 3
    assert cells[3].word == "belum ada data"


@pytest.mark.parametrize(
    ("founded", "held", "grade", "words"),
    [
        (date(2009, 1, 1), (2022, 2023, 2024), "A", "tiga tahun buku terakhir yang sudah dihitung (2022, 2023, 2024)"),
        (date(2009, 1, 1), (2022, 2024), "B", "dua dari tiga tahun buku"),
        (date(2023, 1, 1), (2023,), "C1", "berdiri dalam tiga tahun terakhir"),
        (date(2009, 1, 1), (2024,), "C2", "untuk tahun buku terakhir 2024"),
        (date(2009, 1, 1), (2022,), "D", "Aturan Kementerian tidak menyebut keadaan ini"),
        (date(2009, 1, 1), (), "D", "tidak ada RAT tercatat"),
        (date(2025, 2, 1), (), "", "Belum ada grade"),
    ],
)
def test_the_grade_explains_itself(client, founded, held, grade, words):
    CountingRule.objects.create(valid_from=date(1992, 10, 21), month=7, day=1, basis="UU 25/1992")
    record = make_cooperative("KSU Anggrek", founded_on=founded)
    for year in held:
        make_return(record, year)
    record.refresh_from_db()
    assert record.grade == grade
    page = page_of(client, record).replace("\u00a0", " ")
    assert words in page
    assert "Tahun buku 2025 dihitung mulai 1 Juli 2026." in page


def test_the_table_keeps_nothing_zero_and_unknown_apart(client, orchid):
    make_return(orchid, 2024, members=214, members_men=121, members_women=93, turnover=0, shu=-12_000_000, assets=None)
    make_return(orchid, 2023, rat_held=False, managers_men=2, employees_men=3, employees_women=0)
    make_return(orchid, 2022, rat_on=None)
    page = page_of(client, orchid).replace("\u00a0", " ")
    table = page[page.index('id="t-th"') :]
    first, second, third = table.split('<tr><th scope="row">')[1:4]
    assert '<td class="n">0</td>' in first and "−12.000.000" in first and "belum ada data" in first
    assert "Tidak dilaksanakan" in second and "2 L" in second and "3 L, 0 P" in second
    assert "tanggal tidak tercatat" in third
    assert page.count('<svg class="chart"') == 3


def test_without_a_number_there_is_no_chart(client, orchid):
    make_return(orchid, 2024)
    assert '<svg class="chart"' not in page_of(client, orchid)


def test_where_men_and_women_do_not_add_up_the_reason_stands_below(client, orchid):
    make_return(orchid, 2021, members=300, members_men=100, members_women=197, members_note="tiga badan usaha")
    page = page_of(client, orchid)
    assert "2021: tiga badan usaha" in page and 'href="#h-notes"' in page


def test_the_board_stands_in_the_order_of_its_positions_and_the_past_behind(client, orchid):
    for name, position, since, until in (
        ("Lama", "chair", 2015, 2020),
        ("Pengawas", "supervisor", 2023, 2028),
        ("Ketua", "chair", 2023, None),
        ("Tanpa masa", "secretary", None, None),
    ):
        BoardMember.objects.create(cooperative=orchid, name=name, position=position, term_from=since, term_until=until)
    response = client.get(orchid.get_absolute_url())
    assert [member.name for member in response.context["page"].board] == ["Ketua", "Tanpa masa", "Pengawas", "Lama"]
    page = response.content.decode()
    assert "2023–…" in page and "(sudah berakhir)" in page


def test_coordinates_are_rounded_and_nothing_private_is_shown(client, orchid):
    canaries = {
        "email": "rahasia@contoh.invalid",
        "phone": "0811-1111-1111",
        "other_phone": "0822-2222-2222",
        "note": "catatan-dalam-rahasia",
    }
    Cooperative.objects.filter(pk=orchid.pk).update(latitude="-0.231234", longitude="115.701234", **canaries)
    officer = make_user(username="petugas.rahasia")
    orchid.refresh_from_db()
    orchid.record_status(Status.INACTIVE, since=date(2024, 1, 1), basis="tanpa RAT", by=officer)
    BoardMember.objects.create(
        cooperative=orchid, name="Nama Ketua", position="chair", phone="0833-3333", email="ketua@contoh.invalid"
    )
    page = page_of(client, orchid)
    assert "−0,23" in page and "115,70" in page and "Nama Ketua" in page
    for canary in (*canaries.values(), "0833-3333", "ketua@contoh.invalid", "231234", "701234", "petugas.rahasia"):
        assert canary not in page, canary


def test_it_says_the_day_of_its_data_in_the_offices_time_and_its_sources(client, orchid):
    make_return(orchid, 2024, source="Laporan RAT")
    make_return(orchid, 2023, source="Laporan audit")
    make_return(orchid, 2022, source="Laporan RAT")
    # 17.30 UTC is half past one in the night of the next day.
    Cooperative.objects.filter(pk=orchid.pk).update(updated_at="2025-11-23T17:30Z")
    page = page_of(client, orchid).replace("\u00a0", " ")
    assert "Data register per 24 November 2025" in page
    assert "sumber: Laporan RAT, Laporan audit;" in page
    assert "Yang tidak dibuktikan halaman ini" in page


def test_only_an_invented_one_says_that_it_is_invented(client, orchid):
    assert "koperasi ini rekaan" not in page_of(client, orchid)
    Cooperative.objects.filter(pk=orchid.pk).update(is_demo=True)
    DataVersion.bump("demo")
    publish([orchid.pk])
    assert "koperasi ini rekaan" in page_of(client, orchid)


def test_names_are_shown_literally(client):
    record = make_cooperative("<script>alert(1)</script> {{7*7}}")
    page = page_of(client, record)
    assert "<script>alert" not in page and "{{7*7}}" in page


def test_it_takes_the_same_number_of_queries_however_much_there_is(client, orchid):
    full = make_cooperative("Penuh", regency=orchid.regency, since=date(1990, 1, 1))
    for number in range(8):
        FormerName.objects.create(cooperative=full, name=f"Lama {number}")
        DeedAmendment.objects.create(cooperative=full, number=f"PAD {number}")
        BoardMember.objects.create(cooperative=full, name=f"Nama {number}", position="supervisor")
        make_return(full, 2015 + number, members=number, turnover=number, shu=number)
        full.record_status(
            (Status.INACTIVE, Status.ACTIVE)[number % 2], since=date(2000 + number, 1, 1), basis="SK", by=None
        )
        gone = make_cooperative(f"Gabung {number}")
        gone.record_status(Status.MERGED, since=date(2024, 1, 1), basis="SK", by=None, successor=full)
    taken = []
    for record in (orchid, full):
        with CaptureQueriesContext(connection) as captured:
            page_of(client, record)
        taken.append(len(captured))
    # Versions, record, statuses, returns, board, former names, amendments, merged into it, two rules and the named one;
    # and the aid that it received.
    assert taken == [12, 12]

"""A report on its way from an officer's phone to a public figure."""

import pytest

from figures.models import Figure
from regions.models import Regency
from reporting.filling import fill, lines_of
from reporting.models import RegencyReport, Status
from tests.browser.conftest import DESK, PHONE
from tests.reporting.reports import VALUES, make_report, typed


@pytest.fixture
def report_of(_data):
    """report_of("berau") gives that regency's blank report for the third quarter of 2020, open now.

    The demo data has reports of later quarters.
    """

    def _make(slug):
        report = make_report(Regency.objects.get(slug=slug), year=2020, number=3)
        return RegencyReport.objects.select_related("period__form", "form", "regency").get(pk=report.pk)

    return _make


def path(report):
    return f"/kerja/laporan/{report.pk}/"


def values_of(report):
    return {line.code: VALUES[line.code] for line in lines_of(report)}


def fill_in(page, report):
    for code, text in values_of(report).items():
        page.locator(f"#{code}").fill(text)
    # Whatever differs from the register, or jumps, is explained.
    for details in page.locator(".field details:not(.past details)").all():
        details.evaluate("one => { one.open = true }")
    for code in values_of(report):
        page.locator(f"#{code}-why").fill("Sesuai catatan dinas")


def lost_connection(window):
    """What the browser complains of while it is offline is what the test wants."""
    window.complaints[:] = [one for one in window.complaints if "INTERNET_DISCONNECTED" not in one]


def test_from_a_draft_without_connection_to_a_public_figure(visit, account, report_of):
    report = report_of("kutai-barat")
    officer, verifier = account("petugas", regency=report.regency), account("verifikator")
    window = visit(path(report), width=PHONE, user=officer)
    page = window.page

    # The draft saves itself.
    page.locator("#trained").fill("61")
    page.get_by_text("Tersimpan pukul").wait_for()
    report.refresh_from_db()
    assert report.typed["lines"]["trained"] == {"typed": "61"}

    # Without a connection it is kept on the device, and nothing says that it was saved.
    window.context.set_offline(True)
    page.locator("#trained").fill("62")
    page.get_by_text("Tidak ada sambungan").wait_for()
    report.refresh_from_db()
    assert report.typed["lines"]["trained"] == {"typed": "61"}
    window.context.set_offline(False)
    page.get_by_text("Tersimpan pukul").wait_for()
    report.refresh_from_db()
    assert report.typed["lines"]["trained"] == {"typed": "62"}
    lost_connection(window)

    # Submitting what is not ready names what is missing and keeps all.
    page.get_by_role("button", name="Kirim laporan").click()
    page.get_by_role("heading", name="Belum terkirim").wait_for()
    assert page.locator("#trained").input_value() == "62"
    fill_in(page, report)
    page.get_by_role("button", name="Kirim laporan").click()
    page.get_by_text("Terkirim:").wait_for()
    report.refresh_from_db()
    assert report.status == Status.SUBMITTED

    # The office returns it with a remark.
    office = visit(f"{path(report)}tinjau/", width=DESK, user=verifier)
    office.page.locator("#row-trained summary").click()
    office.page.locator("[name=remark-trained]").fill("Pelatihan mana?")
    office.page.locator("[name=reason]").first.fill("Mohon lengkapi")
    office.page.get_by_role("button", name="Kembalikan").click()
    office.page.wait_for_load_state()
    report.refresh_from_db()
    assert report.status == Status.RETURNED

    # The officer reads the remark beside the field and submits again.
    window.go(path(report))
    assert "Pelatihan mana?" in page.locator("#r-trained").inner_text()
    page.locator("#trained").fill("63")
    page.get_by_role("button", name="Kirim laporan").click()
    page.get_by_text("Terkirim:").wait_for()

    # Approved, it is public.
    office.go(f"{path(report)}tinjau/")
    office.page.get_by_role("button", name="Setujui").click()
    office.page.wait_for_load_state()
    report.refresh_from_db()
    assert report.status == Status.APPROVED
    published = Figure.objects.official().filter(indicator__code="trained", as_of=report.period.ends_on)
    assert published.get(territory__regency=report.regency).value == 63
    citizen = visit("/statistik/trained/", width=PHONE)
    assert "63" in citizen.page.locator("main").inner_text()
    citizen.page.get_by_role("link", name="Kutai Barat").first.click()
    citizen.page.wait_for_load_state()
    citizen.go(f"/statistik/pelaporan/{report.period.code}/kutai-barat/")
    assert "63" in citizen.page.locator("main").inner_text()


def test_a_closed_laptop_loses_nothing(visit, account, report_of):
    report = report_of("berau")
    officer = account("petugas", regency=report.regency)
    window = visit(path(report), user=officer)
    window.context.set_offline(True)
    window.page.locator("#trained").fill("62")
    window.page.wait_for_timeout(300)
    window.page.close()
    window.context.set_offline(False)
    lost_connection(window)

    window.page = window.context.new_page()
    window.go(path(report))
    page = window.page
    assert page.locator("#trained").input_value() == ""
    page.get_by_role("button", name="Pakai isian di perangkat ini").click()
    assert page.locator("#trained").input_value() == "62"
    page.get_by_text("Tersimpan pukul").wait_for()
    report.refresh_from_db()
    assert report.typed["lines"]["trained"] == {"typed": "62"}
    assert report.status == Status.DRAFT


def test_an_expired_session_loses_nothing(visit, account, report_of):
    report = report_of("paser")
    officer = account("petugas", regency=report.regency)
    window = visit(path(report), user=officer, expected={403})
    cookies = window.context.cookies()
    window.context.clear_cookies()
    window.page.locator("#trained").fill("62")
    window.page.get_by_text("Sesi Anda berakhir").wait_for()
    window.page.close()
    # Signed in again: what was typed is offered.
    window.context.add_cookies(cookies)
    window.page = window.context.new_page()
    window.go(path(report))
    window.page.get_by_role("button", name="Pakai isian di perangkat ini").click()
    window.page.get_by_text("Tersimpan pukul").wait_for()
    report.refresh_from_db()
    assert report.typed["lines"]["trained"] == {"typed": "62"}


def test_the_second_of_two_on_one_draft_is_told_with_both_values(visit, account, report_of):
    report = report_of("bontang")
    officer, colleague = account("petugas", regency=report.regency), account("petugas", regency=report.regency)
    window = visit(path(report), user=officer, expected={409})
    report.refresh_from_db()
    report.save_draft(typed({"trained": "70", "inspected": "5"}), by=colleague)
    window.page.locator("#trained").fill("62")
    status = window.page.locator("#saved")
    window.page.get_by_text("Bandingkan").wait_for()
    assert "62" in status.inner_text() and "70" in status.inner_text() and str(colleague) in status.inner_text()
    assert window.page.locator("#inspected").input_value() == "5"
    report.refresh_from_db()
    assert report.typed["lines"]["trained"] == {"typed": "70"}
    window.page.get_by_role("button", name="Simpan draf").last.click()
    window.page.wait_for_load_state()
    report.refresh_from_db()
    assert report.typed["lines"]["trained"] == {"typed": "62"}


def test_without_script_everything_can_be_filled_in_and_sent(visit, account, report_of):
    report = report_of("penajam-paser-utara")
    officer = account("petugas", regency=report.regency)
    window = visit(path(report), width=PHONE, user=officer, javascript=False)
    page = window.page
    page.get_by_role("button", name="Isi yang kosong dengan angka register").click()
    page.wait_for_load_state()
    report.refresh_from_db()
    rows = fill(report).by_code
    assert all(row.value == row.register for row in rows.values() if row.register is not None)
    report.save_draft(
        typed(values_of(report), why=dict.fromkeys(values_of(report), "Sesuai catatan dinas")), by=officer
    )
    window.go(path(report))
    page.get_by_role("button", name="Kirim laporan").click()
    page.wait_for_load_state()
    report.refresh_from_db()
    assert report.status == Status.SUBMITTED


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_the_form_is_accessible_and_fits(visit, account, report_of, width):
    report = report_of("kutai-timur")
    window = visit(path(report), width=width, user=account("petugas", regency=report.regency))
    assert window.axe() == ""
    assert window.overflow() == 0
    window.page.get_by_role("button", name="Kirim laporan").click()
    window.page.get_by_role("heading", name="Belum terkirim").wait_for()
    assert window.axe() == ""
    assert window.overflow() == 0
    assert window.page.evaluate("document.activeElement.className") == "errors bad"

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


# -- What the device keeps ------------------------------------------------------------------------------


def again(window, report):
    """The window is closed and opened again, with a connection."""
    window.page.close()
    window.context.set_offline(False)
    lost_connection(window)
    window.page = window.context.new_page()
    window._listen()
    window.go(path(report))
    return window.page


def copies(page):
    return page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('laporan:')).length")


def kept(page, count):
    """Wait until the device keeps so many copies: on a slow machine that takes longer than a moment."""
    page.wait_for_function(
        "count => Object.keys(localStorage).filter((key) => key.startsWith('laporan:')).length === count", arg=count
    )


def typed_of(report):
    report.refresh_from_db()
    return report.typed.get("lines", {})


def reloaded(report):
    return RegencyReport.objects.select_related("period__form", "form", "regency").get(pk=report.pk)


def submitted_by(colleague, report):
    """The colleague submits a report that says almost nothing but is complete."""
    lines, nothing = values_of(report), dict.fromkeys(values_of(report), "Belum ada data")
    there = reloaded(report)
    there.save_draft(typed({}, na=nothing), by=colleague)
    there.submit(fill(there), by=colleague)
    return lines


def test_an_offer_stays_until_it_is_decided_and_new_typing_is_kept_too(visit, account, report_of):
    report = report_of("mahakam-ulu")
    window = visit(path(report), user=account("petugas", regency=report.regency))
    window.context.set_offline(True)
    window.page.locator("#trained").fill("62")
    window.page.locator("#inspected").fill("11")
    window.page.wait_for_timeout(300)
    page = again(window, report)
    entries = page.locator("#device [data-entries]")
    assert "62" in entries.inner_text() and "11" in entries.inner_text()
    page.locator("#health_assessed").fill("3")
    page.locator("#inspected").fill("12")
    page.get_by_text("Tersimpan pukul").wait_for()
    assert page.locator("#device").is_visible()
    window.go(path(report))
    assert page.locator("#device").is_visible()
    page.locator("#inspected").fill("13")
    page.get_by_role("button", name="Pakai isian di perangkat ini").click()
    page.wait_for_timeout(3000)
    # What was typed since stays; what the copy has otherwise stays offered.
    assert page.locator("#device").is_visible() and "11" in entries.inner_text()
    assert typed_of(report) == {
        "trained": {"typed": "62"},
        "inspected": {"typed": "13"},
        "health_assessed": {"typed": "3"},
    }
    page.get_by_role("button", name="Buang").click()
    assert page.locator("#device").is_hidden() and copies(page) == 0


def test_what_two_tabs_typed_without_connection_is_offered_one_after_the_other(visit, account, report_of):
    report = report_of("samarinda")
    window = visit(path(report), user=account("petugas", regency=report.regency))
    other = window.context.new_page()
    other.goto(window.site + path(report))
    window.context.set_offline(True)
    window.page.locator("#trained").fill("62")
    kept(window.page, 1)
    other.locator("#inspected").fill("24")
    kept(other, 2)
    other.close()
    page = again(window, report)
    assert copies(page) == 2
    use = page.get_by_role("button", name="Pakai isian di perangkat ini")
    use.click()
    assert page.locator("#inspected").input_value() == "24" and page.locator("#trained").input_value() == ""
    use.click()
    page.get_by_text("Tersimpan pukul").wait_for()
    assert page.locator("#device").is_hidden()
    assert typed_of(report) == {"trained": {"typed": "62"}, "inspected": {"typed": "24"}}
    assert copies(page) == 0


def test_nobody_else_sees_what_a_device_keeps_and_its_time_is_the_offices(visit, account, report_of):
    report = report_of("balikpapan")
    officer, colleague = account("petugas", regency=report.regency), account("petugas", regency=report.regency)
    window = visit(path(report), user=officer)
    window.context.set_offline(True)
    window.page.locator("#trained").fill("62")
    window.page.wait_for_timeout(300)
    page = again(window, report)
    page.evaluate(
        """() => { for (const [key, text] of Object.entries(localStorage)) {
          const copy = JSON.parse(text);
          // Noon in Samarinda.
          localStorage.setItem(key, JSON.stringify({ ...copy, at: Date.UTC(2026, 0, 5, 4, 0) })); } }"""
    )
    state = window.context.storage_state()
    abroad = window.context.browser.new_context(storage_state=state, timezone_id="America/New_York", locale="id-ID")
    there = abroad.new_page()
    there.goto(window.site + path(report))
    assert "5 Jan 2026, 12.00 WITA" in there.locator("#device").inner_text()
    abroad.close()

    # Signed out, and somebody else in on the same device.
    mine = window.context.cookies()
    theirs = visit("/", user=colleague).context.cookies()
    window.context.clear_cookies()
    window.context.add_cookies(theirs)
    window.go(path(report))
    assert page.locator("#device").is_hidden() and "62" not in page.locator("#report-form").inner_text()
    assert copies(page) == 1
    window.context.clear_cookies()
    window.context.add_cookies(mine)
    window.go(path(report))
    assert page.locator("#device").is_visible()


def test_own_buttons_and_white_space_leave_nothing_to_offer(visit, account, report_of):
    report = report_of("bontang")
    window = visit(path(report), user=account("petugas", regency=report.regency))
    page = window.page
    page.get_by_role("button", name="Isi yang kosong dengan angka register").click()
    page.wait_for_load_state()
    page.wait_for_timeout(300)
    assert page.locator("#cooperatives").input_value() and page.locator("#device").is_hidden() and copies(page) == 0
    page.locator("#act").fill("Pendampingan\n\nRAT \n")
    page.get_by_role("button", name="Simpan draf").last.click()
    page.get_by_text("Tersimpan sebagai draf").wait_for()
    assert page.locator("#device").is_hidden() and copies(page) == 0


def test_a_refused_button_drops_nothing_and_shows_what_was_typed(visit, account, report_of):
    report = report_of("kutai-kartanegara")
    officer, colleague = account("petugas", regency=report.regency), account("petugas", regency=report.regency)
    window = visit(path(report), user=officer, expected={409})
    page = window.page
    page.locator("#trained").fill("999")
    submitted_by(colleague, report)
    page.get_by_role("button", name="Kirim laporan").click()
    page.get_by_role("heading", name="Isian Anda, untuk disalin").wait_for()
    assert "999" in page.locator("section.msg").inner_text()
    assert "999" not in page.locator("main table").first.inner_text()
    assert copies(page) == 1
    assert "999" in page.locator("#device [data-entries]").inner_text()
    assert window.axe() == ""
    # Still there when the page is opened again, until it is thrown away.
    window.go(path(report))
    page.get_by_role("button", name="Buang").click()
    window.go(path(report))
    assert page.locator("#device").is_hidden() and copies(page) == 0


def test_a_page_that_was_refused_does_not_take_its_form_for_saved(visit, account, report_of):
    report = report_of("paser")
    officer, colleague = account("petugas", regency=report.regency), account("petugas", regency=report.regency)
    window = visit(path(report), user=officer, expected={409})
    page = window.page
    page.locator("#trained").fill("61")
    reloaded(report).save_draft(typed({"trained": "70"}), by=colleague)
    page.get_by_role("button", name="Simpan draf").last.click()
    page.get_by_text("Tidak ada yang tertimpa").wait_for()
    assert copies(page) == 1
    page = again(window, report)
    assert page.locator("#trained").input_value() == "70"
    assert "61" in page.locator("#device [data-entries]").inner_text()


def test_signed_in_again_elsewhere_the_page_goes_on_saving(visit, account, report_of, settings):
    report = report_of("kutai-timur")
    window = visit(path(report), user=account("petugas", regency=report.regency), expected={401, 403})
    page = window.page
    cookies = window.context.cookies()
    window.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.locator("#trained").fill("62")
    page.get_by_text("Sesi Anda berakhir").wait_for()
    # Signing in gives another token.
    window.context.clear_cookies()
    window.context.add_cookies([one for one in cookies if one["name"] == settings.SESSION_COOKIE_NAME])
    page.evaluate("dispatchEvent(new Event('focus'))")
    page.get_by_text("Tersimpan pukul").wait_for()
    assert typed_of(report) == {"trained": {"typed": "62"}}
    assert page.locator("#trained").input_value() == "62" and copies(page) == 0


def test_where_somebody_else_signed_in_the_page_says_to_reload(visit, account, report_of, settings):
    report = report_of("paser")
    officer, colleague = account("petugas", regency=report.regency), account("petugas", regency=report.regency)
    window = visit(path(report), user=officer, expected={401, 403})
    page = window.page
    theirs = visit("/", user=colleague).context.cookies()
    window.context.clear_cookies()
    page.locator("#trained").fill("64")
    page.get_by_text("Sesi Anda berakhir").wait_for()
    window.context.add_cookies(theirs)
    page.evaluate("dispatchEvent(new Event('focus'))")
    page.get_by_text("muat ulang halaman ini").wait_for()
    page.locator("#trained").fill("65")
    page.wait_for_timeout(2500)
    assert typed_of(report).get("trained") not in ({"typed": "64"}, {"typed": "65"}) and copies(page) == 1


def slowly(page, milliseconds):
    """The answers to the script come late."""
    page.evaluate(
        """(wait) => { const send = window.fetch;
          window.fetch = async (...sent) => {
            const answer = await send(...sent);
            await new Promise((done) => setTimeout(done, wait));
            return answer;
          }; }""",
        milliseconds,
    )


def test_a_clash_overwrites_nothing_typed_meanwhile(visit, account, report_of):
    report = report_of("balikpapan")
    officer, colleague = account("petugas", regency=report.regency), account("petugas", regency=report.regency)
    window = visit(path(report), user=officer, expected={409})
    page = window.page
    reloaded(report).save_draft(typed({"trained": "70", "certified": "5"}), by=colleague)
    slowly(page, 2500)
    page.locator("#trained").fill("62")
    page.wait_for_timeout(2600)
    page.locator("#inspected").fill("44")
    page.locator("#certified").fill("6")
    page.get_by_text("Bandingkan").wait_for()
    assert page.locator("#inspected").input_value() == "44" and page.locator("#trained").input_value() == "62"
    # Typed in the very moment in which a colleague's came: it is met, not laid over it.
    page.get_by_role("button", name="Simpan draf").last.click()
    page.get_by_text("tersimpan sementara itu").first.wait_for()
    assert typed_of(report)["certified"] == {"typed": "5"}


def test_a_lost_answer_is_no_clash(visit, account, report_of):
    report = report_of("berau")
    window = visit(path(report), user=account("petugas", regency=report.regency))
    page = window.page
    page.evaluate(
        """() => { const send = window.fetch; let lost = false;
          window.fetch = async (...sent) => {
            const answer = await send(...sent);
            if (!lost) { lost = true; throw new TypeError("lost"); }
            return answer;
          }; }"""
    )
    page.locator("#trained").fill("31")
    page.get_by_text("Tidak ada sambungan").wait_for()
    assert typed_of(report) == {"trained": {"typed": "31"}}
    page.locator("#trained").fill("315")
    page.get_by_text("Tersimpan pukul").wait_for()
    assert typed_of(report) == {"trained": {"typed": "315"}}


def test_what_a_device_cannot_keep_is_not_said_to_be_kept(visit, account, report_of):
    report = report_of("samarinda")
    window = visit(path(report), user=account("petugas", regency=report.regency))
    page = window.page
    page.evaluate(
        "() => { Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') } }"
    )
    window.context.set_offline(True)
    page.locator("#managers").fill("62")
    page.get_by_text("tidak dapat disimpan di perangkat ini").wait_for()
    assert "Simpan draf" in page.locator("#saved").inner_text()
    window.context.set_offline(False)
    page.get_by_text("Tersimpan pukul").wait_for()
    lost_connection(window)


def test_texts_on_the_device_are_never_read_as_a_page(visit, account, report_of):
    report = report_of("balikpapan")
    window = visit(path(report), user=account("petugas", regency=report.regency))
    window.context.set_offline(True)
    window.page.locator("#act").fill("<img src=x onerror=alert(1)> 'Yayasan'")
    window.page.wait_for_timeout(300)
    page = again(window, report)
    assert "<img src=x" in page.locator("#device [data-entries]").inner_text()
    assert page.locator("#device img").count() == 0


def test_a_copy_that_meets_a_colleagues_is_told_with_both_values(visit, account, report_of):
    report = report_of("mahakam-ulu")
    officer, colleague = account("petugas", regency=report.regency), account("petugas", regency=report.regency)
    window = visit(path(report), user=officer)
    window.context.set_offline(True)
    window.page.locator("#managers").fill("62")
    window.page.wait_for_timeout(300)
    there = reloaded(report)
    there.save_draft({"lines": {**there.typed.get("lines", {}), "managers": {"typed": "70"}}}, by=colleague)
    page = again(window, report)
    page.get_by_role("button", name="Pakai isian di perangkat ini").click()
    page.get_by_text("Bandingkan").wait_for()
    told = page.locator("#saved").inner_text()
    assert "62" in told and "70" in told and page.locator("#managers").input_value() == "62"
    page.wait_for_timeout(2500)
    assert typed_of(report)["managers"] == {"typed": "70"}
    page.get_by_role("button", name="Simpan draf").last.click()
    page.get_by_text("Tersimpan sebagai draf").wait_for()
    assert typed_of(report)["managers"] == {"typed": "62"} and copies(page) == 0

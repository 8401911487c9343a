"""A visit on a phone without a signal: kept on the device, sent once when it is back, and nobody else's to see."""

import hashlib
from datetime import timedelta

import pytest

from assistance.models import Visit, VisitPhoto
from assistance.stages import Stage
from common.dates import today
from regions.models import Regency
from tests.assistance.aid import at_stage, make_recipient
from tests.assistance.visits import jpg
from tests.browser.conftest import DESK, PHONE

WAITING = "#device li:has(.badge.way)"
SENT = "#device li:has(.badge.ok)"
REFUSED = "#device li:has(.badge.bad)"


@pytest.fixture
def package(_data):
    """Five motorcycles in Berau that were handed over."""
    return at_stage(Stage.HANDED_OVER, recipient=make_recipient(regency=Regency.objects.get(slug="berau")))


@pytest.fixture
def unit(package):
    return package.units.first()


def path(package, unit=None):
    return f"/kerja/bantuan/{package.pk}/kunjungan/{f'?unit={unit.code}' if unit else ''}"


def lost_connection(window):
    """What the browser complains of while it is offline is what the test wants."""
    window.complaints[:] = [one for one in window.complaints if "INTERNET_DISCONNECTED" not in one]


def photograph():
    """Taken a week ago, larger than the device sends."""
    moment = today() - timedelta(days=7)
    return jpg(taken=f"{moment:%Y:%m:%d} 09:12:00", size=(2400, 1200), place=True)


def fill_in(page, **answers):
    for name, value in answers.items():
        control = page.locator(f"form[data-visit] [name={name}]")
        (control.select_option if control.evaluate("one => one.tagName") == "SELECT" else control.fill)(value)


def save(page):
    page.locator("form[data-visit] button.btn").click()


def test_a_visit_without_a_signal_waits_and_is_sent_once(visit, account, package, unit):
    officer = account("petugas", regency=package.regency)
    window = visit(path(package, unit), width=PHONE, user=officer)
    page = window.page
    assert window.overflow() <= 0 and not window.too_wide()
    assert not window.axe()

    content = photograph()
    window.context.set_offline(True)
    fill_in(page, state="broken", condition="heavy", note="Rem aus", turnover="1.250.000")
    page.locator("[name=foto]").set_input_files({"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": content})
    save(page)
    page.locator(WAITING).wait_for()
    assert not Visit.objects.filter(package=package).exists()
    assert page.locator("form[data-visit] [name=note]").input_value() == ""
    assert window.overflow() <= 0

    window.context.set_offline(False)
    page.locator(SENT).wait_for()
    recorded = Visit.objects.get(package=package)
    assert (recorded.by, recorded.unit, recorded.state, recorded.note) == (officer, unit, "broken", "Rem aus")
    assert recorded.turnover == 1_250_000 and recorded.visited_on == today()
    photo = VisitPhoto.objects.select_related("file").get(visit=recorded)
    # The camera's time and the original's fingerprint, though a smaller picture was sent.
    assert photo.is_by_device and photo.original_sha256 == hashlib.sha256(content).hexdigest()
    assert f"{photo.taken_at:%H:%M}" == "01:12" and photo.is_off_time
    assert photo.file.source_sha256 != photo.original_sha256

    # Pressed, opened and brought back again, it stays one.
    page.evaluate("dispatchEvent(new Event('online'))")
    page.reload()
    page.locator(SENT).wait_for()
    assert page.locator(WAITING).count() == 0
    assert Visit.objects.filter(package=package).count() == 1
    lost_connection(window)


def test_somebody_else_on_the_same_device_sees_and_sends_nothing(visit, account, package, unit, settings):
    from django.test import Client

    officer, colleague = (account("petugas", regency=package.regency) for _turn in range(2))
    window = visit(path(package, unit), width=PHONE, user=officer, expected={403})
    page = window.page
    window.context.set_offline(True)
    fill_in(page, state="lost", note="Rahasia")
    save(page)
    page.locator(WAITING).wait_for()

    def sign_in(person):
        client = Client()
        client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[-1])
        name, address = settings.SESSION_COOKIE_NAME, window.site.replace("http:", "https:")
        window.context.clear_cookies()
        window.context.add_cookies(
            [{"name": name, "value": client.cookies[name].value, "url": address, "secure": True}]
        )

    # The old page of the first one is still open while the other is signed in.
    sign_in(colleague)
    window.context.set_offline(False)
    page.locator("#device [data-status]", has_text="masuk").wait_for()
    page.locator(WAITING).wait_for()
    assert not Visit.objects.filter(package=package).exists()

    page.goto(window.site + path(package, unit))
    page.wait_for_load_state("networkidle")
    assert page.locator("#device").is_hidden() and "Rahasia" not in page.content()
    assert not Visit.objects.filter(package=package).exists()

    sign_in(officer)
    page.goto(window.site + "/kerja/bantuan/kunjungan/")
    page.locator(SENT).wait_for()
    assert Visit.objects.get(package=package).by == officer
    lost_connection(window)


def test_what_the_office_refuses_stays_with_its_reason_and_is_mended(visit, account, package, unit):
    window = visit(path(package, unit), user=account("petugas", regency=package.regency), expected={400})
    page = window.page
    fill_in(page, note="Catatan", turnover="6,5")
    page.locator("[name=foto]").set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photograph()})
    save(page)
    page.locator(REFUSED).wait_for()
    assert not Visit.objects.filter(package=package).exists()
    page.locator(REFUSED).locator("button.alt").click()
    assert page.locator("form[data-visit] [name=note]").input_value() == "Catatan"
    fill_in(page, turnover="6.500")
    save(page)
    page.locator(SENT).wait_for()
    assert page.locator(REFUSED).count() == 0
    recorded = Visit.objects.get(package=package)
    assert recorded.turnover == 6500 and recorded.photos.count() == 1


def test_an_expired_session_keeps_it_on_the_device(visit, account, package, unit):
    window = visit(path(package, unit), user=account("petugas", regency=package.regency), expected={401, 403})
    page = window.page
    window.context.clear_cookies()
    fill_in(page, note="Catatan")
    save(page)
    page.locator("#device [data-status]", has_text="masuk").wait_for()
    page.locator(WAITING).wait_for()
    assert not Visit.objects.filter(package=package).exists()


def test_it_works_without_script(visit, account, package, unit):
    window = visit(path(package, unit), width=PHONE, user=account("petugas", regency=package.regency), javascript=False)
    page = window.page
    fill_in(page, state="idle", note="Tanpa skrip")
    page.locator("[name=foto]").set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photograph()})
    save(page)
    page.locator(".msg.ok").first.wait_for()
    recorded = Visit.objects.get(package=package)
    assert recorded.note == "Tanpa skrip" and not recorded.photos.get().is_by_device


@pytest.mark.parametrize("width", [PHONE, DESK])
@pytest.mark.parametrize(
    "address", ["/kerja/bantuan/kunjungan/", "/kerja/bantuan/pemeriksaan/", "/kerja/bantuan/pemeriksaan/lpj/"]
)
def test_the_lists_fit_and_axe_finds_nothing(visit, account, package, address, width):
    window = visit(address, width=width, user=account("staf_provinsi"))
    assert window.overflow() <= 0 and not window.too_wide() and not window.axe()

"""A visit on a phone without a signal: kept on the device, sent once when it is back, and nobody else's to see."""

import hashlib
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client

from assistance.models import Visit, VisitPhoto
from assistance.stages import Stage
from common.dates import day_of, today
from regions.models import Regency
from tests.assistance.aid import at_stage, make_kind, make_recipient
from tests.assistance.visits import jpg
from tests.browser.conftest import DESK, PHONE

WAITING = "#device li:has(.badge.way)"
SENT = "#device li:has(.badge.ok)"
REFUSED = "#device li:has(.badge.bad)"


@pytest.fixture
def package(_data):
    """Five motorcycles in Berau that were handed over, of a kind that asks for no numbers, unlike the starter's."""
    recipient = make_recipient(regency=Regency.objects.get(slug="berau"))
    return at_stage(Stage.HANDED_OVER, kind=make_kind("Motor untuk uji"), recipient=recipient)


@pytest.fixture
def unit(package):
    return package.units.first()


def path(package, unit=None):
    return f"/kerja/bantuan/{package.pk}/kunjungan/{f'?unit={unit.code}' if unit else ''}"


def lost_connection(window):
    """What the browser complains of while it is offline is what the test wants."""
    window.complaints[:] = [one for one in window.complaints if "INTERNET_DISCONNECTED" not in one]


def photograph(days=7, colour=(10, 80, 40)):
    """Taken a week ago, larger than the device sends."""
    moment = today() - timedelta(days=days)
    return jpg(colour, taken=f"{moment:%Y:%m:%d} 09:12:00", size=(2400, 1200), place=True)


def attach(page, *contents):
    page.locator("[name=foto]").set_input_files(
        [{"name": f"IMG_{n}.jpg", "mimeType": "image/jpeg", "buffer": one} for n, one in enumerate(contents, start=1)]
    )


def sign_in(window, person):
    client = Client()
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[-1])
    name, address = settings.SESSION_COOKIE_NAME, window.site.replace("http:", "https:")
    window.context.clear_cookies()
    window.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": address, "secure": True}])


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
    # A field has all the width of the phone.
    assert page.locator("form[data-visit] [name=note]").bounding_box()["width"] > 300

    contents = photograph(), photograph(days=0, colour=(200, 30, 30))
    window.context.set_offline(True)
    fill_in(page, state="broken", condition="heavy", note="Rem aus", turnover="1.250.000")
    attach(page, *contents)
    save(page)
    page.locator(WAITING).wait_for()
    assert not Visit.objects.filter(package=package).exists()
    assert page.locator("form[data-visit] [name=note]").input_value() == ""
    assert page.locator("form[data-visit] [name=foto]").evaluate("one => one.files.length") == 0
    # It is said where the officer looks, beside the button.
    page.locator("[data-said].msg.way").wait_for()
    page.locator("#device [data-status]", has_text="Tidak ada sambungan").wait_for()
    assert window.overflow() <= 0 and not window.axe()

    window.context.set_offline(False)
    page.locator(SENT).wait_for()
    page.locator("[data-said].msg.ok").wait_for()
    assert window.overflow() <= 0 and not window.axe()
    recorded = Visit.objects.get(package=package)
    assert (recorded.by, recorded.unit, recorded.state, recorded.note) == (officer, unit, "broken", "Rem aus")
    assert recorded.turnover == 1_250_000 and recorded.visited_on == today()
    old, new = VisitPhoto.objects.filter(visit=recorded).select_related("file").order_by("pk")
    # The camera's time and the originals' fingerprints, though smaller pictures were sent.
    for photo, content in zip((old, new), contents, strict=True):
        assert photo.is_by_device and photo.original_sha256 == hashlib.sha256(content).hexdigest()
        assert f"{photo.taken_at:%H:%M}" == "01:12" and photo.file.source_sha256 != photo.original_sha256
    assert day_of(old.taken_at) == today() - timedelta(days=7) and day_of(new.taken_at) == today()
    # The one that is a week old is pointed out on the phone, and on the page of the visit.
    assert (old.is_off_time, new.is_off_time) == (True, False)
    assert page.locator(SENT).inner_text().count("di luar waktu kunjungan") == 1

    # Pressed, opened and brought back again, it stays one.
    page.evaluate("dispatchEvent(new Event('online'))")
    page.reload()
    page.locator(SENT).wait_for()
    assert page.locator(WAITING).count() == 0
    assert page.locator("#visits + ul .msg.way", has_text="di luar waktu kunjungan").count() == 1
    assert Visit.objects.filter(package=package).count() == 1
    lost_connection(window)


def test_where_the_answer_was_lost_it_is_sent_again_and_stays_one(visit, account, package, unit):
    window = visit(path(package, unit), width=PHONE, user=account("petugas", regency=package.regency))
    page, sent = window.page, []

    def lose(route):
        """It arrives at the office; what the office says does not arrive here."""
        if route.request.method != "POST":
            return route.continue_()
        sent.append(route.fetch().json())
        return route.abort("internetdisconnected")

    page.route("**/kunjungan/**", lose)
    fill_in(page, note="Sekali saja")
    attach(page, photograph(days=0))
    save(page)
    page.locator("#device [data-status]", has_text="Tidak ada sambungan").wait_for()
    assert [one["is_new"] for one in sent] == [True] and Visit.objects.filter(package=package).count() == 1
    assert page.locator(WAITING).count() == 1

    page.unroute("**/kunjungan/**")
    page.locator("#device [data-send]").click()
    page.locator(SENT).wait_for()
    assert "Sudah diterima" in page.locator(SENT).inner_text()
    recorded = Visit.objects.get(package=package)
    assert recorded.note == "Sekali saja" and recorded.photos.count() == 1
    lost_connection(window)


def test_a_picture_that_was_used_before_is_pointed_out_on_the_phone(visit, account, package, unit):
    window = visit(path(package), width=PHONE, user=account("petugas", regency=package.regency))
    page, content = window.page, photograph(days=0, colour=(30, 30, 200))
    for number in range(2):
        form = page.locator("form[data-visit]").nth(number)
        page.locator("details.visit summary").nth(number).click()
        name = {"name": f"IMG_{number}.jpg", "mimeType": "image/jpeg", "buffer": content}
        form.locator("[name=foto]").set_input_files(name)
        form.locator("button.btn").click()
        page.locator(SENT).nth(number).wait_for()
    # The newest stands first.
    assert "Pernah dipakai" in page.locator(SENT).first.inner_text()
    assert "Pernah dipakai" not in page.locator(SENT).last.inner_text()
    first, second = VisitPhoto.objects.filter(visit__package=package).order_by("pk")
    assert second.repeats == first and (first.is_repeated, second.is_repeated) == (False, True)
    assert window.overflow() <= 0 and not window.axe()


def test_somebody_else_on_the_same_device_sees_and_sends_nothing(visit, account, package, unit):
    officer, colleague = (account("petugas", regency=package.regency) for _turn in range(2))
    window = visit(path(package, unit), width=PHONE, user=officer, expected={403})
    page = window.page
    window.context.set_offline(True)
    fill_in(page, state="lost", note="Rahasia")
    save(page)
    page.locator(WAITING).wait_for()

    # The old page of the first one is still open while the other is signed in.
    sign_in(window, colleague)
    window.context.set_offline(False)
    page.locator("#device [data-status]", has_text="masuk").wait_for()
    page.locator(WAITING).wait_for()
    assert not Visit.objects.filter(package=package).exists()

    page.goto(window.site + path(package, unit))
    page.wait_for_load_state("networkidle")
    assert page.locator("#device").is_hidden() and "Rahasia" not in page.content()
    assert not Visit.objects.filter(package=package).exists()

    sign_in(window, officer)
    page.goto(window.site + "/kerja/bantuan/kunjungan/")
    page.locator(SENT).wait_for()
    assert Visit.objects.get(package=package).by == officer
    lost_connection(window)


def test_what_the_office_refuses_stays_with_its_reason_and_is_mended(visit, account, package, unit):
    officer = account("petugas", regency=package.regency)
    window = visit(path(package, unit), width=PHONE, user=officer, expected={400})
    page = window.page
    fill_in(page, note="Catatan", turnover="6,5")
    attach(page, photograph())
    save(page)
    page.locator(REFUSED).wait_for()
    assert not Visit.objects.filter(package=package).exists()
    # Opened again it is still there, with the reason.
    page.reload()
    assert "Omzet" in page.locator(REFUSED).inner_text()
    assert window.overflow() <= 0 and not window.axe()
    # From the list of visits a link leads to its form.
    window.go("/kerja/bantuan/kunjungan/")
    page.locator(REFUSED).locator("a.btn").click()
    page.wait_for_url(f"**{path(package, unit)}")
    page.locator(REFUSED).locator("button.alt").click()
    assert page.locator("form[data-visit] [name=note]").input_value() == "Catatan"
    fill_in(page, turnover="6.500")
    save(page)
    page.locator(SENT).wait_for()
    assert page.locator(REFUSED).count() == 0
    recorded = Visit.objects.get(package=package)
    assert recorded.turnover == 6500 and recorded.photos.count() == 1


def test_an_expired_session_keeps_it_until_the_same_person_is_back(visit, account, package, unit):
    officer = account("petugas", regency=package.regency)
    window = visit(path(package, unit), width=PHONE, user=officer, expected={401, 403})
    page = window.page
    window.context.clear_cookies()
    fill_in(page, note="Catatan")
    attach(page, photograph())
    save(page)
    page.locator("#device [data-status]", has_text="masuk").wait_for()
    page.locator(WAITING).wait_for()
    assert not Visit.objects.filter(package=package).exists()
    assert window.overflow() <= 0 and not window.axe()
    # Signed in again in another window: the page that is still open sends it.
    sign_in(window, officer)
    page.locator("#device [data-send]").click()
    page.locator(SENT).wait_for()
    recorded = Visit.objects.get(package=package)
    assert (recorded.by, recorded.note, recorded.photos.count()) == (officer, "Catatan", 1)


def test_it_works_without_script(visit, account, package, unit):
    window = visit(path(package, unit), width=PHONE, user=account("petugas", regency=package.regency), javascript=False)
    page = window.page
    fill_in(page, state="idle", note="Tanpa skrip")
    attach(page, photograph())
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

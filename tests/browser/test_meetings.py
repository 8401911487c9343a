"""A round over the ten regencies, two meetings, and a promise that is carried from the first to the second and kept."""

from datetime import timedelta

from common.dates import today
from meetings.models import FollowUp, Meeting, Round
from regions.models import Regency
from tests.browser.conftest import DESK, PHONE

NAME = "Rapat Koordinasi Keliling"
PROMISE = "Mendata ulang koperasi yang tidak aktif di Paser"


def day(days):
    return f"{today() + timedelta(days=days):%d/%m/%Y}"


def send(window):
    window.page.locator("form.form button[type=submit]").first.click()
    window.page.locator(".msg.ok").first.wait_for()


def test_a_promise_is_carried_over_and_kept(visit, account):
    paser = Regency.objects.get(slug="paser")
    staff, verifier, officer = account("staf_provinsi"), account("verifikator"), account("petugas", regency=paser)

    # A round is planned over the ten regencies in one form: two of today, the others to come.
    office = visit("/kerja/rapat/putaran/baru/", width=DESK, user=staff)
    page = office.page
    page.locator("[name=name]").fill(NAME)
    page.locator("[name=year]").fill(str(today().year))
    send(office)
    assert not office.axe()
    rows = page.locator("form.form tbody tr")
    assert rows.count() == 10
    for number in range(10):
        row = rows.nth(number)
        is_first = row.locator("th").inner_text() in ("Paser", "Berau")
        row.locator("[name$=starts_on]").fill(day(0 if is_first else 10 + number))
        row.locator("[name$=start_time]").fill("09:00")
        row.locator("[name$=place]").fill("Aula kantor dinas")
        # The same chair twice on one day: it is pointed out, and allowed.
        row.locator("[name$=chair]").fill("Kepala Dinas")
    send(office)
    page.get_by_text("Bersamaan dengan").first.wait_for()
    one = Round.objects.get(name=NAME)
    assert one.meetings.count() == 10
    assert page.locator("form.form").count() == 0

    # The first is held, with an agenda and a promise of the regency.
    first = one.meetings.get(host=paser)
    office.go(f"/kerja/rapat/{first.pk}/")
    page.get_by_role("link", name="Sudah terlaksana").click()
    send(office)
    office.go(f"/kerja/rapat/{first.pk}/agenda/")
    page.locator("[name=more]").fill("Keadaan koperasi\nRencana pembinaan")
    send(office)
    office.go(f"/kerja/rapat/{first.pk}/notulen/")
    page.locator("[name=summary]").fill("Dibahas keadaan koperasi di Paser.")
    page.locator("[name=minutes]").fill("# RAHASIA-NOTULEN\n\n- satu")
    send(office)
    office.go(f"/kerja/rapat/{first.pk}/kesepakatan/")
    for text, public in ((PROMISE, "Terbuka"), ("RAHASIA-TERBATAS", "Terbatas")):
        page.locator("[name=text]").fill(text)
        page.locator("[name=regency]").select_option(str(paser.pk))
        page.locator("[name=due_on]").fill(day(30))
        page.get_by_label(public).check()
        send(office)
    assert not office.axe()

    # Everybody reads the promise, and nothing that is not for them.
    public = visit("/rapat/", width=PHONE, javascript=False)
    assert public.page.get_by_text("1 dari 10 kabupaten/kota sudah didatangi").count()
    assert public.overflow() <= 0
    promise = FollowUp.objects.get(text=PROMISE)
    for address in (f"/rapat/{first.pk}/", "/rapat/janji/", f"/rapat/janji/{promise.pk}/"):
        public.go(address)
        assert public.page.get_by_text(PROMISE).count() and not public.page.get_by_text("RAHASIA").count()
        assert public.overflow() <= 0, address
    assert public.page.get_by_text("terbuka", exact=True).count()

    # The next meeting with the regency lists it; the officer reports it there with evidence, on a phone.
    office.go("/kerja/rapat/baru/?wilayah=paser")
    page.locator("[name=title]").fill("Rapat lanjutan Paser")
    page.locator("[name=starts_on]").fill(day(0))
    page.locator("[name=is_held]").check()
    send(office)
    second = Meeting.objects.get(title="Rapat lanjutan Paser")
    desk = visit(f"/kerja/rapat/{second.pk}/", width=PHONE, user=officer, javascript=False)
    desk.page.get_by_role("link", name=PROMISE).click()
    desk.page.get_by_role("link", name="Laporkan selesai").click()
    desk.page.locator("[name=note]").fill("Semua sudah didata.")
    desk.page.locator("[name=done_on]").fill(day(0))
    desk.page.locator("[name=path]").fill("/statistik/pelaporan/")
    send(desk)
    assert desk.overflow() <= 0

    # Somebody else of the office confirms it at that meeting; it is closed there and everywhere.
    review = visit(f"/kerja/rapat/{second.pk}/", width=DESK, user=verifier)
    review.page.get_by_role("link", name=PROMISE).click()
    assert not review.axe()
    review.page.get_by_role("link", name="Konfirmasi bahwa sudah selesai").click()
    send(review)
    assert review.page.get_by_text("ditutup di sini").count() == 1
    promise.refresh_from_db()
    assert promise.status == "done" and promise.steps.last().meeting == second
    public.go(f"/rapat/janji/{promise.pk}/")
    assert public.page.get_by_text("Selesai", exact=True).count()
    assert public.page.get_by_role("link", name="/statistik/pelaporan/").count() == 1
    public.go("/rapat/janji/?keadaan=selesai")
    assert public.page.get_by_text(PROMISE).count() == 1

    # One that was planned is postponed; the old day stays on its page.
    berau = one.meetings.get(host__slug="berau")
    office.go(f"/kerja/rapat/{berau.pk}/")
    page.get_by_role("link", name="Tunda", exact=True).click()
    page.locator("[name=reason]").fill("Banjir")
    page.locator("[name=starts_on]").fill(day(40))
    send(office)
    public.go(f"/rapat/{berau.pk}/")
    assert public.page.get_by_text("Banjir").count() == 1

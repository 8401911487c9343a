"""From the front page to one cooperative by its numbers, and a year's scorecard taken, signed and read."""

import re

import pytest

from progress.models import Snapshot
from tests.browser.conftest import DESK, PHONE


@pytest.mark.parametrize(("width", "javascript"), [(PHONE, False), (DESK, True)])
def test_numbers_alone_lead_from_the_front_page_to_one_cooperative(visit, width, javascript):
    window = visit("/", width=width, javascript=javascript)
    page = window.page
    # How many regencies pass: the scorecard.
    page.locator("#gerbang dd.v a").first.click()
    page.wait_for_url("**/kemajuan/")
    assert window.overflow() <= 0
    # How many are active in a regency: the register's list of exactly these.
    number = page.locator("#h-kartu ~ .scroll tbody tr").last.locator("td .n a").first
    count = number.inner_text()
    number.click()
    page.wait_for_url("**/koperasi/?kantor=*")
    caption = page.locator("#t-rows").inner_text()
    assert caption.startswith(f"{count} koperasi")
    page.locator("table a").first.click()
    page.wait_for_url(re.compile(r"/koperasi/[0-9]+-"))
    assert page.locator("h1").inner_text()


def test_a_year_is_taken_by_one_and_signed_by_another(visit, account):
    staff, head = account("staf_provinsi"), account("pimpinan")
    office = visit("/kerja/kemajuan/", width=DESK, user=staff)
    page = office.page
    assert not office.axe()
    page.get_by_role("link", name="Ambil potret").click()
    page.locator("[name=tahun]").fill("2024")
    page.locator("[name=note]").fill("Rapat akhir tahun")
    page.locator("form.form button[type=submit]").click()
    page.locator(".msg.ok").first.wait_for()
    one = Snapshot.objects.get()
    assert not page.get_by_role("link", name="Tandatangani dan terbitkan").count()

    phone = visit(f"/kerja/kemajuan/potret/{one.pk}/", width=PHONE, user=head)
    assert phone.overflow() <= 0 and not phone.axe()
    phone.page.get_by_role("link", name="Tandatangani dan terbitkan").click()
    phone.page.locator("form.form button[type=submit]").click()
    phone.page.locator(".msg.ok").first.wait_for()

    public = visit(f"/kemajuan/potret/{one.pk}/", width=PHONE, javascript=False)
    assert public.overflow() <= 0
    assert public.page.get_by_text(one.sha256).count()
    assert public.page.get_by_text("Rapat akhir tahun").count()


def test_what_if_is_tried_on_a_phone_without_a_script(visit, account):
    window = visit(
        "/kerja/kemajuan/andai/?wilayah=samarinda", width=PHONE, user=account("staf_provinsi"), javascript=False
    )
    page = window.page
    assert window.overflow() <= 0
    total = page.locator("[name=cooperatives]").input_value()
    page.locator("[name=active]").fill(total)
    page.get_by_role("button", name="Hitung").click()
    page.get_by_text("Hasilnya").wait_for()
    assert page.get_by_text("100,0 %").count()
    assert window.overflow() <= 0
    page.locator("[name=active]").fill("banyak")
    page.get_by_role("button", name="Hitung").click()
    assert page.locator("[name=active]").input_value() == "banyak"
    assert page.locator(".errors").count()

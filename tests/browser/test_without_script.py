"""Everything works with JavaScript switched off, and with a keyboard alone."""

import csv
import json
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from cooperatives.models import AnnualReturn, Cooperative, Form
from regions.models import Regency
from tests.factories import make_cooperative

PASSWORD = "kata sandi untuk uji"


def asked(page):
    return parse_qs(urlsplit(page.url).query)


@pytest.fixture
def own(_data):
    """A cooperative of this test alone, under the office of Paser."""
    office = Regency.objects.get(slug="paser")
    form = Form.objects.filter(responsible_level=Form.Level.REGENCY).first()
    return make_cooperative("KSP Tanpa Skrip", regency=office, form=form, founded_on=date(2010, 1, 2))


def test_a_citizen_searches_narrows_pages_and_downloads(visit):
    window = visit("/", javascript=False, accept_downloads=True)
    page = window.page
    page.locator("main form.find, header form.find").locator("input[name=q]").first.fill("koperasi")
    page.keyboard.press("Enter")
    page.wait_for_url("**/koperasi/?q=koperasi")

    page.goto(window.site + "/koperasi/")
    whole = page.locator("table caption").first.inner_text()
    panel = page.locator("details.filter > summary")
    if not page.locator("#f-status").is_visible():
        panel.click()
    if not page.locator("#f-status input[value=active]").is_visible():
        page.locator("#f-status > summary").click()
    page.locator("#f-status input[value=active]").check()
    page.get_by_role("button", name="Terapkan").click()
    page.wait_for_url("**status=active*")
    assert asked(page) == {"status": ["active"]}, "the address holds what was chosen and no empty field"
    assert page.locator("table caption").first.inner_text() != whole

    page.locator(".pages a[rel=next]").click()
    page.wait_for_url("**page=2*")
    assert asked(page) == {"status": ["active"], "page": ["2"]}

    count = Cooperative.objects.in_register().filter(status="active").count()
    files = {}
    for form in ("CSV", "JSON", "XLSX"):
        with page.expect_download() as waiting:
            page.get_by_role("link", name=form, exact=True).click()
        files[form] = Path(waiting.value.path())
        assert waiting.value.suggested_filename.endswith(form.lower())
    assert len(list(csv.reader(files["CSV"].read_text(encoding="utf-8").splitlines()))) == count + 1
    assert json.loads(files["JSON"].read_text(encoding="utf-8"))["count"] == count
    assert files["XLSX"].read_bytes()[:2] == b"PK"

    page.locator("a.chip").first.click()
    page.wait_for_url("**/koperasi/")
    assert asked(page) == {}
    assert page.locator("table caption").first.inner_text() == whole


def test_a_citizen_checks_a_cooperative(visit):
    record = Cooperative.objects.in_register().filter(status="active").first()
    window = visit("/cek/", javascript=False)
    page = window.page
    page.locator("main input[name=q]").fill(record.name)
    page.locator("main form button").click()
    assert page.get_by_role("link", name=record.name).count()
    page.goto(window.site + "/cek/?q=zzqxw+tidak+ada")
    words = page.locator("main").inner_text().lower()
    assert "bukan bukti" in words
    assert "aman" not in words.replace("halaman", "").split()
    assert "terpercaya" not in words


def test_an_officer_signs_in_and_fills_the_grid(visit, account, own):
    officer = account("petugas", regency=own.regency)
    window = visit("/kerja/rat/?tahun=2024&q=tanpa+skrip", javascript=False)
    page = window.page
    page.locator("input[name=login]").fill(officer.username)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main form button[type=submit]").click()
    assert urlsplit(page.url).path == "/kerja/rat/", "signing in leads on to where one wanted to go"
    prefix = f"r{own.pk}"
    page.locator(f"[name={prefix}-rat_held]").select_option("1")
    page.locator(f"[name={prefix}-rat_on]").fill("31/02/2025")
    page.locator(f"[name={prefix}-members_men]").fill("1.200")
    page.locator(f"[name={prefix}-members_women]").fill("34")
    page.locator("form.rat-grid button").first.click()
    assert page.locator(f"#baris-{own.pk}.bad").count() == 1
    assert page.locator(f"[name={prefix}-rat_on]").input_value() == "31/02/2025", "what was typed is still there"
    assert not AnnualReturn.objects.filter(cooperative=own).exists()
    page.locator(f"[name={prefix}-rat_on]").fill("28/02/2025")
    page.locator("form.rat-grid button").first.click()
    entry = AnnualReturn.objects.get(cooperative=own)
    assert (entry.book_year, entry.rat_on, entry.members) == (2024, date(2025, 2, 28), 1234)


# -- By keyboard --------------------------------------------------------------------------------------

FOCUSED = (
    "(() => { const e = document.activeElement; return [e.tagName, e.name || e.className || e.textContent.trim()]; })()"
)
RING = """(() => { const s = getComputedStyle(document.activeElement);
return s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2 || s.boxShadow !== "none"; })()"""


def test_the_first_key_offers_the_way_past_the_menu(visit):
    page = visit("/koperasi/").page
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED)[1] == "skip"
    assert page.locator("a.skip").bounding_box()["y"] >= 0, "it can be seen once it has the focus"
    page.keyboard.press("Enter")
    assert page.url.endswith("#isi")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_the_search_and_the_facets_are_reached_and_seen_by_keyboard(visit):
    page = visit("/koperasi/").page
    page.locator("a.skip").focus()
    seen, unseen = [], []
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(FOCUSED))
        if not page.evaluate(RING):
            unseen.append(seen[-1])
        if seen[-1] == ["INPUT", "wilayah"]:
            break
    assert ["INPUT", "q"] in seen
    assert ["INPUT", "wilayah"] in seen, "the boxes of the first facet come soon after the search"
    assert unseen == [], "the focus can be seen everywhere"
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.wait_for_url("**/koperasi/?*wilayah=*")


def test_the_search_on_the_front_page_is_sent_by_enter(visit):
    page = visit("/").page
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED) == ["INPUT", "q"]:
            break
    page.keyboard.type("contoh")
    page.keyboard.press("Enter")
    page.wait_for_url("**/koperasi/?q=contoh")

"""On paper: the whole page and nothing to click."""

import re

import pytest

from cooperatives.models import Cooperative, Status

# A4 upright between margins of 15 mm, in CSS pixels.
SHEET = {"width": 680, "height": 1009}
NOT_PRINTED = "nav, form[method=get], .find, .filter, .btn, .pages, .tabs, a[href*='format=']"


@pytest.fixture(scope="session")
def record(_data):
    return Cooperative.objects.filter(status=Status.ACTIVE, board__isnull=False, returns__isnull=False).first()


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/koperasi/?wilayah=samarinda",
        "{record}",
        "/wilayah/",
        "/wilayah/kutai-barat/",
        "/statistik/",
        "/statistik/cooperatives/",
        "/statistik/assets/",
        "/statistik/rekap/",
        "/cek/?q=koperasi",
    ],
)
def test_a_page_fits_the_sheet_and_prints_nothing_to_click(visit, record, path):
    window = visit(path.format(record=record.get_absolute_url()))
    window.page.emulate_media(media="print")
    window.page.set_viewport_size(SHEET)
    assert window.overflow() <= 0, window.too_wide()
    shown = window.page.locator(NOT_PRINTED).locator("visible=true")
    assert [one.evaluate("one => one.outerHTML.slice(0, 80)") for one in shown.all()] == []


def test_a_long_table_keeps_every_row_and_ends_with_its_total_once(visit):
    window = visit("/statistik/rekap/")
    window.page.emulate_media(media="print")
    window.page.set_viewport_size(SHEET)
    # A foot of a table is repeated on every sheet, where it would stand below half of the rows.
    assert window.page.locator("tfoot").first.evaluate("one => getComputedStyle(one).display") == "table-row-group"
    # What stays in sight while a table scrolls would cover its neighbour on paper.
    first = window.page.locator(".scroll tbody tr > :first-child").first
    assert first.evaluate("one => getComputedStyle(one).position") == "static"


def test_what_is_folded_on_the_screen_stands_on_paper(visit):
    window = visit("/wilayah/samarinda/")
    rows = window.page.locator("section[aria-labelledby=h-kelompok] tbody th")
    # One for the sum, then ten.
    assert rows.count() > 11
    assert rows.locator("visible=true").count() == 11
    window.page.emulate_media(media="print")
    assert rows.locator("visible=true").count() == rows.count()


def test_the_sheet_says_what_the_form_that_it_leaves_out_asked_for(visit):
    window = visit("/statistik/rekap/?per=31/12/2020&menurut=located")
    window.page.emulate_media(media="print")
    text = window.page.locator("section[aria-labelledby=h-recap]").inner_text()
    assert re.search(r"31\s+Desember\s+2020", text)
    assert "Koperasi dihitung menurut tempat kedudukan" in text
    window.go("/koperasi/?wilayah=samarinda&status=active")
    assert window.page.get_by_text("Kabupaten/kota: Samarinda").is_visible()

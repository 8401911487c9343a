"""The documentation of the API in a real browser: `visit` fails on any breach of the policy."""

import pytest

from tests.browser.conftest import DESK, PHONE


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_shows_every_address_and_asks_one(visit, width):
    found = visit("/api/docs/", width=width)
    found.page.wait_for_selector("#operations-cooperatives-cooperatives_list")
    assert found.overflow() <= 0
    found.page.click("#operations-regencies-regencies_list .opblock-summary-control")
    found.page.click("#operations-regencies-regencies_list .try-out__btn")
    found.page.click("#operations-regencies-regencies_list .execute")
    found.page.wait_for_selector(
        "#operations-regencies-regencies_list .live-responses-table tbody .response-col_status"
    )
    assert "200" in found.page.text_content(".live-responses-table tbody .response-col_status")
    assert found.context.cookies() == []

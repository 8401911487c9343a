"""Notices in a real browser: they fit a phone, axe finds nothing, and they open without a script."""

from notices.models import Notice, post
from tests.browser.conftest import PHONE
from tests.browser.test_pages import fits
from tests.notices.made import unsaved

LIST = "/kerja/pemberitahuan/"


def told(user, count=7):
    words = {
        "subject": "Laporan triwulan IV 2025 Kabupaten Kutai Barat jatuh tempo tujuh hari lagi " + "W" * 60,
        "text": "Laporan belum dikirim.\nBuka formulirnya, periksa isinya, lalu kirim.",
        "path": "/kerja/koperasi/?" + "q=" + "a" * 80,
    }
    post([unsaved(user, key=f"uji:{user.pk}:{number}", **words) for number in range(count)])


def test_the_list_and_the_workspace_fit_and_are_accessible(visit, account):
    user = account("petugas")
    told(user)
    fits(visit("/kerja/", user=user))
    window = visit(LIST, user=user)
    fits(window)
    for summary in window.page.locator("main details > summary").all():
        summary.click()
    assert window.page.locator("main textarea").first.input_value().startswith("Laporan triwulan IV 2025")
    fits(window)


def test_a_notice_opens_without_a_script(visit, account):
    user = account("petugas")
    told(user, 2)
    window = visit("/kerja/", user=user, javascript=False, width=PHONE)
    window.page.locator("main form[action*='/buka/'] button").first.click()
    window.page.wait_for_url("**/kerja/koperasi/**")
    assert Notice.objects.visible_to(user).unseen().count() == 1

"""The office's day in a browser: entering, correcting, meeting a colleague, typing down a list, inviting an officer."""

from datetime import date
from urllib.parse import urlsplit

from cooperatives.models import AnnualReturn, Cooperative, Form
from regions.models import Regency
from tests.factories import make_cooperative

ADD = "/admin/cooperatives/cooperative/add/"


def choose(page, name, value):
    """Pick a suggestion behind an autocomplete box, as Select2 leaves it: the select holds the chosen option."""
    page.locator(f"#id_{name} + .select2-container").click()
    page.locator(".select2-search__field").fill(value)
    page.locator(".select2-results__option", has_text=value).first.click()


def save(page):
    page.locator("input[name=_save]").first.click()
    page.wait_for_load_state()


def test_a_clerk_enters_a_cooperative_and_sees_it_go_public(visit, account):
    regency = Regency.objects.get(slug="berau")
    older = make_cooperative("KSP Fajar Uji Pagi", regency=regency)
    clerk = account("staf_provinsi", full_name="Sari Uji")
    window = visit(ADD, user=clerk)
    page = window.page
    page.locator("#id_name").fill("Koperasi Simpan Pinjam Fajar Uji Pagi")
    regency_field = page.locator("#id_regency")
    if "admin-autocomplete" in (regency_field.get_attribute("class") or ""):
        choose(page, "regency", "Berau")
    else:
        regency_field.select_option(label=str(regency))
    page.locator("#id_first_since").fill("2 Maret 2020")
    save(page)
    warning = page.locator(".doubles")
    assert older.name in warning.inner_text(), "a likely double is shown before anything is saved"
    assert page.locator("#id_name").input_value() == "Koperasi Simpan Pinjam Fajar Uji Pagi"
    page.locator("#id_distinct_reason").fill("Akta lain, alamat lain")
    save(page)
    record = Cooperative.objects.get(name="Koperasi Simpan Pinjam Fajar Uji Pagi")
    assert record.is_demo, "while invented data is in, whatever is entered is invented too"

    page.goto(f"{window.site}/admin/cooperatives/cooperative/{record.pk}/status/")
    page.locator("#id_status").select_option("inactive")
    page.locator("#id_since").fill("05/06/2023")
    page.locator("#id_basis").fill("SK Kepala Dinas 12/2023")
    page.locator("input[type=submit].default").click()
    page.wait_for_load_state()

    page.goto(window.site + record.get_absolute_url())
    assert "Tidak aktif" in page.locator("main").inner_text()
    public = " ".join(page.locator("main").text_content().split())  # a date is held together by hard spaces
    assert "5 Juni 2023" in public
    assert "Sari Uji" not in public
    page.goto(f"{window.site}/admin/cooperatives/cooperative/{record.pk}/history/")
    history = page.locator("#content").inner_text()
    assert "Sari Uji" in history
    assert "SK Kepala Dinas 12/2023" in history


def test_the_second_of_two_editors_is_told_and_overwrites_nothing(visit, account):
    record = make_cooperative("KSP Dua Penyunting", village="Melak")
    address = f"/admin/cooperatives/cooperative/{record.pk}/change/"
    first = visit(address, user=account("staf_provinsi", full_name="Sari Pertama")).page
    second = visit(address, user=account("verifikator", full_name="Budi Kedua")).page
    first.locator("#id_village").fill("Barong Tongkok")
    save(first)
    second.locator("#id_village").fill("Linggang")
    second.locator("#id_district").fill("Bigung")
    save(second)
    told = second.locator(".conflict").inner_text()
    assert "Sari Pertama" in told and "Barong Tongkok" in told and "Linggang" in told
    record.refresh_from_db()
    assert (record.village, record.district) == ("Barong Tongkok", "")
    save(second)
    record.refresh_from_db()
    assert (record.village, record.district) == ("Linggang", "Bigung"), "having seen it, one may save"


def test_the_grid_is_typed_down_by_keyboard(visit, account):
    office = Regency.objects.get(slug="bontang")
    form = Form.objects.filter(responsible_level=Form.Level.REGENCY).first()
    records = [
        make_cooperative(f"KSP Turun {name}", regency=office, form=form, founded_on=date(2011, 1, 2)) for name in "ABC"
    ]
    page = visit("/kerja/rat/?tahun=2024&q=turun", user=account("petugas", regency=office)).page
    page.locator(f"[name=r{records[0].pk}-rat_held]").focus()
    for men in ("10", "20", "30"):
        page.keyboard.press("ArrowDown")  # "not known" becomes "yes"
        for typed in ("15/03/2025", "12", "", men, "5", "", ""):
            page.keyboard.press("Tab")
            page.keyboard.type(typed)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_load_state()
    page.locator(".msg.ok").first.wait_for()
    found = AnnualReturn.objects.filter(cooperative__in=records).order_by("cooperative__name")
    assert [(one.rat_held, one.rat_on, one.attendance, one.members) for one in found] == [
        (True, date(2025, 3, 15), 12, members) for members in (15, 25, 35)
    ]


def test_an_invited_officer_sets_a_password_and_sees_only_the_own_regency(visit, account):
    office, elsewhere = Regency.objects.get(slug="mahakam-ulu"), Regency.objects.get(slug="samarinda")
    form = Form.objects.filter(responsible_level=Form.Level.REGENCY).first()
    make_cooperative("KSP Milik Sendiri", regency=office, form=form, founded_on=date(2011, 1, 2))
    make_cooperative("KSP Milik Tetangga", regency=elsewhere, form=form, founded_on=date(2011, 1, 2))
    window = visit("/admin/accounts/user/add/", user=account("administrator"))
    page = window.page
    page.locator("#id_username").fill("petugas.undangan")
    page.locator("#id_full_name").fill("Lina Undangan")
    page.locator("#id_role").select_option("petugas")
    regency = page.locator("#id_regency")
    if "admin-autocomplete" in (regency.get_attribute("class") or ""):
        choose(page, "regency", "Mahakam Ulu")
    else:
        regency.select_option(label=str(office))
    save(page)
    link = page.locator("#tautan").input_value()
    assert urlsplit(link).path.startswith("/masuk/undangan/")

    guest = visit(urlsplit(link).path).page
    for field in guest.locator("input[type=password]").all():
        field.fill("sembilan perahu ketinting")
    guest.locator("main form button[type=submit]").click()
    guest.wait_for_url("**/masuk/")
    guest.locator("input[name=login]").fill("petugas.undangan")
    guest.locator("input[name=password]").fill("sembilan perahu ketinting")
    guest.locator("main form button[type=submit]").click()
    guest.wait_for_url("**/kerja/")
    guest.goto(window.site + "/kerja/rat/?tahun=2024&q=milik")
    words = guest.locator("main").inner_text()
    assert "KSP Milik Sendiri" in words
    assert "KSP Milik Tetangga" not in words

    again = visit(urlsplit(link).path).page
    assert again.locator("input[type=password]").count() == 0, "the link opens once"

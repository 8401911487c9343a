"""A messy workbook on its way into the register and out again, as a clerk and an officer meet it."""

import threading

import pytest
from django.db import connections
from django_tasks_db.management.commands.db_worker import Worker

from cooperatives.models import Cooperative
from imports.models import ImportBatch
from regions.models import Regency
from tests.browser.conftest import DESK, PHONE
from tests.imports.messy import corrected, messy

ROWS = 6111
LIST = "/kerja/impor/"


@pytest.fixture
def worker(_data, settings, tmp_path):
    """The worker of the long work, with the database as its queue, beside the server as `make run` has it."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    settings.MEDIA_ROOT = tmp_path
    one = Worker(
        queue_names=["default"],
        interval=0.1,
        batch=False,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id="uji",
        excluded_queue_names=[],
    )

    def run():
        try:
            one.run()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    yield one
    one.running = False
    thread.join()


def upload(window, name, content):
    page = window.page
    window.go(LIST)
    page.get_by_label("Isi berkas").select_option("koperasi")
    page.locator("#id_file").set_input_files({"name": name, "mimeType": "application/octet-stream", "buffer": content})
    page.get_by_role("button", name="Unggah").click()
    page.locator("#columns").wait_for(timeout=60_000)
    return ImportBatch.objects.latest("pk")


def keep_and_check(page):
    page.get_by_role("button", name="Simpan ini dan periksa").click()
    page.locator("#result").wait_for(timeout=120_000)


def counts(page):
    return [text.strip() for text in page.locator("section[aria-labelledby=result] .stat .v").all_inner_texts()]


def test_a_messy_workbook_goes_in_is_mended_and_is_taken_back(visit, account, worker):
    made = messy(ROWS)
    before = Cooperative.objects.count()
    clerk = account("staf_provinsi", full_name="Sari Pengimpor")
    window = visit(LIST, user=clerk)
    page = window.page
    assert not window.axe()

    # Columns: all known but one, about which the page wants a decision.
    first = upload(window, "Rekap Koperasi 2012.xlsx", made.file)
    assert (first.head_from, first.head_rows) == (5, 3)
    assert not window.axe()
    note = page.get_by_label("CATATAN KABID")
    assert note.input_value() == ""
    page.get_by_role("button", name="Simpan ini dan periksa").click()
    assert page.locator(".errors").is_visible(), "an unknown column is decided about, not skipped"
    page.get_by_label("CATATAN KABID").select_option("-")
    keep_and_check(page)

    # The dry run counts every row and writes nothing.
    good = ROWS - (made.refused - ROWS // 499)
    assert counts(page) == [f"{good:,}".replace(",", "."), "0", "0", str(made.refused)]
    assert Cooperative.objects.count() == before
    assert not window.axe()
    window.go(f"{LIST}{first.pk}/baris/?hasil=refused")
    text = page.locator("main").inner_text()
    assert "Kutai Kartanegaro" in text and "Kutai Kartanegara?" in text
    assert "U+200B" in text and "31/02/2010" in text
    assert not window.axe()
    window.go(f"{LIST}{first.pk}/")
    with page.expect_download() as download:
        page.get_by_role("link", name="Unduh baris yang ditolak").click()
    mended, count = corrected(download.value.path().read_bytes(), made.truth)
    assert count == ROWS - good

    # The good rows, then the mended ones, whose columns are remembered.
    page.locator("input[name=only_good]").check()
    page.get_by_role("button", name="Tulis").click()
    page.locator("#undo").wait_for(timeout=120_000)
    assert Cooperative.objects.count() == before + good
    second = upload(window, "diperbaiki.xlsx", mended)
    assert not page.locator("table.columns select", has=page.locator("option[value='']:checked")).count()
    keep_and_check(page)
    assert counts(page) == [str(count), "0", "0", "0"]
    page.get_by_role("button", name="Tulis").click()
    page.locator("#undo").wait_for(timeout=120_000)
    assert Cooperative.objects.count() == before + ROWS

    # The register shows it, with its history; the same file again is known.
    record = Cooperative.objects.get(legal_number__startswith="101/BH/XVIII")
    window.go(record.get_absolute_url())
    assert record.name in page.locator("main").inner_text()
    assert record.history.latest().history_change_reason.startswith(f"Impor {second.pk}")
    upload(window, "Rekap lagi.xlsx", made.file)
    told = page.locator("main").inner_text()
    assert "sudah diterapkan" in told and "Sari Pengimpor" in told

    # Taken back with a reason, the later one first.
    for batch in (second, first):
        window.go(f"{LIST}{batch.pk}/")
        page.locator("#id_reason").fill("Berkas tahun yang salah")
        page.locator("section[aria-labelledby=undo] button").click()
        page.get_by_text("Berkas tahun yang salah").wait_for(timeout=120_000)
    assert Cooperative.objects.count() == before
    assert Cooperative.history.filter(id=record.pk, history_type="-").exists()


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_an_officer_imports_without_script_and_never_into_another_regency(visit, account, settings, tmp_path, width):
    settings.MEDIA_ROOT = tmp_path
    own, other = Regency.objects.get(slug="berau"), Regency.objects.get(slug="samarinda")
    officer = account("petugas", regency=own)
    window = visit(LIST, user=officer, javascript=False, width=width)
    page = window.page
    lines = [
        "Nama Koperasi;Kab/Kota;Status",
        f"KSU Petugas {width};;Aktif",
        f"KSU Tetangga {width};Kota Samarinda;Aktif",
    ]
    batch = upload(window, "berau.csv", "\n".join(lines).encode())
    assert window.overflow() == 0, window.too_wide()
    keep_and_check(page)
    assert counts(page) == ["1", "0", "0", "1"]
    assert window.overflow() == 0, window.too_wide()
    window.go(f"{LIST}{batch.pk}/baris/?hasil=refused")
    assert "kabupaten/kota Anda sendiri" in page.locator("main").inner_text()
    assert window.overflow() == 0, window.too_wide()
    window.go(f"{LIST}{batch.pk}/")
    page.locator("input[name=only_good]").check()
    page.get_by_role("button", name="Tulis").click()
    page.locator("#undo").wait_for()
    assert Cooperative.objects.get(name=f"KSU Petugas {width}").regency == own
    assert not Cooperative.objects.filter(name=f"KSU Tetangga {width}", regency=other).exists()

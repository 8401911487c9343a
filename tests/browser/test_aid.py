"""Five motorcycles on their way: from the proposal to a fleet that is partly broken, a report that is owed, and a
citizen who saw that one is gone."""

import re

import pytest

from assistance.models import AidKind, Package, Unit
from cooperatives.models import Cooperative
from regions.models import Regency
from tests.assistance.aid import make_programme
from tests.browser.conftest import DESK, PHONE
from tests.files.made_files import pdf


@pytest.fixture
def cooperative(_data):
    """One of Berau that stands, and that no demo aid goes to."""
    regency = Regency.objects.get(slug="berau")
    return Cooperative.objects.active().filter(regency=regency, recipients=None).order_by("pk").first()


def hand_in(page, number, day, *, place="file"):
    """Fill in a new document."""
    page.locator("[name=number]").fill(number)
    page.locator("[name=dated_on]").fill(day)
    content = {"name": f"{number.replace('/', '-')}.pdf", "mimeType": "application/pdf", "buffer": pdf()}
    page.locator(f"[name={place}]").set_input_files(content)


def send(window):
    """Press the button of the form, which leads back to the package."""
    window.page.locator("form.form button[type=submit]").click()
    window.page.locator(".msg.ok").wait_for()


def take(window, package, label, number, day, **more):
    """One step, by whoever's window it is."""
    window.go(f"/kerja/bantuan/{package.pk}/")
    window.page.get_by_role("link", name=label, exact=True).click()
    hand_in(window.page, number, day)
    for name, text in more.items():
        window.page.locator(f"[name={name}]").fill(text)
    send(window)


def test_five_motorcycles_from_the_proposal_to_who_holds_them(visit, account, cooperative):
    programme = make_programme("Program sarana usaha koperasi", fiscal_year=2024)
    kind = AidKind.objects.get(code="sepeda-motor-roda-tiga")
    staff, verifier = account("staf_provinsi"), account("verifikator")
    officer = account("petugas", regency=cooperative.regency)

    # The office enters the proposal; the cooperative is found by its name.
    office = visit(f"/kerja/bantuan/baru/?q={cooperative.name}", width=DESK, user=staff)
    page = office.page
    page.locator(f'a[href="?koperasi={cooperative.pk}"]').click()
    assert not office.axe()
    page.locator("[name=programme]").select_option(str(programme.pk))
    page.locator("[name=kind]").select_option(str(kind.pk))
    page.locator("[name=transfer]").select_option("grant")
    page.locator("[name=quantity]").fill("5")
    page.locator("[name=unit_price]").fill("37.500.000")
    hand_in(page, "012/UJI/2024", "09/01/2024")
    page.locator("form.form button[type=submit]").click()
    page.locator(".msg.ok").wait_for()
    package = Package.objects.get(recipient__cooperative=cooperative)
    assert (package.stage, package.planned_amount) == ("proposed", 187_500_000)

    # Before the decree the public does not see it.
    public = visit("/bantuan/", width=PHONE)
    public.expected.add(404)
    assert public.go(package.get_absolute_url()).status == 404

    # Verified and recommended by the verifier, budgeted by the office, decreed by the verifier.
    review = visit(f"/kerja/bantuan/{package.pk}/", width=DESK, user=verifier)
    assert not review.axe()
    take(review, package, "Diverifikasi", "027/UJI", "02/02/2024")
    take(review, package, "Direkomendasikan", "518/041/UJI", "19/02/2024")
    take(office, package, "Dianggarkan", "3.30.01/UJI", "04/04/2024")
    take(review, package, "Ditetapkan", "500/UJI/2024", "17/07/2024")

    # A date before the decree is refused in words, and the file need not be chosen again.
    office.go(f"/kerja/bantuan/{package.pk}/nilai/?nilai=contracted")
    page.locator("[name=amount]").fill("187.500.000")
    send(office)
    office.expected.add(409)
    office.go(f"/kerja/bantuan/{package.pk}/")
    page.get_by_role("link", name="Pengadaan", exact=True).click()
    hand_in(page, "027/118/UJI", "30/06/2024")
    page.locator("form.form button[type=submit]").click()
    page.get_by_text("30 Juni 2024 mendahului").first.wait_for()
    assert page.locator("[name=document]").input_value() != ""
    page.locator("[name=document]").select_option("")
    hand_in(page, "027/119/UJI", "30/09/2024")
    send(office)

    # Units with their numbers, the papers of the grant, the handover; a colleague confirms it.
    office.go(f"/kerja/bantuan/{package.pk}/unit/")
    page.locator("[name=maker]").fill("Viar")
    page.locator("[name=type]").fill("Karya 200")
    page.locator("[name=year]").fill("2024")
    for row in range(5):
        for name in ("frame_number", "engine_number", "plate_number"):
            page.locator(f"[name=unit-{row}-{name}]").fill(f"RAHASIA-{name[:3].upper()}-{row}")
    send(office)
    assert Unit.objects.filter(package=package).count() == 5
    for paper, number in (("nphd", "900/UJI"), ("pact", "901/UJI")):
        office.go(f"/kerja/bantuan/{package.pk}/lampirkan/?jenis={paper}")
        hand_in(page, number, "01/11/2024")
        send(office)
    office.go(f"/kerja/bantuan/{package.pk}/serah/")
    for box in page.locator("[name=units]").all():
        box.check()
    page.locator("[name=handed_on]").fill("18/11/2024")
    page.locator("[name=received_by]").fill("Ibu Rahasia Sekali")
    hand_in(page, "045/UJI", "18/11/2024")
    send(office)
    assert page.get_by_role("button", name="Konfirmasi").count() == 0
    review.go(f"/kerja/bantuan/{package.pk}/")
    review.page.get_by_role("button", name="Konfirmasi").click()
    review.page.locator(".msg.ok").wait_for()
    package.refresh_from_db()
    assert package.stage == "handed_over"

    # The officer looks at them: one works, two are broken, two were not looked at.
    looked = visit(f"/kerja/bantuan/{package.pk}/kunjungan/", width=PHONE, user=officer, javascript=False)
    units = list(package.units.order_by("pk"))
    for unit, state, condition in (
        (units[0], "in_use", "good"),
        (units[1], "broken", "heavy"),
        (units[2], "broken", "light"),
    ):
        looked.go(f"/kerja/bantuan/{package.pk}/kunjungan/?unit={unit.code}")
        form = looked.page.locator("form[data-visit]")
        form.locator("[name=state]").select_option(state)
        form.locator("[name=condition]").select_option(condition)
        form.locator("button.btn").click()
        looked.page.locator(".msg.ok").first.wait_for()
    assert sorted(package.units.values_list("state", flat=True)) == ["broken", "broken", "in_use", "in_use", "in_use"]

    # A citizen reads the code of one and says that it is gone; the office takes it as a hint.
    public.go(units[3].get_absolute_url())
    assert not public.axe()
    public.page.get_by_label("Tidak ada").check()
    public.page.locator("[name=note]").fill("Sudah dijual ke luar kota")
    public.page.locator("main button[type=submit], main form button").last.click()
    public.page.get_by_text(re.compile("Terima kasih")).first.wait_for()
    assert not public.context.cookies()
    office.go("/kerja/bantuan/petunjuk/")
    page.get_by_text("Sudah dijual ke luar kota").wait_for()
    page.get_by_role("button", name=re.compile("petunjuk", re.IGNORECASE)).first.click()
    page.locator(".msg.ok").first.wait_for()

    # What the public sees: where it stands, what is owed, what is broken; nothing that is private.
    public.go(package.get_absolute_url())
    assert not public.axe()
    assert public.overflow() <= 0 and not public.too_wide()
    words = public.page.locator("main").inner_text()
    assert "Laporan penggunaan terlambat" in words
    assert words.count("Rusak") >= 2 and cooperative.name in words
    assert "500/UJI/2024" in words and "045/UJI" in words
    for private in ("RAHASIA", "Rahasia Sekali", "dijual ke luar kota"):
        assert private not in public.page.content()

    # And the auditor finds who owes the report.
    auditor = visit("/kerja/bantuan/pemeriksaan/lpj/", width=DESK, user=account("auditor"))
    assert cooperative.name in auditor.page.locator("main").inner_text()

"""Every kind of page in a real browser: it fits a phone and a desk, axe finds nothing, and nothing breaks on its way.

What the console says, a breach of the content security policy and an answer of 400 or more fail a test by themselves
(conftest.py).
"""

import pytest

from cooperatives.models import Cooperative, FormerName, Status
from cooperatives.summary import publish
from regions.models import Regency
from tests.factories import make_cooperative, make_user

HEIGHTS = {1280: 900, 360: 740}
# The rules that look at where things stand; what the others look at is the same at every width.
LAYOUT = {360: ("target-size", "scrollable-region-focusable", "color-contrast", "link-name", "button-name", "label")}
TWIN = "Koperasi Contoh Kembar Jaya"


@pytest.fixture(scope="session")
def places(_data):
    """The changing parts of addresses: records of each sort whose page looks different."""
    rich = Cooperative.objects.filter(status=Status.ACTIVE, board__isnull=False, returns__isnull=False).first()
    dissolved = Cooperative.objects.filter(status=Status.DISSOLVED).first()
    merged = make_cooperative("Koperasi Contoh Yang Bergabung", regency=rich.regency)
    merged.record_status(
        Status.MERGED, since=rich.founding_date or rich.returns.first().rat_on, basis="Akta", by=None, successor=rich
    )
    voided = make_cooperative("Koperasi Contoh Salah Ketik")
    voided.void(reason="Salah ketik", by=None)
    renamed = make_cooperative("Koperasi Contoh Nama Baru")
    FormerName.objects.create(cooperative=renamed, name="Koperasi Contoh Nama Lama")
    publish([renamed.pk])
    # The longest that a name may be, without a place to break, and words that a page must not take for markup.
    long = make_cooperative("Koperasi " + "W" * 100 + " <b>&amp;</b> {{ 7|add:7 }}", regency=rich.regency)
    for _ in range(2):
        make_cooperative(TWIN, regency=rich.regency)
    return {
        "rich": rich.get_absolute_url(),
        "rich_pk": rich.pk,
        "rich_name": rich.name.replace(" ", "+"),
        "dissolved": dissolved.get_absolute_url(),
        "dissolved_name": dissolved.name.replace(" ", "+"),
        "merged": merged.get_absolute_url(),
        "voided": voided.get_absolute_url(),
        "renamed": renamed.get_absolute_url(),
        "long": long.get_absolute_url(),
        "regency_pk": Regency.objects.get(slug="kutai-barat").pk,
    }


def fits(visit, *, widths=(1280, 360)):
    """The page is as wide as its window, at the desk and on the phone, and axe finds nothing on either."""
    found = []
    for width in widths:
        visit.page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        if (wider := visit.overflow()) > 0:
            found.append(f"{width} px: the page is {wider} px too wide: {visit.too_wide()}")
        if broken := visit.axe(*LAYOUT.get(width, ())):
            found.append(f"{width} px: {broken}")
    assert not found, "\n".join(found)


PUBLIC = {
    "home": "/",
    "home, another metric": "/?ukuran=anggota",
    "home, English": "/en/",
    "list": "/koperasi/",
    "list, narrowed": "/koperasi/?wilayah=samarinda&wilayah=kutai-timur&status=active&rat=2024",
    "list, a day": "/koperasi/?per=2013-01-31&wilayah=kutai-barat",
    "list, nothing found": "/koperasi/?q=zzqxw",
    "list, not understood": "/koperasi/?rat=abcd&status=nonsense&per=kemarin",
    "list, second page, English": "/en/koperasi/?page=2",
    "detail": "{rich}",
    "detail, English": "/en{rich}",
    "detail, dissolved": "{dissolved}",
    "detail, merged": "{merged}",
    "detail, renamed": "{renamed}",
    "detail, long name": "{long}",
    "meetings": "/rapat/",
    "meetings, English": "/en/rapat/",
    "meetings, not understood": "/rapat/?tahun=abcd&wilayah=atlantis",
    "promises": "/rapat/janji/",
    "map of meetings": "/wilayah/?ukuran=rapat",
    "progress": "/kemajuan/",
    "progress, a year, English": "/en/kemajuan/?tahun=2024",
    "progress, not understood": "/kemajuan/?per=kemarin&tahun=12&rubrik=x",
    "progress of a regency": "/kemajuan/samarinda/",
    "progress, another rubric": "/kemajuan/?per=2014-12-31&rubrik=permenkop-2007",
    "announced": "/kemajuan/diumumkan/",
    "predicates": "/kemajuan/predikat/",
    "snapshots": "/kemajuan/potret/",
    "map of predicates": "/?ukuran=predikat",
    "check": "/cek/",
    "check, found": "/cek/?q={rich_name}",
    "check, dissolved": "/cek/?q={dissolved_name}",
    "check, former name": "/cek/?q=Nama+Lama",
    "check, several": "/cek/?q=Kembar+Jaya",
    "check, not found": "/cek/?q=zzqxw",
    "check, refused": "/cek/?q=6472011203450001",
    "check, English": "/en/cek/?q=zzqxw",
    "regencies": "/wilayah/",
    "regency in force": "/wilayah/kutai-barat/",
    "regency, former": "/wilayah/tarakan/",
    "regency, English": "/en/wilayah/mahakam-ulu/",
    "figures": "/statistik/",
    "indicator": "/statistik/cooperatives/",
    "indicator, money, English": "/en/statistik/assets/",
    "indicator, few values": "/statistik/labour/",
    "recap": "/statistik/rekap/",
    "recap, a day, English": "/en/statistik/rekap/?per=2012-12-31",
    "reports": "/statistik/pelaporan/",
    "reports, a year, English": "/en/statistik/pelaporan/?tahun=2026",
    "aid unit, find": "/bantuan/unit/",
    "aid unit, no code": "/bantuan/unit/?kode=0000",
    "about": "/tentang/",
    "privacy": "/privasi/",
    "accessibility": "/aksesibilitas/",
    "sign-in": "/masuk/",
    "forgotten password": "/masuk/sandi/lupa/",
}
MISSING = {
    "not found": ("/tidak-ada/", 404),
    "not found, English": ("/en/nothing/", 404),
    "list, beyond its end": ("/koperasi/?page=9999", 404),
    "receipt, unknown": ("/statistik/pelaporan/bukti/2025-t4-berau-9/", 404),
    "voided": ("{voided}", 410),
    "not understood": ("/tentang/?q=%00", 400),
}


@pytest.mark.parametrize("path", PUBLIC.values(), ids=PUBLIC)
def test_a_public_page_fits_and_is_accessible(visit, places, path):
    fits(visit(path.format(**places)))


@pytest.mark.parametrize(("path", "status"), MISSING.values(), ids=MISSING)
def test_a_refusal_fits_and_is_accessible(visit, places, path, status):
    window = visit(path.format(**places), expected={status})
    assert window.responses[0].status == status
    fits(window)


@pytest.mark.parametrize("path", ["/", "/koperasi/?status=active", "{rich}", "/wilayah/kutai-barat/", "/masuk/"])
def test_a_dark_page_is_accessible(visit, places, path):
    fits(visit(path.format(**places), color_scheme="dark"), widths=[1280])


def test_the_documentation_of_the_api_runs_under_the_strict_policy(visit):
    window = visit("/api/docs/")
    window.page.get_by_text("/api/v1/cooperatives/", exact=True).first.wait_for()
    assert window.overflow() <= 0


SIGNED_IN = {
    "workspace": "/kerja/",
    "RAT grid": "/kerja/rat/?q=kembar",
    "reports": "/kerja/laporan/",
    "own account": "/masuk/akun/",
    "own password": "/masuk/sandi/",
    "second factor": "/masuk/dua-langkah/",
    "admin": "/admin/",
    "register": "/admin/cooperatives/cooperative/?q=kembar&status__exact=active",
    "entry": "/admin/cooperatives/cooperative/add/",
    "record": "/admin/cooperatives/cooperative/{rich_pk}/change/",
    "history": "/admin/cooperatives/cooperative/{rich_pk}/history/",
    "status": "/admin/cooperatives/cooperative/{rich_pk}/status/",
    "void": "/admin/cooperatives/cooperative/{rich_pk}/batalkan/",
    "merge": "/admin/cooperatives/cooperative/{rich_pk}/gabung/",
    "queue": "/admin/cooperatives/cooperative/mutu/",
    "doubles": "/admin/cooperatives/cooperative/mutu/ganda/",
    "return, entry": "/admin/cooperatives/annualreturn/add/",
    "figures": "/admin/figures/figure/?q=labour",
    "figure, entry": "/admin/figures/figure/add/",
    "regency": "/admin/regions/regency/{regency_pk}/change/",
    "vocabulary": "/admin/cooperatives/kind/",
    "rule, entry": "/admin/cooperatives/inactivityrule/add/",
    "accounts": "/admin/accounts/user/",
    "invitation": "/admin/accounts/user/add/",
}


@pytest.fixture(scope="session")
def administrator(_data):
    return make_user("administrator", "admin.pages", password="tujuh kapal ulin biru")


@pytest.mark.parametrize("path", SIGNED_IN.values(), ids=SIGNED_IN)
def test_a_page_behind_the_sign_in_fits_and_is_accessible(visit, places, administrator, path):
    fits(visit(path.format(**places), user=administrator))


@pytest.mark.parametrize(
    "path", ["/kerja/", "/kerja/rat/?q=kembar", "/admin/cooperatives/cooperative/{rich_pk}/change/"]
)
def test_a_dark_page_behind_the_sign_in_is_accessible(visit, places, administrator, path):
    fits(visit(path.format(**places), user=administrator, color_scheme="dark"), widths=[1280])


def test_a_refusal_to_an_officer_fits_and_is_accessible(visit, account):
    window = visit("/admin/", user=account("petugas"), expected={403})
    assert 403 in {one.status for one in window.responses}
    fits(window)

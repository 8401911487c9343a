"""What tests of imports share."""

from datetime import date

import pytest
from django.core.cache import caches

from tests.factories import make_cooperative, make_regency, make_user
from tests.imports.sources import known
from tests.imports.uploads import checked, only


@pytest.fixture(autouse=True)
def _own_folder(tmp_path, settings):
    """Files of a test are gone with it, and no work of another test seems to go on."""
    settings.MEDIA_ROOT = tmp_path
    caches["progress"].clear()


@pytest.fixture
def sources(monkeypatch):
    """The importer of tests.imports.sources is known."""
    known(monkeypatch)


# Files of cooperatives -------------------------------------------------------------------------------

HEAD = "Nama Koperasi;NIK;Nomor Badan Hukum;Kab/Kota;Status"


@pytest.fixture
def kukar():
    return make_regency(
        "Kutai Kartanegara", kemendagri_code="64.02", bps_code="6403", synonyms="Kukar\nKutai Kertanegara"
    )


@pytest.fixture
def kubar():
    return make_regency("Kutai Barat", kemendagri_code="64.07", bps_code="6402", synonyms="Kubar")


@pytest.fixture
def clerk(kukar, kubar):
    return make_user("staf_provinsi")


@pytest.fixture
def officer(kukar, kubar):
    return make_user("petugas", regency=kukar)


@pytest.fixture
def check(clerk):
    """check("KSP Maju;;;Kukar;Aktif") gives the checked batch of a file with these rows."""

    def make(*lines, head=HEAD, by=clerk, **constants):
        return checked([head, *lines], kind="koperasi", by=by, **constants)

    return make


@pytest.fixture
def maju(kukar):
    """A known cooperative, active since 2015."""
    return make_cooperative(
        "KSP Maju",
        regency=kukar,
        nomor_induk_koperasi="3275070060001",
        since=date(2015, 1, 1),
        founded_on=date(2010, 1, 1),
        address="Jl. Lama",
        phone="0541-111",
    )


@pytest.fixture
def of_maju(check, maju):
    """of_maju("Alamat;Kecamatan", "Jl. Baru;Tenggarong") gives the one row of a file about that one."""

    def make(head, line, **options):
        return only(check(f"{maju.nomor_induk_koperasi};{line}", head=f"NIK;{head}", **options))

    return make

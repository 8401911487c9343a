"""Files out: always saved and never shown, and not a byte other than those that were received."""

import re
from urllib.parse import unquote

import pytest
from django.test import Client

from files.models import GuardedFile, StoredFileDamaged
from files.names import as_attachment
from files.serving import serve
from tests.files import made_files as made

pytestmark = [pytest.mark.django_db, pytest.mark.same_on_both, pytest.mark.urls("tests.files.urls")]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def fetched(client, clerk):
    client.force_login(clerk)
    return lambda kept: client.get(f"/uji/{kept.pk}/")


@pytest.mark.parametrize(
    ("name", "data", "content_type"),
    [
        ("laporan.pdf", made.pdf(), "application/pdf"),
        ("foto.jpeg", made.picture(), "image/jpeg"),
        ("gambar.png", made.picture("PNG"), "image/png"),
        ("data.xlsx", made.workbook(), XLSX),
    ],
)
def test_the_headers_are_those_of_a_download_that_can_do_nothing(take, fetched, name, data, content_type):
    response = fetched(take(name, data))
    assert response.status_code == 200
    assert {
        "Content-Type": content_type,
        "Content-Disposition": f"attachment; filename=\"{name}\"; filename*=UTF-8''{name}",
        "X-Content-Type-Options": "nosniff",
        # Through all the middleware: that of pages has not put its own in its place.
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Frame-Options": "DENY",
    }.items() <= dict(response.headers).items()
    assert response["Content-Length"] == str(GuardedFile.objects.get().size)
    sent = b"".join(response)
    response.close()
    assert sent == data or name.endswith(("jpeg", "png"))


def test_they_do_not_wait_for_a_middleware(take):
    response = serve(take("laporan.pdf", made.pdf()))
    response.close()
    assert dict(response.headers) == {
        "Content-Type": "application/pdf",
        "Content-Length": str(len(made.pdf())),
        "Content-Disposition": "attachment; filename=\"laporan.pdf\"; filename*=UTF-8''laporan.pdf",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
    }


def test_control_another_page_has_the_policy_of_pages(client):
    assert "sandbox" not in client.get("/")["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("Berita Acara.pdf", "Berita Acara.pdf"),
        ("é – “RAT” 50%; a.pdf", "e  RAT 50__ a.pdf"),
        ("报告.pdf", "file.pdf"),
        ('a"\r\nSet-Cookie: x=y.pdf', "a_ Set-Cookie_ x_y.pdf"),
        ("../../etc/a\\b.pdf", "b.pdf"),
        ("\u202efdp.exe.pdf", "fdp.exe.pdf"),
    ],
)
def test_a_name_ends_no_header(name, plain):
    header = as_attachment(name)
    found = re.fullmatch(
        r"attachment; filename=\"([A-Za-z0-9 ._()-]+)\"; filename\*=UTF-8''([A-Za-z0-9._%~-]+)", header
    )
    assert found and found[1] == plain
    assert not re.search('[\r\n"/\\\\\u202e]', unquote(found[2]))


@pytest.mark.parametrize("harm", ["flipped", "cut", "longer", "missing", "replaced"])
def test_changed_bytes_are_never_handed_out(take, fetched, caplog, harm):
    kept = take("a.pdf", made.pdf())
    data = bytearray(kept.place.read_bytes())
    kept.place.unlink()
    data[100] ^= 1
    changed = {"flipped": data, "cut": made.pdf()[:-1], "longer": made.pdf() + b"\n", "replaced": made.pdf(b"<<>>")}
    if harm in changed:
        kept.place.write_bytes(changed[harm])
    with pytest.raises(StoredFileDamaged):
        serve(kept)
    assert f"file {kept.pk}" in caplog.text
    careful = Client(raise_request_exception=False)
    careful.force_login(kept.by)
    response = careful.get(f"/uji/{kept.pk}/")
    assert response.status_code == 500 and b"%PDF" not in response.content


def test_what_was_compared_is_what_is_sent(take):
    kept = take("a.pdf", made.pdf())
    response = serve(kept)
    kept.place.unlink()
    kept.place.write_bytes(made.HTML)
    assert b"".join(response) == made.pdf()
    response.close()


def test_it_is_behind_the_sign_in(take, client):
    assert client.get(f"/uji/{take('a.pdf', made.pdf()).pk}/").status_code == 302

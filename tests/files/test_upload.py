"""Uploads over the limit are stopped while they stream: 413 and a page, memory flat, nothing left on the disk."""

import io
import tracemalloc

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from files.models import GuardedFile
from files.upload import ATTACHMENTS
from tests.files import made_files as made
from tests.files.conftest import left

pytestmark = [pytest.mark.django_db, pytest.mark.same_on_both, pytest.mark.urls("tests.files.urls")]
ADDRESS = "/uji/kirim/"
MIB = 2**20
BOUNDARY = "batas"


@pytest.fixture
def sender(client, clerk):
    client.force_login(clerk)
    return client


@pytest.fixture
def temporary(tmp_path, settings):
    """Where Django puts what it receives."""
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path / "upload"
    settings.FILE_UPLOAD_TEMP_DIR.mkdir()
    return settings.FILE_UPLOAD_TEMP_DIR


@pytest.fixture
def small(monkeypatch):
    """The same rules with other numbers."""
    monkeypatch.setattr(ATTACHMENTS, "file", 10_000)
    monkeypatch.setattr(ATTACHMENTS, "together", 25_000)


def _files(*sizes):
    return {"file": [SimpleUploadedFile(f"{number}.pdf", b"a" * size) for number, size in enumerate(sizes)]}


def test_the_limits_are_those_that_were_promised():
    assert (ATTACHMENTS.file, ATTACHMENTS.together) == (10 * MIB, 25 * MIB)


def test_several_files_within_the_limit_arrive(sender, temporary):
    files = [SimpleUploadedFile("a.pdf", made.pdf()), SimpleUploadedFile("b.png", made.picture("PNG"))]
    response = sender.post(ADDRESS, {"file": files})
    assert response.status_code == 200 and GuardedFile.objects.count() == 2
    assert not list(temporary.iterdir())


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("size", [10_000, 10_001])
def test_the_limit_of_a_file_is_exact(sender, size):
    response = sender.post(ADDRESS, _files(size))
    # One that fits is looked at, and is no PDF.
    assert response.status_code == (413 if size > 10_000 else 400)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    "sizes",
    [(10_001,), (5, 10_001), (10_001, 5), (9_000, 9_000, 9_000), (49_000,), (300_000,), (10_001, 0, 5)],
)
def test_too_much_is_answered_with_413_and_nothing_is_kept(sender, media, temporary, sizes):
    response = sender.post(ADDRESS, _files(*sizes))
    assert response.status_code == 413 and 'href="/uji/kirim/"' in response.content.decode()
    assert not GuardedFile.objects.exists() and left(media) == [] and not list(temporary.iterdir())


@pytest.mark.usefixtures("small")
def test_the_page_leads_back_to_where_the_form_stood_and_nowhere_else(sender):
    for referer, back in (("http://testserver/kerja/", "http://testserver/kerja/"), ("https://lain.example/", ADDRESS)):
        page = sender.post(ADDRESS, _files(10_001), headers={"referer": referer}).content.decode()
        assert f'<a href="{back}">' in page and ("lain.example" in page) is False


def test_without_its_token_nothing_is_taken(clerk, media):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(clerk)
    assert strict.post(ADDRESS, {"file": SimpleUploadedFile("a.pdf", made.pdf())}).status_code == 403
    assert left(media) == []


class Body(io.RawIOBase):
    """A request that is made while it is read; counts what was taken of it."""

    def __init__(self, parts):
        super().__init__()
        self.parts, self.taken, self.rest = iter(parts), 0, b""

    def read(self, size=-1):
        while not self.rest:
            try:
                self.rest = next(self.parts)
            except StopIteration:
                return b""
        data, self.rest = self.rest[:size], self.rest[size:]
        self.taken += len(data)
        return data


def _part(name):
    return f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()


END = f"\r\n--{BOUNDARY}--\r\n".encode()


def _body(megabytes):
    piece = bytes(MIB)
    yield _part("a.pdf")
    for _ in range(megabytes):
        yield piece
    yield END


def _sent_in_chunks(client, body, **environ):
    """As gunicorn hands over a request with Transfer-Encoding: chunked."""
    return client.request(
        **{
            "REQUEST_METHOD": "POST",
            "PATH_INFO": ADDRESS,
            "CONTENT_TYPE": f"multipart/form-data; boundary={BOUNDARY}",
            "HTTP_TRANSFER_ENCODING": "chunked",
            "wsgi.input": body,
            "wsgi.input_terminated": True,
        }
        | environ
    )


@pytest.mark.parametrize("megabytes", [11, 500])
def test_chunks_without_a_length_are_stopped_at_the_limit(sender, media, temporary, megabytes):
    body = Body(_body(megabytes))
    tracemalloc.start()
    try:
        response = _sent_in_chunks(sender, body)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert response.status_code == 413
    assert body.taken <= ATTACHMENTS.thrown_away + MIB and peak < 8 * MIB
    assert not GuardedFile.objects.exists() and left(media) == [] and not list(temporary.iterdir())


def test_chunks_without_an_end_that_reach_no_file_are_stopped_too(sender):
    """Blanks in base64 never come to the handler that counts."""
    start = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n'
    start = f"{start}Content-Transfer-Encoding: base64\r\n\r\n".encode()
    body = Body([start, *[b" " * MIB] * 200])
    assert _sent_in_chunks(sender, body).status_code == 413
    assert body.taken <= ATTACHMENTS.thrown_away + MIB


def test_control_chunks_without_a_length_within_the_limit_arrive(sender):
    response = _sent_in_chunks(sender, Body([_part("a.pdf"), made.pdf()[:100], made.pdf()[100:], END]))
    assert response.status_code == 200, response.content
    assert GuardedFile.objects.get().size == len(made.pdf())


def test_where_the_server_does_not_end_the_body_nothing_is_read(sender):
    body = Body([_part("a.pdf"), made.pdf(), END])
    assert _sent_in_chunks(sender, body, **{"wsgi.input_terminated": False}).content == b""
    assert body.taken == 0


def test_a_length_that_is_too_large_is_refused_unread(sender):
    body = Body([b"x"])
    response = _sent_in_chunks(sender, body, CONTENT_LENGTH=str(500 * MIB))
    assert response.status_code == 413 and body.taken == 0

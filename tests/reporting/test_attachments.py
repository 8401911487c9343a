"""Files that go with a report: in with the form, out to whoever may see the report, frozen with it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from files.models import GuardedFile
from reporting.filling import fill
from reporting.models import Attachment, Status
from tests.factories import make_regency, make_user
from tests.files import made_files
from tests.reporting.reports import make_report, posted, submitted, typed

pytestmark = pytest.mark.django_db


@pytest.fixture
def report():
    return make_report()


@pytest.fixture
def officer(report, client):
    user = make_user("petugas", regency=report.regency)
    client.force_login(user)
    return user


def upload(name="berita acara.pdf", content=None):
    return SimpleUploadedFile(name, made_files.pdf() if content is None else content)


def send(client, report, said=None, **more):
    report.refresh_from_db()
    data = posted(said or typed(), version=report.version, **more)
    return client.post(reverse("report", args=[report.pk]), data)


def address(report, one):
    return reverse("attachment", args=[report.pk, one.pk])


def test_a_file_comes_in_with_the_form_and_nothing_typed_is_lost(client, report, officer):
    answer = send(client, report, typed({"trained": "5"}), lampiran=upload(), simpan="1")
    assert answer.status_code == 302
    report.refresh_from_db()
    assert report.typed["lines"] == {"trained": {"typed": "5"}}
    one = report.attachments.current().get()
    assert one.file.name == "berita acara.pdf" and one.file.by == officer
    served = client.get(address(report, one))
    assert b"".join(served.streaming_content).startswith(b"%PDF-")
    assert served["Content-Disposition"].startswith("attachment")
    assert served["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_a_refused_file_says_why_and_the_draft_is_kept(client, report, officer):
    answer = send(client, report, lampiran=upload("laporan.pdf", b"<html><script>1</script>"), kirim="1")
    assert answer.status_code == 200
    assert answer.context["shown"].refused_file
    report.refresh_from_db()
    assert report.status == Status.DRAFT and report.typed["lines"]["trained"] == {"typed": "62"}
    assert not GuardedFile.objects.exists()


def test_what_is_typed_beside_a_file_that_is_too_large_is_kept(client, report, officer):
    answer = send(client, report, lampiran=upload("pindaian.pdf", bytes(10 * 1024 * 1024 + 1)), kirim="1")
    assert answer.status_code == 200 and "10 MB" in answer.context["shown"].refused_file
    report.refresh_from_db()
    assert report.status == Status.DRAFT and report.typed["lines"]["trained"] == {"typed": "62"}
    assert not report.attachments.exists()


def test_a_file_that_was_taken_away_is_gone_from_the_report(client, report, officer):
    send(client, report, lampiran=upload(), simpan="1")
    one = report.attachments.get()
    send(client, report, hapus=str(one.pk))
    assert not report.attachments.current().exists()
    assert Attachment.objects.get().removed_by == officer


def test_a_submission_names_its_files_and_nothing_is_added_afterwards(client, report, officer):
    send(client, report, lampiran=upload(), kirim="1")
    report.refresh_from_db()
    assert report.status == Status.SUBMITTED
    (named,) = report.steps.get().content["files"]
    one = report.attachments.get()
    assert named == {"name": "berita acara.pdf", "sha256": one.file.sha256}
    send(client, report, lampiran=upload("lagi.pdf"), simpan="1")
    send(client, report, hapus=str(one.pk))
    assert [row.pk for row in report.attachments.current()] == [one.pk]


def test_a_file_cannot_slip_into_a_report_that_was_submitted_meanwhile(client, report, officer, monkeypatch):
    from reporting import attachments

    def slow(file, *, by):
        other = type(report).objects.select_related("period__form", "form", "regency").get(pk=report.pk)
        other.submit(fill(other), by=by)
        return receive(file, by=by)

    receive = attachments.receive
    monkeypatch.setattr(attachments, "receive", slow)
    assert send(client, report, lampiran=upload(), simpan="1").status_code == 409
    assert not report.attachments.exists()


def test_a_foreign_file_is_not_there(client, report, officer):
    other = make_report(make_regency("Berau"))
    colleague = make_user("petugas", regency=other.regency)
    client.force_login(colleague)
    send(client, other, lampiran=upload(), simpan="1")
    one = other.attachments.get()
    client.force_login(officer)
    assert client.get(address(other, one)).status_code == 404
    # Nor through a report of one's own.
    assert client.get(address(report, one)).status_code == 404
    assert send(client, report, hapus=str(one.pk)).status_code == 302
    assert other.attachments.current().exists()


def test_the_office_sees_it_and_a_visitor_does_not(client, report, officer):
    send(client, report, lampiran=upload(), simpan="1")
    where = address(report, report.attachments.get())
    client.force_login(make_user("auditor"))
    served = client.get(where)
    assert served.status_code == 200
    # To its end, where it lets go of its file.
    b"".join(served.streaming_content)
    client.logout()
    assert client.get(where).status_code == 302


def test_a_report_has_ten_files_at_most(client, report, officer, monkeypatch):
    monkeypatch.setattr(Attachment, "MOST", 1)
    send(client, report, lampiran=upload(), simpan="1")
    answer = send(client, report, lampiran=upload("dua.pdf"), simpan="1")
    assert "1" in answer.context["shown"].refused_file
    assert report.attachments.count() == 1


def test_a_submitted_report_shows_its_files(client, report, officer):
    send(client, report, lampiran=upload(), simpan="1")
    report.refresh_from_db()
    submitted(report, by=officer, said=typed(act="x"))
    assert "berita acara.pdf" in client.get(reverse("report", args=[report.pk])).content.decode()

"""Photographs of visits: private, looked at for repeats and times, and never a way in for anything else."""

import hashlib
import uuid
from datetime import date, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from assistance.models import Visit, VisitPhoto
from assistance.stages import Stage
from common.dates import day_of
from files.models import GuardedFile, folder
from tests.assistance.aid import at_stage, make_recipient
from tests.assistance.visits import answers, jpg
from tests.factories import make_regency, make_user
from tests.files import made_files

pytestmark = pytest.mark.django_db

DAY = date(2025, 2, 18)


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def berau():
    return make_regency("Berau")


@pytest.fixture
def package(berau):
    return at_stage(Stage.HANDED_OVER, recipient=make_recipient(regency=berau))


@pytest.fixture
def unit(package):
    return package.units.first()


@pytest.fixture
def officer(berau):
    return make_user("petugas", "petugas.berau", regency=berau)


@pytest.fixture
def phone(client, officer):
    client.force_login(officer)
    return client


def upload(content, name="foto.jpg"):
    return SimpleUploadedFile(name, content, "image/jpeg")


def send(client, unit, *contents, script=True, **values):
    data = answers(unit, visited_on=DAY, **values)
    data["foto"] = [one if isinstance(one, SimpleUploadedFile) else upload(one) for one in contents]
    headers = {"accept": "application/json"} if script else {}
    return client.post(reverse("visit_package", args=[unit.package_id]), data, headers=headers)


def told_by(hash_of=b"asli", at="2025-02-18T09:12:00"):
    return {"foto_asli": hashlib.sha256(hash_of).hexdigest(), "foto_waktu": at}


def taken(text):
    return timezone.make_aware(datetime.fromisoformat(text))


# The time ---------------------------------------------------------------------------------------------


def test_the_cameras_time_is_read_before_the_picture_is_written_anew(phone, unit):
    response = send(phone, unit, jpg(taken="2025:02:18 09:12:00", place=True))
    assert response.json()["marks"] == []
    photo = VisitPhoto.objects.get()
    assert photo.taken_at == taken("2025-02-18T09:12:00") and not photo.is_by_device
    assert b"Exif" not in photo.file.place.read_bytes()


def test_the_devices_time_counts_where_the_file_has_none_and_the_cameras_comes_first(phone, unit):
    send(phone, unit, jpg((1, 1, 1)), **told_by(b"satu"))
    send(phone, unit, jpg((2, 2, 2), taken="2025:02:18 07:00:00"), **told_by(b"dua"))
    first, second = VisitPhoto.objects.order_by("pk")
    assert first.taken_at == taken("2025-02-18T09:12:00") and first.is_by_device
    assert second.taken_at == taken("2025-02-18T07:00:00") and not second.is_by_device


def test_without_a_time_it_is_said_to_be_unknown(phone, unit):
    send(phone, unit, jpg())
    photo = VisitPhoto.objects.get()
    assert photo.taken_at is None and not photo.is_off_time and not photo.is_by_device
    page = phone.get(reverse("visit_package", args=[unit.package_id])).content.decode()
    assert "tidak diketahui" in page or "not known" in page


@pytest.mark.parametrize(
    "said", ["kemarin", "2025-13-01T00:00:00", "0001-01-01T00:00:00", "9999-12-31T23:59:59", "1" * 90]
)
def test_a_time_that_is_none_is_unknown(phone, unit, said):
    assert send(phone, unit, jpg(), **told_by(at=said)).status_code == 200
    assert VisitPhoto.objects.get().taken_at is None


@pytest.mark.parametrize(
    ("at", "is_off"),
    [
        ("2025-02-16T23:59:59", True),
        ("2025-02-17T00:00:00", False),
        ("2025-02-18T12:00:00", False),
        ("2025-02-19T23:59:59", False),
        ("2025-02-20T00:00:00", True),
        ("2025-02-19T15:59:59+00:00", False),
        ("2025-02-19T16:00:00+00:00", True),
        ("2024-02-18T12:00:00", True),
    ],
)
def test_a_photograph_belongs_to_the_day_of_the_visit_and_the_days_beside_it_in_wita(phone, unit, at, is_off):
    response = send(phone, unit, jpg(), **told_by(at=at))
    assert VisitPhoto.objects.get().is_off_time is is_off
    assert len(response.json()["marks"]) == int(is_off)


# Used before ------------------------------------------------------------------------------------------


def test_the_same_picture_again_is_pointed_out_with_where_it_was_used(phone, officer, unit, package):
    send(phone, unit, jpg(taken="2025:02:18 09:12:00"))
    other = package.units.last()
    response = send(phone, other, jpg(taken="2025:02:18 09:12:00"))
    (words,) = response.json()["marks"]
    assert response.status_code == 200 and unit.code in words and str(package.pk) in words
    first, second = VisitPhoto.objects.order_by("pk")
    assert (first.is_repeated, second.is_repeated, second.repeats) == (False, True, first)


def test_a_repeat_is_known_by_the_original_however_it_was_made_smaller(phone, unit):
    send(phone, unit, jpg((1, 1, 1)), **told_by(b"asli"))
    send(phone, unit, jpg((2, 2, 2)), **told_by(b"asli"))
    # Without the script the original itself comes.
    original = jpg((3, 3, 3))
    send(phone, unit, jpg((4, 4, 4)), **told_by(original))
    send(phone, unit, original)
    assert list(VisitPhoto.objects.order_by("pk").values_list("is_repeated", flat=True)) == [False, True, False, True]


def test_a_hash_that_is_none_repeats_nothing(phone, unit):
    for colour in range(3):
        send(phone, unit, jpg((80 * colour, 9, 9)), foto_asli="", foto_waktu="")
        send(phone, unit, jpg((80 * colour, 120, 9)), foto_asli="X" * 64, foto_waktu="")
    assert VisitPhoto.objects.count() == 6 and not VisitPhoto.objects.filter(is_repeated=True).exists()


def test_of_a_repeat_in_another_regency_an_officer_learns_only_that(phone, unit, client):
    elsewhere = at_stage(Stage.HANDED_OVER, recipient=make_recipient(regency=make_regency("Paser")))
    office = make_user("staf_provinsi")
    client.force_login(office)
    send(client, elsewhere.units.first(), jpg())
    client.force_login(make_user("petugas", regency=unit.package.regency))
    (words,) = send(client, unit, jpg()).json()["marks"]
    assert elsewhere.units.first().code not in words and str(elsewhere.pk) not in words.split()
    client.force_login(office)
    page = client.get(reverse("visit_package", args=[unit.package_id])).content.decode()
    assert elsewhere.units.first().code in page


def test_marks_stand_on_the_page_and_in_the_auditors_list(phone, unit, client):
    send(phone, unit, jpg(), **told_by(at="2024-02-18T12:00:00"))
    page = phone.get(reverse("visit_package", args=[unit.package_id]))
    assert page.context["visits"][0][1][0][1]
    client.force_login(make_user("auditor"))
    assert len(client.get(reverse("aid_check", args=["foto"])).context["lines"]) == 1


# The way in and out -----------------------------------------------------------------------------------


HOSTILE = {
    "html": upload(made_files.HTML),
    "svg": upload(made_files.SVG),
    "pdf": upload(made_files.pdf(), "foto.pdf"),
    "pdf as jpg": upload(made_files.pdf()),
    "cut": upload(jpg(size=(400, 300))[:400]),
    "huge": upload(made_files.png_header(50_000, 50_000), "foto.png"),
    "empty": upload(b""),
    "program": upload(b"MZ" * 100, "foto.exe"),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("script", [True, False])
def test_a_hostile_photograph_is_refused_and_nothing_is_kept(phone, unit, name, script):
    one = HOSTILE[name]
    one.seek(0)
    response = send(phone, unit, one, script=script, note="Catatan saya")
    assert response.status_code == 400
    assert not Visit.objects.exists() and not VisitPhoto.objects.exists()
    assert not GuardedFile.objects.filter(name__startswith="foto").exists()
    assert not [path for path in folder().rglob("*") if path.is_file()] if folder().exists() else True
    if script:
        assert response.json()["detail"]
    else:
        assert response.context["refused"]["note"].value() == "Catatan saya"
    unit.refresh_from_db()
    assert unit.last_seen_on is None


def test_a_name_that_leads_elsewhere_is_only_a_name(phone, unit):
    send(phone, unit, upload(jpg(), "..\\..\\etc\\\u202egpj.jpg"))
    photo = VisitPhoto.objects.select_related("file").get()
    assert photo.file.place.parent == folder() and "/" not in photo.file.name and "\u202e" not in photo.file.name


def test_what_is_too_large_is_refused_and_what_was_typed_stays(phone, unit, monkeypatch):
    from files.upload import ATTACHMENTS

    monkeypatch.setattr(ATTACHMENTS, "file", 1000)
    response = send(phone, unit, jpg(size=(900, 900)) + b"\0" * 2000, script=False, note="Catatan saya")
    assert response.status_code == 400 and response.context["refused"]["note"].value() == "Catatan saya"
    assert not Visit.objects.exists()


def test_a_visit_has_at_most_six_photographs(phone, unit):
    assert send(phone, unit, *(jpg((colour, 0, 0)) for colour in range(7))).status_code == 400
    assert not GuardedFile.objects.filter(name="foto.jpg").exists()
    assert send(phone, unit, *(jpg((colour, 0, 0)) for colour in range(6))).status_code == 200
    assert VisitPhoto.objects.count() == 6


def test_what_arrives_again_is_not_kept_again(phone, unit):
    key = str(uuid.uuid4())
    for _turn in range(3):
        assert send(phone, unit, jpg(), key=key).status_code == 200
    assert VisitPhoto.objects.count() == 1 and GuardedFile.objects.filter(name="foto.jpg").count() == 1
    assert not VisitPhoto.objects.get().is_repeated


def test_a_photograph_is_private_to_who_may_see_the_package(phone, client, unit):
    send(phone, unit, jpg())
    photo = VisitPhoto.objects.get()
    address = reverse("visit_photo", args=[photo.pk])
    response = phone.get(address)
    assert response.status_code == 200 and response["Cache-Control"] == "private, no-store"
    assert response["Content-Disposition"].startswith("attachment") and response["Content-Type"] == "image/jpeg"
    assert b"".join(response.streaming_content) == photo.file.place.read_bytes()
    client.force_login(make_user("petugas", regency=make_regency("Paser")))
    assert client.get(address).status_code == 404
    client.logout()
    assert client.get(address).status_code == 302


def test_the_day_of_a_photograph_is_that_of_wita(phone, unit):
    send(phone, unit, jpg(), **told_by(at="2025-02-18T16:30:00+00:00"))
    assert day_of(VisitPhoto.objects.get().taken_at) == DAY + timedelta(1)

"""Snapshots: frozen as they were known, signed by a second person, moved by nothing."""

import hashlib
import json
import re
from datetime import date

import pytest
from django.db import IntegrityError, transaction

from common.models import ChangedMeanwhile, StepRefused
from cooperatives.models import Status
from progress.models import Criterion, Snapshot
from progress.models.snapshot import canonical
from progress.sheet import rules_of, sheet
from tests.factories import make_regency, make_user
from tests.progress.cards import ON, make_register, make_rules

pytestmark = pytest.mark.django_db


@pytest.fixture
def berau():
    make_rules()
    regency = make_regency("Berau")
    regency.made = make_register(regency, good=3, inactive=1)
    return regency


@pytest.fixture
def staff():
    return make_user("staf_provinsi")


@pytest.fixture
def head():
    return make_user("pimpinan")


def taken(by, on=ON):
    rules = rules_of(on)
    return Snapshot.take(sheet(on, rules), rubric=rules.rubric, on=on, by=by)


def text(response, status=200):
    assert response.status_code == status, response.status_code
    return re.sub(r"\s+", " ", response.content.decode().replace("\u00a0", " "))


def test_the_content_is_canonical_and_has_its_hash(berau, staff):
    one = taken(staff)
    assert one.content == canonical(json.loads(one.content)) == canonical(sheet(ON, rules_of(ON)))
    assert one.sha256 == hashlib.sha256(one.content.encode()).hexdigest()
    assert json.loads(one.content)["rubric"]["key"] == "uji"


@pytest.mark.usefixtures("berau")
def test_whoever_takes_it_never_signs_it(staff, head):
    one = taken(head)
    with pytest.raises(StepRefused):
        one.sign(by=head)
    with pytest.raises(StepRefused):
        one.refuse(by=head, reason="tidak")
    # The second wall.
    with pytest.raises(IntegrityError), transaction.atomic():
        Snapshot.objects.filter(pk=one.pk).update(state="signed", signed_by=head, signed_at=one.taken_at)
    one.sign(by=make_user("pimpinan"))
    assert one.state == "signed"


@pytest.mark.usefixtures("berau")
def test_it_is_decided_once_and_by_whoever_saw_it_as_it_stands(staff, head):
    one = taken(staff)
    stale = Snapshot.objects.get(pk=one.pk)
    one.sign(by=head)
    with pytest.raises(ChangedMeanwhile):
        stale.refuse(by=head, reason="terlambat")
    with pytest.raises(StepRefused):
        one.refuse(by=head, reason="berubah pikiran")
    other = taken(staff)
    with pytest.raises(IntegrityError), transaction.atomic():
        taken(staff)
    other.refuse(by=head, reason="angka belum lengkap")
    assert Snapshot.objects.published().count() == 1


@pytest.mark.usefixtures("berau")
def test_content_that_was_tampered_with_is_never_signed(staff, head):
    one = taken(staff)
    Snapshot.objects.filter(pk=one.pk).update(content=one.content.replace('"passed":1', '"passed":9'))
    one.refresh_from_db()
    assert not one.is_intact
    with pytest.raises(StepRefused):
        one.sign(by=head)


def test_later_changes_do_not_move_it_and_the_difference_is_shown(client, berau, staff, head):
    one = taken(staff)
    one.sign(by=head)
    before = text(client.get(f"/kemajuan/potret/{one.pk}/"))
    frozen = client.get(f"/kemajuan/potret/{one.pk}.json").content
    assert "Tidak ada: dengan rubrik yang sama" in before
    berau.made[0].record_status(Status.INACTIVE, since=date(2025, 6, 1), basis="koreksi", by=None)
    Criterion.objects.filter(key="aktif").update(name="Nama baru")
    after = text(client.get(f"/kemajuan/potret/{one.pk}/"))
    table = 'id="t-kartu"'
    assert before.split(table)[1].split("</table>")[0] == after.split(table)[1].split("</table>")[0]
    moved = after.split('id="t-beda"')[1]
    assert "75,0 % (3/4)" in moved and "50,0 % (2/4)" in moved and "lulus" in moved
    assert client.get(f"/kemajuan/potret/{one.pk}.json").content == frozen == one.content.encode()
    assert hashlib.sha256(frozen).hexdigest() in after
    paper = client.get(f"/kemajuan/potret/{one.pk}.pdf")
    assert paper.content.startswith(b"%PDF") and paper.content.count(b"/Type /Page\n") == 1


def test_only_what_is_signed_is_public(client, berau, staff, head):
    waiting = taken(staff)
    for suffix in ("/", ".json", ".pdf"):
        assert client.get(f"/kemajuan/potret/{waiting.pk}{suffix}").status_code == 404
    assert client.get("/api/v1/progress/snapshots/").json()["results"] == []
    waiting.refuse(by=head, reason="angka salah")
    assert client.get(f"/kemajuan/potret/{waiting.pk}/").status_code == 404
    assert "angka salah" not in text(client.get("/kemajuan/potret/"))
    signed = taken(staff)
    signed.sign(by=head)
    page = text(client.get("/kemajuan/potret/"))
    assert signed.sha256 in page and staff.full_name not in page
    assert client.get(f"/api/v1/progress/snapshots/{signed.pk}/").json()["content"] == signed.content
    assert "31 Desember 2025" in text(client.get("/kemajuan/")).split('id="h-lain"')[1]
    rows = b"".join(client.get("/kemajuan/potret/?format=csv").streaming_content).decode()
    assert signed.sha256 in rows


def test_the_way_through_the_workspace(client, berau, staff, head):
    client.force_login(staff)
    page = client.post("/kerja/kemajuan/potret/baru/", {"tahun": "2026", "note": "Tahun berjalan"})
    assert "Yang dapat diterbitkan tahun 2007 sampai 2025" in text(page) and "Tahun berjalan" in text(page)
    assert "2007 sampai 2025" in text(client.post("/kerja/kemajuan/potret/baru/", {"tahun": "2006"}))
    page = client.post("/kerja/kemajuan/potret/baru/", {"tahun": "2025", "note": "Rapat akhir tahun"})
    one = Snapshot.objects.get()
    assert (page.status_code, page.url) == (302, f"/kerja/kemajuan/potret/{one.pk}/")
    hidden = client.post("/kerja/kemajuan/potret/baru/", {"tahun": "2024", "note": "a\u202eb"})
    assert "errors" in text(hidden) and Snapshot.objects.count() == 1
    again = client.post("/kerja/kemajuan/potret/baru/", {"tahun": "2025"})
    assert "sudah menunggu tanda tangan" in text(again)
    assert client.post(f"/kerja/kemajuan/potret/{one.pk}/tanda-tangan/").status_code == 403
    client.force_login(head)
    assert "Tandatangani dan terbitkan" in text(client.get(page.url))
    refusing = f"/kerja/kemajuan/potret/{one.pk}/tolak/"
    assert "errors" in text(client.post(refusing, {"reason": "", "version": "1"}))
    stale = client.post(f"/kerja/kemajuan/potret/{one.pk}/tanda-tangan/", {"version": "99"})
    assert stale.status_code == 409
    done = client.post(f"/kerja/kemajuan/potret/{one.pk}/tanda-tangan/", {"version": "1"})
    assert done.status_code == 302
    one.refresh_from_db()
    assert (one.state, one.signed_by) == ("signed", head)
    assert client.post(refusing, {"reason": "terlambat", "version": "2"}).status_code == 409


def test_what_if_computes_and_keeps_nothing(client, berau):
    officer = make_user("petugas", regency=berau)
    client.force_login(officer)
    assert 'href="/kemajuan/berau/"' in text(client.get("/kerja/kemajuan/"))
    page = text(client.get("/kerja/kemajuan/andai/"))
    # The own regency's numbers stand there by themselves.
    assert 'value="3"' in page and 'value="4"' in page
    before = json.dumps(sheet(ON, rules_of(ON)))
    asked = {"wilayah": "berau", "cooperatives": "4", "active": "2", "good": "2"}
    page = text(client.get("/kerja/kemajuan/andai/", asked))
    assert "Hasilnya" in page and "50,0 %" in page and "1 → 0 dari 1" in page
    assert "Perlu 1 koperasi aktif lagi" in page
    assert json.dumps(sheet(ON, rules_of(ON))) == before
    wrong = text(client.get("/kerja/kemajuan/andai/", asked | {"active": "9"}))
    assert "Lebih dari yang ada: paling banyak 4" in wrong and 'value="9"' in wrong and "Hasilnya" not in wrong
    unknown = text(client.get("/kerja/kemajuan/andai/", asked | {"good": ""}))
    assert "belum ada data" in unknown
    assert client.post("/kerja/kemajuan/andai/", asked).status_code == 405
    assert "Pilih dari daftar" in text(client.get("/kerja/kemajuan/andai/?wilayah=atlantis"))

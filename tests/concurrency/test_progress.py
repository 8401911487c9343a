"""A snapshot is decided once and taken once, however many do it in the same moment."""

import pytest
from django.test import Client

from progress.models import Snapshot
from progress.sheet import rules_of, sheet
from tests.concurrency.test_register import at_once, editor, post
from tests.factories import make_user
from tests.progress.cards import ON, make_rules

pytestmark = pytest.mark.django_db(transaction=True)


def head(name):
    client = Client()
    client.force_login(make_user("pimpinan", name))
    return client


def test_of_two_heads_who_decide_one_does():
    rules = make_rules()
    one = Snapshot.take(sheet(ON, rules_of(ON)), rubric=rules, on=ON, by=make_user("staf_provinsi", "pengambil"))
    address = f"/kerja/kemajuan/potret/{one.pk}"
    answers = at_once(
        post(head("satu"), f"{address}/tanda-tangan/", {"version": "1"}),
        post(head("dua"), f"{address}/tolak/", {"version": "1", "reason": "Belum lengkap"}),
    )
    assert sorted(answer.status_code for answer in answers) == [302, 409]
    one.refresh_from_db()
    assert one.version == 2 and (one.state == "signed") == (one.reason == "")


def test_a_year_taken_at_once_waits_once():
    make_rules()
    clients = [editor(f"staf{number}") for number in range(4)]
    answers = at_once(*[post(client, "/kerja/kemajuan/potret/baru/", {"tahun": "2025"}) for client in clients])
    assert sum(answer.status_code == 302 for answer in answers) == 1
    assert all(answer.status_code in (200, 302, 409) for answer in answers)
    assert Snapshot.objects.count() == 1

"""The story of a record, readable: who, when, what, from what to what, and why."""

from datetime import UTC, date, datetime

import pytest
from django.db import models
from django.urls import reverse

from common.history import display, story
from cooperatives.merging import merge
from cooperatives.models import (
    AnnualReturn,
    BoardMember,
    Cooperative,
    DeedAmendment,
    FormerName,
    StatusPeriod,
)
from tests.factories import make_cooperative, make_group, make_return, make_user
from tests.filled_form import filled_form

pytestmark = pytest.mark.django_db
ROWS = (AnnualReturn, BoardMember, FormerName, DeedAmendment, StatusPeriod)


def told(cooperative, **options):
    return story(cooperative, related=ROWS, leave_out=("status", "status_since"), **options)


def lines(entry):
    return [(change.label, change.before, change.after) for change in entry.changes]


def test_one_story_of_the_record_its_rows_and_its_status(client):
    user = make_user("administrator", "sari")
    user.full_name = "Sari"
    user.save()
    client.force_login(user)
    group = make_group("Perkebunan")
    cooperative = make_cooperative("KSP Maju", village="Lama")
    url = reverse("admin:cooperatives_cooperative_change", args=[cooperative.pk])
    form = filled_form(client.get(url), "cooperative_form")
    client.post(
        url,
        form
        | {"village": "Sebulu", "group": group.pk, "change_reason": "sesuai akta", "is_merah_putih": "on"}
        | {"board-TOTAL_FORMS": "1", "board-0-name": "Siti", "board-0-position": "chair"}
        | {"returns-TOTAL_FORMS": "1", "returns-0-book_year": "2023", "returns-0-members": "1234"},
    )
    cooperative.record_status("frozen", since=date(2020, 3, 2), basis="SK 5", by=user)
    entries = told(cooperative)
    assert all(entry.by in (user, None) for entry in entries)
    edited = next(entry for entry in entries if entry.model is Cooperative and entry.kind == "~")
    assert edited.reason == "sesuai akta"
    assert set(lines(edited)) == {
        ("Kelompok", "tidak diisi", "Perkebunan"),
        ("Desa/kelurahan", "Lama", "Sebulu"),
        ("Merah Putih", "tidak", "ya"),
    }
    entered = next(entry for entry in entries if entry.model is AnnualReturn)
    assert ("Tahun buku", "tidak diisi", "2023") in lines(entered)
    assert ("Anggota", "tidak diisi", "1.234") in lines(entered)
    frozen = next(entry for entry in entries if entry.model is StatusPeriod and entry.kind == "+")
    assert ("Status", "tidak diisi", "Dibekukan") in lines(frozen)
    assert ("Sejak", "tidak diisi", "2 Maret 2020") in lines(frozen) or "2" in str(lines(frozen))
    assert frozen.reason == "SK 5"
    assert frozen.act == "ditambahkan"

    page = client.get(reverse("admin:cooperatives_cooperative_history", args=[cooperative.pk])).content.decode()
    for words in ("Sari", "sesuai akta", "Sebulu", "Siti", "SK 5", "Dibekukan"):
        assert words in page


def test_the_newest_stands_first_and_a_save_without_an_edit_is_no_line():
    cooperative = make_cooperative("KSP Maju")
    cooperative.village = "Sebulu"
    cooperative.save()
    cooperative.save()
    entries = [entry for entry in told(cooperative) if entry.model is Cooperative]
    assert [entry.kind for entry in entries] == ["~", "+"]


def test_a_removed_row_is_told():
    cooperative = make_cooperative("KSP Maju")
    member = BoardMember.objects.create(cooperative=cooperative, name="Siti", position="chair")
    member.delete()
    assert [entry.kind for entry in told(cooperative) if entry.model is BoardMember] == ["-", "+"]
    assert "Siti" in told(cooperative)[0].what


def test_a_row_that_moved_here_brings_its_older_history_along():
    survivor, double = make_cooperative("KSP Maju"), make_cooperative("KSP Maju")
    make_return(double, 2022, members=10)
    merge(double, into=survivor, reason="ganda", by=None)
    entries = [entry for entry in told(survivor) if entry.model is AnnualReturn]
    assert [entry.kind for entry in entries] == ["~", "+"]


def test_the_derived_status_column_tells_nothing_that_its_periods_tell_better():
    cooperative = make_cooperative("KSP Maju")
    cooperative.record_status("frozen", since=date(2020, 3, 2), basis="", by=None)
    cooperative.village = "Sebulu"
    cooperative.save()
    latest = next(entry for entry in told(cooperative) if entry.model is Cooperative)
    assert [change.name for change in latest.changes] == ["village"]


def test_since_leaves_out_what_is_older():
    cooperative = make_cooperative("KSP Maju")
    cooperative.village = "Sebulu"
    cooperative.save()
    moment = cooperative.history.latest().history_date
    assert {entry.kind for entry in told(cooperative, since=moment) if entry.model is Cooperative} == {"~"}


def test_a_long_story_costs_as_much_as_a_short_one(django_assert_max_num_queries):
    counts = []
    for many in (2, 12):
        cooperative = make_cooperative(f"KSP Maju {many}", group=make_group())
        for number in range(many):
            cooperative.village = f"Desa {number}"
            cooperative.save()
            make_return(cooperative, 2024 - number)
        with django_assert_max_num_queries(20) as captured:
            told(cooperative)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_a_record_without_history_says_so(client):
    client.force_login(make_user("auditor"))
    cooperative = make_cooperative("KSP Maju")
    for model in (Cooperative, StatusPeriod):
        model.history.all().delete()
    page = client.get(reverse("admin:cooperatives_cooperative_history", args=[cooperative.pk]))
    assert "Belum ada yang mengubah" in page.content.decode()


def test_a_story_is_leafed_through(client, monkeypatch):
    monkeypatch.setattr("common.admin.STORY_PAGE", 1)
    client.force_login(make_user("auditor"))
    cooperative = make_cooperative("KSP Maju")
    url = reverse("admin:cooperatives_cooperative_history", args=[cooperative.pk])
    assert client.get(url, {"p": "2"}).context["page"].number == 2
    assert client.get(url, {"p": "99999999999999999999"}).status_code == 200


def test_a_model_without_history_has_no_story():
    user = make_user()
    from django.contrib.auth.models import Group as Role

    role = Role.objects.create(name="x")
    assert story(role) == []
    assert str(user)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        (models.IntegerField(), 0, "0"),
        (models.IntegerField(), 6111, "6.111"),
        (models.PositiveSmallIntegerField(), 2024, "2024"),
        (models.BooleanField(null=True), None, "tidak diisi"),
        (models.BooleanField(), False, "tidak"),
        (models.DateField(), date(2026, 1, 1), "1 Januari 2026"),
        (models.DateTimeField(), datetime(2025, 12, 31, 16, tzinfo=UTC), "1 Januari 2026 pukul 00.00 WITA"),
        (models.CharField(), "", "tidak diisi"),
        (models.CharField(choices=[("a", "Aktif")]), "a", "Aktif"),
        (models.CharField(choices=[("a", "Aktif")]), "lama", "lama"),
        (models.ForeignKey(Cooperative, models.PROTECT), 7, "7"),
    ],
)
def test_a_value_is_shown_as_a_person_reads_it(field, value, words):
    assert display(field, value) == words


def test_a_private_contact_is_in_the_history_of_the_admin_only(client):
    cooperative = make_cooperative("KSP Maju", phone="0811-CANARY")
    url = reverse("admin:cooperatives_cooperative_history", args=[cooperative.pk])
    assert client.get(url).status_code == 302
    client.force_login(make_user("petugas"))
    assert client.get(url).status_code in (302, 403)


def test_an_act_that_changed_no_field_is_told_where_somebody_said_why():
    cooperative = make_cooperative("KSP Maju")
    before = len(told(cooperative))
    cooperative.save()
    assert len(told(cooperative)) == before
    cooperative._change_reason = "Kunjungan: semua cocok"
    cooperative.save()
    assert [entry.reason for entry in told(cooperative)[: len(told(cooperative)) - before]] == [
        "Kunjungan: semua cocok"
    ]

"""Nothing that somebody saved is overwritten by somebody who had not seen it."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from common.admin import VersionedAdmin
from common.models import ChangedMeanwhile
from cooperatives.models import (
    AnnualReturn,
    BoardMember,
    Cooperative,
    CountingRule,
    Group,
    InactivityRule,
    Kind,
    Sector,
)
from tests.factories import make_cooperative, make_form, make_group, make_return, make_user
from tests.filled_form import filled_form

pytestmark = pytest.mark.django_db


def editor(name):
    client = Client()
    client.user = make_user("administrator", name)
    client.user.full_name = name.title()
    client.user.save()
    client.force_login(client.user)
    return client


@pytest.fixture
def sari():
    return editor("sari")


@pytest.fixture
def budi():
    return editor("budi")


def change_url(record):
    return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_change", args=[record.pk])


def opened(client, record):
    return filled_form(client.get(change_url(record)), f"{record._meta.model_name}_form")


# A record of each editable model of the register, a field of it, and two values to type into it.
EDITABLE = {
    "cooperative": (lambda: make_cooperative("KSP Maju"), "address", "Jalan Satu", "Jalan Dua"),
    "return": (lambda: make_return(make_cooperative("KSP Maju"), 2023), "members", "10", "20"),
    "form": (make_form, "note", "satu", "dua"),
    "kind": (lambda: Kind.objects.create(name="Jasa"), "note", "satu", "dua"),
    "group": (make_group, "note", "satu", "dua"),
    "sector": (lambda: Sector.objects.create(name="Jasa Lain"), "note", "satu", "dua"),
    "inactivity rule": (
        lambda: InactivityRule.objects.create(valid_from=date(2020, 1, 1), years=3, basis="Dinas"),
        "basis",
        "satu",
        "dua",
    ),
    "counting rule": (
        lambda: CountingRule.objects.create(valid_from=date(2020, 1, 1), day=1, month=7, basis="UU"),
        "basis",
        "satu",
        "dua",
    ),
}


def two_editors(sari, budi, case):
    """Both open the same record; Sari saves, then Budi does. Gives the record and Budi's answer."""
    make, field, first, second = EDITABLE[case]
    record = make()
    hers, his = opened(sari, record), opened(budi, record)
    assert sari.post(change_url(record), hers | {field: first}).status_code == 302
    answer = budi.post(change_url(record), his | {field: second})
    record.refresh_from_db()
    return record, answer


@pytest.mark.parametrize("case", EDITABLE)
def test_the_second_editor_overwrites_nothing_and_is_told_who_and_what(sari, budi, case):
    _make, field, first, second = EDITABLE[case]
    record, answer = two_editors(sari, budi, case)
    assert str(getattr(record, field)) == first
    assert answer.status_code == 200
    conflict = answer.context["adminform"].form.conflict
    assert "Sari" in conflict.sentence
    assert [(clash.typed, clash.now) for clash in conflict.clashes] == [(second, first)]
    assert filled_form(answer, f"{record._meta.model_name}_form")[field] == second


@pytest.mark.parametrize("case", EDITABLE)
def test_having_seen_it_the_second_editor_can_save(sari, budi, case):
    _make, field, _first, second = EDITABLE[case]
    record, answer = two_editors(sari, budi, case)
    again = filled_form(answer, f"{record._meta.model_name}_form")
    assert budi.post(change_url(record), again).status_code == 302
    record.refresh_from_db()
    assert str(getattr(record, field)) == second


@pytest.mark.parametrize("case", EDITABLE)
def test_control_without_the_comparison_the_first_change_would_be_lost(sari, budi, case, monkeypatch):
    """Breaks both walls and sees the first editor's value overwritten: the tests above are known to bite."""
    monkeypatch.setattr(VersionedAdmin, "_compare_versions", lambda *_args: None)
    monkeypatch.setattr("common.models.Versioned.claim", lambda *_args: None)
    _make, field, _first, second = EDITABLE[case]
    record, answer = two_editors(sari, budi, case)
    assert answer.status_code == 302
    assert str(getattr(record, field)) == second


def test_the_claim_alone_is_a_wall_too(sari, budi, monkeypatch):
    """Where the comparison is gone, the conditional update still refuses; the page never answers by overwriting."""
    monkeypatch.setattr(VersionedAdmin, "_compare_versions", lambda *_args: None)
    with pytest.raises(ChangedMeanwhile):
        two_editors(sari, budi, "cooperative")
    assert Cooperative.objects.get().address == "Jalan Satu"


def test_what_the_second_editor_did_not_touch_is_taken_over(sari, budi):
    cooperative = make_cooperative("KSP Maju", village="Lama", founded_on=date(2010, 1, 1))
    group = make_group("Perkebunan")
    hers, his = opened(sari, cooperative), opened(budi, cooperative)
    sari.post(
        change_url(cooperative),
        hers | {"village": "Baru", "group": group.pk, "founded_on": "02/03/2011", "is_merah_putih": "on"},
    )
    answer = budi.post(change_url(cooperative), his | {"address": "Jalan Dua"})
    form = filled_form(answer, "cooperative_form")
    assert (form["village"], form["group"], form["founded_on"]) == ("Baru", str(group.pk), "02/03/2011")
    assert form["is_merah_putih"] == "on"
    assert answer.context["adminform"].form.conflict.clashes == []
    budi.post(change_url(cooperative), form)
    cooperative.refresh_from_db()
    assert (cooperative.village, cooperative.address, cooperative.group) == ("Baru", "Jalan Dua", group)
    assert cooperative.founded_on == date(2011, 3, 2)
    assert cooperative.is_merah_putih


def test_both_typed_the_same_value_is_no_clash(sari, budi):
    cooperative = make_cooperative("KSP Maju")
    hers, his = opened(sari, cooperative), opened(budi, cooperative)
    sari.post(change_url(cooperative), hers | {"village": "Baru"})
    answer = budi.post(change_url(cooperative), his | {"village": "Baru"})
    assert answer.context["adminform"].form.conflict.clashes == []


def test_a_typed_value_that_cannot_be_read_is_shown_as_typed(sari, budi):
    cooperative = make_cooperative("KSP Maju")
    hers, his = opened(sari, cooperative), opened(budi, cooperative)
    sari.post(change_url(cooperative), hers | {"founded_on": "02/03/2011"})
    answer = budi.post(change_url(cooperative), his | {"founded_on": "kemarin"})
    (clash,) = answer.context["adminform"].form.conflict.clashes
    assert clash.typed == "kemarin"


def test_a_foreign_key_is_shown_by_its_name(sari, budi):
    cooperative = make_cooperative("KSP Maju")
    one, two = make_group("Perkebunan"), make_group("Nelayan")
    hers, his = opened(sari, cooperative), opened(budi, cooperative)
    sari.post(change_url(cooperative), hers | {"group": one.pk})
    answer = budi.post(change_url(cooperative), his | {"group": two.pk})
    (clash,) = answer.context["adminform"].form.conflict.clashes
    assert (clash.typed, clash.now) == ("Nelayan", "Perkebunan")


def test_a_missing_version_is_a_conflict_not_a_free_pass(sari):
    cooperative = make_cooperative("KSP Maju", village="Lama")
    form = opened(sari, cooperative)
    del form["version"]
    assert sari.post(change_url(cooperative), form | {"village": "Baru"}).status_code == 200
    cooperative.refresh_from_db()
    assert cooperative.village == "Lama"


@pytest.mark.parametrize("version", ["", "-1", "x", "9" * 30, "１"])
def test_an_odd_version_is_a_conflict_too(sari, version):
    cooperative = make_cooperative("KSP Maju", village="Lama")
    form = opened(sari, cooperative) | {"version": version, "village": "Baru"}
    assert sari.post(change_url(cooperative), form).status_code == 200
    cooperative.refresh_from_db()
    assert cooperative.village == "Lama"


# -- Rows ------------------------------------------------------------------------------------------


def test_the_version_of_a_cooperative_covers_its_rows(sari, budi):
    cooperative = make_cooperative("KSP Maju")
    member = BoardMember.objects.create(cooperative=cooperative, name="Siti", position="chair", phone="1")
    hers, his = opened(sari, cooperative), opened(budi, cooperative)
    sari.post(change_url(cooperative), hers | {"board-0-phone": "2"})
    answer = budi.post(change_url(cooperative), his | {"board-0-name": "Siti Aminah"})
    assert answer.status_code == 200
    member.refresh_from_db()
    assert (member.name, member.phone) == ("Siti", "2")
    # Her phone is taken over, his name stays typed.
    budi.post(change_url(cooperative), filled_form(answer, "cooperative_form"))
    member.refresh_from_db()
    assert (member.name, member.phone) == ("Siti Aminah", "2")


def test_a_row_that_somebody_removed_does_not_come_back_by_itself(sari, budi):
    cooperative = make_cooperative("KSP Maju")
    for name in ("Siti", "Tono"):
        BoardMember.objects.create(cooperative=cooperative, name=name, position="supervisor")
    hers, his = opened(sari, cooperative), opened(budi, cooperative)
    sari.post(change_url(cooperative), hers | {"board-0-DELETE": "on"})
    answer = budi.post(change_url(cooperative), his | {"village": "Baru", "board-1-phone": "0541"})
    assert answer.status_code == 200
    assert budi.post(change_url(cooperative), filled_form(answer, "cooperative_form")).status_code == 302
    cooperative.refresh_from_db()
    assert cooperative.village == "Baru"
    assert list(cooperative.board.values_list("name", "phone")) == [("Tono", "0541")]


def test_a_removed_row_that_was_edited_here_is_kept_as_a_new_one(sari, budi):
    cooperative = make_cooperative("KSP Maju")
    BoardMember.objects.create(cooperative=cooperative, name="Siti", position="chair")
    hers, his = opened(sari, cooperative), opened(budi, cooperative)
    sari.post(change_url(cooperative), hers | {"board-0-DELETE": "on"})
    answer = budi.post(change_url(cooperative), his | {"board-0-name": "Siti Aminah"})
    budi.post(change_url(cooperative), filled_form(answer, "cooperative_form"))
    assert list(cooperative.board.values_list("name", flat=True)) == ["Siti Aminah"]


def test_a_row_that_somebody_added_is_there_after_the_second_save(sari, budi):
    cooperative = make_cooperative("KSP Maju")
    hers, his = opened(sari, cooperative), opened(budi, cooperative)
    row = {"board-TOTAL_FORMS": "1", "board-0-name": "Siti", "board-0-position": "chair"}
    sari.post(change_url(cooperative), hers | row)
    answer = budi.post(
        change_url(cooperative),
        his | {"board-TOTAL_FORMS": "1", "board-0-name": "Tono", "board-0-position": "treasurer"},
    )
    budi.post(change_url(cooperative), filled_form(answer, "cooperative_form"))
    assert set(cooperative.board.values_list("name", flat=True)) == {"Siti", "Tono"}


def test_a_return_saved_on_its_own_page_is_a_conflict_for_the_open_cooperative(sari, budi):
    cooperative = make_cooperative("KSP Maju")
    entry = make_return(cooperative, 2023, members=10)
    his = opened(budi, cooperative)
    sari.post(change_url(entry), opened(sari, entry) | {"members": "20"})
    answer = budi.post(change_url(cooperative), his | {"returns-0-attendance": "7"})
    assert answer.status_code == 200
    budi.post(change_url(cooperative), filled_form(answer, "cooperative_form"))
    entry.refresh_from_db()
    assert (entry.members, entry.attendance) == (20, 7)


def test_a_recorded_status_is_a_conflict_for_the_open_cooperative(sari, budi):
    cooperative = make_cooperative("KSP Maju")
    his = opened(budi, cooperative)
    cooperative.record_status("frozen", since=date(2024, 1, 1), basis="Surat", by=sari.user)
    answer = budi.post(change_url(cooperative), his | {"village": "Baru"})
    assert answer.status_code == 200
    assert "Sari" in answer.context["adminform"].form.conflict.sentence
    assert b"Surat" in answer.content


def test_a_damaged_management_form_is_refused_without_an_error_page(sari, budi):
    cooperative = make_cooperative("KSP Maju")
    hers, his = opened(sari, cooperative), opened(budi, cooperative)
    sari.post(change_url(cooperative), hers | {"village": "Baru"})
    answer = budi.post(change_url(cooperative), his | {"board-TOTAL_FORMS": "x", "returns-INITIAL_FORMS": "999999"})
    assert answer.status_code == 200


# -- Repeats ---------------------------------------------------------------------------------------


def test_sending_a_change_twice_changes_nothing_and_says_so(sari):
    cooperative = make_cooperative("KSP Maju")
    form = opened(sari, cooperative) | {"village": "Baru"}
    assert sari.post(change_url(cooperative), form).status_code == 302
    before = (Cooperative.objects.get().version, Cooperative.history.count())
    again = sari.post(change_url(cooperative), form, follow=True)
    assert again.redirect_chain == [(change_url(cooperative), 302)]
    assert "sudah tersimpan" in again.content.decode()
    assert (Cooperative.objects.get().version, Cooperative.history.count()) == before


def test_sending_a_new_record_twice_enters_it_once(sari):
    url = reverse("admin:cooperatives_cooperative_add")
    form = filled_form(sari.get(url), "cooperative_form") | {"name": "KSP Maju"}
    assert sari.post(url, form).status_code == 302
    again = sari.post(url, form)
    cooperative = Cooperative.objects.get()
    assert (again.status_code, again["Location"]) == (302, change_url(cooperative))


def test_sending_a_new_word_twice_enters_it_once(sari):
    url = reverse("admin:cooperatives_group_add")
    form = filled_form(sari.get(url), "group_form") | {"name": "Perkebunan"}
    assert [sari.post(url, form).status_code for _time in range(2)] == [302, 302]
    assert Group.objects.count() == 1


def test_the_mark_of_a_form_belongs_to_one_person(sari, budi):
    url = reverse("admin:cooperatives_group_add")
    form = filled_form(sari.get(url), "group_form")
    sari.post(url, form | {"name": "Perkebunan"})
    budi.post(url, form | {"name": "Nelayan"})
    assert Group.objects.count() == 2


def test_an_unknown_mark_is_ignored(sari):
    url = reverse("admin:cooperatives_group_add")
    for number, mark in enumerate(("", "x", '"%', "1" * 17)):
        form = filled_form(sari.get(url), "group_form") | {"name": f"Kelompok {number}", "form_key": mark}
        assert sari.post(url, form).status_code == 302
    assert Group.objects.count() == 4


def test_a_record_without_history_keeps_what_was_typed(sari):
    """Rows that were loaded in bulk for a benchmark have no history: there is nothing to take over from."""
    cooperative = make_cooperative("KSP Maju", village="Lama")
    form = opened(sari, cooperative)
    Cooperative.history.all().delete()
    Cooperative.objects.update(version=9)
    answer = sari.post(change_url(cooperative), form | {"village": "Baru"})
    assert filled_form(answer, "cooperative_form")["village"] == "Baru"
    assert "berubah" in answer.context["adminform"].form.conflict.sentence


def test_returns_have_a_version_of_their_own_as_well():
    entry = make_return(make_cooperative("KSP Maju"), 2023)
    AnnualReturn.objects.get(pk=entry.pk).claim(entry.version)
    with pytest.raises(ChangedMeanwhile):
        entry.claim(entry.version)

"""Two records of one cooperative become one; nothing is lost, nothing is counted twice."""

from datetime import date

import pytest
from django.urls import reverse

from common.models import ChangedMeanwhile
from cooperatives.merging import final_record, merge, plan
from cooperatives.models import (
    AnnualReturn,
    BoardMember,
    Cooperative,
    DistinctPair,
    FormerName,
    Status,
    StatusPeriod,
    StepRefused,
)
from cooperatives.summary import refresh_summary
from tests.factories import make_cooperative, make_group, make_return, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair():
    return make_cooperative("KSP Maju"), make_cooperative("Koperasi Maju")


def test_everything_that_points_at_the_double_moves(pair):
    survivor, double = pair
    entry = make_return(double, 2022, members=10)
    BoardMember.objects.create(cooperative=double, name="Siti", position="chair")
    FormerName.objects.create(cooperative=double, name="KUD Mekar")
    merge(double, into=survivor, reason="ganda", by=None)
    entry.refresh_from_db()
    assert entry.cooperative == survivor
    assert survivor.board.count() == survivor.former_names.count() == 1
    assert double.board.count() == double.returns.count() == double.former_names.count() == 0
    survivor.refresh_from_db()
    assert (survivor.latest_members, survivor.latest_return_year) == (10, 2022)
    assert list(Cooperative.objects.in_register().matching("mekar")) == [survivor]
    assert refresh_summary([survivor.pk, double.pk]) == 0, "the same as a full recount"


def test_a_return_that_the_survivor_has_stays_with_the_double(pair):
    survivor, double = pair
    make_return(survivor, 2022, members=10)
    conflicting, moving = make_return(double, 2022, members=99), make_return(double, 2023, members=12)
    done = merge(double, into=survivor, reason="ganda", by=None)
    assert dict(survivor.returns.values_list("book_year", "members")) == {2022: 10, 2023: 12}
    conflicting.refresh_from_db()
    assert conflicting.cooperative == double
    (moves,) = [moves for moves in done.moves if moves.model is AnnualReturn]
    assert (moves.moving, moves.staying) == ([moving], [conflicting])


def test_the_double_is_void_and_leads_to_the_survivor(pair):
    survivor, double = pair
    user = make_user()
    merge(double, into=survivor, reason="ganda", by=user)
    double.refresh_from_db()
    assert double.is_voided
    assert double.same_as == survivor
    assert "ganda" in double.void_reason
    assert list(Cooperative.objects.in_register()) == [survivor]
    for record in pair:
        latest = record.history.latest()
        assert latest.history_user == user
        assert "ganda" in latest.history_change_reason
    with pytest.raises(StepRefused):
        double.restore(reason="salah", by=None)


def test_both_versions_go_on_so_that_an_open_form_is_told(pair):
    survivor, double = pair
    before = [Cooperative.objects.get(pk=record.pk).version for record in pair]
    merge(double, into=survivor, reason="ganda", by=None)
    assert [Cooperative.objects.get(pk=record.pk).version for record in pair] == [number + 1 for number in before]


def test_gaps_of_the_survivor_are_filled_and_nothing_of_it_is_overwritten():
    group = make_group()
    survivor = make_cooperative("KSP Maju", village="Sebulu", health="sound", health_source="Dinas")
    double = make_cooperative(
        "KSP Maju",
        village="Lain",
        nomor_induk_koperasi="6401010010001",
        group=group,
        founded_on=date(2010, 1, 1),
        health="watched",
        health_on=date(2020, 1, 1),
        health_source="Lain",
        is_merah_putih=True,
    )
    merge(double, into=survivor, reason="ganda", by=None)
    survivor.refresh_from_db()
    assert (survivor.nomor_induk_koperasi, survivor.group, survivor.village) == ("6401010010001", group, "Sebulu")
    assert (survivor.health, survivor.health_on, survivor.health_source) == ("sound", None, "Dinas")
    assert survivor.is_merah_putih


def test_the_course_of_the_status_is_the_survivors_own():
    survivor = make_cooperative("KSP Maju", status=Status.ACTIVE, since=date(2010, 1, 1))
    double = make_cooperative("KSP Maju", status=Status.INACTIVE, since=date(2012, 1, 1))
    merge(double, into=survivor, reason="ganda", by=None)
    survivor.refresh_from_db()
    assert survivor.status == Status.ACTIVE
    assert survivor.status_periods.count() == double.status_periods.count() == 1


def test_a_legal_merger_into_the_double_names_the_survivor(pair):
    survivor, double = pair
    other = make_cooperative("Kecil")
    other.record_status("merged", since=date(2020, 1, 1), basis="Akta", by=None, successor=double)
    merge(double, into=survivor, reason="ganda", by=None)
    assert StatusPeriod.objects.get(status="merged").successor == survivor


def test_records_that_merged_legally_into_one_another_are_not_doubles(pair):
    survivor, double = pair
    survivor.record_status("merged", since=date(2020, 1, 1), basis="Akta", by=None, successor=double)
    with pytest.raises(StepRefused):
        merge(double, into=survivor, reason="ganda", by=None)


def test_a_chain_of_mergers_leads_to_its_end(pair):
    survivor, double = pair
    third = make_cooperative("Maju")
    merge(third, into=double, reason="ganda", by=None)
    merge(Cooperative.objects.get(pk=double.pk), into=survivor, reason="ganda", by=None)
    third.refresh_from_db()
    assert third.same_as == survivor, "moved with everything else that points at the double"
    assert final_record(third) == survivor
    assert final_record(survivor) == survivor


def test_what_was_said_of_the_double_holds_for_the_survivor():
    first, survivor, double, other = (make_cooperative("Maju") for _number in range(4))
    for one, two in ((first, double), (double, other), (survivor, double), (first, survivor)):
        lower, higher = sorted((one.pk, two.pk))
        DistinctPair.objects.create(lower_id=lower, higher_id=higher, reason="beda")
    merge(double, into=survivor, reason="ternyata sama", by=None)
    assert set(DistinctPair.objects.values_list("lower", "higher")) == {
        (first.pk, survivor.pk),
        (survivor.pk, other.pk),
    }


@pytest.mark.parametrize("keep", [True, False])
def test_the_name_of_the_double_is_kept_if_asked(keep):
    survivor, double = make_cooperative("KSP Maju"), make_cooperative("KUD Mekar Sari")
    merge(double, into=survivor, reason="ganda", by=None, keep_name=keep)
    assert list(survivor.former_names.values_list("name", flat=True)) == (["KUD Mekar Sari"] if keep else [])


@pytest.mark.parametrize("case", ["itself", "void double", "void survivor", "no reason"])
def test_what_cannot_be_merged_is_refused(pair, case):
    survivor, double = pair
    if case == "void double":
        double.void(reason="salah", by=None)
    if case == "void survivor":
        survivor.void(reason="salah", by=None)
    with pytest.raises(StepRefused):
        merge(
            survivor if case == "itself" else double, into=survivor, reason="" if case == "no reason" else "x", by=None
        )


def test_what_blocks_the_double_is_asked(pair, monkeypatch):
    survivor, double = pair
    monkeypatch.setattr(Cooperative, "blockers", lambda _self: [(BoardMember, 1)])
    with pytest.raises(StepRefused):
        plan(double, into=survivor)


def test_records_that_changed_since_they_were_compared_are_not_merged(pair):
    survivor, double = (Cooperative.objects.get(pk=record.pk) for record in pair)
    seen = (double.version, survivor.version)
    survivor.claim(survivor.version)
    with pytest.raises(ChangedMeanwhile):
        merge(double, into=survivor, reason="ganda", by=None, versions=seen)
    assert not Cooperative.objects.get(pk=double.pk).is_voided


# -- In the admin ----------------------------------------------------------------------------------


def url(double):
    return reverse("admin:cooperatives_cooperative_merge", args=[double.pk])


@pytest.fixture
def verifier(client):
    user = make_user("verifikator")
    client.force_login(user)
    return user


def versions(double, survivor):
    return ".".join(str(Cooperative.objects.get(pk=record.pk).version) for record in (double, survivor))


def test_first_the_other_is_chosen_then_both_are_compared(client, verifier, pair):
    survivor, double = pair
    make_return(survivor, 2022)
    make_return(double, 2022)
    assert client.get(url(double)).context.get("survivor") is None
    page = client.get(url(double), {"ke": survivor.pk})
    assert page.context["plan"].survivor == survivor
    assert b"2022" in page.content


@pytest.mark.parametrize("other", ["x", "9" * 30, "0", "-1"])
def test_an_odd_choice_asks_again(client, verifier, pair, other):
    assert client.get(url(pair[1]), {"ke": other}).context.get("survivor") is None


def test_the_form_merges_and_a_repeat_changes_nothing(client, verifier, pair):
    survivor, double = pair
    data = {"ke": survivor.pk, "versions": versions(double, survivor), "reason": "ganda"}
    assert client.post(url(double), data).status_code == 302
    before = Cooperative.history.count()
    again = client.post(url(double), data)
    assert again["Location"] == reverse("admin:cooperatives_cooperative_change", args=[survivor.pk])
    assert Cooperative.history.count() == before


def test_a_merger_of_what_changed_meanwhile_is_shown_anew(client, verifier, pair):
    survivor, double = pair
    data = {"ke": survivor.pk, "versions": versions(double, survivor), "reason": "ganda"}
    Cooperative.objects.get(pk=survivor.pk).claim(Cooperative.objects.get(pk=survivor.pk).version)
    assert client.post(url(double), data).status_code == 302
    double.refresh_from_db()
    assert not double.is_voided
    assert client.post(url(double), data | {"versions": "x"}).status_code == 302
    double.refresh_from_db()
    assert not double.is_voided


def test_a_refusal_is_said_and_a_missing_reason_too(client, verifier, pair):
    survivor, double = pair
    page = client.post(url(double), {"ke": survivor.pk, "versions": versions(double, survivor), "reason": ""})
    assert "reason" in page.context["form"].errors
    page = client.get(url(double), {"ke": double.pk})
    assert page.context["plan"] is None


def test_who_enters_does_not_merge(client, pair):
    client.force_login(make_user("staf_provinsi"))
    assert client.get(url(pair[1])).status_code == 403

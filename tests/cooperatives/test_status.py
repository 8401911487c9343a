"""Recording, back-dating and withdrawing a status: one cooperative and many."""

import itertools
from datetime import date, timedelta

import pytest
from django.urls import reverse

from common.dates import today
from common.models import DataVersion
from cooperatives.many_statuses import record_status_of_many
from cooperatives.models import Cooperative, Status, StatusPeriod, StepRefused
from tests.factories import make_cooperative, make_form, make_regency, make_user
from tests.filled_form import filled_form

pytestmark = pytest.mark.django_db

A, IN, F, D, M = Status.ACTIVE, Status.INACTIVE, Status.FROZEN, Status.DISSOLVED, Status.MERGED
LIST = "admin:cooperatives_cooperative_changelist"


def day(year):
    return date(year, 1, 1)


def course(cooperative):
    """`[(status, year it began or None)]` in order of time, checked for gaps and overlaps on the way."""
    periods = sorted(cooperative.status_periods.all(), key=lambda p: p.since or date.min)
    for before, after in itertools.pairwise(periods):
        assert before.until == after.since
    assert periods[-1].until is None
    return [(period.status, period.since.year if period.since else None) for period in periods]


def cooperative_with(*steps):
    """A cooperative whose statuses began as the steps say; the first may begin before the records."""
    (status, year), *later = steps
    cooperative = make_cooperative("KSP Maju", status=status, since=day(year) if year else None)
    for status, year in later:
        cooperative.record_status(status, since=day(year), basis="", by=None)
    return cooperative


# What stood, what is recorded, and what stands then; None where it is refused.
TABLE = [
    ([(A, None)], (IN, 2020), [(A, None), (IN, 2020)]),
    ([(A, 2010)], (F, 2020), [(A, 2010), (F, 2020)]),
    ([(A, 2010)], (A, 2020), None),
    ([(IN, 2010)], (A, 2000), [(A, 2000), (IN, 2010)]),
    ([(A, 2010)], (A, 2000), None),
    ([(A, 2010), (IN, 2020)], (F, 2015), [(A, 2010), (F, 2015), (IN, 2020)]),
    ([(A, 2010), (IN, 2020)], (IN, 2015), None),
    ([(A, 2010), (IN, 2020)], (D, 2015), None),
    ([(A, 2010), (IN, 2020)], (D, 2022), [(A, 2010), (IN, 2020), (D, 2022)]),
    ([(A, 2010), (D, 2020)], (A, 2022), None),
    ([(A, 2010), (D, 2020)], (IN, 2015), [(A, 2010), (IN, 2015), (D, 2020)]),
    ([(A, 2010), (IN, 2020)], (F, 2020), None),
    ([(A, None), (IN, 2020)], (F, 2000), [(A, None), (F, 2000), (IN, 2020)]),
]


@pytest.mark.parametrize(("steps", "recorded", "expected"), TABLE)
def test_the_table_of_back_dating(steps, recorded, expected):
    cooperative = cooperative_with(*steps)
    before = course(cooperative)
    status, year = recorded
    if expected is None:
        with pytest.raises(StepRefused):
            cooperative.record_status(status, since=day(year), basis="", by=None)
        expected = before
    else:
        cooperative.record_status(status, since=day(year), basis="", by=None)
    assert course(cooperative) == expected
    cooperative.refresh_from_db()
    assert cooperative.status == expected[-1][0]


@pytest.mark.parametrize(("steps", "recorded", "expected"), TABLE)
def test_many_at_once_follow_the_same_table(steps, recorded, expected):
    cooperative = cooperative_with(*steps)
    before = course(cooperative)
    status, year = recorded
    outcome = record_status_of_many([cooperative.pk], status, since=day(year), basis="SK", by=None)
    assert list(outcome.recorded) == ([cooperative.pk] if expected else [])
    assert len(outcome.refused) == (0 if expected else 1)
    assert course(cooperative) == (expected or before)
    cooperative.refresh_from_db()
    assert cooperative.status == (expected or before)[-1][0]


def test_the_future_is_refused():
    cooperative = cooperative_with((A, 2010))
    with pytest.raises(StepRefused):
        cooperative.record_status(IN, since=today() + timedelta(days=1), basis="", by=None)
    cooperative.record_status(IN, since=today(), basis="", by=None)
    assert cooperative.status == IN


def test_a_change_needs_its_day():
    with pytest.raises(StepRefused):
        cooperative_with((A, 2010)).record_status(IN, since=None, basis="", by=None)


def test_withdrawing_lets_the_one_before_go_on():
    cooperative = cooperative_with((A, 2010), (IN, 2015), (F, 2020))
    cooperative.withdraw_status(cooperative.status_periods.get(status=IN), reason="salah", by=None)
    assert course(cooperative) == [(A, 2010), (F, 2020)]
    cooperative.withdraw_status(cooperative.status_periods.get(status=F), reason="salah", by=None)
    assert course(cooperative) == [(A, 2010)]
    assert cooperative.status == A
    with pytest.raises(StepRefused):
        cooperative.withdraw_status(cooperative.status_periods.get(), reason="salah", by=None)


def test_withdrawing_what_would_leave_an_impossible_step_is_refused():
    cooperative = cooperative_with((A, 2010), (IN, 2015), (A, 2020))
    with pytest.raises(StepRefused):
        cooperative.withdraw_status(cooperative.status_periods.get(status=IN), reason="salah", by=None)


# -- In the admin ----------------------------------------------------------------------------------


@pytest.fixture
def staff(client):
    user = make_user("staf_provinsi")
    client.force_login(user)
    return user


def act(client, name, cooperative, *ids, **values):
    url = reverse(f"admin:cooperatives_cooperative_{name}", args=[cooperative.pk, *ids])
    return client.post(url, values)


def test_the_form_records_a_status_with_author_and_basis(client, staff):
    cooperative = cooperative_with((A, 2010))
    response = act(client, "status", cooperative, status="inactive", since="02/03/2020", basis="Kunjungan")
    assert response.status_code == 302
    period = cooperative.status_periods.get(until=None)
    assert (period.status, period.since, period.by, period.basis) == (IN, date(2020, 3, 2), staff, "Kunjungan")
    assert period.history.get().history_user == staff


def test_recording_twice_says_that_it_is_done(client, staff):
    cooperative = cooperative_with((A, 2010))
    for _time in range(2):
        response = act(client, "status", cooperative, status="inactive", since="02/03/2020", basis="Kunjungan")
        assert response.status_code == 302
    assert cooperative.status_periods.count() == 2


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"status": "", "since": "02/03/2020", "basis": "x"}, "status"),
        ({"status": "inactive", "since": "", "basis": "x"}, "since"),
        ({"status": "inactive", "since": "02/13/2020", "basis": "x"}, "since"),
        ({"status": "inactive", "since": "01/01/2005", "basis": "x"}, "since"),
        ({"status": "inactive", "since": "02/03/2020", "basis": ""}, "basis"),
        ({"status": "merged", "since": "02/03/2020", "basis": "x"}, "successor"),
        ({"status": "active", "since": "02/03/2020", "basis": "x"}, "__all__"),
        ({"status": "inactive", "since": "01/01/2099", "basis": "x"}, "__all__"),
    ],
)
def test_what_cannot_be_recorded_is_said_at_its_field(client, staff, values, field):
    cooperative = cooperative_with((A, 2010))
    Cooperative.objects.update(founded_on=day(2010))
    response = act(client, "status", cooperative, **values)
    assert field in response.context["form"].errors
    assert cooperative.status_periods.count() == 1


def test_a_merger_names_its_successor_and_only_a_merger_does(client, staff):
    cooperative, other = cooperative_with((A, 2010)), make_cooperative("Induk")
    values = {"since": "02/03/2020", "basis": "Akta", "successor": other.pk}
    assert "successor" in act(client, "status", cooperative, status="frozen", **values).context["form"].errors
    assert act(client, "status", cooperative, status="merged", **values).status_code == 302
    assert cooperative.status_periods.get(until=None).successor == other


def test_a_status_is_withdrawn_with_a_reason(client, staff):
    cooperative = cooperative_with((A, 2010), (IN, 2015))
    wrong = cooperative.status_periods.get(status=IN)
    assert act(client, "withdraw_status", cooperative, wrong.pk, reason="").status_code == 200
    assert act(client, "withdraw_status", cooperative, wrong.pk, reason="salah orang").status_code == 302
    assert course(cooperative) == [(A, 2010)]
    assert StatusPeriod.history.filter(id=wrong.pk).latest().history_change_reason == "salah orang"
    again = act(client, "withdraw_status", cooperative, wrong.pk, reason="salah orang")
    assert again.status_code == 302


def test_the_only_status_cannot_be_withdrawn(client, staff):
    cooperative = cooperative_with((A, 2010))
    response = act(client, "withdraw_status", cooperative, cooperative.status_periods.get().pk, reason="salah")
    assert response.context["form"].non_field_errors()


@pytest.mark.parametrize("role", ["pimpinan", "auditor"])
def test_who_only_reads_records_nothing(client, role):
    client.force_login(make_user(role))
    cooperative = cooperative_with((A, 2010))
    assert act(client, "status", cooperative, status="inactive", since="02/03/2020", basis="x").status_code == 403
    assert act(client, "withdraw_status", cooperative, 1, reason="x").status_code == 403
    assert act(client, "void", cooperative, reason="x").status_code == 403
    assert act(client, "merge", cooperative, ke="1", reason="x").status_code == 403


def test_voiding_and_restoring(client):
    client.force_login(make_user("verifikator"))
    cooperative = make_cooperative("KSP Maju", nomor_induk_koperasi="6401010010001")
    assert act(client, "void", cooperative, reason=" ").status_code == 200
    assert act(client, "void", cooperative, reason="salah ketik").status_code == 302
    cooperative.refresh_from_db()
    first = cooperative.voided_at
    assert cooperative.is_voided
    assert act(client, "void", cooperative, reason="lagi").status_code == 302
    cooperative.refresh_from_db()
    assert (cooperative.voided_at, cooperative.void_reason) == (first, "salah ketik")
    assert act(client, "restore", cooperative, reason="ternyata ada").status_code == 302
    cooperative.refresh_from_db()
    assert not cooperative.is_voided
    assert act(client, "restore", cooperative, reason="lagi").status_code == 302


def test_a_record_whose_number_was_given_to_another_is_not_restored(client):
    client.force_login(make_user("verifikator"))
    cooperative = make_cooperative("KSP Maju", nomor_induk_koperasi="6401010010001")
    cooperative.void(reason="salah", by=None)
    make_cooperative("KSP Baru", nomor_induk_koperasi="6401010010001")
    response = act(client, "restore", cooperative, reason="kembali")
    assert response.status_code == 200
    assert "KSP Baru" in response.content.decode()
    cooperative.refresh_from_db()
    assert cooperative.is_voided


def test_a_void_record_is_offered_its_restoring_only(client):
    client.force_login(make_user("administrator"))
    cooperative = make_cooperative("KSP Maju")
    cooperative.void(reason="salah", by=None)
    page = client.get(reverse("admin:cooperatives_cooperative_change", args=[cooperative.pk]))
    assert [url for _label, url in page.context["acts"]] == [
        reverse("admin:cooperatives_cooperative_restore", args=[cooperative.pk])
    ]


def test_an_officer_acts_on_what_is_under_the_own_office_only(client):
    """The admin is closed to officers; the verbs' pages ask again all the same."""
    from django.test import RequestFactory

    from cooperatives.admin import acts

    own, other = make_regency("Berau"), make_regency("Paser")
    officer = make_user("petugas", regency=own)
    provincial = make_cooperative("Provinsi", regency=own, form=make_form("province"))
    inside, outside = make_cooperative("Dalam", regency=own), make_cooperative("Luar", regency=other)
    request = RequestFactory().get("/")
    request.user = officer
    assert acts._record(None, request, inside.pk, "cooperatives.change_cooperative") == inside
    from django.core.exceptions import PermissionDenied
    from django.http import Http404

    with pytest.raises(Http404):
        acts._record(None, request, outside.pk, "cooperatives.change_cooperative")
    with pytest.raises(PermissionDenied):
        acts._record(None, request, provincial.pk, "cooperatives.change_cooperative")


# -- Many at once ----------------------------------------------------------------------------------


def choose(client, cooperatives, query="", **values):
    data = {"action": "record_status", "_selected_action": [c.pk for c in cooperatives]} | values
    return client.post(reverse(LIST) + query, data)


def test_the_action_asks_once_then_writes_a_line_for_each(client, staff):
    cooperatives = [make_cooperative(status=A, since=day(2010)) for _number in range(3)]
    page = choose(client, cooperatives)
    assert page.status_code == 200
    form = filled_form(page)
    before = DataVersion.read("cooperatives")["cooperatives"][0]
    response = client.post(reverse(LIST), form | {"status": "frozen", "since": "02/03/2020", "basis": "SK 5/2020"})
    assert response.status_code == 302
    assert {c.status for c in Cooperative.objects.all()} == {F}
    for cooperative in cooperatives:
        added = StatusPeriod.history.get(cooperative_id=cooperative.pk, status=F)
        assert (added.history_user, added.history_change_reason) == (staff, "SK 5/2020")
    assert DataVersion.read("cooperatives")["cooperatives"][0] == before + 1
    # A repeat changes nothing.
    client.post(reverse(LIST), form | {"status": "frozen", "since": "02/03/2020", "basis": "SK 5/2020"})
    assert StatusPeriod.objects.filter(status=F).count() == 3


def test_what_the_rules_refuse_is_listed_and_left_as_it_was(client, staff):
    fine, gone = cooperative_with((A, 2010)), cooperative_with((A, 2010), (D, 2015))
    form = filled_form(choose(client, [fine, gone]))
    response = client.post(reverse(LIST), form | {"status": "frozen", "since": "02/03/2020", "basis": "SK"})
    assert response.status_code == 200
    assert [cooperative for cooperative, _why in response.context["refused"]] == [gone]
    assert course(gone) == [(A, 2010), (D, 2015)]
    assert course(fine) == [(A, 2010), (F, 2020)]


def test_a_faulty_form_for_many_writes_nothing(client, staff):
    cooperative = cooperative_with((A, 2010))
    form = filled_form(choose(client, [cooperative]))
    page = client.post(reverse(LIST), form | {"status": "merged", "since": "x", "basis": ""})
    assert set(page.context["form"].errors) == {"status", "since", "basis"}
    assert course(cooperative) == [(A, 2010)]


def test_more_than_the_limit_is_refused_before_anything(client, staff, monkeypatch):
    monkeypatch.setattr("cooperatives.admin.many.MOST", 2)
    cooperatives = [make_cooperative() for _number in range(3)]
    assert choose(client, cooperatives).status_code == 302
    assert choose(client, cooperatives, select_across="1", index="0").status_code == 302


def test_the_action_is_not_offered_to_who_may_not(client):
    client.force_login(make_user("auditor"))
    cooperative = cooperative_with((A, 2010))
    assert b"record_status" not in client.get(reverse(LIST)).content
    choose(client, [cooperative], apply="1", status="frozen", since="02/03/2020", basis="SK")
    assert course(cooperative) == [(A, 2010)]


def test_a_thousand_cost_a_handful_of_queries(django_assert_max_num_queries):
    regency = make_regency()
    for count in (5, 60):
        Cooperative.objects.bulk_create([Cooperative(name=f"K {n}", regency=regency) for n in range(count)])
        ids = list(Cooperative.objects.values_list("pk", flat=True))
        with django_assert_max_num_queries(24):
            record_status_of_many(ids, A, since=day(2010 + count), basis="SK", by=None)


def test_void_and_merged_are_no_business_of_many():
    gone = cooperative_with((A, 2010))
    gone.void(reason="salah", by=None)
    outcome = record_status_of_many([gone.pk, 10**9], F, since=day(2020), basis="SK", by=None)
    assert [cooperative for cooperative, _why in outcome.refused] == [gone]
    with pytest.raises(ValueError, match="successor"):
        record_status_of_many([gone.pk], M, since=day(2020), basis="SK", by=None)


def test_what_blocks_a_dissolution_blocks_it_for_many(monkeypatch):
    cooperative = cooperative_with((A, 2010))
    monkeypatch.setattr(Cooperative, "blockers", lambda _self: [(StatusPeriod, 2)])
    outcome = record_status_of_many([cooperative.pk], D, since=day(2020), basis="SK", by=None)
    assert len(outcome.refused) == 1
    assert course(cooperative) == [(A, 2010)]


def test_who_took_over_another_cannot_be_voided_while_that_holds():
    survivor, merged = make_cooperative("KSP Penerus"), make_cooperative("KSP Bergabung")
    by = make_user("administrator")
    merged.record_status(Status.MERGED, since=date(2024, 1, 1), basis="Akta 3", by=by, successor=survivor)
    with pytest.raises(StepRefused, match="KSP Bergabung"):
        survivor.void(reason="salah", by=by)
    survivor.refresh_from_db()
    assert not survivor.is_voided
    merged.withdraw_status(merged.status_periods.get(until=None), reason="keliru", by=by)
    survivor.void(reason="salah", by=by)

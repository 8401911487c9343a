"""The data-quality queue: its counts are the rows of its lists."""

from datetime import date

import pytest
from django.urls import reverse

from common.models import DataVersion
from cooperatives import quality
from cooperatives.models import Cooperative, InactivityRule, Status, counting_year_on, rules_on
from cooperatives.summary import publish
from tests.factories import make_cooperative, make_form, make_group, make_regency, make_return, make_user

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 1)
YEAR = 2024


@pytest.fixture(autouse=True)
def _today(monkeypatch):
    for module in ("cooperatives.quality", "cooperatives.summary", "cooperatives.admin.cooperative"):
        monkeypatch.setattr(f"{module}.today", lambda: TODAY)


def complete(**values):
    """A cooperative to which nothing is missing."""
    number = Cooperative.objects.count() + 1
    regency = Cooperative.objects.first().regency if number > 1 else make_regency()
    facts = {
        "nomor_induk_koperasi": f"64010100{number:05d}",
        "legal_number": f"{number}/BH",
        "regency": regency,
        "form": make_form(),
        "group": make_group(),
        "founded_on": date(2000, 1, 1),
        "village": "Sebulu",
    }
    name = "Koperasi " + "".join(chr(97 + int(digit)) for digit in str(number)) + "x"
    cooperative = make_cooperative(name, **facts | values)
    make_return(cooperative, YEAR)
    return Cooperative.objects.get(pk=cooperative.pk)


def queue():
    return quality.queue(Cooperative.objects.all(), scope="all")


EMPTY = {
    "nik": {"nomor_induk_koperasi": None},
    "legal_number": {"legal_number": ""},
    "regency": {"regency": None},
    "form": {"form": None},
    "group": {"group": None},
    "founded": {"founded_on": None},
    "village": {"village": ""},
}


def test_a_complete_register_has_nothing_open():
    assert rules_on(TODAY).counting_year == counting_year_on(TODAY) == YEAR
    complete()
    found = queue()
    assert (found.open, found.standing, found.counting_year) == (0, 1, YEAR)


@pytest.mark.parametrize("key", EMPTY)
def test_each_gap_is_counted_once_and_leads_to_its_row(key):
    complete()
    lacking = complete(**EMPTY[key])
    found = queue()
    assert {name: count for name, count in found.counts.items() if count} == {key: 1}
    assert list(quality.failing(Cooperative.objects.all(), key)) == [lacking]


def test_a_missing_return_of_the_counting_year():
    complete()
    lacking = complete()
    lacking.returns.all().delete()
    make_return(lacking, YEAR - 1)
    young = complete(founded_on=date(YEAR + 1, 1, 1))
    young.returns.all().delete()
    publish([young.pk])
    assert queue().without_return == 1
    assert list(quality.failing(Cooperative.objects.all(), quality.NO_RETURN, on=TODAY)) == [lacking]


@pytest.mark.parametrize(
    ("recorded", "held", "differs"),
    [(Status.ACTIVE, False, 1), (Status.INACTIVE, True, 1), (Status.ACTIVE, True, 0), (Status.FROZEN, False, 0)],
)
def test_a_status_that_differs_from_the_rule(recorded, held, differs):
    cooperative = complete()
    if recorded != Status.ACTIVE:
        cooperative.record_status(recorded, since=date(2020, 1, 1), basis="", by=None)
    if not held:
        cooperative.returns.update(rat_held=False, rat_on=None)
    publish([cooperative.pk])
    assert queue().counts["status_rule"] == differs


@pytest.mark.parametrize("end", ["dissolved", "void"])
def test_what_stands_no_more_needs_no_completing(end):
    cooperative = complete(nomor_induk_koperasi=None)
    if end == "void":
        cooperative.void(reason="salah", by=None)
    else:
        cooperative.record_status("dissolved", since=date(2020, 1, 1), basis="", by=None)
    assert queue().open == 0


def test_doubles_are_counted_by_name():
    one = complete()
    make_return(make_cooperative(one.name, **EMPTY["nik"], regency=one.regency), YEAR)
    assert queue().doubles == 1


def test_the_counts_are_kept_until_the_register_changes(django_assert_num_queries):
    complete()
    queue()
    with django_assert_num_queries(1):
        assert queue().standing == 1
    complete()
    assert queue().standing == 2


def test_a_scope_has_its_own_counts():
    one = complete()
    complete(regency=make_regency("Paser"))
    assert queue().standing == 2
    own = quality.queue(Cooperative.objects.filter(regency=one.regency), scope=one.regency_id)
    assert own.standing == 1


def test_the_pages_counts_are_the_rows_behind_their_links(client):
    client.force_login(make_user("auditor"))
    for values in EMPTY.values():
        complete(**values)
    page = client.get(reverse("admin:cooperatives_cooperative_quality"))
    assert page.status_code == 200
    found = page.context["queue"]
    changelist = reverse("admin:cooperatives_cooperative_changelist")
    for key, count in [*found.counts.items(), (quality.NO_RETURN, found.without_return)]:
        assert client.get(changelist, {"kurang": key}).context["cl"].result_count == count


def test_who_may_not_see_the_register_sees_no_queue(client):
    user = make_user("auditor")
    client.force_login(user)
    user.groups.clear()
    for name in ("quality", "doubles"):
        assert client.get(reverse(f"admin:cooperatives_cooperative_{name}")).status_code == 403
    assert client.get(reverse("admin:cooperatives_cooperative_export"), {"format": "csv"}).status_code in (403, 404)


# -- Rules -----------------------------------------------------------------------------------------


def test_a_new_rule_works_out_the_register_anew(client, monkeypatch):
    client.force_login(make_user("administrator"))
    cooperative = complete()
    cooperative.returns.all().delete()
    make_return(cooperative, YEAR - 2)
    cooperative.refresh_from_db()
    assert cooperative.rule_status == Status.ACTIVE
    before = DataVersion.read("cooperatives")["cooperatives"][0]
    data = {"valid_from": "01/01/2025", "years": "2", "basis": "Perubahan"}
    client.post(reverse("admin:cooperatives_inactivityrule_add"), data)
    cooperative.refresh_from_db()
    assert cooperative.rule_status == Status.INACTIVE
    assert DataVersion.read("cooperatives")["cooperatives"][0] > before
    rule = InactivityRule.objects.get()
    client.post(reverse("admin:cooperatives_inactivityrule_delete", args=[rule.pk]), {"post": "yes"})
    cooperative.refresh_from_db()
    assert cooperative.rule_status == Status.ACTIVE


def test_a_large_register_is_left_to_the_night(client, monkeypatch):
    monkeypatch.setattr("cooperatives.admin.rules.WORKED_OUT_AT_ONCE", 1)
    client.force_login(make_user("administrator"))
    for _number in range(2):
        complete()
    data = {"valid_from": "01/01/2025", "day": "1", "month": "7", "basis": "UU"}
    answer = client.post(reverse("admin:cooperatives_countingrule_add"), data, follow=True)
    assert "refresh_register" in answer.content.decode()


@pytest.mark.parametrize(("role", "leads_to_the_grid"), [("staf_provinsi", True), ("auditor", False)])
def test_the_index_leads_to_the_queue(client, role, leads_to_the_grid):
    client.force_login(make_user(role))
    body = client.get(reverse("admin:index")).content.decode()
    assert reverse("admin:cooperatives_cooperative_quality") in body
    assert ('href="/kerja/rat/"' in body) is leads_to_the_grid

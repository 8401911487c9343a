"""The recap: rows add up, unknown is not zero, and a date means that date."""

from datetime import date

import pytest

from cooperatives.models import AnnualReturn, Cooperative, Form, Status
from cooperatives.recap import LOCATED, MINISTRY, NOT_FILLED_IN, PROVINCE, SUMS, groups_of, recap
from tests.factories import make_cooperative, make_form, make_group, make_regency, make_return

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


@pytest.fixture
def kubar():
    return make_regency("Kutai Barat")


@pytest.fixture
def mahulu(kubar):
    return make_regency("Mahakam Ulu", valid_from=date(2013, 4, 22), split_from=kubar)


def test_each_cooperative_stands_in_the_row_of_the_office_that_is_responsible(kubar):
    provincial = make_form(Form.Level.PROVINCE)
    national = make_form(Form.Level.MINISTRY)
    make_cooperative(regency=kubar, form=make_form())
    make_cooperative(regency=kubar)  # without a form: with the regency where it is located
    make_cooperative(regency=kubar, form=provincial)
    make_cooperative(regency=kubar, form=national)
    make_cooperative()
    under, located = recap(TODAY), recap(TODAY, by=LOCATED)
    assert {row.key: row.total for row in under.rows} == {
        "kutai-barat": 2,
        PROVINCE: 1,
        MINISTRY: 1,
        NOT_FILLED_IN: 1,
    }
    assert {row.key: row.total for row in located.rows} == {"kutai-barat": 4, NOT_FILLED_IN: 1}
    assert under.total.total == located.total.total == 5


def test_the_dissolved_and_the_voided_are_not_counted_as_standing(kubar):
    make_cooperative(regency=kubar)
    make_cooperative(regency=kubar, status=Status.FROZEN)
    gone = make_cooperative(regency=kubar, since=date(2001, 1, 1))
    gone.record_status(Status.DISSOLVED, since=date(2020, 5, 1), basis="SK", by=None)
    wrong = make_cooperative(regency=kubar)
    wrong.void(reason="salah ketik", by=None)
    row = recap(TODAY).row("kutai-barat")
    assert (row.total, row.active, row.inactive, row.frozen, row.ended) == (2, 1, 1, 1, 1)
    assert recap(date(2020, 4, 30)).row("kutai-barat").active == 2


def test_before_the_split_the_parent_regency_counts_them(kubar, mahulu):
    make_cooperative(regency=mahulu, founded_on=date(2005, 1, 1))
    before, after = recap(date(2013, 4, 21)), recap(date(2013, 4, 22))
    assert before.row("kutai-barat").total == 1 and before.row("mahakam-ulu") is None
    assert after.row("kutai-barat").total == 0 and after.row("mahakam-ulu").total == 1
    assert Cooperative.objects.on(date(2013, 4, 21)).located_in(kubar, on=date(2013, 4, 21)).count() == 1
    assert Cooperative.objects.on(TODAY).located_in(kubar, on=TODAY).count() == 0


def test_what_did_not_exist_yet_is_not_counted(kubar):
    make_cooperative(regency=kubar, founded_on=date(2020, 2, 2))
    assert recap(date(2020, 2, 1)).total.total == 0
    assert recap(date(2020, 2, 2)).total.total == 1


def test_figures_come_from_the_latest_return_that_had_ended(kubar):
    cooperative = make_cooperative(regency=kubar)
    make_return(cooperative, 2022, members=100, shu=-5)
    make_return(cooperative, 2025, members=140, members_men=90, members_women=50, shu=7)
    assert recap(date(2022, 12, 30)).total.sums["members"] is None
    assert recap(date(2022, 12, 31)).total.sums["members"] == 100
    assert recap(date(2025, 12, 30)).total.sums == dict.fromkeys(SUMS) | {"members": 100, "shu": -5}
    assert recap(date(2025, 12, 31)).total.sums["members"] == 140


def test_unknown_is_not_zero(kubar):
    make_return(make_cooperative(regency=kubar), 2025, members=None, managers_men=0)
    row = recap(TODAY).row("kutai-barat")
    assert row.sums["members"] is None and row.members_known == 0 and row.returns == 1
    assert row.sums["managers"] == 0
    assert row.sums["employees"] is None


def test_rat_and_audit_are_asked_for_the_counting_year(kubar):
    for held, audited in ((True, True), (True, None), (False, False), (None, None)):
        make_return(make_cooperative(regency=kubar), 2025, rat_held=held, audited=audited)
    make_return(make_cooperative(regency=kubar), 2024, rat_held=True)
    found = recap(TODAY)
    row = found.row("kutai-barat")
    assert found.counting_year == 2025
    assert (row.rat_held, row.rat_known, row.audited, row.audited_known) == (2, 3, 1, 2)
    assert recap(date(2026, 6, 30)).row("kutai-barat").rat_held == 1


def test_the_rows_add_up_to_a_naive_count():
    regencies = [make_regency(f"Wilayah {number}") for number in range(3)]
    forms = [make_form(level) for level in Form.Level.values] + [None]
    for number in range(60):
        cooperative = make_cooperative(
            regency=[*regencies, None][number % 4],
            form=forms[number % 3 + (number % 7 == 0)],
            status=[Status.ACTIVE, Status.INACTIVE, Status.FROZEN][number % 3],
        )
        if number % 2:
            make_return(cooperative, 2023 + number % 3, members=number, rat_held=bool(number % 5))
    found = recap(TODAY)
    assert found.total.total == Cooperative.objects.standing().count() == sum(row.total for row in found.rows)
    assert found.total.active == Cooperative.objects.active().count()
    latest = {}
    for entry in AnnualReturn.objects.order_by("book_year"):
        latest[entry.cooperative_id] = entry.members
    assert found.total.sums["members"] == sum(latest.values())
    assert found.total.members_known == len(latest)


def test_the_number_of_queries_does_not_grow(kubar, django_assert_num_queries):
    def count():
        # The counting rule, the forms, the regencies, the statuses, the returns in force, the counting year's returns.
        with django_assert_num_queries(6):
            recap(TODAY)

    make_return(make_cooperative(regency=kubar), 2025)
    count()
    for number in range(5):
        make_return(make_cooperative(regency=make_regency(f"Lain {number}"), form=make_form()), 2025)
    count()


def test_groups_of_a_regency_are_counted_where_they_are_located(kubar):
    farmers, miners = make_group("Pertanian"), make_group("Pertambangan")
    for group in (farmers, farmers, miners, None):
        make_cooperative(regency=kubar, group=group)
    make_cooperative(regency=kubar, group=farmers, status=Status.INACTIVE)
    assert groups_of(kubar, TODAY) == [
        (farmers.pk, "Pertanian", 3, 2),
        (None, None, 1, 1),
        (miners.pk, "Pertambangan", 1, 1),
    ]

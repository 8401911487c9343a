"""Several people at the register at once: nothing is lost, nothing is doubled, nobody gets an error page."""

import itertools
import threading
from datetime import date

import pytest
from django.core.management import call_command
from django.db import connections
from django.test import Client
from django.urls import reverse

from common.admin import VersionedAdmin
from common.models import Versioned
from cooperatives.many_statuses import record_status_of_many
from cooperatives.merging import merge
from cooperatives.models import AnnualReturn, Cooperative, Status, StatusPeriod, StepRefused
from cooperatives.summary import refresh_summary
from tests.factories import make_cooperative, make_return, make_user
from tests.filled_form import filled_form

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts):
    """Run the acts in threads that start together; gives what each returned, or the exception that it raised."""
    answers, ready = [None] * len(acts), threading.Barrier(len(acts))

    def run(number, act):
        try:
            ready.wait(timeout=30)
            answers[number] = act()
        except Exception as error:  # noqa: BLE001 - what went wrong is what the test looks at
            answers[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
        assert not thread.is_alive()
    return answers


def editor(name):
    client = Client(raise_request_exception=False)
    client.force_login(make_user("administrator", name))
    client.get("/kerja/")
    return client


@pytest.fixture
def editors():
    return [editor(f"editor{number}") for number in range(3)]


def change_url(record):
    return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_change", args=[record.pk])


def opened(client, record):
    return filled_form(client.get(change_url(record)), f"{record._meta.model_name}_form")


def post(client, url, data):
    return lambda: client.post(url, data)


def statuses(answers):
    return sorted(answer.status_code for answer in answers)


@pytest.mark.parametrize("_round", range(3))
def test_of_several_editors_one_saves_and_the_others_are_told(editors, _round):
    cooperative = make_cooperative("KSP Maju")
    url = change_url(cooperative)
    forms = [opened(client, cooperative) | {"village": f"Desa {n}"} for n, client in enumerate(editors)]
    answers = at_once(*(post(client, url, form) for client, form in zip(editors, forms, strict=True)))
    assert statuses(answers) == [200, 200, 302]
    winner = next(n for n, answer in enumerate(answers) if answer.status_code == 302)
    cooperative.refresh_from_db()
    assert cooperative.village == f"Desa {winner}"
    assert cooperative.history.count() == 2
    for answer in answers:
        if answer.status_code == 200:
            assert answer.context["adminform"].form.conflict.clashes


def test_control_without_lock_and_version_changes_are_lost(editors, monkeypatch):
    """Takes both walls away: every editor believes to have saved. The test above is known to bite."""
    monkeypatch.setattr(VersionedAdmin, "_compare_versions", lambda *_args: None)
    monkeypatch.setattr(Versioned, "claim", lambda *_args: None)
    cooperative = make_cooperative("KSP Maju")
    url = change_url(cooperative)
    forms = [opened(client, cooperative) | {"village": f"Desa {n}"} for n, client in enumerate(editors)]
    answers = at_once(*(post(client, url, form) for client, form in zip(editors, forms, strict=True)))
    assert statuses(answers) == [302, 302, 302]


@pytest.mark.parametrize("_round", range(3))
def test_a_double_click_enters_one_cooperative(editors, _round):
    url = reverse("admin:cooperatives_cooperative_add")
    form = filled_form(editors[0].get(url), "cooperative_form") | {"name": "KSP Maju"}
    twins = [Client(raise_request_exception=False) for _number in range(4)]
    for twin in twins:
        twin.cookies = editors[0].cookies
    answers = at_once(*(post(twin, url, form) for twin in twins))
    assert statuses(answers) == [302] * 4
    assert Cooperative.objects.count() == 1
    assert StatusPeriod.objects.count() == 1


def test_one_number_given_to_two_cooperatives_at_once_is_refused_once(editors):
    url = reverse("admin:cooperatives_cooperative_add")
    forms = [
        filled_form(client.get(url), "cooperative_form") | {"name": name, "nomor_induk_koperasi": "6401010010001"}
        for client, name in zip(editors, ("Satu", "Dua", "Tiga"), strict=True)
    ]
    answers = at_once(*(post(client, url, form) for client, form in zip(editors, forms, strict=True)))
    assert statuses(answers) == [200, 200, 302]
    assert Cooperative.objects.count() == 1


def test_two_returns_for_one_year_at_once_are_one(editors):
    cooperative = make_cooperative("KSP Maju")
    url = reverse("admin:cooperatives_annualreturn_add")
    forms = [
        filled_form(client.get(url), "annualreturn_form")
        | {"cooperative": cooperative.pk, "book_year": "2023", "members": str(n)}
        for n, client in enumerate(editors)
    ]
    answers = at_once(*(post(client, url, form) for client, form in zip(editors, forms, strict=True)))
    assert statuses(answers) == [200, 200, 302]
    assert AnnualReturn.objects.count() == 1


@pytest.mark.parametrize("existing", [False, True])
def test_a_row_of_the_grid_typed_by_several_is_overwritten_by_none(editors, existing):
    cooperatives = [make_cooperative(f"K {n}") for n in "abcde"]
    if existing:
        for cooperative in cooperatives:
            make_return(cooperative, 2023, members=1)
    url = "/kerja/rat/?tahun=2023"
    forms = []
    for number, client in enumerate(editors):
        form = filled_form(client.get(url), "rat-grid")
        for cooperative in cooperatives:
            form |= {f"r{cooperative.pk}-rat_held": "1", f"r{cooperative.pk}-members": str(100 + number)}
        forms.append(form)
    answers = at_once(*(post(client, url, form) for client, form in zip(editors, forms, strict=True)))
    assert statuses(answers) == [200, 200, 302]
    winner = next(n for n, answer in enumerate(answers) if answer.status_code == 302)
    assert set(AnnualReturn.objects.values_list("members", flat=True)) == {100 + winner}
    assert AnnualReturn.objects.count() == 5
    assert AnnualReturn.history.count() == (10 if existing else 5)


def test_a_status_recorded_by_several_at_once_is_recorded_once():
    cooperative = make_cooperative("KSP Maju", since=date(2010, 1, 1))

    def record():
        record = Cooperative.objects.get(pk=cooperative.pk)
        return record.record_status(Status.FROZEN, since=date(2020, 1, 1), basis="", by=None)

    answers = at_once(*[record] * 6)
    assert sum(isinstance(answer, StatusPeriod) for answer in answers) == 1
    assert sum(isinstance(answer, StepRefused) for answer in answers) == 5
    assert cooperative.status_periods.filter(until=None).count() == 1


def test_back_dated_statuses_at_once_leave_no_gap_and_no_overlap():
    cooperative = make_cooperative("KSP Maju", since=date(2000, 1, 1))
    wanted = [(Status.FROZEN, 2010), (Status.INACTIVE, 2012), (Status.FROZEN, 2014), (Status.INACTIVE, 2016)]
    at_once(
        *(
            lambda status=status, year=year: Cooperative.objects.get(pk=cooperative.pk).record_status(
                status, since=date(year, 1, 1), basis="", by=None
            )
            for status, year in wanted
        )
    )
    periods = sorted(cooperative.status_periods.all(), key=lambda period: period.since)
    for before, after in itertools.pairwise(periods):
        assert before.until == after.since
        assert after.status in StatusPeriod.NEXT[before.status]
    assert periods[-1].until is None


def test_lists_in_opposite_order_do_not_wait_for_each_other():
    ids = [make_cooperative(f"K {number}", since=date(2010, 1, 1)).pk for number in range(8)]
    answers = at_once(
        lambda: record_status_of_many(ids, Status.FROZEN, since=date(2020, 1, 1), basis="", by=None),
        lambda: record_status_of_many(ids[::-1], Status.INACTIVE, since=date(2021, 1, 1), basis="", by=None),
        lambda: record_status_of_many(ids[4:], Status.FROZEN, since=date(2020, 1, 1), basis="", by=None),
    )
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert refresh_summary(ids) == 0


def test_a_merger_done_twice_at_once_is_done_once():
    survivor, double = make_cooperative("KSP Maju"), make_cooperative("KSP Maju")
    make_return(double, 2023, members=10)
    answers = at_once(*[lambda: merge(double, into=survivor, reason="ganda", by=None)] * 3)
    assert sum(isinstance(answer, StepRefused) for answer in answers) == 2
    assert survivor.returns.count() == 1
    assert Cooperative.history.filter(id=double.pk, history_type="~").count() == 1


def test_records_merged_into_one_another_at_once_do_not_vanish_both():
    one, two = make_cooperative("KSP Maju"), make_cooperative("KSP Maju")
    at_once(
        lambda: merge(one, into=two, reason="ganda", by=None),
        lambda: merge(two, into=one, reason="ganda", by=None),
    )
    assert Cooperative.objects.in_register().count() == 1


def test_the_nightly_run_overwrites_nothing_that_is_saved_while_it_runs(editors):
    cooperatives = [make_cooperative(f"K {number}") for number in range(6)]
    acts = [lambda: call_command("refresh_register", verbosity=0)]
    for client, cooperative in zip(editors, cooperatives, strict=False):
        acts.append(
            post(client, change_url(cooperative), opened(client, cooperative) | {"name": f"Baru {cooperative.pk}"})
        )
    answers = at_once(*acts)
    assert statuses(answers[1:]) == [302] * 3
    assert refresh_summary([cooperative.pk for cooperative in cooperatives]) == 0

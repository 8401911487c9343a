"""Monitoring visits: what is due, what a visit changes, and that what arrives twice is one visit."""

import threading
import uuid
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assistance import procedure
from assistance.models import Package, Unit, Visit
from assistance.stages import Stage
from assistance.visiting import due_packages, record_visit
from common.dates import today
from common.models import DataVersion, StepRefused
from tests.assistance.aid import at_stage, fresh, handed, make_kind, make_recipient, new_package, old_programme, step_to
from tests.assistance.visits import answers
from tests.factories import make_regency, make_user

pytestmark = pytest.mark.django_db

# Three months after the handover of 18 November 2024.
DUE = date(2025, 2, 18)


@pytest.fixture
def berau():
    return make_regency("Berau")


@pytest.fixture
def officer(berau):
    return make_user("petugas", "petugas.berau", regency=berau)


@pytest.fixture
def package(berau):
    return at_stage(Stage.HANDED_OVER, recipient=make_recipient(regency=berau))


@pytest.fixture
def unit(package):
    return package.units.select_related("package__kind").first()


@pytest.fixture
def phone(client, officer):
    client.force_login(officer)
    return client


def address(package):
    return reverse("visit_package", args=[package.pk])


def send(client, package, data, **options):
    return client.post(address(package), data, **options)


def by_script(client, package, data):
    return send(client, package, data, headers={"accept": "application/json"})


def capital(berau, **values):
    kind = make_kind("Modal usaha", nature="capital", has_units=False)
    return at_stage(Stage.HANDED_OVER, kind=kind, recipient=make_recipient(regency=berau), **values)


# What is due -----------------------------------------------------------------------------------------


def test_what_is_due_is_listed_by_package_the_longest_due_first(phone, package, berau):
    other = capital(berau)
    Unit.objects.filter(package=package).update(next_visit_on=date(2025, 5, 1))
    last = Unit.objects.filter(package=package).last()
    Unit.objects.filter(pk=last.pk).update(next_visit_on=date(2025, 1, 1))
    Package.objects.filter(pk=other.pk).update(next_visit_on=date(2025, 2, 1))
    page = phone.get(reverse("visit_list")).context["page"]
    assert [(row.pk, row.due_on, row.due_count) for row in page] == [
        (package.pk, date(2025, 1, 1), 5),
        (other.pk, date(2025, 2, 1), 0),
    ]
    Unit.objects.update(next_visit_on=today() + timedelta(1))
    assert [row.pk for row in phone.get(reverse("visit_list")).context["page"]] == [other.pk]


def test_a_visit_is_due_on_its_day_and_not_the_day_before(package):
    assert list(due_packages(Package.objects.all(), DUE - timedelta(1))) == []
    assert [row.pk for row in due_packages(Package.objects.all(), DUE)] == [package.pk]


def test_words_find_aid_that_is_not_due(phone, package):
    Unit.objects.update(next_visit_on=None)
    assert not phone.get(reverse("visit_list")).context["page"].object_list
    found = phone.get(reverse("visit_list"), {"q": "motor"}).context["page"]
    assert [row.pk for row in found] == [package.pk]
    assert not phone.get(reverse("visit_list"), {"q": "gerobak"}).context["page"].object_list


def test_an_officer_sees_and_visits_the_own_regency_only(phone, package):
    elsewhere = at_stage(Stage.HANDED_OVER, recipient=make_recipient(regency=make_regency("Paser")))
    assert [row.pk for row in phone.get(reverse("visit_list")).context["page"]] == [package.pk]
    assert phone.get(address(elsewhere)).status_code == 404
    assert send(phone, elsewhere, answers(elsewhere.units.first())).status_code == 404
    # Nor a unit of another package through the own one.
    assert send(phone, package, answers(elsewhere.units.first())).status_code == 404
    assert not Visit.objects.exists()


def test_the_pages_cost_the_same_at_two_sizes(phone, package, berau):
    def costs():
        found = []
        for path in (reverse("visit_list"), address(package)):
            with CaptureQueriesContext(connection) as queries:
                phone.get(path)
            found.append(len(queries))
        return found

    by = make_user("petugas", regency=berau)
    units = list(package.units.select_related("package__kind"))
    record_visit(package, key=uuid.uuid4(), by=by, visited_on=DUE, unit=units[0], state="in_use")
    costs()
    before = costs()
    for one in units:
        record_visit(package, key=uuid.uuid4(), by=by, visited_on=DUE, unit=one, state="in_use")
    at_stage(Stage.HANDED_OVER, recipient=make_recipient(regency=berau))
    capital(berau)
    assert costs() == before


# What a visit changes --------------------------------------------------------------------------------


def test_a_visit_is_recorded_with_all_that_was_said(phone, officer, package, unit):
    version = DataVersion.read("aid")["aid"][0]
    said = answers(
        unit,
        visited_on=DUE,
        state="broken",
        condition="heavy",
        holder="person",
        holder_name="Budi Santoso",
        place="Pasar Segiri, blok C",
        turnover="1.250.000",
        job_count="3",
        note="Rem aus.\nMenunggu suku cadang.",
    )
    response = send(phone, package, said, follow=True)
    assert response.redirect_chain == [(address(package), 302)]
    visit = Visit.objects.get()
    assert (visit.unit, visit.by, visit.visited_on, visit.is_seen) == (unit, officer, DUE, True)
    assert (visit.state, visit.condition, visit.turnover, visit.job_count) == ("broken", "heavy", 1_250_000, 3)
    assert visit.note == "Rem aus.\nMenunggu suku cadang." and str(visit.key) == said["key"]
    unit.refresh_from_db()
    assert (unit.state, unit.condition, unit.last_seen_on) == ("broken", "heavy", DUE)
    assert unit.place == "Pasar Segiri, blok C" and unit.next_visit_on == date(2025, 11, 18)
    assert (unit.holding.holder, unit.holding.name, unit.holding.since) == ("person", "Budi Santoso", DUE)
    assert unit.holder_cooperative_id is None
    assert DataVersion.read("aid")["aid"][0] > version
    assert unit.history.first().history_user == officer


def test_who_is_back_with_the_recipient_is_its_cooperatives_again(phone, package, unit):
    send(phone, package, answers(unit, visited_on=DUE, holder="group", holder_name="Kelompok Ulin"))
    send(phone, package, answers(unit, visited_on=DUE + timedelta(9), holder="group", holder_name="Kelompok Ulin"))
    assert unit.holdings.count() == 2
    send(phone, package, answers(unit, holder="recipient"))
    unit.refresh_from_db()
    assert unit.holding.holder == "recipient" and unit.holder_cooperative_id == package.recipient.cooperative_id


def test_what_was_not_found_stays_unverified_and_due(phone, package, unit):
    send(phone, package, answers(unit, visited_on=DUE, is_seen="0", state="idle"))
    unit.refresh_from_db()
    assert (unit.state, unit.last_seen_on, unit.next_visit_on) == ("idle", None, DUE)


def test_an_older_visit_that_arrives_later_is_kept_and_changes_nothing(phone, package, unit):
    send(phone, package, answers(unit, state="broken", holder="workshop", holder_name="Bengkel"))
    send(phone, package, answers(unit, visited_on=DUE, state="in_use", holder="person", holder_name="Budi"))
    unit.refresh_from_db()
    assert Visit.objects.count() == 2
    assert (unit.state, unit.last_seen_on, unit.holding.name) == ("broken", today(), "Bengkel")
    assert unit.holdings.count() == 2


def test_an_older_look_does_not_take_back_a_later_holder(phone, package, unit):
    """Not seen, it has no day of its last sight to be held against."""
    send(phone, package, answers(unit, is_seen="0", state="idle", holder="person", holder_name="Budi"))
    response = send(phone, package, answers(unit, visited_on=DUE, holder="group", holder_name="Ulin"))
    assert response.status_code == 302 and Visit.objects.count() == 2
    assert unit.holding.name == "Budi"


def test_a_withdrawal_dated_before_the_last_holder_is_refused(package, unit):
    by = make_user("petugas")
    record_visit(
        package,
        key=uuid.uuid4(),
        by=by,
        visited_on=today(),
        unit=unit,
        state="in_use",
        holder="person",
        holder_name="B",
    )
    with pytest.raises(StepRefused):
        step_to(package, Stage.WITHDRAWN, reason="Ditarik")
    assert fresh(package).stage == Stage.HANDED_OVER


def test_aid_without_units_is_visited_itself(phone, berau):
    package = capital(berau)
    page = phone.get(address(package))
    ((none, form),) = page.context["rows"]
    assert none is None and "state" not in form.fields
    assert send(phone, package, answers(visited_on=DUE, turnover="500.000")).status_code == 302
    package = fresh(package)
    assert package.last_seen_on == DUE and package.next_visit_on == date(2025, 11, 18)
    assert send(phone, package, answers(visited_on=DUE - timedelta(30))).status_code == 302
    assert fresh(package).last_seen_on == DUE and Visit.objects.count() == 2


def test_a_package_with_units_is_not_visited_as_a_whole(phone, package):
    assert send(phone, package, answers(visited_on=DUE)).status_code == 409
    assert not Visit.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"visited_on": (today() + timedelta(1)).isoformat()},
        {"visited_on": "2024-11-17"},
        {"visited_on": "02/13/2025"},
        {"visited_on": ""},
        {"state": ""},
        {"state": "withdrawn"},
        {"state": "terbang"},
        {"condition": "x"},
        {"is_seen": "2"},
        {"holder": "person"},
        {"holder_name": "Budi"},
        {"holder": "raja", "holder_name": "Budi"},
        {"turnover": "-5"},
        {"turnover": "6,5"},
        {"turnover": "9" * 20},
        {"job_count": "1e3"},
        {"job_count": "100001"},
        {"note": "a\u202eb"},
        {"place": "x" * 201},
        {"key": "bukan kunci"},
        {"key": ""},
    ],
)
def test_what_cannot_be_is_refused_beside_its_field_and_comes_back_as_typed(phone, package, unit, change):
    data = answers(unit, note="Catatan saya") | change
    response = send(phone, package, data)
    assert response.status_code == 400 and not Visit.objects.exists()
    form = response.context["refused"]
    assert set(form.errors) & {*change, "holder", "holder_name"}
    assert form["note"].value() == data["note"]
    told = by_script(phone, package, data)
    assert told.status_code == 400 and told.json()["detail"]
    unit.refresh_from_db()
    assert unit.last_seen_on is None


def test_before_the_confirmed_handover_nothing_is_visited(phone, berau):
    package = at_stage(Stage.PROCURED, recipient=make_recipient(regency=berau))
    handed(package, confirm=False)
    assert phone.get(address(package)).context["rows"] == []
    assert send(phone, package, answers(package.units.first())).status_code == 404
    assert send(phone, package, answers()).status_code == 409
    assert not Visit.objects.exists()


def test_what_was_withdrawn_is_not_visited_any_more(phone, package, unit):
    step_to(package, Stage.WITHDRAWN, reason="Ditarik")
    assert phone.get(address(package)).context["rows"] == []
    response = by_script(phone, package, answers(unit))
    assert (response.status_code == 409 and "ditarik" in response.json()["detail"].lower()) or "withdrawn" in str(
        response.json()
    )


def test_old_aid_without_a_day_of_handover_can_be_visited(phone, officer, berau):
    package = procedure.enter_historical(
        new_package(recipient=make_recipient(regency=berau), programme=old_programme()),
        Stage.HANDED_OVER,
        by=make_user("staf_provinsi"),
    )
    assert send(phone, package, answers(visited_on=date(2020, 1, 2))).status_code == 302
    assert fresh(package).last_seen_on == date(2020, 1, 2)


# Once ------------------------------------------------------------------------------------------------


def test_what_arrives_twice_is_one_visit(phone, package, unit):
    said = answers(unit, visited_on=DUE)
    first, *repeats = [by_script(phone, package, said).json() for _turn in range(5)]
    assert first["is_new"] and not any(one["is_new"] for one in repeats)
    assert {one["sentence"] for one in repeats} != {first["sentence"]}
    assert Visit.objects.count() == 1 and unit.history.filter(last_seen_on=DUE).count() == 1


def test_a_key_of_somebody_else_or_of_another_package_is_refused(phone, package, unit, berau):
    said = answers(unit, visited_on=DUE)
    send(phone, package, said)
    other = capital(berau)
    assert by_script(phone, other, answers(visited_on=DUE, key=said["key"])).status_code == 409
    colleague = Client()
    colleague.force_login(make_user("petugas", regency=berau))
    assert by_script(colleague, package, said).status_code == 409
    assert Visit.objects.count() == 1


def test_what_somebody_else_entered_on_the_device_is_not_taken(phone, officer, package, unit, berau):
    other = make_user("petugas", regency=berau)
    assert by_script(phone, package, answers(unit, person=str(other.pk))).status_code == 409
    assert not Visit.objects.exists()
    assert by_script(phone, package, answers(unit, person=str(officer.pk))).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_of_many_that_arrive_at_once_one_is_recorded_and_all_are_told_so():
    berau = make_regency("Berau")
    package = at_stage(Stage.HANDED_OVER, recipient=make_recipient(regency=berau))
    unit, officer = package.units.first(), make_user("petugas", regency=berau)
    key, told, begin = uuid.uuid4(), [], threading.Barrier(6)

    def arrive():
        begin.wait()
        try:
            told.append(record_visit(package, key=key, by=officer, visited_on=DUE, unit=unit, state="in_use")[1])
        finally:
            connection.close()

    threads = [threading.Thread(target=arrive) for _turn in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == [False] * 5 + [True] and Visit.objects.count() == 1


# Who may ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "may"),
    [("administrator", True), ("staf_provinsi", True), ("petugas", True), ("verifikator", False), ("auditor", False)],
)
def test_who_may_visit(client, package, unit, berau, role, may):
    person = make_user(role, **({"regency": berau} if role == "petugas" else {}))
    client.force_login(person)
    assert client.get(address(package)).status_code == (200 if may else 403)
    assert send(client, package, answers(unit, visited_on=DUE)).status_code == (302 if may else 403)
    assert Visit.objects.count() == int(may)


def test_a_visit_without_its_token_is_refused(officer, package, unit):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(officer)
    assert send(strict, package, answers(unit)).status_code == 403
    assert not Visit.objects.exists()


def test_only_the_unit_that_was_asked_for_is_shown(phone, package, unit):
    rows = phone.get(address(package), {"unit": unit.code.lower().replace("-", " ")}).context["rows"]
    assert [one.pk for one, _form in rows] == [unit.pk]
    assert len(phone.get(address(package), {"unit": "x" * 300}).context["rows"]) == 5


def test_a_page_has_ten_forms(phone, berau):
    package = at_stage(Stage.HANDED_OVER, recipient=make_recipient(regency=berau), quantity=11)
    assert len(phone.get(address(package)).context["rows"]) == 10
    assert len(phone.get(address(package), {"page": "2"}).context["rows"]) == 1

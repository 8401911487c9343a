"""What the first page of the workspace says of reports."""

from datetime import timedelta

import pytest
from django.utils import timezone

from reporting import due
from reporting.models import RegencyReport
from tests.factories import make_regency, make_user
from tests.reporting.reports import approved, explained, make_period, make_report, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    return make_user("petugas", regency=make_regency("Kutai Barat"))


def words(user, now=None):
    return [(one.report.period.code, one.kind) for one in due.of_office(user, now)]


def test_what_came_back_leads_then_what_is_due_then_what_is_late(officer):
    back = submitted(make_report(officer.regency, number=1), by=officer, said=explained())
    back.give_back(by=make_user("verifikator"), reason="Mohon lengkapi")
    late = make_report(officer.regency, number=2)
    late.period.due_on = timezone.localdate() - timedelta(days=1)
    late.period.save()
    make_report(officer.regency, number=3)
    approved(make_report(officer.regency, number=4), by=make_user("verifikator"))
    assert words(officer) == [("2025-t1", "bad"), ("2025-t3", "way"), ("2025-t2", "bad")]


def test_an_extension_says_until_when(officer):
    report = make_report(officer.regency, is_open=False)
    (one,) = due.of_office(officer)
    assert one.until is None
    day = timezone.localdate() + timedelta(days=3)
    report.extend(until=day, reason="Banjir", by=make_user("verifikator"))
    (one,) = due.of_office(officer)
    assert one.until == day


def test_it_says_nothing_of_other_offices(officer):
    make_report(make_regency("Berau"))
    RegencyReport.objects.filter(regency=officer.regency).delete()
    assert words(officer) == []
    assert due.of_all_offices(officer) is None


def test_the_office_sees_what_waits_and_who_is_silent(officer):
    period = make_period()
    waiting = submitted(make_report(officer.regency), by=officer)
    period.refresh_from_db()
    period.due_on = timezone.localdate() - timedelta(days=1)
    period.save()
    make_report(make_regency("Berau"), number=3)
    found = due.of_all_offices(make_user("verifikator"))
    assert [one.pk for one in found.reports] == [waiting.pk] and found.count == 1
    assert [one.office_key for one in found.missing] == ["provinsi"]


def test_it_asks_the_same_however_many_there_are(officer, django_assert_num_queries):
    verifier = make_user("verifikator")
    for number in (1, 2, 3):
        make_report(officer.regency, number=number)
    with django_assert_num_queries(1):
        due.of_office(officer)
    with django_assert_num_queries(1):
        due.of_all_offices(verifier)

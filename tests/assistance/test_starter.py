"""Starter data of aid: the kinds, the rule, and the founding texts' aid as data historis."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command

from assistance.corrections import revise, take_out
from assistance.models import AidKind, DeadlineRule, Package, PackageStep, Programme
from assistance.models.rules import DEFAULT
from assistance.stages import Stage
from common.models import DataVersion
from regions.models import Regency
from tests.factories import make_user

pytestmark = pytest.mark.django_db


def load():
    out = StringIO()
    call_command("load_starter", stdout=out)
    return out.getvalue()


def counts():
    return {model: model.objects.count() for model in (AidKind, DeadlineRule, Programme, Package, PackageStep)}


def test_a_fresh_portal_holds_kinds_rule_programme_and_the_aid_of_the_texts():
    load()
    assert list(counts().values()) == [12, 1, 1, 10, 10]
    kubar = Regency.objects.get(slug="kutai-barat")
    assert Package.objects.public().filter(stage=Stage.HANDED_OVER, is_historical=True).count() == 10
    assert Package.objects.filter(regency=kubar).count() == 4 and Package.objects.filter(regency=None).count() == 6
    assert Package.objects.filter(source__key="PR-2013-09-11", quantity=None, programme=None).count() == 8
    sums = Package.objects.filter(programme__fiscal_year=2022, programme__funding="did", programme__ceiling=None)
    assert sorted(sums.values_list("quantity", "recipient_count")) == [(141, 102), (3839, 602)]
    assert not Package.objects.exclude(recipient=None).exists() and not Package.objects.filter(remark="").exists()
    assert not Package.objects.exclude(handed_over_on=None).exists()


def test_each_kind_needs_what_its_nature_asks():
    load()
    motor, permit, capital, market = (
        AidKind.objects.get(code=code)
        for code in ("sepeda-motor-roda-tiga", "kemudahan-perizinan", "permodalan", "penataan-pasar-tradisional")
    )
    assert motor.has_frame_number and motor.has_engine_number and motor.has_plate_number and motor.has_units
    assert permit.without == {Stage.PROCURED, Stage.USE_REPORTED, Stage.MONITORED} and not permit.has_units
    assert len(permit.papers(Stage.HANDED_OVER)) == 1
    assert capital.without == {Stage.PROCURED} and not capital.has_units
    assert market.has_land_status and not market.has_units and market.unit_word == "paket"
    assert AidKind.objects.filter(has_land_status=True, nature="building").count() == 2
    assert AidKind.objects.filter(has_frame_number=True).count() == 1


def test_the_rule_is_the_one_that_holds_where_there_is_none():
    load()
    rule = DeadlineRule.objects.get()
    assert (rule.month, rule.day, rule.finding_days) == DEFAULT and rule.valid_from == date(2011, 7, 27)


def test_a_second_run_adds_nothing_and_nobody_sees_a_new_version():
    load()
    before, version = counts(), DataVersion.read("aid")
    assert "10 left alone" in load()
    assert counts() == before and DataVersion.read("aid") == version


def test_what_staff_corrected_or_took_out_does_not_come_back():
    load()
    by = make_user("staf_provinsi")
    motor = Package.objects.get(kind__code="sepeda-motor-roda-tiga")
    revise(motor, {"quantity": 7, "regency": Regency.objects.get(slug="berau")}, by=by)
    cart = Package.objects.get(kind__code="gerobak-pkl")
    take_out(cart, reason="Salah", by=by)
    AidKind.objects.get(code="lain-lain").delete()
    before = counts()
    load()
    assert counts() == before
    assert Package.objects.get(kind=motor.kind).quantity == 7
    assert Package.objects.in_force().filter(kind=cart.kind).count() == 0


def test_what_points_at_something_removed_is_skipped_and_said():
    load()
    for package in Package.objects.filter(source__key="PRANALA-2023"):
        package.steps.all().delete()
        package.delete()
    Package.history.filter(source__key="PRANALA-2023").delete()
    Programme.objects.all().delete()
    out = load()
    assert out.count("skipped, what it points at was removed: peralatan-usaha") == 2
    assert Package.objects.count() == 8

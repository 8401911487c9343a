"""Invented aid: it went the way of the rules, and nothing of it stays."""

import io
from datetime import date

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from django.test import override_settings

from assistance import demo
from assistance.models import Document, Finding, Handover, Hint, Package, PackageStep, Programme, Recipient, Unit, Visit
from assistance.stages import Stage
from common.models import DataVersion
from cooperatives import demo as demo_register
from files.models import GuardedFile, folder
from regions.models import Regency
from tests.assistance.aid import make_recipient, proposed

pytestmark = pytest.mark.django_db
STAYS = {"accounts", "auth", "contenttypes", "sessions"}


def counts():
    models = [model for model in apps.get_models() if model._meta.app_label not in STAYS]
    return {model._meta.label: model._base_manager.count() for model in models}


@pytest.fixture(scope="module")
def before(django_db_setup, django_db_blocker, tmp_path_factory):
    """How many rows there were before the demo; it stands while the tests of this module run."""
    media = tmp_path_factory.mktemp("media")
    with django_db_blocker.unblock(), transaction.atomic(), override_settings(DEBUG=True, MEDIA_ROOT=media):
        call_command("load_starter", stdout=io.StringIO())
        found = counts()
        demo_register.make(150)
        assert demo.make() == demo.PACKAGES
        yield found
        transaction.set_rollback(True)


def remove():
    out = io.StringIO()
    call_command("make_demo", remove=True, stdout=out)
    return out.getvalue()


def test_forty_packages_of_all_stages_years_and_regencies(before):
    made = Package.objects.filter(is_demo=True)
    assert made.count() == 40 and set(made.values_list("stage", flat=True)) == set(Stage)
    assert set(made.values_list("programme__fiscal_year", flat=True)) == {2022, 2023, 2024, 2025}
    assert made.order_by().values("regency").distinct().count() == Regency.objects.on(date(2025, 1, 1)).count()
    assert set(made.values_list("recipient_kind", flat=True)) == {"cooperative", "group", "person", "government"}
    assert not made.filter(is_historical=True).exists()


def test_every_step_has_its_paper_its_file_and_its_day_in_order(before):
    steps = PackageStep.objects.filter(package__is_demo=True)
    assert not steps.filter(document=None).exists() and not Document.objects.filter(is_demo=True, file=None).exists()
    for package in Package.objects.filter(is_demo=True):
        days = list(package.steps.values_list("dated_on", flat=True))
        assert days == sorted(days)
    file = GuardedFile.objects.get()
    with file.open() as bytes_:
        assert bytes_.read(5) == b"%PDF-"


def test_something_is_overdue_broken_idle_handed_on_found_and_hinted_at(before):
    assert Package.objects.owing_report().count() >= 3
    states = set(Unit.objects.filter(package__is_demo=True).values_list("state", flat=True))
    assert states >= {"in_use", "broken", "idle", "transferred", "withdrawn"}
    assert Visit.objects.exists() and Unit.objects.visit_due().exists() and Finding.objects.overdue().exists()
    assert Hint.objects.waiting().count() == 1
    assert not Handover.objects.exclude(state="confirmed").exists()


def test_a_second_run_adds_nothing(before):
    assert demo.make() == 0


def test_all_of_it_goes_and_the_public_sees_a_new_version(before):
    version = DataVersion.read("aid")["aid"][0]
    (path,) = [file.place for file in GuardedFile.objects.all()]
    assert path.exists() and path.parent == folder()
    with transaction.atomic():
        assert "Removed 40 demo packages of aid." in remove()
        after = counts()
        after.pop("common.DataVersion"), (then := dict(before)).pop("common.DataVersion")
        assert after == then
        for model in (Package, Programme, Recipient):
            assert not model.history.filter(is_demo=True).exists()
        assert DataVersion.read("aid")["aid"][0] > version
        assert not path.exists()
        transaction.set_rollback(True)


@pytest.mark.parametrize("what", ["package of a recipient", "package of a cooperative", "programme", "document"])
def test_it_stays_where_something_real_refers_to_it(before, what):
    with transaction.atomic():
        invented = Package.objects.filter(is_demo=True, recipient_kind="cooperative").first()
        values = {"kind": invented.kind}
        if what == "package of a recipient":
            values["recipient"] = invented.recipient
        elif what == "package of a cooperative":
            values["recipient"] = make_recipient(
                cooperative=invented.recipient.cooperative, regency=invented.recipient.regency
            )
        else:
            values["recipient"] = make_recipient(kind="group", regency=invented.regency)
        if what == "programme":
            values["programme"] = invented.programme
        real = proposed(**values)
        if what == "document":
            real.links.create(document=Document.objects.filter(is_demo=True).first())
        with pytest.raises(CommandError, match="Package"):
            remove()
        assert Package.objects.filter(is_demo=True).count() == 40
        transaction.set_rollback(True)

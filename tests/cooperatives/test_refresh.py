"""The derived columns are the same whatever path wrote them, and nobody writes tracked rows past the history."""

import importlib.util
from datetime import date
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse

from common.models import DataVersion
from cooperatives.many_statuses import record_status_of_many
from cooperatives.merging import merge
from cooperatives.models import Cooperative, InactivityRule
from cooperatives.summary import DERIVED, refresh_summary
from tests.factories import make_cooperative, make_return, make_user
from tests.filled_form import filled_form


def derived():
    return list(Cooperative.objects.order_by("pk").values("pk", *DERIVED))


def run():
    out = StringIO()
    call_command("refresh_register", stdout=out)
    return out.getvalue()


def form_of(client, cooperative):
    url = reverse("admin:cooperatives_cooperative_change", args=[cooperative.pk])
    return url, filled_form(client.get(url), "cooperative_form")


def in_the_admin(client, one, two):
    url, form = form_of(client, one)
    assert (
        client.post(url, form | {"name": "KUD Lain Nama", "village": "Sebulu", "founded_on": "01/01/2023"}).status_code
        == 302
    )


def a_row_in_the_admin(client, one, two):
    url, form = form_of(client, one)
    row = {
        "returns-TOTAL_FORMS": "2",
        "returns-1-book_year": "2024",
        "returns-1-rat_held": "1",
        "returns-1-members": "9",
    }
    assert client.post(url, form | row).status_code == 302


def a_former_name_in_the_admin(client, one, two):
    url, form = form_of(client, one)
    row = {"former_names-TOTAL_FORMS": "1", "former_names-0-name": "Mekar Sari"}
    assert client.post(url, form | row).status_code == 302


def a_return_on_its_page(client, one, two):
    url = reverse("admin:cooperatives_annualreturn_change", args=[one.returns.get().pk])
    form = filled_form(client.get(url), "annualreturn_form")
    assert client.post(url, form | {"rat_held": "0", "rat_on": "", "members": "3"}).status_code == 302


def in_the_grid(client, one, two):
    url = "/kerja/rat/?tahun=2024"
    form = filled_form(client.get(url), "rat-grid")
    assert client.post(url, form | {f"r{one.pk}-rat_held": "1", f"r{one.pk}-members": "8"}).status_code == 302


def a_new_one(client, one, two):
    url = reverse("admin:cooperatives_cooperative_add")
    form = filled_form(client.get(url), "cooperative_form")
    assert client.post(url, form | {"name": "Baru Sekali", "first_since": "01/02/2020"}).status_code == 302


def a_recorded_status(client, one, two):
    one.record_status("frozen", since=date(2020, 1, 1), basis="", by=None)


def a_withdrawn_status(client, one, two):
    one.record_status("frozen", since=date(2020, 1, 1), basis="", by=None)
    one.withdraw_status(one.status_periods.get(status="frozen"), reason="salah", by=None)


def many_statuses(client, one, two):
    record_status_of_many([one.pk, two.pk], "inactive", since=date(2020, 1, 1), basis="", by=None)


def a_merger_of_records(client, one, two):
    merge(Cooperative.objects.get(pk=two.pk), into=one, reason="ganda", by=None, keep_name=True)


def void_and_restore(client, one, two):
    one.void(reason="salah", by=None)
    one.restore(reason="benar", by=None)


PATHS = [
    in_the_admin,
    a_row_in_the_admin,
    a_former_name_in_the_admin,
    a_return_on_its_page,
    in_the_grid,
    a_new_one,
    a_recorded_status,
    a_withdrawn_status,
    many_statuses,
    a_merger_of_records,
    void_and_restore,
]


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.__name__)
def test_after_each_path_a_full_recount_changes_nothing(client, path):
    client.force_login(make_user("administrator"))
    one, two = make_cooperative("KSP Maju"), make_cooperative("KSP Mundur")
    make_return(one, 2023, members=10)
    make_return(two, 2022, members=7)
    before = derived()
    path(client, one, two)
    after = derived()
    assert path in (void_and_restore, a_withdrawn_status) or after != before
    assert refresh_summary(Cooperative.objects.values_list("pk", flat=True)) == 0
    assert derived() == after


@pytest.mark.django_db
def test_the_nightly_run_mends_what_is_stale_and_bumps_once():
    for number in range(3):
        make_cooperative(f"K {number}")
    right = derived()
    Cooperative.objects.update(grade="A", name_key="salah", search="")
    before = DataVersion.read("cooperatives")["cooperatives"][0]
    assert "3 changed" in run()
    assert derived() == right
    assert DataVersion.read("cooperatives")["cooperatives"][0] == before + 1


@pytest.mark.django_db
def test_a_night_in_which_nothing_changed_bumps_nothing():
    make_cooperative()
    before = DataVersion.read("cooperatives")
    assert "0 changed" in run()
    assert DataVersion.read("cooperatives") == before


@pytest.mark.django_db
def test_the_calendar_alone_changes_grades(monkeypatch):
    monkeypatch.setattr("cooperatives.summary.today", lambda: date(2026, 3, 1))
    InactivityRule.objects.create(valid_from=date(2020, 1, 1), years=3, basis="uji")
    cooperative = make_cooperative(founded_on=date(2000, 1, 1))
    make_return(cooperative, 2024)
    cooperative.refresh_from_db()
    assert (cooperative.grade, cooperative.rule_status) == ("C2", "active")
    monkeypatch.setattr("cooperatives.summary.today", lambda: date(2029, 1, 1))
    assert "1 changed" in run()
    cooperative.refresh_from_db()
    assert (cooperative.grade, cooperative.rule_status) == ("D", "inactive")


@pytest.mark.django_db
def test_the_nightly_run_goes_through_every_chunk(monkeypatch):
    monkeypatch.setattr("cooperatives.management.commands.refresh_register.CHUNK", 2)
    for number in range(5):
        make_cooperative(f"K {number}")
    assert "Looked at 5" in run()


# -- Past the history ------------------------------------------------------------------------------


def house_rules():
    path = settings.BASE_DIR / "scripts" / "house_rules.py"
    spec = importlib.util.spec_from_file_location("house_rules", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_nothing_writes_tracked_rows_past_their_history():
    assert [found for found in house_rules().findings(settings.BASE_DIR) if "(rule 3)" in found] == []


def test_control_a_bare_update_of_a_tracked_model_is_found(tmp_path):
    (tmp_path / "models.py").write_text("class Cooperative:\n    history = HistoricalRecords()\n")
    (tmp_path / "verbs.py").write_text("Cooperative.objects.filter(pk=1).update(name='x')\n")
    assert ["(rule 3)" in found for found in house_rules().findings(tmp_path)] == [True]

"""The simulated register: never mixed with real data, spread like the published figures, gone without a trace."""

import io
from itertools import pairwise

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.utils.timezone import localdate, now

from accounts.models import User
from common.models import DataVersion
from cooperatives import demo
from cooperatives.models import AnnualReturn, BoardMember, Cooperative, Status, StatusPeriod
from cooperatives.summary import DERIVED, refresh_summary
from figures.models import Source
from tests.factories import (
    make_award,
    make_cooperative,
    make_figure,
    make_form,
    make_group,
    make_regency,
    make_territory,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def vocabularies():
    for slug in ("samarinda", "kutai-timur", "kutai-barat"):
        make_regency(slug.replace("-", " ").title(), slug=slug)
    make_form()
    for name in ("Serba Usaha", "Karyawan", "Wanita"):
        make_group(name)


@pytest.fixture
def registered(vocabularies):
    demo.make(300)


def test_it_is_spread_like_the_published_figures(registered):
    assert Cooperative.objects.count() == 300
    by_regency = {
        slug: Cooperative.objects.filter(regency__slug=slug).count()
        for slug in ("samarinda", "kutai-timur", "kutai-barat")
    }
    assert by_regency["kutai-barat"] < by_regency["samarinda"]
    assert by_regency["kutai-barat"] < by_regency["kutai-timur"]
    assert Cooperative.objects.filter(group__name="Serba Usaha").count() > 150
    active = Cooperative.objects.active().count() / Cooperative.objects.standing().count()
    assert 0.4 < active < 0.65
    assert AnnualReturn.objects.values("book_year").distinct().count() == demo.YEARS


def test_every_name_says_that_it_is_invented(registered):
    assert not Cooperative.objects.exclude(name__contains="Contoh").exists()
    assert not BoardMember.objects.exclude(name__contains="Contoh").exists()
    assert not Cooperative.objects.filter(is_demo=False).exists()


def test_its_derived_columns_are_those_of_a_recount(registered):
    assert refresh_summary(Cooperative.objects.values_list("pk", flat=True)) == 0
    # The recount bites: a column that is wrong is found and mended.
    Cooperative.objects.filter(grade="A").update(grade="D", latest_members=1)
    assert refresh_summary(Cooperative.objects.values_list("pk", flat=True)) > 0
    assert {"grade", "latest_members"} <= set(DERIVED)


def test_its_periods_and_returns_keep_the_rules(registered):
    for number, cooperative in enumerate(Cooperative.objects.prefetch_related("status_periods", "returns")):
        periods = sorted(cooperative.status_periods.all(), key=lambda period: period.since)
        assert periods[-1].until is None
        assert all(before.until == after.since for before, after in pairwise(periods))
        # Each constraint costs a query: every fourth record of the sequence is looked at that closely.
        if number % 4:
            continue
        cooperative.full_clean()
        for entry in cooperative.returns.all():
            entry.full_clean()


def test_it_refuses_a_register_that_holds_a_real_cooperative(vocabularies):
    make_cooperative("Koperasi Sungguhan")
    with pytest.raises(demo.RefusesRealData):
        demo.make(10)
    assert Cooperative.objects.count() == 1 and not demo.is_in()


def test_what_is_entered_while_it_is_in_counts_as_demo_data_and_goes_with_it(registered):
    entered = make_cooperative("Koperasi Dicatat Petugas")
    assert entered.is_demo
    entered.record_status(Status.INACTIVE, since=localdate(entered.created_at), basis="uji", by=None)
    Source.objects.create(key="uji", title="Uji", publisher="Uji", is_demo=True)
    call_command("make_demo", remove=True, stdout=io.StringIO())
    for model in (Cooperative, AnnualReturn, BoardMember, StatusPeriod, Source):
        assert not model.objects.exists() and not model.history.exists()
    assert not DataVersion.objects.filter(key="demo").exists()
    assert not make_cooperative("Koperasi Sungguhan").is_demo


def test_removing_leaves_real_records_alone(registered):
    real = make_cooperative("Koperasi Dicatat Petugas")
    Cooperative.objects.filter(pk=real.pk).update(is_demo=False)
    assert demo.remove() == 300
    assert Cooperative.objects.get() == real and real.status_periods.exists()


def test_production_never_loads_it(settings):
    settings.DEBUG = False
    with pytest.raises(CommandError, match="Production"):
        call_command("make_demo", cooperatives=5)


def test_the_same_seed_makes_the_same_register(vocabularies):
    demo.make(20)
    first = list(Cooperative.objects.order_by("pk").values_list("name", "grade", "latest_members"))
    demo.remove()
    demo.make(20)
    assert [(name.rsplit(" ", 1)[0], grade, members) for name, grade, members in first] == [
        (name.rsplit(" ", 1)[0], grade, members)
        for name, grade, members in Cooperative.objects.order_by("pk").values_list("name", "grade", "latest_members")
    ]


def _remove():
    out = io.StringIO()
    call_command("make_demo", remove=True, stdout=out)
    return out.getvalue()


def _real_figure():
    make_figure(5745, source=Source.objects.create(key="uji", title="Uji", publisher="Uji", is_demo=True))


def _real_award():
    source = Source.objects.create(key="uji", title="Uji", publisher="Uji", is_demo=True)
    make_award(make_territory(), source=source)


def _real_double():
    real = make_cooperative("Koperasi Sungguhan")
    Cooperative.objects.filter(pk=real.pk).update(
        is_demo=False,
        same_as=Cooperative.objects.filter(is_demo=True).exclude(pk=real.pk).first(),
        voided_at=now(),
        void_reason="ganda",
    )


def _real_period():
    real = make_cooperative("Koperasi Sungguhan")
    invented = Cooperative.objects.filter(is_demo=True).exclude(pk=real.pk).first()
    Cooperative.objects.filter(pk=real.pk).update(is_demo=False)
    real.status_periods.update(successor=invented, status=Status.MERGED)


@pytest.mark.parametrize(
    ("real", "named"),
    [
        (_real_figure, r"Figure \d+ .*5745.* refers to Source \d+ .*Uji"),
        (_real_award, r"Award \d+ .* refers to Source \d+"),
        (_real_double, r"Cooperative \d+ .*Sungguhan.* refers to Cooperative \d+ .*Contoh"),
        (_real_period, r"StatusPeriod \d+ .* refers to Cooperative \d+ .*Contoh"),
    ],
)
def test_where_something_real_refers_to_it_nothing_is_removed_and_that_is_named(registered, real, named):
    real()
    before = (Cooperative.objects.count(), Source.objects.count(), AnnualReturn.objects.count())
    with pytest.raises(CommandError, match=named):
        _remove()
    assert (Cooperative.objects.count(), Source.objects.count(), AnnualReturn.objects.count()) == before
    assert demo.is_in()


def test_removing_is_all_or_nothing(registered, monkeypatch):
    Source.objects.create(key="uji", title="Uji", publisher="Uji", is_demo=True)

    def fail():
        raise RuntimeError

    monkeypatch.setattr(demo, "remove", fail)
    with pytest.raises(RuntimeError):
        _remove()
    assert Source.objects.exists() and Source.history.exists()


def test_the_accounts_to_look_around_with_close_with_it_and_stay_on_record(registered, settings):
    settings.DEBUG = True
    call_command("demo_accounts", stdout=io.StringIO())
    names = set(User.objects.values_list("username", flat=True))
    own = make_user("auditor", "siti")
    told = _remove()
    assert "demo.administrator" in told and "create_account" in told
    assert set(User.objects.active()) == {own}
    assert names < set(User.objects.values_list("username", flat=True))
    assert User.objects.get(username="demo.administrator").history.first().history_change_reason
    assert "demo.administrator" not in _remove()
    # Where somebody develops on, they open again.
    call_command("demo_accounts", stdout=io.StringIO())
    assert User.objects.active().filter(username__startswith="demo.").count() == len(names)


@pytest.mark.postgresql
def test_the_planner_knows_what_this_very_transaction_filled(vocabularies):
    """Without it, and after a fill that was rolled back, the reports that follow took minutes instead of seconds."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE cooperatives_cooperative, cooperatives_annualreturn, cooperatives_statusperiod")
    demo.make(40)
    counted = "SELECT relname FROM pg_class WHERE reltuples >= 40 AND relname = ANY(%s)"
    tables = {model._meta.db_table for model in (Cooperative, AnnualReturn, StatusPeriod)}
    with connection.cursor() as cursor:
        cursor.execute(counted, [list(tables)])
        assert {name for (name,) in cursor} == tables

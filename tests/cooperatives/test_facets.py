"""Facet counts against a recount by hand, under every kind of question."""

import itertools
import random
from datetime import date

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext

from common.models import DataVersion
from cooperatives import facets, filters
from cooperatives.facets import counts, whole_register
from cooperatives.filters import EMPTY, FACETS, CooperativeFilter
from cooperatives.models import (
    AnnualReturn,
    Cooperative,
    Form,
    Group,
    Kind,
    Sector,
    Status,
    StatusPeriod,
)
from tests.factories import make_regency

pytestmark = pytest.mark.django_db

SPLIT = date(2013, 4, 22)
WORDS = ("anggrek", "mahakam", "sejahtera", "ulin")


@pytest.fixture
def register():
    """Sixty records with every value and every gap, written without the verbs so that any mixture is possible."""
    draw = random.Random(20130911)
    kubar = make_regency("Kutai Barat")
    places = [
        kubar,
        make_regency("Mahakam Ulu", split_from=kubar, valid_from=SPLIT),
        make_regency("Berau"),
        make_regency("Bulungan", valid_until=SPLIT),
        None,
    ]
    forms = [Form.objects.create(name=f"Bentuk {level}", responsible_level=level) for level in Form.Level.values]
    kinds = [Kind.objects.create(name=f"Jenis {n}") for n in range(2)]
    groups = [Group.objects.create(name=f"Kelompok {n}") for n in range(3)]
    sectors = [Sector.objects.create(name=f"Sektor {n}") for n in range(2)]
    records = []
    for number in range(60):
        name = f"{draw.choice(WORDS)} {draw.choice(WORDS)} {number}"
        records.append(
            Cooperative(
                name=name,
                name_key=name,
                search=name,
                regency=draw.choice(places),
                form=draw.choice([*forms, None]),
                kind=draw.choice([*kinds, None]),
                group=draw.choice([*groups, None]),
                sector=draw.choice([*sectors, None]),
                status=draw.choice([*Status.values, ""]),
                grade=draw.choice([*Cooperative.Grade.values, ""]),
                is_merah_putih=draw.random() < 0.3,
                latest_members=draw.choice([None, 0, 17, 250]),
                founded_on=draw.choice([None, date(2009, 3, 4), date(2020, 1, 1)]),
                legal_on=draw.choice([None, date(2020, 5, 5)]),
            )
        )
    Cooperative.objects.bulk_create(records)
    # A voided record is in no count.
    wrong = Cooperative(name="anggrek salah", name_key="anggrek salah", search="anggrek salah", regency=kubar)
    wrong.voided_at, wrong.void_reason = "2024-01-01T00:00Z", "keliru"
    wrong.save()
    for record in records:
        if record.status:
            former = draw.choice([Status.ACTIVE, Status.INACTIVE])
            since = draw.choice([date(2012, 6, 1), date(2015, 1, 1)])
            StatusPeriod.objects.bulk_create(
                [
                    StatusPeriod(cooperative=record, status=former, until=since),
                    StatusPeriod(
                        cooperative=record,
                        status=record.status,
                        since=since,
                        successor=records[0] if record.status == Status.MERGED else None,
                    ),
                ]
            )
        if draw.random() < 0.7:
            AnnualReturn.objects.create(
                cooperative=record,
                book_year=2024,
                rat_held=draw.choice([True, False, None]),
                audited=draw.choice([True, False, None]),
            )
    return list(
        Cooperative.objects.filter(voided_at=None)
        .select_related("regency__split_from", "form")
        .prefetch_related("returns", "status_periods")
    )


# The recount: nothing of the code under test but the names of its values. ---------------------------


def status_on(record, day):
    if day is None:
        return record.status
    for period in record.status_periods.all():
        if (period.since is None or period.since <= day) and (period.until is None or period.until > day):
            return period.status
    return None


def place_on(record, day):
    regency = record.regency
    if regency is None:
        return EMPTY
    if day is not None and regency.split_from and regency.valid_from > day:
        return regency.split_from.slug
    return regency.slug


def value_of(record, param, day):
    if param == "wilayah":
        return place_on(record, day)
    if param == "status":
        return status_on(record, day) or EMPTY
    if param == "grade":
        return record.grade or EMPTY
    if param == "merah_putih":
        return "ya" if record.is_merah_putih else "bukan"
    key = {"kelompok": "group_id", "jenis": "kind_id", "bentuk": "form_id", "sektor": "sector_id"}[param]
    return str(getattr(record, key) or EMPTY)


def fits(record, asked, day, skip=None):
    ticks = {facet.param for facet in FACETS}
    for param, values in asked.items():
        if param in ticks and param != skip and value_of(record, param, day) not in values:
            return False
    if day and (status_on(record, day) is None or (record.founded_on and record.founded_on > day)):
        return False
    entry = next(iter(record.returns.all()), None)
    for param, column, wanted in (
        ("rat", "rat_held", True),
        ("rat_tidak", "rat_held", False),
        ("rat_kosong", "rat_held", None),
        ("audit", "audited", True),
        ("audit_tidak", "audited", False),
        ("audit_kosong", "audited", None),
    ):
        if param in asked and (getattr(entry, column) if entry else None) is not wanted:
            return False
    if "berdiri" in asked and (record.founded_on or record.legal_on or date(1, 1, 1)).year != int(asked["berdiri"][0]):
        return False
    if "kantor" in asked and office_of(record, day) != asked["kantor"][0]:
        return False
    return all(word in record.search for word in asked.get("q", [""])[0].split())


def office_of(record, day):
    level = record.form.responsible_level if record.form else "regency"
    if level != "regency":
        return {"province": "provinsi", "ministry": "kementerian"}[level]
    place = place_on(record, day)
    if place == "bulungan" and (day is None or day >= SPLIT):
        return EMPTY
    return place


def questions(register):
    """Every facet alone, every pair, and mixtures with a text, a day, an office and years."""
    draw = random.Random(7)
    values = {facet.param: sorted({value_of(record, facet.param, None) for record in register}) for facet in FACETS}
    yield {}
    for param, found in values.items():
        for value in found:
            yield {param: [value]}
    for one, other in itertools.combinations(values, 2):
        yield {one: draw.sample(values[one], 2), other: [draw.choice(values[other])]}
    others = (
        {"q": ["anggrek"]},
        {"q": ["ulin mahakam"]},
        {"per": ["2012-12-31"]},
        {"per": ["2012-05-31"], "q": ["a"]},
        {"per": ["2024-01-01"]},
        {"kantor": ["provinsi"]},
        {"kantor": ["kementerian"]},
        {"kantor": ["kutai-barat"], "per": ["2012-12-31"]},
        {"kantor": ["mahakam-ulu"]},
        {"kantor": ["mahakam-ulu"], "per": ["2012-12-31"]},
        {"wilayah": ["mahakam-ulu"], "per": ["2012-12-31"]},
        {"kantor": [EMPTY]},
        {"rat": ["2024"]},
        {"rat_tidak": ["2024"]},
        {"rat_kosong": ["2024"]},
        {"audit": ["2024"]},
        {"audit_tidak": ["2024"]},
        {"audit_kosong": ["2024"]},
        {"berdiri": ["2020"]},
    )
    for other in others:
        yield other
        for _time in range(4):
            picked = draw.sample(sorted(values), draw.randint(1, 4))
            yield other | {
                param: draw.sample(values[param], draw.randint(1, min(2, len(values[param])))) for param in picked
            }
    yield values


def ask(asked, **window):
    query = QueryDict(mutable=True)
    for name, values in asked.items():
        query.setlist(name, values)
    filterset = CooperativeFilter(query, queryset=Cooperative.objects.all())
    assert not filterset.errors, filterset.errors
    return filterset, counts(filterset, **window)


def recount(register, asked):
    day = date.fromisoformat(asked["per"][0]) if "per" in asked else None
    expected = {}
    for facet in FACETS:
        found = expected[facet.param] = {}
        for record in register:
            if fits(record, asked, day, skip=facet.param):
                value = value_of(record, facet.param, day)
                found[value] = found.get(value, 0) + 1
    rows = [record for record in register if fits(record, asked, day)]
    return expected, sorted(rows, key=lambda record: (record.name_key, record.pk))


def test_counts_and_rows_equal_a_recount_by_hand_under_every_question(register):
    for asked in questions(register):
        expected, rows = recount(register, asked)
        filterset, counted = ask(asked, limit=100)
        assert counted.by_facet == expected, asked
        assert counted.total == len(rows) == filterset.qs.count(), asked
        if counted.ids is not None:
            assert sorted(counted.ids) == sorted(row.pk for row in rows), asked
        known = [row.latest_members for row in rows if row.latest_members is not None]
        assert (counted.members, counted.members_known) == (sum(known) if known else None, len(known)), asked
        assert counted.members_missing == len(rows) - len(known)


def test_each_facet_adds_up_to_what_the_other_conditions_leave(register):
    for asked in itertools.islice(questions(register), 0, None, 6):
        _filterset, counted = ask(asked)
        for facet in FACETS:
            others = {name: values for name, values in asked.items() if name != facet.param}
            assert sum(counted.by_facet[facet.param].values()) == ask(others)[1].total, (asked, facet.param)


def test_the_active_share_ignores_the_ticked_status(register):
    _filterset, everything = ask({"wilayah": ["berau"]})
    _filterset, ticked = ask({"wilayah": ["berau"], "status": ["active"]})
    assert (ticked.active, ticked.standing) == (everything.active, everything.standing)
    assert ticked.active == ticked.total < ticked.standing


def test_windows_of_rows_follow_one_another_in_the_order_of_the_list(register):
    for asked in ({"q": ["a"]}, {"merah_putih": ["ya", "bukan"]}, {"merah_putih": ["bukan"], "q": ["a"]}):
        _filterset, whole = ask(asked, limit=1000)
        _expected, rows = recount(register, asked)
        pieces = [set(ask(asked, offset=start, limit=7)[1].ids) for start in range(0, whole.total, 7)]
        order = [row.pk for row in rows]
        assert pieces == [set(order[start : start + 7]) for start in range(0, len(order), 7)]


def test_any_question_takes_the_same_number_of_queries(register, django_assert_num_queries):
    whole_register()
    for asked in questions(register):
        query = QueryDict(mutable=True)
        for name, values in asked.items():
            query.setlist(name, values)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            counts(CooperativeFilter(query, queryset=Cooperative.objects.all()), limit=25)
        # Regencies, vocabularies, data version; and one statement for all counts and rows, unless they are kept.
        assert len(captured) == (4 if asked else 3), asked


def test_the_whole_register_is_counted_once_for_each_data_version(register, django_assert_num_queries):
    whole_register()
    with django_assert_num_queries(1):
        before = whole_register()
    Cooperative.objects.filter(pk=register[0].pk).update(grade="A", status="active")
    assert whole_register() == before
    DataVersion.bump("cooperatives")
    with django_assert_num_queries(2):
        assert whole_register() != before


def test_an_empty_register_has_no_count_and_no_sum():
    _filterset, counted = ask({})
    assert (counted.total, counted.members, counted.members_known, counted.whole) == (0, None, 0, 0)
    assert all(found == {} for found in counted.by_facet.values())
    _filterset, counted = ask({"q": ["apa saja"], "status": ["active"]}, limit=25)
    assert (counted.total, counted.members, counted.ids) == (0, None, ())


def test_values_never_become_part_of_the_sql(register):
    """A text that would end a statement is a parameter like any other."""
    for text in ("'; DROP TABLE cooperatives_cooperative; --", "100% _x", "%s %(a)s", "\\"):
        filterset = CooperativeFilter(QueryDict(mutable=True), queryset=Cooperative.objects.all())
        filterset.asked = {"q": text, "status": ["active", text], "grade": [text]}
        counted = counts(filterset, limit=5)
        assert counted.total <= len(register)
    assert Cooperative.objects.count() == len(register) + 1


@pytest.mark.sqlite
def test_sqlite_counts_ticks_from_one_index(register):
    """The index of a single column would send it to every record: twenty times slower at 220,000."""
    filterset = CooperativeFilter(
        QueryDict("status=active&grade=A&merah_putih=ya&kelompok=kosong"), queryset=Cooperative.objects.all()
    )
    statement = facets._Statement(filterset, 0, 25)
    sql = f"WITH {', '.join(statement.tables)} {' UNION ALL '.join(statement.arms)}"
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", [*statement.table_params, *statement.arm_params])
        plan = [row[-1] for row in cursor.fetchall() if "cooperatives_cooperative" in row[-1]]
    assert plan
    assert all("COVERING INDEX coop_facets" in step for step in plan), plan


def test_every_facet_is_grouped_with_others_once():
    assert sorted(facet.param for together in facets.TOGETHER for facet in together) == sorted(
        facet.param for facet in filters.FACETS
    )

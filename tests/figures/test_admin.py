"""Indicators, sources, figures, awards, regencies and territories in the admin."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from common.admin import MOST_REFERRING
from common.dates import today
from common.models import DataVersion
from figures.models import Figure, Indicator, Source
from progress.models import Award
from regions.models import Regency, Territory
from tests.factories import (
    make_award,
    make_figure,
    make_indicator,
    make_regency,
    make_source,
    make_territory,
    make_user,
)
from tests.filled_form import filled_form

pytestmark = pytest.mark.django_db


@pytest.fixture
def enter(client):
    def as_role(role):
        user = make_user(role)
        client.force_login(user)
        return user

    return as_role


def address(what, record=None):
    model = type(record) if record is not None else what
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{'change' if record is not None else 'add'}"
    return reverse(name, args=[record.pk] if record is not None else [])


def open_form(client, what, record=None):
    """The form as a browser would send it untouched."""
    model = type(record) if record is not None else what
    return filled_form(client.get(address(what, record)), f"{model._meta.model_name}_form")


def number(key):
    return DataVersion.read(key).get(key, (0, None))[0]


NEW_FIGURE = {"group": "", "value": "6.111", "as_of": "31/12/2012", "date_precision": "day", "quality": "official"}


def test_a_figure_is_entered_the_indonesian_way(client, enter):
    enter("administrator")
    data = open_form(client, Figure) | NEW_FIGURE
    data |= {
        "indicator": make_indicator().pk,
        "territory": make_territory().pk,
        "source": make_source().pk,
        "is_official": "on",
    }
    before = number("figures")
    response = client.post(address(Figure), data)
    assert response.status_code == 302, response.context["adminform"].form.errors
    figure = Figure.objects.get()
    assert (figure.value, figure.as_of, figure.is_official, figure.is_demo) == (6111, date(2012, 12, 31), True, False)
    assert number("figures") == before + 1


@pytest.mark.parametrize(
    ("typed", "words"), [("6,111", "6.111"), ("6.11", ""), ("1e3", ""), ("-5", "di bawah nol"), ("", "")]
)
def test_a_number_that_can_be_misread_is_refused(client, enter, typed, words):
    enter("administrator")
    data = open_form(client, Figure) | NEW_FIGURE | {"value": typed}
    data |= {"indicator": make_indicator().pk, "territory": make_territory().pk, "source": make_source().pk}
    response = client.post(address(Figure), data)
    assert response.status_code == 200
    assert words in str(response.context["adminform"].form.errors["value"])
    assert not Figure.objects.exists()


def test_a_loss_may_be_entered_for_a_sum(client, enter):
    enter("administrator")
    shu = make_indicator("shu", measure=Indicator.Measure.SUM)
    data = open_form(client, Figure) | NEW_FIGURE | {"value": "-1.500.000"}
    data |= {"indicator": shu.pk, "territory": make_territory().pk, "source": make_source().pk}
    assert client.post(address(Figure), data).status_code == 302
    assert Figure.objects.get().value == -1_500_000


def test_only_those_who_may_choose_the_offices_figure(client, enter):
    enter("staf_provinsi")
    figure = make_figure(5745, is_official=False)
    data = open_form(client, Figure, figure)
    assert "is_official" not in data
    assert client.post(address(Figure, figure), data | {"is_official": "on", "value": "5.746"}).status_code == 302
    figure.refresh_from_db()
    assert (figure.value, figure.is_official) == (5746, False)
    enter("verifikator")
    data = open_form(client, Figure, figure)
    assert client.post(address(Figure, figure), data | {"is_official": "on"}).status_code == 302
    figure.refresh_from_db()
    assert figure.is_official


def test_a_second_official_figure_of_one_date_is_refused_with_a_sentence(client, enter):
    enter("administrator")
    make_figure(6111)
    other = make_figure(6140, is_official=False)
    response = client.post(address(Figure, other), open_form(client, Figure, other) | {"is_official": "on"})
    assert response.status_code == 200
    assert "dinas sudah menetapkan angka lain" in str(response.context["adminform"].form.errors)
    assert Figure.objects.official().count() == 1


def test_a_conflicting_figure_cannot_be_the_offices(client, enter):
    enter("administrator")
    figure = make_figure(6140)
    response = client.post(address(Figure, figure), open_form(client, Figure, figure) | {"quality": "conflicting"})
    assert response.status_code == 200
    assert "quality" in response.context["adminform"].form.errors


def test_marking_conflicting_needs_the_right_to_unchoose(client, enter):
    """Staff who may not choose cannot turn the chosen one into a conflicting one either."""
    enter("staf_provinsi")
    figure = make_figure(6140)
    response = client.post(address(Figure, figure), open_form(client, Figure, figure) | {"quality": "conflicting"})
    assert response.status_code == 200
    figure.refresh_from_db()
    assert figure.quality == "reported"


def test_a_reserved_code_is_refused(client, enter):
    enter("administrator")
    data = open_form(client, Indicator) | {"name": "Rekap", "code": "rekap", "unit": "unit", "measure": "count"}
    response = client.post(address(Indicator), data)
    assert "code" in response.context["adminform"].form.errors


def test_while_demo_data_is_in_what_is_entered_counts_as_demo_and_the_form_says_so(client, enter):
    enter("administrator")
    DataVersion.objects.create(key="demo")
    for model in (Source, Figure, Award):
        assert "terhitung data contoh" in client.get(address(model)).content.decode()
    assert "terhitung data contoh" not in client.get(address(Indicator)).content.decode()
    data = open_form(client, Source) | {"key": "baru", "title": "Rilis", "publisher": "Kantor"}
    assert client.post(address(Source), data).status_code == 302
    source = Source.objects.get()
    assert source.is_demo
    data = open_form(client, Award) | {
        "year": "2013",
        "territory": make_territory().pk,
        "title": "Predikat",
        "source": source.pk,
    }
    assert client.post(address(Award), data).status_code == 302
    assert Award.objects.get().is_demo


def test_an_older_record_does_not_become_demo_by_an_edit(client, enter):
    enter("administrator")
    figure = make_figure(1)
    DataVersion.objects.create(key="demo")
    client.post(address(Figure, figure), open_form(client, Figure, figure) | {"value": "2"})
    figure.refresh_from_db()
    assert (figure.value, figure.is_demo) == (2, False)


@pytest.mark.parametrize("what", ["indicator", "source", "figure", "award", "regency", "territory"])
def test_the_second_of_two_editors_overwrites_nothing(client, enter, what):
    made = {
        "indicator": make_indicator,
        "source": make_source,
        "figure": lambda: make_figure(5),
        "award": lambda: make_award(make_territory()),
        "regency": make_regency,
        "territory": make_territory,
    }
    record = made[what]()
    first = make_user("administrator", full_name="Ani Pertama")
    client.force_login(first)
    text_field = {"figure": "note", "award": "note", "indicator": "definition", "source": "title"}.get(what, "note")
    mine = open_form(client, type(record), record) | {text_field: "dari Ani"}
    enter("administrator")
    theirs = open_form(client, type(record), record) | {text_field: "dari Budi"}
    client.force_login(first)
    assert client.post(address(None, record), mine).status_code == 302
    enter("administrator")
    response = client.post(address(None, record), theirs)
    assert response.status_code == 200
    record.refresh_from_db()
    assert getattr(record, text_field) == "dari Ani"
    assert "Ani Pertama" in response.content.decode()


@pytest.mark.parametrize(
    ("what", "keys"),
    [
        ("regency", {"regions", "cooperatives", "figures", "awards"}),
        ("territory", {"regions", "figures", "awards"}),
        ("source", {"figures", "awards"}),
        ("award", {"awards"}),
        ("indicator", {"figures"}),
    ],
)
def test_a_save_tells_every_page_that_shows_it(client, enter, what, keys):
    record = {
        "regency": make_regency,
        "territory": make_territory,
        "source": make_source,
        "award": lambda: make_award(make_territory()),
        "indicator": make_indicator,
    }[what]()
    enter("administrator")
    field = "definition" if what == "indicator" else "title" if what == "source" else "note"
    before = {key: number(key) for key in ("regions", "cooperatives", "figures", "awards")}
    data = open_form(client, None, record) | {field: "diubah"}
    assert client.post(address(None, record), data).status_code == 302
    assert {key for key, was in before.items() if number(key) == was + 1} == keys
    # Saving without a change tells nobody.
    before = {key: number(key) for key in before}
    assert client.post(address(None, record), open_form(client, None, record)).status_code == 302
    assert {key: number(key) for key in before} == before


def test_a_regency_is_not_its_own_mother_and_a_split_has_a_day(client, enter):
    enter("administrator")
    mother, young = make_regency("Kutai Barat"), make_regency("Mahakam Ulu")
    data = open_form(client, None, young)
    response = client.post(address(None, young), data | {"split_from": young.pk, "valid_from": "22/04/2013"})
    assert "split_from" in response.context["adminform"].form.errors
    response = client.post(address(None, young), data | {"split_from": mother.pk})
    assert "valid_from" in response.context["adminform"].form.errors
    assert (
        client.post(address(None, young), data | {"split_from": mother.pk, "valid_from": "22/04/2013"}).status_code
        == 302
    )
    young.refresh_from_db()
    assert (young.split_from, young.valid_from) == (mother, date(2013, 4, 22))


def test_the_form_keeps_the_loaded_outline(client, enter):
    enter("administrator")
    regency = make_regency(boundary=[[[[116, 0], [117, 0], [117, 1], [116, 0]]]])
    client.post(address(None, regency), open_form(client, None, regency) | {"note": "diubah"})
    regency.refresh_from_db()
    assert regency.note == "diubah"
    assert regency.boundary


def test_the_list_of_regencies_tells_todays_from_former_ones(client, enter):
    enter("auditor")
    make_regency("Paser")
    make_regency("Tarakan", valid_until=date(2013, 4, 22))
    names = {}
    for value in ("ya", "tidak", ""):
        response = client.get(reverse("admin:regions_regency_changelist"), {"sekarang": value} if value else {})
        names[value] = {regency.name for regency in response.context["cl"].result_list}
    assert names == {"ya": {"Paser"}, "tidak": {"Tarakan"}, "": {"Paser", "Tarakan"}}


@pytest.mark.parametrize("model", [Indicator, Source, Figure, Award, Regency, Territory])
def test_the_lists_open_search_and_stay_at_their_number_of_queries(client, enter, model, django_assert_max_num_queries):
    enter("auditor")
    make_award(make_territory("paser", regency=make_regency("Paser")))
    make_figure(1)
    for number_ in range(8):
        make_figure(number_, as_of=date(2000 + number_, 12, 31))
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
    with django_assert_max_num_queries(16):
        response = client.get(reverse(name), {"q": "a"})
    assert response.status_code == 200


def test_reading_roles_change_nothing_and_nobody_deletes_a_figure(client, enter):
    figure = make_figure(5)
    enter("auditor")
    assert client.get(address(None, figure)).status_code == 200
    assert client.post(address(None, figure), {"value": "9"}).status_code == 403
    assert client.get(address(Figure)).status_code == 403
    enter("administrator")
    delete = reverse("admin:figures_figure_delete", args=[figure.pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403
    assert Figure.objects.get().value == 5


def test_an_indicator_goes_only_while_no_figure_speaks_of_it(client, enter):
    enter("administrator")
    used, unused = make_figure(1).indicator, make_indicator("shu")
    before = number("figures")
    for indicator in (used, unused):
        client.post(reverse("admin:figures_indicator_delete", args=[indicator.pk]), {"post": "yes"})
    assert list(Indicator.objects.all()) == [used]
    assert number("figures") == before + 1


@pytest.mark.parametrize(
    ("model", "field"),
    [
        (Figure, "indicator"),
        (Figure, "territory"),
        (Figure, "source"),
        (Award, "territory"),
        (Award, "source"),
        (Territory, "regency"),
        (Territory, "regencies"),
        (Regency, "split_from"),
    ],
)
def test_every_foreign_key_is_found_by_typing(client, enter, model, field):
    enter("administrator")
    make_award(make_territory("paser", name="Paser", regency=make_regency("Paser")))
    make_figure(1)
    response = client.get(
        reverse("admin:autocomplete"),
        {"app_label": model._meta.app_label, "model_name": model._meta.model_name, "field_name": field, "term": "a"},
    )
    assert response.status_code == 200
    assert response.json()["results"]


def test_nothing_is_known_of_the_future(client, enter):
    enter("administrator")
    tomorrow = f"{today() + timedelta(days=1):%d/%m/%Y}"
    place, source = make_territory(), make_source()
    figure = NEW_FIGURE | {"indicator": make_indicator().pk, "territory": place.pk, "source": source.pk}
    new_source = {"key": "baru", "title": "Rilis", "publisher": "Kantor"}
    award = {"territory": place.pk, "title": "Predikat", "source": source.pk}
    for model, values, field, future, now in (
        (Figure, figure, "as_of", tomorrow, f"{today():%d/%m/%Y}"),
        (Source, new_source, "published_on", tomorrow, f"{today():%d/%m/%Y}"),
        (Award, award, "year", str(today().year + 1), str(today().year)),
    ):
        before = model.objects.count()
        response = client.post(address(model), open_form(client, model) | values | {field: future})
        assert list(response.context["adminform"].form.errors) == [field]
        response = client.post(address(model), open_form(client, model) | values | {field: now})
        assert response.status_code == 302 and model.objects.count() == before + 1


def test_deleting_a_used_indicator_names_the_figures_that_speak_of_it(client, enter):
    enter("administrator")
    indicator = make_figure(6111).indicator
    for value in range(MOST_REFERRING):
        make_figure(value, as_of=date(2000, 1, 1) + timedelta(days=value))
    url = reverse("admin:figures_indicator_delete", args=[indicator.pk])
    for page in (client.get(url), client.post(url, {"post": "yes"})):
        assert page.status_code == 200
        assert len(page.context["protected"]) == MOST_REFERRING + 1
        assert address(Figure, indicator.figures.order_by("pk").first()) in page.content.decode()
    assert Indicator.objects.exists()


def test_the_list_of_sources_says_a_day_as_exactly_as_it_is_known(client, enter):
    enter("auditor")
    make_source(published_on=date(2013, 9, 11))
    make_source(published_on=date(2014, 1, 1), date_precision="year")
    make_source()
    page = client.get(reverse("admin:figures_source_changelist")).content.decode()
    for shown in ("11 September 2013", "2014", "-"):
        assert f'<td class="field-shown_published_on nowrap">{shown}</td>' in page.replace(
            'shown_published_on">', 'shown_published_on nowrap">'
        )

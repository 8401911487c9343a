"""load_starter: what a fresh portal holds, and that a second run never takes anything back from the staff."""

import csv
from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from common.models import DataVersion
from cooperatives.models import CountingRule, Form, Group, InactivityRule, Kind, Sector, rules_on
from figures.models import Figure, Indicator, Source
from progress.models import Award
from regions.models import Regency, Territory
from reporting.models import FormLine

pytestmark = pytest.mark.django_db

TABLES = (
    Regency,
    Territory,
    Form,
    Kind,
    Group,
    Sector,
    InactivityRule,
    CountingRule,
    Indicator,
    Source,
    Figure,
    Award,
)
FILES = Path(__file__).resolve().parents[2] / "figures" / "starter"


def load():
    out = StringIO()
    call_command("load_starter", stdout=out)
    return out.getvalue()


def counts():
    return {model.__name__: model.objects.count() for model in TABLES}


def test_a_fresh_portal_holds_everything():
    load()
    assert counts() == {
        "Regency": 15,
        "Territory": 19,
        "Form": 6,
        "Kind": 5,
        "Group": 43,
        "Sector": 15,
        "InactivityRule": 1,
        "CountingRule": 1,
        "Indicator": 27,
        "Source": 21,
        "Figure": 96,
        "Award": 11,
    }


def test_every_row_keeps_the_models_own_rules():
    load()
    for model in TABLES:
        for row in model.objects.all():
            row.full_clean()


def test_the_founding_figures_are_the_offices_own():
    load()
    official = Figure.objects.official().filter(as_of=date(2012, 12, 31), group="")
    assert dict(official.values_list("territory__key", "value").filter(indicator__code="cooperatives")) == {
        "Kaltim-14": 6111
    }
    assert dict(official.values_list("territory__key", "value").filter(indicator__code="members")) == {
        "Kaltim-14": 436068,
        "samarinda": 106002,
    }


def test_the_latest_totals_are_the_offices_own():
    load()
    official = Figure.objects.official().filter(territory__key="Kaltim-10", group="", as_of__year__in=[2014, 2021])
    assert sorted(official.values_list("indicator__code", "as_of__year", "value")) == [
        ("cooperatives", 2021, 5745),
        ("cooperatives_active", 2014, 3524),
        ("cooperatives_active", 2021, 2901),
        ("cooperatives_inactive", 2021, 2844),
        ("rat_held", 2014, 1598),
    ]


def test_conflicting_totals_of_2012_live_side_by_side():
    load()
    values = Figure.objects.filter(
        indicator__code="cooperatives", territory__key="Kaltim-14", group="", as_of=date(2012, 12, 31)
    )
    assert sorted(values.values_list("value", "quality", "is_official")) == [
        (5111, "conflicting", False),
        (6111, "official", True),
        (6140, "conflicting", False),
    ]


def test_nothing_doubtful_is_the_offices_figure():
    load()
    doubtful = Figure.objects.filter(quality__in=["conflicting", "provisional"]) | Figure.objects.filter(
        source__key="ANTARA-2013"
    )
    assert doubtful.count() > 20
    assert not doubtful.official().exists()


def test_at_most_one_figure_a_date_is_chosen_in_the_file_itself():
    with (FILES / "figures.csv").open(encoding="utf-8") as file:
        chosen = [
            (row["indicator"], row["territory"], row["group"], row["as_of"])
            for row in csv.DictReader(file)
            if row["is_official"] == "1"
        ]
    assert len(chosen) == len(set(chosen))


def test_every_figure_names_its_territory_and_source():
    load()
    assert not Figure.objects.filter(territory=None).exists()
    assert not Figure.objects.filter(source__publisher="").exists()


def test_the_awards_are_those_of_2011_to_2014():
    load()
    assert list(Award.objects.values_list("year", flat=True)) == [2011, 2012, 2012, *[2013] * 5, *[2014] * 3]
    assert set(Award.objects.filter(territory__key="kutai-barat").values_list("year", flat=True)) == {2011, 2013}


def test_no_spelling_of_a_vocabulary_means_two_rows():
    load()
    for model in (Form, Kind, Group, Sector):
        spellings = [spelling for row in model.objects.all() for spelling in row.spellings()]
        assert len(spellings) == len(set(spellings)), model
    assert Group.objects.all().named("koperasi SERBA usaha").abbreviation == "KSU"
    assert list(Group.objects.filter(is_confirmed=False).values_list("name", flat=True)) == ["Rakyat"]


def test_the_form_says_who_is_responsible():
    load()
    assert dict(Form.objects.values_list("name", "responsible_level")) == {
        "Primer Kabupaten/Kota": "regency",
        "Primer Provinsi": "province",
        "Primer Nasional": "ministry",
        "Sekunder Kabupaten/Kota": "regency",
        "Sekunder Provinsi": "province",
        "Sekunder Nasional": "ministry",
    }


def test_the_rules_hold_for_every_day_that_a_page_may_ask_for():
    load()
    rules = rules_on(date(2012, 12, 31))
    assert (rules.inactive_after, rules.counts_from_month, rules.counts_from_day) == (3, 7, 1)


def test_a_second_run_adds_nothing_and_bumps_nothing():
    load()
    before, versions = counts(), dict(DataVersion.objects.values_list("key", "number"))
    histories = Figure.history.count()
    said = load()
    assert counts() == before
    assert dict(DataVersion.objects.values_list("key", "number")) == versions
    assert Figure.history.count() == histories
    assert "0 added, 96 left alone" in said


def test_the_first_run_bumps_each_subject():
    load()
    assert set(DataVersion.objects.values_list("key", flat=True)) == {
        "regions",
        "cooperatives",
        "figures",
        "aid",
        "meetings",
        "reports",
        "awards",
        "progress",
    }


def test_every_row_has_a_history_that_says_where_it_came_from():
    load()
    assert Figure.history.count() == 96
    assert set(Figure.history.values_list("history_change_reason", flat=True)) == {"Starter data"}


def corrected(model, pk, **values):
    """As a person saves it: with history."""
    row = model.objects.get(pk=pk)
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    return row


def test_what_staff_corrected_stays_corrected():
    load()
    figure = Figure.objects.get(value=6140)
    corrected(Figure, figure.pk, value=6141, note="Diperbaiki kantor")
    corrected(Regency, Regency.objects.get(slug="paser").pk, name="Kabupaten Paser Baru")
    corrected(Group, Group.objects.get(name="Serba Usaha").pk, name="Aneka Usaha")
    corrected(Source, Source.objects.get(key="NIAGA-2022").pk, key="NIAGA-2022-B", title="Judul lain")
    corrected(Territory, Territory.objects.get(key="Kaltim").pk, key="kaltim-tak-disebut")
    before = counts()
    load()
    assert counts() == before
    assert Figure.objects.get(pk=figure.pk).value == 6141
    assert not Group.objects.filter(name="Serba Usaha").exists()
    assert not Source.objects.filter(key="NIAGA-2022").exists()


def test_a_figure_whose_date_staff_corrected_does_not_come_back_with_the_old_one():
    load()
    figure = Figure.objects.get(value=1037)
    corrected(Figure, figure.pk, as_of=date(2025, 7, 1))
    load()
    assert Figure.objects.filter(indicator__code="cooperatives_merah_putih").count() == 1


def test_what_staff_removed_stays_removed():
    load()
    Award.objects.get(year=2011).delete()
    Figure.objects.filter(source__key="KUTIM-2023").delete()
    Source.objects.get(key="KUTIM-2023").delete()
    FormLine.objects.filter(indicator__code="shu").delete()
    Indicator.objects.get(code="shu").delete()
    before = counts()
    said = load()
    assert counts() == before
    assert "KUTIM" not in said
    assert "kutai-timur, 2023-12-31" in said


def test_a_removed_territory_is_said_and_stops_nothing():
    load()
    Award.objects.filter(territory__key="Kaltim").delete()
    Figure.objects.filter(territory__key="Kaltim").delete()
    Territory.objects.get(key="Kaltim").delete()
    said = load()
    assert "2013, Kaltim" in said
    assert not Territory.objects.filter(key="Kaltim").exists()


def test_a_choice_that_staff_made_before_is_kept():
    """The file's figure comes in beside the office's own choice, and not over it."""
    load()
    Figure.objects.filter(value__in=[6111, 6140, 5111]).delete()
    Figure.history.all().delete()
    source = Source.objects.get(key="PR-2013-07-26")
    Figure.objects.create(
        indicator=Indicator.objects.get(code="cooperatives"),
        territory=Territory.objects.get(key="Kaltim-14"),
        as_of=date(2012, 12, 31),
        value=6112,
        source=source,
        is_official=True,
    )
    load()
    same_day = Figure.objects.filter(
        indicator__code="cooperatives", territory__key="Kaltim-14", group="", as_of=date(2012, 12, 31)
    )
    assert same_day.count() == 4
    assert [figure.value for figure in same_day.official()] == [6112]

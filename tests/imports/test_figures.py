"""Published figures from files: where they stand, whose source it is, which is the office's, and there and back."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

import figures.starter
import regions.starter
from common.dates import today
from common.models import DataVersion
from figures.models import Figure, Indicator, Source
from imports import applying, checking
from imports.applying import apply, undo
from imports.models import ImportRefused, ImportRow
from progress.models import Award
from tests.factories import (
    make_award,
    make_figure,
    make_indicator,
    make_regency,
    make_source,
    make_territory,
    make_user,
)
from tests.imports.uploads import actions, checked, only, refused

pytestmark = pytest.mark.django_db

KIND = "angka"
DAY = date(2021, 12, 31)
HEAD = "Indikator;Wilayah;Tanggal data;Nilai;Sumber"
NEW_SOURCE = "Sumber;Judul sumber;Penerbit"
Action, Fate = ImportRow.Action, ImportRow.Fate


@pytest.fixture
def admin():
    return make_user("administrator")


@pytest.fixture
def clerk():
    return make_user("staf_provinsi")


@pytest.fixture
def rilis():
    return make_source("rilis-2022", title="Rilis 2022", publisher="Dinas", published_on=date(2022, 2, 1))


@pytest.fixture
def kukar():
    regency = make_regency("Kutai Kartanegara", synonyms="Kukar")
    return make_territory("kutai-kartanegara", name="Kutai Kartanegara", regency=regency)


@pytest.fixture
def check(admin, rilis):
    make_indicator("cooperatives", name="Jumlah koperasi")
    make_indicator("members", name="Jumlah anggota")
    make_indicator("shu", name="SHU", measure=Indicator.Measure.SUM)
    make_territory("Kaltim-10", name="Kalimantan Timur (10 kab/kota)")

    def make(*lines, by=admin, **constants):
        return checked(lines, kind=KIND, by=by, **constants)

    return make


@pytest.fixture
def of(check):
    """of(jenis_data="…") is the row of a file with one figure and these further cells."""

    def make(by=None, **cells):
        known = {"indikator": "cooperatives", "wilayah": "Kaltim-10", "tanggal data": "31/12/2021"}
        known |= {"nilai": "5.745", "sumber": "rilis-2022"}
        known |= {name.replace("_", " "): value for name, value in cells.items()}
        return only(check(";".join(known), ";".join(known.values()), **({"by": by} if by else {})))

    return make


class TestWhatItSpeaksOf:
    @pytest.mark.parametrize("name", ["cooperatives", "Jumlah koperasi", "JUMLAH  KOPERASI"])
    def test_is_an_indicator_by_name_or_code(self, of, name):
        row = of(indikator=name)
        assert row.action == Action.NEW and row.after["indicator"] == make_indicator("cooperatives").pk
        assert (row.after["value"], row.after["as_of"]) == (5745, "2021-12-31")

    @pytest.mark.parametrize("name", ["Kutai Kartanegara", "kutai-kartanegara", "Kukar", "Kab. Kutai Kartanegara"])
    def test_is_a_territory_by_name_key_or_a_spelling_of_its_regency(self, kukar, of, name):
        assert of(wilayah=name).after["territory"] == kukar.pk

    def test_went_since_the_check_so_the_row_is_left(self, of, admin):
        row = of()
        Indicator.objects.get(code="cooperatives").delete()
        apply(row.batch, by=admin, only_good=True)
        assert only(row.batch).fate == Fate.LEFT

    def test_is_refused_where_nobody_knows_it(self, of):
        row = of(indikator="Jumlah koprasi", wilayah="Atlantis")
        assert refused(row) == ["indicator", "territory"]
        assert row.problems[0]["suggestion"] == "Jumlah koperasi"

    def test_may_be_the_same_for_the_whole_file(self, check):
        constants = {"indicator": "members", "territory": "Kaltim-10", "as_of": "31/12/2021", "source": "rilis-2022"}
        batch = check("Kelompok;Nilai", "KUD;5", "KPRI;6", **constants)
        assert {(row.after["group"], row.after["value"]) for row in batch.checked_rows} == {("KUD", 5), ("KPRI", 6)}

    @pytest.mark.parametrize(
        "other",
        [
            {"indikator": "members"},
            {"wilayah": "Kukar"},
            {"kelompok": "KUD"},
            {"tanggal_data": "30/12/2021"},
            {"sumber": "rilis-2023"},
        ],
    )
    def test_with_date_and_source_is_the_key_of_a_figure(self, kukar, check, of, rilis, other):
        make_source("rilis-2023")
        known = make_figure(5000, as_of=DAY, source=rilis)
        row = of()
        assert (row.action, row.found) == (Action.CHANGED, known.pk)
        assert (row.before, row.after) == ({"value": 5000}, {"value": 5745})
        assert of(**other).action == Action.NEW

    @pytest.mark.parametrize("comes", [False, True])
    def test_that_was_entered_since_the_check_leaves_the_row(self, of, rilis, admin, comes):
        row = of(**({"sumber": "bps", "judul_sumber": "Dalam Angka", "penerbit": "BPS"} if comes else {}))
        source = make_source("bps", title="Dalam Angka", publisher="BPS") if comes else rilis
        make_figure(7, as_of=DAY, source=source)
        apply(row.batch, by=admin, only_good=True)
        assert only(row.batch).fate == Fate.LEFT and Figure.objects.get().value == 7

    def test_twice_in_one_file_is_refused(self, check):
        line = "cooperatives;Kaltim-10;31/12/2021;{};rilis-2022"
        assert actions(check(HEAD, line.format(5), line.format(6))) == [Action.NEW, Action.REFUSED]


class TestSource:
    def test_that_is_known_is_named_by_code_or_by_title_and_publisher(self, of, rilis):
        by_title = {"sumber": "", "judul_sumber": "rilis  2022", "penerbit": "DINAS"}
        for cells in ({}, {"sumber": "RILIS-2022"}, {"sumber": "Rilis 2022"}, by_title, {"tanggal_terbit": "1/2/2022"}):
            row = of(**cells)
            assert row.action == Action.NEW and (row.after["source"], row.parts) == (rilis.pk, {})

    @pytest.mark.parametrize(
        ("cells", "field"),
        [
            ({"judul_sumber": "Rilis 2023"}, "source_title"),
            ({"penerbit": "BPS"}, "publisher"),
            ({"tanggal_terbit": "2/2/2022"}, "published_on"),
            ({"tautan": "https://contoh.id/"}, "source_url"),
        ],
    )
    def test_that_is_known_must_be_told_alike(self, of, cells, field):
        assert refused(of(**cells)) == [field]

    @pytest.mark.parametrize(
        ("cells", "field"),
        [
            ({"sumber": ""}, "source_title"),
            ({"sumber": "bps-2022"}, "source"),
            ({"sumber": "", "judul_sumber": "Rilis BPS"}, "source_title"),
            ({"sumber": "!", "judul_sumber": "Rilis BPS", "penerbit": "BPS"}, "source"),
            ({"sumber": "", "judul_sumber": "Rilis 2022", "penerbit": "BPS"}, "source"),
        ],
    )
    def test_that_is_not_known_needs_title_publisher_and_a_code_of_its_own(self, of, cells, field):
        assert refused(of(**cells)) == [field]

    def test_that_two_are_by_title_and_publisher_is_not_guessed(self, of):
        for code in ("a", "b"):
            make_source(code, title="Dalam Angka", publisher="BPS")
        assert refused(of(sumber="", judul_sumber="Dalam Angka", penerbit="BPS")) == ["source"]

    def test_that_is_new_comes_once_for_many_rows_with_its_history(self, check, admin, monkeypatch):
        monkeypatch.setattr(checking, "CHUNK", 2)
        monkeypatch.setattr(applying, "CHUNK", 2)
        line = "cooperatives;Kaltim-10;31/12/{};5;{}"
        batch = check(
            f"Indikator;Wilayah;Tanggal data;Nilai;{NEW_SOURCE};Tanggal terbit;Tautan",
            line.format(2019, "BPS 2022;Dalam Angka;BPS;25/2/2022;https://contoh.id/a"),
            line.format(2020, "BPS-2022;;;;"),
            line.format(2021, ";dalam angka;bps;;"),
            line.format(2022, "BPS 2022;Dalam Angka;BPS;25/2/2022;"),
        )
        assert actions(batch) == [Action.NEW] * 4 and not Source.objects.filter(key="bps-2022").exists()
        apply(batch, by=admin)
        source = Source.objects.get(publisher="BPS")
        assert (source.key, source.title, source.url) == ("bps-2022", "Dalam Angka", "https://contoh.id/a")
        assert (source.published_on, source.date_precision) == (date(2022, 2, 25), "day")
        assert source.figures.count() == 4
        told = source.history.get()
        assert (told.history_type, told.history_user, told.history_change_reason) == ("+", admin, batch.reason)

    def test_that_is_new_must_be_told_alike_by_every_row(self, check):
        line = "cooperatives;Kaltim-10;31/12/{};5;bps;{};BPS"
        head = f"Indikator;Wilayah;Tanggal data;Nilai;{NEW_SOURCE}"
        batch = check(head, line.format(2020, "Dalam Angka"), line.format(2021, "Statistik"))
        assert actions(batch) == [Action.NEW, Action.REFUSED]

    def test_that_came_under_the_same_code_since_the_check_leaves_the_row(self, of, admin):
        row = of(sumber="bps", judul_sumber="Dalam Angka", penerbit="BPS")
        make_source("bps", title="Statistik", publisher="BPS")
        with pytest.raises(ImportRefused):
            apply(row.batch, by=admin)
        assert not Figure.objects.exists()

    def test_that_came_alike_since_the_check_is_used(self, of, admin):
        row = of(sumber="bps", judul_sumber="Dalam Angka", penerbit="BPS")
        source = make_source("bps", title="Dalam Angka", publisher="BPS")
        apply(row.batch, by=admin)
        assert Figure.objects.get().source == source

    def test_that_went_since_the_check_leaves_the_row(self, of, rilis, admin):
        row = of()
        Source.objects.filter(pk=rilis.pk).delete()
        apply(row.batch, by=admin, only_good=True)
        assert only(row.batch).fate == Fate.LEFT and not Figure.objects.exists()

    @pytest.mark.parametrize("code", ["BPS_2022", "Bps 2022"])
    def test_that_is_new_keeps_a_code_that_is_one(self, of, code):
        row = of(sumber=code, judul_sumber="Dalam Angka", penerbit="BPS")
        assert row.parts["source"]["key"] == {"BPS_2022": "BPS_2022", "Bps 2022": "bps-2022"}[code]

    def test_that_could_not_be_read_is_the_only_complaint(self, of):
        assert refused(of(sumber="", tanggal_terbit="kemarin", judul_sumber="Dalam Angka")) == ["published_on"]


class TestValue:
    def test_of_a_count_is_never_below_zero_and_that_of_a_sum_may_be(self, of):
        assert refused(of(nilai="-5")) == ["value"]
        assert of(indikator="SHU", nilai="-5").after["value"] == -5

    @pytest.mark.parametrize("typed", ["6,111", "lima", "", "(kosong)"])
    def test_is_a_whole_number(self, of, typed):
        assert refused(of(nilai=typed)) == ["value"]

    def test_is_never_emptied(self, of, rilis):
        make_figure(5000, as_of=DAY, source=rilis)
        assert refused(of(nilai="(kosong)")) == ["value"]

    def test_has_a_period_that_begins_before_it_ends(self, of):
        assert refused(of(periode_sejak="1/1/2022")) == ["period_start"]
        assert of(periode_sejak="1/1/2021").after["period_start"] == "2021-01-01"

    def test_keeps_what_the_file_does_not_say_and_falls_back_where_it_says_empty(self, of, rilis, admin):
        figure = make_figure(
            5745, as_of=DAY, source=rilis, quality="corrected", note="Dua\nbaris", date_precision="year"
        )
        assert of().action == Action.UNCHANGED
        row = of(mutu="(kosong)", keterangan="(kosong)", kelompok="(kosong)")
        assert row.after == {"quality": "reported", "note": None}
        apply(row.batch, by=admin)
        figure.refresh_from_db()
        assert (figure.quality, figure.note, figure.date_precision, figure.is_official) == (
            "reported",
            "",
            "year",
            True,
        )


class TestOfficeFigure:
    def test_is_marked_by_those_who_may(self, of, admin, clerk):
        assert of(is_official="ya").after["is_official"] is True
        assert refused(of(by=clerk, is_official="ya")) == ["is_official"]
        assert "is_official" in of(by=clerk, is_official="tidak").after, "which is what a new figure is anyway"

    def test_is_unmarked_by_those_who_may(self, of, rilis, clerk):
        make_figure(5745, as_of=DAY, source=rilis)
        assert of(by=clerk, is_official="ya").action == Action.UNCHANGED
        assert refused(of(by=clerk, is_official="tidak")) == ["is_official"]
        assert of(is_official="tidak").after == {"is_official": False}

    @pytest.mark.parametrize("known", [False, True])
    def test_is_not_written_by_one_who_may_not_even_if_another_checked_it(self, of, rilis, clerk, known):
        if known:
            make_figure(5745, as_of=DAY, source=rilis, is_official=False)
        row = of(is_official="ya")
        with pytest.raises(ImportRefused):
            apply(row.batch, by=clerk)
        assert not Figure.objects.official().exists()

    def test_is_never_a_conflicting_one(self, of, rilis):
        assert refused(of(is_official="ya", mutu="Berbeda")) == ["quality"]
        make_figure(5745, as_of=DAY, source=rilis)
        assert refused(of(mutu="conflicting")) == ["quality"]

    def test_is_one_in_the_database(self, of):
        make_figure(5000, as_of=DAY)
        assert refused(of(is_official="ya")) == ["is_official"]
        assert of(is_official="ya", kelompok="KUD").action == Action.NEW

    def test_is_one_in_the_file(self, check, monkeypatch):
        make_source("bps")
        monkeypatch.setattr(checking, "CHUNK", 1)
        line = "cooperatives;Kaltim-10;31/12/2021;5;{};ya"
        batch = check(f"{HEAD};is official", line.format("rilis-2022"), line.format("bps"))
        assert actions(batch) == [Action.NEW, Action.REFUSED]

    @pytest.mark.parametrize("known", [False, True])
    def test_that_was_chosen_since_the_check_leaves_the_row(self, of, rilis, admin, known):
        if known:
            make_figure(5745, as_of=DAY, source=rilis, is_official=False)
        row = of(is_official="ya")
        chosen = make_figure(5000, as_of=DAY)
        apply(row.batch, by=admin, only_good=True)
        assert only(row.batch).fate == Fate.LEFT and list(Figure.objects.official()) == [chosen]

    def test_that_was_chosen_since_the_import_is_not_doubled_by_its_undo(self, of, rilis, admin):
        make_figure(5745, as_of=DAY, source=rilis)
        row = of(is_official="tidak")
        apply(row.batch, by=admin)
        chosen = make_figure(5000, as_of=DAY)
        undo(row.batch, by=admin, reason="salah")
        assert only(row.batch).fate == Fate.KEPT and list(Figure.objects.official()) == [chosen]


class TestUndo:
    @pytest.fixture
    def applied(self, check, admin, rilis):
        """An import that changed two figures and brought three, two of them with a source of their own."""
        for year in (2017, 2018):
            make_figure(1, as_of=date(year, 12, 31), source=rilis)
        line = "cooperatives;Kaltim-10;31/12/{};5;{}"
        batch = check(
            f"Indikator;Wilayah;Tanggal data;Nilai;{NEW_SOURCE}",
            *(line.format(year, "rilis-2022;;") for year in (2017, 2018, 2019)),
            *(line.format(year, "bps;Dalam Angka;BPS") for year in (2020, 2021)),
        )
        apply(batch, by=admin)
        return batch

    def test_takes_figures_and_their_new_source_back(self, applied, admin, rilis, monkeypatch):
        monkeypatch.setattr(applying, "CHUNK", 1)
        undo(applied, by=admin, reason="salah unduh")
        assert dict(Figure.objects.values_list("as_of__year", "value")) == {2017: 1, 2018: 1}
        assert list(Source.objects.all()) == [rilis]
        for model in (Figure, Source):
            gone = model.history.filter(history_type="-").latest()
            assert gone.history_user == admin and "salah unduh" in gone.history_change_reason

    def test_leaves_what_was_edited_since(self, applied, admin):
        Figure.objects.filter(as_of__year__in=(2018, 2019)).update(value=7, version=9)
        undo(applied, by=admin, reason="salah")
        assert dict(Figure.objects.values_list("as_of__year", "value")) == {2017: 1, 2018: 7, 2019: 7}

    def test_leaves_a_source_that_something_else_names(self, applied, admin):
        source = Source.objects.get(key="bps")
        make_award(make_territory("Kaltim-14"), source=source)
        undo(applied, by=admin, reason="salah")
        assert not source.figures.exists() and Award.objects.get().source == source

    def test_leaves_a_source_that_somebody_edited(self, applied, admin):
        Source.objects.filter(key="bps").update(title="Dalam Angka 2022", version=2)
        undo(applied, by=admin, reason="salah")
        assert Source.objects.filter(key="bps").exists()

    def test_leaves_a_source_that_came_otherwise(self, of, rilis, admin):
        row = of()
        apply(row.batch, by=admin)
        undo(row.batch, by=admin, reason="salah")
        assert not Figure.objects.exists() and list(Source.objects.all()) == [rilis]

    def test_and_import_say_that_public_data_changed(self, of, admin):
        row = of()
        numbers = []
        for step in (lambda: None, lambda: apply(row.batch, by=admin), lambda: undo(row.batch, by=admin, reason="x")):
            step()
            numbers.append(DataVersion.read("figures").get("figures", (0,))[0])
        assert numbers == [0, 1, 2]


class TestDemo:
    def test_figures_and_sources_count_as_demo_while_it_is_in(self, of, admin):
        DataVersion.bump("demo")
        apply(of(sumber="bps", judul_sumber="Dalam Angka", penerbit="BPS").batch, by=admin)
        figure = Figure.objects.get()
        assert figure.is_demo and figure.source.is_demo


def exported(client, language=""):
    cache.clear()
    return b"".join(client.get(f"{language}/statistik/", {"format": "csv"}).streaming_content)


def without_ids(file):
    return sorted(row[1:] for row in csv.reader(io.StringIO(file.decode())))


class TestThereAndBack:
    @pytest.fixture(params=["", "/en"])
    def file(self, client, request):
        """The export of all published figures of the starter, and of what is awkward, in each language."""
        regions.starter.load()
        figures.starter.load()
        source = make_source("aneh", title="=1+1; “Rilis”", publisher="Dinas, Kaltim", url="https://contoh.id/?a=1&b=2")
        awkward = {"note": "Dua\nbaris; “kutip”, =1", "period_start": date(2020, 1, 1), "date_precision": "month"}
        make_figure(-1_500_000, code="shu-uji", source=source, quality="corrected", group="- KUD", **awkward)
        Indicator.objects.filter(code="shu-uji").update(measure=Indicator.Measure.SUM)
        make_figure(0, code="shu-uji", source=source, quality="conflicting", group="+ KPRI", is_official=False)
        return exported(client, request.param)

    def test_an_export_that_is_imported_again_changes_nothing(self, file, admin):
        batch = checked(file, kind=KIND, by=admin)
        assert len(actions(batch)) == Figure.objects.count() > 20
        assert set(actions(batch)) == {Action.UNCHANGED}

    def test_an_export_fills_an_emptied_database_alike(self, file, admin, client):
        before = exported(client)
        Figure.objects.all().delete()
        Source.objects.all().delete()
        batch = checked(file, kind=KIND, by=admin)
        apply(batch, by=admin)
        assert without_ids(exported(client)) == without_ids(before)

    def test_an_export_that_was_altered_is_noticed(self, file, admin):
        batch = checked(file.replace(b"-1500000", b"-1500001"), kind=KIND, by=admin)
        assert actions(batch).count(Action.CHANGED) == 1


def test_a_chunk_takes_a_fixed_number_of_queries(check, admin, monkeypatch):
    for module in (checking, applying):
        monkeypatch.setattr(module, "CHUNK", 10)
    costs = []
    for size in (5, 10, 20, 30):
        # A source for each row: they cost no more than one.
        lines = [
            f"cooperatives;Kaltim-10;31/12/{1990 + n};5;ya;baru-{size}-{n};Rilis {size} {n};BPS;g{size}"
            for n in range(size)
        ]
        head = f"Indikator;Wilayah;Tanggal data;Nilai;is official;{NEW_SOURCE};Kelompok"
        with CaptureQueriesContext(connection) as checks:
            batch = check(head, *lines)
        with CaptureQueriesContext(connection) as writes:
            apply(batch, by=admin)
        with CaptureQueriesContext(connection) as undone:
            undo(batch, by=admin, reason="berkas salah")
        costs.append((len(checks), len(writes), len(undone)))
    _first, one, two, three = costs
    assert [b - a for a, b in zip(one, two, strict=True)] == [b - a for a, b in zip(two, three, strict=True)]


@pytest.mark.parametrize("name", ["as_of", "published_on"])
def test_a_day_that_has_not_come_is_refused_as_in_the_form(of, name):
    tomorrow = f"{today() + timedelta(days=1):%d/%m/%Y}"
    new = {"sumber": "bps", "judul_sumber": "Dalam Angka", "penerbit": "BPS"}
    row = of(tanggal_data=tomorrow) if name == "as_of" else of(**new, tanggal_terbit=tomorrow)
    assert refused(row) == [name]

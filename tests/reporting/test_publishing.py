"""What approved reports publish, who may change it afterwards, and whose choice of the office's figure stands."""

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.models import DataVersion, StepRefused
from figures.models import OF_REPORTS, Figure, Indicator, Source
from figures.problems import of_a_report
from imports.applying import undo
from imports.models import ImportRow
from regions.models import Territory
from reporting.filling import fill
from reporting.models import Problem, RegencyReport, Status
from reporting.models.report import AlreadyDone
from reporting.publishing import KEY, conflicts
from tests.factories import make_figure, make_indicator, make_regency, make_source, make_user
from tests.filled_form import filled_form
from tests.imports.uploads import actions, checked, only
from tests.reporting.reports import approved, make_report, submitted, typed

pytestmark = pytest.mark.django_db
Action = ImportRow.Action


def fresh(report):
    return RegencyReport.objects.select_related("period__form", "form", "regency").get(pk=report.pk)


def reopen(report):
    report = fresh(report)
    report.reopen(by=make_user("verifikator"), reason="Ada koreksi")
    return report


def again(report, *, is_open=False, **said):
    """Reopened (unless it is open already), corrected, handed in and approved once more."""
    report = fresh(report) if is_open else reopen(report)
    officer = make_user("petugas", regency=report.regency) if report.regency_id else make_user("staf_provinsi")
    report.save_draft(typed(**said), by=officer)
    report.submit(fill(report), by=officer)
    report.approve(by=make_user("verifikator"))
    return fresh(report)


def published(code="trained"):
    """`[(value, whether it is the office's, quality)]` of what reports said of an indicator, oldest first."""
    rows = Figure.objects.filter(indicator__code=code, source__is_of_report=True).order_by("pk")
    return [tuple(row) for row in rows.values_list("value", "is_official", "quality")]


def latest(code="trained"):
    return Figure.objects.filter(indicator__code=code, source__is_of_report=True).order_by("pk").last()


def choose(client, figure, *, is_official=True):
    """A verifier sets or takes the mark on the page of the figure."""
    client.force_login(make_user("verifikator"))
    data = opened(client, figure)
    data.pop("is_official", None)
    response = client.post(address(figure), data | ({"is_official": "on"} if is_official else {}))
    assert response.status_code == 302, response.context["adminform"].form.errors
    figure.refresh_from_db()
    return figure


def rival(report, value=500, **values):
    place = {"territory": report.regency.territory, "as_of": report.period.ends_on}
    return make_figure(value, code="trained", **place, **values)


def address(record):
    return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_change", args=[record.pk])


def opened(client, record):
    return filled_form(client.get(address(record)), f"{record._meta.model_name}_form")


def number(key="figures"):
    return DataVersion.read(key).get(key, (0, None))[0]


class TestApproving:
    def test_makes_a_source_of_its_own_that_is_the_reports(self):
        report = approved()
        source = Source.objects.get()
        assert source.is_of_report and source.key == f"{KEY}{report.period.code}-kutai-barat-1" and KEY == OF_REPORTS
        assert set(Figure.objects.values_list("source", flat=True)) == {source.pk}

    def test_publishes_once(self):
        report = submitted()
        other = fresh(report)
        report.approve(by=make_user("verifikator"))
        for tried in (report, other):
            with pytest.raises(StepRefused):
                tried.approve(by=make_user("verifikator"))
        with pytest.raises(AlreadyDone):
            fresh(report).approve(by=make_user("verifikator"))
        assert (Figure.objects.count(), Source.objects.count()) == (25, 1)
        assert Figure.history.count() == 25

    def test_again_and_again_leaves_one_official_figure_and_all_that_was_said(self):
        report = again(again(approved(), trained="63"), trained="64")
        assert published() == [(62, False, "revised"), (63, False, "revised"), (64, True, "official")]
        assert list(Source.objects.order_by("pk").values_list("key", flat=True)) == [
            f"{KEY}{report.period.code}-kutai-barat-{turn}" for turn in (1, 2, 3)
        ]
        assert Figure.objects.official().count() == 25 and not conflicts().exists()
        assert not Figure.objects.exclude(source=Source.objects.latest("pk")).official().exists()

    def test_again_takes_the_mark_from_what_is_no_longer_said(self):
        report = again(approved(), trained=None, na={"trained": "Daftar hadir hilang"})
        assert published() == [(62, False, "revised")]
        again(report, trained="70")
        assert published() == [(62, False, "revised"), (70, True, "official")]

    def test_of_the_provinces_own_section_makes_figures_of_its_territory(self):
        Territory.objects.filter(key=Territory.OWN_SECTION).delete()
        report = approved(make_report(province=True))
        territory = Territory.objects.get(key=Territory.OWN_SECTION)
        assert set(Figure.objects.values_list("territory", flat=True)) == {territory.pk}
        again(report, trained="63")
        assert published() == [(62, False, "revised"), (63, True, "official")]

    def test_leaves_what_another_office_said_whose_name_begins_alike(self):
        longer = make_regency("Kutai Barat Daya", slug="kutai-barat-daya")
        approved(make_report(longer))
        again(approved(make_report(make_regency("Kutai Barat"))), trained=None, na={"trained": "Hilang"})
        assert published() == [(62, True, "official"), (62, False, "revised")]

    def test_says_whose_key_is_in_its_way(self, client):
        report = submitted()
        taken = make_source(f"{KEY}{report.period.code}-{report.office_key}-1", title="Laporan lama")
        client.force_login(make_user("verifikator"))
        url, data = reverse("approve_report", args=[report.pk]), {"version": report.version}
        answer = client.post(url, data)
        assert answer.status_code == 409
        assert taken.key in str(answer.context["refused"]) and "Laporan lama" in str(answer.context["refused"])
        assert fresh(report).status == Status.SUBMITTED and not Figure.objects.exists()
        form = opened(client, taken) | {"key": "lama-2025"}
        assert client.post(address(taken), form).status_code == 302
        assert client.post(url, data).status_code == 302
        assert fresh(report).status == Status.APPROVED


class TestAPersonsChoice:
    def test_between_reopening_and_the_second_approval_stands(self, client):
        report = approved()
        chosen = rival(report, is_official=False)
        reopen(report)
        choose(client, latest(), is_official=False)
        choose(client, chosen)
        again(report, is_open=True, trained="63")
        chosen.refresh_from_db()
        assert chosen.is_official
        assert published() == [(62, False, "revised"), (63, False, "conflicting")]
        assert [figure.value for figure in conflicts()] == [63]

    def test_of_the_very_value_is_no_conflict(self, client):
        report = submitted()
        rival(report, 62)
        report.approve(by=make_user("verifikator"))
        assert published() == [(62, False, "reported")] and not conflicts().exists()

    def test_of_none_stands_however_often_the_report_is_approved(self, client):
        report = approved()
        choose(client, latest(), is_official=False)
        report = again(report, trained="63")
        assert published() == [(62, False, "revised"), (63, False, "reported")]
        report = again(report, trained="64")
        assert published()[-1] == (64, False, "reported")
        assert Figure.objects.official().count() == 24
        # Until a person chooses again: then that figure is the person's.
        choose(client, latest())
        again(report, trained="65")
        assert published()[-2:] == [(64, True, "revised"), (65, False, "conflicting")]

    def test_of_another_that_was_taken_back_leaves_none(self, client):
        report = approved()
        chosen = rival(report, is_official=False)
        choose(client, latest(), is_official=False)
        choose(client, choose(client, chosen), is_official=False)
        again(report, trained="63")
        assert published()[-1] == (63, False, "reported")

    def test_of_an_earlier_one_is_not_superseded(self, client):
        report = again(approved(), trained="63")
        first = Figure.objects.filter(indicator__code="trained").earliest("pk")
        choose(client, latest(), is_official=False)
        choose(client, first)
        again(report, trained=None, na={"trained": "Hilang"})
        first.refresh_from_db()
        assert first.is_official


class TestConflicts:
    def test_stay_visible_while_the_report_is_revised(self):
        report = submitted()
        rival(report)
        report.approve(by=make_user("verifikator"))
        assert [figure.value for figure in conflicts()] == [62]
        reopen(report)
        assert [figure.value for figure in conflicts()] == [62]
        again(report, is_open=True, trained="63")
        assert [figure.value for figure in conflicts()] == [63]

    def test_are_there_too_where_a_person_chose_afterwards(self, client):
        report = approved()
        chosen = rival(report, is_official=False)
        assert not conflicts().exists()
        choose(client, latest(), is_official=False)
        choose(client, chosen)
        assert [figure.value for figure in conflicts()] == [62]

    def test_end_where_the_last_approval_says_nothing(self):
        report = submitted()
        rival(report)
        report.approve(by=make_user("verifikator"))
        again(report, trained=None, na={"trained": "Hilang"})
        assert not conflicts().exists()

    def test_end_where_the_reports_figure_is_chosen(self, client):
        report = submitted()
        chosen = rival(report)
        report.approve(by=make_user("verifikator"))
        choose(client, chosen, is_official=False)
        # As conflicting it could not be the office's; its quality is no field of the page.
        assert choose(client, latest()).quality == Figure.Quality.OFFICIAL
        assert not conflicts().exists()


class TestAdmin:
    @pytest.mark.parametrize("role", ["administrator", "verifikator"])
    def test_lets_nothing_but_the_choice_be_changed(self, client, role):
        approved()
        figure = latest()
        client.force_login(make_user(role))
        data = opened(client, figure)
        assert set(data) - {"_save", "_continue", "_addanother"} == {
            "is_official",
            "change_reason",
            "version",
            "form_key",
        }
        was = Figure.objects.values().get(pk=figure.pk)
        forged = {"value": "777", "as_of": "01/01/2020", "source": make_source().pk, "note": "x", "quality": "reported"}
        forged |= {"indicator": make_indicator("lain").pk, "territory": figure.territory_id, "group": "KUD"}
        data.pop("is_official")
        before = number()
        assert client.post(address(figure), data | forged).status_code == 302
        assert Figure.objects.values().get(pk=figure.pk) == was | {"is_official": False, "version": 2}
        assert number() == before + 1

    def test_lets_those_who_may_not_choose_read_it(self, client):
        approved()
        figure = latest()
        client.force_login(make_user("staf_provinsi"))
        page = client.get(address(figure))
        assert page.status_code == 200 and of_a_report() in page.content.decode()
        assert [message.level_tag for message in get_messages(page.wsgi_request)] == ["info"]
        assert client.post(address(figure), {"value": "777", "version": "1", "is_official": ""}).status_code == 403
        assert published() == [(62, True, "official")]

    @pytest.mark.parametrize("role", ["administrator", "verifikator", "staf_provinsi"])
    def test_lets_nobody_change_the_source(self, client, role):
        approved()
        source = Source.objects.get()
        client.force_login(make_user(role))
        assert client.get(address(source)).status_code == 200
        data = {"key": "lain", "title": "Lain", "publisher": "Lain", "version": "1", "url": "", "published_on": ""}
        assert client.post(address(source), data).status_code == 403
        assert Source.objects.get().key == source.key

    def test_takes_no_figure_for_such_a_source(self, client):
        report = approved()
        source, other = Source.objects.get(), rival(report, is_official=False)
        client.force_login(make_user("administrator"))
        new = reverse("admin:figures_figure_add")
        data = filled_form(client.get(new), "figure_form") | {
            "indicator": make_indicator("lain").pk,
            "territory": report.regency.territory.pk,
            "value": "5",
            "as_of": "31/12/2024",
            "source": source.pk,
        }
        for url, form in ((new, data), (address(other), opened(client, other) | {"source": source.pk})):
            answer = client.post(url, form)
            assert answer.status_code == 200
            assert list(answer.context["adminform"].form.errors) == ["source"]
        assert source.figures.count() == 25

    @pytest.mark.parametrize("key", ["laporan-2026-t1-paser-1", "Laporan-tahunan"])
    def test_keeps_their_keys_for_them(self, client, key):
        source = make_source("lama")
        client.force_login(make_user("administrator"))
        new = reverse("admin:figures_source_add")
        data = {"key": key, "title": "Rilis", "publisher": "Kantor"}
        for url, form in (
            (new, filled_form(client.get(new), "source_form")),
            (address(source), opened(client, source)),
        ):
            answer = client.post(url, form | data)
            assert list(answer.context["adminform"].form.errors) == ["key"]
        assert Source.objects.get().key == "lama"

    def test_lets_an_older_source_with_such_a_key_be_corrected(self, client):
        source = make_source("laporan-tahunan-2020")
        client.force_login(make_user("administrator"))
        assert client.post(address(source), opened(client, source) | {"title": "Lain"}).status_code == 302
        source.refresh_from_db()
        assert source.title == "Lain"

    def test_says_that_the_office_chose_another(self, client):
        report = submitted()
        rival(report)
        report.approve(by=make_user("verifikator"))
        client.force_login(make_user("verifikator"))
        answer = client.post(address(latest()), opened(client, latest()) | {"is_official": "on"})
        assert answer.status_code == 200 and "dinas sudah menetapkan angka lain" in answer.content.decode()


class TestImport:
    HEAD = "Indikator;Wilayah;Tanggal data;Nilai;Sumber"

    @pytest.fixture
    def admin(self):
        return make_user("administrator")

    def row(self, report, value, *, code="trained", key=None):
        figure = latest()
        key = key or figure.source.key
        return f"{code};{report.regency.territory.name};{figure.as_of:%d/%m/%Y};{value};{key}"

    def test_refuses_what_names_such_a_source(self, admin):
        report = approved()
        make_indicator("lain")
        batch = checked([self.HEAD, self.row(report, 777), self.row(report, 5, code="lain")], kind="angka", by=admin)
        assert actions(batch) == [Action.REFUSED, Action.REFUSED]
        for row in batch.checked_rows:
            ((problem),) = row.problems
            assert problem["field"] == "source" and problem["message"] == of_a_report()

    def test_refuses_the_choice_as_well(self, admin):
        report = approved()
        batch = checked([f"{self.HEAD};is official", f"{self.row(report, 62)};tidak"], kind="angka", by=admin)
        assert [problem["field"] for problem in only(batch).problems] == ["source"]

    def test_finds_what_was_exported_unchanged(self, admin):
        report = approved()
        assert actions(checked([self.HEAD, self.row(report, 62)], kind="angka", by=admin)) == [Action.UNCHANGED]

    @pytest.mark.parametrize("cells", ["laporan-2026-t1-paser-1;Rilis;BPS", ";Laporan tahunan;BPS"])
    def test_keeps_their_keys_for_them(self, admin, cells):
        report = approved()
        line = self.row(report, 5, key="x").removesuffix("x") + cells
        row = only(checked([f"{self.HEAD};Judul sumber;Penerbit", line], kind="angka", by=admin))
        assert [problem["field"] for problem in row.problems] == ["source"]

    def test_of_before_the_rule_is_neither_applied_nor_taken_back(self, admin):
        from imports.applying import apply

        report = approved()
        key = Source.objects.get().key
        # bare update: as if it were the source of somebody else.
        as_of_report = Source.objects.filter(key=key).update
        batches = []
        for is_applied in (True, False):
            as_of_report(is_of_report=False)
            value = 700 if is_applied else 800
            batch = checked([self.HEAD, self.row_of(report, value)], kind="angka", by=admin)
            if is_applied:
                apply(batch, by=admin)
            batches.append(batch)
        as_of_report(is_of_report=True)
        apply(batches[1], by=admin, only_good=True)
        undo(batches[0], by=admin, reason="salah")
        assert [only(batch).fate for batch in batches] == [ImportRow.Fate.KEPT, ImportRow.Fate.LEFT]
        assert published() == [(700, True, "official")]

    def row_of(self, report, value):
        figure = Figure.objects.get(indicator__code="trained")
        return f"trained;{report.regency.territory.name};{figure.as_of:%d/%m/%Y};{value};{figure.source.key}"


class TestIndicator:
    @pytest.mark.parametrize(("name", "value"), [("code", "dilatih"), ("unit", "rupiah"), ("measure", "sum")])
    def test_that_a_form_asks_for_keeps_what_answers_are_kept_by(self, client, name, value):
        make_report()
        indicator = Indicator.objects.get(code="trained")
        client.force_login(make_user("administrator"))
        answer = client.post(address(indicator), opened(client, indicator) | {name: value})
        assert answer.status_code == 200
        ((field, errors),) = answer.context["adminform"].form.errors.as_data().items()
        assert (field, [error.code for error in errors]) == (name, ["used"])
        assert Indicator.objects.get(pk=indicator.pk).version == 1

    def test_that_a_form_asks_for_may_be_named_otherwise(self, client):
        make_report()
        indicator = Indicator.objects.get(code="trained")
        client.force_login(make_user("administrator"))
        data = opened(client, indicator) | {"name": "Koperasi yang dilatih", "definition": "Baru", "position": "7"}
        assert client.post(address(indicator), data).status_code == 302
        indicator.refresh_from_db()
        assert (indicator.name, indicator.definition) == ("Koperasi yang dilatih", "Baru")

    def test_of_which_only_figures_speak_may_be_renamed(self, client):
        indicator = make_figure(5).indicator
        client.force_login(make_user("administrator"))
        data = opened(client, indicator) | {"code": "baru", "unit": "unit", "measure": "sum"}
        assert client.post(address(indicator), data).status_code == 302
        indicator.refresh_from_db()
        assert (indicator.code, indicator.measure) == ("baru", "sum")


class TestNarrativeOfWhatWasHandedIn:
    @pytest.fixture
    def problem(self):
        make_report()
        return Problem.objects.first()

    def test_keeps_the_words_of_then(self, problem):
        was = problem.name
        report = submitted(said=typed(problems=[problem.pk], act="Pelatihan"))
        content = report.steps.get().content
        # bare update: staff rename it.
        Problem.objects.filter(pk=problem.pk).update(name="Kata lain")
        report = fresh(report)
        assert fill(report).chosen_problems == [was] == content["problems"]
        assert fill(report).act == "Pelatihan"
        assert fill(report).content()["problems"] == [was]
        report.approve(by=make_user("verifikator"))
        assert fill(fresh(report)).chosen_problems == [was]
        # While it is filled in again, today's words are offered.
        assert fill(reopen(report)).chosen_problems == ["Kata lain"]

    def test_keeps_a_problem_that_staff_took_out(self, problem):
        was = problem.name
        report = submitted(said=typed(problems=[problem.pk]))
        problem.delete()
        assert fill(fresh(report)).chosen_problems == [was]

    def test_is_that_of_the_last_submission_on_every_page(self, client, problem):
        report = submitted(said=typed(problems=[problem.pk]))
        report.give_back(by=make_user("verifikator"), reason="Periksa")
        second = Problem.objects.exclude(pk=problem.pk).first()
        report.save_draft(typed(problems=[second.pk], act="Kedua"), by=report.saved_by)
        report.submit(fill(report), by=report.saved_by)
        Problem.objects.filter(pk=second.pk).update(name="Kata lain")
        filled = fill(fresh(report))
        assert (filled.chosen_problems, filled.act) == ([second.name], "Kedua")
        for role, name in (("verifikator", "review_report"), ("auditor", "report")):
            client.force_login(make_user(role))
            page = client.get(reverse(name, args=[report.pk])).content.decode()
            assert second.name in page and "Kata lain" not in page

    def test_takes_as_many_queries_however_often_it_was_handed_in(self, problem):
        costs = []
        report = submitted(said=typed(problems=[problem.pk]))
        for _turn in range(3):
            with CaptureQueriesContext(connection) as queries:
                fill(fresh(report))
            costs.append(len(queries))
            report.give_back(by=make_user("verifikator"), reason="Periksa")
            report.submit(fill(report), by=report.saved_by)
        assert len(set(costs)) == 1

"""/kerja/laporan/<id>/tinjau/: what the reviewer sees, and what is decided there."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from figures.models import Figure
from reporting.comparison import changes, equation, lines, story
from reporting.filling import fill
from reporting.models import FormRule, Period, Problem, RegencyReport, Status
from tests.factories import make_figure, make_regency, make_user
from tests.filled_form import filled_form
from tests.reporting.reports import approved, make_report, submitted, typed, wita

pytestmark = pytest.mark.django_db
ADDRESS = {
    "approve": "approve_report",
    "return": "return_report",
    "reopen": "reopen_report",
    "extend": "extend_report",
}


@pytest.fixture
def verifier(client):
    person = make_user("verifikator", full_name="Vera Verifikator")
    client.force_login(person)
    return person


def page(client, report):
    return client.get(reverse("review_report", args=[report.pk]))


def decide(client, report, act, **data):
    """The decision as the page that stands now would send it."""
    data.setdefault("version", RegencyReport.objects.values_list("version", flat=True).get(pk=report.pk))
    return client.post(reverse(ADDRESS[act], args=[report.pk]), data)


def line(response, code):
    return next(one for _name, found in response.context["sections"] for one in found if one.row.code == code)


def told(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def day(days):
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def lock(report):
    today = timezone.localdate()
    # bare update: a test moves the clock.
    Period.objects.filter(pk=report.period_id).update(
        opens_on=today - timedelta(days=60), due_on=today - timedelta(days=40), locks_on=today - timedelta(days=5)
    )


def quarters():
    """Two quarters of one regency: the first approved, the second filled in but blank yet."""
    regency = make_regency("Kutai Barat")
    officer = make_user("petugas", regency=regency)
    first = make_report(regency, number=3)
    why = {"cooperatives": "Awal", "rat_held": "Awal"}
    first.save_draft(
        typed(cooperatives="655", cooperatives_active="305", cooperatives_inactive="350", why=why), by=officer
    )
    first.submit(fill(first), by=officer)
    first.approve(by=make_user("verifikator"))
    return make_report(regency), officer


class TestPage:
    def test_puts_each_line_beside_the_last_period_and_the_register(self, client, verifier):
        report, officer = quarters()
        submitted(report, by=officer)
        shown = page(client, report)
        total = line(shown, "cooperatives")
        assert (total.row.value, total.row.last.value, total.change, total.change_percent) == (
            660,
            655,
            "+5",
            "+0,8\xa0%",
        )
        assert not total.last_is_older and total.row.register is None
        assert line(shown, "cooperatives_inactive").change == "−5"
        # Asked in the last quarter of a year alone, so there is nothing to compare with.
        assert line(shown, "assets").change == ""
        assert "III 2025" in shown.content.decode()

    def test_names_the_period_of_an_older_number(self, client, verifier):
        report, officer = quarters()
        between = Period.objects.get(code="2025-t3")
        # bare update: the period is put two quarters back, another one comes between.
        Period.objects.filter(pk=between.pk).update(
            code="2025-t2", number=2, starts_on="2025-04-01", ends_on="2025-06-30"
        )
        make_report(report.regency, number=3)
        submitted(report, by=officer)
        shown = page(client, report)
        assert line(shown, "cooperatives").last_is_older
        assert line(shown, "cooperatives").row.last.period.number == 2

    def test_the_register_is_the_one_of_the_submission(self, client, verifier):
        report = submitted()
        report.values.filter(line__indicator__code="cooperatives").update(register_value=657)
        total = line(page(client, report), "cooperatives")
        assert total.row.register == 657 and total.is_flagged
        assert [mark.kind for mark in total.marks] == ["way"] and "+3" in total.marks[0].label

    def test_marks_what_fits_and_flags_what_wants_a_look(self, client, verifier):
        report, officer = quarters()
        said = typed(trained="140", why={"trained": "Bersama Kementerian"}, na={"labour": "Belum selesai"})
        submitted(report, by=officer, said=said)
        shown = page(client, report)
        assert [one.row.code for one in shown.context["flagged"]] == ["trained", "labour"]
        assert [one.row.code for one in shown.context["warnings"]] == ["trained"]
        assert line(shown, "cooperatives").marks[0].label == "655 + 6 − 1 = 660"
        assert line(shown, "rat_held").marks[0].label == "246 ≤ 315"
        assert line(shown, "labour").marks[0].kind == "nil"
        content = shown.content.decode()
        assert '<tr id="row-trained" class="flag">' in content and 'href="#row-trained"' in content
        assert '<tr id="row-inspected">' in content
        assert "Bersama Kementerian" in content and "Belum selesai" in content

    def test_a_draft_with_errors_says_which(self, client, verifier):
        report = make_report()
        officer = make_user("petugas", regency=report.regency)
        report.save_draft(typed(cooperatives_inactive="340", trained="enam", employees=None), by=officer)
        shown = page(client, report)
        assert {one.row.code for one in shown.context["errors"]} == {"cooperatives_inactive", "trained", "employees"}
        assert line(shown, "cooperatives_inactive").marks[0].label == "660 − 315 ≠ 340"
        assert line(shown, "cooperatives_inactive").marks[0].kind == "bad"
        assert shown.context["form"] is None

    def test_a_blank_report_is_nothing_but_blank(self, client, verifier):
        shown = page(client, make_report())
        assert shown.status_code == 200 and shown.context["filled"].is_blank
        assert not shown.context["steps"]

    def test_says_what_hinders_and_what_is_being_done(self, client, verifier):
        make_report()
        report = submitted(said=typed(act="Pendampingan\nRAT", problems=[Problem.objects.first().pk]))
        content = page(client, report).content.decode()
        assert "Pendampingan<br>RAT" in content and "Kelembagaan" in content

    def test_tells_the_story_with_remarks_receipts_and_what_was_changed(self, client, verifier):
        report = submitted()
        trained = report.form.lines.get(indicator__code="trained")
        report.give_back(by=verifier, reason="Mohon periksa", remarks={trained: "Apakah benar?"})
        officer = report.saved_by
        report.save_draft(typed(trained="0", why={"inspected": "Baru"}, act="Baru"), by=officer)
        report.submit(fill(report), by=officer)
        shown = page(client, report)
        newest, returned, first = shown.context["steps"]
        assert [(code, was, now) for code, _name, was, now in newest.changes] == [
            ("inspected-why", gettext("empty"), "Baru"),
            ("trained", "62", "0"),
            ("act", gettext("empty"), "Baru"),
        ]
        assert first.changes == [] and (first.count, newest.count) == (1, 2)
        assert returned.by == verifier and returned.note == "Mohon periksa"
        assert line(shown, "trained").changed == ("62", "0")
        assert [text for _step, text in line(shown, "trained").remarks] == ["Apakah benar?"]
        assert reverse("report_receipt", args=[report.pk, newest.number]) in shown.content.decode()

    @pytest.mark.parametrize(("moment", "late"), [((2026, 1, 10, 23, 59, 59), False), ((2026, 1, 11, 0, 0, 0), True)])
    def test_says_whether_it_was_on_time(self, client, verifier, moment, late):
        report = submitted(make_report(is_open=False), now=wita(*moment))
        shown = page(client, report)
        assert bool(shown.context["report"].is_late) is late
        assert ('class="badge bad"' in shown.content.decode()) is late

    def test_lists_extensions(self, client, verifier):
        report = make_report(is_open=False)
        report.extend(until=timezone.localdate(), reason="Banjir di Ujoh Bilang", by=verifier)
        assert "Banjir di Ujoh Bilang" in page(client, report).content.decode()

    def test_shows_what_people_wrote_as_text(self, client, verifier):
        report = submitted(said=typed(act="<script>alert(1)</script>", why={"trained": "<b>tebal</b>"}))
        content = page(client, report).content.decode()
        assert "<script>alert" not in content and "<b>tebal" not in content

    def test_one_click_leads_to_the_next_that_waits(self, client, verifier):
        report = submitted()
        assert page(client, report).context["next_waiting"] is None
        other = submitted(make_report(make_regency("Berau")))
        shown = page(client, report)
        assert (shown.context["next_waiting"], shown.context["waiting_count"]) == (other, 1)
        assert reverse("review_report", args=[other.pk]) in shown.content.decode()

    def test_a_fixed_number_of_queries(self, client, verifier):
        report, officer = quarters()
        report = submitted(report, by=officer)

        def queries():
            with CaptureQueriesContext(
                connection,
            ) as found:
                assert page(client, report).status_code == 200
            return len(found)

        page(client, report)
        few = queries()
        for number in range(3):
            report.give_back(by=verifier, reason="Lagi", remarks=dict.fromkeys(report.form.lines.all(), "Periksa"))
            report.save_draft(typed(trained=str(60 + number)), by=officer)
            report.submit(fill(report), by=officer)
            submitted(make_report(make_regency(f"Kabupaten {number}")))
        assert queries() == few <= 20


class TestWhoSeesWhat:
    @pytest.mark.parametrize(
        "role", ["administrator", "verifikator", "pimpinan", "auditor", "staf_provinsi", "petugas"]
    )
    def test_whoever_may_see_reports_reads_it_and_buttons_follow_permissions(self, client, role):
        report = submitted()
        client.force_login(make_user(role, **({"regency": report.regency} if role == "petugas" else {})))
        shown = page(client, report)
        assert shown.status_code == 200
        decides = role in {"administrator", "verifikator"}
        assert shown.context["may_approve"] is shown.context["may_return"] is decides
        content = shown.content.decode()
        assert (reverse("approve_report", args=[report.pk]) in content) is decides
        assert ("<textarea" in content) is decides

    def test_another_regencys_report_is_not_there(self, client):
        report = submitted()
        client.force_login(make_user("petugas", regency=make_regency("Paser")))
        foreign = page(client, report)
        unknown = [client.get(f"/kerja/laporan/{number}/tinjau/") for number in (999999, 10**30)]
        assert {answer.status_code for answer in (foreign, *unknown)} == {404}

    def test_who_submitted_gets_no_button_and_is_told_why(self, client):
        both = make_user("staf_provinsi")
        report = submitted(make_report(province=True), by=both)
        both.role = "verifikator"
        both.save()
        both.groups.set(make_user("verifikator").groups.all())
        client.force_login(both)
        shown = page(client, report)
        assert shown.context["is_own"] and not shown.context["may_approve"] and shown.context["may_return"]
        answer = decide(client, report, "approve")
        report.refresh_from_db()
        assert answer.status_code == 409 and report.status == Status.SUBMITTED
        assert not Figure.objects.exists()


class TestDecisions:
    def test_approving_publishes_and_leads_to_the_next(self, client, verifier):
        report = submitted()
        other = submitted(make_report(make_regency("Berau")))
        answer = decide(client, report, "approve")
        assert answer.status_code == 302 and answer.url == reverse("review_report", args=[other.pk])
        assert "Kutai Barat" in told(answer)[0]
        assert Figure.objects.official().count() == 25
        assert decide(client, other, "approve").url == reverse("report_list")

    def test_a_persons_choice_is_told(self, client, verifier):
        report = submitted()
        make_figure(500, code="trained", territory=report.regency.territory, as_of=report.period.ends_on)
        (_done, warning) = told(decide(client, report, "approve"))
        assert "1 " in warning and "?quality__exact=conflicting" in warning
        assert client.get("/admin/figures/figure/?quality__exact=conflicting").status_code == 200

    def test_returning_keeps_reason_and_remarks(self, client, verifier):
        report = submitted()
        other = submitted(make_report(make_regency("Berau")))
        answer = decide(
            client,
            report,
            "return",
            reason="Mohon periksa\r\nlagi",
            **{"remark-trained": "Apakah benar?", "remark-shu": ""},
        )
        assert answer.url == reverse("review_report", args=[other.pk])
        step = report.steps.get(to=Status.RETURNED)
        assert step.note == "Mohon periksa\nlagi" and step.by == verifier
        assert [(one.line.code, one.text) for one in step.remarks.all()] == [("trained", "Apakah benar?")]

    @pytest.mark.parametrize(
        "data",
        [
            {"reason": ""},
            {"reason": "   \n "},
            {"reason": "a" * 1001},
            {"reason": "tersem\u200bunyi"},
            {"reason": "Ya", "remark-trained": "a" * 501},
            {"reason": "Ya", "version": ""},
            {"reason": "Ya", "version": "abc"},
            {"reason": "Ya", "version": "9" * 30},
        ],
    )
    def test_what_is_wrong_is_shown_and_what_was_typed_is_kept(self, client, verifier, data):
        report = submitted()
        answer = decide(client, report, "return", **{"remark-inspected": "Catatan lain", **data})
        assert answer.status_code in (400, 409)
        assert RegencyReport.objects.get(pk=report.pk).status == Status.SUBMITTED
        content = answer.content.decode()
        assert "Catatan lain" in content and f'name="version" value="{report.version}"' in content
        assert 'role="alert"' in content

    def test_a_locked_period_asks_until_when(self, client, verifier):
        report = submitted()
        lock(report)
        assert "until" in page(client, report).context["form"].fields
        assert decide(client, report, "return", reason="Periksa").status_code == 400
        past = decide(client, report, "return", reason="Periksa", until=day(-1))
        assert past.status_code == 400 and "until" in past.context["form"].errors
        assert decide(client, report, "return", reason="P" * 900, until=day(7)).status_code == 302
        extension = report.extensions.get()
        assert (extension.until_on.isoformat(), len(extension.reason)) == (day(7), 300)
        assert len(report.steps.get(to=Status.RETURNED).note) == 900

    def test_an_open_period_asks_no_day_and_takes_none(self, client, verifier):
        report = submitted()
        assert "until" not in page(client, report).context["form"].fields
        assert decide(client, report, "return", reason="Periksa", until=day(90)).status_code == 302
        assert not report.extensions.exists()

    def test_approving_with_a_reason_typed_is_asked_about(self, client, verifier):
        report = submitted()
        answer = decide(client, report, "approve", **{"remark-trained": "Apakah benar?"})
        assert answer.status_code == 400 and "Apakah benar?" in answer.content.decode()
        assert answer.context["action"] == reverse("return_report", args=[report.pk])
        assert RegencyReport.objects.get(pk=report.pk).status == Status.SUBMITTED
        assert decide(client, report, "approve", reason=" ", **{"remark-trained": ""}).status_code == 302

    def test_reopening_marks_the_figures(self, client, verifier):
        report = approved()
        assert "reason" in page(client, report).context["form"].fields
        assert decide(client, report, "reopen", reason="").status_code == 400
        answer = decide(client, report, "reopen", reason="Ada koreksi")
        assert answer.url == reverse("review_report", args=[report.pk])
        assert set(Figure.objects.values_list("quality", flat=True)) == {"revised"}
        assert page(client, report).context["report"].status == Status.REOPENED

    def test_a_locked_report_is_extended_for_its_office_alone(self, client, verifier):
        report = make_report(is_open=False)
        assert page(client, report).context["action"] == reverse("extend_report", args=[report.pk])
        assert decide(client, report, "extend", reason="Banjir").status_code == 400
        assert decide(client, report, "extend", reason="B" * 301, until=day(5)).status_code == 400
        assert decide(client, report, "extend", reason="Banjir", until=day(5)).status_code == 302
        assert report.is_open()
        again = decide(client, report, "extend", reason="Banjir", until=day(5))
        assert again.status_code == 409 and verifier.full_name in again.context["refused"]
        assert report.extensions.count() == 1
        assert decide(client, report, "extend", reason="Banjir lagi", until=day(9)).status_code == 302

    def test_what_the_office_types_meanwhile_does_not_stand_against_an_extension(self, client, verifier):
        report = make_report(is_open=False)
        officer = make_user("petugas", regency=report.regency)
        decide(client, report, "extend", reason="Banjir", until=day(5))
        shown = filled_form(page(client, report), "decision")
        report.save_draft(typed(), by=officer)
        answer = client.post(
            reverse("extend_report", args=[report.pk]), {**shown, "reason": "Masih banjir", "until": day(9)}
        )
        assert answer.status_code == 302 and report.extensions.count() == 2


class TestTooLate:
    def test_a_repeat_says_who_did_it(self, client, verifier):
        report = submitted()
        shown = filled_form(page(client, report), "decision")
        url = reverse("approve_report", args=[report.pk])
        assert client.post(url, shown).status_code == 302
        again = client.post(url, shown)
        assert again.status_code == 409 and verifier.full_name in again.context["refused"]
        assert report.steps.filter(to=Status.APPROVED).count() == 1 and Figure.objects.count() == 25

    def test_the_other_decision_is_told_and_what_was_written_is_kept(self, client, verifier):
        report = submitted()
        shown = filled_form(page(client, report), "decision")
        other = Client()
        other.force_login(make_user("verifikator", full_name="Wati Wakil"))
        assert decide(other, report, "approve").status_code == 302
        late = client.post(
            reverse("return_report", args=[report.pk]),
            {**shown, "reason": "Mohon periksa", "remark-trained": "Apakah benar?"},
        )
        assert late.status_code == 409 and "Wati Wakil" in late.context["refused"]
        assert "Mohon periksa" in late.content.decode() and "Apakah benar?" in late.content.decode()
        assert RegencyReport.objects.get(pk=report.pk).status == Status.APPROVED

    @pytest.mark.parametrize("act", ["approve", "return"])
    @pytest.mark.parametrize("reason", ["Periksa lagi", ""])
    def test_a_decision_on_an_older_submission_is_refused(self, client, verifier, act, reason):
        report = submitted()
        old = filled_form(page(client, report), "decision")
        officer = report.saved_by
        report.give_back(by=make_user("verifikator"), reason="Periksa")
        report.save_draft(typed(trained="63"), by=officer)
        report.submit(fill(report), by=officer)
        late = client.post(reverse(ADDRESS[act], args=[report.pk]), {**old, "reason": reason})
        assert late.status_code == 409 and officer.full_name in late.context["refused"]
        assert RegencyReport.objects.get(pk=report.pk).status == Status.SUBMITTED
        # The page shows the report as it is now, and from there it can be decided.
        assert f'name="version" value="{report.version}"' in late.content.decode()
        assert reason in late.content.decode()

    def test_reading_never_changes_anything(self, client, verifier):
        report = submitted()
        for name in ADDRESS.values():
            assert client.get(reverse(name, args=[report.pk])).status_code == 405
        assert client.post(reverse("review_report", args=[report.pk])).status_code == 405


class TestComparison:
    def test_a_zero_that_was_reported_is_not_nothing(self):
        report = submitted(said=typed(cooperatives_dissolved="0", members=None))
        said = report.steps.get().content["lines"]
        assert said["cooperatives_dissolved"]["value"] == 0 and "value" not in said["members"]

    def test_zero_blank_and_not_available_are_three_answers(self):
        def content(**said):
            return {"lines": {"a": said}, "problems": [], "act": ""}

        answers = [content(value=0), content(), content(unavailable=True, why="x")]
        for one in answers:
            for other in answers:
                assert bool(changes(one, other, {"a": "A"})) is (one is not other)

    def test_lines_that_the_form_no_longer_asks_are_named_by_their_code(self):
        before = {"lines": {"lama": {"value": 3}}, "problems": ["SDM"], "act": ""}
        after = {"lines": {}, "problems": [], "act": ""}
        assert [code for code, *_rest in changes(before, after, {})] == ["lama", "masalah"]

    @pytest.mark.parametrize(
        ("comparison", "signs", "values", "holds", "written"),
        [
            ("le", (1, -1), (246, 315), True, "246 ≤ 315"),
            ("le", (1, -1), (320, 315), False, "320 > 315"),
            ("le", (-1, 1), (246, 315), False, "246 < 315"),
            ("ge", (1, -1), (246, 315), False, "246 < 315"),
            ("ge", (-1, 1), (246, 315), True, "246 ≤ 315"),
            ("eq", (1, -1), (5, 5), True, "5 = 5"),
            ("eq", (1,), (0,), True, "0 = 0"),
            ("eq", (1, 1), (5, 5), False, "−5 ≠ 5"),
        ],
    )
    def test_a_rule_reads_as_an_equation(self, comparison, signs, values, holds, written):
        report = make_report()
        own, other = report.form.lines.all()[:2]
        rule = FormRule(form=report.form, line=own, comparison=comparison, severity="error", message="x")
        terms = [(_term(line, sign), value) for line, sign, value in zip((own, other), signs, values, strict=False)]
        assert equation(_result(rule, holds, terms)) == written

    def test_a_rule_that_stands_at_a_line_outside_of_it_is_written_as_a_sum(self):
        report = make_report()
        own, other = report.form.lines.all()[:2]
        rule = FormRule(form=report.form, line=own, comparison="eq", severity="error", message="x")
        assert equation(_result(rule, True, [(_term(other, 1), 0)])) == "0 = 0 (jumlah)"

    def test_every_line_is_shown_once_and_in_order(self):
        report = submitted()
        filled = fill(report)
        shown = [one.row.code for _name, found in lines(filled, story(report, filled)) for one in found]
        assert shown == [row.code for row in filled.rows]


def _term(line, sign):
    from reporting.models import RuleTerm

    return RuleTerm(line=line, sign=sign)


def _result(rule, holds, terms):
    from reporting.rules import RuleResult

    return RuleResult(rule, holds, "0 = 0 (jumlah)", tuple(terms))

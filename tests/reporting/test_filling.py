"""What was typed is read, put beside what is known, and held against the rules of the form."""

from datetime import date

import pytest

from cooperatives.models import Form, Status
from reporting.filling import fill
from reporting.models import FormLine, FormRule, ReportForm
from tests.factories import make_cooperative, make_form, make_regency, make_return
from tests.reporting.reports import VALUES, explained, make_report, submitted, typed

pytestmark = pytest.mark.django_db


def found(report, said, code):
    """`{(severity, code)}` of one line."""
    return {(one.severity, one.code) for one in fill(report, said).by_code[code].findings}


@pytest.mark.parametrize(
    ("text", "value"),
    [("6111", 6111), ("6.111", 6111), ("0", 0), ("1.234.567", 1234567)],
)
def test_counts_are_read_the_one_way(text, value):
    report = make_report()
    assert fill(report, typed(trained=text)).by_code["trained"].value == value


@pytest.mark.parametrize("text", ["6,111", "6.11", "-5", "+5", "1_000", "1e3", "６１１１", "NaN", "enam"])
def test_what_could_be_read_two_ways_is_an_error_and_kept(text):
    row = fill(make_report(), typed(trained=text)).by_code["trained"]
    assert [one.code for one in row.errors] == ["unreadable"]
    assert row.value is None and row.typed == text and not row.is_filled


def test_a_loss_is_below_zero_and_a_count_is_not():
    report = make_report()
    assert fill(report, typed(shu="-1.000")).by_code["shu"].value == -1000
    assert fill(report, typed(own_capital="-1.000")).by_code["own_capital"].errors


def test_a_number_and_not_available_cannot_both_be_true():
    said = typed()
    said["lines"]["trained"] = {"typed": "5", "na": True, "why": "x"}
    assert found(make_report(), said, "trained") == {("error", "both")}


def test_active_and_inactive_add_up():
    report = make_report()
    assert found(report, typed(), "cooperatives_inactive") == set()
    assert found(report, typed(cooperatives_inactive="340"), "cooperatives_inactive") == {("error", "rule")}


def test_rat_held_is_at_most_the_active_ones():
    report = make_report()
    assert found(report, typed(rat_held="315"), "rat_held") == set()
    assert found(report, typed(rat_held="316"), "rat_held") == {("error", "rule")}


def test_men_and_women_are_the_members_where_a_total_is_given():
    report = make_report()
    assert found(report, typed(members=None), "members") == set()
    assert found(report, typed(members="21.595"), "members") == {("error", "rule")}


def test_closing_is_opening_plus_new_less_dissolved_as_a_warning():
    report = make_report()
    submitted(make_report(report.regency, number=3), said=explained(cooperatives="655", cooperatives_inactive="340"))
    assert found(report, typed(), "cooperatives") == set()
    said = typed(cooperatives_new="7")
    assert found(report, said, "cooperatives") == {("warning", "rule")}
    assert fill(report, said).by_code["cooperatives"].is_blocked
    said = typed(cooperatives_new="7", why={"cooperatives": "Satu pindah ke Mahakam Ulu"})
    assert not fill(report, said).by_code["cooperatives"].is_blocked


def test_a_rule_whose_period_before_is_missing_has_no_answer():
    report = make_report()
    submitted(make_report(report.regency, number=2), said=explained())
    (result,) = fill(report, typed()).by_code["cooperatives"].results
    assert result.holds is None


def test_a_jump_over_half_warns_up_and_down():
    report = make_report()
    submitted(make_report(report.regency, number=3), said=explained(trained="100"))
    assert found(report, typed(trained="150"), "trained") == set()
    assert found(report, typed(trained="151"), "trained") == {("warning", "jump")}
    assert found(report, typed(trained="50"), "trained") == set()
    assert found(report, typed(trained="49"), "trained") == {("warning", "jump")}


def test_795610_followed_by_395458_is_caught():
    report = make_report()
    submitted(make_report(report.regency, number=3), said=explained(labour="795.610"))
    assert found(report, typed(labour="395.458"), "labour") == {("warning", "jump")}


def test_a_change_beyond_three_deviations_of_the_usual_one_warns():
    report = make_report()
    # Changes: +10, +12, +8, +10, +11, +9: usual +10, deviation 1.
    for (year, number), value in zip(
        [(2024, 1), (2024, 2), (2024, 3), (2024, 4), (2025, 1), (2025, 2), (2025, 3)],
        (1000, 1010, 1022, 1030, 1040, 1051, 1060),
        strict=True,
    ):
        submitted(make_report(report.regency, year=year, number=number), said=explained(managers=str(value)))
    assert found(report, typed(managers="1073"), "managers") == set()
    assert found(report, typed(managers="1074"), "managers") == {("warning", "jump")}


def test_after_a_zero_a_number_is_held_against_the_largest_known_one():
    report = make_report()
    submitted(make_report(report.regency, number=2), said=explained(cooperatives_dissolved="4"))
    submitted(make_report(report.regency, number=3), said=explained(cooperatives_dissolved="0"))
    assert ("warning", "jump") not in found(report, typed(cooperatives_dissolved="6"), "cooperatives_dissolved")
    assert ("warning", "jump") in found(report, typed(cooperatives_dissolved="7"), "cooperatives_dissolved")
    assert ("warning", "jump") not in found(report, typed(cooperatives_dissolved="0"), "cooperatives_dissolved")


def test_of_changes_that_were_all_the_same_nothing_is_usual():
    report = make_report()
    for number in (1, 2, 3, 4):
        submitted(make_report(report.regency, year=2024, number=number), said=explained())
    for number in (1, 2, 3):
        submitted(make_report(report.regency, year=2025, number=number), said=explained())
    assert found(report, typed(managers="97"), "managers") == set()


def test_the_register_is_computed_for_the_end_of_the_period():
    report = make_report()
    form = make_form(Form.Level.REGENCY)
    old = make_cooperative(
        "Lama", regency=report.regency, form=form, founded_on=date(2001, 2, 3), since=date(2001, 2, 3)
    )
    make_cooperative("Baru", regency=report.regency, form=form, founded_on=date(2025, 11, 3), since=date(2025, 11, 3))
    make_cooperative("Nanti", regency=report.regency, form=form, founded_on=date(2026, 2, 3), since=date(2026, 2, 3))
    make_cooperative(
        "Bersertifikat",
        regency=report.regency,
        form=form,
        since=date(2020, 1, 2),
        status=Status.INACTIVE,
        certificate_on=date(2020, 2, 3),
        certificate_valid_until=date(2026, 1, 1),
    )
    gone = make_cooperative("Bubar", regency=report.regency, form=form, since=date(2001, 2, 3))
    gone.record_status(Status.DISSOLVED, since=date(2025, 12, 30), basis="SK", by=None)
    make_cooperative("Kewenangan provinsi", regency=report.regency, form=make_form(Form.Level.PROVINCE))
    make_return(old, 2025, members_men=10, members_women=5, members=15, shu=-3)
    rows = fill(report, typed({})).by_code
    register = {code: row.register for code, row in rows.items() if row.register is not None}
    assert register == {
        "cooperatives": 3,
        "cooperatives_active": 2,
        "cooperatives_inactive": 1,
        "cooperatives_new": 1,
        "cooperatives_dissolved": 1,
        "certified": 1,
        "rat_held": 0,
        "audited": 0,
        "members_men": 10,
        "members_women": 5,
        "members": 15,
        "shu": -3,
    }


def test_an_empty_register_offers_nothing():
    rows = fill(make_report(), typed({})).rows
    assert all(row.register is None for row in rows)


def test_yearly_lines_are_asked_once_a_year():
    kubar = make_regency("Kutai Barat")
    last, third = make_report(kubar, number=4), make_report(kubar, number=3)
    yearly = {row.code for row in fill(last).rows} - {row.code for row in fill(third).rows}
    assert yearly == {"rat_held", "audited", "own_capital", "outside_capital", "assets", "turnover", "shu"}


def test_the_starter_form_asks_what_was_agreed():
    report = make_report()
    assert {row.code for row in fill(report).rows} == set(VALUES)
    assert all(row.line.indicator.unit in {"unit", "orang", "rupiah"} for row in fill(report).rows)


def test_a_new_version_never_changes_an_old_report():
    report = submitted()
    before = [row.code for row in fill(report).rows]
    second = ReportForm.objects.get().next_version(valid_from=date(2026, 1, 1), by=None)
    second.lines.filter(indicator__code="trained").delete()
    assert [row.code for row in fill(report).rows] == before
    later = make_report(report.regency, year=2026, number=1)
    assert later.form == second
    assert "trained" not in fill(later).by_code
    assert second.rules.count() == 4 and second.rules.first().terms.count() == 3
    assert set(second.rules.values_list("line__form", flat=True)) == {second.pk}


def test_the_past_is_found_across_versions_of_the_form():
    report = submitted(said=explained(trained="55"))
    ReportForm.objects.get().next_version(valid_from=date(2026, 1, 1), by=None)
    later = make_report(report.regency, year=2026, number=1)
    assert fill(later).by_code["trained"].last.value == 55


def test_texts_in_which_something_hides_are_refused_and_kept():
    row = fill(make_report(), typed(why={"trained": "Pelatihan\u202e"})).by_code["trained"]
    assert [one.code for one in row.errors] == ["why"]
    assert row.typed_why == "Pelatihan\u202e" and row.why == ""


def test_rules_are_rows_that_an_office_can_add():
    report = make_report()
    lines = {line.indicator.code: line for line in FormLine.objects.select_related("indicator")}
    rule = FormRule.objects.create(
        form=report.form, line=lines["audited"], comparison="le", severity="warning", message="Diaudit > RAT?"
    )
    rule.terms.create(line=lines["audited"], sign=1)
    rule.terms.create(line=lines["rat_held"], sign=-1)
    assert found(report, typed(audited="247"), "audited") == {("warning", "rule")}
    assert found(report, typed(audited="246"), "audited") == set()


def test_the_last_twelve_periods_stand_beside_each_line_and_no_more():
    report = make_report()
    earlier = [(year, number) for year in (2022, 2023, 2024, 2025) for number in (1, 2, 3, 4)][2:-1]
    for place, (year, number) in enumerate(earlier):
        submitted(make_report(report.regency, year=year, number=number), said=explained(trained=str(60 + place)))
    past = fill(report).by_code["trained"].past
    assert [one.value for one in past] == list(range(72, 60, -1))
    assert [past[0].period.code, past[-1].period.code] == ["2025-t3", "2022-t4"]

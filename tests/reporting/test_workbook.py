"""The form of a report as a workbook: down prefilled, up again, previewed, and saved by the form alone."""

import tempfile
import zipfile
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reporting.drafts import save
from reporting.filling import lines_of, parse, typed_from
from reporting.models import Problem, RegencyReport
from reporting.uploaded_workbook import WorkbookRefused, uploaded_form
from reporting.workbook import NA, WHY, workbook
from reporting.workbook_preview import Preview
from tests.factories import make_regency, make_user
from tests.imports.made_files import archive
from tests.reporting.reports import VALUES, approved, make_report, submitted, typed
from tests.reporting.workbooks import FAILED, Sheet, cells_of

pytestmark = [pytest.mark.django_db, pytest.mark.same_on_both]

ACT = "Pelatihan RAT – “tiga” desa\n=SUM(A1)"


@pytest.fixture
def report():
    return make_report()


@pytest.fixture
def officer(report):
    return make_user("petugas", regency=report.regency)


@pytest.fixture
def drafted(report, officer):
    """A draft with a number, 0, a blank, "not available" and text that is no number."""
    said = typed(
        {"cooperatives": "660", "cooperatives_active": "0", "assets": "Rp 999.999.999.999.999,00", "trained": "6,11"},
        na={"inspected": "Pengawas pindah"},
        why={"cooperatives": "=1+1", "shu": "Belum tutup buku"},
        act=ACT,
        problems=[Problem.objects.get(name="SDM").pk],
    )
    report.save_draft(said, by=officer)
    return report


def upload(content, name="isian.xlsx"):
    return SimpleUploadedFile(name, content)


def preview(report, content, name="isian.xlsx"):
    return Preview(report, uploaded_form(report, upload(content, name)))


def sent(client, report, content, name="isian.xlsx"):
    return client.post(reverse("upload_workbook", args=[report.pk]), {"file": upload(content, name)})


def fresh(report):
    return RegencyReport.objects.select_related("period__form", "form", "regency", "saved_by").get(pk=report.pk)


def said(found, code):
    return found.typed["lines"].get(code, {})


# Down -----------------------------------------------------------------------------------------------


def test_the_workbook_holds_the_draft_as_numbers_and_texts_never_as_formulas(drafted):
    cells = Sheet(drafted)
    place = {
        code: cells.row(code) for code in ("cooperatives", "cooperatives_active", "assets", "inspected", "trained")
    }
    held = {code: [cells.cells.get((row, column)) for column in (5, 6, 7)] for code, row in place.items()}
    assert held == {
        "cooperatives": [660, None, "=1+1"],
        "cooperatives_active": [0, None, None],
        "assets": [999_999_999_999_999, None, None],
        "inspected": [None, "ya", "Pengawas pindah"],
        "trained": ["6,11", None, None],
    }
    with zipfile.ZipFile(BytesIO(workbook(drafted))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "<sheetProtection" in sheet and 'paperSize="9"' in sheet


def test_the_workbook_shows_the_register_and_what_was_last_reported(officer, report):
    submitted(make_report(report.regency, number=3), by=officer)
    sheet = Sheet(report)
    row = sheet.row("trained")
    assert sheet.cells[row, 3] == "belum ada data"
    assert sheet.cells[row, 4] == 62
    assert sheet.cells[sheet.row("assets"), 4] == "belum ada data"  # asked once a year, so not in the third quarter


def test_the_workbook_comes_down_private_and_named(client, drafted, officer):
    client.force_login(officer)
    response = client.get(reverse("report_workbook", args=[drafted.pk]))
    assert response["Content-Disposition"] == 'attachment; filename="isian-2025-t4-kutai-barat.xlsx"'
    assert response["Cache-Control"] == "private, no-store"
    assert cells_of(response.content)[5, 1] == "2025-t4"


def test_costs_the_same_queries_whatever_was_reported_before(client, report, officer, django_assert_max_num_queries):
    client.force_login(officer)
    address = reverse("report_workbook", args=[report.pk])
    counts = []
    for earlier in (((2025, 3),), ((2025, 2), (2025, 1), (2024, 4))):
        for year, number in earlier:
            submitted(make_report(report.regency, year=year, number=number), by=officer)
        client.get(address)
        with django_assert_max_num_queries(20) as queries:
            client.get(address)
        counts.append(len(queries))
    assert counts[0] == counts[1]


# Up again -------------------------------------------------------------------------------------------


def test_unchanged_it_changes_nothing(drafted):
    found = preview(drafted, workbook(drafted))
    assert found.typed == drafted.typed
    assert (found.changes, found.uploaded.troubles, found.uploaded.absent) == (0, [], [])


@pytest.mark.parametrize("ending", ["xlsx", "ods"])
def test_saved_by_another_program_it_says_the_same(drafted, ending):
    found = preview(drafted, getattr(Sheet(drafted), ending)(), f"isian.{ending}")
    assert found.typed == drafted.typed and not found.uploaded.troubles


COUNTS = st.integers(0, 2**31 - 1)
AMOUNTS = st.integers(0, 10**15)
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"], include_characters="\n\t"), max_size=60).map(
    str.strip
)


def spelled(number):
    dotted = f"{number:,}".replace(",", ".")
    return st.sampled_from([str(number), dotted])


@st.composite
def drafts(draw, lines, problems):
    said = {}
    for line in lines:
        numbers = AMOUNTS if line.is_money else COUNTS
        if line.can_be_negative:
            numbers = st.integers(-(10**15), 10**15)
        one = {
            "typed": draw(st.one_of(st.just(""), numbers.flatmap(spelled), WORDS)),
            "na": draw(st.booleans()),
            "why": draw(WORDS),
        }
        if one := {name: value for name, value in one.items() if value}:
            said[line.code] = one
    chosen = draw(st.sets(st.sampled_from(problems)))
    return {"lines": said, "problems": sorted(chosen), "act": draw(WORDS)}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_draft_comes_back_as_it_was(report, data):
    lines = lines_of(report)
    report.typed = data.draw(drafts(lines, list(Problem.objects.values_list("pk", flat=True))))
    found = preview(report, workbook(report))
    assert found.typed == report.typed
    assert not found.changes and not found.uploaded.troubles


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_number_typed_into_a_blank_form_is_read_exactly(report, data):
    sheet, wanted = Sheet(report), {}
    for line in lines_of(report):
        number = data.draw(AMOUNTS if line.is_money else COUNTS)
        wanted[line.code] = number
        sheet.type(line.code, data.draw(st.sampled_from([number, float(number), f"{number:,}".replace(",", ".")])))
    found = preview(report, sheet.xlsx())
    assert {code: parse(line, said(found, code)["typed"]) for code, line in by_code(report).items()} == wanted


def by_code(report):
    return {line.code: line for line in lines_of(report)}


def test_zero_blank_and_not_available_are_three_things(report):
    sheet = Sheet(report).type("trained", 0).type("inspected", "ya", NA).type("inspected", "Pindah", WHY)
    found = preview(report, sheet.type("certified", "Tidak tersedia").xlsx())
    assert said(found, "trained") == {"typed": "0"}
    assert said(found, "inspected") == {"na": True, "why": "Pindah"}
    assert said(found, "certified") == {"na": True}
    assert said(found, "cooperatives") == {}
    assert found.changes == 3


def test_the_same_number_in_another_spelling_is_no_change(drafted):
    assert not preview(drafted, Sheet(drafted).type("assets", "999.999.999.999.999").xlsx()).changes


@pytest.mark.parametrize(
    ("held", "kept"),
    [
        (6.111, "6,111"),
        ("6,111", "6,111"),
        (date(2025, 3, 2), "2025-03-02"),
        (True, "TRUE"),
        (-5, "-5"),
        (FAILED, "#DIV/0!"),
    ],
)
def test_what_cannot_be_read_is_named_and_not_taken(drafted, held, kept):
    sheet = Sheet(drafted).type("cooperatives", held)
    found = preview(drafted, sheet.xlsx())
    (trouble,) = found.uploaded.troubles
    assert (trouble.row, trouble.held) == (sheet.row("cooperatives") + 1, kept)
    assert trouble.label == by_code(drafted)["cooperatives"].indicator.name
    assert said(found, "cooperatives") == {"typed": "660", "why": "=1+1"}
    assert not found.changes


def test_text_with_a_dot_is_six_thousand(drafted):
    assert (
        said(preview(drafted, Sheet(drafted).type("cooperatives", "6.111").xlsx()), "cooperatives")["typed"] == "6.111"
    )


@pytest.mark.parametrize(("column", "held"), [(NA, "tidak"), (WHY, "tak\u200bterlihat"), (WHY, "x" * 5001)])
def test_other_cells_are_refused_by_themselves(drafted, column, held):
    found = preview(drafted, Sheet(drafted).type("trained", held, column).xlsx())
    assert [one.column for one in found.uploaded.troubles] and not found.changes


def test_a_day_in_the_explanation_is_the_words_of_it(drafted):
    found = preview(drafted, Sheet(drafted).type("trained", date(2025, 5, 12), WHY).xlsx())
    assert said(found, "trained")["why"] == "12 Mei 2025"


def test_problems_and_what_is_being_done_come_along(drafted):
    chosen = Problem.objects.get(name="Pemasaran")
    before = Problem.objects.get(name="SDM")
    sheet = (
        Sheet(drafted).type(f"masalah-{chosen.pk}", "ya").type(f"masalah-{before.pk}", None).type("act", "Baru", WHY)
    )
    found = preview(drafted, sheet.xlsx())
    assert (found.typed["problems"], found.typed["act"], found.changes) == ([chosen.pk], "Baru", 2)


def test_a_deleted_row_leaves_its_line_and_is_named(drafted):
    found = preview(drafted, Sheet(drafted).drop("cooperatives").xlsx())
    assert said(found, "cooperatives")["typed"] == "660"
    assert found.uploaded.absent == [by_code(drafted)["cooperatives"].indicator.name]


# Two at once ----------------------------------------------------------------------------------------


def test_what_only_the_draft_changed_since_is_kept(drafted, officer):
    content = Sheet(drafted).type("trained", 63).xlsx()
    later = typed(
        {**{code: one["typed"] for code, one in drafted.typed["lines"].items() if "typed" in one}, "managers": "9"}
    )
    later["lines"] |= {code: one for code, one in drafted.typed["lines"].items() if "typed" not in one or "why" in one}
    drafted.save_draft(later, by=officer)
    found = preview(fresh(drafted), content)
    assert said(found, "managers") == {"typed": "9"} and said(found, "trained") == {"typed": "63"}
    assert found.meeting.who == str(officer) and not found.meeting.clashes
    assert found.changes == 1


@pytest.mark.parametrize("code", ["assets", "trained"])
def test_a_cell_as_it_was_handed_out_changes_nothing_however_it_was_spelled(drafted, officer, code):
    content = workbook(drafted)  # an amount that was typed with "Rp", and a text that is no number
    drafted.save_draft({**drafted.typed, "lines": {**drafted.typed["lines"], code: {"typed": "5"}}}, by=officer)
    found = preview(fresh(drafted), content)
    assert said(found, code) == {"typed": "5"}
    assert not found.changes and not found.meeting.clashes and not found.uploaded.troubles


def test_what_both_changed_shows_both_values(client, drafted, officer):
    content = Sheet(drafted).type("cooperatives", 700).xlsx()
    other = make_user("petugas", regency=drafted.regency)
    drafted.save_draft(
        {**drafted.typed, "lines": {**drafted.typed["lines"], "cooperatives": {"typed": "650"}}}, by=other
    )
    found = preview(fresh(drafted), content)
    (clash,) = [one for one in found.meeting.clashes if one.name == "cooperatives"]
    assert (clash.mine, clash.theirs) == ("700", "650")
    client.force_login(officer)
    page = sent(client, drafted, content).content.decode()
    assert "700" in page and "650" in page and str(other) in page


def test_a_cell_that_the_person_emptied_is_emptied_and_one_that_was_blank_is_not(drafted, officer):
    content = Sheet(drafted).type("cooperatives", None).xlsx()
    drafted.save_draft({**drafted.typed, "lines": {**drafted.typed["lines"], "managers": {"typed": "9"}}}, by=officer)
    found = preview(fresh(drafted), content)
    assert said(found, "cooperatives") == {"why": "=1+1"}
    assert said(found, "managers") == {"typed": "9"}


# Another report's -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"),
    [("periode", "2025-t3"), ("kantor", "berau"), ("formulir", "2"), ("laporan", "999"), ("draf", "99"), ("draf", "x")],
)
def test_another_reports_workbook_is_refused_and_changes_nothing(client, drafted, officer, name, value):
    client.force_login(officer)
    response = sent(client, drafted, Sheet(drafted).head(name, value).type("trained", 1).xlsx())
    assert response.status_code == 400
    assert "preview" not in response.context and response.context["refused"]
    assert fresh(drafted).typed == drafted.typed


def test_the_wrong_period_and_regency_are_named(report):
    other = make_report(report.regency, number=3)
    with pytest.raises(WorkbookRefused, match=str(other.period)):
        uploaded_form(report, upload(workbook(other)))
    elsewhere = make_report(make_regency("Berau"))
    with pytest.raises(WorkbookRefused, match="Berau"):
        uploaded_form(report, upload(workbook(elsewhere)))
    with pytest.raises(WorkbookRefused, match=r"Province|rovinsi"):
        uploaded_form(report, upload(workbook(make_report(province=True))))


def test_lines_that_the_report_does_not_ask_are_named(report):
    sheet = Sheet(report).add("bunga", 5).add(None, 7)
    with pytest.raises(WorkbookRefused, match=r"“bunga”.*\d+") as refused:
        uploaded_form(report, upload(sheet.xlsx()))
    assert refused.value.params["lines"].count(",") == 1
    twice = Sheet(report)
    with pytest.raises(WorkbookRefused, match="“trained”"):
        uploaded_form(report, upload(twice.add("trained", 5).xlsx()))


def test_the_form_on_two_sheets_is_refused(report):
    with pytest.raises(WorkbookRefused, match="Sheet2"):
        uploaded_form(report, upload(Sheet(report).xlsx(sheets=2)))


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"%PDF-1.7 ...", "isian.xlsx"),
        (b"", "isian.xlsx"),
        (b"kode;isian\n", "isian.csv"),
        (archive({"a": "b"}), "isian.ods"),
    ],
)
def test_what_is_no_workbook_is_refused(client, report, officer, content, name):
    client.force_login(officer)
    response = sent(client, report, content, name)
    assert response.status_code == 400 and response.context["refused"]


def test_a_workbook_without_the_head_is_refused(client, report, officer):
    client.force_login(officer)
    response = sent(client, report, Sheet(report).drop("kantor").xlsx())
    assert response.status_code == 400
    assert client.post(reverse("upload_workbook", args=[report.pk])).status_code == 400


# The page -------------------------------------------------------------------------------------------


def test_the_preview_carries_to_the_form_what_it_shows_and_writes_nothing(client, drafted, officer):
    client.force_login(officer)
    content = Sheet(drafted).type("trained", 63).type("managers", 96).xlsx()
    response = sent(client, drafted, content)
    assert response.status_code == 200
    assert response["Cache-Control"] == "private, no-store"
    assert fresh(drafted).version == drafted.version
    found = response.context["preview"]
    posted = MultiValueDict()
    for name, value in found.fields:
        posted.appendlist(name, str(value))
    # What the form page makes of it: the newlines of a browser included.
    again = typed_from(posted, lines_of(drafted))
    assert again == found.typed
    assert int(posted["version"]) == drafted.version
    page = response.content.decode()
    assert f'action="{drafted.get_absolute_url()}"' in page and 'name="simpan"' in page
    assert page.count('type="hidden"') == len(found.fields) + 3  # with a token in each form
    assert save(fresh(drafted), again, base=drafted.version, by=officer) is None
    assert said(fresh(drafted), "trained") == {"typed": "63"}


def test_nothing_of_the_file_stays(client, drafted, officer, tmp_path, settings):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    client.force_login(officer)
    sent(client, drafted, workbook(drafted))
    sent(client, drafted, b"%PDF-")
    assert list(tmp_path.iterdir()) == []
    assert Path(tempfile.gettempdir()) != tmp_path


def test_an_upload_without_its_token_is_refused(drafted, officer):
    client = Client(enforce_csrf_checks=True)
    client.force_login(officer)
    assert sent(client, drafted, workbook(drafted)).status_code == 403


@pytest.mark.parametrize("name", ["report_workbook", "upload_workbook"])
def test_a_foreign_report_answers_like_an_unknown_one(client, report, name):
    foreign = make_user("petugas", regency=make_regency("Berau"))
    staff = make_user("staf_provinsi")
    for user in (foreign, staff):
        client.force_login(user)
        method = client.get if name == "report_workbook" else client.post
        assert method(reverse(name, args=[report.pk])).status_code == 404
        assert method(reverse(name, args=[10**6])).status_code == 404


@pytest.mark.parametrize("name", ["report_workbook", "upload_workbook"])
def test_who_fills_in_nothing_gets_nothing(client, report, name):
    client.force_login(make_user("verifikator"))
    method = client.get if name == "report_workbook" else client.post
    assert method(reverse(name, args=[report.pk])).status_code == 403


@pytest.mark.parametrize("state", ["submitted", "approved", "locked", "early"])
def test_what_cannot_be_filled_in_is_told_and_stays(client, officer, report, state):
    content = workbook(report)
    if state == "submitted":
        submitted(report, by=officer)
    elif state == "approved":
        approved(report, by=make_user("verifikator"))
    else:
        days = -3 if state == "locked" else 3
        period, today = report.period, timezone.localdate()
        period.opens_on = period.due_on = period.locks_on = today + timedelta(days=days)
        period.save()
    before = fresh(report)
    client.force_login(officer)
    for response in (sent(client, report, content), client.get(reverse("report_workbook", args=[report.pk]))):
        assert response.status_code == 409 and response.context["refused"]
    assert (fresh(report).typed, fresh(report).version) == (before.typed, before.version)


def test_the_whole_form_comes_up_in_one_file(report):
    sheet = Sheet(report)
    for code, value in VALUES.items():
        sheet.type(code, value)
    found = preview(report, sheet.xlsx())
    assert found.typed["lines"] == typed()["lines"]
    assert found.changes == len(VALUES)


def test_a_file_that_is_too_large_is_stopped(client, report):
    client.force_login(make_user("petugas", regency=report.regency))
    upload = SimpleUploadedFile("isian.xlsx", b"PK" + bytes(5 * 1024 * 1024))
    answer = client.post(reverse("upload_workbook", args=[report.pk]), {"file": upload})
    assert answer.status_code == 413

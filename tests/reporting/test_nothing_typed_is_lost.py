"""Whatever comes between typing and submitting: nothing typed is lost, nothing unseen is submitted."""

import json
import re
from unittest import mock
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from common.models import ChangedMeanwhile
from reporting import drafts
from reporting.filling import LONGEST_ACT, fill
from reporting.models import Problem, RegencyReport, Status
from tests.factories import make_user
from tests.filled_form import filled_form
from tests.reporting.reports import approved, explained, make_report, posted, submitted, typed

pytestmark = pytest.mark.django_db


@pytest.fixture
def report():
    return make_report()


@pytest.fixture
def officer(report, client):
    user = make_user("petugas", regency=report.regency)
    client.force_login(user)
    return user


@pytest.fixture
def colleague(report):
    return make_user("petugas", regency=report.regency)


def address(report):
    return reverse("report", args=[report.pk])


def opened(client, report):
    return filled_form(client.get(address(report)), "report-form")


def autosave(client, report, said, **more):
    return client.post(reverse("autosave_report", args=[report.pk]), posted(said, **more))


def lines(report):
    report.refresh_from_db()
    return report.typed["lines"]


# -- Together with a colleague ---------------------------------------------------------------------------


def test_what_a_colleague_saved_is_never_submitted_unseen(client, report, officer, colleague):
    said = explained(trained=None, health_assessed=None, na={"health_assessed": "Belum dinilai"})
    page = opened(client, report)
    report.save_draft(typed({"trained": "70"}), by=colleague)
    answer = client.post(address(report), page | posted(said, kirim="1"))
    assert answer.status_code == 409
    assert not report.steps.exists()
    form, text = filled_form(answer, "report-form"), answer.content.decode()
    # Merged, kept as a draft, and named.
    assert (form["trained"], form["inspected"]) == ("70", "24")
    assert lines(report)["trained"]["typed"] == "70" and lines(report)["inspected"]["typed"] == "24"
    assert str(colleague) in text and "Laporan belum terkirim" in text and "data-unsaved" not in text
    # Seen and pressed again, it goes.
    client.post(address(report), form | {"kirim": "1"})
    report.refresh_from_db()
    assert report.status == Status.SUBMITTED


@pytest.mark.parametrize("button", ["kirim", "simpan"])
@pytest.mark.parametrize("reached", [submitted, approved])
def test_typing_that_comes_too_late_is_shown_beside_the_report(client, report, officer, colleague, button, reached):
    problem = Problem.objects.first()
    page = opened(client, report)
    said = typed(
        {"trained": "999", "inspected": "24"},
        why={"trained": "Tiga angkatan"},
        act="Tulisan <panjang> saya",
        problems=[problem.pk],
    )
    reached(RegencyReport.objects.select_related("period__form", "form", "regency").get(pk=report.pk))
    answer = client.post(address(report), page | posted(said, **{button: "1"}))
    assert answer.status_code == 409
    left = {one.label: (one.text, one.why) for one in answer.context["shown"].left_out}
    assert left == {
        answer.context["filled"].by_code["trained"].name: ("999", "Tiga angkatan"),
        "Masalah": (problem.name, ""),
        "Yang sedang dilakukan": ("Tulisan <panjang> saya", ""),
    }
    text = answer.content.decode()
    assert "Tulisan &lt;panjang&gt; saya" in text and 'id="report-form"' not in text
    # The table shows what was submitted, and nobody's typing as if it had been.
    assert answer.context["filled"].by_code["trained"].value == 62
    assert re.search(r'data-line="trained">[^<]*</th><td class="n">62 ', text)
    assert "999" not in json.dumps(RegencyReport.objects.get(pk=report.pk).typed)


def test_a_repeat_that_says_the_same_is_only_told(client, report, officer):
    data = opened(client, report) | posted(typed(), kirim="1")
    client.post(address(report), data)
    answer = client.post(address(report), data)
    assert answer.status_code == 302
    assert report.steps.count() == 1


def test_an_old_page_is_not_met_but_refused(client, report, officer, colleague):
    """The state comes first: after submission there is no "taken over"."""
    data = posted(typed({"trained": "62"}), version=report.version)
    submitted(report, by=colleague)
    answer = autosave(client, report, typed({"trained": "63"}), version=data["version"])
    assert answer.status_code == 409 and set(answer.json()) == {"detail"}


def test_a_lock_while_the_form_was_open_keeps_what_was_typed(client):
    report = make_report(is_open=False)
    client.force_login(make_user("petugas", regency=report.regency))
    answer = client.post(address(report), posted(typed(), version=report.version, page="halaman.7", kirim="1"))
    text = answer.content.decode()
    form = filled_form(answer, "report-form")
    assert answer.status_code == 409 and "data-unsaved" in text
    assert (form["cooperatives"], form["version"], form["page"]) == ("660", str(report.version), "halaman")


def test_when_all_tries_fail_the_form_keeps_the_version_that_it_knew(client, report, officer, colleague):
    page = opened(client, report)
    report.save_draft(typed({"inspected": "5"}), by=colleague)
    with mock.patch.object(RegencyReport, "save_draft", side_effect=ChangedMeanwhile(report)):
        answer = client.post(address(report), page | {"trained": "62", "simpan": "1"})
    form = filled_form(answer, "report-form")
    assert answer.status_code == 409
    assert (form["trained"], form["version"]) == ("62", page["version"])
    client.post(address(report), form | {"simpan": "1"})
    assert lines(report) == {"trained": {"typed": "62"}, "inspected": {"typed": "5"}}


def test_somebody_who_saves_between_saving_and_submitting_stops_it(client, report, officer):
    with mock.patch.object(RegencyReport, "submit", side_effect=ChangedMeanwhile(report)):
        answer = client.post(address(report), opened(client, report) | posted(explained(), kirim="1"))
    assert answer.status_code == 409 and "Laporan belum terkirim" in answer.content.decode()
    assert lines(report)["trained"]["typed"] == "62" and not report.steps.exists()


@pytest.mark.parametrize("version", ["", "x", "-1", "1.0", "999", "99999999999", "１"])
def test_a_version_that_says_nothing_is_held_against_the_blank_draft(client, report, officer, colleague, version):
    report.save_draft(typed({"trained": "70", "inspected": "5"}), by=colleague)
    answer = client.post(address(report), posted(typed({"trained": "62"}), version=version, simpan="1"))
    assert answer.status_code == 409
    assert [one.name for one in answer.context["shown"].meeting.clashes] == ["trained"]
    assert lines(report)["trained"] == {"typed": "70"}


def test_no_version_at_all_is_held_against_the_blank_draft(client, report, officer, colleague):
    report.save_draft(typed({"trained": "70"}), by=colleague)
    assert autosave(client, report, typed({"trained": "62"})).status_code == 409


# -- Together with oneself -------------------------------------------------------------------------------


def test_a_page_does_not_clash_with_what_it_saved_itself(client, report, officer):
    version = report.version
    assert autosave(client, report, typed({"trained": "31"}), version=version, page="satu.1").status_code == 200
    # The answer was lost; the page comes again with what it knew.
    answer = autosave(client, report, typed({"trained": "315"}), version=version, page="satu.2")
    assert answer.status_code == 200 and "clashes" not in answer.json()
    assert lines(report) == {"trained": {"typed": "315"}}
    assert answer.json()["version"] == report.version


def test_another_window_of_the_same_person_does_clash(client, report, officer):
    version = report.version
    autosave(client, report, typed({"trained": "31"}), version=version, page="satu.1")
    assert autosave(client, report, typed({"trained": "315"}), version=version, page="dua.2").status_code == 409
    assert autosave(client, report, typed({"trained": "315"}), version=version).status_code == 409


def test_a_lost_answer_does_not_undo_what_a_colleague_saved(client, report, officer, colleague):
    """The page's own save took the colleague's line over, and the page never heard of it."""
    version = report.version
    report.save_draft(typed({"inspected": "5"}, problems=[]), by=colleague)
    autosave(client, report, typed({"trained": "31"}), version=version, page="satu.1")
    assert set(lines(report)) == {"trained", "inspected"}
    answer = autosave(client, report, typed({"trained": "315"}), version=version, page="satu.2")
    assert answer.json()["fields"]["inspected"] == "5"
    assert lines(report) == {"trained": {"typed": "315"}, "inspected": {"typed": "5"}}


def test_after_a_lost_answer_a_colleague_is_still_met(client, report, officer, colleague):
    version = report.version
    autosave(client, report, typed({"trained": "31"}, act="Lama"), version=version, page="satu.1")
    report.refresh_from_db()
    report.save_draft(typed({"trained": "40"}, act="Lama"), by=colleague)
    answer = autosave(client, report, typed({"trained": "315"}, act="Baru"), version=version, page="satu.2")
    (clash,) = answer.json()["clashes"]
    assert (clash["name"], clash["mine"], clash["theirs"]) == ("trained", "315", "40")
    assert str(colleague) in answer.json()["sentence"]


def test_a_page_keeps_its_id_through_its_posts_and_another_has_another(client, report, officer):
    page = opened(client, report)
    assert page["page"] and page["page"] != opened(client, report)["page"]
    answer = client.post(address(report), page | posted(typed(trained=None), kirim="1"))
    assert filled_form(answer, "report-form")["page"] == page["page"]
    assert report.saves.get().page == page["page"]


@pytest.mark.parametrize("page", ["a b", "x" * 60, "<b>", "satu.dua", "é", "satu.1.2", "satu\n"])
def test_an_id_that_no_page_has_is_none(client, report, officer, page):
    assert autosave(client, report, typed({"trained": "1"}), version=report.version, page=page).status_code == 200
    assert report.saves.get().page == ""


def test_the_page_names_the_newest_copy_of_each_page_that_arrived(client, report, officer, colleague):
    for number, page in enumerate(["satu.1", "satu.2", "dua.9", ""]):
        report.refresh_from_db()
        autosave(client, report, typed({"trained": str(number)}), version=report.version, page=page)
    report.refresh_from_db()
    report.save_draft(typed({"trained": "7"}), by=colleague, page="tiga.1")
    text = client.get(address(report)).content.decode()
    assert set(re.search(r'data-arrived="([^"]*)"', text)[1].split()) == {"satu.2", "dua.9"}
    submitted(report, by=colleague)
    text = client.get(address(report)).content.decode()
    assert "satu.2" in text and "data-stored" in text
    client.force_login(make_user("auditor"))
    text = client.get(address(report)).content.decode()
    assert "satu.2" not in text and 'id="device"' not in text


# -- What is typed ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["simpan", "autosave"])
def test_nothing_is_cut(client, report, officer, way):
    long = "Pelatihan " * 2_000
    said = typed({"trained": "6" * 300}, why={"trained": long}, act=long)
    if way == "autosave":
        autosave(client, report, said, version=report.version)
    else:
        client.post(address(report), posted(said, version=report.version, simpan="1"))
    report.refresh_from_db()
    assert report.typed["act"] == long.strip()
    assert report.typed["lines"]["trained"] == {"typed": "6" * 300, "why": long.strip()}
    filled = fill(report)
    assert {one.code for one in filled.by_code["trained"].errors} == {"why", "unreadable"}
    assert filled.act_findings and len(filled.act) > LONGEST_ACT
    text = client.get(address(report)).content.decode()
    form = re.search(r'id="report-form".*?</form>', text, re.DOTALL)[0]
    # A browser would cut what is pasted, and say nothing.
    assert "maxlength" not in form and "19.999" in form


@pytest.mark.parametrize("way", ["simpan", "autosave"])
@pytest.mark.parametrize("letter", ["\x00", "\ud800"])
def test_what_no_database_takes_is_kept_as_a_sign_and_refused(client, report, officer, way, letter):
    said = {"trained": f"5{letter}", "trained-why": f"a{letter}b", "act": f"c{letter}d", "version": report.version}
    where = reverse("autosave_report", args=[report.pk]) if way == "autosave" else address(report)
    body = urlencode(said | {"simpan": "1"}, errors="surrogatepass")
    answer = client.post(where, body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code in (200, 302)
    report.refresh_from_db()
    assert letter not in report.typed["act"] and "\ufffd" in report.typed["act"]
    filled = fill(report)
    assert {one.code for one in filled.by_code["trained"].errors} == {"unreadable", "why"}
    assert [one.code for one in filled.act_findings] == ["act"]
    assert client.get(address(report)).status_code == 200


def test_a_text_with_that_sign_is_not_submitted(client, report, officer):
    answer = client.post(address(report), posted(explained(act="a\x00b"), version=report.version, kirim="1"))
    assert 'href="#act"' in answer.content.decode() and "karakter yang tidak terbaca" in answer.content.decode()
    assert not report.steps.exists()


# -- The page --------------------------------------------------------------------------------------------


def test_a_refused_file_says_at_the_top_that_nothing_was_submitted(client, report, officer):
    upload = SimpleUploadedFile("catatan.pdf", b"bukan PDF")
    answer = client.post(address(report), posted(explained(), version=report.version, kirim="1", lampiran=upload))
    text = answer.content.decode()
    assert "Belum terkirim: 1 hal" in text and 'href="#lampiran"' in text and text.count("data-focus") == 1
    assert not report.steps.exists()
    assert lines(report)["trained"]["typed"] == "62"


def test_every_link_to_a_field_leads_to_one_that_is_unfolded(client, report, officer, colleague):
    problem, other = Problem.objects.all()[:2]
    page = opened(client, report)
    report.save_draft(typed({}, why={"trained": "Lain"}, problems=[other.pk]), by=colleague)
    said = typed({"inspected": "x"}, why={"trained": "Ini"}, problems=[problem.pk])
    answer = client.post(address(report), page | posted(said, simpan="1"))
    text = answer.content.decode()
    ids = set(re.findall(r'id="([^"]+)"', text))
    assert {"masalah", "trained-why"} <= set(re.findall(r'href="#([^"]+)"', text)) <= ids
    rows = answer.context["filled"].by_code
    assert rows["trained"].is_unfolded and rows["inspected"].is_unfolded and not rows["managers"].is_unfolded


def test_a_browser_restores_nothing_of_an_older_page(client, report, officer):
    text = client.get(address(report)).content.decode()
    assert re.search(r'<form [^>]*id="report-form"[^>]*autocomplete="off"', text)


def test_what_others_cleared_is_met_too(report, officer, colleague):
    report.save_draft(typed({"trained": "1", "inspected": "2"}, act="Satu"), by=officer)
    base = report.version
    report.save_draft(typed({"trained": "1"}, act="Satu"), by=colleague)
    meeting = drafts.save(report, typed({"trained": "3", "inspected": "2"}, act="Satu"), base=base, by=officer)
    assert meeting.taken and meeting.typed["lines"] == {"trained": {"typed": "3"}}
    assert report.saved_at <= timezone.now()

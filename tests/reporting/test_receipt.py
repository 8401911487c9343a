"""The receipt of a submission: a PDF that anybody can hold against the public page."""

import hashlib
import json
from datetime import timedelta
from io import BytesIO

import pytest
from django.conf import settings
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from common import paper
from reporting import receipt as receipts
from reporting.filling import fill
from reporting.models import Problem, RegencyReport
from reporting.models.report import fingerprint
from reporting.receipt import confirmation_address, grouped, receipt, value_in_words
from tests.factories import make_regency, make_user
from tests.reporting.reports import at, make_report, submitted, typed, wita

pytestmark = pytest.mark.django_db


@pytest.fixture
def report():
    return make_report()


@pytest.fixture
def officer(report):
    return make_user("petugas", regency=report.regency, full_name="Siti Rahma")


@pytest.fixture
def step(report, officer):
    said = typed(
        shu="-3.902.600.000",
        trained="0",
        members=None,
        na={"inspected": "Pengawas pindah – “belum” diganti"},
        why={"shu": "Rugi − gagal <panen> & banjir", "cooperatives": "Ș\u0142 ア"},
        act="Pendampingan · tiga desa\nBaris kedua",
        problems=[Problem.objects.get(name="SDM").pk],
    )
    submitted(report, by=officer, said=said)
    return report.steps.get()


def parsed(content):
    return PdfReader(BytesIO(content))


def words(content):
    return " ".join(" ".join(page.extract_text() for page in parsed(content).pages).replace("\u00a0", " ").split())


def made(report, step):
    address = confirmation_address(RequestFactory().get("/"), step.number)
    return receipt(report, step, address=address)


def address_of(report, step):
    return reverse("report_receipt", args=[report.pk, step.number])


def test_it_says_number_office_person_moment_and_every_value(client, officer, report, step):
    with at(step.made_at):
        client.force_login(officer)
        response = client.get(address_of(report, step))
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="tanda-terima-2025-t4-kutai-barat-1.pdf"'
    assert response["Cache-Control"] == "private, no-store"
    text = words(response.content)
    for said in (
        settings.OFFICE_NAME,
        "2025-t4-kutai-barat-1",
        "Kabupaten Kutai Barat",
        "Siti Rahma",
        "WITA",
        grouped(step.sha256),
        "12.310 orang",
        "Rp 61.402.750.000",
        "-Rp 3.902.600.000",
        "0 unit",
        "Pengawas pindah – “belum” diganti",
        "Rugi - gagal <panen> & banjir",
        "Pendampingan · tiga desa",
        "Baris kedua",
        "SDM",
    ):
        assert said in text
    assert parsed(response.content).metadata.author == settings.OFFICE_NAME
    assert step.number in parsed(response.content).metadata.title


def test_every_line_that_was_submitted_stands_in_it(report, step):
    text = words(made(report, step))
    assert len(step.content["lines"]) == 25
    for line in report.form.lines.select_related("indicator"):
        assert line.indicator.name in text


def test_a_line_whose_indicator_was_renamed_since_is_still_told(report, step):
    step.content["lines"]["nama_lama"] = {"value": 4711}
    assert "nama_lama 4.711" in words(made(report, step))


def test_a_value_not_available_and_blank_are_three_things():
    said = [value_in_words(one, False, "unit") for one in ({"value": 0}, {"unavailable": True}, {}, {"register": 3})]
    assert said[0] == "0 unit"
    assert len(set(said)) == 3 and said[2] == said[3]


def test_two_downloads_are_equal(client, officer, report, step):
    client.force_login(officer)
    first = client.get(address_of(report, step)).content
    assert client.get(address_of(report, step)).content == first


def test_the_fingerprint_is_that_of_the_stored_content(report, step):
    step.refresh_from_db()
    again = hashlib.sha256(json.dumps(step.content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    assert step.sha256 == again == fingerprint(step.content)
    assert grouped(again).replace(" ", "") == again and len(grouped(again).split()) == 8


def test_another_content_has_another_fingerprint_and_the_receipt_says_so(report, step):
    genuine = words(made(report, step))
    step.content["lines"]["trained"]["value"] = 1
    assert fingerprint(step.content) != step.sha256
    forged = words(made(report, step))
    assert forged.replace("1 unit", "0 unit", 1) != genuine
    assert len(forged) > len(genuine) + 40


def test_the_code_and_the_link_lead_to_the_public_page(monkeypatch, client, officer, report, step):
    drawn = []
    monkeypatch.setattr(paper, "QrCodeWidget", lambda value, **more: drawn.append(value) or REAL(value, **more))
    client.force_login(officer)
    response = client.get(address_of(report, step), headers={"host": "localhost"})
    public = f"http://localhost/statistik/pelaporan/bukti/{step.number}/"
    assert drawn == [public]
    assert confirmation_address(RequestFactory().get("/", headers={"host": "localhost"}), step.number) == public
    assert confirmation_address(None, step.number) == f"/statistik/pelaporan/bukti/{step.number}/"
    links = [one.get_object()["/A"]["/URI"] for one in parsed(response.content).pages[0]["/Annots"]]
    assert set(links) == {public}


REAL = paper.QrCodeWidget


def test_the_moment_is_in_wita_and_the_last_second_is_on_time(report, officer):
    report.period.due_on = timezone.localdate() + timedelta(days=5)
    day = report.period.due_on
    for moment, late in (
        (wita(day.year, day.month, day.day, 23, 59, 59), False),
        (wita(day.year, day.month, day.day, 23, 59, 59) + timedelta(seconds=1), True),
    ):
        report.first_submitted_at, report.was_due_on = moment, day
        said = receipts.punctuality(report, SimpleStep(moment))
        assert ("1 " in said.partition("(")[0]) is late
    text = words(made(*_submitted_at(report, officer, wita(day.year, day.month, day.day, 7, 5))))
    assert "pukul 07.05 WITA" in text


class SimpleStep:
    def __init__(self, moment):
        self.made_at = moment


def _submitted_at(report, officer, moment):
    report.first_submitted_at = None
    submitted(report, by=officer, now=moment)
    return report, report.steps.get()


def test_a_correction_keeps_the_moment_of_the_first(report, officer, step):
    verifier = make_user("verifikator")
    report.give_back(by=verifier, reason="Periksa lagi")
    report.save_draft(typed(trained="63"), by=officer)
    report.submit(fill(report), by=officer)
    first, second = report.steps.filter(number__isnull=False)
    assert second.number.endswith("-2")
    assert len(receipts.punctuality(report, second)) > len(receipts.punctuality(report, first))
    assert grouped(first.sha256) in words(made(report, first))
    assert grouped(second.sha256) in words(made(report, second))


def test_long_and_strange_words_break_nothing(report, officer):
    long = typed(why=dict.fromkeys(("trained", "audited"), "x" * 499) | {"certified": "a\n" * 240}, act="y\n" * 490)
    submitted(report, by=officer, said=long)
    content = made(report, report.steps.get())
    assert len(parsed(content).pages) > 1
    assert words(content).count("x" * 40) >= 2


def test_the_page_count_stands_on_every_page(report, step):
    pages = parsed(made(report, step)).pages
    for at_page, page in enumerate(pages, start=1):
        assert {str(at_page), str(len(pages))} <= set(page.extract_text().split())


def test_a_foreign_receipt_answers_like_an_unknown_one(client, report, step):
    client.force_login(make_user("petugas", regency=make_regency("Berau")))
    assert client.get(address_of(report, step)).status_code == 404
    client.force_login(make_user("verifikator"))
    assert client.get(address_of(report, step)).status_code == 200
    other = RegencyReport.objects.exclude(pk=report.pk).get()
    assert client.get(reverse("report_receipt", args=[other.pk, step.number])).status_code == 404
    assert client.get(reverse("report_receipt", args=[report.pk, "2025-t4-kutai-barat-2"])).status_code == 404
    assert client.post(address_of(report, step)).status_code == 405


def test_it_costs_the_same_queries_however_much_was_submitted(client, officer, report, step, django_assert_num_queries):
    client.force_login(officer)
    client.get(address_of(report, step))
    for content in (step.content, {**step.content, "lines": {"trained": {"value": 1}}}):
        step.content = content
        step.save()
        with django_assert_num_queries(6):  # session, person, permissions, report, submission, lines
            client.get(address_of(report, step))

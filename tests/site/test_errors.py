"""Refusals and failures: the right number, the office's words, what to do next, and a number to mention."""

import logging
import re

import pytest
from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.test import Client, RequestFactory

from common.models import DataVersion
from kaltim_koperasi.log import RequestIdInLog, running
from portal import context, errors

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor():
    return Client(raise_request_exception=False)


def failing_with(error):
    def fail(*args, **kwargs):
        raise error

    return fail


def words(response):
    return " ".join(response.content.decode().split())


def test_each_answer_carries_a_number_of_its_own(visitor):
    one, two = (visitor.get("/livez")["X-Request-ID"] for _ in range(2))
    assert re.fullmatch(r"[0-9a-f]{12}", one)
    assert one != two


def test_the_number_is_never_the_visitors(visitor):
    assert visitor.get("/livez", headers={"x-request-id": "evil\nline"})["X-Request-ID"] != "evil\nline"


def test_nothing_there_is_said_with_a_way_on(visitor):
    response = visitor.get("/tidak-ada/")
    assert response.status_code == 404
    assert "<h1>Halaman tidak ditemukan</h1>" in words(response)
    assert 'action="/koperasi/"' in words(response)
    assert 'href="/wilayah/"' in words(response)
    assert response["X-Request-ID"] in words(response)
    assert "Traceback" not in words(response)


def test_english_addresses_are_refused_in_english(visitor):
    response = visitor.get("/en/nothing/")
    assert response.status_code == 404
    assert '<html lang="en">' in words(response)
    assert "<h1>Page not found</h1>" in words(response)
    assert 'action="/en/koperasi/"' in words(response)


def test_a_refusal_before_the_language_is_chosen_does_not_speak_the_last_visitors(visitor):
    visitor.get("/en/tentang/")
    assert '<html lang="id">' in words(visitor.get("/tentang/?q=%00"))
    assert '<html lang="en">' in words(visitor.get("/en/tentang/?q=%00"))


def test_the_api_is_refused_in_json(visitor):
    response = visitor.get("/api/tidak-ada/")
    assert response.status_code == 404
    assert response.json() == {
        "detail": "Tidak ada apa-apa di alamat ini.",
        "request_id": response["X-Request-ID"],
    }


@pytest.mark.parametrize(
    "address",
    [
        "/%00",
        "/tentang/%00/",
        "/%ff/",
        "/%ed%a0%80/",
        "/tentang/?q=%00",
        "/tentang/?q=%ff",
        "/tentang/?q=%ed%a0%80",
        "/tentang/?%c3%28=1",
        "/api/v1/?q=%00",
    ],
)
def test_what_no_address_can_mean_is_refused_at_the_door(visitor, address):
    response = visitor.get(address)
    assert response.status_code == 400
    assert "karakter yang tidak dapat dibaca" in words(response)
    assert response["X-Request-ID"] in words(response)


@pytest.mark.parametrize(
    "address", ["/tentang/?q=%", "/tentang/?q=50%", "/tentang/?q=_", "/tentang/?q=%F0%9F%8C%B3", "/tentang/?q=a+b"]
)
def test_what_can_be_read_is_answered(visitor, address):
    assert visitor.get(address).status_code == 200


def test_a_query_of_eight_kilobytes_is_read_and_a_longer_one_refused(visitor):
    room = 8 * 1024 - len("q=")
    assert visitor.get("/tentang/?q=" + "a" * room).status_code == 200
    response = visitor.get("/tentang/?q=" + "a" * (room + 1))
    assert response.status_code == 414
    assert "8.000 karakter" in words(response)


def test_the_door_reads_no_body(rf):
    from kaltim_koperasi.middleware import RefuseBrokenInput

    request = rf.post("/", {"q": "\0"})
    request.request_id = "x"
    assert RefuseBrokenInput(lambda request: request._read_started)(request) is False


def test_a_wrong_host_is_refused_without_naming_a_fault(visitor):
    response = visitor.get("/tentang/", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert "Permintaan tidak dapat dipahami" in words(response)


def test_a_missing_permission_says_what_to_do(visitor, monkeypatch):
    monkeypatch.setattr("portal.views.render", failing_with(PermissionDenied("Hanya untuk verifikator.")))
    response = visitor.get("/tentang/")
    assert response.status_code == 403
    assert "Anda tidak berwenang" in words(response)
    assert "Hanya untuk verifikator." in words(response)
    assert "administrator portal" in words(response)
    assert response["X-Request-ID"] in words(response)


def test_a_permission_refused_without_a_reason_invents_none(visitor, monkeypatch):
    monkeypatch.setattr("portal.views.render", failing_with(PermissionDenied()))
    assert "None" not in words(visitor.get("/tentang/"))


def test_a_form_without_its_token_says_that_what_was_typed_is_still_there():
    response = Client(enforce_csrf_checks=True).post("/masuk/", {"login": "a"})
    assert response.status_code == 403
    assert "Yang Anda ketik masih ada di formulir" in words(response)
    assert response["X-Request-ID"] in words(response)


def test_a_fault_is_the_offices_and_has_its_number_in_the_log(visitor, monkeypatch, caplog):
    caplog.handler.addFilter(log_filter := RequestIdInLog())
    monkeypatch.setattr("portal.views.render", failing_with(RuntimeError("boom")))
    response = visitor.get("/tentang/")
    caplog.handler.removeFilter(log_filter)
    assert response.status_code == 500
    assert "Terjadi gangguan pada portal" in words(response)
    assert "boom" not in words(response)
    assert "Traceback" not in words(response)
    assert response["X-Request-ID"] in words(response)
    [record] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.request_id == response["X-Request-ID"]


def test_a_line_outside_a_request_has_no_number():
    record = logging.LogRecord("x", logging.INFO, "", 0, "x", (), None)
    assert RequestIdInLog().filter(record)
    assert record.request_id == "-"


def test_a_line_inside_a_request_has_its_number():
    token = running.set("abc")
    record = logging.LogRecord("x", logging.INFO, "", 0, "x", (), None)
    RequestIdInLog().filter(record)
    running.reset(token)
    assert record.request_id == "abc"


@pytest.mark.parametrize("status", [400, 403, 404, 429, 500])
def test_every_error_page_is_drawn_without_the_database(status, django_assert_num_queries):
    views = {
        400: errors.bad_request,
        403: errors.permission_denied,
        404: errors.page_not_found,
        429: errors.too_many_requests,
        500: errors.server_error,
    }
    with django_assert_num_queries(0):
        response = views[status](RequestFactory().get("/x/"))
    assert response.status_code == status
    assert response["Cache-Control"] == "no-store"
    assert response["Content-Language"] == "id"


def test_a_page_whose_database_is_gone_is_a_fault_in_words(visitor, monkeypatch):
    monkeypatch.setattr(DataVersion, "read", failing_with(OperationalError("gone")))
    response = visitor.get("/tentang/")
    assert response.status_code == 500
    assert "Terjadi gangguan pada portal" in words(response)


def test_when_not_even_the_page_can_be_drawn_there_is_a_sentence(visitor, monkeypatch):
    monkeypatch.setattr("portal.views.render", failing_with(RuntimeError))
    monkeypatch.setattr(errors.loader, "get_template", failing_with(RuntimeError))
    response = visitor.get("/tentang/")
    assert response.status_code == 500
    assert response["X-Request-ID"] in words(response)


def test_too_many_requests_says_how_long_to_wait():
    response = errors.too_many_requests(RequestFactory().get("/masuk/"), wait=61)
    assert response["Retry-After"] == "61"
    assert "2 menit" in words(response)
    without = errors.too_many_requests(RequestFactory().get("/masuk/"))
    assert "Retry-After" not in without
    assert "beberapa menit" in words(without)


def test_a_hostile_address_is_not_written_into_the_page(visitor):
    assert "<script>alert" not in words(visitor.get("/<script>alert(1)</script>/?q=<script>alert(1)</script>"))


# The two probes and what pages say about the office ------------------------------------------------


def test_the_probes_answer(visitor):
    assert visitor.get("/livez").status_code == 200
    assert visitor.get("/readyz").status_code == 200
    assert visitor.post("/livez").status_code == 405


def test_the_portal_lives_but_is_not_ready_without_its_database(visitor, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr("portal.probes.connection.cursor", failing_with(OperationalError))
    assert visitor.get("/readyz").status_code == 503
    monkeypatch.undo()
    with django_assert_num_queries(0):
        assert visitor.get("/livez").status_code == 200


def test_the_office_asks_nothing_until_it_is_asked(rf, django_assert_num_queries):
    office = context.office(rf.get("/"))["office"]
    with django_assert_num_queries(0):
        assert office.name
        assert office.short_name
    with django_assert_num_queries(1):
        assert office.is_demo is False
        assert office.changed_at is None


def test_the_footer_names_the_newest_change_and_demo_data(rf):
    DataVersion.bump("figures", "demo")
    office = context.office(rf.get("/"))["office"]
    assert office.is_demo is True
    assert office.changed_at == max(DataVersion.objects.values_list("changed_at", flat=True))


def test_a_public_page_asks_once_for_itself_and_its_footer(visitor, django_assert_num_queries):
    DataVersion.bump("figures")
    with django_assert_num_queries(1):
        response = visitor.get("/tentang/")
    assert "Data terakhir berubah" in words(response)


def test_a_footer_whose_database_is_gone_is_silent(rf, monkeypatch):
    monkeypatch.setattr(DataVersion.objects, "values_list", failing_with(OperationalError), raising=False)
    office = context.office(rf.get("/"))["office"]
    assert office.is_demo is False
    assert office.changed_at is None


@pytest.mark.parametrize(
    ("address", "heading"),
    [
        ("/tentang/", "Tentang portal"),
        ("/privasi/", "Privasi"),
        ("/aksesibilitas/", "Aksesibilitas"),
        ("/en/tentang/", "About the portal"),
        ("/en/privasi/", "Privacy"),
        ("/en/aksesibilitas/", "Accessibility"),
    ],
)
def test_the_pages_about_the_portal_stand_in_both_languages(visitor, address, heading):
    response = visitor.get(address)
    assert response.status_code == 200
    assert f"<h1>{heading}</h1>" in words(response)
    assert words(response).count("<h1") == 1


def test_contacts_are_the_settings_or_said_to_be_missing(visitor, settings):
    assert "belum diisi" in words(visitor.get("/privasi/"))
    settings.OFFICE_EMAIL = "koperasi@example.go.id"
    from django.core.cache import cache

    cache.clear()
    assert 'href="mailto:koperasi@example.go.id"' in words(visitor.get("/privasi/"))

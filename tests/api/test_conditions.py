"""What the API answers to caches, to scripts of other sites, to whoever asks too much, and to other methods."""

import pytest
from django.conf import settings as django_settings

from common import counting
from common.models import DataVersion
from tests.factories import make_cooperative, make_user

pytestmark = pytest.mark.django_db

ADDRESSES = ("/api/v1/", "/api/v1/cooperatives/", "/api/v1/figures/", "/api/v1/vocabularies/forms/")


class TestNotModified:
    @pytest.mark.parametrize("address", ADDRESSES)
    def test_an_answer_that_has_not_changed_is_not_sent_again(self, client, address):
        make_cooperative()
        first = client.get(address)
        again = client.get(address, headers={"if-none-match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again["ETag"] == first["ETag"]
        assert first["Cache-Control"] == again["Cache-Control"] == "public, no-cache"
        assert again["Access-Control-Allow-Origin"] == "*"

    def test_a_change_of_the_data_is_seen(self, client):
        make_cooperative()
        first = client.get("/api/v1/cooperatives/")
        make_cooperative()
        again = client.get("/api/v1/cooperatives/", headers={"if-none-match": first["ETag"]})
        assert again.status_code == 200
        assert len(again.json()["results"]) == 2
        assert again["ETag"] != first["ETag"]

    def test_a_change_of_another_subject_is_none(self, client):
        DataVersion.bump("cooperatives", "figures")
        first = client.get("/api/v1/cooperatives/")
        DataVersion.bump("figures")
        assert client.get("/api/v1/cooperatives/", headers={"if-none-match": first["ETag"]}).status_code == 304

    def test_every_question_has_a_mark_of_its_own(self, client):
        one, other = client.get("/api/v1/cooperatives/"), client.get("/api/v1/cooperatives/?limit=1")
        assert one["ETag"] != other["ETag"]

    def test_a_mark_costs_one_query(self, client, django_assert_num_queries):
        mark = client.get("/api/v1/cooperatives/")["ETag"]
        with django_assert_num_queries(1):
            client.get("/api/v1/cooperatives/", headers={"if-none-match": mark})

    def test_an_answer_is_made_once_and_kept_until_its_data_change(self, client, django_assert_num_queries):
        make_cooperative("Koperasi Contoh Satu")
        make_cooperative("Koperasi Contoh Dua")
        address = "/api/v1/cooperatives/?limit=1"
        first = client.get(address)
        with django_assert_num_queries(1):
            again = client.get(address)
        assert (again.content, again["Link"], again["Content-Type"]) == (
            first.content,
            first["Link"],
            "application/json",
        )
        make_cooperative("Koperasi Contoh Tiga")
        with django_assert_num_queries(2):
            client.get(address)

    def test_reading_on_page_after_page_drives_nothing_out_of_the_cache(self, client, django_assert_num_queries):
        pk = make_cooperative().pk
        address = f"/api/v1/cooperatives/?after={pk - 1}"
        client.get(address)
        with django_assert_num_queries(2):
            client.get(address)

    def test_says_when_the_data_last_changed(self, client):
        assert "Last-Modified" not in client.get("/api/v1/cooperatives/")
        DataVersion.bump("cooperatives")
        assert client.get("/api/v1/cooperatives/")["Last-Modified"].endswith("GMT")


class TestOtherSites:
    @pytest.mark.parametrize(
        "address", [*ADDRESSES, "/api/v1/nothing/", "/api/v1/cooperatives/?x=1", "/api/v1/cooperatives/9/", "/api/v1"]
    )
    def test_may_read_every_answer(self, client, address):
        response = client.get(address, headers={"origin": "https://example.org"})
        if address != "/api/v1":
            assert response["Access-Control-Allow-Origin"] == "*"
            assert "ETag" in response["Access-Control-Expose-Headers"]
            assert "X-Row-Count" in response["Access-Control-Expose-Headers"]
        assert "Access-Control-Allow-Credentials" not in response

    @pytest.mark.parametrize("address", ["/", "/masuk/", "/admin/", "/api/docs/", "/koperasi/?format=csv"])
    def test_may_read_nothing_else(self, client, address):
        response = client.get(address, headers={"origin": "https://example.org"})
        assert "Access-Control-Allow-Origin" not in response

    def test_may_ask_before_they_send_a_mark(self, client):
        response = client.options(
            "/api/v1/cooperatives/",
            headers={"origin": "https://example.org", "access-control-request-headers": "if-none-match"},
        )
        assert response.status_code == 204
        assert response["Access-Control-Allow-Origin"] == "*"
        assert "If-None-Match" in response["Access-Control-Allow-Headers"]


class TestMethods:
    @pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "trace"])
    def test_only_reading_is_allowed(self, client, method):
        for address in (*ADDRESSES, f"/api/v1/cooperatives/{make_cooperative().pk}/"):
            response = getattr(client, method)(address)
            assert response.status_code == 405
            assert response["Allow"] == "GET, HEAD, OPTIONS"
            assert response.json()["request_id"]

    def test_head_answers_like_get_without_a_body(self, client):
        make_cooperative()
        got, head = client.get("/api/v1/cooperatives/"), client.head("/api/v1/cooperatives/")
        assert (head.status_code, head.content) == (200, b"")
        assert head["ETag"] == got["ETag"]

    def test_whatever_a_client_accepts_it_gets_json(self, client):
        response = client.get("/api/v1/cooperatives/", headers={"accept": "text/html;q=0.9, image/png"})
        assert (response.status_code, response["Content-Type"]) == (200, "application/json")


class TestThrottle:
    @pytest.fixture(autouse=True)
    def _three(self, settings):
        settings.API_REQUESTS_PER_MINUTE = 3

    @pytest.fixture
    def clock(self, monkeypatch):
        moment = [1_700_000_000.0 // 60 * 60 + 10]
        monkeypatch.setattr(counting.time, "time", lambda: moment[0])
        return moment

    def test_too_many_requests_are_told_when_to_come_back(self, client, clock):
        answers = [client.get("/api/v1/regencies/") for _ in range(5)]
        assert [response.status_code for response in answers] == [200, 200, 200, 429, 429]
        assert answers[-1]["Retry-After"] == "50"
        assert answers[-1]["Access-Control-Allow-Origin"] == "*"
        assert "50" in answers[-1].json()["detail"]
        clock[0] += 50
        assert client.get("/api/v1/regencies/").status_code == 200

    def test_each_address_has_its_own_measure(self, client, clock):
        for _ in range(4):
            client.get("/api/v1/regencies/")
        assert client.get("/api/v1/regencies/", REMOTE_ADDR="203.0.113.9").status_code == 200

    def test_a_header_makes_no_new_visitor(self, client, clock):
        forged = [f"203.0.113.{n}" for n in range(4)]
        codes = [client.get("/api/v1/regencies/", headers={"x-forwarded-for": ip}).status_code for ip in forged]
        assert codes == [200, 200, 200, 429]

    def test_a_cache_that_forgets_lets_the_visitor_in(self, client, clock, monkeypatch):
        monkeypatch.setattr(counting.cache, "add", lambda *args: True)
        assert client.get("/api/v1/regencies/").status_code == 200


class TestNobodyIsKnown:
    def test_sets_no_cookie_and_is_the_same_for_all(self, client):
        make_cooperative()
        stranger = client.get("/api/v1/cooperatives/")
        client.force_login(make_user())
        known = client.get("/api/v1/cooperatives/")
        assert not stranger.cookies
        assert not known.cookies
        assert known.content == stranger.content
        assert known["ETag"] == stranger["ETag"]

    def test_every_view_says_aloud_that_it_is_open(self):
        from django.urls import get_resolver
        from rest_framework.permissions import AllowAny

        from common.api import PublicView

        found = [
            pattern.callback
            for pattern in get_resolver("kaltim_koperasi.api").url_patterns
            if issubclass(getattr(pattern.callback, "cls", object), PublicView)
        ]
        assert len(found) == 33
        for view in found:
            assert view.login_required is False
            assert view.cls.permission_classes == (AllowAny,)

    def test_what_is_not_said_to_be_open_is_closed(self):
        defaults = django_settings.REST_FRAMEWORK["DEFAULT_PERMISSION_CLASSES"]
        assert defaults == ["rest_framework.permissions.IsAuthenticated"]


class TestBrokenInput:
    @pytest.mark.parametrize("query", ["q=%00", "q=%ED%A0%80", "after=%FF", "%00=1", "fields=%ED%B0%80"])
    def test_is_refused_as_json(self, client, query):
        response = client.get(f"/api/v1/cooperatives/?{query}")
        assert response.status_code == 400
        assert response.json()["request_id"]


def test_a_failure_of_ours_is_json_with_the_number_of_the_request(client, monkeypatch):
    from figures.api import FigureList

    def fail(view, request):
        raise ZeroDivisionError("rahasia")

    monkeypatch.setattr(FigureList, "data", fail)
    client.raise_request_exception = False
    response = client.get("/api/v1/figures/")
    assert response.status_code == 500
    assert response.json()["request_id"] == response["X-Request-ID"]
    assert "rahasia" not in response.content.decode()

"""The headers of every kind of answer: strict, and no cookie for visitors. Scored as Mozilla's Observatory does."""

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from tests.factories import make_cooperative, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.same_on_both]

PUBLIC = ["/", "/tentang/", "/en/tentang/", "/privasi/", "/aksesibilitas/", "/koperasi/", "/wilayah/", "/statistik/"]
PUBLIC += ["/bantuan/unit/", "/en/bantuan/unit/?kode=0000"]
REFUSED = ["/tidak-ada/", "/tentang/?q=%00", "/en/nothing/"]
SIGN_IN = ["/masuk/", "/admin/", "/kerja/"]
MACHINES = ["/livez", "/readyz", "/api/v1/", "/api/docs/", "/api/tidak-ada/"]
EVERY = PUBLIC + REFUSED + SIGN_IN + MACHINES


@pytest.fixture
def https(settings):
    """A visitor by HTTPS: what a browser sees in production, behind its proxy."""
    return Client(raise_request_exception=False, headers={"sec-fetch-site": "none"})


def get(client, address):
    return client.get(address, secure=True)


def policy(response):
    directives = (part.split() for part in response["Content-Security-Policy"].split(";") if part.strip())
    return {name: set(values) for name, *values in directives}


@pytest.mark.parametrize("address", EVERY)
def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere(https, address):
    directives = policy(get(https, address))
    assert directives["default-src"] == {"'none'"}
    assert directives["script-src"] == {"'self'"}
    assert directives["style-src"] == {"'self'"}
    assert directives["base-uri"] == {"'none'"}
    assert directives["frame-ancestors"] == {"'none'"}
    assert directives["form-action"] == {"'self'"}
    everything = set().union(*directives.values())
    assert everything <= {"'none'", "'self'", "data:"}
    assert "data:" not in directives["script-src"] | directives["style-src"]


@pytest.mark.parametrize("address", EVERY)
def test_the_other_headers_are_strict(https, address):
    response = get(https, address)
    assert response["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains; preload"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] in {"strict-origin-when-cross-origin", "same-origin"}
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    for feature in ("camera", "geolocation", "microphone"):
        assert f"{feature}=()" in response["Permissions-Policy"]
    assert response["X-Request-ID"]


@pytest.mark.parametrize(
    ("address", "reach"), [("/tentang/", "same-origin"), ("/tidak-ada/", "same-origin"), ("/api/v1/", "cross-origin")]
)
def test_other_sites_may_embed_the_open_api_alone(https, address, reach):
    assert get(https, address)["Cross-Origin-Resource-Policy"] == reach


@pytest.mark.parametrize("address", PUBLIC + REFUSED)
def test_no_page_may_be_framed(https, address):
    assert get(https, address)["X-Frame-Options"] == "DENY"


def test_a_fault_is_as_strict_as_a_page(https, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("portal.views.render", fail)
    response = get(https, "/tentang/")
    assert response.status_code == 500
    assert policy(response)["default-src"] == {"'none'"}
    assert response["X-Frame-Options"] == "DENY"
    assert not response.cookies


@pytest.mark.parametrize("address", PUBLIC + REFUSED + MACHINES)
def test_a_visitor_gets_no_cookie(https, address):
    response = get(https, address)
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_page_is_the_same_for_somebody_with_a_cookie(https, address):
    plain = get(https, address)
    https.cookies["__Host-sesi"] = "x" * 32
    again = get(https, address)
    assert plain.status_code == again.status_code == 200
    assert plain.content == again.content
    assert not again.cookies


def test_cookies_of_the_sign_in_are_bound_to_host_and_https(https):
    response = get(https, "/masuk/")
    assert response.cookies
    for name, cookie in response.cookies.items():
        assert name.startswith("__Host-")
        assert cookie["secure"]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert cookie["path"] == "/"
        assert not cookie["domain"]


@pytest.mark.parametrize("address", PUBLIC + SIGN_IN[:1])
def test_no_page_holds_what_its_policy_would_refuse(https, address):
    import re

    page = get(https, address).content.decode()
    assert not re.search(r"<[a-z][^>]*\sstyle\s*=", page)
    assert not re.search(r"<[a-z][^>]*\son[a-z]+\s*=", page)
    assert "<style" not in page
    assert not re.search(r"<script(?![^>]*\ssrc=)", page)
    # Links lead elsewhere; nothing is fetched from there.
    assert not re.search(r"<(?:script|img|link|iframe)[^>]*\s(?:src|href)=\"(?:https?:)?//", page)


# Mozilla's Observatory: https://github.com/mdn/mdn-http-observatory ---------------------------------


def observatory(response):
    """The score of one answer: 100, plus and minus what its headers earn. Bonuses count from 90 on, as there."""
    directives = policy(response)
    loose = {"'unsafe-inline'", "'unsafe-eval'", "*", "http:", "https:", "data:"}
    active = directives.get("script-src", directives["default-src"]) | directives.get("object-src", set())
    styled = directives.get("style-src", directives["default-src"])
    penalties, bonuses = [], []
    if active & loose:
        penalties.append(-20)
    elif styled & loose:
        bonuses.append(0)
    else:
        bonuses.append(10 if directives["default-src"] == {"'none'"} else 5)
    age = int(response["Strict-Transport-Security"].split(";")[0].split("=")[1])
    penalties.append(0 if age >= 15768000 else -10)
    penalties += [
        -20
        for cookie in response.cookies.values()
        if not cookie["secure"] or (("sesi" in cookie.key or "csrf" in cookie.key) and not cookie["httponly"])
    ]
    if response.cookies and all(
        cookie.key.startswith("__Host-") and cookie["samesite"] for cookie in response.cookies.values()
    ):
        bonuses.append(5)
    penalties.append(0 if response["X-Content-Type-Options"] == "nosniff" else -5)
    bonuses.append(5 if directives["frame-ancestors"] == {"'none'"} else 0)
    bonuses.append(
        5 if response["Referrer-Policy"] in {"no-referrer", "same-origin", "strict-origin-when-cross-origin"} else 0
    )
    bonuses.append(10 if response.get("Cross-Origin-Resource-Policy") in {"same-origin", "same-site"} else 0)
    score = 100 + sum(penalties)
    return score + sum(bonuses) if score >= 90 else score


@pytest.mark.parametrize("address", PUBLIC + REFUSED)
def test_public_answers_score_as_promised(https, address):
    assert observatory(get(https, address)) >= 130


@pytest.mark.parametrize("address", SIGN_IN)
def test_the_sign_in_scores_as_promised(https, address):
    assert observatory(get(https, address)) >= 115


OFFICE = ["/kerja/", "/kerja/rat/", "/kerja/impor/", "/masuk/akun/", "/masuk/sandi/", "/keluar/", "/kerja/tidak-ada/"]


def admin_pages():
    """Every list, form and further page of the admin that opens without a record."""
    yield from (reverse("admin:index"), "/admin/tidak-ada/")
    for model in admin.site._registry:
        for page in ("changelist", "add"):
            yield reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}")
    yield from (reverse(f"admin:cooperatives_cooperative_{name}") for name in ("quality", "doubles", "export"))


def test_what_the_office_sees_scores_as_promised(https):
    """Signed in as in production: cookies go by HTTPS alone."""
    https.force_login(make_user("administrator"))
    record = make_cooperative("KSP Maju")
    one = [
        reverse(f"admin:cooperatives_cooperative_{name}", args=[record.pk])
        for name in ("change", "history", "status", "merge", "void")
    ]
    scores, opened = {}, 0
    for address in (*OFFICE, *admin_pages(), *one):
        response = get(https, address)
        opened += response.status_code == 200
        assert response.status_code != 302 or address in OFFICE, address
        scores[address] = observatory(response)
    assert opened > 30, "control: pages were seen, not the way to the sign-in"
    assert {address: score for address, score in scores.items() if score < 115} == {}


def test_the_scoring_bites(https):
    response = get(https, "/tentang/")
    full = observatory(response)
    response["Content-Security-Policy"] += "; script-src 'self' 'unsafe-inline'"
    assert observatory(response) <= full - 30
    response["Strict-Transport-Security"] = "max-age=60"
    assert observatory(response) <= full - 40

"""The documentation of the API: drawn from our own files, under the policy that every page has."""

import re

import pytest

pytestmark = pytest.mark.django_db


def test_holds_nothing_inline_and_fetches_nothing_from_elsewhere(client):
    response = client.get("/api/docs/")
    page = response.content.decode()
    assert response.status_code == 200
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page)
    for address in re.findall(r'(?:src|href)="([^"]+)"', page):
        assert address.startswith("/"), address


@pytest.mark.parametrize("address", ["/api/docs/", "/api/docs/?script=", "/api/schema/"])
def test_sets_no_cookie_and_can_be_asked_again(client, address):
    response = client.get(address)
    assert response.status_code == 200
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")
    assert client.get(address, headers={"if-none-match": response["ETag"]}).status_code == 304


def test_the_script_opens_the_schema_and_knows_no_token(client):
    response = client.get("/api/docs/?script=")
    assert response["Content-Type"].startswith("application/javascript")
    script = response.content.decode()
    assert 'url: "/api/schema/"' in script.replace("\\u002D", "-")
    assert "csrf" not in script.lower()


def test_no_answer_of_the_api_varies_by_cookie(client):
    for address in ("/api/v1/", "/api/v1/cooperatives/", "/api/v1/nothing/"):
        assert "Cookie" not in client.get(address).get("Vary", ""), address

"""/kerja/: what the role can do, and what waits."""

import pytest
from django.core.cache import cache

from tests.factories import make_cooperative, make_regency, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", ["administrator", "staf_provinsi", "verifikator", "pimpinan", "petugas", "auditor"])
def test_every_link_of_the_page_opens_for_its_role(client, role):
    client.force_login(make_user(role))
    make_cooperative()
    page = client.get("/kerja/")
    assert page.status_code == 200
    urls = [url for *_words, url in (*page.context["links"], *page.context["todo"]) if url]
    assert urls
    for url in urls:
        assert client.get(url).status_code == 200, url


def test_an_officer_counts_the_own_regency_and_is_led_to_the_grid(client):
    own = make_regency("Berau")
    make_cooperative(regency=own)
    make_cooperative(regency=make_regency("Paser"))
    client.force_login(make_user("petugas", regency=own))
    page = client.get("/kerja/")
    assert page.context["queue"].standing == 1
    assert not any("/admin/" in url for *_words, url in (*page.context["links"], *page.context["todo"]))


def test_without_permissions_the_page_is_empty_but_there(client):
    user = make_user("auditor")
    user.groups.clear()
    client.force_login(user)
    page = client.get("/kerja/")
    assert page.status_code == 200
    assert "queue" not in page.context


def test_at_most_ten_queries(client, django_assert_max_num_queries):
    client.force_login(make_user("administrator"))
    make_cooperative()
    client.get("/kerja/")
    cache.clear()
    with django_assert_max_num_queries(10):
        client.get("/kerja/")


def test_a_visitor_is_led_to_the_sign_in(client):
    assert client.get("/kerja/").status_code == 302

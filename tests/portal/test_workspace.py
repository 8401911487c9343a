"""/kerja/: what the role can do, and what waits."""

from datetime import date

import pytest
from django.core.cache import cache
from django.urls import reverse

from assistance.stages import Stage
from cooperatives.models.proposal import propose
from tests.assistance.aid import at_stage, handed
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


@pytest.mark.parametrize("role", ["administrator", "staf_provinsi", "verifikator", "pimpinan", "petugas", "auditor"])
def test_at_most_eleven_queries(client, django_assert_max_num_queries, role):
    client.force_login(make_user(role))
    handed(at_stage(Stage.PROCURED), 2, confirm=False)
    client.get("/kerja/")
    cache.clear()
    with django_assert_max_num_queries(11):
        client.get("/kerja/")


class TestAid:
    def counted(self, client):
        """`{address: count}` of what waits."""
        return {url: count for count, _words, url in client.get("/kerja/").context["todo"]}

    def test_handovers_wait_for_whoever_may_confirm_them_and_did_not_enter_them(self, client):
        mine = make_user("administrator")
        package = at_stage(Stage.PROCURED)
        handed(package, 2, confirm=False)
        handed(package, 1, confirm=False, by=mine)
        handed(package, 1)
        waiting = f"{reverse('aid_list')}#h-wait"
        client.force_login(make_user("verifikator"))
        assert self.counted(client)[waiting] == 2
        client.force_login(mine)
        assert self.counted(client)[waiting] == 1
        client.force_login(make_user("staf_provinsi"))
        assert waiting not in self.counted(client)

    def test_they_are_counted_beside_proposed_statuses_not_with_them(self, client):
        handed(at_stage(Stage.PROCURED), 2, confirm=False)
        for _ in range(2):
            propose(make_cooperative(), status="inactive", since=date(2025, 2, 1), basis="x", by=make_user("petugas"))
        client.force_login(make_user("verifikator"))
        counts = self.counted(client)
        assert (counts[f"{reverse('aid_list')}#h-wait"], counts[reverse("status_proposals")]) == (1, 2)

    @pytest.mark.parametrize("role", ["administrator", "petugas", "auditor"])
    def test_is_one_step_away_in_links_and_menu(self, client, role):
        client.force_login(make_user(role))
        page = client.get("/kerja/")
        assert reverse("aid_list") in [url for *_words, url in page.context["links"]]
        menu = page.content.decode().split('class="menu"')[1].split("</nav>")[0]
        assert f'href="{reverse("aid_list")}"' in menu


def test_a_visitor_is_led_to_the_sign_in(client):
    assert client.get("/kerja/").status_code == 302

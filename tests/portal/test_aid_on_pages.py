"""The aid on a cooperative's and a regency's page, and on the map: what the public list says, and nothing before it."""

import pytest
from django.urls import reverse

from assistance.models import Package
from assistance.stages import Stage
from portal.aid import received_by, received_in
from portal.picture import AID, Picture
from tests.assistance.aid import at_stage, make_recipient, proposed
from tests.factories import make_regency

pytestmark = pytest.mark.django_db


def text(response):
    return response.content.decode()


def test_a_cooperative_shows_what_it_received_and_nothing_before_the_decree(client):
    given = at_stage(Stage.HANDED_OVER)
    cooperative = given.recipient.cooperative
    waiting = proposed(recipient=given.recipient)
    page = text(client.get(cooperative.get_absolute_url()))
    assert given.get_absolute_url() in page
    assert waiting.get_absolute_url() not in page
    assert received_by(cooperative).count == 1


def test_a_cooperative_without_aid_says_so(client):
    cooperative = make_recipient().cooperative
    assert "Belum ada bantuan tercatat di sini" in text(client.get(cooperative.get_absolute_url()))


def test_a_regency_counts_what_the_list_counts(client):
    packages = [at_stage(Stage.DECREED) for _package in range(3)]
    regency, other = packages[0].regency, make_regency("Berau")
    aid = received_in(regency)
    assert aid.count == 3 == Package.objects.public().filter(regency=regency).count()
    assert aid.value_unknown == 3
    page = text(client.get(regency.get_absolute_url()))
    assert all(one.get_absolute_url() in page for one in packages)
    assert f"{reverse('assistance')}?wilayah={regency.slug}" not in page, "all of them stand there already"
    assert "Belum ada bantuan tercatat di sini" in text(client.get(other.get_absolute_url()))


def test_a_person_stands_there_by_initials_only(client):
    recipient = make_recipient("Siti Rahasia", kind="person")
    package = at_stage(Stage.DECREED, recipient=recipient)
    page = text(client.get(package.regency.get_absolute_url()))
    assert "S. R." in page
    assert "Rahasia" not in page


def test_the_map_measures_aid_and_says_where_there_is_none(client):
    package = at_stage(Stage.DECREED)
    other = make_regency("Berau", tile_row=1, tile_column=2)
    picture = Picture(AID, package.decreed_on)
    assert {line.regency.name: line.aid for line in picture.lines} == {package.regency.name: 1, other.name: 0}
    page = text(client.get("/wilayah/?ukuran=bantuan"))
    assert "belum ada bantuan tercatat" in page
    assert f"{reverse('assistance')}?wilayah={package.regency.slug}" in page


def test_a_page_changes_with_its_aid(client):
    package = at_stage(Stage.BUDGETED)
    url = package.recipient.cooperative.get_absolute_url()
    before = client.get(url)["ETag"]
    at_stage(Stage.DECREED, recipient=package.recipient)
    assert client.get(url)["ETag"] != before

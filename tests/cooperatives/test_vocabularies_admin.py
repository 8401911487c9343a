"""The vocabularies in the admin: one spelling means one word, and a used word stays."""

import pytest
from django.urls import reverse

from common.models import DataVersion
from cooperatives.models import Group
from tests.factories import make_cooperative, make_group, make_user
from tests.filled_form import filled_form

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _signed_in(client):
    client.force_login(make_user("administrator"))


def add(client, **values):
    url = reverse("admin:cooperatives_group_add")
    return client.post(url, filled_form(client.get(url), "group_form") | values)


def test_a_word_is_entered_with_its_spellings_and_published(client):
    assert (
        add(client, name="Serba Usaha", abbreviation="KSU", synonyms="Kop. Serba Usaha\r\nKSU\r\n").status_code == 302
    )
    assert Group.objects.named("kop serba usaha").name == "Serba Usaha"
    assert DataVersion.read("cooperatives")["cooperatives"][0] >= 1


@pytest.mark.parametrize(
    "values",
    [
        {"name": "Lain", "synonyms": "kop. serba usaha"},
        {"name": "Lain", "abbreviation": "ksu"},
        {"name": "SERBA USAHA"},
    ],
)
def test_a_spelling_that_means_another_word_is_refused(client, values):
    make_group("Serba Usaha", abbreviation="KSU", synonyms="Kop. Serba Usaha")
    page = add(client, **values)
    assert "Serba Usaha" in str(page.context["adminform"].form.errors["synonyms"])


def test_a_used_word_stays_and_an_unused_one_can_go(client):
    used, unused = make_group(), make_group()
    bearer = make_cooperative("KSP Maju", group=used)
    for group, status in ((used, 200), (unused, 302)):
        url = reverse("admin:cooperatives_group_delete", args=[group.pk])
        page = client.post(url, {"post": "yes"})
        assert page.status_code == status
        if group == used:
            # Not for want of a permission, but for what bears the word.
            assert page.context["perms_lacking"] == set()
            link = reverse("admin:cooperatives_cooperative_change", args=[bearer.pk])
            assert f'<a href="{link}">KSP Maju</a>' in page.content.decode()
    assert list(Group.objects.all()) == [used]


@pytest.mark.parametrize("name", ["form", "kind", "group", "sector"])
def test_each_vocabulary_has_its_list(client, name):
    assert client.get(reverse(f"admin:cooperatives_{name}_changelist"), {"q": "x"}).status_code == 200


def test_the_list_counts_other_spellings(client):
    make_group("Serba Usaha", synonyms="a\n\nb\n")
    page = client.get(reverse("admin:cooperatives_group_changelist"))
    assert '<td class="field-spellings_count">2</td>' in page.content.decode()

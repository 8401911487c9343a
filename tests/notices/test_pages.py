"""/kerja/pemberitahuan/ and the notices on the first page of the workspace."""

import html
import re
import uuid

import pytest
from django.core.cache import cache
from django.utils import timezone

from notices.models import Notice
from tests.factories import make_cooperative, make_user
from tests.notices.made import make_notice

pytestmark = pytest.mark.django_db

LIST = "/kerja/pemberitahuan/"


@pytest.fixture
def user(client):
    user = make_user("petugas", "siti")
    client.force_login(user)
    return user


def test_the_own_stand_newest_first_twenty_five_a_page(client, user):
    make_notice(make_user("auditor"), subject="Bukan untuknya")
    notices = [make_notice(user) for _number in range(27)]
    page = client.get(LIST)
    assert [notice.pk for notice, _message in page.context["rows"]] == [one.pk for one in notices[:1:-1]]
    second = client.get(f"{LIST}?page=2")
    assert [notice.pk for notice, _message in second.context["rows"]] == [notices[1].pk, notices[0].pk]
    assert "Bukan untuknya" not in page.content.decode() + second.content.decode()


def test_what_is_not_seen_says_so_in_words(client, user):
    notice = make_notice(user)
    assert client.get(LIST).content.decode().count("belum dilihat") == 1
    notice.see()
    page = client.get(LIST).content.decode()
    assert "belum dilihat" not in page and "Tandai semua" not in page


def test_an_empty_list_says_what_will_come(client, user):
    assert "Belum ada pemberitahuan" in client.get(LIST).content.decode()


def test_words_of_a_notice_are_never_markup(client, user):
    make_notice(user, subject="<b>tebal</b>", text="</textarea><script>x</script>\n& 'kutip'")
    for address in (LIST, "/kerja/"):
        page = client.get(address).content.decode()
        assert "<b>tebal" not in page and "<script>x" not in page and "</textarea><" not in page


@pytest.mark.parametrize("site", ["", "https://koperasi.example.go.id"])
def test_each_offers_a_text_to_send_on_with_the_full_address(client, user, settings, site):
    settings.SITE_URL = site
    make_notice(user, subject="Laporan & lampiran", text="Satu.\nDua.", path="/kerja/rat/?tahun=2024&isi=belum")
    page = client.get(LIST).content.decode()
    copied = html.unescape(re.search(r"<textarea[^>]* readonly>(.*?)</textarea>", page, re.DOTALL)[1])
    address = f"{site or 'http://testserver'}/kerja/rat/?tahun=2024&isi=belum"
    assert copied == f"Laporan & lampiran\n\nSatu.\nDua.\n\n{address}"


def test_opening_marks_it_as_seen_and_leads_on(client, user):
    notice, other = make_notice(user, path="/kerja/koperasi/"), make_notice(user, path="")
    answer = client.post(f"{LIST}{notice.pk}/buka/")
    assert (answer.status_code, answer["Location"]) == (302, "/kerja/koperasi/")
    assert list(Notice.objects.unseen()) == [other]
    assert client.post(f"{LIST}{other.pk}/buka/")["Location"] == LIST
    assert not Notice.objects.unseen().exists()


def test_all_are_marked_as_seen_and_nobody_elses(client, user):
    foreign = make_notice(make_user("auditor"))
    before = make_notice(user, seen_at=timezone.now())
    for _number in range(3):
        make_notice(user)
    page = client.post(f"{LIST}dilihat/", follow=True)
    assert page.redirect_chain == [(LIST, 302)]
    assert "3 pemberitahuan ditandai" in page.content.decode()
    assert list(Notice.objects.unseen()) == [foreign]
    assert Notice.objects.get(pk=before.pk).seen_at == before.seen_at


def test_a_foreign_notice_answers_like_one_that_does_not_exist(client, user):
    foreign = make_notice(make_user("auditor"), path="/kerja/rahasia/")
    known, unknown = (client.post(f"{LIST}{pk}/buka/") for pk in (foreign.pk, uuid.uuid4()))
    assert known.status_code == unknown.status_code == 404
    assert _without_numbers(known) == _without_numbers(unknown)
    assert Notice.objects.unseen().filter(pk=foreign.pk).exists()


def _without_numbers(page):
    """Without what differs at every request: its number, its token, its address."""
    text = re.sub(r'(name="csrfmiddlewaretoken" value=)"[^"]*"', r"\1", page.content.decode())
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\b[0-9a-f]{12}\b", "", text)


@pytest.mark.parametrize("method", ["get", "head", "put", "delete"])
def test_only_a_post_changes_anything(client, user, method):
    notice = make_notice(user)
    for address in (f"{LIST}{notice.pk}/buka/", f"{LIST}dilihat/"):
        assert getattr(client, method)(address).status_code == 405
    client.get(LIST)
    client.get("/kerja/")
    assert Notice.objects.unseen().exists()
    assert client.post(LIST).status_code == 405


def test_odd_questions_bring_no_fault(client, user):
    make_notice(user)
    for page in ("0", "-1", "x", "9" * 30, ""):
        assert client.get(f"{LIST}?page={page}").status_code == 200
    for key in ("0", "x", "9" * 30):
        assert client.post(f"{LIST}{key}/buka/").status_code == 404


def test_a_longer_list_asks_no_more_questions(client, user, django_assert_num_queries):
    make_notice(user)
    client.get(LIST)
    for _size in range(2):
        # Session, person, two of permissions, regency, data versions; count, page, whether any is unseen.
        with django_assert_num_queries(8):
            client.get(LIST)
        for _number in range(20):
            make_notice(user)


# -- The workspace ------------------------------------------------------------------------------------


def test_the_workspace_shows_the_newest_unseen_above_everything(client, user):
    assert LIST in client.get("/kerja/").content.decode(), "the menu leads to the list"
    notices = [make_notice(user) for _number in range(7)]
    page = client.get("/kerja/").content.decode()
    assert "7 pemberitahuan belum dilihat" in page
    for notice in notices[2:]:
        assert f"{LIST}{notice.pk}/buka/" in page
    assert str(notices[1].pk) not in page
    assert page.index(str(notices[-1].pk)) < page.index(str(notices[-2].pk)) < page.index("<h2>Pekerjaan")
    Notice.objects.mark_seen()
    assert "/buka/" not in client.get("/kerja/").content.decode()


@pytest.mark.parametrize("count", [0, 1, 30])
def test_with_notices_the_workspace_still_asks_ten_questions_at_most(client, count, django_assert_max_num_queries):
    administrator = make_user("administrator")
    client.force_login(administrator)
    make_cooperative()
    for _number in range(count):
        make_notice(administrator)
    client.get("/kerja/")
    cache.clear()
    with django_assert_max_num_queries(10):
        client.get("/kerja/")

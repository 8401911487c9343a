"""`post`: one row for each key, however often it runs; and who sees what of it."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.db.models.functions import Now

from notices.models import CHUNK, Notice, post, unseen_of
from tests.factories import make_user
from tests.notices.made import make_notice, unsaved

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return make_user("auditor", "siti")


def batch(user, *keys, **values):
    return [unsaved(user, key=key, **values) for key in keys]


def test_ten_runs_post_once(user):
    new = [post(batch(user, "a", "b", "c")) for _run in range(10)]
    assert new == [3] + [0] * 9
    assert Notice.objects.count() == 3


def test_a_later_run_adds_what_is_new_and_changes_nothing_that_is_there(user):
    post(batch(user, "a", subject="Pertama"))
    before = Notice.objects.values().get()
    assert post(batch(user, "b", "a", subject="Kedua")) == 1
    assert Notice.objects.filter(key="a").values().get() == before
    assert Notice.objects.get(key="b").subject == "Kedua"


def test_a_key_that_stands_twice_in_one_run_is_one_notice(user):
    assert post(batch(user, "a", "a")) == 1
    assert post([]) == 0


def test_the_number_of_questions_does_not_grow_with_the_number_of_notices(user, django_assert_num_queries):
    for count in (2, 80):
        with django_assert_num_queries(4):  # savepoint, insert, count, release
            assert post(batch(user, *(f"{count}:{number}" for number in range(count)))) == count
    assert CHUNK > 80


@pytest.mark.parametrize(
    "odd",
    [
        {"key": ""},
        {"key": "x" * 201},
        {"subject": ""},
        {"subject": "x" * 201},
        {"subject": "Satu\nBcc: semua@example.id"},
        {"text": ""},
        {"path": "kerja/"},
        {"path": "//contoh.id/"},
        {"path": "/\\contoh.id/"},
        {"path": "https://contoh.id/"},
        {"path": "/a b"},
        {"path": "/a\n"},
        {"created_at": None},
    ],
)
def test_what_could_not_stand_is_refused_aloud_and_takes_the_others_with_it(user, odd):
    """SQLite would skip it in silence together with the keys that are there."""
    with pytest.raises(ValidationError):
        post([unsaved(user), unsaved(user, **odd)])
    assert not Notice.objects.exists()


def test_a_notice_for_nobody_is_refused(user):
    with pytest.raises(ValueError, match="no recipient"):
        post([unsaved(user), Notice(key="x", subject="x", text="x")])
    assert not Notice.objects.exists()


@pytest.mark.parametrize("path", ["", "/", "/kerja/laporan/3/", "/kerja/?q=a%20b&page=2#isi"])
def test_a_path_of_the_portal_is_taken(user, path):
    assert post([unsaved(user, path=path)]) == 1


@pytest.mark.parametrize("odd", [{"key": ""}, {"path": "//contoh.id/"}, {"path": "kerja/"}])
def test_the_database_holds_it_too(user, odd):
    with pytest.raises(IntegrityError), transaction.atomic():
        make_notice(user, **odd)


def test_who_has_notices_cannot_be_deleted(user):
    make_notice(user)
    with pytest.raises(ProtectedError):
        user.delete()


def test_a_person_sees_the_own_only_whatever_the_role(user):
    own = make_notice(user)
    head = make_user("administrator")
    make_notice(head)
    assert list(Notice.objects.visible_to(user)) == [own]
    assert own not in Notice.objects.visible_to(head)


def test_seen_stays_as_it_was_the_first_time(user):
    notice = make_notice(user)
    notice.see()
    first = Notice.objects.get().seen_at
    assert first is not None
    notice.see()
    assert Notice.objects.get().seen_at == first
    assert not Notice.objects.unseen().exists()


def test_unseen_are_counted_and_the_newest_five_named_in_one_question(user, django_assert_num_queries):
    make_notice(make_user("auditor", "lain"))
    make_notice(user, seen_at=Now())
    with django_assert_num_queries(1):
        assert (unseen_of(user).count, unseen_of.__defaults__) == (0, (5,))
    notices = [make_notice(user) for _number in range(7)]
    with django_assert_num_queries(1):
        unseen = unseen_of(user)
        assert unseen.count == 7
        assert [one.pk for one in unseen.first] == [one.pk for one in notices[:1:-1]]

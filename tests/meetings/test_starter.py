"""The round of 2013 and the meeting of 2012 as the founding texts tell of them; and the invented ones."""

import io

import pytest
from django.core.management import CommandError, call_command

import figures.starter
import regions.starter
from common.dates import today
from meetings import demo, planning, starter
from meetings.models import FollowUp, Meeting, Round
from tests.meetings.made import make_meeting, staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def founded():
    regions.starter.load()
    figures.starter.load()
    return starter.load()


def test_four_meetings_and_one_round_with_their_source(founded):
    assert [(table.added, table.skipped) for table in founded] == [(1, ()), (4, ())]
    rows = Meeting.objects.order_by("host__name").values_list("host__name", "status", "starts_on", "source__key")
    told = "pr-2013-09-11"
    assert [(host, status, day and f"{day}", source.lower()) for host, status, day, source in rows] == [
        ("Balikpapan", "held", "2012-05-16", "bisnis-2012-05-16"),
        ("Kutai Barat", "held", None, told),
        ("Kutai Kartanegara", "held", None, told),
        ("Penajam Paser Utara", "planned", None, told),
    ]
    assert Round.objects.get().year == 2013 and Round.objects.get().meetings.count() == 3
    assert not Meeting.objects.filter(is_demo=True).exists()


def test_the_plan_of_2013_is_no_next_meeting(founded, client):
    assert not Meeting.objects.upcoming().exists()
    text = client.get("/rapat/").content.decode()
    assert "direncanakan menurut rilis 11 September 2013" in text
    assert "2 dari 10 kabupaten/kota sudah didatangi" in text


def test_a_second_run_adds_nothing_and_brings_nothing_back(founded):
    meeting = Meeting.objects.get(host__slug="balikpapan")
    planning.take_out(meeting, by=staff(), reason="Dobel")
    renamed = Meeting.objects.get(host__slug="kutai-barat")
    planning.revise(renamed, {"title": "Judul baru"}, by=staff())
    assert [table.added for table in starter.load()] == [0, 0]
    assert Meeting.objects.count() == 4


def test_the_invented_ones_come_once_tell_every_state_and_go_again(founded):
    real = make_meeting("Berau", title="Rapat sungguhan")
    assert demo.make() == 10 and demo.make() == 0
    made = Meeting.objects.filter(is_demo=True)
    assert set(made.values_list("status", flat=True)) == {"held", "planned"}
    assert made.filter(steps__to="postponed").exists() and made.filter(starts_on__gt=today()).exists()
    assert set(FollowUp.objects.values_list("status", flat=True)) == {"open", "reported", "done", "dropped"}
    assert all("contoh" in one.title for one in made)
    assert demo.remove() == 10
    assert not Meeting.objects.filter(is_demo=True).exists() and not FollowUp.objects.exists()
    assert not Meeting.history.filter(is_demo=True).exists() and not Round.objects.filter(is_demo=True).exists()
    assert Meeting.objects.filter(pk=real.pk).exists() and Meeting.objects.count() == 5


def test_what_is_real_on_what_is_invented_holds_it_back(founded):
    demo.make()
    invented = Round.objects.get(is_demo=True)
    make_meeting("Berau", title="Rapat sungguhan", round=invented)
    out = io.StringIO()
    with pytest.raises(CommandError, match="Nothing was removed"):
        call_command("make_demo", remove=True, stdout=out)
    assert Meeting.objects.filter(is_demo=True).count() == 10

"""The page behind the label: what everybody may know of a unit, and what a citizen may say of it."""

import html
import re
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assistance import proof, unit_page
from assistance.models import Hint, Package, Unit
from assistance.stages import Stage
from common import counting
from common.dates import today
from tests.assistance.aid import (
    PRIVATE,
    PRIVATE_RECIPIENT,
    add_units,
    at_stage,
    fresh,
    handed,
    leaks,
    with_canaries,
)
from tests.factories import make_user

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"
OWN = {"origin": "http://testserver"}


@pytest.fixture
def unit():
    return at_stage(Stage.HANDED_OVER).units.first()


@pytest.fixture
def visitor():
    return Client(enforce_csrf_checks=True)


def words(response):
    text = re.sub(r"<[^>]+>", " ", html.unescape(response.content.decode()))
    return " ".join(text.replace("\u00a0", " ").split())


def form_of(client, unit):
    """The hidden token, as the page gives it to whoever opens it."""
    page = client.get(unit.get_absolute_url()).content.decode()
    return {"token": html.unescape(re.search(r'name="token" value="([^"]+)"', page)[1])}


def say(client, unit, /, headers=None, address=None, **values):
    sent = form_of(client, unit) | {"answer": "here", "note": ""} | values
    sent = {name: value for name, value in sent.items() if value is not None}
    more = {"REMOTE_ADDR": address} if address else {}
    path = reverse("say_hint", args=[unit.code])
    return client.post(path, urlencode(sent), content_type=FORM, headers=headers, **more)


class TestThePage:
    def test_says_what_it_is_whose_it_should_be_and_when_it_was_seen(self, client):
        unit = with_canaries()
        said = words(client.get(unit.get_absolute_url()))
        for one in (
            unit.code,
            "Sepeda motor roda tiga",
            "Viar Karya 200",
            "2024",
            "Kelompok Pasar Melak",
            "Kutai Barat",
            "Program sarana usaha koperasi, 2024",
            "18 November 2024",
            "20 Februari 2025",
            unit.get_state_display(),
            unit.get_condition_display(),
        ):
            assert one in said, one

    def test_tells_what_was_never_seen_from_what_was(self, client, unit):
        before = client.get(unit.get_absolute_url()).content.decode()
        assert before.count('class="badge nil"') == 1
        unit = Unit.objects.select_related("package__kind").get(pk=unit.pk)
        unit.observe(state="broken", on=today(), by=None, basis="Kunjungan")
        after = client.get(unit.get_absolute_url()).content.decode()
        assert 'class="badge nil"' not in after and 'class="badge bad"' in after

    def test_what_was_never_seen_but_is_known_as_lost_says_so(self, client, unit):
        unit = Unit.objects.select_related("package__kind").get(pk=unit.pk)
        unit.observe(state="lost", on=today(), by=None, basis="Laporan polisi", is_seen=False)
        assert 'class="badge bad"' in client.get(unit.get_absolute_url()).content.decode()

    def test_its_form_shows_nothing_beside_its_fields(self, client, unit):
        page = client.get(unit.get_absolute_url()).content.decode()
        assert re.search(r'<div class="put"><textarea[^>]*>\s*</textarea></div>', page)

    def test_leads_to_the_package(self, client, unit):
        assert f'href="{unit.package.get_absolute_url()}"' in client.get(unit.get_absolute_url()).content.decode()

    def test_holds_nothing_private_in_either_language(self, client):
        unit = with_canaries()
        for address in (unit.get_absolute_url(), f"/en{unit.get_absolute_url()}"):
            page = html.unescape(client.get(address).content.decode())
            assert leaks(page) == []
        assert leaks(" ".join([*PRIVATE.values(), *PRIVATE_RECIPIENT.values()])), "control: the canaries are found"

    @pytest.mark.parametrize(
        "typed", [str.lower, lambda code: code.replace("-", ""), lambda code: code.replace("-", " ")]
    )
    def test_a_code_typed_otherwise_leads_to_its_one_address(self, client, unit, typed):
        response = client.get(reverse("aid_unit", args=[typed(unit.code)]))
        assert (response.status_code, response["Location"]) == (302, unit.get_absolute_url())

    def test_a_unit_not_handed_over_answers_like_a_code_that_nothing_has(self, client):
        unit = add_units(at_stage(Stage.PROCURED))[0]
        unknown = "2345-6789-ABCD"
        for path in ("aid_unit", "hint_thanks"):
            there, missing = (client.get(reverse(path, args=[code])) for code in (unit.code, unknown))
            assert there.status_code == missing.status_code == 404
            numberless = [
                re.sub(r"\b[0-9a-f]{12}\b|[0-9A-Z]{4}(-[0-9A-Z]{4}){2}", "", words(one)) for one in (there, missing)
            ]
            assert numberless[0] == numberless[1]
        for code in (unit.code, unknown):
            sent = urlencode({"answer": "here", "token": proof.token(code)})
            assert client.post(reverse("say_hint", args=[code]), sent, content_type=FORM).status_code == 404

    def test_an_entered_handover_is_not_yet_public(self, client):
        package = at_stage(Stage.PROCURED)
        made = handed(package, confirm=False)
        assert client.get(made.units.first().get_absolute_url()).status_code == 404

    def test_a_unit_of_a_package_that_is_not_public_is_not_there(self, client, unit):
        Package.objects.filter(pk=unit.package_id).update(is_public=False)
        assert client.get(unit.get_absolute_url()).status_code == 404

    def test_sets_no_cookie_and_costs_few_queries(self, client, unit, django_assert_max_num_queries):
        with django_assert_max_num_queries(4):
            client.get(unit.get_absolute_url())
        assert not client.cookies

    def test_the_page_of_yesterday_is_not_handed_out_today(self, client, unit, monkeypatch):
        first = client.get(unit.get_absolute_url())
        tomorrow = timezone.now() + timedelta(days=1)
        monkeypatch.setattr(timezone, "now", lambda: tomorrow)
        again = client.get(unit.get_absolute_url(), headers={"if-none-match": first["ETag"]})
        assert again.status_code == 200
        assert again.content != first.content


class TestFindingOne:
    def test_a_code_however_it_is_typed_leads_to_the_unit(self, client, unit):
        for typed in (unit.code, unit.code.lower(), unit.code.replace("-", ""), f"  {unit.code} "):
            response = client.get(reverse("aid_unit_find"), {"kode": typed})
            assert (response.status_code, response["Location"]) == (302, unit.get_absolute_url())

    @pytest.mark.parametrize("typed", ["2345-6789-ABCD", "0O1I", "x" * 500, "<script>", "'--"])
    def test_a_wrong_code_is_told_so_and_stays_where_it_was_typed(self, client, typed):
        response = client.get(reverse("aid_unit_find"), {"kode": typed})
        page = response.content.decode()
        assert response.status_code == 200
        assert 'class="errors bad"' in page and 'aria-invalid="true"' in page
        assert f'value="{html.escape(typed[:60])}"' in page

    def test_an_unknown_code_is_told_from_what_is_none(self, client):
        unknown, none = (client.get(reverse("aid_unit_find"), {"kode": code}) for code in ("2345-6789-ABCD", "0000"))
        assert (
            re.search(r'role="alert">(.*?)</div>', unknown.content.decode())[1]
            != re.search(r'role="alert">(.*?)</div>', none.content.decode())[1]
        )

    def test_a_code_that_is_not_handed_over_answers_like_an_unknown_one(self, client):
        unit = add_units(at_stage(Stage.PROCURED))[0]
        pages = [
            client.get(reverse("aid_unit_find"), {"kode": code}).content.decode().replace(code, "")
            for code in (unit.code, "2345-6789-ABCD")
        ]
        assert pages[0] == pages[1]

    def test_nothing_typed_is_no_mistake(self, client):
        for query in ({}, {"kode": "  "}):
            assert 'class="errors' not in client.get(reverse("aid_unit_find"), query).content.decode()


class TestSaying:
    def test_still_here_or_not_with_a_note_is_kept_once(self, visitor, unit):
        response = say(visitor, unit, answer="gone", note="Sudah dijual\nke Samarinda")
        assert (response.status_code, response["Location"]) == (302, reverse("hint_thanks", args=[unit.code]))
        hint = Hint.objects.get()
        assert (hint.unit, hint.answer, hint.note, hint.state) == (unit, "gone", "Sudah dijual\nke Samarinda", "new")
        assert not visitor.cookies
        assert visitor.get(response["Location"]).status_code == 200

    def test_a_double_click_gets_the_same_answer_and_is_one_hint(self, visitor, unit):
        answers = [say(visitor, unit, note="Masih dipakai") for _ in range(3)]
        assert {(one.status_code, one["Location"]) for one in answers} == {
            (302, reverse("hint_thanks", args=[unit.code]))
        }
        say(visitor, unit, note="  masih   DIPAKAI ")
        assert Hint.objects.count() == 1
        say(visitor, unit, note="Masih dipakai", answer="gone")
        say(visitor, unit, note="Tidak dipakai")
        other = Unit.objects.exclude(pk=unit.pk).first()
        say(visitor, other, note="Masih dipakai")
        assert Hint.objects.count() == 4, "control: other words, another answer, another unit"

    def test_the_same_words_on_another_day_are_another_hint(self, visitor, unit, monkeypatch):
        say(visitor, unit)
        tomorrow = timezone.now() + timedelta(days=1)
        monkeypatch.setattr(timezone, "now", lambda: tomorrow)
        say(visitor, unit)
        assert Hint.objects.count() == 2

    def test_it_changes_no_page_of_the_public(self, visitor, unit):
        before = visitor.get(unit.get_absolute_url())
        say(visitor, unit, answer="gone", note="Rahasia warga")
        after = visitor.get(unit.get_absolute_url())
        assert after.content == before.content and after["ETag"] == before["ETag"]

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"answer": None}, "answer"),
            ({"answer": "maybe"}, "answer"),
            ({"note": "x" * 501}, "note"),
            ({"note": "a\0b"}, "note"),
            ({"note": "a\u202eb"}, "note"),
            ({"note": "pas\u0430r"}, "note"),
        ],
    )
    def test_what_is_wrong_is_said_beside_the_field_and_what_was_typed_stays(self, visitor, unit, values, field):
        response = say(visitor, unit, **({"note": "Ketikan saya"} | values))
        page = response.content.decode()
        assert response.status_code == 400 and not Hint.objects.exists()
        assert set(response.context["form"].errors) == {field}
        assert 'class="errors bad"' in page and 'class="field bad"' in page
        assert values.get("note", "Ketikan saya") in page

    def test_no_field_outside_the_form_can_be_set(self, visitor, unit):
        other = Unit.objects.exclude(pk=unit.pk).first()
        sent = {"state": "noted", "comment": "x", "decided_by": "1", "unit": str(other.pk), "said_at": "2001-01-01"}
        assert say(visitor, unit, **sent).status_code == 302
        hint = Hint.objects.get()
        assert (hint.state, hint.comment, hint.decided_by, hint.unit) == ("new", "", None, unit)
        assert hint.said_at.year > 2001

    def test_five_hundred_signs_fit(self, visitor, unit):
        assert say(visitor, unit, note="x" * 500).status_code == 302

    def test_a_file_or_json_is_no_form_of_the_page(self, visitor, unit):
        path, sent = reverse("say_hint", args=[unit.code]), form_of(visitor, unit) | {"answer": "here"}
        assert visitor.post(path, sent).status_code == 400
        assert visitor.post(path, sent, content_type="application/json").status_code == 400
        assert not Hint.objects.exists()

    def test_it_is_no_page_to_open(self, visitor, unit):
        assert visitor.get(reverse("say_hint", args=[unit.code])).status_code == 405


class TestTheToken:
    def refused(self, visitor, unit, token, status=403):
        response = say(visitor, unit, token=token, note="Ketikan saya")
        assert response.status_code == status
        assert not Hint.objects.exists()
        assert "Ketikan saya" in response.content.decode()
        return response

    def test_missing_forged_or_of_another_unit_is_refused(self, visitor, unit):
        other = Unit.objects.exclude(pk=unit.pk).first()
        good = proof.token(unit.code)
        for token in (None, "", "x", "a\0b", good[:-1] + ("A" if good[-1] != "A" else "B"), proof.token(other.code)):
            self.refused(visitor, unit, token)
        assert say(visitor, unit, token=good).status_code == 302, "control"

    def test_it_holds_on_its_day_and_the_next_and_no_longer(self, visitor, unit):
        for days, is_good in ((0, True), (1, True), (2, False), (-1, False)):
            token = proof.token(unit.code, on=today() - timedelta(days=days))
            assert proof.holds(token, unit.code) is is_good, days
        self.refused(visitor, unit, proof.token(unit.code, on=today() - timedelta(days=2)))

    def test_what_is_refused_comes_back_in_a_form_that_can_be_sent(self, visitor, unit):
        page = self.refused(visitor, unit, "x").content.decode()
        fresh_token = html.unescape(re.search(r'name="token" value="([^"]+)"', page)[1])
        assert say(visitor, unit, token=fresh_token).status_code == 302

    def test_control_without_looking_at_it_anything_goes_in(self, visitor, unit, monkeypatch):
        monkeypatch.setattr(proof, "holds", lambda sent, code: True)
        assert say(visitor, unit, token="x").status_code == 302


class TestOtherSites:
    @pytest.mark.parametrize(
        "headers",
        [
            {"origin": "https://evil.example"},
            {"origin": "null"},
            {"origin": "http://testserver.evil.example"},
            {"origin": "https://testserver"},
            {"sec-fetch-site": "cross-site"},
            {"sec-fetch-site": "same-site"},
            {"origin": "http://testserver", "sec-fetch-site": "cross-site"},
        ],
    )
    def test_are_refused_in_words_whatever_token_they_bring(self, visitor, unit, headers):
        response = say(visitor, unit, headers=headers)
        assert response.status_code == 403 and not Hint.objects.exists()
        assert "situs" in words(response) or "another site" in words(response)

    @pytest.mark.parametrize(
        "headers",
        [{}, {"origin": "http://testserver"}, {"origin": "http://testserver", "sec-fetch-site": "same-origin"}],
    )
    def test_the_own_page_and_what_is_no_browser_are_let_in(self, visitor, unit, headers):
        assert say(visitor, unit, headers=headers).status_code == 302

    def test_an_origin_that_the_office_trusts_is_its_own(self, visitor, unit, settings):
        settings.CSRF_TRUSTED_ORIGINS = ["https://koperasi.example.go.id"]
        assert say(visitor, unit, headers={"origin": "https://koperasi.example.go.id"}).status_code == 302


class TestTooMany:
    @pytest.fixture
    def clock(self, monkeypatch):
        moment = [1_700_000_000.0 // 3600 * 3600 + 600]
        monkeypatch.setattr(counting.time, "time", lambda: moment[0])
        return moment

    def test_answers_of_one_address_are_told_when_to_come_back(self, visitor, unit, clock, monkeypatch):
        monkeypatch.setattr(unit_page, "MOST_OF_ADDRESS", 2)
        answers = [say(visitor, unit, note=f"Kata {n}") for n in range(4)]
        assert [one.status_code for one in answers] == [302, 302, 429, 429]
        assert answers[-1]["Retry-After"] == "3000"
        assert "50 " in words(answers[-1]) and "Kata 3" in answers[-1].content.decode()
        assert Hint.objects.count() == 2
        assert say(visitor, unit, note="Kata 5", address="203.0.113.9").status_code == 302, "control: another address"
        clock[0] += 3000
        assert say(visitor, unit, note="Kata 6").status_code == 302, "control: the next hour"

    def test_answers_about_one_unit_are_counted_whoever_says_them(self, visitor, unit):
        codes = [
            say(visitor, unit, note=f"Kata {n}", address=f"203.0.113.{n}").status_code
            for n in range(1, unit_page.MOST_OF_UNIT + 2)
        ]
        assert codes == [302] * unit_page.MOST_OF_UNIT + [429]
        assert Hint.objects.count() == unit_page.MOST_OF_UNIT
        assert say(visitor, unit, note="Kata 1", address="203.0.113.1").status_code == 302, "said already: no new one"
        other = Unit.objects.exclude(pk=unit.pk).first()
        assert say(visitor, other).status_code == 302, "control: another unit"
        Hint.objects.filter(unit=unit).update(said_at=timezone.now() - timedelta(hours=2))
        assert say(visitor, unit, note="Lain").status_code == 302, "control: an hour later"

    def test_control_without_the_limits_everything_goes_in(self, visitor, unit, monkeypatch):
        monkeypatch.setattr(unit_page, "MOST_OF_ADDRESS", 10**6)
        monkeypatch.setattr(unit_page, "MOST_OF_UNIT", 10**6)
        for n in range(10):
            say(visitor, unit, note=f"Kata {n}")
        assert Hint.objects.count() == 10


def test_fresh_is_public_from_its_handover(client):
    """The same address: nothing before, the page after."""
    package = at_stage(Stage.PROCURED)
    made = handed(package, confirm=False)
    unit = made.units.first()
    assert client.get(unit.get_absolute_url()).status_code == 404
    made.confirm(by=make_user("verifikator"))
    assert fresh(package).stage == Stage.HANDED_OVER
    assert client.get(unit.get_absolute_url()).status_code == 200

"""Units of a package in the workspace: registered with their numbers, and corrected one by one."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext

from assistance.models import Package, Unit
from assistance.procedure import enter_historical
from assistance.stages import Stage
from tests.assistance.aid import add_units, at_stage, make_kind, make_recipient, proposed
from tests.assistance.desk import LIST, filled, page_of, permit, posted, text
from tests.factories import make_regency, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client):
    person = make_user("staf_provinsi", full_name="Sari Staf")
    client.force_login(person)
    return person


@pytest.fixture
def package():
    return at_stage(Stage.DECREED)


@pytest.fixture
def unit(package):
    return add_units(package, 1)[0]


def register(client, package, asked="", **values):
    return posted(client, page_of(package, "register_units") + asked, **values)


def address(unit):
    return reverse("correct_aid_unit", args=[unit.pk])


class TestRegistering:
    def test_writes_as_many_as_are_left_with_what_they_have_in_common(self, client, staff, package):
        common = {"maker": "Viar", "year": "2024", "price": "37.500.000"}
        response = register(client, package, **common, **{"unit-1-frame_number": "MH 1"})
        assert response["Location"] == page_of(package)
        units = list(package.units.order_by("pk"))
        assert {(one.maker, one.year, one.price) for one in units} == {("Viar", 2024, 37_500_000)}
        assert len({one.code for one in units}) == 5 and [one.frame_number for one in units] == ["", "MH1", "", "", ""]
        assert {one.history.first().history_user for one in units} == {staff}
        html = text(client.get(page_of(package, "register_units")))
        assert gettext("All units of the package are registered.") in html

    def test_some_now_and_the_rest_later(self, client, staff, package):
        assert register(client, package, "?jumlah=2").status_code == 302
        assert package.units.count() == 2
        assert register(client, package).status_code == 302
        assert package.units.count() == 5

    @pytest.mark.parametrize("asked", ["0", "-3", "x", "٣", "99999999999"])
    def test_an_odd_number_of_rows_is_no_error(self, client, staff, package, asked):
        page = client.get(page_of(package, "register_units"), {"jumlah": asked})
        assert page.status_code == 200 and 1 <= page.context["count"] <= 5

    def test_more_rows_than_are_left_are_refused(self, client, staff, package):
        url = page_of(package, "register_units")
        form = filled(client.get(url)) | {"unit-TOTAL_FORMS": "6", "unit-5-frame_number": "MH6"}
        assert client.post(url, form).status_code == 409 and not package.units.exists()

    def test_a_number_that_is_another_units_is_refused_and_what_was_typed_stays(self, client, staff, package):
        other = add_units(at_stage(Stage.DECREED), 1)[0]
        posted(client, address(other), frame_number="MH77")
        numbers = {"unit-0-frame_number": "MH 77", "unit-1-frame_number": "MH78"}
        refused = register(client, package, maker="Viar", **numbers)
        assert refused.status_code == 409 and other.code in text(refused) and not package.units.exists()
        form = filled(refused)
        assert (form["maker"], form["unit-1-frame_number"]) == ("Viar", "MH78")
        again = client.post(page_of(package, "register_units"), form | {"unit-0-repeat_reason": "Rangka diganti"})
        assert again.status_code == 302 and package.units.count() == 5

    def test_the_same_number_twice_in_one_form_is_refused(self, client, staff, package):
        refused = register(client, package, **{"unit-0-frame_number": "MH1", "unit-1-frame_number": "mh 1"})
        assert refused.status_code == 409 and not package.units.exists()

    def test_a_second_click_registers_them_once_and_names_who_was_first(self, client, staff, package):
        url = f"{page_of(package, 'register_units')}?jumlah=2"
        form = filled(client.get(url))
        assert client.post(url, form).status_code == 302
        again = client.post(url, form)
        assert again.status_code == 409 and package.units.count() == 2
        assert "Sari Staf" in " ".join(again.context["form"].non_field_errors())

    def test_of_a_kind_without_units_is_refused(self, client, staff):
        made = proposed(kind=make_kind("Izin usaha", nature="permit", has_units=False))
        assert register(client, made).status_code == 409 and not made.units.exists()

    def test_of_a_package_that_ended_is_refused(self, client, staff):
        made = at_stage(Stage.REFUSED)
        assert register(client, made).status_code == 409 and not made.units.exists()

    def test_two_hundred_are_registered_in_two_sendings(self, client, staff):
        made = proposed(quantity=200)
        for _ in range(2):
            assert register(client, made).status_code == 302
        assert made.units.count() == 200

    def test_of_old_aid_that_is_handed_over_are_with_the_recipient(self, client, staff):
        old = Package(kind=make_kind(), recipient=make_recipient(), quantity=2)
        old = enter_historical(old, Stage.HANDED_OVER, by=staff, reason="BAST lama")
        assert register(client, old).status_code == 302
        units = list(old.units.all())
        assert len(units) == 2 and all(unit.is_delivered and unit.holding for unit in units)


class TestCorrecting:
    def test_writes_what_changed_with_history(self, client, staff, unit):
        values = {"maker": "Honda", "frame_number": "mh 5 ", "place": "Gudang kantor", "reason": "Salah"}
        response = posted(client, address(unit), **values)
        assert response["Location"] == reverse("aid_record", args=[unit.package_id])
        unit.refresh_from_db()
        assert (unit.maker, unit.frame_number, unit.place) == ("Honda", "MH5", "Gudang kantor")
        last = unit.history.first()
        assert (last.history_user, last.history_change_reason) == (staff, "Salah")

    def test_two_editors_are_told_and_nothing_is_overwritten(self, client, staff, unit):
        opened = filled(client.get(address(unit)))
        other = Client()
        other.force_login(make_user("administrator", full_name="Budi Cepat"))
        assert posted(other, address(unit), maker="Honda").status_code == 302
        late = client.post(address(unit), opened | {"type": "Karya 300"})
        said = " ".join(late.context["form"].non_field_errors())
        assert late.status_code == 409 and "Budi Cepat" in said
        assert capfirst(str(Unit._meta.get_field("maker").verbose_name)) in said
        unit.refresh_from_db()
        assert (unit.maker, unit.type) == ("Honda", "Karya 200")
        # What was typed stays; sent again it is written.
        assert filled(late)["type"] == "Karya 300"
        assert client.post(address(unit), filled(late)).status_code == 302
        unit.refresh_from_db()
        assert unit.type == "Karya 300"

    def test_of_what_is_handed_over_asks_why(self, client, staff):
        unit = at_stage(Stage.HANDED_OVER).units.first()
        refused = posted(client, address(unit), maker="Honda")
        assert refused.status_code == 409 and filled(refused)["maker"] == "Honda"
        unit.refresh_from_db()
        assert unit.maker == "Viar"
        assert client.post(address(unit), filled(refused) | {"reason": "Salah merek"}).status_code == 302

    def test_a_number_of_another_unit_is_refused_and_named(self, client, staff, unit, package):
        other = add_units(package, 1)[0]
        posted(client, address(other), plate_number="KT 1 AB")
        refused = posted(client, address(unit), plate_number="kt 1 ab")
        assert refused.status_code == 409 and other.code in text(refused)

    @pytest.mark.parametrize("year", ["1900", "2999", "lama"])
    def test_an_odd_year_is_refused_beside_its_field(self, client, staff, unit, year):
        page = posted(client, address(unit), year=year)
        assert page.status_code == 200 and page.context["form"].errors.keys() == {"year"}
        assert filled(page)["year"] == year

    def test_never_moves_to_another_package_or_state(self, client, staff, unit):
        before = (unit.package_id, unit.state, unit.code)
        other = at_stage(Stage.DECREED)
        injected = {"package": str(other.pk), "state": "lost", "code": "AAAA-BBBB-CCCC", "is_delivered": "1"}
        assert posted(client, address(unit), **injected).status_code == 302
        unit.refresh_from_db()
        assert (unit.package_id, unit.state, unit.code) == before and not unit.is_delivered

    def test_is_closed_to_wrong_roles_and_other_methods(self, client, staff, unit):
        assert client.put(address(unit)).status_code == 405
        assert client.get(f"{LIST}unit/99999/").status_code == 404
        client.force_login(make_user("verifikator"))
        assert client.get(address(unit)).status_code == client.post(address(unit)).status_code == 403


def test_units_of_another_regency_are_not_there_even_with_the_permission(client):
    """No role of a regency registers units today; should one be given the permission, its rows are still its own."""
    foreign = at_stage(Stage.DECREED, recipient=make_recipient(regency=make_regency("Paser")))
    unit = add_units(foreign, 1)[0]
    permit("petugas", "process_aid")
    client.force_login(make_user("petugas", regency=make_regency("Berau")))
    for url in (page_of(foreign, "register_units"), address(unit)):
        assert client.get(url).status_code == client.post(url, {"maker": "Honda"}).status_code == 404
    assert [one.maker for one in foreign.units.all()] == ["Viar"]

"""One record in the public API, and where a record went that is not in the register any more."""

from datetime import date

import pytest

from cooperatives.merging import merge
from cooperatives.models import BoardMember, DeedAmendment, FormerName, Status
from figures.models import Indicator
from tests.factories import make_cooperative, make_regency, make_return, make_territory, make_user

pytestmark = pytest.mark.django_db


def address(pk):
    return f"/api/v1/cooperatives/{pk}/"


@pytest.fixture
def full():
    """A cooperative with everything that hangs on one."""
    one = make_cooperative("KSU Maju", since=date(2001, 2, 3), founded_on=date(2001, 2, 3))
    one.record_status(Status.INACTIVE, since=date(2020, 7, 1), basis="Tanpa RAT", by=make_user(email="petugas@x.id"))
    make_return(one, 2023, members=12)
    make_return(one, 2024, members=0)
    BoardMember.objects.create(
        cooperative=one, name="Nama Contoh", position="chair", term_from=2023, phone="0811", email="a@b.id"
    )
    FormerName.objects.create(cooperative=one, name="KSU Lama", until=date(2010, 1, 1))
    DeedAmendment.objects.create(cooperative=one, number="12/PAD", amended_on=date(2015, 5, 5), note="catatan")
    return one


def test_a_cooperative_with_all_that_hangs_on_it(client, full):
    found = client.get(address(full.pk)).json()
    assert found["name"] == "KSU Maju"
    assert found["url"] == f"http://testserver/koperasi/{full.pk}/"
    assert [(p["status"], p["since"], p["until"], p["basis"]) for p in found["status_periods"]] == [
        ("inactive", "2020-07-01", None, "Tanpa RAT"),
        ("active", "2001-02-03", "2020-07-01", None),
    ]
    assert [(row["book_year"], row["members"]) for row in found["returns"]] == [(2024, 0), (2023, 12)]
    (member,) = found["board"]
    assert set(member) == {"name", "position", "position_label", "term_from", "term_until"}
    assert found["former_names"] == [{"name": "KSU Lama", "until": "2010-01-01"}]
    assert found["deed_amendments"] == [{"number": "12/PAD", "amended_on": "2015-05-05"}]


def test_costs_the_same_queries_whatever_hangs_on_it(client, full, django_assert_num_queries):
    bare = make_cooperative()
    for pk in (bare.pk, full.pk):
        with django_assert_num_queries(7):  # data versions, the record, five lists
            client.get(address(pk))


def test_lists_that_are_not_asked_for_are_not_read(client, full, django_assert_num_queries):
    with django_assert_num_queries(3):
        found = client.get(address(full.pk), {"fields": "name,board"}).json()
    assert set(found) == {"name", "board"}


def test_a_list_can_be_asked_for_alone(client, full):
    answer = client.get(address(full.pk), {"fields": "board"})
    assert answer.status_code == 200
    assert [member["name"] for member in answer.json()["board"]] == ["Nama Contoh"]


def test_a_field_that_there_is_not_is_refused(client, full):
    response = client.get(address(full.pk), {"fields": "phone"})
    assert response.status_code == 400
    assert "phone" in response.json()["errors"]["fields"][0]


@pytest.mark.parametrize("pk", ["0", "999999", str(2**63 - 1), str(2**63), str(10**30), "9" * 300])
def test_a_number_that_nobody_has_is_not_found(client, pk):
    response = client.get(address(pk))
    assert response.status_code == 404
    assert response.json()["request_id"] == response["X-Request-ID"]


@pytest.mark.parametrize("path", ["cooperatives/x/", "cooperatives/-1/", "nothing/", "regencies/a%2Fb/", "../kerja/"])
def test_an_address_that_there_is_not_answers_json(client, path):
    response = client.get(f"/api/v1/{path}")
    assert response.status_code == 404
    assert set(response.json()) == {"detail", "request_id"}


def test_a_voided_record_is_gone_and_says_nothing_of_why(client):
    one = make_cooperative("Rahasia Nama")
    one.void(reason="CANARY alasan", by=None)
    response = client.get(address(one.pk))
    assert response.status_code == 410
    assert "CANARY" not in response.content.decode()
    assert "Rahasia" not in response.content.decode()


def test_a_merged_double_leads_to_the_record_that_stands(client):
    first, second, last = make_cooperative(), make_cooperative(), make_cooperative()
    by = make_user()
    merge(first, into=second, reason="sama", by=by)
    second.refresh_from_db()
    last.refresh_from_db()
    merge(second, into=last, reason="sama", by=by)
    for double in (first, second):
        response = client.get(address(double.pk))
        assert response.status_code == 301
        assert response["Location"] == f"http://testserver{address(last.pk)}"
        assert response.json()["same_as"] == last.pk


def test_a_double_of_a_record_that_was_voided_is_gone_too(client):
    double, survivor = make_cooperative(), make_cooperative()
    merge(double, into=survivor, reason="sama", by=make_user())
    survivor.refresh_from_db()
    survivor.void(reason="salah", by=None)
    assert client.get(address(double.pk)).status_code == 410


def test_a_regency_by_its_name(client):
    mother = make_regency("Kutai Barat", slug="kutai-barat")
    make_regency(
        "Mahakam Ulu", slug="mahakam-ulu", split_from=mother, valid_from=date(2012, 12, 14), area_km2="18428.000"
    )
    found = client.get("/api/v1/regencies/mahakam-ulu/").json()
    assert (found["split_from"], found["valid_from"], found["area_km2"]) == (
        mother.kemendagri_code,
        "2012-12-14",
        18428.0,
    )
    assert found["url"] == "http://testserver/wilayah/mahakam-ulu/"
    assert client.get("/api/v1/regencies/atlantis/").status_code == 404


def test_a_territory_with_the_regencies_of_its_sum(client):
    sum_of = make_territory("Kaltim-2")
    sum_of.regencies.set([make_regency("Paser"), make_regency("Berau")])
    found = client.get("/api/v1/territories/Kaltim-2/").json()
    assert [regency["name"] for regency in found["regencies"]] == ["Berau", "Paser"]


def test_an_indicator_with_its_metadata(client):
    Indicator.objects.create(code="members", name="Anggota", unit="orang", measure="sum", definition="Orang")
    found = client.get("/api/v1/indicators/members/").json()
    assert (found["unit"], found["definition"], found["formula"], found["measure"]) == ("orang", "Orang", None, "sum")

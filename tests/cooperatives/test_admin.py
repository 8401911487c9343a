"""The register's admin: entering, correcting, refusing with a remedy, and who may what."""

import re
from datetime import date

import pytest
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from common.models import DataVersion
from cooperatives.forms import CooperativeForm
from cooperatives.models import AnnualReturn, BoardMember, Cooperative, DistinctPair, Status
from tests.factories import make_cooperative, make_form, make_group, make_regency, make_return, make_user
from tests.filled_form import filled_form

pytestmark = pytest.mark.django_db

LIST = "admin:cooperatives_cooperative_changelist"
ADD = "admin:cooperatives_cooperative_add"
CHANGE = "admin:cooperatives_cooperative_change"


@pytest.fixture
def staff(client):
    user = make_user("staf_provinsi")
    client.force_login(user)
    # The first request of a session writes it; counts of queries begin after that.
    client.get("/kerja/")
    return user


def entry(client, **values):
    """The add form as a browser would send it, with these values typed in."""
    return filled_form(client.get(reverse(ADD)), "cooperative_form") | values


def edit(client, cooperative, **values):
    """The change form as it stands, with these values typed in, sent."""
    url = reverse(CHANGE, args=[cooperative.pk])
    return client.post(url, filled_form(client.get(url), "cooperative_form") | values)


def number():
    return DataVersion.read("cooperatives").get("cooperatives", (0, None))[0]


# -- Entering --------------------------------------------------------------------------------------


def test_a_new_cooperative_begins_with_its_first_status(client, staff):
    regency = make_regency()
    before = number()
    response = client.post(
        reverse(ADD),
        entry(
            client,
            name="KSP Maju Bersama",
            regency=regency.pk,
            first_status="active",
            first_since="02/03/2020",
            first_basis="Akta pendirian",
        ),
    )
    assert response.status_code == 302
    cooperative = Cooperative.objects.get()
    period = cooperative.status_periods.get()
    assert (cooperative.status, cooperative.status_since) == (Status.ACTIVE, date(2020, 3, 2))
    assert (period.basis, period.by) == ("Akta pendirian", staff)
    assert cooperative.name_key == "maju bersama"
    assert number() == before + 1, "published exactly once"
    assert cooperative.history.get().history_user == staff


def test_a_new_cooperative_comes_with_its_rows_in_one_go(client, staff):
    response = client.post(
        reverse(ADD),
        entry(
            client,
            name="KUD Sumber Rejeki",
            **{
                "returns-TOTAL_FORMS": "1",
                "returns-0-id": "",
                "returns-0-book_year": "2024",
                "returns-0-rat_held": "1",
                "returns-0-rat_on": "15 Maret 2025",
                "returns-0-members": "1.234",
                "returns-0-audited": "",
            },
        ),
    )
    assert response.status_code == 302
    cooperative = Cooperative.objects.get()
    assert cooperative.returns.get().rat_on == date(2025, 3, 15)
    assert (cooperative.latest_members, cooperative.latest_rat_year) == (1234, 2024)


def test_everything_wrong_is_said_at_once_and_nothing_typed_is_lost(client, staff):
    response = client.post(
        reverse(ADD),
        entry(
            client,
            name="Koperasi Nya\u200bman",
            nomor_induk_koperasi="6401010101010001",
            nib="123",
            founded_on="02/13/2020",
            legal_on="01/02/25",
            latitude="-0,5",
            postal_code="7",
            first_since="01/01/2099",
        ),
    )
    form = response.context["adminform"].form
    assert set(form.errors) >= {
        "name",
        "nomor_induk_koperasi",
        "nib",
        "founded_on",
        "legal_on",
        "longitude",
        "postal_code",
        "first_since",
    }
    assert "NIK" in form.errors["nomor_induk_koperasi"][0]
    assert b"02/13/2020" in response.content
    assert not Cooperative.objects.exists()


def test_a_refused_form_says_so_in_proper_indonesian(client, staff):
    page = client.post(reverse(ADD), entry(client, name="")).content.decode()
    assert "Perbaiki kesalahan di bawah ini." in page


def test_the_number_of_another_cooperative_is_refused_with_a_link_to_it(client, staff):
    other = make_cooperative("KPRI Sejahtera", nomor_induk_koperasi="6401010010001")
    response = client.post(reverse(ADD), entry(client, name="Lain", nomor_induk_koperasi="6401 0100 10001"))
    assert reverse(CHANGE, args=[other.pk]) in str(response.context["adminform"].form.errors["nomor_induk_koperasi"])
    assert Cooperative.objects.count() == 1


def test_a_voided_record_gives_its_number_free(client, staff):
    make_cooperative("Salah", nomor_induk_koperasi="6401010010001").void(reason="ganda", by=None)
    response = client.post(reverse(ADD), entry(client, name="Benar", nomor_induk_koperasi="6401010010001"))
    assert response.status_code == 302


def test_two_records_without_a_number_do_not_collide(client, staff):
    for name in ("Satu", "Dua"):
        assert client.post(reverse(ADD), entry(client, name=name)).status_code == 302
    assert list(Cooperative.objects.values_list("nomor_induk_koperasi", flat=True)) == [None, None]


def test_while_demo_data_is_in_the_form_says_so_and_a_new_record_counts_as_demo(client, staff):
    DataVersion.objects.create(key="demo")
    assert b"demo-note" in client.get(reverse(ADD)).content
    client.post(reverse(ADD), entry(client, name="Baru"))
    assert Cooperative.objects.get().is_demo


def test_without_demo_data_nothing_counts_as_demo(client, staff):
    assert b"demo-note" not in client.get(reverse(ADD)).content
    client.post(reverse(ADD), entry(client, name="Baru"))
    assert not Cooperative.objects.get().is_demo


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"founded_on": "01/01/2010", "legal_on": "01/01/2009"}, "legal_on"),
        ({"certificate_on": "01/01/2020", "certificate_valid_until": "01/01/2019"}, "certificate_valid_until"),
        ({"founded_on": "01/01/2010", "first_since": "01/01/2009"}, "first_since"),
        ({"health": "sound"}, "health_source"),
        ({"is_merah_putih": "on"}, "village"),
        ({"longitude": "117,1"}, "latitude"),
        ({"latitude": "1e0", "longitude": "117"}, "latitude"),
        ({"latitude": "40", "longitude": "117"}, "latitude"),
    ],
)
def test_facts_that_contradict_each_other_are_refused_at_the_field_to_mend(client, staff, values, field):
    response = client.post(reverse(ADD), entry(client, name="Maju", **values))
    assert field in response.context["adminform"].form.errors


# -- Doubles ---------------------------------------------------------------------------------------


def test_a_likely_double_asks_why_and_shows_every_candidate(client, staff):
    regency = make_regency()
    one = make_cooperative("KSP Maju", regency=regency)
    two = make_cooperative("Lain Nama", legal_number="12/BH/1998")
    response = client.post(
        reverse(ADD), entry(client, name="Ksp. MAJU ", regency=regency.pk, legal_number="12/BH/1998")
    )
    assert [found.cooperative for found in response.context["adminform"].form.candidates] == [two, one]
    assert Cooperative.objects.count() == 2

    again = filled_form(response, "cooperative_form") | {"distinct_reason": "Beda desa dan beda pengurus"}
    assert client.post(reverse(ADD), again).status_code == 302
    new = Cooperative.objects.latest("pk")
    assert set(DistinctPair.objects.values_list("lower", "higher", "reason", "by")) == {
        (one.pk, new.pk, "Beda desa dan beda pengurus", staff.pk),
        (two.pk, new.pk, "Beda desa dan beda pengurus", staff.pk),
    }


def test_a_reason_for_candidates_that_were_not_shown_is_not_enough(client, staff):
    make_cooperative("KSP Maju")
    response = client.post(reverse(ADD), entry(client, name="KSP Maju", distinct_reason="asal isi"))
    assert "distinct_reason" in response.context["adminform"].form.errors


def test_a_pair_that_was_said_to_be_distinct_is_not_asked_about_again(client, staff):
    one, two = make_cooperative("KSP Maju"), make_cooperative("Maju")
    DistinctPair.objects.create(lower=one, higher=two, reason="beda", by=staff)
    assert edit(client, two, name="Koperasi Maju").status_code == 302


def test_editing_something_else_does_not_ask_about_doubles(client, staff):
    make_cooperative("KSP Maju")
    two = make_cooperative("Maju")
    assert edit(client, two, village="Sebulu").status_code == 302


# -- Correcting ------------------------------------------------------------------------------------


def test_a_correction_is_written_with_who_and_why_and_published_once(client, staff):
    cooperative = make_cooperative("KSP Maju")
    before = number()
    assert edit(client, cooperative, name="KSP Maju Jaya", change_reason="salah ketik").status_code == 302
    latest = cooperative.history.latest()
    assert (latest.name, latest.history_user, latest.history_change_reason) == ("KSP Maju Jaya", staff, "salah ketik")
    cooperative.refresh_from_db()
    assert cooperative.name_key == "maju jaya"
    assert number() == before + 1


def test_saving_without_an_edit_writes_nothing(client, staff):
    cooperative = make_cooperative(
        "KSP Maju", founded_on=date(2010, 5, 1), latitude="-0.502106", longitude="117.153709"
    )
    make_return(cooperative, 2024, members=1250, members_men=1000, members_women=250)
    cooperative.refresh_from_db()
    before = (number(), cooperative.version, cooperative.history.count(), AnnualReturn.history.count())
    assert edit(client, cooperative).status_code == 302
    cooperative.refresh_from_db()
    assert (number(), cooperative.version, cooperative.history.count(), AnnualReturn.history.count()) == before


def test_a_row_alone_takes_the_next_version_of_its_cooperative(client, staff):
    cooperative = make_cooperative("KSP Maju")
    cooperative.refresh_from_db()
    before, seen = cooperative.version, number()
    response = edit(
        client,
        cooperative,
        **{"board-TOTAL_FORMS": "1", "board-0-name": "Siti", "board-0-position": "chair", "board-0-term_from": "2024"},
    )
    assert response.status_code == 302
    cooperative.refresh_from_db()
    assert cooperative.version == before + 1
    assert BoardMember.objects.get().term_from == 2024
    assert number() == seen + 1


def test_a_board_member_can_be_taken_out_and_the_history_keeps_it(client, staff):
    cooperative = make_cooperative("KSP Maju")
    member = BoardMember.objects.create(cooperative=cooperative, name="Siti", position="chair")
    assert edit(client, cooperative, **{"board-0-DELETE": "on", "change_reason": "salah orang"}).status_code == 302
    assert not BoardMember.objects.exists()
    gone = BoardMember.history.filter(id=member.pk).latest()
    assert (gone.history_type, gone.history_change_reason) == ("-", "salah orang")


def test_a_former_name_is_found_by_the_search_after_the_save(client, staff):
    cooperative = make_cooperative("KSP Maju")
    edit(client, cooperative, **{"former_names-TOTAL_FORMS": "1", "former_names-0-name": "KUD Mekar Sari"})
    assert list(Cooperative.objects.matching("mekar sari")) == [cooperative]


@pytest.mark.parametrize(("year", "fits"), [("1949", False), ("1950", True), ("2101", False), ("20245", False)])
def test_a_term_has_years_that_can_be(client, staff, year, fits):
    cooperative = make_cooperative("KSP Maju")
    row = {"board-TOTAL_FORMS": "1", "board-0-name": "Siti", "board-0-position": "chair", "board-0-term_from": year}
    assert edit(client, cooperative, **row).status_code == (302 if fits else 200)
    assert BoardMember.objects.exists() is fits


@pytest.mark.parametrize("years", [{"term_from": 20245}, {"term_until": 1949}])
def test_the_database_refuses_an_impossible_term_with_a_sentence(staff, years):
    member = BoardMember(cooperative=make_cooperative(), name="Siti", position="chair", **years)
    with pytest.raises(ValidationError, match="1950"):
        member.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        member.save()


def test_the_office_of_a_board_member_is_no_place_in_a_row(staff):
    assert str(BoardMember._meta.get_field("position").verbose_name) == "jabatan"


# -- Returns ---------------------------------------------------------------------------------------


def test_the_year_of_a_saved_return_cannot_be_changed(client, staff):
    cooperative = make_cooperative("KSP Maju")
    entry_ = make_return(cooperative, 2023)
    edit(client, cooperative, **{"returns-0-book_year": "2022", "returns-0-members": "10"})
    entry_.refresh_from_db()
    assert (entry_.book_year, entry_.members) == (2023, 10)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"members_men": "10", "members_women": "5", "members": "20"}, "members_note"),
        ({"members_men": "30", "members": "20"}, "members"),
        ({"rat_held": "0", "rat_on": "01/03/2024"}, "rat_on"),
        ({"rat_held": "", "attendance": "12"}, "attendance"),
        ({"rat_held": "1", "rat_on": "01/03/2099"}, "rat_on"),
        ({"rat_held": "1", "rat_on": "01/03/2009"}, "rat_on"),
        ({"members": "6,111"}, "members"),
        ({"members": "-5"}, "members"),
        ({"members": "１２"}, "members"),
    ],
)
def test_a_return_that_cannot_be_true_is_refused_at_its_field(client, staff, values, field):
    cooperative = make_cooperative("KSP Maju", founded_on=date(2010, 1, 1))
    typed = {f"returns-0-{name}": value for name, value in values.items()}
    response = edit(
        client, cooperative, **{"returns-TOTAL_FORMS": "1", "returns-0-id": "", "returns-0-book_year": "2023"} | typed
    )
    formset = response.context["inline_admin_formsets"][0].formset
    assert field in formset.forms[0].errors
    assert not AnnualReturn.objects.exists()


def test_a_disagreement_of_members_is_saved_with_its_reason(client, staff):
    cooperative = make_cooperative("KSP Maju")
    edit(
        client,
        cooperative,
        **{
            "returns-TOTAL_FORMS": "1",
            "returns-0-id": "",
            "returns-0-book_year": "2023",
            "returns-0-members_men": "10",
            "returns-0-members_women": "5",
            "returns-0-members": "20",
            "returns-0-members_note": "Lima anggota badan hukum",
        },
    )
    assert AnnualReturn.objects.get().members == 20


def test_a_second_return_for_a_year_leads_to_the_first(client, staff):
    cooperative = make_cooperative("KSP Maju")
    first = make_return(cooperative, 2023)
    url = reverse("admin:cooperatives_annualreturn_add")
    data = filled_form(client.get(url), "annualreturn_form") | {"cooperative": cooperative.pk, "book_year": "2023"}
    response = client.post(url, data)
    link = reverse("admin:cooperatives_annualreturn_change", args=[first.pk])
    assert link in str(response.context["adminform"].form.errors["book_year"])


def test_a_return_on_its_own_page_takes_money_a_loss_included_and_the_next_version_of_both(client, staff):
    cooperative = make_cooperative("KSP Maju")
    entry_ = make_return(cooperative, 2023)
    cooperative.refresh_from_db()
    before = cooperative.version
    url = reverse("admin:cooperatives_annualreturn_change", args=[entry_.pk])
    data = filled_form(client.get(url), "annualreturn_form") | {"assets": "Rp 1.234.567,00", "shu": "-50.000"}
    assert client.post(url, data).status_code == 302
    entry_.refresh_from_db()
    cooperative.refresh_from_db()
    assert (entry_.assets, entry_.shu, entry_.version) == (1234567, -50000, 2)
    assert cooperative.version == before + 1


def test_a_new_return_on_its_own_page_refreshes_its_cooperative(client, staff):
    cooperative = make_cooperative("KSP Maju")
    url = reverse("admin:cooperatives_annualreturn_add")
    data = filled_form(client.get(url), "annualreturn_form")
    client.post(url, data | {"cooperative": cooperative.pk, "book_year": "2023", "members": "77"})
    cooperative.refresh_from_db()
    assert cooperative.latest_members == 77


def test_rupiah_beyond_the_limit_are_refused_with_the_limit(client, staff):
    entry_ = make_return(make_cooperative("KSP Maju"), 2023)
    url = reverse("admin:cooperatives_annualreturn_change", args=[entry_.pk])
    data = filled_form(client.get(url), "annualreturn_form") | {"assets": "9" * 19}
    assert "1.000.000.000.000.000" in str(client.post(url, data).context["adminform"].form.errors["assets"])


# -- List ------------------------------------------------------------------------------------------


def shown(response):
    return list(response.context["cl"].result_list)


def test_the_list_leaves_out_void_records_until_they_are_asked_for(client, staff):
    one, two = make_cooperative("Satu"), make_cooperative("Dua")
    two.void(reason="salah", by=None)
    assert shown(client.get(reverse(LIST))) == [one]
    assert shown(client.get(reverse(LIST), {"catatan": "batal"})) == [two]
    assert len(shown(client.get(reverse(LIST), {"catatan": "semua"}))) == 2
    assert shown(client.get(reverse(LIST), {"catatan": "ganda"})) == []


@pytest.mark.parametrize("term", ["ksp maju", "MAJU bersama", "6401010010001", "sebulu", "mekar"])
def test_the_search_is_the_public_one(client, staff, term):
    wanted = make_cooperative("KSP Maju Bersama Mekar", nomor_induk_koperasi="6401010010001", village="Sebulu")
    make_cooperative("Lain")
    assert shown(client.get(reverse(LIST), {"q": term})) == [wanted]


@pytest.mark.parametrize("query", ["q=%25", "q=_", "p=99999999999999999999", "o=password", "kurang=password", "x=1"])
def test_odd_addresses_of_the_list_never_break(client, staff, query):
    make_cooperative("Satu")
    assert client.get(f"{reverse(LIST)}?{query}").status_code in (200, 302)


def test_a_row_says_what_to_do_next(client, staff):
    make_cooperative("Satu", status=Status.ACTIVE, since=date(2010, 1, 1), founded_on=date(2010, 1, 1))
    body = client.get(reverse(LIST)).content.decode()
    for words in ("tidak aktif", "tanpa nomor induk koperasi"):
        assert words in body.lower()


def test_lists_write_numbers_and_days_as_the_portal_does(client, staff):
    make_return(make_cooperative("Satu"), 2024, members=1234, assets=5_000_000, rat_on=date(2025, 1, 2))
    make_return(make_cooperative("Dua"), 2024)
    body = client.get(reverse(LIST)).content.decode()
    assert '<td class="field-members_shown">1.234</td>' in body and '<td class="field-members_shown">-</td>' in body
    body = client.get(reverse(RETURNS)).content.decode()
    for name, shown in (("members_shown", "1.234"), ("assets_shown", "5.000.000"), ("rat_on", "2 Januari 2025")):
        assert re.search(f'<td class="field-{name}[^"]*">{shown}</td>', body)
    assert '<td class="field-assets_shown">-</td>' in body


def test_the_button_that_voids_says_of_what(client, staff):
    client.force_login(make_user("administrator"))
    page = client.get(reverse(CHANGE, args=[make_cooperative().pk])).content.decode()
    button = re.search(r'/batalkan/">([^<]+)<', page)[1]
    assert button.startswith("Batalkan ") and button != "Batalkan"


def test_the_list_costs_the_same_at_two_sizes(client, staff, django_assert_max_num_queries):
    counts = []
    regency, group = make_regency(), make_group()
    for many in (3, 30):
        for _number in range(many):
            make_return(make_cooperative(regency=regency, group=group))
        with django_assert_max_num_queries(16) as captured:
            client.get(reverse(LIST))
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_a_capped_count_says_more_than(client, staff, monkeypatch):
    monkeypatch.setattr("common.paging.CappedPaginator.most", 2)
    for _number in range(4):
        make_cooperative()
    response = client.get(reverse(LIST))
    assert response.context["cl"].paginator.is_capped
    assert "lebih dari 2" in response.content.decode()


def test_the_export_holds_exactly_the_rows_of_the_filter(client, staff):
    regency = make_regency()
    make_cooperative("Dalam", regency=regency)
    make_cooperative("Luar")
    url = reverse("admin:cooperatives_cooperative_export")
    response = client.get(url, {"regency__id__exact": regency.pk, "format": "csv"})
    body = b"".join(response.streaming_content).decode()
    assert "Dalam" in body
    assert "Luar" not in body
    assert response["X-Row-Count"] == "1"
    assert response["Cache-Control"].startswith("private, no-store")


def test_the_export_comes_with_semicolons_for_an_indonesian_excel(client, staff):
    make_cooperative("Dalam")
    response = client.get(reverse("admin:cooperatives_cooperative_export"), {"pemisah": "titik-koma", "q": "dalam"})
    lines = b"".join(response.streaming_content).decode().splitlines()
    assert lines[0].startswith("\ufeff") and lines[0].count(";") > 20
    assert len(lines) == 2
    page = client.get(reverse(LIST), {"q": "dalam"}).content.decode()
    assert "ekspor/?q=dalam&amp;format=csv&amp;pemisah=titik-koma" in page and "CSV untuk Excel" in page


@pytest.mark.parametrize("query", ["foo=bar", "regency__id__exact=abc", "password=1"])
def test_an_export_of_no_filter_leads_back_to_the_list_as_the_list_itself_does(client, staff, query):
    for name in ("Kutai Barat", "Berau"):
        make_cooperative(regency=make_regency(name))
    response = client.get(f"{reverse('admin:cooperatives_cooperative_export')}?{query}&format=csv")
    assert (response.status_code, response["Location"]) == (302, f"{reverse(LIST)}?e=1")
    assert client.get(response["Location"]).status_code == 200


def test_the_export_carries_no_private_field(client, staff):
    make_cooperative("Dalam", phone="0811-CANARY", email="canary@example.id", note="CANARY")
    body = b"".join(client.get(reverse("admin:cooperatives_cooperative_export"), {"format": "csv"}).streaming_content)
    assert b"canary" not in body.lower()


# -- Who may ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "may_add", "may_change"),
    [
        ("administrator", True, True),
        ("staf_provinsi", True, True),
        ("verifikator", False, True),
        ("pimpinan", False, False),
        ("auditor", False, False),
    ],
)
def test_each_role_does_what_the_table_says(client, role, may_add, may_change):
    cooperative = make_cooperative("KSP Maju")
    client.force_login(make_user(role))
    assert client.get(reverse(LIST)).status_code == 200
    assert client.get(reverse("admin:cooperatives_cooperative_history", args=[cooperative.pk])).status_code == 200
    assert client.get(reverse(ADD)).status_code == (200 if may_add else 403)
    url = reverse(CHANGE, args=[cooperative.pk])
    page = client.get(url)
    assert page.status_code == 200
    assert (b'name="_save"' in page.content) is may_change
    response = client.post(url, {"name": "Diubah"})
    assert response.status_code == (200 if may_change else 403)
    cooperative.refresh_from_db()
    assert cooperative.name == "KSP Maju"


@pytest.mark.parametrize("role", ["administrator", "staf_provinsi", "verifikator", "auditor"])
def test_nobody_deletes_a_cooperative_or_a_return(client, role):
    entry_ = make_return(make_cooperative("KSP Maju"))
    client.force_login(make_user(role))
    for name, pk in (("cooperative", entry_.cooperative_id), ("annualreturn", entry_.pk)):
        url = reverse(f"admin:cooperatives_{name}_delete", args=[pk])
        assert client.get(url).status_code == 403
        assert client.post(url, {"post": "yes"}).status_code == 403
    assert AnnualReturn.objects.count() == 1


def test_an_officer_never_sees_the_admin(client):
    client.force_login(make_user("petugas"))
    assert client.get(reverse(LIST)).status_code in (302, 403)


def test_what_does_not_exist_answers_404(client, staff):
    for name in ("change", "history", "status", "merge", "void", "restore"):
        client.force_login(make_user("administrator"))
        assert client.get(reverse(f"admin:cooperatives_cooperative_{name}", args=[10**6])).status_code == 404


def test_a_void_record_is_read_only(client, staff):
    cooperative = make_cooperative("KSP Maju")
    cooperative.void(reason="salah", by=None)
    url = reverse(CHANGE, args=[cooperative.pk])
    page = client.get(url)
    assert b'name="_save"' not in page.content
    assert client.post(url, {"name": "x"}).status_code == 403


@pytest.mark.parametrize(
    "field",
    ["status", "grade", "latest_members", "voided_at", "void_reason", "same_as", "is_demo", "name_key", "search"],
)
def test_a_field_that_is_not_on_the_form_cannot_be_set(client, staff, field):
    cooperative = make_cooperative("KSP Maju")
    before = getattr(Cooperative.objects.get(pk=cooperative.pk), field)
    edit(client, cooperative, postal_code="75511", **{field: "1"})
    assert getattr(Cooperative.objects.get(pk=cooperative.pk), field) == before


def test_the_page_of_a_cooperative_costs_the_same_whatever_hangs_on_it(client, staff, django_assert_max_num_queries):
    form = make_form()
    counts = []
    for years in (2, 8):
        cooperative = make_cooperative(form=form, founded_on=date(2000, 1, 1))
        for year in range(2024, 2024 - years, -1):
            make_return(cooperative, year)
        url = reverse(CHANGE, args=[cooperative.pk])
        with django_assert_max_num_queries(25) as captured:
            client.get(url)
        counts.append(len(captured))
    assert counts[0] == counts[1]


# -- Returns in the admin --------------------------------------------------------------------------

RETURNS = "admin:cooperatives_annualreturn_changelist"


def test_returns_are_found_by_their_cooperative_and_year(client, staff):
    wanted = make_return(make_cooperative("KSP Maju"), 2023)
    other = make_return(make_cooperative("Lain"), 2022)
    assert set(shown(client.get(reverse(RETURNS)))) == {wanted, other}
    assert shown(client.get(reverse(RETURNS), {"q": "ksp MAJU"})) == [wanted]
    assert shown(client.get(reverse(RETURNS), {"tahun": "2022"})) == [other]
    assert set(shown(client.get(reverse(RETURNS), {"tahun": "x"}))) == {wanted, other}
    other.cooperative.void(reason="salah", by=None)
    assert shown(client.get(reverse(RETURNS))) == [wanted]


def test_an_officer_of_the_admin_would_reach_the_own_returns_only(rf):
    """The admin is closed to officers; its rows are theirs alone all the same."""
    own, other = make_regency("Berau"), make_regency("Paser")
    request = rf.get("/")
    request.user = make_user("petugas", regency=own)
    inside = make_return(make_cooperative("Dalam", regency=own))
    provincial = make_return(make_cooperative("Provinsi", regency=own, form=make_form("province")))
    make_return(make_cooperative("Luar", regency=other))
    returns = admin.site.get_model_admin(AnnualReturn)
    assert set(returns.get_queryset(request)) == {inside, provincial}
    assert returns.has_change_permission(request, inside)
    assert not returns.has_change_permission(request, provincial)
    cooperatives = admin.site.get_model_admin(Cooperative)
    assert {row.name for row in cooperatives.get_queryset(request)} == {"Dalam", "Provinsi"}
    assert cooperatives.has_change_permission(request, inside.cooperative)
    assert not cooperatives.has_change_permission(request, provincial.cooperative)
    assert cooperatives.get_readonly_fields(request, inside.cooperative) == ["regency"]
    assert cooperatives.get_changeform_initial_data(request) == {"regency": own.pk}


def test_an_officer_enters_nothing_for_others():
    own, other = make_regency("Berau"), make_regency("Paser")
    form = CooperativeForm({"name": "Maju", "regency": other.pk, "form": make_form("province").pk})
    form.user = make_user("petugas", regency=own)
    assert {"regency", "form"} <= set(form.errors)


def test_the_autocomplete_offers_what_is_in_the_register(client, staff):
    make_cooperative("KSP Maju").void(reason="salah", by=None)
    wanted = make_cooperative("KSP Maju Jaya")
    query = {"app_label": "cooperatives", "model_name": "statusperiod", "field_name": "successor", "term": "maju"}
    answer = client.get("/admin/autocomplete/", query).json()
    assert [row["id"] for row in answer["results"]] == [str(wanted.pk)]


@pytest.mark.parametrize(("founded_on", "fits"), [("01/01/2015", True), ("02/05/2020", False), ("01/01/2024", False)])
def test_a_founding_day_after_what_is_on_record_is_refused(client, staff, founded_on, fits):
    cooperative = make_cooperative("KSP Maju", since=date(2018, 1, 1), founded_on=date(2010, 5, 1))
    make_return(cooperative, 2019, rat_held=True, rat_on=date(2020, 5, 1))
    response = edit(client, cooperative, founded_on=founded_on)
    assert (response.status_code == 302) == fits
    if not fits:
        assert "founded_on" in response.context["adminform"].form.errors

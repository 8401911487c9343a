"""Schema and API say the same: whatever is asked, nothing fails and no answer is one that the schema does not know."""

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import positive_data_acceptance

from cooperatives.models import BoardMember, FormerName, Kind, Sector
from figures.models import Figure, Indicator, Source
from tests.factories import make_cooperative, make_form, make_group, make_regency, make_return, make_territory
from tests.reporting.reports import approved, make_report

LISTS = ("cooperatives", "returns", "regencies", "territories", "indicators", "figures", "reports")
VOCABULARIES = ("forms", "kinds", "groups", "sectors")
PATHS = (
    "/api/v1/",
    *(f"/api/v1/{name}/" for name in LISTS),
    *(f"/api/v1/vocabularies/{name}/" for name in VOCABULARIES),
    "/api/v1/cooperatives/{id}/",
    "/api/v1/regencies/{slug}/",
    "/api/v1/territories/{key}/",
    "/api/v1/indicators/{code}/",
    "/api/v1/reports/{id}/",
    *(f"/api/v1/aid/{name}/" for name in ("packages", "units", "programmes", "kinds")),
    "/api/v1/aid/packages/{id}/",
    *(f"/api/v1/{name}/" for name in ("meetings", "follow-ups")),
    *(f"/api/v1/{name}/{{id}}/" for name in ("meetings", "follow-ups")),
    *(f"/api/v1/progress/{name}/" for name in ("awards", "rubrics", "criteria", "snapshots", "scorecard", "announced")),
    "/api/v1/progress/snapshots/{id}/",
)
# Some dozens an address find what thousands find, within seconds; a long run raises this number.
EXAMPLES = 15

pytestmark = pytest.mark.django_db


@pytest.fixture
def application():
    """The portal as a server runs it, but on the connection of the test, as Django's own client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield get_wsgi_application()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def api_schema(db, application):
    """The schema as it is served, and a register for it to be asked about."""
    regency = make_regency("Samarinda", slug="samarinda")
    territory = make_territory(regency=regency)
    kind, sector = Kind.objects.create(name="Jasa"), Sector.objects.create(name="Konstruksi")
    one = make_cooperative(regency=regency, group=make_group(), form=make_form(), kind=kind, sector=sector)
    make_return(one)
    BoardMember.objects.create(cooperative=one, name="Nama Contoh", position="chair")
    FormerName.objects.create(cooperative=one, name="Nama Lama")
    make_cooperative().void(reason="salah", by=None)
    # Of a regency whose register is empty: nothing there contradicts what it reports.
    approved(make_report(make_regency("Berau")))
    indicator = Indicator.objects.get(code="cooperatives")
    source = Source.objects.create(key="PR", title="Siaran pers", publisher="Dinas", url="https://example.com/")
    Figure.objects.create(indicator=indicator, territory=territory, as_of="2012-12-31", value=1, source=source)
    return schemathesis.openapi.from_wsgi("/api/schema/", application)


@pytest.mark.parametrize(
    ("mode", "path"),
    # The index takes nothing, so nothing can be wrong with what it is given.
    [(mode, path) for mode in GenerationMode for path in PATHS if mode.is_positive or path != "/api/v1/"],
)
def test_every_answer_is_as_described(api_schema, path, mode):
    @given(case=api_schema[path]["GET"].as_strategy(generation_mode=mode))
    @settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=HealthCheck)
    def ask(case):
        # The WSGI client does not unpack what GZipMiddleware packs.
        # What is described may still be refused: the values of many filters stand in the database, not in the schema.
        case.call_and_validate(headers={"Accept-Encoding": "identity"}, excluded_checks=[positive_data_acceptance])

    ask()


def test_every_address_is_described(client):
    found = client.get("/api/schema/").json()
    assert found["openapi"].startswith("3.")
    assert set(found["paths"]) == set(PATHS)
    for path in found["paths"].values():
        assert set(path) == {"get"}


def test_the_filters_of_the_page_are_in_it(client):
    found = client.get("/api/schema/").json()["paths"]["/api/v1/cooperatives/"]["get"]
    names = [parameter["name"] for parameter in found["parameters"]]
    assert {"after", "limit", "fields", "q", "wilayah", "kelompok", "status", "per", "rat", "audit"} <= set(names)
    status = next(parameter for parameter in found["parameters"] if parameter["name"] == "status")
    assert "dissolved" in status["schema"]["items"]["enum"]


def test_the_schema_is_the_same_whatever_the_register_holds(client):
    before = client.get("/api/schema/").content
    make_cooperative(group=make_group())
    assert client.get("/api/schema/").content == before

"""The public list of aid: what it shows, adds up and keeps to itself."""

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assistance import procedure
from assistance.filters import AidFilter
from assistance.models import Package
from assistance.stages import Stage
from assistance.totals import Totals
from tests.assistance.aid import at_stage, make_kind, make_programme, make_recipient, new_package, proposed
from tests.factories import make_cooperative, make_regency, make_return, make_user

pytestmark = pytest.mark.django_db


def historical(**values):
    """Old aid of which nothing but its kind is known."""
    package = Package(kind=values.pop("kind", None) or make_kind("Gerobak PKL"), **values)
    return procedure.enter_historical(package, by=make_user("verifikator"))


def lines(response):
    return list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode())))[1:]


def totals(**asked):
    return Totals(AidFilter(asked, queryset=Package.objects.all()))


def test_holds_aid_from_the_decree_on(client):
    draft, decreed = proposed(), at_stage(Stage.DECREED)
    page = client.get("/bantuan/").content.decode()
    assert f'href="/bantuan/{decreed.pk}/"' in page
    assert f'href="/bantuan/{draft.pk}/"' not in page
    assert totals().all.packages == 1

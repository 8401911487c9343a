"""What a public page weighs when it is opened for the first time: at most 100 KB and five requests, no cookie, nothing
from elsewhere, nothing inline."""

import gzip
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.db import transaction
from django.test import Client, override_settings

from cooperatives.models import Cooperative

# Says that a database is to be made; what the pages show is put in and taken out by `pages`.
pytestmark = [pytest.mark.django_db, pytest.mark.same_on_both]

MOST_BYTES, MOST_REQUESTS = 100 * 1024, 5
PAGES = """
    / /?ukuran=anggota /koperasi/ /koperasi/?wilayah=samarinda&status=active {record} /cek/ /cek/?q={name} /wilayah/
    /wilayah/kutai-barat/ /wilayah/tarakan/ /statistik/ /statistik/cooperatives/ /statistik/rekap/
    /statistik/pelaporan/ /bantuan/ /bantuan/unit/ /tentang/ /privasi/ /aksesibilitas/ /en/ /en/koperasi/ /en{record}
    /en/wilayah/ /rapat/ /rapat/janji/ /kemajuan/ /kemajuan/samarinda/ /kemajuan/diumumkan/ /kemajuan/predikat/
    /kemajuan/potret/ /en/kemajuan/
    /en/statistik/members/ /en/statistik/pelaporan/ /tidak-ada/ /masuk/
""".split()


class Page(HTMLParser):
    """What a page makes a browser fetch, and what a strict policy would refuse."""

    def __init__(self, response):
        super().__init__()
        self.response, self.assets, self.inline = response, [], []
        self.feed(response.content.decode())

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        fetched = {"script": "src", "img": "src", "iframe": "src", "source": "src", "embed": "src", "object": "data"}
        if tag == "link" and attrs.get("rel") in {"stylesheet", "icon", "preload", "modulepreload", "manifest"}:
            self.assets.append(attrs["href"])
        elif attrs.get(fetched.get(tag)):
            self.assets.append(attrs[fetched[tag]])
        elif tag == "script" and attrs.get("type") not in {"application/json", "application/ld+json"}:
            self.inline.append("<script>")
        if tag == "style":
            self.inline.append("<style>")
        self.inline += [name for name, value in attrs.items() if name == "style" or name.startswith("on")]
        self.inline += [value for value in attrs.values() if (value or "").strip().lower().startswith("javascript:")]

    @property
    def weight(self):
        """Bytes over the wire, compressed as Django and WhiteNoise do it."""
        bodies = [
            self.response.content,
            *(Path(finders.find(one.removeprefix("/static/"))).read_bytes() for one in self.assets),
        ]
        return sum(len(gzip.compress(body, 6)) for body in bodies)


@pytest.fixture(scope="module")
def pages(django_db_setup, django_db_blocker):
    """Each page as a browser gets it that was never here; the register holds a hundred simulated cooperatives."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_starter", verbosity=0)
        with override_settings(DEBUG=True):
            call_command("make_demo", cooperatives=100, verbosity=0)
        record = Cooperative.objects.filter(returns__isnull=False, board__isnull=False).first()
        addresses = [one.format(record=record.get_absolute_url(), name=record.name.replace(" ", "+")) for one in PAGES]
        found = {address: Page(Client().get(address)) for address in addresses}
        transaction.set_rollback(True)
    return found


def test_every_page_was_there(pages):
    wrong = {one: page.response.status_code for one, page in pages.items() if page.response.status_code != 200}
    assert wrong == {"/tidak-ada/": 404}


def test_a_first_visit_weighs_at_most_100_kilobytes(pages):
    assert {address: page.weight for address, page in pages.items() if page.weight > MOST_BYTES} == {}


def test_a_first_visit_takes_at_most_five_requests(pages):
    assert {one: page.assets for one, page in pages.items() if 1 + len(page.assets) > MOST_REQUESTS} == {}
    assert all(len(page.assets) >= 3 for page in pages.values()), "control: style, script and icon were seen"


def test_nothing_comes_from_elsewhere(pages):
    assert {asset for page in pages.values() for asset in page.assets if not re.match(r"/static/[^/]", asset)} == set()


def test_style_sheets_fetch_nothing_more():
    sheets = [*Path("static/css").glob("*.css")]
    assert sheets
    fetched = {
        (sheet.name, one) for sheet in sheets for one in re.findall(r"@import[^;]*|url\([^)]*\)", sheet.read_text())
    }
    assert {one for one in fetched if "data:" not in one[1]} == set()


def test_nothing_is_inline(pages):
    assert {address: page.inline for address, page in pages.items() if page.inline} == {}


def test_a_visitor_gets_no_cookie_but_at_the_sign_in(pages):
    assert {address for address, page in pages.items() if page.response.cookies} == {"/masuk/"}


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ('<p style="color:red">', ["style"]),
        ('<a onclick="x()">', ["onclick"]),
        ("<script>x()</script>", ["<script>"]),
        ("<style>p{}</style>", ["<style>"]),
        ('<a href="javascript:x()">', ["javascript:x()"]),
        ('<script type="application/ld+json">{}</script>', []),
    ],
)
def test_control_what_a_policy_would_refuse_is_seen(html, found):
    class Answer:
        content = html.encode()

    assert Page(Answer).inline == found

"""A real browser on a running portal, for the tests in this folder; `make test-browser` runs them.

The portal is served as in production: collected, hashed and compressed static files, the whole chain of middleware,
its own connections to the database. The data is made once and shared: the starter data, a simulated register and one
account for each role. A test that writes makes records of its own and leaves the shared ones as they are.

What a page says on the console, a script that fails, a request that fails and a breach of the content security policy
fail the test that opened it.
"""

import fcntl
import os
import secrets
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.management import call_command
from django.test import Client, override_settings
from django.test.testcases import LiveServerThread
from django.test.utils import setup_databases, teardown_databases
from playwright.sync_api import sync_playwright

from tests.factories import make_user

# Playwright's own loop runs in this thread, which Django takes for asynchronous code; it is not.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

PHONE = 360
DESK = 1280
HEIGHTS = {PHONE: 740, DESK: 900}
COOPERATIVES = 150
PASSWORD = "kata sandi untuk uji"

# All of axe's rules, the one on the size of targets too, which it leaves out unless it is named (WCAG 2.2, 2.5.8).
# It must not fetch style sheets by itself, which the policy of the portal refuses.
AXE = {"rules": {"target-size": {"enabled": True}}, "preload": False, "resultTypes": ["violations"]}

TOO_WIDE = """() => [...document.querySelectorAll("main *, header *, footer *, body > *")].filter((one) => {
  for (let box = one.parentElement; box; box = box.parentElement)
    if (box !== document.body && getComputedStyle(box).overflowX !== "visible") return false;
  return one.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5;
}).slice(0, 5).map((one) => one.outerHTML.slice(0, 120)).join("; ")"""

# Flags for machines without a network, without a screen and for root, who may not use Chromium's sandbox.
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    *(["--no-sandbox"] if os.geteuid() == 0 else []),
]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Whatever lies in this folder is a browser's test; nobody has to remember the mark."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def _browser():
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not program:
        pytest.exit("Chromium is not on this machine. On Debian: sudo apt install chromium (or set CHROMIUM).", 1)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def _data(request, django_test_environment, django_db_modify_db_settings, django_db_blocker):
    """The database, filled once for all tests of this folder and never emptied between them.

    Set up here and not by pytest-django, which would wrap each test in a transaction that the server cannot see into.
    """
    if any("browser" not in item.keywords for item in request.session.items):
        pytest.exit("The browser's tests share one database; run them alone: make test-browser", 1)
    with django_db_blocker.unblock():
        databases = setup_databases(verbosity=0, interactive=False, aliases={"default"}, serialized_aliases=set())
        call_command("load_starter", verbosity=0)
        with override_settings(DEBUG=True):
            call_command("make_demo", cooperatives=COOPERATIVES, verbosity=0)
        yield
        teardown_databases(databases, verbosity=0)


@pytest.fixture(scope="session")
def site(_data, tmp_path_factory):
    """The address of the running portal, without a slash at the end."""
    # One collection for all workers of one run: compressing is most of the work of starting.
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "static"
    served = {
        "STATIC_ROOT": folder,
        "STORAGES": {
            "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
            "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
        },
    }
    with override_settings(**served):
        with Path(f"{folder}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (folder / "staticfiles.json").exists():
                call_command("collectstatic", interactive=False, verbosity=0)
        # No static handler around the application: WhiteNoise serves, as in production.
        server = LiveServerThread("localhost", static_handler=lambda application: application)
        server.daemon = True
        server.start()
        server.is_ready.wait()
        if server.error:
            raise server.error
        yield f"http://localhost:{server.port}"
        server.terminate()


@dataclass
class Visit:
    """One browser window on one page, and what went wrong there."""

    page: object
    context: object
    site: str
    # The numbers of errors that the test provokes itself, such as a 404 that it wants to see.
    expected: set = field(default_factory=set)
    complaints: list = field(default_factory=list)
    responses: list = field(default_factory=list)

    def go(self, path):
        return self.page.goto(self.site + path)

    def overflow(self):
        """By how many pixels the page is wider than its window."""
        return self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")

    def too_wide(self):
        """The elements that reach beyond the window outside any box that scrolls by itself, as text."""
        return self.page.evaluate(TOO_WIDE)

    def axe(self, *rules):
        """What axe finds, by all its rules or by these, as text; empty when nothing."""
        options = AXE | ({"runOnly": {"type": "rule", "values": list(rules)}} if rules else {})
        violations = Axe().run(self.page, options=options).response["violations"]
        return "\n".join(
            f"{rule['id']} ({rule['impact']}): {rule['help']}\n  "
            + "\n  ".join(node["html"][:200] + " " + (node.get("failureSummary") or "")[:300] for node in rule["nodes"])
            for rule in violations
        )

    def weight(self):
        """Requests and bytes of bodies that this window has fetched."""
        sizes = [response.request.sizes()["responseBodySize"] for response in self.responses]
        return SimpleNamespace(requests=len(sizes), bytes=sum(sizes))

    def _listen(self):
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        self.page.on("requestfailed", self._miss)
        self.page.on("response", self._answer)

    def _hear(self, message):
        # Chromium logs each answer of 400 and above; _answer has seen it already.
        if message.type in {"error", "warning"} and "Failed to load resource" not in message.text:
            self.complaints.append(f"console: {message.text}")

    def _miss(self, request):
        # A navigation or download that overtakes an unfinished one aborts it.
        if "ERR_ABORTED" not in (request.failure or ""):
            self.complaints.append(f"request: {request.url} {request.failure}")

    def _answer(self, response):
        self.responses.append(response)
        if urlsplit(response.url).netloc != urlsplit(self.site).netloc:
            self.complaints.append(f"elsewhere: {response.url}")
        if response.status >= 400 and response.status not in self.expected:
            self.complaints.append(f"answer: {response.status} {response.url}")


@pytest.fixture
def visit(site, _browser, settings):
    """Opens windows: visit("/koperasi/", width=PHONE, javascript=False, user=...) gives a Visit."""
    opened = []

    def _open(path, *, width=DESK, javascript=True, user=None, expected=(), **options):
        context = _browser.new_context(
            viewport={"width": width, "height": HEIGHTS[width]},
            java_script_enabled=javascript,
            locale="id-ID",
            timezone_id="Asia/Makassar",
            **options,
        )
        context.set_default_timeout(15_000)
        if user is not None:
            client = Client()
            client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
            name, address = settings.SESSION_COOKIE_NAME, site.replace("http:", "https:")
            # A __Host- cookie can only be put in by hand for https; Chromium sends it to http://localhost all the same.
            context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": address, "secure": True}])
        result = Visit(page=context.new_page(), context=context, site=site, expected=set(expected))
        opened.append(result)
        result._listen()
        result.go(path)
        return result

    yield _open
    complaints = [complaint for one in opened for complaint in one.complaints]
    for one in opened:
        one.context.close()
    assert not complaints, "\n".join(complaints)


@pytest.fixture
def account(_data):
    """account("petugas") gives an account that holds the role, made for this test."""

    def _make(role, **values):
        values.setdefault("password", PASSWORD)
        return make_user(role, f"{role}.{secrets.token_hex(4)}", **values)

    return _make

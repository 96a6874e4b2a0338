"""Pages in real Chromium: the site on a port of its own, and a page that fails on any error of the console.

Use it with ``from tests.browser import live_site, page  # noqa: F401`` and ``pytestmark = pytest.mark.browser``.
Nobody signs in by typing: ``sign_in(page, live_site, county, "王丽")`` puts a live session into the browser.
"""

from __future__ import annotations

import atexit
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from threading import Thread
from urllib.parse import urlsplit

import pytest
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.db import connections
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from qingfu.units.actions import open_session
from qingfu.units.tenancy import as_tenant
from qingfu.units.web import SESSION_COOKIE

# Playwright keeps an event loop in this thread; Django would refuse every query beside it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_) -> None:
        """Requests are not news."""


@pytest.fixture(scope="session")
def live_site(cluster) -> Iterator[str]:
    """The whole site on a free port of this machine, on the database of this test run; its address."""
    from qingfu.site.wsgi import application

    server = ThreadedWSGIServer(("127.0.0.1", 0), _Quiet)
    server.daemon_threads = True
    server.set_app(application)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(10)
    server.server_close()
    connections.close_all()


@cache
def _browser() -> Browser:
    """One for the run: every module that imports the fixture has its own, but Playwright starts only once."""
    playwright = sync_playwright().start()
    atexit.register(playwright.stop)
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    return playwright.chromium.launch(executable_path=path, args=ARGUMENTS)


@pytest.fixture(scope="session")
def chromium() -> Browser:
    """Chromium of this machine, or Playwright's own."""
    return _browser()


@contextmanager
def watched_page(browser: Browser, **context) -> Iterator[Page]:
    """A page that fails at its end if the console told of an error or of a breach of the content policy."""
    context = browser.new_context(**{"viewport": PHONE, "locale": "zh-CN", **context})
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: _note(message, complaints))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert not complaints, complaints


@pytest.fixture
def page(chromium) -> Iterator[Page]:
    """A phone."""
    with watched_page(chromium) as page:
        yield page


@pytest.fixture
def desk_page(chromium) -> Iterator[Page]:
    """A computer."""
    with watched_page(chromium, viewport=DESK) as page:
        yield page


def _note(message: ConsoleMessage, complaints: list[str]) -> None:
    if message.type == "error" or "Content Security Policy" in message.text:
        complaints.append(message.text)


def sign_in(page: Page, site: str, county, name: str) -> None:
    """Give the browser of ``page`` a live session of ``name``."""
    with as_tenant(county.tenant_id):
        plain = open_session(county.people[name], "测试", timedelta(hours=1), code_given=True)
    page.context.add_cookies(
        [{"name": SESSION_COOKIE, "value": plain, "domain": urlsplit(site).hostname, "path": "/"}]
    )

"""A server, and Chromium."""

from pathlib import Path

import pytest

from shuzhi.access import session
from tests.servers import web
from tests.visitors import ADMINISTRATOR, known

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
]


@pytest.fixture(scope="session")
def server(two_days):
    """Address of a web process on the home of the two days."""
    with web(two_days.path) as address:
        yield address


@pytest.fixture(scope="session")
def city_server(small_city):
    """Address of a web process on the small simulated city: it has everything that a city has."""
    with web(small_city.path) as address:
        yield address


class SignedIn:
    """A browser whose contexts hold the session of an administrator, at every server of the tests."""

    def __init__(self, browser):
        self._browser = browser
        self._cookie = {"name": session.COOKIE, "value": known(ADMINISTRATOR), "domain": "127.0.0.1", "path": "/"}

    def new_context(self, **options):
        """A context that is signed in."""
        context = self._browser.new_context(**options)
        context.add_cookies([self._cookie])
        return context

    def new_page(self, **options):
        """A page in a context of its own."""
        return self.new_context(**options).new_page()

    def stranger(self, **options):
        """A context that nobody signed in."""
        return self._browser.new_context(**options)


@pytest.fixture(scope="session")
def chromium():
    """A browser with WebGL; skipped where Chromium is not installed."""
    if not Path(CHROMIUM).exists():
        pytest.skip(f"{CHROMIUM} is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield SignedIn(browser)
        browser.close()

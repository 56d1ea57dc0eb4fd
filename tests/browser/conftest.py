"""A server, and Chromium."""

from pathlib import Path

import pytest

from tests.servers import web

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


@pytest.fixture(scope="session")
def chromium():
    """A browser with WebGL; skipped where Chromium is not installed."""
    if not Path(CHROMIUM).exists():
        pytest.skip(f"{CHROMIUM} is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()

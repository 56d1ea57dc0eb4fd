"""A server with the two fixture days, and Chromium."""

from pathlib import Path

import pytest

from tests.servers import web

ROOT = Path(__file__).resolve().parents[2]
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
def home_of_two_days(tmp_path_factory) -> Path:
    """A home with 25 and 26 August 2019 of the eight sites."""
    from shuzhi.ingest.service import import_air_archive, import_stations
    from shuzhi.store import open_home

    fixtures = ROOT / "tests" / "fixtures"
    home = open_home(tmp_path_factory.mktemp("two-days"), create="real")
    import_stations(home, fixtures / "stations_chengdu.csv")
    import_air_archive(home, [str(file) for file in sorted(fixtures.glob("china_sites_*.csv"))], city="成都")
    return home.path


@pytest.fixture(scope="session")
def server(home_of_two_days):
    """Address of a web process on that home."""
    with web(home_of_two_days) as address:
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

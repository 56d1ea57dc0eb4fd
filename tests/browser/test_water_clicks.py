"""The page 水环境 in a browser: a click on the map or on a name chooses without loading the page anew."""

import math

import pytest

from shuzhi.maps.layers import bounds
from shuzhi.registry import places
from shuzhi.store import Scope
from tests.servers import web
from tests.water import water_home

pytestmark = pytest.mark.browser

PATIENCE = 60_000  # ms; the machine may be busy
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"
AT = "at=2026-04-02T20:00"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return water_home(tmp_path_factory.mktemp("browser"))


@pytest.fixture(scope="module")
def address(home):
    with web(home.path) as found:
        yield found


@pytest.fixture
def page(chromium, address):
    context = chromium.new_context(viewport={"width": 1366, "height": 768})
    page = context.new_page()
    page.asked, page.loads = [], []
    page.on("request", lambda request: page.asked.append(request.url))
    page.on("load", lambda: page.loads.append(1))
    page.goto(f"{address}/water?{AT}")
    page.locator(".sz-watersections").wait_for(timeout=PATIENCE)
    page.locator(IDLE).wait_for(timeout=PATIENCE)
    yield page
    context.close()
    assert not [url for url in page.asked if not url.startswith((address, "blob:", "data:"))]


def test_a_name_in_a_table_chooses_without_loading_anew(page):
    page.locator(".sz-watersections a", has_text="丙桥").click()
    page.locator(".sz-watertitle h2", has_text="丙桥").wait_for(timeout=PATIENCE)
    assert "section=A3" in page.url
    page.locator(".st-key-water-close button").click()
    page.locator(".sz-waterrivers a", has_text="清水河").click()
    page.locator(".sz-section", has_text="3/7 个").wait_for(timeout=PATIENCE)
    assert "river=" in page.url
    assert page.loads == [1]


def test_a_click_on_the_map_chooses(page, home):
    spot = on_screen(home, 104.43, 30.85, page.locator(".st-key-water-map").bounding_box())
    for _attempt in range(10):  # until the canvas has drawn itself
        page.wait_for_timeout(1_500)
        page.mouse.click(*spot)
        page.wait_for_timeout(1_500)
        if "section=" in page.url:
            break
    page.locator(".sz-watertitle h2", has_text="丁桥").wait_for(timeout=PATIENCE)
    assert "section=B1" in page.url


def on_screen(home, lon: float, lat: float, box: dict) -> tuple[float, float]:
    """Where a position is on the screen: the map shows the whole city in the middle of its box."""
    west, south, east, north = bounds(places.layer(home, Scope.all(), "district"))
    inset = 16  # px, half a rem at each side
    scale = min((box["width"] - inset) / (east - west), (box["height"] - inset) / (mercator(north) - mercator(south)))
    x = box["x"] + box["width"] / 2 + (lon - (west + east) / 2) * scale
    y = box["y"] + box["height"] / 2 - (mercator(lat) - (mercator(north) + mercator(south)) / 2) * scale
    return x, y


def mercator(lat: float) -> float:
    return math.degrees(math.asinh(math.tan(math.radians(lat))))

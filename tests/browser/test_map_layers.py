"""The large layers of the map in a browser: tiles of our own, legend, click, search; its pure parts against GDAL."""

import re

import pyogrio
import pytest

from shuzhi.maps import tiles
from shuzhi.registry import sources
from shuzhi.status import water
from shuzhi.store import Scope
from shuzhi.store.selection import Selection, world
from tests.servers import web

pytestmark = pytest.mark.browser

ALL = Scope.all()
SECONDS = 1000  # ms
PATIENCE = 90 * SECONDS  # the machine may be busy


@pytest.fixture(scope="module")
def city_server(small_city):
    with web(small_city.path) as address:
        yield address


@pytest.fixture
def opened(chromium, city_server):
    """A function that opens the map; gives the page, with the addresses that it asked for."""
    contexts = []

    def go(query: str):
        contexts.append(chromium.new_context(viewport={"width": 1366, "height": 768}, accept_downloads=True))
        page = contexts[-1].new_page()
        page.set_default_timeout(PATIENCE)
        page.asked, page.errors = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("pageerror", lambda error: page.errors.append(str(error)))
        page.goto(f"{city_server}/map?{query}")
        page.locator(".dm-stage canvas").wait_for()
        return page

    yield go
    for context in contexts:
        context.close()


@pytest.fixture
def lonely(small_city):
    """A source that stands alone, in the tile of its place."""
    rows = sources.search(small_city, ALL, Selection(), limit=200).rows.dropna(subset=["lon"])
    for row in rows.to_dict("records"):
        x, y = world(row["lon"], row["lat"])
        cells = pyogrio.read_dataframe(tiles.tile(small_city, ALL, "sources", 16, x >> 14, y >> 14, Selection()))
        if len(cells) == 1 and cells["n"].iloc[0] == 1:
            return row
    raise LookupError("no source stands alone")


def test_tiles_come_from_here_and_the_legend_has_the_tables_numbers(opened, city_server, small_city):
    page = opened("show=air,sources,district&permit_class=key,simplified")
    page.wait_for_function(
        "() => performance.getEntriesByType('resource').some(one => one.name.includes('/tiles/sources/'))"
    )
    page.locator(".lg-section", has_text="重点管理").wait_for()
    counted = page.locator(".lg-section .lg-entry b").all_inner_texts()
    chosen = Selection.of(permit_class=["key", "simplified"])
    assert sum(int(text.replace(",", "")) for text in counted) == sources.search(small_city, ALL, chosen).placed
    assert all(url.startswith((city_server, "blob:", "data:")) for url in page.asked)
    assert not page.errors


def test_a_click_on_a_source_opens_its_card(opened, lonely):
    page = opened(f"show=sources&view={lonely['lon']:.4f},{lonely['lat']:.4f},16")
    page.wait_for_timeout(6 * SECONDS)
    box = page.locator(".dm-stage canvas").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_url(re.compile(f"source={lonely['id']}"), timeout=PATIENCE)
    page.locator(".st-key-map-card").get_by_text(lonely["name"]).first.wait_for()
    assert not page.errors


def test_the_search_flies_and_opens_the_card(opened, lonely):
    page = opened("show=air,district")
    page.wait_for_timeout(3 * SECONDS)
    page.locator(".se-field").fill(lonely["id"])
    page.locator(".se-row").first.wait_for()
    page.locator(".se-field").press("Enter")
    page.wait_for_url(re.compile(f"source={lonely['id']}"), timeout=PATIENCE)
    page.wait_for_url(re.compile(r"show=.*sources.*view=|view=.*show=.*sources"), timeout=PATIENCE)
    page.locator(".st-key-map-card").get_by_text(lonely["name"]).first.wait_for()


def test_the_words_come_after_the_large_layers(opened, small_city):
    """The marks of sections are words too: one tells its name under the pointer."""
    section = water.sections(small_city, ALL).dropna(subset=["lon"]).iloc[0]
    page = opened(f"show=water,sources&view={section['lon']:.4f},{section['lat']:.4f},12")
    box = page.locator(".dm-stage canvas").bounding_box()
    for turn in range(20):
        page.wait_for_timeout(SECONDS)
        page.mouse.move(box["x"] + box["width"] / 2 + turn % 2, box["y"] + box["height"] / 2)
        if section["name"] in page.locator(".dm-tip").inner_text():
            return
    raise AssertionError("no section under the pointer")


def test_a_picture_of_the_map(opened, tmp_path):
    page = opened("show=air,water,district,river")
    page.wait_for_timeout(4 * SECONDS)
    page.context.set_offline(True)
    with page.expect_download() as download:
        page.get_by_role("button", name="下载图片").click()
    file = tmp_path / "map.png"
    download.value.save_as(file)
    assert download.value.suggested_filename.endswith("环境一张图.png")
    assert file.read_bytes().startswith(b"\x89PNG")
    assert file.stat().st_size > 20_000


def test_distances_are_those_of_the_earth(opened, city_server):
    page = opened("show=district")
    lengths = page.evaluate(
        """async base => {
            const m = await import(base + '/assets/ui/x/measure.js')
            const square = [[104, 30], [104.1, 30], [104.1, 30.1], [104, 30.1]]
            const numbers = [m.lengthOf([[104, 30], [104, 31]]), m.areaOf(square), m.niceLength(740)]
            return [...numbers, m.lengthText(1234), m.areaText(2.5e6)]
        }""",
        city_server,
    )
    assert lengths[0] == pytest.approx(111_195, rel=1e-3)
    assert lengths[1] == pytest.approx(11_119.5 * 11_119.5 * 0.8656, rel=2e-3)
    assert lengths[2:] == [500, "1.23 km", "2.5 km²"]


def test_the_reader_of_tiles_reads_what_gdal_reads(opened, city_server, small_city):
    """All properties of all cells of the tile in the middle of the city."""
    x, y = world(104.06, 30.66)
    place = (12, x >> 18, y >> 18)
    chosen = Selection.of(ranges={"nox": (0, None)})
    expected = pyogrio.read_dataframe(tiles.tile(small_city, ALL, "sources", *place, chosen, "nox"))
    page = opened("show=district")
    read = page.evaluate(
        """async ([base, address]) => {
            const { readPoints } = await import(base + '/assets/ui/x/mvt.js')
            return readPoints(await (await fetch(base + address)).arrayBuffer())
        }""",
        [city_server, "/tiles/sources/1/{}/{}/{}.mvt?nox_min=0&amount=nox".format(*place)],
    )
    assert len(read) == len(expected) > 3
    key = expected.assign(x=expected.geometry.x, y=tiles.EXTENT - expected.geometry.y)
    for cell, row in zip(read, key.to_dict("records"), strict=True):
        assert (cell["x"], cell["y"], cell["n"]) == (row["x"], row["y"], row["n"])
        assert cell["amount"] == pytest.approx(row["amount"])
        assert cell.get("name") == (row["name"] if isinstance(row.get("name"), str) else None)

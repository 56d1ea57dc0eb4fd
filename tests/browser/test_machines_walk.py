"""移动机械 in a browser: area, card, filters, file and address speak of the same machines."""

import pytest

from shuzhi.registry import machines
from shuzhi.store import Scope
from shuzhi.store.selection import Selection, read
from tests.browser.walks import PATIENCE, Walk

pytestmark = pytest.mark.browser

ALL = Scope.all()


@pytest.fixture
def walk(chromium, city_server):
    opened = []

    def go(path="/machines", **options) -> Walk:
        opened.append(Walk(chromium, city_server, path, **options))
        return opened[-1]

    yield go
    for each in opened:
        each.close()


def test_an_area_is_drawn_and_filters(walk, small_city):
    page = walk()
    page.draw([(0.35, 0.35), (0.75, 0.35), (0.55, 0.75)])
    page.wait_url("area=")
    page.page.get_by_role("heading", name="选中移动机械").wait_for(timeout=PATIENCE)
    count = machines.search(small_city, ALL, read("machines", page.query())).count
    assert page.count("移动机械") == count
    assert 0 < count < machines.figures(small_city, ALL)["total"]
    assert page.listed() == f"{count:,}"


def test_a_card_opens_beside_the_list_and_the_map_stays(walk):
    page = walk("/machines?type=excavator")
    page.page.locator(".st-key-machines-map iframe").wait_for(timeout=PATIENCE)
    page.page.evaluate("window.mine = document.querySelector('.st-key-machines-map iframe')")
    link = page.page.locator(".st-key-machines-list tbody a").nth(2)
    called = link.inner_text()
    link.click()
    page.wait_url("machine=")
    page.page.locator(".st-key-machines-side h2", has_text=called).wait_for(timeout=PATIENCE)
    assert page.query() == {"type": "excavator", "machine": called}
    assert page.page.evaluate("window.mine.isConnected")
    left, right = (page.page.locator(f".st-key-machines-{part}").bounding_box() for part in ("listing", "side"))
    assert right["x"] > left["x"] + left["width"] - 1
    page.page.locator(".st-key-machines-card-close button").first.click()
    page.page.locator(".st-key-machines-side").wait_for(state="detached", timeout=PATIENCE)
    assert page.loads == 1


def test_filters_hold_for_the_count_the_file_and_the_map(walk, small_city):
    page = walk()
    page.choose("机械类型", "叉车")
    page.wait_url("type=forklift")
    page.page.get_by_role("heading", name="选中移动机械").wait_for(timeout=PATIENCE)
    count = machines.search(small_city, ALL, Selection.of(type=["forklift"])).count
    assert page.count("移动机械") == count
    assert len(page.download("CSV").splitlines()) - 1 == count
    page.page.keyboard.press("Escape")
    page.page.get_by_role("link", name="在一张图上看").click()
    page.wait_url("/map")
    assert page.query()["m.type"] == "forklift"
    assert "machines" in page.query()["show"]

"""污染源清单 in a browser: an area is drawn, a card opens beside the list, and list, address and file say the same."""

import re
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import pytest

from shuzhi.registry import sources
from shuzhi.store import Scope, open_home
from shuzhi.store.selection import Selection, read
from tests.browser.walks import PATIENCE, Walk
from tests.servers import web

pytestmark = pytest.mark.browser

ALL = Scope.all()


@pytest.fixture
def walk(chromium, city_server):
    opened = []

    def go(path="/sources", server=city_server, **options) -> Walk:
        opened.append(Walk(chromium, server, path, **options))
        return opened[-1]

    yield go
    for each in opened:
        each.close()


def found(home, walk) -> int:
    """How many the address of the page chooses."""
    return sources.search(home, ALL, read("sources", walk.query())).count


def test_an_area_is_drawn_and_filters(walk, small_city):
    page = walk()
    everything = page.count("污染源")
    assert everything == sources.search(small_city, ALL, Selection()).count
    page.draw([(0.35, 0.35), (0.7, 0.35), (0.7, 0.7), (0.35, 0.7)])
    page.wait_url("area=")
    page.page.get_by_role("heading", name="选中污染源").wait_for(timeout=PATIENCE)
    assert len(read("sources", page.query()).polygon) == 4
    assert 0 < page.count("污染源") < everything
    assert page.count("污染源") == found(small_city, page)
    assert page.listed() == f"{page.count('污染源'):,}"
    page.page.get_by_role("button", name="去掉范围").click()
    page.page.get_by_role("heading", name="在册污染源").wait_for(timeout=PATIENCE)
    assert "area=" not in page.page.url
    assert page.loads == 1


def test_a_name_opens_the_card_beside_the_list(walk):
    page = walk("/sources?unit=武侯区")
    name = page.page.locator(".sz-sources tbody a").nth(3)
    called = name.inner_text()
    name.click()
    page.wait_url("source=")
    page.page.locator(".st-key-sources-side h2", has_text=called).first.wait_for(timeout=PATIENCE)
    assert page.query()["unit"] == "武侯区"
    assert page.page.locator(".sz-sources").is_visible()
    page.page.go_back()
    page.page.locator(".st-key-sources-side iframe").wait_for(timeout=PATIENCE)
    assert "source=" not in page.page.url
    assert page.loads == 1


def test_a_head_sorts_the_list(walk, small_city):
    page = walk()
    page.page.locator(".sz-sources th a", has_text="单位名称").click()
    page.wait_url("sort=name")
    first = sources.search(small_city, ALL, Selection(), "name", descending=False).rows["name"].iloc[0]
    page.page.locator(".sz-sources tbody tr", has_text=first).first.wait_for(timeout=PATIENCE)
    assert page.loads == 1


def test_a_chosen_unit_counts_and_is_shared_by_its_address(walk, small_city):
    page = walk()
    page.choose("管理单位", "锦江区")
    page.wait_url("unit=")
    page.page.get_by_role("heading", name="选中污染源").wait_for(timeout=PATIENCE)
    count = sources.search(small_city, ALL, Selection.of(unit=["锦江区"])).count
    assert page.count("污染源") == count
    page.page.get_by_text("登记管理").first.click()  # other counts: the lists' labels change, what is chosen stays
    page.wait_url("permit_class=registered")
    page.page.get_by_text("登记管理").first.click()
    page.page.wait_for_url(lambda url: "permit_class" not in url, timeout=PATIENCE)
    assert page.query() == {"unit": "锦江区"}
    again = walk("/sources?" + urlsplit(page.page.url).query)
    assert again.count("污染源") == count
    assert again.listed() == f"{count:,}"
    again.page.get_by_role("link", name="在一张图上看").click()
    again.wait_url("/map")
    shown = parse_qs(urlsplit(again.page.url).query)
    assert shown["unit"] == ["锦江区"]
    assert "sources" in shown["show"][0].split(",")


def test_the_file_has_the_rows_that_are_counted(walk):
    page = walk("/sources?permit_class=key")
    text = page.download("CSV")
    assert len(text.splitlines()) - 1 == page.count("污染源")
    cells = page.download("每 1 km 格的合计（CSV）", opened=True).splitlines()
    assert sum(int(line.split(",")[2]) for line in cells[1:]) == page.count("污染源")


def test_deliveries_are_listed_and_taking_back_needs_a_second_thought(walk):
    page = walk()
    page.page.get_by_role("button", name="批次").click()
    page.page.get_by_text("生效日").wait_for(timeout=PATIENCE)
    assert page.page.get_by_text(re.compile(r"\.csv$")).count() >= 1
    assert page.page.get_by_role("button", name="撤销", exact=True).is_disabled()


def test_on_a_phone_the_filters_are_folded_away(walk):
    page = walk(viewport={"width": 390, "height": 844})
    filters = page.page.locator(".st-key-sources-filters")
    assert not filters.is_visible()
    assert page.page.locator(".sz-sources").bounding_box()["y"] < 844
    page.page.locator("summary", has_text="筛选").click()
    assert filters.is_visible()
    assert page.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@contextmanager
def empty(folder):
    with web(open_home(folder).path) as address:
        yield address


def test_an_empty_home_says_what_to_do(walk, tmp_path):
    with empty(tmp_path / "home") as server:
        for path, command in (("/sources", "import inventory"), ("/machines", "import machines")):
            page = walk(path, server)
            assert command in page.page.locator(".stMain").inner_text()
            page.page.goto("about:blank")

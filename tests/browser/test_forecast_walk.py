"""趋势预测 in a browser: a place and an item are chosen without loading anew, the address and a file keep them."""

from pathlib import Path
from urllib.parse import urlsplit

import pandas as pd
import pytest

from shuzhi.settings import BEIJING
from tests.browser.walks import PATIENCE, Walk
from tests.forecasts import forecast_home, record_issue
from tests.servers import web

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 390, "height": 844}}


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    home = forecast_home(tmp_path_factory.mktemp("forecast-walk"))
    record_issue(home, pd.Timestamp.now(BEIJING).normalize())
    with web(home.path) as found:
        yield found


@pytest.fixture
def walk(chromium, address):
    opened, said = [], []

    def go(path="/forecast", **options) -> Walk:
        page = Walk(chromium, address, path, **options)
        page.page.on("console", lambda message: said.append(message) if message.type == "error" else None)
        opened.append(page)
        return page

    yield go
    for each in opened:
        each.close()
    assert not [message.text for message in said]


def place(page: Walk) -> str:
    return page.page.locator(".sz-dateline span").first.inner_text()


def units(page: Walk) -> set[str]:
    return set(page.page.locator(".sz-daynumber .sz-small").all_inner_texts())


def test_a_place_and_an_item_are_chosen_and_kept_by_the_address(walk):
    page = walk()
    assert page.page.locator(".sz-day").count() == 7
    assert units(page) == {"AQI"}
    page.page.get_by_role("radio", name="区县 × 日").click()
    page.page.locator(".sz-daymatrix a", has_text="锦江区").click()
    page.page.locator(".sz-dateline", has_text="锦江区").wait_for(timeout=PATIENCE)
    page.page.get_by_role("radio", name="PM₂.₅").click()
    page.page.locator(".sz-day", has_text="µg/m³").first.wait_for(timeout=PATIENCE)
    page.wait_url("item=pm25")
    assert page.query() == {"part": "districts", "place": "锦江区", "item": "pm25"}
    assert page.loads == 1
    again = walk("/forecast?" + urlsplit(page.page.url).query)
    assert place(again) == "锦江区"
    assert units(again) == {"µg/m³"}
    assert again.page.get_by_role("radio", name="PM₂.₅").is_checked()
    assert again.page.locator(".sz-daymatrix").is_visible()


def test_the_chart_that_is_shown_is_a_file(walk):
    page = walk("/forecast?place=1434A&item=o3_8h")
    for chart in ("近 14 天实测与未来 7 天预报", "未来 72 小时预报"):
        page.page.locator(f"[aria-label='{chart}'] svg").wait_for(timeout=PATIENCE)
    page.page.get_by_role("button", name="下载").click()
    with page.page.expect_download(timeout=PATIENCE) as download:
        page.page.get_by_role("button", name="O₃-8h 日预报图（SVG）").click()
    picture = Path(download.value.path()).read_text(encoding="utf-8")
    assert download.value.suggested_filename.endswith("1434A_o3_8h_week.svg")
    assert picture.startswith("<svg")
    assert picture.count(">60<") == 7  # a number on each day


def test_the_whole_week_stands_on_a_phone(walk):
    page = walk(**PHONE)
    boxes = [day.bounding_box() for day in page.page.locator(".sz-day").all()]
    assert len(boxes) == 7
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= 390 for box in boxes)
    assert page.page.evaluate(
        "[...document.querySelectorAll('.sz-days, .stMain, html')].every(one => one.scrollWidth <= one.clientWidth)"
    )

"""The map in a browser: it plays by itself, tells the server only what was chosen, and asks no outside host."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

pytestmark = pytest.mark.browser

AT = "2019-08-26T15:00"
SECONDS = 1000  # ms
PATIENCE = 60 * SECONDS  # the machine may be busy


class Map:
    """The page 环境一张图, with what went over the wire."""

    def __init__(self, chromium, server, query, **options):
        self.context = chromium.new_context(**{"viewport": {"width": 1366, "height": 768}, **options})
        self.page = self.context.new_page()
        self.outside, self.sent, self.errors = [], [], []
        self.page.on("request", self._request)
        self.page.on("websocket", lambda socket: socket.on("framesent", lambda frame: self.sent.append(frame)))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.server = server
        self.page.goto(f"{server}/map?{query}")
        self.page.locator(".dm-stage canvas").wait_for(timeout=PATIENCE)
        self.page.wait_for_function(_COUNTS_SHOWN, timeout=PATIENCE)
        self.page.wait_for_timeout(2 * SECONDS)

    def _request(self, request):
        if not request.url.startswith((self.server, "blob:", "data:")):
            self.outside.append(request.url)

    def clock(self):
        return self.page.locator(".tp-clock").inner_text()

    def counts(self):
        return [int(text) for text in self.page.locator(".lg-row b").all_inner_texts()]

    def url(self):
        return {key: value[0] for key, value in parse_qs(urlsplit(self.page.url).query).items()}

    def click_middle(self):
        box = self.page.locator(".dm-stage canvas").bounding_box()
        self.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    def wait_url(self, pattern):
        self.page.wait_for_url(re.compile(pattern), timeout=PATIENCE)


_COUNTS_SHOWN = """() => {
  for (const host of document.querySelectorAll('.st-key-map *')) {
    const counts = host.shadowRoot?.querySelectorAll('.lg-row b') ?? []
    if (counts.length && [...counts].every(count => count.textContent !== '')) return true
  }
  return false
}"""


@pytest.fixture
def open_map(chromium, server):
    opened = []

    def opener(query=f"at={AT}", **options):
        opened.append(Map(chromium, server, query, **options))
        return opened[-1]

    yield opener
    for each in opened:
        each.context.close()


def test_playback_asks_the_server_nothing(open_map):
    shown = open_map("at=2019-08-25T15:00")
    assert shown.clock() == "15:00"
    shown.sent.clear()
    shown.page.get_by_role("button", name="播放最近 72 小时").click()
    seen = set()
    for _ in range(20):
        shown.page.wait_for_timeout(400)
        seen.add(shown.clock())
    assert len(seen) > 5
    assert shown.sent == []
    shown.page.get_by_role("button", name="暂停").click()
    shown.wait_url(f"T{shown.clock()[:2]}(:|%3A)00")
    assert len(shown.sent) == 1
    assert not shown.outside
    assert not shown.errors


def test_a_chosen_hour_is_told_once(open_map):
    shown = open_map()
    shown.sent.clear()
    slider = shown.page.locator(".tp-slider")
    slider.focus()
    for _ in range(3):
        slider.press("ArrowLeft")
    assert shown.clock() == "12:00"
    shown.wait_url(r"at=2019-08-26T12(:|%3A)00")
    shown.page.wait_for_timeout(SECONDS)
    assert len(shown.sent) == 1
    assert shown.clock() == "12:00"


def test_click_opens_the_card_and_the_card_the_station(open_map):
    shown = open_map(f"at={AT}&view=104.1122,30.6306,11.5")
    shown.click_middle()
    shown.wait_url("station=1434A")
    card = shown.page.locator(".st-key-map-card")
    card.get_by_text("沙河铺").wait_for(timeout=PATIENCE)
    assert "215" in card.inner_text()
    assert shown.url()["view"].startswith("104.11")
    card.get_by_role("link", name="站点详情").click()
    shown.wait_url("/station.*station=1434A")
    assert shown.url()["at"] == AT


def test_filters_count_and_live_in_the_url(open_map):
    shown = open_map()
    everything = shown.counts()
    assert sum(everything) == 8
    shown.page.locator(".lg-row", has_text="良").first.click()
    shown.wait_url("hide=2")
    assert shown.counts() == everything
    shown.page.locator(".st-key-map-factor").get_by_text("O₃").click()
    shown.wait_url("factor=o3")
    shown.page.wait_for_timeout(2 * SECONDS)
    assert shown.counts() != everything
    again = open_map(urlsplit(shown.page.url).query)
    assert again.counts() == shown.counts()
    assert not again.page.locator(".lg-row input").nth(1).is_checked()


def test_the_map_keeps_its_canvas_over_reruns(open_map):
    shown = open_map()
    shown.page.locator(".dm-stage canvas").evaluate("canvas => { window.mine = canvas }")
    shown.page.locator(".st-key-map-layers").get_by_text("河流").click()
    shown.wait_url("show=")
    shown.page.wait_for_timeout(SECONDS)
    assert shown.page.evaluate("window.mine.isConnected")


def test_an_hour_without_readings_says_so(open_map):
    shown = open_map("at=2019-08-25T03:00")
    assert shown.counts() == [0, 0, 0, 0, 0, 0, 8]
    assert shown.page.locator(".dm-note").inner_text() == "这一小时没有读数"
    shown.page.get_by_role("button", name="播放最近 72 小时").click()
    shown.page.wait_for_timeout(6 * SECONDS)
    shown.page.locator(".st-key-map-factor").get_by_text("O₃").click()
    before = shown.clock()
    shown.page.wait_for_timeout(2 * SECONDS)
    assert shown.page.locator(".dm-note").inner_text() == ""
    assert shown.clock() > before, "another factor does not stop the playback"


def test_phone(open_map):
    shown = open_map(viewport={"width": 390, "height": 844})
    filters = shown.page.locator(".st-key-map-filters")
    assert not filters.is_visible()
    shown.page.get_by_role("button", name="筛选").click()
    assert filters.is_visible()
    assert shown.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_finger_opens_the_card(open_map):
    shown = open_map(f"at={AT}&view=104.1122,30.6306,11.5", viewport={"width": 390, "height": 844}, has_touch=True)
    box = shown.page.locator(".dm-stage canvas").bounding_box()
    shown.page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    shown.wait_url("station=1434A")
    shown.page.locator(".st-key-map-card").get_by_text("沙河铺").wait_for(timeout=PATIENCE)


def test_without_webgl_a_message(chromium, server):
    context = chromium.new_context()
    page = context.new_page()
    page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    page.goto(f"{server}/map?at={AT}")
    page.get_by_text("没有 WebGL 2").wait_for(timeout=PATIENCE)
    context.close()

"""The situation room's screen in a browser: one screen at every size, fresh without a flicker, back after a restart."""

import json
import os
import shutil
import subprocess

import pytest

from shuzhi.decision.targets import set_target
from shuzhi.jobs.serve import web_command
from shuzhi.store import Scope, open_home
from tests.servers import free_port, wait_for, web

pytestmark = pytest.mark.browser

SIZES = {"screen": (1920, 1080), "uhd": (3840, 2160), "band": (3840, 1080)}
PATIENCE = 60_000  # ms; the machine may be busy
LEAST = 0.016
"""Smallest text in parts of the height: 18 mm on a wall 2 m wide, seen from 5 m."""

FAULTS = """least => {
  const faults = [], boxes = []
  const seen = node => node.checkVisibility() && !node.closest("template, script, style")
  const hidden = node => node.closest(".over .name span, .inset p span") // these give way where there is no room
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (texts.nextNode()) {
    const node = texts.currentNode, parent = node.parentElement
    if (!node.data.trim() || !seen(parent) || hidden(parent)) continue
    const svg = parent.closest("svg")
    const size = parseFloat(getComputedStyle(parent).fontSize) * (svg ? parent.getScreenCTM().d : 1)
    if (size < least && !parent.closest("sub")) faults.push(["small", node.data, size])
    const range = document.createRange()
    range.selectNodeContents(node)
    const block = parent.closest("section, header, footer, .registers").getBoundingClientRect()
    for (const { left, right, top, bottom } of range.getClientRects()) {
      if (left < block.left - 2 || right > block.right + 2) faults.push(["outside its block", node.data])
      if (top < -2 || bottom > innerHeight + 2) faults.push(["outside the screen", node.data])
      const inner = (bottom - top) * 0.2
      if (!svg) boxes.push({ left, right, top: top + inner, bottom: bottom - inner, text: node.data })
    }
  }
  boxes.forEach((a, i) => boxes.slice(i + 1).forEach(b => {
    const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left)
    const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)
    if (wide > 1 && high > 1) faults.push(["over each other", a.text, b.text])
  }))
  for (const node of document.querySelectorAll(".over .name b")) {
    if (node.scrollWidth > node.clientWidth) faults.push(["cut", node.textContent])
  }
  const { scrollHeight, scrollWidth } = document.documentElement
  if (Math.max(scrollHeight, document.body.scrollHeight) > innerHeight) faults.push(["scrolls down"])
  if (Math.max(scrollWidth, document.body.scrollWidth) > innerWidth) faults.push(["scrolls sideways"])
  for (const chart of document.querySelectorAll(".chart:has(svg)")) {
    if (!seen(chart)) continue
    const { width, height } = chart.firstElementChild.viewBox.baseVal
    const share = width / height / (chart.clientWidth / chart.clientHeight)
    if (Math.abs(share - 1) > 0.12) faults.push(["a chart of another shape than its box", share])
  }
  return faults
}"""


class Screen:
    """``/wall`` in a window, with what it asked for."""

    def __init__(self, chromium, server, query="", size="screen", maps=True):
        width, height = SIZES[size]
        self.context = chromium.new_context(viewport={"width": width, "height": height})
        self.page = self.context.new_page()
        self.server, self.outside, self.sockets, self.errors = server, [], [], []
        self.page.on("request", self._request)
        self.page.on("websocket", lambda socket: self.sockets.append(socket.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        if not maps:
            self.page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
        self.query = query

    def _request(self, request):
        if not request.url.startswith((self.server, "blob:", "data:")):
            self.outside.append(request.url)

    def open(self):
        self.page.goto(f"{self.server}/wall?{self.query}")
        self.refreshed()
        return self

    def refreshed(self, times=1):
        # a function: the page's policy lets no text become a script
        wanted = f"() => Number(document.documentElement.dataset.refreshes ?? 0) >= {times}"
        self.page.wait_for_function(wanted, timeout=PATIENCE)

    def refreshes(self):
        return self.page.evaluate("Number(document.documentElement.dataset.refreshes ?? 0)")

    def drawn(self):
        self.page.locator(".map > .stage canvas").wait_for(timeout=PATIENCE)

    def text(self, selector):
        return self.page.locator(selector).first.inner_text()

    def change(self, edit, first_only=False):
        """Let the screen see other data than the server sends."""

        def handle(route):
            answer = route.fetch(headers={**route.request.headers, "if-none-match": ""})
            body = answer.json()
            edit(body)
            route.fulfill(status=200, body=json.dumps(body), headers={"content-type": "application/json"})

        self.page.route("**/wall/data.json*", handle, times=1 if first_only else None)

    def close(self):
        self.context.close()
        assert self.outside == []
        assert self.sockets == []
        assert self.errors == []


@pytest.fixture
def screen(chromium):
    opened = []

    def make(*given, **options):
        opened.append(Screen(chromium, *given, **options))
        return opened[-1]

    yield make
    for each in opened:
        each.close()


@pytest.fixture(scope="module")
def city(small_city):
    with web(small_city.path) as address:
        yield address


@pytest.fixture
def own_home(two_days, tmp_path):
    """The two days in a home that a test may change."""
    shutil.copytree(two_days.path, tmp_path / "home")
    return open_home(tmp_path / "home")


def fuller(body):
    """The day that has most to tell: long names, all blocks, many stations."""
    level = {"level": 3, "name": "轻度污染", "color": "#FF7E00", "ink": "#000000", "water": False}
    if body["lang"] == "en":
        level["name"] = "Moderately"
    row = {
        "name": "郫都区犀浦监测站",
        "place": "郫都区",
        "item": "PM2.5",
        "value": "268",
        "times": "1.34 倍",
        "level": level,
    }
    body["over"] = {"count": "16 时，空气 30 个，水 0 个", "none": None, "rows": [row] * 30}
    body["now"] |= {"aqi": "268", "primary": "首要污染物 PM2.5、PM10"}
    body["now"]["level"] = {"level": 5, "name": "重度污染", "color": "#99004C", "ink": "#FFFFFF"}
    for earlier in body["now"]["earlier"]:
        earlier |= {"value": "268", "level": level}
    english = body["lang"] == "en"
    class_, unit = ("Registration", "in all") if english else ("登记管理", "个")
    body["sources"] = {"total": "270 134", "unit": unit, "rows": [{"label": class_, "n": "257 629"}] * 3}
    labels = ("Seen in 24 h", "Where forbidden") if english else ("24 小时内定位", "低排区内禁用")
    rows = [{"label": label, "n": "31 022"} for label in labels]
    body["machines"] = {"total": "38 211", "unit": unit, "rows": rows}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("day", ["as it is", "full"])
def test_one_screen_at_every_size(screen, city, lang, day):
    shown = screen(city, f"lang={lang}", maps=False)
    if day == "full":
        shown.change(fuller)
    shown.open()
    for width, height in SIZES.values():
        before = shown.refreshes()
        shown.page.set_viewport_size({"width": width, "height": height})
        if shown.page.evaluate("innerWidth / innerHeight >= 2.6"):
            shown.refreshed(before + 1)
        shown.page.wait_for_timeout(1_000)
        assert shown.page.evaluate(FAULTS, LEAST * height) == [], (width, height)


def test_both_maps_are_drawn(screen, server):
    shown = screen(server).open()
    shown.drawn()
    shown.page.locator(".inset .stage canvas").wait_for(timeout=PATIENCE)
    assert shown.text(".dateline .alarm") == "自 2019年8月26日 23:00 起没有新数据"
    assert shown.text(".map .legend").split()[:2] == ["优5", "良3"]


def test_an_empty_home_says_what_to_do(screen, tmp_path):
    with web(tmp_path) as address:
        shown = screen(address, "every=0.3").open()
        assert "还没有空气质量数据" in shown.text(".empty")
        assert not shown.page.locator(".now").is_visible()
        assert shown.page.evaluate(FAULTS, LEAST * 1080) == []


def test_new_data_change_the_text_and_nothing_else(screen, own_home):
    with web(own_home.path) as address:
        shown = screen(address, "every=0.5").open()
        shown.drawn()
        shown.page.evaluate(
            "window.mine = [document.querySelector('.map > .stage').shadowRoot.querySelector('canvas'),"
            " document.querySelector('.week svg')]"
        )
        assert shown.text(".year .target") == ""
        set_target(own_home, Scope.all(), 2019, "good_days", 280)
        shown.page.get_by_text("目标 280 天").wait_for(timeout=PATIENCE)
        assert shown.page.evaluate("window.mine.every(element => element.isConnected || element.getRootNode().host)")


def test_back_by_itself_after_a_restart(screen, two_days):
    port = free_port()
    command, environment = web_command("127.0.0.1", port), {**os.environ, "SHUZHI_HOME": str(two_days.path)}
    process = subprocess.Popen(command, env=environment)
    try:
        wait_for(port)
        shown = screen(f"http://127.0.0.1:{port}", "every=0.5").open()
        shown.page.evaluate("window.mine = true")
        index = shown.text(".aqi")
        process.kill()
        process.wait(timeout=20)
        shown.page.locator("#connection", has_text="连接中断，正在重连").wait_for(timeout=PATIENCE)
        assert ":" in shown.text("#connection")
        assert shown.text(".aqi") == index, "the last picture stays"
        process = subprocess.Popen(command, env=environment)
        wait_for(port)
        shown.page.wait_for_function("() => !document.getElementById('connection').textContent", timeout=PATIENCE)
        assert shown.page.evaluate("window.mine"), "the page was not loaded again"
    finally:
        process.kill()
        process.wait(timeout=20)


def test_a_server_that_fails_is_told_apart(screen, server):
    shown = screen(server, "every=0.5", maps=False).open()
    shown.page.route("**/wall/data.json*", lambda route: route.fulfill(status=500), times=2)
    shown.page.locator("#connection", has_text="服务器暂时给不出数据").wait_for(timeout=PATIENCE)
    shown.page.wait_for_function("() => !document.getElementById('connection').textContent", timeout=PATIENCE)


def test_another_version_of_the_page_is_loaded(screen, server):
    shown = screen(server, "every=0.5", maps=False).open()
    shown.page.evaluate("window.mine = true")
    shown.change(lambda body: body.update(page="another"), first_only=True)
    shown.page.wait_for_function("() => window.mine === undefined", timeout=PATIENCE)
    shown.refreshed(2)


def test_a_map_that_could_not_load_is_made_again(screen, server):
    shown = screen(server, "every=1")
    shown.page.route("**/assets/frames/**", lambda route: route.abort(), times=2)
    shown.open()
    shown.page.wait_for_function(
        """() => { const root = document.querySelector('.map > .stage').shadowRoot
           return root?.querySelector('canvas') && root.querySelector('.dm-message').textContent === '' }""",
        timeout=PATIENCE,
    )
    shown.refreshed(4)


def test_a_lost_graphics_card_is_no_end(screen, server):
    shown = screen(server).open()
    shown.drawn()
    lost = """() => { const canvas = document.querySelector('.map > .stage').shadowRoot.querySelector('canvas')
        window.mine = canvas
        canvas.getContext('webgl2').getExtension('WEBGL_lose_context').loseContext() }"""
    shown.page.evaluate(lost)
    shown.page.wait_for_function("() => !window.mine.isConnected", timeout=PATIENCE)
    shown.drawn()


def test_a_long_list_turns_its_pages(screen, server):
    shown = screen(server, "every=600", maps=False)
    shown.change(fuller)
    shown.open()
    first = shown.text("#leaf")
    assert first.startswith("1/")
    rows = shown.page.locator(".over li").count()
    assert 1 < rows < 30
    shown.page.wait_for_function("() => document.getElementById('leaf').textContent.startsWith('2/')", timeout=PATIENCE)

"""The whole map in a real browser: sources as tiles on our page, against the same points inline in a pydeck chart."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from shuzhi.access.session import COOKIE
from shuzhi.registry import sources
from shuzhi.store import Home, Scope
from shuzhi.store.selection import Selection
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.servers import free_port, wait_for, web
from tests.visitors import known

ENOUGH = 240_000
"""Sources with a position that make the comparison one of a whole city."""
ROUNDS = 3
PATIENCE, EVERY = 180_000, 400  # ms; each look waits for all that is being drawn
_INLINE = """
import pandas as pd, pydeck as pdk, streamlit as st
points = pd.read_parquet({file!r})
layer = pdk.Layer("ScatterplotLayer", points, get_position="[lon, lat]", get_radius=60, get_fill_color=[91, 74, 138])
view = pdk.ViewState(longitude=104.06, latitude=30.66, zoom=8.5)
st.pydeck_chart(pdk.Deck([layer], initial_view_state=view, map_provider=None))
"""
# A picture is there when the canvas shows what differs from its ground at many places.
_DRAWN = """() => {
  const canvases = [...document.querySelectorAll('canvas'), ...[...document.querySelectorAll('*')]
    .flatMap(node => (node.shadowRoot ? [...node.shadowRoot.querySelectorAll('canvas')] : []))]
  return canvases.some(canvas => {
    if (canvas.width < 300) return false
    const small = Object.assign(document.createElement('canvas'), { width: 120, height: 80 })
    const pen = small.getContext('2d')
    pen.drawImage(canvas, 0, 0, 120, 80)
    const { data } = pen.getImageData(0, 0, 120, 80)
    let violet = 0
    for (let at = 0; at < data.length; at += 4) {
      if (data[at + 3] > 20 && data[at + 2] > data[at + 1] + 18 && data[at] > data[at + 1]) violet += 1
    }
    return violet > 150
  })
}"""


def run(home: Home) -> list[tuple[str, float, str]]:
    """Measured figures: (what, value, unit)."""
    if not Path(CHROMIUM).exists():
        return [("map in a browser: Chromium is not installed", float("nan"), "")]
    count = sources.search(home, Scope.all(), Selection(), limit=1).placed
    if count < ENOUGH:
        return [("map in a browser: the home has too few sources", float(count), "")]
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        script = _inline_page(home, Path(folder))
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        with web(home.path) as ours, _Served(script) as inline:
            address = f"{ours}/map?show=air,water,sources,district,river"
            measured = [(_visit(browser, address), _visit(browser, inline)) for _round in range(ROUNDS)]
        browser.close()
    (our_time, our_bytes), (inline_time, inline_bytes) = (_median([pair[at] for pair in measured]) for at in (0, 1))
    return [
        ("first picture of the map, sources as tiles", our_time, "s"),
        ("first picture of the same points inline", inline_time, "s"),
        ("first picture, ours against inline", our_time / inline_time, "×"),
        ("websocket bytes of the map", our_bytes / 1e6, "MB"),
        ("websocket bytes of the same points inline", inline_bytes / 1e6, "MB"),
        ("websocket bytes, ours against inline", 100 * our_bytes / inline_bytes, "%"),
    ]


def _inline_page(home: Home, folder: Path) -> Path:
    """A page that gives the points to the chart, as compact as it takes them."""
    rows = home.engine.choose_arrow(
        "sources", "SELECT round(lon, 5) AS lon, round(lat, 5) AS lat FROM chosen WHERE x IS NOT NULL", Selection(),
        Scope.all(),
    )  # fmt: skip
    rows.to_pandas().to_parquet(folder / "points.parquet")
    script = folder / "inline.py"
    script.write_text(_INLINE.format(file=str(folder / "points.parquet")), encoding="utf-8")
    return script


class _Served:
    """A Streamlit page served as it is; gives its address."""

    def __init__(self, script: Path):
        self.script, self.port = script, free_port()

    def __enter__(self) -> str:
        command = [sys.executable, "-m", "streamlit", "run", str(self.script), "--server.port", str(self.port)]
        command += ["--server.headless", "true", "--browser.gatherUsageStats", "false"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=self.script.parent)
        wait_for(self.port)
        return f"http://127.0.0.1:{self.port}/"

    def __exit__(self, *_error) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)


def _visit(browser, address: str) -> tuple[float, int]:
    """Seconds until the points are seen, and bytes that came over the websocket until then."""
    context = browser.new_context(viewport={"width": 1366, "height": 768})
    context.add_cookies([{"name": COOKIE, "value": known(), "domain": "127.0.0.1", "path": "/"}])
    page = context.new_page()
    received = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: received.append(len(frame))))
    keep = "{ const make = HTMLCanvasElement.prototype.getContext; HTMLCanvasElement.prototype.getContext ="
    keep += " function (kind, options) { return make.call(this, kind, { ...options, preserveDrawingBuffer: true }) } }"
    page.add_init_script(keep)  # so that what is drawn can be looked at
    start = time.perf_counter()
    page.goto(address)
    page.wait_for_function(_DRAWN, timeout=PATIENCE, polling=EVERY)
    seconds = time.perf_counter() - start
    context.close()
    return seconds, sum(received)


def _median(pairs: list[tuple[float, int]]) -> tuple[float, float]:
    times, sizes = zip(*pairs, strict=True)
    return sorted(times)[len(times) // 2], sorted(sizes)[len(sizes) // 2]

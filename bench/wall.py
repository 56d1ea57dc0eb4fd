"""The situation room's screen: does it grow? Thousands of refreshes at speed in a real browser, some with new data.

Run by itself: ``SHUZHI_HOME=… python -m bench.wall``.
"""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
from playwright.sync_api import Page, sync_playwright

from shuzhi.jobs.serve import web_command
from shuzhi.status import air
from shuzhi.store import Home, Scope, observations, open_home
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.servers import free_port, wait_for

REFRESHES, WARM_UP = 2_000, 300
PER_CHANGE = 25
"""Refreshes between two corrections of the newest hour."""

EVERY = 0.12  # seconds between two questions of the screen
_PATIENCE = 600_000  # ms


def run(home: Home) -> list[tuple[str, float, str]]:
    """Measured figures, on a copy of the home, for its newest hour is changed: (what, value, unit)."""
    with tempfile.TemporaryDirectory(prefix="shuzhi-wall-") as folder:
        return _run(open_home(shutil.copytree(home.path, Path(folder) / "home")))


def _run(home: Home) -> list[tuple[str, float, str]]:
    port = free_port()
    server = subprocess.Popen(web_command("127.0.0.1", port), env={**os.environ, "SHUZHI_HOME": str(home.path)})
    try:
        wait_for(port)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            page = browser.new_page(viewport={"width": 1920, "height": 1080})
            page.goto(f"http://127.0.0.1:{port}/wall?every={EVERY}")
            return _figures(home, page, server.pid)
    finally:
        server.terminate()
        server.wait(timeout=20)


def _figures(home: Home, page: Page, server: int) -> list[tuple[str, float, str]]:
    changes = _Changes(home)
    _refresh(page, changes, WARM_UP)
    before = _memory(page, server)
    start = time.perf_counter()
    done = _refresh(page, changes, REFRESHES)
    seconds = time.perf_counter() - start
    after = _memory(page, server)
    figures = [
        ("wall: refreshes after the warm-up", float(done), ""),
        ("wall: corrections of the newest hour in all", float(changes.made), ""),
        ("wall: refreshes a second", done / seconds, "1/s"),
    ]
    for what, first, last in zip(_MEASURED, before, after, strict=True):
        figures += [
            (f"wall: {what} after the warm-up", first, "MB"),
            (f"wall: {what} at the end", last, "MB"),
            (f"wall: {what}, end to warm-up", last / first, "×"),
        ]
    return figures


def _refresh(page: Page, changes: "_Changes", times: int) -> int:
    """So many refreshes, with new data now and then; how many there were."""
    start = _refreshes(page)
    for goal in range(start + PER_CHANGE, start + times + 1, PER_CHANGE):
        changes.make()
        page.wait_for_function(f"Number(document.documentElement.dataset.refreshes) >= {goal}", timeout=_PATIENCE)
    return _refreshes(page) - start


def _refreshes(page: Page) -> int:
    return page.evaluate("Number(document.documentElement.dataset.refreshes ?? 0)")


_MEASURED = ("memory of the server", "heap of the page", "memory of the page's process")


def _memory(page: Page, server: int) -> tuple[float, float, float]:
    """Megabytes of the server, of JavaScript's heap after a collection, and of the renderer."""
    page.wait_for_timeout(8_000)  # the server collects its garbage every few seconds
    tools = page.context.new_cdp_session(page)
    for _ in range(3):
        tools.send("HeapProfiler.collectGarbage")
        page.wait_for_timeout(500)
    heap = tools.send("Runtime.getHeapUsage")["usedSize"]
    tools.detach()
    renderers = [each for each in psutil.Process().children(recursive=True) if "--type=renderer" in each.cmdline()]
    renderer = max(each.memory_info().rss for each in renderers)
    return psutil.Process(server).memory_info().rss / 1e6, heap / 1e6, renderer / 1e6


class _Changes:
    """Corrections of the newest hour's ozone: every text, chart and map of the screen has something new to show."""

    def __init__(self, home: Home):
        self.home, self.random, self.made = home, np.random.default_rng(1), 0
        self.hour = air.latest_hour(home, Scope.all())
        self.codes = air.stations(home, Scope.all(), home.city)["code"]

    def make(self) -> None:
        values = self.random.integers(20, 300, len(self.codes)).astype(float)
        rows = pd.DataFrame({"station": self.codes, "factor": "o3", "time": self.hour, "period": "1h", "value": values})
        observations.append(self.home, rows, f"bench-{self.made}")
        self.made += 1


if __name__ == "__main__":
    for what, value, unit in run(open_home()):
        print(f"{what:<60} {value:>12,.3f} {unit}", flush=True)

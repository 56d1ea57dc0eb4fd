"""The situation room's screen: does it grow? Thousands of refreshes at speed in a real browser, some with new data.

Run by itself: ``SHUZHI_HOME=… python -m bench.wall``.
"""

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import pandas as pd
import psutil

from bench.tab import Tab, tab
from shuzhi.access import operator, session
from shuzhi.jobs.serve import web_command
from shuzhi.status import air
from shuzhi.store import Home, Scope, observations, open_home
from tests.servers import free_port, wait_for

REFRESHES, WARM_UP = 2_000, 600
PER_CHANGE = 50
"""Refreshes between two corrections of the newest hour: 2,000 are eight hours of a wall, with 40 corrections."""

EVERY = 0.12  # seconds between two questions of the screen


def run(home: Home) -> list[tuple[str, float, str]]:
    """Measured figures, on a copy of the home, for its newest hour is changed: (what, value, unit)."""
    with tempfile.TemporaryDirectory(prefix="shuzhi-wall-") as folder:
        return _run(open_home(shutil.copytree(home.path, Path(folder) / "home")))


def _run(home: Home) -> list[tuple[str, float, str]]:
    port = free_port()
    server = subprocess.Popen(web_command("127.0.0.1", port), env={**os.environ, "SHUZHI_HOME": str(home.path)})
    try:
        wait_for(port)
        way_in = urlencode({"token": session.device(home, operator(), "bench"), "every": EVERY})
        with tab(f"http://127.0.0.1:{port}/wall/enter?{way_in}", 1920, 1080) as screen:
            return _figures(home, screen, server.pid)
    finally:
        server.terminate()
        server.wait(timeout=20)


def _figures(home: Home, screen: Tab, server: int) -> list[tuple[str, float, str]]:
    changes = _Changes(home)
    _refresh(screen, changes, WARM_UP)
    before = _memory(screen, server)
    start = time.perf_counter()
    done = _refresh(screen, changes, REFRESHES)
    seconds = time.perf_counter() - start
    after = _memory(screen, server)
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


def _refresh(screen: Tab, changes: "_Changes", times: int) -> int:
    """So many refreshes, with new data now and then; how many there were."""
    start = _refreshes(screen)
    for goal in range(start + PER_CHANGE, start + times + 1, PER_CHANGE):
        changes.make()
        while _refreshes(screen) < goal:
            time.sleep(EVERY)
    return _refreshes(screen) - start


def _refreshes(screen: Tab) -> int:
    return int(screen.value("document.documentElement?.dataset.refreshes") or 0)


_MEASURED = ("memory of the server", "heap of the page", "memory of the page's process")


def _memory(screen: Tab, server: int) -> tuple[float, float, float]:
    """Megabytes of the server, of JavaScript's heap, and of the page's process."""
    time.sleep(8)  # the server collects its garbage every few seconds
    heap = screen.heap()
    return psutil.Process(server).memory_info().rss / 1e6, heap, screen.memory()


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

"""One tab of a real browser without a driver: a driver keeps the bodies of all answers, and would be measured too."""

import json
import re
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
from websockets.sync.client import ClientConnection, connect

from tests.browser.conftest import ARGUMENTS, CHROMIUM

_PATIENCE = 60  # seconds for the browser to start


class Tab:
    """A page that is asked through Chromium's own protocol."""

    def __init__(self, browser: subprocess.Popen, socket: ClientConnection):
        self._browser, self._socket, self._asked = browser, socket, 0

    def ask(self, method: str, **parameters) -> dict:
        """Answer to a command of the protocol."""
        self._asked += 1
        self._socket.send(json.dumps({"id": self._asked, "method": method, "params": parameters}))
        while (answer := json.loads(self._socket.recv())).get("id") != self._asked:
            pass  # an event
        return answer["result"]

    def value(self, expression: str):
        """Value of an expression in the page."""
        return self.ask("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def heap(self) -> float:
        """JavaScript's heap after a collection [MB]."""
        for _ in range(3):
            self.ask("HeapProfiler.collectGarbage")
            time.sleep(0.5)
        return self.ask("Runtime.getHeapUsage")["usedSize"] / 1e6

    def memory(self) -> float:
        """Memory of the page's process [MB]."""
        family = psutil.Process(self._browser.pid).children(recursive=True)
        return max(each.memory_info().rss for each in family if "--type=renderer" in each.cmdline()) / 1e6


@contextmanager
def tab(address: str, width: int, height: int) -> Iterator[Tab]:
    """A headless Chromium with one page."""
    with tempfile.TemporaryDirectory(prefix="shuzhi-tab-", ignore_cleanup_errors=True) as profile:
        options = ["--headless=new", "--remote-debugging-port=0", f"--user-data-dir={profile}"]
        options += [f"--window-size={width},{height}", "--no-first-run", *ARGUMENTS]
        browser = subprocess.Popen([CHROMIUM, *options, address], stderr=subprocess.PIPE, text=True)
        try:
            with connect(_page(browser), max_size=None) as socket:
                yield Tab(browser, socket)
        finally:
            browser.terminate()
            browser.wait(timeout=20)


def _page(browser: subprocess.Popen) -> str:
    """Address at which the page's protocol is spoken."""
    port = next(found.group(1) for line in browser.stderr if (found := re.search(r"ws://[^:]+:(\d+)/", line)))
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=_PATIENCE) as answer:
            pages = [each for each in json.load(answer) if each["type"] == "page"]
        if pages:
            return pages[0]["webSocketDebuggerUrl"]
        time.sleep(0.1)
    raise TimeoutError("the browser opened no page")

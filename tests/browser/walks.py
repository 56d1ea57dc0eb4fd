"""A person on a page of a register."""

import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

PATIENCE = 60_000  # ms; the machine may be busy
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"
HEARD = "() => !document.querySelector('a[data-pick]') || 'picks' in document.documentElement.dataset"
"""Links that choose are heard by the page: before that they load it anew."""


class Walk:
    """A page in a window of its own, with what it asked for and how often it was loaded."""

    def __init__(self, chromium, server, path, **options):
        self.context = chromium.new_context(**{"viewport": {"width": 1366, "height": 900}, **options})
        self.page = self.context.new_page()
        self.server, self.outside, self.errors, self.loads = server, [], [], 0
        self.page.on("request", self._request)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(server + path)
        self.page.locator(IDLE).wait_for(timeout=PATIENCE)
        self.page.locator(".sz-dateline, .sz-notice-title").first.wait_for(timeout=PATIENCE)
        self.page.wait_for_function(HEARD, timeout=PATIENCE)

    def _request(self, request):
        if not request.url.startswith((self.server, "blob:", "data:", "about:")):
            self.outside.append(request.url)
        if request.resource_type == "document" and request.frame == self.page.main_frame:
            self.loads += request.url.startswith(self.server)

    def query(self) -> dict[str, str]:
        return {key: values[0] for key, values in parse_qs(urlsplit(self.page.url).query).items()}

    def wait_url(self, pattern: str) -> None:
        self.page.wait_for_url(re.compile(pattern), timeout=PATIENCE)
        self.page.locator(IDLE).wait_for(timeout=PATIENCE)

    def count(self, thing: str) -> int:
        """The number in the sentence."""
        sentence = self.page.locator("h1.sz-hero").inner_text()
        return int(re.search(rf"{thing} ([\d,]+) ", sentence)[1].replace(",", ""))

    def listed(self) -> str:
        """The number over the list."""
        return self.page.locator(".sz-section", has_text="清单").first.inner_text().split()[1]

    def draw(self, corners: list[tuple[float, float]]) -> None:
        """Draw a polygon; corners are parts of the width and the height of the map."""
        frame = self.page.locator("iframe[title*=folium]")
        frame.scroll_into_view_if_needed()
        inside = frame.content_frame
        inside.locator(".leaflet-draw-draw-polygon").click(timeout=PATIENCE)
        corner = inside.locator(".leaflet-editing-icon")
        for number, at in enumerate((*corners, corners[0])):
            wanted = 0 if number == len(corners) else number + 1
            self._click_until(frame, at, lambda wanted=wanted: corner.count() == wanted)

    def _click_until(self, frame, at: tuple[float, float], done) -> None:
        """Click a place of the map until the tool has taken it: on a busy machine it misses one now and then."""
        for _ in range(5):
            box = frame.bounding_box()
            x, y = (
                box[side] + part * box[size] for side, size, part in zip("xy", ("width", "height"), at, strict=True)
            )
            self.page.mouse.move(x, y, steps=3)
            self.page.mouse.click(x, y)
            for _ in range(10):
                if done():
                    return
                self.page.wait_for_timeout(100)
        raise AssertionError(f"the map did not take a corner at {at}")

    def choose(self, label: str, option: str) -> None:
        """Take an option of a list that can be searched."""
        field = self.page.get_by_role("combobox", name=label)
        field.click()
        field.fill(option)
        self.page.get_by_role("option", name=option).first.click(timeout=PATIENCE)
        self.page.keyboard.press("Escape")  # while the list is open, the rest of the page is hidden from readers

    def download(self, name: str, opened: bool = False) -> str:
        """The text of a file of the popover of exports."""
        if not opened:
            self.page.get_by_role("button", name="导出").click()
        with self.page.expect_download(timeout=PATIENCE) as download:
            self.page.get_by_role("button", name=name, exact=True).click()
        return Path(download.value.path()).read_text(encoding="utf-8-sig")

    def close(self) -> None:
        self.context.close()
        assert self.outside == []
        assert self.errors == []

"""Every page in a browser: nothing from outside, nothing broken, one screen; and the event of 26 August 2019."""

from pathlib import Path

import pytest

from tests.servers import web

pytestmark = pytest.mark.browser

AT = "at=2019-08-26T15:00"
EVENT = "15 时 O₃ 215 µg/m³，今日首次超过小时限值 200，轻度污染。"
PAGES = {"home": "/", "map": "/map", "station": "/station"}
PICTURES = Path(__file__).resolve().parents[2] / "build" / "pictures"
PATIENCE = 60_000  # ms; the machine may be busy
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"


class Visit:
    """A page in a window of its own, with what it asked for."""

    def __init__(self, chromium, server, path, size=(1366, 768), **options):
        width, height = size
        self.context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        self.page = self.context.new_page()
        self.server, self.outside, self.errors = server, [], []
        self.page.on("request", self._request)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(server + path)
        self.settle()

    def _request(self, request):
        if not request.url.startswith((self.server, "blob:", "data:")):
            self.outside.append(request.url)

    def settle(self):
        """Until the script has run and what it sent is drawn."""
        self.page.locator(IDLE).wait_for(timeout=PATIENCE)
        self.page.locator(".sz-dateline, .sz-mark").first.wait_for(timeout=PATIENCE)
        self.page.wait_for_timeout(2_500)

    def text(self) -> str:
        return " ".join(self.page.locator(".stMain").inner_text().split())

    def picture(self, name: str) -> None:
        PICTURES.mkdir(parents=True, exist_ok=True)
        assert len(self.page.screenshot(path=PICTURES / f"{name}.png")) > 20_000

    def close(self):
        self.context.close()
        assert self.outside == []
        assert self.errors == []


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_no_page_asks_an_outside_host(chromium, server, page, lang, mode):
    visit = Visit(chromium, server, f"{PAGES[page]}?{AT}&lang={lang}", color_scheme=mode)
    assert visit.page.locator(".sz-failure").count() == 0
    visit.picture(f"{page}-{lang}-{mode}")
    visit.close()


@pytest.mark.parametrize("wall", ["", "&embed=true&embed_options=dark_theme&wall=1"])
def test_home_is_one_screen(chromium, server, wall):
    visit = Visit(chromium, server, f"/?{AT}{wall}", size=(1920, 1080))
    main = visit.page.locator(".stMain")
    assert main.evaluate("element => element.scrollHeight <= element.clientHeight")
    visit.picture(f"home-{'wall' if wall else 'desk'}-1920x1080")
    visit.close()


def the_event(chromium, server, name):
    """沙河铺, 26 August 2019, 15:00: O3 215 µg/m³, on the map, in its card, and one click further on its page."""
    visit = Visit(chromium, server, f"/map?{AT}&station=1434A")
    card = visit.page.locator(".st-key-map-card")
    card.wait_for(timeout=PATIENCE)
    words = card.inner_text()
    assert all(wanted in words for wanted in ("沙河铺", "108", "轻度污染", "215"))
    visit.picture(f"event-map-{name}")
    card.get_by_text("站点详情").click()
    visit.page.wait_for_url("**/station?**", timeout=PATIENCE)
    visit.page.get_by_text("今日首次超过小时限值").first.wait_for(timeout=PATIENCE)
    visit.settle()
    assert EVENT.replace(" ", "") in visit.text().replace(" ", "").replace("O3", "O₃")
    assert "station=1434A" in visit.page.url
    visit.picture(f"event-station-{name}")
    visit.close()


def test_the_event_of_two_days(chromium, server):
    the_event(chromium, server, "two-days")


@pytest.mark.archive
def test_the_event_in_the_real_year(chromium, home_2019):
    with web(home_2019.path) as address:
        the_event(chromium, address, "2019")

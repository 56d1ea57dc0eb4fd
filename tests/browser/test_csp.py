"""No page does what the content security policy forbids, and no name from a file becomes a part of a page."""

import pytest

from shuzhi.ui import menu
from tests import hostile
from tests.browser.walks import IDLE, PATIENCE
from tests.servers import web

pytestmark = pytest.mark.browser

LISTEN = """addEventListener('securitypolicyviolation', event =>
    console.error('POLICY', event.effectiveDirective, event.blockedURI, event.sourceFile, event.lineNumber))"""
QUIET = 800  # ms in which maps, charts and the drawing map do what they do
INJECTED = """() => {
    const within = root => {
        const hits = [...root.querySelectorAll('img[src=x], [onerror]')]
        hits.push(...[...root.querySelectorAll('script')].filter(node => node.textContent.startsWith('alert')))
        const hosts = [...root.querySelectorAll('*')].filter(node => node.shadowRoot)
        return [...hits.map(node => node.outerHTML), ...hosts.flatMap(node => within(node.shadowRoot))]
    }
    return within(document)
}"""


class Watch:
    """A page that is led from address to address, and what the browser complained of."""

    def __init__(self, context, server):
        self.server, self.found = server, []
        context.add_init_script(LISTEN)
        self.page = context.new_page()
        self.page.set_viewport_size({"width": 1366, "height": 900})
        self.page.on("console", self._console)
        self.page.on("dialog", lambda dialog: (self.found.append(dialog.message), dialog.dismiss()))

    def _console(self, message) -> None:
        if "POLICY" in message.text or "Content Security Policy" in message.text:
            self.found.append(f"{self.page.url}: {message.text}")

    def go(self, path: str, shown: str = IDLE) -> None:
        self.page.goto(self.server + path)
        self.page.locator(shown).first.wait_for(timeout=PATIENCE)
        self.page.wait_for_timeout(QUIET)


def test_no_page_breaks_the_policy(chromium, city_server):
    watch = Watch(chromium.new_context(), city_server)
    for path in menu.paths():
        watch.go(path)
        assert watch.page.locator(".sz-failure").count() == 0
    watch.go("/sources", "iframe[title*=folium]")
    drawing = watch.page.locator("iframe[title*=folium]").content_frame
    drawing.locator(".leaflet-draw-draw-polygon").wait_for(timeout=PATIENCE)
    drawing.locator(".leaflet-image-layer").wait_for(timeout=PATIENCE)  # what is put onto the map is evaluated
    watch.go("/map?show=air,water,sources,machines", "canvas")
    watch.go("/wall", "html[data-state=full]")
    watch.page.locator("canvas").first.wait_for(timeout=PATIENCE)
    for path in ("/account", "/healthz"):
        watch.go(path, "body")
    assert watch.found == []


def test_the_sign_in_keeps_the_policy(chromium, city_server):
    watch = Watch(chromium.stranger(), city_server)
    for path in ("/map", "/sign-in?lang=en"):
        watch.go(path, "body")
    assert watch.found == []


@pytest.fixture(scope="module")
def hostile_server(tmp_path_factory):
    with web(hostile.home_of(tmp_path_factory.mktemp("hostile")).path) as address:
        yield address


def test_names_are_never_parts_of_a_page(chromium, hostile_server):
    watch = Watch(chromium.new_context(), hostile_server)
    everything = "show=air,water,sources,machines&layers=district"
    for path, shown in (
        (f"/?at={hostile.AT}", IDLE),
        (f"/map?at={hostile.AT}&station=1431A&{everything}", "canvas"),
        ("/map?source=P1", "canvas"),
        ("/map?section=A2&show=water", "canvas"),
        ("/sources", "iframe[title*=folium]"),
        ("/machines?machine=3-AA00120", IDLE),
        ("/water?at=2026-04-02T20:00&section=A1", IDLE),
        ("/wall", "html[data-state=full]"),
    ):
        watch.go(path, shown)
        assert [hit for frame in watch.page.frames for hit in frame.evaluate(INJECTED)] == [], path
        if "1431A" in path:
            find(watch.page)
    assert watch.found == []


def find(page) -> None:
    """What the search finds is text."""
    page.locator("input[type=search]").first.fill("img")
    page.locator("[role=option]").first.wait_for(timeout=PATIENCE)
    assert "<img" in page.locator("[role=listbox]").first.inner_text()
    assert page.evaluate(INJECTED) == []

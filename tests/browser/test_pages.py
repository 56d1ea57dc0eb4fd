"""Every page in a browser: nothing from outside, nothing broken, one language, one screen; and the event of 26 August
2019."""

import re
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from babel.messages.pofile import read_po

from shuzhi.i18n import catalogue_files
from shuzhi.settings import DATA
from tests.servers import web

pytestmark = pytest.mark.browser

AT = "at=2019-08-26T15:00"
EVENT = "15 时 O₃ 215 µg/m³，今日首次超过小时限值 200，轻度污染。"
PAGES = ("home", "map", "station", "water", "sources", "machines", "briefing", "wall")
HARMLESS = re.compile(r"/_stcore/(health|host-config)$")
"""Streamlit looks for its server below the path of a page before it looks at the root."""
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
        self.page.on("console", self._console)
        self.page.goto(server + path)
        self.settle()

    def _request(self, request):
        if not request.url.startswith((self.server, "blob:", "data:")):
            self.outside.append(request.url)

    def _console(self, message):
        if message.type == "error" and not HARMLESS.search(message.location.get("url", "")):
            self.errors.append(f"{message.text} ({message.location.get('url')})")

    def settle(self):
        """Until the script has run, everything has been fetched, and it is drawn."""
        self.page.locator(f"{IDLE}, body > footer").first.wait_for(timeout=PATIENCE)
        self.page.locator(".sz-dateline, .sz-mark, .aqi").first.wait_for(timeout=PATIENCE)
        self.page.wait_for_load_state("networkidle", timeout=PATIENCE)
        self.page.wait_for_timeout(1_000)

    def written(self) -> list[str]:
        """Every piece of text that can be seen, also inside the map."""
        return self.page.evaluate(WRITTEN)

    def text(self) -> str:
        return " ".join(self.page.locator(".stMain").inner_text().split())

    def picture(self, name: str) -> None:
        PICTURES.mkdir(parents=True, exist_ok=True)
        assert len(self.page.screenshot(path=PICTURES / f"{name}.png")) > 20_000

    def close(self):
        self.context.close()
        assert self.outside == []
        assert self.errors == []


WRITTEN = """() => {
  const found = []
  const icon = element => getComputedStyle(element).fontFamily.includes("Material") || element.closest("[role=img]")
  const read = root => {
    const nodes = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT)
    for (let node = nodes.nextNode(); node; node = nodes.nextNode()) {
      if (node.shadowRoot) read(node.shadowRoot)
      if (node.placeholder && node.matches(":placeholder-shown")) found.push(node.placeholder)
      const around = node.parentElement
      if (node.nodeType !== Node.TEXT_NODE || !node.data.trim() || !around?.checkVisibility()) continue
      if (!around.closest("style, script, template") && !icon(around)) found.push(node.data.trim())
    }
  }
  read(document.body)
  return found
}"""
DARK = "() => getComputedStyle(document.querySelector('.stApp')).colorScheme === 'dark'"


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_every_page_in_its_language_and_without_outside_hosts(chromium, city_server, page, lang):
    """In both modes: the second is switched to on the open page, as the system does in the evening."""
    visit = Visit(chromium, city_server, f"/{page if page != 'home' else ''}?lang={lang}", color_scheme="light")
    assert visit.page.locator(".sz-failure, .sz-notice-title").count() == 0
    foreign = [text for text in visit.written() if of_other_language(text, lang)]
    assert not foreign
    visit.picture(f"{page}-{lang}-light")
    if page != "wall":  # always dark
        visit.page.emulate_media(color_scheme="dark")
        visit.page.wait_for_function(DARK, timeout=PATIENCE)
        visit.page.wait_for_timeout(500)
        visit.settle()
        visit.picture(f"{page}-{lang}-dark")
    visit.close()


def test_a_popover_has_the_ink_of_the_mode(chromium, city_server):
    """It stands outside the root of the app, which alone has Streamlit's color-scheme."""
    visit = Visit(chromium, city_server, "/sources", color_scheme="dark")
    visit.page.locator(".st-key-sources-order button").filter(has_text="批次").click()
    cell = visit.page.locator("[data-testid=stPopoverBody] .sz-table td").first
    cell.wait_for(timeout=PATIENCE)
    assert cell.evaluate("element => getComputedStyle(element).color") == "rgb(233, 238, 236)"
    visit.close()


OF_EITHER = ("Skip to main content", "schedule icon", "yyyy", "Excel", "Word", "English", "中文")
"""Streamlit's own words, names of programs, and the languages as each calls itself."""


def of_other_language(text: str, lang: str) -> bool:
    """Whether a text is a message of the interface in the other language, or an English word where nobody wrote it.

    Names of stations, streets and companies are what they are in either language.
    """
    if text in OF_EITHER:
        return False
    if lang == "zh" and re.fullmatch(r"[A-Za-z ]*[a-z]{4,}[A-Za-z ]*", text):
        return True
    return any(message.fullmatch(text) for message in messages()[lang])


@cache
def messages() -> dict[str, list[re.Pattern]]:
    """Language of a page → what must not stand on it: messages and names of codes in the other one."""
    pairs = [(m.id, m.string) for path in catalogue_files("en") for m in read_po(path.open("rb"), locale="en") if m.id]
    pairs = [
        pair for id, said in pairs for pair in (zip(id, said, strict=True) if isinstance(id, tuple) else [(id, said)])
    ]
    for table in (DATA / "registers").glob("*.csv"):
        names = pd.read_csv(table, dtype=str, keep_default_na=False)
        pairs += list(names[["name_zh", "name_en"]].itertuples(index=False, name=None))
    return {
        "en": [pattern(zh) for zh, _en in pairs if len(re.findall("[一-鿿]", literal(zh))) > 1],
        "zh": [pattern(en) for zh, en in pairs if en != zh and len(re.findall("[A-Za-z]", literal(en))) > 3],
    }


def literal(message: str) -> str:
    return re.sub(r"\{[^}]*\}", "", message)


def pattern(message: str) -> re.Pattern:
    """The message with anything in its placeholders."""
    return re.compile(
        "".join(".+" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{[^}]*\})", message))
    )


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

"""Names that come from files, and what an address says, are text on every page: never HTML, never Markdown."""

import re

import pytest

from shuzhi.ui import menu
from tests import hostile
from tests.apps import html, visiting

AT = hostile.AT
PAGES = [
    ("home", {"at": AT}),
    ("home", {}),
    ("map", {"at": AT, "station": "1431A"}),
    ("map", {"at": AT, "station": "1432A", "show": "air,water,sources,machines"}),
    ("map", {"section": "A1", "show": "air,water"}),
    ("map", {"section": "A2"}),
    ("map", {"source": "P0"}),
    ("map", {"s.day": hostile.MARK}),
    ("map", {"source": "P1"}),
    ("map", {"machine": "3-AA00120"}),
    ("map", {"machine": "3-AA00121"}),
    ("station", {"at": AT, "station": "1431A"}),
    ("station", {"at": AT, "station": "1432A"}),
    ("station", {"at": "2019-08-24T15:00", "station": "1433A"}),
    ("station", {"at": "2019-08-24T15:00", "station": "1434A"}),
    ("water", {"at": "2026-04-02T20:00"}),
    ("water", {"at": "2026-04-02T20:00", "section": "A1"}),
    ("water", {"at": "2026-04-02T20:00", "section": "A2"}),
    ("sources", {}),
    ("sources", {"source": "P0"}),
    ("sources", {"source": "P1", "q": hostile.IMAGE}),
    ("sources", {"unit": f"甲{hostile.IMAGE}", "street": hostile.SCRIPT}),
    ("sources", {"day": hostile.MARK}),
    ("machines", {}),
    ("machines", {"machine": "3-AA00120"}),
    ("machines", {"machine": "3-AA00121", "q": hostile.SCRIPT}),
    ("briefing", {}),
    ("accounts", {}),
    ("accounts", {"q": hostile.IMAGE}),
    ("audit", {}),
    ("audit", {"q": hostile.SCRIPT}),
    ("people", {}),
]
PARAMETERS = [
    "account", "action", "at", "basis", "by", "class", "days", "desc", "district", "doc", "draft", "edition",
    "factor", "find", "first", "hide", "kind", "last", "layers", "machine", "month", "network", "of", "order",
    "outcome", "page", "period", "place", "pollutant", "q", "river", "section", "show", "source", "station",
    "street", "unit", "unmet", "view", "wall", "year", "m.by", "s.q", "m.q",
]  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return hostile.home_of(tmp_path_factory.mktemp("hostile"))


def raw(app) -> list[str]:
    """Where a name became an element of the page."""
    return re.findall(r".{0,40}<(?:img|script)\b.{0,40}", html(app), re.IGNORECASE)


def formatted(app) -> list[str]:
    """Texts in Streamlit's Markdown that hold a name as it is, or that let HTML through."""
    found = []
    for element in app:
        proto = getattr(element, "proto", None)  # containers have none
        kind = type(proto).__name__
        if kind == "Markdown":
            found += [proto.body] if proto.allow_html or hostile.MARK in proto.body else []
        elif kind in ("Button", "Checkbox", "Alert", "Toast"):
            texts = [getattr(proto, name, "") for name in ("label", "body", "help")]
            found += [text for text in texts if hostile.MARK in text]
    return found


@pytest.mark.parametrize(("page", "asked"), PAGES, ids=lambda part: part if isinstance(part, str) else "&".join(part))
def test_names_are_text(home, monkeypatch, page, asked):
    with visiting(monkeypatch, page) as go:
        app = go(home, **asked)
        assert "UI-" not in html(app)
        assert raw(app) == []
        assert formatted(app) == []


@pytest.mark.parametrize("page", sorted(menu.paths().values()))
def test_addresses_are_text(home, monkeypatch, page):
    """Whatever an address says, the page is shown, and nothing of it becomes an element."""
    for evil in (hostile.IMAGE, hostile.SCRIPT, hostile.MARK):
        with visiting(monkeypatch, page) as go:
            app = go(home, **dict.fromkeys(PARAMETERS, evil))
            assert raw(app) == []
            assert formatted(app) == []
            assert "UI-" not in html(app)

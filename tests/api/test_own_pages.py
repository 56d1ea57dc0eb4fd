"""Our own pages beside Streamlit's: their colours, the words of the roles, the city in lines."""

import re

from shuzhi.access import rights
from shuzhi.api import assets, emblem
from shuzhi.charts.tokens import DARK, LIGHT

CSS = (assets.STATIC / "sign_in.css").read_text(encoding="utf-8")


def test_colours_are_the_tokens_of_both_modes():
    written = dict(re.findall(r"--([\w-]+): light-dark\((.+)\);", CSS))
    assert len(written) == 12
    for name, both in written.items():
        field = name.replace("-", "_")
        assert both == f"{getattr(LIGHT, field)}, {getattr(DARK, field)}", name


def test_the_stylesheet_asks_for_nothing():
    assert "url(" not in CSS
    assert "@import" not in CSS


def test_every_role_that_signs_in_says_what_it_sees_and_where_it_stands():
    found = rights.matrix()
    for key, row in found["roles"].items():
        assert row["about_zh"], key
        assert row["about_en"], key
        assert ("group" in row) == (key not in (rights.PUBLIC, *rights.SCREENS)), key
        assert row.get("group", "city") in found["groups"], key


def test_the_city_is_drawn_once_and_is_small():
    drawn = emblem.svg()
    assert drawn.count("<path") == 20 + 15
    assert len(drawn) < 20_000
    assert "style=" not in drawn
    assert emblem.svg() is drawn

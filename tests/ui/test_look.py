"""The stylesheet and the tokens of charts and maps are the same colours."""

import dataclasses
import re

from shuzhi.charts.tokens import DARK, LIGHT
from shuzhi.settings import ROOT

CSS = "\n".join(file.read_text(encoding="utf-8") for file in sorted((ROOT / "shuzhi" / "ui" / "look").glob("*.css")))
PAIR = re.compile(r"--([\w-]+): light-dark\((rgba\([^)]*\)|#\w+), (rgba\([^)]*\)|#\w+)\);")


def test_custom_properties_equal_the_tokens():
    written = {name.replace("-", "_"): (light, dark) for name, light, dark in PAIR.findall(CSS)}
    colours = [f.name for f in dataclasses.fields(LIGHT) if f.name not in ("dark", "pollutants")]
    assert written == {name: (getattr(LIGHT, name), getattr(DARK, name)) for name in colours}


def test_no_hook_on_generated_classes():
    assert "st-emotion" not in CSS
    assert "nth-child" not in CSS


def test_stylesheet_asks_no_outside_host():
    assert "url(" not in CSS
    assert "@import" not in CSS

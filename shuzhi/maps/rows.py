"""Rows of the map's smaller layers, as the browser fetches them: sections of water, names of places, flow of rivers.

Each function returns ``layers``, rows by the id of their layer, and where the map's legend speaks of them ``legend``:
title and entries (shape, fill, name, count).
"""

import numpy as np
import pandas as pd
import pydeck as pdk

from shuzhi.charts.tokens import Tokens, tokens
from shuzhi.i18n import _
from shuzhi.maps import labels, layers
from shuzhi.maps import water as sections
from shuzhi.registry import places, rivers
from shuzhi.standards.water import classes
from shuzhi.store import Home, Scope

WORST = 6
"""Class whose Roman name is Chinese."""
_WATER = ("water-marks", "water-names")
_NOWHERE = np.empty((0, 2))
_ARROWS_KM = 6.0
_TURN = 0.004  # of a degree along the river before and behind an arrow, for its direction


def water(home: Home, scope: Scope, at: pd.Timestamp | None, lang: str, dark: bool) -> dict:
    """Sections with their classes at a moment (see `shuzhi.maps.water.section_rows`), and how many each class has."""
    look = tokens(dark)
    found = sections.section_rows(home, scope, at, lang)
    rows = {layer.id: layer.data for layer in sections.drawn(look, found) if layer.id in _WATER}
    for row in rows["water-marks"]:
        row["kind"] = "section"
    return {"layers": rows, "legend": {"title": _("水质类别　断面数"), "entries": _classes(found, lang)}}


def water_layers(look: Tokens) -> list[pdk.Layer]:
    """The layers whose rows `water` gives, the names first; without data."""
    return [layer for layer in sections.drawn(look, []) if layer.id in _WATER]


def names(home: Home, scope: Scope, kind: str, lang: str) -> dict:
    """A name for each place of a kind, with the zoom from which it fits."""
    return {"layers": {f"{kind}-names": labels.polygon_names(places.layer(home, scope, kind), lang, _NOWHERE)}}


def flow(home: Home, scope: Scope) -> dict:
    """Arrows along the rivers, pointing downstream: position and angle [° counterclockwise from east]."""
    arrows = []
    for line, km in zip((network := rivers.network(home, scope)).lines, network.reaches["km"], strict=True):
        count = max(1, round(km / _ARROWS_KM))
        for share in (np.arange(count) + 0.5) / count:
            arrows.append(_arrow(line, share * line.length))
    return {"layers": {"river-flow": arrows}}


def _arrow(line, along: float) -> dict:
    here, before, behind = (line.interpolate(max(0, along + step)) for step in (0, -_TURN, _TURN))
    east = (behind.x - before.x) * np.cos(np.radians(here.y))
    angle = np.degrees(np.arctan2(behind.y - before.y, east))
    return {"position": [round(here.x, 5), round(here.y, 5)], "angle": round(float(angle)), "text": "▶"}


def _classes(found: list[dict], lang: str) -> list[dict]:
    counted = pd.Series([row["water_class"] for row in found], dtype=int).value_counts()
    entries = [
        {
            "shape": "diamond",
            "fill": layers.rgb(row.color),
            "name": row.roman if lang == "zh" or row.water_class < WORST else row.name_en,
            "count": int(counted.get(row.water_class, 0)),
        }
        for row in classes().itertuples()
    ]
    return [*entries, {"shape": "hollow", "fill": None, "name": _("无数据"), "count": int(counted.get(0, 0))}]

"""Sections of surface water on the map (水质断面): where each stands and what class its water has."""

import json
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
import pydeck as pdk
from pydeck.bindings.json_tools import default_serialize

from shuzhi.charts.tokens import Tokens
from shuzhi.maps import labels, layers
from shuzhi.settings import BEIJING
from shuzhi.standards.water import classes
from shuzhi.status import water_overview
from shuzhi.store import Home, Scope

_COLUMNS = ("code", "name", "lon", "lat", "water_class", "river", "district", "target_class", "lake", "time")
GOOD_UP_TO = 3
SMALL, LARGE = 15, 20
"""Height of a mark [px]: up to class Ⅲ and without a class, and worse than that."""
NAMED_FROM = 10.5
"""Zoom from which sections up to class Ⅲ carry their names; worse ones always do."""


def section_rows(home: Home, scope: Scope, at: pd.Timestamp | None, lang: str) -> list[dict]:
    """The sections that have a position, with their class at a moment.

    Parameters
    ----------
    at : tz-aware Timestamp, optional
        By default the newest stamp; a section keeps its class for 12 hours (`shuzhi.status.water_groups.FRESH`).
    lang : {"zh", "en"}
        Language of ``class_name``.

    Returns
    -------
    list of dict
        code, name, position [lon, lat] (WGS 84), water_class (1…6, 0 none), class_name (Ⅱ类, Class II; "" for none),
        river, district (None where not known), target_class (1…6 or None), lake (bool), time (ISO 8601 of the reading,
        Beijing; None without one), tip (words under the pointer). Worst last, so that it lies on top.

    Raises
    ------
    ScopeError
        If water is outside the scope.
    """
    register, _city = water_overview.watched(home, scope)
    moment = water_overview.moment(home, scope, at)
    found = register.assign(water_class=0, time=pd.NaT)
    if moment is not None:
        found = water_overview.now(home, scope, moment, register)
    return rows_of(found, lang)


def rows_of(table: pd.DataFrame, lang: str) -> list[dict]:
    """Rows as `section_rows` gives them, of a table with a class of each section (register, water_class, time)."""
    placed = np.flatnonzero((table["lon"].notna() & table["lat"].notna()).to_numpy())
    order = placed[np.argsort(table["water_class"].to_numpy()[placed], kind="stable")]
    columns = {name: table[name].to_numpy(object, na_value=None)[order].tolist() for name in _COLUMNS}
    columns["time"] = _texts(columns["time"])
    rows = zip(*columns.values(), strict=True)
    return [_row(dict(zip(columns, row, strict=True)), lang) for row in rows]


def _texts(times: list[pd.Timestamp | None]) -> list[str | None]:
    """ISO 8601 in Beijing; of few different times."""
    texts = {time: time and time.tz_convert(BEIJING).isoformat() for time in set(times)}
    return [texts[time] for time in times]


@dataclass(frozen=True)
class Frame:
    """What of the map is the same whatever its sections are, as JSON.

    Attributes
    ----------
    head, tail : str
        Around the list of layers.
    below, above : tuple of str
        Layers under the names of sections, and the names of places, which give way to them.
    """

    head: str
    tail: str
    below: tuple[str, ...]
    above: tuple[str, ...]


def frame(look: Tokens, base: layers.Ground) -> Frame:
    """The city's map without sections.

    Parameters
    ----------
    look : Tokens
        Colours of the mode.
    base : Ground
        The base layers.
    """
    ground = layers.deck(look, base, ("district", "river"))
    kept = [layer for layer in ground.layers if not layer.id.startswith("air-")]
    at = next((i for i, layer in enumerate(kept) if layer.id.endswith("-names")), len(kept))
    empty = pdk.Deck([], initial_view_state=ground.initial_view_state, map_provider=None)
    head, tail = _json(empty).split('"layers":[]')
    texts = tuple(_json(layer) for layer in kept)
    return Frame(f'{head}"layers":[', f"]{tail}", texts[:at], texts[at:])


def deck(look: Tokens, around: Frame, rows: list[dict], selected: str | None = None) -> str:
    """The city's map with its sections, as deck.gl's JSON.

    Parameters
    ----------
    around : Frame
        The map without them.
    look, rows, selected
        As for `drawn`.
    """
    names, *marks = map(_json, drawn(look, rows, selected))
    return around.head + ",".join([*around.below, names, *around.above, *marks]) + around.tail


def drawn(look: Tokens, rows: list[dict], selected: str | None = None) -> list[pdk.Layer]:
    """The sections as ◆ in the colours of their classes, those worse than class Ⅲ named: names, marks, ring.

    Parameters
    ----------
    look : Tokens
        Colours of the mode.
    rows : list of dict
        As from `rows_of`; the worst last.
    selected : str, optional
        Code of the section with the ring.
    """
    marks = [_mark(look, row) for row in rows]
    names = [_name(row, row["code"] == selected) for row in reversed(rows)]
    names.sort(key=lambda name: not name.pop("chosen"))  # the first goes before those that would cover it
    ring = [{"position": row["position"]} for row in rows if row["code"] == selected]
    return [_names(look, names), _marks(look, marks), _ring(look, ring)]


def _json(described) -> str:
    """As pydeck writes it, without the spaces: those alone would cost more time than the text."""
    return json.dumps(described, sort_keys=True, default=default_serialize, separators=(",", ":"))


def _mark(look: Tokens, row: dict) -> dict:
    """◆, larger where the water is worse than class Ⅲ; ◇ without a class."""
    known = row["water_class"] > 0
    return {
        "code": row["code"],
        "position": row["position"],
        "text": "◆" if known else "◇",
        "fill": layers.rgb(_colors()[row["water_class"]]) if known else layers.rgb(look.stale),
        "size": LARGE if row["water_class"] > GOOD_UP_TO else SMALL,
        "tip": row["tip"],
    }


def _name(row: dict, chosen: bool) -> dict:
    lon, lat = row["position"]
    near = 0.0 if chosen or row["water_class"] > GOOD_UP_TO else NAMED_FROM
    return {"text": row["name"], "lon": lon, "lat": lat, "minzoom": near, "chosen": chosen}


def _marks(look: Tokens, rows: list[dict]) -> pdk.Layer:
    return pdk.Layer(
        "TextLayer",
        data=rows,
        id="water-marks",
        pickable=True,
        get_position="position",
        get_text="text",
        get_color="fill",
        get_size="size",
        outline_width=5,
        outline_color=layers.rgb(look.bg if look.dark else look.ink),
        **layers.text_style(),
    )


def _names(look: Tokens, rows: list[dict]) -> pdk.Layer:
    return pdk.Layer(
        "TextLayer",
        data=rows,
        id="water-names",
        get_position="[lon, lat]",
        get_text="text",
        get_color=layers.rgb(look.ink),
        get_size=labels.SIZE,
        get_pixel_offset=[0, 18],
        outline_width=3,
        outline_color=layers.rgb(look.land),
        font_weight=500,
        **layers.text_style(),
    )


def _ring(look: Tokens, rows: list[dict]) -> pdk.Layer:
    pixels = pdk.types.String("pixels")
    return pdk.Layer(
        "ScatterplotLayer",
        data=rows,
        id="water-selected",
        filled=False,
        stroked=True,
        get_position="position",
        get_line_color=layers.rgb(look.accent),
        get_line_width=3,
        get_radius=14,
        radius_units=pixels,
        line_width_units=pixels,
    )


def class_name(water_class: int, lang: str) -> str:
    """Ⅱ类 or Class II; "" for none."""
    return _class_names(lang).get(int(water_class), "")


@cache
def _colors() -> dict[int, str]:
    return classes().set_index("water_class")["color"].to_dict()


@cache
def _class_names(lang: str) -> dict[int, str]:
    return classes().set_index("water_class")[f"name_{lang}"].to_dict()


def _row(row: dict, lang: str) -> dict:
    return {
        "code": row["code"],
        "name": row["name"],
        "position": [round(float(row["lon"]), 5), round(float(row["lat"]), 5)],
        "water_class": int(row["water_class"]),
        "class_name": class_name(row["water_class"], lang),
        "river": row["river"],
        "district": row["district"],
        "target_class": row["target_class"] and int(row["target_class"]),
        "lake": bool(row["lake"]),
        "time": row["time"],
        "tip": _tip(row, lang),
    }


def _tip(row: dict, lang: str) -> str:
    """What is said under the pointer: 毗河断面9 · 劣Ⅴ类 · 毗河."""
    return " · ".join(part for part in (row["name"], class_name(row["water_class"], lang), row["river"]) if part)

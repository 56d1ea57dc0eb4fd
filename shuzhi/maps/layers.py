"""Layers of the city's map (图层), as pydeck describes them: land, rivers, zones, names, air stations.

The layers ``air-*`` carry no data: the browser makes their rows from the frames (``maps.frames``) and `air_style`, so
that it can play hours back. A row has position, text, name, fill, ink, line, radius, width.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pydeck as pdk

from shuzhi.charts.theme import FONT
from shuzhi.charts.tokens import Tokens
from shuzhi.maps import labels
from shuzhi.registry import places
from shuzhi.standards.aqi import levels
from shuzhi.status import air
from shuzhi.store import Home, Scope

BASE = ("district", "zone", "river")
CLOSE = 11
"""Zoom from which the grids of streets are drawn."""
PICKED = "air-points"
_PIXELS = pdk.types.String("pixels")
_FONT = pdk.types.String(FONT)
_AUTO = pdk.types.String("auto")
_SDF = {"sdf": True, "fontSize": 64, "buffer": 8, "radius": 16, "cutoff": 0.2}
_OUTLINE = {True: 255, False: 170}  # opacity of a point's outline: bg on dark, ink on light
_FAINT = 4  # from this level a colour is too dark to be seen on the dark ground without an outline in ink


@dataclass(frozen=True)
class Ground:
    """The base layers of a home as the map draws them.

    Attributes
    ----------
    version : int
        Version of the home; part of the addresses.
    names : dict
        Rows of names by kind of place.
    schematic : frozenset
        Kinds that are drawn by hand.
    bounds : list
        West, south, east, north of the districts.
    """

    version: int
    names: dict[str, list[dict]]
    schematic: frozenset[str]
    bounds: list[float]


def ground(home: Home, scope: Scope, lang: str, points: np.ndarray | None = None) -> Ground:
    """The base layers of a home, with names placed beside its air stations, or beside other points (lon, lat)."""
    layers = {kind: places.layer(home, scope, kind) for kind in BASE}
    taken = points
    if taken is None:
        taken = air.stations(home, scope, home.city)[["lon", "lat"]].dropna().to_numpy(float)
    names = {}
    for kind, place in (
        ("district", labels.polygon_names),
        ("zone", labels.polygon_names),
        ("river", labels.line_names),
    ):
        names[kind] = place(layers[kind], lang, taken)
        taken = np.concatenate([taken, labels.covered(names[kind])])
    schematic = frozenset(kind for kind in BASE if places.schematic(home, scope, kind))
    return Ground(home.version, names, schematic, bounds(layers["district"]))


def bounds(layer: dict) -> list[float]:
    """West, south, east, north of a GeoJSON layer."""
    corners = np.concatenate([_corners(feature["geometry"]["coordinates"]) for feature in layer["features"]])
    return [*corners.min(axis=0).round(4).tolist(), *corners.max(axis=0).round(4).tolist()]


def deck(look: Tokens, base: Ground, shown: Collection[str] = BASE, names: Collection[str] = BASE) -> pdk.Deck:
    """The map of the city with its air stations.

    Parameters
    ----------
    look : Tokens
        Colours of the mode.
    shown : collection of str
        Kinds of places to draw, and ``flow``, arrows along the rivers. The land is always drawn. Names of streets and
        low-emission zones, and the arrows, come from `shuzhi.maps.rows`.
    names : collection of str
        Kinds whose names are written.
    """
    layers = [_land(look, base, "district" in shown)]
    layers += [_zones(look, base)] if "zone" in shown else []
    layers += [draw(look, base) for kind, draw in _FINE.items() if kind in shown]
    layers += [_rivers(look, base)] if "river" in shown else []
    layers += [_flow(look)] if "flow" in shown else []
    layers += [_late_names(look, kind) for kind in ("lez", "street") if kind in shown]
    layers += [_outlets(look, base)] if "outlet" in shown else []
    colours = {"district": look.ink2, "zone": look.accent, "river": look.river_name}  # the first goes before the next
    layers += [_names(look, base, kind, colours[kind]) for kind in colours if kind in shown and kind in names]
    west, south, east, north = base.bounds
    view = pdk.ViewState(longitude=(west + east) / 2, latitude=(south + north) / 2, zoom=8.5)
    return pdk.Deck([*layers, *_air(look)], initial_view_state=view, map_provider=None)


def air_style(look: Tokens) -> list[dict]:
    """How a station of level 0…6 is drawn: fill, ink (of the number on it), line, radius and width in pixels."""
    hollow = {
        "fill": [0, 0, 0, 0],
        "chip": rgb(look.sunken),
        "ink": rgb(look.ink2),
        "line": rgb(look.stale),
        "radius": 4.6,
        "width": 1.6,
    }
    return [hollow, *(_level_style(look, row) for row in levels().itertuples())]


def rgb(colour: str, alpha: int = 255) -> list[int]:
    """``#RRGGBB`` as deck.gl takes it."""
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)] + [alpha]


def _level_style(look: Tokens, row) -> dict:
    ink_line = not look.dark or row.level >= _FAINT
    return {
        "fill": rgb(row.color),
        "chip": rgb(row.color),
        "ink": rgb(row.ink),
        "line": rgb(look.ink if ink_line else look.bg, _OUTLINE[look.dark]),
        "radius": round(4.6 + 0.9 * row.level, 1),
        "width": 1,
    }


def _address(base: Ground, kind: str) -> str:
    return f"/assets/layers/{base.version}/{kind}.geojson"


def _land(look: Tokens, base: Ground, borders: bool) -> pdk.Layer:
    return pdk.Layer(
        "GeoJsonLayer",
        data=_address(base, "district"),
        id="district",
        filled=True,
        stroked=borders,
        get_fill_color=rgb(look.land),
        get_line_color=rgb(look.line2, 150),
        get_line_width=1,
        line_width_units=_PIXELS,
    )


def _zones(look: Tokens, base: Ground) -> pdk.Layer:
    dashed = {"extensions": [{"@@type": "PathStyleExtension", "dash": True}], "get_dash_array": [6, 4]}
    return pdk.Layer(
        "GeoJsonLayer",
        data=_address(base, "zone"),
        id="zone",
        filled=True,
        stroked=True,
        get_fill_color=rgb(look.accent, 14),
        get_line_color=rgb(look.accent, 170),
        get_line_width=1.2,
        line_width_units=_PIXELS,
        **(dashed if "zone" in base.schematic else {}),
    )


def _rivers(look: Tokens, base: Ground) -> pdk.Layer:
    return pdk.Layer(
        "GeoJsonLayer",
        data=_address(base, "river"),
        id="river",
        get_line_color=rgb(look.river),
        get_line_width="properties.main ? 2.4 : 1.3",
        line_width_units=_PIXELS,
        line_cap_rounded=True,
        line_joint_rounded=True,
    )


def _streets(look: Tokens, base: Ground) -> pdk.Layer:
    return _area(base, "street", rgb(look.accent, 1), rgb(look.line2, 140), 0.8)


def _grids(look: Tokens, base: Ground) -> pdk.Layer:
    return _area(base, "grid", rgb(look.accent, 1), rgb(look.line2, 110), 0.5, min_zoom=CLOSE)


def _low_emission_zones(look: Tokens, base: Ground) -> pdk.Layer:
    colour = look.pollutant("pm25")
    dashed = {"extensions": [{"@@type": "PathStyleExtension", "dash": True}], "get_dash_array": [3, 3]}
    return _area(base, "lez", rgb(colour, 22), rgb(colour, 200), 1.4, **dashed)


def _area(base: Ground, kind: str, fill: list[int], line: list[int], width: float, **more) -> pdk.Layer:
    """Polygons that tell their name; nearly clear where only their lines should be seen."""
    return pdk.Layer(
        "GeoJsonLayer",
        data=_address(base, kind),
        id=kind,
        pickable=True,
        filled=True,
        stroked=True,
        get_fill_color=fill,
        get_line_color=line,
        get_line_width=width,
        line_width_units=_PIXELS,
        **more,
    )


_FINE = {"lez": _low_emission_zones, "grid": _grids, "street": _streets}


def _outlets(look: Tokens, base: Ground) -> pdk.Layer:
    return pdk.Layer(
        "GeoJsonLayer",
        data=_address(base, "outlet"),
        id="outlet",
        pickable=True,
        point_type=pdk.types.String("circle"),
        filled=True,
        stroked=True,
        get_fill_color=rgb(look.surface),
        get_line_color=rgb(look.river_name),
        get_line_width=1.6,
        get_point_radius=4,
        point_radius_units=_PIXELS,
        line_width_units=_PIXELS,
    )


def _flow(look: Tokens) -> pdk.Layer:
    return pdk.Layer(
        "TextLayer",
        data=[],
        id="river-flow",
        min_zoom=9,
        get_position="position",
        get_text="text",
        get_angle="angle",
        get_color=rgb(look.river_name),
        get_size=11,
        **text_style(),
    )


def _late_names(look: Tokens, kind: str) -> pdk.Layer:
    """Names that the browser fetches by themselves: there are hundreds of them."""
    return pdk.Layer(
        "TextLayer",
        data=[],
        id=f"{kind}-names",
        get_position="[lon, lat]",
        get_text="text",
        get_color=rgb(look.ink3 if kind == "street" else look.pollutant("pm25")),
        get_size=labels.SIZE - 1,
        outline_width=3,
        outline_color=rgb(look.land),
        **text_style(),
    )


def _names(look: Tokens, base: Ground, kind: str, colour: str) -> pdk.Layer:
    return pdk.Layer(
        "TextLayer",
        data=base.names[kind],
        id=f"{kind}-names",
        get_position="[lon, lat]",
        get_text="text",
        get_color=rgb(colour),
        get_size=labels.SIZE if kind == "district" else labels.SIZE - 1,
        outline_width=3,
        outline_color=rgb(look.land),
        **text_style(),
    )


def _air(look: Tokens) -> list[pdk.Layer]:
    point = {"get_position": "position", "radius_units": _PIXELS, "line_width_units": _PIXELS, "stroked": True}
    return [
        pdk.Layer(
            "ScatterplotLayer",
            data=[],
            id=PICKED,
            pickable=True,
            get_fill_color="fill",
            get_line_color="line",
            get_line_width="width",
            get_radius="radius",
            **point,
        ),
        pdk.Layer(
            "TextLayer",
            data=[],
            id="air-names",
            get_position="position",
            get_text="name",
            get_color=rgb(look.ink),
            get_size=labels.SIZE,
            get_pixel_offset="offset",
            outline_width=3,
            outline_color=rgb(look.land),
            font_weight=500,
            **text_style(),
        ),
        pdk.Layer(
            "TextLayer",
            data=[],
            id="air-labels",
            pickable=True,
            get_position="position",
            get_text="text",
            get_color="ink",
            get_size=labels.SIZE + 1,
            font_weight=700,
            background=True,
            get_background_color="chip",
            get_border_color="line",
            get_border_width=1,
            background_padding=[5, 2],
            background_border_radius=3,
            **text_style(),
        ),
        pdk.Layer(
            "ScatterplotLayer",
            data=[],
            id="air-selected",
            filled=False,
            get_line_color=rgb(look.accent),
            get_line_width=3,
            get_radius=22,
            **point,
        ),
    ]


def text_style() -> dict:
    """Properties of a layer of text in the look: font, smooth outline, sizes in pixels, centred."""
    return {
        "character_set": _AUTO,
        "font_family": _FONT,
        "font_settings": _SDF,
        "size_units": _PIXELS,
        "get_text_anchor": pdk.types.String("middle"),
        "get_alignment_baseline": pdk.types.String("center"),
    }


def _corners(coordinates) -> np.ndarray:
    """All positions of a geometry, whatever its nesting."""
    if isinstance(coordinates[0][0], (int, float)):
        return np.asarray(coordinates, float)[:, :2]
    return np.concatenate([_corners(part) for part in coordinates])

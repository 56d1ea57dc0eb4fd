"""A folium map on which a person draws a polygon (画范围). Its scripts come from this origin: folium's own list names
outside hosts.

What is drawn on it is a few elements with rows of their own, not one element for each thing: folium makes a template
of every element.
"""

import io
import json
from base64 import b64encode
from collections.abc import Iterable

import folium
import numpy as np
import pandas as pd
import shapely
from branca.element import MacroElement
from folium.plugins import Draw
from folium.template import Template
from PIL import Image, ImageColor
from shapely.geometry import mapping, shape

from shuzhi.charts.tokens import Tokens
from shuzhi.i18n import _

_VENDOR = "/assets/vendor"
_MOST = 150  # circles that can be told apart
_SIMPLER = 0.002  # degrees that an outline may be off: less than a pixel of the whole city
_ROWS = 2  # of the picture to a row of cells
_STRENGTHS = (0.16, 0.32, 0.5, 0.7, 0.92)  # opacity of each step

CELL = (0.0104, 0.009)
"""Width and height of a cell of about a square kilometre [degrees], as the registers count by."""
STEPS = (1, 5, 20, 100, 500)
"""From how many things in a cell it gets darker."""


class _Map(folium.Map):
    default_js = [("leaflet", f"{_VENDOR}/leaflet-1.9.4.js")]
    default_css = [("leaflet_css", f"{_VENDOR}/leaflet-1.9.4.css")]


class _Draw(Draw):
    default_js = [("leaflet_draw_js", f"{_VENDOR}/leaflet.draw-1.0.4.js")]
    default_css = [("leaflet_draw_css", f"{_VENDOR}/leaflet.draw-1.0.4.css")]


class _Words(MacroElement):
    """The tool's words in the language of the page."""

    _template = Template(
        """{% macro script(this, kwargs) %}
        L.drawLocal.draw.toolbar.buttons.polygon = {{ this.polygon|tojson }};
        L.drawLocal.draw.toolbar.buttons.rectangle = {{ this.rectangle|tojson }};
        L.drawLocal.draw.toolbar.actions.text = {{ this.cancel|tojson }};
        L.drawLocal.draw.toolbar.finish.text = {{ this.finish|tojson }};
        L.drawLocal.draw.toolbar.undo.text = {{ this.undo|tojson }};
        L.drawLocal.draw.handlers.polygon.tooltip = {start: {{ this.start|tojson }}, cont: {{ this.cont|tojson }},
            end: {{ this.end|tojson }}};
        L.drawLocal.draw.handlers.rectangle.tooltip = {start: {{ this.drag|tojson }}};
        L.drawLocal.draw.handlers.simpleshape.tooltip = {end: {{ this.drag|tojson }}};
        {% endmacro %}"""
    )

    def __init__(self):
        super().__init__()
        self.polygon, self.rectangle = _("画多边形"), _("画矩形")
        self.cancel, self.finish, self.undo = _("取消"), _("完成"), _("撤销一点")
        self.start, self.cont = _("点第一个角"), _("点下一个角")
        self.end, self.drag = _("点下一个角，或点第一个角结束"), _("按住拖动")


class _Dress(MacroElement):
    """The page's colours in place of Leaflet's grey and white."""

    _template = Template(
        """{% macro script(this, kwargs) %}
        document.head.append(Object.assign(document.createElement("style"), { textContent: {{ this.css|tojson }} }));
        {{ this._parent.get_name() }}.invalidateSize(false);
        {% endmacro %}"""
    )

    def __init__(self, look: Tokens):
        super().__init__()
        button = (f"background-color: {look.surface}", f"color: {look.ink}", f"border-color: {look.line2}")
        bar = f".leaflet-bar a, .leaflet-draw-actions a {{{' !important; '.join(button)} !important}}"
        bar += f".leaflet-bar {{border: 1px solid {look.line2} !important; box-shadow: none !important}}"
        icons = ".leaflet-draw-toolbar a {background-color: #fff !important; filter: invert(0.9)}" if look.dark else ""
        frame = "html, body, #root {margin: 0; overflow: hidden} #map_div {height: 100vh !important}"
        cells = ".leaflet-image-layer {image-rendering: pixelated; image-rendering: crisp-edges}"
        ground = f".leaflet-container {{background: {look.bg}; font: inherit}}"
        self.css = " ".join((frame, ground, cells, bar, icons))


class _Ground(MacroElement):
    """Areas and lines that nobody clicks."""

    _template = Template(
        """{% macro script(this, kwargs) %}
        L.geoJson({{ this.features }}, {
            interactive: false, style: feature => ({{ this.styles }})[feature.properties]
        }).addTo({{ this._parent.get_name() }});
        {% endmacro %}"""
    )

    def __init__(self, features: str, styles: str):
        super().__init__()
        self.features, self.styles = features, styles

    def render(self, **kwargs) -> None:
        """Nothing: streamlit-folium takes the script itself, and a page of its own is not made."""


class _Circles(MacroElement):
    """A circle for each cell, which says its number."""

    _template = Template(
        """{% macro script(this, kwargs) %}
        for (const [lat, lon, radius, said] of {{ this.rows }})
            L.circleMarker([lat, lon], { radius, stroke: false, fillColor: "{{ this.color }}", fillOpacity: 0.5 })
                .bindTooltip(said).addTo({{ this._parent.get_name() }});
        {% endmacro %}"""
    )

    def __init__(self, rows: list, color: str):
        super().__init__()
        self.rows, self.color = json.dumps(rows), color


class _Picture(MacroElement):
    """Cells as a picture."""

    _template = Template(
        """{% macro script(this, kwargs) %}
        L.imageOverlay("{{ this.address }}", {{ this.bounds }}, { pane: "shadowPane", interactive: false })
            .addTo({{ this._parent.get_name() }});
        {% endmacro %}"""
    )

    def __init__(self, address: str, bounds: list):
        super().__init__()
        self.address, self.bounds = address, json.dumps(bounds)


class _Area(MacroElement):
    """The outline of what is chosen, above the cells."""

    _template = Template(
        """{% macro script(this, kwargs) %}
        L.polygon({{ this.corners }}, { renderer: L.svg({ pane: "shadowPane" }), interactive: false, fill: false,
            color: "{{ this.color }}", weight: 2, dashArray: "6 4" }).addTo({{ this._parent.get_name() }});
        {% endmacro %}"""
    )

    def __init__(self, corners: list, color: str):
        super().__init__()
        self.corners, self.color = json.dumps(corners), color


def ground(layers: Iterable[tuple[str, dict]]) -> str:
    """Districts, rivers and zones as a browser draws them, small: GeoJSON features whose properties are their kind.

    Parameters
    ----------
    layers : iterable of (kind, GeoJSON FeatureCollection)
        Drawn in order; a kind is ``district``, ``river`` or ``lez``.
    """
    features = [
        {"type": "Feature", "properties": kind, "geometry": _simpler(feature["geometry"])}
        for kind, layer in layers
        for feature in layer["features"]
    ]
    return json.dumps(features, separators=(",", ":"))


def drawing_map(look: Tokens, ground: str, bounds: list[float]) -> folium.Map:
    """A map with the city's districts and the tools for drawing.

    Parameters
    ----------
    ground : str
        See :func:`ground`.
    bounds : list of float
        West, south, east, north.
    """
    west, south, east, north = bounds
    made = _Map(tiles=None, attribution_control=False, prefer_canvas=True, zoom_snap=0.1, zoom_delta=0.5)
    _Dress(look).add_to(made)
    made.fit_bounds([[south, west], [north, east]], padding=(8, 8))
    _Ground(ground, _styles(look)).add_to(made)
    _Words().add_to(made)
    shape = {"shapeOptions": {"color": look.accent, "weight": 2, "fillOpacity": 0.08}}
    tools = dict.fromkeys(("polyline", "circle", "marker", "circlemarker"), False)
    _Draw(draw_options=tools | {"polygon": shape, "rectangle": shape}, edit_options={"edit": False}).add_to(made)
    return made


def few(cells: pd.DataFrame) -> bool:
    """Whether the cells are drawn as circles rather than as a picture of all of them."""
    return len(cells) <= _MOST


def amounts(look: Tokens, cells: pd.DataFrame, polygon: Iterable = ()) -> folium.FeatureGroup:
    """Numbers of things by cell, as circles where there are few cells, and the polygon that is chosen.

    Parameters
    ----------
    cells : DataFrame
        lon, lat, n by cell of about a kilometre.
    polygon : iterable of (lon, lat)
    """
    group = folium.FeatureGroup()
    if few(cells):
        _Circles(_circles(cells), look.accent).add_to(group)
    else:
        _Picture(*_picture(look, cells)).add_to(group)
    corners = [[lat, lon] for lon, lat in polygon]
    if corners:
        _Area(corners, look.ink).add_to(group)
    return group


def drawn(state: dict | None) -> list[tuple[float, float]] | None:
    """Corners (lon, lat) of the polygon that was drawn last, or None.

    Parameters
    ----------
    state : dict
        What streamlit-folium says of the map.
    """
    shape = (state or {}).get("last_active_drawing")
    if not shape or shape["geometry"]["type"] != "Polygon":
        return None
    return [tuple(corner) for corner in shape["geometry"]["coordinates"][0][:-1]]


def corners(lon: float, lat: float) -> list[tuple[float, float]]:
    """Corners of the cell around a position, (lon, lat)."""
    east, north = (size / 2 for size in CELL)
    return [(lon + x * east, lat + y * north) for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))]


def _circles(cells: pd.DataFrame) -> list[list]:
    """Position, radius and words of each cell; their area is as their number."""
    most = cells["n"].max() if len(cells) else 1
    radius = 2.5 + 9 * np.sqrt(cells["n"].to_numpy(float) / most)
    words = [f"{n:,}" for n in cells["n"]]
    return [
        list(row)
        for row in zip(cells["lat"].round(4), cells["lon"].round(4), radius.round(1).tolist(), words, strict=True)
    ]


def _picture(look: Tokens, cells: pd.DataFrame) -> tuple[str, list]:
    """A picture with a column a column of cells, its rows even in Web Mercator, and where it lies."""
    width, height = CELL
    column = np.floor(cells["lon"].to_numpy() / width).astype(int)
    row = np.floor(cells["lat"].to_numpy() / height).astype(int)
    west, south = column.min(), row.min()
    steps = np.zeros((row.max() - south + 1, column.max() - west + 1), np.uint8)
    steps[row - south, column - west] = np.searchsorted(STEPS, cells["n"].to_numpy(), side="right")
    bottom, top = south * height, (south + len(steps)) * height
    edges = np.linspace(_mercator(top), _mercator(bottom), _ROWS * len(steps) + 1)
    lats = np.degrees(np.arctan(np.sinh((edges[1:] + edges[:-1]) / 2)))
    picked = np.clip(((lats - bottom) / height).astype(int), 0, len(steps) - 1)
    east = (west + steps.shape[1]) * width
    return _png(look.accent, steps[picked]), [[bottom, west * width], [top, east]]


def _png(color: str, steps: np.ndarray) -> str:
    """Steps as a picture in one colour, stronger with each step, as a data address."""
    image = Image.fromarray(steps)
    image.putpalette(ImageColor.getrgb(color) * (len(STEPS) + 1))
    buffer = io.BytesIO()
    image.save(buffer, "PNG", transparency=bytes([0, *(round(255 * strength) for strength in _STRENGTHS)]))
    return "data:image/png;base64," + b64encode(buffer.getvalue()).decode()


def _mercator(lat: float) -> float:
    return np.arcsinh(np.tan(np.radians(lat)))


def _simpler(geometry: dict) -> dict:
    simple = shapely.set_precision(shapely.simplify(shape(geometry), _SIMPLER), 1e-4)
    return mapping(simple)


def _styles(look: Tokens) -> str:
    area = {"color": look.line2, "weight": 1, "fillColor": look.land, "fillOpacity": 1}
    zone = {"color": look.ink2, "weight": 1.5, "fill": False}
    return json.dumps({"district": area, "river": {"color": look.river, "weight": 1.2}, "lez": zone})

"""A folium map on which a person draws a polygon (画范围). Its scripts come from this origin: folium's own list names
outside hosts."""

from collections.abc import Iterable

import folium
import pandas as pd
from branca.element import MacroElement
from folium.plugins import Draw
from folium.template import Template

from shuzhi.charts.tokens import Tokens
from shuzhi.i18n import _

_VENDOR = "/assets/vendor"
_MOST = 700  # circles that a browser moves without a stutter
_SIZES = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32)  # degrees


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
        {% endmacro %}"""
    )

    def __init__(self, look: Tokens):
        super().__init__()
        button = (f"background-color: {look.surface}", f"color: {look.ink}", f"border-color: {look.line2}")
        bar = f".leaflet-bar a, .leaflet-draw-actions a {{{' !important; '.join(button)} !important}}"
        bar += f".leaflet-bar {{border: 1px solid {look.line2} !important; box-shadow: none !important}}"
        icons = ".leaflet-draw-toolbar a {background-color: #fff !important; filter: invert(0.9)}" if look.dark else ""
        self.css = f".leaflet-container {{background: {look.bg}; font: inherit}} {bar} {icons}"


def drawing_map(look: Tokens, ground: Iterable[dict], bounds: list[float]) -> folium.Map:
    """A map with the city's districts and the tools for drawing.

    Parameters
    ----------
    ground : GeoJSON FeatureCollections
        Drawn in order: areas with their outline, lines as rivers.
    bounds : list of float
        West, south, east, north.
    """
    west, south, east, north = bounds
    made = _Map(tiles=None, attribution_control=False, prefer_canvas=True)
    _Dress(look).add_to(made)
    made.fit_bounds([[south, west], [north, east]])
    for layer in ground:
        folium.GeoJson(layer, style_function=lambda feature: _style(look, feature), interactive=False).add_to(made)
    _Words().add_to(made)
    shape = {"shapeOptions": {"color": look.accent, "weight": 2, "fillOpacity": 0.08}}
    tools = dict.fromkeys(("polyline", "circle", "marker", "circlemarker"), False)
    _Draw(draw_options=tools | {"polygon": shape, "rectangle": shape}, edit_options={"edit": False}).add_to(made)
    return made


def circles(look: Tokens, cells: pd.DataFrame, polygon: Iterable = ()) -> folium.FeatureGroup:
    """Numbers of things as circles, and the polygon that is chosen.

    Parameters
    ----------
    cells : DataFrame
        lon, lat, n by cell of about a kilometre; merged into larger ones where there are too many to draw.
    polygon : iterable of (lon, lat)
    """
    group = folium.FeatureGroup()
    merged = _merged(cells)
    most = max((n for *_position, n in merged), default=1)
    for lon, lat, n in merged:
        folium.CircleMarker(
            [lat, lon],
            radius=2 + 11 * (n / most) ** 0.5,
            stroke=False,
            fill=True,
            fill_color=look.accent,
            fill_opacity=0.45,
            tooltip=f"{n:,}",
        ).add_to(group)
    corners = [[lat, lon] for lon, lat in polygon]
    if corners:
        folium.Polygon(corners, color=look.ink, weight=2, fill=False, dash_array="6 4").add_to(group)
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


def _merged(cells: pd.DataFrame) -> list[tuple[float, float, int]]:
    """The smallest cells of which there are not too many, each at the middle of what it holds."""
    for size in _SIZES:
        keys = [(cells[name] / size).round() for name in ("lon", "lat")]
        weighted = cells.assign(lon=cells["lon"] * cells["n"], lat=cells["lat"] * cells["n"])
        sums = weighted.groupby(keys)[["lon", "lat", "n"]].sum()
        if len(sums) <= _MOST:
            break
    return [(row.lon / row.n, row.lat / row.n, int(row.n)) for row in sums.itertuples()]


def _style(look: Tokens, feature: dict) -> dict:
    if feature["geometry"]["type"].endswith("LineString"):
        return {"color": look.river, "weight": 1.5}
    return {"color": look.line2, "weight": 1, "fillColor": look.land, "fillOpacity": 1}

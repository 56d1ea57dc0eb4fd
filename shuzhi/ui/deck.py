"""A pydeck map on a page, as a component of our own: it keeps its canvas over reruns, plays hours back in the browser
and tells the page which station and which hour were chosen. (``st.pydeck_chart`` can do none of these.)"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pydeck as pdk
import streamlit as st

from shuzhi.api.assets import code_version
from shuzhi.charts.tokens import tokens
from shuzhi.i18n import _, language
from shuzhi.maps.component import Frames, air, words
from shuzhi.maps.layers import rgb
from shuzhi.registry.places import KINDS

# The code of the map is fetched once by its address; what travels with a rerun is this stub.
_STUB = """
const modules = {}
export default async function (component) {
  const { base, js } = component.data
  modules[js] ??= import(new URL(base + js, document.baseURI)).catch(error => { delete modules[js]; throw error })
  return (await modules[js]).default(component)
}
"""
_component = st.components.v2.component("shuzhi_deck", js=_STUB)
_search = st.components.v2.component("shuzhi_search", js=_STUB)


@dataclass(frozen=True)
class Picture:
    """What a picture of the map says besides what is on it: title, mark of the data, where the borders come from.

    ``legend`` is for a map without one of its own: title and entries (shape "diamond", fill, name, count) of each part.
    """

    title: str
    mark: str
    source: str = ""
    legend: Sequence[dict] = ()


@dataclass(frozen=True)
class TimePanel:
    """The panel under the map; days (ISO, Beijing) between which its calendar lets a person choose."""

    first: str
    last: str


def deck_map(
    deck: pdk.Deck | str,
    key: str,
    *,
    dark: bool,
    bounds: list[float],
    height: int | str = "stretch",
    frames: Frames | None = None,
    selected: str | None = None,
    time: TimePanel | None = None,
    legend_below: str | None = None,
    padding: tuple[float, float, float, float] = (0.5, 0.5, 0.5, 0.5),
    phone_padding: tuple[float, float, float, float] = (0.5, 0.5, 0.5, 0.5),
    view_in_url: bool = False,
    fixed: bool = False,
    label: str | None = None,
    districts: Mapping[str, str] | None = None,
    notice: str | None = None,
    tiles: Sequence[dict] = (),
    rows: Sequence[str] = (),
    also: Sequence[dict] = (),
    air_legend: bool = True,
    ring: tuple[float, float] | None = None,
    picture: Picture | None = None,
    closest: float = 16,
    on_thing: Callable[[str], None] | None = None,
    on_station: Callable[[str], None] | None = None,
    on_hour: Callable[[str], None] | None = None,
):
    """Show a map.

    Parameters
    ----------
    deck : pydeck.Deck or its JSON
        Layers whose data are addresses of this origin or short lists; ``air-*`` layers get theirs from `frames`.
    key : str
        Of the element; the map keeps its canvas and its view as long as the key stays.
    bounds : list of float
        West, south, east, north: what is shown first, and around which the map can be moved.
    height : int or 'stretch'
        Pixels, or the height of the box around it.
    selected : str, optional
        Code of the station with the ring.
    time : TimePanel, optional
        Show the time panel and play back.
    legend_below : str, optional
        Show the legend with counts as filter rows, directly under the element with this CSS selector.
    padding, phone_padding : (top, right, bottom, left)
        Rem that panels of the page cover; the time panel is added.
    view_in_url : bool
        Keep view and hidden levels in the URL (``view``, ``hide``); nothing is rerun for them.
    fixed : bool
        No panning and zooming.
    label : str
        What a screen reader says of the map.
    districts : mapping, optional
        How districts are called in the language of the page.
    notice : str, optional
        A sentence over the map, such as that the data is late.
    tiles : sequence of dict
        Large registers, as from `shuzhi.maps.register_layers.tile_layer`; they lie under the stations.
    rows : sequence of str
        Addresses of rows for layers whose data are empty (see `shuzhi.maps.rows`).
    also : sequence of dict
        What the legend says of other layers: title, entries (shape, fill, name, count), note.
    air_legend : bool
        The legend has the levels of the air.
    ring : (lon, lat), optional
        Around what is chosen besides stations.
    picture : Picture, optional
        Show the tools: zoom, measure, link, picture, scale.
    closest : float
        Zoom up to which the map can be moved.
    on_thing : callable
        Called before the rerun with what was clicked: ``section:…``, ``sources:…``, ``machines:…``,
        ``place:street:…``, or ``cell:sources:lon,lat`` for several at one place.
    on_station, on_hour : callable
        Called before the rerun with the code clicked (of a station, or of a row of another layer that has one), or the
        hour settled on (``2019-08-26T15:00``, Beijing).

    Returns
    -------
    ComponentResult
        ``station`` and ``hour`` of this rerun, else None.
    """
    data = {
        "base": "/" + base if (base := st.get_option("server.baseUrlPath").strip("/")) else "",
        "js": f"/assets/ui/{code_version()}/deck_map.js",
        "css": f"/assets/ui/{code_version()}/deck_map.css",
        "spec": deck if isinstance(deck, str) else deck.to_json(),
        "dark": dark,
        "lang": language(),
        "view": {
            "bounds": bounds,
            "padding": padding,
            "phonePadding": phone_padding,
            "minZoom": 6.2,
            "maxZoom": closest,
            "url": view_in_url,
            "fixed": fixed,
        },
        "air": air(frames, dark, selected, districts or {}, on_station is not None) if frames else None,
        "clickable": on_station is not None,
        "legend": {"below": legend_below, "air": air_legend, "also": list(also)} if legend_below else None,
        "tiles": list(tiles),
        "rows": list(rows),
        "ring": {"position": list(ring), "color": rgb(tokens(dark).accent)} if ring else None,
        "tools": picture is not None,
        "picture": vars(picture) if picture else None,
        "ink": rgb(tokens(dark).ink),
        "time": {"min": time.first, "max": time.last} if time else None,
        "notice": notice,
        "text": words(label or _("城市地图")) | ({"tools": _tool_words()} if picture else {}),
    }
    return _component(
        key=key,
        data=data,
        height=height,
        on_station_change=_passing(key, "station", on_station),
        on_thing_change=_passing(key, "thing", on_thing),
        on_hour_change=_passing(key, "hour", on_hour),
    )


def search_box(key: str, version: int, on_thing: Callable[[str], None]) -> None:
    """A field that finds things on the map while one writes; the map of the page flies to what is chosen.

    Parameters
    ----------
    on_thing : callable
        Called before the rerun with what was chosen, as in `deck_map`; ``station:…`` for a station.
    """
    code = code_version()
    data = {
        "base": "/" + base if (base := st.get_option("server.baseUrlPath").strip("/")) else "",
        "js": f"/assets/ui/{code}/search.js",
        "css": f"/assets/ui/{code}/deck_map.css",
        "address": f"/assets/search/{version}.json",
        "lang": language(),
        "places": list(KINDS),
        "text": {
            "label": _("查找"),
            "placeholder": _("站点、企业、机械、地名"),
            "nothing": _("没有找到。可用名称、编号或拼音首字母查找。"),
        },
    }
    _search(key=key, data=data, height="content", on_thing_change=_passing(key, "thing", on_thing))


def _tool_words() -> dict:
    return {
        "nearer": _("放大"),
        "farther": _("缩小"),
        "whole": _("全市"),
        "measure": _("量距离和面积"),
        "link": _("复制链接"),
        "picture": _("下载图片"),
        "hint": _("在地图上点选；按 Esc 结束"),
        "length": _("长度"),
        "area": _("面积"),
        "copied": _("已复制这一视图的链接"),
    }


def _passing(key: str, event: str, receiver: Callable[[str], None] | None) -> Callable[[], None]:
    """A callback that hands the event's value to the receiver."""

    def receive() -> None:
        value = st.session_state[key].get(event)
        if receiver is not None and value is not None:
            receiver(value)

    return receive

"""A pydeck map on a page, as a component of our own: it keeps its canvas over reruns, plays hours back in the browser
and tells the page which station and which hour were chosen. (``st.pydeck_chart`` can do none of these.)"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import urlencode

import pandas as pd
import pydeck as pdk
import streamlit as st

from shuzhi.api.assets import code_version
from shuzhi.charts.tokens import tokens
from shuzhi.i18n import _, language
from shuzhi.maps.frames import HOURS
from shuzhi.maps.layers import air_style
from shuzhi.settings import settings
from shuzhi.standards.factors import factors
from shuzhi.ui.state import hour_text
from shuzhi.ui.widgets import level_name

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

LABELLED = {"national": 0, "provincial": 10.5, "city": 11, "micro": 11.75}
"""Zoom from which the stations of a network carry their value as a number."""
NAMED = {"national": 10, "provincial": 11.5, "city": 11.5, "micro": 12.5}
"""Zoom from which they carry their name."""


@dataclass(frozen=True)
class Frames:
    """Which hours of the air stations a map shows.

    Attributes
    ----------
    version : int
        Version of the home.
    end : Timestamp
        Last hour, tz-aware (end of the hour).
    at : Timestamp, optional
        Hour shown first; by default the last.
    hours : int
        Number of hours; 1 where nothing is played back.
    factor, edition : str
        ``aqi`` or an item; ``auto``, ``2012`` or ``2026``.
    networks : collection of str, optional
        Only these networks.
    district : str, optional
        Only this district.
    labelled, named : mapping of network to zoom
        From which zoom stations carry their value and their name.
    """

    version: int
    end: pd.Timestamp
    at: pd.Timestamp | None = None
    hours: int = HOURS
    factor: str = "aqi"
    edition: str = "auto"
    networks: Collection[str] | None = None
    district: str | None = None
    labelled: Mapping[str, float] = field(default_factory=lambda: LABELLED)
    named: Mapping[str, float] = field(default_factory=lambda: NAMED)

    @property
    def address(self) -> str:
        """Where the browser fetches them."""
        asked = {"factor": self.factor, "end": hour_text(self.end), "hours": self.hours, "edition": self.edition}
        return f"/assets/frames/{self.version}.json?{urlencode(asked)}"


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
    on_station, on_hour : callable
        Called before the rerun with the code clicked, or the hour settled on (``2019-08-26T15:00``, Beijing).

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
            "maxZoom": 16,
            "url": view_in_url,
            "fixed": fixed,
        },
        "air": _air(frames, selected, dark, districts or {}, on_station is not None) if frames else None,
        "legend": {"below": legend_below} if legend_below else None,
        "time": {"min": time.first, "max": time.last} if time else None,
        "notice": notice,
        "text": _text(label or _("城市地图")),
    }
    return _component(
        key=key,
        data=data,
        height=height,
        on_station_change=_passing(key, "station", on_station),
        on_hour_change=_passing(key, "hour", on_hour),
    )


def _air(frames: Frames, selected: str | None, dark: bool, districts: Mapping[str, str], clickable: bool) -> dict:
    factor = None if frames.factor == "aqi" else factors().loc[frames.factor]
    return {
        "frames": frames.address,
        "at": hour_text(frames.at if frames.at is not None else frames.end),
        "symbol": "AQI" if factor is None else factor["symbol"],
        "unit": "" if factor is None else factor["unit"],
        "style": _style(dark),
        "filter": {"networks": list(frames.networks) if frames.networks else None, "district": frames.district},
        "selected": selected,
        "labelled": dict(frames.labelled),
        "named": dict(frames.named),
        "districts": dict(districts),
        "clickable": clickable,
    }


@cache
def _style(dark: bool) -> list[dict]:
    return air_style(tokens(dark))


def _text(label: str) -> dict:
    """Words of the component in the language of the page."""
    silent = _("无数据（超过 {n} 小时）").format(n=settings().stale_hours)
    return {
        "map": label,
        "levels": [silent, *(level_name(level) for level in range(1, 7))],
        "networks": {"national": _("国控"), "provincial": _("省控"), "city": _("市控"), "micro": _("微站")},
        "legend": _("空气质量级别　站点数"),
        "filters": _("筛选"),
        "time": _("时间"),
        "hour": _("小时"),
        "day": _("日期"),
        "city": _("全市小时 AQI，点线为 100"),
        "play": _("播放最近 72 小时"),
        "pause": _("暂停"),
        "back": _("上一小时"),
        "on": _("下一小时"),
        "late": _("{n} 小时前的读数"),
        "quiet": _("这一小时没有读数"),
        "webgl": _("这个浏览器没有 WebGL 2，画不出地图。请换用较新的浏览器，或在设置中打开硬件加速。"),
        "failed": _("地图没有载入。请检查与服务器的连接，然后重新载入页面。"),
    }


def _passing(key: str, event: str, receiver: Callable[[str], None] | None) -> Callable[[], None]:
    """A callback that hands the event's value to the receiver."""

    def receive() -> None:
        value = st.session_state[key].get(event)
        if receiver is not None and value is not None:
            receiver(value)

    return receive

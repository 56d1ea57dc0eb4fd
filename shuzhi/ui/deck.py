"""A pydeck map on a page, as a component of our own: it keeps its canvas over reruns, plays hours back in the browser
and tells the page which station and which hour were chosen. (``st.pydeck_chart`` can do none of these.)"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pydeck as pdk
import streamlit as st

from shuzhi.api.assets import code_version
from shuzhi.i18n import _, language
from shuzhi.maps.component import Frames, air, words

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
            "maxZoom": 16,
            "url": view_in_url,
            "fixed": fixed,
        },
        "air": air(frames, dark, selected, districts or {}, on_station is not None) if frames else None,
        "clickable": on_station is not None,
        "legend": {"below": legend_below} if legend_below else None,
        "time": {"min": time.first, "max": time.last} if time else None,
        "notice": notice,
        "text": words(label or _("城市地图")),
    }
    return _component(
        key=key,
        data=data,
        height=height,
        on_station_change=_passing(key, "station", on_station),
        on_hour_change=_passing(key, "hour", on_hour),
    )


def _passing(key: str, event: str, receiver: Callable[[str], None] | None) -> Callable[[], None]:
    """A callback that hands the event's value to the receiver."""

    def receive() -> None:
        value = st.session_state[key].get(event)
        if receiver is not None and value is not None:
            receiver(value)

    return receive

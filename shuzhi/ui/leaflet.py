"""A folium map on a page that is written once: streamlit-folium writes it anew at each rerun, with templates that it
compiles each time, which costs more than half of the page around it.

What is sent is what ``streamlit_folium.st_folium`` sends (release 0.27); its own functions write it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import folium
import streamlit as st
import streamlit_folium as by_folium

_HEARD = ["last_active_drawing"]


@dataclass(frozen=True)
class Written:
    """A map as the browser runs it; ``digest`` names it, so that another one takes its place."""

    script: str
    header: str
    html: str
    id: str
    css_links: tuple[str, ...]
    js_links: tuple[str, ...]
    digest: str


def write(made: folium.Map) -> Written:
    """Write a map; what is on it can't be changed afterwards."""
    made.get_root().render()
    html, header = by_folium._get_html(made), by_folium._get_header(made)
    parts = [made, *made._children.values()]
    links = {
        kind: tuple(dict.fromkeys(address for part in parts for _, address in getattr(part, kind, ())))
        for kind in ("default_css", "default_js")
    }
    script = by_folium._get_map_string(made)
    digest = by_folium.generate_js_hash(script)
    return Written(script, header, html, by_folium.get_full_id(made), *links.values(), digest)


def write_group(group: folium.FeatureGroup) -> str:
    """Write what is put onto a map."""
    return by_folium._get_feature_group_string(group, map=folium.Map(tiles=None))


def show(written: Written, group: str, key: str, height: int, heard: Callable[[dict | None], None]) -> None:
    """Show a map with a group on it.

    Parameters
    ----------
    height : int
        Pixels.
    heard : callable
        Called before the rerun with what a person has drawn.
    """
    component = f"{key}-{written.digest}"
    by_folium._component_func(
        script=written.script,
        header=written.header,
        html=written.html,
        id=written.id,
        key=component,
        height=height,
        width=None,
        returned_objects=_HEARD,
        default=dict.fromkeys(_HEARD),
        zoom=None,
        center=None,
        feature_group=group,
        return_on_hover=False,
        layer_control=None,
        pixelated=False,
        css_links=list(written.css_links),
        js_links=list(written.js_links),
        on_change=lambda: heard(st.session_state.get(component)),
        wrap_longitude=False,
    )

"""Where the chosen rows of a register are (分布): by cell of about a square kilometre, on a map on which an area can be
drawn, and as a table of the fullest cells. The same for sources and machines."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from shuzhi.charts.tokens import tokens
from shuzhi.i18n import _
from shuzhi.maps import drawing
from shuzhi.registry import machines, places, sources
from shuzhi.store.selection import Selection, write
from shuzhi.ui import city_map, facets, leaflet, map_layers, state, widgets
from shuzhi.ui.markup import Html, join, tag
from shuzhi.ui.menu import PAGES
from shuzhi.ui.sources import tons

_KINDS = {"sources": ("district", "river"), "machines": ("district", "river", "lez")}
_LISTED = 6
_EDGES = (*drawing.STEPS, None)


@state.shared(max_entries=64)
def counted(key: tuple, register: str, chosen: Selection, pollutant: str | None, _ctx: state.Context) -> pd.DataFrame:
    """lon, lat of the middle of each cell, and n; for sources also emissions of the pollutant [t/a]."""
    if register == "sources":
        return sources.totals(_ctx.home, _ctx.scope, chosen, "cell", (pollutant,))
    return machines.cells(_ctx.home, _ctx.scope, chosen)


@state.shared(max_entries=8)
def _ground(key: tuple, register: str, _ctx: state.Context) -> str:
    return drawing.ground((kind, places.layer(_ctx.home, _ctx.scope, kind)) for kind in _KINDS[register])


@state.shared(max_entries=16)
def _map(key: tuple, register: str, lang: str, dark: bool, _ctx: state.Context) -> leaflet.Written:
    bounds = city_map.ground(key, lang, _ctx).bounds
    return leaflet.write(drawing.drawing_map(tokens(dark), _ground(key, register, _ctx), bounds))


@state.shared(max_entries=64)
def _amounts(key: tuple, register: str, chosen: Selection, dark: bool, _cells: pd.DataFrame) -> str:
    return leaflet.write_group(drawing.amounts(tokens(dark), _cells, chosen.polygon))


def area(ctx: state.Context, register: str, title: str, chosen: Selection, pollutant: str | None = None) -> None:
    """The map, where a polygon can be drawn, with what its shades mean."""

    def take(told: dict | None) -> None:
        corners = drawing.drawn(told)
        if corners:
            facets.put(register, replace(chosen, polygon=tuple(corners)))

    widgets.show(widgets.section(title, facets.area_hint(chosen)))
    cells = counted(ctx.key, register, chosen, pollutant, ctx)
    ground = _map(ctx.key, register, ctx.lang, ctx.dark, ctx)
    amounts = _amounts(ctx.key, register, chosen, ctx.dark, cells)
    leaflet.show(ground, amounts, f"{register}-drawing", 430, take)
    with st.container(key=f"{register}-under-map", horizontal=True, vertical_alignment="center", gap="small"):
        widgets.show(legend(cells))
        facets.no_area(register, chosen)


def legend(cells: pd.DataFrame) -> Html:
    """What the shades of the cells mean, or the size of the circles."""
    if drawing.few(cells):
        return tag("div", _("圆的大小为每平方公里的数量"), class_="sz-source")
    ends = zip(drawing.STEPS, _EDGES[1:], strict=True)
    names = [f"{low}\u2013{high - 1}" if high else f"≥ {low}" for low, high in ends]
    swatches = (
        tag("span", join([tag("i", class_=f"sz-swatch sz-cell-{step}"), name])) for step, name in enumerate(names, 1)
    )
    return tag("div", join([tag("span", _("每 km²")), *swatches]), class_="sz-legend")


def go_to_map(register: str, chosen: Selection) -> None:
    """The way to the large map with the same rows."""
    prefix = map_layers.PREFIX[register]
    query = {prefix + name: value for name, value in write(chosen).items()}
    query["show"] = ",".join((register, *_KINDS[register]))
    with st.container(key=f"{register}-to-map", width="content"):
        st.page_link(PAGES / "map.py", label=_("在一张图上看"), icon=":material/map:", query_params=query)


@state.shared(max_entries=64)
def fullest(
    key: tuple, register: str, chosen: Selection, pollutant: str | None, lang: str, _ctx: state.Context
) -> Html:
    """The cells with most emissions, or most machines; each chooses itself as the area."""
    cells = counted(key, register, chosen, pollutant, _ctx)
    title = widgets.section(_("按 1 km 格"), _("{n} 格").format(n=f"{len(cells):,}"))
    if cells.empty:
        return title
    most = cells.sort_values([pollutant, "n"] if pollutant else "n", ascending=False).head(_LISTED)
    streets = places.locate(_ctx.home, _ctx.scope, "street", most["lon"], most["lat"])
    rows = [
        _row(register, chosen, row, where, pollutant) for row, where in zip(most.itertuples(), streets, strict=True)
    ]
    columns = [(_("所在街道"), ""), (_("家数") if register == "sources" else _("台数"), "num")]
    columns += [(_("吨/年"), "num")] if pollutant else []
    return join([title, widgets.table(columns, rows, class_="sz-bars")])


def _row(register: str, chosen: Selection, row, where: str | None, pollutant: str | None) -> list:
    corners = write(replace(chosen, polygon=tuple(drawing.corners(row.lon, row.lat))))["area"]
    name = facets.pick(register, where or f"{row.lon:.3f}, {row.lat:.3f}", chosen, area=corners, page=None)
    return [name, f"{row.n:,}", *([tons(getattr(row, pollutant))] if pollutant else [])]

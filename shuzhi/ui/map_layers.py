"""Layers of the page 环境一张图: which there are, which the URL switches on, and what the browser is told of each."""

from dataclasses import replace

import pydeck as pdk
import streamlit as st

from shuzhi.charts.tokens import tokens
from shuzhi.errors import InputError
from shuzhi.i18n import N_, _
from shuzhi.maps import layers, register_layers, rows, tiles
from shuzhi.registry import places
from shuzhi.status import water
from shuzhi.store.schema import EMISSIONS
from shuzhi.store.selection import REGISTERS, Selection, read, visible, write
from shuzhi.ui import city_map, state
from shuzhi.ui.markup import literal

THINGS = {
    "air": N_("空气站"),
    "water": N_("水质断面"),
    "sources": N_("污染源"),
    "machines": N_("移动机械"),
    "outlet": N_("排口"),
}
GROUND = {
    "district": N_("区县界"),
    "zone": N_("功能区"),
    "street": N_("街道"),
    "grid": N_("网格"),
    "lez": N_("低排区"),
    "river": N_("河流"),
}
DEFAULT = ("air", "water", "district", "river")
"""Shown where the URL does not say (``show``): calm at first sight."""
PREFIX = {"sources": "", "machines": "m."}
"""Of the parameters in the URL that select from a register."""


def shown(ctx: state.Context) -> tuple[str, ...]:
    """Layers that the URL switches on, of those that the home has."""
    present = (*THINGS, *GROUND)
    return tuple(name for name in city_map.choice("show", present, DEFAULT) if counts(ctx.key, ctx).get(name))


def switch(names: tuple[str, ...]) -> None:
    """Write the layers into the URL."""
    ordered = [name for name in (*THINGS, *GROUND) if name in names]
    state.set_url(show=None if tuple(ordered) == DEFAULT else ",".join(ordered) or "none")


@state.shared(max_entries=8)
def counts(key: tuple, _ctx: state.Context) -> dict[str, int]:
    """How many things each layer has without any filter."""
    found = {kind: len(places.layer(_ctx.home, _ctx.scope, kind)["features"]) for kind in (*GROUND, "outlet")}
    found["air"] = len(city_map.stations(key, _ctx))
    found["water"] = len(sections(key, _ctx))
    for register in PREFIX:
        if visible(register, _ctx.scope):
            found[register] = int(tiles.counts(_ctx.home, _ctx.scope, register, Selection())["n"])
    return found


@state.shared(max_entries=8)
def sections(key: tuple, _ctx: state.Context) -> dict[str, dict]:
    """Sections of water that have a position, by code."""
    table = water.sections(_ctx.home, _ctx.scope).dropna(subset=["lon", "lat"])
    return {row["code"]: row for row in table.astype(object).where(table.notna(), None).to_dict("records")}


def selection(register: str) -> Selection:
    """What the URL chooses of a register; what can't be understood is said, and nothing is left out for it."""
    prefix = PREFIX[register]
    asked = {name.removeprefix(prefix): st.query_params[name] for name in st.query_params if name.startswith(prefix)}
    try:
        return read(register, asked)
    except InputError as error:
        st.warning(literal(str(error)), icon=":material/filter_alt_off:")
        return Selection()


def put(register: str, chosen: Selection) -> None:
    """Write a selection into the URL, in place of the one that is there."""
    known, prefix = REGISTERS[register], PREFIX[register]
    names = [*known.choices, *known.trees, "q", "day", "area"]
    names += [f"{name}_{end}" for name in known.ranges for end in ("min", "max")]
    state.set_url(**{prefix + name: value for name, value in (dict.fromkeys(names) | write(chosen)).items()})


def in_district(chosen: Selection, district: str | None) -> Selection:
    """The selection of sources within the district that the whole map is kept to."""
    if district is None or chosen.chosen("district"):
        return chosen
    return replace(chosen, choices=tuple(sorted((*chosen.choices, ("district", (district,))))))


@state.shared(max_entries=64)
def tile_layer(
    key: tuple, register: str, chosen: Selection, by: str, amount: str | None, lang: str, dark: bool, _ctx
) -> dict:
    """What the browser is told of a register (see `shuzhi.maps.register_layers.tile_layer`)."""
    return register_layers.tile_layer(_ctx.home, _ctx.scope, tokens(dark), register, chosen, by, amount)


def legend(config: dict) -> dict:
    """The legend of a register: its bands with the numbers on the map, and what is not on it."""
    titles = {"sources": _("污染源 {n} 个"), "machines": _("移动机械 {n} 台")}
    missing = {"sources": _("另有 {n} 个没有坐标"), "machines": _("另有 {n} 台没有定位")}
    entries = [
        {"shape": "dot", "fill": band["fill"], "name": band["name"], "count": band["count"]}
        for band in config["bands"]
        if band["count"] or band["names"][0] not in ("other", "stage_unknown")
    ]
    how = _("圆按排放量") if config["sized"] else _("圆按数量")
    note = missing[config["id"]].format(n=f"{config['unplaced']:,}") if config["unplaced"] else None
    title = titles[config["id"]].format(n=f"{config['n']:,}")
    return {"title": f"{title}　{how}", "entries": entries, "note": note}


def pollutant() -> str | None:
    """Pollutant by whose emissions the circles of the sources are sized; None: by number."""
    return city_map.one_of("amount", EMISSIONS, None)


def coloured() -> str:
    """What the colours of the machines tell."""
    return city_map.one_of("m.by", register_layers.BY["machines"], "stage")


@state.shared(max_entries=32)
def deck_json(key: tuple, lang: str, dark: bool, names: tuple[str, ...], _ctx: state.Context) -> str:
    """Places, sections and air stations as deck.gl's JSON; what is not switched on is not in it."""
    look, base = tokens(dark), city_map.ground(key, lang, _ctx)
    kinds = [*names, *(["flow"] if "river" in names else [])]
    drawn = layers.deck(look, base, kinds)
    below = [layer for layer in drawn.layers if not layer.id.startswith("air-")]
    air = [layer for layer in drawn.layers if layer.id.startswith("air-")] if "air" in names else []
    if "water" in names:  # names of sections before those of places, which give way to them
        written, marks = rows.water_layers(look)
        at = next((i for i, layer in enumerate(below) if layer.id.endswith("-names")), len(below))
        below = [*below[:at], written, *below[at:], marks]
    return pdk.Deck([*below, *air], initial_view_state=drawn.initial_view_state, map_provider=None).to_json()


def row_addresses(ctx: state.Context, names: tuple[str, ...], at: str) -> list[str]:
    """Where the browser fetches the rows of layers that have their own."""
    mode = "dark" if ctx.dark else "light"
    found = []
    if "water" in names:
        found.append(f"/assets/rows/{ctx.version}/water.json?at={at}&lang={ctx.lang}&mode={mode}")
    named = [kind for kind in ("street", "lez") if kind in names]
    found += [f"/assets/rows/{ctx.version}/names/{kind}.json?lang={ctx.lang}" for kind in named]
    return [*found, f"/assets/rows/{ctx.version}/flow.json"] if "river" in names else found

"""环境一张图: all that the city watches, on one map, at any hour. Filters left, card right, time below."""

import streamlit as st

from shuzhi.i18n import _
from shuzhi.registry import places
from shuzhi.settings import BEIJING
from shuzhi.store.selection import write
from shuzhi.ui import city_map as view
from shuzhi.ui import guide, map_cards, map_filters, map_layers, state, station, widgets
from shuzhi.ui.deck import Frames, Picture, TimePanel, deck_map, search_box
from shuzhi.ui.menu import PAGES

PANELS = (1, 23, 2, 22.5)  # rem that the page's panels cover: top, right, bottom, left
PHONE_PANELS = (3.2, 0.5, 5, 0.5)
CLOSEST = 18


def page() -> None:
    ctx = state.context()
    latest = station.latest_hour(ctx.key, ctx)
    state.follow(ctx)
    if latest is None:
        guide.no_data(ctx)
        return
    latest = latest.tz_convert(BEIJING)
    at = min(ctx.at or latest, latest)
    shown = map_layers.shown(ctx)
    factor, networks, district, registers = filters(ctx, shown)
    opened = map_cards.opened()
    if opened and opened[0] == "station" and opened[1] not in station.register(ctx.key, ctx):
        opened = None
    big_map(ctx, latest, at, factor, networks, district, shown, registers, opened)
    if opened:
        card(ctx, *opened, at)
    with st.container(key="map-note"):
        widgets.show(view.note(ctx.key, ctx.lang, shown, ctx))


def filters(ctx: state.Context, shown: tuple) -> tuple:
    """Factor, networks (None: all), district (None: all), and what the browser is told of the registers shown."""
    factor = view.one_of("factor", view.FACTORS, "aqi")
    present = view.networks(ctx.key, ctx)
    networks = view.choice("network", present, present)
    district = view.one_of("district", view.districts(ctx.key, ctx), None)
    registers = chosen_registers(ctx, shown, district)
    with st.container(key="map-filters", gap="xsmall"):
        search_box("map-search", ctx.version, lambda thing: found(shown, thing))
        map_filters.choose_layers(shown, counts(ctx, networks, district, registers))
        if "air" in shown:
            map_filters.choose_factor(factor)
            if len(present) > 1:
                map_filters.choose_networks(present, networks)
        map_filters.choose_district(ctx, district)
        if "sources" in shown:
            map_filters.choose_sources(ctx, map_layers.selection("sources"))
            go_to_list("sources", _("看同样筛选的清单"))
        if "machines" in shown:
            map_filters.choose_machines(ctx, map_layers.selection("machines"))
            go_to_list("machines", _("看同样筛选的机械"))
    return factor, networks if len(networks) < len(present) else None, district, registers


def chosen_registers(ctx: state.Context, shown: tuple, district: str | None) -> dict[str, dict]:
    """What the browser is told of each register that is shown."""
    asked = {
        "sources": ("permit_class", map_layers.pollutant()),
        "machines": (map_layers.coloured(), None),
    }
    told = {}
    for register, (by, amount) in asked.items():
        if register in shown:
            chosen = map_layers.selection(register)
            chosen = map_layers.in_district(chosen, district) if register == "sources" else chosen
            told[register] = map_layers.tile_layer(ctx.key, register, chosen, by, amount, ctx.lang, ctx.dark, ctx)
    return told


def counts(ctx: state.Context, networks: tuple, district: str | None, registers: dict) -> dict[str, int]:
    """How many things each layer has under the filters; layers that the home has nothing for are left out."""
    found = {name: count for name, count in map_layers.counts(ctx.key, ctx).items() if count}
    rows = view.stations(ctx.key, ctx).values()
    found["air"] = sum(row["network"] in networks and district in (None, row["district"]) for row in rows)
    return found | {register: told["n"] for register, told in registers.items()}


def go_to_list(register: str, label: str) -> None:
    """The way to the list of the same rows."""
    chosen = write(map_layers.selection(register))
    with st.container(key=f"map-go-{register}"):
        st.page_link(PAGES / f"{register}.py", label=label, icon=":material/list:", query_params=chosen)


def found(shown: tuple, thing: str) -> None:
    """Open the card of what was found, and switch its layer on."""
    map_cards.open_card(thing)
    kind = thing.partition(":")[0]
    layer = map_cards.LAYER.get(map_cards.PARAMETER.get(kind, kind))
    if layer and layer not in shown:
        map_layers.switch((*shown, layer))


def big_map(ctx: state.Context, latest, at, factor, networks, district, shown, registers, opened) -> None:
    """The map over the whole window, with legend, tools and time panel."""
    end = view.last_frame(at, latest)
    kind, code = opened or (None, None)

    def go(hour: str) -> None:
        state.set_url(at=None if state.hour(hour) >= latest else hour)

    with st.container(key="map-stage"):
        deck_map(
            map_layers.deck_json(ctx.key, ctx.lang, ctx.dark, shown, ctx),
            "map",
            dark=ctx.dark,
            bounds=view.ground(ctx.key, ctx.lang, ctx).bounds,
            frames=Frames(
                ctx.version, end, at, factor=factor, edition=ctx.edition, networks=networks, district=district
            ),
            selected=code if kind == "station" else None,
            time=TimePanel(*view.span(ctx.key, ctx)),
            legend_below=".st-key-map-filters",
            padding=PANELS,
            phone_padding=PHONE_PANELS,
            view_in_url=True,
            label=_("城市环境地图"),
            districts=view.districts(ctx.key, ctx) if ctx.lang == "en" else None,
            notice=view.lateness(latest) if ctx.at is None else None,
            tiles=list(registers.values()),
            rows=map_layers.row_addresses(ctx, shown, state.hour_text(at)),
            also=[map_layers.legend(told) for told in registers.values()],
            air_legend="air" in shown,
            ring=map_cards.position(ctx.key, kind, code, ctx) if kind else None,
            picture=picture(ctx),
            closest=CLOSEST,
            on_station=lambda chosen: map_cards.open_card(f"station:{chosen}"),
            on_thing=map_cards.open_card,
            on_hour=go,
        )


def picture(ctx: state.Context) -> Picture:
    """What a downloaded picture says."""
    mark = _("模拟数据") if ctx.home.kind == "simulated" else _("实测数据")
    own = places.is_own(ctx.home, ctx.scope, "district")
    source = "" if own else _("界线：{source}").format(source=_(places.DISTRICT_SOURCE))
    title = _("环境一张图")
    return Picture(f"{ctx.home.city}{title}" if ctx.lang == "zh" else title, mark, source)


def card(ctx: state.Context, kind: str, code: str, at) -> None:
    """The card of what was clicked, and the way to its page."""
    with st.container(key="map-card", gap="small"):
        st.button(
            "",
            icon=":material/close:",
            help=_("关闭"),
            key="map-card-close",
            type="tertiary",
            on_click=map_cards.close,
        )
        if kind == "station":
            station_card(ctx, code, at)
        else:
            widgets.show(map_cards.card(ctx, kind, code, at))
            thing_link(kind, code)


def station_card(ctx: state.Context, code: str, at) -> None:
    """The chosen station: what it says, its last day, the way to its page."""
    head, values = view.card(ctx.key, code, at, ctx.edition, ctx.lang, ctx)
    widgets.show(head, values)
    line = view.spark(ctx.key, code, at, ctx.edition, ctx.lang, ctx.dark, ctx.scale, ctx)
    if line:
        with st.container(gap="xxsmall"):
            widgets.show(line[0])
            widgets.chart(line[1], "map-spark", alt=_("过去 24 小时"))
    hour = state.hour_text(at) if ctx.at is not None else None
    go("station", _("站点详情"), station=code, at=hour, edition=state.url("edition"))


def thing_link(kind: str, code: str) -> None:
    """The way to the page of a section, a source, a machine."""
    pages = {
        "section": ("water", _("水环境"), "section"),
        "source": ("sources", _("污染源清单"), "source"),
        "machine": ("machines", _("移动机械"), "machine"),
    }
    if kind in pages:
        name, label, parameter = pages[kind]
        go(name, label, **{parameter: code})


def go(name: str, label: str, **asked) -> None:
    """A button that leads to a page, with the language kept."""
    query = {key: value for key, value in {**asked, "lang": state.url("lang")}.items() if value}
    with st.container(key="map-card-go"):
        st.page_link(PAGES / f"{name}.py", label=label, icon=":material/arrow_forward:", query_params=query)


page()

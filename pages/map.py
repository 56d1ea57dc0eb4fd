"""环境一张图: the city's stations on a map, at any hour. Filters at the left, card at the right, time below."""

import streamlit as st

from shuzhi.i18n import _
from shuzhi.maps.layers import BASE
from shuzhi.settings import BEIJING
from shuzhi.ui import city_map as view
from shuzhi.ui import guide, state, station, widgets
from shuzhi.ui.deck import Frames, TimePanel, deck_map
from shuzhi.ui.frame import PAGES

PANELS = (1, 23, 2, 19.5)  # rem that the page's panels cover: top, right, bottom, left
PHONE_PANELS = (3.2, 0.5, 5, 0.5)


def page() -> None:
    ctx = state.context()
    latest = station.latest_hour(ctx.key, ctx)
    state.follow(ctx)
    if latest is None:
        guide.no_data(ctx)
        return
    latest = latest.tz_convert(BEIJING)
    at = min(ctx.at or latest, latest)
    factor, networks, district, shown = filters(ctx)
    register = station.register(ctx.key, ctx)
    code = state.url("station") if state.url("station") in register else None
    big_map(ctx, latest, at, factor, networks, district, shown, code)
    if code:
        card(ctx, code, at)
    with st.container(key="map-note"):
        widgets.show(view.note(ctx.key, ctx.lang, shown, ctx))


def filters(ctx: state.Context) -> tuple:
    """Factor, networks (None: all), district (None: all) and base layers, as the URL has them."""
    factor = view.one_of("factor", view.FACTORS, "aqi")
    present = view.networks(ctx.key, ctx)
    networks = view.choice("network", present, present)
    district = view.one_of("district", view.districts(ctx.key, ctx), None)
    shown = view.choice("layers", BASE, BASE)
    with st.container(key="map-filters", gap="xsmall"):
        choose_factor(factor)
        if len(present) > 1:
            choose_networks(present, networks)
        choose_district(ctx, district)
        choose_layers(shown)
    return factor, networks if len(networks) < len(present) else None, district, shown


def choose_factor(factor: str) -> None:
    st.segmented_control(
        _("指标"),
        view.FACTORS,
        required=True,
        format_func=lambda code: "AQI" if code == "aqi" else station.words.symbol_rich(code),
        key=view.bound("map-factor", factor),
        on_change=lambda: state.set_url(factor=st.session_state["map-factor"]),
    )


def choose_networks(present: tuple, networks: tuple) -> None:
    def write() -> None:
        chosen = st.session_state["map-network"]
        state.set_url(network=",".join(chosen) if 0 < len(chosen) < len(present) else None)

    st.pills(
        _("站网"),
        present,
        selection_mode="multi",
        format_func=station.words.network_name,
        key=view.bound("map-network", list(networks)),
        on_change=write,
    )


def choose_district(ctx: state.Context, district: str | None) -> None:
    known = view.districts(ctx.key, ctx)
    st.selectbox(
        _("区县"),
        list(known),
        index=None,
        placeholder=_("全部 {n} 个区县").format(n=len(known)),
        format_func=lambda name: known[name] if ctx.lang == "en" else name,
        key=view.bound("map-district", district),
        on_change=lambda: state.set_url(district=st.session_state["map-district"]),
    )


def choose_layers(shown: tuple) -> None:
    names = {"district": _("区县界"), "zone": _("功能区"), "river": _("河流")}

    def write() -> None:
        chosen = st.session_state["map-layers"]
        state.set_url(layers=None if len(chosen) == len(BASE) else ",".join(chosen) or "none")

    st.pills(
        _("底图"),
        BASE,
        selection_mode="multi",
        format_func=names.get,
        key=view.bound("map-layers", list(shown)),
        on_change=write,
    )


def big_map(ctx: state.Context, latest, at, factor, networks, district, shown, code) -> None:
    """The map over the whole window, with legend and time panel."""
    end = view.last_frame(at, latest)

    def go(hour: str) -> None:
        state.set_url(at=None if state.hour(hour) >= latest else hour)

    with st.container(key="map-stage"):
        deck_map(
            view.deck_json(ctx.key, ctx.lang, ctx.dark, shown, ctx),
            "map",
            dark=ctx.dark,
            bounds=view.ground(ctx.key, ctx.lang, ctx).bounds,
            frames=Frames(
                ctx.version, end, at, factor=factor, edition=ctx.edition, networks=networks, district=district
            ),
            selected=code,
            time=TimePanel(*view.span(ctx.key, ctx)),
            legend_below=".st-key-map-filters",
            padding=PANELS,
            phone_padding=PHONE_PANELS,
            view_in_url=True,
            label=_("空气质量监测站地图"),
            districts=view.districts(ctx.key, ctx) if ctx.lang == "en" else None,
            notice=view.lateness(latest) if ctx.at is None else None,
            on_station=lambda chosen: state.set_url(station=chosen),
            on_hour=go,
        )


def card(ctx: state.Context, code: str, at) -> None:
    """The chosen station: what it says, its last day, the way to its page."""
    with st.container(key="map-card", gap="small"):
        st.button(
            "",
            icon=":material/close:",
            help=_("关闭"),
            key="map-card-close",
            type="tertiary",
            on_click=lambda: state.set_url(station=None),
        )
        head, values = view.card(ctx.key, code, at, ctx.edition, ctx.lang, ctx)
        widgets.show(head, values)
        line = view.spark(ctx.key, code, at, ctx.edition, ctx.lang, ctx.dark, ctx.scale, ctx)
        if line:
            with st.container(gap="xxsmall"):
                widgets.show(line[0])
                widgets.chart(line[1], "map-spark", alt=_("过去 24 小时"))
        hour = state.hour_text(at) if ctx.at is not None else None
        asked = {"station": code, "at": hour, "lang": state.url("lang"), "edition": state.url("edition")}
        with st.container(key="map-card-go"):
            st.page_link(
                PAGES / "station.py",
                label=_("站点详情"),
                icon=":material/arrow_forward:",
                query_params={name: value for name, value in asked.items() if value},
            )


page()

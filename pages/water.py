"""水环境: the city's surface water. The sentence, the map of sections, shares and rivers, one section, all sections."""

import pandas as pd
import streamlit as st

from shuzhi.i18n import _
from shuzhi.settings import BEIJING
from shuzhi.status import water as status
from shuzhi.status import water_words as words
from shuzhi.status.water_groups import FRESH
from shuzhi.status.water_overview import BASES
from shuzhi.ui import city_map, downloads, guide, picking, state, widgets
from shuzhi.ui import water as view
from shuzhi.ui import water_files as files
from shuzhi.ui import water_section as one
from shuzhi.ui import water_tables as blocks
from shuzhi.ui.choosing import segments
from shuzhi.ui.deck import deck_map


def page() -> None:
    ctx = state.context()
    state.follow(ctx)
    latest = view.latest_time(ctx.open_key, ctx)
    if latest is None:
        guide.no_water(ctx)
        return
    at = status.stamp(min(ctx.at or latest, latest), latest)
    basis = city_map.one_of("basis", BASES, "now")
    seen = view.load(ctx.open_key, at, basis, ctx)
    code = city_map.one_of("section", view.codes(ctx.open_key, ctx), None)
    head(ctx, at, basis, latest, code)
    filters = chosen_filters(ctx)
    left, right = st.columns([1.12, 1], gap="medium")
    with left:
        big_map(ctx, at, basis, filters, code)
    with right, st.container(key="water-side"):
        if code:
            section(ctx, code, at, basis)
        else:
            widgets.show(blocks.shares(ctx.open_key, at, basis, ctx.lang, ctx))
            widgets.show(blocks.rivers_table(ctx.open_key, at, basis, ctx.lang, ctx))
    tables(ctx, seen, at, basis, filters)
    with st.container(key="water-note"):
        widgets.show(city_map.note(ctx.open_key, ctx.lang, ("district", "river"), ctx))
    picking.listen("water-pick", choose, show=".st-key-water-side")


def choose(what: str) -> None:
    """A link of the page was clicked: section=…, river=… or district=…."""
    key, value = what.split("=", 1)
    state.set_url(**{key: value}, **({} if key == "section" else {"section": None}))


def head(ctx: state.Context, at: pd.Timestamp, basis: str, latest: pd.Timestamp, code: str | None) -> None:
    """The sentence over the whole width; under it what the classes are made of, the moment, and files."""
    late = ctx.at is None and pd.Timestamp.now(BEIJING) - latest > FRESH
    widgets.show(blocks.top(ctx.open_key, at, basis, late, ctx.lang, ctx))
    with st.container(key="water-tools", horizontal=True, vertical_alignment="center"):
        names = {"now": _("实时"), "month": _("本月"), "year": _("今年以来")}
        segments(_("评价时段"), "basis", BASES, basis, names=names.get, key="water-basis", default="now")
        moment(at)
        downloads.menu(ctx, "water", lambda: files.offers(ctx, at, basis, code, chosen_days()))


def moment(at: pd.Timestamp) -> None:
    """The moment shown: a day and one of its six times, or the newest."""
    st.session_state["water-day"], st.session_state["water-hour"] = at.date(), at.hour // 4 * 4

    def go() -> None:
        start = pd.Timestamp(st.session_state["water-day"]).tz_localize(BEIJING)
        state.set_url(at=state.hour_text(start + pd.Timedelta(hours=st.session_state["water-hour"])))

    with st.popover("", icon=":material/schedule:", help=_("选择时刻"), key="water-when"):
        st.date_input(_("日期"), key="water-day", format="YYYY-MM-DD", on_change=go)
        st.selectbox(
            _("时刻"), range(0, 24, 4), key="water-hour", format_func=lambda hour: f"{hour:02d}:00", on_change=go
        )
        st.button(_("最新时刻"), on_click=lambda: state.set_url(at=None))


def chosen_filters(ctx: state.Context) -> view.Filters:
    """What the URL says."""
    asked = (state.url("class") or "").split(",")
    return view.Filters(
        district=city_map.one_of("district", view.districts(ctx.open_key, ctx.lang, ctx), None),
        river=city_map.one_of("river", view.rivers_of(ctx.open_key, ctx), None),
        classes=tuple(int(one) for one in asked if one in tuple("123456")),
        unmet=state.url("unmet") == "1",
    )


def big_map(ctx: state.Context, at, basis, filters: view.Filters, code: str | None) -> None:
    """Sections in the colours of their classes; a click chooses one."""
    with st.container(key="water-map"):
        deck_map(
            view.deck_json(ctx.open_key, at, basis, filters, code, ctx.lang, ctx.dark, ctx),
            "water-deck",
            dark=ctx.dark,
            bounds=view.ground(ctx.open_key, ctx.lang, ctx).bounds,
            label=_("水质断面地图"),
            view_in_url=True,
            picture=blocks.picture(ctx.open_key, at, basis, filters, ctx.lang, ctx),
            on_station=lambda chosen: state.set_url(section=chosen),
        )
    widgets.show(blocks.legend(ctx.open_key, at, basis, filters, ctx.lang, ctx))


def section(ctx: state.Context, code: str, at: pd.Timestamp, basis: str) -> None:
    """The chosen section: its class, its series with the limits, its neighbours on the river."""
    days = chosen_days()
    with st.container(key="water-card-tools", horizontal=True, vertical_alignment="center"):
        st.button(
            _("返回全市"),
            icon=":material/arrow_back:",
            key="water-close",
            type="tertiary",
            on_click=lambda: state.set_url(section=None),
        )
        segments(
            _("天数"), "days", view.SPANS, days, names=lambda n: _("{n} 天").format(n=n), key="water-days", default=30
        )
    widgets.show(one.card(ctx.open_key, code, at, basis, ctx.lang, ctx))
    row = view.row(ctx.open_key, code, at, basis, ctx)
    known = view.items(ctx.open_key, code, at, days, ctx)
    item = city_map.one_of("item", known, None) or view.first_item(row, known)
    segments(_("项目"), "item", known, item, names=words.symbol, key="water-item")
    with st.container(gap="xxsmall"):
        widgets.show(one.series_note(item, row["body"]))
        spec = view.series(ctx.open_key, code, item, at, days, row["body"], ctx.lang, ctx.dark, ctx.scale, ctx)
        widgets.chart(spec, "water-chart", alt=words.section_sentence(row))
    widgets.show(one.calendar(ctx.open_key, code, at, ctx.lang, ctx), one.stream(ctx.open_key, code, at, ctx.lang, ctx))


def tables(ctx: state.Context, seen, at, basis: str, filters: view.Filters) -> None:
    """All sections with their filters; districts, lakes and the method beside them."""
    left, right = st.columns([2.05, 1], gap="medium")
    with left:
        shown = len(filters.of(seen.sections))
        widgets.show(widgets.section(_("断面"), _("{n}/{all} 个").format(n=shown, all=len(seen.sections))))
        choose_filters(ctx, filters)
        with st.container(key="water-list"):
            widgets.show(blocks.sections_table(ctx.open_key, at, basis, filters, ctx.lang, ctx))
    with right:
        widgets.show(blocks.districts_table(ctx.open_key, at, basis, ctx.lang, ctx))
        if len(seen.lakes):
            widgets.show(blocks.lakes_table(ctx.open_key, at, basis, ctx.lang, ctx))
        with st.expander(_("怎样评价"), icon=":material/function:"):
            widgets.show(blocks.method())


def choose_filters(ctx: state.Context, filters: view.Filters) -> None:
    """District, river, classes, and only what misses its target."""
    known = view.districts(ctx.open_key, ctx.lang, ctx)
    rivers = view.rivers_of(ctx.open_key, ctx)
    with st.container(key="water-filters", horizontal=True, vertical_alignment="center"):
        _select("water-district", "district", _("区县"), list(known), filters.district, known.get)
        _select("water-river", "river", _("河流"), rivers, filters.river, str)
        st.pills(
            _("类别"),
            range(1, 7),
            selection_mode="multi",
            format_func=words.class_name,
            key=city_map.bound("water-class", list(filters.classes)),
            on_change=_write_classes,
            label_visibility="collapsed",
        )
        st.toggle(
            _("只看未达标"),
            key=city_map.bound("water-unmet", filters.unmet),
            on_change=lambda: state.set_url(unmet="1" if st.session_state["water-unmet"] else None),
        )


def _select(widget: str, parameter: str, label: str, options: list, value: str | None, names) -> None:
    st.selectbox(
        label,
        options,
        index=None,
        placeholder=label,
        format_func=names,
        key=city_map.bound(widget, value),
        on_change=lambda: state.set_url(**{parameter: st.session_state[widget]}),
        label_visibility="collapsed",
        width=150,
    )


def _write_classes() -> None:
    chosen = sorted(st.session_state["water-class"])
    state.set_url(**{"class": ",".join(map(str, chosen)) or None})


def chosen_days() -> int:
    """Days of the series, as the URL has them."""
    return int(city_map.one_of("days", [str(n) for n in view.SPANS], "30"))


page()

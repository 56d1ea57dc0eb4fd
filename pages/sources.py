"""污染源清单: every fixed source, found by any mixture of filters; list, map, totals and export show the same rows."""

from dataclasses import replace

import streamlit as st
from streamlit_folium import st_folium

from shuzhi.i18n import _
from shuzhi.maps.drawing import drawn
from shuzhi.registry import sources
from shuzhi.registry.names import head, name, names_of
from shuzhi.store.schema import EMISSIONS
from shuzhi.ui import city_map, facets, guide, picking, state, widgets
from shuzhi.ui import sources as view
from shuzhi.ui.markup import join

REGISTER = "sources"
DRAWN = "sources-drawing"


def page() -> None:
    ctx = state.context()
    state.follow(ctx)
    if not view.whole(ctx.key, ctx)["n"]:
        guide.no_register(ctx, REGISTER)
        return
    chosen = facets.selection(REGISTER)
    pollutant = city_map.one_of("pollutant", EMISSIONS, "nox")
    answer(ctx, chosen, pollutant)
    left, right = st.columns([1, 3.4], gap="medium")
    with left, st.container(key="sources-filters", gap="small"):
        filters(ctx, chosen, pollutant)
    with right:
        table, picture = st.columns([1.35, 1], gap="medium")
        with table:
            listing(ctx, chosen, pollutant)
        with picture, st.container(key="sources-side"):
            side(ctx, chosen)
        totals(ctx, chosen, pollutant)
    picking.listen("sources-pick", lambda id: state.set_url(source=id), show=".st-key-sources-side")


def filters(ctx: state.Context, chosen, pollutant: str) -> None:
    """Every filter with how many sources its values would give."""
    counts = view.counts(ctx.key, chosen, ctx)
    facets.text(REGISTER, chosen, _("查找"), _("名称、代码、地址或拼音首字母"))
    facets.choice(REGISTER, chosen, "unit", head("unit"), counts["unit"], view.units(ctx.key, ctx.lang, ctx))
    facets.choice(REGISTER, chosen, "street", head("street"), counts["street"])
    tree = view.branches(counts["industry"], chosen.chosen("industry"))
    facets.choice(REGISTER, chosen, "industry", _("行业（国民经济行业分类）"), tree, view.branch_label)
    for field, codes in (("permit_class", "permit_classes"), ("status", "statuses")):
        options = list(names_of(codes).index)
        facets.pills(
            REGISTER, chosen, field, head(field), counts[field], options, lambda code, of=codes: name(of, code)
        )
    st.selectbox(
        _("污染物"),
        EMISSIONS,
        format_func=lambda code: f"{view.pollutant_label(code)}\u2002{counts['emits'][code]:,}",
        key=city_map.bound("sources-pollutant", pollutant),
        on_change=lambda: state.set_url(pollutant=st.session_state["sources-pollutant"]),
    )
    facets.ends(REGISTER, chosen, pollutant, _("吨/年"))
    facets.day(REGISTER, chosen, view.first_day(ctx.key, ctx))
    facets.clear(REGISTER, chosen)


def answer(ctx: state.Context, chosen, pollutant: str) -> None:
    """How many are chosen, what they emit, how few make most of it."""
    few = view.concentration(ctx.key, chosen, pollutant, ctx)
    count = view.found(ctx.key, chosen, pollutant, True, 0, ctx).count
    day = chosen.day.isoformat() if chosen.day else _("今天的清单")
    line = [ctx.home.city, _("固定污染源"), day]
    with st.container(key="sources-head"):
        widgets.show(
            widgets.dateline(line, widgets.mark(ctx.home.kind)), widgets.hero(view.answer(ctx, chosen, count, few))
        )


def listing(ctx: state.Context, chosen, pollutant: str) -> None:
    """A page of the list in the order asked for."""
    order, descending, number = facets.order(sources.ORDERS, pollutant, falling=EMISSIONS)
    found = view.found(ctx.key, chosen, order, descending, number - 1, ctx)
    counted = {"n": f"{found.count:,}", "placed": f"{found.placed:,}"}
    widgets.show(widgets.section(_("清单"), _("{n} 家，{placed} 家有坐标；排放量为吨/年").format(**counted)))
    with st.container(key="sources-order", horizontal=True, vertical_alignment="center", wrap=False):
        facets.exports(ctx, REGISTER, chosen, _("污染源清单"))
        facets.deliveries(ctx, REGISTER)
        facets.ordering(sources.ORDERS, order, descending)
        facets.pages(number, -(-found.count // view.ROWS))
    with st.container(key="sources-list"):
        widgets.show(view.listed(ctx.key, chosen, order, descending, number - 1, pollutant, ctx.lang, ctx))


def side(ctx: state.Context, chosen) -> None:
    """The card of one source, or the map."""
    id = state.url("source")
    if not id:
        area(ctx, chosen)
        return
    facets.close("sources-card-close", source=None)
    widgets.show(view.card(ctx.key, id, ctx.lang, ctx))


def area(ctx: state.Context, chosen) -> None:
    """The same selection on a map, where a polygon can be drawn."""

    def take() -> None:
        corners = drawn(st.session_state.get(DRAWN))
        if corners:
            facets.put(REGISTER, replace(chosen, polygon=tuple(corners)))

    widgets.show(widgets.section(_("分布"), facets.area_hint(chosen)))
    bounds = city_map.ground(ctx.key, ctx.lang, ctx).bounds
    st_folium(
        view.drawing_map(ctx, bounds),
        key=DRAWN,
        height=430,
        use_container_width=True,
        returned_objects=["last_active_drawing"],
        feature_group_to_add=view.circles(ctx, chosen),
        on_change=take,
    )
    facets.no_area(REGISTER, chosen)


def totals(ctx: state.Context, chosen, pollutant: str) -> None:
    """By unit or street, by industry, and how few make most."""
    where, what, few = st.columns(3, gap="medium")
    by = city_map.one_of("by", ("unit", "district", "street"), "unit")
    label = view.pollutant_label(pollutant)
    with where:
        widgets.show(widgets.section(_("按区域"), label))
        st.segmented_control(
            _("口径"),
            ("unit", "district", "street"),
            required=True,
            format_func=lambda code: _(view.GROUPS[code]),
            label_visibility="collapsed",
            key=city_map.bound("sources-by", by),
            on_change=lambda: state.set_url(by=st.session_state["sources-by"]),
        )
        widgets.show(view.bars(ctx.key, chosen, by, pollutant, ctx.lang, ctx))
    with what:
        widgets.show(
            join(
                [
                    widgets.section(_("按行业"), label),
                    view.bars(ctx.key, chosen, "division", pollutant, ctx.lang, ctx),
                ]
            )
        )
    with few:
        widgets.show(widgets.section(_("排放集中程度"), label))
        spec = view.curve(ctx.key, chosen, pollutant, ctx.lang, ctx.dark, ctx.scale, ctx)
        widgets.chart(spec, "sources-curve", height=300, alt=_("排放集中程度"))


page()

"""污染源清单: every fixed source, found by any mixture of filters; list, map, totals and export show the same rows."""

import streamlit as st

from shuzhi.i18n import _
from shuzhi.registry import sources
from shuzhi.registry.names import head, name, names_of
from shuzhi.store.schema import EMISSIONS
from shuzhi.ui import cells, city_map, facets, state, widgets
from shuzhi.ui import sources as view

REGISTER = "sources"


def page() -> None:
    begun = facets.begin(REGISTER, view.total)
    if begun is None:
        return
    ctx, chosen = begun
    pollutant = city_map.one_of("pollutant", EMISSIONS, "nox")
    answer(ctx, chosen, pollutant)
    left, right = st.columns([1, 3.4], gap="medium")
    with left, facets.finder(REGISTER):
        filters(ctx, chosen, pollutant)
    with right:
        table, picture = st.columns([1.35, 1], gap="medium")
        with table:
            listing(ctx, chosen, pollutant)
        with picture, st.container(key="sources-side"):
            side(ctx, chosen, pollutant)
        totals(ctx, chosen, pollutant)
    facets.picked(REGISTER)


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
        key=facets.told("sources-pollutant", pollutant),
        on_change=lambda: state.set_url(pollutant=st.session_state["sources-pollutant"]),
    )
    facets.ends(REGISTER, chosen, pollutant, _("吨/年"))
    facets.day(ctx, REGISTER, chosen)
    facets.clear(REGISTER, chosen)


def answer(ctx: state.Context, chosen, pollutant: str) -> None:
    """How many are chosen, what they emit, how few make most of it."""
    few = view.concentration(ctx.key, chosen, pollutant, ctx)
    count = view.found(ctx.key, chosen, pollutant, True, 0, ctx).count
    day = chosen.day.isoformat() if chosen.day else _("今天的清单")
    line = [facets.territory(ctx, view.units(ctx.key, ctx.lang, ctx)), _("固定污染源"), day]
    with st.container(key="sources-head"):
        widgets.show(
            widgets.dateline(line, widgets.mark(ctx.home.kind)), widgets.hero(view.answer(ctx, chosen, count, few))
        )


def listing(ctx: state.Context, chosen, pollutant: str) -> None:
    """A page of the list in the order asked for."""
    order, descending, number = facets.order(sources.ORDERS, pollutant, falling=EMISSIONS)
    found = view.found(ctx.key, chosen, order, descending, number - 1, ctx)
    widgets.show(widgets.section(_("清单"), view.how_many(found)))
    with st.container(key="sources-order", horizontal=True, vertical_alignment="center", gap="xsmall"):
        facets.exports(ctx, REGISTER, chosen, _("污染源清单"))
        facets.deliveries(ctx, REGISTER)
        facets.pages(number, -(-found.count // view.ROWS))
        cells.go_to_map(REGISTER, chosen)
    with st.container(key="sources-list"):
        widgets.show(view.listed(ctx.key, chosen, order, descending, number - 1, pollutant, ctx.lang, ctx))


def side(ctx: state.Context, chosen, pollutant: str) -> None:
    """The card of one source, or the map."""
    id = state.url("source")
    if not id:
        cells.area(ctx, REGISTER, _("分布"), chosen, pollutant)
        return
    facets.close("sources-card-close", source=None)
    widgets.show(view.card(ctx.key, id, ctx.lang, ctx))


def totals(ctx: state.Context, chosen, pollutant: str) -> None:
    """By unit, district or street, by industry, how few make most, and the cells that emit most."""
    by = city_map.one_of("by", view.PLACES, "unit")
    label = view.sign(pollutant)
    places = view.bars(ctx.key, chosen, by, pollutant, ctx.lang, ctx)
    industries = view.bars(ctx.key, chosen, "division", pollutant, ctx.lang, ctx)
    where, what, few = st.columns(3, gap="medium")
    with where:
        widgets.show(widgets.section(_("按区域"), view.groupings(chosen, by)), places)
    with what:
        widgets.show(widgets.section(_("按行业"), label), industries)
    with few:
        widgets.show(widgets.section(_("排放集中程度"), label))
        spec = view.curve(ctx.key, chosen, pollutant, ctx.lang, ctx.dark, ctx.scale, ctx)
        widgets.chart(spec, "sources-curve", height=200, alt=_("排放集中程度"))
        widgets.show(cells.fullest(ctx.key, REGISTER, chosen, pollutant, ctx.lang, ctx))


page()

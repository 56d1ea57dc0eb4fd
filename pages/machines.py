"""移动机械: non-road machines by type, stage, power and district, where they stand, and which a zone forbids."""

import streamlit as st

from shuzhi.i18n import _
from shuzhi.registry import machines
from shuzhi.registry.names import head, name, names_of
from shuzhi.ui import cells, facets, state, widgets
from shuzhi.ui import machines as view
from shuzhi.ui.markup import tag

REGISTER = "machines"


def page() -> None:
    begun = facets.begin(REGISTER, view.total)
    if begun is None:
        return
    ctx, chosen = begun
    order, descending, number = facets.order(machines.ORDERS, "seen_at", falling=("seen_at", "power"))
    found = view.found(ctx.key, chosen, order, descending, number - 1, ctx)
    answer(ctx, chosen, found)
    left, right = st.columns([1, 3.4], gap="medium")
    with left, facets.finder(REGISTER):
        filters(ctx, chosen)
    with right:
        crossed, picture = st.columns([1.35, 1], gap="medium")
        with crossed:
            table = view.by_type_and_stage(ctx.key, chosen, ctx.lang, ctx)
            widgets.show(widgets.section(_("类型与排放阶段"), _("色深为台数")), table)
        with picture, st.container(key="machines-map"):
            cells.area(ctx, REGISTER, _("最后定位"), chosen)
        totals(ctx, chosen)
        with st.container(key="machines-row"):
            with st.container(key="machines-listing"):
                listing(ctx, chosen, found, order, descending, number)
            card(ctx)
    facets.picked(REGISTER)


def answer(ctx: state.Context, chosen, found: machines.Found) -> None:
    """How many there are, where they were seen, how many are forbidden."""
    day = chosen.day.isoformat() if chosen.day else _("今天的登记表")
    line = [facets.territory(ctx, view.units(ctx.key, ctx.lang, ctx)), _("非道路移动机械"), day]
    sentence = view.answer(ctx, chosen, found)
    widgets.show(widgets.dateline(line, widgets.mark(ctx.home.kind)), widgets.hero(sentence))


def filters(ctx: state.Context, chosen) -> None:
    """Every filter with how many machines its values would give."""
    counts = view.counts(ctx.key, chosen, ctx)
    facets.text(REGISTER, chosen, _("查找"), _("标牌号、环保代码、厂家、型号或所有人"))
    facets.choice(REGISTER, chosen, "unit", head("unit"), counts["unit"], view.units(ctx.key, ctx.lang, ctx))
    types = {code: name("machine_types", code) for code in names_of("machine_types").index}
    facets.choice(REGISTER, chosen, "type", head("type"), counts["type"], types)
    stages = {code: name("stages", code) for code in names_of("stages").index}
    facets.pills(REGISTER, chosen, "stage", head("stage"), counts["stage"], list(stages), stages)
    seen = {code: _(label) for code, label in view.SEEN.items()}
    facets.pills(REGISTER, chosen, "seen", head("seen_at"), counts["seen"], list(seen), seen)
    facets.choice(REGISTER, chosen, "zone", head("zone"), counts["zone"])
    allowed = {"yes": _("禁用"), "no": _("允许或区外")}
    facets.pills(REGISTER, chosen, "forbidden", head("forbidden"), counts["forbidden"], list(allowed), allowed)
    facets.ends(REGISTER, chosen, "power", "kW")
    facets.day(ctx, REGISTER, chosen)
    facets.clear(REGISTER, chosen)


def totals(ctx: state.Context, chosen) -> None:
    """By power, by unit, and the cells where most stand."""
    power, unit, where = st.columns(3, gap="medium")
    with power:
        widgets.show(widgets.section(_("按功率"), "kW"), view.bars(ctx.key, chosen, "power", ctx.lang, ctx))
    with unit:
        units = tag("div", view.bars(ctx.key, chosen, "unit", ctx.lang, ctx), class_="sz-window")
        widgets.show(widgets.section(_("按区域"), head("unit")), units)
    with where:
        widgets.show(cells.fullest(ctx.key, REGISTER, chosen, None, ctx.lang, ctx))


def card(ctx: state.Context) -> None:
    """The card of one machine, beside the list."""
    id = state.url("machine")
    if id:
        with st.container(key="machines-side"):
            facets.close("machines-card-close", machine=None)
            widgets.show(view.card(ctx.key, id, ctx.lang, ctx))
            owner(ctx, id)


def owner(ctx: state.Context, id: str) -> None:
    """The whole name of a private owner, for whoever may see it; each look is an event of the audit."""
    if not view.is_masked(ctx.key, id, ctx):
        return
    said = _("查看会记入审计")
    if st.button(_("显示完整信息"), icon=":material/visibility:", key=f"machines-full-{id}", help=said):
        whole = machines.full(ctx.home, ctx.scope, id)
        note = tag("p", _("本次查看已记入审计。"), class_="sz-note")
        widgets.show(widgets.facts([(head("owner"), whole["owner"])]), note)


def listing(ctx: state.Context, chosen, found, order: str, descending: bool, number: int) -> None:
    """A page of the list in the order asked for."""
    counted = _("{n} 台，{placed} 台有定位").format(n=f"{found.count:,}", placed=f"{found.placed:,}")
    widgets.show(widgets.section(_("清单"), counted))
    with st.container(key="machines-order", horizontal=True, vertical_alignment="center", gap="xsmall"):
        facets.exports(ctx, REGISTER, chosen, _("移动机械"))
        facets.deliveries(ctx, REGISTER)
        facets.pages(number, -(-found.count // view.ROWS))
        cells.go_to_map(REGISTER, chosen)
    with st.container(key="machines-list"):
        widgets.show(view.listed(ctx.key, chosen, order, descending, number - 1, ctx.lang, ctx))


page()

"""审计: what was done, seen and refused, by whom; and whether nobody has altered it."""

from urllib.parse import parse_qsl

import streamlit as st

from shuzhi.access import audit, review, rights, words
from shuzhi.charts.audit import bars
from shuzhi.charts.tokens import tokens
from shuzhi.i18n import _
from shuzhi.status.water_words import city_name
from shuzhi.ui import audit as view
from shuzhi.ui import chain, facets, picking, state, widgets
from shuzhi.ui.city_map import bound, one_of
from shuzhi.ui.markup import tag

_WATCH = 1.0
"""Seconds after which the check of the chain is looked at again."""


def page() -> None:
    ctx = state.context()
    state.follow(ctx)
    chosen = asked()
    line = [_("审计"), city_name(ctx.home.city)]
    key = (*ctx.open_key, audit.newest(ctx.home))
    sentence = view.answer(*(view.summarised(key, since, ctx) for since in (view.midnight(), view.ago(1))))
    widgets.show(widgets.dateline(line, widgets.mark(ctx.home.kind)), widgets.hero(sentence))
    left, right = st.columns([1, 4.2], gap="medium")
    with left, facets.finder("audit"):
        filters(ctx, chosen, key)
    with right, st.container(key="audit-right", gap="small"):
        upper(ctx, chosen, key)
        with st.container(key="audit-row"):
            with st.container(key="audit-listing", gap="xsmall"):
                events(ctx, chosen)
            card(ctx)
    picking.listen("audit-pick", receive, show=".st-key-audit-side")


def asked() -> view.Filters:
    """What the URL chooses."""
    outcomes = tuple(one for one in (state.url("outcome") or "").split(",") if one in words.OUTCOMES)
    actions = tuple(one for one in (state.url("action") or "").split(",") if one)
    return view.Filters(state.url("q", ""), actions, outcomes, one_of("days", view.PERIODS, "7"))


def receive(query: str) -> None:
    """A link of the page chose an event."""
    state.set_url(event=dict(parse_qsl(query)).get("event"))


def filters(ctx: state.Context, chosen: view.Filters, key: tuple) -> None:
    """Text, period, outcome and action, in the URL; the list begins at its first page again."""
    text, days = bound("audit-q", chosen.text), bound("audit-days", chosen.period)
    outcome, action = bound("audit-outcome", list(chosen.outcomes)), bound("audit-action", list(chosen.actions))
    st.text_input(
        _("查找"),
        placeholder=_("人名、对象、地址或详情"),
        max_chars=128,
        key=text,
        icon=":material/search:",
        on_change=lambda: state.set_url(q=st.session_state[text] or None, page=None),
    )
    st.segmented_control(
        _("时段"),
        list(view.PERIODS),
        required=True,
        format_func=lambda key: _(view.PERIODS[key]),
        key=days,
        wrap=True,
        on_change=lambda: state.set_url(days=st.session_state[days], page=None),
    )
    st.pills(
        _("结果"),
        list(words.OUTCOMES),
        selection_mode="multi",
        format_func=words.outcome_name,
        key=outcome,
        wrap=True,
        on_change=lambda: state.set_url(outcome=",".join(st.session_state[outcome]) or None, page=None),
    )
    known = view.known_actions(key, ctx)
    st.multiselect(
        _("动作"),
        [*known, *(one for one in chosen.actions if one not in known)],
        format_func=words.action_name,
        placeholder=_("全部"),
        key=action,
        on_change=lambda: state.set_url(action=",".join(st.session_state[action]) or None, page=None),
    )
    st.button(
        _("清除全部筛选"),
        icon=":material/filter_alt_off:",
        key="audit-clear",
        type="tertiary",
        disabled=chosen == view.Filters(),
        on_click=lambda: state.set_url(q=None, days=None, outcome=None, action=None, page=None),
    )


def upper(ctx: state.Context, chosen: view.Filters, key: tuple) -> None:
    """The picture of the period, and whether the chain holds."""
    left, right = st.columns([2.6, 1], gap="large")
    with left:
        summary = view.summarised(key, chosen.since or view.ago(30), ctx)
        counted, step = view.counted(summary, chosen.period)
        name = _("最近 30 天") if chosen.period == "all" else _(view.PERIODS[chosen.period])
        widgets.show(widgets.section(_("事件数"), name), view.legend(summary, ctx.dark))
        kinds = {kind: _(words.KINDS[kind]) for kind in review.KINDS}
        spec = bars(counted, kinds, step, tokens(ctx.dark), ctx.scale)
        widgets.chart(spec, key="audit-bars", alt=_("各时段的事件数，按类别"))
    with right:
        check = chain.latest(ctx.home)
        if check is None and audit.size(ctx.home) <= chain.AT_ONCE:
            check = chain.start(ctx.home)
        running = check is not None and check.running
        st.fragment(verdict, run_every=_WATCH if running else None)(ctx)


def verdict(ctx: state.Context) -> None:
    """Whether the chain holds; a fragment that looks again while it is being checked."""
    check = chain.latest(ctx.home)
    title, how = view.chain_text(check)
    broken = check is not None and check.found is not None and bool(check.found.faults)
    widgets.show(
        widgets.section(_("防篡改")),
        tag("p", title, class_=f"sz-chain{' sz-chain-broken' if broken else ''}"),
        tag("p", how, class_="sz-note"),
        view.faults(check) if broken else "",
    )
    running = check is not None and check.running
    label = _("立即核对") if check is None or running else _("再核对一次")
    if st.button(label, icon=":material/verified_user:", key="audit-check", disabled=running):
        chain.start(ctx.home)
        st.rerun()
    if not running and st.session_state.pop("audit-running", False):
        st.rerun()
    st.session_state["audit-running"] = running


def events(ctx: state.Context, chosen: view.Filters) -> None:
    """A page of the events, newest first."""
    number = int(page_) if (page_ := state.url("page", "1")).isdecimal() and len(page_) < 8 else 1
    found, total = audit.search(
        ctx.home, ctx.scope, **chosen.asked, limit=view.ROWS, offset=max(0, number - 1) * view.ROWS
    )
    widgets.show(widgets.section(_("事件"), _("{n} 个，最新的在前").format(n=f"{total:,}")))
    with st.container(key="audit-order", horizontal=True, vertical_alignment="center", gap="xsmall"):
        exports(ctx, chosen)
        facets.pages(max(1, number), -(-total // view.ROWS))
    if found.empty:
        widgets.show(tag("p", _("没有符合条件的事件。"), class_="sz-quiet"))
        return
    widgets.show(tag("div", view.listed(found, event_number()), class_="sz-scroll"))


def exports(ctx: state.Context, chosen: view.Filters) -> None:
    """The events chosen as a file, for whom may have them."""
    if not rights.may(ctx.scope, "exports", "audit"):
        return
    with st.popover(_("导出"), icon=":material/download:"):
        st.caption(_("导出的正是当前选中的事件；导出本身也记入审计。"))
        for ending, mime, make in view.files(ctx, chosen):
            st.download_button(
                {"csv": "CSV", "xlsx": "Excel"}[ending],
                make,
                file_name=_("审计") + f".{ending}",
                mime=mime,
                key=f"audit-export-{ending}",
                type="tertiary",
                on_click="ignore",
            )


def event_number() -> int | None:
    """The event that the URL opens."""
    asked_ = state.url("event", "")
    return int(asked_) if asked_.isdecimal() and len(asked_) < 12 else None


def card(ctx: state.Context) -> None:
    """One event in full, beside the list."""
    if (number := event_number()) is None:
        return
    with st.container(key="audit-side"):
        facets.close("audit-card-close", event=None)
        widgets.show(view.card(review.event(ctx.home, ctx.scope, number), number))


page()

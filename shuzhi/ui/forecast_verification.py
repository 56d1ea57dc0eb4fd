"""Parts 检验 and 往期 of the page 趋势预测: how good the forecasts of a place were, and every one beside what came."""

import streamlit as st

from shuzhi.i18n import _
from shuzhi.research.forecast.issues import Issue
from shuzhi.ui import city_map, state, widgets
from shuzhi.ui import forecast as view
from shuzhi.ui import forecast_blocks as blocks
from shuzhi.ui import forecast_skill as board
from shuzhi.ui import forecast_states as states
from shuzhi.ui.forecast import Spot


def skill(ctx: state.Context, _issue: Issue, spot: Spot, item: str, _today) -> None:
    """How good the forecasts of the place were."""
    if board.board(ctx.open_key, spot, item, ctx).empty:
        widgets.show(states.note(_("这个地点的这一项还没有检验。")))
        return
    left, right = st.columns([1.25, 1], gap="medium")
    with left:
        name = blocks.rich(_("{item} 的误差").format(item=view.item_name(item)))
        widgets.show(widgets.section(name, _("平均绝对误差，按提前天数")))
        spec = board.errors_chart(ctx.open_key, spot, item, ctx.lang, ctx.dark, ctx.scale, ctx)
        widgets.chart(spec, "forecast-error-chart", alt=_("平均绝对误差，按提前天数"))
        widgets.show(board.errors_table(ctx.open_key, spot, item, ctx.lang, ctx))
    with right:
        widgets.show(board.claims_table(ctx.open_key, spot, ctx.lang, ctx))
        spec = board.reliability_chart(ctx.open_key, spot, ctx.lang, ctx.dark, ctx.scale, ctx)
        if spec is not None:
            widgets.show(widgets.section(_("可靠性"), _("AQI 超过 100 的可能性与实际出现；数为次数")))
            widgets.chart(spec, "forecast-reliability-chart", alt=_("可靠性"))


def archive(ctx: state.Context, _issue: Issue, spot: Spot, item: str, _today) -> None:
    """What was told so many days before, beside what came; the last issues."""
    lead = int(city_map.one_of("lead", [str(n) for n in board.LEADS], "2"))
    title = blocks.rich(_("{item}：预报与实测").format(item=view.item_name(item)))
    widgets.show(widgets.section(title, _("近 60 天")))
    st.segmented_control(
        _("提前天数"),
        board.LEADS,
        required=True,
        format_func=lambda n: _("第 {n} 天").format(n=n),
        key=city_map.bound("forecast-lead", lead),
        on_change=lambda: state.set_url(lead=_unless(st.session_state["forecast-lead"], 2)),
        label_visibility="collapsed",
    )
    with st.container(gap="xxsmall"):
        spec = board.beside_chart(ctx.open_key, spot, item, lead, ctx.lang, ctx.dark, ctx.scale, ctx)
        if spec is None:
            widgets.show(states.note(_("这个提前天数还没有检验。")))
        else:
            widgets.chart(spec, "forecast-beside-chart", alt=_("近 60 天"))
            widgets.show(board.note())
    if spec is not None:
        widgets.show(board.issues_table(ctx.open_key, spot, item, ctx.lang, ctx))


def _unless(value, default):
    """None for the default, which the URL leaves out."""
    return None if value == default else value

"""趋势预测: what comes. The sentence with its probability, seven days, the chart; below, one part at a time."""

import pandas as pd
import streamlit as st

from shuzhi.i18n import _
from shuzhi.research.forecast import work
from shuzhi.research.forecast.issues import Issue
from shuzhi.settings import BEIJING
from shuzhi.ui import city_map, downloads, guide, picking, state, widgets
from shuzhi.ui import forecast as view
from shuzhi.ui import forecast_blocks as blocks
from shuzhi.ui import forecast_files as files
from shuzhi.ui import forecast_matrices as matrices
from shuzhi.ui import forecast_meeting as meeting
from shuzhi.ui import forecast_more as more
from shuzhi.ui import forecast_outlook as outlook_view
from shuzhi.ui import forecast_skill as board
from shuzhi.ui import forecast_states as states
from shuzhi.ui import forecast_verification as verification
from shuzhi.ui.choosing import segments, unless
from shuzhi.ui.forecast import Spot


def page() -> None:
    ctx = state.context()
    state.follow(ctx)
    issue = chosen_issue(ctx)
    if issue is None:
        guide.no_forecast(ctx, work.going_on(ctx.home))
        return
    spots = view.spots(ctx.open_key, issue, ctx.lang, ctx)
    if "" not in spots:
        states.no_city(ctx, issue)
        return
    value = city_map.one_of("place", spots, "")
    spot, item = spots[value], city_map.one_of("item", view.ITEMS, "aqi")
    today = pd.Timestamp.now(BEIJING).date()
    widgets.show(blocks.top(ctx.open_key, issue, spot, today, ctx.lang, ctx))
    tools(ctx, issue, value, spot, item)
    widgets.show(blocks.strip(ctx.open_key, issue, spot, item, today, ctx.lang, ctx))
    week(ctx, issue, spot, item)
    part(ctx, issue, spot, item, today)
    widgets.show(blocks.issue_note(ctx.open_key, issue, ctx.lang, ctx))
    picking.listen("forecast-pick", choose, show=".st-key-forecast-tools")


def choose(what: str) -> None:
    """A link of the page was clicked: place=…"""
    key, value = what.split("=", 1)
    state.set_url(**{key: value or None})


def chosen_issue(ctx: state.Context) -> Issue | None:
    """The issue of the URL, else the newest."""
    return view.all_issues(ctx.open_key, ctx).get(state.url("issue")) or view.newest(ctx.open_key, ctx)


def tools(ctx: state.Context, issue: Issue, value: str, spot: Spot, item: str) -> None:
    """Where, what, and files."""
    with st.container(key="forecast-tools", horizontal=True, vertical_alignment="center"):
        shown = view.picker_labels(ctx.open_key, issue, ctx.lang, ctx)
        st.selectbox(
            _("地点"),
            list(shown),
            format_func=shown.get,
            key=city_map.bound("forecast-place", value),
            on_change=lambda: state.set_url(place=st.session_state["forecast-place"] or None),
            label_visibility="collapsed",
            width=290,
        )
        segments(_("项目"), "item", view.ITEMS, item, names=view.item_name, key="forecast-item", default="aqi")
        pick_issue(ctx, issue)
        opened = state.url("part", "hours")
        downloads.menu(ctx, "forecast", lambda: files.offers(ctx, issue, spot, item, opened))


def pick_issue(ctx: state.Context, issue: Issue) -> None:
    """The issue shown: an old one stands beside what came."""
    shown, newest = blocks.issue_labels(ctx.open_key, ctx.lang, ctx), view.newest(ctx.open_key, ctx)

    def go() -> None:
        state.set_url(issue=unless(st.session_state["forecast-issue"], newest.id))

    st.selectbox(
        _("期次"),
        list(shown),
        format_func=shown.get,
        key=city_map.bound("forecast-issue", issue.id),
        on_change=go,
        label_visibility="collapsed",
        width=245,
    )


def week(ctx: state.Context, issue: Issue, spot: Spot, item: str) -> None:
    """Two weeks that were measured and seven days that come."""
    spec = view.week_chart(ctx.open_key, issue, spot, item, ctx.edition, ctx.lang, ctx.dark, ctx.scale, ctx)
    if spec is None:
        widgets.show(states.note(_("这一期没有这个地点的这一项。")))
        return
    with st.container(gap="xxsmall", key="forecast-week"):
        widgets.chart(spec, "forecast-week-chart", alt=_("近 14 天实测与未来 7 天预报"))
        widgets.show(blocks.legend(ctx.lang))


def part(ctx: state.Context, issue: Issue, spot: Spot, item: str, today) -> None:
    """The part that is open; only this one is made."""
    parts = {
        "hours": (_("逐时 72 h"), hours),
        "stations": (_("站点 × 小时"), matrices.stations),
        "districts": (_("区县 × 日"), matrices.districts),
        "models": (_("模型与原因"), models),
    }
    if len(more.sections(ctx.open_key, issue, ctx)):
        parts["water"] = (_("水环境"), water)
    if len(outlook_view.outlooks(ctx.open_key, issue, ctx)):
        parts["outlook"] = (_("月度与全年"), outlook)
    if board.verified(ctx.open_key, ctx):
        parts |= {"skill": (_("检验"), verification.skill), "archive": (_("往期"), verification.archive)}
    if meeting.may_sign(ctx, issue) or len(meeting.signed(ctx.open_key, issue, ctx)):
        parts["meeting"] = (_("会商"), signed)
    opened = city_map.one_of("part", parts, "hours")
    names = {name: text for name, (text, _draw) in parts.items()}
    segments(_("内容"), "part", list(parts), opened, names=names.get, key="forecast-part", default="hours")
    parts[opened][1](ctx, issue, spot, item, today)


def hours(ctx: state.Context, issue: Issue, spot: Spot, item: str, _today) -> None:
    """The coming 72 hours with their bands."""
    spec = view.hour_chart(ctx.open_key, issue, spot, item, ctx.edition, ctx.lang, ctx.dark, ctx.scale, ctx)
    title = blocks.rich(_("{item} 逐时预报").format(item=view.item_name(item, "hour")))
    widgets.show(widgets.section(title, _("前 24 小时实测，后 72 小时预报")))
    if spec is None:
        of_district = _("小时预报只有全市和站点的；请在上面选择。")
        widgets.show(states.note(of_district if spot.level == "district" else _("这一期没有这一项的小时预报。")))
        return
    widgets.chart(spec, "forecast-hour-chart", alt=_("未来 72 小时预报"))


def models(ctx: state.Context, issue: Issue, spot: Spot, item: str, today) -> None:
    """The members beside what is told, and what drove it."""
    left, right = st.columns([1.5, 1], gap="medium")
    with left:
        widgets.show(blocks.models_table(ctx.open_key, issue, spot, item, today, ctx.lang, ctx))
        spec = view.member_chart(ctx.open_key, issue, spot, item, ctx.lang, ctx.dark, ctx.scale, ctx)
        widgets.chart(spec, "forecast-model-chart", alt=_("各模型未来 7 天"))
    with right:
        widgets.show(blocks.drivers_list(ctx.open_key, issue, spot, item, today, ctx.lang, ctx))
        with st.expander(_("怎样预报"), icon=":material/function:"):
            widgets.show(blocks.method())


def water(ctx: state.Context, issue: Issue, _spot: Spot, _item: str, today) -> None:
    """Classes of the sections, the worst first."""
    widgets.show(more.water_table(ctx.open_key, issue, today, ctx.lang, ctx))


def outlook(ctx: state.Context, issue: Issue, _spot: Spot, _item: str, _today) -> None:
    """Months and the year against the targets."""
    widgets.show(outlook_view.blocks(ctx.open_key, issue, ctx.lang, ctx))


def signed(ctx: state.Context, issue: Issue, spot: Spot, item: str, _today) -> None:
    """What was signed at the meeting, and the way to sign for those who may."""
    widgets.show(meeting.table(ctx.open_key, issue, ctx.lang, ctx))
    if meeting.may_sign(ctx, issue):
        st.button(_("订正预报"), icon=":material/edit:", key="forecast-sign", on_click=meeting.ask)
    meeting.dialog(ctx, issue, spot, item)


page()

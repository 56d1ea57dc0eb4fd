"""站点: one station. The answer first, then the week, the six items, the method, the year, the neighbours."""

import pandas as pd
import streamlit as st

from shuzhi.i18n import _
from shuzhi.settings import BEIJING
from shuzhi.status import station as status
from shuzhi.status import station_words as words
from shuzhi.ui import downloads, state, widgets
from shuzhi.ui import station as view
from shuzhi.ui import station_files as files
from shuzhi.ui.choosing import segments
from shuzhi.ui.markup import literal

OTHER_EDITION = {"2012": "2026", "2026": "2012"}


def page() -> None:
    ctx = state.context()
    state.follow(ctx)
    register = view.register(ctx.open_key, ctx)
    at = ctx.at or view.latest_hour(ctx.open_key, ctx)
    if not register or at is None:
        no_data(ctx)
        return
    code = state.url("station") or default_station(register, ctx)
    if code not in register:
        unknown_station(ctx, register, code)
        return
    at = at.tz_convert(BEIJING)
    hour = view.load_hour(ctx.open_key, code, at, ctx.edition, ctx.lang, ctx)
    if hour.report is None:
        silent_station(ctx, register, code, at, hour)
        return
    html = view.blocks(ctx.open_key, code, at, ctx.edition, ctx.lang, ctx.wall, ctx)
    head(ctx, register, code, at, hour, html)
    left, right = st.columns([2.15, 1], gap="medium")
    with left:
        week(ctx, code, at, hour, html)
    with right:
        widgets.show(html["items"])
        method(ctx, code, at, hour)
    year(ctx, code, at)
    widgets.show(html["neighbours"])


def default_station(register: dict, ctx: state.Context) -> str:
    """The city's first evaluation site, else any station."""
    ours = [code for code, row in register.items() if row["city"] == ctx.home.city and row["evaluation"]]
    return (ours or list(register))[0]


def head(ctx: state.Context, register: dict, code: str, at: pd.Timestamp, hour: view.Hour, html: dict) -> None:
    """Answer and context at the left, picker and download at the right."""
    left, right = st.columns([2.15, 1], gap="medium", vertical_alignment="bottom")
    with left:
        widgets.show(html["head"])
    with right, st.container(key="sz-station-tools", horizontal=True, vertical_alignment="bottom", wrap=False):
        picker(ctx, register, code)
        when(at)
        item, year = chosen_item(hour.report), chosen_year(at)
        downloads.menu(ctx, "station", lambda: files.offers(ctx, register[code], at, item, year))


def picker(ctx: state.Context, register: dict, code: str | None) -> None:
    """Every station of the register, found by any part of its name, code, network or district."""
    st.session_state["sz-station"] = code
    st.selectbox(
        _("站点"),
        list(register),
        index=None,
        required=code is not None,
        placeholder=_("输入名称、编码或区县"),
        format_func=view.labels(ctx.open_key, ctx.lang, ctx).__getitem__,
        key="sz-station",
        on_change=lambda: state.set_url(station=st.session_state["sz-station"]),
        label_visibility="collapsed",
    )


def when(at: pd.Timestamp) -> None:
    """The hour shown: a day and an hour, or the newest."""
    st.session_state["sz-day"] = status.day_of(at)
    st.session_state["sz-hour"] = status.elapsed_hours(at)

    def go() -> None:
        start = pd.Timestamp(st.session_state["sz-day"]).tz_localize(BEIJING)
        state.set_url(at=state.hour_text(start + st.session_state["sz-hour"] * status.HOUR))

    with st.popover(_("选择时刻"), icon=":material/schedule:", help=_("选择时刻"), key="sz-when"):
        st.date_input(_("日期"), key="sz-day", format="YYYY-MM-DD", on_change=go)
        st.selectbox(
            _("小时（结束时刻）"), range(1, 25), key="sz-hour", format_func=lambda h: f"{h:02d}:00", on_change=go
        )
        st.button(_("最新一小时"), on_click=lambda: state.set_url(at=None))


def chosen_item(report: status.Report) -> str:
    """The item of the URL, else the one that the sentence is about."""
    asked = state.url("factor")
    return asked if asked in view.CHART_ITEMS else report.headline


def chosen_year(at: pd.Timestamp) -> int:
    """The year of the URL, else that of the last complete day; never a later one."""
    asked, newest = state.url("year", ""), view.last_complete_day(at).year
    return int(asked) if asked.isdecimal() and 1990 <= int(asked) <= newest else newest


def week(ctx: state.Context, code: str, at: pd.Timestamp, hour: view.Hour, html: dict) -> None:
    """Hourly concentration of seven days; one item at a time."""
    item = chosen_item(hour.report)
    note = _("{unit}，灰底为缺测").format(unit=words.unit(item))
    widgets.show(widgets.section(_("小时浓度　近 7 天"), note))
    segments(_("污染物"), "factor", view.CHART_ITEMS, item, key="sz-item", names=words.symbol_rich)
    spec = view.concentration(ctx.open_key, code, item, at, ctx.edition, ctx.lang, ctx.dark, ctx.scale, ctx)
    widgets.chart(spec, key="sz-week-chart", alt=hour.answer)
    widgets.show(html["levels"])


def method(ctx: state.Context, code: str, at: pd.Timestamp, hour: view.Hour) -> None:
    """How the AQI of the hour, and of the newest valid day, came about; and the other edition."""
    shown = view.load_year(ctx.open_key, code, chosen_year(at), view.last_complete_day(at), ctx.edition, ctx)
    with st.expander(_("AQI 怎样算出"), expanded=True, icon=":material/function:", key="sz-method"):
        titles = [_("小时 AQI")] + ([_("日 AQI")] if shown.explanation else [])
        tabs = st.tabs(titles)
        with tabs[0]:
            working(hour.explanation, "")
        if shown.explanation:
            with tabs[1]:
                working(shown.explanation, words.day_text(shown.valid_day) + " ")
        edition = OTHER_EDITION[hour.report.edition]
        st.button(
            _("同一数据改用 {edition} 版").format(edition=edition),
            type="tertiary",
            key="sz-edition",
            on_click=lambda: state.set_url(edition=edition),
        )


def working(explanation, prefix: str) -> None:
    """One formula with its numbers."""
    if explanation is None:
        widgets.show(widgets.source(_("没有读数，不评价 AQI。")))
        return
    before, formula, after = view.working(explanation)
    st.markdown("\n\n".join([prefix + before, *([f"$$\n{formula}\n$$"] if formula else []), after]))


def year(ctx: state.Context, code: str, at: pd.Timestamp) -> None:
    """Daily AQI and completeness of a year."""
    until, chosen = view.last_complete_day(at), chosen_year(at)
    shown = view.load_year(ctx.open_key, code, chosen, until, ctx.edition, ctx)
    widgets.show(widgets.section(_("逐日 AQI 与完整率"), view.calendar_note(shown)))
    known = view.load_years(ctx.open_key, ctx).get(code, [])
    years = sorted({*(one for one in known if one <= until.year), chosen})
    if len(years) > 1:
        segments(_("年份"), "year", years, chosen, key="sz-year")
    spec = view.calendar(ctx.open_key, code, chosen, until, ctx.edition, ctx.lang, ctx.dark, ctx.scale, ctx)
    widgets.chart(spec, key="sz-year-chart", alt=view.calendar_note(shown))
    widgets.show(view.calendar_legend(shown))


def no_data(ctx: state.Context) -> None:
    """A home without stations or readings."""
    widgets.show(widgets.dateline([_("站点")], widgets.mark(ctx.home.kind)))
    widgets.empty(
        _("还没有站点数据"),
        _("先导入站点登记，再导入小时存档；导入后刷新本页。"),
        [
            (_("站点登记"), widgets.command("python -m shuzhi import stations FILE")),
            (_("小时存档"), widgets.command("python -m shuzhi import air-archive PATH")),
        ],
        key="station",
    )


def unknown_station(ctx: state.Context, register: dict, code: str) -> None:
    """The URL names a station that is not in the register."""
    widgets.show(widgets.dateline([_("站点")], widgets.mark(ctx.home.kind)))
    text = _("登记中没有编码为“{code}”的站点。可能是链接写错，或该站点还没有登记；请在下面选择。").format(code=code)
    with widgets.empty(_("没有这个站点"), text, key="station"):
        picker(ctx, register, None)


def silent_station(ctx: state.Context, register: dict, code: str, at: pd.Timestamp, hour: view.Hour) -> None:
    """No reading in the 24 hours chosen: previous and next one, effect on statistics, ways out."""
    station = register[code]
    start = at - 24 * status.HOUR
    widgets.show(view.dateline(station, None, ctx.home.kind))
    widgets.show(
        widgets.section(_("小时浓度"), f"{words.hour_text(start, year=True)}—{words.hour_text(at, year=True)}")
    )
    silence = view.load_silence(ctx.open_key, code, at, ctx.lang, ctx)
    with widgets.empty(_("这段时间没有读数"), silence.text, silence.facts, key="station"):
        with st.container(horizontal=True):
            ways_out(silence, hour)
        picker(ctx, register, code)


def ways_out(silence: view.Silence, hour: view.Hour) -> None:
    """Jump to the nearest reading in time, or to a neighbour."""
    if silence.jump is not None:
        st.button(
            _("跳到有读数的时间"),
            type="primary",
            key="go-reading",
            on_click=lambda: state.set_url(at=state.hour_text(silence.jump)),
        )
    if hour.near:
        neighbour = next((place for place in hour.near if place["level"]), hour.near[0])
        st.button(
            _("看近邻站点 {name}").format(name=literal(neighbour["name"])),
            key="sz-to-neighbour",
            on_click=lambda: state.set_url(station=neighbour["code"]),
        )


page()

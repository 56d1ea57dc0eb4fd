"""Matrices of the page 趋势预测: stations by hour, units by day."""

import datetime as dt

import pandas as pd
import streamlit as st

from shuzhi.charts import forecast_matrix
from shuzhi.charts.tokens import tokens
from shuzhi.i18n import _
from shuzhi.research.forecast import words
from shuzhi.research.forecast.issues import Issue
from shuzhi.standards.levels import level
from shuzhi.status import station_words as station
from shuzhi.ui import city_map, state, widgets
from shuzhi.ui import forecast as view
from shuzhi.ui import forecast_blocks as blocks
from shuzhi.ui import forecast_states as states
from shuzhi.ui import station as stations_view
from shuzhi.ui.forecast import Spot
from shuzhi.ui.markup import Html, join, tag


def stations(ctx: state.Context, issue: Issue, _spot: Spot, _item: str, _today) -> None:
    """Stations of a network by hour."""
    known = networks(ctx.open_key, issue, ctx)
    if not known:
        widgets.show(states.note(_("这一期没有站点的小时预报。")))
        return
    network = city_map.one_of("network", (*known, "all"), known[0])
    widgets.show(widgets.section(_("站点 × 小时"), _("小时 AQI 的级别；按区县排列")))
    st.segmented_control(
        _("站网"),
        [*known, "all"],
        required=True,
        format_func=lambda code: _("全部") if code == "all" else station.network_name(code),
        key=city_map.bound("forecast-network", network),
        on_change=lambda: state.set_url(network=st.session_state["forecast-network"]),
        label_visibility="collapsed",
    )
    spec = matrix_chart(ctx.open_key, issue, network, ctx.lang, ctx.dark, ctx.scale, ctx)
    with st.container(key="forecast-matrix"):
        widgets.chart(spec, "forecast-matrix-chart", alt=_("各站未来 72 小时 AQI 级别"))


def districts(ctx: state.Context, issue: Issue, _spot: Spot, _item: str, today) -> None:
    """Units by day."""
    widgets.show(districts_table(ctx.open_key, issue, today, ctx.lang, ctx))


@state.shared(max_entries=4)
def station_hours(key: tuple, issue: Issue, _ctx: state.Context) -> pd.DataFrame:
    """AQI of the coming hours: a row a station, a column an hour's end."""
    rows = view.all_hours(key, issue, _ctx).rows
    table = rows[(rows["level"] == "station") & (rows["item"] == "aqi")].astype({"place": "str"})
    return table.pivot(index="place", columns="time", values="value")


@state.shared(max_entries=8)
def networks(key: tuple, issue: Issue, _ctx: state.Context) -> tuple[str, ...]:
    """Networks of the stations whose hours are forecast."""
    register = stations_view.register(key, _ctx)
    there = {register[code]["network"] for code in station_hours(key, issue, _ctx).index if code in register}
    return tuple(code for code in station.NETWORKS if code in there)


@state.shared(max_entries=16)
def matrix_chart(key: tuple, issue: Issue, network: str, lang: str, dark: bool, scale: float, _ctx) -> dict:
    """Vega-Lite of a network's stations by hour."""
    table = station_hours(key, issue, _ctx)
    register = stations_view.register(key, _ctx)
    found = view.spots(key, issue, lang, _ctx)
    codes = [
        code for code in found if code in table.index and network in ("all", register.get(code, {}).get("network"))
    ]
    names = [found[code].name for code in codes]
    values = table.loc[codes].to_numpy(float)
    return forecast_matrix.matrix(names, table.columns, values, level(values), tokens(dark), scale=scale)


@state.shared(max_entries=16)
def districts_table(key: tuple, issue: Issue, today: dt.date, lang: str, _ctx: state.Context) -> Html:
    """AQI of each unit and day on the colour of its level, with its number; the worst week first."""
    there, names = view.days(key, issue, _ctx), view.spots(key, issue, lang, _ctx)
    told = {spot: words.told(there[spot.level, spot.code]) for spot in names.values() if spot.level != "station"}
    dates = sorted({day.date for each in told.values() for day in each})
    head = [(_("区县"), "strong"), *((blocks.day_head(date, today), "sz-cell") for date in dates)]
    ordered = sorted(told, key=lambda spot: (spot.level != "city", -sum(day.aqi for day in told[spot])))
    values = {spot: value for value, spot in names.items()}
    rows = []
    for spot in ordered:
        by_date = {day.date: day for day in told[spot]}
        name = _("全市") if spot.level == "city" else view.pick(spot.name, values[spot])
        rows.append([name, *(_aqi_cell(by_date.get(date)) for date in dates)])
    note = _("AQI 预报，颜色为级别；按七天合计由高到低")
    body = tag("div", widgets.table(head, rows, "sz-daymatrix"), class_="sz-scroll")
    return join([widgets.section(_("区县 × 日"), note), body])


def _aqi_cell(day: words.Day | None) -> Html:
    if day is None:
        return tag("i", "–")
    row = widgets.level_row(day.level)
    primary = _("、").join(words.symbol(one) for one in day.primary)
    title = " · ".join(
        part for part in (words.levels_text(day.low, day.high), words.chance_text(day.probability), primary) if part
    )
    return tag("i", day.aqi, title=title, style=f"background:{row['color']};color:{row['ink']}")

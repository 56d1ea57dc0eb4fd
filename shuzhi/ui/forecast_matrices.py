"""Matrices of the page 趋势预测: stations by hour, units by day, of the item that is chosen."""

import datetime as dt

import numpy as np
import pandas as pd
import streamlit as st

from shuzhi.charts import forecast_matrix
from shuzhi.charts.tokens import tokens
from shuzhi.i18n import _
from shuzhi.research.forecast import words
from shuzhi.research.forecast.issues import Issue
from shuzhi.research.forecast.scores import told_level
from shuzhi.standards.aqi import daily_aqi, hourly_aqi
from shuzhi.status import station_words as station
from shuzhi.ui import city_map, state, widgets
from shuzhi.ui import forecast as view
from shuzhi.ui import forecast_blocks as blocks
from shuzhi.ui import forecast_states as states
from shuzhi.ui import station as stations_view
from shuzhi.ui.choosing import segments
from shuzhi.ui.forecast import Spot
from shuzhi.ui.markup import Html, join, tag


def stations(ctx: state.Context, issue: Issue, _spot: Spot, item: str, _today) -> None:
    """Stations of a network by hour."""
    known = networks(ctx.open_key, issue, ctx)
    if not known:
        widgets.show(states.note(_("这一期没有站点的小时预报。")))
        return
    network = chosen_network(known)
    name = f"{view.item_name(item, 'hour')} {words.unit(item)}".strip()
    widgets.show(
        widgets.section(_("站点 × 小时"), blocks.rich(_("小时 {item}，颜色为级别；按区县排列").format(item=name)))
    )
    names = {code: station.network_name(code) for code in known} | {"all": _("全部")}
    segments(_("站网"), "network", list(names), network, names=names.get, key="forecast-network", default=known[0])
    spec = matrix_chart(ctx.open_key, issue, item, network, ctx.edition, False, ctx.lang, ctx.dark, ctx.scale, ctx)
    if spec is None:
        widgets.show(states.note(_("这一期没有这一项的小时预报。")))
        return
    with st.container(gap="xxsmall", key="forecast-hours-matrix"):
        with st.container(key="forecast-matrix"):
            widgets.chart(spec, "forecast-matrix-chart", alt=_("各站未来 72 小时的级别"))
        widgets.show(legend(item, "hour", ctx.lang))


def districts(ctx: state.Context, issue: Issue, _spot: Spot, item: str, today) -> None:
    """Units by day."""
    widgets.show(districts_block(ctx.open_key, issue, item, today, ctx.edition, ctx.lang, ctx))


def chosen_network(known: tuple[str, ...]) -> str:
    """The network of the URL, else the first that there is."""
    return city_map.one_of("network", (*known, "all"), known[0] if known else "all")


@state.shared(max_entries=8)
def station_hours(key: tuple, issue: Issue, item: str, _ctx: state.Context) -> pd.DataFrame:
    """An item of the coming hours: a row a station, a column an hour's end."""
    rows = view.all_hours(key, issue, _ctx).rows
    chosen = (rows["level"] == "station") & (rows["item"] == item.removesuffix("_8h"))
    return rows[chosen].astype({"place": "str"}).pivot(index="place", columns="time", values="value")


@state.shared(max_entries=8)
def networks(key: tuple, issue: Issue, _ctx: state.Context) -> tuple[str, ...]:
    """Networks of the stations whose hours are forecast."""
    register = stations_view.register(key, _ctx)
    there = {register[code]["network"] for code in station_hours(key, issue, "aqi", _ctx).index if code in register}
    return tuple(code for code in station.NETWORKS if code in there)


@state.shared(max_entries=16)
def shown_hours(key: tuple, issue: Issue, item: str, network: str, lang: str, _ctx: state.Context) -> pd.DataFrame:
    """An item by station of a network and hour, in the order of the page; the index has the code and the name."""
    table, register = station_hours(key, issue, item, _ctx), stations_view.register(key, _ctx)
    found = view.spots(key, issue, lang, _ctx)
    codes = [
        code for code in found if code in table.index and network in ("all", register.get(code, {}).get("network"))
    ]
    names = [found[code].name for code in codes]
    return table.loc[codes].set_axis(pd.MultiIndex.from_arrays([codes, names], names=["code", "name"]))


@state.shared(max_entries=16)
def matrix_chart(
    key: tuple,
    issue: Issue,
    item: str,
    network: str,
    edition: str,
    legend: bool,
    lang: str,
    dark: bool,
    scale: float,
    _ctx: state.Context,
) -> dict | None:
    """Vega-Lite of a network's stations by hour, with the levels' names for a picture; None without hours."""
    table = shown_hours(key, issue, item, network, lang, _ctx)
    if table.empty:
        return None
    values = table.to_numpy(float)
    return forecast_matrix.matrix(
        table.index.get_level_values("name"),
        table.columns,
        values,
        _hour_levels(values, table.columns, item, edition),
        tokens(dark),
        title=view.item_name(item, "hour"),
        unit=words.unit(item),
        decimals=view.decimals(item),
        legend=legend,
        scale=scale,
    )


def _hour_levels(values: np.ndarray, times: pd.DatetimeIndex, item: str, edition: str) -> np.ndarray:
    """Levels of hourly values, of a pollutant by its own index (HJ 633)."""
    if item == "aqi":
        return told_level(values)
    flat = {item.removesuffix("_8h"): values.ravel(), "time": np.tile(times, len(values))}
    return hourly_aqi(pd.DataFrame(flat), edition, missing="others")["level"].to_numpy().reshape(values.shape)


@state.shared(max_entries=16)
def unit_days(key: tuple, issue: Issue, item: str, edition: str, lang: str, _ctx: state.Context) -> pd.DataFrame:
    """An item of each unit and day: spot, date, value, level, day (as told); the city first, then the highest sums."""
    spots = [spot for spot in view.spots(key, issue, lang, _ctx).values() if spot.level != "station"]
    told = {spot: view.told(key, issue, spot, _ctx) for spot in spots}
    total = {spot: sum(_value(day, item) for day in days) for spot, days in told.items()}
    spots.sort(key=lambda spot: (spot.level != "city", -np.nan_to_num(total[spot])))
    rows = [(spot, day.date, _value(day, item), day) for spot in spots for day in told[spot]]
    table = pd.DataFrame(rows, columns=["spot", "date", "value", "day"])
    return table.assign(level=_day_levels(table["value"].to_numpy(float), table["date"], item, edition))


def _value(day: words.Day, item: str) -> float:
    return day.aqi if item == "aqi" else day.values.get(item, np.nan)


def _day_levels(values: np.ndarray, dates: pd.Series, item: str, edition: str) -> np.ndarray:
    if item == "aqi":
        return told_level(values)
    table = pd.DataFrame({item: values, "day": pd.to_datetime(dates).to_numpy()})
    return daily_aqi(table, edition, missing="others")["level"].to_numpy()


@state.shared(max_entries=32)
def districts_block(
    key: tuple, issue: Issue, item: str, today: dt.date, edition: str, lang: str, _ctx: state.Context
) -> Html:
    """An item of each unit and day on the colour of its level, with its number; the worst week first."""
    table = unit_days(key, issue, item, edition, lang, _ctx)
    values = {spot: value for value, spot in view.spots(key, issue, lang, _ctx).items()}
    dates = sorted(set(table["date"]))
    head = [(_("区县"), "strong"), *((blocks.day_head(date, today), "sz-cell") for date in dates)]
    rows = []
    for spot, days in table.groupby("spot", sort=False):
        cells = {row.date: _cell(row.value, row.level, row.day, item) for row in days.itertuples()}
        name = _("全市") if spot.level == "city" else view.pick(spot.name, values[spot])
        rows.append([name, *(cells.get(date, tag("i", "–")) for date in dates)])
    shown = f"{view.item_name(item)} {words.unit(item)}".strip()
    note = blocks.rich(_("{item} 预报，颜色为级别；按七天合计由高到低").format(item=shown))
    body = tag("div", widgets.table(head, rows, "sz-daymatrix"), class_="sz-scroll")
    return join([widgets.section(_("区县 × 日"), note), body, legend(item, "day", lang)])


def _cell(value: float, level: int, day: words.Day, item: str) -> Html:
    """A number on the colour of its level; what else is told of the day as its tooltip."""
    if not level:
        return tag("i", "–")
    row = widgets.level_row(int(level))
    return tag(
        "i",
        f"{value:.{view.decimals(item)}f}",
        title=" · ".join(_said(level, day, item)),
        style=f"background:{row['color']};color:{row['ink']}",
    )


def _said(level: int, day: words.Day, item: str) -> list[str]:
    low, high = day.bounds.get(item, (np.nan,) * 4)[2:]
    digits = view.decimals(item)
    band = "" if low != low else _("90% 区间 {low}–{high}").format(low=f"{low:.{digits}f}", high=f"{high:.{digits}f}")
    if item != "aqi":
        return [part for part in (widgets.level_name(int(level)), band) if part]
    primary = _("、").join(words.symbol(one) for one in day.primary)
    likely = [words.levels_text(day.low, day.high), words.chance_text(day.probability)]
    return [part for part in (*likely, primary, band) if part]


@state.shared(max_entries=32)
def legend(item: str, grain: str, lang: str) -> Html:
    """What the colours mean: the levels by name, and by which rule."""
    entries = [widgets.named_level(level) for level in blocks.LEVELS]
    if item != "aqi":
        rule = _("按 {item} 的分指数（HJ 633）").format(item=view.item_name(item, grain))
        entries.append(tag("span", tag("span", blocks.rich(rule), class_="sz-muted")))
    return tag("div", join(entries), class_="sz-legend")

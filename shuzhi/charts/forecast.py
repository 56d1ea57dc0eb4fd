"""Charts of the forecast: what was measured and what comes with its bands, stations by hour, members by lead.

Each is made once with Altair for a mode, a language and a scale (``…_template``); a call with tables fills it (see
`shuzhi.charts.theme.fill`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

import altair as alt
import numpy as np
import pandas as pd

from shuzhi.charts.levels import level_colors, level_names
from shuzhi.charts.station import limit_lines
from shuzhi.charts.theme import (
    as_dict,
    choice,
    day_label,
    fill,
    known,
    of_columns,
    of_rows,
    responsive_size,
    styled,
    text_size,
    wall_clock,
)
from shuzhi.charts.tokens import Tokens, tokens
from shuzhi.i18n import _, language
from shuzhi.settings import BEIJING
from shuzhi.standards import limits

BANDS = ("lower90", "lower50", "upper50", "upper90")
HOUR, DAY = pd.Timedelta(hours=1), pd.Timedelta(days=1)
ZERO = 1.1
"""The zero line stands at ``height / ZERO``; the strip of levels lies under it."""
ROW = 17
"""Height of a row of the matrix of stations [px]."""
_DASHES = ([6, 3], [2, 2], [8, 3, 2, 3], [1, 3], [4, 4], [10, 4], [3, 1], [5, 1, 1, 1])


@dataclass(frozen=True)
class Line:
    """A value that divides the chart, and its name."""

    value: float
    name: str


def lines_of(item: str, day: date, grain: str) -> tuple[Line, ...]:
    """Upper ends of the levels for the AQI, else limits of the item (GB 3095 in force on ``day``).

    Parameters
    ----------
    grain : 'day' or 'hour'
    """
    if item == "aqi":
        names, highs = level_names(), level_colors()["high"].to_dict()
        text = _("{level} ≤ {value}")
        return tuple(Line(float(highs[k]), text.format(level=names[k], value=f"{highs[k]:g}")) for k in range(1, 6))
    if grain == "hour":
        return tuple(Line(line.value, line.name) for line in limit_lines(item, day))
    names = {2: _("二级限值 {value}"), 1: _("一级限值 {value}")}
    values = {limits.limit(item, "24h", day, grade=grade): grade for grade in (1, 2)}
    return tuple(Line(value, names[grade].format(value=f"{value:g}")) for value, grade in values.items() if value)


def fan(
    observed: pd.DataFrame,
    forecast: pd.DataFrame,
    item: str,
    mode: Tokens,
    *,
    step: pd.Timedelta,
    issued: pd.Timestamp,
    unit: str = "",
    decimals: int = 0,
    scale: float = 1.0,
    height: int = 230,
) -> dict:
    """What was measured up to the issue, what is forecast with its 50 and 90 % bands, levels under the zero line.

    Parameters
    ----------
    observed : DataFrame
        ``time`` (tz-aware, end of the period), ``value``, ``level`` (0 none); what came later is drawn hollow.
    forecast : DataFrame
        ``time``, ``value``, ``lower50``, ``upper50``, ``lower90``, ``upper90``, ``level``.
    step : Timedelta
        `HOUR` or `DAY`.
    issued : tz-aware Timestamp
        When the forecast begins.

    Returns
    -------
    dict
        Vega-Lite.
    """
    times = [*observed["time"], *forecast["time"]]
    first, last = min(times) - step, max(times)
    lines = lines_of(item, last.date(), "day" if step == DAY else "hour")
    values = np.concatenate([observed["value"], forecast["value"], forecast["upper90"]])
    top = _top(values, lines)
    t0, t1 = wall_clock([first, last])
    begin = min(forecast["time"]) - step
    format_ = "%Y-%m-%d" if step == DAY else "%Y-%m-%d %H:%M"
    words = {"decimals": decimals, "unit": unit, "format_": format_, "step": step}
    seen = observed[observed["time"] <= begin]
    midnights = wall_clock(pd.date_range(first.tz_convert(BEIJING).ceil("D"), last.tz_convert(BEIJING), freq="D"))
    data = {
        "seen": _seen_rows(seen, **words),
        "came": _seen_rows(observed[observed["time"] > begin], **words),
        "bands": _band_rows(seen.tail(1), forecast, top, step),
        "told": _told_rows(forecast, **words),
        "levels": _level_rows(observed[observed["time"] <= begin], forecast, step),
        "limits": [{"t": t0, "v": line.value, "text": line.name} for line in lines if line.value < top],
        "days": [{"t": t} for t in midnights],
        "begin": [{"t": wall_clock([begin])[0], "text": _("预报")}],
    }
    dates = midnights[:: -(-len(midnights) // 11)] if midnights else midnights
    return fill(
        _fan_template(mode.dark, language(), scale),
        data,
        tone=mode.ink if item == "aqi" else mode.pollutant(item),
        top=top,
        ticks=_ticks(top),
        span=[t0, t1 + round((t1 - t0) * 0.01)],
        dates=dates,
        height=round(height * scale),
    )


def _top(values: np.ndarray, lines: Sequence[Line]) -> float:
    """Room for all values and for the next line above them."""
    highest = float(np.nanmax(values, initial=0.0))
    beyond = [line.value for line in lines if highest < line.value <= 1.6 * highest]
    return 1.1 * max([highest, *beyond[:1]]) or 1.1 * max([line.value for line in lines] or [1.0])


def _ticks(top: float) -> list[float]:
    steps = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000)
    step = next((step for step in steps if top / step <= 5.5), top)
    return [round(step * i, 3) for i in range(int(top / step) + 1)]


def _centres(times, step: pd.Timedelta) -> list[int]:
    half = int(step / pd.Timedelta(milliseconds=2))
    return [t - half for t in wall_clock(times)]


def _clock_text(times, step: pd.Timedelta, format_: str) -> list[str]:
    """The day itself, or the hour's end."""
    local = pd.DatetimeIndex(pd.to_datetime(times, utc=True)).tz_convert(BEIJING)
    return (local - step if step == DAY else local).strftime(format_).tolist()


def _seen_rows(table: pd.DataFrame, decimals: int, unit: str, format_: str, step: pd.Timedelta) -> list[dict]:
    table = table[table["value"].notna()]
    names, run = {0: "–", **level_names()}, np.cumsum(np.diff(wall_clock(table["time"]), prepend=0) > step.value / 1e6)
    columns = zip(
        _centres(table["time"], step),
        _clock_text(table["time"], step, format_),
        table["value"].tolist(),
        table["level"].astype(int).tolist(),
        run.tolist(),
        strict=True,
    )
    return [
        {"t": t, "v": v, "time": text, "reading": f"{v:.{decimals}f} {unit}".strip(), "grade": names[k], "run": r}
        for t, text, v, k, r in columns
    ]


def _band_rows(seen: pd.DataFrame, forecast: pd.DataFrame, top: float, step: pd.Timedelta) -> list[dict]:
    """Bands that open at the last reading."""
    found = forecast.dropna(subset=list(BANDS))
    rows = [
        {"t": t, "a": a, "b": b, "c": c, "d": min(d, top)}
        for t, a, b, c, d in zip(_centres(found["time"], step), *(found[n].tolist() for n in BANDS), strict=True)
    ]
    near = len(seen) and len(found) and seen["time"].iloc[0] + step == found["time"].iloc[0]
    if near and seen["value"].notna().all():
        value = float(seen["value"].iloc[0])
        rows.insert(0, {"t": _centres(seen["time"], step)[0], **dict.fromkeys("abcd", value)})
    return rows


def _told_rows(table: pd.DataFrame, decimals: int, unit: str, format_: str, step: pd.Timedelta) -> list[dict]:
    table = table[table["value"].notna()]
    names = {0: "–", **level_names()}

    def span(low: float, high: float) -> str:
        return "–" if np.isnan(low + high) else f"{low:.{decimals}f}–{high:.{decimals}f} {unit}".strip()

    return [
        {
            "t": t,
            "v": row.value,
            "time": text,
            "reading": f"{row.value:.{decimals}f} {unit}".strip(),
            "half": span(row.lower50, row.upper50),
            "most": span(row.lower90, row.upper90),
            "grade": names[int(row.level)],
            "text": f"{row.value:.{decimals}f}" if step == DAY else "",
        }
        for t, text, row in zip(
            _centres(table["time"], step), _clock_text(table["time"], step, format_), table.itertuples(), strict=True
        )
    ]


def _level_rows(seen: pd.DataFrame, forecast: pd.DataFrame, step: pd.Timedelta) -> list[dict]:
    """Cells of the strip: the level of what was measured, of what is told."""
    colors, names = level_colors()["color"].to_dict(), level_names()
    width, cells = int(step / pd.Timedelta(milliseconds=1)), []
    for table in (seen, forecast):
        table = table[table["level"] > 0]
        for b, level in zip(wall_clock(table["time"]), table["level"].astype(int).tolist(), strict=True):
            cells.append({"a": b - width, "b": b, "color": colors[level], "grade": names[level]})
    return cells


@cache
def _fan_template(dark: bool, lang: str, scale: float) -> dict:
    mode, size = tokens(dark), text_size(scale)
    x_scale = alt.Scale(type="utc", domain=alt.ExprRef("span"), nice=False)
    x_axis = alt.Axis(
        title=None,
        values=alt.ExprRef("dates"),
        labelExpr=day_label(),
        labelAlign="left",
        labelOffset=4,
        labelFlush=False,
        labelOverlap=True,
        tickSize=5,
    )
    y_axis = alt.Axis(title=None, values=alt.ExprRef("ticks"), grid=False, labelPadding=6)
    y_scale = alt.Scale(domain=[alt.ExprRef(f"-{ZERO - 1:.1f} * top"), alt.ExprRef("top")], nice=False, zero=False)

    def x(field: str = "t") -> alt.X:
        return alt.X(f"{field}:T", scale=x_scale, axis=x_axis)

    def y(field: str = "v") -> alt.Y:
        return alt.Y(f"{field}:Q", scale=y_scale, axis=y_axis)

    def pixel(share: float) -> dict:
        return alt.value(alt.ExprRef(f"height * {share:.4f}"))

    plot = {"y": pixel(0), "y2": pixel(1 / ZERO)}
    strip = {"y": pixel(1.03 / ZERO), "y2": pixel(1.09 / ZERO)}
    tone, mark = alt.ExprRef("tone"), alt.Chart()
    seen_tip = [
        alt.Tooltip("time:N", title=_("时间")),
        alt.Tooltip("reading:N", title=_("实测")),
        alt.Tooltip("grade:N", title=_("级别")),
    ]
    told_tip = [
        alt.Tooltip("time:N", title=_("时间")),
        alt.Tooltip("reading:N", title=_("预报")),
        alt.Tooltip("half:N", title=_("50% 区间")),
        alt.Tooltip("most:N", title=_("90% 区间")),
        alt.Tooltip("grade:N", title=_("级别")),
    ]
    layers = [
        of_rows("days", mark.mark_rule(color=mode.line, opacity=0.7).encode(x=x(), **plot)),
        of_rows(
            "bands",
            mark.mark_area(color=tone, opacity=0.13, interpolate="monotone").encode(x=x(), y=y("a"), y2="d:Q"),
            mark.mark_area(color=tone, opacity=0.24, interpolate="monotone").encode(x=x(), y=y("b"), y2="c:Q"),
        ),
        of_rows(
            "limits",
            mark.mark_rule(strokeDash=[4, 3], color=mode.ink3).encode(y=y()),
            mark.mark_text(align="left", baseline="bottom", dx=4, dy=-1, color=mode.ink2, fontSize=size - 1).encode(
                x=x(), y=y(), text="text:N"
            ),
        ),
        of_rows(
            "begin",
            mark.mark_rule(color=mode.ink2, strokeWidth=1.2).encode(x=x(), **plot),
            mark.mark_text(align="left", baseline="top", dx=5, color=mode.ink2, fontSize=size - 1).encode(
                x=x(), y=pixel(0.01), text="text:N"
            ),
        ),
        of_rows(
            "levels",
            mark.mark_rect().encode(
                x=x("a"), x2="b:T", color=alt.Color("color:N", scale=None), tooltip=alt.Tooltip("grade:N"), **strip
            ),
        ),
        of_rows(
            "seen",
            mark.mark_line(color=tone, strokeWidth=1.8).encode(x=x(), y=y(), detail="run:N"),
            mark.mark_circle(color=tone, size=18, opacity=1).encode(x=x(), y=y()),
            mark.mark_circle(size=140, opacity=0).encode(x=x(), y=y(), tooltip=seen_tip),
        ),
        of_rows(
            "told",
            mark.mark_line(color=tone, strokeWidth=1.8, strokeDash=[5, 3]).encode(x=x(), y=y()),
            mark.mark_text(
                baseline="bottom", dy=-6, color=mode.ink, fontSize=responsive_size(size), fontWeight=600
            ).encode(x=x(), y=y(), text="text:N"),
            mark.mark_circle(size=160, opacity=0).encode(x=x(), y=y(), tooltip=told_tip),
        ),
        of_rows(
            "came",
            mark.mark_point(color=mode.ink, fill=mode.bg, size=44, strokeWidth=1.6, opacity=1).encode(
                x=x(), y=y(), tooltip=seen_tip
            ),
        ),
    ]
    params = [alt.param(name=name, value=0) for name in ("tone", "top", "ticks", "span", "dates")]
    padding = {"left": 0, "top": 4, "bottom": 0, "right": 6}
    return as_dict(styled(alt.layer(*layers).properties(padding=padding).add_params(*params), mode, scale))


def matrix(names: Sequence[str], times, values: np.ndarray, level: np.ndarray, mode: Tokens, *, scale: float = 1.0):
    """Stations by hour in the colours of their AQI levels.

    Parameters
    ----------
    names : sequence of str
        Rows, in their order.
    times : array-like of tz-aware timestamps
        Ends of the hours, columns.
    values, level : array (rows, columns)
        AQI (NaN where missing), its level (0 without one).

    Returns
    -------
    dict
        Vega-Lite.
    """
    clock = np.array(wall_clock(times))
    rows, columns = values.shape
    row = round(ROW * scale)
    hour = 60 * 60 * 1000
    first = -(-(int(clock[0]) - hour) // (24 * hour)) * 24 * hour
    midnights = list(range(first, int(clock[-1]), 24 * hour))
    data = {
        "cells": {
            "t": np.tile(clock, rows).tolist(),
            "r": np.repeat(np.arange(rows), columns).tolist(),
            "v": known(values.ravel()),
            "level": level.ravel().astype(int).tolist(),
        },
        "days": [{"t": t} for t in midnights],
    }
    return fill(
        _matrix_template(mode.dark, language(), scale),
        data,
        names=list(names),
        count=rows,
        span=[int(clock[0] - hour), int(clock[-1])],
        dates=midnights,
        height=rows * row + 30,
    )


@cache
def _matrix_template(dark: bool, lang: str, scale: float) -> dict:
    mode, size = tokens(dark), text_size(scale)
    x_scale = alt.Scale(type="utc", domain=alt.ExprRef("span"), nice=False)
    x_axis = alt.Axis(
        title=None, orient="top", values=alt.ExprRef("dates"), labelExpr=day_label(), labelAlign="left", labelOffset=4
    )
    y_axis = alt.Axis(
        title=None, values=alt.ExprRef("sequence(0.5, count)"), labelExpr="names[floor(datum.value)]", grid=False,
        labelFontSize=size - 1, labelLimit=150, labelPadding=6, labelOverlap=False,
    )  # fmt: skip
    y_scale = alt.Scale(domain=[0, alt.ExprRef("count")], reverse=True, nice=False, zero=False)
    hour = 60 * 60 * 1000
    tooltip = [
        alt.Tooltip("name:N", title=_("站点")),
        alt.Tooltip("time:N", title=_("时间")),
        alt.Tooltip("v:Q", title="AQI"),
        alt.Tooltip("grade:N", title=_("级别")),
    ]
    cells = alt.Chart().transform_calculate(
        a=f"datum.t - {hour}",
        low="datum.r + 0.06",
        high="datum.r + 0.94",
        name="names[datum.r]",
        color=choice("level", mode.sunken, *level_colors()["color"]),
        grade=choice("level", "–", *level_names().values()),
        time="utcFormat(datum.t, '%Y-%m-%d %H:%M')",
    )
    days = alt.Chart().mark_rule(color=mode.bg, strokeWidth=3).encode(x=alt.X("t:T", scale=x_scale, axis=x_axis))
    layer = of_columns(
        "cells",
        ("t", "r", "v", "level"),
        cells.mark_rect().encode(
            x=alt.X("a:T", scale=x_scale, axis=x_axis),
            x2="t:T",
            y=alt.Y("low:Q", scale=y_scale, axis=y_axis),
            y2="high:Q",
            color=alt.Color("color:N", scale=None),
            tooltip=tooltip,
        ),
    )
    params = [alt.param(name=name, value=0) for name in ("names", "count", "span", "dates")]
    return as_dict(styled(alt.layer(layer, of_rows("days", days)).add_params(*params), mode, scale))


def by_lead(
    series: Mapping[str, Sequence[float]],
    labels: Sequence[str],
    mode: Tokens,
    *,
    told: str,
    decimals: int = 0,
    scale: float = 1.0,
    height: int = 220,
    zero: bool = False,
) -> dict:
    """Lines over the leads: one is told, the others stand beside it; each is named at its end.

    Parameters
    ----------
    series : mapping
        Name (in the language of the page) → a value for each label; NaN where there is none.
    labels : sequence of str
        Of the leads.
    told : str
        Name of the line that is drawn strong.
    zero : bool
        Begin the axis at 0.

    Returns
    -------
    dict
        Vega-Lite.
    """
    order = [*(name for name in series if name != told), *([told] if told in series else [])]
    rows = [
        {"x": k, "label": labels[k], "v": float(v), "name": name, "told": name == told, "value": f"{v:.{decimals}f}"}
        for name in order
        for k, v in enumerate(series[name])
        if v == v
    ]
    values = [row["v"] for row in rows] or [0.0, 1.0]
    low, high = (0.0 if zero else min(values)), max(values)
    room = (high - low or abs(high) or 1.0) * 0.08
    ends = _apart({name: rows_of[-1] for name in order if (rows_of := [r for r in rows if r["name"] == name])}, room)
    dashes = {name: _DASHES[k % len(_DASHES)] for k, name in enumerate(n for n in order if n != told)}
    return fill(
        _lead_template(mode.dark, language(), scale),
        {
            "others": [{**row, "dash": list(dashes).index(row["name"])} for row in rows if not row["told"]],
            "told": [row for row in rows if row["told"]],
            "names": ends,
        },
        low=low - (0 if zero else room),
        high=max([high, *(row["v"] for row in ends)]) + room,
        labels=list(labels),
        ticks=list(range(len(labels))),
        span=[-0.2, len(labels) - 0.8 + 0.16 * len(labels)],
        height=round(height * scale),
    )


def _apart(ends: Mapping[str, dict], room: float) -> list[dict]:
    """Names at the ends of the lines, pushed apart so that none covers another."""
    placed, last = [], -np.inf
    for name, row in sorted(ends.items(), key=lambda pair: pair[1]["v"]):
        last = max(row["v"], last + room)
        placed.append({"x": row["x"], "v": last, "name": name, "told": row["told"]})
    return placed


@cache
def _lead_template(dark: bool, lang: str, scale: float) -> dict:
    mode, size = tokens(dark), text_size(scale)
    x_axis = alt.Axis(
        title=None, values=alt.ExprRef("ticks"), labelExpr="labels[datum.value]", labelFlush=False, labelOverlap=True
    )
    x_scale = alt.Scale(domain=alt.ExprRef("span"), nice=False, zero=False)
    y_scale = alt.Scale(domain=[alt.ExprRef("low"), alt.ExprRef("high")], nice=False, zero=False)
    x = alt.X("x:Q", axis=x_axis, scale=x_scale)
    y = alt.Y("v:Q", axis=alt.Axis(title=None, tickCount=5), scale=y_scale)
    tooltip = [
        alt.Tooltip("name:N", title=_("模型")),
        alt.Tooltip("label:N", title=_("时间")),
        alt.Tooltip("value:N", title=_("数值")),
    ]
    mark = alt.Chart()
    dash = alt.StrokeDash("dash:O", legend=None, scale=alt.Scale(domain=list(range(len(_DASHES))), range=list(_DASHES)))
    layers = [
        of_rows(
            "others",
            mark.mark_line(color=mode.ink3, strokeWidth=1.3).encode(x=x, y=y, detail="name:N", strokeDash=dash),
            mark.mark_circle(size=140, opacity=0).encode(x=x, y=y, tooltip=tooltip),
        ),
        of_rows(
            "told",
            mark.mark_line(color=mode.accent, strokeWidth=2.6).encode(x=x, y=y),
            mark.mark_circle(color=mode.accent, size=34, opacity=1).encode(x=x, y=y, tooltip=tooltip),
        ),
        of_rows(
            "names",
            mark.transform_filter("!datum.told")
            .mark_text(align="left", dx=8, color=mode.ink2, fontSize=size)
            .encode(x=x, y=y, text="name:N"),
            mark.transform_filter("datum.told")
            .mark_text(align="left", dx=8, color=mode.ink, fontSize=size, fontWeight=700)
            .encode(x=x, y=y, text="name:N"),
        ),
    ]
    params = [alt.param(name=name, value=0) for name in ("low", "high", "labels", "ticks", "span")]
    padding = {"left": 0, "top": 4, "bottom": 0, "right": 10}
    return as_dict(styled(alt.layer(*layers).properties(padding=padding).add_params(*params), mode, scale))


def reliability(table: pd.DataFrame, mode: Tokens, *, scale: float = 1.0, height: int = 230) -> dict:
    """How often an event came when it was held likely, beside the diagonal of what was promised.

    Parameters
    ----------
    table : DataFrame
        ``probability``, ``frequency`` (0…1), ``n``: as from `research.forecast.scores.reliability`.

    Returns
    -------
    dict
        Vega-Lite.
    """
    rows = [
        {"p": float(row.probability), "f": float(row.frequency), "n": int(row.n), "said": f"{row.probability:.0%}"}
        | {"came": f"{row.frequency:.0%}"}
        for row in table[table["n"] > 0].itertuples()
    ]
    ideal = [{"p": 0, "f": 0}, {"p": 1, "f": 1}]
    data = {"ideal": ideal, "rows": rows}
    return fill(_reliability_template(mode.dark, language(), scale), data, height=round(height * scale))


@cache
def _reliability_template(dark: bool, lang: str, scale: float) -> dict:
    mode, size = tokens(dark), text_size(scale)
    shares = alt.Scale(domain=[0, 1], nice=False)
    axis = {"values": [0, 0.25, 0.5, 0.75, 1], "format": ".0%"}
    x = alt.X("p:Q", scale=shares, axis=alt.Axis(title=_("预报的可能性"), **axis))
    y = alt.Y("f:Q", scale=shares, axis=alt.Axis(title=_("实际出现"), **axis))
    tooltip = [
        alt.Tooltip("said:N", title=_("预报的可能性")),
        alt.Tooltip("came:N", title=_("实际出现")),
        alt.Tooltip("n:Q", title=_("次数")),
    ]
    mark = alt.Chart()
    area = alt.Size("n:Q", legend=None, scale=alt.Scale(range=[30, 420]))
    layers = [
        of_rows("ideal", mark.mark_line(color=mode.ink3, strokeDash=[4, 3]).encode(x=x, y=y)),
        of_rows(
            "rows",
            mark.mark_line(color=mode.accent, strokeWidth=1.6).encode(x=x, y=y),
            mark.mark_circle(color=mode.accent, opacity=1).encode(x=x, y=y, size=area, tooltip=tooltip),
            mark.mark_text(dy=-14, color=mode.ink2, fontSize=size - 1).encode(x=x, y=y, text="n:Q"),
        ),
    ]
    padding = {"left": 0, "top": 14, "bottom": 0, "right": 14}
    return as_dict(styled(alt.layer(*layers).properties(padding=padding), mode, scale))


def beside(
    table: pd.DataFrame,
    item: str,
    mode: Tokens,
    *,
    unit: str = "",
    decimals: int = 0,
    scale: float = 1.0,
    height: int = 280,
) -> dict:
    """What was told of each day, with its bands, beside what came.

    Parameters
    ----------
    table : DataFrame
        A row a day: ``time`` (end of the day), ``value``, the bands, ``came``; of one lead.

    Returns
    -------
    dict
        Vega-Lite.
    """
    table = table.sort_values("time")
    first, last = table["time"].min() - DAY, table["time"].max()
    lines = lines_of(item, last.tz_convert(BEIJING).date(), "day")
    top = _top(table[["value", "came", "upper90"]].to_numpy(float).ravel(), lines)
    t0, t1 = wall_clock([first, last])

    def text(value: float) -> str:
        return f"{value:.{decimals}f} {unit}".strip()

    rows = [
        {"t": t, "v": row.value, "came": row.came, "time": day, "told": text(row.value), "seen": text(row.came)}
        | ({} if np.isnan(row.lower90) else dict(zip("abcd", (getattr(row, name) for name in BANDS), strict=True)))
        for t, day, row in zip(
            _centres(table["time"], DAY),
            _clock_text(table["time"], DAY, "%Y-%m-%d"),
            table.astype(dict.fromkeys((*BANDS, "value", "came"), float)).itertuples(),
            strict=True,
        )
    ]
    midnights = wall_clock(pd.date_range(first.tz_convert(BEIJING), last.tz_convert(BEIJING), freq="D"))
    return fill(
        _beside_template(mode.dark, language(), scale),
        {"rows": rows, "limits": [{"t": t0, "v": line.value, "text": line.name} for line in lines if line.value < top]},
        tone=mode.accent if item == "aqi" else mode.pollutant(item),
        top=top,
        ticks=_ticks(top),
        span=[t0, t1],
        dates=midnights[:: max(-(-len(midnights) // 11), 1)],
        height=round(height * scale),
    )


@cache
def _beside_template(dark: bool, lang: str, scale: float) -> dict:
    mode, size = tokens(dark), text_size(scale)
    x_axis = alt.Axis(
        title=None, values=alt.ExprRef("dates"), labelExpr=day_label(), labelAlign="left", labelOffset=4, tickSize=5
    )
    x = alt.X("t:T", scale=alt.Scale(type="utc", domain=alt.ExprRef("span"), nice=False), axis=x_axis)
    y_axis = alt.Axis(title=None, values=alt.ExprRef("ticks"), grid=False, labelPadding=6)
    y_scale = alt.Scale(domain=[0, alt.ExprRef("top")], nice=False)

    def y(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", scale=y_scale, axis=y_axis)

    tooltip = [
        alt.Tooltip("time:N", title=_("日期")),
        alt.Tooltip("told:N", title=_("预报")),
        alt.Tooltip("seen:N", title=_("实测")),
    ]
    mark, tone = alt.Chart(), alt.ExprRef("tone")
    layers = [
        of_rows(
            "limits",
            mark.mark_rule(strokeDash=[4, 3], color=mode.ink3).encode(y=y("v")),
            mark.mark_text(align="left", baseline="bottom", dx=4, dy=-1, color=mode.ink2, fontSize=size - 1).encode(
                x=x, y=y("v"), text="text:N"
            ),
        ),
        of_rows(
            "rows",
            mark.mark_rule(color=tone, opacity=0.3, strokeWidth=2, clip=True).encode(x=x, y=y("a"), y2="d:Q"),
            mark.mark_rule(color=tone, opacity=0.55, strokeWidth=5, clip=True).encode(x=x, y=y("b"), y2="c:Q"),
            mark.mark_circle(color=tone, size=52, opacity=1).encode(x=x, y=y("v")),
            mark.mark_line(color=mode.ink, strokeWidth=1.6).encode(x=x, y=y("came")),
            mark.mark_point(color=mode.ink, fill=mode.bg, size=26, strokeWidth=1.4, opacity=1).encode(x=x, y=y("came")),
            mark.mark_bar(opacity=0, width=10).encode(x=x, y=alt.value(0), y2=alt.value("height"), tooltip=tooltip),
        ),
    ]
    params = [alt.param(name=name, value=0) for name in ("tone", "top", "ticks", "span", "dates")]
    padding = {"left": 0, "top": 4, "bottom": 0, "right": 6}
    return as_dict(styled(alt.layer(*layers).properties(padding=padding).add_params(*params), mode, scale))

"""Charts of one station: hourly concentration and sparkline.

Each is made once with Altair for a mode, a language and a scale (``…_template``); a call with a table fills it.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache

import altair as alt
import numpy as np
import pandas as pd

from shuzhi.charts.levels import level_colors, level_names
from shuzhi.charts.theme import (
    as_dict,
    day_label,
    fill,
    hour_label,
    of_rows,
    styled,
    text_size,
    wall_clock,
)
from shuzhi.charts.tokens import Tokens, tokens
from shuzhi.i18n import _, language
from shuzhi.settings import BEIJING
from shuzhi.standards import limits
from shuzhi.status.station import day_of

HOUR = pd.Timedelta(hours=1)
HALF = 30 * 60 * 1000
"""Half an hour [ms]: a reading stands in the middle of its cell."""
NAMED_GAP = 20
"""Gaps of at least this many hours say so: a day without 20 hours has no valid daily mean."""


@dataclass(frozen=True)
class Limit:
    """A limit as a line: its value [unit of the item], its name, and whether it is the one that binds (grade II)."""

    value: float
    name: str
    binding: bool


def limit_lines(item: str, day: date) -> tuple[Limit, ...]:
    """Limits of an item that an hourly chart shows: of the hour, or of the day where the standard has no hourly one.

    Source: the edition of GB 3095 in force on ``day``.
    """
    names = {
        ("1h", 2): _("小时二级限值"),
        ("1h", 1): _("小时一级限值"),
        ("24h", 2): _("日均二级限值"),
        ("24h", 1): _("日均一级限值"),
    }
    period = "1h" if limits.limit(item, "1h", day, grade=2) is not None else "24h"
    values = {limits.limit(item, period, day, grade=grade): grade for grade in (1, 2)}
    return tuple(
        Limit(value, f"{names[period, grade]} {value:g}", grade == 2)
        for value, grade in sorted(values.items(), key=lambda pair: -pair[1])
        if value is not None
    )


def hour_grid(table: pd.DataFrame, item: str, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    """Every hour of ``start < time <= end`` with its value, its level and the number of the unbroken run it lies in.

    Parameters
    ----------
    table : DataFrame
        ``time`` (tz-aware, end of hour), ``item`` column, ``aqi``, ``level``.

    Returns
    -------
    DataFrame
        ``time``, ``value`` (NaN where missing), ``aqi``, ``level`` (0 none), ``run``, ``alone`` (no neighbour in time).
    """
    stamps = pd.date_range(start + HOUR, end, freq="h").tz_convert("UTC")
    at = ((_seconds(table["time"]) - _seconds(stamps[:1])) // 3600).astype(int) if len(stamps) else np.empty(0, int)
    inside = (at >= 0) & (at < len(stamps))
    value, aqi, level = np.full(len(stamps), np.nan), np.full(len(stamps), np.nan), np.zeros(len(stamps), int)
    for column, target in ((item, value), ("aqi", aqi), ("level", level)):
        if column in table:
            target[at[inside]] = table[column].to_numpy()[inside]
    missing = np.isnan(value)
    run = np.cumsum(np.concatenate([[True], missing[1:] != missing[:-1]]))[: len(stamps)]
    alone = ~missing & (np.bincount(run)[run] == 1)
    return pd.DataFrame({"time": stamps, "value": value, "aqi": aqi, "level": level, "run": run, "alone": alone})


def _seconds(times) -> np.ndarray:
    return pd.DatetimeIndex(times).as_unit("s").asi8


def gaps(grid: pd.DataFrame) -> pd.DataFrame:
    """Runs of missing hours in an :func:`hour_grid`: ``first`` and ``last`` missing stamp, ``hours``."""
    at = np.flatnonzero(grid["value"].isna().to_numpy())
    starts = np.flatnonzero(np.diff(at, prepend=-2) > 1)
    first, last = at[starts], at[np.append(starts[1:], len(at)) - 1] if len(at) else at
    times = grid["time"]
    return pd.DataFrame({"first": times.iloc[first].array, "last": times.iloc[last].array, "hours": last - first + 1})


def concentration(
    table: pd.DataFrame,
    item: str,
    start: pd.Timestamp,
    end: pd.Timestamp,
    mode: Tokens,
    *,
    unit: str,
    decimals: int = 0,
    scale: float = 1.0,
    height: int = 320,
) -> dict:
    """Hourly concentration of one item with its limits, its gaps and the hourly AQI level under the zero line.

    Parameters
    ----------
    table : DataFrame
        ``time`` (tz-aware, end of hour), ``item`` [``unit``], ``aqi``, ``level``; missing hours are absent or NaN.
    start, end : tz-aware Timestamp
        ``start < time <= end`` is drawn.

    Returns
    -------
    dict
        Vega-Lite.
    """
    grid = hour_grid(table, item, start, end)
    lines = limit_lines(item, day_of(end))
    top = _top(grid["value"].max(), lines)
    hours = _hour_rows(grid, unit, decimals)
    return fill(
        _concentration_template(mode.dark, language(), scale),
        {
            "hours": hours,
            "last": [row for row in hours if row["v"] is not None][-1:],
            "gaps": _gap_rows(grid),
            "midnights": [{"t": t} for t in wall_clock(_clock(start, end, "D"))],
            "limits": _limit_rows(lines, top, start, mode),
        },
        tone=mode.pollutant(item),
        count=len(grid),
        top=top,
        ticks=_ticks(top),
        span=wall_clock([start, end + (end - start) * 0.03]),
        days=wall_clock(_clock(start, end, "D")),
        height=round(height * scale),
    )


def _clock(start: pd.Timestamp, end: pd.Timestamp, every: str) -> pd.DatetimeIndex:
    return pd.date_range(start.tz_convert(BEIJING).ceil(every), end.tz_convert(BEIJING), freq=every)


def _top(highest: float, lines: tuple[Limit, ...]) -> float:
    """Upper end of the axis: room for the readings and for every limit that doesn't flatten them."""
    if pd.isna(highest) or highest <= 0:
        return 1.12 * max([line.value for line in lines] or [1.0])
    near = [line.value for line in lines if line.value <= 4 * highest]
    return 1.12 * max([highest, *near]) if near else 1.5 * highest


def _ticks(top: float) -> list[float]:
    """About six round numbers from 0 up to ``top``."""
    steps = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000)
    step = next((step for step in steps if top / step <= 6.5), top)
    return [round(step * i, 3) for i in range(int(top / step) + 1)]


def _hour_rows(grid: pd.DataFrame, unit: str, decimals: int) -> list[dict]:
    colors, names = level_colors()["color"].to_dict(), level_names()
    times = wall_clock(grid["time"])
    clock = np.datetime_as_string(np.array(times, "datetime64[ms]"), unit="m")
    missing = _("缺测")
    columns = (grid[name].tolist() for name in ("value", "aqi", "level", "run", "alone"))
    return [
        {
            "t": t,
            "v": value if value == value else None,
            "run": run,
            "alone": alone,
            "color": colors.get(level),
            "text": f"{value:.{decimals}f}" if value == value else "",
            "time": time.replace("T", " "),
            "reading": f"{value:.{decimals}f} {unit}" if value == value else missing,
            "index": f"{aqi:.0f} {names.get(level, '')}" if aqi == aqi else "—",
        }
        for t, time, value, aqi, level, run, alone in zip(times, clock.tolist(), *columns, strict=True)
    ]


def _gap_rows(grid: pd.DataFrame) -> list[dict]:
    runs = gaps(grid)
    text = _("缺测 {hours} 小时")
    return [
        {"t": t, "t2": t2, "middle": (t + t2) / 2, "hours": n, "text": text.format(hours=n) if n >= NAMED_GAP else ""}
        for t, t2, n in zip(wall_clock(runs["first"]), wall_clock(runs["last"]), runs["hours"].tolist(), strict=True)
    ]


def _limit_rows(lines: tuple[Limit, ...], top: float, start: pd.Timestamp, mode: Tokens) -> list[dict]:
    """Lines within the axis; the names of those beyond it stand at the upper edge, without a line."""
    (t,) = wall_clock([start])
    rows = [
        {
            "t": t,
            "v": line.value,
            "rule": line.value,
            "text": line.name,
            "color": mode.ink if line.binding else mode.ink3,
        }
        for line in lines
        if line.value <= top
    ]
    beyond = [line.name for line in lines if line.value > top]
    if beyond:
        text = _("{limits}，在图外").format(limits=_("、").join(beyond))
        rows.append({"t": t, "v": top * 0.95, "rule": None, "text": text, "color": mode.ink3})
    return rows


ZERO = 1.1
"""The zero line stands at ``height / ZERO``; the strip of levels lies under it."""


@cache
def _concentration_template(dark: bool, lang: str, scale: float) -> dict:
    mode, size = tokens(dark), text_size(scale)
    x_scale = alt.Scale(type="utc", domain=alt.ExprRef("span"), nice=False)
    x_axis = alt.Axis(
        title=None,
        values=alt.ExprRef("days"),
        labelExpr=day_label(),
        labelAlign="left",
        labelOffset=4,
        labelFlush=False,
        labelOverlap=True,
        tickSize=5,
    )
    y_axis = alt.Axis(title=None, values=alt.ExprRef("ticks"), grid=False, labelPadding=6)
    y_scale = alt.Scale(domain=[alt.ExprRef(f"-{ZERO - 1:.1f} * top"), alt.ExprRef("top")], nice=False, zero=False)
    y = alt.Y("v:Q", scale=y_scale, axis=y_axis)

    def x(field: str = "t") -> alt.X:
        return alt.X(f"{field}:T", scale=x_scale, axis=x_axis)

    def pixel(share: float) -> dict:
        return alt.value(alt.ExprRef(f"height * {share:.4f}"))

    plot = {"y": pixel(0), "y2": pixel(1 / ZERO)}
    cell = {"from_": f"datum.t - {HALF}", "to": f"datum.t + {HALF}"}
    mark = alt.Chart()
    cells = mark.transform_calculate(**cell)
    known = mark.transform_filter("isValid(datum.v)")
    tooltip = [
        alt.Tooltip("time:N", title=_("时间")),
        alt.Tooltip("reading:N", title=_("浓度")),
        alt.Tooltip("index:N", title=_("小时 AQI")),
    ]
    raw = alt.Color("color:N", scale=None)
    # A gap's text shows where the gap is wider than the text: its share of the width is all that is known.
    fits = alt.ExprRef(f"datum.hours / count * width > {size * 6} ? 1 : 0")
    strip = {"y": pixel(1.035 / ZERO), "y2": pixel(1.085 / ZERO)}
    tone = alt.ExprRef("tone")
    layers = [
        of_rows(
            "gaps",
            mark.transform_calculate(a=f"datum.t - {HALF}", b=f"datum.t2 + {HALF}")
            .mark_rect(color=mode.sunken)
            .encode(x=x("a"), x2="b:T", **plot),
        ),
        of_rows("midnights", mark.mark_rule(color=mode.line).encode(x=x(), **plot)),
        of_rows(
            "gaps",
            mark.mark_text(color=mode.ink3, fontSize=size, opacity=fits).encode(
                x=x("middle"), y=pixel(0.5), text="text:N"
            ),
        ),
        of_rows("limits", *_limit_marks(mark, mode, size, x(), y, color=raw)),
        of_rows(
            "hours",
            cells.transform_filter("!isValid(datum.color)")
            .mark_rect(color=mode.sunken)
            .encode(x=x("from_"), x2="to:T", **strip),
            cells.transform_filter("isValid(datum.color)")
            .mark_rect()
            .encode(x=x("from_"), x2="to:T", color=raw, **strip),
            known.mark_line(color=tone, strokeWidth=1.8, interpolate="monotone").encode(x=x(), y=y, detail="run:N"),
            known.transform_filter("datum.alone").mark_circle(color=tone, size=14, opacity=1).encode(x=x(), y=y),
            cells.mark_rect(opacity=0).encode(x=x("from_"), x2="to:T", y=pixel(0), y2=pixel(1), tooltip=tooltip),
        ),
        of_rows(
            "last",
            mark.mark_circle(color=tone, size=46, opacity=1).encode(x=x(), y=y),
            mark.mark_text(align="left", dx=8, color=mode.ink, fontSize=round(15 * scale), fontWeight=700).encode(
                x=x(), y=y, text="text:N"
            ),
        ),
    ]
    padding = {"left": 0, "top": 4, "bottom": 0, "right": 24}
    chart = (
        alt.layer(*layers)
        .properties(padding=padding)
        .add_params(*_params("tone", "count", "top", "ticks", "span", "days"))
    )
    return as_dict(styled(chart, mode, scale))


def _limit_marks(mark: alt.Chart, mode: Tokens, size: int, x: alt.X, y: alt.Y, **color) -> list[alt.Chart]:
    """Dashed lines and their names."""
    return [
        mark.transform_filter("isValid(datum.rule)").mark_rule(strokeDash=[4, 3]).encode(y=y, **color),
        mark.mark_text(align="left", baseline="bottom", dx=4, dy=-1, color=mode.ink2, fontSize=size - 1).encode(
            x=x, y=y, text="text:N"
        ),
    ]


def _params(*names: str) -> list[alt.Parameter]:
    """Parameters that :func:`fill` gives their values."""
    return [alt.param(name=name, value=0) for name in names]


def spark(
    table: pd.DataFrame,
    item: str,
    end: pd.Timestamp,
    mode: Tokens,
    *,
    hours: int = 24,
    decimals: int = 0,
    scale: float = 1.0,
    height: int = 72,
) -> dict:
    """The last hours of one item as a line with its binding limit, for the card on the map; Vega-Lite.

    Parameters
    ----------
    table : DataFrame
        ``time`` (tz-aware, end of hour) and ``item``.
    end : tz-aware Timestamp
        Last hour drawn.
    """
    start = end - hours * HOUR
    grid = hour_grid(table, item, start, end)
    lines = tuple(line for line in limit_lines(item, day_of(end)) if line.binding)
    top = _top(grid["value"].max(), lines)
    rows = _hour_rows(grid, "", decimals)
    data = {
        "hours": rows,
        "last": [row for row in rows if row["v"] is not None][-1:],
        "gaps": _gap_rows(grid),
        "limits": _limit_rows(lines, top, start, mode),
    }
    values = {"tone": mode.pollutant(item), "top": top, "span": wall_clock([start, end])}
    ticks = wall_clock(_clock(start, end, "6h"))
    return fill(
        _spark_template(mode.dark, language(), scale), data, **values, ticks=ticks, height=round(height * scale)
    )


@cache
def _spark_template(dark: bool, lang: str, scale: float) -> dict:
    mode, size = tokens(dark), text_size(scale)
    x_scale = alt.Scale(type="utc", domain=alt.ExprRef("span"), nice=False)
    x_axis = alt.Axis(title=None, values=alt.ExprRef("ticks"), labelExpr=hour_label(), labelFlush=True)
    y = alt.Y("v:Q", scale=alt.Scale(domain=[0, alt.ExprRef("top")], nice=False), axis=None)

    def x(field: str = "t") -> alt.X:
        return alt.X(f"{field}:T", scale=x_scale, axis=x_axis)

    mark, tone = alt.Chart(), alt.ExprRef("tone")
    known = mark.transform_filter("isValid(datum.v)")
    layers = [
        of_rows(
            "gaps",
            mark.transform_calculate(a=f"datum.t - {HALF}", b=f"datum.t2 + {HALF}")
            .mark_rect(color=mode.sunken)
            .encode(x=x("a"), x2="b:T"),
        ),
        of_rows("limits", *_limit_marks(mark, mode, size, x(), y, color=alt.value(mode.ink2))),
        of_rows(
            "hours",
            known.mark_line(color=tone, strokeWidth=1.8, interpolate="monotone").encode(x=x(), y=y, detail="run:N"),
            known.transform_filter("datum.alone").mark_circle(color=tone, size=14, opacity=1).encode(x=x(), y=y),
        ),
        of_rows(
            "last",
            mark.mark_circle(color=tone, size=40, opacity=1).encode(x=x(), y=y),
            mark.mark_text(align="left", dx=7, color=mode.ink, fontSize=size, fontWeight=700).encode(
                x=x(), y=y, text="text:N"
            ),
        ),
    ]
    padding = {"left": 0, "top": 4, "bottom": 0, "right": 34}
    chart = alt.layer(*layers).properties(padding=padding).add_params(*_params("tone", "top", "ticks", "span"))
    return as_dict(styled(chart, mode, scale))

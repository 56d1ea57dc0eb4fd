"""Charts of one station: hourly concentration and sparkline.

Each is made once with Altair for a mode, a language and a scale (``…_template``); a call with a table fills it.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache

import altair as alt
import numpy as np
import pandas as pd

from shuzhi.charts import shapes
from shuzhi.charts.levels import level_colors, level_names
from shuzhi.charts.shapes import HOUR_MS, Limit
from shuzhi.charts.theme import (
    as_dict,
    choice,
    fill,
    hour_label,
    known,
    of_columns,
    of_rows,
    styled,
    text_size,
    wall_clock,
)
from shuzhi.charts.tokens import Tokens, tokens
from shuzhi.i18n import _, language
from shuzhi.standards import limits
from shuzhi.status.station import day_of

HOUR = pd.Timedelta(hours=1)
HALF = HOUR_MS // 2
"""Half an hour [ms]: a reading stands in the middle of its cell."""
NAMED_GAP = 20
"""Gaps of at least this many hours say so: a day without 20 hours has no valid daily mean."""


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


@dataclass(frozen=True)
class Grid:
    """Every hour of ``start < time <= end`` as arrays.

    Attributes
    ----------
    clock : int
        The city's wall clock [ms], as :func:`shuzhi.charts.theme.wall_clock`.
    value, aqi : float
        NaN where missing.
    level : int
        0 without one.
    run : int
        Number of the unbroken run, of readings or of missing hours, in which the hour lies.
    alone : bool
        A reading without a neighbour in time.
    """

    clock: np.ndarray
    value: np.ndarray
    aqi: np.ndarray
    level: np.ndarray
    run: np.ndarray
    alone: np.ndarray


def hour_grid(table: pd.DataFrame, item: str, start: pd.Timestamp, end: pd.Timestamp) -> Grid:
    """The hours of a chart.

    Parameters
    ----------
    table : DataFrame
        ``time`` (tz-aware, end of hour), ``item`` column, ``aqi``, ``level``.
    """
    first, last = wall_clock([start, end])
    clock = np.arange(first, last, HOUR_MS) + HOUR_MS
    at = (np.array(wall_clock(table["time"]), dtype=int) - first) // HOUR_MS - 1
    inside = (at >= 0) & (at < len(clock))

    def column(name: str, missing) -> np.ndarray:
        values = np.full(len(clock), missing)
        if name in table:
            values[at[inside]] = table[name].to_numpy()[inside]
        return values

    value = column(item, np.nan)
    missing = np.isnan(value)
    run = np.cumsum(np.concatenate([[True], missing[1:] != missing[:-1]]))[: len(clock)]
    alone = ~missing & (np.bincount(run)[run] == 1)
    return Grid(clock, value, column("aqi", np.nan), column("level", 0), run, alone)


def gaps(grid: Grid) -> list[tuple[int, int, int]]:
    """Runs of missing hours: first and last missing stamp [ms, wall clock], hours."""
    at = np.flatnonzero(np.isnan(grid.value))
    starts = np.flatnonzero(np.diff(at, prepend=-2) > 1)
    first, last = at[starts], at[np.append(starts[1:], len(at)) - 1] if len(at) else at
    return list(zip(grid.clock[first].tolist(), grid.clock[last].tolist(), (last - first + 1).tolist(), strict=True))


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
    top = _top(grid.value, lines)
    first, last = wall_clock([start, end])
    midnights = shapes.every(first, last, 24)
    return fill(
        _concentration_template(mode.dark, language(), scale),
        {
            "hours": _hour_columns(grid),
            "last": _last_row(grid, decimals),
            "gaps": _gap_rows(grid),
            "midnights": [{"t": t} for t in midnights],
            "limits": shapes.limit_rows(lines, top, first, mode),
        },
        tone=mode.pollutant(item),
        count=len(grid.clock),
        top=top,
        ticks=shapes.ticks(top),
        unit=unit,
        digits=f".{decimals}f",
        span=[first, last + round((last - first) * 0.03)],
        dates=midnights,
        height=round(height * scale),
    )


def _top(values: np.ndarray, lines: tuple[Limit, ...]) -> float:
    """Upper end of the axis: room for the readings and for every limit that doesn't flatten them."""
    highest = float(values[~np.isnan(values)].max(initial=0.0))
    if highest == 0:
        return 1.12 * max([line.value for line in lines] or [1.0])
    near = [line.value for line in lines if line.value <= 4 * highest]
    return 1.12 * max([highest, *near]) if near else 1.5 * highest


HOUR_FIELDS = ("t", "v", "aqi", "level", "run", "alone")
"""Columns of :func:`_hour_columns`; what else the chart shows of an hour follows from them in the browser."""


def _hour_columns(grid: Grid) -> dict[str, list]:
    columns = (grid.clock.tolist(), known(grid.value), known(grid.aqi), grid.level.tolist(), grid.run.tolist())
    return dict(zip(HOUR_FIELDS, (*columns, grid.alone.astype(int).tolist()), strict=True))


def _last_row(grid: Grid, decimals: int) -> list[dict]:
    """The newest reading with its number; no row without one."""
    at = np.flatnonzero(~np.isnan(grid.value))[-1:].tolist()
    return [{"t": int(grid.clock[i]), "v": float(grid.value[i]), "text": f"{grid.value[i]:.{decimals}f}"} for i in at]


def _gap_rows(grid: Grid) -> list[dict]:
    text = _("缺测 {hours} 小时")
    return [
        {"t": t, "t2": t2, "middle": (t + t2) / 2, "hours": n, "text": text.format(hours=n) if n >= NAMED_GAP else ""}
        for t, t2, n in gaps(grid)
    ]


@cache
def _concentration_template(dark: bool, lang: str, scale: float) -> dict:
    mode, size = tokens(dark), text_size(scale)
    x, y = shapes.by_days(), shapes.by_amount()()
    plot, strip = shapes.plot(), shapes.strip()
    mark = alt.Chart()
    cells = mark.transform_calculate(from_=f"datum.t - {HALF}", to=f"datum.t + {HALF}", color=_level_color())
    read = mark.transform_filter("isValid(datum.v)")
    tooltip = [
        alt.Tooltip("time:N", title=_("时间")),
        alt.Tooltip("reading:N", title=_("浓度")),
        alt.Tooltip("index:N", title=_("小时 AQI")),
    ]
    raw = alt.Color("color:N", scale=None)
    # A gap's text shows where the gap is wider than the text: its share of the width is all that is known.
    fits = alt.ExprRef(f"datum.hours / count * width > {size * 6} ? 1 : 0")
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
                x=x("middle"), y=shapes.pixel(0.5), text="text:N"
            ),
        ),
        of_rows("limits", *shapes.limit_marks(mark, mode, size, x(), y, color=raw)),
        of_columns(
            "hours",
            HOUR_FIELDS,
            cells.transform_filter("!isValid(datum.color)")
            .mark_rect(color=mode.sunken)
            .encode(x=x("from_"), x2="to:T", **strip),
            cells.transform_filter("isValid(datum.color)")
            .mark_rect()
            .encode(x=x("from_"), x2="to:T", color=raw, **strip),
            read.mark_line(color=tone, strokeWidth=1.8, interpolate="monotone").encode(x=x(), y=y, detail="run:N"),
            read.transform_filter("datum.alone").mark_circle(color=tone, size=14, opacity=1).encode(x=x(), y=y),
            cells.transform_calculate(**_hour_texts())
            .mark_rect(opacity=0)
            .encode(x=x("from_"), x2="to:T", y=shapes.pixel(0), y2=shapes.pixel(1), tooltip=tooltip),
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
        .add_params(*shapes.params("tone", "count", "top", "ticks", "unit", "digits", "span", "dates"))
    )
    return as_dict(styled(chart, mode, scale))


def _level_color() -> str:
    """Vega expression for the colour of an hour's level, null without one."""
    return choice("level", None, *level_colors()["color"])


def _hour_texts() -> dict[str, str]:
    """Vega expressions for the tooltip of an hour."""
    level, missing = choice("level", "", *level_names().values()), _("缺测")
    return {
        "time": "utcFormat(datum.t, '%Y-%m-%d %H:%M')",
        "reading": f"isValid(datum.v) ? format(datum.v, digits) + ' ' + unit : '{missing}'",
        "index": f"isValid(datum.aqi) ? datum.aqi + ' ' + {level} : '—'",
    }


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
    top = _top(grid.value, lines)
    first, last = wall_clock([start, end])
    data = {
        "hours": _hour_columns(grid),
        "last": _last_row(grid, decimals),
        "gaps": _gap_rows(grid),
        "limits": shapes.limit_rows(lines, top, first, mode),
    }
    values = {"tone": mode.pollutant(item), "top": top, "span": [first, last], "ticks": shapes.every(first, last, 6)}
    return fill(_spark_template(mode.dark, language(), scale), data, **values, height=round(height * scale))


@cache
def _spark_template(dark: bool, lang: str, scale: float) -> dict:
    mode, size = tokens(dark), text_size(scale)
    x_scale = alt.Scale(type="utc", domain=alt.ExprRef("span"), nice=False)
    x_axis = alt.Axis(title=None, values=alt.ExprRef("ticks"), labelExpr=hour_label(), labelFlush=True)
    y = alt.Y("v:Q", scale=alt.Scale(domain=[0, alt.ExprRef("top")], nice=False), axis=None)

    def x(field: str = "t") -> alt.X:
        return alt.X(f"{field}:T", scale=x_scale, axis=x_axis)

    mark, tone = alt.Chart(), alt.ExprRef("tone")
    read = mark.transform_filter("isValid(datum.v)")
    layers = [
        of_rows(
            "gaps",
            mark.transform_calculate(a=f"datum.t - {HALF}", b=f"datum.t2 + {HALF}")
            .mark_rect(color=mode.sunken)
            .encode(x=x("a"), x2="b:T"),
        ),
        of_rows("limits", *shapes.limit_marks(mark, mode, size, x(), y, color=alt.value(mode.ink2))),
        of_columns(
            "hours",
            HOUR_FIELDS,
            read.mark_line(color=tone, strokeWidth=1.8, interpolate="monotone").encode(x=x(), y=y, detail="run:N"),
            read.transform_filter("datum.alone").mark_circle(color=tone, size=14, opacity=1).encode(x=x(), y=y),
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
    chart = alt.layer(*layers).properties(padding=padding).add_params(*shapes.params("tone", "top", "ticks", "span"))
    return as_dict(styled(chart, mode, scale))

"""Chart of the forecast: what was measured, and what comes with its bands, over the levels.

It is made once with Altair for a mode, a language and a scale (``…_template``); a call with tables fills it with
columns, from which the browser makes texts and colours (see `shuzhi.charts.theme.fill`).
"""

from collections.abc import Sequence
from datetime import date
from functools import cache

import altair as alt
import numpy as np
import pandas as pd

from shuzhi.charts import shapes
from shuzhi.charts.levels import level_colors, level_names
from shuzhi.charts.shapes import Limit
from shuzhi.charts.station import limit_lines
from shuzhi.charts.theme import (
    as_dict,
    choice,
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
from shuzhi.standards import limits

BANDS = ("lower90", "lower50", "upper50", "upper90")
HOUR, DAY = pd.Timedelta(hours=1), pd.Timedelta(days=1)
SEEN_FIELDS = ("t", "v", "level", "run")
TOLD_FIELDS = ("t", "v", "level", "a", "b", "c", "d")
"""Columns of what was measured and of what is told; ``t`` is the middle of a period, ``a`` … ``d`` are the `BANDS`."""
_DATES = 11
"""Days that are named under the axis at most."""


def lines_of(item: str, day: date, grain: str) -> tuple[Limit, ...]:
    """Upper ends of the levels for the AQI, else limits of the item (GB 3095 in force on ``day``).

    Parameters
    ----------
    grain : 'day' or 'hour'
    """
    if item == "aqi":
        names, highs = level_names(), level_colors()["high"].to_dict()
        text = _("{level} ≤ {value}")
        return tuple(Limit(float(highs[k]), text.format(level=names[k], value=f"{highs[k]:g}")) for k in range(1, 6))
    if grain == "hour":
        return limit_lines(item, day)
    names = {2: _("二级限值 {value}"), 1: _("一级限值 {value}")}
    values = {limits.limit(item, "24h", day, grade=grade): grade for grade in (1, 2)}
    return tuple(
        Limit(value, names[grade].format(value=f"{value:g}"), grade == 2) for value, grade in values.items() if value
    )


def fan(
    observed: pd.DataFrame,
    forecast: pd.DataFrame,
    item: str,
    mode: Tokens,
    *,
    step: pd.Timedelta,
    unit: str = "",
    decimals: int = 0,
    scale: float = 1.0,
    height: int = 230,
) -> dict:
    """What was measured before the forecast, what is told with its 50 and 90 % bands, levels under the zero line.

    Parameters
    ----------
    observed : DataFrame
        ``time`` (tz-aware, end of the period), ``value``, ``level`` (0 none); what came later is drawn hollow.
    forecast : DataFrame
        ``time``, ``value``, ``lower50``, ``upper50``, ``lower90``, ``upper90``, ``level``.
    step : Timedelta
        `HOUR` or `DAY`.

    Returns
    -------
    dict
        Vega-Lite.
    """
    width, daily = step // pd.Timedelta(milliseconds=1), step == DAY
    seen, told = (np.array(wall_clock(table["time"]), int) for table in (observed, forecast))
    begin = told[0] - width
    first, last = min([begin, *(seen[:1] - width)]), max([told[-1], *seen[-1:]])
    lines = lines_of(item, _day(last - width), "day" if daily else "hour")
    top = top_of(np.concatenate([observed["value"], forecast["value"], forecast["upper90"]]), lines)
    midnights, came = shapes.every(int(first), int(last) - 1, 24), seen > begin
    data = {
        "days": [{"t": t} for t in midnights],
        "limits": shapes.limit_rows([line for line in lines if line.value < top], top, int(first), mode),
        "begin": [{"t": int(begin), "text": _("预报")}],
        "told": _told(forecast, told, width, decimals, _reading_at(begin, observed, seen)),
        "seen": _seen(observed[~came], seen[~came], width, decimals),
        "came": _seen(observed[came], seen[came], width, decimals),
    }
    return fill(
        _fan_template(mode.dark, language(), scale),
        data,
        tone=mode.ink if item == "aqi" else mode.pollutant(item),
        top=top,
        ticks=shapes.ticks(top, 5.5),
        span=[int(first), int(last + (last - first) // 100)],
        dates=midnights[:: -(-len(midnights) // _DATES) or 1],
        half=width // 2,
        daily=daily,
        unit=f" {unit}" if unit else "",
        digits=f".{decimals}f",
        height=round(height * scale),
    )


def top_of(values: np.ndarray, lines: Sequence[Limit]) -> float:
    """Room for all values and for the next line above them."""
    highest = float(np.nanmax(values, initial=0.0))
    beyond = [line.value for line in lines if highest < line.value <= 1.6 * highest]
    return 1.1 * max([highest, *beyond[:1]]) or 1.1 * max([line.value for line in lines] or [1.0])


def _day(clock: int) -> date:
    """The day of a time of the wall clock [ms]."""
    return np.datetime64(int(clock), "ms").astype("datetime64[D]").item()


def _reading_at(end: int, table: pd.DataFrame, clock: np.ndarray) -> float:
    """The value of the period that ends at a time of the wall clock; NaN where there is none."""
    return next(iter(table["value"].to_numpy(float)[clock == end]), np.nan)


def _seen(table: pd.DataFrame, clock: np.ndarray, width: int, decimals: int) -> dict[str, list]:
    """Columns of what was measured in periods of a width that end at ``clock`` [ms]."""
    value = table["value"].to_numpy(float).round(decimals + 2)
    there = ~np.isnan(value)
    run = np.zeros(len(clock), int)
    run[there] = np.cumsum(np.diff(clock[there], prepend=0) > width)
    columns = ((clock - width // 2).tolist(), known(value), table["level"].astype(int).tolist(), run.tolist())
    return dict(zip(SEEN_FIELDS, columns, strict=True))


def _told(table: pd.DataFrame, clock: np.ndarray, width: int, decimals: int, last: float) -> dict[str, list]:
    """Columns of what is told of periods that end at ``clock`` [ms]; its bands open at the last reading (NaN: at
    none)."""
    middle = clock - width // 2
    numbers = table[["value", "level", *BANDS]].to_numpy(float).round(decimals + 2)
    if last == last:
        middle = np.append(middle[0] - width, middle)
        numbers = np.vstack([[np.nan, 0, *[last] * len(BANDS)], numbers])
    return dict(zip(TOLD_FIELDS, (middle.tolist(), *map(known, numbers.T)), strict=True))


@cache
def _fan_template(dark: bool, lang: str, scale: float) -> dict:
    mode, size = tokens(dark), text_size(scale)
    x, y, tone, mark = shapes.by_days(), shapes.by_amount(), alt.ExprRef("tone"), alt.Chart()
    layers = [
        of_rows("days", mark.mark_rule(color=mode.line, opacity=0.7).encode(x=x(), **shapes.plot())),
        of_rows("limits", *shapes.limit_marks(mark, mode, size, x(), y(), color=alt.Color("color:N", scale=None))),
        of_rows(
            "begin",
            mark.mark_rule(color=mode.ink2, strokeWidth=1.2).encode(x=x(), **shapes.plot()),
            mark.mark_text(align="left", baseline="top", dx=5, color=mode.ink2, fontSize=size - 1).encode(
                x=x(), y=shapes.pixel(0.01), text="text:N"
            ),
        ),
        of_columns("told", TOLD_FIELDS, *_told_marks(x, y, tone, mode, size)),
        of_columns("seen", SEEN_FIELDS, *_seen_marks(x, y, tone)),
        of_columns("came", SEEN_FIELDS, *_came_marks(x, y, mode)),
    ]
    params = shapes.params("tone", "top", "ticks", "span", "dates", "half", "daily", "unit", "digits")
    padding = {"left": 0, "top": 4, "bottom": 0, "right": 6}
    return as_dict(styled(alt.layer(*layers).properties(padding=padding).add_params(*params), mode, scale))


def _told_marks(x, y, tone, mode: Tokens, size: int) -> list[alt.Chart]:
    """Bands, the line, its numbers (of days), levels, and what a period says."""
    read = alt.Chart().transform_filter("isValid(datum.v)")
    banded = alt.Chart().transform_filter("isValid(datum.a)")

    def area(opacity: float, low: str, high: str) -> alt.Chart:
        shape = banded.mark_area(color=tone, opacity=opacity, interpolate="monotone", clip=True)
        return shape.encode(x=x(), y=y(low), y2=f"{high}:Q")

    text = {"baseline": "bottom", "dy": -6, "color": mode.ink, "fontSize": responsive_size(size), "fontWeight": 600}
    numbers = read.transform_filter("daily").transform_calculate(text="format(datum.v, digits)").mark_text(**text)
    bands = {"half": _("50% 区间"), "most": _("90% 区间")}
    return [
        area(0.13, "a", "d"),
        area(0.24, "b", "c"),
        _strip(read, x),
        read.mark_line(color=tone, strokeWidth=1.8, strokeDash=[5, 3]).encode(x=x(), y=y()),
        numbers.encode(x=x(), y=y(), text="text:N"),
        _hover(read, x, half=_between("b", "c"), most=_between("a", "d"), **_texts()).encode(
            tooltip=_tooltip(_("预报"), **bands)
        ),
    ]


def _seen_marks(x, y, tone) -> list[alt.Chart]:
    """The line of what was measured, levels, and what a period says."""
    read = alt.Chart().transform_filter("isValid(datum.v)")
    return [
        _strip(alt.Chart(), x),
        read.mark_line(color=tone, strokeWidth=1.8).encode(x=x(), y=y(), detail="run:N"),
        read.mark_circle(color=tone, size=18, opacity=1).encode(x=x(), y=y()),
        _hover(read, x, **_texts()).encode(tooltip=_tooltip(_("实测"))),
    ]


def _came_marks(x, y, mode: Tokens) -> list[alt.Chart]:
    """Hollow points of what came after all, over what was told."""
    read = alt.Chart().transform_filter("isValid(datum.v)").transform_calculate(**_texts())
    point = read.mark_point(color=mode.ink, fill=mode.bg, size=44, strokeWidth=1.6, opacity=1)
    return [point.encode(x=x(), y=y(), tooltip=_tooltip(_("实测")))]


def _cells(chart: alt.Chart, **texts: str) -> alt.Chart:
    return chart.transform_calculate(begin="datum.t - half", end="datum.t + half", **texts)


def _strip(chart: alt.Chart, x) -> alt.Chart:
    """The level of each period in its colour."""
    color = choice("level", None, *level_colors()["color"])
    cells = _cells(chart, color=color).transform_filter("isValid(datum.color)").mark_rect()
    return cells.encode(x=x("begin"), x2="end:T", color=alt.Color("color:N", scale=None), **shapes.strip())


def _hover(chart: alt.Chart, x, **texts: str) -> alt.Chart:
    """The whole height of each period, to be pointed at."""
    cells = _cells(chart, **texts).mark_rect(opacity=0)
    return cells.encode(x=x("begin"), x2="end:T", y=shapes.pixel(0), y2=shapes.pixel(1))


def _texts() -> dict[str, str]:
    """Vega expressions for the tooltip of a period: the day itself or the hour's end, the number, its level."""
    return {
        "time": "daily ? utcFormat(datum.t, '%Y-%m-%d') : utcFormat(datum.t + half, '%Y-%m-%d %H:%M')",
        "reading": "format(datum.v, digits) + unit",
        "grade": choice("level", "–", *level_names().values()),
    }


def _between(low: str, high: str) -> str:
    numbers = f"format(datum.{low}, digits) + '–' + format(datum.{high}, digits) + unit"
    return f"isValid(datum.{low}) ? {numbers} : '–'"


def _tooltip(reading: str, **bands: str) -> list[alt.Tooltip]:
    titles = {"time": _("时间"), "reading": reading, **bands, "grade": _("级别")}
    return [alt.Tooltip(f"{name}:N", title=title) for name, title in titles.items()]

"""Chart of the forecast: what was measured, and what comes with its bands, over the levels.

It is made once with Altair for a mode, a language and a scale (``…_template``); a call with tables fills it (see
`shuzhi.charts.theme.fill`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

import altair as alt
import numpy as np
import pandas as pd

from shuzhi.charts.levels import level_colors, level_names
from shuzhi.charts.station import limit_lines
from shuzhi.charts.theme import as_dict, day_label, fill, of_rows, responsive_size, styled, text_size, wall_clock
from shuzhi.charts.tokens import Tokens, tokens
from shuzhi.i18n import _, language
from shuzhi.settings import BEIJING
from shuzhi.standards import limits

BANDS = ("lower90", "lower50", "upper50", "upper90")
HOUR, DAY = pd.Timedelta(hours=1), pd.Timedelta(days=1)
ZERO = 1.1
"""The zero line stands at ``height / ZERO``; the strip of levels lies under it."""


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
    top = top_of(values, lines)
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
        ticks=ticks_of(top),
        span=[t0, t1 + round((t1 - t0) * 0.01)],
        dates=dates,
        height=round(height * scale),
    )


def top_of(values: np.ndarray, lines: Sequence[Line]) -> float:
    """Room for all values and for the next line above them."""
    highest = float(np.nanmax(values, initial=0.0))
    beyond = [line.value for line in lines if highest < line.value <= 1.6 * highest]
    return 1.1 * max([highest, *beyond[:1]]) or 1.1 * max([line.value for line in lines] or [1.0])


def ticks_of(top: float) -> list[float]:
    """Round values of an axis that begins at 0."""
    steps = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000)
    step = next((step for step in steps if top / step <= 5.5), top)
    return [round(step * i, 3) for i in range(int(top / step) + 1)]


def centres(times, step: pd.Timedelta) -> list[int]:
    """Middles of the periods that end at some times, on the clock of a chart [ms]."""
    half = int(step / pd.Timedelta(milliseconds=2))
    return [t - half for t in wall_clock(times)]


def clock_text(times, step: pd.Timedelta, format_: str) -> list[str]:
    """The day itself, or the hour's end."""
    local = pd.DatetimeIndex(pd.to_datetime(times, utc=True)).tz_convert(BEIJING)
    return (local - step if step == DAY else local).strftime(format_).tolist()


def _seen_rows(table: pd.DataFrame, decimals: int, unit: str, format_: str, step: pd.Timedelta) -> list[dict]:
    table = table[table["value"].notna()]
    names, run = {0: "–", **level_names()}, np.cumsum(np.diff(wall_clock(table["time"]), prepend=0) > step.value / 1e6)
    columns = zip(
        centres(table["time"], step),
        clock_text(table["time"], step, format_),
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
        for t, a, b, c, d in zip(centres(found["time"], step), *(found[n].tolist() for n in BANDS), strict=True)
    ]
    near = len(seen) and len(found) and seen["time"].iloc[0] + step == found["time"].iloc[0]
    if near and seen["value"].notna().all():
        value = float(seen["value"].iloc[0])
        rows.insert(0, {"t": centres(seen["time"], step)[0], **dict.fromkeys("abcd", value)})
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
            centres(table["time"], step), clock_text(table["time"], step, format_), table.itertuples(), strict=True
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

"""Chart of one section of surface water: an item over days, the limits of the classes, and the class under it.

Made once with Altair for a mode, a language and a scale; a call with a table fills it (see `shuzhi.charts.theme.fill`).
"""

from functools import cache

import altair as alt
import numpy as np
import pandas as pd

from shuzhi.charts.theme import as_dict, day_label, fill, of_rows, styled, text_size, wall_clock
from shuzhi.charts.tokens import Tokens, tokens
from shuzhi.i18n import _, language
from shuzhi.settings import BEIJING
from shuzhi.standards import water
from shuzhi.standards.factors import factors

HALF = np.timedelta64(2, "h")
"""Of the time from one reading to the next."""
SILENT = np.timedelta64(12, "h")
"""Without a reading for longer than this the line breaks and the gap is grey."""
NAMED_DAYS = 2
"""Gaps of at least so many days say how long they are."""
ITEMS = (*water.AUTOMATIC, "tn", "water_temperature", "turbidity", "conductivity")
"""What the chart can show: first the five that make the class."""

GOOD_UP_TO = 3
"""Without readings the axis reaches to the limit of this class."""
ZERO = 1.1
"""The axis ends at ``height / ZERO``; the strip of classes lies under it."""


def limit_lines(item: str, body: str) -> list[tuple[float, str]]:
    """Limits of an item's classes as lines: value and name, the best first; of classes that share one the name is one.

    Total nitrogen of rivers has none (GB 3838-2002 gives limits for lakes only).
    """
    return list(_limit_lines(item, body, language()))


@cache
def _limit_lines(item: str, body: str, lang: str) -> tuple[tuple[float, str], ...]:
    rows = water.limits(body)
    found = []
    for row in rows[rows["item"] == item].to_dict("records"):
        values = [float(row[f"class_{k}"]) for k in range(1, 6)]
        for value in dict.fromkeys(values):
            romans = [name for name, each in zip(water.ROMAN, values, strict=False) if each == value]
            span = romans[0] if len(romans) == 1 else f"{romans[0]}–{romans[-1]}"
            found.append((value, _("{roman}类 {value}").format(roman=span, value=f"{value:g}")))
    return tuple(found)


def series(
    table: pd.DataFrame,
    item: str,
    start: pd.Timestamp,
    end: pd.Timestamp,
    mode: Tokens,
    *,
    body: str = "river",
    scale: float = 1.0,
    height: int = 260,
) -> dict:
    """Readings of one item of a section with the limits of the classes and the section's class under the axis.

    Parameters
    ----------
    table : DataFrame
        ``time`` (tz-aware), ``item``, ``water_class`` (0 none), as from `shuzhi.status.water.classes`.
    start, end : tz-aware Timestamp
        ``start < time <= end`` is drawn.
    body : {"river", "lake"}
        Whose limits.

    Returns
    -------
    dict
        Vega-Lite.
    """
    time = table["time"].to_numpy("datetime64[ms]")
    chosen = np.flatnonzero((time > _utc(start)) & (time <= _utc(end)))
    chosen = chosen[np.argsort(time[chosen], kind="stable")]
    time, value, level = (
        time[chosen],
        table[item].to_numpy(float, na_value=np.nan)[chosen],
        table["water_class"].to_numpy(int)[chosen],
    )
    known = ~np.isnan(value)
    low, high = _axis(value[known], item, body)
    readings = _reading_rows(time[known], value[known], level[known], item)
    days = wall_clock(_days(start, end))
    data = {
        "readings": readings,
        "last": readings[-1:],
        "gaps": _gap_rows(time[known], _utc(start), _utc(end)),
        "classes": _class_rows(time[level > 0], level[level > 0]),
        "limits": _limit_rows(item, body, low, high, start),
        "days": [{"t": t} for t in days],
    }
    ticks = _ticks(low, high)
    values = {"low": low, "high": high, "ticks": ticks, "span": wall_clock([start, end + (end - start) * 0.05])}
    return fill(
        _template(mode.dark, language(), scale), data, **values, dates=_thinned(days), height=round(height * scale)
    )


def _utc(time: pd.Timestamp) -> np.datetime64:
    return time.tz_convert(None).to_datetime64()


def _axis(values: np.ndarray, item: str, body: str) -> tuple[float, float]:
    """Lower and upper end: room for the readings and for the limit next beyond them; pH about its range."""
    limits = [value for value, _name in limit_lines(item, body)]
    if item == "ph":
        return min([5.5, *(values - 0.2)]), max([9.5, *(values + 0.2)])
    highest = max(values) if len(values) else limits[GOOD_UP_TO - 2] if limits else 1.0
    near = [value for value in limits if value <= highest]
    beyond = [value for value in limits if value > highest]
    top = max([highest, *near, *(beyond[:1] if item != "do" else beyond)])
    return 0.0, 1.12 * top if top > 0 else 1.0


def _ticks(low: float, high: float) -> list[float]:
    steps = [m * 10.0**e for e in range(-4, 5) for m in (1, 2, 5)]
    step = next((step for step in steps if (high - low) / step <= 6.5), high)
    first = int(np.ceil(low / step - 1e-9))
    return [round(step * k, 6) for k in range(first, int(high / step + 1e-9) + 1)]


def _days(start: pd.Timestamp, end: pd.Timestamp) -> pd.DatetimeIndex:
    return pd.date_range(start.tz_convert(BEIJING).ceil("D"), end.tz_convert(BEIJING), freq="D")


def _thinned(dates: list[int]) -> list[int]:
    """About eight dates at most, so that their labels stand apart."""
    return dates[:: -(-len(dates) // 8)] if dates else dates


def _reading_rows(time: np.ndarray, value: np.ndarray, level: np.ndarray, item: str) -> list[dict]:
    digits, unit = _decimals_and_unit(item)
    times = wall_clock(time)
    run = np.cumsum(np.diff(time, prepend=time[:1]) > SILENT)
    alone = np.bincount(run)[run] == 1
    clock = np.datetime_as_string(np.array(times, "datetime64[ms]"), unit="m")
    names = _class_names()
    return [
        {
            "t": t,
            "v": number,
            "run": which,
            "alone": single,
            "text": f"{number:.{digits}f}",
            "time": text.replace("T", " "),
            "reading": f"{number:.{digits}f} {unit}".strip(),
            "grade": names.get(grade, "–"),
        }
        for t, text, number, grade, which, single in zip(
            times,
            clock.tolist(),
            value.tolist(),
            level.tolist(),
            run.tolist(),
            alone.tolist(),
            strict=True,
        )
    ]


@cache
def _decimals_and_unit(item: str) -> tuple[int, str]:
    factor = factors().loc[item]
    return int(factor["decimals"]), factor["unit"] if isinstance(factor["unit"], str) else ""


def _class_names() -> dict[int, str]:
    return _of_class(f"name_{language()}")


@cache
def _of_class(column: str) -> dict[int, str]:
    return water.classes().set_index("water_class")[column].to_dict()


def _class_rows(time: np.ndarray, level: np.ndarray) -> list[dict]:
    """A cell of the strip for each time with a class."""
    colors, names = _of_class("color"), _class_names()
    half = int(HALF / np.timedelta64(1, "ms"))
    cells = zip(wall_clock(time), level.tolist(), strict=True)
    return [{"a": t - half, "b": t + half, "color": colors[grade], "grade": names[grade]} for t, grade in cells]


def _gap_rows(time: np.ndarray, start: np.datetime64, end: np.datetime64) -> list[dict]:
    """Where there is no reading for longer than `SILENT`, also before the first and after the last."""
    stamps = np.concatenate([[start], time, [end]]).astype("datetime64[ms]")
    text = _("缺测 {days} 天")
    rows = []
    for k in np.flatnonzero(np.diff(stamps) > SILENT):
        a = stamps[k] + (0 if k == 0 else HALF)
        b = stamps[k + 1] - (0 if k == len(stamps) - 2 else HALF)
        days = (b - a) / np.timedelta64(1, "D")
        t, t2 = wall_clock([a, b])
        named = text.format(days=f"{days:.0f}") if days >= NAMED_DAYS else ""
        share = float((b - a) / (stamps[-1] - stamps[0]))
        rows.append({"t": t, "t2": t2, "middle": (t + t2) / 2, "share": share, "text": named})
    return rows


def _limit_rows(item: str, body: str, low: float, high: float, start: pd.Timestamp) -> list[dict]:
    (t,) = wall_clock([start])
    return [{"t": t, "v": value, "text": name} for value, name in limit_lines(item, body) if low < value < high]


@cache
def _template(dark: bool, lang: str, scale: float) -> dict:
    mode, size = tokens(dark), text_size(scale)
    x_scale = alt.Scale(type="utc", domain=alt.ExprRef("span"), nice=False)
    x_axis = alt.Axis(
        title=None, values=alt.ExprRef("dates"), labelExpr=day_label(), labelFlush=False, labelOverlap=True, tickSize=5
    )
    y_axis = alt.Axis(title=None, values=alt.ExprRef("ticks"), grid=False, labelPadding=6)
    floor = alt.ExprRef(f"low - (high - low) * {ZERO - 1:.2f}")
    y = alt.Y("v:Q", scale=alt.Scale(domain=[floor, alt.ExprRef("high")], nice=False, zero=False), axis=y_axis)

    def x(field: str = "t") -> alt.X:
        return alt.X(f"{field}:T", scale=x_scale, axis=x_axis)

    def pixel(share: float) -> dict:
        return alt.value(alt.ExprRef(f"height * {share:.4f}"))

    plot = {"y": pixel(0), "y2": pixel(1 / ZERO)}
    strip = {"y": pixel(1.035 / ZERO), "y2": pixel(1.085 / ZERO)}
    mark = alt.Chart()
    tone = mode.accent
    fits = alt.ExprRef(f"datum.share * width > {size * 5} ? 1 : 0")
    tooltip = [
        alt.Tooltip("time:N", title=_("时间")),
        alt.Tooltip("reading:N", title=_("浓度")),
        alt.Tooltip("grade:N", title=_("类别")),
    ]
    layers = [
        of_rows(
            "gaps",
            mark.mark_rect(color=mode.sunken).encode(x=x(), x2="t2:T", **plot),
            mark.mark_text(color=mode.ink3, fontSize=size, opacity=fits).encode(
                x=x("middle"), y=pixel(0.5), text="text:N"
            ),
        ),
        of_rows("days", mark.mark_rule(color=mode.line, opacity=0.6).encode(x=x(), **plot)),
        of_rows(
            "limits",
            mark.mark_rule(strokeDash=[4, 3], color=mode.ink3).encode(y=y),
            mark.mark_text(align="left", baseline="bottom", dx=4, dy=-1, color=mode.ink2, fontSize=size - 1).encode(
                x=x(), y=y, text="text:N"
            ),
        ),
        of_rows(
            "classes",
            mark.mark_rect().encode(
                x=x("a"), x2="b:T", color=alt.Color("color:N", scale=None), tooltip=alt.Tooltip("grade:N"), **strip
            ),
        ),
        of_rows(
            "readings",
            mark.mark_line(color=tone, strokeWidth=1.8).encode(x=x(), y=y, detail="run:N"),
            mark.transform_filter("datum.alone").mark_circle(color=tone, size=16, opacity=1).encode(x=x(), y=y),
            mark.mark_circle(size=120, opacity=0).encode(x=x(), y=y, tooltip=tooltip),
        ),
        of_rows(
            "last",
            mark.mark_circle(color=tone, size=46, opacity=1).encode(x=x(), y=y),
            mark.mark_text(align="left", dx=8, color=mode.ink, fontSize=round(15 * scale), fontWeight=700).encode(
                x=x(), y=y, text="text:N"
            ),
        ),
    ]
    params = [alt.param(name=name, value=0) for name in ("low", "high", "ticks", "span", "dates")]
    padding = {"left": 0, "top": 4, "bottom": 0, "right": 30}
    return as_dict(styled(alt.layer(*layers).properties(padding=padding).add_params(*params), mode, scale))

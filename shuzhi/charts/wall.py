"""Charts of the situation room's screen: the week behind by hour, each day with its own index."""

from functools import cache

import altair as alt
import pandas as pd

from shuzhi.charts import home
from shuzhi.charts.levels import level_colors
from shuzhi.charts.theme import as_dict, fill, of_rows, styled, text_size, wall_clock
from shuzhi.charts.tokens import Tokens, tokens
from shuzhi.i18n import language, when

HOUR = pd.Timedelta(hours=1)
DAY = pd.Timedelta(days=1)
LIMIT = 100
HEADROOM = 1.1
_CHIP = "M-1.3,-.6H1.3V.6H-1.3Z"


def day(hours: pd.DataFrame, mode: Tokens, scale: float = 1.0) -> dict:
    """Hourly AQI of a day as on the page 态势, without the number of the last hour: it stands beside, large.

    Parameters
    ----------
    hours : DataFrame
        As for `shuzhi.charts.home.hour_bars`.
    """
    spec = home.hour_bars(hours, mode, scale)
    return {**spec, "layer": [layer for layer in spec["layer"] if layer.get("mark", {}).get("type") != "text"]}


def week(hours: pd.DataFrame, days: pd.DataFrame, mode: Tokens, scale: float = 1.0) -> dict:
    """Hourly AQI of some days as bars in the colour of their level, under each day its own AQI and its name.

    Parameters
    ----------
    hours : DataFrame
        A row for each hour: time (tz-aware, end of hour), aqi (NaN = missing), level.
    days : DataFrame
        A row for each day: day (datetime64), aqi (NaN = not valid), level.

    Returns
    -------
    dict
        Vega-Lite without a size.
    """
    ends = pd.DatetimeIndex(hours["time"])
    bars = _bars(hours, wall_clock(ends - HOUR), wall_clock(ends))
    top = max([LIMIT, *(row["v"] for row in bars if row["v"] is not None)]) * HEADROOM
    data = {
        "gaps": [{**row, "v": top} for row in bars if row["v"] is None],
        "bars": [row for row in bars if row["v"] is not None],
        "limit": [{"v": LIMIT}],
        "days": _days(days, mode),
    }
    step = 50 if top < 150 else 100
    values = {"span": [bars[0]["a"], bars[-1]["b"]], "top": top, "steps": list(range(0, int(top), step))}
    return fill(_template(mode.dark, language(), scale), data, **values)


def _bars(hours: pd.DataFrame, starts: list[int], ends: list[int]) -> list[dict]:
    colours = level_colors()["color"]
    return [
        {"a": a, "b": b, "v": None if pd.isna(aqi) else int(aqi), "color": colours[level] if level else None}
        for a, b, aqi, level in zip(starts, ends, hours["aqi"], hours["level"], strict=True)
    ]


def _days(days: pd.DataFrame, mode: Tokens) -> list[dict]:
    """Name, index and colours of each day, at its noon."""
    table = level_colors()
    starts = pd.DatetimeIndex(days["day"]).tz_localize("Asia/Shanghai")
    return [
        {
            "a": a,
            "t": noon,
            "name": when(start, "EEE"),
            "text": f"{aqi:.0f}" if level else "–",
            "color": table.at[level, "color"] if level else mode.sunken,
            "ink": table.at[level, "ink"] if level else mode.ink2,
        }
        for a, noon, start, aqi, level in zip(
            wall_clock(starts), wall_clock(starts + DAY / 2), starts, days["aqi"], days["level"], strict=True
        )
    ]


@cache
def _template(dark: bool, lang: str, scale: float) -> dict:
    mode, size = tokens(dark), text_size(scale)
    x_scale = alt.Scale(type="utc", domain=alt.ExprRef("span"), nice=False)
    y_axis = alt.Axis(title=None, values=alt.ExprRef("steps"), grid=True, gridDash=[2, 3], gridColor=mode.line2)
    y = alt.Y("v:Q", scale=alt.Scale(domain=alt.ExprRef("[0, top]"), nice=False), axis=y_axis)
    raw = alt.Color("color:N", scale=None)
    mark = alt.Chart()

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", scale=x_scale, axis=None)

    def below(lines: float) -> alt.YValue:
        return alt.value(alt.ExprRef(f"height + {lines * size:.1f}"))

    spans = {"x": x("a"), "x2": "b:Q", "y": y, "y2": alt.datum(0)}
    layers = [
        of_rows("gaps", mark.mark_rect(color=mode.sunken).encode(**spans)),
        of_rows("bars", mark.mark_rect().encode(**spans, color=raw)),
        of_rows("limit", mark.mark_rule(color=mode.ink).encode(y=y)),
        of_rows(
            "days",
            mark.mark_rule(color=mode.line2).encode(x=x("a"), y=alt.value(0), y2=alt.value(alt.ExprRef("height"))),
            mark.mark_point(
                shape=_CHIP, size=(1.5 * size) ** 2, filled=True, opacity=1, stroke=mode.keyline, strokeWidth=1
            ).encode(x=x("t"), y=below(1.1), color=raw),
            mark.mark_text(fontSize=size + 1, fontWeight=700).encode(
                x=x("t"), y=below(1.15), text="text:N", color=alt.Color("ink:N", scale=None)
            ),
            mark.mark_text(fontSize=size, color=mode.ink2).encode(x=x("t"), y=below(2.7), text="name:N"),
        ),
    ]
    params = [alt.param(name=name, value=0) for name in ("span", "top", "steps")]
    return as_dict(styled(alt.layer(*layers).add_params(*params), mode, scale))

"""Chart of the forecast: stations by hour in the colours of levels.

It is made once with Altair for a mode, a language and a scale (``…_template``); a call with a table fills it (see
`shuzhi.charts.theme.fill`).
"""

from collections.abc import Sequence
from functools import cache

import altair as alt
import numpy as np

from shuzhi.charts.levels import level_colors, level_names
from shuzhi.charts.theme import (
    as_dict,
    choice,
    day_label,
    fill,
    known,
    of_columns,
    of_rows,
    styled,
    text_size,
    wall_clock,
)
from shuzhi.charts.tokens import Tokens, tokens
from shuzhi.i18n import _, language

ROW = 17
"""Height of a row [px]."""
_DEPTH = 2
"""Rows that the names of the levels take."""


def matrix(
    names: Sequence[str],
    times,
    values: np.ndarray,
    level: np.ndarray,
    mode: Tokens,
    *,
    title: str = "AQI",
    unit: str = "",
    decimals: int = 0,
    legend: bool = False,
    scale: float = 1.0,
) -> dict:
    """Stations by hour in the colours of their levels.

    Parameters
    ----------
    names : sequence of str
        Rows, in their order.
    times : array-like of tz-aware timestamps
        Ends of the hours, columns.
    values, level : array (rows, columns)
        AQI or concentration (NaN where missing), its level (0 without one).
    title, unit : str
        What the values are, and in which unit; "" for the AQI.
    legend : bool
        Name the levels under the rows: for a picture, which stands by itself.

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
            "v": known(values.ravel().round(decimals)),
            "level": level.ravel().astype(int).tolist(),
        },
        "days": [{"t": t} for t in midnights],
        "legend": _legend(int(clock[0] - hour), int(clock[-1]), rows) if legend else [],
    }
    depth = rows + _DEPTH * legend
    return fill(
        _matrix_template(mode.dark, language(), scale),
        data,
        names=list(names),
        count=rows,
        depth=depth,
        span=[int(clock[0] - hour), int(clock[-1])],
        dates=midnights,
        before=f"{title} ",
        after=f" {unit}".rstrip(),
        digits=f".{decimals}f",
        height=round(depth * row) + 30,
    )


def _legend(first: int, last: int, rows: int) -> list[dict]:
    """A swatch and a name for each level, side by side under the rows."""
    step, width = (last - first) / 6, (last - first) / 60
    return [
        {"a": first + k * step, "b": first + k * step + width, "name": name, "color": level_colors()["color"][level]}
        | {"low": rows + 0.8, "high": rows + 1.6, "middle": rows + 1.2}
        for k, (level, name) in enumerate(level_names().items())
    ]


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
    y_scale = alt.Scale(domain=[0, alt.ExprRef("depth")], reverse=True, nice=False, zero=False)
    hour = 60 * 60 * 1000
    tooltip = [
        alt.Tooltip("name:N", title=_("站点")),
        alt.Tooltip("time:N", title=_("时间")),
        alt.Tooltip("reading:N", title=_("预报")),
        alt.Tooltip("grade:N", title=_("级别")),
    ]
    cells = alt.Chart().transform_calculate(
        a=f"datum.t - {hour}",
        low="datum.r + 0.06",
        high="datum.r + 0.94",
        name="names[datum.r]",
        reading="before + (isValid(datum.v) ? format(datum.v, digits) + after : '–')",
        color=choice("level", mode.sunken, *level_colors()["color"]),
        grade=choice("level", "–", *level_names().values()),
        time="utcFormat(datum.t, '%Y-%m-%d %H:%M')",
    )
    y2 = {"y": alt.Y("low:Q", scale=y_scale, axis=y_axis), "y2": "high:Q"}
    swatches = (
        alt.Chart()
        .mark_rect(stroke=mode.keyline, strokeWidth=1)
        .encode(x=alt.X("a:T", scale=x_scale, axis=x_axis), x2="b:T", color=alt.Color("color:N", scale=None), **y2)
    )
    named = (
        alt.Chart()
        .mark_text(align="left", dx=6, color=mode.ink2, fontSize=size - 1)
        .encode(
            x=alt.X("b:T", scale=x_scale, axis=x_axis), y=alt.Y("middle:Q", scale=y_scale, axis=y_axis), text="name:N"
        )
    )
    days = (
        alt.Chart()
        .mark_rule(color=mode.bg, strokeWidth=3)
        .encode(
            x=alt.X("t:T", scale=x_scale, axis=x_axis),
            y=alt.Y(datum=0, scale=y_scale, axis=y_axis),
            y2=alt.Y2(datum=alt.ExprRef("count")),
        )
    )
    layer = of_columns(
        "cells",
        ("t", "r", "v", "level"),
        cells.mark_rect().encode(
            x=alt.X("a:T", scale=x_scale, axis=x_axis),
            x2="t:T",
            **y2,
            color=alt.Color("color:N", scale=None),
            tooltip=tooltip,
        ),
    )
    params = [
        alt.param(name=name, value=0)
        for name in ("names", "count", "depth", "span", "dates", "before", "after", "digits")
    ]
    return as_dict(
        styled(
            alt.layer(layer, of_rows("days", days), of_rows("legend", swatches, named)).add_params(*params), mode, scale
        )
    )
